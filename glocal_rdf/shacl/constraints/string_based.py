"""String-based constraints: sh:minLength, sh:maxLength, sh:pattern, sh:languageIn, sh:uniqueLang (SHACL, section 4.4).

https://www.w3.org/TR/shacl/#core-components-string
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.i18n import translatable
from glocal_rdf.shacl.constraints import patterns
from glocal_rdf.shacl.constraints.component import BOOLEAN, INTEGER, STRING, Component, Parameter, list_of
from glocal_rdf.shacl.context import ConstraintContext
from glocal_rdf.shacl.terms import is_literal, is_string, is_true, lexical
from glocal_rdf.triples.terms import language, value

if TYPE_CHECKING:
    from glocal_rdf.shacl.shapes.description import ShapeDescription
    from glocal_rdf.shacl.shapes.model import Constraint

__all__ = ["COMPONENTS"]


def _texts_unless(context: ConstraintContext, holds: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    """Return the pairs whose value has no text, as a blank node, or one that does not pass a test."""
    all_iris = context.graph.iris[context.values].all()

    def has_text(terms: pl.Series) -> pl.Series:
        term = pl.col("term")
        text = term.str.strip_prefix("<").str.strip_suffix(">") if all_iris else value(term)
        good = holds(terms.to_frame("term").select(text=text)["text"])
        return good if all_iris else good & ~context.graph.blanks[context.values]

    return context.violations_unless(has_text)


def _min_length(context: ConstraintContext) -> pl.DataFrame:
    return _texts_unless(context, lambda texts: _length(texts) >= context.constraint.number)


def _max_length(context: ConstraintContext) -> pl.DataFrame:
    return _texts_unless(context, lambda texts: _length(texts) <= context.constraint.number)


def _length(texts: pl.Series) -> pl.Series:
    return texts.str.len_chars().cast(pl.Int64)


def _pattern(context: ConstraintContext) -> pl.DataFrame:
    flags = "".join(lexical(flag) for flag in context.constraint.further["flags"])
    pattern = lexical(context.constraint.value)
    return _texts_unless(context, lambda texts: patterns.matches(texts, pattern, flags, context.where))


def _read_flags(shape: ShapeDescription, pattern: str) -> Mapping[str, tuple[str, ...]]:
    """Read sh:flags, and report a regular expression that is wrong, though no value may ever be matched with it."""
    flags = tuple(shape.values("flags"))
    if is_literal(pattern) and all(map(is_literal, flags)):
        try:
            patterns.check(lexical(pattern), "".join(map(lexical, flags)), shape.where)
        except ShapesError as error:
            shape.report_error(error)
    return {"flags": flags}


def _language_in(context: ConstraintContext) -> pl.DataFrame:
    """Match language tags as SPARQL's langMatches does."""
    ranges = [lexical(term).lower() for term in context.constraint.values]

    def matches(tag: str) -> bool:
        return any(wanted in ("*", tag) or tag.startswith(wanted + "-") for wanted in ranges)

    def holds(terms: pl.Series) -> pl.Series:
        tags = _language_tags(terms)
        each = tags.unique().to_list()
        good = [tag for tag in each if tag is not None and matches(tag.lower())]
        return tags.is_in(good) if len(good) < len(each) else pl.Series([True]).new_from_index(0, len(tags))

    return context.violations_unless(holds)


def _suggest_language(text: str, constraint: Constraint) -> str | None:
    """Suggest the language for a text without one, where only one is allowed."""
    if len(constraint.values) != 1 or not is_string(text):
        return None
    tag = lexical(constraint.values[0])
    return f"{text}@{tag}" if tag != "*" else None


def _unique_lang(context: ConstraintContext) -> pl.DataFrame:
    """Find languages that two values of a focus node have, one result for each."""
    tags = pl.DataFrame(
        {
            "value": context.values,
            "tag": _language_tags(context.graph.text(context.values)).str.to_lowercase(),
        }
    ).drop_nulls()
    shared = context.pairs.frame.join(tags, on="value").group_by("focus", "tag").len().filter(pl.col("len") > 1)
    return context.violations_of_focus(shared["focus"]).with_columns(expected=shared["tag"])


def _read_unique_lang(shape: ShapeDescription, term: str) -> Mapping[str, tuple[str, ...]] | None:
    """Return whether sh:uniqueLang is on: by the letter of section 4.4.5, and the W3C's cases, `"1"` is not."""
    if is_true(term) and lexical(term) != "true":
        shape.warn(f"sh:uniqueLang is {lexical(term)!r}, which has no effect", "write true", kind="no effect")
        return None
    return {} if is_true(term) else None


def _language_tags(terms: pl.Series) -> pl.Series:
    return terms.to_frame("term").select(tag=language(pl.col("term")))["tag"]


COMPONENTS = (
    Component(
        "minLength",
        "4.4.1",
        INTEGER,
        _min_length,
        translatable("{value} is shorter than {expected} characters"),
    ),
    Component(
        "maxLength",
        "4.4.2",
        INTEGER,
        _max_length,
        translatable("{value} is longer than {expected} characters"),
    ),
    Component(
        "pattern",
        "4.4.3",
        STRING,
        _pattern,
        translatable("{value} does not match the pattern {expected}"),
        further=(Parameter("flags", STRING),),
        read=_read_flags,
    ),
    Component(
        "languageIn",
        "4.4.4",
        list_of(STRING),
        _language_in,
        translatable("{value} is in none of the languages {expected}"),
        suggest=_suggest_language,
    ),
    Component(
        "uniqueLang",
        "4.4.5",
        BOOLEAN,
        _unique_lang,
        translatable("{path} has more than one value in the language {expected}"),
        on_node_shapes=False,
        read=_read_unique_lang,
        shows_value=False,
    ),
)
