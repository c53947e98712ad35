"""Finds out which triples a query can touch, so that no others are loaded to answer it.

The triple patterns of a query are walked through, token by token: subject, verb, objects. Where a verb is a variable,
a path may have no step between two variables, or the walk meets what it does not know, any triple may be touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from glocal_rdf.shacl.names import FIRST, RDF_TYPE, REST
from glocal_rdf.shacl.sparql_text import Query
from glocal_rdf.sparql.tokens import Token, declared_prefixes

__all__ = ["MARK", "Touched", "scan_query"]

MARK = "<urn:x-shacl:node>"
"""The predicate of triples that only say that a node is there, for paths that may have no step."""

_TERMS = {"iri", "name", "var", "string", "number", "blank"}
_MODIFIERS = {"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"}
_ESCAPE = re.compile(r"\\(.)")
_END = Token("mark", "", 0, 0)


@dataclass(frozen=True)
class Touched:
    """The triples that a query names, and what else of its patterns matters for loading.

    `predicates` are those that it names, or none where any triple may be touched. `about_this` are predicates that
    only ever follow `$this`. `required` says that the query's outermost group has a pattern `$this predicate …` before
    any expression is evaluated, so that `$this` cannot be but a subject of that predicate. `ends` are the terms and
    variables at the ends of paths that may have no step (`p*`, `p?`), as in Turtle; `?` alone stands for any. `hide`
    are texts to put in, by position, with which no pattern of the query matches a triple whose predicate is MARK.
    """

    predicates: frozenset[str] | None
    about_this: frozenset[str] = frozenset()
    required: bool = False
    ends: frozenset[str] = frozenset()
    hide: tuple[tuple[int, str], ...] = ()


@dataclass
class _Walk:
    tokens: Sequence[Token]
    prefixes: Mapping[str, str]
    at: int = 0
    about_this: set[str] = field(default_factory=set)
    about_others: set[str] = field(default_factory=set)
    required: bool = False
    evaluated: bool = False
    anything: bool = False
    empty: bool = False
    ends: set[str] = field(default_factory=set)
    hide: dict[tuple[int, str], None] = field(default_factory=dict)
    groups: list[int] = field(default_factory=list)


class _UnknownError(Exception):
    """The walk met what it does not know."""


def scan_query(query: Query, prefixes: Mapping[str, str]) -> Touched:
    """Give the triples that a query can touch; `prefixes` are declared besides those in its own text."""
    own = {p: n for p, n in declared_prefixes(query.text).items() if ":" in n}
    walk = _Walk(query.tokens, {**prefixes, **own})
    try:
        while walk.at < len(walk.tokens):
            if _peek(walk).text == "{":
                exists = walk.at > 0 and walk.tokens[walk.at - 1].text == "EXISTS"
                _group(walk, 0 if exists else 1)
            else:
                walk.at += 1
    except (_UnknownError, RecursionError):
        return Touched(None, ends=frozenset({"?"}))
    return Touched(
        None if walk.anything else frozenset(walk.about_this | walk.about_others),
        frozenset(walk.about_this - walk.about_others),
        walk.required,
        frozenset(walk.ends),
        tuple(walk.hide),
    )


def _peek(walk: _Walk) -> Token:
    return walk.tokens[walk.at] if walk.at < len(walk.tokens) else _END


def _word(walk: _Walk) -> str:
    token = _peek(walk)
    return token.text if token.kind == "keyword" else ""


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
    start = _take(walk)
    if start.text != "{":
        raise _UnknownError
    walk.groups.append(start.end)
    while (token := _peek(walk)).text != "}":
        word = _word(walk)
        if token.text == "{":
            _group(walk, 0)
        elif token.text == ".":
            walk.at += 1
        elif word in {"OPTIONAL", "UNION"}:
            walk.at += 1
            _group(walk, 0)
        elif word == "GRAPH":
            walk.at += 2
            _group(walk, 0)
        elif word in {"FILTER", "BIND"}:
            walk.evaluated = walk.evaluated or word == "BIND"
            walk.at += 1
            _constraint(walk)
        elif word == "SELECT" or word in _MODIFIERS:
            _solution(walk)
        else:
            _triples(walk, depth)
    _expect(walk, "}")
    walk.groups.pop()


def _solution(walk: _Walk) -> None:
    """Pass over what a subquery says outside of its pattern."""
    while (token := _peek(walk)).text not in {"{", "}"}:
        if token.text == "(":
            _parentheses(walk)
        elif _take(walk).text == "EXISTS":
            _group(walk, 0)


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
        if token.kind not in {"keyword", "iri", "name"}:
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
    start = walk.at
    inside = _node(walk)
    if not (inside and _peek(walk).text in {".", "}"}):
        _properties(walk, walk.tokens[start : walk.at], depth)


def _is_this(node: Sequence[Token]) -> bool:
    return len(node) == 1 and node[0].text in {"$this", "?this"}


def _properties(walk: _Walk, subject: Sequence[Token], depth: int) -> None:
    is_this = _is_this(subject)
    while True:
        walk.empty = False
        simple, predicates = _verb(walk)
        empty = walk.empty
        (walk.about_this if is_this and simple else walk.about_others).update(predicates)
        if is_this and simple and depth == 1 and not walk.evaluated:
            walk.required = True
        while True:
            start = walk.at
            _node(walk)
            if empty:
                _note_ends(walk, subject, walk.tokens[start : walk.at])
            if _peek(walk).text != ",":
                break
            walk.at += 1
        if _peek(walk).text != ";":
            return
        while _peek(walk).text == ";":
            walk.at += 1
        if _peek(walk).text in {".", "]", "}"}:
            return


def _note_ends(walk: _Walk, subject: Sequence[Token], obj: Sequence[Token]) -> None:
    """Note the ends of a path that may have no step: it leads from a term to itself, though no triple has it."""
    for end in (subject, obj):
        if end and end[0].kind == "var":
            walk.ends.add(f"?{end[0].text[1:]}")
        elif end and end[0].text not in {"[", "("} and end[0].kind != "blank":
            walk.ends.add("".join(_turtle(walk, token) for token in end))
    if not (_is_this(subject) or _is_this(obj)):
        walk.anything = True


def _turtle(walk: _Walk, token: Token) -> str:
    if token.kind in {"iri", "name"}:
        return _iri(walk, token)
    return token.text.lower() if token.kind == "keyword" else token.text


def _verb(walk: _Walk) -> tuple[bool, set[str]]:
    token = _peek(walk)
    if token.kind != "var":
        return _path(walk)
    walk.at += 1
    walk.anything = True
    walk.hide[walk.groups[-1], f" FILTER ({token.text} != {MARK}) "] = None
    return False, set()


def _path(walk: _Walk) -> tuple[bool, set[str]]:
    """Walk through a path; tell whether it is one predicate, and which predicates it names."""
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
        elif token.text == "!":
            simple = False
            _negated(walk)
        else:
            predicates.add(_iri(walk, token))
        while _peek(walk).text in {"*", "+", "?"}:
            walk.empty = walk.empty or _peek(walk).text != "+"
            walk.at += 1
            simple = False
        if _peek(walk).text not in {"/", "|"}:
            return simple, predicates
        walk.at += 1
        simple = False


def _negated(walk: _Walk) -> None:
    """Walk through a negated property set, which any other predicate may fit."""
    walk.anything = True
    several = _peek(walk).text == "("
    walk.at += several
    while True:
        start = _peek(walk)
        back = start.text == "^"
        walk.at += back
        token = _take(walk)
        if token.text == ")" and several:
            return
        if token.kind not in {"iri", "name"} and token.text != "a":
            raise _UnknownError
        walk.hide[start.start, f"{'' if several else '('}{'^' if back else ''}{MARK}|"] = None
        if not several:
            walk.hide[token.end, ")"] = None
            return
        if _take(walk).text == ")":
            return


def _iri(walk: _Walk, token: Token) -> str:
    if token.kind == "iri" and ":" in token.text and "\\" not in token.text:
        return token.text
    prefix, colon, local = token.text.partition(":")
    if token.kind == "name" and colon and prefix in walk.prefixes:
        return f"<{walk.prefixes[prefix]}{_ESCAPE.sub(lambda m: m[1], local)}>"
    raise _UnknownError


def _node(walk: _Walk) -> bool:
    """Walk through a subject or object; tell whether it holds triples itself."""
    token = _take(walk)
    if token.text == "[":
        if _peek(walk).text != "]":
            _properties(walk, (), 0)
        _expect(walk, "]")
        return True
    if token.text == "(":
        walk.about_others.update((FIRST, REST))
        while _peek(walk).text != ")":
            _node(walk)
        _expect(walk, ")")
        return True
    if token.kind not in _TERMS and token.text not in {"TRUE", "FALSE"}:
        raise _UnknownError
    if token.kind == "string":
        if _peek(walk).kind == "lang":
            walk.at += 1
        elif _peek(walk).text == "^^":
            walk.at += 2
    return False
