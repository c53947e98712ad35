"""Every triple of the output leads back to the cells that it came from; a bare table gets a first description."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from glocal_rdf import csvw
from glocal_rdf.errors import GlocalError

TABLE = """id,name,broader,kind,note
1,Taipei,,schema:City,"a
b"
2,Lyon,1,schema:City,
3,Ōtsu,1 2,schema:Place,x
"""
DESCRIPTION = {
    "@context": "http://www.w3.org/ns/csvw",
    "url": "t.csv",
    "tableSchema": {
        "aboutUrl": "http://e.org/id/{id}",
        "columns": [
            {"name": "id", "titles": "id", "suppressOutput": True},
            {"name": "name", "titles": "name", "propertyUrl": "skos:prefLabel", "lang": "en"},
            {"name": "broader", "titles": "broader", "propertyUrl": "skos:broader", "separator": " ", "valueUrl": "http://e.org/id/{broader}"},
            {"name": "kind", "titles": "kind", "propertyUrl": "rdf:type", "valueUrl": "{+kind}"},
            {"name": "note", "titles": "note", "propertyUrl": "skos:note"},
            {"name": "shown", "virtual": True, "propertyUrl": "schema:url", "valueUrl": "http://e.org/page/{name}"},
        ],
    },
}  # fmt: skip


@pytest.fixture
def conversion(tmp_path: Path) -> csvw.Conversion:
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "t.csv-metadata.json").write_text(json.dumps(DESCRIPTION))
    return csvw.convert(tmp_path / "t.csv", lists="each")


def told(cells: list[csvw.Cell]) -> list[tuple[int, str, str]]:
    assert {Path(c.file).name for c in cells} <= {"t.csv"}
    return [(c.row, c.column, c.value) for c in cells]


def test_a_subject_leads_to_the_cells_that_name_it(conversion: csvw.Conversion) -> None:
    assert told(csvw.locate(conversion, "http://e.org/id/2")) == [(4, "id", "2")]


def test_a_triple_leads_to_the_cell_that_says_it(conversion: csvw.Conversion) -> None:
    label, broader = "<http://www.w3.org/2004/02/skos/core#prefLabel>", "<http://www.w3.org/2004/02/skos/core#broader>"
    assert told(csvw.locate(conversion, "<http://e.org/id/3>", label, '"Ōtsu"@en')) == [(5, "name", "Ōtsu")]
    assert told(csvw.locate(conversion, "http://e.org/id/3", broader, "http://e.org/id/2")) == [(5, "broader", "1 2")]
    assert told(csvw.locate(conversion, predicate=broader, object="http://e.org/id/1")) == [
        (4, "broader", "1"),
        (5, "broader", "1 2"),
    ]
    assert told(csvw.locate(conversion, object="http://schema.org/Place")) == [(5, "kind", "schema:Place")]


def test_a_virtual_column_leads_to_the_cells_that_its_template_uses(conversion: csvw.Conversion) -> None:
    [cell] = csvw.locate(conversion, object="http://e.org/page/%C5%8Ctsu")
    assert (cell.row, cell.column, cell.value) == (5, "name", "Ōtsu")


def test_every_triple_comes_from_somewhere(conversion: csvw.Conversion) -> None:
    assert len(conversion.triples) == 14
    for triple in conversion.triples:
        assert csvw.locate(conversion, *triple), triple


@pytest.mark.parametrize("term", ["http://e.org/id/9", "http://other.org/1", "_:b0", '"x"'])
def test_what_the_tables_do_not_say_leads_nowhere(conversion: csvw.Conversion, term: str) -> None:
    assert csvw.locate(conversion, term) == []
    assert csvw.locate(conversion) == []


def test_hundreds_of_questions_are_quick(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,v\n" + "".join(f"{i},{i % 100}\n" for i in range(20_000)))
    schema = {"aboutUrl": "http://e.org/{id}", "columns": [{"name": n, "titles": n} for n in ("id", "v")]}
    (tmp_path / "m.json").write_text(
        json.dumps({"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": schema})
    )
    conversion = csvw.convert(tmp_path / "m.json")
    started = time.perf_counter()
    for i in range(500):
        [cell] = csvw.locate(conversion, f"http://e.org/{i * 7}")
        assert cell.row == i * 7 + 2
    assert time.perf_counter() - started < 10


# --- describe


def test_a_description_is_guessed_that_the_table_satisfies(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_text(
        "id;name_en;name_zh;founded year;population;opened;share;web;zip;seen\n"
        'a;Taipei;臺北;1884;"2,480,681";1.2.2020;1.50;http://e.org/a;0123;NA\n'
        "b;Lyon;里昂;;500;31.12.1999;2;http://e.org/b;0456;3\n"
    )
    description = csvw.describe(tmp_path / "cities.csv").document
    columns = {c["name"]: c for c in description["tableSchema"]["columns"]}
    assert description["dialect"] == {"delimiter": ";", "commentPrefix": None}
    assert (description["tableSchema"]["primaryKey"], description["tableSchema"]["aboutUrl"]) == ("id", "#{id}")
    assert (columns["name_en"]["lang"], columns["name_zh"]["lang"]) == ("en", "zh")
    assert {n: c.get("datatype") for n, c in columns.items()} == {
        "id": None,
        "name_en": None,
        "name_zh": None,
        "founded_year": "gYear",
        "population": {"base": "integer", "format": {"decimalChar": ".", "groupChar": ","}},
        "opened": {"base": "date", "format": "d.M.yyyy"},
        "share": "decimal",
        "web": "anyURI",
        "zip": None,
        "seen": "integer",
    }
    assert columns["seen"]["null"] == ["", "NA"]
    assert "guess" in description["notes"][0]["rdfs:comment"]
    (tmp_path / "cities.csv-metadata.json").write_text(json.dumps(description))
    assert {p.kind for p in csvw.check(tmp_path / "cities.csv")} <= {"open-decision"}


@pytest.mark.parametrize("content", ["", "a,b\n", "a,a,\n1,2,3\n", "臺北,x\n1,\n", "a\n\n"])
def test_any_table_gets_a_description(tmp_path: Path, content: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    if not content:
        with pytest.raises(GlocalError, match="empty"):
            csvw.describe(tmp_path / "t.csv")
        return
    (tmp_path / "t.csv-metadata.json").write_text(json.dumps(csvw.describe(tmp_path / "t.csv").document))
    alone = ("has a header and no rows",) if content == "a,b\n" else ()
    assert tuple(p.what for p in csvw.check(tmp_path / "t.csv")) == alone
