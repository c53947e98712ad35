"""What the tests of a Wikibase share: a server on loopback, and clients that do not wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from wikibase_server import NOW, MakeClient, serve_wikibase
from wikibase_server import Wikibase as Server

from glocal_rdf.wikidata.access.client import Client
from glocal_rdf.wikidata.access.store import Store
from glocal_rdf.wikidata.settings import WIKIDATA, Settings, Wikibase


@pytest.fixture
def server() -> Iterator[Server]:
    """A Wikibase on loopback, without entities."""
    with serve_wikibase() as found:
        yield found


@pytest.fixture
def wikibase(server: Server) -> Wikibase:
    """Wikidata at the addresses of the server."""
    return replace(WIKIDATA, api=server.api, rest=server.rest, sparql=server.endpoint)


@pytest.fixture
def make_client(tmp_path: Path) -> MakeClient:
    """Make clients that note how long they would wait, in `waits`."""

    def make(*, store: bool = False, now: datetime = NOW, **options: Any) -> Client:
        waits: list[float] = []
        options.setdefault("settings", Settings(timeout=10))
        kept = Store(tmp_path / "answers.sqlite") if store else None
        options.setdefault("contact", "mailto:data@example.org")
        client = Client(now=now, version="0.6.0", store=kept, sleep=waits.append, **options)
        client.waits = waits  # type: ignore[attr-defined]
        return client

    return make
