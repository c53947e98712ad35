"""Makes the IRIs of a table's cells out of its templates (Metadata Vocabulary for Tabular Data, section 5.1.3).

A template is filled, a prefix of the default context is expanded, and the result is resolved against the table's
address. Templates that start with a scheme, as most do, need the first step only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import unquote, urldefrag, urljoin

import polars as pl

from glocal_rdf.csvw.description import Column
from glocal_rdf.csvw.templates import Template, expand, parse_template
from glocal_rdf.csvw.vocabulary import PREFIXES, expand_term

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
FORBIDDEN: Final = r"(?i)^<(?:javascript|data|vbscript|file|about|blob):"


def own_variables(column: Column) -> dict[str, pl.Expr]:
    """Return the variables that depend on the column alone."""
    return {
        "_column": pl.lit(str(column.number)),
        "_sourceColumn": pl.lit(str(column.source_number)) if column.source_number else pl.lit(None, dtype=pl.String),
        "_name": pl.lit(unquote(column.name)),
    }


def depends_on_column(template: Template) -> bool:
    """Tell whether a template gives something else in each column."""
    return bool(template.names & {"_column", "_sourceColumn", "_name"})


def starts_free(template: Template) -> bool:
    """Tell whether the cells decide with which scheme the filled template starts."""
    return not _SCHEME.match(template.start) and not template.start.startswith(("#", "/", "?")) and bool(template.names)


def address(
    text: str,
    table_url: str,
    variables: Mapping[str, pl.Expr],
    lists: frozenset[str],
    whole: frozenset[str] = frozenset(),
) -> pl.Expr:
    """Return the expression for the absolute IRI of a template, in brackets.

    `lists` names the variables that are lists, `whole` those that are never null.
    """
    template = expand_prefix(parse_template(text))
    start = template.start
    base = urldefrag(table_url).url
    if start.startswith("#"):
        template = replace(template, pieces=(base, *template.pieces))
    elif not _SCHEME.match(start):
        return _resolved(expand(template, variables, lists, whole), base)
    return expand(replace(template, pieces=("<", *template.pieces, ">")), variables, lists, whole)


def fixed_start(text: str, table_url: str) -> str:
    """Return how every IRI of a template starts, as far as that is known."""
    start = expand_prefix(parse_template(text)).start
    if start.startswith("#"):
        return urldefrag(table_url).url + start
    return start if _SCHEME.match(start) else ""


def _resolved(filled: pl.Expr, base: str) -> pl.Expr:
    """Expand prefixes and resolve, once per distinct text that is not a web address already."""

    def resolve(texts: pl.Series) -> pl.Series:
        odd = ~texts.str.contains("^(?:https?://|urn:)")
        if odd.any():
            distinct = texts.filter(odd).unique()
            texts = texts.replace(
                distinct, pl.Series([expand_term(t) or urljoin(base, t) for t in distinct], dtype=pl.String)
            )
        return pl.select(pl.concat_str(pl.lit("<"), texts, pl.lit(">"))).to_series()

    return filled.map_batches(resolve, return_dtype=pl.String)


def expand_prefix(template: Template) -> Template:
    """Expand a prefix that a template starts with."""
    match = _SCHEME.match(template.start)
    if match is None or match[1] not in PREFIXES or template.start.startswith(match[1] + "://"):
        return template
    start = PREFIXES[match[1]] + template.start[match.end() :]
    return replace(template, pieces=(start, *template.pieces[1:]))


def property_iri(column: Column, table_url: str) -> str:
    """Return the IRI of a column without a propertyUrl: its name as a fragment of the table's address."""
    return f"{urldefrag(table_url).url}#{column.name}"
