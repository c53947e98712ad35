"""Searches a store by the names of things, with plain SPARQL: what has exactly the name first, then what contains it.

No index is needed, and none is used: a store that has its own is faster for words within long texts, but each asks for
it in its own way. An exact name is looked up in the languages that the store is likely to have; what contains a text is
found by going through the names, within the time that is left, so that a very large store answers with a part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import SKOS, term
from glocal_rdf.serve.source.asking import Session, is_iri_term, quote_text
from glocal_rdf.serve.source.layout import Layout
from glocal_rdf.serve.source.naming import NAMES

__all__ = ["MOST_FOUND", "Found", "Match", "search_names"]

MOST_FOUND: Final = 200
"""How many things one search finds."""

MOST_TEXT: Final = 2_000
"""How many characters a text has at most that is looked for."""

_SHARE: Final = 0.7
"""The share of the time that is left in which names are looked through."""

_ALL_NAMES: Final = (*NAMES, term(SKOS, "altLabel"), term(SKOS, "hiddenLabel"))
_TAGS: Final = (
    "",
    "en",
    "zh-Hant",
    "zh",
    "zh-TW",
    "zh-tw",
    "zh-hant",
    "zh-Hans",
    "de",
    "fr",
    "es",
    "ja",
    "en-US",
    "en-GB",
)
"""The languages in which an exact name is looked up without going through all names."""


@dataclass(frozen=True)
class Match:
    """A thing that a search found.

    Attributes:
        thing: Its term.
        predicate: The property of the name.
        name: The name, a literal.
        exact: Whether the name is the text; else it contains it.
    """

    thing: str
    predicate: str
    name: str
    exact: bool


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        matches: The things, each once, exact names first.
        complete: Whether all names were looked through, and all that was found is here.
    """

    matches: Sequence[Match]
    complete: bool


def search_names(session: Session, layout: Layout, text: str, *, kinds: Sequence[str] = ()) -> Found:
    """Find things by their names.

    Args:
        session: Asks the store.
        layout: What the store is like.
        text: A name or a part of one.
        kinds: Terms of classes, one of which a thing has; none for any.

    Raises:
        QueryError: Where the text is too long, or not even exact names can be looked up in time.
        EndpointError: Where the store does not answer as it should.
    """
    text = " ".join("".join(one for one in text if one.isprintable() or one.isspace()).split())
    if len(text) > MOST_TEXT:
        what = f"has {len(text):,} characters, and names of at most {MOST_TEXT:,} are looked for"
        raise QueryError.at("text", what, "look for a part of it")
    if not text:
        return Found((), True)
    spelled = dict.fromkeys((text, text.casefold(), text.title(), text.capitalize(), text.upper()))
    literals = [f"{quote_text(one)}@{tag}" if tag else quote_text(one) for one in spelled for tag in _TAGS]
    predicates = " ".join(_ALL_NAMES)
    of_kind = ""
    chosen = [kind for kind in kinds if is_iri_term(kind)]
    if chosen:
        of_kind = f"VALUES ?kind {{ {' '.join(chosen)} }} {layout.within('?t a ?kind .', 'k')}"
    pattern = layout.within("?t ?p ?o .", "n")
    rows = session.select(
        f"SELECT DISTINCT ?t ?p ?o {{ VALUES ?o {{ {' '.join(literals)} }} {pattern} "
        f"FILTER(isIRI(?t) && ?p IN ({', '.join(_ALL_NAMES)})) {of_kind} }} LIMIT {MOST_FOUND + 1}"
    )
    matches = {one: Match(one, predicate, name, True) for one, predicate, name in rows if one and predicate and name}
    complete = len(rows) <= MOST_FOUND
    inside: Sequence[tuple[str | None, ...]] = ()
    if len(matches) < MOST_FOUND:
        wanted = quote_text(text.lower())
        query = (
            f"SELECT DISTINCT ?t ?p ?o {{ VALUES ?p {{ {predicates} }} {pattern} "
            f"FILTER(isIRI(?t) && CONTAINS(LCASE(STR(?o)), {wanted})) {of_kind} }} LIMIT {MOST_FOUND + 1}"
        )
        try:
            # Some time is left to name what was found.
            inside = session.select(query, session.left() * _SHARE)
        except QueryError:
            complete = False
    else:
        complete = False  # Nobody has looked for what contains the text.
    found = sorted(
        (Match(one, predicate, name, False) for one, predicate, name in inside if one and predicate and name),
        key=lambda match: (
            (_ALL_NAMES.index(match.predicate), len(match.name), match.name, match.thing)
            if match.predicate in _ALL_NAMES
            else (len(_ALL_NAMES), 0, match.name, match.thing)
        ),
    )
    for match in found:
        matches.setdefault(match.thing, match)
    complete = complete and len(inside) <= MOST_FOUND and len(matches) <= MOST_FOUND
    return Found(list(matches.values())[:MOST_FOUND], complete)
