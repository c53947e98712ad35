"""Evaluates the conditions of filters on columns: true, false, or null for SPARQL's error.

Terms are compared by what SPARQL says of them: IRIs and blank nodes by identity, texts by their characters, integers
by their value. Other literals are left to the store, where their values would matter. A variable has terms, or texts
that were computed (`BIND`), in a column of texts.

https://www.w3.org/TR/sparql11-query/#expressions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeGuard

from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import XSD
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.joins.graphs import TermGraph
from glocal_rdf.sparql.joins.texts import contains, cut, matches, replace_matches
from glocal_rdf.sparql.joins.unsupported import UnsupportedError
from glocal_rdf.triples.terms import STRING, language, value

__all__ = ["Conditions", "Exists"]

Exists = Callable[[tree.Group, pl.DataFrame], pl.Series]
"""Returns for each row whether a group has a solution."""

_INTEGER: Final = rf'^"([+-]?[0-9]{{1,18}})"\^\^<{XSD}integer>$'
_COUNT: Final = rf'^"(\+?0*[1-9][0-9]{{0,17}})"\^\^<{XSD}(?:nonNegative|positive)Integer>$'
_TEXT: Final = r'"(?:@[A-Za-z0-9-]+)?$'
_NUMBER: Final = (
    rf'^"[+-]?[0-9]{{1,18}}"\^\^<{XSD}integer>$|^"[+-]?[0-9]{{1,15}}(?:\.[0-9]{{1,15}})?"\^\^<{XSD}decimal>$|{_COUNT}'
)
_NUMERIC: Final = (
    rf'"\^\^<{XSD}(?:integer|decimal|double|float|byte|short|int|long|unsignedByte|unsignedShort|unsignedInt|unsignedLong'
    r"|nonNegativeInteger|positiveInteger|nonPositiveInteger|negativeInteger)>$"
)

_SMALL: Final = 5_000
"""Up to how many terms are read one by one, and not once for each distinct one."""

_ORDER: Final[Mapping[str, Callable[[pl.Series, pl.Series], pl.Series]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

_CASES: Final[Mapping[str, Callable[[pl.Series], pl.Series]]] = {
    "LCASE": lambda texts: texts.str.to_lowercase(),
    "UCASE": lambda texts: texts.str.to_uppercase(),
}


class Conditions:
    """Evaluates expressions on the rows of solutions of one graph."""

    def __init__(self, graph: TermGraph, exists: Exists) -> None:
        """Take the graph, and what evaluates EXISTS."""
        self._graph = graph
        self._exists = exists

    def holds(self, condition: tree.Node, rows: pl.DataFrame) -> pl.Series:
        """Return for each row whether a condition is true, false or an error (null).

        Args:
            condition: The condition.
            rows: The solutions; a variable without a column has no value.

        Raises:
            UnsupportedError: Values have to be compared that only the store compares.
        """
        match condition:
            case tree.Operation(operators=operators, operands=operands) if set(operators) <= {"&&"}:
                return _fold(lambda one, other: one & other, [self.holds(part, rows) for part in operands])
            case tree.Operation(operators=operators, operands=operands) if set(operators) <= {"||"}:
                return _fold(lambda one, other: one | other, [self.holds(part, rows) for part in operands])
            case tree.Unary(operator="!", operand=operand):
                return ~self.holds(operand, rows)
            case tree.Exists(negated=negated, group=group):
                found = self._exists(group, rows)
                return ~found if negated else found
            case tree.Operation(operators=(operator,), operands=(left, right)) if operator in {"=", "!="}:
                same = self._equal(left, right, rows)
                return same if operator == "=" else ~same
            case tree.Operation(operators=(operator,), operands=(left, right)) if operator in _ORDER:
                return self._compare(operator, left, right, rows)
            case tree.Operation(operators=(operator,), operands=(first, *others)) if operator in {"IN", "NOT IN"}:
                each = [self._equal(first, other, rows) for other in others]
                found = _fold(lambda one, other: one | other, [_constant(rows, given=False), *each])
                return found if operator == "IN" else ~found
            case tree.Call(function=str(name), arguments=arguments):
                return self._call(name, arguments, rows)
        raise UnsupportedError

    def _call(self, name: str, arguments: tuple[tree.Expression, ...], rows: pl.DataFrame) -> pl.Series:
        """Evaluate a function that returns a boolean."""
        if name == "BOUND":
            bound = rows[arguments[0].name] if self._is_computed(arguments[0], rows) else self._ids(arguments[0], rows)
            return bound.is_not_null()
        if name in {"ISIRI", "ISURI", "ISBLANK", "ISLITERAL"}:
            mark = {"ISBLANK": "_:", "ISLITERAL": '"'}.get(name, "<")
            return self._of_terms(self._ids(arguments[0], rows), lambda term: term.str.starts_with(mark))
        if name == "ISNUMERIC":
            return self._of_terms(self._ids(arguments[0], rows), _find_numeric, whole=True)
        texts = [self._text(argument, rows) for argument in arguments]
        if name in {"CONTAINS", "STRENDS", "STRSTARTS"}:
            return contains(name, *texts)
        if name == "REGEX":
            return matches(texts[0], texts[1], _read_flags(arguments))
        raise UnsupportedError

    def bind(self, expression: tree.Node, rows: pl.DataFrame) -> pl.Series:
        """Evaluate an expression whose value is a term, or a text; null is an error, or no value.

        Args:
            expression: The expression.
            rows: The solutions.

        Raises:
            UnsupportedError: It is neither, or texts cannot be told from terms in this graph.
        """
        if self._is_term(expression, rows):
            return self._ids(expression, rows)
        if self._is_computed(expression, rows):
            return rows[expression.name]
        if not isinstance(expression, tree.Call | tree.Literal) or self._graph.kind == pl.String:
            raise UnsupportedError
        return self._text(expression, rows)

    def _is_computed(self, expression: tree.Node, rows: pl.DataFrame) -> TypeGuard[tree.Var]:
        """Return whether a variable has texts that were computed; where terms are written out, none has."""
        if not isinstance(expression, tree.Var) or self._graph.kind == pl.String:
            return False
        return rows.schema.get(expression.name) == pl.String

    def _is_term(self, expression: tree.Node, rows: pl.DataFrame) -> bool:
        """Return whether the value of an expression is a term that stands in the graph or in the query."""
        match expression:
            case tree.Call(function="COALESCE", arguments=arguments):
                return all(self._is_term(argument, rows) for argument in arguments)
            case tree.Var():
                return not self._is_computed(expression, rows)
        return isinstance(expression, tree.Iri)

    def _equal(self, left: tree.Expression, right: tree.Expression, rows: pl.DataFrame) -> pl.Series:
        """Compare two terms, or two texts, by `=`."""
        if not (self._is_term(left, rows) and self._is_term(right, rows)):
            return self._text(left, rows) == self._text(right, rows)
        one, other = self._ids(left, rows), self._ids(right, rows)
        same = one == other
        if isinstance(left, tree.Iri) or isinstance(right, tree.Iri):
            return same
        both = pl.DataFrame({"one": one, "other": other, "same": same}).unique()
        pairs = pl.DataFrame({"one": self._graph.text(both["one"]), "other": self._graph.text(both["other"])})
        are_literals = pl.all_horizontal(pl.col("one", "other").str.starts_with('"'))
        plain = pl.all_horizontal(pl.col("one", "other").str.contains(_TEXT))
        alike = pl.col("one").str.to_lowercase() == pl.col("other").str.to_lowercase()
        if pairs.select((are_literals & (~plain | (~both["same"] & alike))).any()).item():
            raise UnsupportedError
        return same

    def _compare(self, operator: str, left: tree.Expression, right: tree.Expression, rows: pl.DataFrame) -> pl.Series:
        """Compare two integers, or two texts, by their order."""
        if all(isinstance(end, tree.Var) and not self._is_computed(end, rows) for end in (left, right)):
            one, other = (self._integers(self._ids(end, rows)) for end in (left, right))
        else:
            one, other = (self._text(end, rows) for end in (left, right))
        return _ORDER[operator](one, other)

    def _integers(self, ids: pl.Series) -> pl.Series:
        found = self._of_terms(ids, _read_integer)
        if found.null_count() != ids.null_count():
            raise UnsupportedError
        return found

    def _text(self, expression: tree.Expression, rows: pl.DataFrame) -> pl.Series:
        """Evaluate an expression whose value is a simple literal; null is an error."""
        match expression:
            case tree.Literal(value=text, datatype=datatype, language="") if f"{datatype}" in {STRING, ""}:
                return _constant(rows, text)
            case tree.Var(name=name) if self._is_computed(expression, rows):
                return rows[name]
            case tree.Call(function="STR", arguments=(tree.Iri(value=iri),)):
                return _constant(rows, iri)
            case tree.Call(function="STR", arguments=(inner,)) if self._is_term(inner, rows):
                return self._of_terms(self._ids(inner, rows), _read_text)
            case tree.Call(function="STR", arguments=(inner,)):
                return self._text(inner, rows)
            case tree.Call(function="LANG", arguments=(tree.Var() as variable,)):
                return self._of_terms(self._ids(variable, rows), _read_language)
            case tree.Call(function="CONCAT", arguments=arguments):
                texts = [self._text(argument, rows).rename(str(at)) for at, argument in enumerate(arguments)]
                return (
                    pl.DataFrame(texts).select(text=pl.concat_str(pl.all()))["text"] if texts else _constant(rows, "")
                )
            case tree.Call(function="STRAFTER" | "STRBEFORE" as name, arguments=(whole, part)):
                return cut(self._text(whole, rows), self._text(part, rows), after=name == "STRAFTER")
            case tree.Call(function="LCASE" | "UCASE" as name, arguments=(text,)):
                return _CASES[name](self._text(text, rows))
            case tree.Call(function="REPLACE", arguments=(text, pattern, by)):
                return replace_matches(*(self._text(argument, rows) for argument in (text, pattern, by)))
        raise UnsupportedError

    def _ids(self, expression: tree.Node, rows: pl.DataFrame) -> pl.Series:
        """Return the numbers of terms: the values of a variable, or an IRI."""
        match expression:
            case tree.Var(name=name) if not self._is_computed(expression, rows):
                return rows[name] if name in rows.columns else self._of_kind(rows, None)
            case tree.Iri(value=iri):
                return self._of_kind(rows, self._graph.id(f"<{iri}>"))
            case tree.Call(function="COALESCE", arguments=arguments):
                found = [self._ids(argument, rows).rename(str(at)) for at, argument in enumerate(arguments)]
                return pl.DataFrame(found).select(found=pl.coalesce(pl.all()))["found"]
        raise UnsupportedError

    def _of_kind(self, rows: pl.DataFrame, given: int | str | None) -> pl.Series:
        """Return a term, or no value, for each row."""
        return pl.Series([given], dtype=self._graph.kind).new_from_index(0, rows.height)

    def _of_terms(self, ids: pl.Series, read: Callable[[pl.Expr], pl.Expr], *, whole: bool = False) -> pl.Series:
        """Read something off the text of each term, once for each distinct one.

        Args:
            ids: The terms.
            read: Reads terms that are written out.
            whole: Whether what it cannot read is left to the store.
        """
        each = len(ids) <= _SMALL or self._graph.kind == pl.String
        distinct = ids if each else ids.unique().drop_nulls()
        terms = self._graph.text(distinct)
        found = terms.to_frame("term").select(read(pl.col("term")).alias("found"))["found"]
        if whole and found.null_count() > terms.null_count():
            raise UnsupportedError
        if each:
            return found
        known = pl.DataFrame({"id": distinct, "found": found})
        return ids.rename("id").to_frame().join(known, on="id", how="left", maintain_order="left")["found"]


def _read_integer(term: pl.Expr) -> pl.Expr:
    """Read integers that are surely well-typed, and whose value surely fits."""
    return pl.coalesce(term.str.extract(_INTEGER, 1), term.str.extract(_COUNT, 1)).cast(pl.Int64)


def _read_text(term: pl.Expr) -> pl.Expr:
    return pl.when(~term.str.starts_with("_:")).then(value(term))


def _read_language(term: pl.Expr) -> pl.Expr:
    return pl.when(term.str.starts_with('"')).then(language(term).fill_null(""))


def _find_numeric(term: pl.Expr) -> pl.Expr:
    """Say of terms whether they are numbers; null for literals of which that is not sure."""
    numeric = term.str.contains(_NUMERIC)
    return pl.when(term.str.contains(_NUMBER)).then(True).when(~numeric).then(False)


def _read_flags(arguments: tuple[tree.Expression, ...]) -> str:
    """Read the flags of REGEX, which have to be constant."""
    if len(arguments) < 3:
        return ""
    if not isinstance(arguments[2], tree.Literal):
        raise UnsupportedError
    return arguments[2].value


def _constant(rows: pl.DataFrame, given: str | bool) -> pl.Series:
    """Return a value for each row."""
    return pl.Series([given], dtype=pl.Boolean if isinstance(given, bool) else pl.String).new_from_index(0, rows.height)


def _fold(join: Callable[[pl.Series, pl.Series], pl.Series], parts: list[pl.Series]) -> pl.Series:
    found = parts[0]
    for part in parts[1:]:
        found = join(found, part)
    return found
