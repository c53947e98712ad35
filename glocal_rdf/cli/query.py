"""`glocal query`: bundled questions, the project's, and one's own, of the project, a file or an endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.formats import FormatName
from glocal_rdf.cli.terminal import (
    lang_option,
    open_project,
    output_option,
    print_table,
    project_option,
    read_stdin,
    say,
    tell_problems,
    write_result,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glocal_rdf import verbs
    from glocal_rdf.query import Answer
    from glocal_rdf.questions import Question
    from glocal_rdf.triples.datasets import Dataset

FORMATS = ("table", "csv", "tsv", "json", "xml", "markdown", "turtle", "ntriples", "jsonld", "rdfxml")


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

    Exit code 0: answered; 1: the answer to an ASK query is no; 2: could not be asked, or took longer than --timeout.
    """
    from glocal_rdf import verbs

    if source is not None and folder is not None:
        raise click.UsageError("Give --project or --source, not both.")
    if listed:
        if name or file or text or source or show or form or output:
            raise click.UsageError("--list takes no NAME and no other option than --project and --lang.")
        return print_questions(verbs.list_questions(open_project(folder)), lang)
    if sum(given is not None for given in (name, file, text)) != 1:
        raise click.UsageError("Give one of NAME, --file or --text; glocal query --list names the questions.")
    if show and form:
        raise click.UsageError("--show prints SPARQL, which has no --format.")
    asked_of, prefixes = open_source(source, folder, timeout)
    if name is not None:
        asked = verbs.bind_question(asked_of, name, read_values(values))
    else:
        asked = text if text is not None else read_text(file)
    if show:
        return write_result(asked if asked.endswith("\n") else asked + "\n", output)
    answer = verbs.ask(asked_of, asked, timeout=timeout)
    if not len(answer) or answer.truth is False:
        if not isinstance(asked_of, str):
            tell_problems(verbs.explain_empty(asked_of, asked))
        if answer.truth is None:
            say("No results.")
    print_answer(answer, form, output, prefixes)
    return ctx.exit(1) if answer.truth is False else None


def read_values(words: tuple[str, ...]) -> dict[str, str]:
    """Read words PARAMETER=VALUE."""
    odd = [word for word in words if "=" not in word]
    if odd:
        raise click.UsageError(f"{odd[0]!r} is not PARAMETER=VALUE; glocal query --list shows the parameters.")
    return dict(word.split("=", 1) for word in words)


def open_source(
    source: str | None, folder: Path | None, timeout: int
) -> tuple[verbs.Build | Dataset | str, Mapping[str, str]]:
    """Open what is asked: an endpoint's address, a file of RDF, or the project with its ontology and other sources.

    The prefixes that need no declaration come with it.
    """
    from glocal_rdf import verbs
    from glocal_rdf.triples.datasets import Dataset
    from glocal_rdf.triples.prefixes import WELL_KNOWN

    if source is not None:
        from glocal_rdf.endpoint import is_address

        if is_address(source):
            return source, WELL_KNOWN
        dataset = Dataset.read(Path(source), base=Path(source).resolve().as_uri())
        return dataset, {**WELL_KNOWN, **dataset.prefixes}
    built = verbs.build(open_project(folder), timeout=timeout)
    tell_problems(built.problems)
    return built, built.prefixes


def read_text(file: Path | None) -> str:
    """Read a query from a file or stdin."""
    from glocal_rdf import project
    from glocal_rdf.errors import QueryError

    if file is None or str(file) == "-":
        try:
            return read_stdin().decode()
        except UnicodeDecodeError as error:
            raise QueryError.at("stdin", f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    return project.read_text(file)


def print_questions(questions: tuple[Question, ...], lang: str) -> None:
    """Print questions with their parameters and defaults."""

    def parameters(question: Question) -> str:
        return " ".join(f"{parameter.name}={plain(parameter.default)}" for parameter in question.parameters)

    rows = [(question.group, question.name, question.title[lang], parameters(question)) for question in questions]
    heads = {"en": ("group", "name", "question", "parameters"), "zh-Hant": ("類別", "名稱", "問題", "參數")}
    print_table(heads[lang], rows)


def plain(default: str) -> str:
    """Write a parameter's default as a person would give it: the slug of a thing, the text of a literal."""
    import re

    text = re.sub(r"<[^>]*[/#]([^/#>]+)>", r"\1", re.sub(r"\^\^(<[^>]*>|\S+)", "", default))
    return f"'{text.strip(chr(34))}'" if " " in text else text.strip('"')


def print_answer(answer: Answer, form: str | None, output: Path | None, prefixes: Mapping[str, str]) -> None:
    """Print an answer; in a table IRIs are written short."""
    chosen = form or ("turtle" if answer.triples is not None else "table")
    if chosen != "table":
        return write_result(answer.serialize(chosen), output)
    if answer.triples is not None:
        raise click.UsageError("A graph is not a table; use --format turtle.")
    if output is not None and str(output) != "-":
        raise click.UsageError("A table is for the terminal; for a file use --format csv, tsv, json, xml or markdown.")
    if answer.truth is not None:
        return click.echo("yes" if answer.truth else "no")
    return print_table(answer.variables, [[abbreviate(cell, prefixes) for cell in row] for row in answer.rows()])


def abbreviate(cell: str, prefixes: Mapping[str, str]) -> str:
    """Write an IRI with the prefix of the longest namespace that it begins with; anything else as it is."""
    fits = [(namespace, prefix) for prefix, namespace in prefixes.items() if cell.startswith(namespace)]
    if not fits:
        return cell
    namespace, prefix = max(fits, key=lambda fit: len(fit[0]))
    return f"{prefix}:{cell[len(namespace) :]}"
