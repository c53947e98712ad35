"""The words of the SHACL vocabulary and of those it leans on, as terms in N-Triples syntax."""

from __future__ import annotations

from functools import cache

__all__ = [
    "FIRST",
    "LANG_STRING",
    "NIL",
    "OWL_CLASS",
    "OWL_IMPORTS",
    "RDFS_CLASS",
    "RDFS_LABEL",
    "RDF_TYPE",
    "REST",
    "SH",
    "SUBCLASS",
    "XSD",
    "rdf",
    "sh",
    "shorten",
    "xsd",
]

SH = "http://www.w3.org/ns/shacl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"


@cache
def sh(name: str) -> str:
    """Give the SHACL word `name` as a term.

    >>> sh("minCount")
    '<http://www.w3.org/ns/shacl#minCount>'
    """
    return f"<{SH}{name}>"


def rdf(name: str) -> str:
    """Give the RDF word `name` as a term."""
    return f"<{RDF}{name}>"


@cache
def xsd(name: str) -> str:
    """Give the XML Schema datatype `name` as a term."""
    return f"<{XSD}{name}>"


RDF_TYPE = rdf("type")
FIRST = rdf("first")
REST = rdf("rest")
NIL = rdf("nil")
LANG_STRING = rdf("langString")
RDFS_CLASS = f"<{RDFS}Class>"
RDFS_LABEL = f"<{RDFS}label>"
SUBCLASS = f"<{RDFS}subClassOf>"
OWL_CLASS = f"<{OWL}Class>"
OWL_IMPORTS = f"<{OWL}imports>"

_SHORT = {"sh": SH, "rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD}


def shorten(term: str) -> str:
    """Write a term the way people do where the vocabulary is well known; any other stays as it is.

    >>> shorten("<http://www.w3.org/2001/XMLSchema#date>")
    'xsd:date'
    >>> shorten("<http://example.org/>")
    '<http://example.org/>'
    """
    for prefix, namespace in _SHORT.items():
        if term.startswith("<" + namespace):
            return f"{prefix}:{term[len(namespace) + 1 : -1]}"
    return term
