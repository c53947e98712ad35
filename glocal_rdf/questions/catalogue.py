"""Questions in SPARQL with typed parameters: those that are bundled, and a project's own in `queries/`.

A question is a file `queries/NAME.rq`: a SPARQL query that stands by itself, with comments that say what it is.

    # title: The networks a city takes part in
    # title-zh: 城市參與的聯盟
    # description: ...
    # description-zh: ...
    # group: list
    # parameter: city thing The city, by name in either language

A parameter is a `VALUES ?city { ... }` block on a line of its own; what stands in its braces is the default. A value
given for it replaces the braces' content, written as an RDF term, so that no text can become a part of the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from glocal_rdf.errors import InputError, Problem, QueryError
from glocal_rdf.namespaces import XSD, term
from glocal_rdf.project import read_text
from glocal_rdf.sparql.grammar.mentions import find_iris
from glocal_rdf.spelling import join_choices, nearest
from glocal_rdf.vocabulary import GLOCAL

__all__ = ["Parameter", "Question", "bind", "find_question", "list_questions", "read_bundled", "read_questions"]

Kind = Literal["text", "thing", "integer", "year", "language"]
_HEADER = re.compile(r"#\s*([a-z-]+):\s*(.*\S)\s*$")


@dataclass(frozen=True)
class Parameter:
    """A value that a question asks for.

    Attributes:
        name: Its name, which is that of a variable.
        kind: What kind of value it is.
        description: What it means, in English.
        default: What stands in the query.
    """

    name: str
    kind: Kind
    description: str
    default: str


@dataclass(frozen=True)
class Question:
    """A question in SPARQL.

    Attributes:
        name: Its name.
        title: Its title by language tag.
        description: What it answers, by language tag.
        group: The group that it is listed in.
        parameters: The values that it asks for.
        text: The query, with the defaults of the parameters.
    """

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    group: str
    parameters: tuple[Parameter, ...]
    text: str


def list_questions() -> tuple[Question, ...]:
    """List the bundled questions, sorted by group and name."""
    return tuple(sorted(_read_bundled().values(), key=lambda question: (question.group, question.name)))


def fit_to_ontology(
    questions: Iterable[Question], known: Collection[str], namespaces: Iterable[str]
) -> tuple[Question, ...]:
    """Return the questions all of whose terms an ontology defines.

    Args:
        questions: Questions that use terms of the bundled ontology.
        known: What the ontology defines, as terms.
        namespaces: The namespaces that it prefers. Where one has terms of the same names as the bundled ontology has,
            the question uses these.
    """
    spaces = (GLOCAL, *namespaces)
    fit: list[Question] = []
    for question in questions:
        names = {iri.removeprefix(GLOCAL) for iri, _ in find_iris(question.text) if iri.startswith(GLOCAL)}
        space = next((space for space in spaces if all(term(space, name) in known for name in names)), None)
        if space is not None:
            fit.append(replace(question, text=question.text.replace(GLOCAL, space)))
    return tuple(fit)


def find_question(name: str, known: Sequence[Question] | None = None) -> Question:
    """Find a question by its name.

    Args:
        name: The name.
        known: The questions to look among; by default the bundled ones.

    Raises:
        QueryError: Where there is none, with the nearest names.
    """
    questions = _read_bundled() if known is None else {question.name: question for question in known}
    if name in questions:
        return questions[name]
    hint = join_choices(nearest(name, questions, cutoff=0.5), "list the questions with: glocal query --list")
    if name in _read_bundled():
        hint = "it uses terms that this project's ontology does not define"
    raise QueryError.at("query", f"there is no question {name!r} here", hint)


def read_questions(folder: Path) -> tuple[Question, ...]:
    """Read the questions of a folder, sorted by name; none where there is no folder.

    Raises:
        InputError: Where a file cannot be read.
        QueryError: With every comment that is wrong.
    """
    problems: list[Problem] = []
    found: list[Question] = []
    for file in sorted(folder.glob("*.rq")):
        try:
            found.append(_read_question(file.stem, read_text(file), str(file)))
        except (InputError, QueryError) as error:
            problems += error.problems
    if problems:
        raise QueryError.of(problems)
    return tuple(found)


def bind(question: Question, values: Mapping[str, str], resolve: Callable[[str], Sequence[str]]) -> str:
    """Return the SPARQL text of a question with values for its parameters.

    Args:
        question: The question.
        values: The values by parameter; a parameter without one keeps its default.
        resolve: Returns the IRIs that a word may mean, for parameters of kind `thing`.

    Raises:
        QueryError: For a parameter that is not the question's, and for a value that is not of its kind.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    problems = [
        Problem(question.name, f"has no parameter {name!r}", f"it takes {', '.join(known) or 'none'}")
        for name in values
        if name not in known
    ]
    text = question.text
    for name, value in values.items():
        if name not in known:
            continue
        try:
            block = _terms(known[name], value, resolve)
        except ValueError as error:
            problems.append(Problem(question.name, f"{name}: {value!r} {error}", known[name].description))
            continue
        text = _block(name).sub(lambda match, block=block: f"{match[1]} {block} {match[3]}", text)  # type: ignore[misc]
    if problems:
        raise QueryError.of(problems)
    return text


def read_bundled(name: str) -> Question | None:
    """Read one bundled question; None where there is none of the name."""
    entry = files("glocal_rdf") / "questions" / f"{name}.rq"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not entry.is_file():
        return None
    return _read_question(name, entry.read_text(encoding="utf-8"), entry.name)


@cache
def _read_bundled() -> dict[str, Question]:
    folder = files("glocal_rdf") / "questions"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".rq")), key=lambda entry: entry.name)
    return {
        entry.name[:-3]: _read_question(entry.name[:-3], entry.read_text(encoding="utf-8"), entry.name)
        for entry in found
    }


def _read_question(name: str, text: str, where: str) -> Question:
    """Read the comments of a question.

    Raises:
        QueryError: Where one is wrong.
    """
    header: dict[str, str] = {}
    parameters: list[Parameter] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _HEADER.match(line)
        if not match:
            continue
        if match[1] != "parameter":
            header[match[1]] = match[2]
            continue
        variable, kind, about = (*match[2].split(maxsplit=2), "", "")[:3]
        block = _block(variable).search(text)
        if kind not in get_args(Kind):
            what = f"parameter {variable}: {kind!r} is not a kind of value"
            problems.append(Problem(f"{where}:{number}", what, f"write {', '.join(get_args(Kind))}"))
        elif block is None:
            what = f"parameter {variable}: the query has no line VALUES ?{variable} {{ … }}"
            problems.append(Problem(f"{where}:{number}", what, "write it on a line of its own"))
        else:
            parameters.append(Parameter(variable, kind, about, block[2].strip()))
    if problems:
        raise QueryError.of(problems)
    title = {"en": header.get("title", name), "zh-Hant": header.get("title-zh", header.get("title", name))}
    about_it = {
        "en": header.get("description", ""),
        "zh-Hant": header.get("description-zh", header.get("description", "")),
    }
    return Question(name, title, about_it, header.get("group", ""), tuple(parameters), text)


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf"^(\s*VALUES \?{re.escape(name)} \{{)(.*)(\}})[ \t]*$", re.MULTILINE)


def _terms(parameter: Parameter, value: str, resolve: Callable[[str], Sequence[str]]) -> str:
    """Write a value as terms of SPARQL.

    Args:
        parameter: The parameter.
        value: The value.
        resolve: Returns the IRIs that a word may mean.

    Raises:
        ValueError: Where the value is not of the parameter's kind; its message completes a sentence about the value.
    """
    from pyoxigraph import Literal as RdfLiteral  # noqa: PLC0415 - only questions with values need it
    from pyoxigraph import NamedNode  # noqa: PLC0415

    if parameter.kind == "thing":
        things = resolve(value)
        if not things:
            raise ValueError("names nothing in the data")
        return " ".join(str(NamedNode(thing)) for thing in things)
    if parameter.kind == "integer":
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
            raise ValueError("is not a whole number")
        return str(int(value))
    if parameter.kind == "year":
        if not re.fullmatch(r"-?[0-9]{4}", value):
            raise ValueError("is not a year of four digits")
        return str(RdfLiteral(value, datatype=NamedNode(XSD + "gYear")))
    if parameter.kind == "language" and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", value):
        raise ValueError("is not a language tag such as en or zh-Hant")
    return str(RdfLiteral(value))
