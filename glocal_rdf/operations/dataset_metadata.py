"""Describes a project's dataset as RDF by the common properties of its table group; finds metadata without effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from glocal_rdf import csvw
from glocal_rdf.csvw.rdf.standard_mode import Annotator
from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import DCAT, RDF_TYPE, term
from glocal_rdf.operations.dataset_terms import check_common_properties
from glocal_rdf.project import Project
from glocal_rdf.source_graphs import is_public_iri
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.csvw.metadata.model import Table, TableGroup

__all__ = ["describe_dataset", "find_dataset_iri", "find_unused_metadata", "list_titles"]

DATASET: Final = term(DCAT, "Dataset")


def describe_dataset(conversion: csvw.Conversion) -> Triples:
    """Return the description of a dataset (dcat:Dataset): the common properties of its table group.

    Its IRI is the `@id` of the table group; without one it is a blank node. Without common properties the result is
    empty.

    https://www.w3.org/TR/tabular-metadata/#common-properties
    """
    described = _described(conversion)
    if described is None or not described.annotations:
        return Triples.empty()
    node = f"<{described.id}>" if described.id and is_public_iri(described.id) else "_:dataset"
    return Triples.from_terms([(node, RDF_TYPE, DATASET), *Annotator().annotations(node, described.annotations)])


def find_dataset_iri(conversion: csvw.Conversion) -> str:
    """Return the IRI of the dataset, or the empty text where its description gives none."""
    described = _described(conversion)
    return described.id if described is not None and described.id and is_public_iri(described.id) else ""


def _described(conversion: csvw.Conversion) -> TableGroup | Table | None:
    """Return what has the common properties: the group, or its only table where the group has none."""
    group = conversion.group
    if group is None or group.id or group.annotations or len(group.tables) != 1:
        return group
    return group.tables[0]


def find_unused_metadata(project: Project, conversion: csvw.Conversion) -> Iterator[Problem]:
    """Yield warnings of files that are not read, and of an `@id` or value that is a file of this machine."""
    group, described = conversion.group, _described(conversion)
    tables = [_file_of(project, table.url) for table in group.tables] if group else []
    yield from project.find_unread(tables)
    if group is not None:
        yield from check_common_properties(group.annotations, str(project.metadata))
        for table in group.tables:
            yield from check_common_properties(table.annotations, f"{project.metadata}: {table.url.rpartition('/')[2]}")
    if described is None or not described.annotations:
        return
    where = str(project.metadata)
    if described.id and not is_public_iri(described.id):
        what = f"@id: {described.id!r} is not an absolute IRI, so the dataset has no name in the graph"
        yield Problem(where, what, "write the whole IRI of the dataset", level="warning", file=where)
    for value in sorted({triple[2] for triple in describe_dataset(conversion) if triple[2].startswith("<file:")}):
        what = f"{value[1:-1]!r} is a file of this machine, which others cannot open"
        yield Problem(where, what, "write the whole address", level="warning", file=where)


def _file_of(project: Project, url: str) -> Path:
    """Return the file of a table: that of a `file:` address, or else the one beside the description of its name."""
    path = unquote(urlsplit(url).path)
    return Path(path) if url.startswith("file:") else project.metadata.with_name(path.rpartition("/")[2])


def list_titles(project: Project) -> tuple[tuple[str, str], ...]:
    """Return the titles of a project's dataset, each with its language; none where its description has none."""
    found = []
    for key, value in project.description.items():
        if key.partition(":")[2] == "title":
            for one in value if isinstance(value, list) else [value]:
                text = one.get("@value", "") if isinstance(one, dict) else one
                tag = one.get("@language", "") if isinstance(one, dict) else ""
                found.append((str(text), str(tag)))
    return tuple(found)
