"""The graphs that the journeys of the how-to release have the values of the cells, row by row, by readers of their own.

Each page is run as a reader would, and its releases are read as N-Triples by a regular expression; the tables of the
offices are read by Python's `csv` and `zipfile`, with nothing of this package.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import ROOT
from console_blocks import Page
from office_tables import CITIES, VISITS, write_tables
from workbooks import read_sheet

TABLES = ROOT / "examples" / "tables"
XSD = "http://www.w3.org/2001/XMLSchema#"
TERMS = {
    "label": "http://www.w3.org/2004/02/skos/core#prefLabel",
    "number": "http://purl.org/dc/terms/identifier",
    "residents": "http://dbpedia.org/ontology/populationTotal",
    "lat": "http://www.w3.org/2003/01/geo/wgs84_pos#lat",
    "lon": "http://www.w3.org/2003/01/geo/wgs84_pos#long",
    "note": "http://www.w3.org/2004/02/skos/core#note",
    "postal code": "http://schema.org/postalCode",
    "address": "http://schema.org/streetAddress",
    "phone": "http://schema.org/telephone",
}
TRIPLE = re.compile(r'<(\S+)> <(\S+)> (?:<(\S+)>|"((?:[^"\\]|\\.)*)"(?:\^\^<(\S+)>|@(\S+))?) \.')
Values = set[str]
Things = dict[str, dict[str, Values]]


@pytest.fixture(scope="module")
def travel(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    done: dict[str, Path] = {}

    def run(name: str) -> Path:
        if name not in done:
            text = (ROOT / "docs" / "how-to" / f"journey-{name}.md").read_text(encoding="utf-8")
            page = Page(text, tmp_path_factory.mktemp(name))
            assert not [str(difference) for difference, _ in page.run()]
            done[name] = page.folder
        return done[name]

    return run


def read_release(folder: Path) -> Things:
    """Read the things of a released graph: for each of their properties the values, as text."""
    [file] = folder.glob("*.nt.gz")
    things: Things = {}
    for line in gzip.decompress(file.read_bytes()).decode().splitlines():
        found = TRIPLE.fullmatch(line)
        assert found is not None, line
        subject, predicate, iri, text, datatype, _ = found.groups()
        value = iri if iri is not None else re.sub(r"\\(.)", r"\1", text)
        if datatype == f"{XSD}decimal":
            value = str(Decimal(value).normalize().__format__("f"))
        if "/id/" in subject and not predicate.endswith("#type"):
            things.setdefault(subject, {}).setdefault(predicate, set()).add(value)
    return things


def thing(**values: str | Values) -> dict[str, Values]:
    """Write what a thing should have; a property without a value is left out."""
    made = {name.replace("__", " "): {value} if isinstance(value, str) else value for name, value in values.items()}
    return {TERMS.get(name, name): found - {""} for name, found in made.items() if found - {""}}


def number(text: str) -> str:
    return str(Decimal(text).normalize().__format__("f"))


def stored(text: str) -> str:
    """Return a number of a workbook as Excel shows it: with 15 digits, whatever the file has beyond them."""
    return number(f"{float(text):.15g}")


def day(serial: str) -> str:
    """Return a date of a workbook, which counts the days since 1899; a text as it is."""
    return (dt.date(1899, 12, 30) + dt.timedelta(days=int(serial))).isoformat() if serial.isdigit() else serial


def expected_partners(book: Path) -> Things:
    base, own = "https://data.willowbay.example/id/", "https://data.willowbay.example/ontology#"
    things: Things = {}
    rows = [[*row, *[""] * (10 - len(row))] for row in read_sheet(book, "xl/worksheets/sheet1.xml")]
    for no, city, country, residents, signed, kind, lat, lon, networks, remarks in rows[4:-2]:
        # A bare year is a text in the workbook, and stays one.
        made = thing(label=city, number=no, residents=residents, lat=stored(lat), lon=stored(lon), note=remarks)
        made |= thing(
            **{f"{own}country": country, f"{own}agreementKind": kind, f"{own}networks": set(networks.split("; "))}
        )
        made |= thing(**{f"{own}agreementSigned": signed if len(signed) == 4 else day(signed)})
        things[f"{base}partner-city/{no}"] = made
    for row in read_sheet(book, "xl/worksheets/sheet2.xml")[1:]:
        visit, partner, arrival, persons, cost, topics = [*row, *[""] * (6 - len(row))]
        made = thing(number=visit) | thing(**{f"{own}partner": f"{base}partner-city/{partner}"})
        made |= thing(
            **{f"{own}arrival": day(arrival), f"{own}persons": persons, f"{own}topics": set(topics.split("; "))}
        )
        made |= thing(**{f"{own}costEur": stored(cost) if cost else ""})
        things[f"{base}visit/{visit}"] = made
    return things


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "book", "rows"),
    [("1.0.0", "partners.xlsx", 12), ("1.1.0", "partners-2026-corrected.xlsx", 12)],
)
def test_the_workbook_is_released_cell_by_cell(
    travel: Callable[[str], Path], version: str, book: str, rows: int
) -> None:
    expected = expected_partners(TABLES / "partners" / book)
    assert len(expected) == rows
    assert read_release(travel("workbook") / "releases" / version) == expected


def german(text: str) -> str:
    """Return a German number as a number; the dash is none."""
    return "" if text in {"", "–"} else number(text.replace(".", "").replace(",", "."))


def expected_kitas(content: str) -> Things:
    base, own = "https://daten.weidenbrueck.example/id/kitas/", "https://daten.weidenbrueck.example/ontology#"
    things: Things = {}
    for row in csv.reader(io.StringIO(content), delimiter=";"):
        if not re.fullmatch("[0-9]{4}", row[0]):
            continue
        no, name, code, street, opened, places, area, price, whole_day, topics = row
        made = thing(number=no, label=name, postal__code=code, address=street)
        made |= thing(**{f"{own}eroeffnetAm": "-".join(reversed(opened.split("."))), f"{own}plaetze": places})
        made |= thing(**{f"{own}aussenflaecheM2": german(area), f"{own}essensgeld": german(price)})
        made |= thing(**{f"{own}ganztags": {"ja": "true", "nein": "false"}[whole_day]})
        made |= thing(**{f"{own}schwerpunkte": set(topics.split(", "))})
        things[base + no] = made
    return things


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "file", "corrections", "rows"),
    [
        ("2024", "kitas.csv", (), 6),
        ("2025", "kitas-2025.csv", (("31.02.1999", "28.02.1999"), (";9601;", ";09601;")), 7),
    ],
)
def test_the_csv_file_is_released_cell_by_cell(
    travel: Callable[[str], Path], version: str, file: str, corrections: tuple[tuple[str, str], ...], rows: int
) -> None:
    content = (TABLES / "kitas" / file).read_bytes().decode("cp1252")
    for old, new in corrections:
        content = content.replace(old, new)
    expected = expected_kitas(content)
    assert len(expected) == rows
    assert read_release(travel("csv") / "releases" / version) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "folder", "rows"), [("2024", "organizations", 8), ("2025", "organizations-2025", 10)]
)
def test_the_big5_files_are_released_cell_by_cell(
    travel: Callable[[str], Path], version: str, folder: str, rows: int
) -> None:
    base, own = "https://data.willowbay.example/id/", "https://data.willowbay.example/ontology#"
    released = read_release(travel("big5") / "releases" / version)
    expected: Things = {}
    found: dict[str, str] = {}
    for name in ("行政區", "人民團體"):
        content = (TABLES / folder / f"{name}.csv").read_bytes().decode("big5")
        for at, row in enumerate(list(csv.reader(io.StringIO(content)))[1:], 1):
            if name == "行政區":
                found[row[0]] = f"{base}districts/{at}"
                made = thing(label=row[0], residents=row[1].replace(",", ""))
                area = next(p for p in released[found[row[0]]] if p.startswith(own))
                expected[found[row[0]]] = made | {area: {number(row[2])}}
            else:
                code, label, founded, district, phone, members, services, note = row
                made = thing(number=code, label=label, phone=phone, note=note)
                made |= thing(**{f"{own}founded": founded, f"{own}members": members.replace(",", "")})
                made |= thing(**{f"{own}service": set(services.split("、")), f"{own}column4": found[district]})
                expected[f"{base}groups/{code}"] = made
    assert len(expected) == rows
    assert released == expected


def test_the_tables_are_those_of_the_script(tmp_path: Path) -> None:
    write_tables(tmp_path)
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")}
    assert made == {path.relative_to(TABLES) for path in TABLES.rglob("*.*")}
    for path in made:
        if path.suffix == ".csv":
            assert (tmp_path / path).read_bytes() == (TABLES / path).read_bytes(), path
            continue
        for sheet in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
            assert read_sheet(tmp_path / path, sheet) == read_sheet(TABLES / path, sheet), path
    assert len(CITIES) + len(VISITS) == 12
