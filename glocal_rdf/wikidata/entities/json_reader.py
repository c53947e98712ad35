"""Reads entities in JSON: that of the action API, entity data and dumps, and that of the REST API (v1).

What is malformed is an error that names the entity and the part; a datatype that is not known is kept as it is written.

https://doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html
https://doc.wikimedia.org/Wikibase/master/js/rest-api/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from glocal_rdf.addresses import quoted
from glocal_rdf.errors import InputError
from glocal_rdf.wikidata.entities.model import (
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

__all__ = ["MalformedError", "read_entity", "read_time"]

_NUMBER: Final = re.compile(r"[PQLM][1-9][0-9]{0,10}(?:-[FS][1-9][0-9]{0,5})?")
_GUID: Final = re.compile(r"[A-Za-z][0-9]+(?:-[FS][0-9]+)?\$[0-9A-Za-z-]{1,60}")
_TIME: Final = re.compile(r"([+-]?)([0-9]{1,16})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z?")
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,200}(?:\.[0-9]{1,200})?")
_RANKS: Final[Mapping[str, Rank]] = {"preferred": "preferred", "normal": "normal", "deprecated": "deprecated"}


class MalformedError(ValueError):
    """A part of an entity is not what it must be."""


def read_entity(record: Any, where: str, *, asked: str = "") -> Entity:
    """Read an entity.

    Args:
        record: The entity, in either form of JSON.
        where: Where it is from, for errors.
        asked: The identifier that was asked for, which may be a redirect.

    Raises:
        InputError: Where it is malformed.

    Examples:
        >>> read_entity({"id": "Q1", "type": "item", "labels": {"en": "universe"}, "statements": {}}, "here").labels
        {'en': 'universe'}
    """
    number = ""
    try:
        number = _number(_dict(record, "the entity").get("id"), "id")
        redirects = record.get("redirects")
        came_from = str(redirects.get("from", "")) if isinstance(redirects, dict) else ""
        return Entity(
            id=number,
            labels=dict(_texts(record, "labels")),
            descriptions=dict(_texts(record, "descriptions")),
            aliases=dict(_aliases(record)),
            statements=tuple(_statements(record)),
            datatype=_text(record.get("datatype", record.get("data_type", "")), "datatype"),
            revision=str(record.get("lastrevid", "") or ""),
            modified=str(record.get("modified", "") or "")[:40],
            redirect=came_from or (asked if asked and asked != number else ""),
        )
    except MalformedError as error:
        raise InputError.at(f"{where}: {number or 'an entity'}", f"is malformed: {error}", "fetch it again") from error
    except RecursionError as error:
        raise InputError.at(where, "is nested too deeply for an entity", "fetch it again") from error


def _statements(record: Mapping[str, Any]) -> Iterator[Statement]:
    rest = "statements" in record and "claims" not in record
    many = record.get("claims", record.get("statements", {}))
    for key, group in _dict(many, "claims", empty_list=True).items():
        _number(key, "a property of claims")
        for at, one in enumerate(_list(group, key)):
            place = f"{key}[{at}]"
            try:
                yield _rest_statement(_dict(one, place), key) if rest else _statement(_dict(one, place), key)
            except MalformedError as error:
                raise MalformedError(f"{place}: {error}") from error


def _statement(one: Mapping[str, Any], key: str) -> Statement:
    """Read a statement in the JSON of the action API."""
    main = _dict(one.get("mainsnak"), "mainsnak")
    if main.get("property") != key:
        raise MalformedError("mainsnak has another property")
    qualifiers = _dict(one.get("qualifiers", {}), "qualifiers", empty_list=True)
    references = _list(one.get("references", []), "references")
    return Statement(
        _guid(one.get("id")),
        key,
        _snak_value(main),
        _rank(one),
        tuple(_snaks(qualifiers, one.get("qualifiers-order"))),
        tuple(
            tuple(
                _snaks(
                    _dict(_dict(reference, "a reference").get("snaks"), "snaks", empty_list=True),
                    reference.get("snaks-order"),
                )
            )
            for reference in references
        ),
        _text(main.get("datatype", ""), "datatype"),
    )


def _snaks(groups: Mapping[str, Any], order: Any) -> Iterator[Snak]:
    listed = [one for one in order if one in groups] if isinstance(order, list) else []
    for key in dict.fromkeys([*listed, *groups]):
        _number(key, "a property")
        for snak in _list(groups[key], key):
            yield Snak(key, _snak_value(_dict(snak, key)))


def _snak_value(snak: Mapping[str, Any]) -> Value:
    kind = snak.get("snaktype")
    if kind == "somevalue":
        return NoValue("somevalue")
    if kind == "novalue":
        return NoValue("novalue")
    if kind != "value":
        raise MalformedError(f"the snaktype {quoted(str(kind))[:40]!r} is not one")
    data = _dict(snak.get("datavalue"), "datavalue")
    return _value(_text(data.get("type"), "type"), data.get("value"), _text(snak.get("datatype", ""), "datatype"))


def _value(kind: str, value: Any, datatype: str) -> Value:
    """Read a value by the type of its JSON."""
    if kind == "wikibase-entityid":
        found = _dict(value, "an entity")
        if "id" in found:
            return ItemValue(_number(found["id"], "an entity"))
        letter = {"item": "Q", "property": "P"}.get(str(found.get("entity-type")), "")
        return ItemValue(_number(f"{letter}{found.get('numeric-id')}", "an entity"))
    if kind == "time":
        found = _dict(value, "a time")
        return read_time(found.get("time"), found.get("precision"), found.get("calendarmodel"))
    if kind == "monolingualtext":
        found = _dict(value, "a text")
        return TextValue(_text(found.get("text"), "text"), _text(found.get("language"), "language"))
    if kind == "quantity":
        return _quantity(_dict(value, "a quantity"))
    if kind == "globecoordinate":
        return _point(_dict(value, "a point"))
    if kind == "string":
        return StringValue(_text(value, "a string"))
    return OtherValue(datatype or kind, json.dumps(value, ensure_ascii=False, sort_keys=True)[:1000])


def _rest_statement(one: Mapping[str, Any], key: str) -> Statement:
    """Read a statement in the JSON of the REST API."""
    found = _dict(one.get("property"), "property")
    if found.get("id") != key:
        raise MalformedError("it has another property")
    references = [_dict(each, "a reference") for each in _list(one.get("references", []), "references")]
    return Statement(
        _guid(one.get("id")),
        key,
        _rest_value(one),
        _rank(one),
        tuple(map(_rest_snak, _list(one.get("qualifiers", []), "qualifiers"))),
        tuple(tuple(map(_rest_snak, _list(each.get("parts", []), "parts"))) for each in references),
        _text(found.get("data_type", "") or "", "data_type"),
    )


def _rest_snak(one: Any) -> Snak:
    found = _dict(_dict(one, "a part").get("property"), "property")
    return Snak(_number(found.get("id"), "a property"), _rest_value(one))


_REST_KINDS: Final = {
    "time": "time",
    "monolingualtext": "monolingualtext",
    "quantity": "quantity",
    "globe-coordinate": "globecoordinate",
}


def _rest_value(one: Mapping[str, Any]) -> Value:
    value = _dict(one.get("value"), "value")
    if value.get("type") in {"somevalue", "novalue"}:
        return NoValue(value["type"])
    if value.get("type") != "value":
        raise MalformedError(f"the type {quoted(str(value.get('type')))[:40]!r} of its value is not one")
    content = value.get("content")
    datatype = _text(_dict(one.get("property"), "property").get("data_type", "") or "", "data_type")
    if datatype.startswith("wikibase-") and datatype not in {"wikibase-entity-schema"}:
        return ItemValue(_number(content, "an entity"))
    if datatype in _REST_KINDS:
        return _value(_REST_KINDS[datatype], content, datatype)
    if isinstance(content, str):
        return StringValue(content)
    return OtherValue(datatype, json.dumps(content, ensure_ascii=False, sort_keys=True)[:1000])


def read_time(time: Any, precision: Any, calendar: Any) -> TimeValue:
    """Read a date as a Wikibase writes it; parts beyond its precision are left out.

    Args:
        time: Such as `+2004-05-00T00:00:00Z`.
        precision: The number of its precision.
        calendar: The IRI of its calendar.

    Raises:
        MalformedError: Where it is not one.

    Examples:
        >>> read_time("+2004-05-01T00:00:00Z", 10, "http://www.wikidata.org/entity/Q1985727")
        TimeValue(year=2004, month=5, day=0, precision=10, calendar='Q1985727')
    """
    found = _TIME.fullmatch(time) if isinstance(time, str) else None
    if found is None or isinstance(precision, bool) or not isinstance(precision, int) or not 0 <= precision <= 14:
        raise MalformedError(f"{quoted(str(time))[:60]!r} with the precision {str(precision)[:10]} is not a date")
    sign, year, month, day, *_ = found.groups()
    if int(month) > 12 or int(day) > 31:
        raise MalformedError(f"{time!r} is not a date")
    # The year before the year 1 is written -0001 in JSON, and is 0 in ISO 8601.
    number = int(year) if sign != "-" else 1 - int(year) if int(year) else 0
    return TimeValue(
        number,
        int(month) if precision >= 10 else 0,
        int(day) if precision >= 11 else 0,
        precision,
        _item_of(calendar, "calendarmodel"),
    )


def _quantity(found: Mapping[str, Any]) -> QuantityValue:
    unit = "" if found.get("unit", "1") == "1" else _item_of(found["unit"], "unit")
    bounds = [None if found.get(name) is None else _amount(found[name]) for name in ("lowerBound", "upperBound")]
    return QuantityValue(_amount(found.get("amount")), unit, *bounds)


def _amount(text: Any) -> Decimal:
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise MalformedError(f"{quoted(str(text))[:40]!r} is not an amount")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise MalformedError(f"{text[:40]!r} is not an amount") from error


def _point(found: Mapping[str, Any]) -> PointValue:
    parts = [found.get("latitude"), found.get("longitude"), found.get("precision") or 0]
    if not all(isinstance(part, int | float) and not isinstance(part, bool) and abs(part) <= 400 for part in parts):
        raise MalformedError("its coordinates are not numbers of degrees")
    globe = _item_of(found.get("globe"), "globe")
    return PointValue(float(parts[0]), float(parts[1]), float(parts[2]), globe)  # type: ignore[arg-type]


def _texts(record: Mapping[str, Any], part: str) -> Iterator[tuple[str, str]]:
    for lang, one in _dict(record.get(part, {}), part, empty_list=True).items():
        yield lang, _text(one.get("value") if isinstance(one, dict) else one, f"{part} in {quoted(lang)[:20]}")


def _aliases(record: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for lang, many in _dict(record.get("aliases", {}), "aliases", empty_list=True).items():
        texts = (one.get("value") if isinstance(one, dict) else one for one in _list(many, "aliases"))
        yield lang, tuple(_text(text, "an alias") for text in texts)


def _guid(found: Any) -> str:
    if not isinstance(found, str) or not _GUID.fullmatch(found):
        raise MalformedError(f"{quoted(str(found))[:60]!r} is not the identifier of a statement")
    return found


def _item_of(found: Any, part: str) -> str:
    """Return the identifier at the end of an IRI that a value refers to; nothing where there is none."""
    number = _text(found or "", part).rpartition("/")[2]
    return _number(number, part) if number else ""


def _rank(one: Mapping[str, Any]) -> Rank:
    rank = one.get("rank")
    if not isinstance(rank, str) or rank not in _RANKS:
        raise MalformedError(f"the rank {quoted(str(rank))[:40]!r} is not one")
    return _RANKS[rank]


def _dict(found: Any, part: str, *, empty_list: bool = False) -> dict[str, Any]:
    if empty_list and found == []:  # PHP writes an empty map so
        return {}
    if not isinstance(found, dict):
        raise MalformedError(f"{part} is not an object")
    return found


def _list(found: Any, part: str) -> list[Any]:
    if not isinstance(found, list):
        raise MalformedError(f"{part} is not a list")
    return found


def _text(found: Any, part: str) -> str:
    if not isinstance(found, str):
        raise MalformedError(f"{part} is not a text")
    return found


def _number(found: Any, part: str) -> str:
    if not isinstance(found, str) or not _NUMBER.fullmatch(found):
        raise MalformedError(f"{part} is not an identifier: {quoted(str(found))[:40]!r}")
    return found
