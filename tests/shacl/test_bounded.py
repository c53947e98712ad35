"""Validation bucket by bucket gives the report of the whole graph, however it is cut."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from benchmarked import load_benchmark
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from shacl_checks import check, graph
from shacl_graphs import graphs
from w3c_suites import load_shacl_cases, shacl_parameters

from glocal_rdf.errors import InputError, ShapesError
from glocal_rdf.shacl import ValidationReport, prepare, validate
from glocal_rdf.shacl.bounded import BoundedOptions, exchange, validate_bounded, validation
from glocal_rdf.shacl.bounded.memory import Budget
from glocal_rdf.shacl.reach import find_reach
from glocal_rdf.triples import Triples

GIB = 2**30
ONE_NODE_A_GROUP = 2**28


def cut(data: Triples, shapes: Triples, place: Path, piece: int = 7, **options: object) -> ValidationReport:
    """Validate in pieces of a few triples."""

    def read(_: int) -> Iterator[pl.DataFrame]:
        yield from data.frame.iter_slices(piece)

    chosen = BoundedOptions(**{"memory": GIB, "buckets": 3, **options})
    with pytest.MonkeyPatch.context() as patch:
        # Everything goes through files.
        patch.setattr(validation, "SPILL_MEMORY", 0)
        patch.setattr(tempfile, "tempdir", str(place))
        report = validate_bounded(read, 1, prepare(shapes), chosen)
    assert list(place.iterdir()) == []
    return report


@pytest.mark.slow
@pytest.mark.parametrize("file", shacl_parameters())
def test_one_focus_node_a_group_gives_the_report_of_the_suite(file: Path, tmp_path: Path) -> None:
    for case in load_shacl_cases(file):
        try:
            whole = validate(case.data, case.shapes)
        except ShapesError:
            continue
        if find_reach(prepare(case.shapes)).refused:
            with pytest.raises(ShapesError, match="validate without --max-memory"):
                cut(case.data, case.shapes, tmp_path)
            continue
        assert cut(case.data, case.shapes, tmp_path, buckets=7, divided=ONE_NODE_A_GROUP) == whole


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("buckets", [1, 3, 64])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(graphs(), st.sampled_from([None, 3]))
def test_generated_graphs_have_the_same_report(
    tmp_path_factory: pytest.TempPathFactory, buckets: int, both: tuple[Triples, Triples], limit: int | None
) -> None:
    data, shapes = both
    try:
        whole = validate(data, shapes, max_results=limit)
    except ShapesError as error:
        event(f"not validated: {str(error)[:40]}")
        return
    event(f"results: {min(whole.total, 5)}")
    place = tmp_path_factory.mktemp("spill")
    assert cut(data, shapes, place, buckets=buckets, max_results=limit) == whole


SHAPES = """
ex:S sh:targetClass ex:City ;
  sh:property [ sh:path ex:country ; sh:minCount 1 ; sh:class ex:Country ; sh:node ex:Named ] .
ex:Named sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:maxLength 3 ] .
ex:T sh:targetObjectsOf ex:country ; sh:severity sh:Warning ; sh:targetNode ex:nobody ;
  sh:property [ sh:path [ sh:inversePath ex:country ] ; sh:maxCount 2 ] .
"""
DATA = (
    "\n".join(
        f"ex:c{n} a ex:Town ; ex:country ex:k{n % 5}, ex:k{n % 7} . ex:k{n} a ex:Country ; ex:name '{'x' * (n % 6)}' ."
        for n in range(40)
    )
    + " ex:Town rdfs:subClassOf ex:City ."
)


@pytest.mark.parametrize(
    ("buckets", "divided", "limit"), [(1, 1, None), (3, 1, 5), pytest.param(5, 4, 5, marks=pytest.mark.slow)]
)
def test_a_cut_graph_has_the_same_report(tmp_path: Path, buckets: int, divided: int, limit: int | None) -> None:
    whole = check(DATA, SHAPES, max_results=limit)
    assert whole.total > 20
    assert whole.warnings
    found = cut(graph(DATA), graph(SHAPES), tmp_path, buckets=buckets, divided=divided, max_results=limit)
    assert found == whole


def test_a_triple_that_stands_twice_counts_once(tmp_path: Path) -> None:
    data = graph(DATA)
    twice = Triples(pl.concat([data.frame, data.frame.head(50)]))
    assert cut(twice, graph(SHAPES), tmp_path) == check(DATA, SHAPES)


def test_some_shapes_or_some_focus_nodes_are_validated_alone(tmp_path: Path) -> None:
    only = {"only_shapes": ["<http://example.org/S>"], "only_focus": ["<http://example.org/c3>"]}
    whole = check(DATA, SHAPES, **only)
    assert whole.reached == {"<http://example.org/S>": 1}
    assert cut(graph(DATA), graph(SHAPES), tmp_path, **only) == whole


def test_data_without_a_triple_reach_nothing(tmp_path: Path) -> None:
    assert cut(Triples.empty(), graph(SHAPES), tmp_path) == check("", SHAPES)


def test_what_only_the_ontology_has_is_not_counted(tmp_path: Path) -> None:
    given = graph("ex:c1 ex:country ex:k1 . ex:k1 ex:name 'Utopia' . ex:x a ex:Other .")
    context = graph("ex:c1 a ex:City . ex:c2 a ex:City . ex:k1 a ex:Country .")
    shapes = graph(SHAPES)
    whole = validate(given.union(context), shapes, given=given)
    assert whole.looked_at != whole.reached
    for divided in (1, 2):
        assert cut(given, shapes, tmp_path, context=context, divided=divided) == whole


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the memory of a bucket as small as a few dozen triples need."""
    monkeypatch.setattr(validation, "make_budget", lambda limit, _: Budget(limit, 12_000, 2.5, 100.0))


@pytest.mark.usefixtures("small")
def test_a_group_that_does_not_fit_is_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = []
    gather = validation.Exchange.gather

    def note(self: validation.Exchange, starts: Iterator[pl.DataFrame]) -> object:
        found = gather(self, starts)
        groups.append((len(found.ready), len(found.over)))
        return found

    monkeypatch.setattr(validation.Exchange, "gather", note)
    assert cut(graph(DATA), graph(SHAPES), tmp_path, buckets=1) == check(DATA, SHAPES)
    assert groups[0] == (0, 1)
    assert groups[-1][1] == 0
    assert sum(ready for ready, _ in groups) > 3


@pytest.mark.usefixtures("small")
def test_a_node_that_looks_at_more_than_fits_is_an_error_that_names_it(tmp_path: Path) -> None:
    hub = " ".join(f"ex:c{n} ex:country ex:hub ." for n in range(90))
    with pytest.raises(InputError, match=r"looks? at from <http://example.org/hub> does not fit"):
        cut(graph(hub), graph(SHAPES), tmp_path, buckets=2)


def test_a_path_that_is_longer_than_is_followed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MAX_ROUNDS", 12)
    shapes = graph(
        "ex:S sh:targetNode ex:n0 ; sh:property [ sh:path [ sh:zeroOrMorePath ex:next ] ; sh:maxLength 1 ] ."
    )
    short, long = (graph(" ".join(f"ex:n{n} ex:next ex:n{n + 1} ." for n in range(length))) for length in (9, 20))
    assert cut(short, shapes, tmp_path) == validate(short, shapes)
    with pytest.raises(InputError, match="more than 12 steps"):
        cut(long, shapes, tmp_path)


def test_a_limit_that_is_too_small_names_the_least(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"3 MiB is too little .*; give 300M or more"):
        cut(graph(DATA), graph(SHAPES), tmp_path, memory=3 << 20)


@pytest.mark.slow
def test_the_data_of_the_benchmark_have_the_same_report(tmp_path: Path) -> None:
    benchmark = load_benchmark("validation")
    data = Triples(benchmark["generate"](100_000, mistakes=True))
    shapes = Triples.parse(benchmark["SHAPES"], "turtle")
    whole = validate(data, shapes, max_results=200)
    assert whole.total > 500
    assert cut(data, shapes, tmp_path, piece=20_000, buckets=5, max_results=200) == whole
