"""Datasets: a default graph and named graphs beside it, written as TriG or N-Quads, and held in a store.

https://www.w3.org/TR/rdf11-concepts/#section-dataset
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Protocol

import polars as pl

from glocal_rdf.errors import OutputError
from glocal_rdf.triples import comparing
from glocal_rdf.triples.formats import find_format
from glocal_rdf.triples.graph import Triples
from glocal_rdf.triples.turtle import write_turtle
from glocal_rdf.triples.writing import write_lines

__all__ = ["Loads", "add_graphs", "serialize_dataset"]

_HEAD = re.compile(rb"((?:@prefix [^\n]*\n)*)\n?")


def serialize_dataset(
    default: Triples, named: Mapping[str, Triples], form: str, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """Write a default graph and named ones (by IRI) as TriG or N-Quads, the same bytes every time.

    Blank nodes of different graphs stay apart. Raise OutputError where the format keeps no graphs apart.
    """
    chosen = find_format(form, None, OutputError)
    if chosen.name not in ("trig", "nquads"):
        raise OutputError.at(
            "format",
            f"{chosen.title} is written without named graphs, which would mix what different sources say",
            "use trig or nquads, or name one source",
        )
    names = sorted(named)
    graphs = (default, *(named[name] for name in names))
    first, *rest = comparing.keep_apart([graph.distinct().frame for graph in graphs])
    frames = dict(zip(names, rest, strict=True))
    if chosen.name == "nquads":
        return write_lines(first) + b"".join(_write_quads(frame, name) for name, frame in frames.items())
    heads: dict[bytes, None] = {}
    bodies = []
    for name, frame in (("", first), *frames.items()):
        written = write_turtle(frame, prefixes)
        head = _HEAD.match(written)
        end = head.end() if head else 0
        heads |= dict.fromkeys(written[:end].splitlines())
        body = written[end:]
        bodies.append(b"<%s> {\n%s}\n" % (name.encode(), body) if name else body)
    heads.pop(b"", None)
    return b"\n".join([b"".join(line + b"\n" for line in sorted(heads)), *bodies])


def _write_quads(frame: pl.DataFrame, name: str) -> bytes:
    out = io.BytesIO()
    quads = frame.with_columns(graph=pl.lit(f"<{name}>"), end=pl.lit("."))
    quads.write_csv(out, separator=" ", include_header=False, quote_style="never")
    return out.getvalue()


class Loads(Protocol):
    """What holds a dataset: it takes triples into its default graph or a named one."""

    def load(self, frame: pl.DataFrame, graph: str | None = None) -> None:
        """Load triples."""


def add_graphs(store: Loads, default: Triples, named: Mapping[str, Triples]) -> None:
    """Add named graphs (by IRI) to a store that holds the triples of `default`; their blank nodes stay apart."""
    _, *frames = comparing.keep_apart([default.frame, *(graph.frame for graph in named.values())])
    for name, frame in zip(named, frames, strict=True):
        store.load(frame, name)
