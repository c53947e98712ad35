"""The graphs that patterns are matched in: triples by predicate, whose terms are numbers or are written out."""

from __future__ import annotations

from typing import Protocol

from glocal_rdf.lazy import pl

__all__ = ["TermGraph", "WrittenGraph"]

_SHORT = {"subject": "s", "predicate": "p", "object": "o"}


class TermGraph(Protocol):
    """A graph in columns: each term is a value that is the same wherever the term stands."""

    @property
    def kind(self) -> pl.DataType:
        """The type of the columns. Where it is text, the values are the terms, and no other text is computed."""

    def id(self, term: str) -> int | str:
        """Return the value of a term that a query names."""

    def text(self, ids: pl.Series) -> pl.Series:
        """Return the terms that values stand for."""

    def edges(self, predicate: str) -> pl.DataFrame:
        """Return subject and object of every triple with a predicate, a term, as `s` and `o`."""

    def triples(self, predicates: pl.Series | None = None) -> pl.DataFrame:
        """Return the triples as `s`, `p` and `o`: all, or those with some predicates (each once)."""


class WrittenGraph:
    """A graph whose terms are written out, to which triples are added."""

    kind: pl.DataType = pl.String()

    def __init__(self, frame: pl.DataFrame) -> None:
        """Take the columns `subject`, `predicate` and `object`, no triple of which stands twice."""
        self._parts: dict[str, list[pl.DataFrame]] = {}
        self.add(frame)

    def add(self, frame: pl.DataFrame) -> None:
        """Add triples that the graph does not have."""
        for (predicate,), part in frame.partition_by("predicate", as_dict=True).items():
            self._parts.setdefault(predicate, []).append(part.rename(_SHORT))

    def id(self, term: str) -> str:
        """Return the term itself."""
        return term

    def text(self, ids: pl.Series) -> pl.Series:
        """Return the terms themselves."""
        return ids

    def edges(self, predicate: str) -> pl.DataFrame:
        """Return subject and object of every triple with a predicate, as `s` and `o`."""
        return self._part(predicate).select("s", "o")

    def triples(self, predicates: pl.Series | None = None) -> pl.DataFrame:
        """Return the triples as `s`, `p` and `o`: all, or those with some predicates."""
        wanted = self._parts if predicates is None else [one for one in predicates if one in self._parts]
        return pl.concat([self._empty, *map(self._part, wanted)])

    @property
    def _empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=dict.fromkeys(_SHORT.values(), pl.String()))

    def _part(self, predicate: str) -> pl.DataFrame:
        parts = self._parts.get(predicate)
        if parts is None:
            return self._empty
        if len(parts) > 1:
            parts[:] = [pl.concat(parts)]
        return parts[0]
