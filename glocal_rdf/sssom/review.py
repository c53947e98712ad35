"""The review of proposed mappings: proposed, accepted, rejected or unsure, with reviewer, date and reason.

A decision stays: what is proposed anew never replaces a mapping that a person has decided, nor one that was there
before and is not a proposal. A rejected candidate becomes a mapping that denies the link (`predicate_modifier: Not`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from glocal_rdf.lazy import pl
from glocal_rdf.sssom.mapping_sets import COLUMNS, REVIEW_REASON, REVIEW_STATE, MappingSet

__all__ = ["STATES", "Decision", "Merged", "apply_decision", "list_open", "merge_proposals"]

STATES: Final = ("proposed", "accepted", "rejected", "unsure")
"""The states of a mapping, the first before anybody has seen it."""

_PAIR: Final = ("subject_id", "object_id")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a mapping.

    Attributes:
        state: One of `accepted`, `rejected`, `unsure`, and `proposed` to take a decision back.
        reviewer: The name of the person.
        date: The day.
        reason: Why; may be empty.
    """

    state: str
    reviewer: str
    date: str
    reason: str = ""


@dataclass(frozen=True)
class Merged:
    """New proposals beside what was there.

    Attributes:
        mappings: The set.
        kept: How many rows were there and stay.
        new: How many proposals are new.
        dropped: How many former proposals were not found again, and are gone.
    """

    mappings: MappingSet
    kept: int
    new: int
    dropped: int


def merge_proposals(former: MappingSet | None, proposed: MappingSet) -> Merged:
    """Put new proposals beside the decisions that were taken.

    Args:
        former: The set as it was; None where there is none.
        proposed: The new proposals.

    Returns:
        Decided rows and rows that never were proposals, as they were; and the proposals for things that have no
        accepted mapping, without pairs that were decided.
    """
    if former is None:
        return Merged(proposed, 0, proposed.frame.height, 0)
    former = former.with_columns(*COLUMNS)
    state = pl.col(REVIEW_STATE)
    stay = former.frame.filter((state != "proposed").fill_null(True))
    settled = stay.filter(state.is_null() | (state == "accepted")).filter(pl.col("predicate_modifier").is_null())
    new = proposed.frame.join(stay, on=_PAIR, how="anti").join(settled, on="subject_id", how="anti")
    dropped = former.frame.filter(state == "proposed").join(new, on=_PAIR, how="anti")
    rows = pl.concat([stay, new], how="diagonal")
    # Things stand in the order in which they were, then new ones; candidates of one thing together.
    every = pl.concat([former.frame.select(_PAIR), proposed.frame.select(_PAIR)])
    places = every.unique(_PAIR, maintain_order=True).with_row_index("place")
    places = places.with_columns(group=pl.col("place").min().over("subject_id"))
    order = rows.join(places, on=_PAIR, how="left", maintain_order="left").sort("group", "place")
    prefixes = {**dict(proposed.header).get("curie_map", {}), **(former.header.get("curie_map") or {})}
    header = {**proposed.header, **former.header, "curie_map": prefixes}
    header["extension_definitions"] = proposed.header.get("extension_definitions", [])
    return Merged(MappingSet(header, order.drop("place", "group")), stay.height, new.height, dropped.height)


def apply_decision(mappings: MappingSet, row: int, decision: Decision) -> MappingSet:
    """Write a decision into a row; where a candidate is accepted, the other open candidates of its thing are rejected.

    Args:
        mappings: The set.
        row: The number of the row, from 0.
        decision: The decision.
    """
    mappings = mappings.with_columns(*COLUMNS)
    frame = mappings.frame.with_row_index("_row")
    this = pl.col("_row") == row
    frame = _write(frame, this, decision)
    if decision.state == "accepted":
        subject, chosen = mappings.frame["subject_id"][row], mappings.frame["object_id"][row]
        others = (pl.col("subject_id") == subject) & ~this & pl.col(REVIEW_STATE).is_in(["proposed", "unsure"])
        frame = _write(frame, others, replace(decision, state="rejected", reason=f"{chosen} was accepted"))
    return MappingSet(mappings.header, frame.drop("_row"))


def _write(frame: pl.DataFrame, where: pl.Expr, decision: Decision) -> pl.DataFrame:
    values = {
        REVIEW_STATE: decision.state,
        REVIEW_REASON: decision.reason or None,
        "reviewer_label": decision.reviewer or None,
        "review_date": decision.date or None,
        "predicate_modifier": "Not" if decision.state == "rejected" else None,
    }
    return frame.with_columns(
        pl.when(where).then(pl.lit(value, pl.String)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def list_open(mappings: MappingSet, states: tuple[str, ...] = ("proposed",)) -> list[list[int]]:
    """List the things that wait for a decision, each with the numbers of its rows, the best candidate first.

    Args:
        mappings: The set.
        states: The states that wait.
    """
    frame = mappings.with_columns(*COLUMNS).frame.with_row_index("_row")
    frame = frame.filter(pl.col(REVIEW_STATE).is_in(states))
    confidence = pl.col("confidence").cast(pl.Float64, strict=False).fill_null(0)
    ordered = frame.sort(confidence, descending=True, maintain_order=True)
    rows = ordered.group_by("subject_id", maintain_order=True).agg("_row").with_columns(at=pl.col("_row").list.min())
    return [list(group) for group in rows.sort("at")["_row"]]
