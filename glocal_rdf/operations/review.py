"""Reviews a mapping set: one thing at a time, or by a spreadsheet; every decision can be taken back."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from glocal_rdf.files import write_bytes
from glocal_rdf.lazy import pl
from glocal_rdf.sssom.mapping_sets import COLUMNS, EVIDENCE, REASON, REVIEW_STATE, MappingSet
from glocal_rdf.sssom.review import Decision, apply_decision, list_open
from glocal_rdf.sssom.sheets import read_decisions, render_sheet

__all__ = ["Candidate", "Review", "Task", "accept_links", "review", "review_by_sheet", "write_sheet"]

_FEATURE: Final = re.compile(r"(?P<name>[a-z]+)=(?P<value>[0-9.]+)(?: \((?P<more>(?:[^;]|;(?! [a-z]+=))*)\))?")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mapping that waits for a decision.

    Attributes:
        row: Its row in the set.
        id: What is linked to.
        iri: The same, written out.
        label: Its name.
        confidence: The confidence.
        reason: Why it is not a link; empty for a link.
        features: The evidence: the value of each feature, and what there is to say of it.
    """

    row: int
    id: str
    iri: str
    label: str
    confidence: str
    reason: str
    features: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A thing with its candidates.

    Attributes:
        id: The thing.
        iri: The same, written out.
        label: Its name.
        candidates: The candidates, the best first.
        number: Which of the things it is, from 1.
        total: How many things there are.
    """

    id: str
    iri: str
    label: str
    candidates: tuple[Candidate, ...]
    number: int
    total: int


@dataclass(frozen=True)
class Review:
    """A review as it stands. Each step gives a new one, and remembers the one before.

    Attributes:
        mappings: The mapping set.
        queue: The rows of each thing that waits.
        position: Which thing is next.
        before: The review before the last step.
    """

    mappings: MappingSet
    queue: tuple[tuple[int, ...], ...]
    position: int = 0
    before: Review | None = field(default=None, repr=False)

    @property
    def task(self) -> Task | None:
        """The next thing; None where none is left."""
        if self.position >= len(self.queue):
            return None
        rows = self.queue[self.position]
        frame = self.mappings.frame
        one = frame.row(rows[0], named=True)
        prefixes = dict(self.mappings.header.get("curie_map") or {})
        candidates = tuple(_read_candidate(frame.row(row, named=True), row, prefixes) for row in rows)
        subject = one["subject_id"]
        label = one["subject_label"] or subject
        return Task(subject, _expand(subject, prefixes), label, candidates, self.position + 1, len(self.queue))

    @property
    def counts(self) -> dict[str, int]:
        """How many mappings are in each state; those that never were proposals are left out."""
        return dict(Counter(self.mappings.frame[REVIEW_STATE].drop_nulls()))

    def decide(self, decision: Decision, candidate: int | None = None) -> Review:
        """Decide about one candidate, or about all of the thing, and go on to the next thing where nothing is open.

        Args:
            decision: The decision.
            candidate: The number of the candidate, from 0; None for all.

        Raises:
            IndexError: Where there is no such candidate, or nothing is left.
        """
        rows = self.queue[self.position]
        chosen = rows if candidate is None else (rows[candidate],)
        mappings = self.mappings
        for row in chosen:
            mappings = apply_decision(mappings, row, decision)
        states = [mappings.frame[REVIEW_STATE][row] for row in rows]
        queue, position = self.queue, self.position
        left = tuple(row for row, state in zip(rows, states, strict=True) if state == "proposed")
        if candidate is not None and decision.state != "accepted" and left:
            queue = (*queue[:position], left, *queue[position + 1 :])
        else:
            position += 1
        return Review(mappings, queue, position, self)

    def skip(self) -> Review:
        """Leave the thing as it is, for another time."""
        return replace(self, position=min(self.position + 1, len(self.queue)), before=self)

    def undo(self) -> Review:
        """Take the last step back; where there is none, stay."""
        return self.before or self


def review(path: Path, *, unsure: bool = False) -> Review:
    """Open a mapping set for review.

    Args:
        path: The file.
        unsure: Whether the mappings that somebody was unsure about are asked for too.

    Raises:
        InputError: Where it cannot be read.
        TableError: Where it is not a mapping set.
    """
    mappings = MappingSet.read(path).with_columns(*COLUMNS)
    states = ("proposed", "unsure") if unsure else ("proposed",)
    return Review(mappings, tuple(tuple(rows) for rows in list_open(mappings, states)))


def accept_links(path: Path, reviewer: str, date: str, least: float = 0.0) -> tuple[MappingSet, int]:
    """Accept all proposals that are links, and not only candidates.

    Args:
        path: The mapping set.
        reviewer: Who accepts them.
        date: The day.
        least: The least confidence.

    Returns:
        The set, and how many were accepted.

    Raises:
        InputError: Where it cannot be read.
        TableError: Where it is not a mapping set.
    """
    mappings = MappingSet.read(path).with_columns(*COLUMNS)
    confidence = pl.col("confidence").cast(pl.Float64, strict=False).fill_null(0)
    frame = mappings.frame.with_row_index("_row")
    links = frame.filter((pl.col(REVIEW_STATE) == "proposed") & pl.col(REASON).is_null() & (confidence >= least))
    count = 0
    for row in links["_row"]:
        if mappings.frame[REVIEW_STATE][row] == "proposed":
            mappings = apply_decision(mappings, row, Decision("accepted", reviewer, date, "accepted with all links"))
            count += 1
    return mappings, count


def write_sheet(path: Path, sheet: Path) -> int:
    """Write the mappings that wait for a decision as a spreadsheet.

    Args:
        path: The mapping set.
        sheet: The file, .csv or .xlsx.

    Returns:
        How many mappings wait.

    Raises:
        InputError: Where the set cannot be read.
        OutputError: Where the sheet cannot be written.
    """
    mappings = MappingSet.read(path)
    form = "xlsx" if sheet.suffix.lower() == ".xlsx" else "csv"
    write_bytes(render_sheet(mappings, form), sheet)
    return sum(map(len, list_open(mappings, ("proposed", "unsure"))))


def review_by_sheet(path: Path, sheet: Path, reviewer: str, date: str) -> tuple[MappingSet, dict[str, int]]:
    """Read the decisions in a spreadsheet.

    Args:
        path: The mapping set.
        sheet: The spreadsheet.
        reviewer: Who decided, where a row has no reviewer.
        date: The day.

    Returns:
        The set with the decisions, and how many are new by state.

    Raises:
        InputError: Where a file cannot be read.
        TableError: With every row that is not a decision.
    """
    return read_decisions(MappingSet.read(path), sheet, reviewer, date)


def _expand(curie: str, prefixes: dict[str, str]) -> str:
    prefix, _, rest = curie.partition(":")
    return f"{prefixes[prefix]}{rest}" if prefix in prefixes else curie


def _read_candidate(row: dict[str, str | None], number: int, prefixes: dict[str, str]) -> Candidate:
    found = row["object_id"] or ""
    features = tuple(
        (one["name"], one["value"], one["more"] or "") for one in _FEATURE.finditer(row.get(EVIDENCE) or "")
    )
    reason = row.get(REASON) or ""
    label, confidence = row.get("object_label") or "", row.get("confidence") or ""
    return Candidate(number, found, _expand(found, prefixes), label, confidence, reason, features)
