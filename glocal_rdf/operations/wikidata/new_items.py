"""Proposes new items for things without a link, with what an item needs to be kept, and what a person checks first.

A thing is proposed only where it has a name, a description, a class that the Wikibase has an item for, and a statement
with a reference or an identifier. Before that, the Wikibase is searched: by identifiers among the entities at hand, and
by all names in all scripts. Where anything is found, the thing is left out, and listed with what was found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

import polars as pl

from glocal_rdf.dataset import Build
from glocal_rdf.namespaces import DCTERMS, RDF_TYPE, RDFS, SCHEMA, SKOS, iri_of, term
from glocal_rdf.operations.wikidata.references import References
from glocal_rdf.operations.wikidata.statements import Linked, find_unlinked
from glocal_rdf.search.readings import read_chinese
from glocal_rdf.triples import terms
from glocal_rdf.wikidata.compare.literals import code_language
from glocal_rdf.wikidata.compare.outcomes import OurStatement
from glocal_rdf.wikidata.contribute.batch import (
    LABEL_LIMIT,
    Addition,
    LeftOut,
    NewItem,
    UnwritableError,
    fit_text,
    merge_additions,
)
from glocal_rdf.wikidata.entities.model import ItemValue, Snak, StringValue
from glocal_rdf.wikidata.properties import Vocabulary

__all__ = ["Search", "propose_items"]


class Search(Protocol):
    """Searches the items of a Wikibase."""

    def by_name(self, name: str, code: str) -> Iterable[str]:
        """Return the items that have a name in a language."""

    def by_identifier(self, number: str, text: str) -> Iterable[str]:
        """Return the items that have an identifier or address, by the property."""


_DESCRIPTIONS: Final = (term(DCTERMS, "description"), term(SCHEMA, "description"), term(SKOS, "definition"))
_NAMES: Final = (term(SKOS, "prefLabel"), term(SKOS, "altLabel"))


def propose_items(
    built: Build,
    linked: Linked,
    vocabulary: Vocabulary,
    references: References,
    search: Search,
    about: Iterable[str] = (),
) -> tuple[list[NewItem], list[LeftOut]]:
    """Propose new items for the things of mapped classes that have no link.

    Args:
        built: The build of the project.
        linked: The linked things.
        vocabulary: What the project maps to the Wikibase.
        references: Makes references.
        search: Searches the Wikibase.
        about: The slugs or IRIs of things; all where there is none.

    Returns:
        The items, and the things that are left out, each with the reason.
    """
    frame = built.triples.frame
    classes = _rank_classes(built, vocabulary)
    typed = frame.filter((pl.col("predicate") == RDF_TYPE) & pl.col("object").is_in(list(classes)))
    known = {f"<{thing}>" for thing in linked.items} | {f"<{thing}>" for thing in linked.several}
    kinds: dict[str, str] = {}
    for thing, kind in typed.sort("subject", "object").select("subject", "object").iter_rows():
        if thing not in known and (thing not in kinds or classes[kind] > classes[kinds[thing]]):
            kinds[thing] = kind
    wanted = tuple(about)
    chosen = sorted(
        one
        for one in kinds
        if not wanted or any(iri_of(one) == word or iri_of(one).endswith(f"/{word}") for word in wanted)
    )
    texts = _read_texts(frame, chosen)
    items: list[NewItem] = []
    left_out: list[LeftOut] = []
    pairs: dict[tuple[str, str, str], str] = {}
    statements = find_unlinked(built, vocabulary, linked, chosen)
    for thing in chosen:
        iri = str(iri_of(thing))
        labels, descriptions, aliases = _name(texts.get(thing, {}))
        shown = next(iter(labels.values()), iri)

        found_here = [one for ours in statements.get(iri, ()) if (one := _add(ours, references)) is not None]
        additions, others = merge_additions(found_here)
        left_out += others
        reason = ""
        if not labels:
            reason = "it has no name"
        elif not descriptions:
            reason = "it has no description, without which it cannot be distinguished from others of its name"
        elif all(isinstance(one.main.value, ItemValue) for one in additions):
            reason = "it has no date, address, identifier or number with a reference, by which it would be known"
        elif same := [one for one in _pairs(labels, descriptions) if one in pairs]:
            reason = f"its label and description in {same[0][0]} are those of {pairs[same[0]]}"
        elif found := sorted(set(_search_identifiers(search, additions))):
            reason = f"items have its identifier or address already: {', '.join(found[:5])}; link it"
        elif found := sorted(set(_search(search, labels, aliases))):
            reason = f"items have its name already: {', '.join(found[:5])}; link it, or check that they are others"
        else:
            pairs |= dict.fromkeys(_pairs(labels, descriptions), iri)
            number = vocabulary.classes[kinds[thing]]
            instance = Addition(
                "", Snak(vocabulary.instance_of, ItemValue(number)), (), additions[0].references[:1], iri
            )
            check = tuple(f"search for “{name}” ({code})" for code, name in labels.items())
            items.append(NewItem(iri, labels, descriptions, aliases, (instance, *additions), check))
        if reason:
            left_out.append(LeftOut("", iri, "", shown, reason))
    return items, left_out


def _is_chosen(iri: str, words: tuple[str, ...]) -> bool:
    return not words or any(iri == word or iri.endswith(f"/{word}") for word in words)


def _add(ours: OurStatement, references: References) -> Addition | None:
    """Return a statement of a new item; None where it has no value or no reference."""
    cited = references.make(ours)
    if ours.value is None or ours.blocked or ours.withheld or not cited:
        return None
    claims = (ours.claim,) if ours.claim else ()
    main = Snak(ours.property, ours.value)
    return Addition("", main, ours.qualifiers, cited, ours.thing, claims, preferred=ours.preferred, note=ours.note)


def _rank_classes(built: Build, vocabulary: Vocabulary) -> dict[str, int]:
    """Return the mapped classes, each with how deep it is below others: the deepest is the most telling."""
    above = built.project.ontology.frame.filter(pl.col("predicate") == term(RDFS, "subClassOf"))
    parents: dict[str, list[str]] = {}
    for lower, upper in above.select("subject", "object").iter_rows():
        parents.setdefault(lower, []).append(upper)

    def depth(kind: str, seen: frozenset[str] = frozenset()) -> int:
        if kind in seen:
            return 0
        return 1 + max((depth(one, seen | {kind}) for one in parents.get(kind, ())), default=0)

    return {kind: depth(kind) for kind in vocabulary.classes}


def _read_texts(frame: pl.DataFrame, things: list[str]) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Return the names and descriptions of things: by thing and predicate, pairs of code and text."""
    rows = frame.filter(pl.col("subject").is_in(things), pl.col("predicate").is_in([*_NAMES, *_DESCRIPTIONS]))
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for thing, predicate, value in rows.sort("subject", "predicate", "object").iter_rows():
        if '"@' in value:
            pair = code_language(value.rpartition('"@')[2]), terms.unquote(value)
            found.setdefault(thing, {}).setdefault(predicate, []).append(pair)
    return found


def _name(
    texts: Mapping[str, list[tuple[str, str]]],
) -> tuple[dict[str, str], dict[str, str], dict[str, tuple[str, ...]]]:
    """Return labels, descriptions and aliases; a description that is too long or the label is left out."""
    labels: dict[str, str] = {}
    aliases: dict[str, list[str]] = {}
    for code, text in _fitting(texts.get(_NAMES[0], ())):
        if code in labels:
            aliases.setdefault(code, []).append(text)
        labels.setdefault(code, text)
    for code, text in _fitting(texts.get(_NAMES[1], ())):
        if text != labels.get(code) and text not in aliases.get(code, ()):
            aliases.setdefault(code, []).append(text)
    descriptions: dict[str, str] = {}
    for predicate in _DESCRIPTIONS:
        for code, text in _fitting(texts.get(predicate, ())):
            # Descriptions are no sentences.
            short = text.removesuffix(".").removesuffix("。")
            if short != labels.get(code):
                descriptions.setdefault(code, short)
    return labels, descriptions, {code: tuple(many) for code, many in aliases.items()}


def _fitting(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for code, text in pairs:
        try:
            yield code, fit_text(text, LABEL_LIMIT)
        except UnwritableError:
            continue


def _pairs(labels: Mapping[str, str], descriptions: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return what must be unique in a Wikibase: label and description of each language."""
    return [(code, label, descriptions[code]) for code, label in labels.items() if code in descriptions]


def _search_identifiers(search: Search, additions: Iterable[Addition]) -> Iterator[str]:
    """Yield the items that have one of the identifiers or addresses."""
    for one in additions:
        if isinstance(one.main.value, StringValue):
            yield from search.by_identifier(one.main.property, one.main.value.text)


def _search(search: Search, labels: Mapping[str, str], aliases: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the items that have one of the names, in either script of Chinese."""
    asked = set()
    names = [*labels.items(), *((code, one) for code, many in aliases.items() for one in many)]
    for code, name in names:
        for form in dict.fromkeys((name, *(read_chinese(name) if code.startswith("zh") else ()))):
            key = unicodedata.normalize("NFKC", form).casefold()
            if key not in asked:
                asked.add(key)
                yield from search.by_name(form, code)
