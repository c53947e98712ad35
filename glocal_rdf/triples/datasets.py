"""Datasets: a default graph and named graphs beside it, read and written, and held in a store.

https://www.w3.org/TR/rdf11-concepts/#section-dataset
"""

from __future__ import annotations

# `format` is the word that people know for this argument.
# ruff: noqa: A002
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from glocal_rdf.errors import InputError, OutputError
from glocal_rdf.files import read_bytes, write_bytes
from glocal_rdf.lazy import pl
from glocal_rdf.triples import comparison
from glocal_rdf.triples.formats.reader import Parsed, parse_quads
from glocal_rdf.triples.formats.registry import Format, find_format
from glocal_rdf.triples.graph import Triples

__all__ = ["Dataset", "Loads", "add_graphs", "serialize_dataset"]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Hold a dataset of RDF 1.1: a default graph, and graphs by name.

    A blank node may stand in several graphs.

    Attributes:
        default: The default graph.
        named: The named graphs by name: an IRI, or a blank node `_:label`.
        prefixes: The namespaces by prefix that the source declares.

    https://www.w3.org/TR/rdf11-concepts/#section-dataset
    """

    default: Triples
    named: Mapping[str, Triples] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | os.PathLike[str], format: str | None = None, base: str | None = None) -> Self:
        """Read a file with all its graphs, as `Triples.read` does.

        Args:
            path: The file; `.gz` is unpacked.
            format: The format's name, media type or file ending; by default the ending of the file decides.
            base: The IRI that relative IRIs are resolved against; without it, a relative IRI is a mistake.

        Raises:
            InputError: Where the file cannot be read or the format is not known; for a mistake with file, line and
                column.
        """
        path = Path(path)
        data = read_bytes(path)
        form = find_format(format, path, InputError)
        return cls._of(parse_quads(data, form, base, str(path)))

    @classmethod
    def parse(cls, source: bytes | str, format: str, base: str | None = None) -> Self:
        """Parse text or bytes, as `read` does a file.

        Args:
            source: A text, or bytes in UTF-8.
            format: The format's name, media type or file ending.
            base: The IRI that relative IRIs are resolved against.

        Raises:
            InputError: Where the format is not known; for a mistake with line and column.
        """
        data = source.encode() if isinstance(source, str) else source
        return cls._of(parse_quads(data, find_format(format, None, InputError), base, "text"))

    @classmethod
    def _of(cls, parsed: Parsed) -> Self:
        graphs = parsed.frame.partition_by("graph", as_dict=True, include_key=False, maintain_order=True)
        named = {
            name.removeprefix("<").removesuffix(">"): Triples(frame).distinct()
            for (name,), frame in graphs.items()
            if name is not None
        }
        empty = parsed.frame.clear().drop("graph")
        return cls(Triples(graphs.get((None,), empty)).distinct(), named, parsed.prefixes)

    def __len__(self) -> int:
        return len(self.default) + sum(map(len, self.named.values()))

    def __repr__(self) -> str:
        return f"<Dataset: {len(self)} in {1 + len(self.named)} graphs>"

    def merged(self) -> Triples:
        """Take the triples of all graphs as one graph."""
        return self.default.union(*self.named.values())

    def serialize(self, format: str, prefixes: Mapping[str, str] | None = None) -> bytes:
        """Write the dataset, the same bytes every time; a blank node of several graphs stays one node.

        Args:
            format: The format's name, media type or file ending.
            prefixes: Namespaces by prefix; the well-known ones need not be given.

        Raises:
            OutputError: Where the format is not known, or there are named graphs and it cannot hold them.
        """
        form = find_format(format, None, OutputError)
        return _serialize(self.default, self.named, form, prefixes)

    def write(
        self, path: str | os.PathLike[str], format: str | None = None, prefixes: Mapping[str, str] | None = None
    ) -> None:
        """Write a file, whole or not at all.

        Args:
            path: The file; what it was before is replaced, and a name that ends with `.gz` is packed.
            format: The format's name, media type or file ending; by default the ending of the file decides.
            prefixes: Namespaces by prefix; the well-known ones need not be given.

        Raises:
            OutputError: Where the file cannot be written, or the format is not known or cannot hold the dataset.
        """
        path = Path(path)
        form = find_format(format, path, OutputError)
        write_bytes(_serialize(self.default, self.named, form, prefixes), path)


def serialize_dataset(
    default: Triples, named: Mapping[str, Triples], form: str, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """Write graphs of different sources as one dataset; blank nodes of different graphs stay apart.

    Args:
        default: The default graph.
        named: The named graphs by IRI.
        form: The format's name, media type or file ending.
        prefixes: Namespaces by prefix.

    Raises:
        OutputError: Where the format is not known, or cannot hold named graphs and there are some.
    """
    names = sorted(named)
    frames = comparison.rename_clashing_blank_nodes(
        [graph.distinct().frame for graph in (default, *(named[name] for name in names))]
    )
    first, *rest = map(Triples, frames)
    return _serialize(first, dict(zip(names, rest, strict=True)), find_format(form, None, OutputError), prefixes)


def _serialize(
    default: Triples, named: Mapping[str, Triples], form: Format, prefixes: Mapping[str, str] | None
) -> bytes:
    graphs = {name: named[name].distinct().frame for name in sorted(named) if len(named[name])}
    first = default.distinct().frame
    if not graphs:
        return form.write(first, prefixes)
    if not form.graphs:
        raise OutputError.at(
            "format",
            f"{form.title} cannot hold named graphs",
            "use trig, nquads or jsonld, or name one graph",
        )
    quads = [first.with_columns(graph=pl.lit(None, pl.String))]
    quads += [frame.with_columns(graph=pl.lit(_term(name))) for name, frame in graphs.items()]
    return form.write(pl.concat(quads), prefixes)


def _term(name: str) -> str:
    return name if name.startswith("_:") else f"<{name}>"


class Loads(Protocol):
    """What holds a dataset: it takes triples into its default graph or a named one."""

    def load(self, frame: pl.DataFrame, graph: str | None = None) -> None:
        """Load triples.

        Args:
            frame: A frame whose first three columns are terms.
            graph: The IRI of a named graph; None for the default graph.
        """


def add_graphs(store: Loads, default: Triples, named: Mapping[str, Triples]) -> None:
    """Add named graphs to a store that holds the triples of `default`; their blank nodes stay apart.

    Args:
        store: The store.
        default: What its default graph holds already.
        named: The named graphs by IRI.
    """
    _, *frames = comparison.rename_clashing_blank_nodes([default.frame, *(graph.frame for graph in named.values())])
    for name, frame in zip(named, frames, strict=True):
        store.load(frame, name)
