"""Asks services for candidates: the action API, a SPARQL endpoint, or a reconciliation service, each in batches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from glocal_rdf.errors import EndpointError, Problem
from glocal_rdf.linking import searches
from glocal_rdf.linking.records import read_item
from glocal_rdf.linking.things import Things, make_things
from glocal_rdf.operations.link_proposals import Target
from glocal_rdf.project import Project
from glocal_rdf.wikidata.access.client import Client
from glocal_rdf.wikidata.access.fetching import fetch_entities, search_entities
from glocal_rdf.wikidata.properties import read_vocabulary
from glocal_rdf.wikidata.settings import WIKIDATA, Wikibase

__all__ = ["find_target", "find_wikidata", "search_api", "search_service", "search_sparql"]

_LIMIT: Final = 7
"""How many candidates a search asks for."""

_FACTS: Final = 20
"""How many items a query for facts names."""

Batches = Iterator[tuple[Things, list[Problem]]]


def find_wikidata(project: Project | None) -> Wikibase:
    """Return the addresses of Wikidata: its own, or those of a copy that a project names in its table.

    Args:
        project: The project; None where there is none.
    """
    named = read_vocabulary(project).wikibase if project is not None else WIKIDATA
    return named if named.entity == WIKIDATA.entity else WIKIDATA


def search_api(things: Things, client: Client, wikibase: Wikibase) -> Batches:
    """Search each name by the action API, and fetch what is found.

    Args:
        things: What to link.
        client: Who asks.
        wikibase: The Wikibase.

    Raises:
        EndpointError: Where the API cannot be asked.
    """
    found: dict[str, None] = {}
    for name, lang in dict.fromkeys((name, lang) for _, name, lang in searches.list_names(things)):
        hits = search_entities(client, wikibase, name, lang, limit=_LIMIT)
        found |= dict.fromkeys(hit["id"] for hit in hits)
    yield _fetch(client, wikibase, list(found))


def search_sparql(things: Things, client: Client, wikibase: Wikibase) -> Batches:
    """Ask a SPARQL endpoint for labels, aliases and identifiers as they are written, and then for the items' facts.

    Args:
        things: What to link.
        client: Who asks.
        wikibase: The Wikibase, whose query service is asked.

    Raises:
        EndpointError: Where the endpoint cannot be asked, or has more rows than are asked for.
    """
    where, most = wikibase.sparql, client.settings.rows_per_query
    size = max(client.settings.values_per_query, 1)
    names = list(dict.fromkeys((name, lang) for _, name, lang in searches.list_names(things)))
    identifiers = searches.list_identifiers(things)
    found: dict[str, None] = {}
    problems: list[Problem] = []
    queries = [searches.write_label_query(part, most) for part in _parts(names, size)]
    queries += [searches.write_identifier_query(part, most) for part in _parts(identifiers, size)]
    for query in queries:
        rows = client.ask_sparql(where, query)
        if len(rows) >= most:
            what, hint = f"has {most:,} items or more with these names", "the rest is not looked at; give fewer names"
            problems.append(Problem(where, what, hint, "too many items"))
        found |= dict.fromkeys(searches.read_items(where, rows))
    first = 0
    for part in _parts(list(found), _FACTS):
        rows = client.ask_sparql(where, searches.write_facts_query(part, most))
        if len(rows) >= most:
            what = f"has {most:,} facts or more of {part[0]} to {part[-1]}"
            problems.append(Problem(where, what, "some evidence may be missing", "too many facts"))
        batch = _add_classes(things, searches.read_facts(where, rows, first), client, where)
        first += len(batch)
        yield batch, problems
        problems = []
    yield Things.empty(), problems


def find_target(client: Client, wikibase: Wikibase, address: str, items: Target) -> Target:
    """Find what the identifiers of a reconciliation service stand for.

    Args:
        client: Who asks.
        wikibase: The Wikibase.
        address: The address of the service; `{lang}` in it is a language.
        items: The items of the Wikibase, which the identifiers of its own services are.

    Returns:
        The items, or another dataset, whose identifiers follow its identifier space, or else the address of their
        pages.

    Raises:
        EndpointError: Where the service cannot be asked, or does not say which IRIs its identifiers stand for.
    """
    manifest = client.ask(address.replace("{lang}", "en")).json()
    searches.choose_version(address, manifest)
    if searches.names_items(manifest, wikibase.entity):
        return items
    view = manifest.get("view")
    page = view.get("url") if isinstance(view, dict) else None
    shown = page.partition("{")[0] if isinstance(page, str) and re.fullmatch(r"[^{]+\{\{?id\}\}?", page) else ""
    for namespace in (manifest.get("identifierSpace"), shown):
        if isinstance(namespace, str) and re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+[/#=]", namespace):
            return Target("service", f"Links to {manifest['name']}", "service", namespace)
    what = "does not say which IRIs its identifiers stand for"
    raise EndpointError.at(address, what, "ask its operator for an identifierSpace that ends with / or #")


def _add_classes(things: Things, found: Things, client: Client, where: str) -> Things:
    """Ask an endpoint which classes of items are subclasses of those that our things have."""
    wanted = searches.list_classes(things)
    classes = [one for one in searches.list_classes(found) if one not in wanted]
    if not wanted or not classes:
        return found
    most = client.settings.rows_per_query
    pairs = [
        pair
        for part in _parts(classes, max(client.settings.values_per_query, 1))
        for pair in searches.read_classes(
            where, client.ask_sparql(where, searches.write_classes_query(part, wanted, most))
        )
    ]
    return found.with_classes(pairs)


def search_service(things: Things, client: Client, wikibase: Wikibase, address: str) -> Batches:
    """Ask a reconciliation service for candidates, and the action API for the facts of those that are items.

    Args:
        things: What to link.
        client: Who asks.
        wikibase: The Wikibase, where the service's identifiers are its items.
        address: The address of the service; `{lang}` in it is the language of each name.

    Raises:
        EndpointError: Where the service cannot be asked, or does not speak a known version.
    """
    kinds = {row: types[0] if types else "" for row, types in things.frame.select("row", "types").iter_rows()}
    by_language: dict[str, dict[tuple[str, str, str], None]] = {}
    for row, name, lang in searches.list_names(things):
        kind = kinds.get(row, "")
        by_language.setdefault(lang, {})[name, lang, kind if kind.startswith("Q") else ""] = None
    found: dict[str, dict[str, Any]] = {}
    entities = True
    for lang, asked in by_language.items():
        where = address.replace("{lang}", lang)
        manifest = client.ask(where).json()
        version = searches.choose_version(where, manifest)
        entities = entities and searches.names_items(manifest, wikibase.entity)
        size = manifest.get("batchSize")
        size = min(size, 50) if isinstance(size, int) and size > 0 else 10
        for part in _parts(list(asked), size):
            queries = searches.write_queries(version, part, _LIMIT)
            answer = _ask_service(client, where, version, queries)
            for hits in searches.read_hits(version, where, answer, len(part)):
                for hit in hits:
                    known = found.setdefault(hit["id"], {"id": hit["id"], "names": [], "types": hit["types"]})
                    known["names"].append((hit["name"], hit["lang"] or lang, "label"))
    if entities and found:
        yield _fetch(client, wikibase, [one for one in found if one[:1] == "Q" and one[1:].isdigit()])
        return
    records = [{**one, "label": one["names"][0][0]} for one in found.values()]
    # All that such a service says of a candidate is its name and types.
    yield make_things(records), []


def _ask_service(client: Client, where: str, version: str, queries: Any) -> Any:
    if version == "0.2":
        return client.ask(where, {"queries": json.dumps(queries, ensure_ascii=False)}).json()
    body = json.dumps(queries, ensure_ascii=False).encode()
    # "The match service MUST support HTTP POST requests at the route /match": https://reconciliation-api.github.io/specs/1.0-draft/
    reply = client.ask(f"{where.rstrip('/')}/match", content=body, also=frozenset({404, 405}))
    if reply.status in {404, 405}:
        # Until 2025 the draft called it /reconcile, and there are services of that time.
        reply = client.ask(f"{where.rstrip('/')}/reconcile", content=body)
    return reply.json()


def _fetch(client: Client, wikibase: Wikibase, items: Sequence[str]) -> tuple[Things, list[Problem]]:
    """Fetch items, and read what is compared of them."""
    problems = []
    records = []
    for one, fetched in fetch_entities(client, wikibase, items).items():
        record = read_item(fetched.record)
        if record is None:
            problems.append(Problem(one, "has no name, or is gone", "it is left out", "no item", "warning"))
        else:
            records.append(record)
    unique = {record["id"]: record for record in records}
    return make_things(unique.values()), problems


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
