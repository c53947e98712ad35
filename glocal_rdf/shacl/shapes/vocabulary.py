"""The terms of the SHACL namespace: those of the Recommendation, of the Advanced Features, and of drafts of SHACL 1.2.

https://www.w3.org/TR/shacl/, https://www.w3.org/TR/shacl-af/, https://www.w3.org/TR/shacl-js/,
https://www.w3.org/TR/shacl12-core/
"""

from __future__ import annotations

from functools import cache

from glocal_rdf.shacl.constraints import registry
from glocal_rdf.spelling import within_one_edit

__all__ = [
    "COMMON_MISSPELLINGS",
    "DECISIVE",
    "DRAFT_CONSTRAINTS",
    "DRAFT_TERMS",
    "SHAPE_CLASSES",
    "TARGETS",
    "find_near",
    "is_known",
]

TARGETS = ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")

SHAPE_CLASSES = ("NodeShape", "PropertyShape")

DECISIVE = frozenset((*TARGETS, "deactivated", "path", *registry.PARAMETERS))
"""The terms that decide which nodes are checked, and how: to misspell one would lose a target or a constraint."""

COMMON_MISSPELLINGS = {"dataType": "datatype"}
"""Misspellings in published shapes, which are used as they are, by the term that is meant."""

_OTHERS = frozenset((
    # SHACL: what shapes, parameters, validators and queries have besides
    "alternativePath", "ask", "declare", "defaultValue", "description", "entailment", "group", "inversePath",
    "labelTemplate", "message", "name", "namespace", "nodeValidator", "oneOrMorePath", "optional", "order",
    "parameter", "prefix", "prefixes", "propertyValidator", "select", "severity", "shapesGraph",
    "suggestedShapesGraph", "update", "validator", "zeroOrMorePath", "zeroOrOnePath",
    # SHACL: reports
    "conforms", "detail", "focusNode", "result", "resultMessage", "resultPath", "resultSeverity",
    "shapesGraphWellFormed", "sourceConstraint", "sourceConstraintComponent", "sourceShape", "value",
    "annotationProperty", "annotationValue", "annotationVarName", "resultAnnotation",
    # SHACL: classes and individuals
    "AbstractResult", "BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral", "ConstraintComponent", "IRI", "IRIOrLiteral",
    "Info", "Literal", "NodeKind", "NodeShape", "Parameter", "Parameterizable", "PrefixDeclaration", "PropertyGroup",
    "PropertyShape", "ResultAnnotation", "SPARQLAskExecutable", "SPARQLAskValidator", "SPARQLConstraint",
    "SPARQLConstructExecutable", "SPARQLExecutable", "SPARQLSelectExecutable", "SPARQLSelectValidator",
    "SPARQLUpdateExecutable", "Severity", "Shape", "ValidationReport", "ValidationResult", "Validator", "Violation",
    "Warning",
    # Advanced Features
    "Function", "Rule", "SPARQLFunction", "SPARQLRule", "SPARQLTarget", "SPARQLTargetType", "Target", "TargetType",
    "TripleRule", "condition", "construct", "count", "desc", "distinct", "else", "exists", "expression", "filterShape",
    "groupConcat", "if", "intersection", "limit", "max", "min", "minus", "nodes", "object", "offset", "orderBy",
    "predicate", "returnType", "rule", "separator", "subject", "sum", "target", "then", "this", "union", "values",
    # JavaScript
    "JSConstraint", "JSExecutable", "JSFunction", "JSLibrary", "JSRule", "JSTarget", "JSTargetType", "JSValidator",
    "js", "jsFunctionName", "jsLibrary", "jsLibraryURL",
))  # fmt: skip

_DRAFTS = frozenset((
    "maxListLength", "memberShape", "minListLength", "reificationRequired", "reifierShape", "rootClass", "singleLine",
    "someValue", "subsetOf", "uniqueMembers", "uniqueValuesFor",
))  # fmt: skip

DRAFT_CONSTRAINTS = tuple(sorted(_DRAFTS - registry.PARAMETERS.keys()))
"""Constraints of drafts of SHACL 1.2 that are not evaluated: without them data are not reported to conform."""

DRAFT_TERMS = frozenset((
    "Debug", "NodeExpression", "ShapeClass", "Trace", "agentInstruction", "codeIdentifier",
    "conformanceDisallows", "intent", "nodeByExpression", "propertyByExpression", "shape", "targetWhere",
    *DRAFT_CONSTRAINTS,
))  # fmt: skip
"""Terms of drafts of SHACL 1.2 that have no effect here."""

MIN_LENGTH = 3
"""The length from which a word may be a misspelling; a shorter one is one edit from too many others."""


def is_known(name: str) -> bool:
    """Return whether the SHACL namespace has a term, given by its local name.

    Examples:
        >>> [is_known(name) for name in ("minCount", "MinCountConstraintComponent-minCount", "mincount", "memberShape")]
        [True, True, False, False]
    """
    component, _, parameter = name.partition("-")
    return (
        name in DECISIVE
        or name in _OTHERS
        or (component.endswith("ConstraintComponent") and (not parameter or is_known(parameter)))
    )


@cache
def find_near(name: str) -> tuple[str, ...]:
    """Return the terms that a local name is certainly a misspelling of, the decisive ones first.

    Examples:
        >>> find_near("minCout"), find_near("TARGETCLASS"), find_near("severity:"), find_near("memberShape")
        (('minCount',), ('targetClass',), ('severity',), ())
    """
    if is_known(name) or name in DRAFT_TERMS:
        return ()
    folded = name.casefold()
    return tuple(
        known
        for names in (DECISIVE, _OTHERS)
        for known in sorted(names)
        if known.casefold() == folded or (min(len(name), len(known)) >= MIN_LENGTH and within_one_edit(name, known))
    )
