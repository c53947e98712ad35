"""One build may be validated and queried by several threads at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from glocal_rdf import Build, Project, ask, build, validate

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://example.org/city/> .
:Marked a sh:NodeShape ; sh:targetNode :a , :b , :missing , :gone ;
    sh:sparql [ sh:message "no statement" ;
        sh:select "SELECT $this WHERE { FILTER NOT EXISTS { $this ?p ?o } }" ] .
"""
COUNT = "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }"


@pytest.fixture
def built(small: Path) -> Build:
    """A build whose rules need a store and leave it, and whose validation loads more into it."""
    (small / "ontology" / "rules").mkdir()
    rule = "CONSTRUCT { ?s <https://example.org/same> ?s } WHERE { ?s a ?class FILTER(STRLEN(STR(?s)) > 0) }"
    (small / "ontology" / "rules" / "same.rq").write_text(rule, encoding="utf-8")
    (small / "shapes" / "marked.ttl").write_text(SHAPES, encoding="utf-8")
    return build(Project.open(small))


def summary(built: Build) -> tuple[int, list[str]]:
    report = validate(built)
    return report.total, sorted(f"{result.focus} {result.shape}" for result in report.results)


def test_two_threads_validate_one_build(built: Build) -> None:
    expected, count = summary(built), ask(built, COUNT).rows()
    assert built.inference_store is not None
    assert expected[0]
    barrier = threading.Barrier(3, timeout=60)

    def check(_: int) -> tuple[int, list[str]]:
        barrier.wait()
        return summary(built)

    def question(_: int) -> list[tuple[str, ...]]:
        barrier.wait()
        return ask(built, COUNT).rows()

    with ThreadPoolExecutor(3) as pool:
        for _ in range(5):
            tasks = [pool.submit(check, 0), pool.submit(check, 1), pool.submit(question, 2)]
            assert [task.result(timeout=60) for task in tasks] == [expected, expected, count]
    assert ask(built, COUNT).rows() == count


def test_a_build_whose_store_is_lent_is_validated_with_another(built: Build) -> None:
    expected = summary(built)
    with built.lend_store() as store:
        assert store is built.inference_store
        assert store is not None
        extra = pl.DataFrame(
            {"subject": ["<https://example.org/city/gone>"], "predicate": ["<urn:p>"], "object": ['"1"']}
        )
        store.load(extra)
        assert summary(built) == expected
        store.unload(None, extra)


def test_a_query_waits_until_the_store_is_as_it_was(built: Build) -> None:
    count = ask(built, COUNT).rows()
    answers: list[list[tuple[str, ...]]] = []
    with built.lend_store() as store:
        assert store is not None
        thread = threading.Thread(target=lambda: answers.append(ask(built, COUNT).rows()), daemon=True)
        thread.start()
        thread.join(0.3)
        assert answers == []
    thread.join(30)
    assert answers == [count]


def test_a_store_is_not_lent_while_it_is_queried(built: Build) -> None:
    with built.share_store() as one, built.share_store() as other, built.lend_store() as lent:
        assert (one is other, lent) == (True, None)
    with built.lend_store() as lent:
        assert lent is not None
