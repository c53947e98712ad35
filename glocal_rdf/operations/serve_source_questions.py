"""Questions by name for a store: which of the bundled ones fit it, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import term
from glocal_rdf.operations.answer_questions import describe_question, tabulate
from glocal_rdf.operations.query import ask, list_questions
from glocal_rdf.questions import catalogue
from glocal_rdf.questions.answers import Answer
from glocal_rdf.serve.api.model import PageOf, QuestionAnswer, Resource, Row
from glocal_rdf.serve.api.values import make_value
from glocal_rdf.serve.source.naming import find_described
from glocal_rdf.sparql.grammar.mentions import find_iris
from glocal_rdf.sparql.grammar.tokens import add_prefixes
from glocal_rdf.vocabulary import GLOCAL

if TYPE_CHECKING:
    from glocal_rdf.operations.serve_source import Source
    from glocal_rdf.questions.catalogue import Question
    from glocal_rdf.serve.source.asking import Session

__all__ = ["evaluate", "find_questions", "write_answer"]

NOTE = "the facts behind the rows are not traced in a store; ask for the evidence of a thing"


def find_questions(source: Source, session: Session) -> Mapping[str, Question]:
    """Return the bundled questions whose terms a store describes, by name.

    Args:
        source: The source.
        session: Asks it.

    Raises:
        QueryError: Where the store takes too long.
        EndpointError: Where it does not answer as it should.
    """
    questions, namespaces = list_questions(), tuple(source.namespaces.values())
    iris = {iri for question in questions for iri, _ in find_iris(question.text) if iri.startswith(GLOCAL)}
    terms = [term(space, iri.removeprefix(GLOCAL)) for space in (GLOCAL, *namespaces) for iri in sorted(iris)]
    fit = catalogue.fit_to_ontology(questions, find_described(session, source.layout, terms), namespaces)
    return {question.name: question for question in fit}


def evaluate(source: Source, text: str, prefixes: Mapping[str, str], timeout: float) -> Answer:
    """Evaluate the query of a question.

    Args:
        source: The source.
        text: The query.
        prefixes: Prefixes that it need not declare.
        timeout: The seconds that it may take.

    Raises:
        QueryError: Where it takes too long.
        EndpointError: Where the endpoint does not answer as it should.
    """
    if source.address:
        return ask(source.address, text, prefixes=prefixes, timeout=timeout)
    if source.store is None:
        raise QueryError.at("question", "cannot be asked: the store is closed", "start the server again")
    result = source.store.query(add_prefixes(text, prefixes), limit=timeout, graphs=None)
    if result.form == "SELECT":
        return Answer(result.variables, tuple(result.rows()))
    return Answer(truth=result.truth) if result.form == "ASK" else Answer(triples=result.triples())


def write_answer(
    question: Question, text: str, found: Answer, part: tuple[int, int], named: Mapping[str, Resource], lang: str
) -> QuestionAnswer:
    """Write the answer to a question.

    Args:
        question: The question.
        text: The query that was evaluated.
        found: What it gave.
        part: How many of the first rows are left out, and how many are written at most.
        named: The names of what these rows mention, by term.
        lang: The language of texts.
    """
    variables, rows = tabulate(found)
    offset, limit = part
    items = tuple(
        Row(
            values={
                variable: make_value(cell, named[cell].label if cell in named else "")
                for variable, cell in zip(variables, row, strict=True)
                if cell is not None
            }
        )
        for row in rows[offset : offset + limit]
    )
    return QuestionAnswer(
        question=describe_question(question, lang),
        sparql=text,
        variables=variables,
        rows=PageOf(items=items, total=len(rows), offset=offset, limit=limit),
        truth=found.truth,
        traced=False,
        note=NOTE,
    )
