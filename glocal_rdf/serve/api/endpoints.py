"""What can be asked, one definition for each: its name, its parameters, the type of its answer, and how it is answered.

The routes, the description (OpenAPI), the page for people and the tools for language models are made from these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from glocal_rdf.serve.api.answers import Answers
from glocal_rdf.serve.api.model import (
    ClassInfo,
    Contradiction,
    DatasetInfo,
    DocumentInfo,
    Fact,
    Hit,
    PageOf,
    QuestionAnswer,
    QuestionInfo,
    ThingAnswer,
    Value,
)
from glocal_rdf.serve.api.parameters import LANG, LIMIT, OFFSET, Parameter, read_parameters
from glocal_rdf.serve.api.problems import ProblemError

__all__ = ["ENDPOINTS", "QUESTION", "Endpoint", "answer_question", "question_parameters"]

Values = Mapping[str, Any]
MAX_CHOICES: Final = 20


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Something that can be asked.

    Attributes:
        name: Its name, which is the last part of its path.
        title: What it gives, in a few words.
        description: What it gives, in sentences.
        parameters: What it takes.
        answer: The type of its answer.
        call: Answers, given the values of all parameters, `lang` among them.
    """

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    answer: Any
    call: Callable[[Answers, Values], Any]


def _find(answers: Answers, word: str, name: str) -> str:
    """Return the IRI of what a word denotes.

    Raises:
        ProblemError: Where nothing or more than one thing fits.
    """
    found = answers.resolve(word)
    if not found:
        raise ProblemError(
            "not-found", f"nothing is called {word[:80]!r}; give an IRI, a slug or a name", parameter=name
        )
    if len(found) > 1:
        detail = f"{len(found)} things are called {word[:80]!r}; give the IRI of one"
        raise ProblemError("several-things", detail, choices=list(found[:MAX_CHOICES]))
    return found[0]


def _thing(answers: Answers, values: Values) -> ThingAnswer:
    iri = _find(answers, values["id"], "id")
    found = answers.thing(iri, values["lang"], offset=values["offset"], limit=values["limit"])
    if found is None:
        raise ProblemError("not-found", "nothing is stated about it; search for another name", parameter="id")
    return found


def _search(answers: Answers, values: Values) -> PageOf[Hit]:
    kinds = answers.resolve(values["kind"]) if "kind" in values else ()
    if "kind" in values and not kinds:
        raise ProblemError("not-found", f"no class is called {values['kind'][:80]!r}; list them", parameter="kind")
    page = {name: values[name] for name in ("offset", "limit")}
    return answers.search(values["q"], values["lang"], kinds=kinds, **page)


def _evidence(answers: Answers, values: Values) -> PageOf[Fact]:
    if "object" in values and "value" in values:
        raise ProblemError("wrong-value", "object and value exclude each other; give one", parameter="value")
    value = None
    if "object" in values:
        value = Value(type="iri", value=_find(answers, values["object"], "object"))
    elif "value" in values:
        value = Value(type="literal", value=values["value"])
    return answers.evidence(
        _find(answers, values["subject"], "subject"),
        values["lang"],
        predicate=_find(answers, values["predicate"], "predicate") if "predicate" in values else "",
        value=value,
        offset=values["offset"],
        limit=values["limit"],
    )


def _contradictions(answers: Answers, values: Values) -> PageOf[Contradiction]:
    subject = _find(answers, values["subject"], "subject") if "subject" in values else ""
    return answers.contradictions(values["lang"], subject=subject, offset=values["offset"], limit=values["limit"])


_WORD: Final = "An IRI, a CURIE, a slug such as `taipei`, or a name in any language."

ENDPOINTS: Final = (
    Endpoint(
        name="dataset",
        title="What is served",
        description="The title, licence and languages of the dataset.",
        parameters=(LANG,),
        answer=DatasetInfo,
        call=lambda answers, values: answers.dataset(values["lang"]),
    ),
    Endpoint(
        name="thing",
        title="A thing with every fact about it",
        description=(
            "Every fact about a thing, with the claims that say it, their documents, positions and ranks. "
            "Deprecated claims and views are there too, with `holds` false."
        ),
        parameters=(
            Parameter(name="id", kind="word", description=_WORD, required=True),
            LANG,
            OFFSET,
            LIMIT,
        ),
        answer=ThingAnswer,
        call=_thing,
    ),
    Endpoint(
        name="search",
        title="Things by words in their names and texts",
        description="Things whose names, descriptions or definitions have some words, what was probably meant first.",
        parameters=(
            Parameter(name="q", kind="text", description="The words, in any language.", required=True, most=500),
            Parameter(name="kind", kind="word", description="A class that the things have, inferred ones too."),
            LANG,
            OFFSET,
            Parameter(name="limit", kind="integer", description=LIMIT.description, default=10, least=1, most=100),
        ),
        answer=PageOf[Hit],
        call=_search,
    ),
    Endpoint(
        name="classes",
        title="The classes of things",
        description="The classes that things have, with how many each has, most frequent first.",
        parameters=(LANG,),
        answer=tuple[ClassInfo, ...],
        call=lambda answers, values: answers.classes(values["lang"]),
    ),
    Endpoint(
        name="questions",
        title="The questions that can be asked by name",
        description="The questions of the project, each with the values that it takes.",
        parameters=(LANG,),
        answer=tuple[QuestionInfo, ...],
        call=lambda answers, values: answers.questions(values["lang"]),
    ),
    Endpoint(
        name="evidence",
        title="The facts with a subject, and what they rest on",
        description="The facts with a subject, and with a predicate and a value where they are given.",
        parameters=(
            Parameter(name="subject", kind="word", description=_WORD, required=True),
            Parameter(name="predicate", kind="word", description="A property: an IRI, a CURIE, or its name."),
            Parameter(name="object", kind="word", description="The value, where it is a thing."),
            Parameter(name="value", kind="text", description="The value, where it is a text, a number or a date."),
            LANG,
            OFFSET,
            LIMIT,
        ),
        answer=PageOf[Fact],
        call=_evidence,
    ),
    Endpoint(
        name="contradictions",
        title="Where the sources disagree",
        description="Claims that cannot hold together, all sides of each, none left out.",
        parameters=(
            Parameter(name="subject", kind="word", description="What one of the claims is about."),
            LANG,
            OFFSET,
            LIMIT,
        ),
        answer=PageOf[Contradiction],
        call=_contradictions,
    ),
    Endpoint(
        name="documents",
        title="The documents that claims were read from",
        description="The documents with their licences and checksums, and whether they may be quoted.",
        parameters=(LANG,),
        answer=tuple[DocumentInfo, ...],
        call=lambda answers, values: answers.documents(values["lang"]),
    ),
)
"""What can be asked, but for the questions of the project."""

_OF_QUESTIONS: Final = (LANG, OFFSET, LIMIT)

QUESTION: Final = Endpoint(
    name="question",
    title="The answer to a question",
    description=(
        "The rows of the answer, and the facts that they rest on. The values of the question's parameters are given "
        "by their names; where a name is that of a parameter of all questions, it is written `value.NAME`."
    ),
    parameters=_OF_QUESTIONS,
    answer=QuestionAnswer,
    call=lambda answers, values: answer_question(answers, str(values["name"]), values),
)
"""A question of the project, whose name is the last part of the path."""


def question_parameters(question: QuestionInfo) -> dict[str, Parameter]:
    """Return the parameters of a question, by the names that they have there.

    Args:
        question: The question.

    Examples:
        >>> from glocal_rdf.serve.api.model import ParameterInfo
        >>> taken = (ParameterInfo(name="lang", kind="language", description="The language."),)
        >>> one = question_parameters(QuestionInfo(name="names", title="Names", parameters=taken))["lang"]
        >>> one.name, one.required
        ('value.lang', True)
    """
    reserved = {one.name for one in _OF_QUESTIONS}
    return {
        one.name: Parameter(
            name=f"value.{one.name}" if one.name in reserved else one.name,
            kind="word" if one.kind == "thing" else "text",
            description=one.description,
            required=not one.default,
        )
        for one in question.parameters
    }


def answer_question(answers: Answers, name: str, given: Mapping[str, Any]) -> QuestionAnswer:
    """Answer a question.

    Args:
        answers: What answers.
        name: Its name.
        given: The values of its parameters and of those of all questions, as they came.

    Raises:
        ProblemError: For an unknown question, and for parameters that are unknown, missing or wrong.
        QueryError: Where a value is not of its parameter's kind, or names nothing.
    """
    question = next((one for one in answers.questions("en") if one.name == name), None)
    if question is None:
        raise ProblemError(
            "not-found", f"there is no question {name[:80]!r}; list them with questions", parameter="name"
        )
    taken = question_parameters(question)
    values = read_parameters((*taken.values(), *_OF_QUESTIONS), given.items(), f"the question {name}")
    chosen = {one: str(values[parameter.name]) for one, parameter in taken.items() if parameter.name in values}
    return answers.ask(
        name, chosen, str(values.get("lang", "en")), offset=int(values["offset"]), limit=int(values["limit"])
    )
