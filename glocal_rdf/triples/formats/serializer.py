"""Writes graphs with the engine's serializer, and keeps the case of language tags, which its parser lowers.

The serializer is given N-Quads. Tags with capitals are replaced by private tags that occur nowhere else, and put back
in what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from glocal_rdf.lazy import pl
from glocal_rdf.triples import terms
from glocal_rdf.triples.formats.language_tags import find_mark
from glocal_rdf.triples.formats.ntriples import write_ntriples

__all__ = ["serialize", "serialize_groups"]


def serialize(frame: pl.DataFrame, ending: str, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Write triples, or quads with a column `graph`, sorted, so that the same graph gives the same bytes.

    Args:
        frame: The columns `subject`, `predicate` and `object`, and `graph` where there are named graphs.
        ending: The file ending by which the engine knows the format.
        prefixes: Namespaces by prefix, to be declared.
    """
    frame = frame.sort("graph", "subject", "predicate", "object") if "graph" in frame.columns else frame.sort(pl.all())
    frame, restore = _mark_tags(frame, write_ntriples)
    return restore(_convert(write_ntriples(frame), ending, prefixes))


def serialize_groups(
    frame: pl.DataFrame, ending: str, prefixes: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> Iterator[tuple[str, bytes]]:
    """Write each group of triples as `serialize` writes it alone, sorted by group.

    Args:
        frame: The columns `subject`, `predicate`, `object` and `group`.
        ending: The file ending by which the engine knows the format.
        prefixes: For each group, namespaces by prefix, to be declared.
    """
    terms = ("subject", "predicate", "object")
    frame, restore = _mark_tags(frame.sort("group", *terms), lambda given: write_ntriples(given.select(terms)))
    lines = frame.select("group", line=pl.concat_str(*terms, pl.lit("."), separator=" "))
    for group, text in lines.group_by("group", maintain_order=True).agg(pl.col("line").str.join("\n")).iter_rows():
        yield group, restore(_convert(text.encode(), ending, prefixes.get(group)))


def _convert(lines: bytes, ending: str, prefixes: Mapping[str, str] | None) -> bytes:
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    quads = pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_QUADS)
    wanted = pyoxigraph.RdfFormat.from_extension(ending)
    return pyoxigraph.serialize(quads, format=wanted, prefixes=dict(prefixes or {})) or b""


def _mark_tags(
    frame: pl.DataFrame, write: Callable[[pl.DataFrame], bytes]
) -> tuple[pl.DataFrame, Callable[[bytes], bytes]]:
    """Replace language tags with capitals by private ones; return what puts them back into what was written."""
    tags = frame.select(terms.language(pl.col("object")).unique().sort().drop_nulls()).to_series()
    capital = [tag for tag in tags if tag != tag.lower()]
    if not capital:
        return frame, lambda written: written
    mark = find_mark(write(frame))
    marks = {f'"@{tag}': f'"@{mark}{index}e' for index, tag in enumerate(capital)}
    tag = pl.col("object").str.extract(r'("@[A-Za-z0-9-]+)$')
    body = pl.col("object").str.strip_suffix(tag)
    marked = pl.concat_str(body, tag.replace_strict(marks, default=None, return_dtype=pl.String))
    pattern = re.compile(rb"%s(\d+)e" % mark.encode())
    frame = frame.with_columns(pl.coalesce(marked, "object").alias("object"))
    return frame, lambda written: pattern.sub(lambda match: capital[int(match[1])].encode(), written)
