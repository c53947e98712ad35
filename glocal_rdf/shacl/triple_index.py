"""A small graph as a dictionary, for what is read node by node: shapes, lists, paths and reports."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.terms import FIRST, NIL, RDF_TYPE, REST, SUBCLASS, XSD, sh, shorten
from glocal_rdf.triples import Triples
from glocal_rdf.triples.terms import unquote as lexical

__all__ = ["Nodes", "is_blank", "is_iri", "is_literal", "is_true", "language_tag", "lexical", "name_shape", "text_of"]


def is_iri(term: str) -> bool:
    """Tell whether a term is an IRI."""
    return term.startswith("<")


def is_blank(term: str) -> bool:
    """Tell whether a term is a blank node."""
    return term.startswith("_:")


def is_literal(term: str) -> bool:
    """Tell whether a term is a literal."""
    return term.startswith('"')


def language_tag(term: str) -> str:
    """Give the language tag of a literal, or the empty text.

    >>> language_tag('"a"@zh-Hant')
    'zh-Hant'
    """
    tail = term[term.rindex('"') + 1 :] if is_literal(term) else ""
    return tail[1:] if tail.startswith("@") else ""


def is_true(term: str) -> bool:
    """Tell whether a term is the boolean true, which has two lexical forms.

    >>> [is_true(f'"{text}"^^<http://www.w3.org/2001/XMLSchema#boolean>') for text in ("true", "1", "false", "0")]
    [True, True, False, False]
    """
    return term in (f'"true"^^<{XSD}boolean>', f'"1"^^<{XSD}boolean>')


def text_of(term: str) -> tuple[str, str]:
    """Give a literal as its text and its language."""
    return lexical(term), language_tag(term)


_STEPS = 20
"""How many shapes a name climbs; beyond that it says that there are more."""


class Nodes:
    """The triples of a small graph by subject and predicate, and by predicate and object."""

    def __init__(self, triples: Triples) -> None:
        """Index the graph; objects stay in the order of the triples."""
        self._by_subject: dict[str, dict[str, list[str]]] = {}
        self._by_predicate: dict[str, list[tuple[str, str]]] = {}
        self._subjects: dict[tuple[str, str], list[str]] = {}
        for s, p, o in triples.distinct():
            self._by_subject.setdefault(s, {}).setdefault(p, []).append(o)
            self._by_predicate.setdefault(p, []).append((s, o))
            self._subjects.setdefault((p, o), []).append(s)

    def values(self, subject: str, predicate: str) -> list[str]:
        """List the objects of a subject and predicate."""
        return self._by_subject.get(subject, {}).get(predicate, [])

    def value(self, subject: str, predicate: str) -> str | None:
        """Give one object of a subject and predicate, the first in order of text, or none."""
        return min(self.values(subject, predicate), default=None)

    def predicates(self, subject: str) -> Collection[str]:
        """List the predicates of a subject."""
        return self._by_subject.get(subject, {}).keys()

    def pairs(self, predicate: str) -> list[tuple[str, str]]:
        """List subject and object of every triple with a predicate."""
        return self._by_predicate.get(predicate, [])

    def words(self) -> Collection[str]:
        """List the predicates of the graph."""
        return self._by_predicate.keys()

    def subjects(self, predicate: str, obj: str) -> list[str]:
        """List the subjects that have an object under a predicate."""
        return self._subjects.get((predicate, obj), [])

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_subject)

    def members(self, head: str, where: str) -> list[str]:
        """Read the SHACL list that starts at `head`. Raise ShapesError where it is broken or cyclic."""
        out: list[str] = []
        seen: set[str] = set()
        node = head
        while node != NIL:
            if node in seen:
                raise ShapesError.at(where, "its list runs in a circle", "end it with rdf:nil")
            seen.add(node)
            first, rest = self.values(node, FIRST), self.values(node, REST)
            if len(first) != 1 or len(rest) != 1:
                raise ShapesError.at(
                    where,
                    f"{head} is not a list: {node} has {len(first)} rdf:first and {len(rest)} rdf:rest",
                    "give each node of the list exactly one of both, and end it with rdf:nil",
                )
            out.append(first[0])
            node = rest[0]
        return out

    @cached_property
    def _classes(self) -> dict[str, frozenset[str]]:
        return {}

    def subclasses(self, of: str) -> frozenset[str]:
        """Give a class with all its subclasses in this graph."""
        if of not in self._classes:
            found, todo = {of}, [of]
            while todo:
                for sub in self.subjects(SUBCLASS, todo.pop()):
                    if sub not in found:
                        found.add(sub)
                        todo.append(sub)
            self._classes[of] = frozenset(found)
        return self._classes[of]

    def instances(self, of: str) -> list[str]:
        """List the SHACL instances of a class, each once."""
        return list(dict.fromkeys(s for c in sorted(self.subclasses(of)) for s in self.subjects(RDF_TYPE, c)))

    def is_instance(self, node: str, of: str) -> bool:
        """Tell whether a node is a SHACL instance of a class."""
        return not self.subclasses(of).isdisjoint(self.values(node, RDF_TYPE))


def name_shape(nodes: Nodes, term: str) -> str:
    """Say which shape is meant: its IRI, or for a blank node the shapes that it is part of and its path."""
    steps: list[str] = []
    at, seen = term, set[str]()
    while not is_iri(at) and at not in seen:
        if len(seen) == _STEPS:
            return " / ".join(["…", *steps])
        seen.add(at)
        path = nodes.value(at, sh("path"))
        if path and is_iri(path):
            steps.insert(0, f"sh:path {shorten(path)}")
        parent = next((s for w in ("property", "node", "not") for s in sorted(nodes.subjects(sh(w), at))), None)
        if parent is None:
            break
        at = parent
    return " / ".join([at, *steps])
