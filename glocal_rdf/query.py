"""Asks a source a SPARQL question: bundled ones with typed parameters, or one's own.

A bundled question is a file `queries/NAME.rq`: a SPARQL query that stands by itself, with comments that say what it is.

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

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from pyoxigraph import (
    Literal as RdfLiteral,
)
from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    Store,
    parse_query_results,
)

from glocal_rdf.errors import GlocalError, Problem, QueryError
from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.datasets import add_graphs

__all__ = [
    "Answer",
    "Parameter",
    "Question",
    "add_prefixes",
    "ask",
    "bind",
    "find_question",
    "list_questions",
    "names_graphs",
    "read_answer",
    "show",
]

XSD = "http://www.w3.org/2001/XMLSchema#"
Kind = Literal["text", "thing", "integer", "year", "language"]
_HEADER = re.compile(r"#\s*([a-z-]+):\s*(.*\S)\s*$")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GRAPHS = {"turtle", "ntriples", "jsonld", "rdfxml"}


@dataclass(frozen=True)
class Parameter:
    """A value that a bundled question asks for; `default` is what stands in the query."""

    name: str
    kind: Kind
    description: str
    default: str


@dataclass(frozen=True)
class Question:
    """A bundled question, with title and description by language (`en`, `zh-Hant`)."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    group: str
    parameters: tuple[Parameter, ...]
    text: str


@dataclass(frozen=True)
class Answer:
    """What a source answered: `bindings` of a SELECT, the `truth` of an ASK, or the `triples` of a CONSTRUCT."""

    variables: tuple[str, ...] = ()
    bindings: tuple[tuple[str | None, ...], ...] = ()
    truth: bool | None = None
    triples: Triples | None = None

    def __len__(self) -> int:
        if self.truth is not None:
            return 1
        return len(self.bindings) if self.triples is None else len(self.triples)

    def serialize(self, form: str) -> bytes:
        """Write the answer as csv, tsv, json, xml (the SPARQL results formats), markdown, or an RDF format.

        Raise QueryError where the form does not fit the answer.
        """
        if self.triples is not None:
            if form not in _GRAPHS:
                raise QueryError.at(
                    "format", f"a graph cannot be written as {form}", f"use {', '.join(sorted(_GRAPHS))}"
                )
            return self.triples.serialize(form)
        if form not in _TABULAR:
            raise QueryError.at("format", f"bindings cannot be written as {form}", f"use {', '.join(_TABULAR)}")
        return _TABULAR[form](self).encode()

    def rows(self) -> list[tuple[str, ...]]:
        """Give the bindings for people: the text of a literal, the IRI of a resource, the empty text where unbound."""
        return [tuple("" if term is None else show(term) for term in row) for row in self.bindings]


def _write_json(answer: Answer) -> str:
    """SPARQL 1.1 Query Results JSON Format."""
    if answer.truth is not None:
        return json.dumps({"head": {}, "boolean": answer.truth}) + "\n"
    bound = [
        {name: _term_json(term) for name, term in zip(answer.variables, row, strict=True) if term is not None}
        for row in answer.bindings
    ]
    whole = {"head": {"vars": list(answer.variables)}, "results": {"bindings": bound}}
    return json.dumps(whole, ensure_ascii=False) + "\n"


def _write_csv(answer: Answer) -> str:
    """SPARQL 1.1 Query Results CSV: values without their kind, lines end with CRLF."""
    if answer.truth is not None:
        return f"{str(answer.truth).lower()}\r\n"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(answer.variables)
    writer.writerows(answer.rows())
    return text.getvalue()


def _write_tsv(answer: Answer) -> str:
    """SPARQL 1.1 Query Results TSV: terms as in Turtle."""
    if answer.truth is not None:
        return f"{str(answer.truth).lower()}\n"
    lines = [[f"?{name}" for name in answer.variables], *([term or "" for term in row] for row in answer.bindings)]
    return "".join("\t".join(line) + "\n" for line in lines)


def _write_xml(answer: Answer) -> str:
    """SPARQL Query Results XML Format. Characters that XML 1.0 has no way to write become U+FFFD."""
    root = Element("sparql", xmlns="http://www.w3.org/2005/sparql-results#")
    head = SubElement(root, "head")
    for name in answer.variables:
        SubElement(head, "variable", name=name)
    if answer.truth is not None:
        SubElement(root, "boolean").text = str(answer.truth).lower()
    else:
        results = SubElement(root, "results")
        for row in answer.bindings:
            result = SubElement(results, "result")
            for name, term in zip(answer.variables, row, strict=True):
                if term is not None:
                    said = _term_json(term)
                    about: dict[str, str] = {key: said[key] for key in ("xml:lang", "datatype") if key in said}
                    binding = SubElement(result, "binding", name=name)
                    SubElement(binding, said["type"], about).text = _NOT_XML.sub("\ufffd", said["value"])
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _write_markdown(answer: Answer) -> str:
    """GitHub Flavored Markdown: a row stays on its line."""
    if answer.truth is not None:
        return f"{'yes' if answer.truth else 'no'}\n"

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(re.sub(r"\s+", " ", cell).replace("|", "\\|") for cell in cells) + " |\n"

    return line(answer.variables) + line(["---"] * len(answer.variables)) + "".join(map(line, answer.rows()))


_TABULAR: Mapping[str, Callable[[Answer], str]] = {
    "csv": _write_csv,
    "tsv": _write_tsv,
    "json": _write_json,
    "xml": _write_xml,
    "markdown": _write_markdown,
}


def list_questions() -> tuple[Question, ...]:
    """List the bundled questions, sorted by group and name."""
    return tuple(sorted(_read_questions().values(), key=lambda question: (question.group, question.name)))


def find_question(name: str) -> Question:
    """Find a bundled question by its name. Raise QueryError with the nearest names."""
    questions = _read_questions()
    if name in questions:
        return questions[name]
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(name, questions, n=3, cutoff=0.5)
    mend = f"did you mean {' or '.join(near)}?" if near else "list the questions with: glocal query --list"
    raise QueryError.at("query", f"there is no bundled question {name!r}", mend)


def bind(question: Question, values: Mapping[str, str], resolve: Callable[[str], Sequence[str]]) -> str:
    """Write the question's SPARQL with `values` for its parameters.

    `resolve` gives the IRIs that a word may mean, for parameters of kind `thing`. Raise QueryError for a parameter that
    is not the question's, and for a value that is not of its kind.
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


def ask(triples: Triples, text: str, named: Mapping[str, Triples] | None = None, store: Store | None = None) -> Answer:
    """Ask the triples a SPARQL question, offline: SERVICE is refused, and nothing is fetched.

    `named` are graphs, by IRI, for the question to ask of with `GRAPH`; what asks of no graph does not see them.
    `store`, if given, holds all of these already. Language tags come back in the case in which the triples have them.
    Raise QueryError on a mistake in the syntax.
    """
    refuse_service(text)
    try:
        if store is None:
            store = triples.to_store()
            add_graphs(store, triples, named or {})
        answer = store.query(text)
    except SyntaxError as error:
        raise QueryError.at("query", f"is not SPARQL: {error}", "mend the query") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise QueryError.at("query", f"could not be answered: {error}", "simplify the query") from error
    tags: dict[str, str] = {}
    for graph in (triples, *(named or {}).values()):
        tags |= _tags(graph)
    return _collect(answer, tags)


def names_graphs(text: str) -> bool:
    """Tell whether a query asks of named graphs, so that they need be there only where it does.

    >>> names_graphs("SELECT * { GRAPH ?source { ?s ?p ?o } }"), names_graphs('ASK { ?s ?p "GRAPH" }')
    (True, False)
    """
    return bool(re.search(r"(?<![\w?$:.-])(?:GRAPH|NAMED)(?![\w:-])", _strip(text), re.IGNORECASE))


def read_answer(data: bytes, form: str, address: str) -> Answer:
    """Read what an endpoint answered: SPARQL results in JSON (`json`), or a graph in a format of RDF.

    Raise QueryError that names the endpoint where the answer is broken.
    """
    try:
        if form == "json":
            return _collect(parse_query_results(data, format=QueryResultsFormat.JSON), {})
        return Answer(triples=Triples.parse(data, form))
    except (SyntaxError, ValueError, OSError, GlocalError) as error:
        reason = " ".join(str(error).split())[:300]
        raise QueryError.at(
            address, f"answered with broken {form}: {reason}", "ask again, or ask its operator"
        ) from error


def refuse_service(text: str) -> None:
    """Raise QueryError where a query would have the store call another server."""
    if re.search(r"(?<![\w?$:.-])SERVICE(?![\w:-])", _strip(text), re.IGNORECASE):
        raise QueryError.at("query", "SERVICE would call another server", "ask that server itself, with --source URL")


def _strip(text: str) -> str:
    """Take texts, IRIs and comments out of a query, so that its words can be looked for."""
    bare = re.sub(
        r"\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>", " ", text
    )
    return re.sub(r"#[^\n]*", " ", bare)


def add_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    """Declare the well-known prefixes that a query uses and does not declare, on its first line.

    >>> add_prefixes("ASK { ?s a skos:Concept }", {"skos": "http://www.w3.org/2004/02/skos/core#"})
    'PREFIX skos: <http://www.w3.org/2004/02/skos/core#> ASK { ?s a skos:Concept }'
    """
    declared = set(re.findall(r"\bPREFIX\s+([\w-]+):", text, re.IGNORECASE))
    used = set(re.findall(r"(?<![\w:<])([A-Za-z][\w-]*):", text)) - declared
    lines = [f"PREFIX {prefix}: <{prefixes[prefix]}> " for prefix in sorted(used & prefixes.keys())]
    return "".join(lines) + text


def show(term: str) -> str:
    """Show a term in N-Triples syntax to people: the text of a literal, an IRI without its brackets."""
    if term.startswith("<"):
        return term[1:-1]
    return terms.unquote(term) if term.startswith('"') else term


@cache
def _read_questions() -> dict[str, Question]:
    folder = files("glocal_rdf") / "queries"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".rq"))
    return {entry.name[:-3]: _read_question(entry.name[:-3], entry.read_text(encoding="utf-8")) for entry in found}


def _read_question(name: str, text: str) -> Question:
    said: dict[str, str] = {}
    parameters: list[Parameter] = []
    for line in text.splitlines():
        match = _HEADER.match(line)
        if not match:
            continue
        if match[1] == "parameter":
            variable, kind, about = match[2].split(maxsplit=2)
            block = _block(variable).search(text)
            default = block[2].strip() if block else ""
            parameters.append(Parameter(variable, kind, about, default))  # type: ignore[arg-type]
        else:
            said[match[1]] = match[2]
    title = {"en": said.get("title", name), "zh-Hant": said.get("title-zh", name)}
    about_it = {"en": said.get("description", ""), "zh-Hant": said.get("description-zh", "")}
    return Question(name, title, about_it, said.get("group", ""), tuple(parameters), text)


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf"^(\s*VALUES \?{re.escape(name)} \{{)(.*)(\}})[ \t]*$", re.MULTILINE)


def _terms(parameter: Parameter, value: str, resolve: Callable[[str], Sequence[str]]) -> str:
    """Write a value as terms of SPARQL. Raise ValueError that says what it is not."""
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


def _collect(answer: QuerySolutions | QueryBoolean | QueryTriples, tags: Mapping[str, str]) -> Answer:
    if isinstance(answer, QueryBoolean):
        return Answer(truth=bool(answer))
    if isinstance(answer, QueryTriples):
        made = [tuple(_tagged(str(term), tags) for term in triple) for triple in answer]
        return Answer(triples=Triples.from_terms(made).distinct())  # type: ignore[arg-type]
    variables = tuple(variable.value for variable in answer.variables)
    rows = tuple(tuple(None if term is None else _tagged(str(term), tags) for term in row) for row in answer)
    return Answer(variables, rows)


def _tags(triples: Triples) -> dict[str, str]:
    column = triples.frame["object"].str.extract(r'"@([A-Za-z0-9-]+)$').drop_nulls().unique().sort()
    return {tag.lower(): tag for tag in column}


def _tagged(term: str, tags: Mapping[str, str]) -> str:
    if tags and term.startswith('"') and not term.endswith((">", '"')):
        text, _, tag = term.rpartition("@")
        return f"{text}@{tags.get(tag, tag)}"
    return term


def _term_json(term: str) -> dict[str, str]:
    if term.startswith("<"):
        return {"type": "uri", "value": term[1:-1]}
    if term.startswith("_:"):
        return {"type": "bnode", "value": term[2:]}
    written = {"type": "literal", "value": terms.unquote(term)}
    tail = term[term.rindex('"') + 1 :]
    if tail.startswith("@"):
        written["xml:lang"] = tail[1:]
    elif tail:
        written["datatype"] = tail[3:-1]
    return written
