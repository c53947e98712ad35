"""Validates data against SPARQL-based constraints and components alone, node by node (SHACL, sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import rdflib
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from oracle.evaluator import Dataset, Evaluator, FailureError, Solution, check, parse

SH = Namespace("http://www.w3.org/ns/shacl#")
SHAPES_GRAPH = URIRef("urn:x-shacl:shapes")
Finding = tuple[str, str, str, str]
"""Focus node, value, path of the result (empty where it is the shape's own), and messages."""


@contextmanager
def as_written() -> Iterator[None]:
    """Let rdflib leave literals as they are written."""
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def validate(data: Graph, shapes: Graph) -> list[Finding]:
    """Give the results, sorted. Raises FailureError where the Recommendation asks for a failure."""
    with as_written():
        return sorted(f for found in _results(data, shapes) for f in found)


def _results(data: Graph, shapes: Graph) -> Iterator[list[Finding]]:
    dataset = Dataset(frozenset(data), {SHAPES_GRAPH: frozenset(shapes)})
    components = {c: _parameters(shapes, c) for c in shapes.subjects(RDF.type, SH.ConstraintComponent)}
    for shape in sorted(set(_shapes(shapes)), key=str):
        path = shapes.value(shape, SH.path)
        jobs = [_Constraint(shapes, shape, node, path) for node in shapes.objects(shape, SH.sparql)]
        jobs += [
            _Component(shapes, shape, component, parameters, path)
            for component, parameters in components.items()
            if all((shape, p, None) in shapes for p, optional in parameters.items() if not optional)
        ]
        for node in sorted(_focus_nodes(data, shapes, shape), key=str):
            for job in jobs:
                yield job.results(node, data, dataset)


def _shapes(shapes: Graph) -> Iterator[Node]:
    for predicate in (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf):
        yield from shapes.subjects(predicate, None)
    yield from shapes.objects(None, SH.property)


def _focus_nodes(data: Graph, shapes: Graph, shape: Node) -> set[Node]:
    out = set(shapes.objects(shape, SH.targetNode))
    for cls in shapes.objects(shape, SH.targetClass):
        for sub in data.transitive_subjects(RDFS.subClassOf, cls):
            out |= set(data.subjects(RDF.type, sub))
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        out |= set(data.subjects(predicate, None))
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        out |= set(data.objects(None, predicate))
    for parent in shapes.subjects(SH.property, shape):
        if (parent, SH.path, None) not in shapes:
            out |= _focus_nodes(data, shapes, parent)
    return out


def _parameters(shapes: Graph, component: Node) -> dict[Node, bool]:
    true = Literal("true", datatype=XSD.boolean)
    return {
        shapes.value(p, SH.path): true in set(shapes.objects(p, SH.optional))
        for p in shapes.objects(component, SH.parameter)
    }


def _write_path(shapes: Graph, path: Node) -> str:
    if isinstance(path, URIRef):
        return f"<{path}>"
    if (path, RDF.first, None) in shapes:
        return "(" + "/".join(_write_path(shapes, p) for p in Collection(shapes, path)) + ")"
    for predicate, before, after in (
        (SH.inversePath, "^", ""),
        (SH.zeroOrMorePath, "", "*"),
        (SH.oneOrMorePath, "", "+"),
        (SH.zeroOrOnePath, "", "?"),
    ):
        inner = shapes.value(path, predicate)
        if inner is not None:
            return f"({before}{_write_path(shapes, inner)}{after})"
    parts = Collection(shapes, shapes.value(path, SH.alternativePath))
    return "(" + "|".join(_write_path(shapes, p) for p in parts) + ")"


def _prologue(shapes: Graph, node: Node) -> str:
    todo, seen, out = list(shapes.objects(node, SH.prefixes)), set(), ""
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        todo += shapes.objects(at, OWL.imports)
        for declared in shapes.objects(at, SH.declare):
            out += f"PREFIX {shapes.value(declared, SH.prefix)}: <{shapes.value(declared, SH.namespace)}>\n"
    return out


class _Query:
    """A query of a shape, checked, with the terms that are the same for all focus nodes."""

    def __init__(self, shapes: Graph, shape: Node, node: Node, text: str, path: Node | None) -> None:
        self.shapes, self.shape, self.node, self.path = shapes, shape, node, path
        self.constants: Solution = {"currentShape": shape, "shapesGraph": SHAPES_GRAPH}
        if path is not None:
            written = _write_path(shapes, path)
            text = text.replace("$PATH", written).replace("?PATH", written)
        elif "$PATH" in text or "?PATH" in text:
            raise FailureError("$PATH on a node shape")
        self.tree = parse(_prologue(shapes, node) + text)
        self.messages = sorted((str(m), m.language or "") for m in shapes.objects(node, SH.message))

    def value_nodes(self, focus: Node, data: Graph) -> list[Node]:
        if self.path is None:
            return [focus]
        tree = parse(f"SELECT DISTINCT ?v WHERE {{ ?f {_write_path(self.shapes, self.path)} ?v }}")
        return [s["v"] for s in Evaluator(tree, Dataset(frozenset(data)), {"f": focus}).select()]

    def told(self, solution: Solution) -> str:
        message = solution.get("message")
        texts = [(str(message), message.language or "")] if isinstance(message, Literal) else self.messages
        names = {**self.constants, **solution}
        out = []
        for template, language in texts:
            text = template
            for name, term in names.items():
                word = f"_:{term}" if isinstance(term, BNode) else str(term)
                text = text.replace("{?" + name + "}", word).replace("{$" + name + "}", word)
            out.append(f"{text}@{language}")
        return "|".join(out)

    def by_select(self, focus: Node, dataset: Dataset) -> list[Finding]:
        out: list[Finding] = []
        for solution in Evaluator(self.tree, dataset, {**self.constants, "this": focus}).select():
            failure = solution.get("failure")
            if failure is not None and str(failure) in {"true", "1"}:
                raise FailureError("?failure is true")
            value = solution.get("value", focus if self.path is None else None)
            path = solution.get("path")
            said = "" if not isinstance(path, URIRef) or path == self.path else f"<{path}>"
            out.append((show(focus), show(value), said, self.told({**solution, "this": focus})))
        return out


class _Constraint(_Query):
    """The value of sh:sparql."""

    def __init__(self, shapes: Graph, shape: Node, node: Node, path: Node | None) -> None:
        super().__init__(shapes, shape, node, str(shapes.value(node, SH.select)), path)
        check(self.tree, {"this", *self.constants}, {"this"})
        if self.tree.name != "SelectQuery":
            raise FailureError("not a SELECT")

    def results(self, focus: Node, data: Graph, dataset: Dataset) -> list[Finding]:
        return self.by_select(focus, dataset)


class _Component(_Query):
    """A component that a shape uses, with the validator that fits the shape."""

    def __init__(
        self, shapes: Graph, shape: Node, component: Node, parameters: dict[Node, bool], path: Node | None
    ) -> None:
        own = SH.nodeValidator if path is None else SH.propertyValidator
        node = shapes.value(component, own)
        self.form = "ask" if node is None else "select"
        if node is None:
            node = shapes.value(component, SH.validator)
        assert node is not None
        super().__init__(shapes, shape, node, str(shapes.value(node, SH[self.form])), path)
        given = {_local(p): shapes.value(shape, p) for p in parameters}
        self.constants |= {name: term for name, term in given.items() if term is not None}
        bound = {"this", "currentShape", "shapesGraph", *given} | ({"value"} if self.form == "ask" else set())
        needed = {n for n, t in given.items() if t is not None} | {"value" if self.form == "ask" else "this"}
        check(self.tree, bound, needed)
        if self.tree.name != ("AskQuery" if self.form == "ask" else "SelectQuery"):
            raise FailureError("not the form of the validator")

    def results(self, focus: Node, data: Graph, dataset: Dataset) -> list[Finding]:
        if self.form == "select":
            return self.by_select(focus, dataset)
        out: list[Finding] = []
        for value in self.value_nodes(focus, data):
            bound = {**self.constants, "this": focus, "value": value}
            if not Evaluator(self.tree, dataset, bound).ask():
                out.append((show(focus), show(value), "", self.told({"this": focus, "value": value})))
        return out


def _local(iri: Node) -> str:
    return str(iri).rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def show(term: Node | None) -> str:
    if term is None:
        return ""
    if isinstance(term, BNode):
        return f"_:{term}"
    return term.n3() if not isinstance(term, Literal) else _literal(term)


def _literal(term: Literal) -> str:
    text = '"' + str(term).replace("\\", "\\\\").replace('"', '\\"') + '"'
    if term.language:
        return f"{text}@{term.language}"
    return text if term.datatype in {None, XSD.string} else f"{text}^^<{term.datatype}>"
