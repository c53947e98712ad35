"""Writes graphs with the engine's serializer, and keeps the case of language tags, which its parser lowers.

The serializer is given N-Quads. Tags with capitals are replaced by private tags that occur nowhere else, and put back
in what was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from glocal_rdf.lazy import pl
from glocal_rdf.triples import terms
from glocal_rdf.triples.formats.language_tags import find_mark
from glocal_rdf.triples.formats.ntriples import write_ntriples

__all__ = ["serialize"]


def serialize(frame: pl.DataFrame, ending: str, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Write triples, or quads with a column `graph`, sorted, so that the same graph gives the same bytes.

    Args:
        frame: The columns `subject`, `predicate` and `object`, and `graph` where there are named graphs.
        ending: The file ending by which the engine knows the format.
        prefixes: Namespaces by prefix, to be declared.
    """
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    frame = frame.sort("graph", "subject", "predicate", "object") if "graph" in frame.columns else frame.sort(pl.all())
    lines = write_ntriples(frame)
    tags = frame.select(terms.language(pl.col("object")).unique().sort().drop_nulls()).to_series()
    capital = [tag for tag in tags if tag != tag.lower()]
    if capital:
        mark = find_mark(lines)
        marks = {f'"@{tag}': f'"@{mark}{index}e' for index, tag in enumerate(capital)}
        tag = pl.col("object").str.extract(r'("@[A-Za-z0-9-]+)$')
        body = pl.col("object").str.strip_suffix(tag)
        marked = pl.concat_str(body, tag.replace_strict(marks, default=None, return_dtype=pl.String))
        lines = write_ntriples(frame.with_columns(pl.coalesce(marked, "object").alias("object")))
    quads = pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_QUADS)
    wanted = pyoxigraph.RdfFormat.from_extension(ending)
    written = pyoxigraph.serialize(quads, format=wanted, prefixes=dict(prefixes or {})) or b""
    if capital:
        written = re.sub(rb"%s(\d+)e" % mark.encode(), lambda match: capital[int(match[1])].encode(), written)
    return written
