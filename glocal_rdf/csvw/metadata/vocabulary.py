"""The terms of CSV on the Web: prefixes of the default context, classes and other terms, and schemes of IRIs.

Sources: Metadata Vocabulary for Tabular Data, sections 5.2, 5.8 and appendix A, with its default JSON-LD context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from glocal_rdf.csvw.values import built_in_datatypes
from glocal_rdf.namespaces import CSVW, WDRS, XHV
from glocal_rdf.rdfa_context import RDFA_CONTEXT

__all__ = [
    "CLASSES",
    "CONTEXT",
    "PREFIXES",
    "SCHEMES",
    "TERMS",
    "expand_term",
]

CONTEXT: Final = CSVW.removesuffix("#")

PREFIXES: Final = RDFA_CONTEXT
"""The prefixes of the default context, which descriptions use undeclared (appendix A)."""

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
    if name in built_in_datatypes.NAMES:
        return built_in_datatypes.datatype_iri(name)
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
