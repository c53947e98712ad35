"""Finds out at which addresses a store answers queries and takes statements, by what stores do and how they name them.

1. The store names itself, in a header or by its addresses; each product has its layout (`LAYOUTS`).
2. An address is right where it answers: a query with bindings, an update that inserts nothing with success, a graph
   that is not there with 404 (or an empty one). Nothing is written to find out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from glocal_rdf.endpoint import Answer
from glocal_rdf.errors import EndpointError
from glocal_rdf.loading.model import LoadOptions, Protocol
from glocal_rdf.loading.requests import FORM, Client, read_rows, write_form
from glocal_rdf.triples.formats.registry import FORMATS

__all__ = ["LAYOUTS", "Layout", "Store", "find_store", "graph_address"]

_ANY: Final = "SELECT ?s { ?s ?p ?o } LIMIT 1"
_NOTHING: Final = b"INSERT DATA {}"
_RDF: Final = {form.media_type for form in FORMATS}
_ABSENT: Final = "urn:x-glocal-load:absent"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The addresses of a product, relative to that of the store or dataset; empty where there is none.

    Attributes:
        product: Its name.
        queries: Where it answers queries.
        update: Where it takes updates.
        graphs: Where it speaks the Graph Store Protocol.
        server: What its header `Server` begins with.
        secured: Where updates and graphs are, for those who have credentials.
    """

    product: str
    queries: tuple[str, ...]
    update: str
    graphs: str
    server: str = ""
    secured: tuple[str, str] = ("", "")


LAYOUTS: Final = (
    Layout(product="Oxigraph", server="Oxigraph", queries=("/query",), update="/update", graphs="/store"),
    Layout(
        product="Virtuoso",
        server="Virtuoso",
        queries=("/sparql",),
        update="/sparql",
        graphs="/sparql-graph-crud",
        secured=("/sparql-auth", "/sparql-graph-crud-auth"),
    ),
    Layout(product="RDF4J or GraphDB", queries=("",), update="/statements", graphs="/rdf-graphs/service"),
    Layout(product="Fuseki", queries=("/query", "/sparql"), update="/update", graphs="/data"),
    Layout(product="one address", queries=("",), update="", graphs=""),
)
"""The layouts, those that show themselves first."""

_ENDINGS: Final = sorted(
    {
        ending
        for layout in LAYOUTS
        for ending in (*layout.queries, layout.update, layout.graphs, *layout.secured, "/get", "/upload")
        if ending
    },
    key=len,
    reverse=True,
)


@dataclass(frozen=True, kw_only=True)
class Store:
    """The addresses of one store.

    Attributes:
        product: What it is, as far as that was found out.
        query: Where it answers queries.
        update: Where it takes updates; empty where that is not known.
        graphs: Where it speaks the Graph Store Protocol; empty where that is not known.
    """

    product: str = ""
    query: str
    update: str = ""
    graphs: str = ""


def graph_address(address: str, graph: str) -> str:
    """Return the address of a graph by the Graph Store Protocol (indirect identification).

    Args:
        address: The address of the graph store.
        graph: The IRI of the graph; empty for the default graph.

    Examples:
        >>> graph_address("http://localhost/store", "https://example.org/g"), graph_address("http://localhost/?a=b", "")
        ('http://localhost/store?graph=https%3A%2F%2Fexample.org%2Fg', 'http://localhost/?a=b&default')

    https://www.w3.org/TR/sparql11-http-rdf-update/#indirect-graph-identification
    """
    return address + ("&" if "?" in address else "?") + (f"graph={quote(graph, safe='')}" if graph else "default")


def find_store(client: Client, address: str, options: LoadOptions) -> Store:
    """Find out the addresses of a store.

    Args:
        client: What sends requests.
        address: The address that was named.
        options: What it is for, and where queries go, as far as that was named.

    Raises:
        EndpointError: Where none of the addresses answers queries, or none takes statements.
    """
    base = _strip_ending(address)
    refused: list[Answer] = []
    layout, query, identified = _find_query(client, address, base, options.endpoint, refused)
    if options.protocol == "update":
        return Store(product=layout.product, query=query, update=address)
    if options.protocol == "graph-store":
        return Store(product=layout.product, query=query, graphs=address)
    secured = client.session.credentials and layout.secured[0]
    update, graphs = layout.secured if secured else (layout.update, layout.graphs)
    found_update = base + update if _takes_updates(client, base + update, refused) else ""
    # An address that takes all may answer 404 to whatever it does not know.
    tries_graphs = graphs or not found_update
    known = bool(layout.server) and layout.product == identified
    found_graphs = base + graphs if tries_graphs and _has_graphs(client, base + graphs, refused, known=known) else ""
    if not found_update and not found_graphs:
        raise _say_nothing_takes(address, refused)
    return Store(product=layout.product, query=query, update=found_update, graphs=found_graphs)


def choose_protocol(store: Store, options: LoadOptions) -> Protocol:
    """Return how statements are written: as chosen, or else by the Graph Store Protocol where the store has it.

    Args:
        store: The addresses of the store.
        options: What was chosen.
    """
    return options.protocol or ("graph-store" if store.graphs else "update")


def _strip_ending(address: str) -> str:
    plain = address.rstrip("/")
    parts = urlsplit(plain)
    if parts.query or parts.fragment:
        return address
    for ending in _ENDINGS:
        if parts.path.endswith(ending):
            return plain.removesuffix(ending)
    return plain


def _find_query(client: Client, address: str, base: str, named: str, refused: list[Answer]) -> tuple[Layout, str, str]:
    """Find the address for queries, the layout that it belongs to, and the product that names itself, if any."""
    tried: dict[str, Answer | None] = {}

    def answers(candidate: str) -> Answer | None:
        if candidate not in tried:
            tried[candidate] = client.probe(candidate, write_form(_ANY), FORM)
        found = tried[candidate]
        if found is None or not 200 <= found.status < 300:
            if found is not None:
                refused.append(found)
            return None
        try:
            read_rows(candidate, found)
        except EndpointError:
            return None
        return found

    if named:
        candidates = [(layout, named) for layout in LAYOUTS if base + layout.queries[0] == named or not layout.update]
        candidates += [(LAYOUTS[-1], named)]
    else:
        candidates = [(layout, base + path) for layout in LAYOUTS for path in layout.queries]
        candidates += [(LAYOUTS[-1], address)]
    for layout, candidate in candidates:
        found = answers(candidate)
        if found is None:
            continue
        server = found.headers.get("server", "").lower()
        own = next((each for each in LAYOUTS if each.server and server.startswith(each.server.lower())), None)
        if own is not None and own is not layout and (layout.update or not named):
            continue
        return layout, candidate, own.product if own else ""
    if not any(tried.values()):
        # None of them answered at all: the first failure is the reason.
        client.session.send(address, {"Accept": "*/*"}, timeout=client.timeout)
    denied = next((each for each in refused if each.status in {401, 403}), None)
    if denied is not None:
        raise _say_denied(denied)
    hint = "name the address for queries with --endpoint"
    raise EndpointError.at(address, "answers no SPARQL query, nor does an address that belongs to it", hint)


def _takes_updates(client: Client, candidate: str, refused: list[Answer]) -> bool:
    answer = client.probe(candidate, _NOTHING, "application/sparql-update")
    if answer is None:
        return False
    if not 200 <= answer.status < 300:
        refused.append(answer)
        return False
    # A site that answers every request with a page takes none.
    return not (answer.data and "html" in answer.headers.get("content-type", "") and b"<title" in answer.data.lower())


def _has_graphs(client: Client, candidate: str, refused: list[Answer], *, known: bool) -> bool:
    """Decide whether an address speaks the Graph Store Protocol; a known product may say that a graph is missing."""
    if known:
        answer = client.probe(graph_address(candidate, _ABSENT), None)
    else:
        answer = client.probe(graph_address(candidate, ""), None, method="HEAD")
    if answer is None:
        return False
    if answer.status in {401, 403}:
        refused.append(answer)
    if 200 <= answer.status < 300:
        return known or answer.headers.get("content-type", "").partition(";")[0].strip().lower() in _RDF
    return known and answer.status == 404


def _say_denied(answer: Answer) -> EndpointError:
    hint = "set GLOCAL_LOAD_USER and GLOCAL_LOAD_PASSWORD, or GLOCAL_LOAD_TOKEN, to ones that may write"
    return EndpointError.at(answer.address, f"answered {answer.status} {answer.reason}".rstrip(), hint)


def _say_nothing_takes(address: str, refused: list[Answer]) -> EndpointError:
    denied = next((each for each in refused if each.status in {401, 403}), None)
    if denied is not None:
        return _say_denied(denied)
    what = "answers queries, but no address that takes statements was found"
    return EndpointError.at(address, what, "name it, with --update or --graph-store, and the other one with --endpoint")
