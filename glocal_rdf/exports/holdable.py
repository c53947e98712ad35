"""Which terms a described table can hold, so that converting it (CSV on the Web) gives exactly the same terms again.

A table holds an IRI if no character of it is changed by a URI template (RFC 6570 percent-encodes all but ASCII), and a
literal if its text is one of its datatype and not empty, since an empty cell is null. Blank nodes are in no table.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from glocal_rdf.namespaces import CSVW, RDF, XSD
from glocal_rdf.triples import terms
from glocal_rdf.xsd.datatypes import in_lexical_space
from glocal_rdf.xsd.lexical_spaces import LEXICAL_SPACES

__all__ = ["BLANK_NODE", "ENCODED_IRI", "UNFIT_LITERAL", "column_datatype", "explain_unfit", "find_namespace"]

BLANK_NODE: Final = "with blank nodes"
ENCODED_IRI: Final = "with IRIs that URI templates percent-encode"
UNFIT_LITERAL: Final = "with literals that are empty, not of their datatype, or not in its usual form"

_CHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_REST = rf"(?:\?(?:{_CHAR}|[/?])*)?(?:#(?:{_CHAR}|[/?])*)?"
_HOST = r"https?://[A-Za-z0-9._~-]*[A-Za-z0-9][A-Za-z0-9._~-]*(?::[0-9]{1,5})?"
_WEB = rf"{_HOST}(?:/(?:{_CHAR}|/)*)?{_REST}"
_IRI: Final = rf"^<(?:{_WEB}|(?:urn|tag|mailto|tel|info|doi):(?:{_CHAR}|/)+{_REST})>$"
_PROPERTY: Final = rf"^<(?:{_WEB}|urn:(?:{_CHAR}|/)+{_REST})>$"
_NAMESPACE: Final = r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[A-Za-z0-9._~!$&'()*+,;=:@/-]*(?:#|/)?"
_SLUG: Final = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*"
_LANGUAGE: Final = r"^[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?$"
_SPACED: Final = r"^\s|\s$|\s{2}|[\t\r\n]"

_OTHER_NAMES: Final = {f"{RDF}XMLLiteral": "xml", f"{RDF}HTML": "html", f"{CSVW}JSON": "json"}
_ANY_TEXT: Final = ("string", "anyAtomicType")
_NAMES: Final = {
    **{f"{XSD}{name}": name for name in (*LEXICAL_SPACES, *_ANY_TEXT, "anyURI")},
    **_OTHER_NAMES,
}
"""The built-in datatypes of CSV on the Web by their IRIs (Metadata Vocabulary, section 5.11.1)."""


def explain_unfit() -> pl.Expr:
    """Return the expression of why a statement is in no table, null where it can be.

    It is for frames of `split_terms`. Whether the subject's IRI can be held is left to its table.
    """
    blank = pl.col("subject").str.starts_with("_:") | (pl.col("kind") == terms.BLANK)
    iri = pl.col("kind") == terms.IRI
    fits = pl.when(iri).then(pl.col("object").str.contains(_IRI)).otherwise(_literal_fits())
    return (
        pl.when(blank)
        .then(pl.lit(BLANK_NODE))
        .when(~iri & ~fits)
        .then(pl.lit(UNFIT_LITERAL))
        .when(~pl.col("predicate").str.contains(_PROPERTY) | ~fits)
        .then(pl.lit(ENCODED_IRI))
    )


def _literal_fits() -> pl.Expr:
    text, datatype = pl.col("text"), pl.col("datatype")
    fits = (text != "") & (datatype.is_null() | ~datatype.is_in(list(_NAMES)) | (datatype == terms.STRING))
    fits &= datatype.is_null() | datatype.is_in(list(_NAMES)) | terms.iri(datatype).str.contains(_IRI)
    fits &= pl.col("lang").is_null() | pl.col("lang").str.contains(_LANGUAGE)
    plain = ~text.str.contains(_SPACED)
    for iri, name in _NAMES.items():
        if name == "string":
            continue
        if name == "boolean":
            # Its values are written as true and false.
            ok = text.is_in(["true", "false"])
        elif name == "anyAtomicType":
            ok = text != ""
        elif name in LEXICAL_SPACES:
            ok = plain & (text != "") & in_lexical_space(text, name)
        else:
            ok = plain & (text != "")
        fits = pl.when(datatype == iri).then(ok).otherwise(fits)
    return fits & ~text.str.contains("\0", literal=True)


def subject_fits() -> pl.Expr:
    """Return the expression of whether a table can hold a subject."""
    return pl.col("subject").str.contains(_IRI)


def column_datatype(datatype: str | None) -> str | dict[str, str]:
    """Return the datatype of a column, as its description has it, for a datatype's IRI.

    Examples:
        >>> column_datatype("http://www.w3.org/2001/XMLSchema#gYear"), column_datatype("https://e.org/d")
        ('gYear', {'base': 'string', '@id': 'https://e.org/d'})
    """
    if datatype is None:
        return "string"
    return _NAMES.get(datatype) or {"base": "string", "@id": datatype}


def find_namespace(iris: pl.Series) -> str:
    """Return the namespace that all IRIs (without brackets) are in, if what follows it can be a cell by itself.

    The empty text where there is none.

    Examples:
        >>> find_namespace(pl.Series(["https://e.org/id/a", "https://e.org/id/b-1"]))
        'https://e.org/id/'
        >>> find_namespace(pl.Series(["urn:a"]))
        ''
    """
    if not len(iris):
        return ""
    first = iris[0]
    namespace = first[: max(first.rfind("/"), first.rfind("#")) + 1]
    if not namespace or not pl.Series([namespace]).str.contains(f"^(?:{_NAMESPACE})$")[0]:
        return ""
    rest = iris.str.strip_prefix(namespace)
    fits = iris.str.starts_with(namespace) & rest.str.contains(f"^(?:{_SLUG})$")
    return namespace if fits.all() else ""
