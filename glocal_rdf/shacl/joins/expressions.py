"""Evaluates the conditions of filters on columns: true, false, or null for SPARQL's error.

Terms are compared by what SPARQL says of them: IRIs and blank nodes by identity, texts by their characters, integers
by their value. Other literals are left to the store, where their values would matter.

https://www.w3.org/TR/sparql11-query/#expressions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from glocal_rdf.namespaces import XSD
from glocal_rdf.shacl.data_graph import ID, EncodedGraph
from glocal_rdf.shacl.joins.unsupported import UnsupportedError
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.triples.terms import STRING, language, value

__all__ = ["Conditions", "Exists"]

Exists = Callable[[tree.Group, pl.DataFrame], pl.Series]
"""Returns for each row whether a group has a solution."""

_INTEGER: Final = rf'^"([+-]?[0-9]{{1,18}})"\^\^<{XSD}integer>$'
_COUNT: Final = rf'^"(\+?0*[1-9][0-9]{{0,17}})"\^\^<{XSD}(?:nonNegative|positive)Integer>$'
_TEXT: Final = r'"(?:@[A-Za-z0-9-]+)?$'

_ORDER: Final[Mapping[str, Callable[[pl.Series, pl.Series], pl.Series]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

_ON_TEXTS: Final[Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "CONTAINS": lambda text, part: text.str.contains(part, literal=True),
    "STRENDS": lambda text, part: text.str.ends_with(part),
    "STRSTARTS": lambda text, part: text.str.starts_with(part),
}


class Conditions:
    """Evaluates conditions on the rows of solutions of one data graph."""

    def __init__(self, graph: EncodedGraph, exists: Exists) -> None:
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
            return self._ids(arguments[0], rows).is_not_null()
        if name in {"ISIRI", "ISURI", "ISBLANK", "ISLITERAL"}:
            mark = {"ISBLANK": "_:", "ISLITERAL": '"'}.get(name, "<")
            return self._of_terms(self._ids(arguments[0], rows), lambda term: term.str.starts_with(mark))
        if name in _ON_TEXTS:
            text, part = (self._text(argument, rows) for argument in arguments)
            both = pl.DataFrame({"text": text, "part": part})
            return both.select(_ON_TEXTS[name](pl.col("text"), pl.col("part")))["text"]
        raise UnsupportedError

    def _equal(self, left: tree.Expression, right: tree.Expression, rows: pl.DataFrame) -> pl.Series:
        """Compare two terms, or two texts, by `=`."""
        terms = (tree.Var, tree.Iri)
        if not (isinstance(left, terms) and isinstance(right, terms)):
            return self._text(left, rows) == self._text(right, rows)
        one, other = self._ids(left, rows), self._ids(right, rows)
        same = one == other
        both = pl.DataFrame({"one": one, "other": other, "same": same}).unique().drop_nulls()
        pairs = both.select("same", one=self._graph.text(both["one"]), other=self._graph.text(both["other"]))
        literals = pairs.filter(pl.col("one").str.starts_with('"') & pl.col("other").str.starts_with('"'))
        plain = pl.all_horizontal(pl.col("one", "other").str.contains(_TEXT))
        alike = pl.col("one").str.to_lowercase() == pl.col("other").str.to_lowercase()
        odd = literals.filter(~plain | (~pl.col("same") & alike))
        if odd.height:
            raise UnsupportedError
        return same

    def _compare(self, operator: str, left: tree.Expression, right: tree.Expression, rows: pl.DataFrame) -> pl.Series:
        """Compare two integers, or two texts, by their order."""
        if isinstance(left, tree.Var) and isinstance(right, tree.Var):
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
            case tree.Call(function="STR", arguments=(tree.Iri(value=iri),)):
                return _constant(rows, iri)
            case tree.Call(function="STR", arguments=(tree.Var() as variable,)):
                return self._of_terms(self._ids(variable, rows), _read_text)
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
                return _cut(self._text(whole, rows), self._text(part, rows), after=name == "STRAFTER")
        raise UnsupportedError

    def _ids(self, expression: tree.Node, rows: pl.DataFrame) -> pl.Series:
        """Return the numbers of terms: the values of a variable, or an IRI."""
        match expression:
            case tree.Var(name=name):
                return rows[name] if name in rows.columns else _constant(rows, None)
            case tree.Iri(value=iri):
                return _constant(rows, self._graph.id(f"<{iri}>"))
        raise UnsupportedError

    def _of_terms(self, ids: pl.Series, read: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
        """Read something off the text of each term, once for each distinct one."""
        distinct = ids.unique().drop_nulls()
        terms = pl.DataFrame({"id": distinct, "term": self._graph.text(distinct)})
        known = terms.select("id", found=read(pl.col("term")))
        return ids.rename("id").to_frame().join(known, on="id", how="left", maintain_order="left")["found"]


def _read_integer(term: pl.Expr) -> pl.Expr:
    """Read integers that are surely well-typed, and whose value surely fits."""
    return pl.coalesce(term.str.extract(_INTEGER, 1), term.str.extract(_COUNT, 1)).cast(pl.Int64)


def _read_text(term: pl.Expr) -> pl.Expr:
    return pl.when(~term.str.starts_with("_:")).then(value(term))


def _read_language(term: pl.Expr) -> pl.Expr:
    return pl.when(term.str.starts_with('"')).then(language(term).fill_null(""))


def _cut(texts: pl.Series, parts: pl.Series, *, after: bool) -> pl.Series:
    """Return what comes after the first occurrence of a part, or before it; the empty text where there is none."""
    if parts.n_unique() > 1:
        raise UnsupportedError
    part = parts[0] if len(parts) else ""
    if part is None:
        return parts
    if not part:
        return texts if after else texts.str.slice(0, 0)
    halves = texts.to_frame("text").select(pl.col("text").str.splitn(part, 2).struct.rename_fields(["before", "after"]))
    whole = halves["text"].struct.unnest()
    missing = whole["after"].is_null() & texts.is_not_null()
    return whole["after" if after else "before"].zip_with(~missing, pl.Series([""]).new_from_index(0, len(texts)))


def _constant(rows: pl.DataFrame, given: str | int | None) -> pl.Series:
    """Return a value for each row."""
    kind = pl.Boolean if isinstance(given, bool) else pl.String if isinstance(given, str) else ID
    return pl.Series([given], dtype=kind).new_from_index(0, rows.height)


def _fold(join: Callable[[pl.Series, pl.Series], pl.Series], parts: list[pl.Series]) -> pl.Series:
    found = parts[0]
    for part in parts[1:]:
        found = join(found, part)
    return found
