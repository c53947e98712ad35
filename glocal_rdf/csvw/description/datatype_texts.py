"""Reads datatypes as people write them in one word: `gYear`, `date:dd.MM.yyyy`, `decimal:#.##0,00`, `boolean:ja|nein`.

The part after the colon is the format of the datatype. For numbers it is a pattern in which the last mark may be the
decimal one, or the marks alone: `,` for a decimal comma, `.,` for points between thousands and a decimal comma.

Model for Tabular Data, sections 6.4.2 to 6.4.6: https://www.w3.org/TR/tabular-data-model/#formats-for-numeric-types
"""

from __future__ import annotations

import re
from typing import Any, Final

from glocal_rdf.csvw.metadata.model import Datatype, NumberFormat
from glocal_rdf.csvw.values import built_in_datatypes, datatypes
from glocal_rdf.csvw.values.built_in_datatypes import canonical_name, is_kind_of
from glocal_rdf.errors import InputError
from glocal_rdf.spelling import did_you_mean

__all__ = ["as_option", "as_text", "parse_datatype", "parse_date_format"]

_MARKS: Final = ".,' \u00a0\u202f\u2009"
_FRACTION: Final = re.compile(r"0*#*(?:E.*)?[%‰]?")
_QUOTED: Final = re.compile("'[^']*'")


def parse_datatype(text: str) -> Any:
    """Return a datatype as it is written in metadata, by its name and format.

    Raises:
        InputError: Where the name is not that of a built-in datatype, or the format is not one for it.

    Examples:
        >>> parse_datatype("gYear"), parse_datatype("date:d.M.yyyy")
        ('gYear', {'base': 'date', 'format': 'd.M.yyyy'})
        >>> parse_datatype("decimal:#.##0,00")["format"]
        {'pattern': '#.##0,00', 'decimalChar': ',', 'groupChar': '.'}
        >>> parse_datatype("decimal:,")["format"]
        {'decimalChar': ','}
    """
    base, colon, form = text.partition(":")
    base = base.strip().removeprefix("xsd:")
    if base == "xsd":
        base, colon, form = form.partition(":")
    if base not in built_in_datatypes.NAMES:
        choices = "string, integer, decimal, double, boolean, date, dateTime, gYear, anyURI …"
        raise InputError.at(text, f"{base!r} is not a datatype", did_you_mean(base, built_in_datatypes.NAMES, choices))
    if not colon or not form:
        return base
    if datatypes.is_numeric(base):
        return {"base": base, "format": _parse_number_format(text, base, form)}
    _check_format(text, Datatype(base, format=form))
    return {"base": base, "format": form}


def _parse_number_format(text: str, base: str, form: str) -> Any:
    """Return the format of a number: a pattern, or an object where its marks are not those of English."""
    marks = [c for c in form if c in _MARKS]
    if len(marks) == len(form):
        if len(form) > 2 or len(set(form)) < len(form):
            hint = "write one mark for decimals (,) or two for thousands and decimals (.,)"
            raise InputError.at(text, f"{form!r} is not a form of numbers", hint)
        if is_kind_of(base, "integer") and len(form) == 1:
            return {"groupChar": form, "decimalChar": "." if form == "," else ","}
        found = {"decimalChar": form[-1]} | ({"groupChar": form[0]} if len(form) == 2 else {})
        return found if found != {"decimalChar": "."} else {"decimalChar": ".", "groupChar": ","}
    decimal, group = ".", ","
    last = max((form.rfind(mark) for mark in set(marks)), default=-1)
    others = set(marks) - {form[last]} if marks else set()
    whole = is_kind_of(base, "integer")
    if marks and not whole and form.count(form[last]) == 1 and _FRACTION.fullmatch(form[last + 1 :]):
        decimal = form[last]
        group = next(iter(others), "." if decimal == "," else ",")
    elif marks:
        others = set(marks)
        group = form[last]
        decimal = "," if group == "." else "."
    if len(others - {group}) > 0:
        raise InputError.at(text, f"{form!r} has {len(others) + 1} kinds of marks", "write a pattern like #.##0,00")
    _check_format(text, Datatype(base, number=NumberFormat(form, decimal, group)))
    if (decimal, group) == (".", ","):
        return form
    return {"pattern": form, "decimalChar": decimal, "groupChar": group}


def parse_date_format(form: str) -> Any:
    """Return the datatype that a format of dates or times is for, by its fields.

    Raises:
        InputError: Where it is not a format of CSV on the Web.

    Examples:
        >>> parse_date_format("dd.MM.yyyy")["base"], parse_date_format("d/M/yyyy HH:mm")["base"]
        ('date', 'dateTime')
        >>> parse_date_format("yyyy-MM-dd"), parse_date_format("MM/yyyy")["base"]
        ('date', 'gYearMonth')
    """
    bare = _QUOTED.sub("", form)
    clock, day, month, year = (mark in bare for mark in ("H", "d", "M", "y"))
    hour = clock or "h" in bare
    base = "dateTime" if hour and (day or year) else "time" if hour else ""
    base = base or {
        (True, True, True): "date",
        (True, True, False): "gYearMonth",
        (True, False, False): "gYear",
        (False, True, True): "gMonthDay",
        (False, True, False): "gMonth",
        (False, False, True): "gDay",
    }.get((year, month, day), "date")
    if (base, form) in {("date", "yyyy-MM-dd"), ("time", "HH:mm:ss"), ("dateTime", "yyyy-MM-ddTHH:mm:ss"),
                        ("gYear", "yyyy"), ("gYearMonth", "yyyy-MM")}:  # fmt: skip
        return base
    _check_format(form, Datatype(base, format=form))
    return {"base": base, "format": form}


def _check_format(text: str, datatype: Datatype) -> None:
    try:
        datatypes.check_format(datatype)
    except (InputError, re.error) as error:
        what = str(error) if isinstance(error, InputError) else f"is not a regular expression: {error}"
        hint = "write the format like dd.MM.yyyy, d/M/yyyy or yyyy-MM-dd HH:mm" if datatype.format else ""
        raise InputError.at(text, what, hint) from error


def as_text(datatype: Any) -> tuple[str, str]:
    """Return the name of a datatype of metadata and its form, as people read them.

    Examples:
        >>> as_text("gYear"), as_text({"base": "decimal", "format": {"decimalChar": ",", "groupChar": "."}})
        (('gYear', ''), ('decimal', '1.234,5'))
        >>> as_text({"base": "date", "format": "d.M.yyyy"}), as_text({"base": "integer", "minimum": 0})
        (('date', 'd.M.yyyy'), ('integer', 'minimum 0'))
    """
    if not isinstance(datatype, dict):
        return (str(datatype), "") if datatype else ("string", "")
    base, form = str(datatype.get("base", "string")), datatype.get("format")
    parts = []
    if isinstance(form, dict):
        decimal, group = form.get("decimalChar", "."), form.get("groupChar", "")
        sample = f"1{group}234" + ("" if is_kind_of(base, "integer") else f"{decimal}5")
        parts.append(str(form.get("pattern") or sample))
    elif form is not None:
        parts.append(str(form))
    parts += [f"{name} {value}" for name, value in datatype.items() if name not in {"base", "format", "@id", "@type"}]
    return (base if canonical_name(base) else "string"), ", ".join(parts)


def as_option(datatype: Any) -> str:
    """Return a datatype of metadata as `parse_datatype` reads it.

    Examples:
        >>> as_option("gYear"), as_option({"base": "integer", "format": {"decimalChar": ",", "groupChar": "."}})
        ('gYear', 'integer:.')
        >>> as_option({"base": "decimal", "format": {"decimalChar": ","}})
        'decimal:,'
    """
    if not isinstance(datatype, dict):
        return str(datatype)
    base, form = str(datatype.get("base", "string")), datatype.get("format")
    if isinstance(form, dict):
        decimal, group = str(form.get("decimalChar", ".")), str(form.get("groupChar", ""))
        marks = group if is_kind_of(base, "integer") else group + decimal
        form = form.get("pattern") or marks
    return f"{base}:{form}" if form else base
