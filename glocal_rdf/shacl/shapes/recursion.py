"""Refuses shapes that refer to themselves, or that are nested too deeply (SHACL, section 3.4.3).

https://www.w3.org/TR/shacl/#shapes-recursion
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.terms import is_blank, is_iri, sh, shorten
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["MAX_DEPTH", "check_recursion"]

MAX_DEPTH = 200
MAX_CYCLE_SHOWN = 10


def check_recursion(references: Mapping[str, Sequence[str]], index: TripleIndex) -> None:
    """Check that no shape refers to itself, directly or through others.

    Args:
        references: The shapes that each shape refers to.
        index: The shapes graph, to name shapes without an IRI.

    Raises:
        ShapesError: There is a cycle, which the error names, or shapes are nested too deeply to be followed.
    """
    depth: dict[str, int] = {}
    for start in references:
        trail: list[str] = []
        on_trail: set[str] = set()
        todo: list[tuple[str, bool]] = [(start, True)]
        while todo:
            term, entering = todo.pop()
            if not entering:
                depth[term] = 1 + max((depth[inner] for inner in references.get(term, ())), default=0)
                on_trail.discard(trail.pop())
                if depth[term] > MAX_DEPTH:
                    raise ShapesError.at(term, f"shapes are nested deeper than {MAX_DEPTH} levels", "nest them less")
                continue
            if term in on_trail:
                cycle = [*trail[trail.index(term) :], term]
                raise ShapesError.at(
                    next((t for t in cycle if is_iri(t)), term),
                    "the shape refers to itself: " + " -> ".join(_label(index, t) for t in _cut(cycle)),
                    "SHACL leaves recursive shapes undefined; break the cycle, or write it as a path such as p*",
                )
            if term in depth:
                continue
            trail.append(term)
            on_trail.add(term)
            todo.append((term, False))
            todo.extend((inner, True) for inner in references.get(term, ()))


def _cut(cycle: Sequence[str]) -> Sequence[str]:
    """Leave out the middle of a long cycle."""
    return cycle if len(cycle) <= MAX_CYCLE_SHOWN else [*cycle[: MAX_CYCLE_SHOWN - 1], "…", cycle[-1]]


def _label(index: TripleIndex, term: str) -> str:
    path = index.value(term, sh("path"))
    return f"{term} (sh:path {shorten(path)})" if is_blank(term) and path and is_iri(path) else term
