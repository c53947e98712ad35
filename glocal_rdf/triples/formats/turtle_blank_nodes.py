"""Blank nodes in Turtle: which are written inside what points to them, which as lists, and which need a label.

1. A blank node is nested, `[ … ]`, when exactly one triple points to it and it does not contain itself.
2. A chain of cells with nothing but `rdf:first` and `rdf:rest`, each nested, down to `rdf:nil`, is a list, `( … )`.
3. What nothing points to is written as `[] … .` of its own; everything else gets a label, `_:b0`, `_:b1`, …, numbered
   by content (see `canonicalization`), so that the labels do not depend on those that the graph came with.
4. What would be nested deeper than people can read is labelled too.

https://www.w3.org/TR/turtle/#BNodes
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST
from glocal_rdf.triples.canonicalization import CanonicalizationLimitError, ColourRefinement

__all__ = ["INDENT", "WIDTH", "Nested", "TurtleRow", "nest_blanks"]

_MAX_NESTING = 8
WIDTH = 100
INDENT = "    "


@dataclass(frozen=True, slots=True)
class TurtleRow:
    """Hold one triple that has a blank node: its terms, its texts in Turtle, and the place of its predicate."""

    subject: str
    predicate: str
    object: str
    place: int
    predicate_text: str
    object_text: str

    @property
    def child(self) -> str:
        """Return the blank node that the triple points to, or nothing."""
        return self.object if self.object.startswith("_:") else ""


@dataclass(frozen=True, slots=True)
class Nested:
    """Hold blank nodes as they are written.

    `texts` gives what stands in a triple of an IRI that points to the node, `blocks` what is written on its own, and
    `cells` the nodes that became parts of lists.
    """

    texts: dict[str, str]
    blocks: list[str]
    cells: list[str]


def nest_blanks(
    triples: Sequence[TurtleRow], start: str = "b", shared: Mapping[str, str] = MappingProxyType({})
) -> Nested:
    """Write the blank nodes, given all triples that have any.

    Args:
        triples: The triples.
        start: What new labels begin with.
        shared: The labels of nodes that stand in other graphs of a dataset too.
    """
    writer = _Writer(triples, start, shared)
    return Nested(writer.texts, writer.blocks, writer.cells)


class _Writer:
    """Plan first, from the outside inwards; then write."""

    def __init__(self, triples: Sequence[TurtleRow], start: str, shared: Mapping[str, str]) -> None:
        self._triples = triples
        self._start = start
        self._shared = shared
        self._of: defaultdict[str, list[TurtleRow]] = defaultdict(list)
        parents: Counter[str] = Counter()
        outside: dict[str, None] = {}
        nodes: dict[str, None] = {}
        for row in triples:
            if row.subject.startswith("_:"):
                self._of[row.subject].append(row)
                nodes[row.subject] = None
            if row.child:
                parents[row.child] += 1
                nodes[row.child] = None
                if not row.subject.startswith("_:"):
                    outside[row.child] = None
        self._once = {node for node, count in parents.items() if count == 1 and node not in shared}
        self._next_cell = self._find_cells()
        self._depth: dict[str, int] = {}
        self._labels: dict[str, str] = {}
        free = [node for node in nodes if not parents[node] and node not in shared]
        labelled = {node for node, count in parents.items() if count > 1} | (nodes.keys() & shared.keys())
        self._nodes = list(nodes)
        self._plan([node for node in outside if node in self._once], free, labelled)
        self.texts = {node: self._write_node(node) for node in outside}
        bodies = sorted(self._write_block("[]", node) for node in free)
        self.blocks = [self._write_block(label, node) for node, label in self._labels.items() if self._of[node]]
        self.blocks += bodies
        self.cells = [cell for cell in self._next_cell if self._depth[cell] and cell not in self._labels]

    def _find_cells(self) -> dict[str, tuple[TurtleRow, str]]:
        """Find the cells of lists, from their ends backwards: what each holds, and the next cell or rdf:nil."""
        whole: dict[str, tuple[TurtleRow, str]] = {}
        before: dict[str, str] = {}
        ends = []
        for node, rows in self._of.items():
            if node in self._once and sorted(each.predicate for each in rows) == [RDF_FIRST, RDF_REST]:
                first, rest = sorted(rows, key=lambda each: each.predicate)
                whole[node] = first, rest.object
                if rest.object == RDF_NIL:
                    ends.append(node)
                elif rest.child in self._once:
                    before[rest.object] = node
        cells = {}
        for end in ends:
            # No cell is its own successor on the way to rdf:nil, so this ends.
            cell = end
            while cell in whole:
                cells[cell] = whole[cell]
                cell = before.get(cell, "")
        return cells

    def _plan(self, outside: list[str], free: list[str], labelled: set[str]) -> None:
        """Return the depth of each nested node, and the nodes that get a label."""
        self._descend([(node, 1) for node in outside], labelled)
        self._descend([(node, 0) for node in (*free, *sorted(labelled))], labelled)
        left = [node for node in self._nodes if node not in self._depth]
        order = self._number() if left or labelled else {}
        # What is left hangs on cycles: each cycle is cut open at its first node.
        for cycle in self._find_cycles(left):
            first = min(cycle, key=order.__getitem__)
            labelled.add(first)
            self._descend([(first, 0)], labelled)
        for index, node in enumerate(sorted(labelled, key=order.__getitem__)):
            self._labels[node] = self._shared.get(node) or f"_:{self._start}{index}"

    def _find_cycles(self, nodes: list[str]) -> list[list[str]]:
        """Find the cycles among nodes that have one parent each, by going upwards."""
        parent = {row.child: row.subject for row in self._triples if row.child}
        cycles = []
        seen: set[str] = set()
        for node in nodes:
            path: dict[str, None] = {}
            while node not in seen:
                seen.add(node)
                path[node] = None
                node = parent[node]  # noqa: PLW2901 - upwards from here
            if node in path:
                steps = list(path)
                cycles.append(steps[steps.index(node) :])
        return cycles

    def _descend(self, todo: list[tuple[str, int]], labelled: set[str]) -> None:
        """Set the depth of all nodes nested below; a node that is too deep gets a label and depth 0."""
        while todo:
            node, depth = todo.pop()
            if depth > _MAX_NESTING:
                labelled.add(node)
                depth = 0
            self._depth[node] = depth
            if depth and node in self._next_cell:
                children = []
                cell = node
                while cell != RDF_NIL:
                    self._depth[cell] = depth
                    first, cell = self._next_cell[cell]
                    children.append(first.child)
            else:
                children = [row.child for row in self._of[node]]
            todo.extend((child, depth + 1) for child in children if child in self._once and child not in labelled)

    def _number(self) -> dict[str, int]:
        """Order blank nodes by their content."""
        try:
            found = ColourRefinement(
                (row.subject, row.predicate, row.object) for row in self._triples
            ).list_components()
        except CanonicalizationLimitError:
            return {node: index for index, node in enumerate(sorted(self._nodes))}
        return {node: index for index, node in enumerate(node for component in found for node in component.nodes)}

    def _write_block(self, subject: str, node: str) -> str:
        lines = self._write_body(node, 0)
        return f"{subject} " + f" ;\n{INDENT}".join(lines) + " ."

    def _write_node(self, node: str) -> str:
        """Write a node where it is pointed to."""
        if node in self._labels:
            return self._labels[node]
        depth = self._depth[node]
        outer = INDENT * depth
        inner = outer + INDENT
        if node in self._next_cell:
            items = []
            while node != RDF_NIL:
                first, node = self._next_cell[node]
                items.append(self._write_object(first))
            if sum(len(item) + 1 for item in items) <= WIDTH and not any("\n" in item for item in items):
                return f"( {' '.join(items)} )"
            return f"(\n{inner}" + f"\n{inner}".join(items) + f"\n{outer})"
        lines = self._write_body(node, depth)
        if not lines:
            return "[]"
        if len(lines) == 1 and len(lines[0]) <= WIDTH and "\n" not in lines[0]:
            return f"[ {lines[0]} ]"
        return f"[\n{inner}" + f" ;\n{inner}".join(lines) + f"\n{outer}]"

    def _write_object(self, row: TurtleRow) -> str:
        return self._write_node(row.child) if row.child else row.object_text

    def _write_body(self, node: str, depth: int) -> list[str]:
        """Write the triples of a node, each predicate with all its objects."""
        groups: defaultdict[tuple[int, str], list[tuple[bool, str, str]]] = defaultdict(list)
        for row in self._of[node]:
            text = self._write_object(row)
            groups[row.place, row.predicate_text].append((bool(row.child), row.object if not row.child else text, text))
        lines = []
        for (_, predicate), objects in sorted(groups.items()):
            joined = join_objects([text for _, _, text in sorted(objects)], INDENT * (depth + 2))
            lines.append(f"{predicate}{joined}" if joined.startswith("\n") else f"{predicate} {joined}")
        return lines


def join_objects(texts: Sequence[str], indent: str) -> str:
    """Join the objects of one predicate: on its line, or one a line when that would be long.

    Args:
        texts: The objects, each as written in Turtle.
        indent: The white space before the predicate.
    """
    inline = ", ".join(texts)
    if len(texts) == 1 or len(inline) <= WIDTH or "\n" in inline:
        return inline
    return f"\n{indent}" + f",\n{indent}".join(texts)
