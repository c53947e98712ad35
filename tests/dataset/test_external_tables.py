"""Every cell of the external tables stands in the reference data that it was read from, beside its identifier."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.fixture(scope="module")
def reference() -> Path:
    """The folder of the reference data; its absence is a failure under CI=true."""
    folder = Path(os.environ.get("GLOCAL_DOCUMENTS", ROOT.parent / "shared" / "documents")).parent / "reference"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the reference data are not at {folder}")
        pytest.skip(f"the reference data are not at {folder}")
    return folder


def read(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table, delimiter=delimiter))


def read_ours(name: str) -> list[dict[str, str]]:
    rows = read(ROOT / "data" / "external" / f"{name}.csv")
    assert rows
    return rows


TABLES = {
    "geonames": (
        "places/cities.csv",
        {"name": "name", "latitude": "lat", "longitude": "lon", "country_code": "country_code"}
        | {"un_locode": "un_locode", "geonames": "geonames_id"},
    ),
    "country-codes": (
        "places/countries.csv",
        {"name_en": "name_en", "name_zh_hans": "name_zh_hans"}
        | {"alpha_2": "alpha2", "alpha_3": "alpha3", "numeric": "numeric"},
    ),
    "whosonfirst": (
        "places/taiwan_places_wof.csv",
        {"name_zh": "name_zh", "latitude": "lat", "longitude": "lon", "placetype": "placetype"}
        | {"whosonfirst": "wof_id", "wikidata": "wikidata_id"},
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_rows_of_the_reference(reference: Path, name: str) -> None:
    file, columns = TABLES[name]
    known = {tuple(row[theirs] for theirs in columns.values()) for row in read(reference / file)}
    assert [row["id"] for row in read_ours(name) if tuple(row[ours] for ours in columns) not in known] == []


def test_no_county_of_whosonfirst_and_nothing_that_is_not_current_is_taken(reference: Path) -> None:
    """The rows of counties carry the items of their seats."""
    records = {row["wof_id"]: row for row in read(reference / "places" / "taiwan_places_wof.csv")}
    for row in read_ours("whosonfirst"):
        record = records[row["whosonfirst"]]
        assert record["placetype"] != "county"
        assert record["is_current"] == "1"


def test_no_county_has_the_coordinates_of_its_seat() -> None:
    places = {row["id"]: row["type"] for row in read(ROOT / "data" / "places.csv")}
    assert {places[row["id"]] for row in read_ours("geonames")} == {"City"}


def test_codes_of_subdivisions_stand_in_the_reference(reference: Path) -> None:
    known = {
        (row["iso_3166_2"], row["wikidata_id"])
        for row in read(reference / "places" / "taiwan_iso3166-2_dr5hn_odbl.csv")
    } | {(row["iso"], row["wikidata"]) for row in read(reference / "identifiers.tsv", "\t")}
    assert [row["id"] for row in read_ours("iso-3166-2") if (row["code"], row["wikidata"]) not in known] == []


def list_values(node: object) -> Iterator[str]:
    """List every text and number of a JSON value."""
    if isinstance(node, dict):
        for value in node.values():
            yield from list_values(value)
    elif isinstance(node, list):
        for value in node:
            yield from list_values(value)
    elif isinstance(node, str | int):
        yield str(node)


def test_what_ror_says_stands_in_its_records(reference: Path) -> None:
    records = {}
    for file in (reference / "organizations" / "ror_raw").glob("*.json"):
        record = json.loads(file.read_text(encoding="utf-8"))
        records[record["id"].rpartition("/")[2]] = set(list_values(record))
    for row in read_ours("ror"):
        said = {value for column, value in row.items() if column not in ("id", "ror") and value}
        assert said - records[row["ror"]] == set(), row["id"]


def test_nothing_comes_from_sources_for_tests_alone() -> None:
    for file in (ROOT / "data" / "external").iterdir():
        text = file.read_text(encoding="utf-8").lower()
        assert not any(name in text for name in ("climactor", "supraverden", "pycountry"))
