"""Reads the requests of the SPARQL 1.1 Protocol: the query, its graphs, and the formats that are accepted.

1. A query comes with GET, as a form with POST, or as the body of a POST (`application/sparql-query`).
2. It is there once, in UTF-8. What would change data is refused, by whatever way it comes.
3. Which formats are accepted is found for every form of query, since nobody has read the query yet. `format` in the
   address, a name or a media type, is for those who cannot set Accept.

https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Literal, cast
from urllib.parse import parse_qsl

from glocal_rdf.serve.http.negotiation import choose_media_type
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.sparql.store import RESULTS, Query, ResultsFormat
from glocal_rdf.triples.formats.registry import FORMATS

__all__ = ["GRAPH_TYPES", "Accepted", "Asked", "accept_formats", "read_parameters", "read_query"]

QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
FORM: Final = "application/x-www-form-urlencoded"

GRAPH_TYPES: Final[Mapping[str, str]] = {
    form.media_type: form.name for form in FORMATS if form.writable and not form.dataset_only
}
"""The names of the formats for triples by media type, the preferred one first."""

_RESULT_TYPES: Final[Mapping[str, ResultsFormat]] = {
    **{media: name for name, media in RESULTS.items()},
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
}
_TRUTH_TYPES: Final = {media: name for media, name in _RESULT_TYPES.items() if name in ("json", "xml")}
_OTHER_GRAPH_TYPES: Final = {
    "application/x-turtle": "turtle",
    "text/n3": "turtle",
    "text/rdf+n3": "turtle",
    "application/trig": "turtle",
    "application/n-quads": "ntriples",
    "text/plain": "ntriples",
    "application/json": "jsonld",
    "application/xml": "rdfxml",
    "text/xml": "rdfxml",
}
"""Media types that are asked for too: what is sent for them is written in a format that each of them includes."""

_SHORT: Final[Mapping[str, tuple[str, str]]] = {
    "json": ("json", "jsonld"),
    "xml": ("xml", "rdfxml"),
    "csv": ("csv", ""),
    "tsv": ("tsv", ""),
    **{name: ("", form.name) for form in FORMATS if form.name in GRAPH_TYPES.values() for name in (form.name,)},
    **{name: ("", found) for name, found in (("ttl", "turtle"), ("nt", "ntriples"), ("rdf", "rdfxml"))},
}
"""The names of formats that `format` takes: for results, and for triples."""

_MOST_FIELDS: Final = 1_000
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_UPDATE: Final = "this endpoint only reads; send a query"


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The formats that a client accepts for each form of query, and the media type that it is sent as.

    Attributes:
        results: The media type of the results of SELECT; None where none is accepted.
        truth: The media type of the result of ASK.
        graph: The media type of triples.
    """

    results: str | None
    truth: str | None
    graph: str | None

    @property
    def formats(self) -> Mapping[str, Any]:
        """The names of the formats, as `Query` takes them."""
        graph = self.graph or ""
        return {
            "results": _RESULT_TYPES.get(self.results or ""),
            "truth": _TRUTH_TYPES.get(self.truth or ""),
            "graph": GRAPH_TYPES.get(graph) or _OTHER_GRAPH_TYPES.get(graph),
        }

    def name_type(self, form: str) -> str:
        """Return the value of Content-Type for the answer to a form of query.

        Args:
            form: The form of the query, for which a format is accepted.
        """
        found = (self.results if form == "SELECT" else self.truth if form == "ASK" else self.graph) or ""
        if form in ("SELECT", "ASK"):
            return f"{found}; charset=utf-8" + ("; header=present" if found == RESULTS["csv"] else "")
        return f"{found}; charset=utf-8" if found.startswith("text/") else found


@lru_cache(maxsize=500)
def accept_formats(accept: str | None, short: str = "") -> Accepted:
    """Find the formats that a client accepts.

    Args:
        accept: The value of Accept; None where it was not sent.
        short: The value of `format` in the address, which wins where it is known.

    Examples:
        >>> accept_formats("text/csv, application/rdf+xml;q=0.5").formats
        {'results': 'csv', 'truth': None, 'graph': 'rdfxml'}
        >>> accept_formats(None).name_type("SELECT"), accept_formats("*/*", "ttl").name_type("CONSTRUCT")
        ('application/sparql-results+json; charset=utf-8', 'text/turtle; charset=utf-8')
    """
    if short.lower() in _SHORT:
        results, graph = _SHORT[short.lower()]
        media = RESULTS.get(cast("ResultsFormat", results))
        truth = media if media in _TRUTH_TYPES else None
        types = {name: kind for kind, name in GRAPH_TYPES.items()}
        return Accepted(results=media, truth=truth, graph=types.get(graph))
    if short in _RESULT_TYPES or short in GRAPH_TYPES:
        accept = short
    return Accepted(
        results=choose_media_type(accept, list(_RESULT_TYPES)),
        truth=choose_media_type(accept, list(_TRUTH_TYPES)),
        graph=choose_media_type(accept, [*GRAPH_TYPES, *_OTHER_GRAPH_TYPES]),
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request asks of the endpoint.

    Attributes:
        query: The query; None where there is none, which asks for the description of the service.
        accepted: The formats that are accepted.
    """

    query: Query | None
    accepted: Accepted = field(default_factory=lambda: accept_formats(None))


def read_query(
    method: Literal["GET", "POST"], target: bytes, content_type: str | None, body: bytes, accept: str | None
) -> Asked:
    """Read a request.

    Args:
        method: Its method.
        target: What follows the question mark in its target.
        content_type: The value of Content-Type; None where it was not sent.
        body: Its body.
        accept: The value of Accept; None where it was not sent.

    Raises:
        RefusedError: Where it is not one of the protocol, with the reason.
    """
    given = read_parameters(target, "the address")
    text: str | None = None
    if method == "POST":
        kind = _read_content_type(content_type)
        if kind == FORM:
            given += read_parameters(body, "the form")
        elif kind == UPDATE:
            raise RefusedError(403, _UPDATE)
        elif kind == QUERY:
            text = _decode(body, "the query")
        else:
            raise RefusedError(415, f"the body is not read as that media type; send {QUERY}, or {FORM}")
    if any(name == "update" for name, _ in given):
        raise RefusedError(403, _UPDATE)
    queries = [value for name, value in given if name == "query"]
    if text is not None:
        queries.append(text)
    if len(queries) > 1:
        raise RefusedError(400, "there are two queries; send one")
    formats = [value for name, value in given if name == "format"]
    accepted = accept_formats(accept, formats[0] if formats else "")
    if not queries:
        if method == "POST" or any(name in _GRAPHS for name, _ in given):
            raise RefusedError(400, "there is no query; send it as the parameter query")
        return Asked(query=None, accepted=accepted)
    graphs = {kept: _read_graphs(given, name) for name, kept in _GRAPHS.items()}
    query = replace(Query(text=queries[0], **accepted.formats), **graphs)
    return Asked(query=query, accepted=accepted)


_GRAPHS: Final[Mapping[str, str]] = {"default-graph-uri": "default_graphs", "named-graph-uri": "named_graphs"}


def _read_graphs(given: Sequence[tuple[str, str]], wanted: str) -> Any:
    found = tuple(dict.fromkeys(value for name, value in given if name == wanted))
    for value in found:
        check_iri(value, wanted)
    return found


def check_iri(iri: str, name: str) -> None:
    """Check that the value of a parameter is an absolute IRI.

    Args:
        iri: The value.
        name: The name of the parameter.

    Raises:
        RefusedError: Where it is not.
    """
    if not _ABSOLUTE.fullmatch(iri):
        raise RefusedError(400, f"{name} is not an absolute IRI; write it whole, percent-encoded")


def read_parameters(data: bytes, where: str) -> list[tuple[str, str]]:
    """Read names and values of the target of a request, or of a form.

    Args:
        data: What was sent.
        where: What to call it in errors.

    Raises:
        RefusedError: Where it is not UTF-8, or holds too many.
    """
    text = _decode(data, where)
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError as error:
        raise RefusedError(400, f"{where} is not UTF-8; percent-encode the bytes of UTF-8") from error
    except ValueError as error:
        raise RefusedError(400, f"{where} has more than {_MOST_FIELDS:,} parameters; send fewer") from error


def _decode(data: bytes, what: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(400, f"{what} is not UTF-8 at byte {error.start + 1:,}; encode it so") from error


def _read_content_type(value: str | None) -> str:
    """Return the media type of a body.

    Raises:
        RefusedError: Where there is none, or where it has another encoding than UTF-8.
    """
    if not value:
        raise RefusedError(415, f"the body has no Content-Type; send {QUERY}, or {FORM}")
    name, *parameters = (part.strip() for part in value.split(";"))
    for parameter in parameters:
        key, _, given = parameter.partition("=")
        charset = given.strip().strip('"').lower()
        if key.strip().lower() == "charset" and charset not in ("utf-8", "utf8", "us-ascii"):
            raise RefusedError(415, "the body is read as UTF-8 alone; send charset=utf-8")
    return name.lower()
