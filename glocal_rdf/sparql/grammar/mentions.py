"""What a query mentions: the IRIs in it, the graphs that it asks, its variables in their order; and places in its text.

Read off its tokens, so that a name in a comment or a string is none, and a prefix means what the query says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urljoin

from glocal_rdf.sparql.grammar.tokens import Token, tokenize

__all__ = ["find_graphs", "find_iris", "name_place", "order_variables"]

_SELECT_ALL = ("SELECT", "DISTINCT", "REDUCED")


def find_iris(text: str, known: Mapping[str, str] | None = None) -> list[tuple[str, Token]]:
    """List the IRIs of a query, each with its token: those written out, and names with their prefix replaced.

    Declarations are left out, and names with an unknown prefix.

    Args:
        text: The query.
        known: Namespaces by prefix that it need not declare.

    Examples:
        >>> [iri for iri, _ in find_iris("PREFIX e: <http://e/> ASK { ?s e:p/^<q>* 'e:r', x:y } # e:s", {"x": "urn:"})]
        ['http://e/p', 'q', 'urn:y']
    """
    return [(iri, cut[at]) for cut in [tokenize(text)] for at, iri in _resolve(cut, known or {})]


def find_graphs(text: str) -> list[tuple[str, int]]:
    """List the graphs that FROM and FROM NAMED name, with their places in the text.

    Examples:
        >>> find_graphs("PREFIX g: <urn:g#> ASK FROM <urn:a> FROM NAMED g:b {}")
        [('urn:a', 28), ('urn:g#b', 47)]
    """
    if not re.search(r"from|\\[uU]", text, re.IGNORECASE):
        return []
    cut = tokenize(text)
    return [
        (iri, cut[at].start)
        for at, iri in _resolve(cut, {})
        if at and cut[at - 1].kind == "keyword" and cut[at - 1].text in {"FROM", "NAMED"}
    ]


def order_variables(text: str, variables: Sequence[str]) -> list[int]:
    """Return the places of the variables of an answer in the order in which a query mentions them, if it selects all.

    Args:
        text: The query.
        variables: The variables of the answer, without marks.

    Examples:
        >>> order_variables("SELECT DISTINCT * { ?s ?p ?o }", ["o", "p", "s"])
        [2, 1, 0]
        >>> order_variables("SELECT ?b ?a {}", ["b", "a"])
        [0, 1]
    """
    cut = tokenize(text)
    places = list(range(len(variables)))
    start = next((at for at, token in enumerate(cut) if token.kind == "keyword" and token.text == "SELECT"), None)
    if start is None:
        return places
    follows = next((token for token in cut[start:] if token.text not in _SELECT_ALL), None)
    if follows is None or follows.text != "*":
        return places
    mentioned = list(dict.fromkeys(token.text[1:] for token in cut if token.kind == "var"))
    order = {name: at for at, name in enumerate(mentioned)}
    return sorted(places, key=lambda at: order.get(variables[at], len(order)))


def name_place(text: str, at: int) -> str:
    r"""Name a position in a text as a person counts: line and column, both from 1.

    Examples:
        >>> name_place("ASK {\n  x", 8)
        'line 2, column 3'
    """
    before = re.sub(r"\r\n?", "\n", text[:at])
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def _resolve(cut: Sequence[Token], known: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield the IRI that a token stands for, by the token's place, in the order of the query."""
    base, prefixes = "", dict(known)
    declared = set[int]()
    for at, token in enumerate(cut):
        after = cut[at + 1 : at + 3]
        if token.kind == "keyword" and token.text == "BASE" and after and after[0].kind == "iri":
            base = _join(base, after[0].text[1:-1])
            declared.add(at + 1)
        elif token.kind == "keyword" and token.text == "PREFIX" and [t.kind for t in after] == ["name", "iri"]:
            prefixes[after[0].text[:-1]] = _join(base, after[1].text[1:-1])
            declared |= {at + 1, at + 2}
        elif at in declared:
            continue
        elif token.kind == "iri":
            yield at, _join(base, token.text[1:-1])
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix in prefixes:
                yield at, prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


def _join(base: str, iri: str) -> str:
    try:
        return urljoin(base, iri) if base else iri
    except ValueError:
        return iri
