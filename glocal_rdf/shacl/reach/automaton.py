"""States of nodes, and the steps between them: a finite automaton that walks from a focus node over triples.

Besides focus nodes, it may begin at the predicates of all triples: what queries look up of these (the ontology, mostly)
is the same for all focus nodes.

It is built with steps that cross no triple (Thompson's construction), which are removed at the end; then states from
which the same steps lead on become one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.shacl.shapes.paths import Path

__all__ = ["FOCUS", "PREDICATES", "Automaton", "Reach", "Sample", "Step"]

FOCUS: Final = 0
"""The state of focus nodes."""

PREDICATES: Final = 1
"""The state of the predicates of all triples while an automaton is made; then it is `Reach.of_predicates`."""

_Move = tuple[str | None, bool, int]
"""A predicate (None for any), whether it is followed backwards, and the state that it leads to."""


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """The triples that are looked at from nodes in a state.

    Attributes:
        source: The state of the nodes.
        predicate: The predicate of the triples, as a term; None for any.
        backward: Whether the nodes are objects of the triples, and not subjects.
        target: The state of the nodes at the other end; no steps lead on from `Reach.end`.
    """

    source: int
    predicate: str | None
    backward: bool
    target: int


@dataclass(frozen=True, slots=True, order=True)
class Sample:
    """Triples around the predicates of all triples, of which one for each of these is enough.

    Attributes:
        predicate: The predicate that they have, as a term; None for any.
        backward: Whether the predicates are objects of them, and not subjects.
    """

    predicate: str | None
    backward: bool


@dataclass(frozen=True)
class Reach:
    """How far shapes look from a focus node.

    What is reported of a focus node depends on no other triples than those that these steps cross from it, beginning in
    the state `FOCUS`, and on triples that are few, and go everywhere: all with rdfs:subClassOf, which no step crosses,
    those that the steps cross from the predicates of all triples, beginning in `of_predicates`, and `samples`.

    Attributes:
        steps: The steps, in order.
        end: The state from which nothing is looked at.
        refused: The queries that may look at any triple, or of which it is not known.
        of_predicates: The state of the predicates of all triples; None where no steps lead on from them.
        samples: Triples around these predicates.
        looking_up: The constraints whose queries look at these.
    """

    steps: tuple[Step, ...]
    end: int
    refused: tuple[Problem, ...] = ()
    of_predicates: int | None = None
    samples: frozenset[Sample] = frozenset()
    looking_up: tuple[str, ...] = ()

    @property
    def looks_up(self) -> bool:
        """Whether anything is looked at around the predicates of all triples."""
        return self.of_predicates is not None or bool(self.samples)

    @cached_property
    def steps_from(self) -> Mapping[int, tuple[Step, ...]]:
        """The steps by the state that they start in; a state without steps is left out."""
        found: dict[int, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.source, []).append(step)
        return {state: tuple(steps) for state, steps in found.items()}

    @cached_property
    def depth(self) -> int | None:
        """How many steps lead on from a focus node at most; None where a path is repeated without end."""
        return self.depth_from(FOCUS)

    def depth_from(self, start: int) -> int | None:
        """Return how many steps lead on from nodes in a state at most; None where a path is repeated without end."""
        known: dict[int, int] = {}
        todo, inside = [start], set[int]()
        while todo:
            state = todo[-1]
            onward = [step.target for step in self.steps_from.get(state, ())]
            left = [target for target in onward if target not in known]
            if left and state not in inside:
                inside.add(state)
                if not inside.isdisjoint(left):
                    return None
                todo += left
                continue
            if any(target in inside and target not in known for target in left):
                return None
            known[state] = max((known[target] + 1 for target in onward), default=0)
            inside.discard(state)
            todo.pop()
        return known[start]

    @cached_property
    def predicates(self) -> frozenset[str] | None:
        """The predicates of all triples that are looked at; None for any."""
        found = {step.predicate for step in self.steps} | {sample.predicate for sample in self.samples}
        return None if None in found else frozenset(p for p in found if p is not None)


class Automaton:
    """States and steps that are being collected; FOCUS and PREDICATES are there from the start."""

    def __init__(self) -> None:
        """Make the states of focus nodes and of predicates."""
        self._moves: list[set[_Move]] = [set(), set()]
        self._same: list[set[int]] = [set(), set()]
        self._samples: set[Sample] = set()

    def add_state(self) -> int:
        """Return a new state."""
        self._moves.append(set())
        self._same.append(set())
        return len(self._moves) - 1

    def link(self, state: int, other: int) -> None:
        """Let whatever is in a state be in another one too."""
        self._same[state].add(other)

    def add_step(self, state: int, predicate: str | None, *, backward: bool = False, to: int | None = None) -> int:
        """Add a step.

        Args:
            state: Where it starts.
            predicate: The predicate, None for any.
            backward: Whether it leads from the object to the subject.
            to: The state that it leads to, by default a new one.

        Returns:
            The state that it leads to.
        """
        target = self.add_state() if to is None else to
        self._moves[state].add((predicate, backward, target))
        return target

    def add_sample(self, sample: Sample) -> None:
        """Let one triple be looked at for each predicate of a triple."""
        self._samples.add(sample)

    def add_path(self, path: Path, state: int, *, backward: bool = False) -> int:
        """Add the steps of a property path, and return the state of the nodes at its other end.

        Args:
            path: The path.
            state: The state of the nodes that it starts from.
            backward: Whether these are at its end.
        """
        match path.kind:
            case "predicate":
                return self.add_step(state, path.iri, backward=backward)
            case "inverse":
                return self.add_path(path.parts[0], state, backward=not backward)
            case "sequence":
                for part in reversed(path.parts) if backward else path.parts:
                    state = self.add_path(part, state, backward=backward)
                return state
            case "alternative":
                end = self.add_state()
                for part in path.parts:
                    self.link(self.add_path(part, state, backward=backward), end)
                return end
        end = self.add_state()
        first = self.add_path(path.parts[0], state, backward=backward)
        self.link(first, end)
        if path.kind != "zero-or-one":
            self.link(self.add_path(path.parts[0], end, backward=backward), end)
        if path.kind != "one-or-more":
            self.link(state, end)
        return end

    def finish(self, refused: tuple[Problem, ...] = (), looking_up: tuple[str, ...] = ()) -> Reach:
        """Return the automaton without the steps that cross no triple, as small as it becomes by merging states.

        Args:
            refused: The queries that may look at any triple.
            looking_up: The constraints that look at something around the predicates of all triples.
        """
        moves = [set[_Move]().union(*(self._moves[one] for one in self._closure(state))) for state in self._states()]
        names = _merge(moves)
        reduced: dict[int, set[_Move]] = {}
        for state, found in enumerate(moves):
            reduced.setdefault(names[state], {(p, back, names[target]) for p, back, target in found})
        classes = _states_of_classes(reduced)
        steps = set[Step]()
        order: dict[int, int] = {}
        for root in (names[FOCUS], names[PREDICATES]):
            if root in order or (root != names[FOCUS] and not _kept_moves(reduced[root], classes)):
                continue
            order[root] = len(order)
            todo = [root]
            for state in todo:
                for p, back, target in _list_moves(reduced, state, classes):
                    if target not in order:
                        order[target] = len(order)
                        todo.append(target)
                    steps.add(Step(order[state], p, back, order[target]))
        ends = [number for name, number in order.items() if not reduced[name]]
        ordered = sorted(steps, key=lambda s: (s.source, s.predicate or "", s.backward, s.target))
        started = _kept_moves(reduced[names[PREDICATES]], classes)
        return Reach(
            steps=tuple(ordered),
            end=ends[0] if ends else len(order),
            refused=refused,
            of_predicates=order[names[PREDICATES]] if started else None,
            samples=frozenset(self._samples),
            looking_up=looking_up,
        )

    def _states(self) -> range:
        return range(len(self._moves))

    def _closure(self, state: int) -> set[int]:
        found, todo = {state}, [state]
        while todo:
            for other in self._same[todo.pop()] - found:
                found.add(other)
                todo.append(other)
        return found


def _merge(moves: list[set[_Move]]) -> list[int]:
    """Return a name for each state, the same for states from which the same steps lead on (partition refinement)."""
    names = [0] * len(moves)
    count = 1
    while True:
        keys: dict[tuple[int, frozenset[_Move]], int] = {}
        fresh = [
            keys.setdefault((names[state], frozenset((p, back, names[to]) for p, back, to in found)), len(keys))
            for state, found in enumerate(moves)
        ]
        if len(keys) == count:
            return names
        names, count = fresh, len(keys)


def _kept_moves(moves: set[_Move], classes: Collection[int]) -> set[_Move]:
    """Return moves without those to superclasses from which nothing else is looked at."""
    return {(p, back, to) for p, back, to in moves if p != RDFS_SUBCLASS_OF or to not in classes or back}


def _list_moves(moves: Mapping[int, set[_Move]], state: int, classes: Collection[int]) -> list[_Move]:
    """Return the moves from a state in order, without those that another one includes."""
    kept = _kept_moves(moves[state], classes)
    everything = {back for p, back, target in kept if p is None and not moves[target]}
    return [
        (p, back, target)
        for p, back, target in sorted(kept, key=lambda move: (move[0] or "", move[1], move[2]))
        if p is None or back not in everything or moves[target]
    ]


def _states_of_classes(moves: Mapping[int, set[_Move]]) -> set[int]:
    """Return the states from which only superclasses are looked at, whose triples are everywhere."""
    found = set(moves)
    while True:
        left = {s for s in found if all(p == RDFS_SUBCLASS_OF and not back and to in found for p, back, to in moves[s])}
        if left == found:
            return found
        found = left
