"""Translates the fields of a Table Schema into columns of CSV on the Web; what has no counterpart is listed.

Table Schema: https://datapackage.org/standard/table-schema/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Translation", "translate_field"]

_TYPES: Final[Mapping[str, str]] = {
    "string": "string", "number": "decimal", "integer": "integer", "boolean": "boolean", "date": "date",
    "time": "time", "datetime": "dateTime", "year": "gYear", "yearmonth": "gYearMonth", "duration": "duration",
    "object": "json", "array": "json", "geojson": "json", "list": "string", "any": "",
}  # fmt: skip
_STRING_FORMATS: Final = {"uri": "anyURI", "binary": "base64Binary"}
_DIRECTIVES: Final = {
    "%d": "dd", "%-d": "d", "%m": "MM", "%-m": "M", "%Y": "yyyy", "%H": "HH", "%-H": "H", "%M": "mm", "%S": "ss",
    "%z": "XX", "%%": "%",
}  # fmt: skip
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_KNOWN: Final = frozenset(
    {"name", "type", "format", "title", "description", "constraints", "missingValues", "trueValues", "falseValues",
     "decimalChar", "groupChar", "bareNumber", "delimiter", "itemType", "example"}
)  # fmt: skip


@dataclass(slots=True)
class Translation:
    """A field as CSV on the Web: properties of the column, words for no value, and what could not be translated."""

    properties: dict[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    left_out: list[str] = field(default_factory=list)


def translate_field(source: Mapping[str, Any], missing: object) -> Translation:
    """Translate a field.

    Args:
        source: The field.
        missing: The `missingValues` of the schema.

    Examples:
        >>> translate_field({"name": "d", "type": "date", "format": "%d.%m.%Y"}, None).properties
        {'datatype': {'base': 'date', 'format': 'dd.MM.yyyy'}}
        >>> translate_field({"name": "p", "type": "geopoint"}, None).left_out
        ['type geopoint']
    """
    found = Translation(missing=_missing(source.get("missingValues", missing)))
    kind = source.get("type", "any" if "format" not in source else "string")
    constraints = source.get("constraints")
    rules: Mapping[str, Any] = constraints if isinstance(constraints, dict) else {}
    datatype: dict[str, Any] = {}
    if not isinstance(kind, str) or kind not in _TYPES:
        found.left_out.append(f"type {kind}")
    elif base := _TYPES[kind]:
        datatype = {"base": base}
        _translate_format(found, source, kind, datatype)
    _translate_rules(found, rules, datatype)
    if datatype:
        found.properties["datatype"] = datatype["base"] if list(datatype) == ["base"] else datatype
    if isinstance(source.get("title"), str) and source["title"] != source.get("name"):
        found.properties["titles"] = [str(source.get("name", "")), source["title"]]
    if isinstance(source.get("description"), str):
        found.properties["dc:description"] = source["description"]
    found.left_out += [str(name) for name in source if name not in _KNOWN]
    return found


def _missing(words: object) -> tuple[str, ...]:
    """Return the words for no value, which version 2 may label."""
    listed = words if isinstance(words, list) else []
    values = [w.get("value") if isinstance(w, dict) else w for w in listed]
    return tuple(v for v in values if isinstance(v, str) and v)


def _translate_format(found: Translation, source: Mapping[str, Any], kind: str, datatype: dict[str, Any]) -> None:
    """Translate the format of a field, and the marks of its numbers."""
    form = source.get("format", "default")
    if kind == "string" and form in _STRING_FORMATS:
        datatype["base"] = _STRING_FORMATS[form]
    elif kind in {"date", "time", "datetime"} and form != "default":
        pattern = _as_pattern(form.removeprefix("fmt:")) if isinstance(form, str) else None
        if pattern is None:
            datatype.clear()
            found.left_out.append(f"format {form}")
        else:
            datatype["format"] = pattern
    elif kind == "boolean":
        _translate_booleans(found, source, datatype)
    elif kind == "list":
        found.properties["separator"] = str(source.get("delimiter", ","))
        datatype["base"] = _TYPES.get(str(source.get("itemType", "string")), "string") or "string"
    elif kind in {"number", "integer"}:
        decimal, group = source.get("decimalChar", "."), source.get("groupChar", "")
        if source.get("bareNumber") is False:
            datatype.clear()
            found.left_out.append("bareNumber")
        elif (decimal, group) != (".", ""):
            # Without a mark for groups that of CSV on the Web is the comma, which must not be the decimal mark too.
            datatype["format"] = {"decimalChar": decimal, "groupChar": group or ("." if decimal == "," else ",")}
    elif form != "default":
        found.left_out.append(f"format {form}")


def _as_pattern(form: str) -> str | None:
    """Return a format of strptime as a pattern of UAX 35, or None where it has none."""
    parts = re.findall(r"%-?.|[^%]+", form)
    made = [_DIRECTIVES.get(p) if p.startswith("%") else p for p in parts]
    if None in made or re.search("[A-SU-Za-z]", re.sub("%-?.", "", form)):
        return None
    return "".join(str(p) for p in made)


def _translate_booleans(found: Translation, source: Mapping[str, Any], datatype: dict[str, Any]) -> None:
    yes, no = source.get("trueValues"), source.get("falseValues")
    if yes is None and no is None:
        return
    pairs = (yes or ["true"], no or ["false"])
    if all(isinstance(words, list) and len(words) == 1 for words in pairs):
        datatype["format"] = f"{pairs[0][0]}|{pairs[1][0]}"
        return
    datatype.clear()
    found.left_out.append("several trueValues or falseValues")


def _translate_rules(found: Translation, rules: Mapping[str, Any], datatype: dict[str, Any]) -> None:
    """Translate the constraints of a field."""
    text = datatype.get("base") == "string"
    for name, value in rules.items():
        if name == "required":
            if value is True:
                found.properties["required"] = True
        elif name in {"minLength", "maxLength"} and text:
            datatype[name] = value
        elif name in _BOUNDS and datatype and not text:
            datatype[{"exclusiveMinimum": "minExclusive", "exclusiveMaximum": "maxExclusive"}.get(name, name)] = value
        elif name == "pattern" and text and "format" not in datatype:
            datatype["format"] = value
        elif name == "enum" and text and isinstance(value, list) and "format" not in datatype:
            datatype["format"] = "|".join(re.escape(str(v)) for v in value)
        elif name != "unique" or value is not False:
            found.left_out.append(f"constraint {name}")
