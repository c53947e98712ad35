"""What of a shapes graph is not acted on: features that are not supported, unknown terms, shapes that are not used.

Features that would change results (rules, custom targets, functions, node expressions) are listed as errors; the rest
are warnings: the Recommendation lets a shapes graph hold other terms, and shapes that nothing leads to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from glocal_rdf.errors import Problem
from glocal_rdf.shacl.shapes.vocabulary import (
    COMMON_MISSPELLINGS,
    NEWER,
    NEWER_CONSTRAINTS,
    PARAMETERS,
    TARGETS,
    find_near,
    is_known,
)
from glocal_rdf.shacl.terms import FIRST, OWL_CLASS, RDF_TYPE, RDFS_CLASS, SH, sh, shorten
from glocal_rdf.shacl.triple_index import Nodes, is_blank, is_iri, is_literal, is_true, name_shape

__all__ = [
    "calls_function",
    "find_misspelt_parameters",
    "find_misspelt_targets",
    "list_functions",
    "list_unknown_terms",
    "list_unsupported",
    "list_unused_shapes",
]

# Features by the word that uses them: of shapes that are validated, and of the whole graph.
_ON_SHAPES = {
    "rule": "SHACL rules",
    "js": "SHACL-JS constraints",
    "expression": "node expression constraints",
    "values": "node expressions",
    "nodeByExpression": "node expressions",
    "propertyByExpression": "node expressions",
    **dict.fromkeys(NEWER_CONSTRAINTS, "constraints of SHACL 1.2"),
}
_ANYWHERE = {
    "target": "custom targets of SHACL Advanced Features",
    "targetWhere": "targets of SHACL 1.2",
    "entailment": "entailment regimes",
}
_FUNCTIONS = ("SPARQLFunction", "JSFunction")
_HINT = "say it in SHACL Core or SHACL-SPARQL, or ignore it with --ignore-unsupported"
_REFERENCES = ("property", "node", "not", "qualifiedValueShape")
_SHAPE_CLASSES = ("NodeShape", "PropertyShape")
_LISTED = 10


def _is_on(nodes: Nodes, term: str) -> bool:
    return not any(map(is_true, nodes.values(term, sh("deactivated"))))


def list_unsupported(nodes: Nodes, shapes: Collection[str]) -> Iterable[Problem]:
    """Name every feature that is neither SHACL Core nor SHACL-SPARQL and that would change what is found.

    `shapes` are those that are validated; a rule of another shape changes nothing.
    """
    own = _own_words(nodes)
    for word, what in (_ON_SHAPES | _ANYWHERE).items():
        if sh(word) in own:
            continue
        for subject in sorted({s for s, _ in nodes.pairs(sh(word))}):
            if (word in _ANYWHERE or subject in shapes) and _is_on(nodes, subject):
                where = name_shape(nodes, subject)
                yield Problem(where, f"sh:{word} is used: {what} are not supported", _HINT, kind="unsupported")
    for function in list_functions(nodes):
        yield Problem(function, "SHACL functions are not supported", _HINT, kind="unsupported")


def list_functions(nodes: Nodes) -> list[str]:
    """List the functions that a shapes graph declares."""
    return sorted({s for name in _FUNCTIONS for s in nodes.instances(sh(name)) if is_iri(s)})


def calls_function(text: str, functions: Sequence[str]) -> str | None:
    """Give the function that a query calls, by its IRI or by a prefixed name; none where it calls none of them."""
    for function in functions:
        local = re.split("[/#:]", function[1:-1])[-1]
        if function in text or (local and re.search(rf":{re.escape(local)}\s*\(", text)):
            return function
    return None


def find_misspelt_targets(nodes: Nodes) -> Iterable[Problem]:
    """Name every target that is misspelt: its shape would not be used, or not for all that it was meant for.

    A class that is of no known class of shapes, but of one misspelt, was meant to be its own target.
    """
    for predicate in sorted(nodes.words()):
        name = _name(predicate)
        near = [known for known in find_near(name) if known in TARGETS] if name else []
        if near:
            for subject in sorted({s for s, _ in nodes.pairs(predicate)}):
                what = f"sh:{name} is not a term of SHACL, and its shape has no target by it"
                yield Problem(name_shape(nodes, subject), what, f"did you mean sh:{near[0]}?")
    for subject, kind in sorted(nodes.pairs(RDF_TYPE)):
        near = [known for known in find_near(_name(kind)) if known in _SHAPE_CLASSES]
        if not near or any(nodes.is_instance(subject, sh(name)) for name in _SHAPE_CLASSES):
            continue
        if any(nodes.is_instance(subject, meta) for meta in (RDFS_CLASS, OWL_CLASS)):
            yield Problem(subject, f"{shorten(kind)} is not a class of SHACL", f"did you mean sh:{near[0]}?")


def find_misspelt_parameters(nodes: Nodes, term: str, where: str) -> Iterable[Problem]:
    """Name every word on a shape that is surely one that decides what is checked, misspelt."""
    for predicate in sorted(nodes.predicates(term)):
        name = _name(predicate)
        near = [known for known in find_near(name) if known in PARAMETERS] if name else []
        if near and name not in COMMON_MISSPELLINGS and predicate not in _own_words(nodes):
            hint = f"did you mean sh:{near[0]}?" if len(near) == 1 else "correct the spelling"
            yield Problem(where, f"sh:{name} is not a term of SHACL that a shape has", hint)


def list_unknown_terms(nodes: Nodes) -> Iterable[Problem]:
    """Warn of each word that the namespace of SHACL does not have, with the first place that uses it."""
    places: dict[str, list[str]] = {}
    own = _own_words(nodes)
    for predicate in nodes.words():
        if predicate not in own:
            places.setdefault(_name(predicate), []).extend(s for s, _ in nodes.pairs(predicate))
    for subject, kind in nodes.pairs(RDF_TYPE):
        places.setdefault(_name(kind), []).append(subject)
    for name, subjects in sorted(places.items()):
        if not name or name in _ON_SHAPES or name in _ANYWHERE or (is_known(name) and name not in COMMON_MISSPELLINGS):
            continue
        where = name_shape(nodes, min(set(subjects), key=lambda s: (is_blank(s), s)))
        more = f" (and at {len(set(subjects)) - 1} more)" if len(set(subjects)) > 1 else ""
        what = "is a term of drafts of SHACL 1.2, and has no effect" if name in NEWER else "is not a term of SHACL"
        near = find_near(name)
        hint = f"did you mean sh:{near[0]}? As it is, it is ignored" if near else "it is ignored"
        yield Problem(where, f"sh:{name} {what}{more}", hint, kind="unknown term", level="warning")


def list_unused_shapes(nodes: Nodes, shapes: Mapping[str, object]) -> Iterable[Problem]:
    """Warn of shapes that are not used, as they have no target and nothing that is used refers to them.

    Warn as well of shapes that are referred to, and of which the shapes graph says nothing.
    """
    unused = {s for name in _SHAPE_CLASSES for s in nodes.instances(sh(name))}
    unused |= {s for name in PARAMETERS for s, _ in nodes.pairs(sh(name))}
    unused -= {o for _, o in nodes.pairs(sh("parameter"))} | set(nodes.instances(sh("Parameter")))
    unused -= {
        s for name in ("SPARQLTarget", "SPARQLTargetType", "Function", *_FUNCTIONS) for s in nodes.instances(sh(name))
    }
    unused.difference_update(shapes)
    referred = {o for word in _REFERENCES for _, o in nodes.pairs(sh(word))} | {o for _, o in nodes.pairs(FIRST)}
    # A part of an unused shape is not worth a word of its own.
    tops = sorted(s for s in unused if is_iri(s) or s not in referred)
    if tops:
        shown = ", ".join(tops[:_LISTED]) + (f" and {len(tops) - _LISTED} more" if len(tops) > _LISTED else "")
        what = f"{len(tops)} {'shape is' if len(tops) == 1 else 'shapes are'} not used: {shown}"
        hint = "no target, and no shape that is used refers to it"
        yield Problem("shapes", what, hint, kind="unused shapes", level="warning")
    missing = sorted(term for term in shapes if is_iri(term) and not nodes.predicates(term))
    if missing:
        what = f"{len(missing)} {'shape is' if len(missing) == 1 else 'shapes are'} referred to and not there: "
        what += ", ".join(missing[:_LISTED]) + (f" and {len(missing) - _LISTED} more" if missing[_LISTED:] else "")
        yield Problem("shapes", what, "nothing is checked by them", kind="missing shapes", level="warning")


def _own_words(nodes: Nodes) -> set[str]:
    """List the predicates that components of the shapes graph's own declare as their parameters."""
    return {path for _, parameter in nodes.pairs(sh("parameter")) for path in nodes.values(parameter, sh("path"))}


def _name(term: str) -> str:
    """Give the local name of a term in the namespace of SHACL; of any other the empty text."""
    return "" if is_literal(term) or not term.startswith("<" + SH) else term[len(SH) + 1 : -1]
