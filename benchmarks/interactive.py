"""Measures how long one waits for an answer: commands on an unchanged project, and queries of a large file.

    python benchmarks/interactive.py --runs 7
    python benchmarks/interactive.py --triples 1000000 --only source

Each command runs in a process of its own, in turn, without the cache, with an empty one (what is kept is written too)
and with the filled one. The file holds labels with a language, years, integers or decimals, and links between things;
pyoxigraph loads the same file with `bulk_load` and answers the same query. Wall and CPU seconds, the latter with those
of the processes that a command starts, are medians.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GLOCAL = [sys.executable, "-m", "glocal_rdf"]
XSD = "http://www.w3.org/2001/XMLSchema#"
COMMANDS = {
    "query networks-founded": ["query", "networks-founded"],
    "query networks-of-city": ["query", "networks-of-city", "city=臺北"],
    "find 城市聯盟": ["find", "城市聯盟"],
    "explain uclg": ["explain", "uclg"],
    "validate": ["validate"],
}
COUNT = "SELECT (COUNT(*) AS ?n) { ?s a ?class }"
OXIGRAPH = f"""
import sys
from pyoxigraph import RdfFormat, Store
store = Store(*sys.argv[2:])
store.bulk_load(path=sys.argv[1], format=RdfFormat.N_TRIPLES)
print(next(iter(store.query({COUNT!r})))[0].value)
"""


def measure(words: list[str], cache: Path | None) -> tuple[float, float]:
    """Run a command, and return its wall and CPU seconds."""
    environment = {**os.environ, "GLOCAL_CACHE": str(cache), "GLOCAL_NO_CACHE": "" if cache else "1"}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show(name: str, times: list[tuple[float, float]]) -> None:
    """Print a row of the table."""
    wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"| {name} | {wall:.2f} | {cpu:.2f} |", flush=True)


def measure_commands(runs: int, folder: Path) -> None:
    """Measure commands on the bundled dataset."""
    times: dict[str, list[tuple[float, float]]] = {}
    for _ in range(runs):
        for name, words in COMMANDS.items():
            cache = folder / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            for state, where in (("without the cache", None), ("written", cache), ("from the cache", cache)):
                times.setdefault(f"`{name}`, {state}", []).append(measure([*GLOCAL, *words], where))
    for name, measured in times.items():
        show(name, measured)


def write_graph(path: Path, triples: int, kind: str) -> None:
    """Write a graph of things with labels, years, numbers of a kind, and links."""
    chosen = random.Random(1)  # noqa: S311 - the same graph each time
    things = triples // 5
    with path.open("w", encoding="utf-8") as file:
        for n in range(things):
            thing, value = f"<https://example.org/id/{n}>", f"{n * 7}.50" if kind == "decimal" else n * 7
            file.write(
                f"{thing} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Thing> .\n"
                f'{thing} <http://www.w3.org/2004/02/skos/core#prefLabel> "Thing number {n}"@en .\n'
                f'{thing} <https://example.org/year> "{1900 + n % 120}"^^<{XSD}gYear> .\n'
                f'{thing} <https://example.org/count> "{value}"^^<{XSD}{kind}> .\n'
                f"{thing} <https://example.org/near> <https://example.org/id/{chosen.randrange(things)}> .\n"
            )


def measure_source(runs: int, triples: int, folder: Path) -> None:
    """Measure queries of a large file, beside pyoxigraph."""
    times: dict[str, list[tuple[float, float]]] = {}
    for kind in ("integer", "decimal"):
        graph, cache, store = folder / f"{kind}.nt", folder / "cache", folder / "store"
        write_graph(graph, triples, kind)
        query = [*GLOCAL, "query", "--source", str(graph), "--text", COUNT]
        oxigraph = [sys.executable, "-c", OXIGRAPH, str(graph)]
        for _ in range(runs):
            shutil.rmtree(cache, ignore_errors=True)
            shutil.rmtree(store, ignore_errors=True)
            for name, words, where in (
                ("pyoxigraph, in memory", oxigraph, None),
                ("pyoxigraph, on disk", [*oxigraph, str(store)], None),
                ("`query --source`, without the cache", query, None),
                ("`query --source`, first", query, cache),
                ("`query --source`, again", query, cache),
            ):
                times.setdefault(f"{name}: {kind}s", []).append(measure(words, where))
    for name, measured in times.items():
        show(name, measured)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["commands", "source"])
    given = parser.parse_args()
    print("| what | wall s | CPU s |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        if given.only != "source":
            measure_commands(given.runs, Path(folder))
        if given.only != "commands":
            measure_source(given.runs, given.triples, Path(folder))


if __name__ == "__main__":
    main()
