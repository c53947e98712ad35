"""Writes entities as the RDF of a Wikibase, as far as our model has them: what `rdf_reader` reads.

https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from glocal_rdf.namespaces import OWL, PROV, RDF_TYPE, RDFS_LABEL, SCHEMA, SKOS, WD, WIKIBASE, XSD, term
from glocal_rdf.triples import Triples, terms
from glocal_rdf.wikidata.entities.calendars import convert_date
from glocal_rdf.wikidata.entities.model import (
    GREGORIAN,
    Entity,
    ItemValue,
    NoValue,
    OtherValue,
    PointValue,
    QuantityValue,
    Snak,
    Statement,
    StringValue,
    TextValue,
    TimeValue,
    Value,
)

__all__ = ["write_entities"]

_RANKS: Final = {"preferred": 0, "normal": 1}
_ONE: Final = "Q199"

Row = tuple[str, str, str]


def write_entities(entities: Iterable[Entity], entity: str) -> Triples:
    """Write entities as RDF: labels, statements with all their parts, and the truthy statements.

    Args:
        entities: The entities.
        entity: The beginning of the IRIs of entities.
    """
    writer = _Writer(entity)
    return Triples.from_terms([row for one in entities for row in writer.write(one)]).distinct()


class _Writer:
    def __init__(self, entity: str) -> None:
        self.entity, self.prop = entity, f"{entity.removesuffix('entity/')}prop/"

    def write(self, one: Entity) -> Iterator[Row]:
        """Yield the triples of an entity, and of the redirect that led to it."""
        node = f"<{self.entity}{one.id}>"
        if one.redirect:
            yield f"<{self.entity}{one.redirect}>", term(OWL, "sameAs"), node
        for predicate, texts in ((RDFS_LABEL, one.labels), (term(SCHEMA, "description"), one.descriptions)):
            for lang, text in texts.items():
                yield node, predicate, terms.quote(text, _write_tag(lang))
        for lang, many in one.aliases.items():
            for text in many:
                yield node, term(SKOS, "altLabel"), terms.quote(text, _write_tag(lang))
        data = f"<{self.entity.removesuffix('entity/')}data/{one.id}>"
        yield data, term(SCHEMA, "about"), node
        if one.revision.isdigit():
            yield data, term(SCHEMA, "version"), terms.quote(one.revision, None, f"{XSD}integer")
        if one.modified:
            yield data, term(SCHEMA, "dateModified"), terms.quote(one.modified, None, f"{XSD}dateTime")
        alive = [statement for statement in one.statements if statement.rank in _RANKS]
        best = {
            statement.property: min(_RANKS[other.rank] for other in alive if other.property == statement.property)
            for statement in alive
        }
        for statement in one.statements:
            yield from self._statement(node, statement)
            if statement.rank in _RANKS and _RANKS[statement.rank] == best[statement.property]:
                simple = self._simple(statement.value, statement.id)
                if simple and not isinstance(statement.value, NoValue):
                    yield node, f"<{self.prop}direct/{statement.property}>", simple

    def _statement(self, node: str, one: Statement) -> Iterator[Row]:
        this = f"<{self.entity}statement/{one.id.replace('$', '-')}>"
        yield node, f"<{self.prop}{one.property}>", this
        yield this, term(WIKIBASE, "rank"), term(WIKIBASE, f"{one.rank.capitalize()}Rank")
        yield from self._value(this, "statement", Snak(one.property, one.value))
        for snak in one.qualifiers:
            yield from self._value(this, "qualifier", snak)
        for parts in one.references:
            # A reference is named by its content, so that equal ones are one.
            name = sha256(repr(sorted(map(repr, parts))).encode()).hexdigest()[:40]
            reference = f"<{self.entity.removesuffix('entity/')}reference/{name}>"
            yield this, term(PROV, "wasDerivedFrom"), reference
            for snak in parts:
                yield from self._value(reference, "reference", snak)

    def _value(self, subject: str, place: str, snak: Snak) -> Iterator[Row]:
        value = snak.value
        if isinstance(value, NoValue) and value.kind == "novalue":
            yield subject, RDF_TYPE, f"<{self.prop}novalue/{snak.property}>"
            return
        if simple := self._simple(value, f"{subject}{place}{snak.property}"):
            yield subject, f"<{self.prop}{place}/{snak.property}>", simple
        if rows := list(self._node(value)):
            yield subject, f"<{self.prop}{place}/value/{snak.property}>", rows[0][0]
            yield from rows

    def _simple(self, value: Value, key: str) -> str:
        """Return the simple value of a snak, as a term."""
        match value:
            case ItemValue(number):
                return f"<{self.entity}{number}>"
            case TextValue(text, lang):
                return terms.quote(text, _write_tag(lang))
            case StringValue(text):
                return terms.quote(text)
            case TimeValue():
                return terms.quote(_write_time(value), None, f"{XSD}dateTime")
            case QuantityValue(amount):
                return terms.quote(f"{amount:+f}", None, f"{XSD}decimal")
            case PointValue(latitude, longitude):
                return terms.quote(f"Point({longitude} {latitude})", None, _WKT)
            case NoValue():
                # What is not known is a node with a name of its own, as in the query service.
                name = sha256(key.encode()).hexdigest()[:32]
                return f"<{self.entity.removesuffix('entity/')}.well-known/genid/{name}>"
            case OtherValue(_, text):
                return terms.quote(text)
        return ""

    def _node(self, value: Value) -> Iterator[Row]:
        """Yield the triples of a value node: that which the simple value leaves out."""
        parts: list[tuple[str, str]] = []
        if isinstance(value, TimeValue):
            parts = [
                ("timeValue", terms.quote(_write_time(value), None, f"{XSD}dateTime")),
                ("timePrecision", terms.quote(str(value.precision), None, f"{XSD}integer")),
                ("timeCalendarModel", f"<{WD}{value.calendar}>"),
            ]
        elif isinstance(value, QuantityValue):
            parts = [
                ("quantityAmount", terms.quote(f"{value.amount:+f}", None, f"{XSD}decimal")),
                ("quantityUnit", f"<{self.entity}{value.unit or _ONE}>"),
            ]
            for name, bound in (("Lower", value.lower), ("Upper", value.upper)):
                if bound is not None:
                    parts.append((f"quantity{name}Bound", terms.quote(f"{bound:+f}", None, f"{XSD}decimal")))
        elif isinstance(value, PointValue):
            numbers = (("Latitude", value.latitude), ("Longitude", value.longitude), ("Precision", value.precision))
            parts = [(f"geo{name}", terms.quote(repr(number), None, f"{XSD}double")) for name, number in numbers]
            parts.append(("geoGlobe", f"<{self.entity}{value.globe}>"))
        if parts:
            name = sha256(repr(parts).encode()).hexdigest()[:32]
            node = f"<{self.entity.removesuffix('entity/')}value/{name}>"
            yield from ((node, term(WIKIBASE, part), text) for part, text in parts)


def _write_tag(code: str) -> str:
    """Write a language code of MediaWiki as a tag of BCP 47, whose parts have eight characters at most."""
    if all(0 < len(part) <= 8 for part in code.split("-")) and code.replace("-", "").isalnum() and code[:1].isalpha():
        return code
    letters = "".join(one for one in code if one.isascii() and one.isalnum()) or "unknown"
    return _TAGS.get(code) or "-".join(["und-x", *(letters[at : at + 8] for at in range(0, len(letters), 8))])


def _write_time(value: TimeValue) -> str:
    """Write a date as xsd:dateTime: its days in the Gregorian calendar, what is not known as 1."""
    if value.precision >= 11:
        value = convert_date(value, GREGORIAN)
    year = f"{value.year:04d}" if value.year >= 0 else f"-{-value.year:04d}"
    return f"{year}-{value.month or 1:02d}-{value.day or 1:02d}T00:00:00Z"


_TAGS: Final = {"zh-classical": "lzh"}
_WKT: Final = "http://www.opengis.net/ont/geosparql#wktLiteral"
