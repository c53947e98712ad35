"""The built-in datatypes of CSV on the Web, each declared once.

To add one, add an entry here. The lexical spaces of XML Schema are in `glocal_rdf.xsd.lexical_spaces`, the order of
their values is in `glocal_rdf.xsd.ordering`; a datatype that has no lexical space there takes every text.

Metadata Vocabulary for Tabular Data, section 5.11.1:
https://www.w3.org/TR/tabular-metadata/#built-in-datatypes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from glocal_rdf.namespaces import CSVW, RDF, XSD

__all__ = ["DATATYPES", "NAMES", "BuiltIn", "WhiteSpace", "canonical_name", "datatype_iri", "is_kind_of"]

WhiteSpace = Literal["preserve", "replace", "collapse"]

_DATE: Final = ("year", "month", "day")
_ANY: Final = "anyAtomicType"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A built-in datatype.

    Args:
        parent: The name of the datatype that it restricts.
        aliases: Its other names.
        noun: What a value is called in messages.
        hint: How to write a value, in messages.
        fields: The fields of a date or time that a date format must have, if it takes one.
        white_space: What happens to white space before a cell is read (Model, section 6.4).
        iri: Its IRI, where that is not the name in the namespace of XML Schema.
    """

    parent: str = _ANY
    aliases: tuple[str, ...] = ()
    noun: str = ""
    hint: str = ""
    fields: tuple[str, ...] = ()
    white_space: WhiteSpace = "collapse"
    iri: str = ""


_DIGITS, _POINT = "write digits only", "write digits with a decimal point"

DATATYPES: Final[Mapping[str, BuiltIn]] = {
    _ANY: BuiltIn("", ("any",), white_space="preserve"),
    "anyURI": BuiltIn(),
    "base64Binary": BuiltIn(aliases=("binary",)),
    "hexBinary": BuiltIn(),
    "boolean": BuiltIn(noun="true or false", hint="write true or false"),
    "QName": BuiltIn(),
    # Numbers.
    "decimal": BuiltIn(noun="a number", hint=_POINT),
    "integer": BuiltIn("decimal", noun="a whole number", hint=_DIGITS),
    "long": BuiltIn("integer"),
    "int": BuiltIn("long"),
    "short": BuiltIn("int"),
    "byte": BuiltIn("short"),
    "nonNegativeInteger": BuiltIn("integer", noun="a whole number from 0", hint=_DIGITS),
    "positiveInteger": BuiltIn("nonNegativeInteger", noun="a whole number from 1", hint=_DIGITS),
    "unsignedLong": BuiltIn("nonNegativeInteger"),
    "unsignedInt": BuiltIn("unsignedLong"),
    "unsignedShort": BuiltIn("unsignedInt"),
    "unsignedByte": BuiltIn("unsignedShort"),
    "nonPositiveInteger": BuiltIn("integer"),
    "negativeInteger": BuiltIn("nonPositiveInteger"),
    "double": BuiltIn(aliases=("number",), noun="a number", hint=_POINT),
    "float": BuiltIn(),
    # Dates, times and durations.
    "date": BuiltIn(noun="a date", hint="write YYYY-MM-DD", fields=_DATE),
    "dateTime": BuiltIn(
        aliases=("datetime",),
        noun="a date and time",
        hint="write YYYY-MM-DDThh:mm:ss",
        fields=(*_DATE, "hour", "minute"),
    ),
    "dateTimeStamp": BuiltIn("dateTime", fields=(*_DATE, "hour", "minute", "zone")),
    "time": BuiltIn(noun="a time", hint="write hh:mm:ss", fields=("hour", "minute")),
    "gYear": BuiltIn(noun="a year", hint="write four digits", fields=("year",)),
    "gYearMonth": BuiltIn(noun="a year and month", hint="write YYYY-MM", fields=("year", "month")),
    "gMonth": BuiltIn(fields=("month",)),
    "gMonthDay": BuiltIn(fields=("month", "day")),
    "gDay": BuiltIn(fields=("day",)),
    "duration": BuiltIn(noun="a duration", hint="write it as P1Y2M3DT4H5M6S"),
    "dayTimeDuration": BuiltIn("duration"),
    "yearMonthDuration": BuiltIn("duration"),
    # Strings.
    "string": BuiltIn(white_space="preserve"),
    "normalizedString": BuiltIn("string", white_space="replace"),
    "token": BuiltIn("normalizedString"),
    "language": BuiltIn("token"),
    "Name": BuiltIn("token"),
    "NCName": BuiltIn("Name"),
    "NMTOKEN": BuiltIn("token"),
    "xml": BuiltIn("string", white_space="preserve", iri=f"{RDF}XMLLiteral"),
    "html": BuiltIn("string", white_space="preserve", iri=f"{RDF}HTML"),
    "json": BuiltIn("string", white_space="preserve", iri=f"{CSVW}JSON"),
}

_CANONICAL: Final = {alias: name for name, datatype in DATATYPES.items() for alias in datatype.aliases}
NAMES: Final = frozenset(DATATYPES) | frozenset(_CANONICAL)
"""All names of built-in datatypes, aliases included."""


def canonical_name(name: str) -> str:
    """Return the name of a datatype by any of its names.

    Examples:
        >>> canonical_name("number"), canonical_name("date")
        ('double', 'date')
    """
    return _CANONICAL.get(name, name)


def datatype_iri(name: str) -> str:
    """Return the IRI of a built-in datatype by its name.

    Examples:
        >>> datatype_iri("number"), datatype_iri("json")
        ('http://www.w3.org/2001/XMLSchema#double', 'http://www.w3.org/ns/csvw#JSON')
    """
    name = canonical_name(name)
    return DATATYPES[name].iri or XSD + name


def is_kind_of(name: str, ancestor: str) -> bool:
    """Return whether a built-in datatype is, or is derived from, another.

    Examples:
        >>> is_kind_of("byte", "integer"), is_kind_of("number", "integer")
        (True, False)
    """
    step = canonical_name(name)
    while step:
        if step == ancestor:
            return True
        step = DATATYPES[step].parent
    return False
