"""A file is served on when its entry is removed from the cache: its pages, its answers and its queries."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from glocal_rdf.cache.folder import Cache
from glocal_rdf.operations.serve_source import open_source
from glocal_rdf.operations.serve_source_front import make_snapshot
from glocal_rdf.serve.parts import Limits
from glocal_rdf.serve.sparql.store import Query, collect

D = "https://data.example.org/id/"


@pytest.mark.slow
def test_a_file_is_served_on_when_its_entry_is_removed(data: Path, tmp_path: Path) -> None:
    cache = Cache.open(tmp_path / "cache")
    assert cache
    source = open_source(str(data), cache=cache)
    snapshot = make_snapshot(source, Limits(concurrency=2), datetime(2026, 1, 1, tzinfo=UTC))
    [entry] = [one for key in (cache.folder / "sources").iterdir() for one in key.iterdir()]
    cache.discard(entry)
    assert not entry.exists()

    async def ask() -> tuple[bytes, int]:
        page = await snapshot.pages.read("doc/keelung.html")
        assert page
        found = await collect(snapshot.store, Query(text=f"SELECT ?o {{ <{D}keelung> ?p ?o }}"))
        # A process of the store that was ended is started again, and opens the store anew.
        source.store.close()  # type: ignore[union-attr]
        await snapshot.store.close()
        return page.content, len(found.rows())

    html, rows = asyncio.run(ask())
    assert b"Keelung" in html
    assert rows == 9
    source.close()
    assert not [one for one in (cache.folder / "held").iterdir() if one.is_dir()]
