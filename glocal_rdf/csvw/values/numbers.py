"""Reads numbers written by a number pattern of UAX 35, or with marks for decimals and groups.

Model for Tabular Data, section 6.4.2. A pattern is turned into one regular expression whose groups are the parts of a
number; the parts, put together again, are the number as XML Schema writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from glocal_rdf.csvw.metadata.model import NumberFormat
from glocal_rdf.errors import InputError

__all__ = ["canonical_decimals", "number_reader"]

Reader = Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True, slots=True)
class _Shape:
    """A number's regular expression, and limits on its digits.

    Its groups are sign (or inner, after a leading %), before and after (% or ‰), whole, fraction and exponent.
    """

    regex: str
    least_whole: int = 0
    least_fraction: int = 0
    most_fraction: int | None = None


def number_reader(form: NumberFormat, *, whole: bool, exact: bool) -> Reader:
    """Return the expression from numbers written in a form to their lexical form, null where they are not.

    Args:
        form: The form.
        whole: Whether the datatype is an integer.
        exact: Whether it is a decimal (no exponent, no NaN, no infinity).

    Raises:
        InputError: For a pattern that is not valid.
    """
    shape = _shape_of_pattern(form) if form.pattern is not None else _free_shape(form)
    group = form.group_char if form.group_char is not None else ","

    def read_parts(text: pl.Expr) -> pl.Expr:
        parts = text.str.extract_groups(shape.regex)
        sign = pl.coalesce(parts.struct.field("sign"), parts.struct.field("inner"))
        units = parts.struct.field("whole").str.replace_all(group, "", literal=True)
        fraction = parts.struct.field("fraction").str.replace_all(group, "", literal=True)
        exponent, before, after = (parts.struct.field(n) for n in ("exponent", "before", "after"))
        digits = fraction.str.len_chars().fill_null(0)
        once = (parts.struct.field("sign").is_null() | parts.struct.field("inner").is_null()) & (
            before.is_null() | after.is_null()
        )
        good = (
            once & units.is_not_null() & (units.str.len_chars() >= shape.least_whole) & (digits >= shape.least_fraction)
        )
        if shape.most_fraction is not None:
            good = good & (digits <= shape.most_fraction)
        if whole:
            good = good & fraction.is_null()
        if exact:
            good = good & exponent.is_null()
        number = pl.concat_str(
            sign.fill_null(""),
            pl.when(units == "").then(pl.lit("0")).otherwise(units),
            pl.when(digits > 0).then(pl.concat_str(pl.lit("."), fraction)).otherwise(pl.lit("")),
            pl.when(exponent.is_not_null()).then(pl.concat_str(pl.lit("e"), exponent)).otherwise(pl.lit("")),
        )
        scale = pl.coalesce(before, after)
        scaled = pl.concat_str(number, scale.fill_null("")).map_batches(
            _scale, return_dtype=pl.String, is_elementwise=True
        )
        result = pl.when(good).then(scaled)
        if exact:
            return result
        return pl.when(text.is_in(["NaN", "INF", "-INF"])).then(text).otherwise(result)

    if form.pattern is not None:
        return read_parts
    return _plain_first(read_parts, form, whole=whole)


def _plain_first(read_parts: Reader, form: NumberFormat, *, whole: bool) -> Reader:
    """Return the expression that reads numbers without percent and exponent at once, and only the others by parts.

    Args:
        read_parts: Reads any number.
        form: The form, without a pattern.
        whole: Whether the datatype is an integer.
    """
    decimal, group = form.decimal_char, form.group_char
    digits = "[0-9]+" if group is None else f"[0-9]+(?:{re.escape(group)}[0-9]+)*"
    plain = f"^[+-]?{digits}$" if whole else f"^[+-]?{digits}(?:{re.escape(decimal)}[0-9]+)?$"

    def read(texts: pl.Series) -> pl.Series:
        is_plain = texts.str.contains(plain)
        numbers = texts if group is None else texts.str.replace_all(group, "", literal=True)
        numbers = numbers if whole or decimal == "." else numbers.str.replace(decimal, ".", literal=True)
        if is_plain.all():
            return numbers
        others = texts.to_frame("t").select(read_parts(pl.col("t"))).to_series()
        return pl.select(pl.when(is_plain).then(numbers).otherwise(others).alias(texts.name)).to_series()

    return lambda text: text.map_batches(read, return_dtype=pl.String, is_elementwise=True)


def _scale(numbers: pl.Series) -> pl.Series:
    """Return numbers with percent and per mille worked out, once per distinct number that has them."""
    marked = numbers.str.contains("[%‰]$")
    if not marked.any():
        return numbers
    found = numbers.filter(marked).unique()
    values = [_scaled(n[:-1], 2 if n[-1] == "%" else 3) for n in found]
    return numbers.replace(found, pl.Series(values, dtype=pl.String))


def _scaled(number: str, places: int) -> str:
    """Return a number with the decimal point moved to the left."""
    mantissa, mark, exponent = number.partition("e")
    if mark:
        return f"{mantissa}e{int(exponent) - places}"
    sign, digits, power = Decimal(mantissa).as_tuple()
    plus = "+" if mantissa.startswith("+") else ""
    return plus + format(Decimal((sign, digits, int(power) - places)), "f")


def _free_shape(form: NumberFormat) -> _Shape:
    """Return the shape of any number with the given marks: that of section 6.4.2 where there is no pattern."""
    decimal = re.escape(form.decimal_char)
    whole = r"[0-9]+"
    if form.group_char is not None:
        whole = rf"[0-9]+(?:{re.escape(form.group_char)}[0-9]+)*"
    return _Shape(
        rf"^(?P<sign>[+-])?(?P<before>[%‰])?(?P<inner>[+-])?(?P<whole>{whole})(?:{decimal}(?P<fraction>[0-9]+))?"
        rf"(?:[Ee](?P<exponent>[+-]?[0-9]{{1,9}}))?(?P<after>[%‰])?$"
    )


def _shape_of_pattern(form: NumberFormat) -> _Shape:
    """Return the shape of a number pattern.

    Raises:
        InputError: Where it is not valid.
    """
    pattern = form.pattern or ""
    d, g = re.escape(form.decimal_char), re.escape(form.group_char or ",")
    found = re.fullmatch(
        rf"(?P<sign>[+-])?(?P<before>[%‰])?(?P<sign2>[+-])?(?P<whole>(?:#|0|{g})*)(?:(?P<point>{d})(?P<fraction>(?:#|0|{g})*))?"
        rf"(?P<exponent>E[+]?[0#]+)?(?P<after>[%‰])?",
        pattern,
    )
    if found is None or not re.search("[#0]", found["whole"] + (found["fraction"] or "")):
        raise InputError(f"{pattern!r} is not a number pattern")
    mark = form.group_char or ","
    whole, fraction = found["whole"], found["fraction"] or ""
    if not re.fullmatch("#*0*", whole.replace(mark, "")) or not re.fullmatch("0*#*", fraction.replace(mark, "")):
        raise InputError(f"{pattern!r} is not a number pattern: zeros and # are out of order")
    if (
        whole.startswith(mark)
        or whole.endswith(mark)
        or mark * 2 in pattern
        or fraction.startswith(mark)
        or fraction.endswith(mark)
    ):
        raise InputError(f"{pattern!r} is not a number pattern: a group is empty")
    zeros = fraction.count("0")
    digits = zeros + fraction.count("#")
    sign, inner = _sign("sign", found["sign"]), _sign("inner", found["sign2"])
    if found["sign"] or not found["before"]:
        inner = _absent("inner")
    elif found["sign2"]:
        sign = _absent("sign")
    tail = _absent("fraction")
    if digits:
        tail = rf"(?:{d}(?P<fraction>{_fraction(fraction, mark)}))" + ("" if zeros else "?")
    exponent = _absent("exponent")
    if found["exponent"]:
        signed = "[+-]" if "+" in found["exponent"] else "-?"
        exponent = rf"E(?P<exponent>{signed}[0-9]{{{max(found['exponent'].count('0'), 1)},9}})"
    before = f"(?P<before>{found['before']})" if found["before"] else _absent("before")
    after = f"(?P<after>{found['after']})" if found["after"] else _absent("after")
    return _Shape(
        f"^{sign}{before}{inner}(?P<whole>{_whole(whole, mark)}){tail}{exponent}{after}$",
        least_whole=whole.count("0"),
        least_fraction=zeros,
        most_fraction=digits,
    )


def _sign(name: str, written: str | None) -> str:
    """Return the group of a sign: as in the pattern, or optional where it has none. A plus stands for either sign."""
    if written is None:
        return f"(?P<{name}>[+-])?"
    return f"(?P<{name}>[+-])" if written == "+" else f"(?P<{name}>-)"


def _absent(name: str) -> str:
    """Return a group that never takes part in a match, so that every shape has the same groups."""
    return rf"(?:[^\s\S](?P<{name}>x))?"


def _whole(whole: str, mark: str) -> str:
    """Return the expression of the digits before the decimal mark, in groups of the sizes of the pattern."""
    groups = whole.split(mark)
    optional = "*" if "0" not in whole else "+"
    if len(groups) == 1:
        return f"[0-9]{optional}"
    g, last = re.escape(mark), len(groups[-1])
    size = len(groups[-2]) if len(groups) > 2 else last
    return rf"[0-9]{{0,{last}}}|[0-9]{{1,{size}}}(?:{g}[0-9]{{{size}}})*{g}[0-9]{{{last}}}"


def _fraction(fraction: str, mark: str) -> str:
    groups = fraction.split(mark)
    if len(groups) == 1:
        return "[0-9]+"
    g, size = re.escape(mark), len(groups[0])
    return rf"(?:[0-9]{{{size}}}{g})*[0-9]{{1,{size}}}"


def canonical_decimals(text: pl.Series) -> pl.Series:
    """Return decimal numbers without a plus or needless zeros; the same series if none has any.

    Examples:
        >>> canonical_decimals(pl.Series(["+7", "007", "-0", "1.50", ".0"])).to_list()
        ['7', '7', '0', '1.5', '0']
    """
    if text.str.contains(r"^(?:\+|-?0[0-9]|-0+$)").any():
        text = text.str.replace(r"^\+", "").str.replace(r"^(-?)0+([0-9])", "$1$2").str.replace("^-0$", "0")
    if text.str.contains(".", literal=True).any():
        number = r"^(-?)([0-9]*)\.([0-9]*?)0*$"
        parts = text.str.extract_groups(number).struct
        sign, whole, fraction = parts.field("1"), parts.field("2"), parts.field("3")
        short = pl.select(
            pl.when(whole.is_null())
            .then(text)
            .otherwise(
                pl.concat_str(
                    sign,
                    pl.when(whole == "").then(pl.lit("0")).otherwise(whole),
                    pl.when(fraction == "").then(pl.lit("")).otherwise(pl.concat_str(pl.lit("."), fraction)),
                )
            )
        ).to_series()
        text = pl.select(pl.when(short == "-0").then(pl.lit("0")).otherwise(short)).to_series()
    return text
