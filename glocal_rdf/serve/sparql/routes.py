"""The addresses of SPARQL: `/sparql` for queries and the description of the service, `/graphs` for whole graphs.

Browsers that ask for neither get the page on which queries are written. `/graphs` is the Graph Store Protocol as far as
it reads: the default graph, or a named one; what would change a graph is not allowed (405).

https://www.w3.org/TR/sparql11-protocol/ and https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.serve.http.negotiation import choose_media_type
from glocal_rdf.serve.http.policy import METHODS
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.sparql.description import describe_service
from glocal_rdf.serve.sparql.protocol import (
    GRAPH_TYPES,
    Accepted,
    accept_formats,
    check_iri,
    read_parameters,
    read_query,
)
from glocal_rdf.serve.sparql.responses import AnswerResponse, wait_for
from glocal_rdf.serve.sparql.store import Query
from glocal_rdf.sparql.policy import may_vary

if TYPE_CHECKING:
    from starlette.requests import Request

    from glocal_rdf.serve.parts import Serving, Snapshot

__all__ = ["make_sparql_routes"]

_READ: Final = "GET, HEAD, OPTIONS"
_ASK: Final = "GET, HEAD, POST, OPTIONS"
_VARY: Final = "Accept"
_PAGE: Final = "sparql/index"
_HTML: Final = "text/html"
_WHOLE: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_NO_FORMAT: Final = "there is none of the formats that you accept; there are "


def make_sparql_routes(serving: Serving) -> list[Route]:
    """Return the routes of the endpoint and of whole graphs.

    Args:
        serving: What the part is given.
    """
    endpoint, graphs = _Endpoint(serving), _Graphs(serving)
    return [
        Route(path, answer, methods=sorted(METHODS))
        for path, answer in (("/sparql", endpoint.answer), ("/sparql/", endpoint.answer), ("/graphs", graphs.answer))
    ]


def _allow(methods: str, asked: str | None) -> Response:
    """Return the answer to OPTIONS, which a browser asks before it sends what is not simple to another origin."""
    headers = {"allow": methods}
    if asked is not None:
        headers |= {
            "access-control-allow-methods": methods,
            "access-control-allow-headers": "Accept, Content-Type, If-None-Match",
            "access-control-max-age": "86400",
        }
    return Response(status_code=204, headers=headers)


class _Endpoint:
    """Answers requests for `/sparql`."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        if request.method == "OPTIONS":
            return _allow(_ASK, request.headers.get("access-control-request-method"))
        if request.method not in ("GET", "HEAD", "POST"):
            raise RefusedError(405, "queries come with GET or POST", {"Allow": _ASK})
        snapshot = self._serving.current()
        method: Literal["GET", "POST"] = "POST" if request.method == "POST" else "GET"
        headers = request.headers
        body = await request.body()
        if method == "GET" and body:
            raise RefusedError(400, "a query that comes with GET is in the address; send no body")
        asked = read_query(
            method, request.scope["query_string"], headers.get("content-type"), body, headers.get("accept")
        )
        if method == "GET" and _wants_page(headers.get("accept"), asked.accepted):
            return self._lead_to_page(request, asked.query)
        if asked.query is None:
            return await self._describe(request, snapshot)
        query = replace(asked.query, base=self._name(request), client=self._serving.client(request))
        known = _known_headers(snapshot, _tell_apart(query)) if method == "GET" and not may_vary(query.text) else {}
        sent = {"vary": _VARY, "cache-control": "no-cache", **known}
        if known and _has(headers.get("if-none-match"), known["etag"]):
            return Response(status_code=304, headers=sent)
        answer = await wait_for(snapshot.store.evaluate(query), request.receive)
        return AnswerResponse(answer, {**sent, "content-type": asked.accepted.name_type(answer.form)})

    def _name(self, request: Request) -> str:
        """Return the address of the endpoint, as it was asked for."""
        ending = "/" if request.scope["path"].endswith("/") else ""
        return f"{self._serving.public(request)}sparql{ending}"

    def _lead_to_page(self, request: Request, query: Query | None) -> Response:
        mark = "" if query is None else f"#{urlencode({'query': query.text})}"
        location = f"{self._serving.public(request)}{_PAGE}{mark}"
        return Response(status_code=303, headers={"location": location, "vary": _VARY, "cache-control": "no-cache"})

    async def _describe(self, request: Request, snapshot: Snapshot) -> Response:
        chosen = accept_formats(request.headers.get("accept")).graph
        if chosen is None:
            raise RefusedError(406, _NO_FORMAT + ", ".join(GRAPH_TYPES), {"Vary": _VARY})
        endpoint = self._name(request)
        graphs = await wait_for(snapshot.store.count(), request.receive)
        found = describe_service(endpoint, graphs)
        accepted = Accepted(results=None, truth=None, graph=chosen)
        data = found.serialize(accepted.formats["graph"], WELL_KNOWN)
        known = _known_headers(snapshot, f"{endpoint} {chosen}")
        headers = {"content-type": accepted.name_type("CONSTRUCT"), "vary": _VARY, "cache-control": "no-cache", **known}
        return Response(data, headers=headers)


class _Graphs:
    """Answers requests for `/graphs`."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        if request.method == "OPTIONS":
            return _allow(_READ, request.headers.get("access-control-request-method"))
        if request.method not in ("GET", "HEAD"):
            raise RefusedError(405, "graphs are only read here; use GET", {"Allow": _READ})
        snapshot = self._serving.current()
        graph = _read_graph(request.scope["query_string"])
        named = await wait_for(snapshot.store.list_graphs(), request.receive)
        if graph is not None and graph not in named:
            known = ", ".join(f"<{name}>" for name in named[:5]) or "none"
            raise RefusedError(404, f"there is no such graph; the named graphs are: {known}")
        accepted = accept_formats(request.headers.get("accept"))
        if accepted.graph is None:
            raise RefusedError(406, _NO_FORMAT + ", ".join(GRAPH_TYPES), {"Vary": _VARY})
        headers = _known_headers(snapshot, f"{graph} {accepted.graph}")
        sent = {"vary": _VARY, "cache-control": "no-cache", **headers}
        if _has(request.headers.get("if-none-match"), headers["etag"]):
            return Response(status_code=304, headers=sent)
        sent["content-type"] = accepted.name_type("CONSTRUCT")
        if request.method == "HEAD":
            found = Response(headers=sent)
            del found.headers["content-length"]
            return found
        query = Query(
            text=_WHOLE,
            default_graphs=() if graph is None else (graph,),
            graph=accepted.formats["graph"],
            prefixes=await self._choose_prefixes(snapshot, graph),
            client=self._serving.client(request),
            whole_graph=True,
        )
        return AnswerResponse(await wait_for(snapshot.store.evaluate(query), request.receive), sent)

    @staticmethod
    async def _choose_prefixes(snapshot: Snapshot, graph: str | None) -> Mapping[str, str]:
        """Return the prefixes of the project that the properties and classes of a graph have, and its things."""
        if snapshot.built is None:
            return {}
        counted = next((one for one in await snapshot.store.count() if one.iri == graph), None)
        terms = [*(counted.properties or ()), *(counted.classes or ())] if counted else []
        spaces = {iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for iri in terms}
        space = snapshot.built.project.space
        prefixes = snapshot.built.prefixes.items()
        return {name: iri for name, iri in prefixes if iri in spaces or (space and iri.startswith(space))}


def _read_graph(target: bytes) -> str | None:
    """Return the IRI of the graph that a request names; None for the default graph.

    Raises:
        RefusedError: Where it does not name one graph.
    """
    given = read_parameters(target, "the address")
    names = [name for name, _ in given]
    if sorted(names) == ["default"] and not given[0][1]:
        return None
    if names != ["graph"]:
        raise RefusedError(400, "name one graph: ?default, or ?graph= and its IRI, percent-encoded")
    check_iri(given[0][1], "graph")
    return given[0][1]


def _tell_apart(query: Query) -> str:
    return repr(replace(query, client=""))


def _wants_page(accept: str | None, accepted: Accepted) -> bool:
    """Return whether a request comes from somebody who would rather read a page than data."""
    if accept is None or _HTML not in accept.lower():
        return False
    others = [accepted.results, accepted.truth, accepted.graph]
    return choose_media_type(accept, [_HTML, *(media for media in others if media)]) == _HTML


def _known_headers(snapshot: Snapshot, what: str) -> dict[str, str]:
    """Return the headers by which a client knows what it has already, for what was asked."""
    digest = hashlib.blake2b(f"{snapshot.version}\0{what}".encode(errors="surrogatepass"), digest_size=12).hexdigest()
    modified = format_datetime(snapshot.modified, usegmt=True)
    return {"etag": f'W/"{digest}"', "last-modified": modified}


def _has(known: str | None, etag: str) -> bool:
    if known is None:
        return False
    return known.strip() == "*" or etag.removeprefix("W/") in known
