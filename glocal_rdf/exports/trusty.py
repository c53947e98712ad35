"""Trusty URIs of module RA: IRIs that contain the hash of the quads that they name.

The quads are made before their hash is known, with a space in its place. Each is then a text of four lines, sorted by
graph, subject, predicate and object; the code is the SHA-256 of all of them.

https://trustyuri.net/ (Kuhn & Dumontier, "Trusty URIs", ESWC 2014, and the specification of module RA)
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

import polars as pl

from glocal_rdf.namespaces import XSD
from glocal_rdf.triples import terms

__all__ = ["PLACE", "hash_quads", "insert_codes"]

PLACE: Final = " "
"""What stands in an IRI where the code of its quads will."""

_QUAD: Final = ("graph", "subject", "predicate", "object")


def hash_quads(quads: pl.DataFrame) -> pl.DataFrame:
    """Return the code of each group of quads.

    Args:
        quads: `group`, and the terms `graph`, `subject`, `predicate` and `object`, with `PLACE` for the code of the
            group in IRIs. No term is a blank node.

    Returns:
        `group` and `code`: `RA` and 43 characters.
    """
    value = pl.col("object")
    is_literal = value.str.starts_with('"')
    lang, text = terms.language(value), terms.value(value)
    datatype = pl.when(is_literal & lang.is_null()).then(terms.datatype(value).str.strip_chars("<>"))
    rows = quads.with_columns(
        *(terms.value(pl.col(name)).alias(name) for name in _QUAD[:3]),
        is_literal=is_literal,
        text=text,
        datatype=datatype,
        lang=lang,
    ).sort("group", *_QUAD[:3], "is_literal", "text", "datatype", "lang", nulls_last=False)
    escaped = pl.col("text").str.replace_all("\\", r"\\", literal=True).str.replace_all("\n", r"\n", literal=True)
    written = (
        pl.when(pl.col("lang").is_not_null())
        .then(pl.concat_str(pl.lit("@"), pl.col("lang").str.to_lowercase(), pl.lit(" "), escaped))
        .when("is_literal")
        .then(pl.concat_str(pl.lit("^"), pl.col("datatype").fill_null(f"{XSD}string"), pl.lit(" "), escaped))
        .otherwise("text")
    )
    lines = rows.select("group", line=pl.concat_str(*_QUAD[:3], written, pl.lit(""), separator="\n"))
    texts = lines.group_by("group", maintain_order=True).agg(pl.col("line").str.join(""))
    codes = [_encode(text) for text in texts["line"]]
    return texts.select("group").with_columns(code=pl.Series(codes, dtype=pl.String))


def insert_codes(quads: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """Put the code of its group into the IRIs of each quad.

    Args:
        quads: As for `hash_quads`.
        codes: What `hash_quads` returned.
    """
    return quads.join(codes, on="group", maintain_order="left").with_columns(
        pl.when(pl.col(name).str.starts_with("<"))
        .then(pl.col(name).str.replace(PLACE, pl.col("code"), literal=True))
        .otherwise(name)
        for name in _QUAD
    )


def _encode(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "RA" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
