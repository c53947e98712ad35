"""A session on the engine in this process, opened once for all tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from glocal_rdf.cluster import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Return an open session on `local`."""
    if os.environ.get("CI") != "true":
        pytest.importorskip("pysail", reason="the extra cluster is not installed")
    os.environ.setdefault("RUST_LOG", "error")
    from glocal_rdf.cluster import connect

    with connect("local") as session:
        yield session
