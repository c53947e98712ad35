"""Spreadsheets and Parquet files become text column by column, and what they do not show as values is reported."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from glocal_rdf import csvw
from glocal_rdf.csvw.metadata.model import Dialect
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.spreadsheets.reader import SheetReader
from glocal_rdf.csvw.spreadsheets.sheet_loader import SheetLoader
from glocal_rdf.csvw.spreadsheets.tallies import Tally
from glocal_rdf.csvw.tables.resources import Resource
from glocal_rdf.errors import TableError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FORMATS = {"date": "yyyy-mm-dd", "at": "yyyy-mm-dd hh:mm", "time": "hh:mm:ss", "length": "[h]:mm:ss", "part": "0.0%"}


def write_xlsx(path: Path, *sheets: tuple[str, list[list[Any]]], hidden: str = "", **options: Any) -> Path:
    """Write sheets; a cell may be a pair of a value and the name of its format."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, options) as book:
        formats = {name: book.add_format({"num_format": form}) for name, form in FORMATS.items()}
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            if name == hidden:
                sheet.hide()
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    value, form = cell if isinstance(cell, tuple) else (cell, "")
                    if value is None:
                        continue
                    if form in {"date", "at", "time", "length"}:
                        sheet.write_datetime(r, c, value, formats[form])
                    elif isinstance(value, str):
                        sheet.write_string(r, c, value)
                    else:
                        sheet.write(r, c, value, formats.get(form))
    return path


def write_package(path: Path, sheet: str, *, shared: str = "", workbook: str = "") -> Path:
    """Write a workbook of one sheet from the XML of its rows."""
    body = f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        )
        kind = "http://schemas.openxmlformats.org/package/2006/relationships"
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{kind}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{kind}"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        package.writestr(
            "xl/workbook.xml",
            f'{workbook}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
            '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        package.writestr("xl/worksheets/sheet1.xml", body)
        if shared:
            package.writestr("xl/sharedStrings.xml", shared)
    return path


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def convert(source: str | Path) -> csvw.Conversion:
    """Convert a file as if it had a public address."""
    return csvw.convert(source, base="http://e.org/")


def rows_of(conversion: csvw.Conversion) -> list[tuple[str, ...]]:
    """Return the cells as they were read, after the header."""
    return [tuple(row) for batch in conversion.tables[0].batches for row in batch.cells.rows()]


def column(folder: Path, *cells: Any, **options: Any) -> tuple[list[str], list[str]]:
    """Return how the cells of one column are read, and the problems."""
    path = write_xlsx(folder / "t.xlsx", ("Data", [["row", "v"], *([i, c] for i, c in enumerate(cells))]), **options)
    conversion = convert(path)
    return [row[1] for row in rows_of(conversion)], messages(conversion.problems)


def messages(problems: Any) -> list[str]:
    return [str(p).removeprefix(str(Path(p.file).parent) + "/") for p in problems if p.kind != "sheets"]


# --- values by column


@pytest.mark.parametrize("since_1904", [False, True])
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([(dt.time(8, 30), "time"), (dt.time(0, 0), "time")], ["08:30:00", "00:00:00"]),
        ([(dt.time(8, 30, 5, 250_000), "time")], ["08:30:05.25"]),
        ([(dt.timedelta(hours=26, minutes=15), "length"), (dt.timedelta(minutes=5), "length")], ["PT26H15M", "PT5M"]),
        ([(dt.timedelta(0), "length"), (dt.timedelta(seconds=90), "length"), None], ["PT0S", "PT1M30S", ""]),
        ([(dt.datetime(2024, 3, 1), "date"), (dt.datetime(2024, 3, 2), "date")], ["2024-03-01", "2024-03-02"]),
        (
            [(dt.datetime(2024, 3, 1, 12, 30), "at"), (dt.datetime(2024, 3, 2), "at")],
            ["2024-03-01T12:30:00", "2024-03-02T00:00:00"],
        ),
        ([(dt.datetime(2024, 3, 1), "at"), "n/a"], ["2024-03-01", "n/a"]),
        ([(dt.time(8, 30), "time"), "closed"], ["08:30:00", "closed"]),
        ([(dt.timedelta(hours=26), "length"), "closed"], ["PT26H", "closed"]),
        ([(dt.timedelta(hours=26), "length"), 5], ["PT26H", "5"]),
        ([True, False, None], ["true", "false", ""]),
        ([True, 5.5], ["true", "5.5"]),
        ([(0.125, "part"), (1, "part")], ["0.125", "1"]),
        ([3.0, 12.5, 1e21, 0.0000001], ["3", "12.5", "1000000000000000000000", "0.0000001"]),
        (["007", "010"], ["007", "010"]),
        (["2024-03-01 00:00:00", "x"], ["2024-03-01 00:00:00", "x"]),
        (["1899-12-31 08:30:00"], ["1899-12-31 08:30:00"]),
    ],
)  # fmt: skip
def test_a_column_decides_what_its_dates_and_times_are(
    tmp_path: Path, cells: list[Any], expected: list[str], *, since_1904: bool
) -> None:
    assert column(tmp_path, *cells, date_1904=since_1904) == (expected, [])


def test_a_time_among_dates_is_reported_and_gets_no_false_date(tmp_path: Path) -> None:
    found, problems = column(tmp_path, (dt.datetime(2024, 3, 1, 8, 30), "at"), (dt.time(9, 0), "time"))
    assert found == ["2024-03-01T08:30:00", "09:00:00"]
    assert problems == [
        "t.xlsx:3: column 2: '09:00:00' is a time without a date, where other cells have a date; give it a date"
    ]


# --- sheets by name


def test_a_sheet_is_chosen_by_its_name_and_the_others_are_named(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "t.xlsx",
        ("Cities", [["id"], ["taipei"]]),
        ("Contacts of 2024", [["person"], ["Lin"]]),
        ("Notes", [["n"], ["x"]]),
        ("Blank", []),
        hidden="Notes",
    )
    first = convert(path)
    assert rows_of(first) == [("taipei",)]
    assert [(p.level, p.what) for p in first.problems if p.kind == "sheets"] == [
        ("warning", "only the sheet 'Cities' is read, and not 'Contacts of 2024', 'Notes' (hidden)")
    ]
    for fragment in ("sheet=Contacts of 2024", "sheet=Contacts%20of%202024"):
        second = convert(f"{path}#{fragment}")
        assert (rows_of(second), second.problems) == ([("Lin",)], ())


def test_sheets_that_no_table_reads_and_blank_rows_are_in_the_accounts(tmp_path: Path) -> None:
    rows = [["a", "b"], [1, 2], [None, None], [3, 4]]
    write_xlsx(tmp_path / "t.xlsx", ("one", rows), ("two", [["a"], [1]]), ("three", [["a"], [1]]), ("empty", []))
    accounts = convert(tmp_path / "t.xlsx").accounts
    assert (accounts.total.read, accounts.total.blank, accounts.total.header) == (2, 1, 1)
    two, three = (f"{tmp_path}/t.xlsx#sheet={name}" for name in ("two", "three"))
    assert accounts.sheets_not_read == (two, three)
    assert accounts.describe().endswith(f"lines passed over: 1 blank; sheets not read: {two}, {three}")
    tables = [{"url": "t.xlsx"}, {"url": "t.xlsx#sheet=two"}]
    document = {"@context": "http://www.w3.org/ns/csvw", "tables": tables}
    (tmp_path / "d.json").write_text(json.dumps(document), encoding="utf-8")
    assert convert(tmp_path / "d.json").accounts.sheets_not_read == (three,)


@pytest.mark.parametrize("fragment", ["sheet=Nope", "Contacts", "sheet=", "sheet=cities", "table=1"])
def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, fragment: str) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", ("Cities", [["id"], ["x"]]), ("Contacts", [["p"], ["y"]]))
    description = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": f"t.xlsx#{fragment}",
        "tableSchema": {"columns": [{"titles": "id"}]},
    }
    (tmp_path / "m.json").write_text(json.dumps(description))
    for source in (f"{path}#{fragment}", tmp_path / "m.json"):
        with pytest.raises(TableError, match="#sheet=Cities, #sheet=Contacts") as caught:
            convert(source)
        assert len([p for p in caught.value.problems if p.level == "error"]) == 1


def test_tables_of_one_description_are_sheets_of_one_file(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", ("A", [["id"], ["x"]]), ("B", [["p"], ["y"]]))
    tables = [
        {"url": f"t.xlsx#sheet={name}", "tableSchema": {"columns": [{"titles": title, "name": title}]}}
        for name, title in (("A", "id"), ("B", "p"))
    ]
    (tmp_path / "t.xlsx-metadata.json").write_text(
        json.dumps({"@context": "http://www.w3.org/ns/csvw", "tables": tables})
    )
    both = convert(tmp_path / "t.xlsx-metadata.json")
    assert (len(both.triples), both.problems) == (2, ())
    assert rows_of(convert(f"{path}#sheet=B")) == [("y",)]


@pytest.mark.parametrize("base", ["http://e.org/cities", "http://e.org/cities.csv", "http://e.org/"])
def test_the_address_of_a_file_does_not_say_how_it_is_read(tmp_path: Path, base: str) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", ("Cities", [["id"], ["x"]]))
    pl.DataFrame({"id": ["x"]}).write_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.tsv").write_text("id\tn\nx\t1\n")
    assert rows_of(csvw.convert(path, base=base)) == [("x",)]
    assert rows_of(csvw.convert(tmp_path / "t.parquet", base=base)) == [("x",)]
    assert rows_of(csvw.convert(tmp_path / "t.tsv", base=base)) == [("x", "1")]


# --- what cells do not show


def test_formulas_that_failed_or_were_never_calculated_are_reported_by_cell(tmp_path: Path) -> None:
    path = write_package(
        tmp_path / "t.xlsx",
        "<sheetData>"
        f'<row r="1">{text_cell("A1", "a")}{text_cell("B1", "b")}</row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="3"><c r="A3" t="e"><v>#N/A</v></c><c r="B3"><f>A1*2</f><v></v></c></row>'
        '<row r="4"><c r="A4"><v>5</v></c><c r="B4"><f>A1*2</f></c></row>'
        '<row r="5"><c r="A5"><v>6</v></c><c r="B5" t="str"><f>IF(1,"")</f><v></v></c></row>'
        '<row r="6"><c r="A6"><v>7</v></c><c r="B6"><f>A1*2</f><v>14</v></c></row></sheetData>',
    )
    conversion = convert(path)
    assert messages(conversion.problems) == [
        "t.xlsx:2: cell B2 holds the error #DIV/0! of a formula, and is read as empty; correct the formula",
        "t.xlsx:3: cell A3 holds the error #N/A of a formula, and is read as empty; correct the formula",
        *(
            f"t.xlsx:{row}: cell B{row} holds a formula that was never calculated, and is read as empty; "
            "open the file in a spreadsheet program and save it"
            for row in (3, 4)
        ),
    ]
    assert [row[0] for row in rows_of(conversion)] == ["1", "5", "6", "7"]
    assert rows_of(conversion)[-1] == ("7", "14")


def test_an_empty_column_is_no_reason_to_speak(tmp_path: Path) -> None:
    import subprocess
    import sys

    write_xlsx(tmp_path / "t.xlsx", ("Data", [["id", "empty", "n"], ["a", None, 1], ["b", None, 2]]))
    code = f"from glocal_rdf import csvw; csvw.convert({str(tmp_path / 't.xlsx')!r}, base='http://e.org/')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")


def test_merged_cells_among_the_rows_are_named(tmp_path: Path) -> None:
    path = write_package(
        tmp_path / "t.xlsx",
        f'<sheetData><row r="1">{text_cell("A1", "a")}{text_cell("B1", "b")}</row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>'
        '<row r="3"><c r="B3"><v>3</v></c></row></sheetData>'
        '<mergeCells count="2"><mergeCell ref="A1:B1"/><mergeCell ref="A2:A3"/></mergeCells>',
    )
    [problem] = convert(path).problems
    assert (problem.level, problem.kind) == ("warning", "merged")
    assert "(A2:A3)" in problem.what


# --- hostile and unusual packages


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c s="1" r="CZ900000" t="n"><v>1</v></c></row>',
        "<row r='1'><c r = 'A1'><v>1</v></c><c\nr\t=\t'XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c><c t="n" r="&#88;FD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c>" * 60 + "</row>",
    ],
)
def test_a_cell_far_out_is_refused_before_room_is_made_for_it(tmp_path: Path, cells: str) -> None:
    path = write_package(tmp_path / "t.xlsx", f"<sheetData>{cells}</sheetData>")
    with pytest.raises(TableError, match="too many to be read"):
        convert(path)


def test_styled_cells_without_a_value_may_reach_far(tmp_path: Path) -> None:
    far = '<row r="2"><c r="A2"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    path = write_package(tmp_path / "t.xlsx", f'<sheetData><row r="1">{text_cell("A1", "a")}</row>{far}</sheetData>')
    assert rows_of(convert(path)) == [("1",)]


def test_entities_are_refused(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = write_package(tmp_path / "t.xlsx", "<sheetData/>", workbook=doctype)
    with pytest.raises(TableError, match="declares a document type"):
        convert(path)


@pytest.mark.slow
def test_a_part_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = write_package(tmp_path / "t.xlsx", f'<sheetData><row r="1">{text_cell("A1", "a")}</row></sheetData>')
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/sharedStrings.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(b" " * (1 << 20))
    with pytest.raises(TableError, match="unpacks to 300 MiB, which is too large"):
        convert(path)


def test_one_long_text_in_many_cells_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 70_001))
    shared = f'<sst xmlns="{MAIN}"><si><t>{"x" * 32_000}</t></si></sst>'
    path = write_package(tmp_path / "t.xlsx", f"<sheetData>{rows}</sheetData>", shared=shared)
    with pytest.raises(TableError, match="repeat more than 2 GiB of text"):
        csvw.convert(path)
    more = ' table:number-columns-repeated="1000"'
    repeated = ods_row(ods_text("x" * 32_000, more), more=' table:number-rows-repeated="1000"')
    with pytest.raises(TableError, match="repeat more than 2 GiB of text"):
        csvw.convert(write_ods(tmp_path / "t.ods", repeated))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a spreadsheet"),
        (b"id,n\n1,2\n", "is not a spreadsheet"),
        (b"PK\3\4" + b"\0" * 40, "is not a spreadsheet"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, "is not a spreadsheet that can be read"),
    ],
)
@pytest.mark.parametrize("ending", ["xlsx", "xls", "xlsb", "ods"])
def test_what_is_not_a_workbook_is_told_in_one_line(tmp_path: Path, content: bytes, message: str, ending: str) -> None:
    path = tmp_path / f"t.{ending}"
    path.write_bytes(content)
    for action in (convert, csvw.describe):
        with pytest.raises(TableError, match=message) as caught:
            action(path)
        assert len(str(caught.value).splitlines()) == 1


def test_an_empty_sheet_is_told(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", ("Blank", []), ("Data", [["a"], ["x"]]))
    with pytest.raises(TableError, match="the sheet 'Blank' is empty; choose one of #sheet=Data"):
        convert(path)


# --- .ods


def write_ods(path: Path, *tables: str, manifest: str = "") -> Path:
    spaces = " ".join(
        f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{p}:1.0"' for p in ("office", "table", "text", "calcext")
    )
    body = "".join(f'<table:table table:name="T{i}">{t}</table:table>' for i, t in enumerate(tables))
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", kind)
        package.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>{manifest}</manifest:manifest>',
        )
        package.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def ods_text(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def ods_value(kind: str, attribute: str, value: str, more: str = "") -> str:
    held = f'office:value-type="{kind}" office:{attribute}="{value}"'
    return f"<table:table-cell {held}{more}><text:p>{value}</text:p></table:table-cell>"


def test_an_ods_file_gives_the_same_forms(tmp_path: Path) -> None:
    path = write_ods(
        tmp_path / "t.ods",
        ods_row(*map(ods_text, ["n", "day", "at", "ok"]))
        + ods_row(
            ods_value("float", "value", "3"),
            ods_value("date", "date-value", "2024-03-01"),
            ods_value("date", "date-value", "2024-03-01T08:30:00"),
            ods_value("boolean", "boolean-value", "true"),
        )
        + ods_row(
            ods_value("float", "value", "2.5"),
            ods_value("date", "date-value", "2024-03-02"),
            ods_value("date", "date-value", "2024-03-02T00:00:00"),
            ods_value("boolean", "boolean-value", "false"),
        ),
    )
    conversion = convert(path)
    assert conversion.problems == ()
    assert rows_of(conversion) == [
        ("3", "2024-03-01", "2024-03-01T08:30:00", "true"),
        ("2.5", "2024-03-02", "2024-03-02T00:00:00", "false"),
    ]


def ods_formula(text: str, kind: str = "string", held: str = "", checked: str = "") -> str:
    kinds = f'office:value-type="{kind}"' + (f' calcext:value-type="{checked}"' if checked else "")
    note = "<office:annotation><text:p>a note</text:p></office:annotation>"
    return f'<table:table-cell table:formula="of:=A1" {kinds}{held}>{note}<text:p>{text}</text:p></table:table-cell>'


def test_formulas_of_an_ods_file_that_failed_are_reported_with_what_is_read_of_them(tmp_path: Path) -> None:
    empty, zero = ' office:string-value=""', ' office:value="0"'
    path = write_ods(
        tmp_path / "t.ods",
        ods_row(*map(ods_text, "abcdef"))
        + ods_row(
            ods_formula("#N/A", held=empty, checked="error"),
            ods_formula("Fehler:502", held=empty, checked="error"),
            ods_formula("#DIV/0!", "float", zero),
            ods_formula("Err:502"),
            ods_formula("#N/A", checked="string"),
            ods_text("#N/A"),
        ),
    )
    conversion = convert(path)
    assert rows_of(conversion) == [("", "", "0", "Err:502", "#N/A", "#N/A")]
    assert messages(conversion.problems) == [
        f"t.ods:2: cell {cell} holds the error {error} of a formula, and is read as {read}; correct the formula"
        for cell, error, read in (
            ("A2", "#N/A", "empty"),
            ("B2", "Fehler:502", "empty"),
            ("C2", "#DIV/0!", "'0'"),
            ("D2", "Err:502", "'Err:502'"),
        )
    ]


@pytest.mark.parametrize(
    "rows",
    [
        ods_row(ods_text("a", ' table:number-columns-repeated="16384"'), more=' table:number-rows-repeated="1048576"'),
        ods_row(ods_text("a", ' table:number-columns-repeated="4000000000"')),
        ods_row(ods_text("a"))
        + ods_row(
            '<table:table-cell table:number-columns-repeated="16000"/>', more=' table:number-rows-repeated="9000"'
        )
        + ods_row('<table:table-cell table:number-columns-repeated="16000"/>', ods_text("z")),
    ],
)
def test_repeated_cells_are_refused_before_room_is_made_for_them(tmp_path: Path, rows: str) -> None:
    with pytest.raises(TableError, match=r"too many to be read|too often"):
        convert(write_ods(tmp_path / "t.ods", rows))


def test_a_protected_ods_file_is_told(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "t.ods", ods_row(ods_text("a")), manifest="<manifest:encryption-data/>")
    with pytest.raises(TableError, match="is protected by a password"):
        convert(path)


# --- describing


def test_a_sheet_is_described_by_what_its_cells_are(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "t.xlsx",
        (
            "Data",
            [
                ["Report 2024"],
                [],
                ["id", "code", "price", "day", "at", "opens", "length", "ok", "digits"],
                [1, "007", 1.234, (dt.datetime(2024, 3, 1), "date"), (dt.datetime(2024, 3, 1, 8, 30), "at"),
                 (dt.time(8, 30), "time"), (dt.timedelta(hours=26), "length"), True, "12"],
                [2, "010", 2.5, (dt.datetime(2024, 3, 2), "date"), (dt.datetime(2024, 3, 2), "at"),
                 (dt.time(0, 0), "time"), (dt.timedelta(minutes=5), "length"), False, "13"],
            ],
        ),
    )  # fmt: skip
    found = csvw.describe(path)
    assert [p for p in csvw.check(path, metadata=found.document) if p.kind != "open-decision"] == []
    assert found.document["dialect"] == {"skipRows": 2, "commentPrefix": None}
    assert (found.rows, found.key) == (2, "id")
    assert {g.name: g.datatype for g in found.columns} == {
        "id": "integer",
        "code": None,
        "price": "decimal",
        "day": "date",
        "at": "dateTime",
        "opens": "time",
        "length": "dayTimeDuration",
        "ok": "boolean",
        "digits": None,
    }
    assert [d.column for d in found.doubts] == ["", "code", "digits"]


def test_a_chosen_sheet_is_described_by_its_own_address(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "my data.xlsx", ("A", [["id"], ["x"]]), ("B c", [["p"], ["y"]]))
    found = csvw.describe(f"{path}#sheet=B c")
    assert [g.name for g in found.columns] == ["p"]
    assert found.doubts[0].examples == ("A",)
    (tmp_path / "m.json").write_text(json.dumps(found.document))
    conversion = convert(tmp_path / "m.json")
    assert rows_of(conversion) == [("y",)]
    assert [p.kind for p in conversion.problems] == ["open-decision"]


# --- Parquet


def read_parquet(folder: Path, **columns: Any) -> csvw.Conversion:
    pl.DataFrame(columns, strict=False).write_parquet(folder / "t.parquet")
    return convert(folder / "t.parquet")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pl.Series([dt.timedelta(hours=1), dt.timedelta(minutes=90), None]), ["PT1H", "PT1H30M", ""]),
        (pl.Series([-1_500_000], dtype=pl.Duration("us")), ["-PT1.5S"]),
        (pl.Series([1], dtype=pl.Duration("ns")), ["PT0.000000001S"]),
        (pl.Series([float("inf"), float("-inf"), float("nan"), 1.5, None]), ["INF", "-INF", "NaN", "1.5", ""]),
        (pl.Series([1.5, float("inf")], dtype=pl.Float32), ["1.5", "INF"]),
        (pl.Series([Decimal("12.50"), Decimal("-0.05")]), ["12.50", "-0.05"]),
        (pl.Series([dt.datetime(2020, 1, 2, 3, 4, 5), None]), ["2020-01-02T03:04:05", ""]),
        (pl.Series([dt.datetime(2020, 1, 2, 3, 4, 5, 500)]), ["2020-01-02T03:04:05.0005"]),
        (pl.Series([dt.datetime(2020, 1, 2, tzinfo=dt.UTC)]), ["2020-01-02T00:00:00+00:00"]),
        (pl.Series([dt.time(3, 4, 5), dt.time(3, 4, 5, 250_000)]), ["03:04:05", "03:04:05.25"]),
        (pl.Series([dt.date(2020, 1, 2)]), ["2020-01-02"]),
        (pl.Series([True, False]), ["true", "false"]),
        (pl.Series([b"ab", b"\xff"]), ["YWI=", "/w=="]),
        (pl.Series(["x", "y"], dtype=pl.Categorical), ["x", "y"]),
        (pl.Series([2**63 - 1, -(2**63)]), ["9223372036854775807", "-9223372036854775808"]),
        (pl.Series([None, None], dtype=pl.Null), ["", ""]),
    ],
)  # fmt: skip
def test_parquet_values_have_the_forms_of_xml_schema(tmp_path: Path, values: pl.Series, expected: list[str]) -> None:
    conversion = read_parquet(tmp_path, k=[f"k{i}" for i in range(values.len())], v=values)
    assert [row[1] for row in rows_of(conversion)] == expected
    found = csvw.describe(tmp_path / "t.parquet")
    assert csvw.check(tmp_path / "t.parquet", metadata=found.document) == ()


def test_parquet_columns_that_are_no_cells_are_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"columns 'a' \(lists\), 'b' \(structs\) cannot be read as cells") as caught:
        read_parquet(tmp_path, x=[1], a=[[1, 2]], b=[{"c": 1}])
    assert len(str(caught.value).splitlines()) == 1


def test_empty_texts_beside_nulls_are_named(tmp_path: Path) -> None:
    [problem] = read_parquet(tmp_path, k=["a", "b"], v=["", None]).problems
    assert (problem.level, problem.column) == ("warning", "v")
    assert read_parquet(tmp_path, k=["a", "b"], v=["x", None]).problems == ()


def test_text_in_parquet_stays_text(tmp_path: Path) -> None:
    read_parquet(tmp_path, n=["1", "2"], m=[1, 2])
    assert [g.datatype for g in csvw.describe(tmp_path / "t.parquet").columns] == [None, "integer"]


def test_rows_of_nulls_are_rows_of_parquet(tmp_path: Path) -> None:
    assert rows_of(read_parquet(tmp_path, a=[1, None, 3], b=["x", None, "z"])) == [("1", "x"), ("", ""), ("3", "z")]


@pytest.mark.slow
def test_a_parquet_file_that_claims_more_than_it_can_hold_is_refused(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pl.DataFrame({"a": pl.repeat(1, 150_000_000, dtype=pl.Int8, eager=True)}).write_parquet(
        sink, row_group_size=1 << 27
    )
    (tmp_path / "t.parquet").write_bytes(sink.getvalue())
    assert len(sink.getvalue()) < 150_000
    with pytest.raises(TableError, match="claims 150,000,000 rows and 1 columns"):
        convert(tmp_path / "t.parquet")


@pytest.mark.slow
def test_a_wide_sheet_is_read_whole(tmp_path: Path) -> None:
    width, height = 800, 40
    rows = [[f"c{c}" for c in range(width)], *([r * c for c in range(width)] for r in range(height))]
    found = rows_of(convert(write_xlsx(tmp_path / "t.xlsx", ("Wide", rows))))
    assert found == [tuple(str(r * c) for c in range(width)) for r in range(height)]


def test_numbers_of_a_sheet_keep_all_their_digits(tmp_path: Path) -> None:
    cells = [0.1, 1 / 3, 1e-12, 3.0000000001, 123456.78901234567, 2, 100000.5, -1e-10]
    path = write_xlsx(tmp_path / "t.xlsx", ("A", [["n", "mixed"], *([c, c] for c in cells), ["", "1.50"], ["", "x"]]))
    texts = [format(Decimal(f"{c:.16G}"), "f") for c in cells]
    assert rows_of(convert(path)) == [*((t, t) for t in texts), ("", "1.50"), ("", "x")]


# --- one load or two


def read_sheet(path: Path, header: int = 1) -> tuple[SheetReader, list[tuple[str, ...]]]:
    """Return the reader of a sheet, and its rows."""
    with path.open("rb") as stream:
        reader = SheetReader(Resource(str(path), "", stream), Dialect(header_rows=header), ProblemCollector(path.name))
    return reader, [row for batch in reader.batches() for row in batch.cells.rows()]


def loads_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count how often sheets are read as a whole, as text and by their types."""
    loads: list[str] = []
    load_once, load_twice = SheetLoader._load_once, SheetLoader._load_twice

    def once(self: SheetLoader, **given: Any) -> Any:
        found = load_once(self, **given)
        loads.extend(["once"] if found else [])
        return found

    def twice(self: SheetLoader, **given: Any) -> Any:
        loads.append("twice")
        return load_twice(self, **given)

    monkeypatch.setattr(SheetLoader, "_load_once", once)
    monkeypatch.setattr(SheetLoader, "_load_twice", twice)
    return loads


LARGE = [1e15, 1e15 - 0.5, 2.0**53, 1e21, 1e300, 123456789.123456789, 1e6 + 0.1, -1e7 / 3, 999999.9999999999]
SMALL = [0.1, 1 / 3, 1e-12, -1e-10, 5e-324, -0.0, 0.0, 3.0000000001, 1.0]
DAY = (dt.datetime(2024, 3, 1), "date")
NOON = (dt.datetime(2024, 3, 1, 12), "at")


@pytest.mark.parametrize("options", [{}, {"constant_memory": True}])
@pytest.mark.parametrize(
    ("columns", "loads"),
    [
        ([[1, 2], ["a", "b"], [True, False], [DAY, NOON], [(dt.timedelta(hours=30), "length"), None]], "once"),
        ([LARGE], "once"),
        ([SMALL, [None, *SMALL]], "once"),
        ([["n/a", "x", None, ""]], "once"),
        ([[1, 2, None, "n/a"]], "twice"),
        ([[1, "NaN"], ["x", 0.12345678901]], "twice"),
        ([[1, "n/a"], ["x", 0.12345678901]], "twice"),
        ([[1.5, True]], "twice"),
        ([[1, True], ["x", 3], [True, "n/a"]], "twice"),
        ([["x", 1 / 3], ["</v>", 't="s">']], "twice"),
        ([[DAY, "n/a"]], "twice"),
        ([[(dt.timedelta(hours=30), "length"), 5], [DAY, "x"]], "twice"),
        ([["inf", 2]], "twice"),
    ],
)  # fmt: skip
def test_a_sheet_is_loaded_once_where_no_cell_is_lost_by_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    columns: list[list[Any]],
    loads: str,
    options: dict[str, Any],
) -> None:
    rows = [list(row) for row in zip_longest(range(9), *columns)]
    head = ["id", *(f"c{i}" for i in range(len(columns)))]
    path = write_xlsx(tmp_path / "t.xlsx", ("Data", [head, *rows]), **options)
    found = loads_of(monkeypatch)
    reader, cells = read_sheet(path)
    assert found == [loads]
    monkeypatch.setattr(Tally, "agrees", lambda *_: False)
    other, same = read_sheet(path)
    assert found[1:] == ["twice"]
    assert (cells, reader.head, reader.kinds) == (same, other.head, other.kinds)


def test_formulas_and_errors_do_not_make_a_second_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [
        [text_cell("A1", "a"), text_cell("B1", "b")],
        ['<c r="A2"><f>IF(1,"b","s")</f><v>0.333333333333</v></c>', '<c r="B2" t="str"><f>"a"</f><v>x</v></c>'],
        ['<c r="A3" t="e"><v>#N/A</v></c>', text_cell("B3", 't="b"')],
        ['<c r="A4" t="n"><v>4</v></c>'],
    ]
    rows = "".join(f'<row r="{number}">{"".join(row)}</row>' for number, row in enumerate(cells, 1))
    path = write_package(tmp_path / "t.xlsx", f"<sheetData>{rows}</sheetData>")
    found = loads_of(monkeypatch)
    assert read_sheet(path)[1] == [("0.333333333333", "x"), ("", 't="b"'), ("4", "")]
    assert found == ["once"]


@pytest.mark.parametrize("body", [[1, 2], [1, "n/a"]])
def test_numbers_in_a_header_keep_all_their_digits(tmp_path: Path, body: list[Any]) -> None:
    head = [["Years", None, "t"], [2024, 1 / 3, "0.10"], [DAY, 1e-12, NOON]]
    path = write_xlsx(tmp_path / "t.xlsx", ("Data", [*head, *([c, c, "x"] for c in body)]))
    assert read_sheet(path, 3)[0].head.titles == (
        ("Years", "2024", "2024-03-01"),
        ("0.3333333333333333", "0.000000000001"),
        ("t", "0.10", "2024-03-01T12:00:00"),
    )


def test_a_sheet_that_begins_in_another_column_is_read_by_its_own_columns(tmp_path: Path) -> None:
    length = (dt.timedelta(hours=30), "length")
    rows = [["d", "m", "l"], [DAY, "x", length], ["?", NOON, 5], [None, 1 / 3, "y"]]
    path = write_xlsx(tmp_path / "t.xlsx", ("Data", [[None, None, *row] for row in rows]))
    assert rows_of(convert(path)) == [
        ("2024-03-01", "x", "PT30H"),
        ("?", "2024-03-01T12:00:00", "5"),
        ("", "0.3333333333333333", "y"),
    ]
