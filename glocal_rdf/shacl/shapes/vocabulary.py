"""Which terms the SHACL namespace has: those of the Recommendation, of its Advanced Features, and of SHACL 1.2.

https://www.w3.org/TR/shacl/, https://www.w3.org/TR/shacl-af/, https://www.w3.org/TR/shacl-js/,
https://www.w3.org/TR/shacl12-core/
"""

from __future__ import annotations

from functools import cache

from glocal_rdf.shacl.edits import is_one_edit_away

__all__ = ["COMMON_MISSPELLINGS", "NEWER", "NEWER_CONSTRAINTS", "PARAMETERS", "TARGETS", "find_near", "is_known"]

TARGETS = ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")

PARAMETERS = frozenset((
    *TARGETS, "and", "class", "closed", "datatype", "deactivated", "disjoint", "equals", "flags", "hasValue",
    "ignoredProperties", "in", "languageIn", "lessThan", "lessThanOrEquals", "maxCount", "maxExclusive",
    "maxInclusive", "maxLength", "minCount", "minExclusive", "minInclusive", "minLength", "node", "nodeKind", "not",
    "or", "path", "pattern", "property", "qualifiedMaxCount", "qualifiedMinCount", "qualifiedValueShape",
    "qualifiedValueShapesDisjoint", "sparql", "uniqueLang", "xone",
))  # fmt: skip
"""The words that decide what is looked at and what it is asked: to misspell one would lose a target or a constraint."""

COMMON_MISSPELLINGS = {"dataType": "datatype"}
"""Misspellings that published shapes have, which are used as they are."""

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

NEWER_CONSTRAINTS = (
    "maxListLength", "memberShape", "minListLength", "reificationRequired", "reifierShape", "rootClass", "singleLine",
    "someValue", "subsetOf", "uniqueMembers", "uniqueValuesFor",
)  # fmt: skip
"""Constraints of drafts of SHACL 1.2: data that were not checked by them are not said to conform."""

NEWER = frozenset((
    "Debug", "NodeExpression", "ShapeClass", "Trace", "agentInstruction", "codeIdentifier",
    "conformanceDisallows", "intent", "nodeByExpression", "propertyByExpression", "shape", "targetWhere",
)) | set(NEWER_CONSTRAINTS)  # fmt: skip
"""Terms of drafts of SHACL 1.2, which are not acted on."""

_SHORTEST = 3
"""Shorter words are one edit from too many others."""


def is_known(name: str) -> bool:
    """Tell whether the namespace has a term, given without it.

    >>> [is_known(name) for name in ("minCount", "MinCountConstraintComponent-minCount", "mincount", "memberShape")]
    [True, True, False, False]
    """
    component, _, parameter = name.partition("-")
    return (
        name in PARAMETERS
        or name in _OTHERS
        or (component.endswith("ConstraintComponent") and (not parameter or is_known(parameter)))
    )


@cache
def find_near(name: str) -> tuple[str, ...]:
    """List the terms that a word is surely a misspelling of, those first that decide what is checked.

    >>> find_near("minCout"), find_near("TARGETCLASS"), find_near("severity:"), find_near("memberShape")
    (('minCount',), ('targetClass',), ('severity',), ())
    """
    if is_known(name) or name in NEWER:
        return ()
    folded = name.casefold()
    return tuple(
        known
        for words in (PARAMETERS, _OTHERS)
        for known in sorted(words)
        if known.casefold() == folded or (min(len(name), len(known)) >= _SHORTEST and is_one_edit_away(name, known))
    )
