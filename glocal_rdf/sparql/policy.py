"""What a query may do, in one place: it reads what it was given, and nothing else; it is bounded in size and depth.

Only SELECT, ASK, CONSTRUCT and DESCRIBE are evaluated. Nothing is fetched: SERVICE is refused, and so is FROM a graph
that is not there. Most texts need not be cut into tokens to be found harmless: they do not hold the word of a rule, or
not as many brackets and signs.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from glocal_rdf.errors import QueryError

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "check_form", "check_graphs", "check_query", "may_vary"]

MAX_DEPTH = 1_000
"""How deep a query may be nested: brackets, groups, signs, and chains of operators or of elements of a group."""

MAX_LENGTH = 10_000_000
"""How many characters a query may have."""

_FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
_SUSPECT = re.compile(r"service|\\[uU]", re.IGNORECASE)
_NAMES_GRAPHS = re.compile(r"from|\\[uU]", re.IGNORECASE)
_DEEP = re.compile(r"[(\[{<!+\-*/^|&]|filter|bind|optional|minus|union|values|graph|lateral", re.IGNORECASE)


_HALF = re.compile(r"(?<!\\)(?:\\\\)*\\(?:u|U0000)[dD][89a-fA-F][0-9a-fA-F]{2}")
_VARYING = re.compile(r"RAND|NOW|UUID|BNODE|\\", re.IGNORECASE)


def may_vary(text: str) -> bool:
    """Return whether a query may have another answer the next time, from the same data; false where it surely has not.

    Examples:
        >>> may_vary("SELECT ?s { ?s ?p ?o }"), may_vary("SELECT (UUID() AS ?id) {}")
        (False, True)
    """
    return _VARYING.search(text) is not None


def check_query(text: str) -> None:
    """Check that a query reads what it is given alone, and that it is neither too long nor too deep for the engine.

    Raises:
        QueryError: Where it would have the engine call another server, or is too long or too deep.
    """
    _check_length(text)
    many = sum(1 for _ in _DEEP.finditer(text)) > MAX_DEPTH
    if not many and not _SUSPECT.search(text):
        return
    from glocal_rdf.sparql.grammar import mentions, tokens  # noqa: PLC0415 - takes time to import, few texts need it

    if _SUSPECT.search(text) and (found := tokens.calls_service(text)) is not None:
        where = mentions.name_place(text, found.start)
        raise QueryError.at(
            f"query: {where}", "SERVICE would call another server", "ask that server, with --source URL"
        )
    if many and (depth := tokens.nesting_depth(text)) > MAX_DEPTH:
        raise QueryError.at(
            "query", f"is nested {depth} levels deep", f"at most {MAX_DEPTH} are evaluated; simplify it"
        )


def check_form(text: str) -> str:
    """Return the form of a query.

    Raises:
        QueryError: For an update, and for what is not a query.

    Examples:
        >>> check_form("prefix a: <urn:a> select * {}")
        'SELECT'
    """
    from glocal_rdf.sparql.grammar import tokens  # noqa: PLC0415 - takes time to import

    _check_length(text)
    form = tokens.query_form(text)
    if form in _FORMS:
        return form
    known = ", ".join(sorted(_FORMS))
    if form:
        raise QueryError.at("query", f"{form} would change the graph", f"only queries are evaluated: {known}")
    if not tokens.tokenize(text):
        raise QueryError.at("query", "is empty", f"write {known}")
    raise QueryError.at("query", "is not SPARQL: it has no query form where one must stand", f"write {known}")


def check_graphs(text: str, known: Collection[str]) -> None:
    """Check that the graphs that a query names by FROM are there, since nothing is fetched.

    Args:
        text: The query.
        known: The IRIs of the named graphs.

    Raises:
        QueryError: With the first that is not there.
    """
    if not _NAMES_GRAPHS.search(text):
        return
    from glocal_rdf.sparql.grammar.mentions import find_graphs, name_place  # noqa: PLC0415 - takes time to import

    for graph, place in find_graphs(text):
        if graph not in known:
            names = ", ".join(f"<{name}>" for name in sorted(known)[:5]) or "none"
            hint = f"nothing is fetched; the named graphs are: {names}"
            raise QueryError.at(f"query: {name_place(text, place)}", f"FROM <{graph}>: there is no such graph", hint)


def _check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise QueryError.at(
            "query", f"has {len(text):,} characters", f"at most {MAX_LENGTH:,} are read; make it shorter"
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        from glocal_rdf.sparql.grammar.mentions import name_place  # noqa: PLC0415 - takes time to import

        where = f"query: {name_place(text, error.start)}"
        raise QueryError.at(where, "is not Unicode", "save it as UTF-8") from error
    if "\\" in text and (half := _HALF.search(text)):
        from glocal_rdf.sparql.grammar.mentions import name_place  # noqa: PLC0415 - takes time to import

        where = f"query: {name_place(text, half.end() - 5)}"
        raise QueryError.at(where, "has an escape of half a character", "write the character as it is")
