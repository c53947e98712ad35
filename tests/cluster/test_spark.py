"""The same on Apache Spark with two worker processes: the bytes of one machine, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import read_joined
from cluster.spark import Spark, find_spark, run_spark
from cluster.test_graphs import convert, make_lines
from cluster.test_w3c import check_case, list_parameters
from w3c_suites import CsvwCase

from glocal_rdf import csvw
from glocal_rdf.cluster import Cluster, connect
from glocal_rdf.operations.cluster_csvw import convert_tables
from glocal_rdf.triples import Triples

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

DATA = Path(__file__).parent.parent.parent / "data" / "csv-metadata.json"
CASES = [parameter.values[0] for parameter in list_parameters()][::4][:40]


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """A master, two workers and a Spark Connect server."""
    folder = find_spark()
    if folder is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Spark is not here: GLOCAL_SPARK names its folder (tests/cluster/spark.py)")
        pytest.skip("Spark is not here: GLOCAL_SPARK names its folder (tests/cluster/spark.py)")
    with run_spark(folder) as running:
        yield running


@pytest.fixture(scope="module")
def cluster(spark: Spark) -> Iterator[Cluster]:
    """A session on it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with connect(spark.address, ["glocal_rdf.operations.cluster_tasks"]) as session:
            yield session


def test_the_dataset_is_the_same(cluster: Cluster, tmp_path: Path) -> None:
    made = convert_tables(cluster, str(DATA), str(tmp_path / "out"), range_size=200_000, partitions=4)
    one = csvw.convert(str(DATA))
    assert read_joined(tmp_path / "out") == one.triples.sort().serialize("ntriples")
    assert made.accounts == one.accounts
    assert sorted(map(str, made.problems)) == sorted(map(str, one.problems))


@pytest.mark.parametrize("partitions", [1, 7, 64])
@pytest.mark.parametrize("form", ["ntriples", "turtle"])
def test_parts_joined_are_the_bytes_of_one_machine(
    cluster: Cluster, tmp_path: Path, form: str, partitions: int
) -> None:
    source = tmp_path / "large.nt"
    source.write_text(make_lines(100_000))
    graph = Triples.read(source)
    convert(cluster, source, tmp_path / "out", form, partitions, size=4_000_000)
    assert read_joined(tmp_path / "out") == (graph.sort() if form == "ntriples" else graph).serialize(form)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(cluster: Cluster, case: CsvwCase, tmp_path: Path) -> None:
    check_case(cluster, case, tmp_path / "out")


def test_a_worker_that_is_killed_changes_nothing(cluster: Cluster, spark: Spark, tmp_path: Path) -> None:
    """It is the last one: the cluster has one worker less after it."""
    source = tmp_path / "large.nt"
    source.write_text(make_lines(200_000))
    killed: list[int] = []

    def kill() -> None:
        # When the first tasks have kept their rows, others run.
        until = time.monotonic() + 300
        while time.monotonic() < until and not list(tmp_path.glob("out.*/rows/*")):
            time.sleep(0.05)
        process = spark.processes["worker0"]
        process.send_signal(signal.SIGKILL)
        killed.append(process.pid)

    killer = threading.Thread(target=kill)
    killer.start()
    convert(cluster, source, tmp_path / "out", "ntriples", 8, size=1_000_000)
    killer.join()
    assert killed
    assert read_joined(tmp_path / "out") == Triples.read(source).sort().serialize("ntriples")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.nt", "out"]
