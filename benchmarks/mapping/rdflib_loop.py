"""The tables of this folder to out.nt, with the csv module and an rdflib graph, as most scripts do it."""

import csv
from pathlib import Path
from urllib.parse import quote

import rdflib
from rdflib import RDF, SKOS, XSD, Literal, Namespace

# Literals stay as they are written; by default rdflib rewrites 12.50 to 12.5.
rdflib.NORMALIZE_LITERALS = False
SCHEMA = Namespace("http://schema.org/")
ORG = Namespace("http://www.w3.org/ns/org#")
QB = Namespace("http://purl.org/linked-data/cube#")
DEF = Namespace("https://example.org/def/")


def iri(kind, name):
    """Make the IRI of a thing."""
    return rdflib.URIRef(f"https://example.org/{kind}/{quote(name, safe='~')}")


def rows(name):
    """Read a table."""
    with Path(name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


g = rdflib.Graph()


def add(subject, predicate, cell, **kind):
    """Add a literal for a cell that is not empty."""
    if cell:
        g.add((subject, predicate, Literal(cell, **kind)))


for row in rows("cities.csv"):
    s = iri("city", row["key"])
    g.add((s, RDF.type, SCHEMA.City))
    add(s, SKOS.prefLabel, row["name_en"], lang="en")
    add(s, SKOS.prefLabel, row["name_zh"], lang="zh-Hant")
    g.add((s, SCHEMA.containedInPlace, iri("country", row["country"])))
    add(s, DEF.population, row["population"], datatype=XSD.integer)
    add(s, DEF.area, row["area"], datatype=XSD.decimal)
    add(s, SCHEMA.foundingDate, row["founded"], datatype=XSD.gYear)
for row in rows("networks.csv"):
    s = iri("network", row["id"])
    g.add((s, RDF.type, SCHEMA.Organization))
    add(s, SKOS.prefLabel, row["name"], lang="en")
for row in rows("memberships.csv"):
    s = iri("membership", row["id"])
    g.add((s, RDF.type, ORG.Membership))
    g.add((s, ORG.member, iri("city", row["city"])))
    g.add((s, ORG.organization, iri("network", row["network"])))
    add(s, SCHEMA.startDate, row["since"], datatype=XSD.date)
    add(s, SCHEMA.roleName, row["role"], lang="en")
    add(s, DEF.fee, row["fee"], datatype=XSD.decimal)
for row in rows("counts.csv"):
    s = iri("count", row["id"])
    g.add((s, RDF.type, QB.Observation))
    g.add((s, SCHEMA.about, iri("city", row["city"])))
    add(s, DEF.year, row["year"], datatype=XSD.gYear)
    add(s, DEF.sisterCityCount, row["sisters"], datatype=XSD.integer)
    add(s, SKOS.note, row["note"])
g.serialize("out.nt", format="nt", encoding="utf-8")
