"""Features of a shapes graph that would change the results and are not supported.

They are those of the Advanced Features (rules, custom targets, functions, node expressions), of SHACL-JS, and of drafts
of SHACL 1.2.

https://www.w3.org/TR/shacl-af/, https://www.w3.org/TR/shacl-js/, https://www.w3.org/TR/shacl12-core/
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from glocal_rdf.errors import Problem
from glocal_rdf.shacl.shapes.description import name_shape
from glocal_rdf.shacl.shapes.functions import list_functions
from glocal_rdf.shacl.shapes.vocabulary import DRAFT_CONSTRAINTS
from glocal_rdf.shacl.terms import is_true, sh
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["UNSUPPORTED", "declared_parameters", "list_annotations", "list_unsupported"]

_ON_SHAPES = {
    "rule": "SHACL rules",
    "js": "SHACL-JS constraints",
    "expression": "node expression constraints",
    "values": "node expressions",
    "nodeByExpression": "node expressions",
    "propertyByExpression": "node expressions",
    **dict.fromkeys(DRAFT_CONSTRAINTS, "constraints of SHACL 1.2"),
}
_ANYWHERE = {
    "target": "custom targets of SHACL Advanced Features",
    "targetWhere": "targets of SHACL 1.2",
    "entailment": "entailment regimes",
}
UNSUPPORTED = _ON_SHAPES | _ANYWHERE
"""The features by the local name of the predicate that uses them."""

_HINT = "write it in SHACL Core or SHACL-SPARQL, or ignore it with --ignore-unsupported"


def list_unsupported(index: TripleIndex, shapes: Collection[str]) -> Iterable[Problem]:
    """Yield a problem for every use of a feature that is neither SHACL Core nor SHACL-SPARQL.

    Args:
        index: The shapes graph.
        shapes: The shapes that are validated; a rule of another shape changes no result.
    """
    own = declared_parameters(index)
    for name, feature in UNSUPPORTED.items():
        if sh(name) in own:
            continue
        for subject in sorted({s for s, _ in index.pairs(sh(name))}):
            if (name in _ANYWHERE or subject in shapes) and not _is_deactivated(index, subject):
                what = f"sh:{name} is used: {feature} are not supported"
                yield Problem(name_shape(index, subject), what, _HINT, kind="unsupported")
    for function in list_functions(index):
        yield Problem(function, "SHACL functions are not supported", _HINT, kind="unsupported")


def list_annotations(index: TripleIndex) -> Iterable[Problem]:
    """Yield a warning for every use of sh:resultAnnotation (Advanced Features), which changes no verdict."""
    for subject in sorted({s for s, _ in index.pairs(sh("resultAnnotation"))}):
        what = "sh:resultAnnotation has no effect: results are not annotated"
        yield Problem(name_shape(index, subject), what, "the results are the same without it", "no effect", "warning")


def _is_deactivated(index: TripleIndex, term: str) -> bool:
    return any(map(is_true, index.values(term, sh("deactivated"))))


def declared_parameters(index: TripleIndex) -> set[str]:
    """Return the predicates that components of the shapes graph declare as their parameters."""
    return {path for _, parameter in index.pairs(sh("parameter")) for path in index.values(parameter, sh("path"))}
