"""The words of headers and cells that indicate a kind of values, in languages that are common in tables."""

from __future__ import annotations

import re
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


__all__ = [
    "BOOLEANS",
    "CODES",
    "COORDINATES",
    "DATES",
    "DURATIONS",
    "IDENTIFIERS",
    "KEYS",
    "LANGUAGES",
    "LISTS",
    "NULL_MARKERS",
    "PROSE",
    "YEARS",
    "words_of",
]

NULL_MARKERS: Final = (
    "NA", "N/A", "n/a", "na", "n.a.", "N.A.", "#N/A", "NULL", "null", "Null", "NaN", "nan", "None", "none",
    "-", "--", "–", "—", "?", ".", "..", "…", "...", "unknown", "Unknown", "k.A.", "nil", "無", "不詳",
)  # fmt: skip
BOOLEANS: Final = (
    ("true", "false"), ("TRUE", "FALSE"), ("True", "False"), ("yes", "no"), ("Yes", "No"), ("YES", "NO"),
    ("Y", "N"), ("y", "n"), ("ja", "nein"), ("Ja", "Nein"), ("JA", "NEIN"), ("oui", "non"), ("Oui", "Non"),
    ("sí", "no"), ("Sí", "No"), ("si", "no"), ("Si", "No"), ("sì", "no"), ("Sì", "No"), ("sim", "não"),
    ("T", "F"), ("t", "f"), ("是", "否"), ("有", "無"), ("on", "off"), ("wahr", "falsch"), ("vrai", "faux"),
)  # fmt: skip
YEARS: Final = _words(
    "year years yr founded since established jahr jahre année annee annees années an año ano anno anni 年 年份 年度"
)
DATES: Final = _words("date day datum tag fecha data dia jour dob 日期 日")
DURATIONS: Final = _words("duration dauer length runtime elapsed durée duree duración duracion durata laufzeit 時長")
CODES: Final = _words(
    "code codes zip zipcode plz postcode postal postleitzahl cap phone telephone tel telefon telefono teléfono mobile "
    "fax isbn issn ean gtin upc iban bic vat siren siret nif cif account konto serial version section chapter clause "
    "sku barcode fips iso nuts lau ags insee passport ssn phonenumber phones fon handy 電話 傳真 郵遞區號 代碼 編號"
)
IDENTIFIERS: Final = _words("id ids identifier key no nr number num nummer ref reference uid oid fid gid")
LISTS: Final = _words("codes ids list lists goals sdg sdgs tags themes topics numbers keys refs categories")
COORDINATES: Final = _words("lat latitude lon lng long longitude x y breite länge latitud longitud")
LANGUAGES: Final = _words(
    "ar bg bn cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl no pl pt ro ru sk sl sv th tr uk ur "
    "vi zh"
)
PROSE: Final = _words(
    "name names title titles label labels description descriptions desc text abstract summary comment comments note "
    "notes remark remarks definition caption headline alias"
)
KEYS: Final = _words("id key code identifier no number nr ref uid uuid slug iri uri url")


def words_of(title: str) -> frozenset[str]:
    """Return the words of a header in lower case, also those that begin with a capital letter inside a word."""
    separated = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)
    return frozenset(w for w in re.split(r"[\W_]+", separated.lower()) if w)
