"""Refuses shapes graphs that are malformed or recursive.

The rules are those of the Recommendation's own shapes for shapes ("SHACL-SHACL", appendix C), and its syntax rules.
Only shapes that a target leads to are judged; what nothing leads to is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.shacl.shapes.unsupported import find_misspelt_parameters
from glocal_rdf.shacl.terms import sh, shorten, xsd
from glocal_rdf.shacl.triple_index import Nodes, is_blank, is_iri, is_literal, language_tag, lexical

__all__ = ["check_boolean", "check_recursion", "check_shape"]

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
_SHOWN = 10
_OF_PROPERTIES = ("lessThan", "lessThanOrEquals", "maxCount", "minCount", "qualifiedValueShape", "uniqueLang")
_KINDS = {sh(k) for k in ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")}


def check_shape(nodes: Nodes, term: str, where: str) -> Iterable[Problem]:
    """Name every syntax rule of SHACL that a shape breaks."""
    if is_literal(term):
        yield Problem(where, f"{term} is a literal, not a shape", "refer to a shape")
        return
    have = nodes.predicates(term)
    yield from find_misspelt_parameters(nodes, term, where)
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
    for constraint in nodes.values(term, sh("sparql")):
        yield from check_boolean(nodes, constraint, "deactivated", f"{where} / sh:sparql")
    yield from _check_kind(nodes, term, where)
    yield from _check_lists(nodes, term, where)


def check_boolean(nodes: Nodes, node: str, word: str, where: str) -> Iterable[Problem]:
    """Name every value of a word that is not a boolean."""
    for value in nodes.values(node, sh(word)):
        if not _is_typed(value, "boolean"):
            yield Problem(where, f"sh:{word} is {value}, not an xsd:boolean", "write true or false")


def _check_kind(nodes: Nodes, term: str, where: str) -> Iterable[Problem]:
    """Node shapes have no path; property shapes have one (SHACL, sections 2.2 and 2.3)."""
    paths = nodes.values(term, sh("path"))
    if len(paths) > 1:
        yield Problem(where, f"sh:path has {len(paths)} values", "leave one, or write one sh:alternativePath")
    if paths and (nodes.subjects(sh("node"), term) or nodes.is_instance(term, sh("NodeShape"))):
        yield Problem(where, "it is used as a node shape and has sh:path", "take sh:path away, or use sh:property")
    # One of which nothing is said is a part that the graph lacks, which is reported as such.
    described = bool(nodes.predicates(term))
    if (
        not paths
        and described
        and (nodes.subjects(sh("property"), term) or nodes.is_instance(term, sh("PropertyShape")))
    ):
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
    digits = text[1:] if text[:1] in {"+", "-"} else text
    return digits.isascii() and digits.isdecimal()


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
                    "the shape refers to itself: " + " -> ".join(_label(nodes, t) for t in _shorten(circle)),
                    "SHACL leaves recursive shapes undefined; break the circle, or say it with a path such as p*",
                )
            if term in depth:
                continue
            trail.append(term)
            on_trail.add(term)
            todo.append((term, False))
            todo.extend((inner, True) for inner in references.get(term, ()))


def _shorten(circle: Sequence[str]) -> Sequence[str]:
    """Leave out the middle of a long circle."""
    return circle if len(circle) <= _SHOWN else [*circle[: _SHOWN - 1], "…", circle[-1]]


def _label(nodes: Nodes, term: str) -> str:
    path = nodes.value(term, sh("path"))
    return f"{term} (sh:path {shorten(path)})" if is_blank(term) and path and is_iri(path) else term
