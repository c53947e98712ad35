"""A page for everything that the graph describes: its names, and its statements, outgoing and incoming."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from glocal_rdf.namespaces import RDF, term
from glocal_rdf.publish.data_files import find_alternates
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, File, Page, Site

__all__ = ["contribute", "make_page"]

MAX_INCOMING: Final = 200
"""How many incoming statements of one predicate are listed; the number of all is given."""


def contribute(_site: Site) -> Contribution:
    """Return the pages of all things and terms of a site."""
    return Contribution(write=_write)


def make_page(site: Site, resource: str, kind: str) -> Page:
    """Return the page of a resource.

    Args:
        site: The site.
        resource: Its term.
        kind: Its kind (see `resources.KINDS`).
    """
    path = site.addresses[resource]
    return Page(
        path=path,
        titles=site.titles_of(resource),
        iri=resource[1:-1],
        kind=kind,
        alternates=find_alternates(site, path),
    )


def _write(site: Site) -> Iterator[File]:
    renderer = Renderer(site)
    frame = site.graph.frame
    own = site.resources.select("term")
    outgoing = _group(frame.sort("subject", "predicate", "object"), "subject", "object")
    here = _find_parts(site)
    parts = frame.filter(pl.col("predicate") == term(RDF, "subject")).select("subject")
    links = frame.join(own, left_on="object", right_on="term", how="semi").join(parts, on="subject", how="anti")
    incoming = _group(links.sort("object", "predicate", "subject"), "object", "subject")
    for resource, kind in site.resources.iter_rows():
        yield from renderer.render(
            make_page(site, resource, kind),
            "thing.html",
            statements=outgoing.get(resource, {}),
            parts=[(fragment, one, outgoing.get(one, {})) for fragment, one in here.get(site.addresses[resource], ())],
            incoming=incoming.get(resource, {}),
            limit=MAX_INCOMING,
        )


def _find_parts(site: Site) -> Mapping[str, list[tuple[str, str]]]:
    """Return what is described on each page besides what it is about: fragments and terms, by the path of the page."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one, address in site.addresses.items():
        path, mark, fragment = address.partition("#")
        if mark:
            found.setdefault(path, []).append((fragment, one))
    return {path: sorted(parts) for path, parts in found.items()}


def _group(rows: pl.DataFrame, by: str, value: str) -> Mapping[str, Mapping[str, list[str]]]:
    """Return the values of each predicate, by resource."""
    found: dict[str, dict[str, list[str]]] = {}
    lists = rows.group_by(by, "predicate", maintain_order=True).agg(pl.col(value))
    for resource, predicate, values in lists.iter_rows():
        found.setdefault(resource, {})[predicate] = values
    return found
