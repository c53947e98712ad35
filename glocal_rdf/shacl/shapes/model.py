"""The shapes of a shapes graph, as they were read: their targets, paths and constraints (SHACL, section 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from glocal_rdf.errors import Problem
from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import RDFS, RDFS_LABEL, term
from glocal_rdf.shacl.constraints.component import Component
from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.shacl.terms import is_literal, lexical, sh, shorten, text_of
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["Constraint", "Shape", "ShapeInfo", "ShapesGraph", "Text"]

Text = tuple[str, str]
"""A text and its language tag; the tag is empty where there is none."""

MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a shape: a component with values of its parameters (SHACL, section 2.4).

    Attributes:
        component: The component's declaration.
        values: The value of the component's parameter, or the members of its list.
        expected: What the constraint expects, as text for messages.
        further: The values of the component's other parameters, by the names that its `read` gives them; by IRI for a
            component that the shapes graph declares.
    """

    component: Component
    values: tuple[str, ...]
    expected: str = ""
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def value(self) -> str:
        """The first value, which mostly is the only one."""
        return self.values[0]

    @property
    def number(self) -> int:
        """The value as a whole number, limited to what a column can hold."""
        text = lexical(self.value)
        sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-").lstrip("0") or "0"
        return sign * (int(digits) if len(digits) <= MAX_DIGITS else 10**MAX_DIGITS)

    @property
    def shapes(self) -> tuple[str, ...]:
        """The shapes that the constraint refers to."""
        own = self.values if self.component.value.is_shape else ()
        others = (self.further.get(p.name, ()) for p in self.component.further if p.value.is_shape)
        return (*own, *(term for terms in others for term in terms))


@dataclass(frozen=True, slots=True)
class Shape:
    """A node shape, or with a path a property shape (SHACL, sections 2.2 and 2.3).

    Attributes:
        term: The shape's IRI or blank node.
        path: The path of a property shape.
        targets: The kind of each target (`targetClass`) and its term.
        severity: The severity of its results, as a term.
        messages: The author's messages, in every language.
        deactivated: Whether every node conforms to it.
        constraints: Its constraints.
    """

    term: str
    path: Path | None
    targets: tuple[tuple[str, str], ...]
    severity: str
    messages: tuple[Text, ...]
    deactivated: bool
    constraints: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class ShapeInfo:
    """What reports name a shape by.

    Attributes:
        term: The shape's IRI or blank node.
        names: The values of sh:name and rdfs:label.
        descriptions: The values of sh:description and rdfs:comment.
        path: The path of a property shape.
        parent: The shape that this one is a part of.
        targets: Its targets as text: `targetClass <http://example.org/Person>`.
    """

    term: str
    names: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    path: Path | None = None
    parent: str | None = None
    targets: tuple[str, ...] = ()

    def name(self, lang: str = "en") -> str:
        """Return the name in a language, or else in any language; the empty text where there is none."""
        return pick(self.names, lang)


@dataclass(frozen=True)
class ShapesGraph:
    """The shapes that targets lead to.

    Attributes:
        index: The triples that the shapes were read from.
        shapes: The shapes by term.
        targeted: Those that have a target, in order of their terms.
        warnings: What in the shapes graph has no effect.
        unsupported: The features that are used and not supported.
    """

    index: TripleIndex
    shapes: Mapping[str, Shape]
    targeted: tuple[Shape, ...]
    warnings: tuple[Problem, ...] = ()
    unsupported: tuple[Problem, ...] = ()

    @cached_property
    def infos(self) -> dict[str, ShapeInfo]:
        """What reports name each shape by, by term."""
        parents: dict[str, str] = {}
        for shape in self.shapes.values():
            for constraint in shape.constraints:
                for inner in constraint.shapes:
                    parents.setdefault(inner, shape.term)
        return {
            s.term: ShapeInfo(
                term=s.term,
                names=_texts(self.index, s.term, sh("name"), RDFS_LABEL),
                descriptions=_texts(self.index, s.term, sh("description"), term(RDFS, "comment")),
                path=s.path,
                parent=parents.get(s.term),
                targets=tuple(f"{kind} {shorten(node)}" for kind, node in s.targets),
            )
            for s in self.shapes.values()
        }

    @cached_property
    def reused(self) -> frozenset[str]:
        """The shapes that a node may be checked against more than once: those with several uses, and their parts."""
        inner = {s.term: [part for c in s.constraints for part in c.shapes] for s in self.shapes.values()}
        uses = Counter(s.term for s in self.targeted)
        for parts in inner.values():
            uses.update(parts)
        found = {term for term, count in uses.items() if count > 1}
        todo = list(found)
        while todo:
            fresh = set(inner.get(todo.pop(), ())) - found
            found |= fresh
            todo += fresh
        return frozenset(found)

    def named_shape(self, shape: str) -> str:
        """Return the shape with an IRI that a shape is a part of, or the outermost one where none has an IRI."""
        at, seen = shape, set[str]()
        while at.startswith("_:") and at not in seen and at in self.infos:
            seen.add(at)
            at = self.infos[at].parent or at
        return at


def _texts(index: TripleIndex, term: str, *predicates: str) -> tuple[Text, ...]:
    return tuple(text_of(o) for p in predicates for o in sorted(index.values(term, p)) if is_literal(o))
