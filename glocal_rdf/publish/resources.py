"""Which resources of a graph have a page of their own, and which are described on the page of another.

A claim is described on the page of its subject, a selector on that of its document, a mapping on that of the thing that
it links, and any IRI with a fragment on the page of the IRI without it. Everything else that the graph describes has a
page: things, classes and properties, concepts and schemes, documents, the dataset and the graphs of other sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import polars as pl

from glocal_rdf.namespaces import DCAT, OA, ORG, OWL, RDF, RDF_TYPE, RDFS, SKOS, SSSOM, VOID, term
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.dataset import Build

__all__ = ["KINDS", "find_fragments", "find_resources", "fragment_of"]

_OWNERS: Final = (
    (term(RDF, "Statement"), term(RDF, "subject")),
    (term(OWL, "Axiom"), term(OWL, "annotatedSource")),
    (term(SSSOM, "Mapping"), term(OWL, "annotatedSource")),
    (term(ORG, "Membership"), term(ORG, "member")),
)
"""Classes whose instances are described on the page of another resource, and the property that leads there."""

_SELECTOR: Final = term(OA, "hasSelector")
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "dataset": (term(DCAT, "Dataset"), term(VOID, "Dataset")),
    "ontology": (term(OWL, "Ontology"),),
    "class": (term(OWL, "Class"), term(RDFS, "Class"), term(RDFS, "Datatype")),
    "property": (
        term(OWL, "ObjectProperty"),
        term(OWL, "DatatypeProperty"),
        term(OWL, "AnnotationProperty"),
        term(RDF, "Property"),
    ),
    "scheme": (term(SKOS, "ConceptScheme"),),
    "concept": (term(SKOS, "Concept"),),
}
"""The kinds of resources that have pages of their own form, by their classes; all others are of the kind `thing`."""


def find_resources(built: Build, dataset: str) -> pl.DataFrame:
    """Return the resources that have a page.

    Args:
        built: The build.
        dataset: The term of the dataset.

    Returns:
        The columns `term` and `kind` (`thing`, `source` or one of `KINDS`), sorted by term.
    """
    frame = built.with_ontology.frame
    types = frame.filter(pl.col("predicate") == RDF_TYPE)
    kinds = {one: kind for kind in reversed(tuple(KINDS)) for one in KINDS[kind]}
    rank = {kind: place for place, kind in enumerate([*KINDS, "thing"])}
    ranked = types.select(
        term="subject",
        rank=pl.col("object").replace_strict(kinds, default="thing").replace_strict(rank, return_dtype=pl.Int8),
    )
    subjects = frame.select(term=pl.col("subject").unique()).filter(pl.col("term").str.starts_with("<"))
    parts = _find_owners(frame)["part"].unique()
    whole = pl.col("term").str.extract(r"^(<[^#]*)#").add(">")
    known = subjects["term"].implode()
    found = (
        subjects.filter(~pl.col("term").is_in(parts.implode()))
        # What is a fragment of something described; terms of an ontology, which are classes or properties, are not.
        .join(ranked.group_by("term").agg(pl.col("rank").min()), on="term", how="left")
        .with_columns(pl.col("rank").fill_null(rank["thing"]))
        .filter(~((pl.col("rank") == rank["thing"]) & whole.is_in(known).fill_null(value=False)))
        .with_columns(
            kind=pl.when(pl.col("term") == dataset)
            .then(pl.lit("dataset"))
            .when(pl.col("rank") == rank["dataset"])
            .then(pl.lit("thing"))
            .otherwise(pl.col("rank").replace_strict({place: kind for kind, place in rank.items()}))
        )
        .select("term", "kind")
    )
    sources = [f"<{source.iri}>" for source in built.source_graphs]
    named = pl.DataFrame({"term": sources, "kind": ["source"] * len(sources)}, schema={"term": str, "kind": str})
    return pl.concat([named, found]).unique("term", keep="first").sort("term")


def _find_owners(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the resources that are described on the page of another, with that: the columns `part` and `owner`."""
    types = frame.filter(pl.col("predicate") == RDF_TYPE)
    found = []
    for kind, leads in _OWNERS:
        parts = types.filter(pl.col("object") == kind).select(part="subject")
        owners = frame.filter(pl.col("predicate") == leads).select(part="subject", owner="object")
        found.append(owners.join(parts, on="part", how="semi"))
    selectors = frame.filter(pl.col("predicate") == _SELECTOR).select(
        part="object", owner=pl.col("subject").str.replace(r"#[^>]*>$", ">")
    )
    every = pl.concat([*found, selectors]).filter(pl.col("part") != pl.col("owner"))
    return every.unique("part", keep="first", maintain_order=True)


def find_fragments(graph: Triples, resources: pl.DataFrame, paths: Mapping[str, str]) -> dict[str, str]:
    """Return where on the pages of others resources are described that have no page of their own.

    Args:
        graph: The graph.
        resources: What `find_resources` returns.
        paths: The paths of the pages, by term.

    Returns:
        The path of the page with a fragment, by term; what nothing leads to from a page is not there.
    """
    owners = dict(_find_owners(graph.frame).iter_rows())
    found: dict[str, str] = {}
    for part, owner in owners.items():
        path = paths.get(owner)
        if path and part.startswith("<"):
            found[part] = f"{path}#{fragment_of(part[1:-1])}"
    subjects = graph.frame.select(term=pl.col("subject").unique()).filter(
        pl.col("term").str.contains("#", literal=True)
    )
    for one in subjects.join(resources, on="term", how="anti")["term"]:
        whole, _, fragment = one[1:-1].partition("#")
        if (path := paths.get(f"<{whole}>")) and one not in found:
            found[one] = f"{path}#{fragment}"
    return found


def fragment_of(iri: str) -> str:
    """Return the fragment by which a resource is found on the page that describes it: the last part of its IRI.

    Examples:
        >>> fragment_of("https://example.org/id/claim/taipei-name-t1")
        'claim-taipei-name-t1'
    """
    return "-".join(quote(part, safe="") for part in iri.rstrip("/").split("/")[-2:])
