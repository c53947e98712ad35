"""Finds the metadata that belongs to a table (Model for Tabular Data, section 5).

The first found is used: what the user gives, then the Link header, then the site's or the default locations. Metadata
that does not name the table is skipped with a warning.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import polars as pl

from glocal_rdf.csvw.metadata.model import Table
from glocal_rdf.csvw.metadata.vocabulary import CONTEXT
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.uri_templates import expand, parse_template
from glocal_rdf.csvw.tables.resources import Access, Resource, decode_path, normalize_url, parse_json
from glocal_rdf.errors import EndpointError, InputError
from glocal_rdf.triples import iris

__all__ = [
    "allow_base",
    "describes",
    "encode_file_name",
    "fit_given",
    "locate_metadata",
    "rename_source",
    "rename_table",
    "table_urls",
]

MAX_FILES_CHECKED = 200
MAX_SIZE_CHECKED = 4 << 20
"""How many files of a folder, and of which size, are checked for a description that is not used."""

_DEFAULTS = ("{+url}-metadata.json", "csv-metadata.json")
_TYPES = {"", "application/csvm+json", "application/ld+json", "application/json"}


def encode_file_name(name: str) -> str:
    """Return the relative URL of a file by its name: all but letters, digits and "-._~" are percent-encoded.

    Examples:
        >>> encode_file_name("100% of Größe #1.csv")
        '100%25%20of%20Gr%C3%B6%C3%9Fe%20%231.csv'
    """
    return quote(os.fsencode(name), safe="")


def locate_metadata(access: Access, table: Resource, problems: ProblemCollector) -> tuple[str, Any] | None:
    """Return the address and content of the metadata for a table, or None if there is none.

    A description beside a file that is not used is reported, with the reason.

    Args:
        access: The access to files and addresses.
        table: The table, as it was opened.
        problems: Takes what is wrong.
    """
    url = access.url.partition("#")[0]
    used: tuple[str, Any] | None = None
    linked = _linked(table, url)
    passed: set[str] = set()
    for candidate in _candidates(access, url, linked, problems):
        try:
            found = access.find(candidate)
            document = None if found is None else parse_json(found)
        except InputError as error:
            if iris.scheme_of(candidate) == "file" or candidate not in linked:
                raise
            problems.warning("metadata", str(error), "it is ignored")
            continue
        if found is None:
            continue
        if describes(access, document, candidate):
            used = candidate, document
            break
        passed.add(access.name_of(candidate))
        named = _tables_named(document)
        what = f"{access.name_of(candidate)} does not describe {access.name_of(url)}"
        if named:
            what += f": its url is {', '.join(repr(n[:80]) for n in named[:3])}"
        hint = "it is ignored"
        if access.path is not None:
            hint += (
                f'; write "url": "{encode_file_name(access.path.name)}", or give it with -m {access.name_of(candidate)}'
            )
        problems.warning("metadata", what, hint)
    if access.path is not None and access.fetch is None:
        _report_unused(access, problems, None if used is None else used[0], passed)
    return used


def describes(access: Access, document: Any, where: str) -> bool:
    """Return whether a metadata document names the source by its address, or by its file name in any form.

    Args:
        access: The access, with the address of the source.
        document: The parsed document.
        where: Its address.
    """
    return any(access.is_source(url) for url in table_urls(access, document, where))


def table_urls(access: Access, document: Any, where: str) -> list[str]:
    """Return the addresses of the tables that a metadata document at `where` describes.

    Args:
        access: The access to files and addresses.
        document: The parsed document.
        where: Its address.
    """
    if not isinstance(document, dict):
        return []
    allow_base(access, document, where)
    base = iris.resolve(where, iris.encode(_local_base(document)))
    return [access.resolve_link(base, link) for link in _tables_named(document)]


def allow_base(access: Access, document: Any, where: str) -> None:
    """Allow addresses under the `@base` of a document to stand for the files of the folder.

    Args:
        access: The access to files and addresses, which is changed.
        document: The parsed document.
        where: Its address.
    """
    base = _local_base(document) if isinstance(document, dict) else ""
    if base:
        access.alias(iris.resolve(where, iris.encode(base)))


def rename_source(access: Access, document: Any, where: str, *, based: bool) -> dict[str, str]:
    """Return the address that the user gave the source, by the address that the description has for it.

    Args:
        access: The access, with the address of the source.
        document: The parsed document.
        where: Its address.
        based: Whether the user gave the source an address.
    """
    if not based:
        return {}
    wanted = access.url.partition("#")[0]
    found = [u for u in table_urls(access, document, where) if access.is_source(u)]
    return {u.partition("#")[0]: wanted for u in found if normalize_url(u) != normalize_url(wanted)}


def rename_table(table: Table, renamed: dict[str, str]) -> Table:
    """Return a table with other addresses: `renamed` are the new ones by the old, also for its foreign keys."""
    if not renamed:
        return table
    schema = table.schema
    keys = tuple(
        replace(k, resource=_renamed(k.resource, renamed)) if k.resource is not None else k for k in schema.foreign_keys
    )
    return replace(table, url=_renamed(table.url, renamed), schema=replace(schema, foreign_keys=keys))


def _renamed(url: str, renamed: dict[str, str]) -> str:
    plain, mark, fragment = url.partition("#")
    return renamed.get(plain, plain) + mark + fragment


def fit_given(
    access: Access, document: Any, where: str, problems: ProblemCollector, *, based: bool
) -> tuple[Any, dict[str, str]]:
    """Apply a description that the user gives to the source, also where it names another address (Model, section 5.1).

    Args:
        access: The access, with the address of the source.
        document: The parsed document.
        where: Its address.
        problems: Takes what is wrong.
        based: Whether the user gave the source an address; without one, an address on the web becomes that of the
            source.

    Returns:
        The document, and the address of the source by the address that the document has for it.

    Raises:
        InputError: Where the description has several tables and none is the source.
    """
    if not isinstance(document, dict):
        return document, {}
    if not {"tables", "url"} & document.keys():
        return {**document, "url": access.url}, {}
    urls = table_urls(access, document, where)
    if any(access.is_source(u) for u in urls):
        return document, rename_source(access, document, where, based=based)
    if access.path is None or not urls:
        return document, {}
    here = access.name_of(access.url)
    same = [u for u in urls if decode_path(iris.split(u)[2].rpartition("/")[2]) == access.path.name]
    chosen = urls[0] if len(urls) == 1 else same[0] if len(same) == 1 else None
    if chosen is None:
        named = ", ".join(access.name_of(u)[:100] for u in urls[:5])
        raise InputError.at(problems.file, f"describes {named}, and not {here}", "name the file in one of its tables")
    plain = chosen.partition("#")[0]
    if not based and iris.scheme_of(plain) in {"http", "https"} and not iris.fault(plain):
        problems.warning("metadata", f"describes {plain}; {here} is read in its place, under that address", "")
        access.url = plain
        return document, {}
    what = f"describes {access.name_of(plain)}; {here} is read in its place"
    problems.warning("metadata", what, f'write "url": "{encode_file_name(access.path.name)}" if that is right')
    return document, {plain: access.url.partition("#")[0]}


def _local_base(document: dict[str, Any]) -> str:
    context = document.get("@context")
    local = context[1] if isinstance(context, list) and len(context) > 1 and isinstance(context[1], dict) else {}
    base = local.get("@base")
    return base if isinstance(base, str) else ""


def _tables_named(document: Any) -> list[str]:
    tables = document.get("tables", [document]) if isinstance(document, dict) else []
    if not isinstance(tables, list):
        return []
    return [t["url"] for t in tables if isinstance(t, dict) and isinstance(t.get("url"), str)]


def _report_unused(access: Access, problems: ProblemCollector, used: str | None, passed: set[str]) -> None:
    """Warn of descriptions of the source in its folder that are not used: another is found first, or by their names."""
    assert access.path is not None  # noqa: S101 - the caller has looked
    folder = iris.resolve(access.url, "./")
    try:
        beside = sorted(p for p in access.path.parent.iterdir() if p.suffix.lower() in {".json", ".jsonld", ".csvm"})
    except OSError:
        return
    known = None if used is None else access.name_of(used)
    for path in beside[:MAX_FILES_CHECKED]:
        where = folder + encode_file_name(path.name)
        name = access.name_of(where)
        if name == known or name in passed:
            continue
        try:
            if not path.is_file() or path.stat().st_size > MAX_SIZE_CHECKED:
                continue
            found = access.find(where)
            document = None if found is None else parse_json(found)
        except (OSError, InputError):
            continue
        context = document.get("@context") if isinstance(document, dict) else None
        if CONTEXT not in (context if isinstance(context, list) else [context]) or not describes(
            access, document, where
        ):
            continue
        what = f"{name} describes {access.name_of(access.url)} too, and is not used, since {known} is found first"
        hint = f"give it with -m {name}, or remove it"
        if known is None:
            what = f"{name} describes {access.name_of(access.url)}, and is not used, since that name is not looked for"
            hint = f"name it {access.path.name}-metadata.json, or give it with -m {name}"
        problems.warning("metadata", what, hint)


def _linked(table: Resource, url: str) -> list[str]:
    """Return the addresses of the Link headers that describe the table, the last one first (section 5.2)."""
    found: list[str] = []
    for header in table.links:
        for match in re.finditer(r"<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,]+))*)", header):
            fields = dict(re.findall(r"([\w*-]+)\s*=\s*\"?([^\";,]*)\"?", match[2]))
            if "describedby" in fields.get("rel", "").lower().split() and fields.get("type", "").strip() in _TYPES:
                found.append(iris.resolve(url, iris.encode(match[1])))
    return found[::-1]


def _candidates(access: Access, url: str, linked: list[str], problems: ProblemCollector) -> Iterator[str]:
    """Yield where metadata may be: the site is requested only if no Link header leads to any."""
    yield from linked
    yield from _configured(access, url, problems)


def _configured(access: Access, url: str, problems: ProblemCollector) -> list[str]:
    """Return the locations of metadata that the site configures, or else the default ones (section 5.3).

    The default ones hold for a site that answers with an error, as for one without a configuration.
    """
    lines: tuple[str, ...] = _DEFAULTS
    if access.path is not None:
        return [iris.resolve(url, f"{encode_file_name(access.path.name)}-metadata.json"),
                iris.resolve(url, "csv-metadata.json")]  # fmt: skip
    if iris.scheme_of(url) in {"http", "https"}:
        try:
            site = access.find(iris.resolve(url, "/.well-known/csvm"))
        except EndpointError as error:
            site = None
            problems.warning("metadata", str(error.problems[0]), "the default locations are used")
        if site is not None:
            with site.stream as stream:
                lines = tuple(stream.read(1 << 16).decode("utf-8", "replace").split())
    found = []
    for line in lines:
        try:
            filled = pl.select(expand(parse_template(line), {"url": pl.lit(url)})).item()
        except InputError:
            continue
        found.append(iris.resolve(url, iris.encode(filled)))
    return found
