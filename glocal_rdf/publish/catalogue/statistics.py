"""Counts what VoID asks of a dataset: triples, things, classes, properties, and links to other datasets.

https://www.w3.org/TR/void/#statistics
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import polars as pl

from glocal_rdf.namespaces import OWL, PROV, RDF, RDF_TYPE, SCHEMA, SCHEMA_HTTPS, SKOS, WD, term
from glocal_rdf.triples import Triples

__all__ = ["Linkset", "Statistics", "count_graph"]

_LINKS: Final = (
    *(term(SKOS, f"{name}Match") for name in ("exact", "close", "broad", "narrow", "related")),
    term(OWL, "sameAs"),
    term(SCHEMA, "sameAs"),
    term(SCHEMA_HTTPS, "sameAs"),
)
"""Predicates that link a thing to one of another dataset."""

_KNOWN: Final[Mapping[str, str]] = {
    WD: "Wikidata",
    "https://sws.geonames.org/": "GeoNames",
    "https://www.geonames.org/": "GeoNames",
    "https://ror.org/": "ROR",
}


class Linkset(NamedTuple):
    """Links to one other dataset by one predicate.

    Attributes:
        space: How the IRIs of the other dataset begin.
        title: What the other dataset is called: its name, or the beginning of its IRIs.
        predicate: The term of the predicate.
        triples: How many links there are.
    """

    space: str
    title: str
    predicate: str
    triples: int


@dataclass(frozen=True)
class Statistics:
    """What was counted in a graph.

    Attributes:
        triples: How many triples it has.
        entities: How many things it describes: subjects in the dataset's own space, or all that are IRIs without one.
        subjects: How many different subjects.
        objects: How many different objects.
        classes: How many instances each class has, by term, most frequent first.
        properties: For each property how many triples, different subjects and objects, most frequent first.
        linksets: The links to other datasets.
        claims: How many claims (rdf:Statement) it has.
        derived: How many of them are derived from a passage (prov:wasDerivedFrom).
        vocabularies: The namespaces of its classes and properties, with how many triples use each.
    """

    triples: int
    entities: int
    subjects: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, tuple[int, int, int]]
    linksets: tuple[Linkset, ...]
    claims: int
    derived: int
    vocabularies: Mapping[str, int]


def count_graph(graph: Triples, space: str) -> Statistics:
    """Count a graph.

    Args:
        graph: The graph.
        space: How the IRIs of its own things begin; empty where it is not known.

    Examples:
        >>> counted = count_graph(Triples.from_terms([("<https://e.org/a>", RDF_TYPE, "<https://e.org/o#T>")]), "")
        >>> counted.triples, counted.entities, dict(counted.classes)
        (1, 1, {'<https://e.org/o#T>': 1})
    """
    frame = graph.distinct().frame
    subject, predicate, value = pl.col("subject"), pl.col("predicate"), pl.col("object")
    types = frame.filter(predicate == RDF_TYPE)
    classes = types.group_by("object").agg(subject.n_unique().alias("n")).sort("n", "object", descending=[True, False])
    used = (
        frame.group_by("predicate")
        .agg(pl.len().alias("n"), subject.n_unique().alias("subjects"), value.n_unique().alias("objects"))
        .sort("n", "predicate", descending=[True, False])
    )
    names = frame.select(name=subject.unique())
    own = names.filter(pl.col("name").str.starts_with(f"<{space}") & ~pl.col("name").str.contains("#", literal=True))
    terms_used = pl.concat([used.select(name="predicate", n="n"), classes.select(name="object", n="n")])
    spaces = (
        terms_used.with_columns(space=pl.col("name").str.extract(r"^<(.*[/#])[^/#]*>$"))
        .drop_nulls("space")
        .group_by("space")
        .agg(pl.col("n").sum())
        .sort("n", "space", descending=[True, False])
    )
    claims = frame.filter(predicate == term(RDF, "predicate")).select("subject").unique()
    return Statistics(
        triples=frame.height,
        entities=own.height,
        subjects=names.height,
        objects=frame["object"].n_unique(),
        classes=dict(classes.iter_rows()),
        properties={one: (n, subjects, objects) for one, n, subjects, objects in used.iter_rows()},
        linksets=_count_links(frame, space),
        claims=claims.height,
        derived=claims.join(frame.filter(predicate == term(PROV, "wasDerivedFrom")), on="subject", how="semi").height,
        vocabularies=dict(spaces.select("space", "n").iter_rows()),
    )


def _count_links(frame: pl.DataFrame, space: str) -> tuple[Linkset, ...]:
    links = frame.filter(
        pl.col("predicate").is_in(_LINKS)
        & pl.col("subject").str.starts_with(f"<{space}")
        & pl.col("object").str.starts_with("<http")
    )
    if space:
        links = links.filter(~pl.col("object").str.starts_with(f"<{space}"))
    other = pl.col("object").str.extract(r"^<(https?://[^/]+/(?:[^?#]*/)?)")
    for known in _KNOWN:
        starts = pl.col("object").str.starts_with(f"<{known}")
        other = pl.when(starts).then(pl.lit(known)).otherwise(other)
    counts = (
        links.with_columns(other=other)
        .drop_nulls("other")
        .group_by("other", "predicate")
        .len()
        .sort("len", "other", "predicate", descending=[True, False, False])
    )
    return tuple(
        Linkset(other, _KNOWN.get(other, re.sub(r"^https?://|/$", "", other)), predicate, number)
        for other, predicate, number in counts.select("other", "predicate", "len").iter_rows()
    )
