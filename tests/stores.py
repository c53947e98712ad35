"""Real SPARQL stores on loopback (Oxigraph, Virtuoso), and one in Python that fails as a test wants.

Virtuoso is found on the path (`apt-get install virtuoso-opensource-7-bin`); `.ci/run` installs it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyoxigraph as ox
import pytest

__all__ = ["FaultyStore", "Request", "run_oxigraph", "run_virtuoso", "wait_for"]

PASSWORD = "secret"
"""The password of Virtuoso's user dba."""


def find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers."""
    for _ in range(300):
        if process.poll() is not None:
            raise AssertionError(log.read_text("utf-8", "replace"))
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=2).close()
            return
        time.sleep(0.1)
    raise AssertionError(f"{address} did not answer: {log.read_text('utf-8', 'replace')[-2000:]}")


@contextlib.contextmanager
def run_server(command: list[str], folder: Path, address: str) -> Iterator[None]:
    """Run a server until the block ends."""
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(address, process, log)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)


@contextlib.contextmanager
def run_oxigraph(folder: Path) -> Iterator[str]:
    """Run the Oxigraph server with a store in a folder, and give its address."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    assert program, "the test extra installs the oxigraph server"
    port = find_port()
    address = f"http://127.0.0.1:{port}"
    command = [program, "serve", "--location", str(folder / "db"), "--bind", f"127.0.0.1:{port}"]
    with run_server(command, folder, f"{address}/query?query=ASK%7B%7D"):
        yield address


@contextlib.contextmanager
def run_virtuoso(folder: Path) -> Iterator[str]:
    """Run Virtuoso with a database in a folder, and give its address; the user is dba with PASSWORD."""
    program, console = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if not program or not console:
        assert os.environ.get("CI") != "true", "virtuoso-t is not here"
        pytest.skip("Virtuoso is not here: apt-get install virtuoso-opensource-7-bin")
    port, sql = find_port(), find_port()
    (folder / "virtuoso.ini").write_text(
        f"""[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 10
CheckpointInterval = 0
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = 1000000
""",
        "utf-8",
    )
    address = f"http://127.0.0.1:{port}"
    command = [program, "+configfile", "virtuoso.ini", "+foreground"]
    with run_server(command, folder, f"{address}/sparql?query=ASK%7B%7D"):
        words = f"exec=user_set_password('dba', '{PASSWORD}');"
        subprocess.run([console, f"127.0.0.1:{sql}", "dba", "dba", words], check=True, capture_output=True, timeout=30)
        yield address


class Request:
    """A request that a faulty store gets: `number` counts those that write, from 0; -1 for others."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes, number: int) -> None:
        self.method, self.path, self.headers, self.body, self.number = method, path, headers, body, number

    @property
    def writes(self) -> bool:
        return self.number >= 0


Fault = Callable[[Request], tuple[int, dict[str, str], bytes] | str | None]


class FaultyStore:
    """A store in Python whose answers a test decides.

    `fault` gets each request, and returns None to have it done; a status with headers and a body to answer so and do
    nothing; `before` to close the connection without doing it, `after` to do it and close the connection, `half` to do
    the first half of its statements and close; `cut` to do it and send less than was announced.
    """

    def __init__(self) -> None:
        self.store = ox.Store()
        self.requests: list[Request] = []
        self.fault: Fault = lambda _: None
        self.header = "Oxigraph/0"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def version_string(self) -> str:
                return outer.header

            def log_message(self, *_: object) -> None:
                pass

            def work(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = urllib.parse.urlsplit(self.path)
                writes = path.path in {"/update", "/store"} and self.command != "GET" and body != b"INSERT DATA {}"
                number = sum(one.writes for one in outer.requests) if writes else -1
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body, number)
                outer.requests.append(request)
                wanted = outer.fault(request)
                if wanted == "before":
                    self.close_connection = True
                    return
                if isinstance(wanted, tuple):
                    self.answer(*wanted)
                    return
                status, kind, data = outer.do(request, path, half=wanted == "half")
                if wanted in {"after", "half"}:
                    self.close_connection = True
                    return
                if wanted == "cut":
                    self.close_connection = True
                    self.answer(status, {"Content-Type": kind, "Content-Length": str(len(data) + 100)}, data)
                    return
                self.answer(status, {"Content-Type": kind}, data)

            def answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = work  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def writes(self) -> list[Request]:
        """The requests that write."""
        return [request for request in self.requests if request.writes]

    def do(self, request: Request, path: urllib.parse.SplitResult, *, half: bool) -> tuple[int, str, bytes]:
        """Do what a request asks for."""
        if path.path == "/query":
            query = urllib.parse.parse_qs(request.body.decode())["query"][0]
            found = self.store.query(query)
            return 200, "application/sparql-results+json", found.serialize(format=ox.QueryResultsFormat.JSON) or b""
        if path.path == "/update":
            text = request.body.decode()
            if half:
                lines = text.split("\n")
                text = "\n".join([*lines[: len(lines) // 2], lines[-1]])
            self.store.update(text)
            return 204, "text/plain", b""
        if path.path != "/store":
            return 404, "text/html", b"<html><title>404</title></html>"
        name = urllib.parse.parse_qs(path.query).get("graph")
        graph = ox.NamedNode(name[0]) if name else ox.DefaultGraph()
        if request.method == "GET":
            return (200 if self.store.contains_named_graph(graph) else 404), "application/n-triples", b""
        if request.method == "PUT":
            self.store.clear_graph(graph)
        body = request.body
        if half:
            lines_ = body.split(b"\n")
            body = b"\n".join(lines_[: len(lines_) // 2]) + b"\n"
        self.store.load(body, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
        return 204, "text/plain", b""
