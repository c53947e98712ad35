"""The files of a site as programs read them: HTML that is valid, and data beside pages that are one graph."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from browsers import Website
from rdflib import Graph
from rdflib.compare import isomorphic

from .samples import sample_pages

pytestmark = pytest.mark.browser

# Blocks of data (JSON-LD) are not scripts for a policy; that no other script is inline is tested elsewhere. And a page
# with more identifiers than words is of no language for a guess by letters.
_GUESSES = ("Inline script violates Content Security Policy", "This document appears to be written in")


@pytest.mark.parametrize("name", ["website", "parks_website"])
def test_html_is_valid(name: str, vnu: Sequence[str], request: pytest.FixtureRequest) -> None:
    website: Website = request.getfixturevalue(name)
    # Over HTTP, so that the checker knows which addresses the content security policy allows.
    pages = [website.url(page) for page in sample_pages(website.folder, 6)]
    command = [*vnu, "--format", "json", "--stdout", "--exit-zero-always", *pages]
    done = subprocess.run(command, capture_output=True, check=True, timeout=100)
    found = [
        f"{one['url'].removeprefix(website.address)}:{one.get('lastLine')}: {one['message']}"
        for one in json.loads(done.stdout)["messages"]
        if not one["message"].startswith(_GUESSES)
    ]
    assert found == []


@pytest.mark.parametrize("name", ["site", "parks"])
def test_data_beside_a_page_are_one_graph_for_another_reader(name: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(name)
    beside = [path for path in sorted(folder.rglob("*.ttl")) if path.with_suffix(".html").is_file()]
    assert len(beside) > 10
    for path in beside[:: max(1, len(beside) // 20)]:
        first, *others = (Graph().parse(path.with_suffix(f".{ending}")) for ending in ("ttl", "nt", "jsonld", "rdf"))
        assert len(first)
        assert all(isomorphic(first, other) for other in others), path
