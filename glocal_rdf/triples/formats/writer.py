"""Writing RDF: three columns of terms become bytes of a format."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from glocal_rdf.errors import OutputError
from glocal_rdf.files import open_output, write_bytes
from glocal_rdf.triples import terms
from glocal_rdf.triples.formats import jsonld, rdfxml
from glocal_rdf.triples.formats.language_tags import find_mark
from glocal_rdf.triples.formats.registry import Format, find_format
from glocal_rdf.triples.formats.turtle import write_turtle
from glocal_rdf.triples.prefixes import choose_prefixes, shorten

__all__ = ["serialize_frame", "write_frame", "write_jsonld", "write_lines"]

_LINES: Final = ("ntriples", "nquads")


def serialize_frame(frame: pl.DataFrame, form: Format, prefixes: Mapping[str, str] | None) -> bytes:
    """Write a graph in a format; raises OutputError where the format cannot hold it."""
    if form.name in _LINES:
        return write_lines(frame)
    if form.name in ("turtle", "trig"):
        return write_turtle(frame, prefixes)
    return _serialize(frame, form, prefixes)


def write_lines(frame: pl.DataFrame) -> bytes:
    """Write canonical N-Triples, or N-Quads where there is a column `graph`, null in the default graph."""
    out = io.BytesIO()
    _write_lines(frame, out)
    return out.getvalue()


def write_frame(frame: pl.DataFrame, path: Path, form: Format, prefixes: Mapping[str, str] | None) -> None:
    """Write a graph to a file, whole or not at all; lines go there at once, without being held in memory.

    Raises OutputError where the format cannot hold the graph, or the file cannot be written.
    """
    if form.name in _LINES:
        with open_output(path) as file:
            _write_lines(frame, file)
    else:
        write_bytes(serialize_frame(frame, form, prefixes), path)


def _write_lines(frame: pl.DataFrame, out: BinaryIO) -> None:
    if "graph" in frame.columns:
        end = pl.concat_str(pl.col("graph"), pl.lit(" .")).fill_null(".")
        frame = frame.select("subject", "predicate", "object", end.alias("end"))
    else:
        frame = frame.with_columns(end=pl.lit("."))
    frame.write_csv(out, separator=" ", include_header=False, quote_style="never")


def write_jsonld(quads: pl.DataFrame, prefixes: Mapping[str, str] | None) -> bytes:
    """Write quads (a graph's columns, and `graph`) as JSON-LD."""
    form = find_format("jsonld", None, OutputError)
    return _serialize(quads, form, prefixes)


def _serialize(frame: pl.DataFrame, form: Format, prefixes: Mapping[str, str] | None) -> bytes:
    """Let the serializer write, from sorted triples, so that the same graph gives the same bytes.

    It is given N-Triples, and the parser that reads these lowers language tags: those with capitals are replaced by
    private tags that occur nowhere else, and put back in what was written.
    """
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    frame = frame.sort("graph", "subject", "predicate", "object") if "graph" in frame.columns else frame.sort(pl.all())
    declared: dict[str, str] = {}
    if form.name == "rdfxml":
        rdfxml.check_writable(frame)
        frame = rdfxml.name_blanks(rdfxml.hide_types(frame))
        declared = _find_prefixes(frame, prefixes)
    lines = write_lines(frame)
    tags = frame.select(terms.language(pl.col("object")).unique().sort().drop_nulls()).to_series()
    capital = [tag for tag in tags if tag != tag.lower()]
    if capital:
        mark = find_mark(lines)
        marks = {f'"@{tag}': f'"@{mark}{index}e' for index, tag in enumerate(capital)}
        tag = pl.col("object").str.extract(r'("@[A-Za-z0-9-]+)$')
        body = pl.col("object").str.strip_suffix(tag)
        marked = pl.concat_str(body, tag.replace_strict(marks, default=None, return_dtype=pl.String))
        lines = write_lines(frame.with_columns(pl.coalesce(marked, "object").alias("object")))
    quads = pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_QUADS)
    wanted = pyoxigraph.RdfFormat.from_extension(form.parser)
    written = pyoxigraph.serialize(quads, format=wanted, prefixes=declared) or b""
    if capital:
        written = re.sub(rb"%s(\d+)e" % mark.encode(), lambda match: capital[int(match[1])].encode(), written)
    if form.name == "rdfxml":
        return rdfxml.finish(written)
    return jsonld.compact_document(written, jsonld.usable_prefixes(frame, choose_prefixes(prefixes)))


def _find_prefixes(frame: pl.DataFrame, prefixes: Mapping[str, str] | None) -> dict[str, str]:
    """List the prefixes for the names of elements: predicates and types."""
    namespaces = choose_prefixes(prefixes)
    types = frame.filter(pl.col("predicate") == rdfxml.TYPE)["object"].unique()
    iris = pl.concat([frame["predicate"].unique(), types]).unique()
    used = shorten(iris.filter(iris.str.starts_with("<")), namespaces)["prefix"].drop_nulls().unique().sort()
    known = {prefix: namespace for namespace, prefix in namespaces.items()}
    return {prefix: known[prefix] for prefix in used if prefix and prefix != "rdf" and not prefix.startswith("xml")}
