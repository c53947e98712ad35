"""Makes the files of a project anew after its tables changed, if they were not edited, and adds to the others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from glocal_rdf.operations.init_plan import Plan, reasons_of
from glocal_rdf.operations.intake import Intake
from glocal_rdf.project import Project, read_text
from glocal_rdf.scaffold.model import Settings
from glocal_rdf.scaffold.output.description import class_of, read_settings, tables_of
from glocal_rdf.scaffold.output.ontology import columns_of, write_ontology
from glocal_rdf.scaffold.output.project import assemble_files, is_unedited, seal, titles_of, write_document
from glocal_rdf.scaffold.output.readme import read_checks
from glocal_rdf.scaffold.output.shapes import write_shapes
from glocal_rdf.scaffold.slugs import camel_case, pascal_case
from glocal_rdf.scaffold.update import ColumnChanges, described_columns, new_blocks, titles
from glocal_rdf.triples import Triples

__all__ = ["OldTable", "changed_files"]


@dataclass
class OldTable:
    """A table of the project as it is: its description, its cells by the names of its columns, and what is newer.

    `is_own`: what is newer is the table itself, which a person may have edited.
    """

    description: dict[str, Any]
    cells: pl.DataFrame
    newer: Intake | None = None
    is_own: bool = False
    changes: ColumnChanges = field(default_factory=lambda: ColumnChanges({}))

    @property
    def url(self) -> str:
        """The address of its file in the description."""
        return str(self.description.get("url", ""))

    @property
    def name(self) -> str:
        """The name of its file without the ending."""
        return unquote(self.url).removesuffix(".csv")

    @property
    def key(self) -> str:
        """The name of the column that identifies its rows; empty where there is not one."""
        key = self.description.get("tableSchema", {}).get("primaryKey", "")
        return str(key[0] if isinstance(key, list) and len(key) == 1 else key)


def changed_files(
    project: Project,
    before: dict[str, Any],
    after: dict[str, Any],
    cells: Mapping[str, pl.DataFrame],
    old: Sequence[OldTable],
    plan: Plan,
    settings: Settings,
) -> dict[str, bytes]:
    """Return the files whose content changes, by their path in the project.

    Args:
        project: The project.
        before: Its metadata document.
        after: The new one.
        cells: The cells of each table, by its `url`.
        old: The tables as they were.
        plan: The plan of the new tables.
        settings: The settings of the project.
    """
    prefixes = project.declared_prefixes
    reasons = reasons_of(after, plan.tables)
    readme = project.root / "README.md"
    checks = read_checks(read_text(readme)) if readme.is_file() else []
    made = assemble_files(after, cells, reasons, checks, prefixes)
    files = {path: data for path, data in made.items() if path.startswith("data/") and path.endswith(".csv")}
    same = {f"data/{unquote(one.url)}" for one in old if one.newer is None}
    files = {path: data for path, data in files.items() if path not in same}
    if after != before:
        text = read_text(project.metadata)
        ours = text == write_document(before) + "\n"
        indent = re.search(r"\n([ \t]+)\S", text)
        styled = json.dumps(after, ensure_ascii=False, indent=indent[1] if indent else 1)
        files["data/csv-metadata.json"] = ((write_document(after) if ours else styled) + "\n").encode()
    name = settings.name
    for path in (p for p in made if not p.startswith(("data/", "shapes/", "ontology/"))):
        if _is_unedited(project.root / path):
            files[path] = made[path]
    fresh = _new_properties(before, after, prefixes)
    ontology = f"ontology/{name}.ttl"
    if _is_unedited(project.root / ontology):
        files[ontology] = made[ontology]
    elif (added := _missing_terms(project, after, fresh, prefixes)) and (project.root / ontology).is_file():
        files[ontology] = _append(project.root / ontology, added)
    shapes = f"shapes/{name}.ttl"
    if (project.root / shapes).is_file() and (data := _update_shapes(project, shapes, before, after, cells, old)):
        files[shapes] = data
    return {p: d for p, d in files.items() if not (project.root / p).is_file() or (project.root / p).read_bytes() != d}


def _is_unedited(path: Path) -> bool:
    return path.is_file() and is_unedited(read_text(path))


def _append(path: Path, text: str) -> bytes:
    return (read_text(path).rstrip("\n") + "\n\n" + text).encode()


def _new_properties(
    before: Mapping[str, Any], after: Mapping[str, Any], prefixes: Mapping[str, str]
) -> set[tuple[str, str, str]]:
    """Return class, property and header of the columns that are new."""

    def listed(document: Mapping[str, Any]) -> set[tuple[str, str, str]]:
        return {(class_of(c.table, prefixes), c.predicate, c.name) for c in columns_of(document, prefixes)}

    return listed(after) - listed(before)


def _missing_terms(
    project: Project, after: Mapping[str, Any], fresh: set[tuple[str, str, str]], prefixes: Mapping[str, str]
) -> str:
    """Return definitions of new terms that the ontology, which was edited, does not have."""
    have = set(project.ontology.frame["subject"].to_list())
    wanted = {iri for found in fresh for iri in found[:2]}
    text = write_ontology(after, prefixes)
    name, space = read_settings(after).name, read_settings(after).ontology
    subjects = [f"{name}:{i.removeprefix(space)}" for i in wanted if i.startswith(space) and f"<{i}>" not in have]
    return new_blocks(text, subjects)


def _update_shapes(
    project: Project,
    path: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    cells: Mapping[str, pl.DataFrame],
    old: Sequence[OldTable],
) -> bytes | None:
    """Return the shapes with those of new columns and tables; what holds for the other cells stays as it is.

    Shapes that were not edited lose the columns that are gone.
    """
    prefixes = project.declared_prefixes
    text = read_text(project.root / path)
    unedited = is_unedited(text)
    if unedited and all(one.is_own for one in old):
        return seal(write_shapes(after, cells, prefixes), path).encode()
    if unedited:
        gone = {one.url: {n for n in titles_of(one.description) if _is_gone(n, one)} for one in old}
        kept = {one.url: one.cells.drop([n for n in gone[one.url] if n in one.cells.columns]) for one in old}
        text = write_shapes(before, kept, prefixes)
    made = write_shapes(after, cells, prefixes)
    graph = Triples.parse(text.encode(), "turtle") if unedited else project.shapes
    have = {s.strip("<>") for s in graph.frame["subject"].to_list()}
    space = f"{read_settings(after).base}shapes#"
    fresh = _new_properties(before, after, prefixes)
    known = {class_of(table, prefixes) for table in tables_of(before)}
    subjects: list[str] = []
    links: list[str] = []
    for target, predicate, _ in sorted(fresh):
        owner = pascal_case(target.rpartition("#")[2].rpartition("/")[2]) or "Table"
        local = camel_case(predicate.rpartition("#")[2].rpartition("/")[2])
        parts = [f"{owner}-{local}", f"{owner}-{local}-range", f"{owner}-{local}-unique"]
        new = [p for p in parts if space + p not in have and re.search(rf"^shapes:{re.escape(p)} ", made, re.MULTILINE)]
        subjects += [f"shapes:{p}" for p in new]
        if target in known:
            links += [f"shapes:{owner} sh:property shapes:{p} .\n" for p in new if not p.endswith("-unique")]
        elif f"shapes:{owner}" not in subjects:
            subjects.append(f"shapes:{owner}")
    added = new_blocks(made, subjects)
    if added:
        text = text.rstrip("\n") + "\n\n" + added + ("\n" + "".join(links) if links else "")
    if not unedited:
        return text.encode() if added else None
    return seal(text, path).encode()


def _is_gone(name: str, old: OldTable) -> bool:
    column = next(c for c in described_columns(old.description) if c.get("name") == name)
    return bool(set(titles(column)) & set(old.changes.gone))
