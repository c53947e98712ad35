"""Measures how fast two versions of a graph are compared: ours against rdflib, pyoxigraph, and sort with comm.

    python benchmarks/diff.py [--triples 10000 100000 1000000] [--runs 3] [--rdflib-limit 100000]

It generates cities with names in two languages, numbers, dates and links, and a second version in another order, of
which about 1 % of the values are changed, added or removed. `--blank-nodes` gives every city an address, a blank node
with three values, with other labels in the second version. Each program reads both files and writes what was added and
removed, in a process of its own, in turn; the table has medians of wall and CPU time and the largest memory, and how
many triples were found to differ. rdflib's `graph_diff` compares blank nodes by canonicalization, and so does
pyoxigraph; a changed value makes another blank node of it for both. `comm` knows lines of text alone, and rdflib's `-`
labels alone, so that to them every blank node differs.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

EX = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SMALL = {"rdflib graph_diff", "rdflib -"}


def list_rows(count: int, *, blank_nodes: bool) -> Iterator[tuple[str, str, str]]:
    """Yield triples, ten a city; `_:` stands for the label of the city's blank node."""
    numbers = random.Random(1)  # noqa: S311 - the same data every time
    for city in range(count // 10):
        subject = f"<{EX}city/c{city}>"
        address = "_:" if blank_nodes else f"<{EX}address/c{city}>"
        yield subject, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"<{EX}City>"
        yield subject, LABEL, f'"City {city}"@en'
        yield subject, LABEL, f'"城市{city}"@zh-Hant'
        yield subject, f"{EX}country", f"<{EX}country/k{city % 200}>"
        yield subject, f"{EX}population", f'"{numbers.randint(1, 10**7)}"^^<{XSD}integer>'
        yield subject, f"{EX}founded", f'"{1900 + city % 120}-0{city % 9 + 1}-1{city % 10}"^^<{XSD}date>'
        yield subject, f"{EX}address", address
        yield address, f"{EX}street", f'"Street {city % 1000}"'
        yield address, f"{EX}number", f'"{city % 97}"^^<{XSD}integer>'
        yield address, f"{EX}postcode", f'"{city:08d}"'


def generate(count: int, old: Path, new: Path, *, blank_nodes: bool) -> None:
    """Write two versions as N-Triples."""
    numbers = random.Random(2)  # noqa: S311
    lines: list[str] = []
    with old.open("w", encoding="utf-8") as file:
        for at, (subject, predicate, object_) in enumerate(list_rows(count, blank_nodes=blank_nodes)):
            labels = [f"_:{side}{at // 10}" for side in ("a", "b")]
            first, second = (
                f"{label if subject == '_:' else subject} <{predicate}> {label if object_ == '_:' else object_} .\n"
                for label in labels
            )
            file.write(first)
            chance = numbers.random()
            is_value = object_.startswith('"')
            if chance < 0.003 and is_value:
                continue
            if chance > 0.994 and is_value:
                second = second.replace(' "', ' "1' if "integer" in second else ' "New ', 1)
            lines.append(second)
    numbers.shuffle(lines)
    new.write_text("".join(lines), encoding="utf-8")


def run_ours(old: Path, new: Path, form: str) -> int:
    """Run our operation, with the changes in a form."""
    from glocal_rdf.operations.diff import diff, render_changes  # noqa: PLC0415 - each process imports what it measures

    changes = diff(old, new)
    render_changes(changes, form, limit=50)
    return changes.added + changes.removed


def run_graph_diff(old: Path, new: Path) -> int:
    """Run rdflib's comparison by canonical graphs."""
    import rdflib.compare  # noqa: PLC0415

    graphs = [rdflib.Graph().parse(path, format="nt") for path in (old, new)]
    _, removed, added = rdflib.compare.graph_diff(*graphs)
    return len(added.serialize(format="nt").splitlines()) + len(removed.serialize(format="nt").splitlines())


def run_minus(old: Path, new: Path) -> int:
    """Take differences of rdflib's graphs."""
    import rdflib  # noqa: PLC0415

    ours, theirs = (rdflib.Graph().parse(path, format="nt") for path in (old, new))
    return len((theirs - ours).serialize(format="nt").splitlines()) + len(
        (ours - theirs).serialize(format="nt").splitlines()
    )


def run_pyoxigraph(old: Path, new: Path) -> int:
    """Canonicalize with pyoxigraph, and take differences of sets."""
    import pyoxigraph as ox  # noqa: PLC0415

    sides = []
    for path in (old, new):
        graph = ox.Dataset(ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES))
        graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        sides.append(set(graph))
    parts = [sides[1] - sides[0], sides[0] - sides[1]]
    return sum(len(ox.serialize(part, format=ox.RdfFormat.N_TRIPLES).splitlines()) for part in parts)


def run_comm(old: Path, new: Path) -> int:
    """Sort the lines and compare them."""
    script = 'LC_ALL=C; export LC_ALL; sort -u "$1" >"$1.s"; sort -u "$2" >"$2.s"; comm -3 "$1.s" "$2.s"'
    done = subprocess.run(["sh", "-c", script, "sh", str(old), str(new)], check=True, capture_output=True)
    return done.stdout.count(b"\n")


PROGRAMS = {
    "ours, in words": lambda old, new: run_ours(old, new, "text"),
    "ours, RDF Patch": lambda old, new: run_ours(old, new, "patch"),
    "rdflib graph_diff": run_graph_diff,
    "rdflib -": run_minus,
    "pyoxigraph, canonical": run_pyoxigraph,
    "sort and comm": run_comm,
}


def measure(name: str, old: Path, new: Path) -> None:
    """Run one program in this process, and print what it took."""
    begin = time.perf_counter()
    found = PROGRAMS[name](old, new)
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    took = {
        "wall": time.perf_counter() - begin,
        "cpu": sum(one.ru_utime + one.ru_stime for one in usage),
        "memory": max(one.ru_maxrss for one in usage) / 1024,
        "found": found,
    }
    print(json.dumps(took))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rdflib-limit", type=int, default=100_000, help="the most triples that rdflib is asked for")
    parser.add_argument("--blank-nodes", action="store_true", help="a blank node for each city")
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure[0], Path(options.measure[1]), Path(options.measure[2]))
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, ", end="")
    print(", ".join(f"{name} {version(name)}" for name in ("polars", "pyoxigraph", "rdflib")))
    print("| triples | program | wall s | CPU s | peak MB | differ |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for count in options.triples:
            old, new = Path(folder, "old.nt"), Path(folder, "new.nt")
            generate(count, old, new, blank_nodes=options.blank_nodes)
            names = [name for name in options.only if name not in SMALL or count <= options.rdflib_limit]
            runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
            for _ in range(options.runs):
                for name in names:
                    command = [sys.executable, __file__, "--measure", name, str(old), str(new)]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                    runs[name].append(json.loads(done.stdout))
            for name in names:
                took = {key: statistics.median(run[key] for run in runs[name]) for key in runs[name][0]}
                times = f"{took['wall']:.2f} | {took['cpu']:.2f} | {took['memory']:.0f} | {took['found']:,.0f}"
                print(f"| {count:,} | {name} | {times} |")


if __name__ == "__main__":
    main()
