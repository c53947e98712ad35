"""Fetches entities of a Wikibase, many by the action API or one by the REST API, each kept with its revision."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from glocal_rdf.addresses import quoted
from glocal_rdf.errors import EndpointError
from glocal_rdf.wikidata.access.answers import read_json
from glocal_rdf.wikidata.access.client import Client
from glocal_rdf.wikidata.settings import Wikibase

__all__ = ["Fetched", "fetch_entities", "fetch_entity", "search_entities", "search_statements"]

_ID: Final = re.compile(r"[QP][1-9][0-9]{0,10}")
_MISSING: Final = "no-such-entity"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a Wikibase has under the identifier of an entity.

    Attributes:
        asked: The identifier that was asked for.
        record: The entity in JSON, in the form of the API that gave it; None where there is none.
        fetched: When it came.
    """

    asked: str
    record: dict[str, Any] | None
    fetched: datetime


def fetch_entities(client: Client, wikibase: Wikibase, ids: Collection[str]) -> dict[str, Fetched]:
    """Fetch entities by the action API, as many in a call as it allows; what is kept and fresh is not asked for.

    Args:
        client: Who asks.
        wikibase: The Wikibase.
        ids: The identifiers.

    Returns:
        What was found, by the identifier that was asked for.

    Raises:
        EndpointError: Where the API cannot be asked, or leaves out what was asked for.

    https://www.wikidata.org/w/api.php?action=help&modules=wbgetentities
    """
    wanted = sorted(set(ids), key=lambda one: (one[:1], len(one), one))
    for one in wanted:
        _check_id(wikibase.api, one)
    found: dict[str, Fetched] = {}
    missing: list[str] = []
    for one in wanted:
        kept = client.find(_key(wikibase.api, one))
        if kept and (client.offline or client.is_fresh(kept.fetched)):
            found[one] = Fetched(one, _as_record(wikibase.api, json.loads(kept.body)), kept.fetched)
        else:
            missing.append(one)
    if missing and client.offline:
        named = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise EndpointError.at(wikibase.api, f"{named} were not fetched before (--offline)", "run without --offline")
    size = max(client.settings.ids_per_call, 1)
    for start in range(0, len(missing), size):
        for one, record in _call(client, wikibase.api, missing[start : start + size]):
            client.keep(_key(wikibase.api, one), json.dumps(record).encode(), _revision(record))
            found[one] = Fetched(one, record, client.now)
    return {one: found[one] for one in wanted}


def fetch_entity(client: Client, wikibase: Wikibase, entity: str) -> Fetched:
    """Fetch one entity by the REST API; one that is kept is asked for by its ETag, so that it comes only if it changed.

    Args:
        client: Who asks.
        wikibase: The Wikibase.
        entity: The identifier.

    Raises:
        EndpointError: Where the API does not answer with an entity.

    https://www.wikidata.org/wiki/Wikidata:REST_API
    """
    _check_id(wikibase.rest, entity)
    kind = "properties" if entity.startswith("P") else "items"
    reply = client.ask(f"{wikibase.rest}/entities/{kind}/{entity}", also=frozenset({404}))
    if reply.status == 404:
        return Fetched(entity, None, reply.fetched)
    return Fetched(entity, _as_record(reply.address, reply.json()), reply.fetched)


def search_entities(
    client: Client, wikibase: Wikibase, text: str, lang: str, *, limit: int = 7
) -> list[dict[str, Any]]:
    """Search the labels and aliases of items.

    Args:
        client: Who asks.
        wikibase: The Wikibase.
        text: What is searched for.
        lang: The language of the labels.
        limit: How many items are returned at most.

    Returns:
        The hits as the API gives them: `id`, `label`, `description`, `match`.

    Raises:
        EndpointError: Where the API does not answer with hits.

    https://www.wikidata.org/w/api.php?action=help&modules=wbsearchentities
    """
    parameters = {"action": "wbsearchentities", "search": text, "language": lang, "uselang": lang, "type": "item"}
    found = client.ask_api(wikibase.api, {**parameters, "limit": str(limit)}).json()
    hits = found.get("search") if isinstance(found, dict) else None
    if not isinstance(hits, list) or not all(isinstance(hit, dict) and _is_id(hit.get("id")) for hit in hits):
        raise EndpointError.at(wikibase.api, "answered a search with what are not hits", "check the address")
    return hits


def search_statements(client: Client, wikibase: Wikibase, number: str, text: str) -> list[str]:
    """Search the items that have a statement with a string, address or identifier.

    Args:
        client: Who asks.
        wikibase: The Wikibase; its search must know `haswbstatement`, as that of Wikidata does.
        number: The property.
        text: The value.

    Returns:
        The identifiers of the items.

    Raises:
        EndpointError: Where the API does not answer with hits.

    https://www.mediawiki.org/wiki/Help:Extension:WikibaseCirrusSearch
    """
    _check_id(wikibase.api, number)
    wanted = f'haswbstatement:"{number}={text.replace(chr(34), "")}"'
    found = client.ask_api(
        wikibase.api, {"action": "query", "list": "search", "srsearch": wanted, "srlimit": "10"}
    ).json()
    query = found.get("query") if isinstance(found, dict) else None
    hits = query.get("search") if isinstance(query, dict) else None
    if not isinstance(hits, list) or not all(
        isinstance(hit, dict) and isinstance(hit.get("title"), str) for hit in hits
    ):
        raise EndpointError.at(wikibase.api, "answered a search with what are not hits", "check the address")
    return [number for hit in hits if _is_id(number := hit["title"].rpartition(":")[2])]


def _call(client: Client, address: str, batch: Sequence[str]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Ask for some entities by one call, or by several where it names one that cannot be.

    Raises:
        EndpointError: Where an entity is left out, or is another one.
    """
    parameters = {"action": "wbgetentities", "ids": "|".join(batch), "redirects": "yes"}
    parameters["props"] = "info|labels|descriptions|aliases|claims|datatype|sitelinks"
    try:
        # The entities are kept one by one, so that another batch of them finds them; the whole answer is not.
        answer = client.request(
            address,
            {**parameters, "format": "json", "maxlag": str(client.settings.maxlag)},
            {"Accept": "application/json"},
            frozenset(),
        )
    except EndpointError as error:
        if error.problems[0].kind != _MISSING:
            raise
        if len(batch) == 1:
            yield batch[0], None
            return
        for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
            yield from _call(client, address, half)
        return
    found = read_json(address, answer.data)
    entities = found.get("entities") if isinstance(found, dict) else None
    if not isinstance(entities, dict):
        raise EndpointError.at(address, "answered with what are not entities", "check the address")
    for one in batch:
        if one not in entities:
            raise EndpointError.at(address, f"left out {one}, which was asked for", "run it again")
        record = _as_record(address, entities[one])
        if record is not None and record["id"] != one and _redirect_of(record) != one:
            raise EndpointError.at(address, f"answered with {quoted(record['id'])} for {one}", "run it again")
        yield one, record


def _as_record(address: str, found: Any) -> dict[str, Any] | None:
    """Return an entity; None where the Wikibase says that there is none.

    Raises:
        EndpointError: Where it is not an entity.
    """
    if found is None or (isinstance(found, dict) and "missing" in found):
        return None
    if not isinstance(found, dict) or not _is_id(found.get("id")):
        raise EndpointError.at(address, "answered with what is not an entity", "check the address")
    return found


def _redirect_of(record: dict[str, Any]) -> str:
    redirects = record.get("redirects")
    return str(redirects.get("from", "")) if isinstance(redirects, dict) else ""


def _revision(record: dict[str, Any] | None) -> str:
    return str(record.get("lastrevid", "")) if record else ""


def _key(address: str, entity: str) -> str:
    return f"entity {address} {entity}"


def _is_id(text: Any) -> bool:
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def _check_id(address: str, text: str) -> None:
    """Check an identifier before it is sent.

    Raises:
        EndpointError: Where it is none of an item or a property.
    """
    if not _is_id(text):
        raise EndpointError.at(address, f"{quoted(text)[:60]!r} is not the identifier of an item or property", "")
