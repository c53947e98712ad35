"""How long a project of a large table takes: to make it (init), and to build it against converting its table alone.

python benchmarks/init.py [--rows 100000,1000000]
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAD = ("Name", "Type", "Founded", "Budget", "Latitude", "Longitude", "Website", "Themes", "City", "Notes")
CITIES = ("Taipei", "Kaohsiung", "Paris", "Berlin", "Tokyo", "Lyon", "Porto", "Oslo")


def write_table(path: Path, rows: int) -> None:
    """Write organizations with names, dates, amounts, coordinates, addresses and lists; the same ones on every run."""
    pick = random.Random(1)  # noqa: S311 - not for secrets
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for number in range(rows):
            writer.writerow(
                (
                    f"Organization {number} of {pick.choice(CITIES)}",
                    pick.choice(("NGO", "network", "agency", "firm")),
                    f"{pick.randint(1900, 2020)}-0{pick.randint(1, 9)}-1{pick.randint(0, 9)}",
                    f"{pick.randint(1000, 900000)}.{pick.randint(0, 99):02d}",
                    round(pick.uniform(-60, 60), 4),
                    round(pick.uniform(-170, 170), 4),
                    f"https://example.org/o/{number}",
                    pick.choice(("climate;water", "energy", "climate;energy;health")),
                    pick.choice(CITIES),
                    pick.choice(("", "checked", f"see file {number}")),
                )
            )


def measure(command: list[str]) -> tuple[float, float, float]:
    """Run a command; return wall seconds, CPU seconds, and the most memory of any child so far in MB."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024


def main() -> None:
    """Print a table of the commands and their times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="100000")
    program = shutil.which("glocal", path=str(Path(sys.executable).parent))
    if program is None:
        sys.exit("install the package first: pip install .")
    print("| rows | command | wall s | CPU s | peak MB |\n| --- | --- | --- | --- | --- |")
    for rows in map(int, parser.parse_args().rows.split(",")):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_table(folder / "organizations.csv", rows)
            made = folder / "made"
            source = ["--from", str(folder / "organizations.csv"), "--base", "https://example.org/o/", "--yes"]
            metadata = str(made / "data" / "csv-metadata.json")
            for shown, command in (
                ("glocal init --from organizations.csv", ["init", str(made), *source]),
                ("glocal csvw data/csv-metadata.json -o made.ttl", ["csvw", metadata, "-o", str(folder / "made.ttl")]),
                ("glocal build", ["build", "--project", str(made), "-o", str(folder / "out")]),
            ):
                wall, cpu, memory = measure([program, *command])
                print(f"| {rows:,} | `{shown}` | {wall:.1f} | {cpu:.1f} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
