"""The data beside each page: the same graph in every format, `taipei.ttl` beside `taipei.html`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from glocal_rdf.errors import OutputError, Problem
from glocal_rdf.publish.page_graphs import describe_documents
from glocal_rdf.publish.site import Alternate, Contribution, File, Site
from glocal_rdf.triples.formats.registry import Format, find_format
from glocal_rdf.triples.groups import write_groups

__all__ = ["contribute", "find_alternates"]

_CHUNK: Final = 4000
"""How many pages' data are written together: few enough for any memory, enough that columns are worth it."""

_MAX_PROBLEMS: Final = 20


def contribute(site: Site) -> Contribution:
    """Return the files of data beside the pages of a site."""
    return Contribution(write=_write, make=_write, problems=tuple(_list_problems(site)))


def find_alternates(site: Site, path: str) -> tuple[Alternate, ...]:
    """Return the files of data beside a page.

    Args:
        site: The site.
        path: The path of the page.
    """
    return tuple(
        Alternate(form.media_type, f"{path}.{form.endings[0]}", form.title)
        for form in _list_formats(site)
        if path not in site.unwritable[form.name]
    )


def _list_formats(site: Site) -> tuple[Format, ...]:
    return tuple(find_format(name, None, OutputError) for name in site.formats)


def _list_problems(site: Site) -> Iterator[Problem]:
    for form in _list_formats(site):
        pages = sorted(site.unwritable[form.name])
        for path in pages[:_MAX_PROBLEMS]:
            where = f"{path}.{form.endings[0]}"
            yield Problem(where, f"{form.title} cannot hold this graph, and it is left out", "use another format")
        if rest := pages[_MAX_PROBLEMS:]:
            yield Problem("", f"{len(rest):,} further files of {form.title} are left out", "use another format")


def _write(site: Site, only: Sequence[str] | None = None) -> Iterator[File]:
    """Yield the data beside all pages, or beside some."""
    forms = _list_formats(site)
    if not forms:
        return
    every = {site.addresses[f"<{source.iri}>"]: source.triples.frame for source in site.built.source_graphs}
    frame = site.statements if only is None else site.statements.filter(pl.col("group").is_in(list(only)))
    groups = frame["group"].unique(maintain_order=True)
    groups = groups.filter(~groups.is_in(list(every)))
    sources = {path: triples for path, triples in every.items() if only is None or path in only}
    for start in range(0, len(groups), _CHUNK):
        some = groups[start : start + _CHUNK]
        yield from _write_part(site, forms, frame.join(some.to_frame(), on="group", how="semi"))
    for path, triples in sources.items():
        own = pl.concat([frame.filter(pl.col("group") == path), triples.with_columns(group=pl.lit(path))])
        about = describe_documents(site, {path: site.topics[path]})
        graph = pl.concat([own, about]).select("subject", "predicate", "object").unique(maintain_order=True)
        for form in forms:
            if path not in site.unwritable[form.name]:
                yield File(f"{path}.{form.endings[0]}", form.write(graph.sort(pl.all()), site.prefixes))


def _write_part(site: Site, forms: tuple[Format, ...], frame: pl.DataFrame) -> Iterator[File]:
    topics = {path: site.topics[path] for path in frame["group"].unique() if path in site.topics}
    whole = pl.concat([frame, describe_documents(site, topics)])
    for form in forms:
        left_out = site.unwritable[form.name]
        kept = whole.filter(~pl.col("group").is_in(list(left_out))) if left_out else whole
        for path, content in write_groups(kept, form, site.prefixes):
            yield File(f"{path}.{form.endings[0]}", content)
