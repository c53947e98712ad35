"""Writes an answer with its evidence for people: as lines for the terminal, as Markdown with footnotes, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from glocal_rdf.claim_record import ClaimRecord
from glocal_rdf.display import as_markdown_cell
from glocal_rdf.i18n import message, message_in
from glocal_rdf.namespaces import PROV, shorten, term
from glocal_rdf.questions.evidence import AnswerEvidence, PassageEvidence, StatementEvidence
from glocal_rdf.triples.terms import unquote

ATTRIBUTED = term(PROV, "wasAttributedTo")

__all__ = [
    "EVIDENCE_COLUMNS",
    "describe_statement",
    "join_numbers",
    "list_notes",
    "tabulate_evidence",
    "write_csv",
    "write_markdown",
]

EVIDENCE_COLUMNS = (
    *(
        "row",
        "subject",
        "predicate",
        "object",
        "origin",
        "place",
        "claim",
        "rank",
        "document",
        "passage",
        "start",
        "end",
    ),
    "text",
)
"""The columns of evidence in CSV, beside the variables of the answer."""


def tabulate_evidence(found: AnswerEvidence, lang: str) -> list[tuple[str, ...]]:
    """Return a line for each row: its values, and the numbers of the footnotes with the statements that it rests on.

    Args:
        found: The answer.
        lang: The language of the words.
    """
    notes, nothing = number_notes(found), message(lang, "no statement")
    return [
        (*_cells(found, row.values), join_numbers(notes[number] for number in found.row_grounds(row)) or nothing)
        for row in found.rows
    ]


def number_notes(found: AnswerEvidence) -> dict[int, int]:
    """Return the numbers of footnotes, from 1, by the numbers of statements; those of one claim share a footnote."""
    notes: dict[int, int] = {}
    by_claim: dict[str, int] = {}
    count = 0
    for number in dict.fromkeys(number for row in found.rows for number in found.row_grounds(row)):
        claim = found.described_claim(number)
        note = by_claim.get(claim.claim) if claim else None
        if note is None:
            count += 1
            note = count
        if claim:
            by_claim[claim.claim] = note
        notes[number] = note
    return notes


def list_notes(found: AnswerEvidence) -> dict[int, int]:
    """Return the number of a statement for each footnote, by the number of the footnote."""
    return {note: number for number, note in reversed(number_notes(found).items())}


def join_numbers(numbers: Iterable[int]) -> str:
    """Write numbers in order, with ranges.

    Examples:
        >>> join_numbers([3, 1, 2, 7])
        '1–3 7'
    """
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return " ".join(str(first) if first == last else f"{first}–{last}" for first, last in ranges)


def describe_statement(
    found: AnswerEvidence,
    number: int,
    prefixes: Mapping[str, str],
    names: Mapping[str, str],
    lang: str,
) -> list[str]:
    """Describe a statement and what it rests on: a line for itself, then one for each claim, passage and place.

    Args:
        found: The answer.
        number: The number of the statement.
        prefixes: Namespaces by prefix, by which IRIs are shortened.
        names: The names of documents by their terms.
        lang: The language of the words.
    """
    statement = found.statements[number]
    parts = (statement.subject, statement.predicate, statement.object)
    if (described := found.described_claim(number)) is not None:
        parts = (
            described.subject,
            described.predicate,
            " / ".join(_write_part(part, prefixes) for part in described.objects),
        )
    lines = [" · ".join(_write_part(part, prefixes) for part in parts)]
    for claim, passage in found.listed_passages(number):
        lines.append(_describe_evidence(found, claim, passage, names, lang))
        if passage is not None and passage.text is not None:
            lines.append(f"「{' '.join(passage.text.split())}」")
    lines += [_describe_origin(statement, place, lang) for place in statement.places]
    return lines if len(lines) > 1 else [*lines, _describe_origin(statement, "", lang)]


def _write_part(part: str, prefixes: Mapping[str, str]) -> str:
    if part.startswith("<"):
        return shorten(part, prefixes)
    return unquote(part) if part.startswith('"') else part


def _describe_evidence(
    found: AnswerEvidence,
    claim: ClaimRecord | None,
    passage: PassageEvidence | None,
    names: Mapping[str, str],
    lang: str,
) -> str:
    """Describe a claim and a passage on one line: document, position, rank."""
    parts = []
    if passage is not None:
        document = names.get(f"<{passage.document}>") or passage.document
        if passage.document in found.documents:
            document += f" ({found.documents[passage.document].file})"
        position = message(lang, "characters {first}–{last}", first=passage.start, last=passage.end)
        parts.append(f"{document}{message_in(lang, 'punctuation: place', ', ')}{position}")
    if claim is not None:
        rank = names.get(f"<{claim.rank}>") or claim.rank.rpartition("#")[2].removesuffix("Rank").lower()
        by = [names.get(value) or value for name, value in claim.qualifiers if name == ATTRIBUTED]
        parts += by or ([] if passage is not None else [message(lang, "a claim without a passage")])
        parts.append(rank)
    return " · ".join(parts)


def _describe_origin(statement: StatementEvidence, place: str, lang: str) -> str:
    if statement.origin == "rule":
        return message(lang, "follows by the rule {name} from nothing that is stated", name=statement.rule)
    if statement.origin == "source":
        return f"{place} · {message(lang, 'another source')}"
    if statement.origin == "ontology":
        return message(lang, "the ontology")
    return place or message(lang, "stated in the file that was asked")


def write_markdown(found: AnswerEvidence, prefixes: Mapping[str, str], names: Mapping[str, str], lang: str) -> str:
    """Write an answer as a table in GitHub Flavored Markdown, with a footnote for each statement.

    Args:
        found: The answer.
        prefixes: Namespaces by prefix, by which IRIs in footnotes are shortened.
        names: The names of documents by their terms.
        lang: The language of the words.
    """

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |\n"

    notes = number_notes(found)
    heads = [*map(as_markdown_cell, found.variables), message(lang, "evidence")]
    out = [line(heads), line(["---"] * len(heads))]
    for row in found.rows:
        marks = "".join(f"[^{note}]" for note in sorted({notes[number] for number in found.row_grounds(row)}))
        marks = marks or message(lang, "no statement")
        out.append(line([*map(as_markdown_cell, _cells(found, row.values)), marks]))
    for text in found.absent:
        out.append(
            f"\n{message(lang, 'Also needed: that nothing matches')} `{' '.join(text.split()).replace('`', ' ')}`.\n"
        )
    for note, number in sorted(list_notes(found).items()):
        described = describe_statement(found, number, prefixes, names, lang)
        out.append(f"\n[^{note}]: {as_markdown_cell(described[0])}\n")
        out += [f"    {as_markdown_cell(part)}\n" for part in described[1:]]
    return "".join(out)


def write_csv(found: AnswerEvidence, delimiter: str = ",") -> str:
    """Write a line for each row and each claim, passage or place that it rests on; columns of evidence come last.

    Args:
        found: The answer.
        delimiter: What is between cells.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([*(f"?{name}" for name in found.variables), *EVIDENCE_COLUMNS])
    for count, row in enumerate(found.rows, 1):
        cells = _cells(found, row.values)
        grounds = found.row_grounds(row)
        for number in grounds:
            writer.writerows((*cells, str(count), *line) for line in _list_evidence(found, number))
        if not grounds:
            writer.writerow((*cells, str(count), *[""] * (len(EVIDENCE_COLUMNS) - 1)))
    return text.getvalue()


def _list_evidence(found: AnswerEvidence, number: int) -> Iterable[tuple[str, ...]]:
    statement = found.statements[number]
    said = [
        part[1:-1] if part.startswith("<") else unquote(part)
        for part in (statement.subject, statement.predicate, statement.object)
    ]
    lines = []
    for claim, passage in found.listed_passages(number):
        stated = (claim.claim, claim.rank) if claim else ("", "")
        read = (
            (passage.document, passage.passage, str(passage.start), str(passage.end), passage.text or "")
            if passage
            else ("",) * 5
        )
        lines.append((*said, statement.origin, " ".join(statement.places), *stated, *read))
    return lines or [(*said, statement.origin, " ".join(statement.places), *[""] * 7)]


def _cells(found: AnswerEvidence, values: Mapping[str, str]) -> list[str]:
    """Return the values of a row for people: the text of a literal, the IRI of a thing, empty where unbound."""
    return [unquote(values[name]) if name in values else "" for name in found.variables]
