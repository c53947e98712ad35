"""Colour refinement of blank nodes, so that graphs can be compared and numbered whatever their labels.

1. Leaves first: a blank node from which no path leads back to itself gets a colour from its own triples and the
   colours of the nodes that these point to. Trees, lists and their like are done with that, in linear time.
2. A class of nodes of one colour is split where their neighbours' colours differ, in either direction; only
   neighbours of split classes are looked at again, until nothing splits (colour refinement).
3. In each connected component where a class with several nodes is left, one of its nodes is individualized and 2.
   repeated, until all nodes differ. Where the nodes of such a class are truly alike the choice does not matter; where
   it does (a graph made to be hard), `match_components` tries the others too, within a bound.

Colours are digests of the content, so they do not depend on labels, on the order of triples, or on the run.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["CanonicalizationLimitError", "ColourRefinement", "Component", "find_renaming", "match_components"]

Triple = tuple[str, str, str]
Colours = dict[str, str]

_WORK = 1_000_000


def _digest(parts: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=15).hexdigest()


@dataclass(frozen=True, slots=True)
class Component:
    """Connected blank nodes, in an order of their content.

    Attributes:
        nodes: The nodes, in that order.
        signature: What distinguishes the component from those that are not isomorphic.
        chosen: Whether the order needed a choice between nodes of one colour.
    """

    nodes: tuple[str, ...]
    signature: str
    chosen: bool


class CanonicalizationLimitError(Exception):
    """Comparing would take too long: the nodes are made to look alike."""


class ColourRefinement:
    """Colour the blank nodes of a graph, given the triples that have any."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Index the triples by their blank nodes, and colour these."""
        # The edges of each node: (label, the other node or ""), where the label holds all but the other node.
        self._edges: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._triples: defaultdict[str, list[Triple]] = defaultdict(list)
        for subject, predicate, object_ in triples:
            if not subject.startswith("_:"):
                self._triples[object_].append((subject, predicate, object_))
                self._edges[object_].append((f"< {predicate} {subject}", ""))
            elif not object_.startswith("_:"):
                self._triples[subject].append((subject, predicate, object_))
                self._edges[subject].append((f"> {predicate} {object_}", ""))
            else:
                self._triples[subject].append((subject, predicate, object_))
                self._edges[subject].append((f"> {predicate}", object_))
                self._edges[object_].append((f"< {predicate}", subject))
        self._work = 0
        self.colours = self._colour_leaves_first()
        self._refine(self.colours, self.colours, self.colours)

    def _colour_leaves_first(self) -> Colours:
        """Return the first colours: by content below which no cycle is, by neighbours for the others."""
        waits = {
            node: sum(1 for label, other in edges if other and label[0] == ">") for node, edges in self._edges.items()
        }
        ready = [node for node, count in waits.items() if not count]
        colours: Colours = {}
        while ready:
            node = ready.pop()
            edges = self._edges[node]
            colours[node] = _digest(
                sorted(label + " " + colours.get(other, "") for label, other in edges if label[0] == ">")
            )
            for label, other in edges:
                if other and label[0] == "<":
                    waits[other] -= 1
                    if not waits[other]:
                        ready.append(other)
        for node, edges in self._edges.items():
            if node not in colours:
                near = (label for label, _ in edges if label[0] == ">")
                colours[node] = _digest(["in or above a cycle", *sorted(near)])
        return colours

    def _refine(self, colours: Colours, members: Iterable[str], changed: Iterable[str]) -> None:
        """Split classes until nodes of one colour have neighbours of the same colours.

        `members` are the nodes that may be reached from the `changed` ones.
        """
        classes: defaultdict[str, set[str]] = defaultdict(set)
        for node in members:
            classes[colours[node]].add(node)
        todo = {other for node in changed for _, other in self._edges[node] if other} | set(changed)
        while todo:
            by_class: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
            for node in todo:
                old = colours[node]
                if len(classes[old]) > 1:
                    by_class[old][self._look_around(node, colours)].append(node)
            todo = set()
            for old, parts in by_class.items():
                if [len(part) for part in parts.values()] == [len(classes[old])]:
                    continue
                for signature, nodes in parts.items():
                    new = _digest([old, signature])
                    for node in nodes:
                        classes[old].discard(node)
                        classes[new].add(node)
                        todo.update(other for _, other in self._edges[node] if other)
                    colours.update(dict.fromkeys(nodes, new))

    def _reach(self, start: Iterable[str]) -> set[str]:
        seen, stack = set(start), list(start)
        while stack:
            for _, other in self._edges[stack.pop()]:
                if other and other not in seen:
                    seen.add(other)
                    stack.append(other)
        return seen

    def _look_around(self, node: str, colours: Colours) -> str:
        edges = self._edges[node]
        self._spend(len(edges))
        return _digest(sorted(f"{label} {colours.get(other, '')}" for label, other in edges))

    def _spend(self, steps: int) -> None:
        self._work += steps
        if self._work > _WORK + 100 * len(self._edges):
            raise CanonicalizationLimitError

    def list_components(self) -> list[Component]:
        """Order the nodes of each connected component, components by content; equal ones have equal signatures."""
        found, seen = [], set[str]()
        for node in self._edges:
            if node not in seen:
                nodes = self._reach([node])
                seen |= nodes
                colours = {member: self.colours[member] for member in nodes}
                chosen = self._distinguish(colours)
                found.append(Component(tuple(sorted(nodes, key=colours.__getitem__)), self.sign(colours), chosen))
        return sorted(found, key=lambda component: (component.signature, component.nodes))

    def _distinguish(self, colours: Colours) -> bool:
        """Make all nodes of a component differ, choosing by label where nothing else distinguishes them."""
        chosen = False
        while group := self.find_class(colours):
            chosen = True
            # Nodes with the very same neighbours are interchangeable: number them all at once.
            twins: defaultdict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
            for node in group:
                twins[tuple(sorted(self._edges[node]))].append(node)
            most = max(map(len, twins.values()))
            self.individualize(colours, min(sorted(nodes) for nodes in twins.values() if len(nodes) == most))
        return chosen

    def individualize(self, colours: Colours, nodes: list[str]) -> None:
        """Assign each node of one colour a colour of its own, and split the classes that differ then.

        Args:
            colours: The colour of each node; the argument is changed.
            nodes: Nodes of one colour.
        """
        self._spend(len(colours))
        for index, node in enumerate(nodes):
            colours[node] = _digest([colours[node], f"number {index}"])
        self._refine(colours, colours, nodes)

    @staticmethod
    def find_class(colours: Colours) -> list[str]:
        """List the nodes of the least colour that several nodes have, by label; none when all differ."""
        counts = Counter(colours.values())
        least = min((colour for colour, count in counts.items() if count > 1), default=None)
        return [] if least is None else sorted(node for node, colour in colours.items() if colour == least)

    def sign(self, colours: Colours) -> str:
        """Digest the component's triples, sorted, with numbers for nodes; all colours differ.

        Returns:
            A digest in hexadecimal, the same for isomorphic components.
        """
        number = {node: f"_:{index}" for index, node in enumerate(sorted(colours, key=colours.__getitem__))}
        triples = (triple for node in colours for triple in self._triples[node])
        return _digest(sorted(" ".join((number.get(s, s), p, number.get(o, o))) for s, p, o in triples))


def match_components(ours: ColourRefinement, theirs: ColourRefinement) -> bool:
    """Return whether renaming our blank nodes makes our triples theirs.

    Raises:
        CanonicalizationLimitError: Where comparing would take too long, since the nodes are made to look alike.
    """
    mine, yours = _leave_out_equals(ours.list_components(), theirs.list_components())
    if len(mine) != len(yours) or not all(component.chosen for component in mine + yours):
        return False
    for component in mine:
        partner = next((other for other in yours if find_renaming(ours, component, theirs, other) is not None), None)
        if partner is None:
            return False
        yours.remove(partner)
    return True


def _leave_out_equals(mine: list[Component], yours: list[Component]) -> tuple[list[Component], list[Component]]:
    """Keep the components that have no partner of equal signature on the other side."""
    both = Counter(component.signature for component in mine) & Counter(component.signature for component in yours)

    def unmatched(components: list[Component]) -> list[Component]:
        left = Counter(both)
        left.subtract(component.signature for component in components)
        over = {signature: -count for signature, count in left.items() if count < 0}
        kept = []
        for component in components:
            if over.get(component.signature, 0):
                over[component.signature] -= 1
                kept.append(component)
        return kept

    return unmatched(mine), unmatched(yours)


def find_renaming(
    ours: ColourRefinement, mine: Component, theirs: ColourRefinement, yours: Component
) -> dict[str, str] | None:
    """Return the nodes of our component by those of theirs, where renaming makes them equal; None where nothing does.

    Each choice in their component is tried for one choice in ours, all the way down.

    Args:
        ours: The colours of our graph.
        mine: A component of it.
        theirs: The colours of their graph.
        yours: A component of it.

    Raises:
        CanonicalizationLimitError: Where that would take too long.
    """
    start = ({node: ours.colours[node] for node in mine.nodes}, {node: theirs.colours[node] for node in yours.nodes})
    stack: list[tuple[Colours, Colours]] = [start]
    while stack:
        left, right = stack.pop()
        if sorted(left.values()) != sorted(right.values()):
            continue
        group = ours.find_class(left)
        if not group:
            if ours.sign(left) == theirs.sign(right):
                return dict(zip(sorted(right, key=right.__getitem__), sorted(left, key=left.__getitem__), strict=True))
            continue
        left = dict(left)
        candidates = theirs.find_class(right)
        ours.individualize(left, group[:1])
        for candidate in reversed(candidates):
            branch = dict(right)
            theirs.individualize(branch, [candidate])
            stack.append((left, branch))
    return None
