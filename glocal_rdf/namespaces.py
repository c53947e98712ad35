"""Namespaces of vocabularies, and IRIs in their long and short forms.

Every vocabulary IRI that the package uses is made from a namespace of this module, and every other part shortens and
expands IRIs with its functions. Terms of the Glocal ontology itself are in `glocal_rdf.vocabulary`, because the engines
must not depend on them.

An IRI has two spellings in the package, which types tell apart: `Iri` is the plain text (`https://schema.org/name`),
`Term` is the cell of a graph in N-Triples syntax (`<https://schema.org/name>`, `_:b0`, `"Taipei"@en`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NewType

__all__ = [
    "ADMS",
    "ADMS_LICENCE",
    "ADMS_PUBLISHER",
    "AS",
    "ATOM",
    "BIBO",
    "CC",
    "CDT",
    "CR",
    "CSVW",
    "CTAG",
    "DBO",
    "DBR",
    "DC",
    "DCAT",
    "DCATAP",
    "DCMITYPE",
    "DCTERMS",
    "DOAP",
    "DQV",
    "DUV",
    "EDTF",
    "EU",
    "FOAF",
    "FORMATS",
    "GEO",
    "GN",
    "GR",
    "GRAPHML",
    "GRDDL",
    "IANA_MEDIA",
    "ICAL",
    "ITS",
    "JSONLD",
    "LDES",
    "LDP",
    "LDQD",
    "LOCN",
    "MA",
    "NP",
    "OA",
    "ODRL",
    "OG",
    "ORG",
    "OWL",
    "OWL_CLASS",
    "OWL_IMPORTS",
    "PQ",
    "PR",
    "PROF",
    "PROV",
    "PS",
    "QB",
    "RDF",
    "RDFA",
    "RDFS",
    "RDFS_CLASS",
    "RDFS_LABEL",
    "RDFS_SUBCLASS_OF",
    "RDF_FIRST",
    "RDF_LANG_STRING",
    "RDF_NIL",
    "RDF_REST",
    "RDF_TYPE",
    "REV",
    "RIF",
    "RR",
    "SCHEMA",
    "SCHEMA_HTTPS",
    "SD",
    "SEMAPV",
    "SF",
    "SH",
    "SIOC",
    "SKOS",
    "SKOSXL",
    "SOSA",
    "SPARQL_RESULTS",
    "SPDX",
    "SSN",
    "SSSOM",
    "TIME",
    "TREE",
    "VANN",
    "VCARD",
    "VIVO",
    "VOID",
    "VS",
    "WD",
    "WDR",
    "WDRS",
    "WDT",
    "WELL_KNOWN",
    "WGS84",
    "WIKIBASE",
    "XHV",
    "XML",
    "XSD",
    "Iri",
    "P",
    "Term",
    "V",
    "expand",
    "iri_of",
    "local_name",
    "shorten",
    "split_iri",
    "term",
    "term_of",
]

Iri = NewType("Iri", str)
"""An IRI as plain text, without brackets."""

Term = NewType("Term", str)
"""A term of RDF in N-Triples syntax: an IRI in brackets, a blank node or a literal."""

ADMS: Final = "http://www.w3.org/ns/adms#"
ADMS_LICENCE: Final = "http://purl.org/adms/licencetype/"
ADMS_PUBLISHER: Final = "http://purl.org/adms/publishertype/"
AS: Final = "https://www.w3.org/ns/activitystreams#"
ATOM: Final = "http://www.w3.org/2005/Atom"
BIBO: Final = "http://purl.org/ontology/bibo/"
CC: Final = "http://creativecommons.org/ns#"
CDT: Final = "https://w3id.org/cdt/"
CR: Final = "http://mlcommons.org/croissant/"
CSVW: Final = "http://www.w3.org/ns/csvw#"
CTAG: Final = "http://commontag.org/ns#"
DBO: Final = "http://dbpedia.org/ontology/"
DBR: Final = "http://dbpedia.org/resource/"
DC: Final = "http://purl.org/dc/elements/1.1/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DCATAP: Final = "http://data.europa.eu/r5r/"
DCMITYPE: Final = "http://purl.org/dc/dcmitype/"
DCTERMS: Final = "http://purl.org/dc/terms/"
DOAP: Final = "http://usefulinc.com/ns/doap#"
DQV: Final = "http://www.w3.org/ns/dqv#"
DUV: Final = "https://www.w3.org/ns/duv#"
EU: Final = "http://publications.europa.eu/resource/authority/"
EDTF: Final = "http://id.loc.gov/datatypes/edtf/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
FORMATS: Final = "http://www.w3.org/ns/formats/"
GEO: Final = "http://www.opengis.net/ont/geosparql#"
GN: Final = "http://www.geonames.org/ontology#"
GR: Final = "http://purl.org/goodrelations/v1#"
GRAPHML: Final = "http://graphml.graphdrawing.org/xmlns"
GRDDL: Final = "http://www.w3.org/2003/g/data-view#"
IANA_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
ICAL: Final = "http://www.w3.org/2002/12/cal/icaltzd#"
ITS: Final = "http://www.w3.org/2005/11/its"
JSONLD: Final = "http://www.w3.org/ns/json-ld#"
LDES: Final = "https://w3id.org/ldes#"
LDP: Final = "http://www.w3.org/ns/ldp#"
LDQD: Final = "http://www.w3.org/2016/05/ldqd#"
LOCN: Final = "http://www.w3.org/ns/locn#"
MA: Final = "http://www.w3.org/ns/ma-ont#"
NP: Final = "http://www.nanopub.org/nschema#"
OA: Final = "http://www.w3.org/ns/oa#"
ODRL: Final = "http://www.w3.org/ns/odrl/2/"
OG: Final = "http://ogp.me/ns#"
ORG: Final = "http://www.w3.org/ns/org#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
P: Final = "http://www.wikidata.org/prop/"
PQ: Final = "http://www.wikidata.org/prop/qualifier/"
PR: Final = "http://www.wikidata.org/prop/reference/"
PROF: Final = "http://www.w3.org/ns/dx/prof/"
PROV: Final = "http://www.w3.org/ns/prov#"
PS: Final = "http://www.wikidata.org/prop/statement/"
QB: Final = "http://purl.org/linked-data/cube#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFA: Final = "http://www.w3.org/ns/rdfa#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
REV: Final = "http://purl.org/stuff/rev#"
RIF: Final = "http://www.w3.org/2007/rif#"
RR: Final = "http://www.w3.org/ns/r2rml#"
SCHEMA: Final = "http://schema.org/"
SCHEMA_HTTPS: Final = "https://schema.org/"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
SEMAPV: Final = "https://w3id.org/semapv/vocab/"
SF: Final = "http://www.opengis.net/ont/sf#"
SH: Final = "http://www.w3.org/ns/shacl#"
SIOC: Final = "http://rdfs.org/sioc/ns#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
SOSA: Final = "http://www.w3.org/ns/sosa/"
SPDX: Final = "http://spdx.org/rdf/terms#"
SPARQL_RESULTS: Final = "http://www.w3.org/2005/sparql-results#"
SSN: Final = "http://www.w3.org/ns/ssn/"
SSSOM: Final = "https://w3id.org/sssom/"
TIME: Final = "http://www.w3.org/2006/time#"
TREE: Final = "https://w3id.org/tree#"
V: Final = "http://rdf.data-vocabulary.org/#"
VANN: Final = "http://purl.org/vocab/vann/"
VCARD: Final = "http://www.w3.org/2006/vcard/ns#"
VIVO: Final = "http://vivoweb.org/ontology/core#"
VOID: Final = "http://rdfs.org/ns/void#"
VS: Final = "http://www.w3.org/2003/06/sw-vocab-status/ns#"
WD: Final = "http://www.wikidata.org/entity/"
WDR: Final = "http://www.w3.org/2007/05/powder#"
WDRS: Final = "http://www.w3.org/2007/05/powder-s#"
WDT: Final = "http://www.wikidata.org/prop/direct/"
WGS84: Final = "http://www.w3.org/2003/01/geo/wgs84_pos#"
WIKIBASE: Final = "http://wikiba.se/ontology#"
XHV: Final = "http://www.w3.org/1999/xhtml/vocab#"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

WELL_KNOWN: Final[Mapping[str, str]] = {
    "adms": ADMS,
    "as": AS,
    "bibo": BIBO,
    "cc": CC,
    "cdt": CDT,
    "csvw": CSVW,
    "dbo": DBO,
    "dbr": DBR,
    "dc": DC,
    "dcat": DCAT,
    "dcmitype": DCMITYPE,
    "dcterms": DCTERMS,
    "doap": DOAP,
    "edtf": EDTF,
    "foaf": FOAF,
    "geo": GEO,
    "gn": GN,
    "ldp": LDP,
    "locn": LOCN,
    "np": NP,
    "oa": OA,
    "odrl": ODRL,
    "org": ORG,
    "owl": OWL,
    "p": P,
    "pq": PQ,
    "pr": PR,
    "prof": PROF,
    "prov": PROV,
    "ps": PS,
    "qb": QB,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sd": SD,
    "sdo": SCHEMA_HTTPS,
    "semapv": SEMAPV,
    "sf": SF,
    "sh": SH,
    "skos": SKOS,
    "skosxl": SKOSXL,
    "sosa": SOSA,
    "ssn": SSN,
    "sssom": SSSOM,
    "time": TIME,
    "vann": VANN,
    "vcard": VCARD,
    "vivo": VIVO,
    "void": VOID,
    "vs": VS,
    "wd": WD,
    "wdt": WDT,
    "wgs84": WGS84,
    "wikibase": WIKIBASE,
    "xsd": XSD,
}
"""The prefixes that people use for well-known vocabularies: what output may use and what a query need not declare."""

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@cache
def term(namespace: str, name: str) -> Term:
    """Make the term for a name in a namespace.

    Examples:
        >>> term(SH, "minCount")
        '<http://www.w3.org/ns/shacl#minCount>'
    """
    return Term(f"<{namespace}{name}>")


def term_of(iri: str) -> Term:
    """Write an IRI as a term.

    Examples:
        >>> term_of("https://schema.org/name")
        '<https://schema.org/name>'
    """
    return Term(f"<{iri}>")


def iri_of(term: str) -> Iri:
    """Read the IRI from a term.

    Raises:
        ValueError: The term is a literal or a blank node.

    Examples:
        >>> iri_of("<https://schema.org/name>")
        'https://schema.org/name'
    """
    if not (term.startswith("<") and term.endswith(">")):
        raise ValueError(f"{term} is not the term of an IRI")
    return Iri(term[1:-1])


RDF_TYPE: Final = term(RDF, "type")
RDF_FIRST: Final = term(RDF, "first")
RDF_REST: Final = term(RDF, "rest")
RDF_NIL: Final = term(RDF, "nil")
RDF_LANG_STRING: Final = term(RDF, "langString")
RDFS_CLASS: Final = term(RDFS, "Class")
RDFS_LABEL: Final = term(RDFS, "label")
RDFS_SUBCLASS_OF: Final = term(RDFS, "subClassOf")
OWL_CLASS: Final = term(OWL, "Class")
OWL_IMPORTS: Final = term(OWL, "imports")


def expand(curie: str, prefixes: Mapping[str, str]) -> Iri | None:
    """Write the IRI that a compact IRI stands for.

    Args:
        curie: A compact IRI such as `skos:prefLabel`.
        prefixes: Namespaces by prefix.

    Returns:
        The IRI, or None where the text has no prefix of `prefixes`, as an absolute IRI has none.

    Examples:
        >>> expand("skos:prefLabel", WELL_KNOWN)
        'http://www.w3.org/2004/02/skos/core#prefLabel'
        >>> expand("https://schema.org/name", WELL_KNOWN) is None, expand("name", WELL_KNOWN) is None
        (True, True)
    """
    prefix, colon, local = curie.partition(":")
    if not colon or local.startswith("//") or prefix not in prefixes:
        return None
    return Iri(prefixes[prefix] + local)


def shorten(iri: str, prefixes: Mapping[str, str], *, names_only: bool = False) -> str:
    """Write an IRI with the prefix of the longest namespace that it begins with.

    The result is for people to read. `triples.prefixes` writes whole columns of IRIs as the grammar of Turtle allows.

    Args:
        iri: An IRI, or a term of RDF.
        prefixes: Namespaces by prefix; of two prefixes for one namespace the first counts.
        names_only: Whether only letters, digits, `_` and `-` may follow the prefix.

    Returns:
        The compact IRI, or the text as it was given where no namespace fits or it is a literal or a blank node.

    Examples:
        >>> shorten("http://www.w3.org/2001/XMLSchema#date", WELL_KNOWN)
        'xsd:date'
        >>> shorten("<http://example.org/>", WELL_KNOWN), shorten("_:b0", WELL_KNOWN)
        ('<http://example.org/>', '_:b0')
        >>> shorten("http://schema.org/a/b", WELL_KNOWN), shorten("http://schema.org/a/b", WELL_KNOWN, names_only=True)
        ('schema:a/b', 'http://schema.org/a/b')
    """
    text = iri[1:-1] if iri.startswith("<") else iri
    best: tuple[str, str] | None = None
    for prefix, namespace in prefixes.items():
        if not text.startswith(namespace) or (best and len(namespace) <= len(best[1])):
            continue
        if not names_only or _NAME.fullmatch(text, len(namespace)):
            best = prefix, namespace
    return f"{best[0]}:{text[len(best[1]) :]}" if best else iri


def split_iri(iri: str, separators: str = "/#") -> tuple[str, str]:
    """Split an IRI after the last of the separators into a namespace and a local name, either of which may be empty.

    Args:
        iri: An IRI without brackets.
        separators: The characters that end a namespace; SHACL names variables with `:` among them.

    Examples:
        >>> split_iri("http://www.w3.org/ns/shacl#minCount")
        ('http://www.w3.org/ns/shacl#', 'minCount')
        >>> split_iri("urn:isbn:1"), split_iri("urn:isbn:1", "/#:"), split_iri("https://schema.org/")
        (('', 'urn:isbn:1'), ('urn:isbn:', '1'), ('https://schema.org/', ''))
    """
    cut = max(iri.rfind(one) for one in separators) + 1
    return iri[:cut], iri[cut:]


def local_name(iri: str) -> str:
    """Return the last part of an IRI, which people recognize.

    Args:
        iri: An IRI, or a term of RDF.

    Returns:
        The last part that is not empty; literals and blank nodes as they were given.

    Examples:
        >>> local_name("<http://example.org/ns#Person>"), local_name("https://example.org/cities/")
        ('Person', 'cities')
        >>> local_name("_:b0"), local_name('"a/b"'), local_name("")
        ('_:b0', '"a/b"', '')
    """
    if iri.startswith(("_:", '"')):
        return iri
    text = (iri[1:-1] if iri.startswith("<") else iri).rstrip("/#")
    return split_iri(text)[1]
