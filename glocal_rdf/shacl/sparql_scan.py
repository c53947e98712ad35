"""Finds out which triples a query can touch, so that no others are loaded to answer it.

The triple patterns of a query are walked through, token by token: subject, verb, objects. Where a verb is a variable,
or the walk meets what it does not know, the answer is that any triple may be touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from glocal_rdf.shacl.names import FIRST, RDF_TYPE, REST
from glocal_rdf.shacl.sparql_text import Query, Token

__all__ = ["Touched", "scan_query"]

_TERMS = {"iri", "name", "var", "string", "number"}
_MODIFIERS = {"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"}


@dataclass(frozen=True)
class Touched:
    """The predicates that a query names; of which only triples about `$this` matter; and whether it must have one.

    `about_this` are predicates that only ever follow `$this`; `required` says that the query's outermost group has a
    pattern `$this predicate …`, so that `$this` cannot be but a subject of that predicate.
    """

    predicates: frozenset[str]
    about_this: frozenset[str]
    required: bool


@dataclass
class _Walk:
    tokens: Sequence[Token]
    prefixes: Mapping[str, str]
    at: int = 0
    about_this: set[str] = field(default_factory=set)
    about_others: set[str] = field(default_factory=set)
    required: bool = False


class _UnknownError(Exception):
    """The walk met what it does not know."""


def scan_query(query: Query, prefixes: Mapping[str, str]) -> Touched | None:
    """Give the triples that a query can touch; none stands for any."""
    tokens = [t for t in query.tokens if t.kind != "space"]
    walk = _Walk(tokens, prefixes)
    while walk.at < len(tokens) and tokens[walk.at].text != "{":
        walk.at += 1
    try:
        _group(walk, 1)
    except (_UnknownError, RecursionError):
        return None
    return Touched(
        frozenset(walk.about_this | walk.about_others),
        frozenset(walk.about_this - walk.about_others),
        walk.required,
    )


def _peek(walk: _Walk) -> Token:
    return walk.tokens[walk.at] if walk.at < len(walk.tokens) else Token("", "")


def _take(walk: _Walk) -> Token:
    if walk.at >= len(walk.tokens):
        raise _UnknownError
    walk.at += 1
    return walk.tokens[walk.at - 1]


def _expect(walk: _Walk, text: str) -> None:
    if _take(walk).text != text:
        raise _UnknownError


def _group(walk: _Walk, depth: int) -> None:
    """Walk through `{ … }`; `depth` 1 is the outermost group, and 0 one whose patterns are not required."""
    _expect(walk, "{")
    while (token := _peek(walk)).text != "}":
        if token.text == "{":
            _group(walk, 0)
        elif token.text == ".":
            walk.at += 1
        elif token.word in {"OPTIONAL", "UNION"}:
            walk.at += 1
            _group(walk, 0)
        elif token.word == "GRAPH":
            walk.at += 2
            _group(walk, 0)
        elif token.word in {"FILTER", "BIND"}:
            walk.at += 1
            _constraint(walk)
        elif token.word == "SELECT" or token.word in _MODIFIERS:
            _solution(walk)
        else:
            _triples(walk, depth)
    _expect(walk, "}")


def _solution(walk: _Walk) -> None:
    """Pass over what a subquery says outside of its pattern."""
    while (token := _peek(walk)).text not in {"{", "}"}:
        if token.text == "(":
            _parentheses(walk)
        else:
            _take(walk)


def _constraint(walk: _Walk) -> None:
    """Pass over a filter: a function with its arguments, parentheses, or EXISTS with its group."""
    while True:
        token = _peek(walk)
        if token.text == "(":
            _parentheses(walk)
            return
        if token.text == "{":
            _group(walk, 0)
            return
        if token.kind not in {"word", "iri", "name"}:
            raise _UnknownError
        walk.at += 1


def _parentheses(walk: _Walk) -> None:
    _expect(walk, "(")
    while (token := _peek(walk)).text != ")":
        if token.text == "(":
            _parentheses(walk)
        elif token.text == "{":
            _group(walk, 0)
        else:
            _take(walk)
    _expect(walk, ")")


def _triples(walk: _Walk, depth: int) -> None:
    """Walk through triples of one subject."""
    is_this = _peek(walk).text in {"$this", "?this"}
    inside = _node(walk)
    if not (inside and _peek(walk).text in {".", "}"}):
        _properties(walk, is_this, depth)


def _properties(walk: _Walk, is_this: bool, depth: int) -> None:
    while True:
        simple, predicates = _path(walk)
        (walk.about_this if is_this and simple else walk.about_others).update(predicates)
        walk.required = walk.required or (is_this and simple and depth == 1)
        _node(walk)
        while _peek(walk).text == ",":
            walk.at += 1
            _node(walk)
        if _peek(walk).text != ";":
            return
        while _peek(walk).text == ";":
            walk.at += 1
        if _peek(walk).text in {".", "]", "}"}:
            return


def _path(walk: _Walk) -> tuple[bool, set[str]]:
    """Walk through a verb; tell whether it is one predicate, and which predicates it names."""
    predicates: set[str] = set()
    simple = True
    while True:
        while _peek(walk).text == "^":
            walk.at += 1
            simple = False
        token = _take(walk)
        if token.text == "a":
            predicates.add(RDF_TYPE)
        elif token.text == "(":
            simple = False
            predicates |= _path(walk)[1]
            _expect(walk, ")")
        else:
            predicates.add(_iri(walk, token))
        while _peek(walk).text in {"*", "+", "?"}:
            walk.at += 1
            simple = False
        if _peek(walk).text not in {"/", "|"}:
            return simple, predicates
        walk.at += 1
        simple = False


def _iri(walk: _Walk, token: Token) -> str:
    if token.kind == "iri" and ":" in token.text and "\\" not in token.text:
        return token.text
    prefix, colon, local = token.text.partition(":")
    if token.kind == "name" and colon and prefix in walk.prefixes and "\\" not in local:
        return f"<{walk.prefixes[prefix]}{local}>"
    raise _UnknownError


def _node(walk: _Walk) -> bool:
    """Walk through a subject or object; tell whether it holds triples itself."""
    token = _take(walk)
    if token.text == "[":
        if _peek(walk).text != "]":
            _properties(walk, False, 0)
        _expect(walk, "]")
        return True
    if token.text == "(":
        walk.about_others.update((FIRST, REST))
        while _peek(walk).text != ")":
            _node(walk)
        _expect(walk, ")")
        return True
    if token.text in {"+", "-"}:
        token = _take(walk)
    if token.text == "_":
        token = _take(walk)
    if token.kind not in _TERMS and token.text not in {"true", "false"}:
        raise _UnknownError
    if token.kind == "string":
        if _peek(walk).kind == "lang":
            walk.at += 1
        elif _peek(walk).text == "^^":
            walk.at += 2
    return False
