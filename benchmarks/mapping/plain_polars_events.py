"""The tables of events to out.nt, by hand: what an expert of Polars would write for just these, without checks."""

from pathlib import Path

import polars as pl

XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SCHEMA = "http://schema.org/"
DEF = "https://example.org/def/"
IDENTIFIER = "http://purl.org/dc/terms/identifier"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def text(name: str, tag: str = "") -> pl.Expr:
    """Write texts."""
    escaped = pl.col(name).str.replace_many(["\\", '"'], ["\\\\", '\\"'])
    return pl.concat_str(pl.lit('"'), escaped, pl.lit('"' + tag))


def typed(value: pl.Expr, datatype: str) -> pl.Expr:
    """Write literals of a datatype."""
    return pl.concat_str(pl.lit('"'), value, pl.lit(f'"^^<{XSD}{datatype}>'))


def link(kind: str, name: str) -> pl.Expr:
    """Write IRIs."""
    return pl.concat_str(pl.lit(f"<https://example.org/{kind}/"), pl.col(name), pl.lit(">"))


def lines(table: pl.DataFrame, subject: pl.Expr, objects: list[tuple[str, pl.Expr]]) -> list[pl.Series]:
    """Write the triples of a table, each block once."""
    found = table.with_columns(subject.alias("s")).select(
        pl.concat_str(pl.col("s"), pl.lit(f" <{predicate}> "), value, pl.lit(" .\n")).alias(str(i))
        for i, (predicate, value) in enumerate(objects)
    )
    return [found[c].drop_nulls().unique() for c in found.columns]


venues = pl.read_csv("venues.csv", infer_schema=False)
blocks = lines(
    venues,
    link("venue", "id"),
    [
        (IDENTIFIER, typed(pl.col("id"), "integer")),
        (SKOS + "prefLabel", text("en", "@en")),
        (SKOS + "prefLabel", text("zh", "@zh-Hant")),
    ],
)
events = pl.read_csv("events.csv", infer_schema=False)
event = link("event", "id")
to = pl.col("to").str.split("/")
blocks += lines(
    events,
    event,
    [
        (IDENTIFIER, typed(pl.col("id"), "integer")),
        (SCHEMA + "location", link("venue", "venue")),
        (SCHEMA + "followedBy", link("event", "next")),
        (SCHEMA + "name", text("en", "@en")),
        (SCHEMA + "name", text("zh", "@zh-Hant")),
        (SCHEMA + "startDate", typed(pl.col("from").str.replace(r"^(\d\d)\.(\d\d)\.(\d{4})$", "$3-$2-$1"), "date")),
        (
            SCHEMA + "endDate",
            typed(
                pl.concat_str(to.list.get(2), to.list.get(1).str.zfill(2), to.list.get(0).str.zfill(2), separator="-"),
                "date",
            ),
        ),
        (SCHEMA + "temporal", typed(pl.col("year"), "gYear")),
        (DEF + "visitors", typed(pl.col("visitors").str.replace_all(",", "", literal=True), "integer")),
        (
            DEF + "budget",
            typed(
                pl.col("budget").str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True), "decimal"
            ),
        ),
        (DEF + "score", typed(pl.col("score"), "decimal")),
        (
            SCHEMA + "isAccessibleForFree",
            typed(
                pl.when(pl.col("free") == "Y").then(pl.lit("true")).when(pl.col("free") == "N").then(pl.lit("false")),
                "boolean",
            ),
        ),
        (TYPE, pl.lit(f"<{SCHEMA}Event>")),
    ],
)
for column, separator, predicate, value in (
    ("tags", ";", "keywords", text("tags")),
    ("hosts", " ", "organizer", link("city", "hosts")),
):
    items = events.select("id", pl.col(column).str.split(separator)).explode(column)
    blocks += lines(items, event, [(SCHEMA + predicate, value)])
with Path("out.nt").open("wb") as out:
    for block in blocks:
        out.write((block.str.join("")[0] or "").encode())
