"""`glocal csvw` converts, checks and describes tables by the W3C's CSV on the Web."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Run

from glocal_rdf import operations
from glocal_rdf.triples import Triples

TABLE = "name,country,population\nTaipei,Taiwan,2600000\nLyon,France,520000\n"
METADATA = {
    "@context": "http://www.w3.org/ns/csvw",
    "url": "cities.csv",
    "tableSchema": {
        "aboutUrl": "https://example.org/{name}",
        "primaryKey": "name",
        "columns": [
            {"name": "name", "titles": "name", "propertyUrl": "schema:name", "lang": "en"},
            {
                "titles": "country",
                "propertyUrl": "schema:containedInPlace",
                "valueUrl": "https://example.org/{country}",
            },
            {"titles": "population", "propertyUrl": "https://example.org/population", "datatype": "integer"},
        ],
    },
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "cities.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "cities.csv-metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
    return tmp_path / "cities.csv"


EXPECTED = """
@prefix : <https://example.org/> . @prefix schema: <http://schema.org/> .
:Taipei schema:name "Taipei"@en ; schema:containedInPlace :Taiwan ; :population 2600000 .
:Lyon schema:name "Lyon"@en ; schema:containedInPlace :France ; :population 520000 .
"""


@pytest.mark.parametrize("form", ["turtle", "ntriples", "jsonld", "rdfxml"])
def test_a_table_becomes_the_graph_that_its_description_says(run: Run, table: Path, form: str) -> None:
    result = run("csvw", table, "-f", form)
    assert result.exit_code == 0, result.stderr
    assert Triples.parse(result.stdout, form) == Triples.parse(EXPECTED, "turtle")


def test_a_description_stands_for_its_table(run: Run, table: Path) -> None:
    result = run("csvw", f"{table}-metadata.json", "-f", "ntriples")
    assert Triples.parse(result.stdout, "ntriples") == Triples.parse(EXPECTED, "turtle")


def test_standard_mode_tells_of_tables_and_rows(run: Run, table: Path) -> None:
    triples = Triples.parse(run("csvw", table, "--mode", "standard", "-f", "ntriples").stdout, "ntriples")
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert len(triples.match(predicate=kind, object="<http://www.w3.org/ns/csvw#Row>")) == 2


def test_a_result_is_written_to_a_file(run: Run, table: Path, tmp_path: Path) -> None:
    assert run("csvw", table, "-o", tmp_path / "out.nt").exit_code == 0
    assert Triples.read(tmp_path / "out.nt") == Triples.parse(EXPECTED, "turtle")


def test_a_table_larger_than_memory_is_converted_in_batches(run: Run, table: Path, tmp_path: Path) -> None:
    assert run("csvw", table, "--stream", "-o", tmp_path / "out.nt.gz").exit_code == 0
    assert Triples.read(tmp_path / "out.nt.gz") == Triples.parse(EXPECTED, "turtle")


def test_a_sound_table_passes_the_check(run: Run, table: Path) -> None:
    assert run("csvw", "--check", table).exit_code == 0


def test_a_broken_cell_fails_the_check_and_is_named(run: Run, table: Path) -> None:
    table.write_text(TABLE.replace("520000", "many") + "Lyon,Italy,1\n", encoding="utf-8")
    result = run("csvw", "--check", table)
    told = result.stdout + result.stderr
    assert result.exit_code == 1
    assert "cities.csv:3: population: 'many' is not" in told
    assert "cities.csv:4" in told


def test_problems_are_told_to_programs(run: Run, table: Path) -> None:
    table.write_text(TABLE.replace("520000", "many"), encoding="utf-8")
    assert "many" in json.dumps(json.loads(run("csvw", "--check", "--json", table).stdout))
    github = run("csvw", "--check", "--github", table)
    assert "::error file=" in github.stdout + github.stderr


def test_a_bare_table_is_described_as_a_guess_that_works(run: Run, tmp_path: Path) -> None:
    bare = tmp_path / "bare.csv"
    bare.write_text(TABLE, encoding="utf-8")
    guess = run("csvw", "--describe", bare)
    assert "guess" in guess.stdout
    (tmp_path / "bare.csv-metadata.json").write_text(guess.stdout, encoding="utf-8")
    converted = Triples.parse(run("csvw", bare, "-f", "ntriples").stdout, "ntriples")
    integer = "<http://www.w3.org/2001/XMLSchema#integer>"
    assert {term for _, _, term in converted if term.endswith(integer)} == {
        f'"{n}"^^{integer}' for n in (2600000, 520000)
    }


ODS = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = f"""<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>"""
CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ROWS = [line.split(",") for line in TABLE.splitlines()]
CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="cities">{}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def write_xlsx(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("cities")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, [int(cell) if cell.isdigit() else cell for cell in row])


def write_ods(path: Path) -> None:
    rows = "".join(f"<table:table-row>{''.join(map(CELL.format, row))}</table:table-row>" for row in ROWS)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", ODS)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", CONTENT.format(rows))


@pytest.mark.parametrize(("ending", "write"), [("xlsx", write_xlsx), ("ods", write_ods)])
def test_a_spreadsheet_is_a_table_like_any_other(
    run: Run, tmp_path: Path, ending: str, write: Callable[[Path], None]
) -> None:
    sheet = tmp_path / f"cities.{ending}"
    write(sheet)
    metadata = {**METADATA, "url": sheet.name}
    (tmp_path / f"{sheet.name}-metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    result = run("csvw", sheet, "-f", "ntriples")
    assert result.exit_code == 0, result.stderr
    assert Triples.parse(result.stdout, "ntriples") == Triples.parse(EXPECTED, "turtle")


def test_the_bundled_tables_pass_the_check_and_give_what_the_build_states(run: Run, built: operations.Build) -> None:
    metadata = ROOT / "data" / "csv-metadata.json"
    assert run("csvw", "--check", metadata).exit_code == 0
    converted = Triples.parse(run("csvw", metadata, "-f", "ntriples").stdout, "ntriples")
    assert not len(converted.difference(built.stated))


@pytest.mark.parametrize("content", [b"name\n\xff\xfe\xa5", b"name,country,population\na\x00b,c,1\n"])
def test_what_cannot_be_read_is_told(run: Run, table: Path, content: bytes) -> None:
    table.write_bytes(content)
    result = run("csvw", table)
    assert result.exit_code == 2
    assert "cities.csv" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_empty_table_is_told(run: Run, table: Path) -> None:
    table.write_bytes(b"")
    assert "cities.csv: is empty" in run("csvw", table).stderr
    assert run("csvw", "--check", table).exit_code == 1


def test_a_missing_file_is_told(run: Run, tmp_path: Path) -> None:
    result = run("csvw", tmp_path / "none.csv")
    assert result.exit_code == 2
    assert "none.csv" in result.stderr
