"""Measures the forms that `glocal export` writes: a graph of 100,000 things as tables, a map and a network.

    python benchmarks/exports.py [THINGS]

The graph is made up: things of three classes with names in two languages, numbers, dates, a list, coordinates and a
reference to another thing. Printed are CPU seconds of the process and the size of the result; the tables are read back
(CSV on the Web) and compared with the graph.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from glocal_rdf import Triples, csvw
from glocal_rdf.exports import DescribedGraph, find_form, form_names

XSD = "http://www.w3.org/2001/XMLSchema#"
EX = "https://example.org/"


def make_graph(things: int) -> Triples:
    """Return a graph with eleven statements about each thing."""
    number = pl.int_range(things, eager=True).alias("n")
    frame = number.to_frame()
    subject = pl.concat_str(pl.lit(f"<{EX}id/thing/"), pl.col("n"), pl.lit(">"))
    kinds = pl.Series(["City", "Park", "Network"]).gather(number % 3)
    values = {
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>": pl.lit(
            kinds.map_elements(lambda k: f"<{EX}ns#{k}>", pl.String)
        ),
        "<http://www.w3.org/2004/02/skos/core#prefLabel>": pl.format('"Thing {}"@en', "n"),
        "<http://www.w3.org/2004/02/skos/core#prefLabel> ": pl.format('"事物 {}"@zh-Hant', "n"),
        f"<{EX}ns#founded>": pl.format(f'"{{}}"^^<{XSD}gYear>', 1900 + pl.col("n") % 120),
        f"<{EX}ns#area>": pl.format(f'"{{}}.50"^^<{XSD}decimal>', "n"),
        f"<{EX}ns#open>": pl.lit(f'"true"^^<{XSD}boolean>'),
        f"<{EX}ns#tag>": pl.format('"tag {}"', pl.col("n") % 7),
        f"<{EX}ns#tag> ": pl.format('"tag {}"', pl.col("n") % 11 + 7),
        f"<{EX}ns#near>": pl.format(f"<{EX}id/thing/{{}}>", (pl.col("n") * 7) % things),
        "<http://www.w3.org/2003/01/geo/wgs84_pos#lat>": pl.format('"{}"', (pl.col("n") % 180 - 90) / 1.5),
        "<http://www.w3.org/2003/01/geo/wgs84_pos#long>": pl.format('"{}"', (pl.col("n") % 360 - 180) / 1.5),
    }
    parts = [
        frame.select(subject=subject, predicate=pl.lit(predicate.strip()), object=value)
        for predicate, value in values.items()
    ]
    return Triples(pl.concat(parts))


def main(things: int) -> None:
    """Print a line for each form."""
    graph = make_graph(things)
    print(f"{things:,} things, {len(graph):,} statements")
    for name in form_names():
        start = time.process_time()
        exported = find_form(name).write(DescribedGraph(graph, Triples.empty()))
        seconds = time.process_time() - start
        size = sum(map(len, exported.files.values())) / 1e6
        print(f"{name:8} {seconds:6.2f} s CPU  {size:7.1f} MB  {'; '.join(exported.notes)}")
        if name == "csv":
            with tempfile.TemporaryDirectory() as folder:
                for file, data in exported.files.items():
                    (Path(folder) / file).write_bytes(data)
                start = time.process_time()
                again = csvw.convert(Path(folder) / "csv-metadata.json").triples
                verdict = "the same" if again == graph else "NOT THE SAME"
                print(f"  read back {time.process_time() - start:.2f} s CPU: {verdict}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
