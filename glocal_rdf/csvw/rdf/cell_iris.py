"""Makes IRIs of the filled URI templates of a table (Metadata Vocabulary for Tabular Data, section 5.1.3).

1. A template is filled. Nothing more is needed if its fixed text and operators always make a valid absolute IRI.
2. Every other filled text is finished: a prefix is expanded, the result is resolved against the table's address, what
   an IRI may not hold is percent-encoded, and what still is not an IRI becomes null, with the reason.

Usual web addresses and relative paths are finished a column at a time, all others once per distinct text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

import polars as pl

from glocal_rdf.csvw.metadata.model import Column, Table
from glocal_rdf.csvw.metadata.prefixed_names import is_unknown_prefix
from glocal_rdf.csvw.metadata.vocabulary import PREFIXES, expand_term
from glocal_rdf.csvw.rdf.uri_templates import Expression, Template, expand, parse_template
from glocal_rdf.triples import iris

__all__ = [
    "COLUMN_VARIABLES",
    "DANGEROUS",
    "ROW_VARIABLES",
    "Finished",
    "Plan",
    "depends_on_column",
    "expand_prefix",
    "fill",
    "finish_column",
    "own_variables",
    "plan",
    "property_iri",
]

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
DANGEROUS: Final = frozenset({"javascript", "data", "vbscript", "file", "about", "blob", "view-source", "jar"})
"""Schemes that a cell must not choose: they run a program, or read files of the reader's machine."""

ROW_VARIABLES: Final = frozenset({"_row", "_sourceRow"})
COLUMN_VARIABLES: Final = frozenset({"_column", "_sourceColumn", "_name"})

_CHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_REST = rf"(?:\?(?:{_CHAR}|[/?])*)?(?:#(?:{_CHAR}|[/?])*)?"
_HOST = r"https?://[A-Za-z0-9._~-]*[A-Za-z0-9][A-Za-z0-9._~-]*(?::[0-9]{1,5})?"
_PLAIN: Final = rf"^(?:{_HOST}(?:/(?:{_CHAR}|/)*)?|(?:urn|tag|mailto|tel|info|doi):(?:{_CHAR}|/)+){_REST}$"
# A relative path without dot segments and without a colon before its first slash.
_SEGMENT = r"(?:[A-Za-z0-9_~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})(?:[A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})*"
_RELATIVE: Final = rf"^{_SEGMENT}(?:/{_SEGMENT})*/?{_REST}$"
_SAFE_START: Final = re.compile(rf"(?:{_HOST}[/?#]|urn:[A-Za-z0-9-]+:)")
_SAFE_TEXT: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})*")


def own_variables(column: Column) -> dict[str, pl.Expr]:
    """Return the variables that depend on the column alone."""
    return {
        "_column": pl.lit(str(column.number)),
        "_sourceColumn": pl.lit(str(column.source_number)) if column.source_number else pl.lit(None, dtype=pl.String),
        "_name": pl.lit(unquote(column.name)),
    }


def depends_on_column(template: Template) -> bool:
    """Return whether a template makes different IRIs in different columns."""
    return bool(template.names & COLUMN_VARIABLES)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a template becomes IRIs: with its prefix expanded, and what remains to be done with a filled text.

    `safe`: nothing remains, since every filled text is an absolute IRI, with its brackets. `free`: the cells decide the
    scheme. `start` is how all its IRIs start, empty where that is not known.
    """

    template: Template
    safe: bool
    free: bool
    start: str = ""


@lru_cache(4096)
def _plan(text: str, base: str, namespace: str | None) -> Plan:
    """Return the plan for a template; `namespace` is that of its prefix, if a project declares it."""
    template = expand_prefix(parse_template(text), namespace)
    start = template.start
    free = not _SCHEME.match(start) and not start.startswith(("#", "/", "?")) and bool(template.names)
    if start.startswith("#"):
        template = replace(template, pieces=(base + start, *template.pieces[1:]))
        start = template.start
    fixed = "".join(p for p in template.pieces if isinstance(p, str))
    expressions = [p.operator for p in template.pieces if isinstance(p, Expression)]
    safe = (
        bool(_SAFE_START.match(start))
        and bool(_SAFE_TEXT.fullmatch(fixed))
        and fixed.count("#") <= 1
        and not any(o.reserved for o in expressions)
    )
    if safe:
        start = "<" + start
        template = replace(template, pieces=(start, *template.pieces[1:], ">"))
    elif not _SAFE_TEXT.fullmatch(start) or not _SCHEME.match(start) or start.count("#") > 1:
        start = ""
    else:
        start = "<" + start
    return Plan(template, safe, free, start)


def plan(text: str, table: Table) -> Plan:
    """Return the plan for a template of a table."""
    match = _SCHEME.match(text)
    namespace = table.prefixes.get(match[1]) if match and match[1] not in PREFIXES else None
    return _plan(text, _base(table), namespace)


def expand_prefix(template: Template, namespace: str | None = None) -> Template:
    """Return a template with the prefix that it starts with expanded: by the default context, or to `namespace`."""
    match = _SCHEME.match(template.start)
    if match is None or template.start.startswith(match[1] + "://"):
        return template
    namespace = PREFIXES.get(match[1], namespace)
    if namespace is None:
        return template
    return replace(template, pieces=(namespace + template.start[match.end() :], *template.pieces[1:]))


def fill(
    found: Plan,
    variables: Mapping[str, pl.Expr],
    lists: frozenset[str] = frozenset(),
    whole: frozenset[str] = frozenset(),
) -> pl.Expr:
    """Return the expression that fills a planned template; what is not `safe` is to be finished afterwards.

    Args:
        found: The plan for the template.
        variables: The columns by the names of the variables.
        lists: The variables that are columns of lists.
        whole: The variables that are never null.
    """
    return expand(found.template, variables, lists, whole)


@dataclass
class Finished:
    """A column of IRIs in brackets, null where a text is not an IRI.

    `faults` are the reasons by text, `unknown` the prefixes by text that are not declared and count as schemes.
    """

    iris: pl.Series
    faults: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


def finish_column(filled: pl.Series, found: Plan, table: Table, *, strict: bool = False) -> Finished:
    """Return the IRIs of a column of filled texts.

    Args:
        filled: The texts, row by row.
        found: The plan for their template.
        table: The table, whose address relative references are resolved against.
        strict: Whether an empty text is the address of the table, as RFC 3986 has it, instead of no IRI.
    """
    if found.safe:
        return Finished(filled)
    base = _base(table)
    folder = iris.resolve(base, "./")
    frame = filled.to_frame("t")
    plain = pl.col("t").str.contains(_PLAIN)
    made = pl.when(plain).then(pl.concat_str(pl.lit("<"), pl.col("t"), pl.lit(">")))
    if not found.start:
        relative = pl.col("t").str.contains(_RELATIVE)
        resolved = pl.when(relative).then(pl.concat_str(pl.lit("<" + folder), pl.col("t"), pl.lit(">")))
        result = frame.select(pl.coalesce(made, resolved).alias(filled.name)).to_series()
    else:
        result = frame.select(made.alias(filled.name)).to_series()
    odd = result.is_null() & filled.is_not_null()
    if not odd.any():
        return Finished(result)
    finished = Finished(result)
    distinct = filled.filter(odd).unique(maintain_order=True)
    answers = [_finish_text(text, found, table, finished, strict=strict) for text in distinct]
    mapped = filled.replace_strict(
        distinct, pl.Series(answers, dtype=pl.String), default=None, return_dtype=pl.String
    ).alias("odd")
    finished.iris = pl.select(pl.coalesce(result, mapped).alias(filled.name)).to_series()
    return finished


def _finish_text(text: str, found: Plan, table: Table, finished: Finished, *, strict: bool) -> str | None:
    """Return the IRI of one text, or None where it is not one; the reason goes into `finished`."""
    if not text and found.template.names and not strict:
        finished.faults[text] = "its cells are blank"
        return None
    scheme = iris.scheme_of(text)
    expanded = expand_term(text, table.prefixes) if ":" in text and not found.start else None
    if found.free and expanded is None and scheme in DANGEROUS:
        finished.faults[text] = f"a cell must not choose the scheme {scheme}:"
        return None
    iri, wrong = iris.finish(expanded or text, _base(table))
    if wrong:
        finished.faults[text] = wrong
        return None
    if expanded is None and scheme and is_unknown_prefix(text, table.prefixes):
        finished.unknown[text] = scheme
    return f"<{iri}>"


def _base(table: Table) -> str:
    return table.url.partition("#")[0]


def property_iri(column: Column, table_url: str) -> str:
    """Return the IRI of a column without a propertyUrl: its name as a fragment of the table's address."""
    return f"{table_url.partition('#')[0]}#{column.name}"
