"""Questions in SPARQL with typed parameters: those that are bundled, and a project's own in `queries/`.

A question is a file `queries/NAME.rq`: a SPARQL query that stands by itself, with comments that say what it is.

    # title: The networks a city takes part in
    # title-zh: 城市參與的聯盟
    # description: ...
    # description-zh: ...
    # group: list
    # leaves-out: networks-without-members
    # parameter: city thing The city, by name in either language

`title` and `description` are English; a language tag after them (`title-fr`) names another language, and `zh` stands
for `zh-Hant`. A parameter is a `VALUES ?city { ... }` block on a line of its own; what stands in its braces is the
default, and where nothing does, a value must be given. A value given for it replaces the braces' content, written as
an RDF term, so that no text can become a part of the query. `leaves-out` names a question without parameters that lists
what the answer leaves out, so that its number of rows can be given with the answer.

The questions in `general/` use no term of the bundled ontology and fit every project.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, cast, get_args

from glocal_rdf.errors import InputError, Problem, QueryError
from glocal_rdf.namespaces import XSD, term
from glocal_rdf.project import read_text
from glocal_rdf.sparql.grammar.mentions import find_iris
from glocal_rdf.spelling import join_choices, nearest
from glocal_rdf.vocabulary import GLOCAL

__all__ = [
    "Parameter",
    "Question",
    "bind",
    "find_question",
    "fit_to_ontology",
    "forget_default",
    "list_general_questions",
    "list_questions",
    "read_bundled",
    "read_questions",
    "strip_header",
]

Kind = Literal["text", "thing", "integer", "year", "language"]
_HEADER = re.compile(r"#\s*([A-Za-z][\w-]*):\s*(.*\S)\s*$")
_TEXTS = re.compile(r"(title|description)(?:-([a-z]{2,3}(?:-[a-z0-9]{1,8})*))?", re.IGNORECASE)
_KEYS = ("title", "title-zh", "description", "description-zh", "group", "leaves-out", "parameter")
_GENERAL = "general"


@dataclass(frozen=True)
class Parameter:
    """A value that a question asks for.

    Attributes:
        name: Its name, which is that of a variable.
        kind: What kind of value it is.
        description: What it means, in English.
        default: What stands in the query; empty where a value must be given.
    """

    name: str
    kind: Kind
    description: str
    default: str


@dataclass(frozen=True)
class Question:
    """A question, with title and description by language.

    Attributes:
        name: The name that it is asked by.
        title: What is asked, by language tag; there is always an English text.
        description: A longer explanation, by language tag.
        group: The group that it is listed in.
        parameters: The values that it takes.
        text: The SPARQL query with its comments.
        file: The file of a project's own question; empty for a bundled one.
        general: Whether it is a bundled question that fits every project.
        leaves_out: The name of the question that lists what the answer leaves out; empty where there is none.
        problems: Warnings of comments that have no effect.
    """

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    group: str
    parameters: tuple[Parameter, ...]
    text: str
    file: str = ""
    general: bool = False
    leaves_out: str = ""
    problems: tuple[Problem, ...] = field(default=(), compare=False)


def list_questions() -> tuple[Question, ...]:
    """List the bundled questions, the general ones among them, sorted by group and name."""
    return tuple(sorted(_read_bundled().values(), key=lambda question: (question.group, question.name)))


def list_general_questions() -> tuple[Question, ...]:
    """List the bundled questions that fit every project, sorted by name; their texts can be copied into a project."""
    return tuple(question for question in list_questions() if question.general)


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
            found.append(replace(_read_question(file.stem, read_text(file), str(file)), file=str(file)))
        except (InputError, QueryError) as error:
            problems += error.problems
    if problems:
        raise QueryError.of(problems)
    return tuple(found)


def bind(
    question: Question, values: Mapping[str, str], resolve: Callable[[str], Sequence[str]], *, complete: bool = True
) -> str:
    """Write the question's SPARQL with values for its parameters.

    Args:
        question: The question.
        values: Values by the name of their parameter.
        resolve: Returns the IRIs that a word may mean, for parameters of kind `thing`.
        complete: Whether a parameter that has neither a value nor a default is an error.

    Raises:
        QueryError: For a parameter that is not the question's, one that needs a value, and a value that is not of its
            kind.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    problems = [
        Problem(
            question.name,
            f"has no parameter {name!r}",
            join_choices(nearest(name, known), f"it takes {', '.join(known) or 'none'}"),
        )
        for name in values
        if name not in known
    ]
    if complete:
        problems += [
            Problem(question.name, f"{name}: needs a value ({parameter.description})", f"write {name}=VALUE")
            for name, parameter in known.items()
            if not parameter.default and name not in values
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


def forget_default(question: Question, name: str) -> Question:
    """Return a question that needs a value for a parameter, instead of having a default."""
    text = _block(name).sub(lambda match: f"{match[1]} {match[3]}", question.text)
    parameters = tuple(replace(one, default="") if one.name == name else one for one in question.parameters)
    return replace(question, text=text, parameters=parameters)


def strip_header(text: str) -> str:
    r"""Return the query of a question without the comments before it that describe it.

    Examples:
        >>> strip_header("# title: Everything\n\n# Slow.\nSELECT * { ?s ?p ?o }\n")
        '# Slow.\nSELECT * { ?s ?p ?o }\n'
    """
    lines = text.splitlines()
    header = next((n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), len(lines))
    kept = [line for line in lines[:header] if not _HEADER.match(line)] + lines[header:]
    return "\n".join(kept).strip() + "\n"


def read_bundled(name: str) -> Question | None:
    """Read one bundled question; None where there is none of the name."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        return None
    folder = files("glocal_rdf") / "questions"
    for entry, general in ((folder / f"{name}.rq", False), (folder / _GENERAL / f"{name}.rq", True)):
        if entry.is_file():
            return replace(_read_question(name, entry.read_text(encoding="utf-8"), entry.name), general=general)
    return None


@cache
def _read_bundled() -> dict[str, Question]:
    folder = files("glocal_rdf") / "questions"
    entries = [(entry, False) for entry in folder.iterdir()] + [
        (entry, True) for entry in (folder / _GENERAL).iterdir()
    ]
    found = sorted((pair for pair in entries if pair[0].name.endswith(".rq")), key=lambda pair: pair[0].name)
    return {
        entry.name[:-3]: replace(
            _read_question(entry.name[:-3], entry.read_text(encoding="utf-8"), entry.name), general=general
        )
        for entry, general in found
    }


def _read_question(name: str, text: str, where: str) -> Question:
    """Read the comments of a question.

    Raises:
        QueryError: Where one is wrong.
    """
    group = leaves_out = ""
    texts: dict[str, dict[str, str]] = {"title": {}, "description": {}}
    parameters: list[Parameter] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    header = True
    for number, line in enumerate(text.splitlines(), 1):
        header = header and (not line.strip() or line.lstrip().startswith("#"))
        match = _HEADER.match(line)
        if not match:
            continue
        key, value = match[1].lower(), match[2]
        named = _TEXTS.fullmatch(match[1])
        if key == "parameter":
            try:
                parameters.append(_read_parameter(value, text))
            except ValueError as error:
                what, hint = error.args
                problems.append(Problem(f"{where}:{number}", what, hint))
        elif not header:
            continue  # an ordinary comment of the query
        elif named:
            tag = {"": "en", "zh": "zh-Hant"}.get((named[2] or "").lower(), named[2])
            texts[named[1].lower()].setdefault(tag, value)
        elif key == "group":
            group = value
        elif key == "leaves-out":
            leaves_out = value
        elif near := nearest(key, _KEYS, cutoff=0.7):
            what = f"the comment {match[1]!r} is not one that questions have"
            hint = join_choices(near)
            warnings.append(Problem(f"{where}:{number}", what, hint, kind="comment", level="warning", file=where))
    names = [parameter.name for parameter in parameters]
    problems += [
        Problem(where, f"parameter {twice} is described twice", "remove one of the comments")
        for twice in sorted({one for one in names if names.count(one) > 1})
    ]
    if problems:
        raise QueryError.of(problems)
    title, description = texts["title"], texts["description"]
    first = next(iter(title.values()), name)
    title = {"en": first, "zh-Hant": title.get("en", first), **title}
    description = {"en": "", "zh-Hant": description.get("en", ""), **description}
    return Question(
        name, title, description, group, tuple(parameters), text, leaves_out=leaves_out, problems=tuple(warnings)
    )


def _read_parameter(value: str, text: str) -> Parameter:
    """Read the comment that describes a parameter.

    Raises:
        ValueError: With fact and hint, where it is wrong.
    """
    variable, kind, about = (*value.split(maxsplit=2), "", "")[:3]
    block = _block(variable).search(text)
    if kind not in get_args(Kind):
        what = f"parameter {variable}: {kind!r} is not a kind of value"
        raise ValueError(what, join_choices(nearest(kind, get_args(Kind)), f"write {', '.join(get_args(Kind))}"))
    if block is None:
        what = f"parameter {variable}: the query has no line VALUES ?{variable} {{ … }}"
        raise ValueError(what, "write it on a line of its own")
    return Parameter(variable, cast("Kind", kind), about, block[2].strip())


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
