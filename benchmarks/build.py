"""How long the command takes to start and to build the bundled dataset: whole processes in turn, medians.

python benchmarks/build.py [--runs 5]
"""

from __future__ import annotations

import argparse
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path


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


def main() -> None:
    """Print a table of the commands and their times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    program = shutil.which("glocal", path=str(Path(sys.executable).parent))
    if program is None:
        sys.exit("install the package first: pip install .")
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
