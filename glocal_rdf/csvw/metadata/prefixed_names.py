"""Distinguishes prefixed names with an undeclared prefix from IRIs of other schemes, for warnings with a hint."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from glocal_rdf.csvw.metadata.vocabulary import PREFIXES, SCHEMES
from glocal_rdf.spelling import nearest_name
from glocal_rdf.triples.prefixes import WELL_KNOWN

__all__ = ["is_unknown_prefix", "prefix_hint"]

_USUAL: Final = {"dct": "dcterms", "dcmi": "dcterms"}
"""Prefixes that people use for a namespace which the default context has under another one."""

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def prefix_hint(prefix: str, known: Sequence[str]) -> str:
    """Return the hint for a prefix that is not declared; `known` are those that are.

    Examples:
        >>> prefix_hint("wd", ["wdr", "skos"]), prefix_hint("skso", ["wdr", "skos"])
        ('write the whole address, http://www.wikidata.org/entity/…', 'did you mean skos:?')
    """
    if prefix in WELL_KNOWN and prefix not in _USUAL:
        return f"write the whole address, {WELL_KNOWN[prefix]}…"
    near = _USUAL.get(prefix) or nearest_name(prefix, known)
    if near is not None:
        return f"did you mean {near}:?"
    return "write the whole address, or declare the prefix in the ontology of the project"


def is_unknown_prefix(text: str, prefixes: Mapping[str, str] | None = None) -> bool:
    """Return whether a text looks like a prefixed name whose prefix is not declared, nor one of `prefixes`.

    Examples:
        >>> is_unknown_prefix("scheam:name"), is_unknown_prefix("geo:25.03,121.56"), is_unknown_prefix("https://e.org/")
        (True, False, False)
    """
    match = _SCHEME.match(text)
    if match is None or text.startswith(match[0] + "//") or match[1] in PREFIXES or match[1] in (prefixes or {}):
        return False
    scheme, rest = match[1].lower(), text[match.end() :]
    return scheme not in SCHEMES or (scheme == "geo" and not re.match(r"[-+0-9{]", rest))
