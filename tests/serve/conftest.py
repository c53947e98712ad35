"""What the tests of the server share: one server of answers about the bundled dataset for many cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from serve.answering import open_client
from starlette.testclient import TestClient

from glocal_rdf.dataset import Build


@pytest.fixture(scope="session")
def answers_client(built: Build) -> Iterator[TestClient]:
    """A client of the answers about the bundled dataset."""
    from glocal_rdf.operations.build_answers import BuildAnswers

    with open_client(BuildAnswers(built), built) as client:
        yield client
