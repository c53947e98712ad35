"""What other sources say is kept apart, each with its source and licence; it is checked, asked and shown so."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pyoxigraph
import pytest
from conftest import ROOT, Run, edit

from glocal_rdf import Build, ask, build, shacl
from glocal_rdf.errors import TableError
from glocal_rdf.operations.validate import pair_source_graphs
from glocal_rdf.project import Project
from glocal_rdf.sparql.grammar.tokens import names_graphs
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import serialize_dataset

pytestmark = pytest.mark.slow

CASES = ROOT / "tests" / "external"
BASE = "https://w3id.org/glocal/id/"
SHAPES = "https://w3id.org/glocal/shapes#"
GLOCAL = "https://w3id.org/glocal/ontology#"
GRAPH = "https://w3id.org/glocal/graph/"
LAT = "<http://www.w3.org/2003/01/geo/wgs84_pos#lat>"
LICENCES = {
    "country-codes": "http://opendatacommons.org/licenses/pddl/1-0/",
    "geonames": "https://creativecommons.org/licenses/by/4.0/",
    "iso-3166-2": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ror": "https://creativecommons.org/publicdomain/zero/1.0/",
    "whosonfirst": "https://whosonfirst.org/docs/licenses/",
}
VIOLATES = sorted((CASES / "violates").glob("*.ttl"))
CONFORMS = sorted((CASES / "conforms").glob("*.ttl"))


# The bundled sources


def test_every_source_names_its_graph_its_licence_and_whence_it_comes(built: Build) -> None:
    assert {source.name: source.describe("license") for source in built.source_graphs} == LICENCES
    for source in built.source_graphs:
        assert source.iri == f"{GRAPH}{source.name}"
        assert source.describe("source").startswith("https://")
        assert re.fullmatch(r"20\d\d-\d\d", source.describe("issued"))
        assert source.describe("title", "zh-Hant") != source.describe("title", "en")
        assert f"{source.name}.csv" in (ROOT / "LICENSE-DATA").read_text(encoding="utf-8")


def test_columns_are_told_in_both_languages(project: Project) -> None:
    for file in project.external_files:
        described = json.loads(file.read_text(encoding="utf-8"))
        with (file.parent / described["url"]).open(newline="", encoding="utf-8") as table:
            heads = next(csv.reader(table))
        columns = [column for column in described["tableSchema"]["columns"] if not column.get("virtual")]
        assert [column["name"] for column in columns] == heads
        for column in described["tableSchema"]["columns"]:
            for said in ("rdfs:label", "dc:description"):
                assert [text["@language"] for text in column[said]] == ["en", "zh-Hant"], column["name"]


def test_tables_are_sorted_by_their_things(project: Project) -> None:
    for file in project.external_files:
        table = file.with_name(file.name.removesuffix("-metadata.json"))
        with table.open(newline="", encoding="utf-8") as rows:
            things = [row["id"] for row in csv.DictReader(rows)]
        assert things == sorted(set(things))


def test_the_graph_of_the_documents_has_none_of_it(built: Build) -> None:
    facts = Triples.empty().union(*(source.facts for source in built.source_graphs))
    assert len(facts) > 400
    assert len(facts.intersection(built.with_ontology)) == 0


@pytest.mark.rebuild
def test_nothing_is_read_before_it_is_asked_for(project: Project) -> None:
    built = build(project)
    assert "source_graphs" not in vars(built)
    assert set(built.named_graphs) == {f"{GRAPH}{name}" for name in LICENCES}


def test_every_record_was_joined_by_an_exact_match_of_ours(built: Build) -> None:
    links = built.triples.match(predicate="<http://www.w3.org/2004/02/skos/core#exactMatch>")
    known = {(subject, value) for subject, _, value in links}
    for source in built.source_graphs:
        joined = {(subject, value) for subject, _, value in source.facts.match(predicate=f"<{GLOCAL}joinedOn>")}
        assert {subject for subject, _, _ in source.facts} == {subject for subject, _ in joined}
        assert joined <= known


# The shapes


def read_case(file: Path) -> Triples:
    return Triples.read(file)


def find_all(project: Project, data: Triples) -> Counter[tuple[str, str, str]]:
    report = shacl.validate(data, project.external_shapes, ontology=project.ontology)
    return Counter(
        (
            result.shape.strip("<>").removeprefix(SHAPES),
            result.component.strip("<>")
            .removeprefix("http://www.w3.org/ns/shacl#")
            .removesuffix("ConstraintComponent"),
            result.focus.strip("<>").replace("https://w3id.org/glocal/graph/", "../graph/").removeprefix(BASE),
        )
        for result in report.results
    )


def read_expectation(file: Path) -> Counter[tuple[str, str, str]]:
    text = file.read_text(encoding="utf-8")
    found = re.findall(r"^# expects: shapes:(\S+) sh:(\S+)ConstraintComponent <(\S+)>$", text, re.MULTILINE)
    return Counter((shape, component, focus) for shape, component, focus in found)


@pytest.mark.parametrize("file", VIOLATES, ids=lambda file: file.stem)
def test_exactly_the_mistake_is_reported(project: Project, file: Path) -> None:
    assert read_expectation(file)
    assert find_all(project, read_case(file)) == read_expectation(file)


@pytest.mark.parametrize("file", CONFORMS, ids=lambda file: file.stem)
def test_nothing_is_reported_once_it_is_mended(project: Project, file: Path) -> None:
    assert find_all(project, read_case(file)) == Counter()


def test_every_case_has_its_twin_and_every_property_shape_a_case(project: Project) -> None:
    assert [file.stem for file in VIOLATES] == [file.stem for file in CONFORMS]
    shown = {shape for file in VIOLATES for shape, _, _ in read_expectation(file)}
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    shapes = project.external_shapes.match(predicate=kind, object="<http://www.w3.org/ns/shacl#PropertyShape>")
    assert {subject.strip("<>").removeprefix(SHAPES) for subject, _, _ in shapes} == shown


def test_shapes_are_told_in_both_languages(project: Project) -> None:
    for subject in {s for s, _, _ in project.external_shapes if s.startswith(f"<{SHAPES}")}:
        for word in ("name", "description", "message"):
            said = project.external_shapes.match(subject, f"<http://www.w3.org/ns/shacl#{word}>")
            assert sorted(value.rpartition("@")[2] for _, _, value in said) == ["en", "zh-Hant"], (subject, word)


@pytest.mark.peer
def test_the_second_opinion_agrees_on_the_bundled_sources(built: Build) -> None:
    source, data = pair_source_graphs(built, shacl.prepare(built.project.external_shapes))[-1]
    theirs = shacl.validate(data, built.project.external_shapes, ontology=built.project.ontology, engine="pyshacl")
    assert theirs.conforms, source.name


# Build and validate


def test_build_writes_and_counts_a_graph_for_each_source(run: Run, tmp_path: Path, built: Build) -> None:
    result = run("build", "--output", tmp_path, "--lang", "en")
    assert result.exit_code == 0, result.stderr
    assert {file.stem for file in (tmp_path / "external").iterdir()} == set(LICENCES)
    for source in built.source_graphs:
        assert Triples.read(tmp_path / "external" / f"{source.name}.ttl") == source.triples
        assert re.search(
            rf"external facts: {re.escape(source.describe('title'))} +{len(source.facts)}\b", result.stdout
        )
    assert Triples.read(tmp_path / "glocal.ttl") == built.triples


@pytest.mark.slow
def test_a_project_without_other_sources_is_built_as_before(run: Run, copy: Path, tmp_path: Path) -> None:
    shutil.rmtree(copy / "data" / "external")
    assert run("build", "--project", copy, "--output", tmp_path / "out").exit_code == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["glocal.ttl"]
    assert run("query", "external-sources", "--project", copy, "-f", "csv").stdout.count("\n") == 1


MISTAKES = [
    ("geonames.csv", "121.52639", "221.52639", ["longitude", "-180 to 180", "geonames.csv:{line} (longitude)"]),
    ("geonames.csv", "TW TPE", "TWTPE", ["UN/LOCODE", "geonames.csv:{line} (un_locode)"]),
    ("geonames.csv", "1668341", "1668342", ["exact match", "geonames.csv:{line} (geonames)"]),
    ("country-codes.csv", "TWN,158", "TWN,15", ["three digits", "country-codes.csv:{line} (numeric)"]),
    ("iso-3166-2.csv", "place/taipei,", "place/taibei,", ["row in a table of things", "iso-3166-2.csv:{line}"]),
]


@pytest.mark.slow
def test_each_result_leads_to_its_cell(run: Run, copy: Path, tmp_path: Path) -> None:
    expected = []
    for table, old, new, parts in MISTAKES:
        line = edit(copy / "data" / "external" / table, old, new)
        expected.append([part.format(line=line) for part in parts])
    for command in (["validate"], ["build", "--output", tmp_path / "out"]):
        result = run(*command, "--project", copy, "--lang", "en")
        assert result.exit_code == 1, result.stderr
        reported = re.split(r"\n(?=\S)", result.stdout)
        for parts in expected:
            assert [one for one in reported if all(part in one for part in parts)], (parts, result.stdout)
    assert not (tmp_path / "out").exists()


def test_so_many_results_are_listed_of_all_graphs_together_and_each_keeps_its_cell(run: Run, copy: Path) -> None:
    edit(copy / "data" / "external" / "geonames.csv", "121.52639", "221.52639")
    line = edit(copy / "data" / "external" / "country-codes.csv", "TWN,158", "TWN,15")
    result = run("validate", "--project", copy, "--max-results", 1, "--format", "json")
    report = json.loads(result.stdout)
    assert (len(report["results"]), report["total"], result.exit_code) == (1, 2, 1)
    assert f"country-codes.csv:{line} (numeric)" in json.dumps(report["results"])


def test_a_source_without_a_licence_leads_to_its_description(run: Run, copy: Path) -> None:
    file = copy / "data" / "external" / "ror.csv-metadata.json"
    edit(file, ' "dc:license": {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"},\n', "")
    result = run("validate", "--project", copy, "--lang", "en", "--format", "json")
    assert result.exit_code == 1
    assert "ror.csv-metadata.json" in result.stdout
    assert "Name the one licence" in result.stdout


def test_all_broken_cells_of_all_sources_are_told(run: Run, copy: Path, tmp_path: Path) -> None:
    folder = copy / "data" / "external"
    line = edit(folder / "geonames.csv", "25.05306", "north")
    other = edit(folder / "ror.csv", "1945", "long ago")
    result = run("build", "--project", copy, "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert f"geonames.csv:{line}: latitude: 'north'" in result.stderr
    assert f"ror.csv:{other}: founded: 'long ago'" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "does not name a graph"),
        ("ror", "does not name a graph"),
        ("http://[e", "is not an IRI"),
        ("http:///ror", "is not an IRI"),
        ("_:ror", "is a blank node"),
        (f"{GRAPH}geonames", "is the name of another graph too"),
    ],
)
def test_a_graph_has_a_name_of_its_own(copy: Path, name: str, told: str) -> None:
    file = copy / "data" / "external" / "ror.csv-metadata.json"
    edit(file, f'"@id": "{GRAPH}ror",', f'"@id": "{name}",' if name else "")
    with pytest.raises(TableError, match=told):
        _ = build(Project.open(copy)).source_graphs


@pytest.mark.parametrize("address", ["atlas", "../../atlas"])
def test_a_source_that_is_no_address_is_told(copy: Path, address: str) -> None:
    file = copy / "data" / "external" / "ror.csv-metadata.json"
    edit(file, '"dc:source": {"@id": "https://ror.org/"}', f'"dc:source": {{"@id": "{address}"}}')
    with pytest.raises(TableError, match=r"ror.csv-metadata.json: .* is not an absolute IRI; write the whole address"):
        _ = build(Project.open(copy)).source_graphs


@pytest.mark.parametrize(
    ("address", "written"), [("https://e/<a>", "https://e/%3Ca%3E"), ("https://e/a b", "https://e/a%20b")]
)
def test_what_an_address_must_encode_is_encoded(copy: Path, address: str, written: str) -> None:
    file = copy / "data" / "external" / "ror.csv-metadata.json"
    edit(file, '"dc:source": {"@id": "https://ror.org/"}', f'"dc:source": {{"@id": "{address}"}}')
    sources = {source.name: source for source in build(Project.open(copy)).source_graphs}
    assert sources["ror"].describe("source") == written


# Export


@pytest.mark.slow
@pytest.mark.parametrize(("form", "ending"), [("trig", "trig"), ("nquads", "nq")])
def test_export_keeps_the_graphs_apart(run: Run, tmp_path: Path, built: Build, form: str, ending: str) -> None:
    path = tmp_path / f"all.{ending}"
    assert run("export", "-f", form, "--external", "-o", path).exit_code == 0
    store = pyoxigraph.Store()
    store.bulk_load(path=str(path))
    assert len(list(store.quads_for_pattern(None, None, None, pyoxigraph.DefaultGraph()))) == len(built.triples)
    sizes = {
        graph.value: len(list(store.quads_for_pattern(None, None, None, graph)))
        for graph in store.named_graphs()
        if isinstance(graph, pyoxigraph.NamedNode)
    }
    assert sizes == {iri: len(triples) for iri, triples in built.named_graphs.items()}


def test_formats_that_would_mix_the_graphs_are_refused(run: Run) -> None:
    result = run("export", "-f", "turtle", "--external")
    assert result.exit_code == 2
    assert "use trig, nquads or jsonld" in result.stderr


def test_one_source_is_exported_in_any_format(run: Run, built: Build) -> None:
    result = run("export", "-f", "ntriples", "--external", "geonames")
    assert Triples.parse(result.stdout, "ntriples") == built.named_graphs[f"{GRAPH}geonames"]


def test_a_source_that_is_not_there_is_told_with_those_that_are(run: Run) -> None:
    result = run("export", "--external", "atlas")
    assert result.exit_code == 2
    assert "there is no source 'atlas'" in result.stderr
    assert "geonames" in result.stderr


def test_blank_nodes_of_different_graphs_stay_apart() -> None:
    one = Triples.from_terms([("_:b", "<http://e/p>", '"1"')])
    other = Triples.from_terms([("_:b", "<http://e/p>", '"2"')])
    for form, kind in (("trig", pyoxigraph.RdfFormat.TRIG), ("nquads", pyoxigraph.RdfFormat.N_QUADS)):
        quads = pyoxigraph.parse(serialize_dataset(one, {"http://e/g": other}, form), kind)
        assert len({str(quad.subject) for quad in quads}) == 2


def test_an_empty_graph_is_written_too() -> None:
    assert serialize_dataset(Triples.empty(), {}, "nquads") == b""
    assert not list(pyoxigraph.parse(serialize_dataset(Triples.empty(), {}, "trig"), pyoxigraph.RdfFormat.TRIG))


# Questions


def test_a_query_without_graph_sees_the_documents_alone(built: Build) -> None:
    text = f"SELECT ?l {{ ?s {LAT} ?l }}"
    assert len(ask(built, text.replace("{ ?s", "{ GRAPH ?g { ?s") + " }")) > 40
    assert not len(ask(built, text))


def test_a_source_is_asked_by_name(run: Run) -> None:
    text = f"SELECT ?l {{ GRAPH <{GRAPH}geonames> {{ <{BASE}place/taipei> wgs84:lat ?l }} }}"
    assert run("query", "--text", text, "-f", "csv").stdout.split() == ["l", "25.05306"]


def test_a_place_is_found_by_its_name_in_either_language(run: Run) -> None:
    answers = [run("query", "where-is", f"place={word}", "-f", "csv").stdout for word in ("Miaoli County", "苗栗縣")]
    assert answers[0] == answers[1]
    assert "24.48391" in answers[0]
    assert LICENCES["whosonfirst"] in answers[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", True),
        ("SELECT * FROM NAMED <http://e/g> { ?s ?p ?o }", True),
        ("SELECT * { ?s ?p ?o } # GRAPH", False),
        ('SELECT * { ?graph ?p "GRAPH" }', False),
        ("SELECT * { <http://e/GRAPH> ex:graph ?o }", False),
    ],
)
def test_queries_that_ask_of_graphs_are_known(text: str, expected: bool) -> None:
    assert names_graphs(text) is expected


# Explain


def test_explain_tells_other_sources_last_with_source_and_licence(run: Run) -> None:
    told = run("explain", "taipei", "--lang", "en").stdout
    documents, _, outside = told.partition("outside the documents")
    assert "latitude" not in documents
    for part in ("25.05306", "https://www.geonames.org/", LICENCES["geonames"], "TW-TPE", LICENCES["iso-3166-2"]):
        assert part in outside


def test_explain_gives_them_to_programs(run: Run) -> None:
    (record,) = json.loads(run("explain", "organization/unesco", "--json").stdout)
    (source,) = record["external"]
    assert source["licence"] == LICENCES["ror"]
    assert {"predicate": "<http://schema.org/foundingDate>", "object": f'"1945"^^<{XSD}gYear>'} in source["facts"]


def test_a_thing_that_no_other_source_knows_has_no_such_section(run: Run) -> None:
    assert "outside the documents" not in run("explain", "organization/glocal-forum", "--lang", "en").stdout


XSD = "http://www.w3.org/2001/XMLSchema#"
