"""`glocal csvw` converts, checks and describes tables by the W3C's CSV on the Web, and fetches only if told to."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError

import pytest
from conftest import ROOT, Run

from glocal_rdf import Build
from glocal_rdf.claims.expansion import expand_claims
from glocal_rdf.errors import EndpointError
from glocal_rdf.namespaces import SKOS, Term, term
from glocal_rdf.triples import Triples, terms

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


def test_ntriples_are_the_same_bytes_to_a_file_and_to_a_pipe(run: Run, table: Path, tmp_path: Path) -> None:
    table.write_text(TABLE + "Taipei,Taiwan,2600000\n", encoding="utf-8")
    result = run("csvw", table, "-o", tmp_path / "out.nt")
    assert "out.nt: 6 triples" in result.stderr
    assert run("csvw", table, "-f", "ntriples").stdout_bytes == (tmp_path / "out.nt").read_bytes()
    assert run("csvw", table, "--stream").stdout_bytes == (tmp_path / "out.nt").read_bytes()
    assert run("csvw", table, "--no-distinct", "-o", tmp_path / "all.nt").exit_code == 1  # the key stands twice
    assert (tmp_path / "all.nt").read_text().count("\n") == 9


def test_the_memory_that_other_formats_take_is_said(
    run: Run, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glocal_rdf.operations.csvw.LARGE", 50)
    assert "GB of memory or more; -f ntriples takes" in run("csvw", table, "-o", tmp_path / "out.ttl").stderr
    assert "GB of memory" not in run("csvw", table, "-o", tmp_path / "out.nt").stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of files")
def test_a_temporary_file_that_cannot_grow_is_one_line_and_exit_code_2(table: Path) -> None:
    """A limit stands for a full disk: both fail while a temporary file is written."""
    with table.open("a", encoding="utf-8") as file:
        file.writelines(f"city {number},Taiwan,{number}\n" for number in range(70_000))
    script = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
from glocal_rdf.cli import main
sys.argv = ["glocal", "csvw", {str(table)!r}, "-f", "ntriples"]
main()
"""
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        env=os.environ | {"TMPDIR": str(table.parent)},
    )
    message = result.stderr.decode()
    assert (result.returncode, result.stdout) == (2, b"")
    assert message.count("\n") == 1, message
    assert f"{table.parent}: cannot hold temporary files (File too large)" in message
    assert {path.name for path in table.parent.iterdir()} == {"cities.csv", "cities.csv-metadata.json"}


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
    github = run("csvw", "--check", "-f", "github", table)
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


@pytest.mark.slow
def test_the_bundled_tables_pass_the_check_and_give_what_the_build_states(run: Run, built: Build) -> None:
    metadata = ROOT / "data" / "csv-metadata.json"
    assert run("csvw", "--check", metadata).exit_code == 0
    converted = Triples.parse(run("csvw", metadata, "-f", "ntriples").stdout, "ntriples")
    notations = built.project.ontology.match(predicate=term(SKOS, "notation"))
    bounds = {terms.unquote(value): Term(subject) for subject, _, value in notations}
    assert not len(expand_claims(converted, bounds=bounds).triples.difference(built.stated))


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


def test_the_command_describes_checks_and_converts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,n\na,1\nb,2\n")
    table = str(tmp_path / "t.csv")
    assert run("csvw", "--describe", table, "-o", f"{table}-metadata.json").exit_code == 0
    assert run("csvw", "--check", table).exit_code == 0
    result = run("csvw", table, "--base", "http://e.org/t.csv", "-f", "ntriples")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 4)
    assert (
        '<http://e.org/t.csv#a> <http://e.org/t.csv#n> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .'
        in result.stdout
    )
    streamed = tmp_path / "out.nt"
    assert run("csvw", table, "--base", "http://e.org/t.csv", "--stream", "-o", str(streamed)).exit_code == 0
    assert sorted(streamed.read_text().splitlines()) == sorted(result.stdout.splitlines())


def test_check_tells_errors_as_text_json_and_annotations(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,n\na,1\nb,x\n")
    columns = [{"name": "id", "titles": "id"}, {"name": "n", "titles": "n", "datatype": "integer"}]
    (tmp_path / "t.csv-metadata.json").write_text(
        json.dumps({"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": {"columns": columns}})
    )
    table = str(tmp_path / "t.csv")
    text = run("csvw", "--check", table)
    assert (text.exit_code, text.stdout) == (1, "")
    assert text.stderr.splitlines() == [
        f"{table}:3: n: 'x' is not a whole number (xsd:integer); write digits only",
        "rows: 2 read, 2 checked; 1 cell is not of the datatype",
    ]
    as_json = run("csvw", "--check", "--json", table)
    report = json.loads(as_json.stdout)
    [problem] = report["problems"]
    assert (report["accounts"]["total"]["read"], as_json.stderr) == (2, "")
    assert (problem["file"], problem["row"], problem["column"], problem["value"]) == (table, 3, "n", "x")
    annotations = run("csvw", "--check", "-f", "github", table)
    assert (
        annotations.stdout
        == f"::error file={table},line=3::n: 'x' is not a whole number (xsd:integer); write digits only\n"
    )


def test_a_stream_is_packed_and_whole_or_not_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id\na\n")
    (tmp_path / "bad.csv").write_text('id\n"a\n')
    assert run("csvw", str(tmp_path / "t.csv"), "--stream", "-o", str(tmp_path / "out.nt.gz")).exit_code == 0
    assert gzip.decompress((tmp_path / "out.nt.gz").read_bytes()).count(b"\n") == 1
    failed = run("csvw", str(tmp_path / "bad.csv"), "--stream", "-o", str(tmp_path / "bad.nt"))
    assert failed.exit_code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv", "out.nt.gz", "t.csv"]


ANSWERS = {
    "http://e.org/t.csv": (b"id,n\na,1\n", {"link": '<m.json>; rel="describedby"; type="application/csvm+json"'}),
    "http://e.org/m.json": (
        json.dumps(
            {
                "@context": "http://www.w3.org/ns/csvw",
                "url": "t.csv",
                "tableSchema": {"columns": [{"titles": "id"}, {"titles": "n", "datatype": "integer"}]},
            }
        ).encode(),
        {},
    ),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    addresses: list[str] = []

    def fetch(address: str, **_: object) -> tuple[bytes, dict[str, str]]:
        addresses.append(address)
        if address not in ANSWERS:
            missing = HTTPError(address, 404, "Not Found", None, None)  # type: ignore[arg-type]
            missing.close()
            raise EndpointError.at(address, "answered 404") from missing
        return ANSWERS[address]

    monkeypatch.setattr("glocal_rdf.endpoint.fetch", fetch)
    return addresses


def test_remote_tables_are_fetched_when_asked_for(run: Run, asked: list[str]) -> None:
    result = run("csvw", "http://e.org/t.csv", "--remote", "-f", "ntriples")
    assert (result.exit_code, asked[-1]) == (0, "http://e.org/t.csv")
    assert "http://e.org/m.json" in asked
    assert '<http://e.org/t.csv#n> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .' in result.stdout


def test_nothing_is_fetched_otherwise(run: Run, asked: list[str]) -> None:
    failed = run("csvw", "http://e.org/t.csv")
    assert (failed.exit_code, "--remote" in failed.stderr) == (2, True)
    assert asked == []
