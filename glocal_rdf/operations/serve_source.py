"""Opens a source to serve: a SPARQL endpoint, or a file of RDF in a store that is kept in the cache.

Whatever asks it afterwards does so by `Source.ask`: one query, in the seconds that it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glocal_rdf.endpoint import is_address
from glocal_rdf.errors import EndpointError, InputError, QueryError
from glocal_rdf.namespaces import DCAT, DCTERMS, VANN, term
from glocal_rdf.operations.serve_source_notes import note_listed
from glocal_rdf.operations.serve_source_pages import contribute_menu
from glocal_rdf.operations.serve_source_site import Frame, SourceProject
from glocal_rdf.publish.about import About
from glocal_rdf.questions.answers import read_answer
from glocal_rdf.serve.source.asking import Row, Select, Session, is_iri_term
from glocal_rdf.serve.source.layout import Layout, explore
from glocal_rdf.serve.source.selecting import fetch_each, select_some
from glocal_rdf.serve.source.terms import clean_term
from glocal_rdf.sparql.execution.stored import StoredGraph
from glocal_rdf.sparql.policy import check_query
from glocal_rdf.triples import Triples, terms

if TYPE_CHECKING:
    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.operations.stored_source import StoredFile
    from glocal_rdf.sparql.execution.process import StoreProcess

__all__ = ["Source", "open_source"]

MOST_BYTES: Final = 64 << 20
"""How many bytes an endpoint may answer to one query for a page."""

MOST_ABOUT: Final = 20_000
"""How many statements the description of the dataset has."""

OPENING: Final = 30.0
"""The seconds that it may take to find out what a store is like."""

_AGENTS: Final = (
    term(DCTERMS, "publisher"),
    term(DCTERMS, "creator"),
    term(DCAT, "contactPoint"),
)


@dataclass(frozen=True, eq=False)
class Source:
    """A source that is open.

    Attributes:
        name: What it is called where it does not say so itself.
        address: The address of the endpoint; empty for a file.
        path: The name of the file; empty for an endpoint.
        ask: Asks a query.
        layout: What it is like.
        about: The description of its dataset.
        about_note: Why that is not whole; empty where it is.
        namespaces: The prefixes that its ontologies prefer.
        stored: Where the store of a file is; None for an endpoint.
        store: The store of a file; None for an endpoint.
        close: Gives back what it holds.
    """

    name: str
    address: str
    path: str
    ask: Select
    layout: Layout
    about: About
    about_note: str
    namespaces: Mapping[str, str]
    stored: StoredFile | None
    store: StoreProcess | None
    close: Callable[[], None]

    def make_frame(self, base_url: str = "") -> Frame:
        """Return what all pages about it have in common.

        Args:
            base_url: The public address; empty where it is not known.
        """
        project = SourceProject(Path("/dev/null"), title=self.name, start=self.layout.space, namespaces=self.namespaces)
        return Frame(project, self.layout, self.about, base_url, self.about_note, contribute=contribute_menu)


def open_source(
    source: str, *, cache: Cache | None = None, space: str | None = None, timeout: float = OPENING
) -> Source:
    """Open an endpoint or a file of RDF, and find out what it is like.

    Args:
        source: The address of the endpoint, or the name of the file.
        cache: Where the store of a file is kept.
        space: How the IRIs of its things begin; by default as it states or as most of them do.
        timeout: The seconds that finding out may take.

    Raises:
        InputError: Where the file cannot be read.
        QueryError: Where finding out takes too long.
        EndpointError: Where the endpoint does not answer as it should.
    """
    if is_address(source):
        return _explore("Linked data", source, "", _ask_address(source), space, timeout)
    from glocal_rdf.operations.stored_source import hold_file  # noqa: PLC0415 - only files need it

    path = Path(source)
    stored = hold_file(path, cache)
    store = StoredGraph(stored.folder, stored.forms, partial(_lose, source))

    def close() -> None:
        store.close()
        stored.close()

    name = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    try:
        return _explore(name, "", source, _ask_store(store), space, timeout, stored, store, close)
    except BaseException:
        close()
        raise


def _lose(source: str) -> StoreProcess:
    """Report that the store of a file cannot be read.

    Raises:
        InputError: Always.
    """
    raise InputError.at(source, "its store cannot be read any more", "start the server again")


def _explore(
    name: str,
    address: str,
    path: str,
    ask: Select,
    space: str | None,
    timeout: float,
    stored: StoredFile | None = None,
    store: StoreProcess | None = None,
    close: Callable[[], None] = lambda: None,
) -> Source:
    session = Session(ask, timeout)
    graphs = [f"<{name}>" for name in stored.graphs] if stored else None
    layout = explore(session, space, graphs)
    about, note = _read_about(session, layout)
    return Source(
        name, address, path, ask, layout, about, note, _read_namespaces(session, layout), stored, store, close
    )


def _ask_address(address: str) -> Select:
    def ask(query: str, seconds: float) -> Sequence[Row]:
        from glocal_rdf.endpoint import ask_endpoint  # noqa: PLC0415 - slow to import

        check_query(query)
        data, form = ask_endpoint(address, query, timeout=seconds, limit=MOST_BYTES)
        try:
            rows = read_answer(data, form, address).bindings
        except QueryError as error:
            raise EndpointError.of(error.problems) from error
        return [tuple(None if one is None else clean_term(address, one) for one in row) for row in rows]

    return ask


def _ask_store(store: StoreProcess) -> Select:
    def ask(query: str, seconds: float) -> Sequence[Row]:
        return store.query(query, limit=seconds, graphs=None).rows()

    return ask


def _read_about(session: Session, layout: Layout) -> tuple[About, str]:
    """Read the description of the dataset, and of who publishes it; and why it is not whole, where it is not."""
    if not layout.dataset:
        return About(Triples.empty(), "_:dataset"), ""
    pattern = layout.within(f"{layout.dataset} ?p ?o .", "d")
    rows, total = select_some(session, "DISTINCT ?p ?o", pattern, MOST_ABOUT)
    found = [(layout.dataset, predicate, value) for predicate, value in rows if predicate and value]
    agents = [value for _, predicate, value in found if predicate in _AGENTS and is_iri_term(value)]
    theirs, left_out = fetch_each(session, layout, agents, most=MOST_ABOUT)
    found += theirs
    total = None if left_out else total
    triples = Triples.from_terms(one for one in found if "_:" not in (one[0][:2], one[2][:2]))
    return About(triples, layout.dataset), note_listed("statements about the dataset", len(rows), total)


def _read_namespaces(session: Session, layout: Layout) -> Mapping[str, str]:
    prefix, namespace = term(VANN, "preferredNamespacePrefix"), term(VANN, "preferredNamespaceUri")
    pattern = layout.within(f"?o {prefix} ?p ; {namespace} ?n .", "v")
    rows = session.select(f"SELECT DISTINCT ?p ?n {{ {pattern} }} ORDER BY ?p ?n LIMIT 200")
    found = {}
    for name, start in rows:
        text = "" if start is None else start[1:-1] if start.startswith("<") else terms.unquote(start)
        if name and name.startswith('"') and is_iri_term(f"<{text}>"):
            found[terms.unquote(name)] = text
    return {name: text for name, text in found.items() if name.replace("-", "").isalnum() and name.isascii()}
