"""Writes the things of a graph as a network: GraphML, which Gephi, yEd, Cytoscape, igraph and networkx open.

1. Nodes are the things that have an IRI and statements. Claims, mappings and passages are about statements, and are no
   nodes; with `claims` each claim about two nodes is an edge, with its rank and its IRI.
2. Edges are the statements between two nodes, with the name of the property as label.
3. All other values are attributes of their node, typed where every value is a number or a truth value. Several values
   are one text, separated by ` | `. The values of a blank node are attributes of what has it: `address / street`.

The format: http://graphml.graphdrawing.org/specification.html
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from glocal_rdf.errors import Problem
from glocal_rdf.exports.classes import choose_classes, is_class_statement, list_things
from glocal_rdf.exports.columns import KEY, list_columns, name_term
from glocal_rdf.exports.graph import DescribedGraph, Exported, split_terms
from glocal_rdf.namespaces import GRAPHML, RDF, RDF_TYPE, WIKIBASE, XSD, term
from glocal_rdf.triples import terms
from glocal_rdf.xsd.datatypes import in_lexical_space

__all__ = ["write_graphml"]

_STATEMENT: Final = term(RDF, "Statement")
_SUBJECT, _PREDICATE, _OBJECT = term(RDF, "subject"), term(RDF, "predicate"), term(RDF, "object")
_RANK: Final = term(WIKIBASE, "rank")
_NESTED: Final = 5
"""How many blank nodes below a thing are looked into."""

_SEPARATOR: Final = " | "
_TYPES: Final = (
    ("boolean", ("boolean",)),
    ("long", ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger")),
    ("double", ("decimal", "double", "float")),
)
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def write_graphml(graph: DescribedGraph) -> Exported:
    """Write a graph as a directed network, nodes and edges sorted by their IRIs."""
    frame = graph.triples.distinct().frame
    nodes, left_out = list_things(frame)
    things = nodes.to_frame("subject")
    about = frame.join(things, on="subject", how="semi")
    is_edge = pl.col("object").is_in(nodes.implode()) & (pl.col("predicate") != RDF_TYPE)
    edges = about.filter(is_edge).with_columns(claim=pl.lit(None, pl.String), rank=pl.lit(None, pl.String))
    if graph.claims:
        edges = pl.concat([edges, _list_claims(frame, nodes)])
    edges = edges.sort("subject", "predicate", "object", "claim", nulls_last=False)
    rows, too_deep = _nest(graph, frame, about.filter(~is_edge & (pl.col("predicate") != RDF_TYPE)))
    keys, values = _list_attributes(graph, rows, things)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<graphml xmlns="{GRAPHML}">']
    lines += [
        '<key id="label" for="node" attr.name="label" attr.type="string"/>',
        '<key id="class" for="node" attr.name="class" attr.type="string"/>',
        *keys,
        '<key id="relation" for="edge" attr.name="label" attr.type="string"/>',
        '<key id="property" for="edge" attr.name="property" attr.type="string"/>',
    ]
    if graph.claims:
        lines += [
            '<key id="claim" for="edge" attr.name="claim" attr.type="string"/>',
            '<key id="rank" for="edge" attr.name="rank" attr.type="string"/>',
        ]
    lines.append('<graph id="graph" edgedefault="directed">')
    lines += _write_nodes(graph, frame, things, values)
    lines += _write_edges(graph, edges)
    text = "\n".join([*lines, "</graph>", "</graphml>", ""])
    problems = []
    text, odd = _NOT_XML.subn("\ufffd", text)
    if odd:
        what = f"{odd:,} control characters, which XML cannot hold, are written as U+FFFD"
        problems.append(Problem("graphml", what, "remove them from the data", kind="characters"))
    if too_deep:
        what = f"{too_deep:,} statements of blank nodes that no thing leads to in {_NESTED} steps are left out"
        problems.append(Problem("graphml", what, "give the nodes IRIs", kind="blank"))
    notes = [f"{nodes.len():,} nodes, {edges.height:,} edges"]
    if left_out:
        notes.append(
            f"{left_out:,} claims, mappings and passages are not nodes"
            + ("" if graph.claims else " (--claims adds claims as edges)")
        )
    return Exported({"": text.encode()}, tuple(notes), tuple(problems))


def _list_claims(frame: pl.DataFrame, nodes: pl.Series) -> pl.DataFrame:
    """Return the claims about two nodes, as edges."""
    parts = {
        name: frame.filter(pl.col("predicate") == one)
        for name, one in (("subject", _SUBJECT), ("predicate", _PREDICATE), ("object", _OBJECT), ("rank", _RANK))
    }
    claims = frame.filter((pl.col("predicate") == RDF_TYPE) & (pl.col("object") == _STATEMENT)).select(claim="subject")
    # A claim says what it is by its subject, predicate and object, also where its class does not.
    claims = pl.concat([claims, parts["subject"].select(claim="subject")]).unique()
    for name, part in parts.items():
        how = "left" if name == "rank" else "inner"
        claims = claims.join(part.select(claim="subject", **{name: pl.col("object")}), on="claim", how=how)  # type: ignore[arg-type]
    ours = pl.col("subject").is_in(nodes.implode()) & pl.col("object").is_in(nodes.implode())
    rank = pl.col("rank").str.extract(r"([A-Za-z]+?)(?:Rank)?>$").str.to_lowercase()
    return claims.filter(ours).select("subject", "predicate", "object", "claim", rank=rank)


def _nest(graph: DescribedGraph, frame: pl.DataFrame, rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Return the values of things, with those of blank nodes below them, and how many statements are below none.

    The column `path` has the titles of the properties above the blank node that has a value.
    """
    inner = frame.filter(pl.col("subject").str.starts_with("_:"))
    blank = pl.col("object").str.starts_with("_:")
    rows = rows.with_columns(path=pl.lit(""))
    found, seen = [rows.filter(~blank)], []
    ahead = rows.filter(blank)
    for _ in range(_NESTED):
        if not ahead.height:
            break
        titles = {one: f"{name_term(graph, one)} / " for one in ahead["predicate"].unique()}
        above = ahead.select(
            "subject",
            node="object",
            path=pl.concat_str("path", pl.col("predicate").replace_strict(titles, return_dtype=pl.String)),
        ).unique(maintain_order=True)
        seen.append(above["node"])
        below = above.join(inner, left_on="node", right_on="subject").select("subject", "predicate", "object", "path")
        found.append(below.filter(~blank))
        ahead = below.filter(blank)
    reached = pl.concat(seen).unique() if seen else pl.Series([], dtype=pl.String)
    return pl.concat(found), inner.filter(~pl.col("subject").is_in(reached.implode())).height


def _list_attributes(
    graph: DescribedGraph, rows: pl.DataFrame, things: pl.DataFrame
) -> tuple[list[str], list[pl.Series]]:
    """Return the declarations of the attributes, and for each the elements of all things, null where there is none."""
    keys: list[str] = []
    values: list[pl.Series] = []
    taken = {"label", "class"}
    for path in sorted(rows["path"].unique()):
        split = split_terms(rows.filter(pl.col("path") == path).drop("path"))
        parts = split.partition_by(KEY, as_dict=True)
        for column in list_columns(graph, split):
            title = f"{path}{column.title}"
            number = 1
            while title.lower() in taken:
                number += 1
                title = f"{path}{column.title} {number}"
            taken.add(title.lower())
            part = parts[column.key].sort("subject", "text")
            kind = _find_type(column.datatype, part) if column.kind == terms.LITERAL else "string"
            name = f"a{len(keys)}"
            keys.append(f'<key id="{name}" for="node" attr.name="{_escape_text(title)}" attr.type="{kind}"/>')
            cells = part.group_by("subject", maintain_order=True).agg(pl.col("text").str.join(_SEPARATOR))
            cells = cells.select(
                "subject",
                value=pl.concat_str(pl.lit(f'<data key="{name}">'), _escape(pl.col("text")), pl.lit("</data>")),
            )
            values.append(things.join(cells, on="subject", how="left", maintain_order="left")["value"])
    return keys, values


def _find_type(datatype: str | None, part: pl.DataFrame) -> str:
    """Return the type of an attribute: that of its datatype, if every thing has one value, which is of the datatype."""
    if datatype is None or part["subject"].is_duplicated().any():
        return "string"
    name = datatype.removeprefix(XSD)
    for kind, names in _TYPES:
        if datatype.startswith(XSD) and name in names:
            fits = part.select(in_lexical_space(pl.col("text"), name).all()).item()
            if kind == "boolean":
                fits = fits and part["text"].is_in(["true", "false"]).all()
            if kind == "long":
                fits = fits and part["text"].str.to_integer(strict=False).is_not_null().all()
            if kind == "double":
                fits = fits and part["text"].str.contains(r"^[+-]?[0-9]").all()
            return kind if fits else "string"
    return "string"


def _write_nodes(
    graph: DescribedGraph, frame: pl.DataFrame, things: pl.DataFrame, values: list[pl.Series]
) -> list[str]:
    """Write a line for each node: its IRI, label, class and attributes."""
    types = frame.filter(is_class_statement())
    classes = (
        choose_classes(graph, types)
        if types.height
        else pl.DataFrame(schema={"subject": pl.String, "class": pl.String})
    )
    names = {one: name_term(graph, one) for one in classes["class"].unique()}
    joined = things.join(classes, on="subject", how="left", maintain_order="left")
    labels = [name_term(graph, one) for one in things["subject"]]
    cells = joined.select(
        id=_escape(pl.col("subject").str.strip_prefix("<").str.strip_suffix(">")),
        label=_escape(pl.Series(labels, dtype=pl.String)),
        kind=_escape(pl.col("class").replace_strict(names, default=None, return_dtype=pl.String)),
    ).with_columns(value.alias(f"v{at}") for at, value in enumerate(values))
    line = pl.concat_str(
        pl.lit('<node id="'),
        "id",
        pl.lit('"><data key="label">'),
        "label",
        pl.lit("</data>"),
        pl.when(pl.col("kind").is_not_null()).then(
            pl.concat_str(pl.lit('<data key="class">'), "kind", pl.lit("</data>"))
        ),
        *(f"v{at}" for at in range(len(values))),
        pl.lit("</node>"),
        ignore_nulls=True,
    )
    return cells.select(line.alias("line"))["line"].to_list()


def _write_edges(graph: DescribedGraph, edges: pl.DataFrame) -> list[str]:
    """Write a line for each edge: its ends, label and property, and for a claim its rank and IRI."""
    names = {one: name_term(graph, one) for one in edges["predicate"].unique()}

    def plain(name: str) -> pl.Expr:
        return _escape(pl.col(name).str.strip_prefix("<").str.strip_suffix(">"))

    def data(key: str, value: pl.Expr) -> pl.Expr:
        return pl.concat_str(pl.lit(f'<data key="{key}">'), value, pl.lit("</data>"))

    line = pl.concat_str(
        pl.lit('<edge id="e'),
        pl.int_range(pl.len()).cast(pl.String),
        pl.lit('" source="'),
        plain("subject"),
        pl.lit('" target="'),
        plain("object"),
        pl.lit('">'),
        data("relation", _escape(pl.col("predicate").replace_strict(names, return_dtype=pl.String))),
        data("property", plain("predicate")),
        data("claim", plain("claim")),
        data("rank", _escape(pl.col("rank"))),
        pl.lit("</edge>"),
        ignore_nulls=True,
    )
    return edges.select(line.alias("line"))["line"].to_list() if edges.height else []


def _escape(text: pl.Expr | pl.Series) -> pl.Expr:
    """Escape texts for XML, in elements and in attributes."""
    expression = pl.lit(text) if isinstance(text, pl.Series) else text
    return expression.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def _escape_text(text: str) -> str:
    for character, escaped in _ESCAPES.items():
        text = text.replace(character, escaped)
    return text
