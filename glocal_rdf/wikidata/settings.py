"""The numbers that the operators of Wikidata ask clients to keep to, and the addresses of a Wikibase, in one place.

Policies change: each number is a field with its source, and callers can give others.

https://www.mediawiki.org/wiki/API:Etiquette
https://www.mediawiki.org/wiki/Wikimedia_APIs/Access_policy
https://www.wikidata.org/wiki/Wikidata:SPARQL_query_service/query_limits
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WIKIDATA", "Settings", "Wikibase"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a client behaves.

    Attributes:
        maxlag: How many seconds the databases may lag behind for requests to the action API, or they wait.
        tries: How often one request is sent at most.
        first_wait: After how many seconds a request is sent again that failed, without a Retry-After; then twice that,
            and so on.
        lag_wait: The least that a client waits after an error `maxlag`, in seconds.
        busy_wait: How many seconds it waits after the status 429 without a Retry-After, as the query service asks.
        longest_wait: The longest wait in seconds; a server that asks for a longer one ends the run.
        pause: How many seconds pass between two requests.
        timeout: The seconds that one request may take, from the connection to the last byte.
        answer_limit: The bytes that one answer may have, unpacked.
        ids_per_call: How many entities one call of `wbgetentities` names; the limit for who is not a bot.
        values_per_query: How many values a SPARQL query names.
        rows_per_query: How many rows a SPARQL query asks for at most.
        days_kept: How many days a kept answer is used before it is asked for anew.
    """

    maxlag: int = 5
    tries: int = 5
    first_wait: float = 1.0
    lag_wait: float = 5.0
    busy_wait: float = 60.0
    longest_wait: float = 300.0
    pause: float = 0.0
    timeout: float = 60.0
    answer_limit: int = 64 << 20
    ids_per_call: int = 50
    values_per_query: int = 50
    rows_per_query: int = 5000
    days_kept: float = 7.0


@dataclass(frozen=True, slots=True)
class Wikibase:
    """The addresses of a Wikibase.

    Attributes:
        name: What it is called.
        entity: The beginning of the IRIs of its entities.
        api: The action API.
        rest: The REST API.
        sparql: The query service.
        search: The reconciliation service, with `{lang}` for the language.
        licence: The licence of its data.
    """

    name: str
    entity: str
    api: str
    rest: str = ""
    sparql: str = ""
    search: str = ""
    licence: str = ""


WIKIDATA = Wikibase(
    name="Wikidata",
    entity="http://www.wikidata.org/entity/",
    api="https://www.wikidata.org/w/api.php",
    rest="https://www.wikidata.org/w/rest.php/wikibase/v1",
    sparql="https://query.wikidata.org/sparql",
    search="https://wikidata.reconci.link/{lang}/api",
    licence="https://creativecommons.org/publicdomain/zero/1.0/",
)
