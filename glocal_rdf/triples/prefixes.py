"""Prefixes: the well-known vocabularies, and IRIs written short (`skos:prefLabel`) where Turtle allows it.

https://www.w3.org/TR/turtle/#sec-iri
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from glocal_rdf.errors import OutputError

__all__ = ["WELL_KNOWN", "choose_prefixes", "shorten"]

WELL_KNOWN: Final[Mapping[str, str]] = {
    "adms": "http://www.w3.org/ns/adms#",
    "as": "https://www.w3.org/ns/activitystreams#",
    "bibo": "http://purl.org/ontology/bibo/",
    "cc": "http://creativecommons.org/ns#",
    "cdt": "https://w3id.org/cdt/",
    "csvw": "http://www.w3.org/ns/csvw#",
    "dbo": "http://dbpedia.org/ontology/",
    "dbr": "http://dbpedia.org/resource/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcmitype": "http://purl.org/dc/dcmitype/",
    "dcterms": "http://purl.org/dc/terms/",
    "doap": "http://usefulinc.com/ns/doap#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "gn": "http://www.geonames.org/ontology#",
    "ldp": "http://www.w3.org/ns/ldp#",
    "locn": "http://www.w3.org/ns/locn#",
    "oa": "http://www.w3.org/ns/oa#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "p": "http://www.wikidata.org/prop/",
    "pq": "http://www.wikidata.org/prop/qualifier/",
    "pr": "http://www.wikidata.org/prop/reference/",
    "prof": "http://www.w3.org/ns/dx/prof/",
    "prov": "http://www.w3.org/ns/prov#",
    "ps": "http://www.wikidata.org/prop/statement/",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sdo": "https://schema.org/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sf": "http://www.opengis.net/ont/sf#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "ssn": "http://www.w3.org/ns/ssn/",
    "sssom": "https://w3id.org/sssom/",
    "time": "http://www.w3.org/2006/time#",
    "vann": "http://purl.org/vocab/vann/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "vivo": "http://vivoweb.org/ontology/core#",
    "void": "http://rdfs.org/ns/void#",
    "vs": "http://www.w3.org/2003/06/sw-vocab-status/ns#",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "wgs84": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "wikibase": "http://wikiba.se/ontology#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

# The characters of names, https://www.w3.org/TR/turtle/#grammar-production-PN_CHARS_BASE
_BASE = (
    r"A-Za-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}\x{200D}\x{2070}-\x{218F}"
    r"\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
)
_MORE = r"0-9\x{B7}\x{300}-\x{36F}\x{203F}\x{2040}\-"
_ESCAPED = r"~!$&'()*+,;="
_OTHER = rf"{_ESCAPED}]|%[0-9A-Fa-f]{{2}}"
_LOCAL = rf"^(?:[{_BASE}_:0-9\-{_OTHER})(?:[{_BASE}_:.{_MORE}{_OTHER})*$"
_PREFIX = re.compile(r"(?:[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)?")
_NAMESPACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")


def choose_prefixes(given: Mapping[str, str] | None) -> dict[str, str]:
    """Say which namespace has which prefix: those given, and the well-known ones that they do not replace.

    Raises OutputError when a prefix or a namespace cannot be written.
    """
    given = dict(given or {})
    for prefix, namespace in given.items():
        if not _PREFIX.fullmatch(prefix):
            raise OutputError.at("", f"{prefix!r} is not a prefix", "write letters, digits and -, a letter first")
        if not _NAMESPACE.fullmatch(namespace):
            raise OutputError.at(
                "", f"{namespace!r}, the namespace of {prefix!r}, is not an IRI", "give an absolute IRI"
            )
    chosen = {namespace: prefix for prefix, namespace in WELL_KNOWN.items() if prefix not in given}
    return chosen | {namespace: prefix for prefix, namespace in given.items()}


def shorten(iris: pl.Series, namespaces: Mapping[str, str]) -> pl.DataFrame:
    """Write IRIs (terms, with brackets) short: columns `term`, `text`, and `prefix` where one was used."""
    parts = pl.col("term").str.extract_groups(r"^<(.*[/#])([^/#]+)>$").struct
    odd = sorted((ns for ns in namespaces if not ns.endswith(("/", "#"))), key=lambda ns: (-len(ns), ns))
    table = pl.DataFrame({"term": iris}).with_columns(
        parts.field("1").replace_strict(namespaces, default=None, return_dtype=pl.String).alias("prefix"),
        parts.field("2").alias("local"),
    )
    for namespace in odd:
        longer = pl.col("term").str.starts_with(f"<{namespace}") & pl.col("prefix").is_null()
        table = table.with_columns(
            pl.when(longer).then(pl.lit(namespaces[namespace])).otherwise("prefix").alias("prefix"),
            pl.when(longer)
            .then(pl.col("term").str.strip_prefix(f"<{namespace}").str.strip_suffix(">"))
            .otherwise("local")
            .alias("local"),
        )
    local = pl.col("local")
    escaped = local.str.replace_all(rf"[{_ESCAPED}]", r"\${0}").str.replace("^-", r"\-")
    # A dot at either end could be escaped too, but rdflib cannot read it then.
    legal = local.str.contains(_LOCAL) & ~local.str.ends_with(".")
    short = pl.when(legal).then(pl.concat_str("prefix", pl.lit(":"), escaped))
    return table.select(
        "term", pl.coalesce(short, "term").alias("text"), pl.when(short.is_not_null()).then("prefix").alias("prefix")
    )
