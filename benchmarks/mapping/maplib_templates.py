"""The tables of this folder to out.nt, with maplib's templates."""

from urllib.parse import quote

import polars as pl
from maplib import Model

TEMPLATES = """
@prefix ottr: <http://ns.ottr.xyz/0.4/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <http://schema.org/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix def: <https://example.org/def/> .
@prefix t: <https://example.org/template/> .
t:city [ottr:IRI ?s, ? rdf:langString ?name_en, ? rdf:langString ?name_zh, ottr:IRI ?country,
  ? xsd:integer ?population, ? xsd:double ?area, ? xsd:gYear ?founded] :: {
  ottr:Triple(?s, rdf:type, schema:City), ottr:Triple(?s, skos:prefLabel, ?name_en),
  ottr:Triple(?s, skos:prefLabel, ?name_zh),
  ottr:Triple(?s, schema:containedInPlace, ?country), ottr:Triple(?s, def:population, ?population),
  ottr:Triple(?s, def:area, ?area), ottr:Triple(?s, schema:foundingDate, ?founded) } .
t:network [ottr:IRI ?s, rdf:langString ?name] :: {
  ottr:Triple(?s, rdf:type, schema:Organization), ottr:Triple(?s, skos:prefLabel, ?name) } .
t:membership [ottr:IRI ?s, ottr:IRI ?city, ottr:IRI ?network, ? xsd:date ?since,
  ? rdf:langString ?role, ? xsd:double ?fee] :: {
  ottr:Triple(?s, rdf:type, org:Membership), ottr:Triple(?s, org:member, ?city),
  ottr:Triple(?s, org:organization, ?network),
  ottr:Triple(?s, schema:startDate, ?since), ottr:Triple(?s, schema:roleName, ?role), ottr:Triple(?s, def:fee, ?fee) } .
t:count [ottr:IRI ?s, ottr:IRI ?city, ? xsd:gYear ?year, ? xsd:integer ?sisters, ? xsd:string ?note] :: {
  ottr:Triple(?s, rdf:type, qb:Observation), ottr:Triple(?s, schema:about, ?city), ottr:Triple(?s, def:year, ?year),
  ottr:Triple(?s, def:sisterCityCount, ?sisters), ottr:Triple(?s, skos:note, ?note) } .
"""
T = "https://example.org/template/"


def iris(kind: str, name: str) -> pl.Expr:
    """Make IRIs of a column."""
    encoded = pl.col(name).map_elements(lambda v: quote(v, safe="~"), return_dtype=pl.String)
    return pl.concat_str(pl.lit(f"https://example.org/{kind}/"), encoded)


def read(name: str) -> pl.DataFrame:
    """Read a table."""
    return pl.read_csv(name, infer_schema=False)


def tagged(name: str, tag: str) -> pl.Expr:
    """Make texts in a language of a column, in the form that maplib gives and takes."""
    text = pl.struct(
        pl.col(name).alias("<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"), pl.lit(tag).alias("l")
    )
    return pl.when(pl.col(name).is_not_null()).then(text).alias(name)


model = Model()
model.add_template(TEMPLATES)
model.map(
    T + "city",
    read("cities.csv").select(
        iris("city", "key").alias("s"),
        tagged("name_en", "en"),
        tagged("name_zh", "zh-Hant"),
        iris("country", "country").alias("country"),
        pl.col("population").cast(pl.Int64),
        pl.col("area").cast(pl.Float64),
        pl.col("founded"),
    ),
)
model.map(T + "network", read("networks.csv").select(iris("network", "id").alias("s"), tagged("name", "en")))
model.map(
    T + "membership",
    read("memberships.csv")
    .unique(maintain_order=True)
    .select(
        iris("membership", "id").alias("s"),
        iris("city", "city").alias("city"),
        iris("network", "network").alias("network"),
        pl.col("since").str.to_date(),
        tagged("role", "en"),
        pl.col("fee").cast(pl.Float64),
    ),
)
model.map(
    T + "count",
    read("counts.csv").select(
        iris("count", "id").alias("s"),
        iris("city", "city").alias("city"),
        pl.col("year"),
        pl.col("sisters").cast(pl.Int64),
        pl.col("note"),
    ),
)
model.write("out.nt", format="ntriples")
