"""Finds terms of a shapes graph that are certainly misspelt terms of SHACL, or unknown in its namespace.

A misspelt target or parameter is an error, as its shape would not be checked as it was meant. Any other unknown term
is a warning: the Recommendation lets a shapes graph have other terms.
"""

from __future__ import annotations

from collections.abc import Iterable

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import OWL_CLASS, RDF_TYPE, RDFS_CLASS
from glocal_rdf.shacl.shapes.description import name_shape
from glocal_rdf.shacl.shapes.unsupported import UNSUPPORTED, declared_parameters
from glocal_rdf.shacl.shapes.vocabulary import (
    COMMON_MISSPELLINGS,
    DECISIVE,
    DRAFT_TERMS,
    SHAPE_CLASSES,
    TARGETS,
    find_near,
    is_known,
)
from glocal_rdf.shacl.terms import is_blank, sh, shacl_name, shorten
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["find_misspelt_parameters", "find_misspelt_targets", "list_unknown_terms"]


def find_misspelt_targets(index: TripleIndex) -> Iterable[Problem]:
    """Yield a problem for every misspelt target: its shape would not be used, or not for all its targets.

    A class that is an instance of a misspelt class of shapes was meant to be its own target.
    """
    for predicate in sorted(index.predicates):
        name = shacl_name(predicate)
        near = [known for known in find_near(name) if known in TARGETS] if name else []
        if near:
            for subject in sorted({s for s, _ in index.pairs(predicate)}):
                what = f"sh:{name} is not a term of SHACL, so its shape has no target by it"
                yield Problem(name_shape(index, subject), what, f"did you mean sh:{near[0]}?")
    for subject, kind in sorted(index.pairs(RDF_TYPE)):
        near = [known for known in find_near(shacl_name(kind)) if known in SHAPE_CLASSES]
        if not near or any(index.is_instance(subject, sh(name)) for name in SHAPE_CLASSES):
            continue
        if any(index.is_instance(subject, meta) for meta in (RDFS_CLASS, OWL_CLASS)):
            yield Problem(subject, f"{shorten(kind)} is not a class of SHACL", f"did you mean sh:{near[0]}?")


def find_misspelt_parameters(index: TripleIndex, term: str, where: str) -> Iterable[Problem]:
    """Yield a problem for every predicate of a shape that is certainly a misspelt parameter.

    Args:
        index: The shapes graph.
        term: The shape.
        where: Its name for messages.
    """
    for predicate in sorted(index.predicates_of(term)):
        name = shacl_name(predicate)
        near = [known for known in find_near(name) if known in DECISIVE] if name else []
        if near and name not in COMMON_MISSPELLINGS and predicate not in declared_parameters(index):
            hint = f"did you mean sh:{near[0]}?" if len(near) == 1 else "correct the spelling"
            yield Problem(where, f"sh:{name} is not a term of SHACL for shapes", hint)


def list_unknown_terms(index: TripleIndex) -> Iterable[Problem]:
    """Yield a warning for each unknown term in the SHACL namespace, with the first place that uses it."""
    places: dict[str, list[str]] = {}
    own = declared_parameters(index)
    for predicate in index.predicates:
        if predicate not in own:
            places.setdefault(shacl_name(predicate), []).extend(s for s, _ in index.pairs(predicate))
    for subject, kind in index.pairs(RDF_TYPE):
        places.setdefault(shacl_name(kind), []).append(subject)
    for name, subjects in sorted(places.items()):
        if not name or name in UNSUPPORTED or (is_known(name) and name not in COMMON_MISSPELLINGS):
            continue
        where = name_shape(index, min(set(subjects), key=lambda s: (is_blank(s), s)))
        more = f" (and at {len(set(subjects)) - 1} more)" if len(set(subjects)) > 1 else ""
        draft = name in DRAFT_TERMS
        what = "is a term of drafts of SHACL 1.2, and has no effect" if draft else "is not a term of SHACL"
        near = find_near(name)
        hint = f"did you mean sh:{near[0]}? It is ignored" if near else "it is ignored"
        yield Problem(where, f"sh:{name} {what}{more}", hint, kind="unknown term", level="warning")
