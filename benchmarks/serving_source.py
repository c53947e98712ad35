"""How much memory and time `glocal serve --source FILE` takes with many triples: whole processes, on loopback.

    python benchmarks/serving_source.py [--triples 1000000 10000000] [--pages 300] [--folder DIR]

The file is N-Triples about made-up things, ten triples each: a class out of three, names in two languages, a year, a
number, coordinates, one of ten districts (hubs: a tenth of all things leads to each) and a reference to another thing.
Three things are measured: writing the file into the store (once for a file), starting with the store that is kept, and
pages of things and hubs that nobody asked for before. Memory is the proportional set size (PSS) summed over all
processes, at its highest, and for serving also after the last page; it is read ten times a second.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import polars as pl
from processes import list_processes, read_memory

SPACE = "https://data.example.org/id/"
TERMS = "https://data.example.org/ontology#"
XSD = "http://www.w3.org/2001/XMLSchema#"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
CLASSES = ("City", "Park", "Network")
BLOCK = 100_000


def write_triples(file: Path, number: int) -> None:
    """Write a file of so many triples."""
    things = number // 10
    with file.open("wb") as output:
        for start in range(0, things, BLOCK):
            output.write(make_block(start, min(things, start + BLOCK), things))


def make_block(start: int, end: int, things: int) -> bytes:
    """Return the triples of some things as N-Triples."""
    one = pl.int_range(start, end, eager=True).alias("n").to_frame()
    n = pl.col("n")
    subject = pl.format(f"<{SPACE}thing/{{}}>", n)

    def line(predicate: str, value: pl.Expr) -> pl.Expr:
        return pl.concat_str(subject, pl.lit(f" {predicate} "), value, pl.lit(" .\n"))

    kinds = pl.concat_str(pl.lit(f"<{TERMS}"), (n % 3).replace_strict(dict(enumerate(CLASSES))), pl.lit(">"))
    lines = [
        line(TYPE, kinds),
        line(LABEL, pl.format('"Thing number {}"@en', n)),
        line(LABEL, pl.format('"第{}號事物"@zh-Hant', n)),
        line(f"<{TERMS}founded>", pl.format(f'"{{}}"^^<{XSD}gYear>', 1800 + n % 220)),
        line(f"<{TERMS}area>", pl.format(f'"{{}}.5"^^<{XSD}decimal>', n % 9973)),
        line(f"<{WGS84}lat>", pl.format(f'"{{}}.25"^^<{XSD}decimal>', n % 90)),
        line(f"<{WGS84}long>", pl.format(f'"{{}}.75"^^<{XSD}decimal>', n % 180)),
        line(f"<{TERMS}district>", pl.format(f"<{SPACE}district/{{}}>", n % 10)),
        line(f"<{TERMS}near>", pl.format(f"<{SPACE}thing/{{}}>", (n * 7919 + 13) % things)),
        line(f"<{TERMS}code>", pl.format('"C{}"', n)),
    ]
    return one.select(pl.concat_str(*lines).str.join(""))["n"][0].encode()


class Watch:
    """The most memory that a process had, with all below it."""

    def __init__(self, pid: int) -> None:
        """Begin to watch."""
        self.most = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(0.1):
            self.most = max(self.most, read_memory(list_processes(self._pid)))

    def end(self) -> int:
        """Return the most, in bytes."""
        self._ended.set()
        self._thread.join()
        return self.most


@contextmanager
def serve(file: Path, cache: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Watch, float]]:
    """Serve a file; yield the process, its port, what watches it, and the seconds until it answered."""
    command = [sys.executable, "-m", "glocal_rdf", "serve", "--source", str(file), "--port", "0", "--space", SPACE]
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env={**os.environ, "GLOCAL_CACHE": str(cache)},
            start_new_session=True,
        )
    watch = Watch(process.pid)
    try:
        port = 0
        while not port:
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            found = re.search(r"http://[^\s/]+:(\d+)/", log.read_text(errors="replace"))
            port = int(found[1]) if found else 0
            time.sleep(0.02)
        ask(port, "/health")
        yield process, port, watch, time.monotonic() - start
    finally:
        watch.end()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def ask(port: int, path: str, accept: str = "text/html") -> float:
    """Ask for a path, and return the milliseconds that it took."""
    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Accept": accept})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return (time.monotonic() - start) * 1000


def run(number: int, pages: int, folder: Path) -> None:
    """Measure with so many triples, and print a row."""
    file, cache, log = folder / f"{number}.nt", folder / "cache", folder / "serve.log"
    if not file.exists():
        write_triples(file, number)
    with serve(file, cache, log) as (_, _, watch, first):
        loaded = watch.most
    print(f"{number:,} triples: loaded in {first:.1f} s, {loaded >> 20:,} MB", file=sys.stderr, flush=True)
    chosen = random.Random(1)  # noqa: S311 - pages to ask for
    with serve(file, cache, log) as (process, port, watch, again):
        things = [ask(port, f"/doc/thing/{chosen.randrange(number // 10)}.html") for _ in range(pages)]
        hubs = [ask(port, f"/doc/district/{one}.html") for one in range(10)]
        home = ask(port, "/index.html")
        for number_of in range(6):  # so that all processes of the pool run
            ask(port, f"/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%20{number_of}", "text/csv")
        after = read_memory(list_processes(process.pid))
        most = watch.end()
    things.sort()
    cells = [
        f"{number:,}",
        f"{first:.1f}",
        f"{loaded >> 20:,}",
        f"{again:.1f}",
        f"{most >> 20:,}",
        f"{after >> 20:,}",
        f"{statistics.median(things):.0f}",
        f"{things[int(len(things) * 0.99) - 1]:.0f}",
        f"{max(hubs):,.0f}",
        f"{home:,.0f}",
    ]
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--triples", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, Polars {version('polars')}, pyoxigraph {version('pyoxigraph')}\n")
    print("| triples | load s | load MB | start s | serve MB | after MB | page ms | p99 ms | hub ms | first page ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        for number in options.triples:
            run(number, options.pages, options.folder or Path(temporary))


if __name__ == "__main__":
    main()
