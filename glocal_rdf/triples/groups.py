"""Writes many small graphs in one go: each group of the rows of a frame as a graph of its own, as a format writes it.

A writer of a format takes some milliseconds for the smallest graph, since it works in columns. Here the columns are
those of all graphs together, and only the last step is done for each: joining its lines, or handing them to the
engine's serializer. The bytes are those that the writer of the format gives for the graph alone. A graph with blank
nodes, which Turtle nests, is given to that writer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.triples.formats import jsonld, rdfxml, turtle
from glocal_rdf.triples.formats.registry import Format
from glocal_rdf.triples.formats.serializer import serialize_groups
from glocal_rdf.triples.prefixes import choose_prefixes, shorten

__all__ = ["write_groups"]

_TERMS: Final = ("subject", "predicate", "object")
_HAS_BLANK: Final = pl.col("subject").str.starts_with("_:") | pl.col("object").str.starts_with("_:")


def write_groups(
    frame: pl.DataFrame, form: Format, prefixes: Mapping[str, str] | None = None
) -> Iterator[tuple[str, bytes]]:
    r"""Yield each group of rows as a file: those without blank nodes first, each sorted by group.

    Args:
        frame: The columns `subject`, `predicate` and `object`, and `group`; each triple once, a subject in one group.
        form: The format.
        prefixes: Namespaces by prefix.

    Yields:
        The group, and what `Format.write` gives for its triples alone; they are sorted, where it keeps their order.

    Raises:
        OutputError: Where the format cannot hold one of the graphs.

    Examples:
        >>> from glocal_rdf.triples.formats.registry import FORMATS
        >>> rows = [("<urn:a>", "<urn:p>", '"1"', "x"), ("<urn:b>", "<urn:p>", '"2"', "y")]
        >>> frame = pl.DataFrame(rows, schema=["subject", "predicate", "object", "group"], orient="row")
        >>> dict(write_groups(frame, FORMATS[0]))
        {'x': b'<urn:a> <urn:p> "1" .\n', 'y': b'<urn:b> <urn:p> "2" .\n'}
    """
    several = _SEVERAL.get(form.name)
    alone = frame.filter(_HAS_BLANK)["group"].unique() if several else frame["group"].unique()
    apart = pl.col("group").is_in(alone.implode())
    together = frame.filter(~apart)
    if several and together.height:
        yield from several(together, choose_prefixes(prefixes))
    for (group,), part in (
        frame.filter(apart).sort("group", *_TERMS).partition_by("group", as_dict=True, include_key=False).items()
    ):
        yield str(group), form.write(part.select(_TERMS), prefixes)


def _write_ntriples(frame: pl.DataFrame, _namespaces: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    lines = frame.sort("group", *_TERMS).select("group", line=pl.concat_str(*_TERMS, pl.lit("."), separator=" "))
    # A file keeps the order of its rows, which is sorted here: it is the same whatever the order of the rows was.
    for group, text in _join_lines(lines):
        yield group, text.encode()


def _write_turtle(frame: pl.DataFrame, namespaces: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    known = {prefix: namespace for namespace, prefix in namespaces.items()}
    lines, used = turtle.lay_out_groups(frame, namespaces)
    heads = dict(used.group_by("group").agg(pl.col("prefix").unique().sort()).iter_rows())
    for group, text in _join_lines(lines):
        head = "".join(f"@prefix {prefix}: <{known[prefix]}> .\n" for prefix in heads.get(group, ()))
        body = text.lstrip("\n")
        yield group, (f"{head}\n{body}" if head else body).encode()


def _join_lines(lines: pl.DataFrame) -> Iterator[tuple[str, str]]:
    joined = lines.group_by("group", maintain_order=True).agg(pl.col("line").str.join("\n"))
    return ((group, f"{text}\n") for group, text in joined.iter_rows())


def _write_jsonld(frame: pl.DataFrame, namespaces: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    usable = jsonld.usable_prefixes(frame.select(_TERMS), namespaces)
    for group, expanded in serialize_groups(frame, "jsonld"):
        yield group, jsonld.compact_document(expanded, usable)


def _write_rdfxml(frame: pl.DataFrame, namespaces: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    rdfxml.check_writable(frame)
    types = frame.filter(pl.col("predicate") == RDF_TYPE).select("group", term="object")
    elements = pl.concat([frame.select("group", term="predicate"), types]).unique()
    elements = elements.filter(pl.col("term").str.starts_with("<"))
    short = shorten(elements["term"].unique(), namespaces).select("term", "prefix").drop_nulls()
    used = elements.join(short, on="term").group_by("group").agg(pl.col("prefix").unique().sort())
    prefixes = {group: rdfxml.declare(names, namespaces) for group, names in used.iter_rows()}
    for group, written in serialize_groups(rdfxml.hide_types(frame), "rdf", prefixes):
        yield group, rdfxml.finish(written)


_SEVERAL: Final = {
    "ntriples": _write_ntriples,
    "turtle": _write_turtle,
    "jsonld": _write_jsonld,
    "rdfxml": _write_rdfxml,
}
"""What writes the groups of a format together; those of any other format are written one by one."""
