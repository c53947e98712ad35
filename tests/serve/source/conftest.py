"""What the tests of sources share: one small store as a file, and the same behind a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from oxigraph_server import serve_file

from glocal_rdf.operations.serve_source import Source, open_source

DATA = Path(__file__).parent / "data.trig"


@pytest.fixture(scope="session")
def data() -> Path:
    """A file with a default graph, and a named graph beside it."""
    return DATA


@pytest.fixture(scope="session")
def file_source() -> Iterator[Source]:
    """The file as a source."""
    source = open_source(str(DATA))
    yield source
    source.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SPARQL server with the file."""
    with serve_file(DATA, tmp_path_factory.mktemp("oxigraph")) as found:
        yield found


@pytest.fixture(scope="session")
def server_source(address: str) -> Source:
    """The server as a source."""
    return open_source(address)


@pytest.fixture(params=["file", "server"], scope="session")
def source(request: pytest.FixtureRequest) -> Source:
    """The file, and the server."""
    return request.getfixturevalue(f"{request.param}_source")  # type: ignore[no-any-return]
