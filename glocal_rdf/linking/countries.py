"""Which country a value denotes: an ISO 3166-1 code, a name in any language (CLDR), or a Wikidata item."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Final

from glocal_rdf.forms import normalize_name
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import WD

__all__ = ["TERRITORIES", "country_names", "find_countries", "iso_codes"]

_TABLE: Final = "countries.csv"
"""ISO 3166-1 and Wikidata; PDDL and CC0, from github datasets/country-codes@caa72d1 and Wikidata extracts."""

_LANGUAGES: Final = ("en", "zh_Hant", "zh_Hans", "fr", "de", "es", "pt", "it", "nl", "ja", "ko", "ru", "ar", "pl", "tr")
_ALSO: Final = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northernireland": "GB", "greatbritain": "GB",
    "unitedkingdomofgreatbritainandnorthernireland": "GB", "usa": "US", "unitedstatesofamerica": "US",
    "republicofkorea": "KR", "korea,republicof": "KR", "democraticpeople'srepublicofkorea": "KP",
    "russianfederation": "RU", "people'srepublicofchina": "CN", "republicofchina": "TW", "中华民国": "TW",
    "台湾地区": "TW", "taiwan,provinceofchina": "TW", "ivorycoast": "CI", "burma": "MM", "czechrepublic": "CZ",
    "swaziland": "SZ", "capeverde": "CV", "macedonia": "MK", "turkey": "TR", "easttimor": "TL", "holland": "NL",
    "thenetherlands": "NL", "kingdomofthenetherlands": "NL", "vietnam": "VN", "laopdr": "LA",
    "laopeople'sdemocraticrepublic": "LA", "syrianarabrepublic": "SY", "iran,islamicrepublicof": "IR",
    "islamicrepublicofiran": "IR", "bolivia,plurinationalstateof": "BO", "venezuela,bolivarianrepublicof": "VE",
    "tanzania,unitedrepublicof": "TZ", "unitedrepublicoftanzania": "TZ", "moldova,republicof": "MD",
    "republicofmoldova": "MD", "democraticrepublicofthecongo": "CD", "drcongo": "CD", "republicofthecongo": "CG",
    "congo": "CG", "stateofpalestine": "PS", "palestine": "PS", "vatican": "VA", "holysee": "VA",
    "bruneidarussalam": "BN", "uae": "AE", "brasil": "BR", "deutschland": "DE", "españa": "ES",
    "xk": "XK", "xkx": "XK", "kosovo": "XK", "hongkong": "HK", "macau": "MO", "macao": "MO",
}  # fmt: skip
"""Names in use that CLDR does not have, folded: official forms, those of the United Nations, and former ones."""


TERRITORIES: Final = {
    **dict.fromkeys(("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"), "FR"),
    **dict.fromkeys(("AI", "BM", "FK", "GG", "GI", "GS", "IM", "IO", "JE", "KY", "MS", "PN", "SH", "TC", "VG"), "GB"),
    **dict.fromkeys(("AS", "GU", "MP", "PR", "UM", "VI"), "US"),
    **dict.fromkeys(("AW", "BQ", "CW", "SX"), "NL"),
    **dict.fromkeys(("CC", "CX", "HM", "NF"), "AU"), **dict.fromkeys(("CK", "NU", "TK"), "NZ"),
    **dict.fromkeys(("FO", "GL"), "DK"), **dict.fromkeys(("HK", "MO"), "CN"), **dict.fromkeys(("BV", "SJ"), "NO"),
    "AX": "FI",
}  # fmt: skip
"""The countries of ISO 3166-1 that are territories of another one, or in association with it."""


@cache
def iso_codes() -> tuple[dict[str, str], ...]:
    """Return the rows of ISO 3166-1: `alpha_2`, `alpha_3`, `numeric`, and the Wikidata items for it."""
    text = files(__package__).joinpath(_TABLE).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def country_names(language: str) -> dict[str, str]:
    """Return the names of countries in a language by their alpha-2 codes, from CLDR."""
    from babel import Locale  # noqa: PLC0415 - takes long

    named = Locale.parse(language).territories
    return {row["alpha_2"]: str(named[row["alpha_2"]]) for row in iso_codes() if row["alpha_2"] in named}


@cache
def _codes() -> dict[str, str]:
    found = dict(_ALSO)
    for row in iso_codes():
        for value in (row["alpha_2"], row["alpha_3"], row["numeric"], *row["wikidata"].split()):
            found[value.casefold()] = row["alpha_2"]
    return found


@cache
def _names() -> dict[str, str]:
    return {
        normalize_name(name): code
        for language in reversed(_LANGUAGES)
        for code, name in country_names(language).items()
    }


def find_countries(values: pl.Series) -> pl.Series:
    """Return what countries some values denote: alpha-2 codes, or the value itself where it denotes no country.

    Examples:
        >>> find_countries(pl.Series(["DEU", "德國", "Q183", "Atlantis", None])).to_list()
        ['DE', 'DE', 'DE', 'atlantis', None]
    """
    different = values.drop_nulls().unique()
    found = {value: _find(value) for value in different}
    return values.replace_strict(found, default=None, return_dtype=pl.String)


def _find(value: str) -> str | None:
    key = normalize_name(value.removeprefix(WD))
    if not key:
        return None
    return _codes().get(key) or _names().get(key) or key
