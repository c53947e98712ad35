"""The process that makes pages, asked directly: pages before their turn, a full disk, a process that ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from glocal_rdf.errors import ProjectError
from glocal_rdf.operations.publish import publish_site
from glocal_rdf.operations.serve_maker import make_order
from glocal_rdf.project import Project
from glocal_rdf.serve.http.refusals import RefusedError
from glocal_rdf.serve.site.maker import Maker
from glocal_rdf.serve.site.pages import SitePages
from glocal_rdf.serve.site.shelf import Shelf

PROGRAM = "glocal_rdf.operations.serve_maker:main"
BASE = "http://localhost/"


@asynccontextmanager
async def making(project: Path, lines: list[str], shelf: Shelf | None = None) -> AsyncIterator[Maker]:
    order = make_order(Project.open(project), cache=None, base_url=BASE, documents=None, validated=False)
    maker = Maker(PROGRAM, order, lines.append, shelf)
    try:
        yield maker
    finally:
        maker.close()


def test_a_file_that_has_no_room_on_the_disk_is_kept_in_memory() -> None:
    with Path("/dev/full").open("r+b", buffering=0) as full:
        shelf = Shelf(full)
        for number in range(80):
            shelf.put(f"{number}", bytes(1 << 20), "a")
        assert shelf.full
        assert shelf.get("79") is not None
        assert shelf.get("0") is None  # the oldest ones make room


def test_a_file_is_kept_on_the_disk_without_a_name() -> None:
    shelf = Shelf()
    shelf.put("a", b"1", "x")
    shelf.put("b", b"", "y")
    assert (shelf.get("a"), shelf.get("b"), shelf.get("c")) == ((b"1", "x"), (b"", "y"), None)
    shelf.close()


@pytest.mark.slow
def test_pages_are_made_where_the_disk_is_full(small: Path, tmp_path: Path) -> None:
    lines: list[str] = []

    async def ask() -> dict[str, bytes]:
        full = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115 - the shelf closes it
        async with making(small, lines, Shelf(full)) as maker:
            pages = SitePages(maker)
            await pages.prepare()
            await maker.wait_until_done()
            found = {}
            for iri in ("https://data.example/id/taipei", "https://data.example/ontology#City"):
                target = await pages.resolve(iri)
                assert target
                for ending in ("html", "ttl", "nt"):
                    path = f"{target.path}.{ending}"
                    served = await pages.read(path)
                    assert served, path
                    found[path] = served.content
            with pytest.raises(RefusedError, match="503"):
                await pages.read("nothing.html")
            return found

    found = asyncio.run(ask())
    assert lines == ["no space is left for pages: each is made when it is asked for"]
    from glocal_rdf.operations.build import build

    publish_site(build(Project.open(small)), tmp_path / "site", base_url=BASE)
    assert found == {path: (tmp_path / "site" / path).read_bytes() for path in found}


@pytest.mark.slow
def test_a_process_that_ends_refuses_what_is_not_made(small: Path) -> None:
    async def ask() -> None:
        async with making(small, []) as maker:
            pages = SitePages(maker)
            await pages.prepare()
            maker._process.kill()
            while not maker.lost:
                await asyncio.sleep(0.01)
            with pytest.raises(RefusedError, match="503"):
                await pages.read("releases/nothing.html")

    asyncio.run(ask())


@pytest.mark.slow
def test_a_project_that_cannot_be_built_is_reported_with_its_place(small: Path) -> None:
    (small / "data/cities.csv").unlink()

    async def ask() -> None:
        async with making(small, []) as maker:
            await maker.wait_until_built()

    with pytest.raises(ProjectError, match=r"cities\.csv"):
        asyncio.run(ask())
