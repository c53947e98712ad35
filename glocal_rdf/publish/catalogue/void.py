"""Describes a published dataset by VoID: ways in, counted statistics, and the links to other datasets.

https://www.w3.org/TR/void/
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.namespaces import DCTERMS, FOAF, FORMATS, VOID, local_name, term
from glocal_rdf.publish.catalogue.model import FOLDER, Catalogue
from glocal_rdf.publish.catalogue.statements import Statements
from glocal_rdf.triples import Triples

__all__ = ["describe_in_void"]

_DATASET: Final = term(VOID, "Dataset")
_COPIED: Final = ("license", "issued", "modified")
_FEATURES: Final = {
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/trig": "TriG",
    "application/ld+json": "JSON-LD",
}


def describe_in_void(catalogue: Catalogue, document: str) -> Triples:
    """Return the description of a dataset.

    Args:
        catalogue: What is known of the dataset.
        document: The path of the file with the description in the site.
    """
    made = Statements()
    this = catalogue.iri
    address = catalogue.address(document)
    made.type(address, term(VOID, "DatasetDescription"))
    made.link(address, term(FOAF, "primaryTopic"), this)
    made.type(this, _DATASET)
    made.text(this, term(DCTERMS, "title"), catalogue.titles)
    made.text(this, term(DCTERMS, "description"), catalogue.descriptions)
    made.link(this, term(FOAF, "homepage"), f"{catalogue.base}index.html")
    for name in _COPIED:
        made.copy(this, term(DCTERMS, name), catalogue.about.objects(term(DCTERMS, name)))
    made.link(this, term(DCTERMS, "publisher"), catalogue.publisher.iri if catalogue.publisher else "")
    made.link(this, term(DCTERMS, "creator"), *(one.iri for one in catalogue.creators))
    _describe_ways_in(made, catalogue)
    _describe_numbers(made, catalogue)
    _describe_linksets(made, catalogue)
    for source in catalogue.sources:
        made.link(this, term(VOID, "subset"), source.iri)
        made.type(source.iri, _DATASET)
        made.text(source.iri, term(DCTERMS, "title"), source.titles)
        made.link(source.iri, term(DCTERMS, "license"), source.licence)
        made.link(source.iri, term(DCTERMS, "source"), source.source)
        made.value(source.iri, term(VOID, "triples"), source.triples)
        made.link(source.iri, term(VOID, "dataDump"), catalogue.address(source.dump))
    return made.triples


def _describe_ways_in(made: Statements, catalogue: Catalogue) -> None:
    this = catalogue.iri
    if catalogue.space:
        made.text(this, term(VOID, "uriSpace"), catalogue.space)
    if catalogue.example[0]:
        made.link(this, term(VOID, "exampleResource"), catalogue.example[0])
    made.copy(this, term(VOID, "sparqlEndpoint"), catalogue.about.objects(term(VOID, "sparqlEndpoint")))
    for dump in catalogue.dumps:
        if dump.media_type in _FEATURES and dump.whole:
            made.link(this, term(VOID, "dataDump"), catalogue.address(dump.path))
            made.link(this, term(VOID, "feature"), FORMATS + _FEATURES[dump.media_type])
    made.link(this, term(VOID, "vocabulary"), *catalogue.statistics.vocabularies)


def _describe_numbers(made: Statements, catalogue: Catalogue) -> None:
    this, counted = catalogue.iri, catalogue.statistics
    for name, number in (
        ("triples", counted.triples),
        ("entities", counted.entities),
        ("classes", len(counted.classes)),
        ("properties", len(counted.properties)),
        ("distinctSubjects", counted.subjects),
        ("distinctObjects", counted.objects),
        ("documents", sum(bool(dump.media_type in _FEATURES) for dump in catalogue.dumps)),
    ):
        made.value(this, term(VOID, name), number)
    for place, (one, number) in enumerate(counted.classes.items(), 1):
        part = f"{catalogue.base}{FOLDER}/void#class-{place}-{local_name(one)}"
        made.link(this, term(VOID, "classPartition"), part)
        made.type(part, _DATASET)
        made.copy(part, term(VOID, "class"), [one])
        made.value(part, term(VOID, "entities"), number)
    for place, (one, (number, subjects, objects)) in enumerate(counted.properties.items(), 1):
        part = f"{catalogue.base}{FOLDER}/void#property-{place}-{local_name(one)}"
        made.link(this, term(VOID, "propertyPartition"), part)
        made.type(part, _DATASET)
        made.copy(part, term(VOID, "property"), [one])
        made.value(part, term(VOID, "triples"), number)
        made.value(part, term(VOID, "distinctSubjects"), subjects)
        made.value(part, term(VOID, "distinctObjects"), objects)


def _describe_linksets(made: Statements, catalogue: Catalogue) -> None:
    this = catalogue.iri
    spaces = list(dict.fromkeys(one.space for one in catalogue.statistics.linksets))
    for place, one in enumerate(catalogue.statistics.linksets, 1):
        other = f"{catalogue.base}{FOLDER}/void#target-{spaces.index(one.space) + 1}"
        made.type(other, _DATASET)
        made.text(other, term(DCTERMS, "title"), one.title)
        made.text(other, term(VOID, "uriSpace"), one.space)
        links = f"{catalogue.base}{FOLDER}/void#links-{place}-{local_name(one.predicate)}"
        made.link(this, term(VOID, "subset"), links)
        made.type(links, term(VOID, "Linkset"))
        made.link(links, term(VOID, "subjectsTarget"), this)
        made.link(links, term(VOID, "objectsTarget"), other)
        made.copy(links, term(VOID, "linkPredicate"), [one.predicate])
        made.value(links, term(VOID, "triples"), one.triples)
