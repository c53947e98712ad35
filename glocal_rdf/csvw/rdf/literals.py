"""Writes values as literals (Generating RDF from Tabular Data on the Web, sections 4.3 and 4.6.1)."""

from __future__ import annotations

import polars as pl

from glocal_rdf.csvw.metadata.model import Column
from glocal_rdf.csvw.rdf.uri_templates import change_matching
from glocal_rdf.csvw.values import datatypes
from glocal_rdf.csvw.values.built_in_datatypes import canonical_name, datatype_iri
from glocal_rdf.csvw.values.cells import Values
from glocal_rdf.triples import terms

__all__ = ["literal_end", "literals"]


def literals(values: Values) -> pl.Series:
    """Return the values of a column as literals; a text that is not of the datatype becomes a string."""
    base = values.column.inherited.datatype.base
    text = values.text
    if datatypes.is_text(base) or values.valid is not None:
        text = change_matching(text, terms.MUST_ESCAPE, _escape)
    frame = text.to_frame("t")
    typed = pl.concat_str(pl.lit('"'), pl.col("t"), pl.lit(literal_end(values.column)))
    if values.valid is not None:
        frame = frame.with_columns(ok=values.valid)
        plain = pl.concat_str(pl.lit('"'), pl.col("t"), pl.lit(_string_end(values.column)))
        typed = pl.when(pl.col("ok")).then(typed).otherwise(plain)
    return frame.select(typed.alias("object")).to_series()


def literal_end(column: Column) -> str:
    """Return how the literals of a column end, from the closing quote on: with a datatype or a language."""
    datatype = column.inherited.datatype
    base = canonical_name(datatype.base)
    if base == "string" and datatype.id is None:
        return _string_end(column)
    return f'"^^<{datatype.id or datatype_iri(base)}>'


def _string_end(column: Column) -> str:
    """Return how the strings of a column end: with its language, if its datatype is string (Model, section 6.4)."""
    base, lang = column.inherited.datatype.base, column.inherited.lang
    return f'"@{lang}' if lang != "und" and canonical_name(base) == "string" else '"'


def _escape(text: pl.Series) -> pl.Series:
    return text.to_frame("t").select(terms.escape(pl.col("t"))).to_series()
