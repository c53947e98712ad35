"""Answers the questions of a build by their names, each row with the facts that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from glocal_rdf.dataset import Build
from glocal_rdf.errors import QueryError
from glocal_rdf.i18n import pick
from glocal_rdf.operations.answer_facts import FactWriter
from glocal_rdf.operations.kept_answers import KeptAnswers
from glocal_rdf.operations.query import ask, bind_question, list_questions
from glocal_rdf.operations.query_evidence import ask_with_evidence
from glocal_rdf.serve.api.model import Fact, PageOf, ParameterInfo, QuestionAnswer, QuestionInfo, Row, Value

if TYPE_CHECKING:
    from glocal_rdf.questions.answers import Answer
    from glocal_rdf.questions.catalogue import Question

__all__ = ["QuestionAnswers", "describe_question", "tabulate"]

MAX_FACTS: Final = 1000
"""How many facts an answer to a question gives."""

MAX_SOLUTIONS: Final = 5000
"""Up to how many solutions behind the rows of an answer the facts are looked for."""


class QuestionAnswers:
    """The questions of a build, and their answers."""

    def __init__(self, built: Build, writer: FactWriter, kept: KeptAnswers, timeout: float) -> None:
        """Take a build.

        Args:
            built: The build.
            writer: Writes the facts.
            kept: Where answers are kept.
            timeout: The seconds that one query may take.
        """
        self._built = built
        self._writer = writer
        self._kept = kept
        self._timeout = timeout

    @cached_property
    def _known(self) -> Mapping[str, Question]:
        return {question.name: question for question in list_questions(self._built.project)}

    def list(self, lang: str) -> tuple[QuestionInfo, ...]:
        """List the questions, sorted by group and name.

        Args:
            lang: The language of titles and descriptions.
        """
        return tuple(describe_question(question, lang) for question in self._known.values())

    def ask(
        self, name: str, values: Mapping[str, str], lang: str, *, offset: int = 0, limit: int = 100
    ) -> QuestionAnswer:
        """Answer a question, with the facts that the rows rest on.

        Args:
            name: The name of the question.
            values: The values of its parameters.
            lang: The language of names in the answer.
            offset: How many of the first rows are left out.
            limit: How many rows are returned at most.

        Raises:
            QueryError: For an unknown question, for a value that is not of its parameter's kind, one that is missing,
                and where the answer takes too long.
        """
        question = self._known.get(name)
        if question is None:
            raise QueryError.at("question", f"there is no question {name[:80]!r}", "list the questions")
        text = bind_question(self._built, question, values)
        key = ("ask", text, lang, offset, limit)
        return self._kept.keep(
            key,
            lambda: self._answer(question, text, lang, offset, limit),
            lambda answer: len(answer.facts) + len(answer.rows.items),
        )

    def _answer(self, question: Question, text: str, lang: str, offset: int, limit: int) -> QuestionAnswer:
        found = ask(self._built, text, timeout=self._timeout)
        variables, bindings = tabulate(found)
        part = slice(offset, offset + limit)
        answer = QuestionAnswer(
            question=describe_question(question, lang),
            sparql=text,
            variables=variables,
            rows=PageOf(
                items=tuple(Row(values=self._values(variables, row, lang)) for row in bindings[part]),
                total=len(bindings),
                offset=offset,
                limit=limit,
            ),
            truth=found.truth,
        )
        try:
            traced = ask_with_evidence(self._built, text, timeout=self._timeout, part=part, most=MAX_SOLUTIONS)
        except QueryError as error:
            return replace(answer, traced=False, note=f"the evidence cannot be given: {error}")
        numbers = [row.statements() for row in traced.rows]
        wanted = list(dict.fromkeys(number for row in numbers for number in row))
        facts = self._writer.of_answer(traced, wanted[:MAX_FACTS], lang)
        places: dict[int, int] = {}
        listed: list[Fact] = []
        for fact in facts.values():
            if id(fact) not in places:
                places[id(fact)] = len(listed)
                listed.append(fact)
        at = {number: places[id(fact)] for number, fact in facts.items()}
        rows = tuple(
            Row(
                values=self._values(traced.variables, [one.values.get(name) for name in traced.variables], lang),
                facts=tuple(dict.fromkeys(at[number] for number in those if number in at)),
            )
            for one, those in zip(traced.rows, numbers, strict=True)
        )
        more = len(wanted) - len(facts)
        note = f"{more} of {len(wanted)} facts are not given; ask for fewer rows" if more else ""
        page = replace(answer.rows, items=rows, total=len(rows) if found.truth is not None else answer.rows.total)
        return replace(answer, variables=traced.variables, rows=page, facts=tuple(listed), traced=not more, note=note)

    def _values(self, variables: Sequence[str], row: Sequence[str | None], lang: str) -> dict[str, Value]:
        pairs = zip(variables, row, strict=True)
        return {name: self._writer.value(cell, lang) for name, cell in pairs if cell is not None}


def describe_question(question: Question, lang: str) -> QuestionInfo:
    """Describe a question.

    Args:
        question: The question.
        lang: The language of the texts.
    """
    return QuestionInfo(
        name=question.name,
        title=pick(question.title, lang),
        description=pick(question.description, lang),
        group=question.group,
        parameters=tuple(
            ParameterInfo(name=one.name, kind=one.kind, description=one.description, default=one.default)
            for one in question.parameters
        ),
    )


def tabulate(answer: Answer) -> tuple[tuple[str, ...], Sequence[Sequence[str | None]]]:
    """Return the variables and the rows of an answer; those of a graph are its triples, in order.

    Args:
        answer: The answer.
    """
    if answer.triples is not None:
        return ("subject", "predicate", "object"), list(answer.triples.sort())
    return answer.variables, answer.bindings
