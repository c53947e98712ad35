"""Makes the tables of `examples/tables`, as offices send them; everything in them is made up.

`python tests/office_tables.py FOLDER` writes them.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

Row = tuple[Any, ...]
BEES = "Cities for Bees"

CITIES: list[Row] = [
    (
        "001",
        "Port Ellery",
        "Norway",
        84210,
        dt.date(1987, 5, 12),
        "twinning",
        59.135,
        9.656,
        f"Fjord League; {BEES}",
        "",
    ),
    ("002", "Saint-Aubrac", "France", 41877, dt.date(1994, 9, 24), "twinning", 45.04, 3.885, BEES, ""),
    ("003", "Alto Lindo", "Chile", 152003, "2.6.2001", "cooperation", -33.047, -71.612, "", "renewed in 2011"),
    (
        "007",
        "Kalnava",
        "Latvia",
        26540,
        "14.10.2005",
        "twinning",
        56.65,
        23.713,
        f"Baltic Ring; {BEES}; Night Trains",
        "",
    ),
    ("010", "Mirador", "Chile", 98400, "1998", "friendship", -36.82, -73.044, "", ""),
    ("012", "Ostrava Mala", "Czechia", 17350, dt.date(2012, 4, 8), "cooperation", 49.6, 18.35, "Night Trains", ""),
    ("015", "Harrow Falls", "Canada", 63118, dt.date(2019, 11, 30), "friendship", 44.23, -76.48, "", "by letter"),
]
VISITS: list[Row] = [
    ("V-01", "001", dt.date(2023, 5, 10), 12, 3480.5, "schools; energy"),
    ("V-02", "007", dt.date(2023, 9, 2), 4, 910, "night trains"),
    ("V-03", "003", dt.date(2024, 1, 22), 7, 8260.75, "water"),
    ("V-04", "001", dt.date(2024, 6, 3), 15, 4105, "schools"),
    ("V-05", "015", dt.date(2024, 10, 17), 3, "", ""),
]
SIGNED = {"003": dt.date(2001, 6, 2), "007": dt.date(2005, 10, 14), "010": dt.date(1998, 3, 21)}

KITAS = """\
Kindertageseinrichtungen der Stadt Weidenbrück;;;;;;;;;
Stand: 31.12.2024;;;;;;;;;
;;;;;;;;;
Kita-Nr.;Bezeichnung;PLZ;Straße;Eröffnet am;Plätze;Außenfläche (m²);Essensgeld (€);Ganztags;Schwerpunkte
0101;Löwenzahn;09599;Mühlstraße 4;01.08.1974;120;2.450,50;3,85;ja;Bewegung, Natur
0102;Käthe Kollwitz;09599;Große Gasse 12;15.03.1981;84;1.180,00;3,85;nein;Kunst
0105;Spatzennest;09600;Schloßplatz 1;01.09.1996;45;640,25;4,10;ja;
0203;Am Bächlein;09601;Bachstraße 27a;02.05.2008;96;3.075,00;3,95;ja;Natur, Musik, Sprache
0204;„Die kleinen Füchse“;09600;Försterweg 3;01.08.2015;60;–;4,10;nein;Natur
0310;Brücke;09601;Uferweg 8;;72;1.410,75;3,90;ja;Sprache, Bewegung
;;;;;;;;;
– = keine eigene Außenfläche;;;;;;;;;
Quelle: Amt für Kindertagesbetreuung, Angaben ohne Gewähr;;;;;;;;;
"""
NEWER_KITAS = (
    ("Stand: 31.12.2024", "Stand: 31.12.2025"),
    (";84;1.180,00;3,85;", ";88;1.180,00;3,95;"),
    ("Brücke;09601;Uferweg 8;;", "Brücke;09601;Uferweg 8;31.02.1999;"),
    (
        "ja;Sprache, Bewegung\n",
        "ja;Sprache, Bewegung\n0311;Regenbogen;9601;Uferweg 30;01.10.2025;50;875,00;3,95;ja;Kunst, Natur\n",
    ),
)

GROUPS = """\
統一編號,團體名稱,設立日期,所在區,電話,會員人數,服務項目,備註
04128866,柳灣環境保護協會,76年8月15日,北門區,02-2345-6789,312,淨灘、環境教育,
00931275,老港文化促進會,68年3月2日,老港區,02-2345-1100,128,導覽、出版、口述歷史,
81570042,河濱自行車聯盟,103年11月20日,河濱區,02-2766-0908,"1,045",賽事,每年五月年會
26004917,北門社區關懷協會,92年6月30日,北門區,02-2381-4455,86,送餐、長者關懷,
09217730,柳灣國際志工協會,99年1月5日,老港區,,57,翻譯、接待,
"""
DISTRICTS = """\
行政區,人口數,面積(平方公里)
北門區,"41,820",12.35
老港區,"27,315",4.80
河濱區,"36,507",9.02
"""
NEWER_GROUPS = (
    ("北門區,02-2381-4455,86,", "北門區,02-2381-4455,91,"),
    (
        "57,翻譯、接待,\n",
        "57,翻譯、接待,\n30528816,山腳農夫市集協會,112年4月8日,山腳區,02-2799-3310,40,市集、食農教育,\n",
    ),
)
NEWER_DISTRICTS = (('"36,507",9.02\n', '"36,507",9.02\n山腳區,"8,214",21.60\n'),)


def write_partners(path: Path, cities: Sequence[Row], visits: Sequence[Row], state: str) -> None:
    """Write a workbook of two sheets: one with title rows, merged headings and notes under the table, one plain."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": dt.datetime(2025, 3, 3)})
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet("Partner cities")
    sheet.merge_range(0, 0, 0, 9, "Partner cities of Willow Bay", bold)
    sheet.write(1, 0, f"International Office, as of {state}")
    sheet.merge_range(3, 4, 3, 5, "Agreement", bold)
    sheet.merge_range(3, 6, 3, 7, "Location", bold)
    head = ("No.", "City", "Country", "Residents", "Signed", "Kind", "Lat", "Lon", "Networks", "Remarks")
    sheet.write_row(4, 0, head, bold)
    _write_rows(sheet, 5, cities, day)
    sheet.write(len(cities) + 6, 0, "Residents: last census of the country.")
    sheet.write(len(cities) + 7, 0, "* Friendships have no agreement of the council.")
    other = book.add_worksheet("Visits")
    other.write_row(0, 0, ("Visit", "Partner", "Arrival", "Persons", "Cost (EUR)", "Topics"), bold)
    _write_rows(other, 1, visits, day)
    book.close()


def _write_rows(sheet: Any, first: int, rows: Sequence[Row], day: Any) -> None:
    for number, row in enumerate(rows, first):
        for at, value in enumerate(row):
            if isinstance(value, dt.date):
                sheet.write_datetime(number, at, dt.datetime(value.year, value.month, value.day), day)
            elif value != "":
                sheet.write(number, at, value)


def newer_partners(slip: bool) -> tuple[list[Row], list[Row]]:
    """Return the tables of a year later: all dates are dates; one city is gone; with a slip, or corrected."""
    cities: list[Row] = []
    for row in CITIES:
        number, signed = row[0], SIGNED.get(row[0], row[4])
        if number == "010":
            continue
        residents = 43005 if number == "002" else row[3]
        lat = 4960 if slip and number == "012" else row[6]
        cities.append((number, *row[1:3], residents, signed, row[5], lat, *row[7:]))
    visit = ("V-06", "002", dt.date(2025, 6, 14), 9, 2240, "bees; schools")
    return cities, [*VISITS, visit]


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with pieces replaced, each of which occurs once."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def write_tables(folder: Path) -> None:
    """Write all tables into a folder."""
    for name in ("kitas", "organizations", "organizations-2025", "partners"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_partners(folder / "partners" / "partners.xlsx", CITIES, VISITS, "3 March 2025")
    write_partners(folder / "partners" / "partners-2026.xlsx", *newer_partners(True), "2 March 2026")
    write_partners(folder / "partners" / "partners-2026-corrected.xlsx", *newer_partners(False), "4 March 2026")
    for name, text in (("kitas/kitas.csv", KITAS), ("kitas/kitas-2025.csv", replaced(KITAS, *NEWER_KITAS))):
        (folder / name).write_bytes(text.replace("\n", "\r\n").encode("cp1252"))
    for name, text in (
        ("organizations/人民團體.csv", GROUPS),
        ("organizations/行政區.csv", DISTRICTS),
        ("organizations-2025/人民團體.csv", replaced(GROUPS, *NEWER_GROUPS)),
        ("organizations-2025/行政區.csv", replaced(DISTRICTS, *NEWER_DISTRICTS)),
    ):
        (folder / name).write_bytes(text.replace("\n", "\r\n").encode("big5"))


if __name__ == "__main__":
    write_tables(Path(sys.argv[1]))
