"""Queries a project, a graph, a dataset or an endpoint with SPARQL, or with a question by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf.dataset import Build
from glocal_rdf.errors import Problem, QueryError
from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.questions import answers
from glocal_rdf.questions.answers import Answer
from glocal_rdf.search.labels import resolve_name_or_raise
from glocal_rdf.sparql.execution.process import TIMEOUT
from glocal_rdf.sparql.grammar.mentions import find_graphs, order_variables
from glocal_rdf.sparql.grammar.tokens import add_prefixes, names_graphs
from glocal_rdf.sparql.messages import check_prefixes
from glocal_rdf.sparql.policy import check_form, check_query
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset
from glocal_rdf.triples.terms import quote, unquote

if TYPE_CHECKING:
    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.project import Project
    from glocal_rdf.questions.catalogue import Question

__all__ = [
    "QUESTION_COLUMNS",
    "ask",
    "bind_question",
    "check_questions",
    "check_timeout",
    "count_left_out",
    "escape_formulas",
    "find_question",
    "list_prefixes",
    "list_questions",
    "list_replaced",
    "open_source",
    "tabulate_questions",
]

MAX_TIMEOUT = 86_400
"""The longest time limit of a query, in seconds: a day."""

QUESTION_COLUMNS = ("group", "name", "question", "parameters", "origin")
"""The columns of a list of questions."""

_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a text begins that a spreadsheet may run as a formula; the full-width forms of the signs count too."""

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def list_questions(project: Project | None = None) -> tuple[Question, ...]:
    """List the questions for a project: its own (`queries/*.rq`), and the bundled ones that fit its ontology.

    A bundled question fits if the project's ontology defines every term of the bundled ontology that it uses, or has
    terms of the same names in one namespace of its own, which the question then uses, and if its ontology and
    descriptions have the other terms. General questions fit every project. Of two with one name the project's is used.
    Without a project all bundled questions are listed.

    Raises:
        InputError: Where a file cannot be read.
        QueryError: Where the comments of a file have a mistake.
    """
    from glocal_rdf.questions import catalogue  # noqa: PLC0415 - only questions with a name need it

    bundled = catalogue.list_questions()
    if project is None:
        return bundled
    from glocal_rdf.operations.fitting_questions import choose_fitting, list_ontology_terms  # noqa: PLC0415 - only questions with a name

    own = catalogue.read_questions(project.root / "queries")
    fit = choose_fitting(bundled, list_ontology_terms(project), project)
    chosen = {question.name: question for question in (*fit, *own)}
    return tuple(sorted(chosen.values(), key=lambda question: (question.group, question.name)))


def check_questions(questions: Sequence[Question]) -> tuple[Problem, ...]:
    """Return warnings of comments of questions that have no effect."""
    return tuple(problem for question in questions for problem in question.problems)


def list_replaced(questions: Sequence[Question]) -> tuple[str, ...]:
    """Return the names of a project's questions that are used in place of bundled ones of the same names."""
    from glocal_rdf.questions import catalogue  # noqa: PLC0415 - only questions with a name need it

    return tuple(one.name for one in questions if one.file and catalogue.read_bundled(one.name))


def bind_question(
    source: Build | Triples | Dataset | str,
    name: str | Question,
    values: Mapping[str, str],
    *,
    complete: bool = True,
) -> str:
    """Return the SPARQL text of a question with values for its parameters.

    Args:
        source: What is queried, in which values are looked up: a build, a graph, a dataset, or an endpoint's address.
        name: The name of a question of the project, or of a bundled one; or a question that was found by its name.
        values: The values by parameter. A thing is a slug, a CURIE, an IRI or a name; for an endpoint, an IRI.
        complete: Whether a parameter without a default must have a value.

    Raises:
        QueryError: For an unknown question, parameter or thing, for a parameter that needs a value, and for a question
            with SERVICE, since somebody who uses it by its name cannot see that another server is called.
    """
    from glocal_rdf.questions import catalogue  # noqa: PLC0415 - only questions with a name need it

    def resolve(word: str) -> list[str]:
        if isinstance(source, str):
            from glocal_rdf.endpoint import is_address  # noqa: PLC0415 - slow to import

            return [word.strip("<>")] if is_address(word.strip("<>")) else []
        if isinstance(source, Dataset):
            return resolve_name_or_raise(source.default, word, list_prefixes(source))
        graph = source if isinstance(source, Triples) else source.with_ontology
        return resolve_name_or_raise(graph, word, list_prefixes(source))

    question = find_question(source, name) if isinstance(name, str) else name
    check_query(question.text)
    return catalogue.bind(question, values, resolve, complete=complete)


def count_left_out(
    source: Build | Triples | Dataset | str, question: Question, *, timeout: float = TIMEOUT
) -> tuple[int, str] | None:
    """Count what the answer to a question leaves out: the rows of the question that lists it.

    Args:
        source: What is queried.
        question: The question.
        timeout: The seconds that the query may take.

    Returns:
        The number, and the name of the question that lists them; None where the question names none.

    Raises:
        QueryError: Where there is no question of the name, or where it needs a value.
    """
    if not question.leaves_out:
        return None
    text = bind_question(source, question.leaves_out, {})
    return len(ask(source, text, timeout=timeout)), question.leaves_out


def find_question(source: Build | Triples | Dataset | str, name: str) -> Question:
    """Return the question that has a name in what is queried.

    Args:
        source: What is queried.
        name: The name of a question of the project, or of a bundled one whose terms of the Glocal ontology the
            project's ontology has.

    Raises:
        QueryError: Where there is no such question, with the nearest names.
    """
    from glocal_rdf.operations.fitting_questions import forget_foreign_defaults  # noqa: PLC0415 - only names need it
    from glocal_rdf.questions import catalogue  # noqa: PLC0415

    if isinstance(source, (Triples, Dataset, str)):
        return catalogue.find_question(name, list_questions())
    own = {question.name: question for question in catalogue.read_questions(source.project.root / "queries")}
    if name in own:
        return own[name]
    bundled = catalogue.read_bundled(name)
    found = bundled and next(iter(catalogue.fit_to_ontology([bundled], *source.defined_terms)), None)
    if found:
        return forget_foreign_defaults(found, source.project)
    return catalogue.find_question(name, list_questions(source.project))


def ask(
    source: Build | Triples | Dataset | str,
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Answer:
    """Evaluate a SPARQL query.

    The default graph of a build has its data and its ontology; the graphs of other sources are named graphs, which only
    a query with `GRAPH` or `FROM` sees. `SELECT *` returns the variables in the order in which the query has them.

    Args:
        source: What is queried: a build, a graph, a dataset, or the address of a SPARQL endpoint.
        text: The query.
        prefixes: Prefixes that the query need not declare; by default those of the source and the well-known ones.
        timeout: The seconds that the query may take.

    Raises:
        QueryError: Where the query has a mistake, is an update, or takes too long.
        EndpointError: Where the endpoint does not answer.

    Examples:
        >>> ask(Triples.parse("<urn:a> <urn:p> 1 .", "turtle"), "SELECT ?value { ?s ?p ?value }").rows()
        [('1',)]

    https://www.w3.org/TR/sparql11-query/
    """
    check_timeout(timeout)
    if prefixes is None:
        prefixes = list_prefixes(source)
    if isinstance(source, str):
        from glocal_rdf.endpoint import ask_endpoint  # noqa: PLC0415 - slow to import

        # A query of one's own may have the endpoint call other servers (SERVICE); nothing else is called from here.
        check_form(text)
        check_prefixes(text, prefixes)
        data, form = ask_endpoint(source, add_prefixes(text, prefixes), timeout=timeout)
        answer = answers.read_answer(data, form, source)
    elif isinstance(source, Triples):
        answer = answers.ask(source, text, prefixes=prefixes, timeout=timeout)
    elif isinstance(source, Dataset):
        store = getattr(source, "store", None)
        default = None if store else source.default
        answer = answers.ask(default, text, source.named, store, prefixes=prefixes, timeout=timeout)
    else:
        graphs = names_graphs(text) or bool(find_graphs(text))
        named = source.named_graphs if graphs else None
        # The store of the named graphs is only queried, and needs no lease.
        with nullcontext(source.dataset_store) if graphs else source.share_store() as store:
            answer = answers.ask(None, text, named, store, prefixes=prefixes, timeout=timeout)
    order = order_variables(text, answer.variables)
    if order == list(range(len(order))):
        return answer
    rows = tuple(tuple(row[at] for at in order) for row in answer.bindings)
    return replace(answer, variables=tuple(answer.variables[at] for at in order), bindings=rows)


def list_prefixes(source: Build | Triples | Dataset | str) -> Mapping[str, str]:
    """Return the prefixes that a query need not declare: those of the source, and the well-known ones."""
    if isinstance(source, (Triples, str)):
        return WELL_KNOWN
    return {**WELL_KNOWN, **source.prefixes} if isinstance(source, Dataset) else source.query_prefixes


def check_timeout(timeout: float) -> None:
    """Check a time limit.

    Raises:
        QueryError: Where it is not a number of seconds between 0 and a day.
    """
    if not 0 < timeout <= MAX_TIMEOUT:
        raise QueryError.at(
            "timeout", f"{timeout:g} is not a number of seconds", f"give a number above 0, up to {MAX_TIMEOUT}"
        )


def open_source(source: str, cache: Cache | None = None) -> Dataset | str:
    """Return an endpoint's address as it is, or open a file of RDF.

    Args:
        source: The address, or the name of the file.
        cache: Where the store of a large file is kept for the next query.

    Raises:
        InputError: Where the file cannot be read.
    """
    from glocal_rdf.endpoint import is_address  # noqa: PLC0415 - slow to import

    if is_address(source):
        return source
    from glocal_rdf.operations.stored_source import open_dataset  # noqa: PLC0415 - only files need it

    return open_dataset(Path(source), cache)


def tabulate_questions(questions: Sequence[Question], lang: str = "en") -> list[tuple[str, ...]]:
    """Return a row for each question, with the columns `QUESTION_COLUMNS`.

    Parameters are shown with their defaults, and the origin is a project's file or `bundled`.
    """

    def parameters(question: Question) -> str:
        return " ".join(f"{parameter.name}={_show_default(parameter.default)}" for parameter in question.parameters)

    return [
        (
            question.group,
            question.name,
            pick(question.title, lang),
            parameters(question),
            f"queries/{Path(question.file).name}" if question.file else "bundled",
        )
        for question in questions
    ]


def _show_default(default: str) -> str:
    """Write a parameter's default as it is given on the command line: the slug of a thing, the text of a literal.

    Examples:
        >>> _show_default("<https://w3id.org/glocal/id/place/taipei>"), _show_default('"1990"^^xsd:gYear')
        ('taipei', '1990')
    """
    text = re.sub(r"<[^>]*[/#]([^/#>]+)>", r"\1", re.sub(r"\^\^(<[^>]*>|\S+)", "", default))
    return f"'{text.strip(chr(34))}'" if " " in text else text.strip('"')


def escape_formulas(answer: Answer) -> Answer:
    """Write an apostrophe before each text that a spreadsheet would run as a formula; numbers stay as they are.

    Examples:
        >>> escape_formulas(Answer(("name",), (('"=1+1"',), ('"-1"',)))).rows()
        [("'=1+1",), ('-1',)]
    """

    def escape(term: str | None) -> str | None:
        text = unquote(term) if term else ""
        return quote(f"'{text}") if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else term

    return replace(answer, bindings=tuple(tuple(map(escape, row)) for row in answer.bindings))
