"""Reads and checks values of the built-in and derived datatypes, a column at a time.

Metadata Vocabulary, section 5.11; Model for Tabular Data, sections 4.6 and 6.4; lexical forms of XML Schema 1.1 part 2.
`reader` returns the expression from text to the lexical form of a value, null where the text is not one. `checks`
returns each facet by itself, so that a message can name the one that is not satisfied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from glocal_rdf.csvw.metadata.model import Datatype
from glocal_rdf.csvw.values.built_in_datatypes import DATATYPES, canonical_name, is_kind_of
from glocal_rdf.csvw.values.dates import date_reader
from glocal_rdf.csvw.values.numbers import number_reader
from glocal_rdf.errors import InputError
from glocal_rdf.xsd.datatypes import in_lexical_space
from glocal_rdf.xsd.facets import NUMBERS, ORDERED, Relation, is_within
from glocal_rdf.xsd.lexical_spaces import LEXICAL_SPACES
from glocal_rdf.xsd.regex_ecmascript import compile_pattern, matches

__all__ = ["Check", "Reader", "check_format", "checks", "is_numeric", "is_ordered", "is_text", "reader"]

Reader = Callable[[pl.Expr], pl.Expr]


def is_numeric(base: str) -> bool:
    """Return whether a built-in datatype is one of numbers."""
    return canonical_name(base) in NUMBERS


def is_ordered(base: str) -> bool:
    """Return whether bounds make sense: numbers, dates, times, durations."""
    return canonical_name(base) in ORDERED


def is_text(base: str) -> bool:
    """Return whether all text is a value: the strings, and types without a lexical form of their own.

    White space is normalized before, so that every text that is left is a `token` or a `normalizedString`.
    """
    base = canonical_name(base)
    return base not in LEXICAL_SPACES or base in {"normalizedString", "token"}


def check_format(datatype: Datatype) -> None:
    """Check that the format of a datatype can be used with its base.

    Raises:
        InputError: Where it cannot.
    """
    if datatype.number is not None:
        _number_reader(datatype)
    elif datatype.format is not None:
        base = canonical_name(datatype.base)
        if base == "boolean":
            _boolean_words(datatype.format)
        elif DATATYPES[base].fields:
            date_reader(base, datatype.format)
        else:
            compile_pattern(datatype.format)


def reader(datatype: Datatype) -> Reader | None:
    """Return the expression from text to lexical form, null where the text is not a value; None if all text is."""
    base = canonical_name(datatype.base)
    if datatype.number is not None:
        number = _number_reader(datatype)
        return lambda text: _validated(number(text), base)
    if datatype.format is not None and base == "boolean":
        yes, no = _boolean_words(datatype.format)
        return lambda text: pl.when(text == yes).then(pl.lit("true")).when(text == no).then(pl.lit("false"))
    if datatype.format is not None and DATATYPES[base].fields:
        date = date_reader(base, datatype.format)
        return lambda text: _validated(date(text), base)
    pattern = datatype.format
    if pattern is None and is_text(base):
        return None
    if pattern is None:
        return lambda text: _validated(text, base)
    return lambda text: pl.when(matches(text, pattern)).then(text if is_text(base) else _validated(text, base))


def _number_reader(datatype: Datatype) -> Reader:
    base = canonical_name(datatype.base)
    assert datatype.number is not None  # noqa: S101 - both callers have looked
    return number_reader(datatype.number, whole=is_kind_of(base, "integer"), exact=is_kind_of(base, "decimal"))


def _boolean_words(form: str) -> tuple[str, str]:
    yes, bar, no = form.partition("|")
    if not bar or not yes or not no or "|" in no or yes == no:
        raise InputError(f"{form!r} does not name a true and a false value, as in 'Y|N'")
    return yes, no


def _validated(text: pl.Expr, base: str) -> pl.Expr:
    """Return the expression of the text where it is in the lexical space of a built-in datatype, null elsewhere.

    Booleans get their canonical form.
    """
    if base == "boolean":
        return (
            pl.when(text.is_in(["true", "1"]))
            .then(pl.lit("true"))
            .when(text.is_in(["false", "0"]))
            .then(pl.lit("false"))
        )
    return text if is_text(base) else pl.when(in_lexical_space(text, base)).then(text)


@dataclass(frozen=True, slots=True)
class Check:
    """A facet: the message where it is not satisfied, and the expression of whether a lexical form satisfies it."""

    message: str
    holds: Reader


def checks(datatype: Datatype) -> list[Check]:
    """Return the constraints of a derived datatype, other than its format (sections 4.6.1 and 4.6.2 of the Model)."""
    found: list[Check] = []
    base = canonical_name(datatype.base)
    size = _length_of(base)
    if (exact := datatype.length) is not None:
        found.append(Check(f"is not {exact} long", lambda v: size(v) == exact))
    if (least := datatype.min_length) is not None:
        found.append(Check(f"is shorter than {least}", lambda v: size(v) >= least))
    if (most := datatype.max_length) is not None:
        found.append(Check(f"is longer than {most}", lambda v: size(v) <= most))
    bounds: tuple[tuple[str | None, str, Relation], ...] = (
        (datatype.min_inclusive, "is less than {}", ">="),
        (datatype.max_inclusive, "is greater than {}", "<="),
        (datatype.min_exclusive, "is not greater than {}", ">"),
        (datatype.max_exclusive, "is not less than {}", "<"),
    )
    for bound, message, relation in bounds:
        if bound is not None:
            found.append(Check(message.format(bound), _comparison(base, relation, bound)))
    return found


def _length_of(base: str) -> Reader:
    if base == "hexBinary":
        return lambda v: v.str.len_bytes() // 2
    if base == "base64Binary":
        return lambda v: v.str.replace_all("[ =]", "").str.len_bytes() * 3 // 4
    return lambda v: v.str.len_chars()


def _comparison(base: str, relation: Relation, bound: str) -> Reader:
    """Return the expression of whether values are within a bound."""

    def compare(texts: pl.Series) -> pl.Series:
        return is_within(texts, base, relation, bound)

    return lambda v: v.map_batches(compare, return_dtype=pl.Boolean, is_elementwise=True)
