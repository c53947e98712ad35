"""Asks a graph or an endpoint: questions in SPARQL, what is said of a thing, which thing words mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from glocal_rdf import query
from glocal_rdf.endpoint import ask_endpoint, is_address
from glocal_rdf.errors import EndpointError
from glocal_rdf.explanation import Statement, explain_thing
from glocal_rdf.names import fold, name_things_or_fail
from glocal_rdf.search import Found, search_things
from glocal_rdf.triples import Triples
from glocal_rdf.triples.prefixes import WELL_KNOWN

if TYPE_CHECKING:
    from glocal_rdf.query import Answer
    from glocal_rdf.verbs.building import Build

__all__ = ["ask", "bind_question", "explain", "fetch_for_shapes", "find"]


def bind_question(source: Build | Triples | str, name: str, values: Mapping[str, str]) -> str:
    """Write the SPARQL of a bundled question with values for its parameters.

    A value for a thing may be a slug, a CURIE, an IRI or a name, looked up in `source`; of an endpoint (its address)
    only IRIs can be asked. Raise QueryError for an unknown question, parameter or thing.
    """

    def resolve(word: str) -> list[str]:
        if isinstance(source, str):
            return [word.strip("<>")] if is_address(word.strip("<>")) else []
        graph = source if isinstance(source, Triples) else source.with_ontology
        return name_things_or_fail(graph, word, WELL_KNOWN)

    return query.bind(query.find_question(name), values, resolve)


def ask(
    source: Build | Triples | str,
    text: str,
    *,
    prefixes: Mapping[str, str] = WELL_KNOWN,
    timeout: int = 60,
) -> Answer:
    """Ask a project, a graph, or the SPARQL endpoint at an address a question; `prefixes` need no declaration in it.

    A project is asked with its ontology; what other sources say stands in named graphs beside, for `GRAPH`.
    Raise QueryError on a mistake in the query, EndpointError where the endpoint does not answer.
    """
    asked = query.add_prefixes(text, prefixes)
    if isinstance(source, str):
        return query.read_answer(*ask_endpoint(source, asked, timeout=timeout), source)
    if isinstance(source, Triples):
        return query.ask(source, asked)
    if query.names_graphs(asked):
        return query.ask(source.with_ontology, asked, source.external, source.dataset)
    return query.ask(source.with_ontology, asked, store=source.store)


def explain(built: Build, word: str) -> dict[str, tuple[Statement, ...]]:
    """Tell every statement about what a word denotes (slug, CURIE, IRI or name), by the IRI of each such thing.

    Raise QueryError with the nearest names where it denotes nothing.
    """
    things = name_things_or_fail(built.with_ontology, word, built.prefixes)
    return {thing: explain_thing(built.with_ontology, thing) for thing in things}


def find(built: Build, words: str, limit: int = 10) -> tuple[Found, ...]:
    """Find the things that words mean, by name, description or definition, in any language; the likeliest first.

    Only things of the data are found, not the ontology's terms. Raise QueryError where SQLite has no full-text search.
    """
    return search_things(built.stated.union(built.plain), words, fold, limit)


def fetch_for_shapes(address: str, shapes: Triples, limit: int) -> Triples:
    """Fetch from a SPARQL endpoint the triples that shapes can look at: those of their targets' and paths' predicates.

    Raise EndpointError where there are more than `limit`, for a graph that was cut short validates to nothing true.
    """
    from glocal_rdf import shacl  # noqa: PLC0415

    predicates = shacl.needed_predicates(shapes)
    block = "" if predicates is None else f"VALUES ?p {{ {' '.join(sorted(predicates))} }} "
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {block}?s ?p ?o }} LIMIT {limit + 1}"
    fetched = ask(address, text).triples or Triples.empty()
    if len(fetched) > limit:
        mend = "raise --limit, or narrow the shapes"
        raise EndpointError.at(address, f"has more than {limit} triples that the shapes look at", mend)
    return fetched
