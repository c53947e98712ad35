"""Reads from the text of a SPARQL query which terms it uses: the IRIs in its patterns, paths, values and templates.

The query is parsed, and in what the parser gives each IRI is taken as it stands and each prefixed name with the
namespace that the query declares. So a name in a comment or a string is not a
term, and a prefix has the meaning that the query declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyparsing import ParseException, ParseResults
from rdflib import URIRef
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from glocal_rdf.errors import QueryError

__all__ = ["AskedQuestion", "find_terms"]


@dataclass(frozen=True)
class AskedQuestion:
    """A question in SPARQL, as the reference of an ontology names it.

    Attributes:
        name: Its name.
        title: Its title by language tag.
        terms: The IRIs that its query uses.
    """

    name: str
    title: Mapping[str, str]
    terms: frozenset[str]


@lru_cache(maxsize=256)
def find_terms(text: str) -> frozenset[str]:
    """Find the IRIs that a SPARQL query uses.

    Raises:
        QueryError: Where it is not a query or a prefix is not declared.

    Examples:
        >>> sorted(find_terms("PREFIX e: <http://e/> ASK { ?s e:p/^e:q* 'e:r' } # e:s"))
        ['http://e/p', 'http://e/q']
    """
    try:
        prologue, query = parseQuery(text)
    except ParseException as error:
        where = f"line {error.lineno}, column {error.col}"
        raise QueryError.at("query", f"is not SPARQL, from {where} on", "correct the query") from error
    namespaces = {str(one.prefix or ""): str(one.iri) for one in prologue if one.name == "PrefixDecl"}
    found = set()
    for part in _walk(query):
        if isinstance(part, URIRef):
            found.add(str(part))
        elif isinstance(part, CompValue) and part.name == "pname":
            prefix = str(part.prefix or "")
            if prefix not in namespaces:
                raise QueryError.at("query", f"has no namespace for {prefix}:", f"declare it: PREFIX {prefix}: <…>")
            found.add(namespaces[prefix] + str(part.localname or ""))
    return frozenset(found)


def _walk(part: Any) -> Iterator[Any]:
    """Walk over all that a part of a query is made of: clauses, triples, paths, expressions."""
    yield part
    inner: Iterable[Any] = ()
    if isinstance(part, CompValue):
        inner = part.values()
    elif isinstance(part, (list, ParseResults)):
        inner = part
    for one in inner:
        yield from _walk(one)
