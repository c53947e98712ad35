"""What the tests of the published site share: sites of projects, each written once, and a reader of their pages."""

from __future__ import annotations

import csv
import fcntl
import posixpath
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT

from glocal_rdf.dataset import Build
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import publish_site
from glocal_rdf.project import Project


@dataclass
class PageReader(HTMLParser):
    """Reads from a page its links, its anchors, its elements and its text."""

    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.elements.append((tag, values))
        self.links += [value for name in ("href", "src") if (value := values.get(name)) is not None]
        if values.get("id"):
            self.anchors.add(str(values["id"]))

    def handle_data(self, data: str) -> None:
        self.text += data

    def __hash__(self) -> int:
        return id(self)


def read_page(path: Path) -> PageReader:
    """Read a page."""
    reader = PageReader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return reader


_LINK = re.compile(r'<[a-zA-Z][^<>]*? (?:href|src)="([^"]*)"')
_ANCHOR = re.compile(r'<[a-zA-Z][^<>]*? id="([^"]*)"')


def find_broken_links(site: Path) -> list[str]:
    """Return the links of pages that lead to no file or no anchor of the site."""
    files = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    texts = {name: path.read_text("utf-8") for name, path in files.items() if name.endswith(".html")}
    anchors = {name: set(map(unescape, _ANCHOR.findall(text))) for name, text in texts.items()}
    broken = []
    for name, text in texts.items():
        for link in {unescape(link) for link in _LINK.findall(text)}:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
            target = target if parts.path else name
            if target not in files:
                broken.append(f"{name}: {link}")
            elif parts.fragment and target in texts and unquote(parts.fragment) not in anchors[target]:
                broken.append(f"{name}: {link} (anchor)")
    return broken


_BUNDLED = frozenset({"site", "elsewhere"})
"""The fixtures that publish the bundled dataset."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests of the bundled site as slow, which takes half a minute to publish; others have small projects."""
    values = getattr(getattr(item, "callspec", None), "params", {}).values()
    if not _BUNDLED.isdisjoint([*getattr(item, "fixturenames", ()), *map(str, values)]):
        item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def site(built: Build, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The site of the bundled project, published once for all processes that run tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent  # xdist: a folder for each worker in that of the run
    folder = (shared / "bundled-site").resolve()
    with (shared / "bundled-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            unfinished = folder.with_suffix(".unfinished")
            publish_site(built, unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def parks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the example of a city's spreadsheet."""
    folder = tmp_path_factory.mktemp("parks") / "site"
    publish_site(build(Project.open(ROOT / "examples" / "city-spreadsheet")), folder)
    return folder.resolve()


def copy_parks(folder: Path) -> Path:
    """Copy the example of a city's spreadsheet, to be changed."""
    return Path(shutil.copytree(ROOT / "examples" / "city-spreadsheet", folder))


def name_parks(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Copy the example, and give its parks other names in every language, with more parks where there are more names.

    Returns:
        The names by identifier.
    """
    table = copy_parks(folder) / "data" / "parks.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    given = list(names)
    rows += [rows[0] | {"id": f"park-{number}"} for number in range(len(rows), len(given))]
    for row, name in zip(rows, given, strict=True):
        row["name_en"] = row["name_zh"] = row["note"] = name
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return {row["id"]: row["name_en"] for row in rows}


HOSTILE: tuple[Any, ...] = (
    "<script>alert(1)</script>",
    "</script><!--",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "]]></style></title>",
)
"""Names that are markup in one context or another."""
