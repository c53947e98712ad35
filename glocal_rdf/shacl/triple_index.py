"""A small graph as dictionaries, for what is read node by node: shapes, lists, paths and reports."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, RDFS_SUBCLASS_OF
from glocal_rdf.triples import Triples

__all__ = ["TripleIndex"]


class TripleIndex:
    """The triples of a small graph by subject and predicate, by predicate, and by predicate and object."""

    def __init__(self, triples: Triples) -> None:
        """Index a graph; objects stay in the order of the triples."""
        self._by_subject: dict[str, dict[str, list[str]]] = {}
        self._by_predicate: dict[str, list[tuple[str, str]]] = {}
        self._subjects: dict[tuple[str, str], list[str]] = {}
        self._subclasses: dict[str, frozenset[str]] = {}
        for s, p, o in triples.distinct():
            self._by_subject.setdefault(s, {}).setdefault(p, []).append(o)
            self._by_predicate.setdefault(p, []).append((s, o))
            self._subjects.setdefault((p, o), []).append(s)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the objects of a subject and predicate."""
        return self._by_subject.get(subject, {}).get(predicate, [])

    def value(self, subject: str, predicate: str) -> str | None:
        """Return one object of a subject and predicate, the first in order of text, or None."""
        return min(self.values(subject, predicate), default=None)

    def predicates_of(self, subject: str) -> Collection[str]:
        """Return the predicates of a subject."""
        return self._by_subject.get(subject, {}).keys()

    def pairs(self, predicate: str) -> list[tuple[str, str]]:
        """Return subject and object of every triple with a predicate."""
        return self._by_predicate.get(predicate, [])

    @property
    def predicates(self) -> Collection[str]:
        """The predicates of the graph."""
        return self._by_predicate.keys()

    def subjects(self, predicate: str, obj: str) -> list[str]:
        """Return the subjects that have an object under a predicate."""
        return self._subjects.get((predicate, obj), [])

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_subject)

    def members(self, head: str, where: str) -> list[str]:
        """Return the members of the SHACL list that starts at `head`.

        Raises:
            ShapesError: The list is broken or cyclic; the error is reported at `where`.

        https://www.w3.org/TR/shacl/#terminology
        """
        out: list[str] = []
        seen: set[str] = set()
        node = head
        while node != RDF_NIL:
            if node in seen:
                raise ShapesError.at(where, "its list is cyclic", "end it with rdf:nil")
            seen.add(node)
            first, rest = self.values(node, RDF_FIRST), self.values(node, RDF_REST)
            if len(first) != 1 or len(rest) != 1:
                raise ShapesError.at(
                    where,
                    f"{head} is not a list: {node} has {len(first)} rdf:first and {len(rest)} rdf:rest",
                    "give each node of the list exactly one of both, and end it with rdf:nil",
                )
            out.append(first[0])
            node = rest[0]
        return out

    def subclasses(self, of: str) -> frozenset[str]:
        """Return a class with all its subclasses in this graph."""
        if of not in self._subclasses:
            found, todo = {of}, [of]
            while todo:
                for sub in self.subjects(RDFS_SUBCLASS_OF, todo.pop()):
                    if sub not in found:
                        found.add(sub)
                        todo.append(sub)
            self._subclasses[of] = frozenset(found)
        return self._subclasses[of]

    def instances(self, of: str) -> list[str]:
        """Return the SHACL instances of a class, each once."""
        return list(dict.fromkeys(s for c in sorted(self.subclasses(of)) for s in self.subjects(RDF_TYPE, c)))

    def is_instance(self, node: str, of: str) -> bool:
        """Return whether a node is a SHACL instance of a class."""
        return not self.subclasses(of).isdisjoint(self.values(node, RDF_TYPE))
