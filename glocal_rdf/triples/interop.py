"""To and from what others hold graphs in: rdflib's Graph and Oxigraph's Store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from glocal_rdf.errors import InputError
from glocal_rdf.lazy import pl
from glocal_rdf.triples import terms
from glocal_rdf.triples.formats.ntriples import write_ntriples

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib
    from rdflib.term import Node

__all__ = ["from_graph", "load_store", "to_graph", "to_store"]


def to_graph(frame: pl.DataFrame) -> rdflib.Graph:
    """Make an rdflib graph; lexical forms stay as they are."""
    import rdflib  # noqa: PLC0415 - slow to import

    def build(term: str) -> Node:
        if term.startswith("<"):
            return rdflib.URIRef(term[1:-1])
        if term.startswith("_:"):
            return rdflib.BNode(term[2:])
        text, end = terms.unquote(term), term[term.rindex('"') + 1 :]
        if end.startswith("@"):
            return rdflib.Literal(text, lang=end[1:])
        return rdflib.Literal(text, datatype=rdflib.URIRef(end[3:-1]) if end else None, normalize=False)

    graph = rdflib.Graph()
    nodes: dict[str, Node] = {}
    for column in ("subject", "predicate", "object"):
        nodes.update((term, build(term)) for term in frame[column].unique() if term not in nodes)
    for subject, predicate, object_ in frame.iter_rows():
        graph.add((nodes[subject], nodes[predicate], nodes[object_]))
    return graph


def from_graph(graph: rdflib.Graph) -> Iterator[tuple[str, str, str]]:
    """Read the triples of an rdflib graph, or of all graphs of a dataset, as terms.

    Raises:
        InputError: For what RDF does not know: IRIs that are none, variables, formulas.
    """
    import rdflib  # noqa: PLC0415 - slow to import

    iris: dict[rdflib.URIRef, str] = {}

    def build(node: Node) -> str:
        if isinstance(node, rdflib.URIRef):
            return iris.setdefault(node, f"<{node}>")
        if isinstance(node, rdflib.BNode):
            return f"_:{node}"
        if isinstance(node, rdflib.Literal):
            return terms.quote(str(node), node.language, str(node.datatype) if node.datatype else None)
        raise InputError.at("", f"{node!r} is not an IRI, blank node or literal", "leave variables and formulas out")

    if isinstance(graph, rdflib.Dataset):
        triples = (quad[:3] for quad in graph.quads())
    else:
        triples = graph.triples((None, None, None))
    for subject, predicate, object_ in triples:
        yield build(subject), build(predicate), build(object_)


def to_store(frame: pl.DataFrame) -> pyoxigraph.Store:
    """Make an Oxigraph store in memory to query; it rewrites numbers and dates, so never export from it."""
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    store = pyoxigraph.Store()
    load_store(store, frame)
    return store


def load_store(store: pyoxigraph.Store, frame: pl.DataFrame, graph: str | None = None) -> None:
    """Load triples into a store, or into its graph with an IRI.

    Blank nodes keep their labels: triples with one are loaded one by one, as loading text gives them new labels. The
    terms are not looked at once more, since `Triples` holds none that are wrong.

    Args:
        store: The store.
        frame: A frame whose first three columns are terms.
        graph: The IRI of a named graph; None for the default graph.

    Raises:
        InputError: For a text that is longer than the store takes.
    """
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    name = pyoxigraph.NamedNode(graph) if graph else pyoxigraph.DefaultGraph()
    subject, _, obj = frame.columns[:3]
    blank = pl.col(subject).str.starts_with("_:") | pl.col(obj).str.starts_with("_:")
    plain, labelled = frame.filter(~blank), frame.filter(blank)
    try:
        if plain.height:
            store.bulk_load(write_ntriples(plain), pyoxigraph.RdfFormat.N_TRIPLES, to_graph=name, lenient=True)
        if labelled.height:
            quads = pyoxigraph.parse(write_ntriples(labelled), pyoxigraph.RdfFormat.N_TRIPLES, lenient=True)
            store.bulk_extend(pyoxigraph.Quad(q.subject, q.predicate, q.object, name) for q in quads)
    except MemoryError as error:
        raise InputError.at("graph", "has a text or an IRI of over 16 MiB", "keep it in a file of its own") from error
