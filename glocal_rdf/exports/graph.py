"""What the forms of a graph are written from: the graph with its ontology and names; and what they return."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from glocal_rdf.errors import Problem
from glocal_rdf.triples import Triples, terms

__all__ = ["DescribedGraph", "Exported", "split_terms"]


@dataclass(frozen=True, slots=True)
class DescribedGraph:
    """A graph with what describes it.

    Attributes:
        triples: The graph.
        ontology: Where classes have their superclasses.
        labels: The names of things, properties and classes in the reader's language, by term.
        prefixes: Namespaces by prefix; those of `preferred` are the graph's own.
        preferred: The namespaces of the graph's own ontology.
        lang: The language of the reader.
        about: The common properties of the dataset, as in a description of tables.
        sources: The graphs of other sources that are shown too, by name.
        claims: Whether claims are shown.
        chosen: The claims that are written, or the things that they are about, as terms; None for all claims.
    """

    triples: Triples
    ontology: Triples
    labels: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    preferred: tuple[str, ...] = ()
    lang: str = "en"
    about: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, Triples] = field(default_factory=dict)
    claims: bool = False
    chosen: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """A graph in a form.

    Attributes:
        files: The content of each file, by its name; a form of one file has the name `""`.
        notes: What a reader should know of what the form holds.
        problems: What was left out, each with its place.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def split_terms(frame: pl.DataFrame) -> pl.DataFrame:
    """Add to a frame of triples what their objects say: `kind`, `text`, `lang` and `datatype`.

    `lang` is null but for texts with a language, and `datatype` (an IRI) but for literals without one.
    """
    value = pl.col("object")
    lang = terms.language(value)
    return frame.with_columns(
        kind=terms.kind(value),
        text=terms.value(value),
        lang=lang,
        datatype=pl.when(lang.is_null()).then(terms.datatype(value)),
    )
