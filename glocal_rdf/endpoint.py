"""The only door to the network: questions to SPARQL endpoints, and fetches that the user asked for."""

from __future__ import annotations

from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from glocal_rdf.errors import EndpointError

__all__ = ["LIMIT", "ask_endpoint", "fetch", "is_address"]

LIMIT = 256 * 1024 * 1024
"""How many bytes an answer may have."""

AGENT = "glocal-rdf/0 (https://w3id.org/glocal/)"


def is_address(word: str) -> bool:
    """Tell whether a word is a web address (http or https)."""
    return urlsplit(word).scheme in {"http", "https"}


def ask_endpoint(address: str, query: str, *, timeout: int = 60, limit: int = LIMIT) -> tuple[bytes, str]:
    """Ask a SPARQL endpoint by POST and return its answer and media type (SPARQL 1.1 Protocol, section 2.1).

    Raise EndpointError where it cannot be reached, refuses the query, takes more than `timeout` seconds, or answers
    with more than `limit` bytes.
    """
    from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper  # noqa: PLC0415
    from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException  # noqa: PLC0415

    if not is_address(address):
        raise EndpointError.at(address, "is not a web address", "name an endpoint that starts with http:// or https://")
    wrapper = SPARQLWrapper(address, agent=AGENT)
    wrapper.setQuery(query)
    wrapper.setMethod(POST)
    wrapper.setTimeout(timeout)
    graph = wrapper.queryType in {"CONSTRUCT", "DESCRIBE"}
    wrapper.setReturnFormat(TURTLE if graph else JSON)
    try:
        response = wrapper.query().response
        with response:
            data = response.read(limit + 1)
            media_type = response.headers.get("Content-Type", "")
    except SPARQLWrapperException as error:
        told = " ".join(str(error).split())[:300]
        raise EndpointError.at(address, f"refused the query: {told}", "mend the query, or ask its operator") from error
    except HTTPError as error:
        raise EndpointError.at(address, f"answered {error.code} {error.reason}", "check the address") from error
    except TimeoutError as error:
        raise EndpointError.at(address, f"did not answer in {timeout} s", "simplify the query") from error
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise EndpointError.at(address, f"cannot be reached: {reason}", "check the address and the network") from error
    if len(data) > limit:
        raise EndpointError.at(address, f"answered with more than {limit} bytes", "add a LIMIT to the query")
    return data, media_type or ("text/turtle" if graph else "application/sparql-results+json")


def fetch(address: str, *, timeout: int = 30, limit: int = LIMIT) -> tuple[bytes, dict[str, str]]:
    """Fetch a document that the user allowed to be fetched, and return it with its headers.

    Raise EndpointError where it is no web address, cannot be reached, or is too large.
    """
    from urllib.request import Request, urlopen  # noqa: PLC0415

    if not is_address(address):
        raise EndpointError.at(address, "is not a web address", "only http:// and https:// are fetched")
    request = Request(address, headers={"User-Agent": AGENT})  # noqa: S310  (the scheme is checked above)
    try:
        with urlopen(request, timeout=timeout) as response:  # noqa: S310
            data = response.read(limit + 1)
            headers = {name.lower(): value for name, value in response.headers.items()}
    except HTTPError as error:
        raise EndpointError.at(address, f"answered {error.code} {error.reason}", "check the address") from error
    except (URLError, TimeoutError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise EndpointError.at(address, f"cannot be reached: {reason}", "check the address and the network") from error
    if len(data) > limit:
        raise EndpointError.at(address, f"has more than {limit} bytes", "fetch it yourself and name the file")
    return data, headers
