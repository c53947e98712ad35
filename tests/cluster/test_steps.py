"""A run on a cluster reports its steps in order, and what the engine says of the job that is at work."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from glocal_rdf.cluster.steps import Step, begin_step, follow_engine, watch_steps
from glocal_rdf.operations import cluster_diff, cluster_validate
from glocal_rdf.shacl import prepare
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.cluster import Cluster

DATA = "PREFIX ex: <http://example.org/> ex:a ex:label 'a' . ex:b ex:label 'b' ."
SHAPES = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://example.org/>
ex:S sh:targetSubjectsOf ex:label ; sh:property [ sh:path ex:label ; sh:maxCount 1 ] ."""


def write(folder: Path, name: str) -> str:
    Triples.parse(DATA, "turtle").write(folder / name, "ntriples")
    return str(folder / name)


def test_each_step_is_reported_once_and_in_order(cluster: Cluster, tmp_path: Path) -> None:
    old, new = write(tmp_path, "old.nt"), write(tmp_path, "new.nt")
    steps: list[Step] = []
    with watch_steps(steps.append):
        cluster_validate.validate_on_cluster(cluster, [old], shapes=prepare(Triples.parse(SHAPES, "turtle")))
        cluster_diff.diff_on_cluster(cluster, old, new)
    expected = [cluster_validate.STEPS, cluster_diff.STEPS]
    assert [(one.name, one.number, one.steps) for one in steps] == [
        (name, number, len(names)) for names in expected for number, name in enumerate(names, 1)
    ]


class Session:
    """Takes the place of a session whose engine reports on a job."""

    def __init__(self) -> None:
        self.handlers: list[Any] = []

    def registerProgressHandler(self, handler: Any) -> None:  # noqa: N802 - the client's name
        self.handlers.append(handler)

    def report(self, *stages: tuple[int, int, int], done: bool = False) -> None:
        names = ("num_completed_tasks", "num_tasks", "num_bytes_read")
        found = [SimpleNamespace(**dict(zip(names, stage, strict=True))) for stage in stages]
        for handler in self.handlers:
            handler(stages=found, inflight_tasks=1, operation_id="1", done=done)


def test_what_the_engine_says_is_added_to_the_step_at_work() -> None:
    session, steps = Session(), []
    with watch_steps(steps.append):
        follow_engine(session)
        session.report((0, 4, 0))  # the check of the workers is no step
        begin_step(["reading", "writing"], "reading")
        session.report((1, 2, 1_000_000), (3, 8, 1_500_000))
        session.report((2, 2, 1_000_000), (8, 8, 4_000_000), done=True)
        begin_step(["reading", "writing"], "writing")
    assert [one.describe() for one in steps] == [
        "step 1 of 2: reading",
        "step 1 of 2: reading, 4 of 10 tasks, 2 MB read",
        "step 2 of 2: writing",
    ]


def test_nothing_is_followed_where_nobody_watches() -> None:
    session = Session()
    follow_engine(session)
    begin_step(["reading"], "reading")
    assert session.handlers == []
