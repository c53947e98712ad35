"""Measures `glocal serve` on loopback: its start, pages a second with their delays, and its memory.

    python benchmarks/serving.py [--project DIR] [--seconds 10] [--connections 16]

The server and the client of the load test share the machine, as a reader of `benchmarks/serving.md` has to know: on two
cores each has one. Every request asks for another page in turn, from the site map, on connections that stay open. The
CPU time that the server takes for a request depends less on what else the machine does. All is bounded: a case takes
`--seconds`, and the whole ends after a few minutes. SPARQL is measured by `serving_sparql.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from processes import list_processes, read_cpu, read_memory

ROOT = Path(__file__).parent.parent


def start(project: Path, cache: Path) -> tuple[subprocess.Popen[str], str, float]:
    """Start a server; return it with its address and the time when it was started."""
    command = [sys.executable, "-m", "glocal_rdf", "serve", "-p", str(project), "--port", "0", "--no-access-log"]
    begun = time.monotonic()
    server = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "GLOCAL_CACHE": str(cache)}
    )
    for line in server.stderr or ():
        if line.startswith("serving at "):
            return server, line.split()[2], begun
    raise SystemExit("the server did not start")


def get(url: str) -> int:
    """Ask once, and return the status."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - loopback
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def is_making(server: int) -> bool:
    """Return whether the process that makes pages is still at work."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    return any(b"serve_maker" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children)


def list_pages(url: str) -> list[str]:
    """Return the paths of the pages in the site map, spread over all of it."""
    with urllib.request.urlopen(f"{url}sitemap.xml", timeout=60) as answer:  # noqa: S310 - as above
        return sorted(re.findall(rf"<loc>{re.escape(url)}(doc/[^<]*)</loc>", answer.read().decode()))


async def ask_again_and_again(
    host: str, port: int, requests: itertools.cycle[bytes], end: float, delays: list[float], statuses: Counter[int]
) -> None:
    """Ask on one connection until the time is over."""
    reader, writer = await asyncio.open_connection(host, port)
    while time.monotonic() < end:
        begun = time.perf_counter()
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        if found := re.search(rb"content-length: (\d+)", head):
            await reader.readexactly(int(found[1]))
        delays.append(time.perf_counter() - begun)
        statuses[int(head[9:12])] += 1
    writer.close()


async def load(
    url: str, paths: list[str], connections: int, seconds: float, headers: str
) -> tuple[list[float], Counter[int]]:
    """Ask for pages on some connections at once; return the delays and the statuses."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    made = [f"GET /{path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}\r\n".encode() for path in paths]
    requests = itertools.cycle(made)
    delays: list[float] = []
    statuses: Counter[int] = Counter()
    end = time.monotonic() + seconds
    work = [ask_again_and_again(host, port, requests, end, delays, statuses) for _ in range(connections)]
    await asyncio.gather(*work)
    return delays, statuses


def measure_memory(process: int) -> float:
    """Return the memory of a process and all below it in MB, shared pages counted once (PSS)."""
    return read_memory(list_processes(process)) / 1e6


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--project", type=Path, default=ROOT)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first start, nothing in the cache", "second start"):
            server, url, begun = start(given.project, Path(folder))
            cpu = read_cpu([server.pid])[server.pid]
            print(f"{name}: answers after {time.monotonic() - begun:.2f} s, {cpu:.2f} CPU s", end="", flush=True)
            for path in ("health", "doc/place/taipei"):
                if get(url + path) != 200:
                    raise SystemExit(f"{path} is not answered")
                print(f", /{path} after {time.monotonic() - begun:.2f} s", end="", flush=True)
            peak = 0.0
            if name.startswith("first"):
                print()
                server.send_signal(signal.SIGTERM)
                server.wait(60)
        while is_making(server.pid):
            peak = max(peak, measure_memory(server.pid))
            time.sleep(0.2)
        print(f", all pages after {time.monotonic() - begun:.1f} s")
        time.sleep(1)
        print(
            f"memory (PSS, all processes): {peak:.0f} MB while pages are made, then {measure_memory(server.pid):.0f} MB"
        )
        pages = list_pages(url)
        plain = [re.sub(r"(\.zh-Hant)?\.html$", "", page) for page in pages]
        cases = [
            ("pages of things", pages, ""),
            ("pages of things, gzip", pages, "Accept-Encoding: gzip\r\n"),
            ("pages of 200 things, gzip", pages[:400], "Accept-Encoding: gzip\r\n"),
            ("Turtle by negotiation", plain, "Accept: text/turtle\r\n"),
            ("303 from things", [page.replace("doc/", "id/", 1) for page in plain], ""),
        ]
        print(f"\n{given.connections} connections, {given.seconds:g} s each\n")
        print("| case | requests a second | p50 ms | p99 ms | CPU ms a request | statuses |")
        print("| --- | ---: | ---: | ---: | ---: | --- |")
        for name, paths, headers in cases:
            before = read_cpu([server.pid])[server.pid]
            delays, statuses = asyncio.run(load(url, paths, given.connections, given.seconds, headers))
            cpu = (read_cpu([server.pid])[server.pid] - before) / len(delays)
            delays.sort()
            rate, p50, p99 = len(delays) / given.seconds, delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
            cells = (f"{rate:,.0f}", f"{p50 * 1000:.1f}", f"{p99 * 1000:.1f}", f"{cpu * 1000:.2f}", str(dict(statuses)))
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
        print(f"\nmemory at the end: {measure_memory(server.pid):.0f} MB")
        server.send_signal(signal.SIGTERM)
        server.wait(60)


if __name__ == "__main__":
    main()
