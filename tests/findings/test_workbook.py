"""A workbook of findings has the tables as they are, a comment on each cell, and a list with links; others open it."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from conftest import Run
from findings_project import ROWS, break_project
from lxml import etree

from glocal_rdf import Project, build, render_workbook, validate
from glocal_rdf.errors import OutputError
from glocal_rdf.findings import CellTable, Finding, FindingReport, workbook
from glocal_rdf.findings.workbook import name_sheets
from glocal_rdf.location import Location

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def hostile(small: Path) -> Path:
    """A project with findings in its cells and hostile values."""
    return break_project(small)


def part(data: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read(name))


def sheet(data: bytes, name: str) -> list[list[str]]:
    frame = fastexcel.read_excel(data).load_sheet(name, header_row=None, dtypes="string").to_polars()
    return [[cell or "" for cell in row] for row in frame.rows()]


def comments(data: bytes) -> dict[str, str]:
    found = part(data, "xl/comments1.xml").iterfind(".//m:comment", NS)
    return {one.get("ref", ""): "".join(one.itertext()) for one in found}


def table(rows: list[tuple[str, ...]], file: str = "data/t.csv") -> CellTable:
    width = len(rows[0])
    cells = pl.DataFrame(rows, schema=[str(at) for at in range(width)], orient="row")
    names = tuple(f"c{at}" for at in range(width))
    return CellTable(file, names, names, pl.Series(range(2, len(rows) + 2)), cells)


def report(*tables: CellTable, findings: tuple[Finding, ...] = ()) -> FindingReport:
    return FindingReport("T", "does not conform", conforms=False, notes=(), findings=findings, tables=tables)


def test_each_finding_is_a_comment_on_its_cell(hostile: Path) -> None:
    data, problems = render_workbook(validate(build(Project.open(hostile))))
    assert problems == ()
    found = comments(data)
    # Row 1 has the titles; formula, markup, digits, control, empty and lines are rows 3 to 8.
    assert set(found) == {"C3", "C4", "C5", "C6", "A7", "C8", "B3", "B4", "B8"}
    assert found["A7"] == "violation: Give a name."
    assert found["C5"].startswith("warning: ")
    styles = {cell.get("r"): cell.get("s") for cell in part(data, "xl/worksheets/sheet2.xml").iterfind(".//m:c", NS)}
    assert len({styles["A7"], styles["C5"], styles["B3"], styles["B2"]}) == 4, "one colour for each severity, and none"


def test_cells_are_the_texts_of_the_table(hostile: Path) -> None:
    data, _ = render_workbook(validate(build(Project.open(hostile))))
    shown = sheet(data, "cities")
    assert shown[0] == ["id", "name", "country"]
    expected = [[key, *cells] for key, cells in ROWS.items()]
    assert [[cell.replace("\r\n", "\n") for cell in row] for row in shown[1:]] == expected
    root = part(data, "xl/worksheets/sheet2.xml")
    assert root.findall(".//m:f", NS) == []
    assert {cell.get("t") for cell in root.iterfind(".//m:c", NS) if len(cell)} == {"s"}
    assert not re.search(rb"https?://evil", zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet2.xml"))


def test_the_list_has_links_to_cells_and_what_has_no_cell(hostile: Path) -> None:
    data, _ = render_workbook(validate(build(Project.open(hostile))))
    listed = sheet(data, "Findings")
    head = next(at for at, row in enumerate(listed) if row[0] == "severity")
    rows = listed[head + 1 :]
    assert [row[0] for row in rows] == ["violation"] * 2 + ["warning"] * 5 + ["note"] * 3
    assert sum(row[3] == "" for row in rows) == 1, "the finding on a node that no table has"
    first = part(data, "xl/worksheets/sheet1.xml")
    links = {one.get("location") for one in first.iterfind(".//m:hyperlink", NS)}
    assert links == {f"'cities'!{cell}" for cell in comments(data)}
    assert {one.get("ref") for one in first.iterfind(".//m:autoFilter", NS)}


def test_the_same_report_gives_the_same_bytes(hostile: Path) -> None:
    validation = validate(build(Project.open(hostile)))
    assert render_workbook(validation) == render_workbook(validation)


def test_names_of_sheets_are_within_the_rules() -> None:
    files = [
        "a/x.csv",
        "b/X.csv",
        "x" * 40 + ".csv",
        "y/" + "x" * 40 + ".csv",
        "findings.csv",
        "城市.csv",
        "'.csv",
        ".csv",
    ]
    names = name_sheets(files, "Findings")
    assert names[:2] == ["x", "X (2)"]
    assert names[4:6] == ["findings (2)", "城市"]
    assert len({name.lower() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\']", name) for name in names)


def test_what_a_sheet_cannot_hold_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 6)
    monkeypatch.setattr(workbook, "MAX_COLUMNS", 2)
    long = "x" * 40_000
    big = table([(long, "b", "c")] + [("", str(at), "") for at in range(9)])
    late = Finding("violation", "violation", "late", cells=(Location("data/t.csv", 9, "c1"),))
    data, problems = workbook.render_workbook(report(big, findings=(late,)))
    assert [str(problem) for problem in problems] == [
        "data/t.csv: has 10 rows, of which a sheet shows the first 5; split the table, or read it elsewhere",
        "data/t.csv: has 3 columns, of which a sheet shows the first 2; split the table, or read it elsewhere",
        "xlsx: 1 cells have more than 32,767 characters, and are cut; read them in the tables",
    ]
    shown = sheet(data, "t")
    assert (len(shown), len(shown[0]), len(shown[1][0])) == (6, 2, 32_767)


def test_a_project_without_tables_read_has_the_list_alone() -> None:
    data, problems = workbook.render_workbook(report(findings=(Finding("violation", "violation", "no table"),)))
    assert problems == ()
    assert fastexcel.read_excel(data).sheet_names == ["Findings"]


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(workbook, "import_module", missing)
    with pytest.raises(OutputError, match=r"xlsx: needs one more package; pip install 'glocal-rdf\[sheets\]'"):
        workbook.render_workbook(report())


def test_a_cell_that_keeps_a_table_from_being_built_has_a_comment(run: Run, small: Path, tmp_path: Path) -> None:
    description = small / "data" / "csv-metadata.json"
    text = description.read_text(encoding="utf-8")
    description.write_text(
        text.replace('"titles": "name",', '"titles": "name", "datatype": "gYear",'), encoding="utf-8"
    )
    result = run("validate", "-f", "xlsx", "-o", tmp_path / "f.xlsx", "-p", small)
    assert result.exit_code == 2
    assert "the tables have errors, so nothing was validated; the report shows them in their cells" in result.stderr
    found = comments((tmp_path / "f.xlsx").read_bytes())
    assert found["B2"].startswith("error: name: 'Taipei' is not a year (xsd:gYear)")
    assert set(found) == {"B2", "B3"}


def test_the_command_writes_a_file_and_exits_as_the_data_are(
    run: Run, small: Path, hostile: Path, tmp_path: Path
) -> None:
    assert run("validate", "-f", "xlsx", "-p", small).exit_code == 2
    result = run("validate", "-f", "xlsx", "-o", tmp_path / "f.xlsx", "-p", hostile)
    assert result.exit_code == 1
    assert fastexcel.read_excel((tmp_path / "f.xlsx").read_bytes()).sheet_names == ["Findings", "cities"]


@pytest.mark.slow
@pytest.mark.peer
@pytest.mark.timeout(300)
def test_libreoffice_opens_it_with_its_comments(hostile: Path, tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if not program:
        reason = "LibreOffice is not at hand (Debian: libreoffice-calc-nogui)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    (tmp_path / "f.xlsx").write_bytes(render_workbook(validate(build(Project.open(hostile))))[0])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        program,
        profile,
        "--headless",
        "--convert-to",
        "fods",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "f.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    root = etree.parse(tmp_path / "f.fods").getroot()
    text = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
    office = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    notes = ["".join(one.itertext()) for one in root.iter(f"{office}annotation")]
    assert len(notes) == 9
    assert any("violation: Give a name." in note for note in notes)
    table_ns = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    cells = [cell for cell in root.iter(f"{table_ns}table-cell") if cell.find(text) is not None]
    assert {cell.get(f"{office}value-type") for cell in cells} == {"string"}
    assert not [cell for cell in cells if cell.get(f"{table_ns}formula")]
    shown = {"".join(one.text or "" for one in cell.iterfind(text)) for cell in cells}
    assert {ROWS["formula"][0], "007", "1E5", "+1"} <= shown
