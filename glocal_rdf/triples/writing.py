"""Writing RDF: three columns of terms become bytes of a format, and bytes become a file, whole or not at all."""

from __future__ import annotations

import gzip
import io
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from glocal_rdf.errors import OutputError
from glocal_rdf.triples import terms
from glocal_rdf.triples.formats import Format
from glocal_rdf.triples.turtle import write_turtle

__all__ = ["serialize_frame", "write_bytes"]


def serialize_frame(frame: pl.DataFrame, form: Format, prefixes: Mapping[str, str] | None) -> bytes:
    """Write a graph in a format; raises OutputError where the format cannot hold it."""
    if form.name in ("ntriples", "nquads"):
        return write_lines(frame)
    if form.name in ("turtle", "trig"):
        return write_turtle(frame, prefixes)
    return _serialize(frame, form, prefixes)


def write_lines(frame: pl.DataFrame) -> bytes:
    """Write canonical N-Triples."""
    out = io.BytesIO()
    frame.with_columns(end=pl.lit(".")).write_csv(out, separator=" ", include_header=False, quote_style="never")
    return out.getvalue()


def _serialize(frame: pl.DataFrame, form: Format, prefixes: Mapping[str, str] | None) -> bytes:
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    lines = write_lines(frame)
    tags = frame.select(terms.language(pl.col("object")).unique().drop_nulls()).to_series()
    odd = sorted(tag for tag in tags if tag != tag.lower())
    lowered = lines.lower() if odd else b""
    number = next(number for number in range(len(lines) + 2) if b"x-m%d-" % number not in lowered)
    marks = {f'"@{tag} .\n'.encode(): b'"@x-m%d-%d .\n' % (number, index) for index, tag in enumerate(odd)}
    for tag, mark in marks.items():
        lines = lines.replace(tag, mark)
    quads = pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_TRIPLES)
    parser = pyoxigraph.RdfFormat.from_extension(form.parser)
    written = pyoxigraph.serialize(quads, format=parser, prefixes=dict(prefixes or {})) or b""
    return re.sub(rb"x-m%d-(\d+)" % number, lambda match: odd[int(match[1])].encode(), written) if odd else written


def write_bytes(data: bytes, path: Path) -> None:
    """Write a file beside its place and rename it, so that there is the whole of it or what was there before.

    Packed when the name ends with `.gz`, with no time in it. Raises OutputError, and leaves nothing behind.
    """
    if path.suffix.lower() == ".gz":
        data = gzip.compress(data, mtime=0)
    if path.is_dir():
        raise OutputError.at(path, "is a folder", "name a file")
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        try:
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except FileNotFoundError as error:
        raise OutputError.at(path, "its folder does not exist", "make the folder first") from error
    except PermissionError as error:
        raise OutputError.at(path, "may not be written", "choose another place, or allow writing there") from error
    except (OSError, ValueError) as error:
        raise OutputError.at(path, f"cannot be written: {getattr(error, 'strerror', None) or error}") from error
