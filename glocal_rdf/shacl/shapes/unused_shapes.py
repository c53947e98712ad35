"""Finds shapes that are not used, and shapes that are referred to and missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import RDF_FIRST
from glocal_rdf.shacl.shapes.description import REFERENCES
from glocal_rdf.shacl.shapes.functions import FUNCTION_CLASSES
from glocal_rdf.shacl.shapes.vocabulary import DECISIVE, SHAPE_CLASSES
from glocal_rdf.shacl.terms import is_iri, sh
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["list_unused_shapes"]

MAX_LISTED = 10
_OTHER_CLASSES = ("SPARQLTarget", "SPARQLTargetType", "Function", *FUNCTION_CLASSES)
"""Classes whose instances are no shapes, though they have parameters of shapes."""


def list_unused_shapes(index: TripleIndex, shapes: Mapping[str, object]) -> Iterable[Problem]:
    """Yield a warning with the shapes that are not used, and one with those that the shapes graph lacks.

    Args:
        index: The shapes graph.
        shapes: The shapes that targets lead to, by term.
    """
    unused = {s for name in SHAPE_CLASSES for s in index.instances(sh(name))}
    unused |= {s for name in DECISIVE for s, _ in index.pairs(sh(name))}
    unused -= {o for _, o in index.pairs(sh("parameter"))} | set(index.instances(sh("Parameter")))
    unused -= {s for name in _OTHER_CLASSES for s in index.instances(sh(name))}
    unused.difference_update(shapes)
    referred = {o for name in REFERENCES for _, o in index.pairs(sh(name))} | {o for _, o in index.pairs(RDF_FIRST)}
    # A part of an unused shape is not listed beside it.
    tops = sorted(s for s in unused if is_iri(s) or s not in referred)
    if tops:
        what = f"{_count(tops)} not used: {_list(tops)}"
        hint = "no target, and no shape that is used refers to it"
        yield Problem("shapes", what, hint, kind="unused shapes", level="warning")
    missing = sorted(term for term in shapes if is_iri(term) and not index.predicates_of(term))
    if missing:
        what = f"{_count(missing)} referred to and missing: {_list(missing)}"
        yield Problem("shapes", what, "nothing is checked by them", kind="missing shapes", level="warning")


def _count(shapes: Sequence[str]) -> str:
    return f"{len(shapes)} {'shape is' if len(shapes) == 1 else 'shapes are'}"


def _list(shapes: Sequence[str]) -> str:
    more = len(shapes) - MAX_LISTED
    return ", ".join(shapes[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
