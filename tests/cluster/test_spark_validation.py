"""Validation and builds on Apache Spark with two worker processes: as on one machine, also when a worker is killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cluster.spark import kill_first
from cluster.test_validation import W3C, compare_cases, parse, same, write_cities

from glocal_rdf.cluster import Cluster
from glocal_rdf.operations import cluster_validate
from glocal_rdf.operations.build import build
from glocal_rdf.operations.cluster_build import build_on_cluster
from glocal_rdf.operations.cluster_validate import ClusterLimits
from glocal_rdf.project import Project
from glocal_rdf.shacl import PreparedShapes, prepare

pytestmark = pytest.mark.timeout(900)

FORTY = {
    "core-complex": "personexample",
    "core-misc": "deactivated-002 severity-002",
    "core-node": "and-001 class-002 closed-001 disjoint-001 equals-001 languageIn-001 nodeKind-001 not-002 or-001"
    " qualified-001 xone-001",
    "core-path": "path-complex-001 path-complex-002 path-oneOrMore-001 path-sequence-001 path-sequence-duplicate-001"
    " path-strange-001 path-zeroOrOne-001",
    "core-property": "class-001 datatype-ill-formed hasValue-001 lessThanOrEquals-001 node-002 property-001"
    " qualifiedMinCountDisjoint-001 qualifiedValueShapesDisjoint-001 uniqueLang-001",
    "core-targets": "targetClass-001 targetClassImplicit-001 targetObjectsOf-001 targetSubjectsOf-002",
    "core-validation-reports": "shared",
    "sparql-component": "nodeValidator-001 validator-001",
    "sparql-node": "sparql-001 sparql-003",
    "sparql-pre-binding": "pre-binding-005",
}
"""The files of the W3C's suite that run in every gate: of each component that looks beyond the focus node one."""

EVERYWHERE = {f"w3c-shacl-{folder}-{name}" for folder, names in FORTY.items() for name in names.split()}


def list_parameters() -> list[object]:
    """List the files of the suite, with the marks of when they run."""
    return [
        pytest.param(
            *one.values, id=one.id, marks=(*one.marks, pytest.mark.slow if one.id in EVERYWHERE else pytest.mark.long)
        )
        for one in W3C
    ]


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PreparedShapes]:
    """A file of 100,000 triples with mistakes, and the fourteen shapes that are measured."""
    return write_cities(tmp_path_factory.mktemp("cities"))


@pytest.mark.parametrize("file", list_parameters())
def test_case_of_the_w3c(on_spark: Cluster, file: Path, tmp_path: Path) -> None:
    compare_cases(on_spark, file, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(len(W3C) == 1, reason="the W3C's suite is not here")
def test_forty_files_run_in_every_gate() -> None:
    assert len(EVERYWHERE & {one.id for one in W3C}) == 40


@pytest.mark.slow
def test_a_hundred_thousand_triples(on_spark: Cluster, cities: tuple[Path, PreparedShapes]) -> None:
    file, shapes = cities
    assert same(on_spark, [file], shapes, limits=ClusterLimits(buckets=7)).total > 500


@pytest.mark.slow
def test_a_path_is_followed_through_many_nodes_also_when_a_worker_is_killed(
    on_spark: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is planned with what the steps before have computed, not with their plans."""
    file, mark = tmp_path / "chain.nt", tmp_path / "killed"
    parse("ex:n0 ex:top 1 . " + " ".join(f"ex:n{n} ex:within ex:n{n + 1} ." for n in range(5))).write(file, "ntriples")
    within = "sh:property [ sh:path [ sh:zeroOrMorePath ex:within ] ; sh:class ex:C ]"
    shapes = f"ex:Top a sh:NodeShape ; sh:targetSubjectsOf ex:top ; {within} ."
    validate_packed: Any = kill_first(cluster_validate.validate_packed, mark)
    monkeypatch.setattr(cluster_validate, "validate_packed", validate_packed)
    assert same(on_spark, [file], prepare(parse(shapes)), limits=ClusterLimits(buckets=3)).total == 6
    assert mark.exists()


@pytest.mark.slow
def test_another_session_of_the_process_is_left_alone(cluster: Cluster, on_spark: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "chain.nt"
    parse(" ".join(f"ex:n{n} ex:within ex:n{n + 1} ." for n in range(4))).write(file, "ntriples")
    within = "sh:property [ sh:path [ sh:oneOrMorePath ex:within ] ; sh:class ex:C ]"
    shapes = prepare(parse(f"ex:S a sh:NodeShape ; sh:targetNode ex:n0 ; {within} ."))
    for session in (cluster, on_spark):
        assert same(session, [file], shapes, limits=ClusterLimits(buckets=3)).total == 4


@pytest.mark.slow
def test_the_bundled_project_is_built_alike(on_spark: Cluster) -> None:
    project = Project.bundled()
    here, there = build(project), build_on_cluster(on_spark, project, buckets=4)
    assert there.triples.serialize("turtle", there.prefixes) == here.triples.serialize("turtle", here.prefixes)


@pytest.mark.slow
def test_a_worker_that_is_killed_while_it_validates_changes_nothing(
    on_spark: Cluster, cities: tuple[Path, PreparedShapes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, shapes = cities
    mark = tmp_path / "killed"
    validate_packed: Any = kill_first(cluster_validate.validate_packed, mark)
    monkeypatch.setattr(cluster_validate, "validate_packed", validate_packed)
    assert same(on_spark, [file], shapes, limits=ClusterLimits(buckets=16)).total > 500
    assert mark.exists()
