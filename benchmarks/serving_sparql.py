"""Measures SPARQL lookups over HTTP: `glocal serve` beside the Oxigraph server and rdflib-endpoint, on loopback.

    python benchmarks/serving_sparql.py [--seconds 8] [--connections 8] [--server ours oxigraph rdflib-endpoint]
    python benchmarks/serving_sparql.py --triples 1000000

All have the same N-Triples: the bundled graph, or as many made-up triples. Connections are kept open; on each, the next
query goes out when the answer to the last one has come. A query asks for everything about one thing, another one each
time, so that nothing is answered from what was kept; answers are counted, and their rows compared between servers.

The processes of a server and the client share the machine. Where others do too, CPU seconds are the fair figure: `CPU
ms` is what one lookup takes, client included, and `2 cores` how many fit into a second of two cores that do nothing
else. Memory is that of all processes of a server together, each page counted once (PSS).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from processes import list_processes, read_cpu, read_memory

# What needs the extra `serve` is imported where it is needed: the client imports none of it.
# ruff: noqa: PLC0415

EX = "http://example.org/"
BIN = Path(sys.executable).parent
SERVERS = ("ours", "oxigraph", "rdflib-endpoint")


def write_triples(count: int, file: Path) -> None:
    """Write made-up triples, ten about each city."""
    numbers = random.Random(1)  # noqa: S311 - the same data every time
    integer, date = (f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "date"))
    with file.open("w", encoding="utf-8") as out:
        for city in range(count // 10):
            subject = f"<{EX}city/c{city}>"
            out.write(f"{subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EX}City> .\n")
            out.write(f'{subject} <http://www.w3.org/2000/01/rdf-schema#label> "City {city}"@en .\n')
            out.write(f'{subject} <http://www.w3.org/2000/01/rdf-schema#label> "城市{city}"@zh-Hant .\n')
            out.write(f"{subject} <{EX}country> <{EX}country/k{city % 200}> .\n")
            out.write(f'{subject} <{EX}population> "{numbers.randint(1, 10**7)}"^^<{integer}> .\n')
            out.write(f'{subject} <{EX}founded> "{1900 + city % 120}-0{city % 9 + 1}-1{city % 10}"^^<{date}> .\n')
            out.write(f'{subject} <{EX}street> "Street {city % 1000}" .\n')
            out.write(f'{subject} <{EX}number> "{city % 97}"^^<{integer}> .\n')
            out.write(f'{subject} <{EX}postcode> "{city:08d}" .\n')
            out.write(f"{subject} <{EX}twin> <{EX}city/c{numbers.randrange(count // 10)}> .\n")


@dataclass
class Measured:
    """What was measured of one server."""

    name: str
    start: float = 0.0
    lookups: int = 0
    failures: int = 0
    rows: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    waits: list[float] = field(default_factory=list)


def find_port() -> int:
    """Find a port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def run_server(name: str, data: Path, project: bool, work: Path) -> Iterator[tuple[int, str, subprocess.Popen[bytes]]]:
    """Run a server; yield the port and the path of its endpoint."""
    port, path = find_port(), "/sparql"
    environment = {**os.environ, "GLOCAL_CACHE": str(work / "cache"), "GLOCAL_NO_CACHE": ""}
    if name == "ours" and project:
        command = [str(BIN / "glocal"), "serve", "--port", str(port), "--no-access-log", "--no-watch"]
    elif name == "ours":
        command = [sys.executable, __file__, "--serve", str(data), str(port)]
    elif name == "oxigraph":
        path, place = "/query", work / "oxigraph"
        if not place.exists():
            load = [str(BIN / "oxigraph"), "load", "--location", str(place), "--file", str(data)]
            subprocess.run(load, check=True, capture_output=True)
        command = [str(BIN / "oxigraph"), "serve-read-only", "--location", str(place), "--bind", f"127.0.0.1:{port}"]
    else:
        path = "/"
        program = shutil.which("rdflib-endpoint", path=f"{BIN}{os.pathsep}{os.environ['PATH']}") or ""
        command = [program, "serve", str(data), "--port", str(port), "--host", "127.0.0.1"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        end = time.monotonic() + 300
        while process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.01)
        else:
            raise RuntimeError(f"{name} did not start")
        yield port, path, process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def serve_file(data: str, port: str) -> None:
    """Serve SPARQL over a file: the front of `glocal serve`, with its limits, without pages."""
    from datetime import UTC, datetime

    from starlette.routing import Router

    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.operations.serve_sparql import make_routes, open_store
    from glocal_rdf.operations.stored_source import open_dataset
    from glocal_rdf.serve.http.policy import LOOPBACK, Policy
    from glocal_rdf.serve.parts import Limits, Serving, Snapshot
    from glocal_rdf.serve.server.front import Current, Front
    from glocal_rdf.serve.server.running import listen, run

    folder = Path(os.environ["GLOCAL_CACHE"])
    folder.mkdir(mode=0o700, exist_ok=True, parents=True)
    limits = Limits()
    store = open_store(open_dataset(Path(data), Cache.open(folder)), limits)
    snapshot = Snapshot(built=None, pages=None, answers=None, store=store, version="1", modified=datetime.now(UTC))  # type: ignore[arg-type]

    @contextlib.asynccontextmanager
    async def opening():  # type: ignore[no-untyped-def]
        store.warm()
        current = Current(snapshot, lambda _: None)
        front = Front(current, limits, Policy(hosts=LOOPBACK))
        serving = Serving(current=current, limits=limits, public=front.find_address, client=front.find_client)
        front.answer_with(Router(make_routes(serving)))
        yield front
        await store.close()

    with listen("127.0.0.1", int(port)) as sock:
        run(opening, sock, limits, proxied=False, started=lambda _: None)


def wait_for_pages(port: int) -> None:
    """Wait until a server computes no pages any more, which answers 503 for those that it has not made yet."""
    end = time.monotonic() + 180
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/nothing-is-here.html")
        status = connection.getresponse().status
        connection.close()
        if status != 503:
            return
        time.sleep(1)


async def look_up(port: int, path: str, things: list[str], until: float, measured: Measured) -> None:
    """Ask about one thing after the other on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    numbers = random.Random()  # noqa: S311
    try:
        while time.monotonic() < until:
            query = f"SELECT ?p ?o {{ {numbers.choice(things)} ?p ?o }} # {numbers.random()}"
            target = f"{path}?{urlencode({'query': query}, quote_via=quote)}"
            start = time.perf_counter()
            writer.write(
                f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                "Accept: application/sparql-results+json\r\n\r\n".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b"transfer-encoding: chunked" in head:
                body = b""
                while size := int(await reader.readline(), 16):
                    body += (await reader.readexactly(size + 2))[:-2]
                await reader.readline()
            else:
                body = await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
            measured.waits.append(time.perf_counter() - start)
            if b" 200 " not in head[:20]:
                measured.failures += 1
                continue
            measured.lookups += 1
            measured.rows += body.count(b'"p":')
    finally:
        writer.close()


def measure(name: str, data: Path, things: list[str], args: argparse.Namespace, work: Path) -> Measured:
    """Measure one server."""
    measured = Measured(name)
    for warm in (True, False):  # The first start writes what is kept.
        begun = time.monotonic()
        with run_server(name, data, not args.triples, work) as (port, path, process):
            measured.start = time.monotonic() - begun
            if warm:
                time.sleep(2)
                continue

            async def play(seconds: float, found: Measured, port: int = port, path: str = path) -> None:
                until = time.monotonic() + seconds
                jobs = (look_up(port, path, things, until, found) for _ in range(args.connections))
                await asyncio.gather(*jobs)

            asyncio.run(play(1.0, Measured(name)))
            wait_for_pages(port)
            processes = [os.getpid(), *list_processes(process.pid)]
            before, start = read_cpu(processes), time.monotonic()
            asyncio.run(play(args.seconds, measured))
            measured.seconds = time.monotonic() - start
            after = read_cpu(processes)
            measured.cpu = sum(seconds - before.get(process, 0) for process, seconds in after.items())
            measured.memory = read_memory(processes[1:])
    return measured


def main() -> None:
    """Measure all servers, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--triples", type=int, default=0)
    parser.add_argument("--server", nargs="*", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve_file(*args.serve)
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        data = work / "data.nt"
        if args.triples:
            write_triples(args.triples, data)
        else:
            from glocal_rdf import Project, build

            build(Project.bundled()).with_ontology.write(data, "ntriples")
        with data.open(encoding="utf-8") as file:
            things = sorted({line.partition(" ")[0] for line in file if line.startswith("<")})
        if len(things) > 20_000:
            things = random.Random(2).sample(things, 20_000)  # noqa: S311
        print(f"{len(things):,} things, {args.connections} connections, {args.seconds:g} s each")
        print("| server | start s | lookups a second | CPU ms | 2 cores | median ms | p99 ms | failed | rows | MB |")
        print("| --- " * 10 + "|")
        for name in args.server:
            if name != "ours" and not (BIN / name).exists() and not shutil.which(name):
                print(f"| {name} | is not installed |")
                continue
            one = measure(name, data, things, args, work)
            done, waits = max(one.lookups, 1), sorted(one.waits) or [0.0]
            cpu = one.cpu / done * 1000
            cells = [
                name,
                f"{one.start:.2f}",
                f"{one.lookups / one.seconds:,.0f}",
                f"{cpu:.2f}",
                f"{2000 / cpu if cpu else 0:,.0f}",
                f"{statistics.median(waits) * 1000:.1f}",
                f"{waits[int(len(waits) * 0.99)] * 1000:.1f}",
                f"{one.failures}",
                f"{one.rows / done:.2f}",
                f"{one.memory / 1e6:,.0f}",
            ]
            print(f"| {' | '.join(cells)} |", flush=True)
            print(json.dumps({"server": name, "lookups": one.lookups, "cpu": one.cpu}), file=sys.stderr)


if __name__ == "__main__":
    main()
