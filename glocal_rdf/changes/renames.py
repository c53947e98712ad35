"""Finds things that were renamed: gone in the new version, while a new thing has the same statements.

1. Candidates share a statement (property and object) that few other things have.
2. A pair is exact where all statements of both are the same, the thing's own IRI aside. It is likely where they share a
   name, their classes, and at least half of their statements.
3. Each thing has one partner at most, and none where two are equally good.
4. What was found is applied to the old version and looked for again: things that refer to renamed things have the same
   statements then.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from glocal_rdf.namespaces import DCTERMS, FOAF, RDF_TYPE, RDFS_LABEL, SCHEMA, SCHEMA_HTTPS, SKOS, term

__all__ = ["NAMES", "find_renames", "rename_terms"]

NAMES: Final = (
    term(SKOS, "prefLabel"),
    RDFS_LABEL,
    term(SCHEMA, "name"),
    term(SCHEMA_HTTPS, "name"),
    term(DCTERMS, "title"),
    term(FOAF, "name"),
)
"""The properties that name a thing, the preferred one first."""

_SELF: Final = "<>"
_COMMON: Final = 400
"""How many pairs of things may share a statement that is used to find candidates."""

_HALF: Final = 0.5
_MAX_ROUNDS: Final = 10


def find_renames(old: pl.DataFrame, new: pl.DataFrame) -> list[tuple[str, str, bool]]:
    """Find renamed things.

    Args:
        old: The triples of the old version whose subjects are gone, in the new version.
        new: The triples of the new version whose subjects are not in the old version.

    Returns:
        The former term, the new term, and whether the statements are all the same; sorted.
    """
    found: dict[str, tuple[str, bool]] = {}
    for _ in range(_MAX_ROUNDS):
        renamed = {former: name for former, (name, _) in found.items()}
        pairs = _find_pairs(
            rename_terms(old.filter(~pl.col("subject").is_in(list(found))), renamed, ["object"]),
            new.filter(~pl.col("subject").is_in(list(renamed.values()))),
        )
        if not pairs:
            break
        found |= {former: (name, exact) for former, name, exact in pairs}
    return sorted((former, name, exact) for former, (name, exact) in found.items())


def rename_terms(frame: pl.DataFrame, renamed: dict[str, str], columns: list[str] | None = None) -> pl.DataFrame:
    """Write new terms for former ones.

    Args:
        frame: Triples.
        renamed: The new terms by the former ones.
        columns: The columns to write them in; all without any.
    """
    if not renamed:
        return frame
    wanted = columns or ["subject", "predicate", "object"]
    return frame.with_columns(pl.col(wanted).replace(list(renamed), list(renamed.values())))


def _find_pairs(old: pl.DataFrame, new: pl.DataFrame) -> list[tuple[str, str, bool]]:
    ours, theirs = _list_statements(old, "former"), _list_statements(new, "name")
    if ours.is_empty() or theirs.is_empty():
        return []
    keys = ["predicate", "object"]
    both = ours.group_by(keys).len("ours").join(theirs.group_by(keys).len("theirs"), on=keys)
    rare = both.filter(pl.col("ours") * pl.col("theirs") <= _COMMON).select(keys)
    pairs = ours.join(rare, on=keys).join(theirs, on=keys).select("former", "name").unique()
    if pairs.is_empty():
        return []
    shared = pairs.join(ours, on="former").join(theirs, on=["name", *keys]).group_by("former", "name").agg(
        shared=pl.len(),
        named=pl.col("predicate").is_in(NAMES).any(),
        classes=(pl.col("predicate") == RDF_TYPE).sum(),
    )  # fmt: skip
    is_class = (pl.col("predicate") == RDF_TYPE).sum()
    scored = (
        shared.join(ours.group_by("former").agg(had=pl.len(), had_classes=is_class), on="former")
        .join(theirs.group_by("name").agg(has=pl.len(), has_classes=is_class), on="name")
        .with_columns(
            part=pl.col("shared") / pl.max_horizontal("had", "has"),
            exact=(pl.col("shared") == pl.col("had")) & (pl.col("shared") == pl.col("has")),
            same_classes=(pl.col("classes") == pl.col("had_classes")) & (pl.col("classes") == pl.col("has_classes")),
        )
        .filter(
            # A class alone, or one statement alone, does not identify a thing.
            (pl.col("exact") & (pl.col("shared") > pl.col("classes")) & (pl.col("named") | (pl.col("shared") > 1)))
            | (pl.col("named") & pl.col("same_classes") & (pl.col("part") >= _HALF))
        )
    )
    best = scored.filter(
        (pl.col("part") == pl.col("part").max().over("former")) & (pl.col("part") == pl.col("part").max().over("name"))
    )
    single = best.filter((pl.len().over("former") == 1) & (pl.len().over("name") == 1))
    return sorted(single.select("former", "name", "exact").iter_rows())


def _list_statements(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """List what is said of each thing, with its own IRI written in one way."""
    own = pl.when(pl.col("object") == pl.col("subject")).then(pl.lit(_SELF)).otherwise("object")
    named = frame.filter(pl.col("subject").str.starts_with("<") & ~pl.col("object").str.starts_with("_:"))
    return named.select(pl.col("subject").alias(name), "predicate", own.alias("object")).unique()
