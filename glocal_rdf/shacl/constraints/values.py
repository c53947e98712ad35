"""Tests of single values, made once per distinct value: type, range, text, enumeration (SHACL, 4.1 to 4.4, 4.8)."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_

import polars as pl

from glocal_rdf.shacl.constraints.patterns import matches
from glocal_rdf.shacl.evaluation import Check, Scope, broken_by_value
from glocal_rdf.shacl.terms import SH
from glocal_rdf.shacl.triple_index import lexical
from glocal_rdf.triples.terms import language, value
from glocal_rdf.xsd.datatypes import is_well_typed
from glocal_rdf.xsd.ordering import compare, keys_of

__all__ = ["CHECKS"]


def _class(scope: Scope) -> pl.DataFrame:
    return _pick(scope, ~scope.graph.bits(scope.graph.instances(scope.constraint.value))[scope.pairs.value])


def _datatype(scope: Scope) -> pl.DataFrame:
    return _keep(scope, lambda terms: is_well_typed(terms, scope.constraint.value))


def _node_kind(scope: Scope) -> pl.DataFrame:
    kind = scope.constraint.value[len(SH) + 1 : -1].lower()
    iri, blank = (bits[scope.pairs.value] for bits in (scope.graph.iris, scope.graph.blanks))
    kinds = {"iri": iri, "blanknode": blank, "literal": ~(iri | blank)}
    wrong = [told for name, told in kinds.items() if name not in kind]
    return _pick(scope, reduce(or_, wrong))


def _in(scope: Scope) -> pl.DataFrame:
    members = scope.graph.ids(scope.constraint.values)
    return _pick(scope, ~scope.graph.bits(members)[scope.pairs.value])


def _has_value(scope: Scope) -> pl.DataFrame:
    wanted = scope.graph.id(scope.constraint.value)
    having = scope.pairs.focus.filter(scope.pairs.value == wanted)
    return scope.without_value(scope.focus.filter(~scope.graph.bits(having)[scope.focus]))


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

    def holds(texts: pl.Series) -> pl.Series:
        size = texts.str.len_chars().cast(pl.Int64)
        return (size >= bound) if least else (size <= bound)

    return _keep_texts(scope, holds)


def _pattern(scope: Scope) -> pl.DataFrame:
    flags = "".join(lexical(f) for f in scope.constraint.others["flags"])
    pattern = lexical(scope.constraint.value)
    return _keep_texts(scope, lambda texts: matches(texts, pattern, flags, scope.where))


def _language_in(scope: Scope) -> pl.DataFrame:
    """Match language tags as SPARQL's langMatches does (SHACL, section 4.4.4)."""
    ranges = [lexical(v).lower() for v in scope.constraint.values]

    def fits(tag: str) -> bool:
        return any(wanted in ("*", tag) or tag.startswith(wanted + "-") for wanted in ranges)

    def holds(terms: pl.Series) -> pl.Series:
        tags = _tags(terms)
        return tags.is_in([tag for tag in tags.unique().drop_nulls() if fits(tag.lower())])

    return _keep(scope, holds)


def _unique_lang(scope: Scope) -> pl.DataFrame:
    """Find languages that two values share, one result for each (SHACL, section 4.4.5)."""
    values = scope.values()
    tags = pl.DataFrame({"value": values, "tag": _tags(scope.graph.text(values)).str.to_lowercase()}).drop_nulls()
    shared = scope.pairs.frame.join(tags, on="value").group_by("focus", "tag").len().filter(pl.col("len") > 1)
    return scope.without_value(shared["focus"]).with_columns(expected=shared["tag"])


def _tags(terms: pl.Series) -> pl.Series:
    return terms.to_frame("term").select(tag=language(pl.col("term")))["tag"]


def _pick(scope: Scope, wrong: pl.Series) -> pl.DataFrame:
    """Give the pairs that a column of bits tells, of which there are mostly none."""
    return scope.pairs.keep(wrong).frame if wrong.any() else scope.none()


def _keep(scope: Scope, holds: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    """Give the pairs whose value does not hold; `holds` tells it of the text of each distinct value."""
    values = scope.values()
    if values.is_empty():
        return scope.none()
    good = holds(scope.graph.text(values))
    return (
        scope.none()
        if good.all(ignore_nulls=False)
        else broken_by_value(scope, values.filter(~good.fill_null(value=False)))
    )


def _keep_texts(scope: Scope, holds: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    """Give the pairs whose value has no text, or one that does not hold."""
    iris, blanks = scope.graph.iris, scope.graph.blanks

    def has_text(terms: pl.Series) -> pl.Series:
        text = pl.col("term").str.strip_prefix("<").str.strip_suffix(">")
        if not iris[scope.values()].all():
            text = value(pl.col("term"))
        good = holds(terms.to_frame("term").select(text=text)["text"])
        return good & ~blanks[scope.values()]

    return _keep(scope, has_text)


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
