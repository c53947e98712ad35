"""Finds what a project states of things that are linked to a Wikibase, as statements that can be compared and written.

1. The links that count are those of the mappings with `skos:exactMatch` or `owl:sameAs` to an item.
2. Claims on these things are laid out in columns, and joined with the mapped properties; views, claims on a part, with
   a bound, and deprecated ones are left out, as no truthy statement follows from them.
3. What tables state of these things without a claim comes after them.
4. Each object becomes a value: an item where the thing is linked, or what its literal is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from glocal_rdf.claims.ranking import DEPRECATED, PREFERRED, list_claims
from glocal_rdf.dataset import Build, label_terms
from glocal_rdf.namespaces import OWL, PROV, SKOS, iri_of, term
from glocal_rdf.search.labels import preferred_labels
from glocal_rdf.vocabulary import NARROWING, QUANTITY
from glocal_rdf.wikidata.compare.literals import UnfitError, read_literal, read_time_literal
from glocal_rdf.wikidata.compare.outcomes import OurStatement
from glocal_rdf.wikidata.entities.model import ItemValue, Snak, StringValue, Value
from glocal_rdf.wikidata.properties import PropertyMapping, Vocabulary

__all__ = ["Linked", "find_linked", "find_unlinked"]

_SAME: Final = (term(SKOS, "exactMatch"), term(OWL, "sameAs"))
_TIMES: Final = {"start": "start", "end": "end", "pointInTime": "point-in-time"}
_TEXTS: Final = frozenset({"url", "string", "external-id"})


@dataclass(frozen=True)
class Linked:
    """The linked things of a project, and what it states of them.

    Attributes:
        things: The IRI of each thing, by the item that it is linked to.
        items: The item of each thing, by its IRI.
        statements: The statements with a mapped property.
        left_out: How many claims were left out, by the reason.
        shared: Items that several things are linked to, each with these things.
        several: Things that are linked to several items, each with these items; they are not compared.
        names: The names of things and terms, by term.
    """

    things: Mapping[str, str]
    items: Mapping[str, str]
    statements: tuple[OurStatement, ...]
    left_out: Mapping[str, int]
    shared: Mapping[str, tuple[str, ...]]
    several: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]


def find_linked(built: Build, vocabulary: Vocabulary, lang: str = "en") -> Linked:
    """Find what a project states of things that are linked to a Wikibase.

    Args:
        built: The build of the project.
        vocabulary: What the project maps to the Wikibase.
        lang: The language of names.

    Examples:
        >>> from glocal_rdf import Project, build
        >>> from glocal_rdf.wikidata.properties import read_vocabulary
        >>> found = find_linked(build(Project.bundled()), read_vocabulary(Project.bundled()))
        >>> found.things["Q2974854"]
        'https://w3id.org/glocal/id/organization/uclg'
    """
    links = _find_links(built, vocabulary.wikibase.entity)
    by_thing, by_item = (
        dict(links.group_by(key, maintain_order=True).agg(pl.col(value)).iter_rows())
        for key, value in (("thing", "item"), ("item", "thing"))
    )
    several = {str(iri_of(thing)): tuple(items) for thing, items in by_thing.items() if len(items) > 1}
    shared = {
        item: tuple(str(iri_of(thing)) for thing in things) for item, things in by_item.items() if len(things) > 1
    }
    items = {thing: many[0] for thing, many in by_thing.items() if len(many) == 1}
    names = {**label_terms(built.project, lang), **preferred_labels(built.with_ontology, lang)}
    claims, left_out = _lay_out_claims(built, vocabulary, items)
    reader = _Reader(vocabulary, items, names)
    statements = tuple(
        map(reader.read, [*claims.iter_rows(named=True), *_lay_out_facts(built, claims, vocabulary, items)])
    )
    things = {item: str(iri_of(thing)) for thing, item in sorted(items.items(), reverse=True)}
    return Linked(
        things,
        {str(iri_of(thing)): item for thing, item in items.items()},
        statements,
        left_out,
        shared,
        several,
        names,
    )


def _find_links(built: Build, entity: str) -> pl.DataFrame:
    """Return the links to items, in the columns `thing` (a term) and `item`."""
    pattern = rf"^<{_escape(entity)}(Q[1-9][0-9]*)>$"
    frame = built.stated.frame.filter(pl.col("predicate").is_in(_SAME))
    links = frame.select(thing="subject", item=pl.col("object").str.extract(pattern, 1)).drop_nulls()
    return links.unique().sort("thing", "item")


def _lay_out_claims(
    built: Build, vocabulary: Vocabulary, items: Mapping[str, str]
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the claims on linked things with mapped properties, and how many others there are, by the reason."""
    project, frame = built.project, built.stated.frame
    limits = project.find_terms(*(name for name in NARROWING if name != QUANTITY))

    def column(name: str, *properties: str) -> pl.DataFrame:
        rows = frame.filter(pl.col("predicate").is_in(properties))
        return rows.group_by(claim="subject").agg(pl.col("object").unique().sort().alias(name))

    claims = list_claims(built.stated, limits).filter(pl.col("subject").is_in(list(items)))
    quantities = column("quantities", *project.find_terms(QUANTITY))
    claims = claims.join(quantities, on="claim", how="left", maintain_order="left").with_columns(
        key=pl.coalesce(pl.col("quantities").list.first(), "predicate")
    )
    mapped = claims.filter(pl.col("key").is_in(list(vocabulary.properties)))
    kept = mapped.filter(~pl.col("narrowed") & (pl.col("rank") != DEPRECATED))
    left_out = {
        "the property is not mapped": claims.height - mapped.height,
        "a view, about a part, or with a bound": mapped.filter(pl.col("narrowed")).height,
        "deprecated by us": mapped.filter(~pl.col("narrowed"), pl.col("rank") == DEPRECATED).height,
    }
    for name in _TIMES:
        kept = kept.join(column(name, *project.find_terms(name)), on="claim", how="left", maintain_order="left")
    further = {
        "passages": (term(PROV, "wasDerivedFrom"),),
        "curators": (term(PROV, "wasAttributedTo"),),
        "notes": (term(SKOS, "note"),),
        "time": project.find_terms("time"),
        "role": project.find_terms("role"),
    }
    for name, properties in further.items():
        kept = kept.join(column(name, *properties), on="claim", how="left", maintain_order="left")
    return kept.sort("subject", "key", "object", "claim"), {why: count for why, count in left_out.items() if count}


def _lay_out_facts(
    built: Build, claims: pl.DataFrame, vocabulary: Vocabulary, items: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Yield what tables state of linked things without a claim."""
    facts = built.stated.frame.filter(
        pl.col("subject").is_in(list(items)), pl.col("predicate").is_in(list(vocabulary.properties))
    )
    triple = ["subject", "predicate", "object"]
    for row in facts.join(claims.select(triple), on=triple, how="anti").sort(triple).iter_rows(named=True):
        yield {**row, "key": row["predicate"], "claim": "", "rank": "", "passages": None}


class _Reader:
    """Makes statements of rows."""

    def __init__(self, vocabulary: Vocabulary, items: Mapping[str, str], names: Mapping[str, str]) -> None:
        self.vocabulary, self.items, self.names = vocabulary, items, names
        self.roles = {name: vocabulary.qualifiers.get(role, "") for name, role in _TIMES.items()}

    def read(self, row: Mapping[str, object]) -> OurStatement:
        """Return the statement of a row."""
        subject, key, value = str(row["subject"]), str(row["key"]), str(row["object"])
        mapping = self.vocabulary.properties[key]
        read, blocked = self._value(value, mapping)
        qualifiers, unfit = self._qualifiers(row)
        claim, passages = str(row["claim"]), row["passages"]
        return OurStatement(
            thing=iri_of(subject),
            item=self.items[subject],
            predicate=iri_of(key),
            property=mapping.number,
            value=read,
            shown=self._show(value),
            qualifiers=qualifiers,
            preferred=row["rank"] == PREFERRED,
            claim=iri_of(claim) if claim else "",
            passages=tuple(map(iri_of, passages)) if isinstance(passages, list) else (),
            blocked=blocked or unfit,
            withheld=_withhold(row, qualifiers),
            note=_note(row),
        )

    def _value(self, value: str, mapping: PropertyMapping) -> tuple[Value | None, str]:
        """Return the value of a term, and why it is none."""
        entity = self.vocabulary.wikibase.entity
        if not value.startswith("<"):
            try:
                return read_literal(value, mapping.datatype, mapping.unit), ""
            except UnfitError as error:
                return None, f"the value does not fit: {error}"
        iri = iri_of(value)
        if mapping.datatype in _TEXTS:
            return StringValue(iri), ""
        if mapping.datatype not in {"", "wikibase-item"}:
            return None, f"the value does not fit: it is a thing, and the property is of {mapping.datatype}"
        item = self.items.get(value) or (iri.removeprefix(entity) if iri.startswith(f"{entity}Q") else "")
        if not item:
            return None, f"the value is not linked to an item: {self._show(value)}"
        return ItemValue(item, self.names.get(value, "")), ""

    def _qualifiers(self, row: Mapping[str, object]) -> tuple[tuple[Snak, ...], str]:
        """Return the times of a claim, and why one cannot be a qualifier."""
        found = []
        for name, number in self.roles.items():
            times = row.get(name)
            for literal in times if isinstance(times, list) and number else ():
                try:
                    found.append(Snak(number, read_time_literal(_text(literal))))
                except UnfitError as error:
                    return (), f"its time does not fit: {error}"
        return tuple(found), ""

    def _show(self, value: str) -> str:
        if name := self.names.get(value):
            return name
        return iri_of(value) if value.startswith("<") else _text(value)


def _withhold(row: Mapping[str, object], qualifiers: tuple[Snak, ...]) -> str:
    """Return why a claim is not given to others: no source states it, or its time would be lost."""
    if row.get("curators"):
        return "it is a claim of the curators, and no source states it"
    return "its time is not exact, and would be lost" if row.get("time") and not qualifiers else ""


def _note(row: Mapping[str, object]) -> str:
    """Return what a person should know who reviews a claim: notes in English, or in any language; and its role."""
    notes = row.get("notes")
    texts = sorted(map(str, notes if isinstance(notes, list) else ()), key=lambda one: ('"@en' not in one, one))
    parts = [_text(texts[0])] if texts else []
    role = row.get("role")
    roles = sorted(map(str, role if isinstance(role, list) else ()), key=lambda one: ('"@en' not in one, one))
    parts += [f"role: {_text(roles[0])}"] if roles and roles[0].startswith('"') else []
    return "; ".join(parts)


def _text(literal: str) -> str:
    from glocal_rdf.triples import terms  # noqa: PLC0415

    return terms.unquote(literal) if literal.startswith('"') else literal


def _escape(text: str) -> str:
    return "".join(f"\\{one}" if one in ".+*?()[]{}|^$\\" else one for one in text)


def find_unlinked(
    built: Build, vocabulary: Vocabulary, linked: Linked, things: Iterable[str]
) -> dict[str, list[OurStatement]]:
    """Find what a project states of things that have no link, as statements of items that could be made.

    Args:
        built: The build of the project.
        vocabulary: What the project maps to the Wikibase.
        linked: The linked things, which values may be.
        things: The things, as terms.

    Returns:
        The statements, by the IRI of the thing.
    """
    wanted = dict.fromkeys(things, "")
    claims, _ = _lay_out_claims(built, vocabulary, wanted)
    rows = [*claims.iter_rows(named=True), *_lay_out_facts(built, claims, vocabulary, wanted)]
    items = {f"<{thing}>": item for thing, item in linked.items.items()}
    reader = _Reader(vocabulary, {**wanted, **items}, linked.names)
    found: dict[str, list[OurStatement]] = {}
    for one in map(reader.read, rows):
        found.setdefault(one.thing, []).append(one)
    return found
