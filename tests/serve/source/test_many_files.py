"""A store of more files than the engine opens at once is read whole by processes that may open nothing else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from glocal_rdf.operations.serve_source import Source, open_source
from glocal_rdf.operations.serve_source_front import make_snapshot
from glocal_rdf.serve.parts import Limits
from glocal_rdf.serve.sparql.store import Query, collect
from glocal_rdf.sparql.execution import stored
from glocal_rdf.sparql.execution.worker import find_files_to_open

D = "https://data.example.org/id/"
NUMBER = 40


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """A store in which each triple is in files of its own: no two of them overlap, so that the engine merges none."""
    file = tmp_path_factory.mktemp("many") / "many.nt"
    file.write_text("".join(f'<{D}thing/{number}> <{D}number> "{number}" .\n' for number in range(NUMBER)))
    with pytest.MonkeyPatch.context() as patch:
        # As a very large file is written: block by block, with more files than can be brought together into few.
        patch.setattr("glocal_rdf.operations.stored_source.BLOCK", 90)
        patch.setattr(stored, "MAX_BUFFERED", 0)
        patch.setattr(stored, "MAX_FILES", 1 << 20)
        source = open_source(str(file), space=D)
    yield source
    source.close()


def test_there_are_descriptors_for_all_files_also_where_free_ones_are_between_others(tmp_path: Path) -> None:
    for number in range(stored.MAX_FILES + 10):
        (tmp_path / f"{number}.sst").touch()
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(30)]
    os.close(held.pop(3))
    limit, free = find_files_to_open(str(tmp_path)), 0
    for number in range(limit):
        try:
            os.fstat(number)
        except OSError:
            free += 1
    for one in held:
        os.close(one)
    assert free == 10 + 1


@pytest.mark.slow
def test_all_files_are_read_for_pages_and_for_queries(many: Source) -> None:
    assert many.stored
    assert many.store
    files = len(list(many.stored.folder.glob("*.sst")))
    assert files > 3 * stored.MAX_FILES
    snapshot = make_snapshot(many, Limits(concurrency=2), datetime(2026, 1, 1, tzinfo=UTC))
    last = f"<{D}thing/{NUMBER - 1}>"

    async def ask() -> list[tuple[str | None, ...]]:
        page = await snapshot.pages.read(f"doc/thing/{NUMBER - 1}.html")
        assert page
        assert str(NUMBER - 1).encode() in page.content
        found = [
            await collect(snapshot.store, Query(text=text))
            for text in (
                f"SELECT ?o {{ {last} ?p ?o }}",
                "SELECT (COUNT(DISTINCT ?s) AS ?n) (COUNT(DISTINCT ?o) AS ?m) { ?s ?p ?o }",
            )
        ]
        await snapshot.store.close()
        return [row for one in found for row in one.rows()]

    number = f'"{NUMBER}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert asyncio.run(ask()) == [(f'"{NUMBER - 1}"',), (number, number)]
    counted = many.store.query("SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }", graphs=None).rows()
    assert counted == [(number,)]
