"""Finds the metadata that belongs to a table (Model for Tabular Data, section 5).

The first found is used: what the user gives, then the Link header, then the site's or the default locations. Metadata
that does not name the table is passed over with a warning.
"""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import polars as pl

from glocal_rdf.csvw.access import Access, Resource, normalize_url, parse_json
from glocal_rdf.csvw.findings import Findings
from glocal_rdf.csvw.templates import expand, parse_template
from glocal_rdf.errors import InputError

_DEFAULTS = ("{+url}-metadata.json", "csv-metadata.json")
_TYPES = {"", "application/csvm+json", "application/ld+json", "application/json"}


def encode_file_name(name: str) -> str:
    """Return the relative URL of a file by its name: all but letters, digits and "-._~" are percent-encoded.

    >>> encode_file_name("100% of Größe #1.csv")
    '100%25%20of%20Gr%C3%B6%C3%9Fe%20%231.csv'
    """
    return quote(os.fsencode(name), safe="")


def locate_metadata(access: Access, table: Resource, findings: Findings) -> tuple[str, Any] | None:
    """Return the address and content of the metadata for a table, or None if there is none."""
    url = urldefrag(access.url).url
    for candidate in [*_linked(table, url), *_configured(access, url)]:
        try:
            found = access.find(candidate)
            document = None if found is None else parse_json(found)
        except InputError as error:
            if urlsplit(candidate).scheme == "file" or candidate not in _linked(table, url):
                raise
            findings.warning("metadata", str(error), "it is ignored")
            continue
        if document is None:
            continue
        if describes(document, candidate, url):
            return candidate, document
        findings.warning(
            "metadata", f"{access.name_of(candidate)} does not describe {access.name_of(url)}", "it is ignored"
        )
    return None


def describes(document: Any, where: str, url: str) -> bool:
    """Tell whether a metadata document names a table by its address."""
    if not isinstance(document, dict):
        return False
    context = document.get("@context")
    local = context[1] if isinstance(context, list) and len(context) > 1 and isinstance(context[1], dict) else {}
    base = urljoin(where, local["@base"]) if isinstance(local.get("@base"), str) else where
    tables = document.get("tables", [document])
    if not isinstance(tables, list):
        return False
    links = [t["url"] for t in tables if isinstance(t, dict) and isinstance(t.get("url"), str)]
    return any(normalize_url(urljoin(base, link)) == normalize_url(url) for link in links)


def _linked(table: Resource, url: str) -> list[str]:
    """Return the address of the last Link header that describes the table, if any."""
    found: list[str] = []
    for header in table.links:
        for match in re.finditer(r"<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,]+))*)", header):
            fields = dict(re.findall(r"([\w*-]+)\s*=\s*\"?([^\";,]*)\"?", match[2]))
            if "describedby" in fields.get("rel", "").lower().split() and fields.get("type", "").strip() in _TYPES:
                found.append(urljoin(url, match[1]))
    return found[-1:]


def _configured(access: Access, url: str) -> list[str]:
    """Return where the site, or else the default, says that metadata are."""
    lines: tuple[str, ...] = _DEFAULTS
    if urlsplit(url).scheme in {"http", "https"} and access.path is None:
        site = access.find(urljoin(url, "/.well-known/csvm"))
        if site is not None:
            with site.stream as stream:
                lines = tuple(stream.read(1 << 16).decode("utf-8", "replace").split())
    found = []
    for line in lines:
        try:
            filled = pl.select(expand(parse_template(line), {"url": pl.lit(url)})).item()
        except InputError:
            continue
        found.append(urljoin(url, filled))
    return found
