"""What a query gave, as the engine wrote it: terms in N-Triples syntax, a truth, or lines of N-Triples.

Solutions come as SPARQL 1.1 Query Results TSV, in which most terms are as in N-Triples. Numbers and truth values may be
written without their datatype there, and control characters without an escape: these are written out.

https://www.w3.org/TR/sparql11-results-csv-tsv/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import XSD
from glocal_rdf.sparql.literals.forms import Forms
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.ntriples import split_lines

__all__ = ["Form", "Result", "name_end"]

Form = Literal["SELECT", "ASK", "CONSTRUCT"]
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]*\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a query.

    Attributes:
        form: The form of the query.
        variables: The variables of a SELECT, without marks.
        truth: The answer of an ASK.
        data: The solutions as TSV, or the triples as N-Triples.
        forms: The forms in which literals are written in the data, which `rows` and `triples` give them.
    """

    form: Form
    variables: tuple[str, ...] = ()
    truth: bool | None = None
    data: bytes = b""
    forms: Forms = field(default_factory=Forms)

    def rows(self) -> list[tuple[str | None, ...]]:
        """Return the solutions: for each the terms of `variables`, None where one is unbound.

        Raises:
            QueryError: Where a term of the answer cannot be read.
        """
        text = self.data.decode()
        if _CONTROL.search(text):
            text = _CONTROL.sub(lambda match: _escape(match[0]), text)
        lines = text.split("\n")[1:-1]
        if not self.variables:
            return [()] * len(lines)
        decode = self.forms.decode
        cells = ([_read_term(cell) for cell in line.split("\t")] for line in lines)
        return [tuple([None if term is None else decode(term) for term in row]) for row in cells]

    def triples(self) -> Triples:
        """Return the triples that a CONSTRUCT or DESCRIBE made, each once.

        Raises:
            InputError: Where the answer is broken.
        """
        frame = split_lines(self.data, trusted=True)
        made = Triples.parse(self.data, "ntriples") if frame is None else Triples(frame)
        return Triples(self.forms.decode_frame(made.frame)).distinct()


def name_end(code: int | None) -> str:
    """Return how a process ended that gave no answer."""
    if code is not None and code < 0:
        return f"it ended the engine (signal {-code}); it is nested too deeply or takes too much memory"
    return f"it ended the engine (exit code {code})"


def _read_term(cell: str) -> str | None:
    if not cell:
        return None
    first = cell[0]
    if first == "<":
        if cell.startswith("<<"):
            raise QueryError.at("query", f"answers with a triple as a term: {cell[:100]}", "select its parts")
        return cell
    return cell if first in '"_' else _write_out(cell)


@lru_cache(maxsize=10_000)
def _write_out(cell: str) -> str:
    """Write a number or truth value with its datatype."""
    if cell in {"true", "false"}:
        kind = "boolean"
    elif _INTEGER.fullmatch(cell):
        kind = "integer"
    else:
        kind = "decimal" if _DECIMAL.fullmatch(cell) else "double"
    return f'"{cell}"^^<{XSD}{kind}>'


def _escape(character: str) -> str:
    return {"\b": "\\b", "\f": "\\f"}.get(character, f"\\u{ord(character):04X}")
