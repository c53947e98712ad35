"""Exact numbers: what the store cannot compute with, as XPath's operators have it (SPARQL 1.1, section 17.3).

The store's integers have 64 bits, its decimals 18 digits after the point. What is beyond is computed here with Python's
decimals, at as many digits as the result has; a quotient gets as many as its operands have, and at least 18 after the
point. With an xsd:float or xsd:double on one side both are of that type, as the Recommendation promotes them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal, DecimalException
from math import copysign, inf, isfinite, isnan, nan
from typing import NamedTuple

import pyoxigraph as ox

from glocal_rdf.namespaces import XSD
from glocal_rdf.xsd.lexical_spaces import INTEGERS, LEXICAL_SPACES

__all__ = [
    "EXPRESSIONS",
    "OPERATORS",
    "Number",
    "apply",
    "operate",
    "order_class",
    "order_key",
    "read_integer",
    "read_number",
]

OPERATORS: Mapping[str, str] = {
    "less": "<",
    "greater": ">",
    "least": "<=",
    "most": ">=",
    "equal": "=",
    "unequal": "!=",
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
}
EXPRESSIONS: Mapping[str, str] = {
    "negative": "-?a",
    "positive": "+?a",
    "truth": "!(!?a)",
    "ABS": "ABS(?a)",
    "CEIL": "CEIL(?a)",
    "FLOOR": "FLOOR(?a)",
    "ROUND": "ROUND(?a)",
    "ISNUMERIC": "isNumeric(?a)",
    **{f"cast:{name}": f"<{XSD}{name}>(?a)" for name in ("integer", "decimal", "double", "float", "string", "boolean")},
}
_INTEGER, _DECIMAL, _DOUBLE = (re.compile(LEXICAL_SPACES[name]) for name in ("integer", "decimal", "double"))
_WIDE = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_SMALL = 18
_HALF = Decimal("0.5")


class Number(NamedTuple):
    """A number.

    Attributes:
        kind: `integer`, `decimal`, `float` or `double`.
        value: Its value.
        big: Whether it is beyond what the store computes with.
    """

    kind: str
    value: Decimal | float
    big: bool


def read_integer(text: str) -> Decimal | None:
    """Read a whole number of any length."""
    return Decimal(text.strip(" \t\r\n")) if _INTEGER.fullmatch(text.strip(" \t\r\n")) else None


def read_number(term: object) -> Number | None:
    """Read the number that a literal is, none where it is none."""
    if not isinstance(term, ox.Literal) or not term.datatype.value.startswith(XSD):
        return None
    name, text = term.datatype.value[len(XSD) :], term.value.strip(" \t\r\n")
    if name in INTEGERS and _INTEGER.fullmatch(text):
        value = Decimal(text)
        return Number("integer", value, not -(2**63) <= value < 2**63)
    if name == "decimal" and _DECIMAL.fullmatch(text):
        value = Decimal(text)
        whole, _, part = text.lstrip("+-").partition(".")
        return Number("decimal", value, len(whole.lstrip("0")) > _SMALL or len(part.rstrip("0")) > _SMALL)
    if name in {"float", "double"} and _DOUBLE.fullmatch(text):
        number = float(text)
        return Number(name, _as_float(number) if name == "float" else number, False)
    return None


def _as_float(number: float) -> float:
    """Return the nearest number of 32 bits."""
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return copysign(inf, number)


def _boolean(value: bool) -> ox.Literal:
    return ox.Literal("true" if value else "false", datatype=ox.NamedNode(XSD + "boolean"))


def _literal(value: Decimal | float, kind: str) -> ox.Literal | None:
    if isinstance(value, float):
        text = repr(value)
        if not isfinite(value):
            text = "NaN" if isnan(value) else "INF" if value > 0 else "-INF"
        return ox.Literal(text, datatype=ox.NamedNode(XSD + kind))
    if not value.is_finite():
        return None
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ox.Literal("0" if text == "-0" else text, datatype=ox.NamedNode(XSD + kind))


def operate(operator: str, left: Number, right: Number) -> ox.Literal | None:
    """Evaluate an operator on two numbers; none where it is an error (a division by zero).

    Args:
        operator: `+`, `-`, `*`, `/`, `=`, `!=`, `<`, `>`, `<=` or `>=`.
        left: The first number.
        right: The second number.

    https://www.w3.org/TR/sparql11-query/#OperatorMapping
    """
    floating = [n.kind for n in (left, right) if isinstance(n.value, float)]
    if floating:
        kind = "double" if "double" in floating else "float"
        a, b = float(left.value), float(right.value)
        if kind == "float":
            a, b = _as_float(a), _as_float(b)
        if operator in _COMPARED:
            return _boolean(_compare(operator, a, b))
        value = _float_result(operator, a, b)
        return _literal(_as_float(value) if kind == "float" else value, kind)
    c, d = left.value, right.value
    if not isinstance(c, Decimal) or not isinstance(d, Decimal):
        return None
    if operator in _COMPARED:
        return _boolean(_compare(operator, c, d))
    kind = "decimal" if "decimal" in {left.kind, right.kind} else "integer"
    digits = _span(c) + _span(d) + 2
    context = Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
    try:
        if operator == "/":
            quotient = Context(prec=digits + 2 * _SMALL, Emax=MAX_EMAX, Emin=MIN_EMIN).divide(c, d)
            return _literal(quotient, "decimal")
        return _literal({"+": context.add, "-": context.subtract, "*": context.multiply}[operator](c, d), kind)
    except DecimalException:
        return None


_COMPARED = frozenset({"<", ">", "<=", ">=", "=", "!="})


def _compare(operator: str, a: Decimal | float, b: Decimal | float) -> bool:
    return {
        "<": a < b,
        ">": a > b,
        "<=": a <= b,
        ">=": a >= b,
        "=": a == b,
        "!=": a != b,
    }[operator]


def _span(value: Decimal) -> int:
    """Count the digits that a number may need on both sides of its point."""
    _, digits, exponent = value.as_tuple()
    return len(digits) + abs(int(exponent))


def _float_result(operator: str, a: float, b: float) -> float:
    if operator == "/" and b:
        return a / b
    if operator == "/":
        if isnan(a) or not a:
            return nan
        return copysign(inf, a) * copysign(1.0, b)
    return a + b if operator == "+" else a - b if operator == "-" else a * b


def apply(function: str, number: Number) -> ox.Literal | None:
    """Evaluate a function or a cast on a number beyond the store's range.

    Args:
        function: The keyword of a function, or the IRI of a datatype to cast to.
        number: The number.
    """
    value = number.value
    if function == "ISNUMERIC":
        return _boolean(True)
    if function in {"truth", "cast:boolean"}:
        return _boolean(value != 0)
    if not isinstance(value, Decimal):
        return None
    if function in {"cast:double", "cast:float"}:
        found = float(value)
        return _literal(found if function == "cast:double" else _as_float(found), function[5:])
    if function == "cast:string":
        written = _literal(value, number.kind)
        return None if written is None else ox.Literal(written.value)
    kind = function[5:] if function.startswith("cast:") else number.kind
    return _literal(_rounded(function, value), kind)


def _rounded(function: str, value: Decimal) -> Decimal:
    """Evaluate a function or a cast that makes a number of a number."""
    match function:
        case "negative":
            return value.copy_negate()
        case "ABS":
            return value.copy_abs()
        case "CEIL":
            return value.to_integral_value(ROUND_CEILING)
        case "FLOOR":
            return value.to_integral_value(ROUND_FLOOR)
        case "ROUND":
            context = Context(prec=_span(value) + 3, Emax=MAX_EMAX, Emin=MIN_EMIN)
            return context.add(value, _HALF).to_integral_value(ROUND_FLOOR)
        case "cast:integer":
            return value.to_integral_value("ROUND_DOWN")
        case _:
            return value


def order_class(term: object) -> ox.Literal | None:
    """Return the class of a term in ORDER BY: blank nodes, IRIs, numbers, other literals (section 15.1)."""
    if isinstance(term, ox.BlankNode):
        return ox.Literal("1")
    if isinstance(term, ox.NamedNode):
        return ox.Literal("2")
    return ox.Literal("3")


def order_key(term: object) -> ox.Literal | None:
    """Return a text by which numbers of any length are ordered; the empty text for what is not a number."""
    number = read_number(term)
    if number is None:
        return ox.Literal("")
    value = number.value
    if isinstance(value, float):
        if isnan(value):
            return ox.Literal("0")
        if not isfinite(value):
            return ox.Literal("5" if value > 0 else "1")
        value = Decimal(value)
    if value == 0:
        return ox.Literal("3")
    digits = "".join(map(str, value.as_tuple().digits)).lstrip("0").rstrip("0")
    size = f"{value.adjusted() + 10**9:010d}"
    if value > 0:
        return ox.Literal(f"4{size}{digits}")
    turned = "".join(str(9 - int(digit)) for digit in size + digits)
    return ox.Literal(f"2{turned}:")
