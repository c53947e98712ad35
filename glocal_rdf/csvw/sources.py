"""Opens a source: locates and reads its description, and returns the job that processes its tables.

Model for Tabular Data, sections 5 (locating metadata) and 6.1 (creating annotated tables).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from glocal_rdf.csvw.description.decisions import read_open_decisions
from glocal_rdf.csvw.engine import Job
from glocal_rdf.csvw.keys import check_targets
from glocal_rdf.csvw.metadata.discovery import (
    allow_base,
    encode_file_name,
    fit_given,
    locate_metadata,
    rename_source,
    rename_table,
)
from glocal_rdf.csvw.metadata.model import Table, TableGroup
from glocal_rdf.csvw.metadata.reader import read_metadata
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.resources import Access, Fetch, parse_json
from glocal_rdf.errors import Problem, TableError
from glocal_rdf.triples import iris

__all__ = ["open_job"]


def open_job(
    source: str | Path,
    *,
    metadata: str | Path | dict[str, Any] | None = None,
    fetch: Fetch | None = None,
    base: str | None = None,
    prefixes: Mapping[str, str] | None = None,
    strict: bool = False,
    access: Access | None = None,
) -> Job:
    """Return the job for a source: a metadata document, or a table with the metadata that belongs to it.

    Args:
        source: As in `glocal_rdf.csvw.convert`, which explains the others too.
        metadata: A description that replaces the one that would be located.
        fetch: Requests addresses.
        base: The address that stands for the source.
        prefixes: Prefixes that a project declares.
        strict: Whether to follow the letter of the Recommendation where it makes data worse.
        access: Opens the source and what it refers to; by default files beside it, and addresses by `fetch`.

    Raises:
        InputError: Where a file is missing.
        TableError: With all errors, where the description is invalid.
    """
    access = access or Access.to(source, base, fetch)
    problems = ProblemCollector(access.name_of(access.url))
    found = _find_description(access, metadata, problems, based=base is not None)
    if found is None:
        url = _with_fragment(access.url.partition("#")[0], access.fragment)
        table = Table(url=url, described=False, prefixes=prefixes or {})
        return Job(access, TableGroup((table,)), problems, strict)
    url, document, renamed = found
    allow_base(access, document, url)
    group = read_metadata(
        document,
        url,
        problems,
        lambda u: parse_json(access.open(u)),
        resolve_link=access.resolve_link,
        prefixes=prefixes,
        strict=strict,
    )
    group = replace(group, tables=tuple(rename_table(t, renamed) for t in group.tables))
    if access.fragment:
        group = _only_sheet(access, group)
    check_targets(group.tables, problems, strict=strict)
    problems.items += _open_decisions(access, document, problems.file)
    if problems.failed:
        raise TableError(*problems.all())
    return Job(access, group, problems, strict)


def _open_decisions(access: Access, document: Any, file: str) -> list[Problem]:
    """Return a warning for each open decision about the tables of the source."""
    decisions = read_open_decisions(document)
    if access.fragment:
        wanted = unquote(access.fragment)
        decisions = tuple(d for d in decisions if unquote(d.table.partition("#")[2]) == wanted)
    return [decision.as_problem(file) for decision in decisions]


def _find_description(
    access: Access, metadata: str | Path | dict[str, Any] | None, problems: ProblemCollector, *, based: bool
) -> tuple[str, Any, dict[str, str]] | None:
    """Return the address and the content of the description of a source, or None if it has none.

    The last of the result tells which of its addresses stand for the source (`rename_source`). `based`: the source has
    an address that the user chose.
    """
    if _is_metadata(access):
        return access.url, access.load_json(access.url), {}
    if metadata is not None:
        url, document = _load_given(access, metadata)
        problems.file = access.name_of(url) if isinstance(metadata, str | Path) else "metadata"
        # The address of the source may change here, and the address of the document is what it was before.
        return url, *fit_given(access, document, url, problems, based=based)
    resource = access.open(access.url)
    resource.stream.close()
    if "json" in resource.content_type:
        return access.url, access.load_json(access.url), {}
    located = locate_metadata(access, resource, problems)
    if located is None:
        return None
    url, document = located
    renamed = rename_source(access, document, url, based=based)
    problems.file = access.name_of(url)
    return url, document, renamed


def _is_metadata(access: Access) -> bool:
    name = access.path.name if access.path is not None else iris.split(access.url)[2]
    return name.lower().endswith((".json", ".jsonld", ".csvm"))


def _with_fragment(url: str, fragment: str) -> str:
    return f"{url}#{iris.encode(fragment)}" if fragment else url


def _only_sheet(access: Access, group: TableGroup) -> TableGroup:
    """Return the group with the table of the sheet that the source names alone.

    Raises:
        TableError: Where it has none.
    """
    wanted = unquote(access.fragment)
    tables = tuple(t for t in group.tables if unquote(t.url.partition("#")[2]) == wanted)
    if not tables:
        hint = f'give a table the "url" {access.name_of(access.url)}#{access.fragment}, or name it with --metadata'
        raise TableError.at(access.name_of(access.url), f"its description has no table for #{wanted}", hint)
    return replace(group, tables=tables)


def _load_given(access: Access, metadata: str | Path | dict[str, Any]) -> tuple[str, Any]:
    """Return the address and the content of a description that the user gives, by path, address or as an object.

    A file counts as one beside the source, since relative addresses in it are resolved against that.
    """
    if isinstance(metadata, dict):
        return access.url, metadata
    text = str(metadata)
    if isinstance(metadata, str) and "://" in text and not text.startswith("file:"):
        return text, access.load_json(text)
    other = Access.to(metadata, None, access.fetch)
    document = other.load_json(other.url)
    if (
        access.path is not None
        and other.path is not None
        and access.path.parent.resolve() == other.path.parent.resolve()
    ):
        return iris.resolve(access.url, encode_file_name(Path(text).name)), document
    return iris.resolve(access.url, "metadata.json"), document
