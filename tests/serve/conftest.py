"""What the tests of the server share: one server of answers about the bundled dataset for many cases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from serve.answering import open_client
from starlette.testclient import TestClient

from glocal_rdf.dataset import Build


@pytest.fixture(autouse=True)
def _no_loop_of_the_browser() -> Iterator[None]:
    """Let tests run loops of their own: Playwright, once started, leaves one that counts as running in its thread."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture(scope="session")
def answers_client(built: Build) -> Iterator[TestClient]:
    """A client of the answers about the bundled dataset."""
    from glocal_rdf.operations.build_answers import BuildAnswers

    with open_client(BuildAnswers(built), built) as client:
        yield client
