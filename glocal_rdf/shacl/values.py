"""Tests of single values, made once per distinct value: type, range, text, enumeration (SHACL, 4.1 to 4.4, 4.8)."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from glocal_rdf.shacl.compare import compare, keys_of
from glocal_rdf.shacl.datatypes import is_well_typed
from glocal_rdf.shacl.evaluation import Check, Scope, broken_by_value
from glocal_rdf.shacl.names import SH
from glocal_rdf.shacl.nodes import lexical
from glocal_rdf.shacl.patterns import matches
from glocal_rdf.triples.terms import language, value

__all__ = ["CHECKS"]


def _class(scope: Scope) -> pl.DataFrame:
    return scope.pairs.join(
        scope.graph.instances(scope.constraint.value).to_frame("value"), on="value", how="anti", maintain_order="left"
    )


def _datatype(scope: Scope) -> pl.DataFrame:
    return _keep(scope, lambda terms: is_well_typed(terms, scope.constraint.value))


def _node_kind(scope: Scope) -> pl.DataFrame:
    kind = scope.constraint.value[len(SH) + 1 : -1]
    starts = {"IRI": "<", "BlankNode": "_", "Literal": '"'}
    allowed = [start for name, start in starts.items() if name.lower() in kind.lower()]
    return _keep(scope, lambda terms: terms.str.slice(0, 1).is_in(allowed))


def _in(scope: Scope) -> pl.DataFrame:
    members = scope.graph.ids(scope.constraint.values)
    return scope.pairs.filter(~pl.col("value").is_in(members.implode()))


def _has_value(scope: Scope) -> pl.DataFrame:
    wanted = scope.graph.id(scope.constraint.value)
    having = scope.pairs.filter(pl.col("value") == wanted)
    return scope.without_value(scope.focus.to_frame("focus").join(having, on="focus", how="anti")["focus"])


def _range(scope: Scope) -> pl.DataFrame:
    """Compare each value with the bound; a value that cannot be compared is out of range."""
    name = scope.constraint.name
    bound = keys_of(pl.Series([scope.constraint.value]))

    def holds(terms: pl.Series) -> pl.Series:
        values = keys_of(terms)
        bounds = bound.select(pl.all().repeat_by(len(terms)).explode()) if len(terms) != 1 else bound
        pair = (bounds, values) if name.startswith("min") else (values, bounds)
        return compare(*pair, or_equal=name.endswith("Inclusive"))

    return _keep(scope, holds)


def _length(scope: Scope) -> pl.DataFrame:
    """Count characters of literals and IRIs; blank nodes have no text (SHACL, sections 4.4.1 and 4.4.2)."""
    bound, least = scope.constraint.number, scope.constraint.name == "minLength"

    def holds(terms: pl.Series) -> pl.Series:
        size = _texts(terms).str.len_chars().cast(pl.Int64)
        return ((size >= bound) if least else (size <= bound)) & ~terms.str.starts_with("_:")

    return _keep(scope, holds)


def _pattern(scope: Scope) -> pl.DataFrame:
    flags = "".join(lexical(f) for f in scope.constraint.others["flags"])
    pattern = lexical(scope.constraint.value)

    def holds(terms: pl.Series) -> pl.Series:
        return matches(_texts(terms), pattern, flags, scope.shape.term) & ~terms.str.starts_with("_:")

    return _keep(scope, holds)


def _language_in(scope: Scope) -> pl.DataFrame:
    """Match language tags as SPARQL's langMatches does (SHACL, section 4.4.4)."""
    ranges = [lexical(v).lower() for v in scope.constraint.values]

    def holds(terms: pl.Series) -> pl.Series:
        tag = language(pl.col("term")).str.to_lowercase()
        fits = pl.lit(value=False)
        for wanted in ranges:
            fits |= tag.is_not_null() if wanted == "*" else (tag == wanted) | tag.str.starts_with(wanted + "-")
        return terms.to_frame("term").select(fits=fits)["fits"].fill_null(value=False)

    return _keep(scope, holds)


def _unique_lang(scope: Scope) -> pl.DataFrame:
    """Find languages that two values share, one result for each (SHACL, section 4.4.5)."""
    values = scope.values()
    tags = pl.DataFrame({"value": values, "term": scope.graph.text(values)}).select(
        "value", tag=language(pl.col("term")).str.to_lowercase()
    )
    shared = scope.pairs.join(tags.drop_nulls(), on="value").group_by("focus", "tag").len().filter(pl.col("len") > 1)
    return scope.without_value(shared["focus"]).with_columns(expected=shared["tag"])


def _keep(scope: Scope, holds: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    """Give the pairs whose value does not hold; `holds` tells it of the text of each distinct value."""
    values = scope.values()
    if values.is_empty():
        return scope.none()
    good = holds(scope.graph.text(values))
    return broken_by_value(scope, values.filter(~good.fill_null(value=False)))


def _texts(terms: pl.Series) -> pl.Series:
    if terms.str.starts_with("<").all():
        return terms.str.strip_prefix("<").str.strip_suffix(">")
    return terms.to_frame("term").select(text=value(pl.col("term")))["text"]


CHECKS: dict[str, Check] = {
    "class": _class,
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "in": _in,
    "hasValue": _has_value,
    "minExclusive": _range,
    "minInclusive": _range,
    "maxExclusive": _range,
    "maxInclusive": _range,
    "minLength": _length,
    "maxLength": _length,
    "pattern": _pattern,
    "languageIn": _language_in,
    "uniqueLang": _unique_lang,
}
