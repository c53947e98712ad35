"""Requests to the process of a store: what is loaded and asked, how it is written, and what errors mean."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glocal_rdf.errors import GlocalError
from glocal_rdf.lazy import pl
from glocal_rdf.sparql.execution.results import Result
from glocal_rdf.sparql.execution.worker_start import PIPE
from glocal_rdf.sparql.literals.forms import Forms
from glocal_rdf.sparql.literals.rewritten import Rewritten
from glocal_rdf.triples.formats.ntriples import write_ntriples

__all__ = ["HEAD", "Load", "Query", "encode", "explain", "read_bytes", "undoes"]

HEAD = 12
"""How many bytes the head of a message has: the length of the request, and that of the data."""


@dataclass(eq=False)
class Load:
    """A change of the store that a new process needs too."""

    do: str
    graph: str | None
    frame: pl.DataFrame | None = None
    forms: Forms = field(default_factory=Forms)


@dataclass(eq=False)
class Query:
    """A query on its way: since when it is evaluated, and what became of it."""

    number: int
    rewritten: Rewritten
    prefixes: Mapping[str, str]
    graphs: Sequence[str] | None
    limit: float
    begun: float | None = None
    result: Result | None = None
    error: GlocalError | None = None

    @property
    def done(self) -> bool:
        """Whether there is an answer or an error."""
        return self.result is not None or self.error is not None


def read_bytes(source: int, size: int) -> bytes:
    """Read so many bytes; fewer where there are no more."""
    parts: list[bytes] = []
    while size and (part := os.read(source, min(size, PIPE))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def encode(entry: Load | Query) -> tuple[bytes, bytes]:
    """Write a message for the worker."""
    data = b""
    if isinstance(entry, Query):
        graphs = None if entry.graphs is None else list(entry.graphs)
        request: dict[str, Any] = {"do": "query", "id": entry.number, "prefixes": entry.prefixes, "graphs": graphs}
        request["tags"] = entry.rewritten.forms.tags if entry.rewritten.calls else None
        data = entry.rewritten.text.encode()
    else:
        request = {"do": entry.do, "graph": entry.graph, "labelled": 0}
        if entry.frame is not None:
            frame = entry.forms.encode(entry.frame)
            subject, predicate, obj = frame.columns[:3]
            blank = pl.col(subject).str.starts_with("_:") | pl.col(obj).str.starts_with("_:")
            parts = [write_ntriples(frame.filter(which).select(subject, predicate, obj)) for which in (~blank, blank)]
            request["labelled"] = len(parts[1])
            data = b"".join(parts)
    head = json.dumps(request).encode()
    return len(head).to_bytes(4, "big") + len(data).to_bytes(8, "big") + head, data


def undoes(load: Load, old: Load) -> bool:
    """Return whether removing leaves nothing of a load, so that it need not be remembered."""
    if old.do != "load" or old.graph != load.graph:
        return False
    return load.frame is None or load.frame is old.frame


def explain(error: str, message: str, query: Query) -> GlocalError:
    """Explain in one line what the engine reported.

    Args:
        error: The kind of error.
        message: Its message.
        query: The query that was not answered.
    """
    from glocal_rdf.sparql.messages import explain_failure  # noqa: PLC0415 - takes time to import

    return explain_failure(error, message, query.rewritten.text, query.prefixes)
