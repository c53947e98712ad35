"""One session on the engine in this process for all tests of the folder, and how they read what was written."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("RUST_LOG", "error")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the time that an engine needs on a busy machine."""
    for item in items:
        if Path(str(item.path)).parent == Path(__file__).parent and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def cluster() -> Iterator[object]:
    """A session on the engine in this process."""
    if os.environ.get("CI") != "true":
        for name in ("pyspark", "pysail", "pyarrow"):
            pytest.importorskip(name)
    from glocal_rdf.cluster import connect

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with connect("local") as session:
            yield session


def read_joined(folder: Path) -> bytes:
    """Return the bytes of all parts, joined in the order of their names."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("part-*")))
