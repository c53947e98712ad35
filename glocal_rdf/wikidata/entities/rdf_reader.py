"""Reads entities from the RDF of a Wikibase, in columns: statements with rank, qualifiers and references.

Each value is read from its value node where it has one (dates with their precision and calendar, quantities with their
unit and bounds, points), and else from the simple value.

https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

import polars as pl

from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import OWL, PROV, RDF_TYPE, RDFS_LABEL, SCHEMA, SKOS, WIKIBASE, term
from glocal_rdf.triples import Triples, terms
from glocal_rdf.wikidata.entities.json_reader import MalformedError, read_time
from glocal_rdf.wikidata.entities.model import (
    GREGORIAN,
    JULIAN,
    Entity,
    ItemValue,
    NoValue,
    OtherValue,
    PointValue,
    QuantityValue,
    Rank,
    Snak,
    Statement,
    StringValue,
    TextValue,
    TimeValue,
    Value,
)

__all__ = ["read_graph"]

_RANKS: Final[Mapping[str, Rank]] = {
    term(WIKIBASE, "PreferredRank"): "preferred",
    term(WIKIBASE, "NormalRank"): "normal",
    term(WIKIBASE, "DeprecatedRank"): "deprecated",
}
_DATE: Final = r'^"([+-]?[0-9]+-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z?)"'

Rows = dict[str, list[tuple[str, str]]]


def read_graph(graph: Triples, where: str, entity: str, ids: Iterable[str] = ()) -> dict[str, Entity]:
    """Read the entities of a graph, and those that redirect to them.

    Args:
        graph: The graph.
        where: Where it is from, for errors.
        entity: The beginning of the IRIs of entities, such as `http://www.wikidata.org/entity/`.
        ids: The identifiers that are wanted; by default all that have statements or are redirects.

    Returns:
        The entities by identifier; a redirect by the identifier that it redirects from.

    Raises:
        InputError: Where a statement has no rank, or a value cannot be read.
    """
    return _Reader(graph, where, entity).read(tuple(ids))


class _Reader:
    def __init__(self, graph: Triples, where: str, entity: str) -> None:
        self.where, self.entity = where, entity
        prop = f"{entity.removesuffix('entity/')}prop/"
        self.claim = f"<{prop}"
        self.main, self.qualifier, self.reference = f"<{prop}statement/", f"<{prop}qualifier/", f"<{prop}reference/"
        self.none = f"<{prop}novalue/"
        self.by_subject: Rows = {}
        for subject, predicate, value in graph.frame.sort("subject", "predicate", "object").iter_rows():
            self.by_subject.setdefault(subject, []).append((predicate, value))
        frame = graph.frame
        versions = frame.filter(pl.col("predicate") == term(SCHEMA, "version"))["subject"]
        about = frame.filter(pl.col("predicate") == term(SCHEMA, "about"), pl.col("subject").is_in(versions.implode()))
        self.about = dict(about.select("object", "subject").iter_rows())
        start = f"<{entity}"
        named = frame.filter(pl.col("subject").str.starts_with(start))
        pattern = rf"^<{_escape(prop)}P[0-9]+>$"
        claims = named.filter(pl.col("predicate").str.contains(pattern))
        redirects = named.filter((pl.col("predicate") == term(OWL, "sameAs")) & pl.col("object").str.starts_with(start))
        self.redirects = dict(redirects.select("subject", "object").iter_rows())
        self.found = sorted({*claims["subject"], *self.redirects, *(self.about.keys() & set(named["subject"]))})

    def read(self, ids: tuple[str, ...]) -> dict[str, Entity]:
        """Return the entities that are wanted."""
        wanted = [f"<{self.entity}{one}>" for one in ids] if ids else self.found
        result = {}
        for node in wanted:
            target = self.redirects.get(node, node)
            if target in self.by_subject and self._id(node):
                result[self._id(node)] = self._entity(target, self._id(node) if target != node else "")
        return result

    def _id(self, node: str) -> str:
        return node.removeprefix(f"<{self.entity}").removesuffix(">") if node.startswith(f"<{self.entity}") else ""

    def _entity(self, node: str, redirect: str) -> Entity:
        labels: dict[str, str] = {}
        descriptions: dict[str, str] = {}
        aliases: dict[str, tuple[str, ...]] = {}
        statements = []
        for predicate, value in self.by_subject[node]:
            if predicate == RDFS_LABEL:
                labels[_tag(value)] = terms.unquote(value)
            elif predicate == term(SCHEMA, "description"):
                descriptions[_tag(value)] = terms.unquote(value)
            elif predicate == term(SKOS, "altLabel"):
                aliases[_tag(value)] = (*aliases.get(_tag(value), ()), terms.unquote(value))
            elif predicate.startswith(f"{self.claim}P") and value in self.by_subject:
                statements.append(self._statement(value, predicate.removeprefix(self.claim)[:-1]))
        data = dict(self.by_subject.get(self.about.get(node, ""), ()))
        version, modified = (data.get(term(SCHEMA, name), '""') for name in ("version", "dateModified"))
        datatype = next((v for p, v in self.by_subject[node] if p == term(WIKIBASE, "propertyType")), "")
        return Entity(
            self._id(node),
            labels,
            descriptions,
            aliases,
            tuple(statements),
            _DATATYPES.get(datatype.rpartition("#")[2][:-1], ""),
            terms.unquote(version),
            terms.unquote(modified),
            redirect,
        )

    def _statement(self, node: str, number: str) -> Statement:
        rows = self.by_subject[node]
        rank = next((_RANKS[value] for predicate, value in rows if value in _RANKS), None)
        if rank is None:
            raise InputError.at(self.where, f"the statement {node[:200]} has no rank", "fetch it again")
        none = f"{self.none}{number}>"
        if any(predicate == RDF_TYPE and value == none for predicate, value in rows):
            value: Value = NoValue("novalue")
        else:
            mains = self._values(rows, self.main, number)
            if not mains:
                raise InputError.at(self.where, f"the statement {node[:200]} has no value", "fetch it again")
            value = mains[0]
        sources = [value for predicate, value in rows if predicate == term(PROV, "wasDerivedFrom")]
        item, _, uuid = node[1:-1].rpartition("/")[2].partition("-")
        return Statement(
            f"{item}${uuid}",
            number,
            value,
            rank,
            tuple(self._snaks(rows, self.qualifier, number)),
            tuple(tuple(self._snaks(self.by_subject.get(source, []), self.reference)) for source in sources),
        )

    def _snaks(self, rows: list[tuple[str, str]], start: str, main: str = "") -> Iterable[Snak]:
        numbers = dict.fromkeys(
            predicate.removeprefix(start)[:-1] for predicate, _ in rows if predicate.startswith(f"{start}P")
        )
        for number in numbers:
            for value in self._values(rows, start, number):
                yield Snak(number, value)
        for predicate, kind in rows:
            if predicate == RDF_TYPE and kind.startswith(f"{self.none}P") and kind != f"{self.none}{main}>":
                yield Snak(kind.removeprefix(self.none)[:-1], NoValue("novalue"))

    def _values(self, rows: list[tuple[str, str]], start: str, number: str) -> list[Value]:
        """Return the values of a property: those of value nodes where there are any."""
        nodes = [value for predicate, value in rows if predicate == f"{start}value/{number}>"]
        found = [value for node in nodes if node in self.by_subject and (value := self._node(node)) is not None]
        if found:
            return found
        return [self._simple(value) for predicate, value in rows if predicate == f"{start}{number}>"]

    def _node(self, node: str) -> Value | None:
        """Read a value node; None for one whose datatype has none."""
        rows = dict(self.by_subject[node])

        def part(name: str) -> str:
            value = rows.get(term(WIKIBASE, name), '""')
            return value[1:-1] if value.startswith("<") else terms.unquote(value)

        try:
            if term(WIKIBASE, "timeValue") in rows:
                time = part("timeValue")
                found = read_time(time, int(part("timePrecision")), part("timeCalendarModel"))
                # Unlike JSON, xsd:dateTime counts years as ISO 8601 does, and its days are of the Gregorian calendar.
                year = found.year - 1 if time.startswith("-") else found.year
                calendar = GREGORIAN if found.precision >= 11 and found.calendar == JULIAN else found.calendar
                return TimeValue(year, found.month, found.day, found.precision, calendar)
            if term(WIKIBASE, "quantityAmount") in rows:
                bounds = [Decimal(text) if (text := part(f"quantity{side}Bound")) else None for side in _SIDES]
                unit = part("quantityUnit").rpartition("/")[2]
                return QuantityValue(Decimal(part("quantityAmount")), "" if unit == _ONE else unit, *bounds)
            if term(WIKIBASE, "geoLatitude") in rows:
                latitude, longitude, precision = (float(part(f"geo{name}") or 0) for name in _POINT)
                return PointValue(latitude, longitude, precision, part("geoGlobe").rpartition("/")[2])
        except (MalformedError, ValueError, InvalidOperation) as error:
            raise InputError.at(self.where, f"the value {node[:200]} cannot be read: {error}", "fetch it again") from (
                error
            )
        return None

    def _simple(self, value: str) -> Value:
        if number := self._id(value):
            return ItemValue(number)
        if value.startswith("_:") or "/.well-known/genid/" in value:
            return NoValue("somevalue")
        if value.startswith("<"):
            return StringValue(value[1:-1])
        text, tag = terms.unquote(value), _tag(value)
        if tag:
            return TextValue(text, tag)
        if "XMLSchema#dateTime>" in value:
            return OtherValue("time", text)  # its precision is not known without its node
        if "XMLSchema#decimal>" in value:
            try:
                return QuantityValue(Decimal(text))
            except InvalidOperation as error:
                raise InputError.at(self.where, f"{text[:40]!r} is not an amount", "fetch it again") from error
        return OtherValue("globe-coordinate", text) if "wktLiteral>" in value else StringValue(text)


_SIDES: Final = ("Lower", "Upper")
_POINT: Final = ("Latitude", "Longitude", "Precision")
_ONE: Final = "Q199"
"""What stands for no unit in RDF."""

_DATATYPES: Final = {
    "WikibaseItem": "wikibase-item",
    "WikibaseProperty": "wikibase-property",
    "Time": "time",
    "String": "string",
    "Url": "url",
    "ExternalId": "external-id",
    "Monolingualtext": "monolingualtext",
    "Quantity": "quantity",
    "GlobeCoordinate": "globe-coordinate",
    "CommonsMedia": "commonsMedia",
}


def _tag(literal: str) -> str:
    return literal.rpartition('"')[2].removeprefix("@") if '"@' in literal else ""


def _escape(text: str) -> str:
    return "".join(f"\\{one}" if one in ".+*?()[]{}|^$\\" else one for one in text)
