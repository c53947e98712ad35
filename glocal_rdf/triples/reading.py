"""Reading RDF: bytes of any format become three columns of terms, and whatever is wrong is told with its place.

1. The bytes are taken from the file, unpacked when it ends with `.gz`, within a bound.
2. Canonical N-Triples are split in columns.
3. Everything else goes through the parser, whose output, written as canonical N-Quads, is split in the same way.
4. What the parser changes is put back: the case of language tags; and blank nodes without a label get one that
   depends on the bytes alone, so that the same file gives the same graph on every run.
"""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf.errors import InputError
from glocal_rdf.triples.formats import Format
from glocal_rdf.triples.lines import SCHEMA, split_lines
from glocal_rdf.triples.tags import restore_tags

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["parse_bytes", "read_bytes"]

_LARGEST: Final = 16 << 30
_SUSPICIOUS: Final = 64 << 20
_NO_BASE: Final = "x-no-base:/"


def read_bytes(path: Path) -> bytes:
    """Read a file, unpacked when its name ends with `.gz`.

    Raises InputError when it is missing, not readable, no gzip file, or unpacks to more than anyone would pack.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError.at(path, "no such file", "check the name") from error
    except IsADirectoryError as error:
        raise InputError.at(path, "is a folder, not a file", "name a file in it") from error
    except PermissionError as error:
        raise InputError.at(path, "may not be read", "allow reading it") from error
    except (OSError, ValueError) as error:
        raise InputError.at(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return _unpack(data, path) if path.suffix.lower() == ".gz" else data


def _unpack(data: bytes, path: Path) -> bytes:
    """Unpack gzip, all its members; what grows over two-hundredfold beyond 64 MiB is a bomb, not a graph."""
    limit = min(_LARGEST, max(_SUSPICIOUS, 200 * len(data)))
    parts, size = [], 0
    try:
        while data:
            member = zlib.decompressobj(wbits=31)
            parts.append(member.decompress(data, limit - size + 1))
            size += len(parts[-1])
            if size > limit:
                raise InputError.at(
                    path, f"unpacks to more than {limit >> 20} MiB", "unpack it yourself if it is right"
                )
            if not member.eof:
                raise InputError.at(path, "the gzip file ends too early", "fetch or pack it again")
            data = member.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise InputError.at(path, f"is no gzip file ({error})", "drop the ending .gz or pack it again") from error
    return b"".join(parts)


def parse_bytes(data: bytes, form: Format, base: str | None, graph: str | None, where: str) -> pl.DataFrame:
    """Parse bytes of one format into three columns of terms, in the order of the source, duplicates included.

    `base` is the IRI that relative IRIs are resolved against, `graph` the IRI of the one named graph to read, `where`
    what to call the source in errors. Raises InputError.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    if form.name == "ntriples" and graph is None:
        frame = split_lines(data)
        if frame is not None:
            return frame
    if form.name != "rdfxml":
        _check_encoding(data, where)
    frame = _parse(data, form, base, graph, where)
    frame = restore_tags(frame, data, form, lambda marked: _parse(marked, form, base, graph, where))
    _refuse_star(frame, where)
    return frame if form.name in ("ntriples", "nquads") else _label_blanks(frame, data)


def _check_encoding(data: bytes, where: str) -> None:
    """Refuse what is not UTF-8, with the place."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
        raise InputError.at(
            f"{where}:{line}:{column}", f"byte 0x{data[error.start]:02X} is not UTF-8", "save the file as UTF-8"
        ) from error


def _parse(data: bytes, form: Format, base: str | None, graph: str | None, where: str) -> pl.DataFrame:
    """Let the parser read, and split what the serializer writes of it."""
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    parser = pyoxigraph.RdfFormat.from_extension(form.parser)
    wanted: pyoxigraph.NamedNode | None = None
    try:
        if graph is not None:
            wanted = pyoxigraph.NamedNode(graph)
        # JSON-LD leaves out, without a word, what has a relative IRI and no base: give it one, and look for it after.
        quads = pyoxigraph.parse(data, parser, base_iri=base or (_NO_BASE if form.name == "jsonld" else None))
        written = pyoxigraph.serialize(
            (
                pyoxigraph.Triple(quad.subject, quad.predicate, quad.object)
                for quad in quads
                if wanted in (None, quad.graph_name)
            ),
            format=pyoxigraph.RdfFormat.N_TRIPLES,
        )
    except SyntaxError as error:
        raise _explain(error, form, where) from error
    except ValueError as error:
        raise InputError.at(
            where, f"not an absolute IRI: {base if wanted or graph is None else graph!r} ({error})"
        ) from error
    frame = split_lines(written or b"", trusted=True)
    assert frame is not None  # noqa: S101 - the serializer's lines are canonical
    if form.name == "jsonld" and base is None:
        for column in SCHEMA:
            relative = frame.filter(pl.col(column).str.starts_with(f"<{_NO_BASE}"))
            if len(relative):
                shown = relative[column][0][1:-1].removeprefix(_NO_BASE)
                raise InputError.at(where, f"{shown!r} is a relative IRI", "give a base IRI, or write it out")
    return frame


def _explain(error: SyntaxError, form: Format, where: str) -> InputError:
    """Say what the parser found wrong, where, and what to do."""
    what = str(error.msg)
    line, column = error.lineno, error.offset
    what = what.split(": ", 1)[1] if what.startswith("Parser error at") and ": " in what else what
    mend = ""
    if "No scheme found" in what:
        what, mend = "relative IRI without a base", "give a base IRI, or write it out"
    elif "LoadDocumentCallback" in what:
        what, mend = "the JSON-LD context is remote and is not fetched", "put the context into the file"
    place = f"{where}:{line}:{column}" if line else where
    return InputError.at(place, what, mend or f"write valid {form.name}")


def _refuse_star(frame: pl.DataFrame, where: str) -> None:
    """Refuse what RDF 1.1 has not: triples as terms, and text with a base direction."""
    odd = frame.filter(
        pl.col("object").str.starts_with("<<") | pl.col("object").str.contains(r'"@[A-Za-z0-9-]*--(?:ltr|rtl)$')
    )
    if len(odd):
        raise InputError.at(where, f"{odd['object'][0]} is a term of RDF 1.2", "write RDF 1.1")


def _label_blanks(frame: pl.DataFrame, data: bytes) -> pl.DataFrame:
    """Give blank nodes that the parser named at random a label that depends on the source alone."""
    random = r"^_:[0-9a-f]{20,32}$"
    both = pl.concat([frame["subject"], frame["object"]])
    found = both.filter(both.str.contains(random))
    if found.is_empty():
        return frame
    scope = hashlib.blake2b(data, digest_size=5).hexdigest()
    subjects = frame.with_row_index().select("index", pl.col("subject").alias("node"))
    objects = frame.with_row_index().select("index", pl.col("object").alias("node"))
    nodes = (
        pl.concat([subjects, objects])
        .filter(pl.col("node").str.contains(random))
        .sort("index", maintain_order=True)
        .unique("node", keep="first", maintain_order=True)
        .select("node", pl.concat_str(pl.lit(f"_:n{scope}x"), pl.int_range(pl.len()).cast(pl.String)).alias("label"))
    )
    labels = dict(nodes.iter_rows())
    return frame.with_columns(pl.col("subject", "object").replace(labels))
