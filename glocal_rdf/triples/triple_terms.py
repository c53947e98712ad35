"""What RDF 1.2 adds to Turtle: triple terms as objects, and the annotations of triples.

A reifier stands for triples: `reifier rdf:reifies <<( s p o )>>`. Where the triple is in the graph too, the reifier is
written behind it, with what is said about it: `s p o ~ reifier {| q r |}`.

https://www.w3.org/TR/rdf12-turtle/#reifying-triples
"""

from __future__ import annotations

from typing import Final

import polars as pl

from glocal_rdf.triples.formats.turtle_blank_nodes import INDENT

__all__ = ["IS_TRIPLE_TERM", "annotate", "split_triple_terms", "write_triple_term"]

IS_TRIPLE_TERM: Final = pl.col("object").str.starts_with("<<(")

_PARTS: Final = r"(?s)^<<\( (\S+) (\S+) (.*) \)>>$"
_TRIPLE: Final = ("subject", "predicate", "object")


def write_triple_term(subject: str, predicate: str, object_: str) -> pl.Expr:
    """Return the triple terms of three columns of terms, as N-Triples writes them.

    Args:
        subject: The name of the column of subjects.
        predicate: The name of the column of predicates.
        object_: The name of the column of objects.

    https://www.w3.org/TR/rdf12-n-triples/#triple-terms
    """
    return pl.format("<<( {} {} {} )>>", pl.col(subject), pl.col(predicate), pl.col(object_))


def split_triple_terms(terms: pl.Series) -> pl.DataFrame:
    """Return the three terms of each triple term.

    Args:
        terms: Triple terms of IRIs and literals, none inside another.
    """
    parts = terms.to_frame("object").select(pl.col("object").str.extract_groups(_PARTS).alias("parts"))
    return parts.select(pl.col("parts").struct.field(str(place + 1)).alias(name) for place, name in enumerate(_TRIPLE))


def annotate(rows: pl.DataFrame, annotations: pl.DataFrame) -> pl.DataFrame:
    """Write reifiers behind the triples that they reify, with the triples about them.

    Args:
        rows: The triples in their order, with `predicate_text` and `object_text`.
        annotations: `subject`, `predicate`, `object` of triples among them, their `reifier` and its `text`. No reifier
            is the subject of one of them.

    Returns:
        The rows without those that are written in annotations.
    """
    reifiers = annotations.select(subject="reifier").unique()
    line = pl.concat_str("predicate_text", pl.lit(" "), "object_text")
    about = rows.join(reifiers, on="subject", how="semi", maintain_order="left").select(reifier="subject", line=line)
    blocks = about.group_by("reifier").agg(block=pl.col("line").str.join(f" ;\n{INDENT * 3}"))
    first = pl.int_range(pl.len()).over("reifier") == 0
    block = pl.concat_str(pl.lit(f" {{|\n{INDENT * 3}"), "block", pl.lit(f"\n{INDENT * 2}|}}"))
    marks = (
        annotations.sort(*_TRIPLE, "reifier")
        .join(blocks, on="reifier", how="left", maintain_order="left")
        .with_columns(mark=pl.concat_str(pl.lit(f"\n{INDENT * 2}~ "), "text", pl.when(first).then(block).fill_null("")))
        .group_by(_TRIPLE)
        .agg(pl.col("mark").str.join(""))
    )
    return (
        rows.join(reifiers, on="subject", how="anti", maintain_order="left")
        .join(marks, on=_TRIPLE, how="left", maintain_order="left")
        .with_columns(object_text=pl.concat_str("object_text", pl.col("mark").fill_null("")))
        .drop("mark")
    )
