"""Workbooks as offices keep them, for the tests; and a reader of their cells that shares nothing with the package."""

from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import xlsxwriter

Cell = Any
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

PARKS_HEAD = ("Park no.", "Name", "District", "Opened", "Area (ha)", "Lat", "Lon", "Facilities", "Lit", "Website")
PARKS: list[tuple[Cell, ...]] = [
    ("007", "Lotus Pond", "North Gate", dt.date(1991, 6, 1), 7.05, 25.01, 121.5, "playground;toilets", "yes", "https://parks.example.org/lotus"),
    ("012", "Fort Hill", "Old Harbour", dt.date(1936, 10, 10), 48, 25.02, 121.51, "toilets;viewpoint", "no", ""),
    ("013", "Camphor Park", "Old Harbour", dt.date(1978, 1, 5), 3.4, 25.03, 121.52, "", "yes", ""),
    ("021", "Rail Yard Park", "Riverside", dt.date(2021, 12, 1), 5.2, 25.05, 121.53, "playground", "yes", ""),
]  # fmt: skip
DISTRICTS: list[tuple[Cell, ...]] = [("North Gate", 41820), ("Old Harbour", 27315), ("Riverside", 36507)]


def write_city(
    path: Path,
    parks: Sequence[Sequence[Cell]] = PARKS,
    districts: Sequence[Sequence[Cell]] = DISTRICTS,
    head: Sequence[str] = PARKS_HEAD,
) -> Path:
    """Write a workbook with title rows, a heading over two columns, a footnote, and a second sheet."""
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Parks")
    sheet.merge_range(0, 0, 0, 9, "Parks of Willow Bay, 2025", bold)
    sheet.write(1, 0, "Source: parks department")
    sheet.merge_range(3, 5, 3, 6, "Location", bold)
    sheet.write_row(4, 0, head, bold)
    for number, row in enumerate(parks, 5):
        for at, value in enumerate(row):
            if isinstance(value, dt.date):
                sheet.write_datetime(number, at, dt.datetime(value.year, value.month, value.day), day)
            elif value != "":
                sheet.write(number, at, value)
    sheet.write(len(parks) + 6, 0, "* Areas are measured from the cadastral map.")
    other = book.add_worksheet("Districts")
    other.write_row(0, 0, ("District", "Residents"))
    for number, row in enumerate(districts, 1):
        other.write_row(number, 0, row)
    book.close()
    return path


def read_sheet(path: Path, part: str) -> list[list[str]]:
    """Read the cells of a sheet of a workbook from its XML, numbers as they are stored."""
    with zipfile.ZipFile(path) as package:
        strings: list[str] = []
        if "xl/sharedStrings.xml" in package.namelist():
            root = ET.fromstring(package.read("xl/sharedStrings.xml"))
            strings = ["".join(t.text or "" for t in one.iter(f"{SPACE}t")) for one in root.iter(f"{SPACE}si")]
        sheet = ET.fromstring(package.read(part))
    rows: dict[int, dict[int, str]] = {}
    for cell in sheet.iter(f"{SPACE}c"):
        place = re.fullmatch("([A-Z]+)([0-9]+)", cell.get("r", ""))
        value = cell.find(f"{SPACE}v")
        if place is None or value is None or value.text is None:
            continue
        column = 0
        for letter in place[1]:
            column = column * 26 + ord(letter) - 64
        text = strings[int(value.text)] if cell.get("t") == "s" else value.text
        rows.setdefault(int(place[2]), {})[column - 1] = text
    return [[row.get(i, "") for i in range(max(row) + 1)] for _, row in sorted(rows.items())]


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as rows by their headers."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
