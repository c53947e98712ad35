"""A real SPARQL server on loopback: the Oxigraph server, which the extra `test` installs, with the data of a file."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["serve_file"]


@contextmanager
def serve_file(data: Path, folder: Path) -> Iterator[str]:
    """Load a file of RDF into a new store, and serve it for reading; yield the address to query.

    Args:
        data: The file.
        folder: A folder for the store.
    """
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    assert program, "the test extra installs the oxigraph server"
    subprocess.run(
        [program, "load", "--location", folder / "db", "--file", data], check=True, capture_output=True, timeout=60
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "serve-read-only", "--location", folder / "db", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}/query"
        try:
            for _ in range(100):
                try:
                    urllib.request.urlopen(f"{address}?query=ASK%7B%7D", timeout=1).close()
                    break
                except (urllib.error.URLError, OSError):
                    time.sleep(0.1)
            else:
                pytest.fail("the SPARQL server did not start")
            yield address
        finally:
            server.kill()
