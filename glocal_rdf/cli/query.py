"""`glocal query`: bundled questions, the project's, and one's own SPARQL, on the project, a file or an endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.completing import complete_questions
from glocal_rdf.cli.options import (
    documents_option,
    format_option,
    lang_option,
    no_cache_option,
    open_cache,
    open_project,
    output_option,
    project_option,
    refuse_unused,
    source_option,
    timeout_option,
)
from glocal_rdf.cli.output import (
    print_json,
    print_note,
    print_problems,
    print_table,
    read_stdin,
    translate,
    without_open_decisions,
    write_result,
)
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.i18n import message, translatable
from glocal_rdf.namespaces import shorten
from glocal_rdf.triples.formats.registry import format_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.dataset import Build
    from glocal_rdf.operations.cached_build import BuildCache
    from glocal_rdf.questions.answers import Answer
    from glocal_rdf.questions.catalogue import Question
    from glocal_rdf.triples.datasets import Dataset

FORMATS = ("table", "csv", "tsv", "json", "xml", "markdown", *format_names(datasets=False))
GROUPS = {
    "aggregation": translatable("aggregation"),
    "bilingual": translatable("bilingual"),
    "conflict": translatable("conflict"),
    "general": translatable("general"),
    "list": translatable("list"),
    "lookup": translatable("lookup"),
    "multi-hop": translatable("multi-hop"),
    "negative": translatable("negative"),
    "provenance": translatable("provenance"),
    "quality": translatable("quality"),
    "time": translatable("time"),
}
"""The names of the groups that the bundled questions are in."""

HEADS = (
    translatable("group"),
    translatable("name"),
    translatable("question"),
    translatable("parameters"),
    translatable("origin"),
)


@click.command("query")
@click.argument("name", required=False, shell_complete=complete_questions)
@click.argument("values", nargs=-1, metavar="[PARAMETER=VALUE]...")
@project_option
@click.option(
    "--list",
    "listed",
    is_flag=True,
    help="List the project's own questions and the bundled ones that fit, with their origin.",
)
@click.option("--show", is_flag=True, help="Print the SPARQL text instead of evaluating it.")
@click.option(
    "--file", "file", type=click.Path(path_type=Path), help="Evaluate the SPARQL query in a file; - is stdin."
)
@click.option("--text", help="Evaluate this SPARQL query.")
@click.option(
    "--evidence",
    is_flag=True,
    help="Answer with what each row rests on: statements, claims, documents, positions, cells.",
)
@documents_option
@source_option
@timeout_option
@format_option(FORMATS, show_default="table, or turtle for a graph")
@click.option(
    "--safe-csv",
    is_flag=True,
    help="With csv: write ' before texts that a spreadsheet would run as formulas (they begin with = + - @).",
)
@lang_option
@output_option
@no_cache_option
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
    evidence: bool,
    documents: Path | None,
    source: str | None,
    timeout: int,
    form: str | None,
    safe_csv: bool,
    lang: str,
    output: Path | None,
    no_cache: bool,
) -> None:
    """Query the graph: with a bundled question or one of the project's by NAME, or with your own SPARQL.

    \b
    Examples:
      glocal query --list
      glocal query networks-of-city city=臺北
      glocal query networks-founded from=1990 to=1999 -f csv -o nineties.csv
      glocal query where-is place=臺北
      glocal query oldest-network --evidence --documents ../shared/documents
      glocal query --text 'SELECT * { ?s a org:Organization } LIMIT 5'
      glocal query --text 'SELECT * { GRAPH ?source { ?s gn:countryCode ?code } } LIMIT 5'
      glocal query --file mine.rq --source https://example.org/sparql

    Values are words, names or numbers; they can never become a part of the query. A query in queries/NAME.rq of the
    project is used by its NAME. Prefixes that the project's ontology declares need no declaration.

    The default graph has the data and the ontology, so counts are higher than those of export, which writes the data
    alone. Statements of other sources are in a named graph for each source: query them with GRAPH.

    Texts are exact in CSV. A spreadsheet runs those that begin with = + - or @ as formulas: open CSV of data that you
    do not trust with --safe-csv, or import all columns as text.

    With --evidence each row is followed to the statements that match the query's own pattern, and these to claims,
    passages and cells; what rules infer, to what it follows from. As json the answer can be checked off-line by
    verify_answer.py, against documents and a dump.

    Exit code 0: answered; 1: the answer to an ASK query is no, or a passage could not be quoted from --documents; 2:
    could not be answered, or not within --timeout.
    """
    from glocal_rdf.cli.evidence import check_evidence_options, print_evidence
    from glocal_rdf.files import refuse_overwriting
    from glocal_rdf.operations.query import (
        ask,
        bind_question,
        check_questions,
        find_question,
        list_questions,
        list_replaced,
    )

    if source is not None and folder is not None:
        raise click.UsageError("Give --project or --source, not both.")
    if listed:
        if name:
            raise click.UsageError("--list takes no NAME.")
        unused = ("show", "file", "text", "source", "timeout", "evidence", "documents")
        refuse_unused(ctx, *unused, why="does not go with --list")
        questions = list_questions(open_project(folder))
        print_problems(check_questions(questions))
        if names := list_replaced(questions):
            print_note(f"queries/: used in place of bundled questions of the same names: {', '.join(names)}")
        return print_questions(questions, lang, form, output, safe_csv=safe_csv)
    if sum(given is not None for given in (name, file, text)) != 1:
        raise click.UsageError("Give one of NAME, --file or --text; glocal query --list lists the questions.")
    if show:
        refuse_unused(ctx, "form", "timeout", "safe_csv", "evidence", "documents", why="does not go with --show")
    elif safe_csv and form != "csv":
        refuse_unused(ctx, "safe_csv", why="goes with --format csv")
    check_evidence_options(ctx, form, output, evidence=evidence)
    refuse_overwriting(output, file, Path(source) if source else None)
    from glocal_rdf.dataset import Build
    from glocal_rdf.operations.cached_build import BuildCache
    from glocal_rdf.operations.query_evidence import ask_with_evidence
    from glocal_rdf.operations.query_hints import find_tag_mistakes

    cache = open_cache(no_cache)
    builds = BuildCache(cache)
    opened, prefixes = open_data(source, folder, timeout, builds, cache)
    question = None
    if name is not None:
        question = find_question(opened, name)
        print_problems(check_questions([question]))
        query = bind_question(opened, question, read_values(values), complete=not show)
    else:
        query = text if text is not None else read_query(file)
    if show:
        return write_result(query if query.endswith("\n") else query + "\n", output)
    if evidence:
        with show_progress("querying and tracing"):
            found = ask_with_evidence(opened, query, timeout=timeout, documents=documents, question=name or "")
        if not len(found):
            note_no_results(opened, query, question, found.truth)
        note_left_out(opened, question, timeout, lang)
        ctx.exit(print_evidence(found, opened, prefixes, form, output, lang, documents))
    with show_progress("querying"):
        answer = ask(opened, query, timeout=timeout)
    if not len(answer) or answer.truth is False:
        note_no_results(opened, query, question, answer.truth)
    elif isinstance(opened, Build):
        # A tag in other letters empties a column, not the answer. The file of a large source is not read for it.
        print_problems(find_tag_mistakes(opened, query))
    print_answer(answer, form, output, prefixes, safe_csv=safe_csv)
    note_left_out(opened, question, timeout, lang)
    return ctx.exit(1) if answer.truth is False else None


def note_no_results(opened: Build | Dataset | str, query: str, question: Question | None, truth: bool | None) -> None:
    """Print that there are no results, and what in the query may be the reason.

    Args:
        opened: What was queried.
        query: The text of the query.
        question: The question that it is of.
        truth: The answer of an ASK.
    """
    from glocal_rdf.operations.query_hints import explain_empty_answer, explain_empty_endpoint

    # A general question names terms that a project may well lack.
    if not (question and question.general):
        if isinstance(opened, str):
            print_problems(explain_empty_endpoint(opened, query))
        else:
            print_problems(explain_empty_answer(opened, query))
    if truth is None:
        print_note("No results.")


def note_left_out(opened: Build | Dataset | str, question: Question | None, timeout: int, lang: str) -> None:
    """Print how much the answer to a question leaves out, and which question lists it.

    Args:
        opened: What was queried.
        question: The question.
        timeout: The seconds that the query may take.
        lang: The language of titles.
    """
    from glocal_rdf.i18n import pick
    from glocal_rdf.operations.query import count_left_out, find_question

    left_out = count_left_out(opened, question, timeout=timeout) if question else None
    if left_out is not None:
        number, name = left_out
        title = pick(find_question(opened, name).title, lang)
        print_note(f"Left out: {number} ({title}; glocal query {name} lists them).")


def read_values(words: tuple[str, ...]) -> dict[str, str]:
    """Read words PARAMETER=VALUE."""
    wrong = [word for word in words if "=" not in word]
    if wrong:
        raise click.UsageError(f"{wrong[0]!r} is not PARAMETER=VALUE; glocal query --list shows the parameters.")
    return dict(word.split("=", 1) for word in words)


def open_data(
    source: str | None, folder: Path | None, timeout: int, builds: BuildCache, cache: Cache | None
) -> tuple[Build | Dataset | str, Mapping[str, str]]:
    """Open what is queried, and return it with the prefixes that IRIs are shortened with.

    Args:
        source: A file or an address; None for a project.
        folder: The value of --project.
        timeout: The seconds that a rule of the project may take.
        builds: What opens the builds of projects.
        cache: Where the stores of large files are kept.
    """
    from glocal_rdf.operations.query import list_prefixes, open_source

    if source is not None:
        with show_progress("reading the source"):
            opened = open_source(source, cache)
        return opened, list_prefixes(opened)
    with show_progress("building the graph"):
        built = builds.keep(builds.open(open_project(folder), timeout=timeout), "store")
    print_problems(without_open_decisions(built.problems))
    return built, built.prefixes


def read_query(file: Path | None) -> str:
    """Read a query from a file or stdin.

    Raises:
        QueryError: Where stdin is not UTF-8.
        InputError: Where the file cannot be read.
    """
    from glocal_rdf.errors import QueryError
    from glocal_rdf.project import read_text

    if file is None or str(file) == "-":
        try:
            return read_stdin().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise QueryError.at("stdin", f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    return read_text(file)


def print_questions(
    questions: Sequence[Question], lang: str, form: str | None, output: Path | None, *, safe_csv: bool
) -> None:
    """Print questions with their parameters and defaults, as a table, CSV, TSV, JSON or Markdown.

    Args:
        questions: The questions.
        lang: The language of titles.
        form: The format; None for a table.
        output: The file to write; None for stdout.
        safe_csv: Whether what a spreadsheet would take for a formula is escaped in CSV.
    """
    from glocal_rdf.operations.query import QUESTION_COLUMNS, escape_formulas, tabulate_questions
    from glocal_rdf.questions.answers import Answer
    from glocal_rdf.triples.terms import quote

    rows = tabulate_questions(questions, lang)
    if form in {None, "table"}:
        if output is not None and str(output) != "-":
            raise click.UsageError("A table is for the terminal; for a file use --format csv, tsv, json or markdown.")
        named = [(message(lang, GROUPS.get(group, group)), *others) for group, *others in rows]
        return print_table(translate(HEADS, lang), named)
    if form == "json":
        return print_json([dict(zip(QUESTION_COLUMNS, row, strict=True)) for row in rows], output)
    if form not in {"csv", "tsv", "markdown"}:
        raise click.UsageError(f"The list of questions cannot be written as {form}; use csv, tsv, json or markdown.")
    listed = Answer(QUESTION_COLUMNS, tuple(tuple(map(quote, row)) for row in rows))
    return write_result((escape_formulas(listed) if safe_csv else listed).serialize(form), output)


def print_answer(
    answer: Answer, form: str | None, output: Path | None, prefixes: Mapping[str, str], *, safe_csv: bool = False
) -> None:
    """Print an answer; IRIs in a table are shortened.

    Args:
        answer: The answer.
        form: The format; None for a table, or for Turtle where the answer is a graph.
        output: The file to write; None for stdout.
        prefixes: Namespaces by prefix, by which IRIs are shortened.
        safe_csv: Whether what a spreadsheet would take for a formula is escaped in CSV.
    """
    from glocal_rdf.operations.query import escape_formulas

    chosen = form or ("turtle" if answer.triples is not None else "table")
    if chosen != "table":
        return write_result((escape_formulas(answer) if safe_csv else answer).serialize(chosen), output)
    if answer.triples is not None:
        raise click.UsageError("A graph is not a table; use --format turtle.")
    if output is not None and str(output) != "-":
        raise click.UsageError("A table is for the terminal; for a file use --format csv, tsv, json, xml or markdown.")
    if answer.truth is not None:
        return click.echo("yes" if answer.truth else "no")
    return print_table(answer.variables, [[_shorten_all(cell, prefixes) for cell in row] for row in answer.rows()])


def _shorten_all(cell: str, prefixes: Mapping[str, str]) -> str:
    """Shorten an IRI, or a list of them that spaces separate; any other cell stays as it is."""
    words = cell.split(" ")
    return " ".join(shorten(word, prefixes) for word in words) if all("://" in word for word in words) else cell
