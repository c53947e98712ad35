"""Writes a batch as JSON of a Wikibase: entities with the statements that are added, as its API and libraries take it.

https://doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from glocal_rdf.namespaces import WD
from glocal_rdf.wikidata.contribute.batch import (
    LABEL_LIMIT,
    Addition,
    Batch,
    LeftOut,
    NewItem,
    UnwritableError,
    check_code,
    fit_text,
)
from glocal_rdf.wikidata.entities.model import (
    ItemValue,
    NoValue,
    PointValue,
    QuantityValue,
    Snak,
    StringValue,
    TextValue,
    TimeValue,
    Value,
    show_value,
)

__all__ = ["write_json"]

_KINDS: Final[Mapping[str, str]] = {
    "wikibase-item": "wikibase-entityid",
    "time": "time",
    "monolingualtext": "monolingualtext",
    "quantity": "quantity",
    "globe-coordinate": "globecoordinate",
    "string": "string",
    "url": "string",
    "external-id": "string",
}


def write_json(
    batch: Batch, entity: str, datatypes: Mapping[str, str]
) -> tuple[list[dict[str, Any]], tuple[LeftOut, ...]]:
    """Write a batch as entities.

    Args:
        batch: The batch.
        entity: The beginning of the IRIs of entities, for units.
        datatypes: The datatypes of properties, where they are known; else they follow from the values.

    Returns:
        The entities, those that are made without an identifier; and what could not be written.
    """
    writer = _Writer(entity, datatypes)
    found = [record for item in batch.items if (record := writer.item(item))]
    existing: dict[str, dict[str, Any]] = {}
    for item, code, text in batch.labels:
        record = existing.setdefault(item, {"type": "item", "id": item})
        record.setdefault("labels", {})[code] = {"language": code, "value": fit_text(text, LABEL_LIMIT)}
    for one in batch.additions:
        if claim := writer.statement(one):
            record = existing.setdefault(one.item, {"type": "item", "id": one.item})
            record.setdefault("claims", {}).setdefault(one.main.property, []).append(claim)
    return [*found, *existing.values()], tuple(writer.left_out)


class _Writer:
    def __init__(self, entity: str, datatypes: Mapping[str, str]) -> None:
        self.entity, self.datatypes = entity, datatypes
        self.left_out: list[LeftOut] = []

    def item(self, item: NewItem) -> dict[str, Any] | None:
        """Return a new item; None where a part of it cannot be written."""
        try:
            claims: dict[str, list[dict[str, Any]]] = {}
            for one in item.statements:
                claims.setdefault(one.main.property, []).append(self._statement(one))
            return {
                "type": "item",
                "labels": {code: _term(code, text) for code, text in item.labels.items()},
                "descriptions": {code: _term(code, text) for code, text in item.descriptions.items()},
                "aliases": {code: [_term(code, one) for one in many] for code, many in item.aliases.items()},
                "claims": claims,
            }
        except UnwritableError as error:
            name = next(iter(item.labels.values()), item.thing)
            self.left_out.append(LeftOut("", item.thing, "", name, f"the item cannot be written: {error}"))
            return None

    def statement(self, one: Addition) -> dict[str, Any] | None:
        """Return a statement; None where it cannot be written."""
        try:
            return self._statement(one)
        except UnwritableError as error:
            claim = one.claims[0] if one.claims else ""
            shown = show_value(one.main.value)
            self.left_out.append(LeftOut(one.item, one.thing, one.main.property, shown, str(error), claim))
            return None

    def _statement(self, one: Addition) -> dict[str, Any]:
        if not one.references:
            raise UnwritableError("it has no reference")
        record: dict[str, Any] = {
            "type": "statement",
            "mainsnak": self._snak(one.main),
            "rank": "preferred" if one.preferred else "normal",
        }
        if one.qualifiers:
            record["qualifiers"] = self._group(one.qualifiers)
            record["qualifiers-order"] = list(record["qualifiers"])
        record["references"] = []
        for parts in one.references:
            snaks = self._group(parts)
            record["references"].append({"snaks": snaks, "snaks-order": list(snaks)})
        return record

    def _group(self, snaks: Iterable[Snak]) -> dict[str, list[dict[str, Any]]]:
        grouped: dict[str, list[dict[str, Any]]] = {}
        for snak in snaks:
            grouped.setdefault(snak.property, []).append(self._snak(snak))
        return grouped

    def _snak(self, snak: Snak) -> dict[str, Any]:
        if isinstance(snak.value, NoValue):
            return {"snaktype": snak.value.kind, "property": snak.property}
        kind, value = self._value(snak.value)
        datatype = self.datatypes.get(snak.property, "") or _guess(kind, snak.value)
        if _KINDS.get(datatype) != kind:
            raise UnwritableError(f"{snak.property} is of {datatype}, and the value is not")
        data = {"value": value, "type": kind}
        return {"snaktype": "value", "property": snak.property, "datavalue": data, "datatype": datatype}

    def _value(self, value: Value) -> tuple[str, Any]:
        """Return the type and the JSON of a value.

        Raises:
            UnwritableError: Where there is none.
        """
        match value:
            case ItemValue(number) if number:
                return "wikibase-entityid", {"entity-type": "item", "numeric-id": int(number[1:]), "id": number}
            case TimeValue():
                return "time", _write_time(value)
            case TextValue(text, lang):
                return "monolingualtext", {"text": fit_text(text), "language": check_code(lang)}
            case StringValue(text):
                return "string", fit_text(text)
            case QuantityValue(amount, unit, lower, upper):
                record = {"amount": f"{amount:+f}", "unit": f"{self.entity}{unit}" if unit else "1"}
                bounds = {"upperBound": upper, "lowerBound": lower}
                return "quantity", record | {name: f"{one:+f}" for name, one in bounds.items() if one is not None}
            case PointValue(latitude, longitude, precision, globe):
                point = {"latitude": latitude, "longitude": longitude, "altitude": None}
                return "globecoordinate", {**point, "precision": precision or 0.0001, "globe": f"{self.entity}{globe}"}
        raise UnwritableError("its value has no form in JSON")


def _write_time(value: TimeValue) -> dict[str, Any]:
    sign, year = ("+", value.year) if value.year > 0 else ("-", 1 - value.year)
    month = value.month if value.precision >= 10 else 0
    day = value.day if value.precision >= 11 else 0
    return {
        "time": f"{sign}{year:04d}-{month:02d}-{day:02d}T00:00:00Z",
        "timezone": 0,
        "before": 0,
        "after": 0,
        "precision": value.precision,
        "calendarmodel": f"{WD}{value.calendar}",
    }


def _guess(kind: str, value: Value) -> str:
    """Return the datatype of a property that nothing else tells."""
    if isinstance(value, StringValue):
        return "url" if value.text.startswith(("http://", "https://")) else "string"
    return next(datatype for datatype, one in _KINDS.items() if one == kind)


def _term(code: str, text: str) -> dict[str, str]:
    return {"language": check_code(code), "value": fit_text(text, LABEL_LIMIT)}
