"""Describes a project's dataset as RDF: what the description of its tables says of the whole, and what is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from glocal_rdf import csvw
from glocal_rdf.csvw.rdf.standard_mode import Annotator
from glocal_rdf.errors import Problem
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.csvw.metadata.model import Table, TableGroup

__all__ = ["describe_dataset", "warn_of_project"]

TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DATASET: Final = "<http://www.w3.org/ns/dcat#Dataset>"
_ABSOLUTE: Final = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


def describe_dataset(conversion: csvw.Conversion) -> Triples:
    """Say of a dataset, as a dcat:Dataset, what the common properties of its table group say: title, licence, ….

    The `@id` of the table group names it; without one it is a blank node. Nothing is said where there is no property.
    """
    described = _described(conversion)
    if described is None or not described.annotations:
        return Triples.empty()
    node = f"<{described.id}>" if described.id and _ABSOLUTE.fullmatch(described.id) else "_:dataset"
    return Triples.from_terms([(node, TYPE, DATASET), *Annotator().annotations(node, described.annotations)])


def _described(conversion: csvw.Conversion) -> TableGroup | Table | None:
    """Find what the description is of: the group, or its only table where it says nothing of the group."""
    group = conversion.group
    if group is None or group.id or group.annotations or len(group.tables) != 1:
        return group
    return group.tables[0]


def warn_of_project(project: Project, conversion: csvw.Conversion) -> Iterator[Problem]:
    """Warn of files that are not read, and of an `@id` or value that would name a file of this machine."""
    group, described = conversion.group, _described(conversion)
    tables = [_file_of(project, table.url) for table in group.tables] if group else []
    yield from project.find_unread(tables)
    if described is None or not described.annotations:
        return
    where = str(project.metadata)
    if described.id and not _ABSOLUTE.fullmatch(described.id):
        what = f"@id: {described.id!r} is not an absolute IRI, so the dataset has no name in the graph"
        yield Problem(where, what, "write the whole IRI of the dataset", level="warning", file=where)
    for term in sorted({triple[2] for triple in describe_dataset(conversion) if triple[2].startswith("<file:")}):
        what = f"{term[1:-1]!r} is a file of this machine, and nobody else can open it"
        yield Problem(where, what, "write the whole address", level="warning", file=where)


def _file_of(project: Project, url: str) -> Path:
    """Find the file of a table by its address: on this machine, or beside the description that names it."""
    path = unquote(urlsplit(url).path)
    return Path(path) if url.startswith("file:") else project.metadata.with_name(path.rpartition("/")[2])
