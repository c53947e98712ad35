"""A graph is a table: three columns of terms, and every heavy job a few column operations."""

# `format` and `object` are the words that people know for these arguments.
# ruff: noqa: A002

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from glocal_rdf.display import as_html_table
from glocal_rdf.errors import InputError, OutputError
from glocal_rdf.files import open_output, read_bytes, write_bytes
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import WELL_KNOWN, expand, shorten, term_of
from glocal_rdf.triples import comparison, interop
from glocal_rdf.triples.formats.ntriples import check_terms, schema, stream_ntriples
from glocal_rdf.triples.formats.reader import number_file, parse_bytes
from glocal_rdf.triples.formats.registry import find_format
from glocal_rdf.triples.numbers.numbering import number_frames
from glocal_rdf.triples.numbers.table import NumberedTriples

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib

__all__ = ["Triples"]

_ALL = ["subject", "predicate", "object"]


_IRI_TERM = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*>")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"]+|(urn|mailto|tel|tag|info|doi|geo|file|data):[^\s<>\"]+")
_ROWS_SHOWN = 10
"""How many triples a notebook shows."""

_MUCH_SMALLER = 4
"""By what factor the others are smaller in a union that looks them up in the first graph."""


def _read_term(column: str, text: str, prefixes: Mapping[str, str]) -> str:
    """Return the term that a person wrote.

    Args:
        column: The column that it is looked for in.
        text: An IRI, a CURIE, a blank node or a literal.
        prefixes: Namespaces by prefix.

    Raises:
        InputError: For what no triple can have in the column.
    """
    if text.startswith(("<", '"', "_:")):
        if column != "object" and text.startswith('"'):
            raise InputError.at(column, f"{text} is a literal, and only objects are", "give an IRI")
        if column == "predicate" and text.startswith("_:"):
            raise InputError.at(column, f"{text} is a blank node, and predicates are IRIs", "give an IRI")
        if not _IRI_TERM.fullmatch(text):
            check_terms(pl.DataFrame([{"subject": "<x:s>", "predicate": "<x:p>", "object": "<x:o>", column: text}]))
        return text
    if iri := expand(text, prefixes):
        return _read_term(column, term_of(iri), prefixes)
    if _IRI.fullmatch(text):
        return _read_term(column, term_of(text), prefixes)
    prefix, colon, _ = text.partition(":")
    what = f"{text!r} is not a term"
    if colon and re.fullmatch(r"[\w.-]*", prefix):
        what += f", since the prefix {prefix!r} is not known"
    raise InputError.at(column, what, 'write an IRI, a CURIE with a known prefix, "text"@en or _:label')


class Triples:
    """Hold a graph of RDF 1.1 as a table with the columns `subject`, `predicate` and `object`.

    Each cell is a term in canonical N-Triples syntax (`glocal_rdf.triples.terms`). Everything that reads or combines
    gives a set: no triple twice. A `frame` given to the constructor is taken as it is; call `distinct()` if it may
    hold duplicates, and say `unique` if it is known to hold none, so that nothing looks for them. Blank nodes of one
    label are one node, also between two graphs: `merge` keeps them apart. A graph never changes; every method that
    combines or filters returns a new one.

    Examples:
        >>> graph = Triples.parse("<urn:a> <urn:p> 12.50 .", "turtle")
        >>> len(graph), graph.frame["object"].to_list()
        (1, ['"12.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'])

    https://www.w3.org/TR/rdf11-concepts/#section-rdf-graph
    """

    __slots__ = ("_frame", "_is_set", "_numbered")

    def __init__(self, frame: pl.DataFrame) -> None:
        """Take a frame as it is.

        Raises:
            TypeError: Where it has other columns.
        """
        if frame.schema != schema():
            raise TypeError(f"a graph has the columns {dict(schema())}, not {dict(frame.schema)}")
        self._frame: pl.DataFrame | None = frame
        self._numbered: NumberedTriples | None = None
        # Whether it is known that no triple stands twice, so that it is found out once.
        self._is_set = False

    @classmethod
    def _of_numbers(cls, numbered: NumberedTriples) -> Self:
        """Make a graph whose terms are numbers until somebody asks for its frame."""
        graph = cls.__new__(cls)
        graph._frame, graph._numbered, graph._is_set = None, numbered.distinct(), True
        return graph

    @property
    def frame(self) -> pl.DataFrame:
        """The triples, in the columns `subject`, `predicate` and `object`."""
        if self._frame is None:
            assert self._numbered is not None  # noqa: S101 - a graph has a frame or numbers
            self._frame = self._numbered.to_frame()
        return self._frame

    def number(self, predicates: Collection[str] | None = None) -> NumberedTriples:
        """Return the triples as numbers of terms.

        Args:
            predicates: The predicates (terms) of the triples to return; None returns all.

        Examples:
            >>> graph = Triples.parse("<urn:a> <urn:p> <urn:a> ; <urn:q> 1 .", "turtle")
            >>> graph.number(["<urn:p>"]).rows.rows()
            [(0, 1, 0)]
        """
        if self._numbered is not None:
            return self._numbered if predicates is None else self._numbered.with_predicates(predicates)
        wanted = pl.col("predicate").is_in(list(predicates)) if predicates is not None else True
        return number_frames([self.frame.filter(wanted)])

    @classmethod
    def empty(cls) -> Self:
        """Make the graph without triples."""
        return cls(pl.DataFrame(schema=schema()))

    @classmethod
    def from_terms(cls, triples: Iterable[tuple[str, str, str]]) -> Self:
        """Make a graph of triples of terms in canonical N-Triples syntax.

        Raises:
            InputError: With every term that is not canonical, or stands where it may not.

        Examples:
            >>> len(Triples.from_terms([("<urn:a>", "<urn:p>", '"x"@en'), ("<urn:a>", "<urn:p>", '"x"@en')]))
            1
        """
        frame = pl.DataFrame(list(triples), schema=schema(), orient="row")
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
        """Read a file.

        Of a file with named graphs all are read into the one table, or, with `graph`, one of them.

        Args:
            path: The file; `.gz` is unpacked.
            format: The format's name, media type or file ending; by default the ending of the file decides.
            base: The IRI that relative IRIs are resolved against; without it, a relative IRI is a mistake.
            graph: The IRI of the one named graph to read.

        Raises:
            InputError: Where the file cannot be read or the format is not known, for a mistake with file, line and
                column, and where there is no such graph.
        """
        path = Path(path)
        if graph is None and (numbered := number_file(path, format)) is not None:
            return cls._of_numbers(numbered)
        data = read_bytes(path)
        form = find_format(format, path, InputError)
        return cls(parse_bytes(data, form, base, graph, str(path))).distinct()

    @classmethod
    def parse(cls, source: bytes | str, format: str, base: str | None = None, graph: str | None = None) -> Self:
        """Parse text or bytes, as `read` does a file.

        Args:
            source: A text, or bytes in UTF-8.
            format: The format's name, media type or file ending.
            base: The IRI that relative IRIs are resolved against.
            graph: The IRI of the one named graph to read.

        Raises:
            InputError: Where the format is not known, for a mistake with line and column, and where there is no such
                graph.

        Examples:
            >>> len(Triples.parse("<urn:a> <urn:p> 1, 2, 2 .", "turtle")), len(Triples.parse(b"", "ntriples"))
            (2, 0)
        """
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

        Raises:
            InputError: For what RDF does not know: IRIs that are none, variables, formulas.
        """
        return cls.from_terms(interop.from_graph(graph))

    def to_rdflib(self) -> rdflib.Graph:
        """Make an rdflib graph, with every literal as it is written here.

        To rdflib, literals that differ only in the case of the language tag are one.

        Examples:
            >>> [str(o) for o in Triples.parse("<urn:a> <urn:p> 12.50 .", "turtle").to_rdflib().objects()]
            ['12.50']
        """
        return interop.to_graph(self.frame)

    def to_store(self) -> pyoxigraph.Store:
        """Make an Oxigraph store to query. It rewrites literals (`12.50` becomes `12.5`): never export from it.

        Examples:
            >>> [str(q.object) for q in Triples.parse("<urn:a> <urn:p> 12.50 .", "turtle").to_store()]
            ['"12.5"^^<http://www.w3.org/2001/XMLSchema#decimal>']
        """
        return interop.to_store(self.frame)

    def serialize(self, format: str, prefixes: Mapping[str, str] | None = None) -> bytes:
        """Write the graph in a format, the same bytes every time.

        Args:
            format: The format's name, media type or file ending.
            prefixes: Namespaces by prefix; the well-known ones need not be given.

        Raises:
            OutputError: Where the format is not known or cannot hold the graph.
        """
        return find_format(format, None, OutputError).write(self.distinct().frame, prefixes)

    def write(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        prefixes: Mapping[str, str] | None = None,
    ) -> None:
        """Write a file, whole or not at all.

        Args:
            path: The file; what it was before is replaced, and a name that ends with `.gz` is packed.
            format: The format's name, media type or file ending; by default the ending of the file decides.
            prefixes: Namespaces by prefix; the well-known ones need not be given.

        Raises:
            OutputError: Where the file cannot be written, or the format is not known or cannot hold the graph.
        """
        path = Path(path)
        form = find_format(format, path, OutputError)
        if not form.line_based:
            return write_bytes(form.write(self.distinct().frame, prefixes), path)
        with open_output(path) as file:
            return stream_ntriples(self.distinct().frame, file)

    def __len__(self) -> int:
        return self.frame.height if self._numbered is None else len(self._numbered)

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

    def _repr_html_(self) -> str:
        rows = [tuple(shorten(term, WELL_KNOWN) for term in row) for row in self.frame.head(_ROWS_SHOWN).iter_rows()]
        shown = f", the first {_ROWS_SHOWN}" if len(self) > _ROWS_SHOWN else ""
        return as_html_table(_ALL, rows, f"{len(self):,} triples{shown}")

    def match(
        self,
        subject: str | None = None,
        predicate: str | None = None,
        object: str | None = None,
        *,
        prefixes: Mapping[str, str] | None = None,
    ) -> Self:
        """Keep the triples that have the given terms.

        Args:
            subject: An IRI as people write it (`https://schema.org/name`, `<https://schema.org/name>`, or the CURIE
                `sdo:name`), or a blank node (`_:label`); None for any.
            predicate: An IRI; None for any.
            object: An IRI, a blank node, or a literal in canonical N-Triples syntax (`"Taipei"@en`); None for any.
            prefixes: Namespaces by prefix, for CURIEs; by default the well-known ones.

        Returns:
            A graph of those triples, in their order.

        Raises:
            InputError: For what no triple can have: text that is not a term, a CURIE with an unknown prefix, a literal
                that is not canonical, a literal as subject.

        Examples:
            >>> graph = Triples.parse('<urn:a> <http://www.w3.org/2004/02/skos/core#prefLabel> "A"@en .', "turtle")
            >>> len(graph.match(predicate="skos:prefLabel")), len(graph.match(object='"A"@en'))
            (1, 1)
        """
        wanted = {"subject": subject, "predicate": predicate, "object": object}
        known = WELL_KNOWN if prefixes is None else prefixes
        terms = [pl.col(name) == _read_term(name, term, known) for name, term in wanted.items() if term is not None]
        return self._part(self.frame.filter(*terms)) if terms else self

    def distinct(self) -> Self:
        """Keep each triple once, at its first place."""
        if self._is_set:
            return self
        hashes = self.frame.hash_rows()
        if hashes.n_unique() == len(self):
            self._is_set = True
            return self
        return self.from_distinct(self.frame.unique(maintain_order=True))

    @classmethod
    def from_distinct(cls, frame: pl.DataFrame) -> Self:
        """Make a graph of a frame in which no row stands twice."""
        graph = cls(frame)
        graph._is_set = True
        return graph

    def _part(self, frame: pl.DataFrame) -> Self:
        """Make a graph of some rows of this one."""
        return self.from_distinct(frame) if self._is_set else type(self)(frame)

    def sort(self) -> Self:
        """Sort by subject, predicate and object, in the order of code points, each triple once."""
        return self.from_distinct(self.distinct().frame.sort(_ALL))

    def union(self, *others: Triples) -> Self:
        """Take all triples of all; blank nodes of one label are one node.

        Examples:
            >>> a, b = (Triples.parse(f"_:x <urn:p> {n} .", "turtle") for n in (1, 2))
            >>> len(set(a.union(b).frame["subject"])), len(set(a.merge(b).frame["subject"]))
            (1, 2)
        """
        if not any(map(len, others)):
            return self.distinct()
        if self._is_set and sum(map(len, others)) < len(self) // _MUCH_SMALLER:
            # Few triples are looked up, so that those of the large graph need not all be compared again.
            added = type(self)(pl.concat(other.frame for other in others)).distinct().difference(self)
            return self.union_disjoint(added)
        return type(self)(pl.concat([self.frame, *(other.frame for other in others)])).distinct()

    def union_disjoint(self, *others: Triples) -> Self:
        """Take all triples of graphs that are known to share none, without looking for duplicates."""
        frames = [self.distinct().frame, *(other.distinct().frame for other in others)]
        return self.from_distinct(pl.concat(frames))

    def merge(self, *others: Triples) -> Self:
        """Take all triples of all, and keep apart the blank nodes of different graphs that have one label."""
        _, *renamed = comparison.rename_clashing_blank_nodes([self.frame, *(other.frame for other in others)])
        return self.union(*map(type(self), renamed))

    def difference(self, other: Triples) -> Self:
        """Keep the triples that the other graph has not."""
        return self._part(comparison.subtract(self.frame, other.frame))

    def intersection(self, other: Triples) -> Self:
        """Keep the triples that the other graph has too."""
        return self._part(self.frame.join(other.frame, on=_ALL, how="semi", maintain_order="left"))

    __or__ = union
    __sub__ = difference
    __and__ = intersection

    def diff(self, other: Triples) -> tuple[Self, Self]:
        """Return what the other, newer graph added and what it removed.

        Blank nodes are compared, and labelled in the result, by their triples.

        Returns:
            The added and the removed triples, both sorted.

        Examples:
            >>> old, new = (Triples.parse(f"<urn:a> <urn:p> {n} .", "turtle") for n in ("1, 2", "2, 3"))
            >>> [t.frame["object"][0][:3] for t in old.diff(new)]
            ['"3"', '"1"']
        """
        old, new = (
            type(self)(comparison.label_blank_nodes_by_content(graph.distinct().frame)) for graph in (self, other)
        )
        return new.difference(old).sort(), old.difference(new).sort()

    def is_isomorphic(self, other: Triples) -> bool:
        """Return whether both graphs are the same but for the labels of blank nodes.

        Raises:
            InputError: For graphs of blank nodes made so alike that comparing them would take too long.

        https://www.w3.org/TR/rdf11-concepts/#graph-isomorphism
        """
        return comparison.are_isomorphic(self.distinct().frame, other.distinct().frame)
