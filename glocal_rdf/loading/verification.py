"""Looks at what a store has after a load: how many statements each graph has, and a sample term by term.

The sample has the statements with the least hashes, and some of each language and datatype, so that what a store does
to a kind of literal is seen. For each the store is asked which objects it has for that subject and predicate, rather
than whether it has that object: stores compare literals by their values, and a changed one would not be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import polars as pl

from glocal_rdf.loading.blank_nodes import has_blank
from glocal_rdf.loading.model import Change
from glocal_rdf.loading.requests import Client
from glocal_rdf.loading.statements import copy_texts
from glocal_rdf.namespaces import XSD
from glocal_rdf.triples import terms
from glocal_rdf.xsd.ordering import DECIMALS, compare, keys_of

__all__ = ["Counter", "Sample", "compare_objects", "count_merged", "count_statements", "find_inexact", "read_objects"]

PER_KIND: Final = 25
"""How many statements of each language and datatype a sample has at least, where there are so many."""

PAIRS_PER_QUERY: Final = 50
GRAPHS_PER_QUERY: Final = 50

_TERMS: Final = ("subject", "predicate", "object")


class Counter:
    """Counts the different statements of each graph, by hashes of 64 bits: eight bytes of memory for each statement."""

    def __init__(self) -> None:
        """Have counted nothing yet."""
        self._hashes: dict[str, list[pl.Series]] = {}

    def add(self, frame: pl.DataFrame) -> None:
        """Count statements."""
        hashed = frame.select("graph", hash=frame.select(_TERMS).hash_rows())
        for (graph,), part in hashed.partition_by("graph", as_dict=True).items():
            self._hashes.setdefault(str(graph), []).append(part["hash"])

    def counts(self) -> dict[str, int]:
        """Return how many there are in each graph."""
        return {graph: pl.concat(parts).n_unique() for graph, parts in self._hashes.items()}


class Sample:
    """Some statements out of many, the same ones for the same statements."""

    def __init__(self, size: int) -> None:
        """Take about `size` of them."""
        self.size = size
        self._kept = pl.DataFrame(schema=dict.fromkeys((*_TERMS, "graph"), pl.String))

    def add(self, frame: pl.DataFrame) -> None:
        """Choose among further statements; those with blank nodes cannot be asked for."""
        if not self.size:
            return
        chosen = copy_texts(self._choose(frame.filter(~has_blank())))
        self._kept = self._choose(pl.concat([self._kept, chosen]))

    def _choose(self, frame: pl.DataFrame) -> pl.DataFrame:
        object_ = pl.col("object")
        ranked = (
            frame.select(*_TERMS, "graph")
            .unique(maintain_order=True)
            .with_columns(
                hash=pl.struct(*_TERMS, "graph").hash(),
                kind=pl.coalesce(terms.language(object_), terms.datatype(object_), terms.kind(object_)),
            )
            .sort("hash")
        )
        place = pl.int_range(pl.len())
        chosen = ranked.filter((place < self.size) | (place.over("kind") < min(PER_KIND, self.size)))
        return chosen.select(*_TERMS, "graph")

    def statements(self) -> pl.DataFrame:
        """Return what was chosen."""
        return self._kept


def count_statements(client: Client, endpoint: str, graphs: Sequence[str]) -> dict[str, int]:
    """Ask how many statements graphs have.

    Args:
        client: What sends requests.
        endpoint: The address for queries.
        graphs: Their IRIs; empty for the default graph.

    Raises:
        EndpointError: Where there is no answer.
    """
    found = dict.fromkeys(graphs, 0)
    if "" in found:
        [row] = client.ask(endpoint, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        found[""] = _read_number(row)
    named = [graph for graph in graphs if graph]
    for start in range(0, len(named), GRAPHS_PER_QUERY):
        values = " ".join(f"<{graph}>" for graph in named[start : start + GRAPHS_PER_QUERY])
        query = f"SELECT ?g (COUNT(*) AS ?n) {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
        for row in client.ask(endpoint, query):
            if (graph := row.get("g", "")[1:-1]) in found:
                found[graph] = _read_number(row)
    return found


def _read_number(row: dict[str, str]) -> int:
    return int(terms.unquote(row["n"]))


def read_objects(client: Client, endpoint: str, statements: pl.DataFrame) -> pl.DataFrame:
    """Ask which objects a store has for the subjects and predicates of statements.

    Args:
        client: What sends requests.
        endpoint: The address for queries.
        statements: The statements.

    Raises:
        EndpointError: Where there is no answer.
    """
    rows: list[tuple[str, str, str, str]] = []
    for graph, pairs in _pairs(statements):
        values = " ".join(f"({subject} {predicate})" for subject, predicate in pairs)
        pattern = "?s ?p ?o" if not graph else f"GRAPH <{graph}> {{ ?s ?p ?o }}"
        for row in client.ask(endpoint, f"SELECT ?s ?p ?o {{ VALUES (?s ?p) {{ {values} }} {pattern} }}"):
            if row.keys() >= {"s", "p", "o"}:
                rows.append((row["s"], row["p"], row["o"], graph))
    return pl.DataFrame(rows, schema=dict.fromkeys((*_TERMS, "graph"), pl.String), orient="row").unique()


def _pairs(statements: pl.DataFrame) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    distinct = statements.select("graph", "subject", "predicate").unique(maintain_order=True)
    for (graph,), part in distinct.partition_by("graph", as_dict=True, include_key=False).items():
        for start in range(0, part.height, PAIRS_PER_QUERY):
            yield str(graph), part.slice(start, PAIRS_PER_QUERY).rows()


def find_inexact(sample: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return the statements of a sample that a store does not have exactly so.

    Args:
        sample: The statements.
        found: What the store has.
    """
    return sample.join(found, on=[*_TERMS, "graph"], how="anti", maintain_order="left")


def compare_objects(
    inexact: pl.DataFrame, ours: Iterable[pl.DataFrame], found: pl.DataFrame
) -> tuple[list[Change], pl.DataFrame]:
    """Find out what became of statements that a store does not have exactly so.

    Args:
        inexact: The statements.
        ours: All statements that were sent, block by block.
        found: What the store has for their subjects and predicates.

    Returns:
        Those that it has in another form, and the others, which are missing.
    """
    pairs = inexact.select("graph", "subject", "predicate").unique()
    sent = [copy_texts(block.join(pairs, on=["graph", "subject", "predicate"], how="semi")) for block in ours]
    strange = found.join(pairs, on=["graph", "subject", "predicate"], how="semi")
    if sent:
        strange = strange.join(pl.concat(sent), on=[*_TERMS, "graph"], how="anti")
    both = inexact.join(
        strange.rename({"object": "theirs"}), on=["graph", "subject", "predicate"], how="inner", maintain_order="left"
    )
    both = both.with_columns(same=_have_same_value(both["object"], both["theirs"]))
    # What has the same value comes first; else what is of the same kind is what a value became.
    both = both.with_columns(alike=_kind_of("object") == _kind_of("theirs")).filter(pl.col("same") | pl.col("alike"))
    # Of two statements of ours that differ in this alone, the store may have kept one.
    kept = inexact.join(
        found.rename({"object": "theirs"}), on=["graph", "subject", "predicate"], how="inner", maintain_order="left"
    )
    kept = kept.filter(_have_same_value(kept["object"], kept["theirs"])).with_columns(same=True, alike=True)
    both = pl.concat([both, kept.select(both.columns)])
    best = both.sort("same", descending=True, maintain_order=True).unique(
        [*_TERMS, "graph"], keep="first", maintain_order=True
    )
    changes = [
        Change(graph, subject, predicate, object_, theirs, same)
        for graph, subject, predicate, object_, theirs, same in best.select(
            "graph", "subject", "predicate", "object", "theirs", "same"
        ).iter_rows()
    ]
    return changes, inexact.join(best, on=[*_TERMS, "graph"], how="anti", maintain_order="left")


def count_merged(blocks: Iterable[pl.DataFrame]) -> dict[str, int]:
    """Count the statements of each graph that differ from another one in the form of one value alone.

    Args:
        blocks: All statements.
    """
    hashes: dict[str, list[pl.DataFrame]] = {}
    for block in blocks:
        literals = block.filter(pl.col("object").str.starts_with('"'))
        named = terms.datatype(pl.col("object"))
        decimals = named.is_in([f"{XSD}{name}" for name in DECIMALS])
        keyed = literals.with_columns(
            datatype=pl.when(decimals).then(pl.lit("decimal")).otherwise(named),
            tag=terms.language(pl.col("object")).str.to_lowercase(),
            said=terms.value(pl.col("object")),
            truth=_boolean("object"),
        ).hstack(keys_of(literals["object"]))
        # Where there is a key of a number or a time it decides, else the text does.
        known = pl.col("family").is_not_null() & (pl.col("number").is_not_null() | pl.col("seconds").is_not_null())
        value = pl.struct(
            "datatype",
            "tag",
            pl.coalesce("truth", pl.when(~known).then(pl.col("said"))).alias("said"),
            *(pl.when(known).then(pl.col(name)).alias(name) for name in ("number", "seconds", "zoned", "text")),
        )
        hashed = keyed.select(
            "graph",
            whole=pl.struct("subject", "predicate", "object").hash(),
            value=pl.struct("subject", "predicate", value.alias("value")).hash(),
        )
        for (graph,), part in hashed.partition_by("graph", as_dict=True, include_key=False).items():
            hashes.setdefault(str(graph), []).append(part)
    found = {graph: pl.concat(parts).unique("whole") for graph, parts in hashes.items()}
    return {graph: part.height - part["value"].n_unique() for graph, part in found.items()}


def _kind_of(column: str) -> pl.Expr:
    return pl.coalesce(
        terms.language(pl.col(column)).str.to_lowercase(), terms.datatype(pl.col(column)), terms.kind(pl.col(column))
    )


def _have_same_value(ours: pl.Series, theirs: pl.Series) -> pl.Series:
    """Decide of pairs of terms whether they are one value, written in two ways."""
    left, right = keys_of(ours), keys_of(theirs)
    least = compare(left, right, or_equal=True)
    most = compare(right, left, or_equal=True)
    frame = pl.DataFrame({"ours": ours, "theirs": theirs, "both": (least & most).fill_null(value=False)})

    def tag(column: str) -> pl.Expr:
        return terms.language(pl.col(column))

    same_text = terms.value(pl.col("ours")) == terms.value(pl.col("theirs"))
    tags = (tag("ours").str.to_lowercase() == tag("theirs").str.to_lowercase()) & same_text
    booleans = _boolean("ours") == _boolean("theirs")
    # A value of a derived type, such as xsd:int, is a value of xsd:integer and of xsd:decimal.
    derived = [f"{XSD}{name}" for name in DECIMALS]
    datatype = (terms.datatype(pl.col("ours")) == terms.datatype(pl.col("theirs"))) | (
        terms.datatype(pl.col("ours")).is_in(derived) & terms.datatype(pl.col("theirs")).is_in(derived)
    )
    return frame.select(
        same=tags.fill_null(value=False) | ((pl.col("both") | booleans.fill_null(value=False)) & datatype)
    )["same"].fill_null(value=False)


def _boolean(column: str) -> pl.Expr:
    text = pl.col(column).str.extract(rf'^"(true|false|1|0)"\^\^<{XSD}boolean>$', 1)
    return text.replace({"1": "true", "0": "false"})
