"""Traces triples and validation results back to where they came from: cells of tables, passages of documents, files.

A validation result is traced, in this order, to the statements that

1. have its focus node, path and value, in a cell or as a claim;
2. link its focus node and its value by any predicate, since rules invert predicates and generalize them;
3. have its focus node and the first step of its path;
4. describe the focus node: the row that it is the subject of;
5. have the focus node as object, which is all there is of a thing that is not described.

Each step is a join for all results that the steps before it left; only the few triples that are found are looked up in
the tables. A claim (a name, a concept) is traced to its cell and to the passage that it was derived from; a statement
of a file of links or of the ontology, to that file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf.claims.explanation import SOURCE, Statement
from glocal_rdf.dataset import Build
from glocal_rdf.lazy import pl
from glocal_rdf.location import Location
from glocal_rdf.source_graphs import SourceGraph
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import NARROWING

if TYPE_CHECKING:
    from glocal_rdf.csvw import Cell
    from glocal_rdf.shacl import Result, ValidationReport
    from glocal_rdf.shacl.shapes.paths import Path as PropertyPath

__all__ = [
    "MAX_LOCATIONS",
    "Locations",
    "relate_cells",
    "relative_to_here",
    "trace_in_files",
    "trace_in_source_graph",
    "trace_results",
    "trace_statement",
]

MAX_LOCATIONS = 3
"""How many cells, and how many passages, one result is traced to."""

Locations = Mapping[int, tuple[Location, ...]]
"""The locations of results, by the position of the result in its report."""

Triple = tuple[str | None, str | None, str | None]


def trace_statement(built: Build, statement: Statement) -> tuple[Location, ...]:
    """Return where a triple is stated: cells or the ontology; nothing if a rule inferred it.

    Returns:
        Cells such as `data/places.csv:9 (country)`, or the folder `ontology/`.
    """
    if (statement.subject, statement.predicate, statement.object) in built.project.ontology:
        return (Location("ontology/"),)
    return relate_cells(built.find_cells(statement.subject, statement.predicate, statement.object))


def trace_results(built: Build, report: ValidationReport) -> Locations:
    """Trace each result of a report on a build's graph to cells and passages, or else to files.

    A truthy statement is traced to the claims that it was derived from.

    Returns:
        The locations of each result by its position, cells first, at most `MAX_LOCATIONS` of each kind:
        `data/claims.csv:781 (year)`, `document/city-alliances#char=11325,11340`. Results that come from nowhere (a
        node that only a shape names) are missing.
    """
    if not report.results:
        return {}
    found = _find_statements(built, report.results)
    sources = _find_passages(built, found["at"].unique())
    cells: dict[Triple, tuple[Location, ...]] = {}
    places: dict[int, dict[Location, None]] = {}
    passages: dict[int, dict[Location, None]] = {}
    for number, subject, predicate, value, file in found.iter_rows():
        triple = (subject, predicate, value)
        if file is None and triple not in cells:
            # A triple that a table states as a whole comes from no single cell; its subject does.
            cells[triple] = relate_cells(built.find_cells(*triple) or built.find_cells(subject, None, None))
        places.setdefault(number, {}).update(dict.fromkeys((Location(file),) if file else cells[triple]))
        passages.setdefault(number, {}).update(dict.fromkeys(sources.get(subject, ())))
    return {
        n: (*list(places[n])[:MAX_LOCATIONS], *list(passages[n])[:MAX_LOCATIONS]) for n in sorted(places) if places[n]
    }


def trace_in_source_graph(source: SourceGraph, result: Result) -> tuple[Location, ...]:
    """Trace a result on a source graph to the cells that state it, else to those of the thing's row, else to its file.

    The description of a graph is in its file, and in no cell.
    """
    path = result.path.iri if result.path and result.path.kind == "predicate" else None
    triples: list[Triple] = [(result.focus, path, result.value)] if result.value else []
    triples += [(result.focus, path, None)] if path else []
    for triple in (*triples, (result.focus, None, None)):
        if cells := relate_cells(source.find_cells(*triple)):
            return cells[:MAX_LOCATIONS]
    return (Location(relative_to_here(source.file)),)


def trace_in_files(files: Sequence[tuple[str, Triples]], report: ValidationReport) -> Locations:
    """Trace each result to the files that have its focus node as subject, or else as object.

    Args:
        files: The name and the graph of each file; a graph without a name is not a location.
        report: The report on all graphs together.
    """

    def find(column: str, nodes: set[str]) -> list[set[str]]:
        return [nodes.intersection(graph.frame[column].unique()) for _, graph in files]

    return locate_in_files([name for name, _ in files], report, find)


def locate_in_files(
    names: Sequence[str], report: ValidationReport, find: Callable[[str, set[str]], Sequence[set[str]]]
) -> Locations:
    """Locate each result in the files that have its focus node as subject, or else as object.

    Args:
        names: The names of the files, empty for what is not a file.
        report: The report on all files together.
        find: Returns those of some nodes that each file has in a column.
    """
    if len(names) == 1 and names[0]:
        return dict.fromkeys(range(len(report.results)), (Location(names[0]),))
    locations: dict[int, tuple[Location, ...]] = {}
    for column in ("subject", "object"):
        left = {result.focus for number, result in enumerate(report.results) if number not in locations}
        known = find(column, left) if left else [left] * len(names)
        for number, result in enumerate(report.results):
            if number not in locations and any(result.focus in nodes for nodes in known):
                locations[number] = tuple(
                    Location(name) for name, nodes in zip(names, known, strict=True) if result.focus in nodes
                )
    named = {number: tuple(one for one in found if one.file) for number, found in locations.items()}
    return {number: found for number, found in named.items() if found}


def _find_statements(built: Build, results: Sequence[Result]) -> pl.DataFrame:
    """Find the few triples to look up for each result.

    Returns:
        A frame with the columns `n` (the result's position), `at`, `by`, `object` (the triple, or the claim, in the
        tables) and `file` (where it is stated, if not in a table).
    """
    statements = _list_statements(built)
    queried = pl.DataFrame(
        {"n": range(len(results)), "focus": [r.focus for r in results], "value": [r.value for r in results]},
        schema={"n": pl.Int64, "focus": pl.String, "value": pl.String},
    )
    steps = pl.DataFrame(
        [(n, *step) for n, r in enumerate(results) if r.path for step in _first_steps(r.path)],
        schema={"n": pl.Int64, "predicate": pl.String, "back": pl.Boolean, "whole": pl.Boolean},
        orient="row",
    )
    walked = queried.join(steps, on="n")
    ahead, back = walked.filter(~pl.col("back")), walked.filter("back")
    # Rules infer triples of IRIs, so that other predicates than the path's are looked for between IRIs alone.
    things = walked.filter(pl.col("whole") & pl.col("value").str.starts_with("<")).select("n", "focus", "value")
    linked = pl.concat([things, queried.join(steps, on="n", how="anti")])
    parts: list[pl.DataFrame] = []
    left = queried.select("n")
    for level in (
        [
            (ahead.filter("whole"), {"focus": "subject", "predicate": "predicate", "value": "object"}),
            (back.filter("whole"), {"value": "subject", "predicate": "predicate", "focus": "object"}),
        ],
        [(linked, {"focus": "subject", "value": "object"}), (linked, {"value": "subject", "focus": "object"})],
        [
            (ahead, {"focus": "subject", "predicate": "predicate"}),
            (back, {"focus": "object", "predicate": "predicate"}),
        ],
        [(queried, {"focus": "at"})],
        [(queried, {"focus": "object"})],
    ):
        found = pl.concat(_join(frame.join(left, on="n", how="semi"), statements, keys) for frame, keys in level)
        parts.append(found)
        left = left.join(found, on="n", how="anti")
    return pl.concat(parts)


def _list_statements(built: Build) -> pl.DataFrame:
    """List every statement: of tables, of each claim, of links, of the ontology.

    Returns:
        A frame with the columns `subject`, `predicate`, `object`; `at` and `by`, the subject and predicate of the
        triple to look up in the tables; `counts`, whether a truthy statement can be derived from it; and `file`, where
        it is stated, if not in a table.
    """
    from glocal_rdf.claims import ranking  # noqa: PLC0415 - only results of validation need it

    itself = {"at": pl.col("subject"), "by": pl.col("predicate"), "counts": pl.lit(True)}
    nowhere = pl.lit(None, pl.String)
    tables = built.conversion.triples.frame.with_columns(**itself, file=nowhere)
    counts = ~pl.col("narrowed") & (pl.col("rank") != ranking.DEPRECATED)
    stated = ranking.list_claims(built.stated, built.project.find_terms(*NARROWING)).select(
        "subject", "predicate", "object", at="claim", by=pl.lit(ranking.OBJECT), counts=counts, file=nowhere
    )
    from glocal_rdf.sssom import read_links  # noqa: PLC0415 - only results of validation need it

    read = [*((read_links, file) for file in built.project.link_files)]
    read += [(Triples.read, file) for file in built.project.ontology_files]
    files = [
        # A blank node has another name each time that a file is read.
        reads(file)
        .frame.filter(~pl.col("subject").str.starts_with("_:"))
        .with_columns(**itself, file=pl.lit(relative_to_here(file)))
        for reads, file in read
    ]
    return pl.concat([tables, stated, *files])


def _first_steps(path: PropertyPath) -> Iterator[tuple[str, bool, bool]]:
    """Yield the predicates that a path may begin with: the predicate, whether it is inverse, whether it is the path."""
    if path.kind == "predicate":
        yield path.iri, False, True
    elif path.kind == "alternative":
        for part in path.parts:
            yield from _first_steps(part)
    elif path.kind == "inverse" and path.parts[0].kind == "predicate":
        yield path.parts[0].iri, True, True
    else:
        yield from ((iri, back, False) for iri, back, _ in _first_steps(path.parts[0]))


def _join(queried: pl.DataFrame, statements: pl.DataFrame, keys: Mapping[str, str]) -> pl.DataFrame:
    """Find the first few statements for each result.

    Args:
        queried: The results, with the column `n`.
        statements: What `_list_statements` returns.
        keys: The columns of the results that must equal columns of the statements.
    """
    ours, theirs = list(keys), list(keys.values())
    known = statements.join(queried.select(ours).unique(), left_on=theirs, right_on=ours, how="semi")
    if theirs == ["at"]:
        known = known.unique("at", maintain_order=True).with_columns(
            by=pl.lit(None, pl.String), object=pl.lit(None, pl.String)
        )
    # A claim that no truthy statement is derived from is a location only where there is no other claim.
    known = known.filter(pl.col("counts") == pl.col("counts").any().over(theirs))
    known = known.group_by(theirs, maintain_order=True).head(MAX_LOCATIONS)
    rows = queried.select("n", *ours).unique(maintain_order=True)
    found = rows.join(known, left_on=ours, right_on=theirs, coalesce=False, maintain_order="left_right")
    return found.select("n", "at", "by", "object", "file")


def _find_passages(built: Build, subjects: pl.Series) -> dict[str, list[Location]]:
    """Return the passages that claims, names and concepts were derived from, by subject; a passage is its own."""
    derived = built.stated.match(predicate=SOURCE).frame
    own = derived.filter(pl.col("object").is_in(subjects.implode())).select(subject="object", object="object")
    pairs = pl.concat([derived.select("subject", "object"), own]).unique(maintain_order=True)
    pairs = pairs.filter(pl.col("subject").is_in(subjects.implode()))
    space = built.project.space
    passages: dict[str, list[Location]] = {}
    for subject, passage in pairs.iter_rows():
        passages.setdefault(subject, []).append(Location.of_iri(passage.strip("<>").removeprefix(space)))
    return passages


def relate_cells(cells: Iterable[Cell | Location]) -> tuple[Location, ...]:
    """Name the files of cells relative to the working directory, such as `data/places.csv:9 (country)`."""
    return tuple(dict.fromkeys(Location(relative_to_here(cell.file), cell.row, cell.column) for cell in cells))


def relative_to_here(file: str | Path) -> str:
    """Write the name of a file relative to the working directory, if it is in it."""
    return _relative(str(file), Path.cwd())


@lru_cache(maxsize=1024)
def _relative(file: str, here: Path) -> str:
    try:
        return str(Path(file).resolve().relative_to(here))
    except ValueError:
        return file
