"""Values of SPARQL expressions for one solution (SPARQL 1.1, section 17); terms stay as they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from rdflib import BNode, Literal, URIRef, Variable
from rdflib.namespace import XSD
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

Solution = dict[str, Node]
Hook = Callable[[CompValue, Solution], Node]
"""Gives what depends on the data: EXISTS, and aggregates of a group."""

INTEGERS = {
    *(XSD.integer, XSD.long, XSD.int, XSD.short, XSD.byte, XSD.nonNegativeInteger, XSD.positiveInteger),
    *(XSD.unsignedLong, XSD.unsignedInt, XSD.unsignedShort, XSD.unsignedByte, XSD.nonPositiveInteger),
    XSD.negativeInteger,
}


CHAINS = {
    "ConditionalOrExpression",
    "ConditionalAndExpression",
    "RelationalExpression",
    "AdditiveExpression",
    "MultiplicativeExpression",
}


class ExpressionError(Exception):
    """An expression has an error, which FILTER takes for false and BIND leaves unbound."""


def literal(text: str, datatype: URIRef | None = None, lang: str | None = None) -> Literal:
    return Literal(text, datatype=datatype, lang=lang, normalize=False)


def boolean(value: bool) -> Literal:
    return literal("true" if value else "false", XSD.boolean)


def integer(value: int) -> Literal:
    return literal(str(value), XSD.integer)


def number(term: Node) -> int | Decimal:
    if isinstance(term, Literal) and term.datatype in INTEGERS and re.fullmatch(r"[+-]?[0-9]+", str(term)):
        return int(str(term))
    decimal = isinstance(term, Literal) and term.datatype == XSD.decimal
    if decimal and re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", str(term)):
        return Decimal(str(term))
    raise ExpressionError(f"{term!r} is not a number of the oracle")


def of_number(value: int | Decimal) -> Literal:
    if isinstance(value, int):
        return integer(value)
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return literal(text, XSD.decimal)


def is_plain(term: Node) -> bool:
    return isinstance(term, Literal) and not term.language and term.datatype in {None, XSD.string}


def text_of(term: Node) -> str:
    """Give the text of a string literal, with a language tag or without; an error for all other terms."""
    if isinstance(term, Literal) and (term.language or is_plain(term)):
        return str(term)
    raise ExpressionError(f"{term!r} is not a string")


def truth(term: Node) -> bool:
    """Give the effective boolean value (section 17.2.2)."""
    if isinstance(term, Literal):
        if term.datatype == XSD.boolean:
            return str(term) in {"true", "1"}
        if is_plain(term):
            return bool(str(term))
        return bool(number(term))
    raise ExpressionError(f"{term!r} has no boolean value")


def equal(a: Node, b: Node) -> bool:
    if isinstance(a, Literal) and isinstance(b, Literal):
        try:
            return number(a) == number(b)
        except ExpressionError:
            pass
        if a.datatype == b.datatype == XSD.boolean:
            return truth(a) == truth(b)
        if is_plain(a) and is_plain(b):
            return str(a) == str(b)
        if same(a, b):
            return True
        if a.language or b.language:
            return False
        if is_plain(a) or is_plain(b) or a.datatype != b.datatype:
            raise ExpressionError("values of two datatypes are not compared")
        raise ExpressionError("a datatype that is not compared")
    return same(a, b)


def same(a: Node, b: Node) -> bool:
    if isinstance(a, Literal) and isinstance(b, Literal):
        tags = (a.language or "").lower() == (b.language or "").lower()
        return str(a) == str(b) and tags and (a.datatype or XSD.string) == (b.datatype or XSD.string)
    return type(a) is type(b) and str(a) == str(b)


def less(a: Node, b: Node) -> bool:
    try:
        return number(a) < number(b)
    except ExpressionError:
        pass
    if is_plain(a) and is_plain(b):
        return str(a) < str(b)
    raise ExpressionError("no order")


def evaluate(expr: object, solution: Solution, hook: Hook) -> Node:
    """Give the value of an expression; raise ExpressionError."""
    if isinstance(expr, Variable):
        if str(expr) not in solution:
            raise ExpressionError(f"?{expr} is unbound")
        return solution[str(expr)]
    if isinstance(expr, URIRef | Literal | BNode):
        return expr
    assert isinstance(expr, CompValue), expr

    def value(one: object) -> Node:
        return evaluate(one, solution, hook)

    name = expr.name
    if name in CHAINS and not expr.other:
        return value(expr.expr)
    if name in {"ConditionalOrExpression", "ConditionalAndExpression"}:
        return _logical(name == "ConditionalOrExpression", [expr.expr, *expr.other], value)
    if name == "RelationalExpression":
        return _relation(expr, value)
    if name in {"AdditiveExpression", "MultiplicativeExpression"}:
        return _arithmetic(expr, value)
    if name == "UnaryNot":
        return boolean(not truth(value(expr.expr)))
    if name == "UnaryMinus":
        return of_number(-number(value(expr.expr)))
    if name == "UnaryPlus":
        return value(expr.expr)
    if name in {"Builtin_EXISTS", "Builtin_NOTEXISTS"}:
        return hook(expr, solution)
    if name.startswith("Aggregate_"):
        return hook(expr, solution)
    if name == "Builtin_BOUND":
        return boolean(str(expr.arg) in solution)
    if name == "Builtin_IF":
        return value(expr.arg2 if truth(value(expr.arg1)) else expr.arg3)
    if name == "Builtin_COALESCE":
        for one in expr.arg:
            try:
                return value(one)
            except ExpressionError:
                continue
        raise ExpressionError("COALESCE of errors")
    return _function(name, [value(a) for a in _arguments(expr)])


def _arguments(expr: CompValue) -> list[object]:
    if "arg" in expr:
        return list(expr.arg) if isinstance(expr.arg, list) else [expr.arg]
    return [expr[key] for key in ("text", "pattern", "flags", "arg1", "arg2", "arg3") if key in expr]


def _logical(either: bool, parts: list[object], value: Callable[[object], Node]) -> Node:
    error: ExpressionError | None = None
    for part in parts:
        try:
            if truth(value(part)) is either:
                return boolean(either)
        except ExpressionError as found:
            error = found
    if error:
        raise error
    return boolean(not either)


def _relation(expr: CompValue, value: Callable[[object], Node]) -> Node:
    left = value(expr.expr)
    if expr.op in {"IN", "NOT IN"}:
        error: ExpressionError | None = None
        for one in expr.other:
            try:
                if equal(left, value(one)):
                    return boolean(expr.op == "IN")
            except ExpressionError as found:
                error = found
        if error:
            raise error
        return boolean(expr.op != "IN")
    right = value(expr.other)
    if expr.op == "=":
        return boolean(equal(left, right))
    if expr.op == "!=":
        return boolean(not equal(left, right))
    if expr.op in {"<", ">"}:
        return boolean(less(left, right) if expr.op == "<" else less(right, left))
    if expr.op == "<=":
        return boolean(less(left, right) or equal(left, right))
    return boolean(less(right, left) or equal(left, right))


def _arithmetic(expr: CompValue, value: Callable[[object], Node]) -> Node:
    result = number(value(expr.expr))
    for op, other in zip(expr.op, expr.other, strict=True):
        right = number(value(other))
        if op == "+":
            result = result + right
        elif op == "-":
            result = result - right
        elif op == "*":
            result = result * right
        else:
            raise ExpressionError("the oracle does not divide")
    return of_number(result)


def _function(name: str, args: list[Node]) -> Node:
    first = args[0]
    match name.removeprefix("Builtin_"):
        case "STR":
            if isinstance(first, BNode):
                raise ExpressionError("STR of a blank node")
            return literal(str(first))
        case "LANG":
            if not isinstance(first, Literal):
                raise ExpressionError("LANG of a node")
            return literal(first.language or "")
        case "DATATYPE":
            if not isinstance(first, Literal):
                raise ExpressionError("DATATYPE of a node")
            return URIRef(str(first.datatype or XSD.string)) if not first.language else URIRef(_LANG_STRING)
        case "isIRI" | "isURI" | "ISIRI" | "ISURI":
            return boolean(isinstance(first, URIRef))
        case "isBLANK" | "ISBLANK":
            return boolean(isinstance(first, BNode))
        case "isLITERAL" | "ISLITERAL":
            return boolean(isinstance(first, Literal))
        case "sameTerm" | "SAMETERM":
            return boolean(same(first, args[1]))
        case "STRLEN":
            return integer(len(text_of(first)))
        case "UCASE":
            assert isinstance(first, Literal)
            return literal(text_of(first).upper(), first.datatype, first.language)
        case "CONTAINS":
            return boolean(text_of(args[1]) in text_of(first))
        case "STRSTARTS":
            return boolean(text_of(first).startswith(text_of(args[1])))
        case "STRENDS":
            return boolean(text_of(first).endswith(text_of(args[1])))
        case "STRAFTER":
            found = text_of(first).partition(text_of(args[1]))
            return literal(found[2])
        case "CONCAT":
            return literal("".join(text_of(a) for a in args))
        case "REGEX":
            return boolean(re.search(text_of(args[1]), text_of(first)) is not None)
        case _:
            raise AssertionError(f"the oracle does not know {name}")


_LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
