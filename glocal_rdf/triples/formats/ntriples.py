"""N-Triples and N-Quads in columns: canonical lines are split, checked and written whole, not a triple at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from typing import IO

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import XSD, term
from glocal_rdf.triples import terms

__all__ = ["check_terms", "schema", "split_lines", "stream_ntriples", "write_ntriples"]

_SIMPLE_IRI = f"<(?:{terms.SIMPLE_IRI})>"
_SUBJECT = f"^(?:{_SIMPLE_IRI}|{terms.SIMPLE_BLANK})$"
_PREDICATE = f"^{_SIMPLE_IRI}$"
_OBJECT = (
    f"^(?:{_SIMPLE_IRI}|{terms.CANONICAL_TEXT}(?:@{terms.SIMPLE_LANGUAGE}|\\^\\^{_SIMPLE_IRI})?|{terms.SIMPLE_BLANK})$"
)
_MAX_PROBLEMS = 100
_DIRECTED = re.compile(r"\"@[A-Za-z0-9-]+--[a-z]+$")
_NEVER_WRITTEN = f"^^<{terms.STRING}>"


@cache
def schema() -> pl.Schema:
    """Return the columns of a graph."""
    return pl.Schema({"subject": pl.String(), "predicate": pl.String(), "object": pl.String()})


def split_lines(data: bytes, *, trusted: bool = False) -> pl.DataFrame | None:
    """Split canonical N-Triples into three columns; None when any line is anything else, and a parser must look.

    Blank lines and lines that are comments are left out.

    Args:
        data: The text in UTF-8.
        trusted: Whether the lines were written by a serializer, so that they are not checked.

    Returns:
        The columns `subject`, `predicate` and `object`, duplicates included.

    https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples
    """
    # A byte-order mark would be taken off.
    if b"\0" in data or data.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        lines = pl.read_csv(
            data,
            has_header=False,
            separator="\0",
            quote_char=None,
            schema={"line": pl.String()},
        )
    except pl.exceptions.NoDataError:
        return pl.DataFrame(schema=schema())
    except pl.exceptions.PolarsError:
        return None
    is_comment = pl.col("line").str.starts_with("#")
    # A carriage return alone ends a line too, and with it the comment.
    if lines.select((is_comment & pl.col("line").str.contains("\r", literal=True)).any()).item():
        return None
    parts = pl.col("line").str.splitn(" ", 3).struct
    frame = (
        lines.lazy()
        .filter(~is_comment)
        .select(
            parts.field("field_0").alias("subject"),
            parts.field("field_1").alias("predicate"),
            parts.field("field_2").alias("rest"),
        )
        .with_columns(pl.col("rest").str.strip_suffix(" .").alias("object"))
        .collect()
    )
    if not trusted and not _is_canonical(frame):
        return None
    return frame.select("subject", "predicate", "object")


def _is_canonical(frame: pl.DataFrame) -> bool:
    """Return whether every row is a triple in the one form that the parser would have given it."""
    if frame.is_empty():
        return True
    subject, predicate, object_ = (pl.col(name) for name in schema())
    checks = [
        # The triples of a subject mostly stand together, so that it is checked once.
        subject.filter((subject != subject.shift()).fill_null(value=True)).str.contains(_SUBJECT),
        predicate.unique().str.contains(_PREDICATE),
        object_.str.contains(_OBJECT),
        ~object_.str.ends_with(_NEVER_WRITTEN),
        pl.col("rest").str.ends_with(" ."),
    ]
    # A missing part is null, and `all` skips nulls.
    whole = frame.null_count().sum_horizontal().item() == 0
    return whole and all(found.item() for found in pl.collect_all([frame.lazy().select(c.all()) for c in checks]))


def check_terms(frame: pl.DataFrame) -> None:
    """Check that every term is canonical and stands where it may.

    Raises:
        InputError: With every term that is not, or does not.
    """
    problems = []
    for column, pattern in (("subject", _SUBJECT), ("predicate", _PREDICATE), ("object", _OBJECT)):
        values = frame[column].unique(maintain_order=True)
        odd = values.filter(~values.str.contains(pattern).fill_null(value=False) | values.str.ends_with(_NEVER_WRITTEN))
        problems += [
            Problem(
                "",
                f"{text!r} is not {'an' if column == 'object' else 'a'} {column} in canonical N-Triples",
                f'write it as in <https://example.org/a>, _:b0, "text"@en or "1"^^{term(XSD, "integer")}',
            )
            for text in odd
            if not _is_term(text, column)
        ]
    if problems:
        raise InputError.of(problems[:_MAX_PROBLEMS])


def _is_term(text: str | None, column: str) -> bool:
    """Ask the parser, which would write the term in the same way, but for the case of its language tag."""
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    if text is None:
        return False
    parts = {"subject": "<x:s>", "predicate": "<x:p>", "object": "<x:o>", column: text}
    try:
        line = f"{parts['subject']} {parts['predicate']} {parts['object']} ."
        found = [quad.triple for quad in pyoxigraph.parse(line, pyoxigraph.RdfFormat.N_TRIPLES)]
    except (SyntaxError, UnicodeEncodeError):
        return False
    if len(found) != 1 or isinstance(found[0].object, pyoxigraph.Triple) or _DIRECTED.search(text):
        return False
    term = str(getattr(found[0], column))
    tag = text.rpartition('"@')[2] if text.startswith('"') and not text.endswith(('"', ">")) else ""
    return term == text or (tag != "" and term == text[: -len(tag)] + tag.lower())


def write_ntriples(frame: pl.DataFrame, prefixes: Mapping[str, str] | None = None) -> bytes:  # noqa: ARG001 - has none
    r"""Write canonical N-Triples, or N-Quads where there is a column `graph`, null in the default graph.

    Args:
        frame: The columns `subject`, `predicate` and `object`, and perhaps `graph`.
        prefixes: Not used, since N-Triples has no prefixes; every writer of a format takes them.

    Examples:
        >>> write_ntriples(pl.DataFrame({"subject": ["<urn:s>"], "predicate": ["<urn:p>"], "object": ['"o"@en']}))
        b'<urn:s> <urn:p> "o"@en .\n'
    """
    out = io.BytesIO()
    stream_ntriples(frame, out)
    return out.getvalue()


def stream_ntriples(frame: pl.DataFrame, out: IO[bytes]) -> None:
    """Write as `write_ntriples` does, to a binary file and without holding the text in memory."""
    if "graph" in frame.columns:
        end = pl.concat_str(pl.col("graph"), pl.lit(" .")).fill_null(".")
        frame = frame.select("subject", "predicate", "object", end.alias("end"))
    else:
        frame = frame.with_columns(end=pl.lit("."))
    frame.write_csv(out, separator=" ", include_header=False, quote_style="never")
