"""Turtle for people: prefixes, subjects in order, `a` and labels first, one predicate a line, the same bytes every time.

All of it is done by columns, but for triples with blank nodes, which `nesting` writes:

1. Each distinct IRI is shortened once; each literal gets the shortest form that reads back as the very same literal.
2. Rows are sorted by subject, predicate and object; the objects of one predicate are joined.
3. Each row is then one line; what it begins and ends with follows from its neighbours.

https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

import polars as pl

from glocal_rdf.triples.nesting import INDENT, WIDTH, Said, nest_blanks
from glocal_rdf.triples.prefixes import choose_prefixes, shorten

__all__ = ["write_turtle"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LABELS: Final = (
    f"{_RDF}type",
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://www.w3.org/2004/02/skos/core#altLabel",
    "http://www.w3.org/2004/02/skos/core#hiddenLabel",
    "http://purl.org/dc/terms/title",
    "http://purl.org/dc/elements/1.1/title",
    "http://schema.org/name",
    "https://schema.org/name",
    "http://xmlns.com/foaf/0.1/name",
    "http://www.w3.org/ns/shacl#name",
)
# Bare numbers only where every reader gives the lexical form back, also those that go through a number type.
_BARE: Final = {
    f"<{_XSD}integer>": r'^"(?:0|-?[1-9][0-9]*)"',
    f"<{_XSD}decimal>": r'^"-?(?:0\.[0-9]{1,6}|[1-9][0-9]*\.[0-9]+)"',
    f"<{_XSD}boolean>": r'^"(?:true|false)"',
}


def write_turtle(frame: pl.DataFrame, prefixes: Mapping[str, str] | None) -> bytes:
    """Write a graph as Turtle; raises OutputError when a prefix given cannot be written."""
    namespaces = choose_prefixes(prefixes)
    frame = frame.unique()
    if frame.is_empty():
        return b""
    datatype = pl.col("object").str.extract(r'"\^\^(<[^<>"]*>)$')
    rows = frame.with_columns(datatype.alias("datatype"))
    names = _shorten_all(rows, namespaces)
    rows = _spell(rows, names)
    blank_subject = pl.col("subject").str.starts_with("_:")
    blank_object = pl.col("object").str.starts_with("_:")
    blanks = rows.filter(blank_subject | blank_object)
    blocks: list[str] = []
    if len(blanks):
        columns = ("subject", "predicate", "object", "place", "predicate_text", "object_text")
        texts, blocks = nest_blanks([Said(*row) for row in blanks.select(columns).iter_rows()])
        nested = pl.col("object").replace_strict(texts, default=None, return_dtype=pl.String)
        rows = rows.filter(~blank_subject).with_columns(
            pl.when(blank_object).then(nested).otherwise("object_text").alias("object_text"),
            pl.when(blank_object).then(pl.concat_str(pl.lit("_"), nested)).otherwise("object").alias("object"),
        )
    used = names.select(pl.col("prefix").drop_nulls().unique().sort()).to_series()
    known = {prefix: namespace for namespace, prefix in namespaces.items()}
    out = io.BytesIO()
    out.write("".join(f"@prefix {prefix}: <{known[prefix]}> .\n" for prefix in used).encode())
    if len(rows):
        out.write(b"\n" if len(used) else b"")
        _lay_out(rows).write_csv(out, include_header=False, quote_style="never")
    for block in blocks:
        out.write((f"\n{block}\n" if out.tell() else f"{block}\n").encode())
    return out.getvalue()


def _shorten_all(rows: pl.DataFrame, namespaces: Mapping[str, str]) -> pl.DataFrame:
    """Shorten every distinct IRI that will be written."""
    objects = rows.lazy().filter(pl.col("object").str.starts_with("<")).select(pl.col("object").alias("term"))
    columns = [rows.lazy().select(pl.col(name).alias("term").unique()) for name in ("subject", "predicate", "datatype")]
    terms = pl.concat([*columns, objects.unique()]).filter(pl.col("term").str.starts_with("<")).unique().collect()
    return shorten(terms["term"], namespaces)


def _spell(rows: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Give each term its text in Turtle, and each predicate its place."""
    text = names.select("term", "text")
    predicates = rows.select(pl.col("predicate").unique())
    first = {f"<{iri}>": place for place, iri in enumerate(_LABELS)}
    predicates = (
        predicates.join(text, left_on="predicate", right_on="term", how="left")
        .with_columns(
            pl.when(pl.col("predicate") == f"<{_RDF}type>").then(pl.lit("a")).otherwise("text").alias("predicate_text"),
            pl.col("predicate").replace_strict(first, default=len(first), return_dtype=pl.Int64).alias("place"),
        )
        .sort("place", "predicate")
        .select("predicate", "predicate_text", pl.int_range(pl.len(), dtype=pl.Int64).alias("place"))
    )
    spelled = (
        rows.lazy()
        .join(predicates.lazy(), on="predicate", how="left")
        .join(text.lazy().rename({"text": "subject_text"}), left_on="subject", right_on="term", how="left")
        .join(text.lazy().rename({"text": "object_name"}), left_on="object", right_on="term", how="left")
        .with_columns(pl.coalesce("object_name", _spell_literal(rows, text)).alias("object_text"))
    )
    return spelled.collect()


def _spell_literal(rows: pl.DataFrame, text: pl.DataFrame) -> pl.Expr:
    """Write literals: numbers bare, datatypes short, text with line breaks as it looks."""
    term, datatype = pl.col("object"), pl.col("datatype")
    used = rows.select(pl.col("datatype").drop_nulls().unique().alias("term"))
    short = dict(used.join(text, on="term").iter_rows())
    body = term.str.strip_suffix(pl.concat_str(pl.lit("^^"), datatype))
    bare = pl.lit(value=False)
    for iri, pattern in _BARE.items():
        if iri in short:
            bare = bare | ((datatype == iri) & term.str.contains(pattern))
    typed = (
        pl.when(bare)
        .then(body.str.strip_prefix('"').str.strip_suffix('"'))
        .otherwise(
            pl.concat_str(body, pl.lit("^^"), datatype.replace_strict(short, default=None, return_dtype=pl.String))
        )
        if short
        else pl.lit(None, dtype=pl.String)
    )
    spelled = pl.coalesce(typed, term)
    broken = term.str.starts_with('"') & term.str.contains(r"\n", literal=True)
    if not rows.select(broken.any()).item():
        return spelled
    return pl.when(broken).then(_write_long(spelled)).otherwise(spelled)


def _write_long(text: pl.Expr) -> pl.Expr:
    r"""Write quoted text with `\n` in it between triple quotes, with true line breaks.

    Other escapes stay. Each escape begins with a backslash and an escaped backslash is taken as one, so one pass does it.
    """
    parts = text.str.extract_groups(r'(?s)^"(.*?)(\\")?("[^"]*)$').struct
    inner = parts.field("1").str.replace_many([r"\\", r"\n", r"\""], [r"\\", "\n", '"'])
    last = parts.field("2").fill_null("")
    return pl.concat_str(
        pl.lit('"""'), inner.str.replace_all('"""', r'""\"', literal=True), last, pl.lit('""'), parts.field("3")
    )


def _lay_out(rows: pl.DataFrame) -> pl.DataFrame:
    """Make the lines of all subjects, in order."""
    rows = rows.select("subject", "place", "object", "subject_text", "predicate_text", "object_text")
    rows = rows.sort("subject", "place", "object")
    changes = (pl.col("subject") != pl.col("subject").shift()) | (pl.col("place") != pl.col("place").shift())
    rows = rows.with_columns(changes.fill_null(value=True).cum_sum().alias("group"))
    several = (pl.col("group") == pl.col("group").shift()) | (pl.col("group") == pl.col("group").shift(-1))
    several = several.fill_null(value=False)
    objects = pl.col("object_text")
    inline = objects.str.join(", ")
    deep = INDENT * 2
    one_a_line = pl.concat_str(pl.lit(f"\n{deep}"), objects.str.join(f",\n{deep}"))
    grouped = rows.filter(several).group_by("group").agg(inline.alias("inline"), one_a_line.alias("lines"))
    joined = (
        pl.when((pl.col("inline").str.len_chars() <= WIDTH) | pl.col("inline").str.contains("\n", literal=True))
        .then("inline")
        .otherwise("lines")
    )
    rows = (
        rows.filter(pl.col("group") != pl.col("group").shift(fill_value=0))
        .join(grouped.select("group", joined.alias("joined")), on="group", how="left", maintain_order="left")
        .with_columns(pl.coalesce("joined", "object_text").alias("objects"))
    )
    begins = (pl.col("subject") != pl.col("subject").shift()).fill_null(value=True)
    ends = (pl.col("subject") != pl.col("subject").shift(-1)).fill_null(value=True)
    gap = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("")).otherwise(pl.lit("\n"))
    return rows.select(
        pl.concat_str(
            pl.when(begins).then(pl.concat_str(gap, "subject_text", pl.lit(" "))).otherwise(pl.lit(INDENT)),
            "predicate_text",
            pl.when(pl.col("objects").str.starts_with("\n")).then(pl.lit("")).otherwise(pl.lit(" ")),
            "objects",
            pl.when(ends).then(pl.lit(" .")).otherwise(pl.lit(" ;")),
        )
    )
