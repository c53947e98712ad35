"""Blank nodes keep their identity: the statements that they connect go to the store in one request, or become IRIs.

A blank node has no name outside of a request: in two requests `_:a` is two nodes. So statements that share a blank
node, directly or by others, are one component, and components are never split. Skolemization gives each blank node an
IRI instead: https://www.w3.org/TR/rdf11-concepts/#section-skolemization
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import polars as pl

from glocal_rdf.errors import InputError

__all__ = ["has_blank", "join_components", "mark_source", "name_blank_nodes", "order_by_component", "skolemize"]

_COLUMNS = ("subject", "object", "graph")


def has_blank() -> pl.Expr:
    """Return whether a statement has a blank node."""
    return pl.any_horizontal(pl.col(column).str.starts_with("_:") for column in _COLUMNS)


def mark_source(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    """Rename the blank nodes of a source, so that those of two sources are not one node.

    Args:
        frame: Statements.
        number: The number of the source.
    """
    return frame.with_columns(
        pl.when(pl.col(column).str.starts_with("_:"))
        .then(pl.concat_str(pl.lit(f"_:s{number}."), pl.col(column).str.slice(2)))
        .otherwise(pl.col(column))
        .alias(column)
        for column in _COLUMNS
    )


def skolemize(frame: pl.DataFrame, base: str, key: str) -> pl.DataFrame:
    """Replace blank nodes by IRIs below `/.well-known/genid/`, the same ones for the same content on every run.

    Args:
        frame: Statements.
        base: The beginning of the IRIs: scheme and host.
        key: What tells these blank nodes from those of other data.
    """
    start = f"{base}/.well-known/genid/{key}-"

    def name(column: str) -> pl.Expr:
        # Labels may have letters that need care in IRIs, so that they are hexadecimal.
        label = pl.col(column).str.slice(2).str.encode("hex")
        brackets = ("", "") if column == "graph" else ("<", ">")
        iri = pl.concat_str(pl.lit(brackets[0] + start), label, pl.lit(brackets[1]))
        return pl.when(pl.col(column).str.starts_with("_:")).then(iri).otherwise(pl.col(column)).alias(column)

    return frame.with_columns(name(column) for column in _COLUMNS)


def check_base(base: str) -> str:
    """Check the beginning of the IRIs of blank nodes, and return it without a slash at its end.

    Raises:
        InputError: Where it is not an address of a host.
    """
    try:
        parts = urlsplit(base)
        fine = parts.scheme in {"http", "https"} and parts.hostname and not parts.query and not parts.fragment
    except ValueError:
        fine = False
    if not fine or parts.path not in {"", "/"} or "@" in parts.netloc or any(one in base for one in ' <>"{}|^`\\'):
        raise InputError.at(base, "is not the address of a host", "write https://example.org")
    return base.rstrip("/")


def order_by_component(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort statements with blank nodes by their components, and add the column `component`, a number.

    Args:
        frame: Statements that have a blank node each.

    Examples:
        >>> rows = [("_:a", "<p:p>", "_:b", ""), ("_:c", "<p:p>", "<p:o>", ""), ("_:b", "<p:p>", "<p:o>", "")]
        >>> frame = pl.DataFrame(rows, schema=["subject", "predicate", "object", "graph"], orient="row")
        >>> order_by_component(frame)["subject"].to_list(), order_by_component(frame)["component"].to_list()
        (['_:a', '_:b', '_:c'], [0, 0, 1])
    """
    nodes = [pl.when(pl.col(column).str.starts_with("_:")).then(pl.col(column)).alias(column) for column in _COLUMNS]
    known = frame.select(nodes)
    first = known.select(pl.coalesce(_COLUMNS)).to_series()
    roots = _unite(
        known.select(pl.coalesce(_COLUMNS).alias("one"), pl.coalesce(_COLUMNS[::-1]).alias("other"), "object")
        .filter((pl.col("one") != pl.col("other")) | (pl.col("one") != pl.col("object")))
        .unique(maintain_order=True)
    )
    found = first.replace(list(roots), list(roots.values())) if roots else first
    # Components of one graph stand together, each where its first statement does.
    numbers = found.rank("dense").cast(pl.UInt32)
    ordered = frame.with_columns(component=numbers).with_row_index("row")
    whole = pl.struct(pl.col("graph").sort().first().over("component"), pl.col("row").min().over("component"))
    ordered = ordered.with_columns(place=whole.rank("dense").cast(pl.UInt32) - 1).sort("place", "graph", "row")
    return ordered.drop("component", "row").rename({"place": "component"})


def _unite(edges: pl.DataFrame) -> dict[str, str]:
    """Return of each blank node that is connected with another one a node that stands for all of its component.

    Args:
        edges: Two blank nodes a row, `one` and `other`, and `object`, which is a third one or null.
    """
    parents: dict[str, str] = {}

    def find(node: str) -> str:
        root = node
        while (parent := parents.get(root, root)) != root:
            root = parent
        while node != root:
            parents[node], node = root, parents.get(node, node)
        return root

    for one, *others in edges.iter_rows():
        for other in others:
            if other is not None:
                parents.setdefault(one, one)
                parents[find(other)] = find(one)
    return {node: find(node) for node in list(parents)}


def join_components(frame: pl.DataFrame, size: int, start: int = 0) -> Iterator[pl.DataFrame]:
    """Yield whole components, as many together as a size allows, or one that is larger.

    Args:
        frame: Statements, sorted by `component`.
        size: How many statements are yielded together.
        start: How many statements at the beginning are left out.
    """
    found = frame.group_by("component", maintain_order=True).agg(pl.len(), pl.col("graph").first())
    first = last = start
    graph = ""
    end = 0
    for length, its_graph in found.select("len", "graph").iter_rows():
        end += length
        if end <= start:
            continue
        # A request about one graph alone is one that fails or succeeds as a whole.
        if last > first and (end - first > size or its_graph != graph):
            yield frame.slice(first, last - first)
            first = last
        last, graph = end, its_graph
    if last > first:
        yield frame.slice(first, last - first)


def name_blank_nodes(frame: pl.DataFrame) -> pl.DataFrame:
    """Give blank nodes short labels that every syntax accepts, in one request's statements."""
    nodes = pl.concat([frame["subject"], frame["object"]]).unique(maintain_order=True)
    nodes = nodes.filter(nodes.str.starts_with("_:"))
    names = pl.DataFrame({"node": nodes, "name": [f"_:b{number}" for number in range(len(nodes))]})
    for column in ("subject", "object"):
        frame = (
            frame.join(names, left_on=column, right_on="node", how="left", maintain_order="left")
            .with_columns(pl.coalesce("name", column).alias(column))
            .drop("name")
        )
    return frame
