"""Property paths: read from a shapes graph, written in SPARQL and as triples (SHACL, section 2.3.1).

https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST
from glocal_rdf.shacl.terms import is_iri, sh
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["Path", "read_path", "write_path"]

Kind = Literal["predicate", "inverse", "sequence", "alternative", "zero-or-more", "one-or-more", "zero-or-one"]

_UNARY: dict[str, Kind] = {
    sh("inversePath"): "inverse",
    sh("zeroOrMorePath"): "zero-or-more",
    sh("oneOrMorePath"): "one-or-more",
    sh("zeroOrOnePath"): "zero-or-one",
}
_PREDICATE = {kind: predicate for predicate, kind in _UNARY.items()}
_OPERATOR = {"zero-or-more": "*", "one-or-more": "+", "zero-or-one": "?"}
MAX_PARTS = 200
MAX_PREDICATES = 2_000
"""The number of predicates that a path may have, as each is a step of its own."""


@dataclass(frozen=True, slots=True)
class Path:
    """A property path: a predicate (an IRI as a term), or an operator on other paths.

    Examples:
        >>> p = Path("predicate", "<http://example.org/p>")
        >>> str(Path("sequence", parts=(p, Path("zero-or-more", parts=(Path("inverse", parts=(p,)),)))))
        '<http://example.org/p>/((^<http://example.org/p>)*)'
    """

    kind: Kind
    iri: str = ""
    parts: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return self.text(lambda iri: iri)

    def text(self, name: Callable[[str], str]) -> str:
        """Return the path in SPARQL syntax, with what `name` returns for each IRI."""
        if self.kind == "predicate":
            return name(self.iri)
        parts = [p.text(name) if p.kind == "predicate" else f"({p.text(name)})" for p in self.parts]
        if self.kind == "sequence":
            return "/".join(parts)
        if self.kind == "alternative":
            return "|".join(parts)
        if self.kind == "inverse":
            return "^" + parts[0]
        return parts[0] + _OPERATOR[self.kind]

    @property
    def predicates(self) -> frozenset[str]:
        """All predicates in the path."""
        if self.kind == "predicate":
            return frozenset((self.iri,))
        return frozenset().union(*(p.predicates for p in self.parts))


def read_path(index: TripleIndex, term: str, where: str) -> Path:
    """Return the path that a node of a shapes graph describes.

    Args:
        index: The shapes graph.
        term: The value of sh:path.
        where: The shape's name for messages.

    Raises:
        ShapesError: The path is malformed, cyclic or too large.
    """
    return _Reader(index, where).read(term, ())


class _Reader:
    """Reads one path, and counts its parts, since shared parts may multiply without end."""

    def __init__(self, index: TripleIndex, where: str) -> None:
        self._index = index
        self._where = where
        self._parts = 0
        self._predicates = 0

    def read(self, term: str, inside: tuple[str, ...]) -> Path:
        """Read the path at a node; `inside` are the nodes that it is a part of."""
        if is_iri(term) and term != RDF_NIL:
            self._predicates += 1
            if self._predicates > MAX_PREDICATES:
                what = f"its path has more than {MAX_PREDICATES:,} predicates"
                raise ShapesError.at(self._where, what, "split the shape, or use fewer")
            return Path("predicate", term)
        self._parts += 1
        if term in inside or self._parts > MAX_PARTS:
            raise ShapesError.at(
                self._where,
                f"its path {term} is cyclic or has more than {MAX_PARTS} parts",
                "write a finite path",
            )
        inside = (*inside, term)
        # A node that is a list is a sequence, whatever other values it has (W3C case path-strange-001).
        if self._index.values(term, RDF_FIRST) or self._index.values(term, RDF_REST):
            return Path("sequence", parts=self._list(term, inside))
        alternatives = self._index.values(term, sh("alternativePath"))
        if len(alternatives) == 1:
            return Path("alternative", parts=self._list(alternatives[0], inside))
        for predicate, kind in _UNARY.items():
            values = self._index.values(term, predicate)
            if len(values) == 1:
                return Path(kind, parts=(self.read(values[0], inside),))
        raise ShapesError.at(
            self._where,
            f"its sh:path {term} is not a path",
            "write an IRI, a list, or one of sh:inversePath, sh:alternativePath, sh:zeroOrMorePath, "
            "sh:oneOrMorePath, sh:zeroOrOnePath",
        )

    def _list(self, head: str, inside: tuple[str, ...]) -> tuple[Path, ...]:
        members = self._index.members(head, self._where)
        if len(members) < 2:
            raise ShapesError.at(
                self._where, f"the list of its path {head} has fewer than two members", "write two or more"
            )
        return tuple(self.read(m, inside) for m in members)


def write_path(path: Path, fresh: Callable[[], str]) -> tuple[str, list[tuple[str, str, str]]]:
    """Return a path as the node that stands for it and the triples that describe it.

    Args:
        path: The path.
        fresh: Returns a new blank node.
    """
    if path.kind == "predicate":
        return path.iri, []
    inner = [write_path(p, fresh) for p in path.parts]
    triples = [t for _, more in inner for t in more]
    if path.kind in _PREDICATE:
        node = fresh()
        return node, [*triples, (node, _PREDICATE[path.kind], inner[0][0])]
    cells = [fresh() for _ in inner]
    for at, (member, _) in enumerate(inner):
        triples.append((cells[at], RDF_FIRST, member))
        triples.append((cells[at], RDF_REST, cells[at + 1] if at + 1 < len(cells) else RDF_NIL))
    if path.kind == "sequence":
        return cells[0], triples
    node = fresh()
    return node, [*triples, (node, sh("alternativePath"), cells[0])]
