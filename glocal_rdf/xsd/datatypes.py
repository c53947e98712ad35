"""Which texts are values of a datatype of XML Schema, a column at a time (XML Schema 1.1 Part 2, section 3)."""

from __future__ import annotations

from typing import Final

import polars as pl

from glocal_rdf.namespaces import RDF_LANG_STRING, XSD, term
from glocal_rdf.triples.terms import unescape
from glocal_rdf.xsd.lexical_spaces import LEXICAL_SPACES

__all__ = ["IN_RDF", "in_lexical_space", "is_valid", "is_well_typed"]

IN_RDF: Final = frozenset(LEXICAL_SPACES) - {"QName"}
"""The datatypes that literals of RDF can have and whose texts are tested (RDF 1.1 Concepts, section 5.1)."""


def in_lexical_space(text: pl.Expr, name: str) -> pl.Expr:
    """Return the expression for whether a datatype allows each text; null stays null.

    Args:
        text: The texts, as literals have them: without escapes, and with white space as it is.
        name: The local name of a datatype in `LEXICAL_SPACES`.

    Examples:
        >>> days = pl.Series(["2024-02-29", "2023-02-29", None]).to_frame("day")
        >>> days.select(in_lexical_space(pl.col("day"), "date"))["day"].to_list()
        [True, False, None]

    https://www.w3.org/TR/xmlschema11-2/#built-in-datatypes
    """
    return text.str.contains(f"^(?:{LEXICAL_SPACES[name]})$")


def is_valid(texts: pl.Series, name: str) -> pl.Series:
    """Return for each text whether a datatype allows it, as `in_lexical_space`.

    Args:
        texts: The texts.
        name: The local name of a datatype in `LEXICAL_SPACES`.
    """
    return texts.to_frame("text").select(in_lexical_space(pl.col("text"), name))["text"]


def is_well_typed(terms: pl.Series, datatype: str) -> pl.Series:
    """Return for each term whether it is a literal of a datatype whose text the datatype allows.

    Of datatypes that are not those of XML Schema, every text is allowed.

    Args:
        terms: Terms in N-Triples syntax.
        datatype: The datatype, as a term.

    Examples:
        >>> byte = term(XSD, "byte")
        >>> is_well_typed(pl.Series([f'"1"^^{byte}', f'"1000"^^{byte}', '"1"']), byte).to_list()
        [True, False, False]

    https://www.w3.org/TR/shacl/#DatatypeConstraintComponent
    """
    if datatype == term(XSD, "string"):
        return terms.str.ends_with('"')
    if datatype == RDF_LANG_STRING:
        return terms.str.contains('"@[A-Za-z0-9-]+$')
    suffix = f'"^^{datatype}'
    name = datatype[len(XSD) + 1 : -1] if datatype.startswith("<" + XSD) else ""
    if name not in IN_RDF:
        return terms.str.ends_with(suffix)
    column = pl.col("term")
    text = column.str.strip_suffix(suffix).str.slice(1)
    if name in {"normalizedString", "token"}:
        text = unescape(text)
    return terms.to_frame("term").select(column.str.ends_with(suffix) & in_lexical_space(text, name))["term"]
