"""Property paths: read from the shapes graph, written as SPARQL text and as triples (SHACL, section 2.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.terms import FIRST, NIL, REST, sh
from glocal_rdf.shacl.triple_index import Nodes, is_iri

__all__ = ["Path", "read_path", "write_path"]

Kind = Literal["predicate", "inverse", "sequence", "alternative", "zero-or-more", "one-or-more", "zero-or-one"]

_ONE: dict[str, Kind] = {
    sh("inversePath"): "inverse",
    sh("zeroOrMorePath"): "zero-or-more",
    sh("oneOrMorePath"): "one-or-more",
    sh("zeroOrOnePath"): "zero-or-one",
}
_WORD = {kind: word for word, kind in _ONE.items()}
_MARK = {"zero-or-more": "*", "one-or-more": "+", "zero-or-one": "?"}
_LARGEST = 200
_STEPS = 2_000
"""How many predicates a path may name: each is a step of its own."""


@dataclass(frozen=True, slots=True)
class Path:
    """A property path: a predicate (an IRI term), or an operation on other paths.

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
        """Write the path in SPARQL syntax, each IRI as `name` writes it."""
        if self.kind == "predicate":
            return name(self.iri)
        parts = [p.text(name) if p.kind == "predicate" else f"({p.text(name)})" for p in self.parts]
        if self.kind == "sequence":
            return "/".join(parts)
        if self.kind == "alternative":
            return "|".join(parts)
        if self.kind == "inverse":
            return "^" + parts[0]
        return parts[0] + _MARK[self.kind]

    @property
    def predicates(self) -> frozenset[str]:
        """Name every predicate that the path walks along."""
        if self.kind == "predicate":
            return frozenset((self.iri,))
        return frozenset().union(*(p.predicates for p in self.parts))


def read_path(nodes: Nodes, term: str, where: str) -> Path:
    """Read the path at `term`. Raise ShapesError, naming `where`, if it is malformed, cyclic or too large."""
    return _Reader(nodes, where).read(term, ())


class _Reader:
    """Reads one path; counts its parts, since parts that are shared may multiply without end."""

    def __init__(self, nodes: Nodes, where: str) -> None:
        self._nodes = nodes
        self._where = where
        self._parts = 0
        self._steps = 0

    def read(self, term: str, inside: tuple[str, ...]) -> Path:
        if is_iri(term) and term != NIL:
            self._steps += 1
            if self._steps > _STEPS:
                what = f"its path has more than {_STEPS:,} predicates"
                raise ShapesError.at(self._where, what, "split the shape, or name fewer")
            return Path("predicate", term)
        self._parts += 1
        if term in inside or self._parts > _LARGEST:
            raise ShapesError.at(
                self._where,
                f"its path {term} runs in a circle or has more than {_LARGEST} parts",
                "write a path that ends",
            )
        inside = (*inside, term)
        # A node that is a list is a sequence, whatever else is said of it (W3C case path-strange-001).
        if self._nodes.values(term, FIRST) or self._nodes.values(term, REST):
            return Path("sequence", parts=self._list(term, inside))
        alternatives = self._nodes.values(term, sh("alternativePath"))
        if len(alternatives) == 1:
            return Path("alternative", parts=self._list(alternatives[0], inside))
        for word, kind in _ONE.items():
            values = self._nodes.values(term, word)
            if len(values) == 1:
                return Path(kind, parts=(self.read(values[0], inside),))
        raise ShapesError.at(
            self._where,
            f"its sh:path {term} is not a path",
            "write an IRI, a list, or one of sh:inversePath, sh:alternativePath, sh:zeroOrMorePath, "
            "sh:oneOrMorePath, sh:zeroOrOnePath",
        )

    def _list(self, head: str, inside: tuple[str, ...]) -> tuple[Path, ...]:
        members = self._nodes.members(head, self._where)
        if len(members) < 2:
            raise ShapesError.at(
                self._where, f"the list of its path {head} has fewer than two members", "write two or more"
            )
        return tuple(self.read(m, inside) for m in members)


def write_path(path: Path, fresh: Callable[[], str]) -> tuple[str, list[tuple[str, str, str]]]:
    """Write a path as triples; give the node that stands for it, and the triples. `fresh` makes blank nodes."""
    if path.kind == "predicate":
        return path.iri, []
    inner = [write_path(p, fresh) for p in path.parts]
    triples = [t for _, more in inner for t in more]
    if path.kind in _WORD:
        node = fresh()
        return node, [*triples, (node, _WORD[path.kind], inner[0][0])]
    cells = [fresh() for _ in inner]
    for at, (member, _) in enumerate(inner):
        triples.append((cells[at], FIRST, member))
        triples.append((cells[at], REST, cells[at + 1] if at + 1 < len(cells) else NIL))
    if path.kind == "sequence":
        return cells[0], triples
    node = fresh()
    return node, [*triples, (node, sh("alternativePath"), cells[0])]
