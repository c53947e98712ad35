"""Measures how fast tables become RDF: glocal-rdf against the mapping engines that people use.

    python benchmarks/mapping.py [--workload networks|events] [--triples 10000,100000,1000000] [--runs 3]
                                 [--work FOLDER] [--only ours,polars,…]

It generates tables of the size asked for: city networks (four tables, quotes, Chinese, values that need
percent-encoding, empty cells, duplicate rows), or events (many short columns with lists, dates, numbers with marks
between groups, two languages, primary and foreign keys, for which only our engines and Polars have a mapping). It runs
each engine on them as a whole process, in turns, and prints the median wall time, CPU time and peak memory. Every
engine's output is compared with that of the plain Polars script: as a set of triples, after percent-decoding the IRIs,
because engines differ in what they encode. Competitors are installed into environments of their own under the work
folder when they are first needed; `--no-install` leaves out those that are not there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote

HERE = Path(__file__).parent
ENGINES = HERE / "mapping"
NAMES = (
    "台北",
    "高雄",
    "Xi'an",
    "São Paulo",
    'Saint "Louis"',
    "Lyon",
    "北京",
    "Zürich",
    "A&B 100%",
    "New York",
    "Århus",
    "Ōtsu",
)
ROLES = ('host of the "Cities" forum, 2004', "member", "observer", "chair; founding member", "", "秘書處")


MORPH = """[CONFIGURATION]
output_file: out.nt
na_values:
number_of_processes: 2
[tables]
mappings: mapping.rml.ttl
"""
RDFIZER = """[default]
main_directory: .
[datasets]
number_of_datasets: 1
output_folder: rdfizer
all_in_one_file: yes
remove_duplicate: yes
name: out
enrichment: yes
ordered: yes
large_file: false
[dataset1]
name: out
mapping: mapping.rml.ttl
"""


def write_table(path: Path, header: str, rows: list[list[str]]) -> None:
    """Write a CSV file."""

    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',"\n') else cell

    lines = [header, *(",".join(map(quoted, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")


def generate_events(folder: Path, triples: int) -> None:
    """Write the tables of events and their description."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(triples)  # noqa: S311 - the same tables on every run
    events = max(2 * triples // 33, 10)
    venues = max(events // 50, 5)
    write_table(folder / "venues.csv", "id,en,zh", [[str(i), f"Hall {i}", f"{i}號館"] for i in range(1, venues + 1)])

    def maybe(text: str, share: float) -> str:
        return text if rng.random() < share else ""

    rows = [
        [
            str(i),
            str(rng.randrange(1, venues + 1)),
            maybe(str(rng.randrange(1, events + 1)), 0.5),
            f'{i}th "Forum"' if i % 9 == 0 else f"Forum {i}",
            maybe(f"第{i}屆論壇", 0.8),
            f"{rng.randrange(1, 29):02d}.{rng.randrange(1, 13):02d}.{rng.randrange(1950, 2024)}",
            maybe(f"{rng.randrange(1, 29)}/{rng.randrange(1, 13)}/{rng.randrange(1950, 2024)}", 0.7),
            str(rng.randrange(1950, 2024)),
            f"{rng.randrange(10, 5_000_000):,}",
            maybe(f"{rng.randrange(1000, 9_000_000):,}".replace(",", ".") + f",{rng.randrange(100):02d}", 0.8),
            f"{rng.randrange(10)}.{rng.randrange(10)}",
            rng.choice("YN"),
            ";".join(f"t{rng.randrange(40)}" for _ in range(rng.randrange(5))),
            " ".join(f"c{rng.randrange(9000)}" for _ in range(rng.randrange(4))),
        ]
        for i in range(1, events + 1)
    ]
    write_table(folder / "events.csv", "id,venue,next,en,zh,from,to,year,visitors,budget,score,free,tags,hosts", rows)
    shutil.copy(ENGINES / "events-metadata.json", folder / "csv-metadata.json")


def generate(folder: Path, triples: int) -> None:
    """Write the tables of networks, their description, and the same mapping for the other engines."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(triples)  # noqa: S311 - the same tables on every run
    cities, members, counts = max(triples // 38, 10), max(triples // 13, 10), max(2 * triples // 23, 10)
    networks = max(cities // 40, 5)

    def write(name: str, header: str, rows: list[list[str]]) -> None:
        write_table(folder / name, header, rows)

    keys = [f"{rng.choice(NAMES)} {i}" for i in range(cities)]
    write(
        "cities.csv",
        "key,name_en,name_zh,country,population,area,founded",
        [
            [
                key,
                key,
                "" if rng.random() < 0.3 else f"城市{i}號",
                f"c{rng.randrange(190)}",
                "" if rng.random() < 0.1 else str(rng.randrange(1000, 20_000_000)),
                f"{rng.randrange(10, 9000)}.{rng.randrange(100):02d}",
                "" if rng.random() < 0.4 else str(rng.randrange(1000, 2020)),
            ]
            for i, key in enumerate(keys)
        ],
    )
    write("networks.csv", "id,name", [[f"n{i}", f'Network "{i}" of cities, towns'] for i in range(networks)])
    rows = [
        [
            f"m{i}",
            rng.choice(keys),
            f"n{rng.randrange(networks)}",
            f"{rng.randrange(1950, 2024)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}",
            rng.choice(ROLES),
            f"{rng.randrange(1, 90)}.50",
        ]
        for i in range(members)
    ]
    write("memberships.csv", "id,city,network,since,role,fee", rows + rows[: members // 50])
    write(
        "counts.csv",
        "id,city,year,sisters,note",
        [
            [
                f"o{i}",
                rng.choice(keys),
                str(rng.randrange(1980, 2024)),
                str(rng.randrange(60)),
                "" if rng.random() < 0.5 else f"see p. {i % 300}, 表 {i % 7}",
            ]
            for i in range(counts)
        ],
    )
    shutil.copy(ENGINES / "csv-metadata.json", folder / "csv-metadata.json")
    shutil.copy(ENGINES / "mapping.rml.ttl", folder / "mapping.rml.ttl")


@dataclass(frozen=True)
class Engine:
    """One contestant: the packages of its environment (None: this one), and its command in the folder of the tables."""

    packages: tuple[str, ...] | None
    command: tuple[str, ...]
    output: str = "out.nt"


def engines(workload: str) -> dict[str, Engine]:
    """Return the contestants by name."""
    if workload == "events":
        return {
            "ours": Engine(None, (str(ENGINES / "ours.py"),)),
            "ours-stream": Engine(None, (str(ENGINES / "ours.py"), "--stream")),
            "polars": Engine(None, (str(ENGINES / "plain_polars_events.py"),)),
        }
    return {
        "ours": Engine(None, (str(ENGINES / "ours.py"),)),
        "ours-stream": Engine(None, (str(ENGINES / "ours.py"), "--stream")),
        "polars": Engine(None, (str(ENGINES / "plain_polars.py"),)),
        "rdflib": Engine(None, (str(ENGINES / "rdflib_loop.py"),)),
        "morph-kgc": Engine(("morph-kgc==2.10.0",), ("-m", "morph_kgc", "morph.ini")),
        "sdm-rdfizer": Engine(("rdfizer",), ("-m", "rdfizer", "-c", "rdfizer.ini"), "rdfizer/out.nt"),
        "tarka-rdf": Engine(("tarka-rdf", "polars"), (str(ENGINES / "tarka_queries.py"),)),
        "maplib": Engine(("maplib", "polars"), (str(ENGINES / "maplib_templates.py"),)),
    }


def environment(name: str, engine: Engine, work: Path, *, install: bool) -> Path | None:
    """Return the Python of an engine's environment, made when it is not there; None if it cannot be."""
    if engine.packages is None:
        return Path(sys.executable)
    folder = work / "environments" / name
    python = folder / "bin" / "python"
    if python.exists():
        return python
    if not install:
        return None
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    made = subprocess.run([str(python), "-m", "pip", "install", "--quiet", *engine.packages], check=False)
    if made.returncode:
        shutil.rmtree(folder)
        return None
    return python


def run(python: Path, engine: Engine, folder: Path, timeout: float) -> tuple[float, float, float] | None:
    """Run an engine once; return wall seconds, CPU seconds and peak megabytes, or None if it failed."""
    (folder / "morph.ini").write_text(MORPH)
    (folder / "rdfizer.ini").write_text(RDFIZER)
    paths = [str(HERE.parent)] if engine.packages is None else [str(ENGINES / "stubs")]
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    started = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen([str(python), *engine.command], cwd=folder, stdout=log, stderr=log, env=environ)
        peak = watch(process, started + timeout)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (wall, cpu, peak) if process.returncode == 0 else None


def watch(process: subprocess.Popen[bytes], deadline: float) -> float:
    """Wait for a process; return the most memory that it held, in megabytes."""
    peak = 0.0
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        try:
            line = next((x for x in status.read_text().splitlines() if x.startswith("VmHWM:")), "")
            peak = max(peak, int(line.split()[1]) / 1024 if line else 0)
        except (OSError, ValueError):
            pass
        if time.perf_counter() > deadline:
            process.kill()
        time.sleep(0.005)
    return peak


def fingerprint(path: Path) -> tuple[int, str]:
    """Return the number of distinct triples of an N-Triples file and a hash of the set, IRIs percent-decoded."""
    seen: set[bytes] = set()
    total = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            text = line.strip().removesuffix(".").rstrip()
            if not text or text.startswith("#"):
                continue
            if "%" in text:
                head, quote, tail = text.partition('"')
                text = unquote(head) + quote + tail
            digest = hashlib.blake2b(_unescape(text).encode(), digest_size=16).digest()
            if digest not in seen:
                seen.add(digest)
                total = (total + int.from_bytes(digest, "big")) % (1 << 128)
    return len(seen), f"{total:032x}"


def _unescape(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("unicode_escape") if "\\u" in text or "\\U" in text else text


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", choices=["networks", "events"], default="networks")
    parser.add_argument("--triples", default="10000,100000,1000000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "glocal-benchmark")
    parser.add_argument("--only", default="")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--no-install", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"polars {version('polars')}, {options.runs} runs\n"
    )
    print("| triples | engine | wall s | CPU s | peak MB | same triples |\n| --- | --- | --- | --- | --- | --- |")
    for size in map(int, options.triples.split(",")):
        folder = options.work / f"{options.workload}-{size}"
        (generate if options.workload == "networks" else generate_events)(folder, size)
        chosen = {
            n: e for n, e in engines(options.workload).items() if not options.only or n in options.only.split(",")
        }
        pythons = {n: environment(n, e, options.work, install=not options.no_install) for n, e in chosen.items()}
        timings: dict[str, list[tuple[float, float, float]]] = {n: [] for n in chosen}
        prints: dict[str, tuple[int, str]] = {}
        for turn in range(options.runs):
            for name, engine in chosen.items():
                python = pythons[name]
                if python is None or (turn and not timings[name]):
                    continue
                (folder / engine.output).unlink(missing_ok=True)
                measured = run(python, engine, folder, options.timeout)
                if measured is not None and (folder / engine.output).exists():
                    timings[name].append(measured)
                    if not turn:
                        prints[name] = fingerprint(folder / engine.output)
        reference = prints.get("polars")
        for name, found in timings.items():
            if not found:
                print(f"| {size} | {name} | did not run | | | |")
                continue
            wall, cpu, peak = (statistics.median(column) for column in zip(*found, strict=True))
            same = "yes" if prints[name] == reference else f"no: {prints[name][0]}"
            print(
                f"| {reference[0] if reference else size} | {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {same} |",
                flush=True,
            )
            results.append({"size": size, "engine": name, "wall": wall, "cpu": cpu, "peak": peak, "same": same})
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
