"""The tables stay pleasant for people: sorted, described in both languages, and whole after a spreadsheet saved them.

A spreadsheet program guesses what a cell is and writes what it guessed. So no text may look like anything else, and
where a date or a code must, its column is typed, so that a changed cell is refused and never taken for another value.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from glocal_rdf import Build, build, csvw, explain
from glocal_rdf.errors import TableError
from glocal_rdf.project import WIKIBASE_TABLE, Project
from glocal_rdf.triples import Triples

DATA = ROOT / "data"
MAPPED = ROOT / WIKIBASE_TABLE
"""Maps terms to Wikidata's properties: settings of a command, not data that is described."""

TABLES = sorted({*DATA.glob("*.csv"), *(DATA / "external").glob("*.csv")} - {MAPPED})
LANGUAGES = {"en", "zh-Hant"}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
TYPED = {"date", "gYear", "gYearMonth", "integer", "nonNegativeInteger", "decimal", "double", "edtf"}
"""Datatypes of the columns whose cells may look like numbers and dates: what is changed there is refused."""

HIDDEN = {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"}
"""Kinds of characters that show nothing: controls, marks of direction and of joints, unknown ones, line separators."""

CODES = {"numeric": r"\d{3}"}
"""Columns of codes with zeros at the front, whose length the shapes ask for (tests/dataset/test_external.py)."""

Save = Callable[[list[list[str]]], bytes]


def named(path: Path) -> str:
    return str(path.relative_to(DATA))


def read_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))


def read_description(path: Path) -> dict[str, Any]:
    """The description of a table: in that of the group, or in a file of its own beside it."""
    own = path.with_name(f"{path.name}-metadata.json")
    described: dict[str, Any] = json.loads((own if own.exists() else DATA / "csv-metadata.json").read_text("utf-8"))
    [table] = [table for table in described.get("tables", [described]) if table["url"] == path.name]
    return dict(table)


def columns_of(path: Path) -> list[dict[str, Any]]:
    return [column for column in read_description(path)["tableSchema"]["columns"] if not column.get("virtual")]


def base_of(column: dict[str, Any]) -> str:
    datatype = column.get("datatype", "string")
    # A value of a claim has the datatype of its predicate; when a claim holds is a date of EDTF.
    if column["name"] == "value" or (isinstance(datatype, dict) and str(datatype.get("@id")).endswith("/EDTF")):
        return "edtf"
    return str(datatype if isinstance(datatype, str) else datatype.get("base", "string"))


def format_of(column: dict[str, Any]) -> str:
    datatype = column.get("datatype", {})
    asked = "" if isinstance(datatype, str) else str(datatype.get("format", ""))
    return asked or CODES.get(column["name"], "")


def natural(identifier: str) -> tuple[Any, ...]:
    """The order of ids: by name, passages by position, claims of a kind by number."""
    if found := re.fullmatch(r"(.*#char=)(\d+),(\d+)", identifier):
        return (found[1], int(found[2]), int(found[3]))
    if identifier.startswith("claim/") and (found := re.fullmatch(r"(.*?-)([a-z]?)(\d+)", identifier)):
        return (found[1], 0, int(found[3]), found[2])
    return (identifier,)


NAMED_BY: dict[str, Callable[[str], Any]] = {"predicates.csv": str.lower}


@pytest.mark.parametrize("path", TABLES, ids=named)
class TestATable:
    def test_is_sorted_by_id_and_names_each_thing_once(self, path: Path) -> None:
        rows = read_rows(path)[1:]
        ids = [row[0] for row in rows]
        if path.name == "claims.csv":  # the claims about a thing stand together, and in them those of a predicate
            assert rows == sorted(rows, key=lambda row: (row[1], row[2], natural(row[0])))
            assert len(set(ids)) == len(ids)
        elif isinstance(read_description(path)["tableSchema"]["primaryKey"], list):
            assert len({tuple(row) for row in rows}) == len(rows)  # several rows say different things of one thing
        else:
            assert ids == sorted(set(ids), key=NAMED_BY.get(path.name, natural))

    def test_has_no_column_that_is_empty(self, path: Path) -> None:
        header, *rows = read_rows(path)
        assert [name for at, name in enumerate(header) if not any(row[at] for row in rows)] == []

    def test_has_a_title_and_a_description_in_both_languages(self, path: Path) -> None:
        for key in ("dc:title", "dc:description"):
            assert {text["@language"] for text in read_description(path)[key] if text["@value"].strip()} == LANGUAGES

    def test_has_its_columns_explained_in_both_languages(self, path: Path) -> None:
        columns = columns_of(path)
        assert read_rows(path)[0] == [column["name"] for column in columns]
        for column in columns:
            for key in ("rdfs:label", "dc:description"):
                told = {text["@language"] for text in column.get(key, []) if text["@value"].strip()}
                assert told == LANGUAGES, f"{column['name']} lacks {key}"

    def test_is_utf_8_with_one_row_a_line(self, path: Path) -> None:
        content = path.read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        assert content.count(b"\n") == len(read_rows(path))

    def test_has_no_cell_that_a_person_could_not_see(self, path: Path) -> None:
        for line, row in enumerate(read_rows(path), 1):
            for cell in row:
                assert cell == cell.strip(), f"{path.name}:{line}: {cell!r}"
                assert not {c for c in cell if unicodedata.category(c) in HIDDEN or c in "\xa0\ufffd"}, (
                    f"{path.name}:{line}: {cell!r}"
                )

    def test_has_no_text_that_a_spreadsheet_takes_for_something_else(self, path: Path) -> None:
        columns, [_, *rows] = columns_of(path), read_rows(path)
        for line, row in enumerate(rows, 2):
            for column, cell in zip(columns, row, strict=True):
                reason = taken_for(cell)
                if reason and base_of(column) not in TYPED and not is_refused(column, cell):
                    told = f"{path.name}:{line}: {column['name']}: {cell!r} is taken for {reason}"
                    pytest.fail(f"{told}; where it is a wording, give a word beside it too")


MONTH, WORD = r"(0?[1-9]|1[0-2])", rf"({'|'.join(MONTHS)})[a-z]*"
TAKEN = {
    "a formula": [r"[=+@].+", r"-[^\d].*"],
    "a number with zeros that it drops": [r"[+-]?0\d+(\.\d+)?", r"[+-]?\d+\.\d*0"],
    "a number with signs that it drops": [r"\+\d.*", r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"],
    "a number that is too long for it": [r"[+-]?\d{16,}", r"[+-]?\d*\.\d{15,}"],
    "a number in scientific notation": [r"[+-]?\d+(\.\d+)?e[+-]?\d+"],
    "a truth value": ["true", "false"],
    "a fraction or a date": [rf"{MONTH}\s?[-/.]\s?\d{{1,2}}", rf"\d{{1,2}}\s?[-/.]\s?{MONTH}"],
    "a date": [
        rf"\d{{2,4}}[-/.年]\s?{MONTH}[-/.月]\s?\d{{1,2}}日?( .*)?",
        r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( .*)?",
        rf"\d{{4}}[-/]{MONTH}|{MONTH}[-/]\d{{4}}|{MONTH}月\d{{1,2}}日",
        rf"{WORD}[-/. ]?\d{{1,4}}|{WORD} \d{{1,2}},? \d{{2,4}}",
        rf"\d{{1,4}}[-/. ]?{WORD}([-/., ]+\d{{2,4}})?",
    ],
    "a time": [r"\d{1,3}:\d{2}(:\d{2})?( ?[ap]m)?", r"\d{1,2} ?[ap]m"],
    "an amount of money": [r"[$€£¥]\s?[\d.,]+", r"[\d.,]+\s?[€£¥]"],
    "an error": [r"#(n/a|ref!|name\?|null!|num!|value!|div/0!)"],
}


def taken_for(cell: str) -> str:
    """Tell what a spreadsheet takes a text for and writes otherwise, in some language of its user; empty if nothing."""
    folded = unicodedata.normalize("NFKC", cell).lower()
    return next((reason for reason, forms in TAKEN.items() if any(re.fullmatch(form, folded) for form in forms)), "")


def is_refused(column: dict[str, Any], cell: str) -> bool:
    """Tell whether a cell that has lost its zeros at the front would be refused by the format of its column."""
    changed = cell.lstrip("0")
    return bool(format_of(column)) and changed != cell and not re.fullmatch(format_of(column), changed)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("=1+2", "a formula"),
        ("@home", "a formula"),
        ("-and so on", "a formula"),
        ("036", "a number with zeros that it drops"),
        ("1.50", "a number with zeros that it drops"),
        ("1,234", "a number with signs that it drops"),
        ("+886", "a formula"),
        ("1234567890123456789", "a number that is too long for it"),
        ("1E5", "a number in scientific notation"),
        ("TRUE", "a truth value"),
        ("1-2", "a fraction or a date"),
        ("3/4", "a fraction or a date"),
        ("2016-10-11", "a date"),
        ("2016/10/11 18:42", "a date"),
        ("2006年2月24日", "a date"),
        ("2004-06", "a date"),
        ("MARCH1", "a date"),
        ("Sept 2001", "a date"),
        ("18:42", "a time"),
        ("NT$ 5", ""),
        ("-20", ""),
        ("57.048", ""),
        ("147-168", ""),
        ("47-80", ""),
        ("decentralization", ""),
        ("Mayors' Forum", ""),
        ("2006年2月24日召開", ""),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_takes_a_text_for_is_known(cell: str, reason: str) -> None:
    assert taken_for(cell) == reason


def save(delimiter: str = ",", encoding: str = "utf-8", quote: bool = False, end: str = "\n") -> Save:
    """A program that saves a table in a way of its own."""

    def saved(rows: list[list[str]]) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(
            text, delimiter=delimiter, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL, lineterminator=end
        )
        writer.writerows(rows)
        return text.getvalue().encode(encoding)

    return saved


def resave(folder: Path, program: Save, tables: str = "**/*.csv") -> None:
    for path in (folder / "data").glob(tables):
        path.write_bytes(program(read_rows(path)))


def convert_external(folder: Path) -> dict[str, Triples]:
    conversions = {}
    for description in sorted((folder / "data" / "external").glob("*-metadata.json")):
        conversion = csvw.convert(description)
        assert not conversion.errors
        conversions[description.name] = conversion.triples
    return conversions


@cache
def convert_own_external() -> dict[str, Triples]:
    return convert_external(ROOT)


def is_same(copy: Path, built: Build) -> bool:
    again = build(Project.open(copy))
    assert again.problems == ()
    assert convert_external(copy) == convert_own_external()
    return again.triples == built.triples


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [
        pytest.param(save(encoding="utf-8-sig"), id="byte-order-mark"),
        pytest.param(save(end="\r\n"), id="lines-of-windows"),
        pytest.param(save(quote=True), id="every-cell-quoted"),
        pytest.param(save(encoding="utf-8-sig", quote=True, end="\r\n"), id="all-of-them"),
        pytest.param(lambda rows: save()([rows[0], *rows[:0:-1]]), id="sorted-otherwise"),
    ],
)
def test_a_table_may_be_saved_in_many_ways(copy: Path, built: Build, program: Save) -> None:
    resave(copy, program)
    assert is_same(copy, built)


@pytest.mark.slow
def test_rows_may_be_emptied(copy: Path, built: Build) -> None:
    resave(copy, lambda rows: save()([*rows[:2], [""] * len(rows[0]), *rows[2:], [""] * len(rows[0])]), "*.csv")
    assert is_same(copy, built)


@pytest.mark.slow
def test_links_may_be_saved_in_many_ways(copy: Path, built: Build) -> None:
    for path in (copy / "data" / "links").glob("*.tsv"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert is_same(copy, built)


@pytest.mark.slow
def test_a_statement_leads_to_its_cell_in_a_table_with_a_byte_order_mark(copy: Path, built: Build) -> None:
    plain = explain(built, "icsc")
    resave(copy, save(encoding="utf-8-sig", quote=True, end="\r\n"))
    assert explain(build(Project.open(copy)), "icsc") == plain
    [cell] = csvw.locate(
        csvw.convert(copy / "data" / "csv-metadata.json"), "https://w3id.org/glocal/id/organization/icsc"
    )
    assert (cell.column, cell.value) == ("id", "organization/icsc")


@pytest.mark.parametrize(
    ("program", "told"),
    [
        pytest.param(save(encoding="utf-16", delimiter="\t"), "UTF-16.*save it as UTF-8", id="unicode-text"),
        pytest.param(lambda rows: save()(rows).decode().encode("cp950", "replace"), "is not UTF-8; save it", id="big5"),
        pytest.param(save(delimiter=";"), "^[^;]*is separated by semicolons, not by commas; save it", id="semicolons"),
        pytest.param(save(delimiter="\t"), "^[^;]*is separated by tabs, not by commas; save it", id="tabs"),
    ],
)
def test_what_cannot_be_read_is_told(copy: Path, program: Save, told: str) -> None:
    resave(copy, program)
    with pytest.raises(TableError, match=told):
        build(Project.open(copy))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "kind", "written"),
    [
        (r"\d{4}-\d\d-\d\d", "edtf", lambda y, m, d: f"{y}/{int(m)}/{int(d)}"),
        (r"\d{4}-\d\d-\d\d", "edtf", lambda y, m, d: f"{int(m)}/{int(d)}/{y}"),
        (r"\d{4}-\d\d-\d\d", "edtf", lambda y, m, d: f"{d}.{m}.{y}"),
        (r"\d{4}-\d\d", "edtf", lambda y, m: f"{MONTHS[int(m) - 1].title()}-{y[2:]}"),
    ],
    ids=["Taiwan", "United States", "Germany", "months"],
)
def test_a_date_that_a_spreadsheet_rewrote_is_refused_in_its_cell(
    copy: Path, pattern: str, kind: str, written: Callable[..., str]
) -> None:
    path = copy / "data" / "claims.csv"
    dated = [at for at, column in enumerate(columns_of(DATA / "claims.csv")) if base_of(column) == kind]
    rows, changed = read_rows(path), []
    for line, row in enumerate(rows[1:], 2):
        for at in dated:
            if re.fullmatch(pattern, row[at]):
                row[at] = written(*row[at].split("-"))
                changed.append((line, rows[0][at], row[at]))
    path.write_bytes(save()(rows))
    with pytest.raises(TableError) as caught:
        build(Project.open(copy))
    assert len(changed) > 20
    assert {(p.row, p.column, p.value) for p in caught.value.problems} == set(changed)
    assert all(p.hint.startswith("write a date of EDTF") for p in caught.value.problems)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """LibreOffice with a profile of its own; its absence is a failure under CI=true."""
    program = shutil.which("soffice")
    if not program:
        reason = "LibreOffice is not at hand (Debian: libreoffice-calc-nogui)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return [program, f"-env:UserInstallation={tmp_path_factory.mktemp('profile').as_uri()}", "--headless"]


@pytest.mark.slow
@pytest.mark.peer
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("form", "language", "guessing"),
    [("xlsx", "", "false"), ("ods", "1028", "true"), ("xlsx", "1033", "true")],
    ids=["as-it-opens", "guessing-in-Taiwan", "guessing-in-the-United-States"],
)
def test_libreoffice_changes_nothing(
    copy: Path, built: Build, office: list[str], tmp_path: Path, form: str, language: str, guessing: str
) -> None:
    """Open every table, save it as a workbook, open that, save it as CSV: cells and graph are the same.

    The options are those of LibreOffice's text import: comma, quotation mark, UTF-8, first line, formats, language,
    quoted cells as text, and whether it guesses dates; and of its export, which writes cells as they are shown.
    """
    opens = f"--infilter=CSV:44,34,76,1,,{language},false,{guessing}"
    saves = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    assert len({path.name for path in TABLES}) == len(TABLES)

    def run(*arguments: object) -> None:
        subprocess.run([*office, *map(str, arguments)], check=True, capture_output=True, timeout=120)

    run(opens, "--convert-to", form, "--outdir", tmp_path / "books", *TABLES)
    run("--convert-to", saves, "--outdir", tmp_path / "saved", *sorted((tmp_path / "books").iterdir()))
    for path in TABLES:
        columns, rows, saved = columns_of(path), read_rows(path), read_rows(tmp_path / "saved" / path.name)
        assert len(rows) == len(saved)
        for line, (row, again) in enumerate(zip(rows, saved, strict=True), 1):
            for at, (column, one, other) in enumerate(zip(columns, row, again, strict=True)):
                assert one == other or is_refused(column, one), f"{path.name}:{line}: {one!r} became {other!r}"
                again[at] = one
        (copy / "data" / path.relative_to(DATA)).write_bytes(save(end="\r\n")(saved))
    assert is_same(copy, built)
