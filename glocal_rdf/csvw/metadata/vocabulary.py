"""The terms of CSV on the Web: built-in datatypes, prefixes of the default context, names of the description objects.

Sources: Metadata Vocabulary for Tabular Data, sections 5.2, 5.8, 5.11 and appendix A, with its default JSON-LD context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from glocal_rdf.namespaces import CSVW, RDF, RDFA_CONTEXT, WDRS, XHV, XSD

__all__ = [
    "ALIASES",
    "BUILT_IN",
    "BUILT_IN_IRIS",
    "CLASSES",
    "CONTEXT",
    "PARENTS",
    "PREFIXES",
    "SCHEMES",
    "TERMS",
    "datatype_iri",
    "expand_term",
    "is_kind_of",
]

CONTEXT: Final = CSVW.removesuffix("#")

PREFIXES: Final = RDFA_CONTEXT
"""The prefixes of the default context, which descriptions use undeclared (appendix A)."""

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
    """Return whether a built-in datatype is, or is derived from, another."""
    step: str | None = ALIASES.get(name, name)
    while step is not None:
        if step == ancestor:
            return True
        step = PARENTS.get(step)
    return False


# Terms of the context that are neither prefixes nor datatypes nor classes, and stand for an IRI (appendix A).
TERMS: Final = {
    "describedby": f"{WDRS}describedby",
    "license": f"{XHV}license",
    "role": f"{XHV}role",
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


# Schemes of IRIs that occur in data (IANA's registry, and a few others in wide use).
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
