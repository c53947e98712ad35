"""`glocal query`: bundled questions, the project's, and one's own, of the project, a file or an endpoint."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.formats import FormatName
from glocal_rdf.cli.terminal import (
    abbreviate,
    guard_inputs,
    lang_option,
    open_project,
    output_option,
    print_json,
    print_note,
    print_problems,
    print_table,
    project_option,
    read_stdin,
    refuse_unused,
    write_result,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glocal_rdf import operations
    from glocal_rdf.questions.answers import Answer
    from glocal_rdf.questions.catalogue import Question
    from glocal_rdf.triples.datasets import Dataset

FORMATS = ("table", "csv", "tsv", "json", "xml", "markdown", "turtle", "ntriples", "jsonld", "rdfxml")
FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a text begins that a spreadsheet may run; the wide forms of the signs count too."""

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


@click.command("query")
@click.argument("name", required=False)
@click.argument("values", nargs=-1, metavar="[PARAMETER=VALUE]...")
@project_option
@click.option("--list", "listed", is_flag=True, help="List the project's own questions, and the bundled ones that fit.")
@click.option("--show", is_flag=True, help="Print the SPARQL instead of asking it.")
@click.option("--file", "file", type=click.Path(path_type=Path), help="Ask the SPARQL query in a file; - is stdin.")
@click.option("--text", help="Ask this SPARQL query.")
@click.option("--source", metavar="FILE|URL", help="Ask a file of RDF or a SPARQL endpoint instead of the project.")
@click.option(
    "--timeout",
    type=click.IntRange(1, 86_400),
    default=60,
    show_default=True,
    help="Seconds that the query, or one rule of the project, may take.",
)
@click.option("-f", "--format", "form", type=FormatName(FORMATS), help="Default: table, or turtle for a graph.")
@click.option(
    "--safe-csv",
    is_flag=True,
    help="With csv: write ' before texts that a spreadsheet would run as formulas (those that begin with = + - @).",
)
@lang_option
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    name: str | None,
    values: tuple[str, ...],
    folder: Path | None,
    listed: bool,
    show: bool,
    file: Path | None,
    text: str | None,
    source: str | None,
    timeout: int,
    form: str | None,
    safe_csv: bool,
    lang: str,
    output: Path | None,
) -> None:
    """Ask the graph a question: a bundled one or one of the project's by NAME, or your own SPARQL.

    \b
    Examples:
      glocal query --list
      glocal query networks-of-city city=臺北
      glocal query networks-founded from=1990 to=1999 -f csv -o nineties.csv
      glocal query where-is place=臺北
      glocal query --text 'SELECT * { ?s a org:Organization } LIMIT 5'
      glocal query --text 'SELECT * { GRAPH ?source { ?s gn:countryCode ?code } } LIMIT 5'
      glocal query --file mine.rq --source https://example.org/sparql

    Values are given as words, names or numbers; they can never become a part of the query. A query in queries/NAME.rq
    of the project is asked by its NAME. Prefixes that the project's ontology declares need no declaration.

    The data and the ontology are asked together, so that counts are higher than those of export, which writes the data
    alone. What other sources say of a project's things stands in a named graph for each source: ask it with GRAPH.

    Texts are exact in CSV. A spreadsheet runs those that begin with = + - or @ as formulas: open CSV of data that you
    do not trust with --safe-csv, or import all columns as text.

    Exit code 0: answered; 1: the answer to an ASK query is no; 2: could not be asked, or took longer than --timeout.
    """
    from glocal_rdf import operations

    if source is not None and folder is not None:
        raise click.UsageError("Give --project or --source, not both.")
    if listed:
        if name:
            raise click.UsageError("--list takes no NAME.")
        refuse_unused(ctx, "show", "file", "text", "source", "timeout", why="does not go with --list")
        return print_questions(operations.list_questions(open_project(folder)), lang, form, output, safe_csv=safe_csv)
    if sum(given is not None for given in (name, file, text)) != 1:
        raise click.UsageError("Give one of NAME, --file or --text; glocal query --list names the questions.")
    if show:
        refuse_unused(ctx, "form", "timeout", "safe_csv", why="does not go with --show")
    elif safe_csv and form != "csv":
        refuse_unused(ctx, "safe_csv", why="goes with --format csv")
    guard_inputs(output, file, Path(source) if source else None)
    asked_of, prefixes = open_source(source, folder, timeout)
    if name is not None:
        asked = operations.bind_question(asked_of, name, read_values(values))
    else:
        asked = text if text is not None else read_text(file)
    if show:
        return write_result(asked if asked.endswith("\n") else asked + "\n", output)
    answer = operations.ask(asked_of, asked, timeout=timeout)
    if not len(answer) or answer.truth is False:
        if not isinstance(asked_of, str):
            print_problems(operations.explain_empty(asked_of, asked))
        if answer.truth is None:
            print_note("No results.")
    print_answer(answer, form, output, prefixes, safe_csv=safe_csv)
    return ctx.exit(1) if answer.truth is False else None


def read_values(words: tuple[str, ...]) -> dict[str, str]:
    """Read words PARAMETER=VALUE."""
    odd = [word for word in words if "=" not in word]
    if odd:
        raise click.UsageError(f"{odd[0]!r} is not PARAMETER=VALUE; glocal query --list shows the parameters.")
    return dict(word.split("=", 1) for word in words)


def open_source(
    source: str | None, folder: Path | None, timeout: int
) -> tuple[operations.Build | Dataset | str, Mapping[str, str]]:
    """Open what is asked: an endpoint's address, a file of RDF, or the project with its ontology and other sources.

    The prefixes that need no declaration come with it.
    """
    from glocal_rdf import operations
    from glocal_rdf.triples.datasets import Dataset
    from glocal_rdf.triples.prefixes import WELL_KNOWN

    if source is not None:
        from glocal_rdf.endpoint import is_address

        if is_address(source):
            return source, WELL_KNOWN
        dataset = Dataset.read(Path(source), base=Path(source).resolve().as_uri())
        return dataset, {**WELL_KNOWN, **dataset.prefixes}
    built = operations.build(open_project(folder), timeout=timeout)
    print_problems(built.problems)
    return built, built.prefixes


def read_text(file: Path | None) -> str:
    """Read a query from a file or stdin."""
    from glocal_rdf import project
    from glocal_rdf.errors import QueryError

    if file is None or str(file) == "-":
        try:
            return read_stdin().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise QueryError.at("stdin", f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    return project.read_text(file)


def print_questions(
    questions: tuple[Question, ...], lang: str, form: str | None, output: Path | None, *, safe_csv: bool
) -> None:
    """Print questions with their parameters and defaults, as a table, CSV, TSV, JSON or Markdown."""
    from glocal_rdf.questions.answers import Answer
    from glocal_rdf.triples.terms import quote

    def parameters(question: Question) -> str:
        return " ".join(f"{parameter.name}={plain(parameter.default)}" for parameter in question.parameters)

    rows = [(question.group, question.name, question.title[lang], parameters(question)) for question in questions]
    if form in {None, "table"}:
        if output is not None and str(output) != "-":
            raise click.UsageError("A table is for the terminal; for a file use --format csv, tsv, json or markdown.")
        heads = {"en": ("group", "name", "question", "parameters"), "zh-Hant": ("類別", "名稱", "問題", "參數")}
        return print_table(heads[lang], rows)
    if form == "json":
        keys = ("group", "name", "question", "parameters")
        return print_json([dict(zip(keys, row, strict=True)) for row in rows], output)
    if form not in {"csv", "tsv", "markdown"}:
        raise click.UsageError(f"The list of questions cannot be written as {form}; use csv, tsv, json or markdown.")
    listed = Answer(("group", "name", "question", "parameters"), tuple(tuple(map(quote, row)) for row in rows))
    return write_result(guard_formulas(listed, safe_csv).serialize(form), output)


def plain(default: str) -> str:
    """Write a parameter's default as a person would give it: the slug of a thing, the text of a literal."""
    text = re.sub(r"<[^>]*[/#]([^/#>]+)>", r"\1", re.sub(r"\^\^(<[^>]*>|\S+)", "", default))
    return f"'{text.strip(chr(34))}'" if " " in text else text.strip('"')


def guard_formulas(answer: Answer, safe: bool) -> Answer:
    """Write an apostrophe before each text that a spreadsheet would run as a formula, if it is to be safe.

    Numbers stay as they are.
    """
    from dataclasses import replace

    from glocal_rdf.questions.answers import show
    from glocal_rdf.triples.terms import quote

    def guard(term: str | None) -> str | None:
        text = show(term) if term else ""
        return quote(f"'{text}") if FORMULA.match(text) and not NUMBER.fullmatch(text) else term

    return replace(answer, bindings=tuple(tuple(map(guard, row)) for row in answer.bindings)) if safe else answer


def print_answer(
    answer: Answer, form: str | None, output: Path | None, prefixes: Mapping[str, str], *, safe_csv: bool = False
) -> None:
    """Print an answer; in a table IRIs are written short."""
    chosen = form or ("turtle" if answer.triples is not None else "table")
    if chosen != "table":
        return write_result(guard_formulas(answer, safe_csv).serialize(chosen), output)
    if answer.triples is not None:
        raise click.UsageError("A graph is not a table; use --format turtle.")
    if output is not None and str(output) != "-":
        raise click.UsageError("A table is for the terminal; for a file use --format csv, tsv, json, xml or markdown.")
    if answer.truth is not None:
        return click.echo("yes" if answer.truth else "no")
    return print_table(answer.variables, [[abbreviate(cell, prefixes) for cell in row] for row in answer.rows()])
