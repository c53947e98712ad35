"""How long the command takes to start and to build the bundled dataset: whole processes in turn, medians.

python benchmarks/build.py [--runs 5]
python benchmarks/build.py --copies 1 27 285 955

With --copies the bundled project is built once with every organization so many times, to see how time and memory grow
(`copies.py` makes it). CPU seconds and memory are those of all processes that the command starts; memory is what Linux
counts (PSS), so that what two processes share is there once.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

from copies import write_copies
from processes import list_processes, read_memory


def measure(command: list[str], runs: int) -> tuple[float, float]:
    """Run a command several times; return the median wall seconds and CPU seconds of a run."""
    wall, cpu = [], []
    for _ in range(runs):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(wall), statistics.median(cpu)


def watch_memory(process: subprocess.Popen[bytes], peaks: list[int]) -> None:
    """Note the most memory that a process and all that it started take at once."""
    while process.returncode is None:
        peaks[0] = max(peaks[0], read_memory(list_processes(process.pid)))
        time.sleep(0.05)


def build_copies(program: str, numbers: list[int]) -> None:
    """Print how long a build takes of the project with copies of its organizations, and its memory."""
    print("| claims | triples | wall s | CPU s | peak GB |\n| --- | --- | --- | --- | --- |")
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            project, output = Path(folder, "project"), Path(folder, "built")
            claims = write_copies(project, number)
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            command = [program, "build", "--json", "--no-cache", "--project", str(project), "--output", str(output)]
            peaks = [0]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                watcher = threading.Thread(target=watch_memory, args=(process, peaks), daemon=True)
                watcher.start()
                printed, _ = process.communicate()
                watcher.join()
            wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            if process.returncode:
                sys.exit(f"{number} copies: the build ended with {process.returncode}")
            made = {one["what"]: one["count"] for one in json.loads(printed)["made"]}
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            triples, memory = made["triples in all"], peaks[0] / 1e9
            print(f"| {claims:,} | {triples:,} | {wall:.1f} | {cpu:.1f} | {memory:.2f} |", flush=True)


def main() -> None:
    """Print a table of the commands and their times, or of how a build grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--copies", type=int, nargs="+")
    options = parser.parse_args()
    runs = options.runs
    program = shutil.which("glocal", path=str(Path(sys.executable).parent))
    if program is None:
        sys.exit("install the package first: pip install .")
    if options.copies:
        build_copies(program, options.copies)
        return
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "glocal --help": [program, "--help"],
            "glocal build": [program, "build", "--output", folder],
            "glocal validate": [program, "validate"],
            "glocal query networks-of-city": [program, "query", "networks-of-city"],
            "glocal explain uclg": [program, "explain", "uclg"],
        }
        packages = ("glocal-rdf", "polars", "pyoxigraph", "pyshacl", "rdflib")
        print(f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in packages))
        print("| command | wall s | CPU s |\n| --- | --- | --- |")
        for name, command in commands.items():
            wall, cpu = measure(command, runs)
            print(f"| `{name}` | {wall:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    main()
