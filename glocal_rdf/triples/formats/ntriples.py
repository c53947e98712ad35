"""N-Triples and N-Quads in columns: canonical lines are split, checked and written whole, not a triple at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import IO

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import cut_lines
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import XSD, term
from glocal_rdf.triples import terms
from glocal_rdf.triples.numbers.numbering import TermNumbering
from glocal_rdf.triples.numbers.table import NumberedTriples

__all__ = ["BLOCK", "check_terms", "number_lines", "schema", "split_lines", "stream_ntriples", "write_ntriples"]

BLOCK = 1 << 20
"""How many bytes of a text are split at once: few enough for the caches of a processor, many for the steps of each."""

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
    frames = [pl.DataFrame(schema=schema())]
    for block in cut_lines(data, BLOCK):
        frame = _split(block)
        if frame is None or not (trusted or _is_split(frame)):
            return None
        frames.append(frame.select(*schema()))
    return pl.concat(frames, rechunk=True)


def number_lines(blocks: Iterable[bytes]) -> NumberedTriples | None:
    """Split canonical N-Triples, and number the terms, as `split_lines` does; each distinct term is checked once.

    Args:
        blocks: The text in UTF-8, in parts of whole lines; there is never more than one of them in memory.

    Returns:
        The triples, duplicates included.
    """
    numbering = TermNumbering()
    for block in blocks:
        frame = _split(block)
        if frame is None or not frame["ends"].all(ignore_nulls=False):
            return None
        numbering.add(frame)
    numbered = numbering.finish()
    terms, rows = numbered.terms, numbered.rows
    subjects, predicates = (terms.gather(rows[column].unique()) for column in ("s", "p"))
    return numbered if _are_canonical(terms, subjects, predicates) else None


def _split(data: bytes) -> pl.DataFrame | None:
    """Split lines at their first two blanks; without those that are blank or comments.

    Returns:
        The columns `subject`, `predicate` and `object`, and `ends`: whether the line ends as a triple does, null where
        it has no third part; None where the text is not UTF-8, or Polars would see other lines than a parser.
    """
    try:
        lines = pl.read_lines(data)
    except pl.exceptions.PolarsError:
        return None
    line, rest = pl.col("line"), pl.col("parts").struct.field("field_2")
    frame = (
        lines.lazy()
        .select(line.str.splitn(" ", 3).alias("parts"), left_out=line.str.starts_with("#") | (line == ""))
        .select(
            pl.col("parts").struct.field("field_0").alias("subject"),
            pl.col("parts").struct.field("field_1").alias("predicate"),
            rest.str.strip_suffix(" .").alias("object"),
            rest.str.ends_with(" .").alias("ends"),
            "left_out",
        )
        .collect()
    )
    left_out = frame["left_out"]
    if not left_out.any():
        return frame
    # A carriage return alone ends a line too, and with it the comment.
    if lines["line"].filter(left_out).str.contains("\r", literal=True).any():
        return None
    return frame.filter(~left_out)


def _is_split(frame: pl.DataFrame) -> bool:
    """Return whether lines that were split are triples in the one form that the parser would have given them."""
    if not frame["ends"].all(ignore_nulls=False):
        return False
    # The triples of a subject mostly stand together, so that it is looked at once.
    subjects = frame["subject"].filter(frame["subject"].ne_missing(frame["subject"].shift()))
    predicates = frame["predicate"].unique()
    return _are_canonical(pl.concat([subjects, predicates, frame["object"]]), subjects, predicates)


def _are_canonical(terms: pl.Series, subjects: pl.Series, predicates: pl.Series) -> bool:
    """Return whether all terms are canonical, and those that are subjects or predicates may be that."""
    return (
        terms.str.contains(_OBJECT).all()
        and not terms.str.ends_with(_NEVER_WRITTEN).any()
        and not subjects.str.starts_with('"').any()
        and predicates.str.starts_with("<").all()
    )


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
