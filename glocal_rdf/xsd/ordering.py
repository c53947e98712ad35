"""Orders literals as SPARQL's `<` does, a column at a time (SHACL, sections 4.3 and 4.5.3).

Each term gets a key: the family of its datatype, and in it a number, a time, or a text. Terms of different families,
ill-typed ones, and all that is not a literal cannot be compared. Numbers are compared as doubles, whose order is that
of the exact values but for ties; ties of decimals are decided on all the digits. Against an xsd:float a decimal is
promoted to a float first, against an xsd:double to a double (XPath, section B.1). A time with a zone and one without
compare where no zone could change the answer.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeVar

import polars as pl

from glocal_rdf.namespaces import XSD
from glocal_rdf.triples.terms import LANG_STRING, STRING, datatype, value
from glocal_rdf.xsd.datatypes import is_valid
from glocal_rdf.xsd.lexical_spaces import INTEGERS

__all__ = ["DECIMALS", "TIMES", "compare", "days_from_march", "keys_of", "keys_of_texts"]

DECIMALS: Final = INTEGERS | {"decimal"}
# Each kind of time, completed to a dateTime.
TIMES: Final = {
    "dateTime": (r"^(.*)$", "${1}"),
    "dateTimeStamp": (r"^(.*)$", "${1}"),
    "date": (r"^(-?[0-9]+-[0-9]{2}-[0-9]{2})(.*)$", "${1}T00:00:00${2}"),
    "time": (r"^(.*)$", "1972-12-31T${1}"),
    "gYear": (r"^(-?[0-9]+)(.*)$", "${1}-01-01T00:00:00${2}"),
    "gYearMonth": (r"^(-?[0-9]+-[0-9]{2})(.*)$", "${1}-01T00:00:00${2}"),
    "gMonth": (r"^--([0-9]{2})(.*)$", "1972-${1}-01T00:00:00${2}"),
    "gDay": (r"^---([0-9]{2})(.*)$", "1972-12-${1}T00:00:00${2}"),
    "gMonthDay": (r"^--([0-9]{2}-[0-9]{2})(.*)$", "1972-${1}T00:00:00${2}"),
}
_FAMILIES = {"string": 1, "boolean": 2, "double": 3, "float": 3, "dateTimeStamp": 4, "dateTime": 4}
_FAMILIES |= dict.fromkeys(DECIMALS, 3)
_FAMILIES |= {name: 5 + at for at, name in enumerate(n for n in TIMES if not n.startswith("dateTime"))}
_FAMILIES |= {"dayTimeDuration": 20, "yearMonthDuration": 21}
_NUMBER, _TIME = 3, 4
_WIDE = 15
_ZONE_SPAN = 14 * 3600
_KEYS = {
    "family": pl.UInt8, "number": pl.Float64, "seconds": pl.Int128, "zoned": pl.Boolean, "text": pl.String,
    "wide": pl.Boolean, "single": pl.Boolean,
}  # fmt: skip


def keys_of(terms: pl.Series) -> pl.DataFrame:
    """Return the key of each term: a frame of as many rows, null in `family` where a term cannot be compared.

    https://www.w3.org/TR/sparql11-query/#operandDataTypes
    """
    parts: list[pl.DataFrame] = []
    for name, rows in _by_datatype(terms):
        # A text that is valid has no escapes: the end of its term is all there is to take off.
        end = f'"^^<{XSD}{name}>'
        text = value(pl.col("term")) if name == "string" else pl.col("term").str.strip_suffix(end).str.slice(1)
        texts = rows.select("row", text=text)
        if name != "string":
            texts = texts.filter(is_valid(texts["text"], name))
        parts.append(_complete(_keys(texts, name), _FAMILIES[name]))
    if len(parts) == 1 and parts[0].height == len(terms):
        return parts[0].drop("row")
    known = pl.concat([pl.DataFrame(schema={"row": pl.UInt32, **_KEYS}), *parts])
    rows = pl.DataFrame({"row": pl.int_range(len(terms), dtype=pl.UInt32, eager=True)})
    return rows.join(known, on="row", how="left", maintain_order="left").drop("row")


def keys_of_texts(texts: pl.Series, name: str) -> pl.DataFrame:
    """Return the keys of values of one datatype, as `keys_of`.

    Args:
        texts: Texts in the lexical space of the datatype.
        name: The local name of the datatype, which is not one of durations.
    """
    rows = texts.to_frame("text").with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))
    return _complete(_keys(rows, name), _FAMILIES[name]).drop("row")


def _by_datatype(terms: pl.Series) -> list[tuple[str, pl.DataFrame]]:
    """Return the terms of each datatype that can be compared, by its local name, with their positions as `row`."""
    rows = pl.DataFrame({"row": pl.int_range(len(terms), dtype=pl.UInt32, eager=True), "term": terms})
    first = terms[0] if len(terms) else ""
    end = first[first.rindex('"') :] if first.startswith('"') else ""
    if end and terms.str.ends_with(end).all():
        # All terms end as the first does.
        kind = {"^": end[4:-1], "@": LANG_STRING}.get(end[1:2], STRING)
        return [(name, rows)] if (name := kind.removeprefix(XSD)) in _FAMILIES else []
    named = rows.with_columns(name=datatype(pl.col("term")).str.strip_prefix(XSD))
    parts = named.filter(pl.col("name").is_in(list(_FAMILIES))).partition_by("name", as_dict=True)
    return [(name, part) for (name,), part in parts.items()]


def _complete(part: pl.DataFrame, family: int) -> pl.DataFrame:
    """Add the family, and every column of a key that a part has not, as null."""
    own = {name: pl.col(name) if name in part.columns else pl.lit(None, kind) for name, kind in _KEYS.items()}
    return part.select("row", **{**own, "family": pl.lit(family, pl.UInt8)})


def _keys(texts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the keys of texts of one datatype."""
    text = pl.col("text")
    if name == "string":
        return texts
    if name == "boolean":
        return texts.select("row", number=text.is_in(["true", "1"]).cast(pl.Float64))
    if name in {"double", "float"}:
        number = text.str.replace("INF", "inf", literal=True).cast(pl.Float64, strict=False)
        if name == "float":
            number = _single(text.str.replace("INF", "inf", literal=True))
        return texts.select("row", number=number, wide=pl.lit(value=False), single=pl.lit(name == "float"))
    if name in DECIMALS:
        wide = text.str.len_bytes() > _WIDE
        return texts.select("row", "text", number=text.cast(pl.Float64, strict=False), wide=wide)
    if name == "yearMonthDuration":
        months = _part(text, "([0-9]+)Y") * 12 + _part(text, "([0-9]+)M")
        return texts.select("row", number=_signed(text, months))
    if name == "dayTimeDuration":
        time = _part(text, "([0-9]+)D") * 86400 + _part(text, "([0-9]+)H") * 3600 + _part(text, "([0-9]+)M") * 60
        return texts.select("row", number=_signed(text, time + _part(text, r"([0-9]+(?:\.[0-9]+)?)S")))
    return _times(texts, name)


def _single(text: pl.Expr) -> pl.Expr:
    """Read a number as a float of 32 bits, rounded once."""
    return text.cast(pl.Float32, strict=False).cast(pl.Float64)


def _part(text: pl.Expr, pattern: str) -> pl.Expr:
    return text.str.extract(pattern, 1).cast(pl.Float64, strict=False).fill_null(0.0)


def _signed(text: pl.Expr, number: pl.Expr) -> pl.Expr:
    return pl.when(text.str.starts_with("-")).then(-number).otherwise(number)


def _times(texts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Count seconds from year 0 in UTC; `text` holds the digits after the second, which order as they stand."""
    pattern, whole = TIMES[name]
    form = (
        r"^(?<y>-?[0-9]+)-(?<m>[0-9]{2})-(?<d>[0-9]{2})T(?<h>[0-9]{2}):(?<i>[0-9]{2}):(?<s>[0-9]{2})"
        r"(?:\.(?<f>[0-9]+))?(?:(?<z>Z)|(?<o>[+-])(?<oh>[0-9]{2}):(?<oi>[0-9]{2}))?$"
    )
    parts = texts.select("row", p=pl.col("text").str.replace(pattern, whole).str.extract_groups(form)).unnest("p")
    number = {c: pl.col(c).cast(pl.Int64, strict=False) for c in ("y", "m", "d", "h", "i", "s")}
    if name == "time":
        number["h"] %= 24  # 24:00:00 is another way to write midnight
    days = days_from_march(number["y"], number["m"], number["d"])
    offset = (pl.col("oh").cast(pl.Int64) * 3600 + pl.col("oi").cast(pl.Int64) * 60).fill_null(0)
    offset = pl.when(pl.col("o") == "-").then(-offset).otherwise(offset)
    # A year may have so many digits that its seconds need more than 64 bits; one of over 18 cannot be compared.
    days = days.cast(pl.Int128)
    seconds = days * 86400 + number["h"] * 3600 + number["i"] * 60 + number["s"] - offset
    return parts.select(
        "row",
        seconds=seconds,
        zoned=pl.col("z").is_not_null() | pl.col("o").is_not_null(),
        text=pl.col("f").fill_null("").str.strip_chars_end("0"),
    )


_Count = TypeVar("_Count", int, pl.Expr)


def days_from_march(year: _Count, month: _Count, day: _Count) -> _Count:
    """Count the days from 1 March of the year 0 in the proleptic Gregorian calendar.

    Args:
        year: The year, which may be 0 or negative.
        month: The month, from 1.
        day: The day of the month, from 1.

    Examples:
        >>> days_from_march(0, 3, 1), days_from_march(2000, 3, 1) - days_from_march(2000, 2, 28)
        (0, 2)
    """
    # The year begins in March, so that the leap day is its last.
    year = year - (14 - month) // 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 1


def _promoted(own: str, other: str) -> pl.Expr:
    """Return the numbers of one side, decimals as floats where the other side is a float."""
    decimal = (pl.col(f"family{own}") == _NUMBER) & pl.col(f"text{own}").is_not_null()
    number = pl.col(f"number{own}")
    return pl.when(decimal & pl.col(f"single{other}")).then(_single(pl.col(f"text{own}"))).otherwise(number)


def compare(left: pl.DataFrame, right: pl.DataFrame, *, or_equal: bool) -> pl.Series:
    """Return row by row whether left is less than right; false where the two cannot be compared.

    Args:
        left: Keys, as `keys_of` returns them.
        right: Keys, as many.
        or_equal: Whether equal ones count too.

    Examples:
        >>> keys = [keys_of(pl.Series([f'"{n}"^^<http://www.w3.org/2001/XMLSchema#integer>', '"a"'])) for n in (1, 10)]
        >>> compare(*keys, or_equal=False).to_list(), compare(*keys, or_equal=True).to_list()
        ([True, False], [True, True])
    """
    both = pl.concat([left, right.rename({c: f"{c}_right" for c in right.columns})], how="horizontal")
    r = {c: pl.col(f"{c}_right") for c in _KEYS}
    if left["single"].any() or right["single"].any():
        both = both.with_columns(number=_promoted("", "_right"), number_right=_promoted("_right", ""))
    number, seconds, text = pl.col("number"), pl.col("seconds"), pl.col("text")
    # NaN is neither less than nor equal to anything.
    usable = ~(number.is_nan() | r["number"].is_nan()).fill_null(value=False)
    by_number = (number < r["number"]) | (number == r["number"] if or_equal else pl.lit(value=False))
    by_text = text <= r["text"] if or_equal else text < r["text"]
    same_zone = (seconds < r["seconds"]) | ((seconds == r["seconds"]) & by_text)
    other_zone = seconds + _ZONE_SPAN < r["seconds"]
    by_time = pl.when(pl.col("zoned") == r["zoned"]).then(same_zone).otherwise(other_zone)
    holds = (
        pl.when(number.is_not_null())
        .then(by_number & usable)
        .when(pl.col("zoned").is_not_null())
        .then(by_time)
        .otherwise(by_text)
    )
    answer = both.select(holds=(pl.col("family") == r["family"]) & holds)["holds"].fill_null(value=False)
    tie = both.select(
        tie=(pl.col("family") == _NUMBER)
        & (r["family"] == _NUMBER)
        & (number == r["number"])
        & (pl.col("wide") | r["wide"])
        & text.is_not_null()
        & r["text"].is_not_null()
    )["tie"].fill_null(value=False)
    if not tie.any():
        return answer
    exact = [
        Decimal(a) <= Decimal(b) if or_equal else Decimal(a) < Decimal(b)
        for a, b in both.filter(tie).select("text", "text_right").iter_rows()
    ]
    return answer.scatter(tie.arg_true(), exact)
