"""Validation on Apache Spark with two worker processes: the reports of one machine, also when a worker is killed."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest
from cluster import test_spark
from cluster.spark import Spark
from cluster.test_validation import W3C, compare_cases, same, write_cities

from glocal_rdf.cluster import Cluster
from glocal_rdf.operations.build import build
from glocal_rdf.operations.cluster_build import build_on_cluster
from glocal_rdf.operations.cluster_validate import ClusterLimits
from glocal_rdf.project import Project
from glocal_rdf.shacl import PreparedShapes

spark, cluster = test_spark.spark, test_spark.cluster
pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PreparedShapes]:
    """A file of 100,000 triples with mistakes, and the fourteen shapes that are measured."""
    return write_cities(tmp_path_factory.mktemp("cities"))


@pytest.mark.parametrize("file", W3C[:80:2])
def test_case_of_the_w3c(cluster: Cluster, file: Path, tmp_path: Path) -> None:
    compare_cases(cluster, file, tmp_path)


def test_a_hundred_thousand_triples(cluster: Cluster, cities: tuple[Path, PreparedShapes]) -> None:
    file, shapes = cities
    assert same(cluster, [file], shapes, limits=ClusterLimits(buckets=7)).total > 500


def test_the_bundled_project_is_built_alike(cluster: Cluster) -> None:
    project = Project.bundled()
    here, there = build(project), build_on_cluster(cluster, project, buckets=4)
    assert there.triples.serialize("turtle", there.prefixes) == here.triples.serialize("turtle", here.prefixes)


def test_a_worker_that_is_killed_changes_nothing(
    cluster: Cluster, spark: Spark, cities: tuple[Path, PreparedShapes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the last one: the cluster has one worker less after it."""
    file, shapes = cities
    killed: list[int] = []

    def kill() -> None:
        process = spark.processes["worker0"]
        process.send_signal(signal.SIGKILL)
        killed.append(process.pid)

    collect = Cluster.collect
    timers: list[threading.Timer] = []

    def collect_and_kill(self: Cluster, frame: object) -> object:
        # The rows of pieces come last, when tasks of both workers have results.
        if not timers and "bucket" in frame.columns:  # type: ignore[attr-defined]
            timers.append(threading.Timer(1.0, kill))
            timers[0].start()
        return collect(self, frame)  # type: ignore[arg-type]

    monkeypatch.setattr(Cluster, "collect", collect_and_kill)
    assert same(cluster, [file], shapes, limits=ClusterLimits(buckets=16)).total > 500
    timers[0].join()
    assert killed
