"""Rewrites property paths with alternatives as unions, because the engine returns each pair of nodes only once.

By SPARQL 1.1, section 18.4, `?a ex:p|ex:q ?b` has a solution for each of its two alternatives: it is `{ ?a ex:p ?b }
UNION { ?a ex:q ?b }`. Where a path has alternatives outside of `*`, `+` and `?` (which return a pair once by the
specification too), its block of triples is rewritten, triple by triple, with variables for the block's blank nodes.

https://www.w3.org/TR/sparql11-query/#sparqlPropertyPaths
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.scope import mentioned

__all__ = ["expand_alternatives"]

MAX_ALTERNATIVES = 1000
_Path = tree.Path | tree.Iri


def expand_alternatives(query: tree.Query, where: str) -> str:
    """Return the text of a query without alternatives in its paths; the empty text where it has none.

    Raises:
        ShapesError: A path has more alternatives than can be written.
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
    """Return the number of alternatives of a path, outside of what returns a pair once."""
    if not isinstance(path, tree.Path):
        return 1
    counts = [_count(part) for part in path.parts]
    if path.operator == "|":
        return min(sum(counts), MAX_ALTERNATIVES + 1)
    if path.operator in {"/", "^"}:
        total = 1
        for count in counts:
            total = min(total * count, MAX_ALTERNATIVES + 1)
        return total
    return len({isinstance(part, tree.Path) for part in path.parts}) if path.operator == "!" and path.parts else 1


def _alternatives(path: _Path) -> list[str]:
    """Return the alternatives of a path, each in SPARQL syntax."""
    if not isinstance(path, tree.Path):
        return [f"<{path.value}>"]
    if path.operator == "|":
        return [each for part in path.parts for each in _alternatives(part)]
    if path.operator == "/":
        return ["/".join(steps) for steps in product(*(_alternatives(part) for part in path.parts))]
    if path.operator == "^":
        return [f"(^({each}))" for each in _alternatives(path.parts[0])]
    if path.operator == "!":
        sides: dict[bool, list[str]] = {}
        for part in path.parts:
            sides.setdefault(isinstance(part, tree.Path), []).append(_step(part))
        return [f"!({'|'.join(side)})" for side in sides.values()] or ["!()"]
    return [f"({_write(path.parts[0])}){path.operator}"]


def _step(part: _Path) -> str:
    return f"^{_step(part.parts[0])}" if isinstance(part, tree.Path) else f"<{part.value}>"


def _write(path: _Path) -> str:
    """Return a path in SPARQL syntax, with its alternatives."""
    if not isinstance(path, tree.Path):
        return f"<{path.value}>"
    if path.operator in {"|", "/"}:
        return path.operator.join(f"({_write(part)})" for part in path.parts)
    if path.operator == "!":
        return f"!({'|'.join(_step(part) for part in path.parts)})"
    inner = f"({_write(path.parts[0])})"
    return f"^{inner}" if path.operator == "^" else f"{inner}{path.operator}"


class _Writer:
    """Writes blocks of triples of one query, with variables in the place of its blank nodes."""

    def __init__(self, query: tree.Query, where: str) -> None:
        self._text = query.text
        self._where = where
        self._used = mentioned(query)
        self._labels: dict[str, str] = {}
        self._fresh = 0

    def block(self, block: tree.Triples) -> str:
        """Return a block, triple by triple, without a dot at its end, which may follow in the text."""
        out: list[str] = []
        for triple in block.triples:
            self._triple(self._term(triple.subject, out), triple, out)
        return " ".join(out).removesuffix(" .")

    def _triple(self, subject: str, triple: tree.Triple, out: list[str]) -> None:
        """Write a triple to `out`, as a union where its path has alternatives."""
        obj = self._term(triple.object, out)
        predicate = triple.predicate
        if isinstance(predicate, tree.Var):
            out.append(f"{subject} ?{predicate.name} {obj} .")
            return
        if _count(predicate) > MAX_ALTERNATIVES:
            raise ShapesError.at(
                self._where,
                f"its query has a path with more than {MAX_ALTERNATIVES:,} alternatives",
                "write a simpler path",
            )
        alternatives = _alternatives(predicate)
        if len(alternatives) == 1:
            out.append(f"{subject} {alternatives[0]} {obj} .")
            return
        # Neither a block of triples before a union nor one after it needs a dot.
        out.append(" UNION ".join(f"{{ {subject} {each} {obj} }}" for each in alternatives))

    def _variable(self) -> str:
        while True:
            self._fresh += 1
            name = f"blankNode{self._fresh}"
            if name not in self._used:
                return f"?{name}"

    def _term(self, term: tree.Node, out: list[str]) -> str:
        """Return a term in SPARQL syntax; what a collection or property list states is written to `out`."""
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
        cells = [self._variable() for _ in items] + [RDF_NIL]
        for cell, item, rest in zip(cells, items, cells[1:], strict=False):
            out.append(f"{cell} {RDF_FIRST} {self._term(item, out)} .")
            out.append(f"{cell} {RDF_REST} {rest} .")
        return cells[0]
