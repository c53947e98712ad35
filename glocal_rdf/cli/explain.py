"""`glocal explain`: every statement about a thing, with its documents, positions and cells."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.completing import complete_things
from glocal_rdf.cli.options import (
    documents_option,
    json_option,
    lang_option,
    no_cache_option,
    open_cache,
    open_project,
    project_option,
)
from glocal_rdf.cli.output import console, print_json, print_note, print_problems, shown, without_open_decisions
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.i18n import message, message_in, punctuation
from glocal_rdf.namespaces import WELL_KNOWN, shorten

if TYPE_CHECKING:
    from glocal_rdf.claims.explanation import Evidence, Statement
    from glocal_rdf.documents import Citation
    from glocal_rdf.location import Location
    from glocal_rdf.source_graphs import SourceStatements


@click.command("explain")
@click.argument("thing", shell_complete=complete_things)
@project_option
@documents_option
@json_option
@lang_option
@no_cache_option
def command(thing: str, folder: Path | None, documents: Path | None, as_json: bool, lang: str, no_cache: bool) -> None:
    """Print every statement about THING, with the document, the position and the rank of each claim.

    Statements of other sources come last, each with its source, date and licence.

    THING is a slug, a CURIE, an IRI, or any of its names in either language.

    \b
    Examples:
      glocal explain uclg
      glocal explain 臺北市 --lang zh-Hant
      glocal explain organization/iclei --documents ../shared/documents

    Exit code 0: explained; 2: THING is unknown, or the project could not be built.
    """
    from glocal_rdf.dataset import describe_in_source_graphs, label_terms
    from glocal_rdf.documents import read_passages
    from glocal_rdf.operations.cached_build import BuildCache
    from glocal_rdf.operations.explain import explain, to_record
    from glocal_rdf.operations.provenance import trace_statement
    from glocal_rdf.search.labels import preferred_labels

    builds = BuildCache(open_cache(no_cache))
    with show_progress("building the graph"):
        built = builds.open(open_project(folder))
    print_problems(without_open_decisions(built.problems))
    explained = explain(built, thing)
    texts = documents or built.project.documents
    passages = read_passages(built.stated, texts) if texts else {}
    names = label_terms(built.project, lang) | preferred_labels(built.with_ontology, lang)
    if as_json:
        print_json(
            [
                to_record(built, iri, statements, describe_in_source_graphs(built, iri, lang), passages, lang)
                for iri, statements in explained.items()
            ]
        )
        builds.keep(built, "cells")
        return
    if len(explained) > 1:
        print_note(f"{len(explained)} things are called {thing!r}")
    for iri, statements in explained.items():
        locations = {one: trace_statement(built, one) for one in statements if not one.evidence}
        print_thing(iri, statements, names, passages, locations, lang)
        print_source_statements(describe_in_source_graphs(built, iri, lang), names, lang)
    builds.keep(built, "cells")


def print_thing(
    iri: str,
    statements: tuple[Statement, ...],
    names: Mapping[str, str],
    passages: Mapping[str, Citation],
    locations: Mapping[Statement, tuple[Location, ...]],
    lang: str,
) -> None:
    """Print the statements about one thing: those with it as subject, then those with it as object.

    Args:
        iri: The IRI of the thing.
        statements: The statements about it.
        names: The names of things by their terms.
        passages: The passages that can be quoted, by IRI.
        locations: The cells that each statement comes from.
        lang: The language of the words.
    """
    # Lines are wrapped by the terminal, so that copied text has no line breaks of ours.
    write = partial(console().print, soft_wrap=True)
    term = f"<{iri}>"
    write(shown(names.get(term, iri), "bold"), shown(iri, "dim"))
    last, incoming = "", False
    seen: set[tuple[str, str]] = set()
    for statement in statements:
        if statement.subject != term and not incoming:
            write()
            write(shown(message(lang, "statements about other things"), "bold"))
            last, incoming = "", True
            seen.clear()
        heading = display_term(statement.predicate, names)
        if heading != last:
            write(shown(f"  {heading}", "cyan"))
            last = heading
        value = display_term(statement.subject if incoming else statement.object, names)
        if (heading, value) in seen and not statement.evidence:
            continue
        seen.add((heading, value))
        line = shown(f"    {value}")
        if not statement.plain:
            line.append(f"  [{message(lang, 'only a claim')}]", style="yellow")
        if not statement.evidence:
            line.append_text(
                shown(f"  ({', '.join(map(str, locations[statement])) or message(lang, 'inferred by a rule')})", "dim")
            )
        write(line)
        for evidence in statement.evidence:
            write(shown(f"      {describe_claim(evidence, names, lang)}", "dim"))
            for passage in evidence.passages:
                if passage[1:-1] in passages:
                    write(shown(f"      「{' '.join(passages[passage[1:-1]].text.split())}」", "italic"))


def print_source_statements(sources: tuple[SourceStatements, ...], names: Mapping[str, str], lang: str) -> None:
    """Print the statements of other sources about one thing, those of each with its source, date and licence.

    Args:
        sources: The statements of each source.
        names: The names of things by their terms.
        lang: The language of the words.
    """
    # Lines are wrapped by the terminal, so that copied text has no line breaks of ours.
    write = partial(console().print, soft_wrap=True)
    if sources:
        write()
        write(shown(message(lang, "outside the documents"), "bold"))
    for source in sources:
        write(shown(f"  {source.title}", "cyan"))
        origin = " · ".join(filter(None, (source.source, source.issued, source.licence)))
        write(shown(f"    {origin}", "dim"))
        for predicate, value in source.facts:
            text = value[1:-1] if value.startswith("<") else display_term(value, names)
            write(shown(f"    {display_term(predicate, names)}{punctuation(lang)[1]}{text}"))


def describe_claim(evidence: Evidence, names: Mapping[str, str], lang: str) -> str:
    """Describe a claim on one line: document and position, rank, qualifiers.

    Args:
        evidence: The claim.
        names: The names of things by their terms.
        lang: The language of the words.
    """
    from glocal_rdf.operations.explain import keep_language

    parts = []
    colon, comma = punctuation(lang)[1], message_in(lang, "punctuation: place", ", ")
    for passage in evidence.passages:
        document, _, fragment = passage[1:-1].partition("#char=")
        first, _, last = fragment.partition(",")
        position = message(lang, "characters {first}–{last}", first=first, last=last)
        parts.append(f"{names.get(f'<{document}>', document)}{comma}{position}")
    parts.append(names.get(evidence.rank) or evidence.rank.rpartition("#")[2].removesuffix("Rank>").lower())
    for predicate, value in keep_language(evidence.qualifiers, lang):
        parts.append(f"{display_term(predicate, names)}{colon}{display_term(value, names)}")
    return " · ".join(parts)


def display_term(term: str, names: Mapping[str, str]) -> str:
    """Write a thing by its name, or else the end of its IRI; a literal by its text and language tag."""
    if term.startswith("<"):
        from glocal_rdf.vocabulary import short_id

        short = shorten(term, WELL_KNOWN, names_only=True)
        return names.get(term) or (short if short != term else short_id(term[1:-1]))
    from glocal_rdf.triples.terms import unquote

    tag = term.rpartition('"')[2]
    return f"{unquote(term)} {tag}" if tag.startswith("@") else unquote(term)
