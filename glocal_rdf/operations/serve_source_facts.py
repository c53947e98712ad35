"""Writes facts of a store for answers: what the store states, and what other sources in it say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glocal_rdf.serve.api.model import Fact, PageOf, Qualifier, Resource, SourceFacts
from glocal_rdf.serve.api.values import make_value

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Site
    from glocal_rdf.serve.source.neighbourhood import Neighbourhood

__all__ = ["mark_stated", "write_sources"]


def mark_stated(page: PageOf[Fact]) -> PageOf[Fact]:
    """Say of facts without claims that the source states them: what tables or rules they come from is not known.

    Args:
        page: The facts.
    """
    items = tuple(
        fact if fact.origin in ("claims", "links") else replace(fact, origin="source", places=(), rule="")
        for fact in page.items
    )
    return replace(page, items=items)


def write_sources(near: Neighbourhood, site: Site, lang: str) -> tuple[SourceFacts, ...]:
    """Write what named graphs beside the default graph say of a thing.

    Args:
        near: What the store says of the thing.
        site: Names what is mentioned.
        lang: The language of names.
    """
    by_graph: dict[str, list[Qualifier]] = {}
    for graph, name, value in near.elsewhere:
        predicate = Resource(iri=name[1:-1], label=site.name_of(name, lang))
        found = make_value(value, site.name_of(value, lang) if value.startswith("<") else "")
        by_graph.setdefault(graph, []).append(Qualifier(predicate=predicate, value=found))
    return tuple(
        SourceFacts(graph=graph[1:-1], title=site.name_of(graph, lang), facts=tuple(facts))
        for graph, facts in by_graph.items()
    )
