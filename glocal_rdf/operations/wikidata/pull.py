"""Writes what a Wikibase states of linked things as a graph of its own, with where, when and under which licence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from glocal_rdf.dataset import Build
from glocal_rdf.errors import OutputError
from glocal_rdf.files import write_bytes
from glocal_rdf.namespaces import DCTERMS, PROV, RDF_TYPE, SKOS, VOID, XSD, term
from glocal_rdf.operations.wikidata.compare import Compared
from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.datasets import serialize_dataset
from glocal_rdf.triples.formats.registry import find_format, format_names
from glocal_rdf.wikidata.entities.rdf_writer import write_entities

__all__ = ["pull_graph", "write_pulled"]

Row = tuple[str, str, str]


def pull_graph(compared: Compared) -> Triples:
    """Return what the Wikibase states of the items that were compared, and the description of that graph.

    Args:
        compared: The comparison.
    """
    wikibase = compared.vocabulary.wikibase
    entities = [one for one in compared.entities.values() if one is not None]
    return write_entities(entities, wikibase.entity).union(Triples.from_terms(list(_describe(compared))))


def name_graph(compared: Compared) -> str:
    """Return the IRI of the graph: the address that the IRIs of the Wikibase begin with."""
    return compared.vocabulary.wikibase.entity.removesuffix("entity/")


def _describe(compared: Compared) -> Iterator[Row]:
    """Yield what there is to know of the graph: its licence and source, when each item came, and our links."""
    wikibase, graph = compared.vocabulary.wikibase, f"<{name_graph(compared)}>"
    yield graph, RDF_TYPE, term(VOID, "Dataset")
    yield graph, term(DCTERMS, "title"), terms.quote(wikibase.name, "en")
    if wikibase.licence:
        yield graph, term(DCTERMS, "license"), f"<{wikibase.licence}>"
    yield graph, term(DCTERMS, "source"), f"<{wikibase.api or wikibase.entity}>"
    for asked, when in sorted(compared.fetched.items()):
        if compared.entities.get(asked) is not None:
            node = f"<{wikibase.entity}{asked}>"
            yield node, term(PROV, "generatedAtTime"), terms.quote(_write(when), None, f"{XSD}dateTime")
    for item, thing in sorted(compared.linked.things.items()):
        yield f"<{thing}>", term(SKOS, "exactMatch"), f"<{wikibase.entity}{item}>"


def _write(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_pulled(built: Build, compared: Compared, path: Path) -> int:
    """Write their statements to a file; in a format for several graphs, ours are the default graph beside them.

    Args:
        built: The build of the project.
        compared: The comparison.
        path: The file, whose ending decides on the format.

    Returns:
        How many triples are theirs.

    Raises:
        OutputError: Where the format is not known, or the file cannot be written.
    """
    form = find_format(None, path, OutputError).name
    theirs = pull_graph(compared)
    if form in format_names(datasets=False):
        write_bytes(theirs.serialize(form, built.prefixes), path)
    else:
        write_bytes(serialize_dataset(built.triples, {name_graph(compared): theirs}, form, built.prefixes), path)
    return len(theirs)
