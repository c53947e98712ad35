"""Measures validation on a cluster against one process, on the data and shapes of `validation.py`.

    python benchmarks/cluster_validation.py --triples 1000000 5000000
    python benchmarks/cluster_validation.py --triples 1000000 --address sc://127.0.0.1:15002 --processes PID

`one` is `glocal validate`, `local` the same with `--cluster local` (an engine in the process), and an address is a
server of Spark Connect, whose processes are those under PID: `python tests/cluster/spark.py FOLDER` starts one and has
master, workers and server under it. Rows and MB moved are
those that tasks handed to others (benchmarks/moved.py); for a server they come from its event logs, in --events FOLDER,
which spark.py writes to the folder that GLOCAL_SPARK_EVENTS names. Each runs as a process of its own. CPU seconds are
those of all processes; memory is the largest that was seen, every half second, of all together and of one. The reports
of a size have to be the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from moved import read_events
from validation import SHAPES, generate

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def read_processes() -> dict[int, tuple[int, float, int]]:
    """Return the parent of every process, the CPU seconds of it and its children that have ended, and its memory."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            values = (folder / "stat").read_text().rpartition(")")[2].split()
            pages = int((folder / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
        found[int(folder.name)] = int(values[1]), sum(map(int, values[11:15])) / TICK, pages * PAGE
    return found


def measure(roots: Sequence[int]) -> tuple[float, int, int]:
    """Return the CPU seconds of processes with those under them, and the bytes of memory of all and of the largest."""
    every = read_processes()
    wanted = set(roots)
    while more := {one for one, (parent, *_) in every.items() if parent in wanted} - wanted:
        wanted |= more
    rows = [every[one] for one in wanted if one in every]
    return sum(row[1] for row in rows), sum(row[2] for row in rows), max((row[2] for row in rows), default=0)


def run(
    data: Path, shapes: Path, address: str, server: int | None, events: Path | None
) -> tuple[float, float, float, float, str, str]:
    """Run it once.

    Returns:
        Wall and CPU seconds, the MB of all processes and of one at most, the rows and MB that were moved as cells of a
        table (empty where that is not known), and a digest of the report.
    """
    counted = data.with_name("moved")
    program = [str(Path(__file__).parent / "moved.py"), str(counted)] if address == "local" else ["-m", "glocal_rdf"]
    command = [sys.executable, *program, "validate", str(data), "-s", str(shapes), "-f", "json"]
    moved_before = (0, 0) if events is None else read_events(events)
    if address != "one":
        command += ["--cluster", address]
    others = [] if server is None else [server]
    before = measure(others)[0]
    begun, cpu, peak, largest = time.monotonic(), 0.0, 0, 0
    with tempfile.TemporaryFile() as report:
        process = subprocess.Popen(command, stdout=report, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            seconds, memory, one = measure([process.pid, *others])
            cpu, peak, largest = max(cpu, seconds), max(peak, memory), max(largest, one)
            time.sleep(0.5)
        wall = time.monotonic() - begun
        report.seek(0)
        digest = hashlib.sha256(report.read()).hexdigest()[:12]
    if process.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    moved = " | "
    if address == "local":
        rows, size = json.loads(counted.read_text())
        moved = f"{rows:,} | {size / 2**20:,.1f}"
    elif address != "one" and events is not None:
        rows, size = (now - then for now, then in zip(read_events(events), moved_before, strict=True))
        moved = f"{rows:,} | {size / 2**20:,.1f}"
    return wall, cpu - before, peak / 2**20, largest / 2**20, moved, digest


def main() -> None:
    """Print a table: where, by size, seconds and memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, nargs="+", default=[1_000_000])
    parser.add_argument(
        "--address", action="append", default=[], help="local (the default), or a server of Spark Connect"
    )
    parser.add_argument("--processes", type=int, metavar="PID", help="what the server's processes are under")
    parser.add_argument("--events", type=Path, metavar="FOLDER", help="the server's event logs")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores\n")
    print("| triples | where | wall s | CPU s | MB, all | MB, largest | rows moved | MB moved | report |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        shapes, data = Path(folder) / "shapes.ttl", Path(folder) / "data.nt"
        shapes.write_text(SHAPES, encoding="utf-8")
        for size in given.triples:
            frame = generate(size, mistakes=True)
            line = pl.concat_str("subject", pl.lit(" "), "predicate", pl.lit(" "), "object", pl.lit(" ."))
            frame.select(line).write_csv(data, include_header=False, quote_style="never")
            height = frame.height
            del frame
            digests = set()
            for address in ("one", *(given.address or ["local"])):
                server = given.processes if address not in {"one", "local"} else None
                wall, cpu, peak, largest, moved, digest = run(data, shapes, address, server, given.events)
                digests.add(digest)
                figures = f"{wall:.1f} | {cpu:.1f} | {peak:,.0f} | {largest:,.0f} | {moved}"
                print(f"| {height:,} | {address} | {figures} | {digest} |", flush=True)
            if len(digests) > 1:
                raise SystemExit("the reports differ")


if __name__ == "__main__":
    main()
