"""Reads the inherited properties and the datatypes that they name.

Metadata Vocabulary for Tabular Data, sections 5.7 (inherited properties) and 5.11 (datatypes).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from glocal_rdf.csvw.metadata.annotations import read_annotations
from glocal_rdf.csvw.metadata.model import Datatype, Inherited, NumberFormat
from glocal_rdf.csvw.metadata.properties import (
    Reading,
    check_type,
    read_boolean,
    read_choice,
    read_count,
    read_id,
    read_language,
    read_text,
    show,
    warn_unknown,
)
from glocal_rdf.csvw.rdf.uri_templates import parse_template
from glocal_rdf.csvw.values import built_in_datatypes, datatypes
from glocal_rdf.csvw.values.built_in_datatypes import canonical_name, datatype_iri, is_kind_of
from glocal_rdf.errors import InputError
from glocal_rdf.spelling import did_you_mean
from glocal_rdf.xsd.facets import order_key

__all__ = ["NAMES", "read_datatype", "read_inherited", "read_template"]

NAMES = frozenset(
    {
        "aboutUrl",
        "datatype",
        "default",
        "lang",
        "null",
        "ordered",
        "propertyUrl",
        "required",
        "separator",
        "textDirection",
        "valueUrl",
    }
)
_DIRECTIONS = ("ltr", "rtl", "auto", "inherit")
_FACETS = frozenset(
    {
        "base",
        "format",
        "length",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "minInclusive",
        "maxInclusive",
        "minExclusive",
        "maxExclusive",
        "@id",
        "@type",
    }
)


def read_inherited(reading: Reading, description: dict[str, Any], above: Inherited) -> Inherited:
    """Return the inherited properties of a description object, over those of the objects that contain it.

    Args:
        reading: The context.
        description: The description object.
        above: The properties of the objects that contain it.
    """
    changes: dict[str, Any] = {}
    for name in NAMES & description.keys():
        value = description[name]
        match name:
            case "aboutUrl" | "propertyUrl" | "valueUrl":
                template = read_template(reading, name, value)
                if template is not None:
                    changes[{"aboutUrl": "about_url", "propertyUrl": "property_url", "valueUrl": "value_url"}[name]] = (
                        template
                    )
            case "datatype":
                changes["datatype"] = read_datatype(reading.inside(name), value)
            case "default":
                changes["default"] = read_text(reading, name, value, "")
            case "lang":
                changes["lang"] = read_language(reading, name, value, "und")
            case "null":
                changes["null"] = _read_null(reading, value)
            case "ordered" | "required":
                changes[name] = read_boolean(reading, name, value)
            case "separator":
                changes["separator"] = None if value is None else _read_separator(reading, value)
            case _:
                changes["text_direction"] = read_choice(reading, name, value, _DIRECTIONS, "inherit")
    return replace(above, **changes)


def _read_separator(reading: Reading, value: object) -> str | None:
    if value == "":
        reading.inside("separator").warning("is empty, and separates nothing", "cells are not lists")
        return None
    return read_text(reading, "separator", value)


def read_template(reading: Reading, name: str, value: object) -> str | None:
    """Return a URI template property (section 5.1.3), or None where it is not valid.

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
    """
    if not isinstance(value, str):
        if reading.strict:
            reading.inside(name).warning(f"{show(value)} is not a URI template", "an empty one is used")
            return ""
        reading.inside(name).warning(f"{show(value)} is not a URI template")
        return None
    try:
        parse_template(value)
    except InputError as error:
        reading.inside(name).warning(str(error))
        return None
    if re.match(r"(?i)\s*(?:javascript|data|vbscript|file):", value):
        reading.inside(name).error(f"{value!r} makes IRIs that run a program or read a file", "write a web address")
        return None
    return value


def _read_null(reading: Reading, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    reading.inside("null").warning(f"{show(value)} is neither a string nor an array of strings", "'' is used")
    return ("",)


def read_datatype(reading: Reading, value: object) -> Datatype:
    """Return a datatype: a built-in one by its name, or one with a description (section 5.11)."""
    if isinstance(value, str):
        if value in built_in_datatypes.NAMES:
            return Datatype(base=value)
        reading.warning(f"{show(value)} is not a built-in datatype", f"string is used{_near_datatype(value)}")
        return Datatype()
    if not isinstance(value, dict):
        reading.warning(f"{show(value)} is not a datatype", "string is used")
        return Datatype()
    warn_unknown(reading, value, _FACETS)
    read_annotations(reading, value)
    base = value.get("base", "string")
    if not isinstance(base, str) or base not in built_in_datatypes.NAMES:
        reading.inside("base").warning(
            f"{show(base)} is not a built-in datatype", f"string is used{_near_datatype(base)}"
        )
        base = "string"
    identifier = read_id(reading, value["@id"]) if "@id" in value else None
    if identifier in {datatype_iri(name) for name in built_in_datatypes.NAMES}:
        reading.inside("@id").error(f"{identifier} is a built-in datatype", "give it an IRI of its own")
        identifier = None
    if "@type" in value:
        check_type(reading, value["@type"], "Datatype")
    datatype = Datatype(base=base, id=identifier)
    datatype = _read_lengths(reading, value, datatype)
    datatype = _read_bounds(reading, value, datatype)
    return _read_format(reading, value.get("format"), datatype)


def _near_datatype(value: object) -> str:
    hint = did_you_mean(value, built_in_datatypes.NAMES) if isinstance(value, str) else ""
    return f"; {hint}" if hint else ""


def _read_lengths(reading: Reading, value: dict[str, Any], datatype: Datatype) -> Datatype:
    """Return a datatype with its length constraints (section 5.11.2)."""
    found = {n: read_count(reading, n, value[n], None) for n in ("length", "minLength", "maxLength") if n in value}
    exact, least, most = (found.get(n) for n in ("length", "minLength", "maxLength"))
    base = canonical_name(datatype.base)
    if found and not (is_kind_of(base, "string") or base in {"base64Binary", "hexBinary"}):
        reading.error(
            f"{', '.join(found)} cannot constrain {datatype.base}", "only strings and binary values have a length"
        )
        return datatype
    if exact is not None and least is not None and exact < least:
        reading.error(f"length {exact} is less than minLength {least}")
    if exact is not None and most is not None and exact > most:
        reading.error(f"length {exact} is greater than maxLength {most}")
    if least is not None and most is not None and least > most:
        reading.error(f"minLength {least} is greater than maxLength {most}")
    return replace(datatype, length=exact, min_length=least, max_length=most)


def _read_bounds(reading: Reading, value: dict[str, Any], datatype: Datatype) -> Datatype:
    """Return a datatype with its value constraints (section 5.11.2)."""
    names = [
        n for n in ("minimum", "maximum", "minInclusive", "maxInclusive", "minExclusive", "maxExclusive") if n in value
    ]
    if not names:
        return datatype
    if not datatypes.is_ordered(datatype.base):
        reading.error(
            f"{', '.join(names)} cannot constrain {datatype.base}",
            "only numbers, dates, times and durations have an order",
        )
        return datatype
    texts: dict[str, str] = {}
    keys: dict[str, Any] = {}
    for name in names:
        bound = value[name]
        text = _bound_text(bound)
        key = None if text is None else order_key(canonical_name(datatype.base), text)
        if text is None or key is None:
            reading.inside(name).warning(f"{show(bound)} is not of datatype {datatype.base}")
            continue
        texts[name], keys[name] = text, key
    for one, other in (("minimum", "minInclusive"), ("maximum", "maxInclusive")):
        if one in keys and other in keys and keys[one] != keys[other]:
            reading.error(f"{one} {texts[one]} and {other} {texts[other]} differ", "keep one")
        if one in keys:
            keys.setdefault(other, keys[one])
            texts.setdefault(other, texts[one])
    for one, other in (("minInclusive", "minExclusive"), ("maxInclusive", "maxExclusive")):
        if one in keys and other in keys:
            reading.error(f"both {one} and {other} are given", "keep one")
    for low, high, strict in (
        ("minInclusive", "maxInclusive", False),
        ("minInclusive", "maxExclusive", True),
        ("minExclusive", "maxExclusive", False),
        ("minExclusive", "maxInclusive", True),
    ):
        if low in keys and high in keys and (keys[high] < keys[low] or (strict and keys[high] == keys[low])):
            reading.error(f"{high} {texts[high]} leaves no value above {low} {texts[low]}")
    return replace(
        datatype,
        min_inclusive=texts.get("minInclusive"),
        max_inclusive=texts.get("maxInclusive"),
        min_exclusive=texts.get("minExclusive"),
        max_exclusive=texts.get("maxExclusive"),
    )


def _bound_text(bound: object) -> str | None:
    if isinstance(bound, str):
        return bound
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        return None
    return repr(bound)


def _read_format(reading: Reading, value: object, datatype: Datatype) -> Datatype:
    """Return a datatype with its format, if that fits the base (Model for Tabular Data, sections 6.4.2 to 6.4.6)."""
    if value is None:
        return datatype
    inner = reading.inside("format")
    if isinstance(value, dict) and datatypes.is_numeric(datatype.base):
        return replace(datatype, number=_read_number_format(inner, value, datatype))
    if not isinstance(value, str):
        inner.warning(f"{show(value)} is not a string")
        return datatype
    if datatypes.is_numeric(datatype.base):
        return replace(datatype, number=_read_number_format(inner, {"pattern": value}, datatype))
    candidate = replace(datatype, format=value)
    try:
        datatypes.check_format(candidate)
    except (InputError, re.error) as error:
        inner.warning(f"{value!r}: {error}")
        return datatype
    return candidate


def _read_number_format(reading: Reading, value: dict[str, Any], datatype: Datatype) -> NumberFormat | None:
    """Return how numbers are written (Model, section 6.4.2); a pattern that is not valid is left out."""
    warn_unknown(reading, value, frozenset({"decimalChar", "groupChar", "pattern"}))
    decimal, group = value.get("decimalChar", "."), value.get("groupChar")
    if not isinstance(decimal, str) or not decimal:
        reading.inside("decimalChar").warning(f"{show(decimal)} is not a string", "'.' is used")
        decimal = "."
    if group is not None and (not isinstance(group, str) or not group):
        reading.inside("groupChar").warning(f"{show(group)} is not a string")
        group = None
    pattern = value.get("pattern")
    found = NumberFormat(None, decimal, group)
    if pattern is None:
        return found
    if not isinstance(pattern, str):
        reading.inside("pattern").warning(f"{show(pattern)} is not a string")
        return found
    candidate = NumberFormat(pattern, decimal, group)
    try:
        datatypes.check_format(replace(datatype, number=candidate))
    except InputError as error:
        reading.inside("pattern").warning(str(error))
        return found
    return candidate
