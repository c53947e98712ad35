"""Measures the mapping of tables on a cluster against one process: CPU seconds of all processes, wall, memory, rows.

    python benchmarks/cluster.py --triples 1000000 --engines one,local
    GLOCAL_SPARK=FOLDER python benchmarks/cluster.py --triples 1000000 --engines one,local,spark

`one` is `glocal csvw -o FILE.nt`, `stream` is `glocal csvw --stream`, `local` is `--cluster local` (Sail, in one
process), and `spark` is a master, two workers and a Spark Connect server on this machine (tests/cluster/spark.py).
The tables are those of benchmarks/mapping.py. CPU seconds are those of all processes below this one, servers and
workers included (for `spark` without their start); memory is the largest of one process, and of all together
(shared pages by their share). Rows and bytes moved are those that tasks handed to others (benchmarks/moved.py). Each
result is compared with that of the first engine: the same lines.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parent.parent / "tests" / "cluster")]

from mapping import generate
from moved import read_events
from processes import list_processes

GLOCAL = [sys.executable, "-m", "glocal_rdf"]
MOVED = Path(__file__).parent / "moved.py"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Watch:
    """Follows a process tree: CPU ticks by process (those that ended keep their last number) and memory."""

    root: int
    ticks: dict[int, int] = field(default_factory=dict)
    largest: int = 0
    together: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Read the numbers of all processes once."""
        total = 0
        for process in set(list_processes(self.root)) - {os.getpid()}:
            try:
                stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                memory = int(Path(f"/proc/{process}/smaps_rollup").read_text().split("Pss:")[1].split()[0]) << 10
            except (OSError, IndexError):
                continue
            self.ticks[process] = int(stat[11]) + int(stat[12])
            self.largest, total = max(self.largest, memory), total + memory
        self.together = max(self.together, total)

    def follow(self) -> None:
        """Read the numbers until the end."""
        while not self.done.wait(0.2):
            self.look()

    @property
    def cpu(self) -> float:
        """CPU seconds of all processes that were seen."""
        return sum(self.ticks.values()) / TICKS


@contextmanager
def watch() -> Iterator[Watch]:
    """Follow what this process starts."""
    found = Watch(os.getpid())
    found.look()
    follower = threading.Thread(target=found.follow)
    follower.start()
    try:
        yield found
    finally:
        found.done.set()
        follower.join()
        found.look()


def fingerprint(lines: bytes) -> str:
    """Return a hash of sorted, distinct lines."""
    return hashlib.sha256(b"\n".join(sorted(set(lines.splitlines())))).hexdigest()[:16]


def main() -> None:
    """Run the engines, and print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--engines", default="one,local")
    parser.add_argument("--timeout", type=float, default=1800)
    args = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="glocal-bench-"))
    try:
        generate(work / "data", args.triples)
        source = str(work / "data" / "csv-metadata.json")
        expected = ""
        for engine in args.engines.split(","):
            expected = run(engine, source, work, args, expected) or expected
    finally:
        shutil.rmtree(work)


def run(engine: str, source: str, work: Path, args: argparse.Namespace, expected: str) -> str:
    """Run one engine; return the fingerprint of its result."""
    out = work / f"out-{engine}"
    words = {
        "one": [*GLOCAL, "csvw", source, "-o", f"{out}.nt"],
        "stream": [*GLOCAL, "csvw", source, "--stream", "-o", f"{out}.nt"],
        "local": [
            sys.executable,
            str(MOVED),
            str(work / "moved"),
            "csvw",
            source,
            "--cluster",
            "local",
            "-o",
            str(out),
        ],
    }
    if engine == "spark":
        from spark import run_spark  # noqa: PLC0415 - of the tests, for this engine alone

        started = time.monotonic()
        events = work / "events"
        events.mkdir()
        with run_spark(Path(os.environ["GLOCAL_SPARK"]), memory="4g", events=events) as spark:
            begun = time.monotonic() - started
            command = [*GLOCAL, "csvw", source, "--cluster", spark.address, "-o", str(out)]
            record = measure(engine, command, args.timeout) | {"start_s": round(begun, 1)}
        record |= dict(zip(("moved_rows", "moved_bytes"), read_events(events), strict=True))
    else:
        record = measure(engine, words[engine], args.timeout)
        if engine == "local":
            moved = json.loads((work / "moved").read_text())
            record |= dict(zip(("moved_rows", "moved_bytes"), moved, strict=True))
    parts = sorted(out.glob("part-*")) if out.is_dir() else [Path(f"{out}.nt")]
    made = fingerprint(b"".join(part.read_bytes() for part in parts))
    if out.is_dir():
        record["triples"] = json.loads((out / "_SUCCESS").read_text())["triples"]
    same = {"": "reference"}.get(expected, "yes" if made == expected else "NO")
    print(json.dumps(record | {"asked": args.triples, "parts": len(parts), "same": same}), flush=True)
    return made


def measure(engine: str, command: list[str], timeout: float) -> dict[str, object]:
    """Run a command, and return what it and everything below this process used."""
    with watch() as watched:
        before, started = watched.cpu, time.monotonic()
        environment = {**os.environ, "RUST_LOG": "error", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, timeout=timeout, capture_output=True, env=environment, check=False)
        wall = time.monotonic() - started
    if done.returncode not in (0, 1):
        raise SystemExit(f"{engine}: {done.stderr.decode()[-800:]}")
    return {
        "engine": engine,
        "cpu_s": round(watched.cpu - before, 1),
        "wall_s": round(wall, 1),
        "largest_mb": watched.largest >> 20,
        "together_mb": watched.together >> 20,
    }


if __name__ == "__main__":
    main()
