"""Measures how fast graphs are read and written: ours against rdflib, pyoxigraph and a plain concatenation.

    python benchmarks/turtle.py [--small 100000] [--large 1000000] [--runs 3] [--patient]

It generates triples of cities with names in two languages, numbers, dates and links, and runs each job in a process of
its own, in turn, `--runs` times. The clock runs for the job alone, from a graph in memory to bytes in memory or back;
loading the graph is not counted. The table gives medians of wall time and CPU time, the largest memory of the whole
process, and how many times the CPU time of ours the others take. What is written is read back and compared.
"""

from __future__ import annotations

import argparse
import io
import json
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ID = "https://w3id.org/glocal/id/"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
ONTOLOGY = "https://w3id.org/glocal/ontology#"


def generate(count: int, path: Path) -> None:
    """Write canonical N-Triples, ten a city."""
    numbers = random.Random(1)  # noqa: S311 - the same data every time
    with path.open("w", encoding="utf-8") as file:
        for city in range(count // 10):
            subject = f"<{ID}city/c{city}>"
            people, area = numbers.randint(1, 10**7), numbers.randint(1, 10**5) / 100
            pairs = [
                ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"<{ONTOLOGY}City>"),
                (f"{SKOS}prefLabel", f'"City {city} \\"the {city % 7}th\\""@en'),
                (f"{SKOS}prefLabel", f'"城市{city}"@zh-Hant'),
                (f"{SKOS}altLabel", f'"Alias {city}"'),
                (f"{SKOS}altLabel", f'"Alias of {city}"'),
                ("http://schema.org/url", f'"https://city{city}.example.org/a%20b"^^<{XSD}anyURI>'),
                ("http://schema.org/containedInPlace", f"<{ID}country/k{city % 200}>"),
                (f"{ONTOLOGY}populationCovered", f'"{people}"^^<{XSD}integer>'),
                (f"{ONTOLOGY}area", f'"{area:.2f}"^^<{XSD}decimal>'),
                ("http://schema.org/foundingDate", f'"{1900 + city % 120}-0{city % 9 + 1}-1{city % 10}"^^<{XSD}date>'),
            ]
            file.writelines(f"{subject} <{predicate}> {term} .\n" for predicate, term in pairs)


def prepare_ours(path: Path) -> Any:
    """Load our graph."""
    from glocal_rdf.triples import Triples  # noqa: PLC0415 - each process imports what it measures

    return Triples.read(path)


def prepare_rdflib(path: Path) -> Any:
    """Load a graph of rdflib."""
    import rdflib  # noqa: PLC0415

    return rdflib.Graph().parse(path, format="nt")


def prepare_plain(path: Path) -> Any:
    """Load three lists of strings."""
    return tuple(prepare_ours(path).frame[name].to_list() for name in ("subject", "predicate", "object"))


def concatenate(columns: Any) -> bytes:
    """Write N-Triples by plain Python, a line a triple."""
    return "".join([f"{s} {p} {o} .\n" for s, p, o in zip(*columns, strict=True)]).encode()


def concatenate_columns(graph: Any) -> bytes:
    """Write N-Triples by plain Polars, with nothing asked and nothing checked."""
    import polars as pl  # noqa: PLC0415

    out = io.BytesIO()
    line = pl.concat_str("subject", pl.lit(" "), "predicate", pl.lit(" "), "object", pl.lit(" ."))
    graph.frame.select(line).write_csv(out, include_header=False, quote_style="never")
    return out.getvalue()


def stream(data: bytes, form: str) -> bytes:
    """Turn N-Triples into a format with pyoxigraph, in the order in which they come."""
    import pyoxigraph  # noqa: PLC0415

    wanted = pyoxigraph.RdfFormat.from_extension(form)
    return pyoxigraph.serialize(pyoxigraph.parse(data, pyoxigraph.RdfFormat.N_TRIPLES), format=wanted) or b""


def read_ours(path: Path) -> Any:
    """Read N-Triples into our graph."""
    return len(prepare_ours(path))


def read_pyoxigraph(path: Path) -> Any:
    """Read N-Triples with pyoxigraph, into nothing."""
    import pyoxigraph  # noqa: PLC0415

    return sum(1 for _ in pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.N_TRIPLES))


def read_rdflib(path: Path) -> Any:
    """Read N-Triples into a graph of rdflib."""
    return len(prepare_rdflib(path))


# What is measured: the job, who does it, on which of the two sizes, what is loaded first, and what is timed.
Job = tuple[str, str, str, Callable[[Path], Any], Callable[[Any], Any]]


def import_ours(path: Path) -> Path:
    """Load nothing but the package."""
    import glocal_rdf.triples  # noqa: F401, PLC0415

    return path


def import_pyoxigraph(path: Path) -> Path:
    """Load nothing but the package."""
    import pyoxigraph  # noqa: F401, PLC0415

    return path


def import_rdflib(path: Path) -> Path:
    """Load nothing but the package."""
    import rdflib.plugins.parsers.ntriples  # noqa: F401, PLC0415

    return path


SORTED = "Turtle, stable and sorted"
JOBS: list[Job] = [
    (SORTED, "ours", "small", prepare_ours, lambda g: g.serialize("turtle")),
    (
        SORTED,
        "rdflib longturtle",
        "small",
        prepare_rdflib,
        lambda g: g.serialize(format="longturtle"),
    ),
    (SORTED, "rdflib turtle", "small", prepare_rdflib, lambda g: g.serialize(format="turtle")),
    (SORTED, "ours", "large", prepare_ours, lambda g: g.serialize("turtle")),
    (SORTED, "rdflib longturtle", "large", prepare_rdflib, lambda g: g.serialize(format="longturtle")),
    ("Turtle, order as it comes", "pyoxigraph", "large", Path.read_bytes, lambda data: stream(data, "ttl")),
    ("write N-Triples", "ours", "large", prepare_ours, lambda g: g.serialize("ntriples")),
    ("write N-Triples", "plain Polars", "large", prepare_ours, concatenate_columns),
    ("write N-Triples", "plain Python", "large", prepare_plain, concatenate),
    ("read N-Triples", "ours", "large", import_ours, read_ours),
    ("read N-Triples", "pyoxigraph", "large", import_pyoxigraph, read_pyoxigraph),
    ("read N-Triples", "ours", "small", import_ours, read_ours),
    ("read N-Triples", "rdflib", "small", import_rdflib, read_rdflib),
    ("JSON-LD", "ours", "small", prepare_ours, lambda g: g.serialize("jsonld")),
    ("JSON-LD", "rdflib", "small", prepare_rdflib, lambda g: g.serialize(format="json-ld")),
    ("RDF/XML", "ours", "small", prepare_ours, lambda g: g.serialize("rdfxml")),
    ("RDF/XML", "rdflib", "small", prepare_rdflib, lambda g: g.serialize(format="xml")),
]


def run_job(index: int, path: Path) -> None:
    """Do one job in this process and print what it took."""
    _, _, _, prepare, job = JOBS[index]
    loaded = prepare(path)
    wall, cpu = time.perf_counter(), time.process_time()
    job(loaded)
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps(took | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def check(path: Path) -> None:
    """Fail unless everything that we write is read back as it was."""
    from glocal_rdf.triples import Triples  # noqa: PLC0415

    graph = Triples.read(path)
    for name in ("turtle", "ntriples", "jsonld", "rdfxml"):
        if Triples.parse(graph.serialize(name), name) != graph:
            sys.exit(f"{name} is not read back as it was written")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=100_000, help="triples for the jobs that rdflib does too")
    parser.add_argument("--large", type=int, default=1_000_000, help="triples for the others")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--patient", action="store_true", help="let rdflib write the large Turtle too, for minutes")
    parser.add_argument("--job", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.check:
        check(options.data)
        return
    if options.job is not None:
        run_job(options.job, options.data)
        return
    packages = ("glocal-rdf", "polars", "pyoxigraph", "rdflib")
    print(f"{platform.machine()}, Python {platform.python_version()}, ", end="")
    print(", ".join(f"{name} {find_version(name)}" for name in packages))
    with tempfile.TemporaryDirectory() as folder:
        files = {size: Path(folder) / f"{size}.nt" for size in ("small", "large")}
        generate(options.small, files["small"])
        generate(options.large, files["large"])
        # In a process of its own: its memory would count as that of every later process.
        subprocess.run([sys.executable, __file__, "--check", "--data", str(files["small"])], check=True)
        measured: dict[int, list[dict[str, float]]] = {index: [] for index in range(len(JOBS))}
        for _ in range(options.runs):
            for index, job in enumerate(JOBS):
                if job[1:3] == ("rdflib longturtle", "large") and not options.patient:
                    continue
                command = [sys.executable, __file__, "--job", str(index), "--data", str(files[job[2]])]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                measured[index].append(json.loads(done.stdout))
    print("| job | triples | by | wall s | CPU s | peak MB | CPU, times ours |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for index, (name, who, size, _, _) in enumerate(JOBS):
        if not measured[index]:
            continue
        took = {key: statistics.median(run[key] for run in measured[index]) for key in ("wall", "cpu", "memory")}
        ours = next(i for i, job in enumerate(JOBS) if (job[1], job[2]) == ("ours", size) and alike(job[0], name))
        times = took["cpu"] / statistics.median(run["cpu"] for run in measured[ours])
        count = options.small if size == "small" else options.large
        cells = [
            name,
            f"{count:,}",
            who,
            f"{took['wall']:.2f}",
            f"{took['cpu']:.2f}",
            f"{took['memory']:.0f}",
            f"{times:.1f}",
        ]
        print(f"| {' | '.join(cells)} |")


def alike(one: str, other: str) -> bool:
    """Say whether two jobs give the same thing."""
    return one.partition(",")[0] == other.partition(",")[0]


def find_version(name: str) -> str:
    """Tell the version of a package; ours may be run from a checkout."""
    if name == "glocal-rdf":
        import glocal_rdf  # noqa: PLC0415

        return glocal_rdf.__version__
    return version(name)


if __name__ == "__main__":
    main()
