"""Writes comparisons as rows for tables, and as RDF: an annotation of each statement with what came of it."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterable, Mapping
from typing import Final

from glocal_rdf.namespaces import DCTERMS, OA, RDF_TYPE, XSD, term
from glocal_rdf.triples import Triples, terms
from glocal_rdf.wikidata.compare.outcomes import Comparison
from glocal_rdf.wikidata.entities.model import ItemValue, Statement, Value, show_value
from glocal_rdf.wikidata.settings import Wikibase

__all__ = ["COLUMNS", "list_rows", "write_csv", "write_rdf"]

COLUMNS: Final = (
    "outcome",
    "item",
    "item_name",
    "thing",
    "property",
    "property_name",
    "ours",
    "theirs",
    "statement",
    "rank",
    "references",
    "claim",
    "passages",
    "note",
)
_SPACE: Final = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""The namespace of UUIDs that are made of addresses (RFC 9562, 6.6)."""


def list_rows(comparisons: Iterable[Comparison], names: Mapping[str, str]) -> list[dict[str, str]]:
    """Lay comparisons out, one a row, in the columns of COLUMNS.

    Args:
        comparisons: The comparisons.
        names: The names of things and terms by term, and of items and properties by number.
    """
    return [_as_row(one, names) for one in comparisons]


def _as_row(one: Comparison, names: Mapping[str, str]) -> dict[str, str]:
    ours, theirs = one.ours, one.theirs
    property_name = names.get(f"<{ours.predicate}>", "") if ours else ""
    return {
        "outcome": one.outcome,
        "item": one.item,
        "item_name": names.get(f"<{one.thing}>", "") or names.get(one.item, ""),
        "thing": one.thing,
        "property": one.property,
        "property_name": names.get(one.property, "") or property_name,
        "ours": _show_ours(one),
        "theirs": show_value(_named(theirs.value, names)) if theirs else "",
        "statement": theirs.id if theirs else "",
        "rank": theirs.rank if theirs else "",
        "references": str(len(theirs.references)) if theirs else "",
        "claim": ours.claim if ours else "",
        "passages": " ".join(ours.passages) if ours else "",
        "note": one.note,
    }


def _show_ours(one: Comparison) -> str:
    if one.ours is None:
        return ""
    return show_value(one.ours.value) if one.ours.value is not None else one.ours.shown


def _named(value: Value, names: Mapping[str, str]) -> Value:
    """Return a value with the name of its item."""
    return ItemValue(value.id, names.get(value.id, value.label)) if isinstance(value, ItemValue) else value


def write_csv(rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS) -> str:
    """Write rows as CSV.

    Args:
        rows: The rows.
        columns: The columns.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_rdf(comparisons: Iterable[Comparison], wikibase: Wikibase, created: str) -> Triples:
    """Write comparisons as annotations: of our claim or thing and their statement, with the outcome as its body.

    Args:
        comparisons: The comparisons.
        wikibase: The Wikibase.
        created: When they were made, as an xsd:dateTime.

    https://www.w3.org/TR/annotation-model/#string-body
    """
    rows: list[tuple[str, str, str]] = []
    for one in comparisons:
        targets = [one.ours.claim or one.thing] if one.ours else [one.thing]
        targets += [_statement_iri(one.theirs, wikibase)] if one.theirs else []
        key = " ".join([one.outcome, one.item, one.property, *targets, one.ours.shown if one.ours else ""])
        node = f"<urn:uuid:{uuid.uuid5(_SPACE, key)}>"
        rows += [
            (node, RDF_TYPE, term(OA, "Annotation")),
            (node, term(OA, "motivatedBy"), term(OA, "assessing")),
            (node, term(OA, "bodyValue"), terms.quote(one.outcome)),
            (node, term(DCTERMS, "created"), terms.quote(created, None, f"{XSD}dateTime")),
            *((node, term(OA, "hasTarget"), f"<{target}>") for target in targets),
        ]
        rows += [(node, term(DCTERMS, "subject"), f"<{wikibase.entity}{one.property}>")] if one.property else []
        rows += [(node, term(DCTERMS, "description"), terms.quote(one.note, "en"))] if one.note else []
    return Triples.from_terms(rows).distinct()


def _statement_iri(statement: Statement, wikibase: Wikibase) -> str:
    """Return the IRI of a statement in the RDF of a Wikibase."""
    return f"{wikibase.entity}statement/{statement.id.replace('$', '-')}"
