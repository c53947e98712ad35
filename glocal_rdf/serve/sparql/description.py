"""Describes the endpoint: what it can do (SPARQL 1.1 Service Description), and what its graphs have (VoID).

https://www.w3.org/TR/sparql11-service-description/ and https://www.w3.org/TR/void/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from glocal_rdf.namespaces import FORMATS, RDF, SD, VOID, XSD
from glocal_rdf.serve.sparql.store import GraphCounts
from glocal_rdf.triples import Triples

__all__ = ["describe_service"]

_RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_GRAPHS = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML")


def describe_service(endpoint: str, graphs: Sequence[GraphCounts]) -> Triples:
    """Return the description of the endpoint.

    Args:
        endpoint: Its address.
        graphs: What its graphs have, the default graph first.

    Examples:
        >>> found = describe_service("https://example.org/sparql", [GraphCounts(iri=None, triples=2)])
        >>> found.match(predicate="<http://www.w3.org/ns/sparql-service-description#endpoint>").frame.row(0)[2]
        '<https://example.org/sparql>'
    """
    return Triples.from_terms(_describe(endpoint, graphs))


def _describe(endpoint: str, graphs: Sequence[GraphCounts]) -> Iterator[tuple[str, str, str]]:
    service, dataset = f"<{endpoint}#service>", f"<{endpoint}#dataset>"
    yield service, _a(), _sd("Service")
    yield service, _sd("endpoint"), f"<{endpoint}>"
    yield service, _sd("supportedLanguage"), _sd("SPARQL11Query")
    for name in (*_RESULTS, *_GRAPHS):
        yield service, _sd("resultFormat"), f"<{FORMATS}{name}>"
    yield service, _sd("defaultDataset"), dataset
    yield dataset, _a(), _sd("Dataset")
    yield dataset, _a(), f"<{VOID}Dataset>"
    yield dataset, f"<{VOID}sparqlEndpoint>", f"<{endpoint}>"
    counted = [graph.triples for graph in graphs if graph.triples is not None]
    if len(counted) == len(graphs):
        yield dataset, f"<{VOID}triples>", _integer(sum(counted))
    for number, graph in enumerate(graphs):
        node = f"<{endpoint}#{f'graph-{number}' if graph.iri else 'default-graph'}>"
        if graph.iri is None:
            yield dataset, _sd("defaultGraph"), node
        else:
            named = f"<{endpoint}#named-graph-{number}>"
            yield dataset, _sd("namedGraph"), named
            yield named, _a(), _sd("NamedGraph")
            yield named, _sd("name"), f"<{graph.iri}>"
            yield named, _sd("graph"), node
        yield from _count(node, graph)


def _count(node: str, graph: GraphCounts) -> Iterator[tuple[str, str, str]]:
    yield node, _a(), _sd("Graph")
    yield node, _a(), f"<{VOID}Dataset>"
    numbers = (("triples", graph.triples), ("distinctSubjects", graph.subjects), ("distinctObjects", graph.objects))
    for name, number in numbers:
        if number is not None:
            yield node, f"<{VOID}{name}>", _integer(number)
    yield from _divide(node, "class", graph.classes, "entities")
    yield from _divide(node, "property", graph.properties, "triples")


def _divide(node: str, kind: str, counted: Mapping[str, int] | None, unit: str) -> Iterator[tuple[str, str, str]]:
    """Describe the parts of a graph by class or by property."""
    if counted is None:
        return
    many = "properties" if kind == "property" else "classes"
    yield node, f"<{VOID}{many}>", _integer(len(counted))
    for number, (iri, size) in enumerate(sorted(counted.items(), key=lambda item: (-item[1], item[0]))):
        part = f"{node[:-1]}-{kind}-{number}>"
        yield node, f"<{VOID}{kind}Partition>", part
        yield part, f"<{VOID}{kind}>", f"<{iri}>"
        yield part, f"<{VOID}{unit}>", _integer(size)


def _a() -> str:
    return f"<{RDF}type>"


def _sd(name: str) -> str:
    return f"<{SD}{name}>"


def _integer(number: int) -> str:
    return f'"{number}"^^<{XSD}integer>'
