"""Reading a file piece by piece, of the formats that have a triple a line, so that its size does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import read_lines
from glocal_rdf.lazy import pl
from glocal_rdf.triples.formats.reader import parse_quads
from glocal_rdf.triples.formats.registry import find_format

__all__ = ["has_pieces", "read_pieces"]

_MAX_PROBLEMS: Final = 100


def has_pieces(path: Path) -> bool:
    """Return whether a file is of a format that can be read in pieces.

    Raises:
        InputError: Where the format is not known.

    Examples:
        >>> has_pieces(Path("a.nt.gz")), has_pieces(Path("a.ttl"))
        (True, False)
    """
    return find_format(None, path, InputError).line_based


def read_pieces(path: Path, size: int) -> Iterator[pl.DataFrame]:
    """Yield the triples of a file of N-Triples or N-Quads in pieces, as `Triples.read` reads them, duplicates included.

    Args:
        path: The file; `.gz` is unpacked.
        size: The bytes of a piece, about.

    Raises:
        InputError: Where the file cannot be read, and with the mistakes in it, when all of it has been read.
    """
    form = find_format(None, path, InputError)
    lines = 0
    problems: list[Problem] = []
    for data in read_lines(path, size):
        try:
            frame = parse_quads(data, form, None, str(path), lines).frame
        except InputError as error:
            problems += error.problems
            if len(problems) >= _MAX_PROBLEMS:
                break
        else:
            if not problems:
                yield frame.select("subject", "predicate", "object")
        lines += len(data.splitlines())
    if problems:
        raise InputError.of(problems[:_MAX_PROBLEMS])
