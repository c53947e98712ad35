"""The codes that DCAT-AP takes from tables of the European Union: languages, file types, licence types.

The tables are at https://op.europa.eu/en/web/eu-vocabularies/authority-tables; a code is the last part of an IRI. Only
what a description needs is here: the code of a language is that of ISO 639-3 (Babel has it), of all others few are
used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from glocal_rdf.namespaces import ADMS_LICENCE, ADMS_PUBLISHER, EU

__all__ = ["LICENCE_TYPES", "find_language_code", "find_licence_type", "find_scheme", "language_iri"]

_OTHER_CODES: Final = re.compile(
    # of ISO 639-2/B, where they differ from those of ISO 639-2/T
    "alb|arm|baq|bur|chi|cze|dut|fre|geo|ger|gre|ice|mac|mao|may|per|rum|slo|tib|wel|"
    # former ones, and those of one language among several of a code of two letters
    "adp|als|arb|ayr|azj|cls|cmn|cwd|drh|ekk|esk|fuc|gaz|gug|ike|khk|kmr|knc|kng|kpv|lvs|mol|npi|ojg|ory|pbu|pes|plt|"
    "prp|quz|scc|scr|src|swh|twi|uzn|ydd|zsm|zyb"
)
"""Codes of three letters that are aliases of those of two, and not the codes of the same languages in the table."""

LICENCE_TYPES: Final[Mapping[str, str]] = {
    "PublicDomain": r"creativecommons\.org/publicdomain/|opendatacommons\.org/licenses/pddl/",
    "Attribution": r"creativecommons\.org/licenses/by/|opendatacommons\.org/licenses/by/",
    "ViralEffect-ShareAlike": r"creativecommons\.org/licenses/by-sa/|opendatacommons\.org/licenses/odbl/",
}
"""The types of well-known licences (ADMS), by what the address of a licence has in it."""


def find_licence_type(licence: str) -> str:
    """Return the IRI of the type of a well-known licence, or the empty text.

    Examples:
        >>> find_licence_type("https://creativecommons.org/publicdomain/zero/1.0/")
        'http://purl.org/adms/licencetype/PublicDomain'
        >>> find_licence_type("https://example.org/my-licence")
        ''
    """
    return next((ADMS_LICENCE + name for name, found in LICENCE_TYPES.items() if re.search(found, licence)), "")


def language_iri(tag: str) -> str:
    """Return the IRI of a language in the EU's table, or the empty text where the tag's language has no code.

    Examples:
        >>> language_iri("zh-Hant"), language_iri("de")[-3:], language_iri("x-private")
        ('http://publications.europa.eu/resource/authority/language/ZHO', 'DEU', '')
    """
    code = find_language_code(tag)
    return f"{EU}language/{code}" if code else ""


def find_language_code(tag: str) -> str:
    """Return the code of three letters of a language, in capitals; empty where it is not known.

    Args:
        tag: A language tag (BCP 47).
    """
    language = tag.partition("-")[0].lower()
    if len(language) == 3 and language.isalpha():
        return language.upper()
    return _codes().get(language, "").upper()


@cache
def _codes() -> Mapping[str, str]:
    """Return the codes of three letters by those of two, which are aliases in the Unicode CLDR."""
    from babel.core import get_global  # noqa: PLC0415 - only where a site is published

    aliases: Mapping[str, str] = get_global("language_aliases")
    found: dict[str, str] = {}
    for code in sorted(aliases):
        if len(code) == 3 and len(aliases[code]) == 2 and not _OTHER_CODES.fullmatch(code):
            found.setdefault(aliases[code], code)
    return found


def find_scheme(concept: str) -> str:
    """Return the IRI of the table that a concept is in: what comes before its code. Empty where it is of no table.

    Examples:
        >>> find_scheme("http://publications.europa.eu/resource/authority/data-theme/REGI")
        'http://publications.europa.eu/resource/authority/data-theme'
        >>> find_scheme("http://purl.org/adms/licencetype/PublicDomain")
        'http://purl.org/adms/licencetype/1.0'
    """
    if table := next((one for one in (ADMS_LICENCE, ADMS_PUBLISHER) if concept.startswith(one)), ""):
        return f"{table}1.0"
    folder, _, code = concept.rpartition("/")
    return folder if concept.startswith(EU) and code else ""
