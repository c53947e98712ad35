"""Asks a store within the time that a request has; terms go into queries only where they are IRIs that may stand there.

What a store answers is somebody else's text. A term that is not an absolute IRI by the grammar of SPARQL is shown, and
never asked about, so that no answer can change the next query.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.error import HTTPError

from glocal_rdf.errors import EndpointError, QueryError

__all__ = ["BATCH", "Row", "Select", "Session", "is_iri_term", "list_values", "quote_text"]

Row = tuple[str | None, ...]
"""A solution: a term for each variable of the query, in N-Triples syntax; None where it is unbound."""

Select = Callable[[str, float], Sequence[Row]]
"""Asks a SELECT query, given the seconds that it may take, and returns the solutions."""

BATCH: Final = 200
"""How many terms stand in one VALUES: a query of some 20 KB, which every store reads."""

_IRI: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\ud800-\udfff]*>")
_MAX_IRI: Final = 4096
_FAILED: Final = 500
"""The status with which a server says that it has failed: many do where a query takes longer than they allow."""

_LEAST: Final = 0.05
"""The seconds below which a query is not worth asking."""


def is_iri_term(term: str | None) -> bool:
    """Return whether a term is an IRI that may stand in a query.

    Examples:
        >>> is_iri_term("<https://example.org/a>"), is_iri_term('<a> "b>'), is_iri_term('"text"'), is_iri_term("<a b>")
        (True, False, False, False)
    """
    return term is not None and len(term) <= _MAX_IRI and _IRI.fullmatch(term) is not None


def list_values(terms: Iterable[str]) -> Iterator[str]:
    """Yield terms as the text of VALUES, some at a time, each once and in their order; other terms than IRIs not.

    Args:
        terms: The terms.

    Examples:
        >>> list(list_values(["<urn:a>", "_:b", "<urn:a>", "<urn:c>"]))
        ['<urn:a> <urn:c>']
    """
    known = [one for one in dict.fromkeys(terms) if is_iri_term(one)]
    for start in range(0, len(known), BATCH):
        yield " ".join(known[start : start + BATCH])


def quote_text(text: str) -> str:
    r"""Write a text as a string of SPARQL.

    Args:
        text: The text.

    Examples:
        >>> quote_text('a "b"\n')
        '"a \\"b\\"\\n"'
    """
    replaced = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    clean = "".join(character for character in text if character.isprintable() or character in replaced)
    return '"' + "".join(replaced.get(character, character) for character in clean) + '"'


@dataclass
class Session:
    """The queries that answer one request, within one time limit.

    Attributes:
        ask: Asks a query.
        seconds: The seconds that all of them may take together.
    """

    ask: Select
    seconds: float
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    def left(self) -> float:
        """Return the seconds that are left; 0 where there are none."""
        return max(0.0, self._end - time.monotonic())

    def select(self, query: str, most: float | None = None) -> Sequence[Row]:
        """Ask a query.

        Args:
            query: A SELECT query.
            most: The seconds that it may take of those that are left, for who can do without an answer; all of them by
                default.

        Raises:
            QueryError: Where no time is left, and where the query takes too long; with `most` also where an endpoint
                does not answer it in time, or fails over it.
            EndpointError: Where the store does not answer as it should.
        """
        left = self.left()
        if left < _LEAST:
            raise QueryError.at("query", f"took longer than {self.seconds:g} seconds", "ask for less")
        if most is None:
            return self.ask(query, left)
        try:
            return self.ask(query, min(left, most))
        except EndpointError as error:
            cause = error.__cause__
            if isinstance(cause, TimeoutError) or (isinstance(cause, HTTPError) and cause.code >= _FAILED):
                raise QueryError.at("query", f"was not answered in {most:.3g} seconds", "ask for less") from error
            raise
