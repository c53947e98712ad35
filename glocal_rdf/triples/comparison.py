"""Compares graphs: isomorphism, differences, and blank nodes of several graphs kept apart."""

from __future__ import annotations

from collections.abc import Set

from glocal_rdf.errors import InputError
from glocal_rdf.lazy import pl
from glocal_rdf.triples.canonicalization import CanonicalizationLimitError, ColourRefinement, match_components

__all__ = ["are_isomorphic", "label_blank_nodes_by_content", "rename_clashing_blank_nodes", "rename_labels", "subtract"]

_ALL = ["subject", "predicate", "object"]


def subtract(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of `frame` that `other` has not, in their order.

    Both have the columns `subject`, `predicate` and `object`.
    """
    if other.height > frame.height:
        # A set of the few predicates is looked up faster than rows are hashed.
        other = other.filter(pl.col("predicate").is_in(frame["predicate"].unique().implode()))
    return frame.join(other, on=_ALL, how="anti", maintain_order="left")


def are_isomorphic(ours: pl.DataFrame, theirs: pl.DataFrame) -> bool:
    """Return whether two graphs without duplicates are the same but for the labels of blank nodes.

    Args:
        ours: A frame with the columns `subject`, `predicate` and `object`, no row twice.
        theirs: Another such frame.

    Raises:
        InputError: For graphs of blank nodes made so alike that comparing them would take too long.

    Examples:
        >>> columns = ["subject", "predicate", "object"]
        >>> a = pl.DataFrame([["_:a", "<urn:p>", "_:a"]], schema=columns, orient="row")
        >>> b = pl.DataFrame([["_:b", "<urn:p>", "_:b"]], schema=columns, orient="row")
        >>> are_isomorphic(a, b), are_isomorphic(a, b.clear())
        (True, False)

    https://www.w3.org/TR/rdf11-concepts/#graph-isomorphism
    """
    if ours.height != theirs.height:
        return False
    has_blank = _has_blank()
    our_blanks, their_blanks = ours.filter(has_blank), theirs.filter(has_blank)
    if our_blanks.height != their_blanks.height or subtract(ours.filter(~has_blank), theirs).height:
        return False
    if our_blanks.is_empty() or not subtract(our_blanks, their_blanks).height:
        return True
    try:
        return match_components(ColourRefinement(our_blanks.iter_rows()), ColourRefinement(their_blanks.iter_rows()))
    except CanonicalizationLimitError as error:
        raise InputError.at("", "the blank nodes are too much alike to compare", "give them IRIs") from error


def label_blank_nodes_by_content(frame: pl.DataFrame) -> pl.DataFrame:
    """Label blank nodes by their triples, so that unchanged ones have one name in two versions of a graph."""
    blanks = frame.filter(_has_blank())
    if blanks.is_empty():
        return frame
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for node, colour in sorted(ColourRefinement(blanks.iter_rows()).colours.items(), key=lambda pair: pair[::-1]):
        counts[colour] = counts.get(colour, 0) + 1
        names[node] = f"_:c{colour}n{counts[colour]}"
    table = pl.Series(list(names)), pl.Series(list(names.values()))
    return frame.with_columns(pl.col("subject", "object").replace(*table))


def rename_clashing_blank_nodes(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Rename, in each graph, the blank nodes whose labels an earlier graph has.

    Args:
        frames: The graphs; the first stays as it is.

    Returns:
        As many graphs, in the same order.
    """
    seen: set[str] = set()
    kept = []
    for number, frame in enumerate(frames):
        both = pl.concat([frame["subject"], frame["object"]])
        labels = set(both.filter(both.str.starts_with("_:")).unique())
        renamed = rename_labels(labels, seen, number)
        seen |= labels | set(renamed.values())
        kept.append(frame.with_columns(pl.col("subject", "object").replace(renamed)) if renamed else frame)
    return kept


def rename_labels(labels: Set[str], seen: Set[str], number: int) -> dict[str, str]:
    """Return new names for the blank nodes of a graph that earlier graphs have.

    Args:
        labels: The blank nodes of the graph.
        seen: Those of the graphs before it.
        number: The position of the graph among them.

    Examples:
        >>> rename_labels({"_:a", "_:b"}, {"_:a", "_:ag1"}, 1)
        {'_:a': '_:ag1g'}
    """
    renamed: dict[str, str] = {}
    for label in sorted(labels & seen):
        fresh = f"{label}g{number}"
        while fresh in seen or fresh in labels:
            fresh += "g"
        renamed[label] = fresh
    return renamed


def _has_blank() -> pl.Expr:
    """Return the condition that a triple has a blank node."""
    return pl.col("subject").str.starts_with("_:") | pl.col("object").str.starts_with("_:")
