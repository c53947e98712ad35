"""`glocal explain`: everything that is said about a thing, by whom, and where."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf.cli.terminal import (
    console,
    documents_option,
    lang_option,
    open_project,
    print_json,
    print_note,
    print_problems,
    project_option,
    shown,
)

if TYPE_CHECKING:
    from glocal_rdf.claims.explanation import Evidence, Statement, Told
    from glocal_rdf.documents import Citation

WORDS = {
    "en": {
        "none": "follows by a rule", "said": "said of it by others", "view": "only a claim",
        "characters": "characters", "tag": "en", "external": "outside the documents",
    },
    "zh-Hant": {
        "none": "依規則推得", "said": "其他事物提及", "view": "僅為主張",
        "characters": "字元", "tag": "zh-Hant", "external": "文件以外",
    },
}  # fmt: skip


@click.command("explain")
@click.argument("thing")
@project_option
@documents_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
@lang_option
def command(thing: str, folder: Path | None, documents: Path | None, as_json: bool, lang: str) -> None:
    """Print every statement about THING, with the document, the position and the rank of each claim.

    What other sources say of it comes last, apart, each with its source, date and licence.

    THING is a slug, a CURIE, an IRI, or any of its names in either language.

    \b
    Examples:
      glocal explain uclg
      glocal explain 臺北市 --lang zh-Hant
      glocal explain organization/iclei --documents ../shared/documents
    """
    from glocal_rdf import operations
    from glocal_rdf.documents import read_passages
    from glocal_rdf.search.labels import name_things

    built = operations.build(open_project(folder))
    print_problems(built.problems)
    told = operations.explain(built, thing)
    texts = read_passages(built.stated, documents) if documents else {}
    called = name_things(built.with_ontology, lang)
    if as_json:
        whole = [
            as_record(iri, statements, called, texts)
            | {"external": record_external(operations.tell_external(built, iri, lang))}
            for iri, statements in told.items()
        ]
        print_json(whole)
        return
    if len(told) > 1:
        print_note(f"{len(told)} things are called {thing!r}")
    for iri, statements in told.items():
        cells = {one: operations.locate_statement(built, one) for one in statements if not one.evidence}
        print_thing(iri, statements, called, texts, cells, WORDS[lang])
        print_external(operations.tell_external(built, iri, lang), called, WORDS[lang])


def print_thing(
    iri: str,
    statements: tuple[Statement, ...],
    called: dict[str, str],
    texts: dict[str, Citation],
    cells: dict[Statement, tuple[str, ...]],
    words: dict[str, str],
) -> None:
    """Print what is said about one thing: its own statements, then those of others."""
    # Lines are wrapped by the terminal, so that what is copied has no line breaks of ours.
    write = partial(console().print, soft_wrap=True)
    term = f"<{iri}>"
    write(shown(called.get(term, iri), "bold"), shown(iri, "dim"))
    last, others = "", False
    seen: set[tuple[str, str]] = set()
    for statement in statements:
        if statement.subject != term and not others:
            write()
            write(shown(words["said"], "bold"))
            last, others = "", True
            seen.clear()
        heading = shorten(statement.predicate, called)
        if heading != last:
            write(shown(f"  {heading}", "cyan"))
            last = heading
        value = statement.subject if others else statement.object
        said = (heading, shorten(value, called))
        if said in seen and not statement.evidence:
            continue
        seen.add(said)
        line = shown(f"    {shorten(value, called)}")
        if not statement.plain:
            line.append(f"  [{words['view']}]", style="yellow")
        if not statement.evidence:
            line.append_text(shown(f"  ({', '.join(cells[statement]) or words['none']})", "dim"))
        write(line)
        for evidence in statement.evidence:
            write(shown(f"      {describe(evidence, called, words)}", "dim"))
            for passage in evidence.passages:
                if passage[1:-1] in texts:
                    write(shown(f"      「{' '.join(texts[passage[1:-1]].text.split())}」", "italic"))


def print_external(told: tuple[Told, ...], called: dict[str, str], words: dict[str, str]) -> None:
    """Print what other sources say of one thing, each with its source, date and licence."""
    # Lines are wrapped by the terminal, so that what is copied has no line breaks of ours.
    write = partial(console().print, soft_wrap=True)
    if told:
        write()
        write(shown(words["external"], "bold"))
    for source in told:
        write(shown(f"  {source.title}", "cyan"))
        whence = " · ".join(filter(None, (source.source, source.issued, source.licence)))
        write(shown(f"    {whence}", "dim"))
        for predicate, value in source.facts:
            text = value[1:-1] if value.startswith("<") else shorten(value, called)
            write(shown(f"    {shorten(predicate, called)}: {text}"))


def describe(evidence: Evidence, called: dict[str, str], words: dict[str, str]) -> str:
    """Describe a claim in one line: document and position, rank, qualifiers."""
    parts = []
    for passage in evidence.passages:
        document, _, fragment = passage[1:-1].partition("#char=")
        parts.append(f"{called.get(f'<{document}>', document)}, {words['characters']} {fragment.replace(',', '–')}")
    parts.append(called.get(evidence.rank) or evidence.rank.rpartition("#")[2].removesuffix("Rank>").lower())
    for predicate, value in in_language(evidence.qualifiers, words["tag"]):
        parts.append(f"{shorten(predicate, called)}: {shorten(value, called)}")
    return " · ".join(parts)


def in_language(qualifiers: tuple[tuple[str, str], ...], tag: str) -> list[tuple[str, str]]:
    """Leave out the texts in other languages of what is also said in the reader's."""
    said = {predicate for predicate, value in qualifiers if value.endswith(f'"@{tag}')}
    return [
        (predicate, value)
        for predicate, value in qualifiers
        if predicate not in said or value.endswith(f'"@{tag}') or '"@' not in value
    ]


def shorten(term: str, called: dict[str, str]) -> str:
    """Show a term by its name, or by the end of its IRI; a literal by its text and language."""
    if term.startswith("<"):
        return called.get(term) or term[1:-1].rpartition("/id/")[2].rpartition("#")[2] or term[1:-1]
    from glocal_rdf.questions.answers import show

    text = show(term)
    tag = term.rpartition('"')[2]
    return f"{text} {tag}" if tag.startswith("@") else text


def record_external(told: tuple[Told, ...]) -> list[dict[str, Any]]:
    """Lay out what other sources say of one thing for a program: terms in N-Triples syntax."""
    return [
        {
            "graph": source.graph,
            "title": source.title,
            "source": source.source,
            "issued": source.issued,
            "licence": source.licence,
            "facts": [{"predicate": predicate[1:-1], "object": value} for predicate, value in source.facts],
        }
        for source in told
    ]


def as_record(
    iri: str, statements: tuple[Statement, ...], called: dict[str, str], texts: dict[str, Citation]
) -> dict[str, Any]:
    """Lay out what is said about one thing for a program: terms in N-Triples syntax."""
    return {
        "thing": iri,
        "name": called.get(f"<{iri}>", ""),
        "statements": [
            {
                "subject": statement.subject,
                "predicate": statement.predicate,
                "object": statement.object,
                "plain": statement.plain,
                "claims": [
                    {
                        "claim": evidence.claim[1:-1],
                        "rank": evidence.rank[1:-1],
                        "passages": [
                            {"passage": passage[1:-1]}
                            | ({"text": texts[passage[1:-1]].text} if passage[1:-1] in texts else {})
                            for passage in evidence.passages
                        ],
                        "qualifiers": [
                            {"predicate": name[1:-1], "value": value} for name, value in evidence.qualifiers
                        ],
                    }
                    for evidence in statement.evidence
                ],
            }
            for statement in statements
        ],
    }
