"""On a cluster a graph is validated piece by piece, and the report is the one of one machine, to the byte."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from benchmarked import load_benchmark
from hypothesis import HealthCheck, Phase, assume, given, reject, settings
from hypothesis import strategies as st
from looked_up import DATA as LOOKED_UP
from looked_up import QUERIES, write, write_all
from shacl_checks import graph as parse_graph
from shacl_graphs import graphs
from w3c_suites import ShaclCase, load_shacl_cases, shacl_parameters

from glocal_rdf.errors import GlocalError, InputError, ShapesError
from glocal_rdf.operations.cluster_validate import ClusterLimits, validate_on_cluster
from glocal_rdf.operations.validate import validate_files
from glocal_rdf.operations.validation_options import ValidationOptions
from glocal_rdf.operations.validation_report import Validation, render_report
from glocal_rdf.shacl import PreparedShapes, prepare
from glocal_rdf.shacl.cutting.buckets import HASHES
from glocal_rdf.shacl.reach import find_reach
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.cluster import Cluster

PREFIXES = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX ex: <http://example.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
SHAPES = """
ex:City a sh:NodeShape ; sh:targetClass ex:Place ;
    sh:property [ sh:path ex:label ; sh:minCount 1 ; sh:uniqueLang true ] ;
    sh:property [ sh:path ( ex:country ex:label ) ; sh:minCount 1 ; sh:name "country's name"@en ] ;
    sh:property [ sh:path [ sh:inversePath ex:member ] ; sh:minCount 1 ; sh:severity sh:Warning ] ;
    sh:property [ sh:path [ sh:zeroOrMorePath ex:within ] ; sh:class ex:Place ; sh:message "odd"@en, "怪"@zh-hant ] ;
    sh:sparql [ sh:select '''SELECT $this ?value WHERE { $this <http://example.org/within> ?value . ?value
        <http://example.org/within> $this }''' ; sh:message "{?value} is within {$this}"@en ] .
ex:Known a sh:NodeShape ; sh:targetNode ex:taipei, ex:atlantis, "text" ;
    sh:property [ sh:path ex:code ; sh:minCount 1 ] .
ex:Member a sh:NodeShape ; sh:targetObjectsOf ex:member ; sh:closed true ; sh:ignoredProperties ( ex:label ) .
"""
DATA = """
ex:City rdfs:subClassOf ex:Place .
ex:taipei a ex:City ; ex:label "Taipei"@en, "T"@en, "臺北"@zh-hant ; ex:country ex:tw ; ex:within ex:tw ; ex:code 2 .
ex:tw a ex:Place ; ex:within ex:asia . ex:asia a ex:Place ; ex:within ex:world, ex:asia .
ex:world ex:label "world" ; ex:within ex:asia . ex:net ex:member ex:taipei, ex:lost, _:b . _:b ex:label "b" .
ex:kyoto a ex:City ; ex:country ex:jp . ex:jp ex:label "日本"@ja .
"""


def parse(text: str) -> Triples:
    return Triples.parse(PREFIXES + text, "turtle")


def same(cluster: Cluster, files: list[Path], shapes: PreparedShapes, **how: Any) -> Validation:
    """Validate files both ways, and compare the reports in every form; return that of the cluster."""
    limits, options = how.pop("limits", None), how.pop("options", ValidationOptions(report_unsupported=True))
    graphs = [(str(file), Triples.read(file, base=file.as_uri())) for file in files]
    there = validate_on_cluster(cluster, [str(file) for file in files], options, shapes=shapes, limits=limits, **how)
    here = validate_files(graphs, options, shapes=shapes, **how)
    for form in ("json", "turtle", "sarif", "text", "github"):
        assert render_report(there, form) == render_report(here, form)
    for name in ("conforms", "fails", "validated", "complete", "total", "reached", "looked_at", "why_not_validated"):
        assert (name, getattr(there, name)) == (name, getattr(here, name))
    assert there.warnings == here.warnings
    assert list(there.reached) == list(here.reached)
    return there


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "graph.nt"
    parse(DATA).write(file, "ntriples")
    return file


def test_the_report_is_that_of_one_machine(cluster: Cluster, graph: Path) -> None:
    report = same(cluster, [graph], prepare(parse(SHAPES)), limits=ClusterLimits(buckets=5))
    assert report.total == 21
    assert report.reached["<http://example.org/Known>"] == 3


@pytest.mark.slow
@pytest.mark.parametrize("buckets", [1, HASHES - 1])
def test_the_number_of_buckets_changes_nothing(cluster: Cluster, graph: Path, buckets: int) -> None:
    same(cluster, [graph], prepare(parse(SHAPES)), limits=ClusterLimits(buckets=buckets))


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"max_results": 3},
        {"severity": "violation", "only_shapes": ["Member"]},
        {"only_focus": ["http://example.org/taipei"]},
    ],
)
def test_options_hold_on_a_cluster(cluster: Cluster, graph: Path, options: dict[str, Any]) -> None:
    shapes = prepare(parse(SHAPES))
    same(cluster, [graph], shapes, options=ValidationOptions(**options), limits=ClusterLimits(buckets=3))


@pytest.mark.slow
def test_results_are_located_in_the_files_that_have_their_focus_node(cluster: Cluster, tmp_path: Path) -> None:
    whole = parse(DATA).frame
    files = []
    for number in range(3):
        file = tmp_path / f"part{number}.nt"
        Triples(whole.gather_every(3, number)).write(file, "ntriples")
        files.append(file)
    packed = tmp_path / "part2.nt.gz"
    packed.write_bytes(gzip.compress(files.pop().read_bytes()))
    parquet = tmp_path / "folder"
    parquet.mkdir()
    frame = Triples.read(files[0]).frame
    frame.write_parquet(parquet / "part-0.parquet")
    report = same(cluster, [*files, packed], prepare(parse(SHAPES)), limits=ClusterLimits(buckets=4))
    names = [str(parquet), str(files[1]), str(packed)]
    again = validate_on_cluster(cluster, names, shapes=prepare(parse(SHAPES)))
    assert again.total == report.total
    assert {len(found) for found in again.locations.values()} == {2, 3}


@pytest.mark.slow
def test_blank_nodes_of_several_files_are_kept_apart(cluster: Cluster, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.nt" for number in range(3)]
    for number, file in enumerate(files):
        label = "_:bg2" if number == 1 else "_:b"
        file.write_text(f'{label} <http://example.org/label> "{number}" .\n_:b <http://example.org/label> "same" .\n')
    shapes = prepare(parse("ex:S sh:targetSubjectsOf ex:label ; sh:property [ sh:path ex:label ; sh:maxCount 1 ] ."))
    assert same(cluster, files, shapes, limits=ClusterLimits(buckets=2)).total == 2
    with pytest.raises(InputError, match="more than 2 blank nodes"):
        validate_on_cluster(cluster, [str(file) for file in files], shapes=shapes, limits=ClusterLimits(max_labels=2))


@pytest.mark.slow
def test_what_is_only_looked_up_is_not_validated(cluster: Cluster, graph: Path, tmp_path: Path) -> None:
    context = parse(
        "ex:City rdfs:subClassOf ex:Place ; a ex:Place ; ex:label 'city' . ex:taipei ex:country ex:nowhere . "
        "ex:jp ex:unused ex:kyoto . ex:nowhere a ex:City ."
    )
    shapes = prepare(parse(SHAPES))
    same(cluster, [graph], shapes, context=context, ontology=context, limits=ClusterLimits(buckets=3))
    other = tmp_path / "other.nt"
    parse("ex:nowhere ex:other ex:thing .").write(other, "ntriples")
    same(cluster, [other], shapes, context=context, limits=ClusterLimits(buckets=3))


@pytest.mark.parametrize("buckets", [3, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 64, HASHES - 1))])
def test_what_is_looked_up_of_predicates_is_known_to_every_bucket(
    cluster: Cluster, tmp_path: Path, buckets: int
) -> None:
    file, rest = tmp_path / "data.nt", tmp_path / "rest.nt"
    parse_graph(LOOKED_UP).write(file, "ntriples")
    limits = ClusterLimits(buckets=buckets)
    assert same(cluster, [file], prepare(write_all()), limits=limits).total > len(QUERIES)
    lines = LOOKED_UP.splitlines()
    parse_graph("\n".join(lines[:4])).write(rest, "ntriples")
    context = parse_graph("\n".join(lines[4:]))
    assert same(cluster, [rest], prepare(write_all()), context=context, limits=limits).total > len(QUERIES)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["claimed-by-anybody", "claimed-by-nobody", "by-a-path", "either-way", "a-list"])
def test_what_one_query_looks_up_is_known_to_every_bucket(cluster: Cluster, tmp_path: Path, name: str) -> None:
    file = tmp_path / "data.nt"
    parse_graph(LOOKED_UP).write(file, "ntriples")
    limits = ClusterLimits(buckets=HASHES - 1)
    assert same(cluster, [file], prepare(write(QUERIES[name])), limits=limits).total > 0


@pytest.mark.slow
@pytest.mark.parametrize("most", [2, 12])
def test_too_much_to_be_known_to_every_bucket_is_refused_by_name(cluster: Cluster, tmp_path: Path, most: int) -> None:
    file = tmp_path / "data.nt"
    parse_graph(LOOKED_UP + " ".join(f"ex:free rdfs:domain ex:D{n} ." for n in range(10))).write(file, "ntriples")
    limits = ClusterLimits(buckets=3, max_everywhere=most)
    with pytest.raises(InputError, match=r"triples are looked up .* for <http://example.org/S> / sh:sparql"):
        validate_on_cluster(cluster, [str(file)], shapes=prepare(write(QUERIES["domain"])), limits=limits)


@pytest.mark.slow
def test_nothing_to_validate_is_reported(cluster: Cluster, tmp_path: Path) -> None:
    empty, other = tmp_path / "empty.nt", tmp_path / "other.nt"
    empty.write_bytes(b"# nothing\n")
    parse("ex:a ex:b ex:c .").write(other, "ntriples")
    nothing = prepare(parse("ex:S sh:targetClass ex:None ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."))
    assert "has no triples" in same(cluster, [empty], nothing).why_not_validated
    assert same(cluster, [other], nothing).verdict is None
    same(cluster, [empty], prepare(parse(SHAPES)))


@pytest.mark.slow
def test_what_a_cluster_cannot_do_is_refused_by_name(cluster: Cluster, graph: Path, tmp_path: Path) -> None:
    unbounded = """ex:S sh:targetClass ex:City ; sh:sparql [ sh:select '''SELECT $this WHERE {
        $this <http://example.org/code> ?c . ?other <http://example.org/label> ?l }''' ] ."""
    expect(cluster, [graph], unbounded, ShapesError, "http://example.org/S> / sh:sparql", "any triple")
    expect(cluster, [tmp_path / "none.nt"], SHAPES, InputError, "no such file")
    bad = tmp_path / "bad.nt"
    bad.write_bytes(graph.read_bytes() + b"<http://example.org/a> nonsense .\n")
    expect(cluster, [bad], SHAPES, InputError, f"bad.nt:{len(graph.read_text().splitlines()) + 1}")


@pytest.mark.slow
def test_pieces_that_are_too_large_are_cut_further_or_refused(cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "hub.nt"
    lines = [f"<http://example.org/n{n}> <http://example.org/member> <http://example.org/hub> ." for n in range(50)]
    lines += [f'<http://example.org/n{n}> <http://example.org/label> "{n}" .' for n in range(50)]
    file.write_text("\n".join(lines) + "\n")
    few = prepare(parse("ex:S sh:targetSubjectsOf ex:label ; sh:property [ sh:path ex:label ; sh:maxLength 1 ] ."))
    same(cluster, [file], few, limits=ClusterLimits(buckets=1, max_bucket_rows=30))
    hub = "ex:S sh:targetObjectsOf ex:member ; sh:property [ sh:path [ sh:inversePath ex:member ] ; sh:maxCount 1 ] ."
    limits = ClusterLimits(buckets=1, max_bucket_rows=30)
    expect(cluster, [file], hub, ShapesError, "<http://example.org/hub>: has 50 triples", limits=limits)
    long = "ex:S sh:targetNode ex:c0 ; sh:property [ sh:path [ sh:oneOrMorePath ex:next ] ; sh:maxCount 5 ] ."
    chain = tmp_path / "chain.nt"
    chain.write_text(
        "".join(
            f"<http://example.org/c{n}> <http://example.org/next> <http://example.org/c{n + 1}> .\n" for n in range(8)
        )
    )
    expect(cluster, [chain], long, ShapesError, "more than 4 steps", limits=ClusterLimits(max_rounds=4))
    same(cluster, [chain], prepare(parse(long)))


def expect(
    cluster: Cluster,
    files: list[Path],
    shapes: str,
    kind: type[GlocalError],
    *texts: str,
    limits: ClusterLimits | None = None,
) -> None:
    with pytest.raises(kind) as caught:
        validate_on_cluster(cluster, [str(file) for file in files], shapes=prepare(parse(shapes)), limits=limits)
    for text in texts:
        assert text in str(caught.value)


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PreparedShapes]:
    """A file of 100,000 triples with mistakes, and the fourteen shapes that are measured."""
    return write_cities(tmp_path_factory.mktemp("cities"))


def write_cities(folder: Path) -> tuple[Path, PreparedShapes]:
    measured = load_benchmark("validation")
    file = folder / "cities.nt"
    Triples(measured["generate"](100_000, mistakes=True)).write(file, "ntriples")
    return file, prepare(Triples.parse(measured["SHAPES"], "turtle"))


@pytest.mark.parametrize(
    "buckets", [pytest.param(7, marks=pytest.mark.slow), *(pytest.param(n, marks=pytest.mark.long) for n in (1, 64))]
)
def test_a_hundred_thousand_triples_have_the_same_report(
    cluster: Cluster, cities: tuple[Path, PreparedShapes], buckets: int
) -> None:
    file, shapes = cities
    assert same(cluster, [file], shapes, limits=ClusterLimits(buckets=buckets)).total > 500


@pytest.mark.slow
@settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(graphs(), st.sampled_from([1, 3, 64]))
def test_random_graphs_have_the_same_report(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, drawn: tuple[Triples, Triples], buckets: int
) -> None:
    compare_drawn(cluster, tmp_path_factory, drawn, buckets)


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(), st.sampled_from([1, 3, 64]))
def test_many_random_graphs_have_the_same_report(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, drawn: tuple[Triples, Triples], buckets: int
) -> None:
    compare_drawn(cluster, tmp_path_factory, drawn, buckets)


def compare_drawn(
    cluster: Cluster, folders: pytest.TempPathFactory, drawn: tuple[Triples, Triples], buckets: int
) -> None:
    data, shapes = drawn
    try:
        prepared = prepare(shapes)
        _ = prepared.queries
    except ShapesError:
        reject()
    assume(not find_reach(prepared).refused and not prepared.read.unsupported)
    file = folders.mktemp("drawn") / "data.nt"
    data.write(file, "ntriples")
    try:
        same(cluster, [file], prepared, limits=ClusterLimits(buckets=buckets))
    finally:
        file.unlink()
        file.parent.rmdir()


W3C = shacl_parameters()


@pytest.mark.slow
@pytest.mark.parametrize("file", W3C[::4])
def test_cases_of_the_w3c_with_one_focus_node_a_bucket(cluster: Cluster, file: Path, tmp_path: Path) -> None:
    compare_cases(cluster, file, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("file", [one for number, one in enumerate(W3C) if number % 4])
def test_all_other_cases_of_the_w3c(cluster: Cluster, file: Path, tmp_path: Path) -> None:
    compare_cases(cluster, file, tmp_path)


def compare_cases(cluster: Cluster, file: Path, folder: Path) -> None:
    for number, case in enumerate(load_shacl_cases(file)):
        data = folder / f"{number}.nt"
        case.data.write(data, "ntriples")

        def run(data: Path = data, case: ShaclCase = case, *, there: bool) -> list[str | bytes]:
            try:
                shapes = prepare(case.shapes)
                limits = ClusterLimits(buckets=HASHES - 1)
                report = (
                    validate_on_cluster(cluster, [str(data)], shapes=shapes, limits=limits)
                    if there
                    else validate_files([(str(data), case.data)], shapes=shapes)
                )
            except ShapesError as error:
                return [str(error)]
            return [render_report(report, "json"), render_report(report, "turtle")]

        found = run(there=True)
        if case.iri.rpartition("/")[2] in REFUSED:
            assert "its query may look at any triple" in str(found[0])
        else:
            assert found == run(there=False)


REFUSED: set[str] = set()
"""The cases whose queries are not cut by focus nodes."""
