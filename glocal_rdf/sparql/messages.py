"""What is wrong with a query, in a line each: an unknown prefix, a mistake in the syntax, a term that nothing uses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from glocal_rdf.errors import GlocalError, InputError, Problem, QueryError, StoredGraphError
from glocal_rdf.sparql.grammar.mentions import name_place
from glocal_rdf.sparql.grammar.tokens import Token, declared_prefixes, tokenize
from glocal_rdf.spelling import nearest

__all__ = ["check_prefixes", "explain_failure", "explain_syntax"]

_PLACE = re.compile(r"error at (\d+):(\d+): ?(.*)", re.DOTALL)
_PAIRS = {"{": "}", "(": ")", "[": "]"}
_CAUSES = {
    "The SELECT contains a variable that is unbound": "selects a variable that is neither grouped by nor counted",
    "The SELECT overrides an existing variable": "gives with AS a name that is a variable of the pattern already",
    "IRI parsing failed": "has an IRI that is relative or broken",
}


def check_prefixes(text: str, known: Mapping[str, str]) -> None:
    """Check that every prefix that a query uses is declared, by it or by us.

    Args:
        text: The query.
        known: Namespaces by prefix that it need not declare.

    Raises:
        QueryError: With every prefix that is not, once each.
    """
    cut = tokenize(text)
    usable = {**known, **declared_prefixes(text)}
    unknown: dict[str, Token] = {}
    for at, token in enumerate(cut):
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix not in usable and not (at and cut[at - 1].text == "PREFIX"):
            unknown.setdefault(prefix, token)
    if unknown:
        raise QueryError.of(_name_unknown(text, prefix, token, usable) for prefix, token in unknown.items())


def _name_unknown(text: str, prefix: str, token: Token, usable: Mapping[str, str]) -> Problem:
    near = nearest(prefix, filter(None, usable), limit=1)
    hint = f"write PREFIX {prefix}: <…>" + (f", or did you mean {near[0]}:?" if near else f"{_list(usable)}")
    return Problem(f"query: {name_place(text, token.start)}", f"{prefix}: is not a known prefix", hint)


def _list(usable: Mapping[str, str]) -> str:
    names = sorted(f"{name}:" for name in usable if name)
    return f"; known are {' '.join(names)}" if names else ""


def explain_failure(error: str, message: str, text: str, known: Mapping[str, str]) -> GlocalError:
    """Return the error for a query that the engine did not answer.

    Args:
        error: The kind of error that the engine reported.
        message: Its message.
        text: The query.
        known: Namespaces by prefix that the query need not declare.
    """
    if error == "load":
        if message == "TooLong":
            return InputError.at("graph", "has a text or an IRI of over 16 MiB", "keep it in a file of its own")
        return InputError.at("graph", f"cannot be loaded: {' '.join(message.split())}", "check the data")
    if error == "OSError":
        what = f"cannot be read from its folder: {' '.join(message.split())}"
        return StoredGraphError.at("graph", what, "build it again")
    if error == "_TooLargeError":
        return QueryError.at("query", "answers with more than 256 MiB", "add a LIMIT to it")
    if error == "SyntaxError":
        return explain_syntax(text, message, known)
    reported = " ".join(message.split()) or error
    return QueryError.at("query", f"could not be answered: {reported}", "simplify the query")


def explain_syntax(text: str, message: str, known: Mapping[str, str]) -> QueryError:
    """Return in one line what the engine's parser reported: where, what it found, and what closes too late.

    Args:
        text: The query.
        message: The message of the parser.
        known: Namespaces by prefix that the query need not declare.
    """
    cut = tokenize(text)
    try:
        check_prefixes(text, known)
    except QueryError as error:
        return error
    if cut and (problem := _find_unknown(text, cut) or _find_unclosed(text, cut)):
        return QueryError.of([problem])
    match = _PLACE.match(message)
    if match is None:
        return QueryError.at("query", f"is not SPARQL: {' '.join(message.split())[:200]}", "fix the query")
    cause = next((cause for text, cause in _CAUSES.items() if text in match[3]), "")
    at = _offset(text, int(match[1]), int(match[2]))
    token = next((token for token in cut if token.end > at), None)
    if cause:
        return QueryError.at(f"query: {name_place(text, at)}", cause, "fix the query")
    if token is None:
        return QueryError.at(
            "query", "is not SPARQL: it ends too early, or lacks something before its end", "finish it"
        )
    found = token.text if len(token.text) <= 40 else token.text[:40] + "…"
    return QueryError.at(
        f"query: {name_place(text, token.start)}", f"is not SPARQL: {found!r} cannot stand here", "fix it"
    )


def _find_unknown(text: str, cut: tuple[Token, ...]) -> Problem | None:
    for token in cut:
        if token.kind == "unknown":
            what = "begins a string that does not end" if token.text in "\"'" else "is not a part of SPARQL"
            word = re.match(r"\w+|.", text[token.start :], re.DOTALL)
            found = word[0][:40] if word else token.text
            return Problem(
                f"query: {name_place(text, token.start)}", f"is not SPARQL: {found!r} {what}", "fix the query"
            )
    return None


def _find_unclosed(text: str, cut: tuple[Token, ...]) -> Problem | None:
    """Find a bracket that is never closed, or closed by another."""
    opened: list[Token] = []
    for token in cut:
        if token.kind != "mark":
            continue
        if token.text in _PAIRS:
            opened.append(token)
        elif token.text in _PAIRS.values():
            if not opened:
                return Problem(
                    f"query: {name_place(text, token.start)}", f"{token.text!r} closes nothing", "leave it out"
                )
            before = opened.pop()
            if _PAIRS[before.text] != token.text:
                what = (
                    f"{token.text!r} stands where {_PAIRS[before.text]!r} must close {name_place(text, before.start)}"
                )
                return Problem(f"query: {name_place(text, token.start)}", what, "fix the brackets")
    if opened:
        where = f"query: {name_place(text, opened[-1].start)}"
        return Problem(where, f"{opened[-1].text!r} is never closed", f"write {_PAIRS[opened[-1].text]!r}")
    return None


def _offset(text: str, line: int, column: int) -> int:
    """Find the position of a line and column in a text."""
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    return min(at + column - 1, len(text))
