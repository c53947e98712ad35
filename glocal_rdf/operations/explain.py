"""Explains a thing: every statement about it, with the claims, passages and cells that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from glocal_rdf.claims.explanation import Statement, explain_thing
from glocal_rdf.dataset import Build
from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import EDTF, RDF_TYPE, term
from glocal_rdf.operations.thing_records import name_thing
from glocal_rdf.search.labels import names_by_language, resolve_name_or_raise
from glocal_rdf.source_graphs import SourceStatements
from glocal_rdf.vocabulary import APPLIES_TO

if TYPE_CHECKING:
    from glocal_rdf.documents import Citation

EDTF_DATE = term(EDTF, "EDTF")

__all__ = ["explain", "keep_language", "to_record"]


def explain(built: Build, word: str) -> dict[str, tuple[Statement, ...]]:
    """Return every statement about the things that a word denotes.

    Args:
        built: The build to search.
        word: A slug, a CURIE, an IRI or a name.

    Returns:
        The statements by the IRI of each such thing: those with the thing as subject first, then those with it as
        object.

    Raises:
        QueryError: With the nearest names where the word denotes nothing.
    """
    things = resolve_name_or_raise(built.with_ontology, word, built.prefixes)
    applies_to = built.project.find_terms(APPLIES_TO)
    return {thing: explain_thing(built.with_ontology, thing, applies_to) for thing in things}


def keep_language(qualifiers: tuple[tuple[str, str], ...], lang: str) -> list[tuple[str, str]]:
    """Leave out qualifiers whose text is in another language, and dates in EDTF that others say.

    A text in another language is left out where there is one with the same predicate in `lang`; a date in EDTF, where
    it is exact, so that the claim has it as a typed literal too.
    """
    inexact = any(predicate.endswith(("earliestYear>", "latestYear>")) for predicate, _ in qualifiers)
    if not inexact:
        qualifiers = tuple(one for one in qualifiers if not one[1].endswith(EDTF_DATE))
    translated = {predicate for predicate, value in qualifiers if value.endswith(f'"@{lang}')}
    return [
        (predicate, value)
        for predicate, value in qualifiers
        if predicate not in translated or value.endswith(f'"@{lang}') or '"@' not in value
    ]


def to_record(
    built: Build,
    thing: str,
    statements: tuple[Statement, ...],
    source_statements: tuple[SourceStatements, ...] = (),
    passages: Mapping[str, Citation] | None = None,
    lang: str = "en",
) -> dict[str, Any]:
    """Return the statements about a thing as a JSON object; terms are in N-Triples syntax.

    Args:
        built: The build that was searched.
        thing: The IRI of the thing.
        statements: What `explain` returns for it.
        source_statements: What `describe_in_source_graphs` returns for it.
        passages: The passages that can be quoted, by IRI.
        lang: The language of `name`.
    """
    term = f"<{thing}>"
    # As in `find`, classes that rules infer do not count.
    parts = (built.stated, built.truthy, built.project.ontology)
    about = pl.concat([part.frame.filter(pl.col("subject") == term) for part in parts])
    names = names_by_language(about).get(term, {})
    classes = [kind[1:-1] for kind in about.filter(pl.col("predicate") == RDF_TYPE)["object"].unique().sort()]
    return {
        **name_thing(thing, names, classes, built.prefixes),
        "thing": thing,  # this and `name` are the keys of version 1 of the schema
        "name": pick(names, lang),
        "statements": [_statement_record(statement, passages or {}) for statement in statements],
        "external": [_source_record(source) for source in source_statements],
    }


def _statement_record(statement: Statement, passages: Mapping[str, Citation]) -> dict[str, Any]:
    return {
        "subject": statement.subject,
        "predicate": statement.predicate,
        "object": statement.object,
        "plain": statement.plain,
        "claims": [
            {
                "claim": evidence.claim[1:-1],
                "rank": evidence.rank[1:-1],
                "passages": [_passage_record(passage[1:-1], passages) for passage in evidence.passages],
                "qualifiers": [{"predicate": name, "value": value} for name, value in evidence.qualifiers],
            }
            for evidence in statement.evidence
        ],
    }


def _passage_record(passage: str, passages: Mapping[str, Citation]) -> dict[str, str]:
    return {"passage": passage} | ({"text": passages[passage].text} if passage in passages else {})


def _source_record(source: SourceStatements) -> dict[str, Any]:
    return {
        "graph": source.graph,
        "title": source.title,
        "source": source.source,
        "issued": source.issued,
        "licence": source.licence,
        "facts": [{"predicate": predicate, "object": value} for predicate, value in source.facts],
    }
