"""Reads a shapes graph: which shapes there are, what they target, and what they ask (SHACL, sections 2 and 3.1).

1. Shapes with a target are found: explicit targets, and shapes that are classes.
2. From these every shape is read that they lead to; shapes nothing leads to are never looked at.
3. Every mistake is noted with the shape's name; all of them are raised together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.shacl.constraints import patterns
from glocal_rdf.shacl.report.messages import local_name, show
from glocal_rdf.shacl.report.model import ShapeInfo, Text
from glocal_rdf.shacl.shapes.paths import Path, read_path
from glocal_rdf.shacl.shapes.syntax_rules import check_boolean, check_recursion, check_shape
from glocal_rdf.shacl.shapes.unsupported import (
    calls_function,
    find_misspelt_targets,
    list_functions,
    list_unknown_terms,
    list_unsupported,
    list_unused_shapes,
)
from glocal_rdf.shacl.shapes.vocabulary import TARGETS
from glocal_rdf.shacl.terms import OWL_CLASS, RDFS, RDFS_CLASS, RDFS_LABEL, sh, shorten
from glocal_rdf.shacl.triple_index import Nodes, is_iri, is_literal, is_true, lexical, name_shape, text_of

__all__ = ["Constraint", "CustomComponent", "Shape", "ShapesGraph", "read_shapes"]

_EACH = (
    "class", "datatype", "disjoint", "equals", "hasValue", "languageIn", "lessThan", "lessThanOrEquals", "maxCount",
    "maxExclusive", "maxInclusive", "maxLength", "minCount", "minExclusive", "minInclusive", "minLength", "node",
    "nodeKind", "not", "and", "or", "xone", "in", "property", "uniqueLang", "pattern", "closed", "sparql",
)  # fmt: skip
_LISTS = {"and", "or", "xone", "in", "languageIn"}
_OF_SHAPES = {"node", "property", "not", "and", "or", "xone"}
_DIGITS = 18
_NOT_FOR_NODES = {"minCount", "maxCount", "lessThan", "lessThanOrEquals", "uniqueLang"}


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing that a shape asks.

    `name` is the local name of the parameter (`minCount`, `sparql`; `custom` for a component of the shapes graph's
    own), `values` its value or the members of its list, `others` further parameters by local name, or by IRI for a
    component of the shapes graph's own.
    """

    name: str
    component: str
    values: tuple[str, ...]
    expected: str = ""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def value(self) -> str:
        """Give the first, and mostly only, value."""
        return self.values[0]

    @property
    def number(self) -> int:
        """Give the value as a whole number; one of more digits than a column can hold is the largest that it can."""
        text = lexical(self.value)
        sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-").lstrip("0") or "0"
        return sign * (int(digits) if len(digits) <= _DIGITS else 10**_DIGITS)

    @property
    def shapes(self) -> tuple[str, ...]:
        """List the shapes that this constraint refers to."""
        return self.values if self.name in _OF_SHAPES else self.others.get("qualifiedValueShape", ())


@dataclass(frozen=True, slots=True)
class Shape:
    """A node shape, or with a path a property shape."""

    term: str
    path: Path | None
    targets: tuple[tuple[str, str], ...]
    severity: str
    messages: tuple[Text, ...]
    deactivated: bool
    constraints: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class CustomComponent:
    """A constraint component that the shapes graph declares itself (SHACL, section 6)."""

    term: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


@dataclass(frozen=True)
class ShapesGraph:
    """Shapes by term, those with targets in order of their text, and the nodes that they were read from."""

    nodes: Nodes
    shapes: Mapping[str, Shape]
    targeted: tuple[Shape, ...]
    components: Mapping[str, CustomComponent]
    warnings: tuple[Problem, ...] = ()
    unsupported: tuple[Problem, ...] = ()

    @cached_property
    def described(self) -> dict[str, ShapeInfo]:
        """Tell what every shape is called and what it is a part of."""
        parents: dict[str, str] = {}
        for shape in self.shapes.values():
            for constraint in shape.constraints:
                for inner in constraint.shapes:
                    parents.setdefault(inner, shape.term)
        return {
            s.term: ShapeInfo(
                term=s.term,
                names=_texts(self.nodes, s.term, sh("name"), RDFS_LABEL),
                descriptions=_texts(self.nodes, s.term, sh("description"), f"<{RDFS}comment>"),
                path=s.path,
                parent=parents.get(s.term),
                targets=tuple(f"{kind} {shorten(node)}" for kind, node in s.targets),
            )
            for s in self.shapes.values()
        }


def _texts(nodes: Nodes, term: str, *words: str) -> tuple[Text, ...]:
    return tuple(text_of(o) for word in words for o in sorted(nodes.values(term, word)) if is_literal(o))


def read_shapes(nodes: Nodes) -> ShapesGraph:
    """Read every shape that a target leads to, and note what is not acted on.

    Raise ShapesError with all that is malformed.
    """
    problems: list[Problem] = list(find_misspelt_targets(nodes))
    reader = _Reader(nodes, problems)
    roots = reader.roots()
    for root in roots:
        reader.read(root)
    if problems:
        raise ShapesError.of(_unique(problems))
    check_recursion({s.term: [i for c in s.constraints for i in c.shapes] for s in reader.shapes.values()}, nodes)
    active = {s.term for s in reader.shapes.values() if not s.deactivated}
    warnings = [
        *list_unknown_terms(nodes),
        *list_unused_shapes(nodes, reader.shapes),
        *reader.ignored,
    ]
    return ShapesGraph(
        nodes,
        reader.shapes,
        tuple(reader.shapes[r] for r in roots),
        reader.components,
        tuple(_unique(warnings)),
        tuple(_unique([*list_unsupported(nodes, active), *reader.unsupported])),
    )


def _unique(problems: Iterable[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


class _Reader:
    """Reads shapes one after the other, noting what is wrong."""

    def __init__(self, nodes: Nodes, problems: list[Problem]) -> None:
        self.nodes = nodes
        self.problems = problems
        self.shapes: dict[str, Shape] = {}
        self.functions = list_functions(nodes)
        self.unsupported: list[Problem] = []
        self.ignored: list[Problem] = []
        self.components = {c.term: c for c in self._custom()}
        self._implicit = {
            s
            for meta in (RDFS_CLASS, OWL_CLASS)
            for s in nodes.instances(meta)
            if nodes.is_instance(s, sh("NodeShape")) or nodes.is_instance(s, sh("PropertyShape"))
        }

    def roots(self) -> list[str]:
        explicit = {s for word in TARGETS for s, _ in self.nodes.pairs(sh(word))}
        return sorted(explicit | self._implicit)

    def read(self, root: str) -> None:
        """Read a shape and all that it leads to, without recursion, since shapes may be nested deeply."""
        todo = [root]
        while todo:
            term = todo.pop()
            if term not in self.shapes:
                shape = self._shape(term)
                self.shapes[term] = shape
                todo.extend(i for c in shape.constraints for i in c.shapes)

    def _shape(self, term: str) -> Shape:
        nodes = self.nodes
        where = name_shape(nodes, term)
        self.problems.extend(check_shape(nodes, term, where))
        path: Path | None = None
        paths = nodes.values(term, sh("path"))
        if len(paths) == 1:
            try:
                path = read_path(nodes, paths[0], where)
            except ShapesError as error:
                self.problems.extend(error.problems)
        targets = [(word, o) for word in TARGETS for o in sorted(nodes.values(term, sh(word)))]
        if term in self._implicit:
            targets.append(("targetClass", term))
            if not is_iri(term):
                self.problems.append(Problem(where, "a shape that is a class must have an IRI", "give it one"))
        return Shape(
            term=term,
            path=path,
            targets=tuple(dict.fromkeys(targets)),
            severity=nodes.value(term, sh("severity")) or sh("Violation"),
            messages=tuple(text_of(m) for m in sorted(nodes.values(term, sh("message"))) if is_literal(m)),
            deactivated=any(map(is_true, nodes.values(term, sh("deactivated")))),
            constraints=tuple(self._constraints(term, bool(paths), where)),
        )

    def _constraints(self, term: str, has_path: bool, where: str) -> Iterable[Constraint]:
        nodes = self.nodes
        have = nodes.predicates(term)
        for word in _EACH:
            if sh(word) not in have or (word in _NOT_FOR_NODES and not has_path):
                continue
            for value in sorted(nodes.values(term, sh(word))):
                if word == "closed" and not is_true(value):
                    continue
                if word == "uniqueLang" and not self._is_unique_lang(value, where):
                    continue
                if word == "sparql" and self._calls(value, where):
                    continue
                try:
                    values = tuple(nodes.members(value, where)) if word in _LISTS else (value,)
                except ShapesError as error:
                    self.problems.extend(error.problems)
                    continue
                others: dict[str, tuple[str, ...]] = {}
                if word == "closed":
                    others = {"allowed": self._allowed(term, where)}
                elif word == "pattern":
                    others = {"flags": tuple(nodes.values(term, sh("flags")))}
                    self._check_pattern(value, others["flags"], where)
                yield Constraint(word, component_of(word), values, _expected(word, values), others)
        yield from self._qualified(term)
        yield from self._own(term, where)

    def _check_pattern(self, pattern: str, flags: tuple[str, ...], where: str) -> None:
        """Note a regular expression that is wrong, though no value may ever reach it."""
        if not is_literal(pattern) or not all(map(is_literal, flags)):
            return  # reported where the kinds of terms are checked
        try:
            patterns.check(lexical(pattern), "".join(map(lexical, flags)), where)
        except ShapesError as error:
            self.problems.extend(error.problems)

    def _is_unique_lang(self, value: str, where: str) -> bool:
        """Tell whether sh:uniqueLang is on: by the letter of section 4.4.5, and the W3C's cases, `"1"` is not."""
        if is_true(value) and lexical(value) != "true":
            what = f"sh:uniqueLang is {lexical(value)!r}, which has no effect"
            self.ignored.append(Problem(where, what, "write true", kind="no effect", level="warning"))
            return False
        return is_true(value)

    def _calls(self, node: str, where: str) -> bool:
        """Tell, and note, whether a query calls a function that the shapes graph declares."""
        for text in (t for word in ("select", "ask") for t in self.nodes.values(node, sh(word)) if is_literal(t)):
            if function := calls_function(lexical(text), self.functions):
                what = f"its query calls the SHACL function {function}, and is not asked"
                self.unsupported.append(Problem(where, what, "write it out in the query", kind="unsupported"))
                return True
        return False

    def _has_validator(self, component: str, term: str, where: str) -> bool:
        """Tell whether a component has a validator that can be run on a shape, and note it where it has none.

        Raise nothing: a component without one that fits is ignored (SHACL, section 6.2.3).
        """
        nodes = self.nodes
        own = "propertyValidator" if nodes.values(term, sh("path")) else "nodeValidator"
        found = [v for word in (own, "validator") for v in sorted(nodes.values(component, sh(word)))]
        if not found:
            what = f"{component} has no validator for this kind of shape, and is not checked"
            self.ignored.append(Problem(where, what, f"give it sh:{own} or sh:validator", level="warning"))
        elif nodes.values(found[0], sh("jsFunctionName")):
            what = f"the validator of {component} is written in JavaScript, and is not run"
            self.unsupported.append(Problem(where, what, "write it in SPARQL", kind="unsupported"))
        else:
            return not self._calls(found[0], where)
        return False

    def _allowed(self, term: str, where: str) -> tuple[str, ...]:
        """List the predicates that a closed shape allows (SHACL, section 4.8.1)."""
        found = [path for p in self.nodes.values(term, sh("property")) for path in self.nodes.values(p, sh("path"))]
        for head in self.nodes.values(term, sh("ignoredProperties")):
            try:
                found.extend(self.nodes.members(head, where))
            except ShapesError as error:
                self.problems.extend(error.problems)
        return tuple(sorted({p for p in found if is_iri(p)}))

    def _qualified(self, term: str) -> Iterable[Constraint]:
        """Read the qualified counts of a shape with their sibling shapes (SHACL, section 4.7.3)."""
        nodes = self.nodes
        inner = nodes.values(term, sh("qualifiedValueShape"))
        counts = ("qualifiedMinCount", "qualifiedMaxCount")
        if not inner or not any(nodes.values(term, sh(c)) for c in counts):
            return
        siblings: set[str] = set()
        if any(is_true(v) for v in nodes.values(term, sh("qualifiedValueShapesDisjoint"))):
            for parent in nodes.subjects(sh("property"), term):
                for prop in nodes.values(parent, sh("property")):
                    siblings.update(nodes.values(prop, sh("qualifiedValueShape")))
        siblings.difference_update(inner)
        others = {"qualifiedValueShape": (*inner, *sorted(siblings)), "siblings": tuple(sorted(siblings))}
        for word in counts:
            for value in nodes.values(term, sh(word)):
                yield Constraint(word, component_of(word), (value,), lexical(value), others)

    def _custom(self) -> Iterable[CustomComponent]:
        nodes = self.nodes
        for term in sorted(nodes.instances(sh("ConstraintComponent"))):
            required: list[str] = []
            optional: list[str] = []
            for parameter in nodes.values(term, sh("parameter")):
                paths = nodes.values(parameter, sh("path"))
                self.problems.extend(check_boolean(nodes, parameter, "optional", f"{term} / sh:parameter"))
                if len(paths) != 1 or not is_iri(paths[0]):
                    self.problems.append(
                        Problem(term, f"its parameter {parameter} has no sh:path that is an IRI", "give it exactly one")
                    )
                    continue
                (optional if any(map(is_true, nodes.values(parameter, sh("optional")))) else required).append(paths[0])
            if required:
                yield CustomComponent(term, tuple(sorted(required)), tuple(sorted(optional)))
            elif not term.startswith(f"<{sh('')[1:-1]}"):
                self.problems.append(
                    Problem(term, "a constraint component needs a parameter that is not optional", "declare one")
                )

    def _own(self, term: str, where: str) -> Iterable[Constraint]:
        """Read the constraints of components that the shapes graph declares itself (SHACL, section 6.2)."""
        nodes = self.nodes
        for component in self.components.values():
            if component.term.startswith(f"<{sh('')[1:-1]}"):
                continue
            if not all(nodes.values(term, p) for p in component.required):
                continue
            if not self._has_validator(component.term, term, where):
                continue
            every = (*component.required, *component.optional)
            many = [p for p in every if len(nodes.values(term, p)) > 1]
            if many and len(every) > 1:
                self.problems.append(
                    Problem(where, f"{shorten(many[0])} has more than one value", "leave one, or write two shapes")
                )
                continue
            for first in sorted(nodes.values(term, component.required[0])):
                others = {p: (first,) if p == component.required[0] else tuple(nodes.values(term, p)) for p in every}
                expected = ", ".join(f"{local_name(p)} {show(v[0])}" for p, v in others.items() if v)
                yield Constraint("custom", component.term, (first,), expected, others)


def component_of(word: str) -> str:
    """Name the constraint component of a parameter.

    >>> component_of("minCount")
    '<http://www.w3.org/ns/shacl#MinCountConstraintComponent>'
    """
    name = "SPARQL" if word == "sparql" else word[0].upper() + word[1:]
    return sh(f"{name}ConstraintComponent")


def _expected(word: str, values: tuple[str, ...]) -> str:
    if word in {"sparql", "closed", "uniqueLang"}:
        return ""
    texts = [lexical(v) if is_literal(v) else local_name(v) for v in values[:10]]
    return ", ".join(texts) + (" …" if len(values) > 10 else "")
