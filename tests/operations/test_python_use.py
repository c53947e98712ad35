"""What people do from Python: validate anything with every option, look at results in a notebook, use former names."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

import pytest
import rdflib

import glocal_rdf
from glocal_rdf import Build, Project, Triples, ask, build, render_report, validate
from glocal_rdf.errors import EndpointError, InputError, OutputError, ShapesError
from glocal_rdf.former_names import _NAMES_OF_VERBS
from glocal_rdf.operations.csvw import describe_table
from glocal_rdf.operations.export import export
from glocal_rdf.operations.validate import validate_source_graphs
from glocal_rdf.triples.terms import unquote

PREFIXES = "@prefix : <https://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHAPES = (
    PREFIXES
    + """
:CityShape a sh:NodeShape ; sh:targetClass :City ;
    sh:property [ sh:path :country ; sh:minCount 1 ] , [ sh:path :mayor ; sh:minCount 1 ; sh:severity sh:Warning ] .
:TownShape a sh:NodeShape ; sh:targetClass :Town ; sh:property [ sh:path :country ; sh:minCount 1 ] .
"""
)
DATA = PREFIXES + ":taipei a :City ; :country :taiwan . :lyon a :City ; :mayor :somebody . :village a :Town .\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Data and shapes as files."""
    for name, text in (("data.ttl", DATA), ("shapes.ttl", SHAPES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "data.ttl", tmp_path / "shapes.ttl"


def test_files_paths_texts_and_rdflib_graphs_are_validated_alike(files: tuple[Path, Path]) -> None:
    data, shapes = files
    graph = rdflib.Graph().parse(data)
    reports = [
        validate(data, shapes=shapes),
        validate(str(data), shapes=str(shapes)),
        validate(graph, shapes=rdflib.Graph().parse(shapes)),
        validate(Triples.read(data), shapes=Triples.read(shapes)),
        validate([data, Triples.empty()], shapes=[shapes]),
    ]
    assert [(report.conforms, report.total) for report in reports] == [(False, 3)] * 5
    assert [str(location) for location in reports[0].locations[0]] == [str(data)]
    assert reports[2].locations == {}


def test_results_are_traced_to_the_file_that_has_the_node_and_never_to_another(files: tuple[Path, Path]) -> None:
    other = Triples.parse(PREFIXES + ":paris a :City ; :mayor :somebody .", "turtle")
    report = validate([files[0], other], shapes=files[1], only_shapes=["CityShape"])
    found = {result.focus: report.locations.get(number) for number, result in enumerate(report.results)}
    assert found["<https://example.org/paris>"] is None
    assert [str(location) for location in found["<https://example.org/lyon>"] or ()] == [str(files[0])]


def test_imports_that_are_not_followed_are_warnings(files: tuple[Path, Path]) -> None:
    shapes = files[1]
    more = "<> <http://www.w3.org/2002/07/owl#imports> <https://example.org/more> .\n"
    shapes.write_text(SHAPES + more, encoding="utf-8")
    assert ["is not fetched" in str(problem) for problem in validate(files[0], shapes=shapes).warnings] == [True]


def test_an_endpoint_is_validated(endpoint: str) -> None:
    text = (
        PREFIXES + ":S a sh:NodeShape ; sh:targetSubjectsOf :since ; sh:property [ sh:path :until ; sh:minCount 1 ] ."
    )
    report = validate(endpoint, shapes=Triples.parse(text, "turtle"))
    assert (report.total, report.locations) == (1, {})
    with pytest.raises(EndpointError, match="has more than"):
        validate(endpoint, shapes=Triples.parse(text, "turtle"), max_triples=0)


def test_every_option_of_the_command_is_there(files: tuple[Path, Path]) -> None:
    data, shapes = files
    both = validate(data, "both", shapes=shapes)
    assert (both.engine, both.engine_differences) == ("columns", ())
    assert validate(data, "pyshacl", shapes=shapes).engine == "pyshacl"
    assert validate(data, shapes=shapes, only_shapes=["TownShape"]).total == 1
    assert validate(data, shapes=shapes, only_focus=["https://example.org/lyon"]).total == 1
    one = validate(data, shapes=shapes, max_results=1)
    assert (len(one.results), one.total) == (1, 3)
    assert one.results[0].severity.endswith("#Violation>")
    mild = validate(data, shapes=shapes, only_focus=["https://example.org/taipei"], severity="violation")
    assert (mild.conforms, mild.fails) == (False, False)
    with pytest.raises(ShapesError, match=r"did you mean <https://example\.org/CityShape>"):
        validate(data, shapes=shapes, only_shapes=["CityShap"])


def test_the_ontology_gives_superclasses(files: tuple[Path, Path]) -> None:
    text = PREFIXES + "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . :Capital rdfs:subClassOf :City ."
    capital = Triples.parse(PREFIXES + ":paris a :Capital .", "turtle")
    assert not validate(capital, shapes=files[1]).validated
    assert validate(capital, shapes=files[1], ontology=Triples.parse(text, "turtle")).total == 2


def test_unsupported_features_are_refused_reported_or_ignored() -> None:
    text = SHAPES + ":CityShape sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :p ; sh:object :o ] ."
    data, shapes = Triples.parse(DATA, "turtle"), Triples.parse(text, "turtle")
    with pytest.raises(ShapesError):
        validate(data, shapes=shapes)
    reported = validate(data, shapes=shapes, report_unsupported=True)
    assert reported.unsupported
    assert not reported.complete
    assert validate(data, shapes=shapes, ignore_unsupported=True).complete


@pytest.mark.slow
def test_a_build_is_validated_with_its_source_graphs(built: Build) -> None:
    alone, whole = validate(built), validate(built, source_graphs=True)
    assert alone.conforms
    assert whole.conforms
    assert sum(whole.reached.values()) > sum(alone.reached.values())
    assert len(whole.parts) == 1 + len(built.source_graphs)
    assert [source.name for source, _ in validate_source_graphs(built)] == [one.name for one in built.source_graphs]
    with pytest.raises(TypeError, match="validated against its own project"):
        validate(built, shapes=Triples.empty())


def test_shapes_of_a_project_validate_other_data(small: Path) -> None:
    project = Project.open(small)
    text = "@prefix ex: <https://data.example/ontology#> . <https://data.example/id/x> a ex:City ."
    report = validate(Triples.parse(text, "turtle"), project=project)
    assert (report.fails, report.total) == (True, 1)
    assert validate(build(project)).conforms


def test_why_nothing_was_validated_is_explained(files: tuple[Path, Path]) -> None:
    assert "has no triples" in validate(Triples.empty(), shapes=files[1]).why_not_validated
    other = Triples.parse("<urn:x:a> <urn:x:b> <urn:x:c> .", "turtle")
    assert validate(other, shapes=files[1]).why_not_validated == "no target of a shape matched a focus node"
    assert validate(other, shapes=other).why_not_validated == "no shape has a target"


@pytest.mark.parametrize("name", ["https://example.org/data.ttl", "table.csv"])
def test_what_is_not_rdf_is_refused_with_a_hint(tmp_path: Path, files: tuple[Path, Path], name: str) -> None:
    with pytest.raises(InputError):
        validate(tmp_path / name if name == "table.csv" else Path(name), shapes=files[1])


def test_what_is_shown_in_a_notebook_is_short_and_has_no_markup_of_the_data(files: tuple[Path, Path]) -> None:
    data = Triples.parse('<urn:x:a> <http://www.w3.org/2004/02/skos/core#prefLabel> "<script>"@en .', "turtle")
    answer = ask(data, "SELECT ?label { ?s ?p ?label }")
    report = validate(files[0], shapes=files[1])
    for one in (data, answer, report, ask(data, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }")):
        assert len(repr(one)) < 80
        html = one._repr_html_()
        assert html.startswith("<table><caption>")
        assert "<script>" not in html
    assert "skos:prefLabel" in data._repr_html_()
    assert repr(answer) == "<Answer: 1 rows>"
    assert ask(data, "ASK {}")._repr_html_() == "yes"
    assert "does not conform: 3 results" in report._repr_html_()


def test_a_build_is_shown_without_computing_anything(small: Path) -> None:
    built = build(Project.open(small))
    assert "triples stated" in built._repr_html_()
    assert not {"_inference", "source_graphs", "store"} & vars(built).keys()


def test_named_graphs_are_in_a_store_of_their_own(built: Build) -> None:
    text = "SELECT * { GRAPH ?g { ?s ?p ?o } } LIMIT 1"
    assert len(ask(built, text)) == 1
    assert built.store is not built.dataset_store
    assert len(built.store.query(text, graphs=None).rows()) == 0


@pytest.mark.parametrize("form", ["text", "json", "turtle", "markdown", "sarif", "junit", "github"])
def test_reports_are_rendered_in_every_format(files: tuple[Path, Path], form: str) -> None:
    text = render_report(validate(files[0], shapes=files[1]), form)
    assert "lyon" in (text.decode() if isinstance(text, bytes) else text)


def test_a_source_graph_is_exported_alone(built: Build) -> None:
    assert export(built, "ntriples", source="ror") == export(built, "ntriples", source=built.source_graphs[-2].iri)
    with pytest.raises(OutputError, match="written alone"):
        export(built, source="ror", ontology=True)


def test_a_description_is_not_written_over_a_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,n\na,1\n", encoding="utf-8")
    text, found = describe_table(str(tmp_path / "t.csv"), tmp_path / "t.csv-metadata.json")
    assert '"tableSchema"' in text
    assert found.document
    with pytest.raises(OutputError, match="is not a description"):
        describe_table(str(tmp_path / "t.csv"), tmp_path / "t.csv")


def test_former_names_work_with_a_warning(built: Build) -> None:
    with pytest.warns(DeprecationWarning, match=r"glocal_rdf\.verbs is called glocal_rdf\.operations now"):
        importlib.import_module("glocal_rdf.verbs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        verbs = importlib.import_module("glocal_rdf.verbs")
        assert all(callable(getattr(verbs, name)) for name in _NAMES_OF_VERBS)
        assert verbs.validate is validate
        assert importlib.import_module("glocal_rdf.verbs.external").External is verbs.External
        assert importlib.import_module("glocal_rdf.verbs.building").Build is Build
    with pytest.warns(DeprecationWarning, match=r"cli\.terminal is called glocal_rdf\.cli\.output now"):
        terminal = importlib.import_module("glocal_rdf.cli.terminal")
    assert {"print_table", "open_project", "project_option", "make_folder"} <= set(dir(terminal))
    with pytest.warns(DeprecationWarning, match=r"cli\.ending is called glocal_rdf\.cli\.exit_codes now"):
        importlib.import_module("glocal_rdf.cli.ending")
    for former, today in (("plain", built.truthy), ("sources", built.source_graphs), ("external", built.named_graphs)):
        with pytest.warns(DeprecationWarning, match=f"Build.{former} is called"):
            assert getattr(built, former) == today
    for module, former, today in (
        ("claims", "Told", glocal_rdf.SourceStatements),
        ("claims.explanation", "Told", glocal_rdf.SourceStatements),
        ("questions", "show", unquote),
        ("questions.answers", "show", unquote),
    ):
        with pytest.warns(DeprecationWarning, match=f"{module}.{former} is called"):
            assert getattr(importlib.import_module(f"glocal_rdf.{module}"), former) is today
    with pytest.warns(DeprecationWarning, match="SourceGraph.describe"):
        assert built.source_graphs[0].say("title")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = built.nothing
