"""Refuses shapes graphs that are malformed, recursive, or use what is not SHACL Core or SHACL-SPARQL.

The rules are those of the Recommendation's own shapes for shapes ("SHACL-SHACL", appendix C), and its syntax rules.
Only shapes that a target leads to are judged; what nothing leads to is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.shacl.edits import is_one_edit_away
from glocal_rdf.shacl.names import RDF_TYPE, SH, sh, shorten, xsd
from glocal_rdf.shacl.nodes import Nodes, is_blank, is_iri, is_literal, language_tag, lexical

__all__ = ["check_graph", "check_recursion", "check_shape"]

_UNSUPPORTED = {
    "rule": "SHACL rules",
    "js": "SHACL-JS constraints",
    "jsFunctionName": "SHACL-JS",
    "expression": "node expression constraints",
    "values": "node expressions",
    "target": "custom targets of SHACL Advanced Features",
    "filterShape": "node expressions",
    "entailment": "entailment regimes",
}
_UNSUPPORTED_CLASSES = ("SPARQLFunction", "JSFunction", "JSConstraint", "TripleRule", "SPARQLRule", "SPARQLTargetType")

_IRIS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "severity", "class", "datatype", "disjoint", "equals",
         "lessThan", "lessThanOrEquals")  # fmt: skip
_SINGLE = (
    "severity", "deactivated", "closed", "ignoredProperties", "datatype", "in", "languageIn", "maxCount",
    "maxExclusive", "maxInclusive", "maxLength", "minCount", "minExclusive", "minInclusive", "minLength", "nodeKind",
    "pattern", "flags",
    "qualifiedMaxCount", "qualifiedMinCount", "qualifiedValueShape", "qualifiedValueShapesDisjoint", "uniqueLang",
)  # fmt: skip
_TYPED = {
    "closed": "boolean", "uniqueLang": "boolean", "qualifiedValueShapesDisjoint": "boolean", "deactivated": "boolean",
    "maxCount": "integer", "minCount": "integer", "maxLength": "integer", "minLength": "integer",
    "qualifiedMaxCount": "integer", "qualifiedMinCount": "integer", "pattern": "string", "flags": "string",
}  # fmt: skip
_LITERALS = ("maxExclusive", "maxInclusive", "minExclusive", "minInclusive")
_DEEPEST = 200
# The words of SHACL that may stand on a shape, which may also be a constraint, a validator or a parameter; any other in
# its namespace is a misspelling, or of a later version, and would pass in silence.
_WORDS = frozenset(map(sh, (
    "and", "ask", "class", "closed", "datatype", "deactivated", "declare", "defaultValue", "description",
    "disjoint", "entailment", "equals", "expression", "filterShape", "flags", "group", "hasValue",
    "ignoredProperties", "in", "js", "jsFunctionName", "labelTemplate", "languageIn", "lessThan",
    "lessThanOrEquals", "maxCount", "maxExclusive", "maxInclusive", "maxLength", "message", "minCount",
    "minExclusive", "minInclusive", "minLength", "name", "node", "nodeKind", "nodeValidator", "not", "optional",
    "or", "order", "parameter", "path", "pattern", "prefixes", "property", "propertyValidator",
    "qualifiedMaxCount", "qualifiedMinCount", "qualifiedValueShape", "qualifiedValueShapesDisjoint", "rule",
    "select", "severity", "shapesGraph", "sparql", "suggestedShapesGraph", "target", "targetClass",
    "targetNode", "targetObjectsOf", "targetSubjectsOf", "uniqueLang", "validator", "values", "xone",
)))  # fmt: skip
_OF_PROPERTIES = ("lessThan", "lessThanOrEquals", "maxCount", "minCount", "qualifiedValueShape", "uniqueLang")
_KINDS = {sh(k) for k in ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")}


def check_graph(nodes: Nodes) -> Iterable[Problem]:
    """Name every feature that is neither SHACL Core nor SHACL-SPARQL, where it is used."""
    for word, what in _UNSUPPORTED.items():
        for subject, _ in nodes.pairs(sh(word)):
            yield Problem(
                subject, f"sh:{word} is used: {what} are not supported", "remove it, or say it in Core or SPARQL"
            )
    for name in _UNSUPPORTED_CLASSES:
        for subject in nodes.subjects(RDF_TYPE, sh(name)):
            yield Problem(subject, f"sh:{name} is not supported", "remove it, or say it in SHACL Core or SHACL-SPARQL")


def check_shape(nodes: Nodes, term: str, where: str) -> Iterable[Problem]:
    """Name every syntax rule of SHACL that a shape breaks."""
    if is_literal(term):
        yield Problem(where, f"{term} is a literal, not a shape", "refer to a shape")
        return
    have = nodes.predicates(term)
    own = {p for component in nodes.pairs(sh("parameter")) for p in nodes.values(component[1], sh("path"))}
    for word in sorted(p for p in have if p.startswith("<" + SH) and p not in _WORDS and p not in own):
        near = [known for known in _WORDS if is_one_edit_away(word, known)]
        mend = f"did you mean {shorten(near[0])}?" if len(near) == 1 else "mend the spelling"
        yield Problem(where, f"{shorten(word)} is not a word of SHACL that a shape has", mend)
    for word in _SINGLE:
        if sh(word) in have and len(many := nodes.values(term, sh(word))) > 1:
            yield Problem(where, f"sh:{word} has {len(many)} values", "leave one")
    for word in _IRIS:
        for value in nodes.values(term, sh(word)):
            if not is_iri(value):
                yield Problem(where, f"sh:{word} is {value}, not an IRI", "write an IRI")
    for word, datatype in _TYPED.items():
        for value in nodes.values(term, sh(word)):
            if not _is_typed(value, datatype):
                yield Problem(where, f"sh:{word} is {value}, not an xsd:{datatype}", f"write an xsd:{datatype}")
    for word in _LITERALS:
        for value in nodes.values(term, sh(word)):
            if not is_literal(value):
                yield Problem(where, f"sh:{word} is {value}, not a literal", "write a literal")
    for value in nodes.values(term, sh("targetNode")):
        if is_blank(value):
            yield Problem(where, "sh:targetNode is a blank node", "write an IRI or a literal")
    for value in nodes.values(term, sh("nodeKind")):
        if value not in _KINDS:
            yield Problem(
                where, f"sh:nodeKind is {shorten(value)}", "write one of " + ", ".join(map(shorten, sorted(_KINDS)))
            )
    for value in nodes.values(term, sh("message")):
        if not (is_literal(value) and (language_tag(value) or value.endswith('"'))):
            yield Problem(where, f"sh:message is {value}, not a text", "write a string, with or without a language")
    for value in nodes.values(term, sh("deactivated")):
        if lexical(value) not in {"true", "false"}:
            yield Problem(where, f"sh:deactivated is {value}", "write true or false")
    yield from _check_kind(nodes, term, where)
    yield from _check_lists(nodes, term, where)


def _check_kind(nodes: Nodes, term: str, where: str) -> Iterable[Problem]:
    """Node shapes have no path; property shapes have one (SHACL, sections 2.2 and 2.3)."""
    paths = nodes.values(term, sh("path"))
    if len(paths) > 1:
        yield Problem(where, f"sh:path has {len(paths)} values", "leave one, or write one sh:alternativePath")
    if paths and (nodes.subjects(sh("node"), term) or nodes.is_instance(term, sh("NodeShape"))):
        yield Problem(where, "it is used as a node shape and has sh:path", "take sh:path away, or use sh:property")
    if not paths and (nodes.subjects(sh("property"), term) or nodes.is_instance(term, sh("PropertyShape"))):
        yield Problem(where, "a property shape needs sh:path", "write the path, or make it a node shape")
    if not paths:
        for word in _OF_PROPERTIES:
            if nodes.values(term, sh(word)):
                yield Problem(where, f"sh:{word} stands on a node shape", "move it to a property shape")


def _check_lists(nodes: Nodes, term: str, where: str) -> Iterable[Problem]:
    for word in ("ignoredProperties", "languageIn", "and", "or", "xone", "in"):
        for head in nodes.values(term, sh(word)):
            try:
                members: Sequence[str] = nodes.members(head, where)
            except ShapesError:
                continue  # told when the list is read
            for member in members:
                if word == "ignoredProperties" and not is_iri(member):
                    yield Problem(where, f"sh:ignoredProperties has {member}, not an IRI", "write IRIs alone")
                if word == "languageIn" and not (is_literal(member) and member.endswith('"')):
                    yield Problem(where, f"sh:languageIn has {member}, not a string", 'write tags as strings: "en"')
                if word in {"and", "or", "xone"} and is_literal(member):
                    yield Problem(where, f"sh:{word} has {member}, not a shape", "refer to shapes alone")


def _is_typed(value: str, datatype: str) -> bool:
    if datatype == "string":
        return is_literal(value) and value.endswith('"')
    if not value.endswith(f'"^^{xsd(datatype)}'):
        return False
    text = lexical(value)
    if datatype == "boolean":
        return text in {"true", "false", "1", "0"}
    # Bounded, so that no conversion is slow and no count overflows a column.
    digits = text.removeprefix("+").removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) <= 18


def check_recursion(references: Mapping[str, Sequence[str]], nodes: Nodes) -> None:
    """Raise ShapesError naming the circle if a shape refers to itself, directly or not (SHACL, section 3.4.3).

    Shapes that are nested too deeply to be followed are refused too.
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
                if depth[term] > _DEEPEST:
                    raise ShapesError.at(term, f"shapes are nested deeper than {_DEEPEST} levels", "nest them less")
                continue
            if term in on_trail:
                circle = [*trail[trail.index(term) :], term]
                raise ShapesError.at(
                    next((t for t in circle if is_iri(t)), term),
                    "the shape refers to itself: " + " -> ".join(_label(nodes, t) for t in circle),
                    "SHACL leaves recursive shapes undefined; break the circle, or say it with a path such as p*",
                )
            if term in depth:
                continue
            trail.append(term)
            on_trail.add(term)
            todo.append((term, False))
            todo.extend((inner, True) for inner in references.get(term, ()))


def _label(nodes: Nodes, term: str) -> str:
    path = nodes.value(term, sh("path"))
    return f"{term} (sh:path {shorten(path)})" if is_blank(term) and path and is_iri(path) else term
