"""A graph is a table: three columns of terms, and every heavy job a few column operations."""

# `format` and `object` are the words that people know for these arguments.
# ruff: noqa: A002

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import polars as pl

from glocal_rdf.errors import InputError, OutputError
from glocal_rdf.triples import bridges, comparing
from glocal_rdf.triples.files import read_bytes
from glocal_rdf.triples.formats import find_format
from glocal_rdf.triples.lines import SCHEMA, check_terms
from glocal_rdf.triples.reading import parse_bytes
from glocal_rdf.triples.writing import serialize_frame, write_frame

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib

__all__ = ["Triples"]

_ALL = ["subject", "predicate", "object"]


def _as_term(place: str, text: str) -> str:
    """Take a term in N-Triples syntax, or an IRI without its brackets. Raises InputError for anything else."""
    if text.startswith(("<", '"', "_:")):
        return text
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"]*|(urn|mailto|tel|tag|info|doi|geo):[^\s<>\"]+", text):
        return f"<{text}>"
    raise InputError.at(place, f"{text!r} is not a term", 'write <IRI>, "text", "text"@en or _:label')


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Triples:
    """Hold a graph of RDF 1.1 as a table with the columns `subject`, `predicate` and `object`.

    Each cell is a term in canonical N-Triples syntax (`glocal_rdf.triples.terms`). Everything that reads or combines
    gives a set: no triple twice. A `frame` given to the constructor is taken as it is; call `distinct()` if it may
    hold duplicates, and say `unique` if it is known to hold none, so that nothing looks for them. Blank nodes of one
    label are one node, also between two graphs: `merge` keeps them apart.
    """

    frame: pl.DataFrame
    unique: bool = False

    def __post_init__(self) -> None:
        if self.frame.schema != SCHEMA:
            raise TypeError(f"a graph has the columns {dict(SCHEMA)}, not {dict(self.frame.schema)}")

    @classmethod
    def empty(cls) -> Self:
        """Make the graph without triples."""
        return cls(pl.DataFrame(schema=SCHEMA))

    @classmethod
    def from_terms(cls, triples: Iterable[tuple[str, str, str]]) -> Self:
        """Make a graph of triples of terms in canonical N-Triples syntax; raises InputError for other terms."""
        frame = pl.DataFrame(list(triples), schema=SCHEMA, orient="row")
        check_terms(frame)
        return cls(frame).distinct()

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        format: str | None = None,
        base: str | None = None,
        graph: str | None = None,
    ) -> Self:
        """Read a file; its ending tells the format if `format` does not; `.gz` is unpacked.

        Relative IRIs are resolved against `base`. Of a file with named graphs all are read into the one table, or, with
        `graph`, the one of that IRI. Raises InputError with file, line and column.
        """
        path = Path(path)
        data = read_bytes(path)
        form = find_format(format, path, InputError)
        return cls(parse_bytes(data, form, base, graph, str(path))).distinct()

    @classmethod
    def parse(cls, source: bytes | str, format: str, base: str | None = None, graph: str | None = None) -> Self:
        """Parse text or bytes; the rest as with `read`."""
        form = find_format(format, None, InputError)
        if isinstance(source, str):
            try:
                source = source.encode()
            except UnicodeEncodeError as error:
                raise InputError.at("text", f"half of a surrogate pair at character {error.start + 1}") from error
        return cls(parse_bytes(source, form, base, graph, "text")).distinct()

    @classmethod
    def from_rdflib(cls, graph: rdflib.Graph) -> Self:
        """Make a graph of an rdflib graph, or of all graphs of a dataset; literals are taken as rdflib holds them.

        Raises InputError for what RDF does not know: IRIs that are none, variables, formulas.
        """
        return cls.from_terms(bridges.from_graph(graph))

    def to_rdflib(self) -> rdflib.Graph:
        """Make an rdflib graph, with every literal as it is written here.

        To rdflib, literals that differ only in the case of the language tag are one.
        """
        return bridges.to_graph(self.frame)

    def to_store(self) -> pyoxigraph.Store:
        """Make an Oxigraph store to query. It rewrites literals (`12.50` becomes `12.5`): never export from it."""
        return bridges.to_store(self.frame)

    def serialize(self, format: str, prefixes: Mapping[str, str] | None = None) -> bytes:
        """Write the graph in a format; raises OutputError where the format cannot hold it."""
        return serialize_frame(self.distinct().frame, find_format(format, None, OutputError), prefixes)

    def write(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        prefixes: Mapping[str, str] | None = None,
    ) -> None:
        """Write a file, whole or not at all; its ending tells the format if `format` does not; `.gz` is packed.

        Raises OutputError.
        """
        path = Path(path)
        write_frame(self.distinct().frame, path, find_format(format, path, OutputError), prefixes)

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        return iter(self.frame.iter_rows())

    def __contains__(self, triple: object) -> bool:
        if not isinstance(triple, tuple) or len(triple) != 3 or not all(isinstance(term, str) for term in triple):
            return False
        subject, predicate, object_ = triple
        found = (pl.col("subject") == subject) & (pl.col("predicate") == predicate) & (pl.col("object") == object_)
        return self.frame.filter(found).height > 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Triples):
            return NotImplemented
        return self.sort().frame.equals(other.sort().frame)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Triples: {len(self)}>"

    def match(self, subject: str | None = None, predicate: str | None = None, object: str | None = None) -> Self:
        """Keep the triples that have the given terms, in N-Triples syntax; an IRI may stand without its brackets.

        Raises InputError for what is not a term.
        """
        wanted = {"subject": subject, "predicate": predicate, "object": object}
        terms = [pl.col(name) == _as_term(name, term) for name, term in wanted.items() if term is not None]
        return type(self)(self.frame.filter(*terms) if terms else self.frame)

    def distinct(self) -> Self:
        """Keep each triple once, at its first place."""
        if self.unique:
            return self
        hashes = self.frame.hash_rows()
        if hashes.n_unique() == len(self):
            return type(self)(self.frame, unique=True)
        return type(self)(self.frame.unique(maintain_order=True), unique=True)

    def sort(self) -> Self:
        """Sort by subject, predicate and object, in the order of code points, each triple once."""
        return type(self)(self.distinct().frame.sort(_ALL))

    def union(self, *others: Triples) -> Self:
        """Take all triples of all; blank nodes of one label are one node."""
        return type(self)(pl.concat([self.frame, *(other.frame for other in others)])).distinct()

    def merge(self, *others: Triples) -> Self:
        """Take all triples of all, and keep apart the blank nodes of different graphs that have one label."""
        return type(self)(pl.concat(comparing.keep_apart([self.frame, *(other.frame for other in others)]))).distinct()

    def difference(self, other: Triples) -> Self:
        """Keep the triples that the other graph has not."""
        return type(self)(comparing.subtract(self.frame, other.frame))

    def intersection(self, other: Triples) -> Self:
        """Keep the triples that the other graph has too."""
        return type(self)(self.frame.join(other.frame, on=_ALL, how="semi", maintain_order="left"))

    __or__ = union
    __sub__ = difference
    __and__ = intersection

    def diff(self, other: Triples) -> tuple[Self, Self]:
        """Say what the other, newer graph added and what it removed: `(added, removed)`, sorted.

        Blank nodes are compared, and named in the result, by what is said of them.
        """
        old, new = (type(self)(comparing.name_blanks(graph.distinct().frame)) for graph in (self, other))
        return new.difference(old).sort(), old.difference(new).sort()

    def is_isomorphic(self, other: Triples) -> bool:
        """Say whether both graphs are the same but for the labels of blank nodes."""
        return comparing.are_isomorphic(self.distinct().frame, other.distinct().frame)
