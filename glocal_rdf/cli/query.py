"""`glocal query`: bundled questions and one's own, of the project, a file or an endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.terminal import (
    lang_option,
    open_project,
    output_option,
    print_table,
    project_option,
    say,
    tell_problems,
    write_result,
)

if TYPE_CHECKING:
    from glocal_rdf.query import Answer, Question
    from glocal_rdf.triples import Triples

FORMATS = ("table", "csv", "tsv", "json", "xml", "markdown", "turtle", "ntriples", "jsonld", "rdfxml")


@click.command("query")
@click.argument("name", required=False)
@click.argument("values", nargs=-1, metavar="[PARAMETER=VALUE]...")
@project_option
@click.option("--list", "listed", is_flag=True, help="List the bundled questions.")
@click.option("--show", is_flag=True, help="Print the SPARQL instead of asking it.")
@click.option("--file", "file", type=click.Path(path_type=Path), help="Ask the SPARQL query in a file; - is stdin.")
@click.option("--text", help="Ask this SPARQL query.")
@click.option("--source", metavar="FILE|URL", help="Ask a file of RDF or a SPARQL endpoint instead of the project.")
@click.option("--timeout", type=click.IntRange(1, 3600), default=60, show_default=True, help="Seconds an endpoint may take.")
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), help="Default: table, or turtle for a graph.")
@lang_option
@output_option
def command(
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
    """Ask the graph a question: a bundled one by NAME, or your own SPARQL.

    \b
    Examples:
      glocal query --list
      glocal query networks-of-city city=臺北
      glocal query networks-founded from=1990 to=1999 -f csv -o nineties.csv
      glocal query --text 'SELECT * { ?s a org:Organization } LIMIT 5'
      glocal query --file mine.rq --source https://example.org/sparql

    Values are given as words, names or numbers; they can never become a part of the query. A question whose answer the
    documents do not give returns nothing, and says so.
    """
    from glocal_rdf import query

    if listed:
        if name:
            raise click.UsageError("--list takes no NAME.")
        return print_questions(query.list_questions(), lang)
    if sum(given is not None for given in (name, file, text)) != 1:
        raise click.UsageError("Give one of NAME, --file or --text; glocal query --list names the bundled questions.")
    graph = None if source else open_graph(folder)
    if name is None:
        if values:
            raise click.UsageError("Only bundled questions take parameters.")
        asked = text if text is not None else read_text(file)
    else:
        asked = bind(query.find_question(name), values, graph or read_graph(source))
    if show:
        return write_result(asked if asked.endswith("\n") else asked + "\n", output)
    answer = ask(asked, graph, source, timeout)
    return print_answer(answer, form, output)


def bind(question: Question, values: tuple[str, ...], graph: Triples | None) -> str:
    """Write a bundled question's SPARQL with the values given as words PARAMETER=VALUE."""
    from glocal_rdf import query, triples
    from glocal_rdf.names import name_things_or_fail

    odd = [value for value in values if "=" not in value]
    if odd:
        takes = ", ".join(f"{parameter.name}=…" for parameter in question.parameters) or "no parameters"
        raise click.UsageError(f"{odd[0]!r} is no PARAMETER=VALUE; {question.name} takes {takes}.")
    given = dict(value.split("=", 1) for value in values)

    def resolve(word: str) -> list[str]:
        if graph is None:
            return [word.strip("<>")] if "://" in word else []
        return name_things_or_fail(graph, word, triples.PREFIXES)

    return query.bind(question, given, resolve)


def open_graph(folder: Path | None) -> Triples:
    """Build the project's graph, with the ontology, to ask it."""
    from glocal_rdf import verbs

    built = verbs.build(open_project(folder))
    tell_problems(built.problems)
    return built.with_ontology


def read_graph(source: str | None) -> Triples | None:
    """Read a file as the source; an endpoint is not read."""
    from glocal_rdf.endpoint import is_address
    from glocal_rdf.triples import Triples

    return None if source is None or is_address(source) else Triples.read(Path(source))


def ask(text: str, graph: Triples | None, source: str | None, timeout: int) -> Answer:
    """Ask the graph, or the endpoint that `source` names."""
    from glocal_rdf import query, triples
    from glocal_rdf.endpoint import ask_endpoint, is_address

    asked = query.add_prefixes(text, triples.PREFIXES)
    if source is not None and is_address(source):
        return query.read_answer(*ask_endpoint(source, asked, timeout=timeout))
    if graph is None:
        graph = read_graph(source)
    if graph is None:
        raise click.UsageError("There is nothing to ask.")
    return query.ask(graph, asked)


def read_text(file: Path | None) -> str:
    """Read a query from a file or stdin."""
    from glocal_rdf import project

    if file is None or str(file) == "-":
        return click.get_text_stream("stdin", encoding="utf-8").read()
    return project.read_text(file)


def print_questions(questions: tuple[Question, ...], lang: str) -> None:
    """Print the bundled questions with their parameters and defaults."""

    def parameters(question: Question) -> str:
        return " ".join(f"{parameter.name}={parameter.default}" for parameter in question.parameters)

    rows = [(question.group, question.name, question.title[lang], parameters(question)) for question in questions]
    heads = {"en": ("group", "name", "question", "parameters"), "zh-Hant": ("類別", "名稱", "問題", "參數")}
    print_table(heads[lang], rows)


def print_answer(answer: Answer, form: str | None, output: Path | None) -> None:
    """Print an answer, and say so where it is empty."""
    if answer.triples is None and answer.truth is None and not len(answer):
        say("no answer: the data does not say")
    chosen = form or ("turtle" if answer.triples is not None else "table")
    if chosen != "table":
        return write_result(answer.serialize(chosen), output)
    if answer.triples is not None:
        raise click.UsageError("A graph is no table; use --format turtle.")
    if output is not None and str(output) != "-":
        raise click.UsageError("A table is for the terminal; for a file use --format csv, tsv, json, xml or markdown.")
    if answer.truth is not None:
        return click.echo("yes" if answer.truth else "no")
    return print_table(answer.variables, answer.rows())
