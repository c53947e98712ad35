"""The process that evaluates SPARQL ends with its store, and with it the threads that serve it."""

from __future__ import annotations

import threading

import polars as pl
import pytest

from glocal_rdf.errors import QueryError
from glocal_rdf.sparql.process import StoreProcess


def test_closing_a_store_leaves_no_thread_at_work() -> None:
    """Polars fails with many lines where Python ends while a frame is still being written for the engine."""
    frame = pl.DataFrame(
        {
            "subject": [f"<http://e/{n}>" for n in range(300_000)],
            "predicate": ["<http://e/p>"] * 300_000,
            "object": [f'"{n}"' for n in range(300_000)],
        }
    )
    before = set(threading.enumerate())
    store = StoreProcess()
    store.load(frame)
    store.submit("ASK { ?s ?p ?o }")
    at_work = set(threading.enumerate()) - before
    store.close()
    assert len(at_work) == 2
    assert not any(thread.is_alive() for thread in at_work)
    with pytest.raises(QueryError, match="the store was closed"):
        store.query("ASK {}")
