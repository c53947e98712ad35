"""The tables of this folder to out.nt, by hand: what an expert of Polars would write for just these tables."""

from pathlib import Path
from urllib.parse import quote

import polars as pl

XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SCHEMA = "http://schema.org/"
ORG = "http://www.w3.org/ns/org#"
DEF = "https://example.org/def/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def read(name: str) -> pl.DataFrame:
    """Read a table."""
    return pl.read_csv(name, infer_schema=False)


def encoded(column: pl.Series) -> pl.Series:
    """Percent-encode a column, once per distinct text."""
    distinct = column.unique()
    return column.replace(distinct, pl.Series([quote(v, safe="") for v in distinct], dtype=pl.String))


def text(name: str, tag: str = "") -> pl.Expr:
    """Write texts."""
    escaped = pl.col(name).str.replace_many(["\\", '"'], ["\\\\", '\\"'])
    return pl.concat_str(pl.lit('"'), escaped, pl.lit('"' + tag))


def typed(name: str, datatype: str) -> pl.Expr:
    """Write literals of a datatype."""
    return pl.concat_str(pl.lit('"'), pl.col(name), pl.lit(f'"^^<{XSD}{datatype}>'))


def link(kind: str, name: str) -> pl.Expr:
    """Write IRIs."""
    return pl.concat_str(pl.lit(f"<https://example.org/{kind}/"), pl.col(name), pl.lit(">"))


def lines(table: pl.DataFrame, subject: pl.Expr, objects: list[tuple[str, pl.Expr]]) -> list[pl.Series]:
    """Write the triples of a table, each block once."""
    table = table.with_columns(subject.alias("s"))
    found = table.select(
        pl.concat_str(pl.col("s"), pl.lit(f" <{predicate}> "), value, pl.lit(" .\n")).alias(str(i))
        for i, (predicate, value) in enumerate(objects)
    )
    return [found[c].drop_nulls().unique() for c in found.columns]


cities = read("cities.csv").with_columns(encoded(read("cities.csv")["key"]).alias("key"))
blocks = lines(
    cities,
    link("city", "key"),
    [
        (SKOS + "prefLabel", text("name_en", "@en")),
        (SKOS + "prefLabel", text("name_zh", "@zh-Hant")),
        (SCHEMA + "containedInPlace", link("country", "country")),
        (DEF + "population", typed("population", "integer")),
        (DEF + "area", typed("area", "decimal")),
        (SCHEMA + "foundingDate", typed("founded", "gYear")),
        (TYPE, pl.lit(f"<{SCHEMA}City>")),
    ],
)
blocks += lines(
    read("networks.csv"),
    link("network", "id"),
    [(SKOS + "prefLabel", text("name", "@en")), (TYPE, pl.lit(f"<{SCHEMA}Organization>"))],
)
memberships = read("memberships.csv")
blocks += lines(
    memberships.with_columns(encoded(memberships["city"]).alias("city")),
    link("membership", "id"),
    [
        (ORG + "member", link("city", "city")),
        (ORG + "organization", link("network", "network")),
        (SCHEMA + "startDate", typed("since", "date")),
        (SCHEMA + "roleName", text("role", "@en")),
        (DEF + "fee", typed("fee", "decimal")),
        (TYPE, pl.lit(f"<{ORG}Membership>")),
    ],
)
counts = read("counts.csv")
blocks += lines(
    counts.with_columns(encoded(counts["city"]).alias("city")),
    link("count", "id"),
    [
        (SCHEMA + "about", link("city", "city")),
        (DEF + "year", typed("year", "gYear")),
        (DEF + "sisterCityCount", typed("sisters", "integer")),
        (SKOS + "note", text("note")),
        (TYPE, pl.lit("<http://purl.org/linked-data/cube#Observation>")),
    ],
)
with Path("out.nt").open("wb") as out:
    for block in blocks:
        out.write((block.str.join("")[0] or "").encode())
