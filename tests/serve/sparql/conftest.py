"""What the tests of SPARQL over HTTP share: one endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sparql_server import TRIG, Endpoint, run_endpoint

from glocal_rdf.triples.datasets import Dataset


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    with run_endpoint(Dataset.parse(TRIG, "trig")) as running:
        yield running
