"""What the tests share: a session on the engine in this process, one on Spark, and how they read what was written."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.spark import Spark, find_spark, share_spark

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


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """Apache Spark: a master, two workers and a Connect server, the same for all processes of a run."""
    folder = find_spark()
    if folder is None:
        reason = "Spark is not here: GLOCAL_SPARK names its folder (tests/cluster/spark.py)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    shared = tmp_path_factory.getbasetemp()
    with share_spark(folder, shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) as running:
        yield running


@pytest.fixture(scope="session")
def on_spark(spark: Spark) -> Iterator[object]:
    """A session on Apache Spark."""
    from glocal_rdf.cluster import connect

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with connect(spark.address, ["glocal_rdf.operations.cluster_tasks"]) as session:
            yield session


def read_joined(folder: Path) -> bytes:
    """Return the bytes of all parts, joined in the order of their names."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("part-*")))
