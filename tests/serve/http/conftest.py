"""Servers that the tests of what holds for all parts share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_server import Running, start

from glocal_rdf.serve.http.policy import LOOPBACK, Policy


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """A server for this machine alone."""
    running, server, thread = start(Policy(hosts=LOOPBACK))
    yield running
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def public() -> Iterator[Running]:
    """A server behind a proxy, with a public address and a base path."""
    policy = Policy(
        hosts=LOOPBACK | {"data.example.org"},
        public_url="https://data.example.org/set/",
        base_path="/set",
        proxied=True,
        public=True,
    )
    running, server, thread = start(policy)
    yield running
    server.stop()
    thread.join(20)
