"""What the tests of linking share: a small snapshot, and a way to link rows to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glocal_rdf.linking.candidates import find_candidates
from glocal_rdf.linking.decisions import decide
from glocal_rdf.linking.tables import guess_columns, read_header, read_table
from glocal_rdf.linking.things import Things, make_things

SNAPSHOT = """id,label_en,label_zh,aliases,country,type,website,inception,lat,lon,P1566,P6782
Q1867,Taipei,臺北市,台北|Taibei|Taipei City,TW,city,https://www.gov.taipei,,25.05306,121.52639,1668341,
Q249994,Hsinchu,新竹市,Hsinchu City,TW,city,,,24.80361,120.96861,1675151,
Q74054,Hsinchu County,新竹縣,,TW,county,,,24.83,121.01,,
Q1,Springfield,,,US,city,,,39.80172,-89.64371,4250542,
Q2,Springfield,,,US,city,,,37.21533,-93.29824,4409896,
Q3,Springfield,,,CA,city,,,49.93,-96.84,,
Q7809,UNESCO,联合国教科文组织,United Nations Educational Scientific and Cultural Organization,FR,organization,https://www.unesco.org/en,1945,,,,04h4z8k05
Q1065,United Nations,联合国,UN,US,organization,https://www.un.org/,1945,,,,
Q2974854,United Cities and Local Governments,城市與地方政府聯合組織,UCLG,ES,organization,https://www.uclg.org,2004,,,,
"""
"""Facts of Wikidata, GeoNames and ROR; the Springfields and their numbers are made."""


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    path = tmp_path / "items.csv"
    path.write_text(SNAPSHOT, encoding="utf-8")
    return path


Link = Callable[..., dict[str, Any]]


@pytest.fixture
def link(snapshot: Path) -> Link:
    """Link one thing: returns its best candidate, with `link` and `reason`; empty where there is none."""
    columns = guess_columns(read_header(snapshot))

    def run(*names: str, **known: Any) -> dict[str, Any]:
        things = make_things([{"id": "1", "label": names[0], "names": [(n, "", "label") for n in names], **known}])
        found = decide(things, find_candidates(things, read_table(snapshot, columns))).frame
        return found.row(0, named=True) if found.height else {}

    return run


@pytest.fixture
def empty() -> Things:
    return Things.empty()
