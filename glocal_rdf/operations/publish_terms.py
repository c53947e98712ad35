"""The part of a published site that adds to the pages of terms what must hold of them, and which questions use them.

1. A shape (SHACL) bears on a class that it targets, or that its values must have, and on the classes below a class that
   it targets; on a property in its path, its targets or its values; and on every term that a query of it names.
2. Shapes without an IRI are shown with the shape that they are a part of, in words and as Turtle.
3. A question uses a term if its query, read token by token, names it: not in a comment or a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from glocal_rdf.errors import QueryError, ShapesError
from glocal_rdf.i18n import message, pick, translatable
from glocal_rdf.namespaces import RDFS_SUBCLASS_OF, SH
from glocal_rdf.operations.query import list_questions
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.showing import split_literal
from glocal_rdf.publish.site import Contribution, Page, Site
from glocal_rdf.shacl import prepare
from glocal_rdf.shacl.report.messages import severity_name
from glocal_rdf.sparql.grammar.mentions import find_iris
from glocal_rdf.triples import Triples, terms

if TYPE_CHECKING:
    from glocal_rdf.questions.catalogue import Question
    from glocal_rdf.shacl.shapes.model import Constraint, Shape, ShapesGraph

__all__ = ["ShapeEntry", "contribute", "find_questions", "find_shapes"]

_WORDS: Final[Mapping[str, str]] = {
    "class": translatable("each is one of the class"),
    "datatype": translatable("datatype"),
    "nodeKind": translatable("kind of node"),
    "minCount": translatable("number of values, at least"),
    "maxCount": translatable("number of values, at most"),
    "minInclusive": translatable("at least"),
    "maxInclusive": translatable("at most"),
    "minExclusive": translatable("greater than"),
    "maxExclusive": translatable("smaller than"),
    "minLength": translatable("number of characters, at least"),
    "maxLength": translatable("number of characters, at most"),
    "pattern": translatable("matches the pattern"),
    "languageIn": translatable("in one of the languages"),
    "uniqueLang": translatable("one value in each language"),
    "equals": translatable("has the same values as"),
    "disjoint": translatable("shares no value with"),
    "lessThan": translatable("less than each value of"),
    "lessThanOrEquals": translatable("not greater than any value of"),
    "hasValue": translatable("has the value"),
    "in": translatable("is one of"),
    "node": translatable("conforms to"),
    "not": translatable("does not conform to"),
    "and": translatable("conforms to all of"),
    "or": translatable("conforms to at least one of"),
    "xone": translatable("conforms to exactly one of"),
    "closed": translatable("has no other properties"),
    "qualifiedValueShape": translatable("some values conform to"),
    "qualifiedMinCount": translatable("number of values that conform, at least"),
    "qualifiedMaxCount": translatable("number of values that conform, at most"),
}
"""What the parameters of SHACL's components say, before their values."""

_TARGETS: Final[Mapping[str, str]] = {
    "targetClass": translatable("things of the class"),
    "implicitClass": translatable("things of the class"),
    "targetNode": translatable("the thing"),
    "targetSubjectsOf": translatable("what has the property"),
    "targetObjectsOf": translatable("the values of the property"),
}
_FLAGS: Final = ("uniqueLang", "closed")
"""The parameters whose value says no more than that they hold."""

_QUERIES: Final = ("sparql", "js", "expression")


class Line(NamedTuple):
    """What a shape demands of the values at a path; the path is empty for the thing itself.

    Attributes:
        path: The predicates of the path and the marks between them.
        demands: Pairs of a message and the terms that follow it.
    """

    path: tuple[str, ...]
    demands: Sequence[tuple[str, Sequence[str]]]


_STRING: Final = re.compile(r'"""(?s:.*?)"""|"(?:[^"\\\n]|\\.)*"')


@dataclass(frozen=True)
class ShapeEntry:
    """A shape as the pages of terms show it.

    Attributes:
        term: The shape.
        names: What it is called, by language; may be empty.
        descriptions: What it is for, by language.
        messages: What is reported where it does not hold, by language, in the order of its parts.
        severity: The severity of what is reported, as a term.
        targets: To what it applies: pairs of a message and a term.
        lines: What it demands.
        queries: How many of its constraints are queries.
        turtle: The shape in Turtle, with its parts.
    """

    term: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    messages: Sequence[Mapping[str, str]]
    severity: str
    targets: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    queries: int
    turtle: str


def contribute(site: Site) -> Contribution:
    """Return what is added to the pages of classes and properties."""
    renderer = Renderer(site)

    @cache
    def find() -> tuple[Mapping[str, Sequence[ShapeEntry]], Mapping[str, Sequence[Question]]]:
        return find_shapes(site), find_questions(site)

    def show(page: Page, lang: str) -> str:
        shapes, questions = find()
        named = {entry.term: entry.names for several in shapes.values() for entry in several if entry.names}
        one = f"<{page.iri}>"
        bearing, asking = shapes.get(one, ()), questions.get(one, ())
        if not (bearing or asking):
            return ""
        values = {"shapes": bearing, "questions": asking, "pick": pick, "named": named}
        values |= {"severity": partial(_name_severity, lang), "translate": partial(message, lang)}
        return renderer.render_part(page, "term.html", lang, **values)

    return Contribution(write=lambda _site: (), inserts={"class": show, "property": show})


def _name_severity(lang: str, severity: str) -> str:
    return severity_name(severity, lang)


def find_questions(site: Site) -> Mapping[str, Sequence[Question]]:
    """Return the questions that use each term, by term, in the order of their names.

    Args:
        site: The site.
    """
    found: dict[str, list[Question]] = {}
    for question in sorted(list_questions(site.built.project), key=lambda one: one.name):
        try:
            named = {iri for iri, _ in find_iris(question.text, site.built.query_prefixes)}
        except QueryError:  # that it is not SPARQL is reported where the questions are published
            continue
        for iri in named:
            found.setdefault(f"<{iri}>", []).append(question)
    return found


def find_shapes(site: Site) -> Mapping[str, Sequence[ShapeEntry]]:
    """Return the shapes that bear on each class and property that has a page, by term; none where they are malformed.

    Args:
        site: The site.
    """
    project = site.built.project
    try:
        graph = prepare(project.shapes).read
    except ShapesError:  # glocal build and validate report it; a site is published of what is there
        return {}
    own = set(site.resources.filter(pl.col("kind").is_in(["class", "property"]))["term"])
    below = _find_below(site)
    bearing: dict[str, dict[str, None]] = {}
    parts: dict[str, list[Shape]] = {}
    for shape in graph.shapes.values():
        if shape.deactivated:
            continue
        root = graph.named_shape(shape.term)
        parts.setdefault(root, []).append(shape)
        for one in _list_terms(site, graph, shape, below):
            if one in own:
                bearing.setdefault(one, {})[root] = None
    wholes = {root: list(_walk(graph, graph.shapes[root], set())) for root in parts if root in graph.shapes}
    turtle = _write_turtle(site, graph, {root: [part.term for part in some] for root, some in wholes.items()})
    entries = {root: _describe(graph, some, turtle[root]) for root, some in wholes.items()}
    return {
        one: sorted((entries[root] for root in roots if root in entries), key=lambda entry: entry.term)
        for one, roots in bearing.items()
    }


def _find_below(site: Site) -> Mapping[str, set[str]]:
    """Return the classes below each class, by rdfs:subClassOf however often; a circle ends where it began."""
    links: dict[str, set[str]] = {}
    for child, _, parent in site.graph.frame.filter(pl.col("predicate") == RDFS_SUBCLASS_OF).iter_rows():
        links.setdefault(parent, set()).add(child)
    found: dict[str, set[str]] = {}
    for start in links:
        seen: set[str] = set()
        todo = [start]
        while todo:
            new = links.get(todo.pop(), set()) - seen
            seen |= new
            todo += new
        found[start] = seen
    return found


def _list_terms(site: Site, graph: ShapesGraph, shape: Shape, below: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the terms that a shape bears on."""
    for kind, target in shape.targets:
        yield target
        if kind in {"targetClass", "implicitClass"}:
            yield from below.get(target, ())
    if shape.path is not None:
        yield from shape.path.predicates
    for constraint in shape.constraints:
        if constraint.component.parameter not in _QUERIES:
            yield from (value for value in constraint.values if value.startswith("<"))
            continue
        for query in (f"<{SH}select>", f"<{SH}ask>"):
            for text in graph.index.values(constraint.value, query):
                try:
                    yield from (f"<{iri}>" for iri, _ in find_iris(terms.unquote(text), site.built.query_prefixes))
                except QueryError:  # building with it fails, and says where
                    continue


def _describe(graph: ShapesGraph, parts: Sequence[Shape], turtle: str) -> ShapeEntry:
    """Describe a shape, the first of its parts."""
    shape, root = parts[0], parts[0].term
    info = graph.infos[root]
    messages = [_by_language(texts) for part in parts for texts in _list_messages(graph, part) if texts]
    return ShapeEntry(
        term=root,
        names=_by_language(info.names),
        descriptions=_by_language(info.descriptions),
        messages=list({tuple(sorted(one.items())): one for one in messages}.values()),
        severity=shape.severity,
        targets=[(_TARGETS.get(kind, translatable("nodes that a query finds")), one) for kind, one in shape.targets],
        lines=[line for part in parts if (line := _read_line(part)).demands],
        queries=sum(one.component.parameter in _QUERIES for part in parts for one in part.constraints),
        turtle=turtle,
    )


def _walk(graph: ShapesGraph, shape: Shape, seen: set[str]) -> Iterator[Shape]:
    """Yield a shape, and the property shapes that it has, however deep, each once."""
    seen.add(shape.term)
    yield shape
    for constraint in shape.constraints:
        if constraint.component.parameter == "property":
            for one in constraint.values:
                if one in graph.shapes and one not in seen:
                    yield from _walk(graph, graph.shapes[one], seen)


def _list_messages(graph: ShapesGraph, shape: Shape) -> Iterator[Sequence[tuple[str, str]]]:
    """Yield the messages of a shape, and those of each query that it has."""
    yield shape.messages
    for constraint in shape.constraints:
        if constraint.component.parameter in _QUERIES:
            found = graph.index.values(constraint.value, f"<{SH}message>")
            yield [(split[0], split[1]) for text in found if text.startswith('"') for split in [split_literal(text)]]


def _read_line(shape: Shape) -> Line:
    path = tuple(_write_path(shape.path.text(lambda iri: iri))) if shape.path else ()
    return Line(path, [demand for one in shape.constraints for demand in _read_demands(one)])


def _write_path(text: str) -> Iterator[str]:
    """Part the text of a path into its predicates and the marks between them."""
    rest = text
    while rest:
        start = rest.find("<")
        if start < 0:
            yield rest
            return
        if start:
            yield rest[:start]
        end = rest.index(">", start) + 1
        yield rest[start:end]
        rest = rest[end:]


def _read_demands(constraint: Constraint) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what a constraint demands: a message and the terms after it; blank nodes are left to the Turtle."""
    name = constraint.component.parameter
    if name in _QUERIES:
        return
    values = [one for one in constraint.values if not one.startswith("_:")]
    if name == "property":
        return
    if name in _FLAGS:
        yield _WORDS[name], ()
        return
    if name in _WORDS:
        yield _WORDS[name], values
    else:
        yield translatable("holds the component"), [f"<{constraint.component.iri.strip('<>')}>"]
    for other, several in constraint.further.items():
        if other in _WORDS and (shown := [one for one in several if not one.startswith("_:")]):
            yield _WORDS[other], shown


def _by_language(texts: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text, tag in texts:
        found.setdefault(tag, text)
    return found


def _write_turtle(site: Site, graph: ShapesGraph, shapes: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Write shapes with their parts in Turtle, each by itself, with the blank nodes that they lead to.

    All are written once together, since the writer takes some milliseconds for the smallest graph, and cut at the lines
    between subjects. A shape with a blank node that has a label there is written alone.
    """
    prefixes = site.built.query_prefixes
    rows = dict.fromkeys(row for parts in shapes.values() for row in _list_statements(graph, parts))
    head, blocks = _cut_turtle(Triples.from_terms(rows).serialize("turtle", prefixes).decode())
    found: dict[str, str] = {}
    for root, parts in shapes.items():
        own = [blocks[part] for part in blocks if part in set(parts)]
        text = _STRING.sub("", "\n".join(own))
        if len(own) < sum(part.startswith("<") for part in parts) or "_:" in text:
            found[root] = Triples.from_terms(_list_statements(graph, parts)).serialize("turtle", prefixes).decode()
            continue
        used = [line for prefix, line in head.items() if re.search(rf"(?<![\w.-]){re.escape(prefix)}:", text)]
        found[root] = "\n".join(["".join(f"{line}\n" for line in used), *own] if used else own)
    return found


def _cut_turtle(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Cut what our writer of Turtle wrote: the declarations by prefix, and the lines about each subject by its term."""
    head: dict[str, str] = {}
    spaces: dict[str, str] = {}
    blocks: dict[str, str] = {}
    lines: list[str] = []
    inside = False
    for line in [*text.splitlines(), ""]:
        if declared := None if lines else re.fullmatch(r"@prefix (\S*): <(\S*)> \.", line):
            head[declared[1]], spaces[declared[1]] = line, declared[2]
        elif line or inside:
            lines.append(line)
            inside ^= line.count('"""') % 2 == 1
        elif lines:
            subject = lines[0].split(" ", 1)[0]
            prefix, _, local = subject.partition(":")
            term = subject if subject.startswith(("<", "_:", "[")) else f"<{spaces[prefix]}{local}>"
            blocks[term] = "\n".join([*lines, ""])
            lines = []
    return head, blocks


def _list_statements(graph: ShapesGraph, parts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the statements about nodes of a shapes graph, and about the blank nodes that they lead to."""
    todo = list(dict.fromkeys(parts))
    seen = set(todo)
    for node in todo:  # it grows
        for predicate in graph.index.predicates_of(node):
            for value in graph.index.values(node, predicate):
                yield node, predicate, value
                if value.startswith("_:") and value not in seen:
                    seen.add(value)
                    todo.append(value)
