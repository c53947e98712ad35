"""The graphs of other sources, each made from a described table of its own and kept apart from the project's graph."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glocal_rdf.errors import Problem, TableError
from glocal_rdf.namespaces import DCTERMS, RDF_TYPE
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples, terms
from glocal_rdf.vocabulary import SOURCE_GRAPH

if TYPE_CHECKING:
    from glocal_rdf import csvw
    from glocal_rdf.csvw.table_rows import Cell
    from glocal_rdf.location import Location

__all__ = ["SourceGraph", "SourceStatements", "find_local_iris", "is_public_iri", "read_source_graphs"]

_PUBLIC_IRI: Final = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


@dataclass(frozen=True, eq=False, repr=False)
class SourceGraph:
    """The graph of one other source, kept apart from ours.

    Attributes:
        file: The description of its table.
        iri: The IRI of the graph.
        about: The description of the graph: title, source, licence, date.
        conversion: The result of converting its table.
    """

    file: Path
    iri: str
    about: Triples
    conversion: csvw.Conversion

    def __repr__(self) -> str:
        return f"<SourceGraph {self.name}: {len(self.facts)} triples>"

    @property
    def name(self) -> str:
        """A short name for files: that of the table without its ending."""
        return self.file.name.removesuffix("-metadata.json").removesuffix(".csv")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The warnings of the conversion of its table."""
        return self.conversion.problems

    @property
    def facts(self) -> Triples:
        """The statements of the source about the project's things, without the description of the graph."""
        return self.conversion.triples

    @cached_property
    def triples(self) -> Triples:
        """The whole graph: the facts and the description of the graph."""
        return self.about.union(self.facts)

    def find_cells(self, subject: str | None, predicate: str | None, value: str | None) -> Sequence[Cell | Location]:
        """Return the cells of its table that a triple was made from, or with a subject alone those of its IRI.

        Args:
            subject: A term; None for any.
            predicate: A term; None for any.
            value: A term; None for any.
        """
        from glocal_rdf.csvw import locate  # noqa: PLC0415 - not needed for a graph in the cache

        return locate(self.conversion, subject, predicate, value)

    def say(self, term: str, lang: str = "en") -> str:
        """Return a property of the graph, by the name that this method had up to version 0.3."""
        warnings.warn("External.say is called SourceGraph.describe now", DeprecationWarning, stacklevel=2)
        return self.describe(term, lang)

    def describe(self, term: str, lang: str = "en") -> str:
        """Return a property of the graph, or the empty text where it has none.

        Args:
            term: The name of the property in DCMI Terms, such as `title` or `license`.
            lang: The language that is preferred, where there are texts in several.
        """
        values = [value for _, _, value in self.about.match(predicate=f"<{DCTERMS}{term}>")]
        best = [value for value in values if value.endswith(f'"@{lang}')] or values
        if not best:
            return ""
        return best[0][1:-1] if best[0].startswith("<") else terms.unquote(best[0])


@dataclass(frozen=True)
class SourceStatements:
    """The statements of one source graph about a thing.

    Attributes:
        graph: The IRI of the source graph.
        title: Its title.
        source: Where it was taken from.
        licence: The IRI of its licence.
        issued: The date of the source.
        facts: Pairs of predicate and object, as terms.
    """

    graph: str
    title: str
    source: str
    licence: str
    issued: str
    facts: tuple[tuple[str, str], ...]


def read_source_graphs(project: Project) -> tuple[SourceGraph, ...]:
    """Read the graphs of other sources, sorted by file.

    Raises:
        TableError: With every cell of every table that does not match its description, and with every description that
            does not give its graph an absolute IRI of its own.
    """
    sources: list[SourceGraph] = []
    problems: list[Problem] = []
    for file in project.external_files:
        try:
            source = _read_source_graph(file, project)
        except TableError as error:
            problems += error.problems
            continue
        problems += source.conversion.errors
        taken = next((other for other in sources if other.iri == source.iri), None)
        if taken is not None:
            what = f"@id: {source.iri!r} is the name of another graph too"
            hint = f"give it an @id that differs from that of {taken.file.name}"
            problems.append(Problem(str(file), what, hint, file=str(file)))
        sources.append(source)
    if problems:
        raise TableError.of(problems)
    return tuple(sources)


def _read_source_graph(file: Path, project: Project) -> SourceGraph:
    """Read one source graph.

    Raises:
        TableError: Where its description gives it no IRI, or relative ones.
    """
    from glocal_rdf import csvw  # noqa: PLC0415 - not needed for a graph in the cache
    from glocal_rdf.csvw.rdf.standard_mode import Annotator  # noqa: PLC0415

    conversion = csvw.convert(file, prefixes=project.declared_prefixes)
    if errors := find_local_iris(conversion):
        raise TableError.of(errors)
    group = conversion.group
    described = None if group is None else group if group.id else group.tables[0] if len(group.tables) == 1 else None
    if described is None or not described.id or not is_public_iri(described.id):
        hint = "write the IRI of the graph, such as https://w3id.org/glocal/graph/geonames"
        raise TableError.of([Problem(str(file), "@id: does not name a graph", hint, file=str(file))])
    node = f"<{described.id}>"
    kind = project.find_terms(SOURCE_GRAPH)[0]
    about = [
        (node, RDF_TYPE, kind),
        *Annotator().annotations(node, described.annotations),
    ]
    resources = {term[1:-1] for triple in about for term in triple if term.startswith("<")}
    problems = [
        Problem(str(file), f"{iri!r} is not an absolute IRI", "write the whole address", file=str(file), value=iri)
        for iri in sorted(resources)
        if not is_public_iri(iri)
    ]
    if problems:
        raise TableError.of(problems)
    return SourceGraph(file, described.id, Triples.from_terms(about), conversion)


def is_public_iri(iri: str) -> bool:
    """Return whether a text is an absolute IRI that means the same on every machine.

    Examples:
        >>> is_public_iri("https://example.org/a"), is_public_iri("file:///tmp/a"), is_public_iri("a")
        (True, False, False)
    """
    return _PUBLIC_IRI.fullmatch(iri) is not None


def find_local_iris(conversion: csvw.Conversion) -> tuple[Problem, ...]:
    """Return as errors what makes IRIs of files of this machine: they would differ in every folder."""
    hint = (
        'give the columns a propertyUrl or "suppressOutput": true, or the tables an address: '
        '"@context": ["http://www.w3.org/ns/csvw", {"@base": "https://example.org/data/"}]'
    )
    return tuple(replace(p, level="error", hint=hint) for p in conversion.problems if p.kind == "local")
