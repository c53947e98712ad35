"""Fills URI templates (RFC 6570, all four levels) a column at a time, and finds the values of a filled one.

A template is a list of pieces: fixed text, and expressions with an operator and variables. A variable that is null is
left out, as the RFC requires; a list is joined by commas, or exploded. Characters are percent-encoded once for each
character that occurs, not once for each row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import quote, unquote

import polars as pl

from glocal_rdf.errors import InputError

__all__ = [
    "OPERATORS",
    "Expression",
    "Operator",
    "Template",
    "Variable",
    "change_matching",
    "expand",
    "invert",
    "parse_template",
]

_RESERVED: Final = ":/?#[]@!$&'()*+,;="
_VARIABLE = re.compile(
    r"((?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_~-]|%[0-9A-Fa-f]{2}))*)(?::([1-9][0-9]{0,3})|(\*))?"
)


@dataclass(frozen=True, slots=True)
class Operator:
    """What an operator puts first and between variables, and how (RFC 6570, appendix A)."""

    first: str = ""
    separator: str = ","
    named: bool = False
    if_empty: str = ""
    reserved: bool = False


OPERATORS: Final = {
    "": Operator(),
    "+": Operator(reserved=True),
    "#": Operator(first="#", reserved=True),
    ".": Operator(first=".", separator="."),
    "/": Operator(first="/", separator="/"),
    ";": Operator(first=";", separator=";", named=True),
    "?": Operator(first="?", separator="&", named=True, if_empty="="),
    "&": Operator(first="&", separator="&", named=True, if_empty="="),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of an expression, with its modifier."""

    name: str
    prefix: int | None = None
    explode: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """What is between braces: an operator and variables."""

    operator: Operator
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template."""

    text: str
    pieces: tuple[str | Expression, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of its variables."""
        return frozenset(v.name for p in self.pieces if isinstance(p, Expression) for v in p.variables)

    @property
    def exploded(self) -> frozenset[str]:
        """The names of the variables whose lists it joins item by item (`{tags*}`)."""
        return frozenset(v.name for p in self.pieces if isinstance(p, Expression) for v in p.variables if v.explode)

    @property
    def start(self) -> str:
        """The fixed text that it starts with."""
        return self.pieces[0] if self.pieces and isinstance(self.pieces[0], str) else ""


@cache
def parse_template(text: str) -> Template:
    """Return a parsed template.

    Raises:
        InputError: Where the text is not one.

    Examples:
        >>> parse_template("http://example.org/{id}").start
        'http://example.org/'
    """
    pieces: list[str | Expression] = []
    at = 0
    for match in re.finditer(r"\{([^{}]*)\}", text):
        pieces += _fixed(text, at, match.start())
        body = match.group(1)
        operator = body[:1] if body[:1] in OPERATORS else ""
        variables = []
        for spec in body.removeprefix(operator).split(","):
            found = _VARIABLE.fullmatch(spec)
            if found is None:
                raise InputError(f"{text!r} is not a URI template: {match.group()!r} is not an expression")
            name = found[1].replace("-", "%2D").replace("~", "%7E")  # as columns with such titles are named
            variables.append(Variable(name, int(found[2]) if found[2] else None, bool(found[3])))
        pieces.append(Expression(OPERATORS[operator], tuple(variables)))
        at = match.end()
    pieces += _fixed(text, at, len(text))
    return Template(text, tuple(pieces))


def _fixed(text: str, start: int, stop: int) -> list[str | Expression]:
    piece = text[start:stop]
    if "{" in piece or "}" in piece:
        raise InputError(f"{text!r} is not a URI template: a brace is not closed")
    return [quote(piece, safe=_RESERVED + "%~")] if piece else []


def expand(
    template: Template,
    variables: Mapping[str, pl.Expr],
    lists: frozenset[str] = frozenset(),
    whole: frozenset[str] = frozenset(),
) -> pl.Expr:
    """Return the expression that fills a template from columns; variables that are missing count as null.

    Args:
        template: The template.
        variables: The columns by the names of the variables.
        lists: The variables that are columns of lists.
        whole: The variables that are never null.
    """
    pieces = [
        pl.lit(p) if isinstance(p, str) else _expand_expression(p, variables, lists, whole) for p in template.pieces
    ]
    if not pieces:
        return pl.lit("")
    return pieces[0] if len(pieces) == 1 else pl.concat_str(pieces)


def _expand_expression(
    expression: Expression, variables: Mapping[str, pl.Expr], lists: frozenset[str], whole: frozenset[str]
) -> pl.Expr:
    """Return the expression that fills what is between braces."""
    operator = expression.operator
    values = [
        _expand_variable(v, operator, variables[v.name], is_list=v.name in lists)
        for v in expression.variables
        if v.name in variables
    ]
    if not values:
        return pl.lit("")
    joined = values[0] if len(values) == 1 else pl.concat_str(values, separator=operator.separator, ignore_nulls=True)
    if any(v.name in whole for v in expression.variables):
        return pl.concat_str(pl.lit(operator.first), joined) if operator.first else joined
    if not operator.first:
        return joined.fill_null("")
    defined = pl.any_horizontal([v.is_not_null() for v in values])
    return pl.when(defined).then(pl.concat_str(pl.lit(operator.first), joined)).otherwise(pl.lit(""))


def _expand_variable(variable: Variable, operator: Operator, value: pl.Expr, *, is_list: bool) -> pl.Expr:
    """Return the expression of one variable: encoded, with its name for operators that have it, or null."""
    encode = _encoder(reserved=operator.reserved)
    name = pl.lit(variable.name)
    if is_list:
        if variable.explode and operator.named:
            each = value.list.eval(_named(name, encode(pl.element()), operator))
            text = each.list.join(operator.separator)
        else:
            each = value.list.eval(encode(pl.element()))
            text = each.list.join(operator.separator if variable.explode else ",")
            if operator.named:
                text = _named(name, text, operator)
        return pl.when(value.list.len() > 0).then(text)
    if variable.prefix is not None:
        value = value.str.slice(0, variable.prefix)
    text = encode(value)
    return _named(name, text, operator) if operator.named else text


def _named(name: pl.Expr, value: pl.Expr, operator: Operator) -> pl.Expr:
    if operator.if_empty:
        return pl.concat_str(name, pl.lit("="), value)
    return pl.when(value == "").then(name).otherwise(pl.concat_str(name, pl.lit("="), value))


@cache
def _encoder(*, reserved: bool) -> Callable[[pl.Expr], pl.Expr]:
    """Return what percent-encodes a column of text; `reserved` characters and triplets may be allowed."""
    safe = r"A-Za-z0-9._~\-" + (r":/?#\[\]@!$&'()*+,;=" if reserved else "")
    unsafe = f"[^{safe}%]" if reserved else f"[^{safe}]"
    safe_characters = frozenset(_safe_characters(reserved))
    lone_percent = re.compile("%(?![0-9A-Fa-f]{2})")

    def encode_some(texts: pl.Series) -> pl.Series:
        characters = sorted(set(texts.str.join("")[0] or "") - safe_characters)
        return texts.str.replace_many(characters, [quote(c, safe="") for c in characters])

    def encode_column(texts: pl.Series) -> pl.Series:
        if reserved:
            percents = texts.str.contains("%", literal=True)
            if percents.any():
                fixed = texts.filter(percents).unique()
                texts = texts.replace(fixed, pl.Series([lone_percent.sub("%25", t) for t in fixed], dtype=pl.String))
        return change_matching(texts, unsafe, encode_some)

    return lambda text: text.map_batches(encode_column, return_dtype=pl.String, is_elementwise=True)


def _safe_characters(reserved: bool) -> str:
    plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-"
    return plain + _RESERVED + "%" if reserved else plain


def change_matching(texts: pl.Series, pattern: str, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return texts of which those that match a pattern are changed.

    Args:
        texts: The texts; null stays null.
        pattern: A regular expression of Polars.
        change: Returns the new texts for those that match.
    """
    odd = texts.str.contains(pattern).fill_null(value=False)
    if not odd.any():
        return texts
    if odd.all():
        return change(texts)
    at = odd.arg_true()
    changed = change(texts.gather(at))
    order = pl.int_range(texts.len(), eager=True, dtype=pl.UInt32)
    order = order.scatter(at, pl.int_range(texts.len(), texts.len() + at.len(), eager=True, dtype=pl.UInt32))
    return pl.concat([texts, changed.alias(texts.name)]).gather(order)


def invert(template: Template, filled: str) -> dict[str, str] | None:
    """Return the values of the variables by which a template was filled; None if it cannot have been filled to this.

    Where several values are possible, one of them is returned: fill the template again to be sure.

    Examples:
        >>> invert(parse_template("http://example.org/{a}/{b}"), "http://example.org/x%20y/z")
        {'a': 'x y', 'b': 'z'}
    """
    shape, names = _inverse(template)
    match = shape.fullmatch(filled)
    if match is None:
        return None
    values: dict[str, str] = {}
    for name, found in zip(names, match.groups(), strict=True):
        if found is None:
            continue
        value = unquote(found)
        if values.setdefault(name, value) != value:
            return None
    return values


@cache
def _inverse(template: Template) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Return the regular expression that filled templates match, and the names of the variables of its groups."""
    shape, names = "", []
    for piece in template.pieces:
        if isinstance(piece, str):
            shape += re.escape(piece)
            continue
        operator = piece.operator
        inner = r"[A-Za-z0-9._~%:/?#\[\]@!$&'()*+,;=-]*" if operator.reserved else "[A-Za-z0-9._~%,-]*"
        parts = []
        for variable in piece.variables:
            names.append(variable.name)
            label = re.escape(variable.name) + "=?" if operator.named else ""
            parts.append(f"{label}({inner})")
        body = parts[0] + "".join(f"(?:{re.escape(operator.separator)}{p})?" for p in parts[1:])
        shape += f"(?:{re.escape(operator.first)}{body})?" if operator.first else f"(?:{body})?"
    return re.compile(shape), tuple(names)
