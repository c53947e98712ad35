"""The terms of CSV on the Web: built-in datatypes, prefixes of the default context, names of the description objects.

Sources: Metadata Vocabulary for Tabular Data, sections 5.2, 5.8, 5.11 and appendix A, with its default JSON-LD context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CSVW: Final = "http://www.w3.org/ns/csvw#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
CONTEXT: Final = "http://www.w3.org/ns/csvw"

PREFIXES: Final[dict[str, str]] = {
    "as": "https://www.w3.org/ns/activitystreams#",
    "cc": "http://creativecommons.org/ns#",
    "csvw": CSVW,
    "ctag": "http://commontag.org/ns#",
    "dc": "http://purl.org/dc/terms/",
    "dc11": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dctypes": "http://purl.org/dc/dcmitype/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "duv": "https://www.w3.org/ns/duv#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gr": "http://purl.org/goodrelations/v1#",
    "grddl": "http://www.w3.org/2003/g/data-view#",
    "ical": "http://www.w3.org/2002/12/cal/icaltzd#",
    "jsonld": "http://www.w3.org/ns/json-ld#",
    "ldp": "http://www.w3.org/ns/ldp#",
    "ma": "http://www.w3.org/ns/ma-ont#",
    "oa": "http://www.w3.org/ns/oa#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "og": "http://ogp.me/ns#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": RDF,
    "rdfa": "http://www.w3.org/ns/rdfa#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rev": "http://purl.org/stuff/rev#",
    "rif": "http://www.w3.org/2007/rif#",
    "rr": "http://www.w3.org/ns/r2rml#",
    "schema": "http://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sioc": "http://rdfs.org/sioc/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "ssn": "http://www.w3.org/ns/ssn/",
    "time": "http://www.w3.org/2006/time#",
    "v": "http://rdf.data-vocabulary.org/#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": "http://rdfs.org/ns/void#",
    "wdr": "http://www.w3.org/2007/05/powder#",
    "wdrs": "http://www.w3.org/2007/05/powder-s#",
    "wrds": "http://www.w3.org/2007/05/powder-s#",
    "xhv": "http://www.w3.org/1999/xhtml/vocab#",
    "xsd": XSD,
}

# Section 5.11.1: the name of each built-in datatype and the name of the one that it restricts.
PARENTS: Final[dict[str, str]] = {
    "anyURI": "anyAtomicType",
    "base64Binary": "anyAtomicType",
    "boolean": "anyAtomicType",
    "date": "anyAtomicType",
    "dateTime": "anyAtomicType",
    "dateTimeStamp": "dateTime",
    "decimal": "anyAtomicType",
    "integer": "decimal",
    "long": "integer",
    "int": "long",
    "short": "int",
    "byte": "short",
    "nonNegativeInteger": "integer",
    "positiveInteger": "nonNegativeInteger",
    "unsignedLong": "nonNegativeInteger",
    "unsignedInt": "unsignedLong",
    "unsignedShort": "unsignedInt",
    "unsignedByte": "unsignedShort",
    "nonPositiveInteger": "integer",
    "negativeInteger": "nonPositiveInteger",
    "double": "anyAtomicType",
    "duration": "anyAtomicType",
    "dayTimeDuration": "duration",
    "yearMonthDuration": "duration",
    "float": "anyAtomicType",
    "gDay": "anyAtomicType",
    "gMonth": "anyAtomicType",
    "gMonthDay": "anyAtomicType",
    "gYear": "anyAtomicType",
    "gYearMonth": "anyAtomicType",
    "hexBinary": "anyAtomicType",
    "QName": "anyAtomicType",
    "string": "anyAtomicType",
    "normalizedString": "string",
    "token": "normalizedString",
    "language": "token",
    "Name": "token",
    "NCName": "Name",
    "NMTOKEN": "token",
    "xml": "string",
    "html": "string",
    "json": "string",
    "time": "anyAtomicType",
}
ALIASES: Final = {"number": "double", "binary": "base64Binary", "datetime": "dateTime", "any": "anyAtomicType"}
BUILT_IN: Final = frozenset(PARENTS) | frozenset(ALIASES) | {"anyAtomicType"}

_SPECIAL_IRIS: Final = {"xml": RDF + "XMLLiteral", "html": RDF + "HTML", "json": CSVW + "JSON"}


def datatype_iri(name: str) -> str:
    """Return the IRI of a built-in datatype by its name (section 5.11.1)."""
    name = ALIASES.get(name, name)
    return _SPECIAL_IRIS.get(name, XSD + name)


BUILT_IN_IRIS: Final = frozenset(datatype_iri(name) for name in BUILT_IN)


def is_kind_of(name: str, ancestor: str) -> bool:
    """Tell whether a built-in datatype is, or is derived from, another."""
    step: str | None = ALIASES.get(name, name)
    while step is not None:
        if step == ancestor:
            return True
        step = PARENTS.get(step)
    return False


# Terms of the context that are neither prefixes nor datatypes nor classes, and stand for an IRI (appendix A).
TERMS: Final = {
    "describedby": "http://www.w3.org/2007/05/powder-s#describedby",
    "license": "http://www.w3.org/1999/xhtml/vocab#license",
    "role": "http://www.w3.org/1999/xhtml/vocab#role",
}
CLASSES: Final = frozenset(
    {
        "Cell",
        "Column",
        "Datatype",
        "Dialect",
        "Direction",
        "ForeignKey",
        "JSON",
        "NumericFormat",
        "Row",
        "Schema",
        "Table",
        "TableGroup",
        "TableReference",
        "Template",
        "Transformation",
    }
)


def expand_term(name: str, prefixes: Mapping[str, str] | None = None) -> str | None:
    """Return the IRI that a term or prefixed name stands for, or None if it is neither.

    `prefixes` are those that a project declares; the ones of the default context come first.
    """
    if name in CLASSES:
        return CSVW + name
    if name in BUILT_IN:
        return datatype_iri(name)
    if name in TERMS:
        return TERMS[name]
    prefix, colon, local = name.partition(":")
    if not colon or local.startswith("//"):
        return None
    namespace = PREFIXES.get(prefix) or (prefixes or {}).get(prefix)
    return None if namespace is None else namespace + local


# Schemes of IRIs that people write in data (IANA's registry, and a few in wide use beside it).
SCHEMES: Final = frozenset(
    {
        *("about", "acct", "ark", "bitcoin", "blob", "cid", "coap", "data", "dav", "did", "dns", "doi", "example"),
        *("feed", "file", "ftp", "ftps", "geo", "git", "gopher", "hdl", "http", "https", "imap", "info", "ipfs", "ipp"),
        *("irc", "isbn", "issn", "jar", "javascript", "jdbc", "ldap", "ldaps", "lsid", "magnet", "mailto", "mid", "ni"),
        *("nih", "nfs", "news", "nntp", "oid", "payto", "pop", "rsync", "rtsp", "sftp", "sip", "sips", "sms", "snmp"),
        *("spotify", "ssh", "svn", "swh", "tag", "tel", "telnet", "tftp", "urn", "uuid", "vbscript", "view-source"),
        *("ws", "wss", "xmpp"),
    }
)
