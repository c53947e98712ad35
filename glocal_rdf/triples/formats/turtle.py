"""Turtle for people: prefixes, subjects in order, `a` and labels first, a predicate a line, the same bytes every time.

All of it is done by columns, but for triples with blank nodes, which `turtle_blank_nodes` writes:

1. Rows are sorted by subject and predicate.
2. Each distinct IRI is shortened once; each literal gets the shortest form that reads back as the very same literal.
3. The objects of one predicate are sorted and joined.
4. Each row is then one line; what it begins and ends with follows from its neighbours.

Triple terms of RDF 1.2 may be objects, and a triple may be annotated (`triples.triple_terms`).

https://www.w3.org/TR/turtle/
https://www.w3.org/TR/rdf12-turtle/
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from glocal_rdf.namespaces import (
    DC,
    DCTERMS,
    FOAF,
    RDF,
    RDF_NIL,
    RDF_TYPE,
    RDFS,
    SCHEMA,
    SCHEMA_HTTPS,
    SH,
    SKOS,
    XSD,
    term,
)
from glocal_rdf.triples.formats.turtle_blank_nodes import INDENT, WIDTH, Nested, TurtleRow, nest_blanks
from glocal_rdf.triples.prefixes import choose_prefixes, shorten
from glocal_rdf.triples.triple_terms import IS_TRIPLE_TERM, annotate, split_triple_terms

__all__ = ["lay_out_groups", "write_turtle"]

PART_ROWS = 100_000
"""How many triples without blank nodes are written at once."""

_ROW_COLUMNS: Final = ("subject", "predicate", "object", "place", "predicate_text", "object_text")
_IS_IRI: Final = pl.col("object").str.starts_with("<") & ~IS_TRIPLE_TERM
_IS_TYPED: Final = pl.col("object").str.starts_with('"') & pl.col("object").str.ends_with(">")
_IS_BLANK: Final = pl.col("subject").str.starts_with("_:") | pl.col("object").str.starts_with("_:")
# A line feed is an escape of its own, not the letter after an escaped backslash.
_BROKEN: Final = r'^"[^\\]*(?:\\[^n][^\\]*)*\\n'
_LABELS: Final = (
    term(RDF, "type"),
    term(RDFS, "label"),
    term(SKOS, "prefLabel"),
    term(SKOS, "altLabel"),
    term(SKOS, "hiddenLabel"),
    term(DCTERMS, "title"),
    term(DC, "title"),
    term(SCHEMA, "name"),
    term(SCHEMA_HTTPS, "name"),
    term(FOAF, "name"),
    term(SH, "name"),
)
# Bare numbers only where every reader gives the lexical form back, also those that go through a number type.
_BARE: Final = {
    term(XSD, "integer"): r'^"(?:0|-?[1-9][0-9]*)"',
    term(XSD, "decimal"): r'^"-?(?:0\.[0-9]{1,6}|[1-9][0-9]*\.[0-9]+)"',
    term(XSD, "boolean"): r'^"(?:true|false)"',
}


def write_turtle(
    frame: pl.DataFrame,
    prefixes: Mapping[str, str] | None,
    label: str = "b",
    shared: Mapping[str, str] = MappingProxyType({}),
    annotations: pl.DataFrame | None = None,
) -> bytes:
    """Write a graph as Turtle, the same bytes whatever the order of its rows.

    Args:
        frame: The columns `subject`, `predicate` and `object`.
        prefixes: Namespaces by prefix; those that are used are declared.
        label: What the labels of blank nodes begin with.
        shared: The labels of blank nodes that other graphs of a dataset have too, which are kept.
        annotations: Triples of the graph (`subject`, `predicate`, `object`) and the `reifier` of each. The triples
            about a reifier are written in the annotation of the first triple that it reifies (RDF 1.2).

    Raises:
        OutputError: Where a prefix given cannot be written.

    https://www.w3.org/TR/turtle/
    """
    namespaces = choose_prefixes(prefixes)
    if frame.is_empty():
        return b""
    rows = _sort(frame)
    if annotations is None and not rows.select(_IS_BLANK.any()).item():
        parts: Iterable[pl.DataFrame] = _cut_between_subjects(rows)
    else:
        parts = [rows]  # Blank nodes are written where they are mentioned, and annotations where their triple is.
    used: set[str] = set()
    body = io.BytesIO()
    for part in parts:
        used |= _write_part(part, namespaces, label, shared, annotations, body)
    known = {prefix: namespace for namespace, prefix in namespaces.items()}
    head = "".join(f"@prefix {prefix}: <{known[prefix]}> .\n" for prefix in sorted(used)).encode()
    return head + (b"\n" if head else b"") + body.getvalue()


def _cut_between_subjects(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield sorted rows in parts, so that what is written of them need not be in memory at once."""
    start = 0
    while start < rows.height:
        end = start + PART_ROWS
        if end < rows.height:
            # The triples of one subject are beside each other.
            later = rows["subject"].slice(end - 1, None)
            end += int((later != later[0]).arg_max() or len(later)) - 1
        yield rows.slice(start, end - start)
        start = end


def _write_part(
    rows: pl.DataFrame,
    namespaces: Mapping[str, str],
    label: str,
    shared: Mapping[str, str],
    annotations: pl.DataFrame | None,
    out: io.BytesIO,
) -> set[str]:
    """Write sorted rows, after those that were written before; return the prefixes that are used."""
    typed = rows.filter(_IS_TYPED).select("object", datatype=pl.col("object").str.extract(r'\^\^(<[^<>"]*>)$'))
    iris = _list_iris(rows, typed)
    names = shorten(pl.concat(iris.values()).unique(), namespaces)
    typed = _spell_typed(typed, names)
    rows = _spell(rows, typed["text"], names)
    nested = nest_blanks(
        [TurtleRow(*row) for row in rows.filter(_IS_BLANK).select(_ROW_COLUMNS).iter_rows()], label, shared
    )
    used = _find_used(rows, typed, iris, names, nested)
    rows = _put_in(rows, nested)
    if annotations is not None:
        rows = annotate(rows, annotations.with_columns(text=_name(annotations["reifier"], names)))
    if len(rows):
        out.write(b"\n" if out.tell() else b"")
        _lay_out(rows, names).write_csv(out, include_header=False, quote_style="never")
    for block in nested.blocks:
        out.write((f"\n{block}\n" if out.tell() else f"{block}\n").encode())
    return used


def lay_out_groups(frame: pl.DataFrame, namespaces: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make the lines of many graphs without blank nodes, each subject in one of them.

    Args:
        frame: The columns `subject`, `predicate` and `object`, and `group`, by which the graphs are kept apart.
        namespaces: Prefixes by namespace.

    Returns:
        The lines: the columns `group` and `line`, in order; a line that begins a subject has an empty one before it.
        The prefixes that are written: the columns `group` and `prefix`.
    """
    groups = frame.select("subject", graph="group").unique("subject")
    rows = _sort(frame.drop("group"))
    typed = rows.filter(_IS_TYPED).select("object", datatype=pl.col("object").str.extract(r'\^\^(<[^<>"]*>)$'))
    iris = _list_iris(rows, typed)
    names = shorten(pl.concat(iris.values()).unique(), namespaces)
    typed = _spell_typed(typed, names)
    rows = _spell(rows, typed["text"], names)
    written = pl.concat(
        [
            rows.select("subject", term="subject"),
            rows.filter(pl.col("predicate") != RDF_TYPE).select("subject", term="predicate"),
            rows.filter(_IS_IRI & (pl.col("object") != RDF_NIL)).select("subject", term="object"),
            rows.filter(_IS_TYPED)
            .select("subject", text=typed["text"], term=typed["datatype"])
            .filter(pl.col("text").str.starts_with('"'))
            .select("subject", "term"),
        ]
    ).unique()
    prefixes = names.select("term", "prefix").drop_nulls()
    used = written.join(prefixes, on="term").join(groups, on="subject").select("prefix", group="graph").unique()
    lines = _lay_out(rows, names, "subject").join(groups, on="subject", how="left", maintain_order="left")
    return lines.sort("graph", maintain_order=True).select("line", group="graph"), used


def _sort(frame: pl.DataFrame) -> pl.DataFrame:
    """Bring subjects and predicates into their order, with the place of each predicate.

    Sorting is by numbers: strings are compared once for each run of triples of one subject. `group` is one number for
    the triples of one subject and predicate, whose objects are sorted when they are joined.
    """
    first = {label: place for place, label in enumerate(_LABELS)}
    predicate, subject = pl.col("predicate"), pl.col("subject")
    predicates = (
        frame.select(predicate.unique())
        .with_columns(predicate.replace_strict(first, default=len(first), return_dtype=pl.Int64).alias("place"))
        .sort("place", "predicate")
        .select("predicate", pl.int_range(pl.len(), dtype=pl.Int64).alias("place"))
    )
    begins = (subject != subject.shift()).fill_null(value=True)
    runs = frame.filter(begins).select("subject")
    subjects = runs.unique().sort("subject").select("subject", pl.int_range(pl.len(), dtype=pl.Int64).alias("rank"))
    ranks = runs.join(subjects, on="subject", how="left", maintain_order="left")["rank"]
    return (
        frame.join(predicates, on="predicate", how="left", maintain_order="left")
        .with_columns((_spread(ranks, begins) * len(predicates) + pl.col("place")).alias("group"))
        .sort("group")
    )


def _spread(values: pl.Series, where: pl.Expr) -> pl.Expr:
    """Spread values, in their order, over the rows that are marked; every other row takes the last one before it."""
    return pl.lit(values).gather(where.cum_sum().cast(pl.Int64) - 1) if len(values) else pl.lit(None, values.dtype)


def _list_iris(rows: pl.DataFrame, typed: pl.DataFrame) -> dict[str, pl.Series]:
    """List the distinct IRIs that will be written, by where they stand."""
    changes = (pl.col("subject") != pl.col("subject").shift()).fill_null(value=True)
    columns = {
        "subject": rows.filter(changes)["subject"],
        "predicate": rows.unique("place")["predicate"],
        "object": rows.filter(_IS_IRI)["object"].unique(),
        "datatype": typed["datatype"].unique(),
        "reified": split_triple_terms(rows.filter(IS_TRIPLE_TERM)["object"]).unpivot()["value"].unique(),
    }
    return {name: column.filter(column.str.starts_with("<")) for name, column in columns.items()}


def _find_used(
    rows: pl.DataFrame, typed: pl.DataFrame, iris: dict[str, pl.Series], names: pl.DataFrame, nested: Nested
) -> set[str]:
    """List the prefixes that are written: not those of what has a sign of its own, like `a`, `1` and `( )`."""
    datatype = typed.filter(pl.col("text").str.starts_with('"'))["datatype"].unique()
    predicate = iris["predicate"]
    if nested.cells:
        predicate = rows.filter(~pl.col("subject").is_in(nested.cells))["predicate"].unique()
    written = pl.concat(
        [
            iris["subject"],
            iris["object"].filter(iris["object"] != RDF_NIL),
            iris["reified"],
            predicate.filter(predicate != RDF_TYPE),
            datatype,
        ]
    )
    found = names.filter(pl.col("prefix").is_not_null()).filter(pl.col("term").is_in(written.unique().implode()))
    return set(found["prefix"])


def _put_in(rows: pl.DataFrame, nested: Nested) -> pl.DataFrame:
    """Put the text of blank nodes where IRIs point to them, and leave out the triples of those blank nodes."""
    if not nested.texts and not nested.blocks:
        return rows
    blank = pl.col("object").str.starts_with("_:")
    text = pl.col("object").replace_strict(nested.texts, default=None, return_dtype=pl.String)
    return rows.filter(~pl.col("subject").str.starts_with("_:")).with_columns(
        pl.when(blank).then(text).otherwise("object_text").alias("object_text"),
        pl.when(blank).then(pl.concat_str(pl.lit("_"), text)).otherwise("object").alias("object"),
    )


def _name(terms: pl.Series, names: pl.DataFrame) -> pl.Series:
    """Return the short form of each IRI; what has none stays as it is."""
    found = terms.to_frame("term").join(names.select("term", "text"), on="term", how="left", maintain_order="left")
    return found.select(pl.coalesce("text", "term")).to_series()


def _spell_typed(typed: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Write literals with datatypes: numbers bare, datatypes short."""
    term, datatype = pl.col("object"), pl.col("datatype")
    used = typed["datatype"].unique()
    short = dict(zip(used, _name(used, names), strict=True))
    body = term.str.strip_suffix(pl.concat_str(pl.lit("^^"), datatype))
    bare = pl.lit(value=False)
    for iri, pattern in _BARE.items():
        if iri in short:
            bare = bare | ((datatype == iri) & term.str.contains(pattern))
    suffix = datatype.replace_strict(short, default=None, return_dtype=pl.String) if short else datatype
    text = (
        pl.when(bare)
        .then(body.str.strip_prefix('"').str.strip_suffix('"'))
        .otherwise(pl.concat_str(body, pl.lit("^^"), suffix))
    )
    return typed.with_columns(text.alias("text"))


def _spell(rows: pl.DataFrame, typed: pl.Series, names: pl.DataFrame) -> pl.DataFrame:
    """Add the Turtle text of predicates and objects, with text that has line breaks in its long form."""
    predicates = rows.select("place", "predicate").unique("place").sort("place")
    # Some rows need not have all predicates.
    last = rows.select(pl.col("place").max()).item() or 0
    places = pl.DataFrame({"place": pl.int_range(last + 1, eager=True)})
    predicates = places.join(predicates, on="place", how="left", maintain_order="left")
    predicates = predicates.select(pl.col("predicate").replace(RDF_TYPE, "a"))
    iris = rows.filter(_IS_IRI)["object"].replace(RDF_NIL, "()")
    text = (
        pl.when(_IS_IRI)
        .then(_spread(_name(iris, names), _IS_IRI))
        .when(_IS_TYPED)
        .then(_spread(typed, _IS_TYPED))
        .when(IS_TRIPLE_TERM)
        .then(_spread(_spell_triple_terms(rows.filter(IS_TRIPLE_TERM)["object"], names), IS_TRIPLE_TERM))
        .otherwise("object")
    )
    rows = rows.with_columns(
        _name(predicates["predicate"], names).gather(rows["place"]).alias("predicate_text"), text.alias("object_text")
    )
    if not rows.select(pl.col("object").str.contains(r"\n", literal=True).any()).item():
        return rows
    broken = pl.col("object").str.contains(_BROKEN)
    long = rows.filter(broken).select(_write_long(pl.col("object_text"))).to_series()
    return rows.with_columns(pl.when(broken).then(_spread(long, broken)).otherwise("object_text").alias("object_text"))


def _spell_triple_terms(terms: pl.Series, names: pl.DataFrame) -> pl.Series:
    parts = [_name(part, names) for part in split_triple_terms(terms)]
    return pl.select(pl.format("<<( {} {} {} )>>", *map(pl.lit, parts))).to_series() if len(terms) else terms


def _write_long(text: pl.Expr) -> pl.Expr:
    r"""Write quoted text with `\n` in it between triple quotes, with true line breaks.

    Other escapes stay. Each begins with a backslash, and an escaped backslash is taken as one, so one pass does it.
    """
    parts = text.str.extract_groups(r'(?s)^"(.*?)(\\")?("[^"]*)$').struct
    inner = parts.field("1").str.replace_many([r"\\", r"\n", r"\t", r"\""], [r"\\", "\n", "\t", '"'])
    last = parts.field("2").fill_null("")
    return pl.concat_str(
        pl.lit('"""'), inner.str.replace_all('"""', r'""\"', literal=True), last, pl.lit('""'), parts.field("3")
    )


def _lay_out(rows: pl.DataFrame, names: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Make the lines of all subjects, in order: the columns given, and `line`."""
    subject, group, objects = pl.col("subject"), pl.col("group"), pl.col("object_text")
    first = (group != group.shift()).fill_null(value=True)
    rows = rows.with_columns(first.alias("first"))
    several = ~(pl.col("first") & pl.col("first").shift(-1, fill_value=True))
    grouped = rows.filter(several).sort("group", "object").group_by("group").agg("object_text")
    grouped = grouped.select("group", "object_text", objects.list.join(", ").alias("joined"))
    joined = pl.col("joined")
    deep = INDENT * 2
    long = (joined.str.len_chars() > WIDTH) & ~joined.str.contains("\n", literal=True)
    one_a_line = pl.concat_str(pl.lit(f"\n{deep}"), objects.list.join(f",\n{deep}"))
    lists = grouped.filter(long).select("group", one_a_line.alias("joined"))
    grouped = pl.concat([grouped.filter(~long).select("group", "joined"), lists])

    lines = rows.filter("first").join(grouped, on="group", how="left", maintain_order="left")
    begins = (subject != subject.shift()).fill_null(value=True)
    ends = (subject != subject.shift(-1)).fill_null(value=True)
    gap = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("")).otherwise(pl.lit("\n"))
    starts = pl.concat_str(gap, _spread(_name(lines.filter(begins)["subject"], names), begins), pl.lit(" "))
    text = pl.coalesce("joined", "object_text")
    return lines.select(
        *columns,
        line=pl.concat_str(
            pl.when(begins).then(starts).otherwise(pl.lit(INDENT)),
            "predicate_text",
            pl.when(text.str.starts_with("\n")).then(pl.lit("")).otherwise(pl.lit(" ")),
            text,
            pl.when(ends).then(pl.lit(" .")).otherwise(pl.lit(" ;")),
        ),
    )
