"""Reads what other sources say of the project's things: each source a graph of its own, with origin and licence.

A source is a table in `data/external/` with its metadata (CSV on the Web). The metadata's `@id` names the graph; their
common properties (title, source, licence, date, credit) are what the graph says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from glocal_rdf import csvw
from glocal_rdf.claims.explanation import Told
from glocal_rdf.csvw.rdf.standard_mode import Annotator
from glocal_rdf.errors import Problem, QueryError, TableError
from glocal_rdf.operations.building import local_addresses
from glocal_rdf.operations.locating import NEAR, name_cells, name_file
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples, terms

if TYPE_CHECKING:
    from glocal_rdf.operations.building import Build
    from glocal_rdf.shacl import PreparedShapes, Result, ValidationReport

__all__ = [
    "External",
    "find_source",
    "join_reports",
    "list_parts",
    "read_external",
    "tell_external",
    "validate_external",
]

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
SOURCE_GRAPH = "<https://w3id.org/glocal/ontology#SourceGraph>"
DCTERMS = "http://purl.org/dc/terms/"
_ABSOLUTE = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")
Places = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class External:
    """What one source says: `facts` about things of ours, and in `about` what its graph, named `iri`, is."""

    file: Path
    iri: str
    about: Triples
    conversion: csvw.Conversion

    @property
    def name(self) -> str:
        """A short name for files: that of the table without its ending."""
        return self.file.name.removesuffix("-metadata.json").removesuffix(".csv")

    @property
    def facts(self) -> Triples:
        """The facts alone."""
        return self.conversion.triples

    @cached_property
    def triples(self) -> Triples:
        """The whole graph: the facts, and what the graph says of itself."""
        return self.about.union(self.facts)

    def say(self, term: str, lang: str = "en") -> str:
        """Tell a property of the graph by its name in DCMI Terms, in `lang` where it is a text; empty where unsaid."""
        said = [value for _, _, value in self.about.match(predicate=f"<{DCTERMS}{term}>")]
        best = [value for value in said if value.endswith(f'"@{lang}')] or said
        return (best[0][1:-1] if best[0].startswith("<") else terms.unquote(best[0])) if best else ""


def read_external(project: Project) -> tuple[External, ...]:
    """Read the sources of external facts, sorted by file.

    Raise TableError with every cell of every table that breaks its description, and with every description that does
    not name its graph by an absolute IRI of its own.
    """
    sources: list[External] = []
    problems: list[Problem] = []
    for file in project.external_files:
        try:
            source = _read_source(file, project)
        except TableError as error:
            problems += error.problems
            continue
        problems += source.conversion.errors
        taken = next((other for other in sources if other.iri == source.iri), None)
        if taken is not None:
            hint = f"give it an @id that {taken.file.name} has not"
            problems.append(Problem(str(file), f"@id: {source.iri!r} names another graph too", hint, file=str(file)))
        sources.append(source)
    if problems:
        raise TableError.of(problems)
    return tuple(sources)


def _read_source(file: Path, project: Project) -> External:
    conversion = csvw.convert(file, prefixes=project.declared_prefixes)
    if errors := local_addresses(conversion):
        raise TableError.of(errors)
    group = conversion.group
    described = None if group is None else group if group.id else group.tables[0] if len(group.tables) == 1 else None
    if described is None or not described.id or not _ABSOLUTE.fullmatch(described.id):
        hint = "write the IRI of the graph, such as https://w3id.org/glocal/graph/geonames"
        raise TableError.of([Problem(str(file), "@id: does not name a graph", hint, file=str(file))])
    node = f"<{described.id}>"
    said = [(node, TYPE, SOURCE_GRAPH), *Annotator().annotations(node, described.annotations)]
    odd = {term[1:-1] for triple in said for term in triple if term.startswith("<")}
    problems = [
        Problem(str(file), f"{iri!r} is not an absolute IRI", "write the whole address", file=str(file), value=iri)
        for iri in sorted(odd)
        if not _ABSOLUTE.fullmatch(iri)
    ]
    if problems:
        raise TableError.of(problems)
    return External(file, described.id, Triples.from_terms(said), conversion)


def find_source(built: Build, name: str) -> External:
    """Find a source by its name, or its graph's IRI. Raise QueryError that names those that are there."""
    for source in built.sources:
        if name in (source.name, source.iri):
            return source
    names = ", ".join(source.name for source in built.sources) or "none: put its table into data/external/"
    raise QueryError.at("external", f"there is no source {name!r}", f"the project has {names}")


def tell_external(built: Build, thing: str, lang: str = "en") -> tuple[Told, ...]:
    """Tell what other sources say of a thing (an IRI), each with its source and licence."""
    said = ((source, source.facts.match(subject=f"<{thing}>").sort()) for source in built.sources)
    return tuple(
        Told(
            source.iri,
            source.say("title", lang),
            source.say("source"),
            source.say("license"),
            source.say("issued"),
            tuple((predicate, value) for _, predicate, value in facts),
        )
        for source, facts in said
        if len(facts)
    )


def list_parts(built: Build, shapes: PreparedShapes) -> list[tuple[External, Triples]]:
    """Pair each source with what is validated of it: its graph, and what the project says of things, as far as needed.

    `shapes` are the project's shapes of external facts. Sources are validated one by one, since two of them may differ
    without either being wrong.
    """
    if not built.project.external_shape_files or not built.sources:
        return []
    needed = shapes.needed_predicates
    frame = built.triples.frame
    ours = Triples(frame if needed is None else frame.filter(pl.col("predicate").is_in(list(needed))))
    return [(source, source.triples.union(ours)) for source in built.sources]


def validate_external(
    built: Build, engine: Literal["columns", "pyshacl"] = "columns", *, ignore_unsupported: bool = False
) -> list[tuple[External, ValidationReport]]:
    """Validate what each source says against the project's shapes of external facts (`shapes/external/`)."""
    from glocal_rdf import shacl  # noqa: PLC0415

    shapes, ontology = shacl.prepare(built.project.external_shapes), built.project.ontology
    return [
        (
            source,
            shacl.validate(data, shapes, ontology=ontology, engine=engine, ignore_unsupported=ignore_unsupported),
        )
        for source, data in list_parts(built, shapes)
    ]


def join_reports(
    report: ValidationReport, places: Places, others: Sequence[tuple[External, ValidationReport]]
) -> tuple[ValidationReport, Places]:
    """Add to a report, with the places of its results, those on external facts, led to cells of `data/external/`."""
    results, found = list(report.results), dict(places)
    reached, shapes = dict(report.reached), dict(report.shapes)
    looked_at = dict(report.reached if report.looked_at is None else report.looked_at)
    for source, other in others:
        for result in other.results:
            found[len(results)] = _locate(source, result)[:NEAR]
            results.append(result)
        for shape, nodes in other.reached.items():
            reached[shape] = reached.get(shape, 0) + nodes
        for shape, nodes in (other.reached if other.looked_at is None else other.looked_at).items():
            looked_at[shape] = looked_at.get(shape, 0) + nodes
        shapes |= other.shapes
    joined = replace(
        report,
        conforms=report.conforms and all(other.conforms for _, other in others),
        results=tuple(results),
        reached=reached,
        shapes=shapes,
        total=report.total + sum(other.total for _, other in others),
        looked_at=looked_at,
        warnings=tuple(dict.fromkeys(p for each in (report, *(r for _, r in others)) for p in each.warnings)),
        unsupported=tuple(dict.fromkeys(p for each in (report, *(r for _, r in others)) for p in each.unsupported)),
        complete=report.complete and all(other.complete for _, other in others),
    )
    return joined, found


def _locate(source: External, result: Result) -> tuple[str, ...]:
    """Lead to the cells that say it, else to those of the thing's row; what the graph says of itself is in its file."""
    path = result.path.iri if result.path and result.path.kind == "predicate" else None
    asked: list[tuple[str, str | None, str | None]] = [(result.focus, path, result.value)] if result.value else []
    asked += [(result.focus, path, None)] if path else []
    for triple in (*asked, (result.focus, None, None)):
        if cells := name_cells(source.conversion, triple):
            return cells
    return (name_file(source.file),)
