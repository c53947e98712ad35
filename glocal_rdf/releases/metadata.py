"""The statements about a dataset that name a released version of it.

https://www.w3.org/TR/vocab-dcat-3/#dataset-versions
"""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from glocal_rdf.namespaces import DCAT, DCTERMS, OWL, RDF_TYPE, SCHEMA, SCHEMA_HTTPS, XSD, term, term_of
from glocal_rdf.triples import Triples, terms

__all__ = ["find_dataset", "list_stated_versions", "remove_version", "set_version"]

_DATASET: Final = term(DCAT, "Dataset")
_VERSIONS: Final = [
    term(OWL, "versionInfo"),
    term(DCAT, "version"),
    term(SCHEMA, "version"),
    term(SCHEMA_HTTPS, "version"),
]
_PREVIOUS: Final = term(DCAT, "previousVersion")
_ISSUED: Final = term(DCTERMS, "issued")


def find_dataset(description: Triples, fallback: str = "_:dataset") -> str:
    """Return the term of the dataset that a description is about, or a fallback where there is none."""
    return next((subject for subject, _, _ in description.match(predicate=RDF_TYPE, object=_DATASET)), fallback)


def list_stated_versions(description: Triples) -> list[str]:
    """List the versions that a description states, sorted."""
    stated = description.frame.filter(pl.col("predicate").is_in(_VERSIONS))["object"]
    return sorted({terms.unquote(version) for version in stated})


def set_version(graph: Triples, dataset: str, version: str, issued: date, previous: str = "") -> Triples:
    """Return a graph that states the version of a dataset, its date and the version before it, and no others of these.

    The IRI of the previous version is that of the dataset with `/` and the version after it; a dataset without an IRI
    has none.

    Args:
        graph: A graph that describes the dataset, or may do so.
        dataset: The term of the dataset.
        version: The version.
        issued: The day of the release.
        previous: The version before it; empty for the first one.
    """
    stated = [
        (dataset, RDF_TYPE, _DATASET),
        (dataset, term(OWL, "versionInfo"), terms.quote(version)),
        (dataset, term(DCAT, "version"), terms.quote(version)),
        (dataset, _ISSUED, terms.quote(issued.isoformat(), datatype=f"{XSD}date")),
    ]
    if previous and dataset.startswith("<"):
        stated.append((dataset, _PREVIOUS, term_of(f"{dataset[1:-1].rstrip('/')}/{previous}")))
    return remove_version(graph, dataset).union(Triples.from_terms(stated))


def remove_version(graph: Triples, dataset: str) -> Triples:
    """Return a graph without what it states of a dataset's version, its date and the version before it."""
    stated = (pl.col("subject") == dataset) & pl.col("predicate").is_in([*_VERSIONS, _PREVIOUS, _ISSUED])
    return Triples(graph.frame.filter(~stated)).distinct()
