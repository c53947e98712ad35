"""Finds the edges that a path which repeats (`p*`, `p+`, `p?`) leads over: a shortest way from one node to another.

https://www.w3.org/TR/sparql11-query/#propertypaths
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator

from glocal_rdf.lazy import pl
from glocal_rdf.sparql.grammar import tree

__all__ = ["find_ways"]

Edge = tuple[str, str, str]
Way = tuple[Edge, ...]
_Index = dict[str, list[Edge]]


def find_ways(frame: pl.DataFrame, path: tree.Path, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Way]:
    """Return a shortest way along a path for each pair of nodes that it joins.

    Args:
        frame: The graph, in columns of terms.
        path: The path.
        pairs: Where each way begins and ends.

    Returns:
        The edges by pair; none for a way without a step. A pair that the path does not join is missing.
    """
    walker = _Walker(frame)
    wanted: dict[str, set[str]] = defaultdict(set)
    for start, end in pairs:
        wanted[start].add(end)
    found: dict[tuple[str, str], Way] = {}
    for start, ends in wanted.items():
        left = set(ends)
        for end, way in walker.follow(path, start, ahead=True):
            if end in left:
                found[start, end] = way
                left.discard(end)
            if not left:
                break
    return found


class _Walker:
    """Walks over a graph; the edges of a predicate are looked up once."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._known: dict[tuple[tuple[str, ...], bool, bool], _Index] = {}

    def follow(self, path: tree.Path | tree.Iri, node: str, *, ahead: bool) -> Iterator[tuple[str, Way]]:
        """Yield the nodes that a path leads to, each with a way, the shortest first where the path repeats.

        Args:
            path: The path.
            node: Where it begins.
            ahead: Whether it is followed from its subject to its object.
        """
        if isinstance(path, tree.Iri):
            yield from self._step((f"<{path.value}>",), node, ahead=ahead, but=False)
            return
        parts = path.parts
        if path.operator == "^":
            yield from self.follow(parts[0], node, ahead=not ahead)
        elif path.operator == "|":
            for part in parts:
                yield from self.follow(part, node, ahead=ahead)
        elif path.operator == "/":
            yield from self._chain(parts if ahead else parts[::-1], node, ahead=ahead)
        elif path.operator == "!":
            for way in (True, False):
                named = [part if way else part.parts[0] for part in parts if isinstance(part, tree.Iri) == way]  # type: ignore[union-attr]
                if named or (way and not parts):
                    iris = tuple(f"<{part.value}>" for part in named if isinstance(part, tree.Iri))
                    yield from self._step(iris, node, ahead=ahead == way, but=True)
        else:
            step = parts[0]
            yield from _repeat(
                lambda at: self.follow(step, at, ahead=ahead),
                node,
                least=path.operator == "+",
                once=path.operator == "?",
            )

    def _chain(self, parts: tuple[tree.Path | tree.Iri, ...], node: str, *, ahead: bool) -> Iterator[tuple[str, Way]]:
        first, rest = parts[0], parts[1:]
        for end, way in self.follow(first, node, ahead=ahead):
            if not rest:
                yield end, way
                continue
            for last, more in self._chain(rest, end, ahead=ahead):
                yield last, way + more

    def _step(self, predicates: tuple[str, ...], node: str, *, ahead: bool, but: bool) -> Iterator[tuple[str, Way]]:
        """Yield the nodes one edge away: along some predicates, or along all but these."""
        key = (predicates, ahead, but)
        if key not in self._known:
            listed = pl.col("predicate").is_in(predicates)
            edges = self._frame.filter(~listed if but else listed).select("subject", "predicate", "object")
            index: _Index = defaultdict(list)
            for edge in edges.sort(edges.columns).iter_rows():
                index[edge[0 if ahead else 2]].append(edge)
            self._known[key] = index
        for edge in self._known[key].get(node, ()):
            yield edge[2 if ahead else 0], (edge,)


def _repeat(
    follow: Callable[[str], Iterator[tuple[str, Way]]], start: str, *, least: bool, once: bool
) -> Iterator[tuple[str, Way]]:
    """Yield what is reached by repeating a step, each node once.

    Args:
        follow: The step.
        start: Where it begins.
        least: Whether at least one step is taken (`+`).
        once: Whether at most one is (`?`).
    """
    seen: set[str] = set() if least else {start}
    if not least:
        yield start, ()
    todo: deque[tuple[str, Way]] = deque([(start, ())])
    while todo:
        at, way = todo.popleft()
        for end, more in follow(at):
            if end not in seen:
                seen.add(end)
                yield end, way + more
                if not once:
                    todo.append((end, way + more))
