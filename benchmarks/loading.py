"""Measures loads into the Oxigraph server and into Virtuoso: `glocal load` beside curl and the stores' own loaders.

Usage: python benchmarks/loading.py [TRIPLES] (1,000,000 by default). Virtuoso takes part where `virtuoso-t` is here.
Each way fills a store of its own; time is wall time, and memory the greatest of the process that sends.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from stores import PASSWORD, run_oxigraph, run_virtuoso

BIN = Path(sys.executable).parent
GLOCAL = [sys.executable, "-m", "glocal_rdf", "load"]


def write_data(path: Path, count: int) -> None:
    """Write triples like those of a published dataset: IRIs, texts in two languages, numbers and dates."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count // 5):
            subject = f"<https://data.example/id/city/{number}>"
            file.write(
                f"{subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://data.example/ontology#City> .\n"
                f'{subject} <http://www.w3.org/2004/02/skos/core#prefLabel> "City {number}"@en .\n'
                f'{subject} <http://www.w3.org/2004/02/skos/core#prefLabel> "城市 {number}"@zh-Hant .\n'
                f'{subject} <https://data.example/ontology#count> "{number}"^^'
                "<http://www.w3.org/2001/XMLSchema#integer> .\n"
                f"{subject} <https://data.example/ontology#near> <https://data.example/id/city/{number // 2}> .\n"
            )


def measure(name: str, command: list[str], **environment: str) -> None:
    """Run a command and print what it took."""
    began = time.perf_counter()
    code = f"""import resource, subprocess, sys
done = subprocess.run({command!r}, capture_output=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, done.returncode)
if done.returncode: sys.stderr.write((done.stdout + done.stderr).decode()[-500:])"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    seconds = time.perf_counter() - began
    memory, status = done.stdout.split()
    print(f"{name:<45} {seconds:8.1f} s {memory:>6} MiB{'' if status == '0' else '  FAILED: ' + done.stderr[-200:]}")


def main() -> None:
    """Run all ways."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{count:,} triples, {platform.processor() or platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        data = work / "data.nt"
        write_data(data, count)
        (work / "own").mkdir()
        measure(
            "oxigraph load (no server)",
            [str(BIN / "oxigraph"), "load", "--location", str(work / "own"), "--file", str(data)],
        )
        curl = ["curl", "-sf", "-X", "POST", "-H", "Content-Type: application/n-triples", "-T", str(data)]
        for way in ("curl", "", "--update", "--replace"):
            folder = work / f"oxigraph{way}"
            folder.mkdir()
            with run_oxigraph(folder) as address:
                if way == "curl":
                    measure("curl to Oxigraph, one request", [*curl, f"{address}/store?default"])
                elif way == "--update":
                    measure(f"glocal load {way} to Oxigraph", [*GLOCAL, f"{address}/update", str(data), way])
                else:
                    measure(f"glocal load {way} to Oxigraph", [*GLOCAL, address, str(data), *([way] if way else [])])
            shutil.rmtree(folder)
        if shutil.which("virtuoso-t"):
            folder = work / "virtuoso"
            folder.mkdir()
            with run_virtuoso(folder) as address:
                graph = "https://data.example/graph"
                known = {"GLOCAL_LOAD_USER": "dba", "GLOCAL_LOAD_PASSWORD": PASSWORD}
                measure("glocal load to Virtuoso", [*GLOCAL, f"{address}/sparql", str(data), "--graph", graph], **known)
                digest = ["--digest", "-u", f"dba:{PASSWORD}"]
                there = f"{address}/sparql-graph-crud-auth?graph=urn:curl"
                measure("curl to Virtuoso, one request", [*curl, *digest, there])
    print(f"peak of all: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main()
