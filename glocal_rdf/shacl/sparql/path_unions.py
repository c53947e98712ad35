"""Writes property paths with alternatives as unions, because the engine gives each pair of nodes of a path only once.

By SPARQL 1.1, section 18.4, `?a ex:p|ex:q ?b` has a solution for each of its two ways: it is `{ ?a ex:p ?b } UNION
{ ?a ex:q ?b }`. Where a path has alternatives outside of `*`, `+` and `?`, which give a pair once by the specification
too, its block of triples is written anew, triple by triple, with variables for the blank nodes of the block.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.terms import FIRST, NIL, REST
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.scope import mentioned

__all__ = ["write_alternatives"]

_MOST = 1000
_Path = tree.Path | tree.Iri


def write_alternatives(query: tree.Query, where: str) -> str:
    """Give the text of a query without alternatives in its paths; nothing where there are none.

    Raise ShapesError for a path with more alternatives than can be written.
    """
    blocks = [node for node in tree.walk(query) if isinstance(node, tree.Triples)]
    if not any(_count(triple.predicate) > 1 for block in blocks for triple in _all_triples(block)):
        return ""
    writer = _Writer(query, where)
    out: list[str] = []
    last = 0
    for block in sorted(blocks, key=lambda block: block.start):
        nodes = list(tree.walk(block))
        if any(isinstance(node, tree.TripleTerm) for node in nodes) or "{|" in query.text[block.start : block.end]:
            continue
        labelled = any(isinstance(node, tree.BlankNode) and node.label for node in nodes)
        if labelled or any(_count(triple.predicate) > 1 for triple in _all_triples(block)):
            out += (query.text[last : block.start], writer.block(block))
            last = block.end
    return "".join([*out, query.text[last:]])


def _all_triples(block: tree.Triples) -> Iterator[tree.Triple]:
    return (node for node in tree.walk(block) if isinstance(node, tree.Triple))


def _count(path: tree.Node) -> int:
    """Count the alternatives of a path, outside of what gives a pair once."""
    if not isinstance(path, tree.Path):
        return 1
    counts = [_count(part) for part in path.parts]
    if path.operator == "|":
        return min(sum(counts), _MOST + 1)
    if path.operator in {"/", "^"}:
        total = 1
        for count in counts:
            total = min(total * count, _MOST + 1)
        return total
    return len({isinstance(part, tree.Path) for part in path.parts}) if path.operator == "!" and path.parts else 1


def _ways(path: _Path) -> list[str]:
    """Write the alternatives of a path."""
    if not isinstance(path, tree.Path):
        return [f"<{path.value}>"]
    if path.operator == "|":
        return [way for part in path.parts for way in _ways(part)]
    if path.operator == "/":
        return ["/".join(ways) for ways in product(*(_ways(part) for part in path.parts))]
    if path.operator == "^":
        return [f"(^({way}))" for way in _ways(path.parts[0])]
    if path.operator == "!":
        sides: dict[bool, list[str]] = {}
        for part in path.parts:
            sides.setdefault(isinstance(part, tree.Path), []).append(_step(part))
        return [f"!({'|'.join(side)})" for side in sides.values()] or ["!()"]
    return [f"({_whole(path.parts[0])}){path.operator}"]


def _step(part: _Path) -> str:
    return f"^{_step(part.parts[0])}" if isinstance(part, tree.Path) else f"<{part.value}>"


def _whole(path: _Path) -> str:
    """Write a path as it is."""
    if not isinstance(path, tree.Path):
        return f"<{path.value}>"
    if path.operator in {"|", "/"}:
        return path.operator.join(f"({_whole(part)})" for part in path.parts)
    if path.operator == "!":
        return f"!({'|'.join(_step(part) for part in path.parts)})"
    inner = f"({_whole(path.parts[0])})"
    return f"^{inner}" if path.operator == "^" else f"{inner}{path.operator}"


class _Writer:
    """Writes blocks of triples of one query; variables stand for its blank nodes."""

    def __init__(self, query: tree.Query, where: str) -> None:
        self._text = query.text
        self._where = where
        self._used = mentioned(query)
        self._labels: dict[str, str] = {}
        self._fresh = 0

    def block(self, block: tree.Triples) -> str:
        """Write a block, triple by triple; without a dot at its end, which may follow in the text."""
        out: list[str] = []
        for triple in block.triples:
            self._triple(self._term(triple.subject, out), triple, out)
        return " ".join(out).removesuffix(" .")

    def _triple(self, subject: str, triple: tree.Triple, out: list[str]) -> None:
        obj = self._term(triple.object, out)
        verb = triple.predicate
        if isinstance(verb, tree.Var):
            out.append(f"{subject} ?{verb.name} {obj} .")
            return
        if _count(verb) > _MOST:
            raise ShapesError.at(
                self._where, f"its query has a path with over {_MOST} alternatives", "write a simpler path"
            )
        ways = _ways(verb)
        if len(ways) == 1:
            out.append(f"{subject} {ways[0]} {obj} .")
            return
        # A block of triples before a union needs no dot, and one after it neither.
        out.append(" UNION ".join(f"{{ {subject} {way} {obj} }}" for way in ways))

    def _variable(self) -> str:
        while True:
            self._fresh += 1
            name = f"blankNode{self._fresh}"
            if name not in self._used:
                return f"?{name}"

    def _term(self, term: tree.Node, out: list[str]) -> str:
        match term:
            case tree.Var(name=name):
                return f"?{name}"
            case tree.Iri(value=value):
                return f"<{value}>"
            case tree.BlankNode(label=label) if label:
                if label not in self._labels:
                    self._labels[label] = self._variable()
                return self._labels[label]
            case tree.BlankNode():
                return self._variable()
            case tree.PropertyList(triples=triples):
                name = self._variable()
                for triple in triples:
                    self._triple(name, triple, out)
                return name
            case tree.Collection(items=items):
                return self._collection(items, out)
        return self._text[term.start : term.end]

    def _collection(self, items: tuple[tree.Term, ...], out: list[str]) -> str:
        cells = [self._variable() for _ in items] + [NIL]
        for cell, item, rest in zip(cells, items, cells[1:], strict=False):
            out.append(f"{cell} {FIRST} {self._term(item, out)} .")
            out.append(f"{cell} {REST} {rest} .")
        return cells[0]
