"""Tables of a graph become exactly the same graph again, whatever is in it; what they cannot hold is beside them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from conftest import ROOT, Builds
from hypothesis import given, settings
from odd_graphs import odd_graphs

from glocal_rdf import Build, csvw, export_form
from glocal_rdf.exports import DescribedGraph, Exported, find_form
from glocal_rdf.exports.tables import DESCRIPTION, OTHER_GRAPH
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

EX, XSD = "https://e.org/", "http://www.w3.org/2001/XMLSchema#"


def write(text: str, ontology: str = "") -> tuple[Triples, Exported]:
    head = f"@prefix : <{EX}> . @prefix xsd: <{XSD}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    graph = Triples.parse(head + text, "turtle")
    return graph, find_form("csv").write(DescribedGraph(graph, Triples.parse(head + ontology, "turtle")))


def read_back(exported: Exported, folder: Path) -> tuple[Triples, csvw.Conversion]:
    """Return what the files of an export say together, and the conversion of its tables."""
    folder.mkdir(exist_ok=True)
    for name, data in exported.files.items():
        (folder / name).write_bytes(data)
    conversion = csvw.convert(folder / DESCRIPTION)
    rest = exported.files.get(OTHER_GRAPH, b"")
    return conversion.triples.union(Triples.parse(rest, "ntriples")), conversion


def cells(exported: Exported, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(exported.files[name].decode(), newline="")))


@pytest.mark.slow
@pytest.mark.parametrize("project", [".", "examples/city-spreadsheet", "examples/document-claims"])
def test_the_tables_of_a_project_are_its_graph(project: str, builds: Builds, tmp_path: Path) -> None:
    built = builds.build(Project.open(ROOT / project))
    exported = export_form(built, "csv")
    graph, conversion = read_back(exported, tmp_path)
    assert graph == built.triples
    assert conversion.problems == ()
    assert OTHER_GRAPH not in exported.files


def test_the_rows_of_a_project_are_those_of_its_own_tables(builds: Builds) -> None:
    folder = ROOT / "examples" / "city-spreadsheet"
    exported = export_form(builds.build(Project.open(folder)), "csv")
    with (folder / "data" / "parks.csv").open(encoding="utf-8", newline="") as file:
        parks = {row["id"]: row for row in csv.DictReader(file)}
    shown = list(csv.DictReader(io.StringIO(exported.files["Park.csv"].decode())))
    assert {row["id"] for row in shown} == parks.keys()
    for row in shown:
        park = parks[row["id"]]
        assert row["area in hectares"] == park["area_ha"]
        assert row["containedInPlace"] == park["district"]
        assert set(row["facility"].split(";")) == set(park["facilities"].split(";"))
        assert (row["prefLabel (en)"], row["prefLabel (zh-Hant)"]) == (park["name_en"], park["name_zh"])


def test_the_description_has_the_dataset_and_refers_from_table_to_table(builds: Builds) -> None:
    exported = export_form(builds.build(Project.open(ROOT / "examples" / "city-spreadsheet")), "csv")
    about = json.loads(exported.files[DESCRIPTION])
    assert about["@id"] == "https://data.willowbay.example/dataset/parks"
    assert about["dc:license"] == {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"}
    park = next(table for table in about["tables"] if table["url"] == "Park.csv")
    assert park["tableSchema"]["foreignKeys"] == [
        {"columnReference": "containedInPlace", "reference": {"resource": "District.csv", "columnReference": "id"}}
    ]


@pytest.mark.slow
def test_the_same_graph_gives_the_same_bytes(built: Build) -> None:
    assert export_form(built, "csv").files == export_form(built, "csv").files


def test_a_thing_stands_in_the_table_of_its_most_specific_class() -> None:
    _, exported = write(
        ":a a :City, :Place . :b a :Place . :c a :City, :Thing . :d a :Town .",
        ":City rdfs:subClassOf :Place . :Place rdfs:subClassOf :Thing .",
    )
    assert cells(exported, "City.csv") == [["id", "type"], ["a", "Place"], ["c", "Thing"]]
    assert cells(exported, "Place.csv") == [["id"], ["b"]]
    assert cells(exported, "Town.csv") == [["id"], ["d"]]


def test_languages_and_datatypes_have_columns_of_their_own(tmp_path: Path) -> None:
    graph, exported = write(
        ':a a :C ; :name "A"@en, "甲"@zh-Hant ; :since "1999"^^xsd:gYear, "1999-01-02"^^xsd:date ; :see :b, "text" .'
    )
    head, row = cells(exported, "C.csv")
    assert dict(zip(head, row, strict=True)) == {
        "id": "a", "name (en)": "A", "name (zh-Hant)": "甲", "since (gYear)": "1999", "since (date)": "1999-01-02",
        "see (IRI)": "b", "see": "text",
    }  # fmt: skip
    assert read_back(exported, tmp_path)[0] == graph


def test_values_with_separators_quotes_and_line_breaks_are_kept(tmp_path: Path) -> None:
    graph, exported = write(r""":a a :C ; :p "x;y", "|", " \"q\" ", "a\nb", "a\r\nb", "\r", "#c", "=1+1", "," .""")
    assert read_back(exported, tmp_path)[0] == graph
    column = json.loads(exported.files[DESCRIPTION])["tables"][0]["tableSchema"]["columns"][1]
    assert column["separator"] == "¦"


def test_things_without_a_class_are_in_a_table_of_statements(tmp_path: Path) -> None:
    graph, exported = write(':a :p "x"@en, 5, :b . :b :q "y" .')
    assert cells(exported, "other.csv")[0][:2] == ["iri", "property"]
    assert read_back(exported, tmp_path)[0] == graph
    assert exported.notes == ()


def test_what_no_table_can_hold_is_beside_them_and_counted(tmp_path: Path) -> None:
    graph, exported = write(
        ':a a :C ; :p [ :q "nested" ], "", "x"^^xsd:integer, "1"^^xsd:boolean, 7 . :ü a :U ; :p 1 . :b a :C ; :see :é .'
    )
    (note,) = exported.notes
    assert note == (
        "other.nt has the 8 statements that tables cannot hold: 2 with blank nodes; 3 with IRIs that URI templates "
        "percent-encode; 3 with literals that are empty, not of their datatype, or not in its usual form"
    )
    again, conversion = read_back(exported, tmp_path)
    assert again.is_isomorphic(graph)
    assert conversion.problems == ()
    # What has such an IRI can be read in the tables all the same.
    assert cells(exported, "U.csv") == [["iri", "p"], ["https://e.org/ü", "1"]]
    assert ["b", "", "https://e.org/é"] in cells(exported, "C.csv")


def test_properties_and_classes_of_one_name_stay_apart(tmp_path: Path) -> None:
    graph, exported = write(
        ":a a :C, <urn:x:C> ; :id 1 ; <urn:x:id> 2 ; :subject 3 ; :class 4 . <urn:y:b> a <https://other.org/c> ; :p 1 ."
        " :x a :other . :y a :con . :z a <https://e.org/城市> . :w a <https://e.org/a%20b> ; :iri 1 ."
    )
    assert len({name.lower() for name in exported.files}) == len(exported.files)
    assert {"C.csv", "https-e-org-other.csv", "con-table.csv", "城市.csv"} <= exported.files.keys()
    assert read_back(exported, tmp_path)[0] == graph


def test_an_empty_graph_has_an_empty_table() -> None:
    _, exported = write("")
    assert exported.files["other.csv"] == b"iri,property\n"


@pytest.mark.slow
@given(odd_graphs)
@settings(max_examples=120, deadline=None)
def test_any_graph_becomes_itself_again(
    tmp_path_factory: pytest.TempPathFactory, graph: list[tuple[str, str, str]]
) -> None:
    given_graph = Triples.from_terms(graph)
    exported = find_form("csv").write(DescribedGraph(given_graph, Triples.empty()))
    again, conversion = read_back(exported, tmp_path_factory.mktemp("tables"))
    assert again == given_graph
    assert [problem for problem in conversion.problems if problem.level == "error"] == []
