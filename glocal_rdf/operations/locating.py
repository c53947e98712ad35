"""Finds where a triple or a result of validation came from: cells of tables, passages of documents, files.

A result of validation leads, in this order, to the statements that

1. say its value of its focus node by its path, as a cell or as a claim;
2. link its focus node and its value by whatever predicate, since rules turn predicates round and widen them;
3. begin its path at its focus node;
4. say that the focus node exists: the row of its own;
5. name the focus node as somebody's value, which is all there is of a thing that nobody described.

Each step is a join for all results that the steps before it left; only the few triples that are found are looked up in
the tables. A claim (a name, a concept) leads to the passage that it was derived from, besides its cell. What a file of
links or of the ontology says leads to that file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from glocal_rdf import csvw
from glocal_rdf.claims import ranking
from glocal_rdf.claims.explanation import SOURCE, Statement
from glocal_rdf.sssom import read_links
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.operations.building import Build
    from glocal_rdf.shacl import Result, ValidationReport
    from glocal_rdf.shacl.shapes.paths import Path as PropertyPath

__all__ = ["NEAR", "locate_results", "locate_statement", "name_cells", "name_file"]

NEAR = 3
"""How many cells, and how many passages, are named for one result."""

Triple = tuple[str | None, str | None, str | None]


def locate_statement(built: Build, statement: Statement) -> tuple[str, ...]:
    """Find where a triple is stated: cells (`data/places.csv:9 (country)`) or the ontology; none if a rule adds it."""
    if (statement.subject, statement.predicate, statement.object) in built.project.ontology:
        return ("ontology/",)
    return name_cells(built.conversion, (statement.subject, statement.predicate, statement.object))


def locate_results(built: Build, report: ValidationReport) -> Mapping[int, tuple[str, ...]]:
    """Find where each result's triples came from, by the result's position: cells first, then passages, else files.

    `data/claims.csv:781 (year)`, `document/city-alliances#char=11325,11340`; at most three of each. A plain triple
    leads to the claims that it was derived from.
    """
    if not report.results:
        return {}
    found = _find_statements(built, report.results)
    sources = _find_passages(built, found["at"].unique())
    cells: dict[Triple, tuple[str, ...]] = {}
    places: dict[int, dict[str, None]] = {}
    passages: dict[int, dict[str, None]] = {}
    for number, subject, predicate, value, file in found.iter_rows():
        triple = (subject, predicate, value)
        if file is None and triple not in cells:
            # A triple that a table states as a whole comes from no one cell; its subject does.
            cells[triple] = name_cells(built.conversion, triple) or name_cells(built.conversion, (subject, None, None))
        places.setdefault(number, {}).update(dict.fromkeys((file,) if file else cells[triple]))
        passages.setdefault(number, {}).update(dict.fromkeys(sources.get(subject, ())))
    return {n: (*list(places[n])[:NEAR], *list(passages[n])[:NEAR]) for n in sorted(places) if places[n]}


def _find_statements(built: Build, results: Sequence[Result]) -> pl.DataFrame:
    """Find the triples of the tables to look up for each result: `n`, `at`, `by`, `object`, `file`; a few at most."""
    said = _list_statements(built)
    asked = pl.DataFrame(
        {"n": range(len(results)), "focus": [r.focus for r in results], "value": [r.value for r in results]},
        schema={"n": pl.Int64, "focus": pl.String, "value": pl.String},
    )
    steps = pl.DataFrame(
        [(n, *step) for n, r in enumerate(results) if r.path for step in _first_steps(r.path)],
        schema={"n": pl.Int64, "predicate": pl.String, "back": pl.Boolean, "whole": pl.Boolean},
        orient="row",
    )
    walked = asked.join(steps, on="n")
    ahead, back = walked.filter(~pl.col("back")), walked.filter("back")
    # By another predicate than the path's only things are linked: what rules add are IRIs.
    things = walked.filter(pl.col("whole") & pl.col("value").str.starts_with("<")).select("n", "focus", "value")
    linked = pl.concat([things, asked.join(steps, on="n", how="anti")])
    parts: list[pl.DataFrame] = []
    left = asked.select("n")
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
        [(asked, {"focus": "at"})],
        [(asked, {"focus": "object"})],
    ):
        found = pl.concat(_join(frame.join(left, on="n", how="semi"), said, keys) for frame, keys in level)
        parts.append(found)
        left = left.join(found, on="n", how="anti")
    return pl.concat(parts)


def _list_statements(built: Build) -> pl.DataFrame:
    """List what is stated: by tables, by each claim, by links, by the ontology; with the triple or file to look up.

    `counts` tells of a claim whether a plain triple can come from it.
    """
    itself = {"at": pl.col("subject"), "by": pl.col("predicate"), "counts": pl.lit(True)}
    nowhere = pl.lit(None, pl.String)
    tables = built.conversion.triples.frame.with_columns(**itself, file=nowhere)
    counts = ~pl.col("held") & (pl.col("rank") != ranking.DEPRECATED)
    stated = ranking.list_claims(built.stated).select(
        "subject", "predicate", "object", at="claim", by=pl.lit(ranking.OBJECT), counts=counts, file=nowhere
    )
    read = [*((read_links, file) for file in built.project.link_files)]
    read += [(Triples.read, file) for file in built.project.ontology_files]
    files = [
        # A blank node has another name each time that a file is read.
        reads(file)
        .frame.filter(~pl.col("subject").str.starts_with("_:"))
        .with_columns(**itself, file=pl.lit(name_file(file)))
        for reads, file in read
    ]
    return pl.concat([tables, stated, *files])


def _first_steps(path: PropertyPath) -> Iterator[tuple[str, bool, bool]]:
    """Name the predicates that a path may begin with: the predicate, whether it is walked back, whether that is all."""
    if path.kind == "predicate":
        yield path.iri, False, True
    elif path.kind == "alternative":
        for part in path.parts:
            yield from _first_steps(part)
    elif path.kind == "inverse" and path.parts[0].kind == "predicate":
        yield path.parts[0].iri, True, True
    else:
        yield from ((iri, back, False) for iri, back, _ in _first_steps(path.parts[0]))


def _join(asked: pl.DataFrame, said: pl.DataFrame, keys: Mapping[str, str]) -> pl.DataFrame:
    """Find the first few statements for each result, by columns of it that stand for columns of the statements."""
    ours, theirs = list(keys), list(keys.values())
    known = said.join(asked.select(ours).unique(), left_on=theirs, right_on=ours, how="semi")
    if theirs == ["at"]:
        known = known.unique("at", maintain_order=True).with_columns(
            by=pl.lit(None, pl.String), object=pl.lit(None, pl.String)
        )
    # A claim that cannot have made a plain triple is named only where none that can is there.
    known = known.filter(pl.col("counts") == pl.col("counts").any().over(theirs))
    known = known.group_by(theirs, maintain_order=True).head(NEAR)
    rows = asked.select("n", *ours).unique(maintain_order=True)
    found = rows.join(known, left_on=ours, right_on=theirs, coalesce=False, maintain_order="left_right")
    return found.select("n", "at", "by", "object", "file")


def _find_passages(built: Build, subjects: pl.Series) -> dict[str, list[str]]:
    """Find the passages that claims, names and concepts were derived from; a passage is one itself."""
    derived = built.stated.match(predicate=SOURCE).frame
    own = derived.filter(pl.col("object").is_in(subjects.implode())).select(subject="object", object="object")
    pairs = pl.concat([derived.select("subject", "object"), own]).unique(maintain_order=True)
    pairs = pairs.filter(pl.col("subject").is_in(subjects.implode()))
    space = built.project.space
    passages: dict[str, list[str]] = {}
    for subject, passage in pairs.iter_rows():
        passages.setdefault(subject, []).append(passage.strip("<>").removeprefix(space))
    return passages


def name_cells(conversion: csvw.Conversion, triple: Triple) -> tuple[str, ...]:
    """Name the cells that a triple came from: `data/places.csv:9 (country)`."""
    cells = csvw.locate(conversion, *triple)
    return tuple(dict.fromkeys(f"{name_file(cell.file)}:{cell.row} ({cell.column})" for cell in cells))


def name_file(file: str | Path) -> str:
    """Name a file as seen from where one is."""
    return _relative(str(file), Path.cwd())


@lru_cache(maxsize=1024)
def _relative(file: str, here: Path) -> str:
    try:
        return str(Path(file).resolve().relative_to(here))
    except ValueError:
        return file
