"""Coverage: how much of a document lies in passages that something is derived from, and what was left out.

Only letters and digits count: white space, punctuation and signs state nothing by themselves. Of what counts, a
character is *cited* where some claim, name or concept is derived from a passage that it lies in; *judged* where it is
not cited but lies in a passage that a note says states nothing; and else *open*. A paragraph is a run of lines that no
blank line breaks. All of it is arithmetic of spans: sorted, disjoint ranges of characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from glocal_rdf.documents.passages import Citation, Document, list_documents, list_passages, read_document
from glocal_rdf.errors import InputError, Problem
from glocal_rdf.namespaces import PROV, SKOS, term
from glocal_rdf.triples import Triples

__all__ = [
    "Coverage",
    "Paragraph",
    "Stretch",
    "count_characters",
    "join_spans",
    "measure_coverage",
    "measure_documents",
    "split_paragraphs",
    "subtract_spans",
]

DERIVED = term(PROV, "wasDerivedFrom")
NOTE = term(SKOS, "note")
WORD = re.compile(r"[^\W_]+")

Span = tuple[int, int]
"""From a character up to another, which it does not hold."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a document, with its counts of letters and digits.

    Attributes:
        start: The position before its first character, from 0.
        end: The position after its last one.
        line: The line that it begins in, from 1.
        characters: How many letters and digits it has.
        cited: How many of them something is derived from.
        judged: How many are marked as stating nothing, and are not cited.
    """

    start: int
    end: int
    line: int
    characters: int
    cited: int
    judged: int

    @property
    def open(self) -> int:
        """How many characters are neither cited nor judged."""
        return self.characters - self.cited - self.judged


@dataclass(frozen=True)
class Stretch:
    """A passage, within one paragraph, of which nothing is cited or judged.

    Attributes:
        passage: The passage.
        characters: How many letters and digits it has.
    """

    passage: Citation
    characters: int


@dataclass(frozen=True)
class Coverage:
    """What is cited of a document, and what is open.

    Attributes:
        document: The document.
        paragraphs: Its paragraphs that have letters or digits.
        stretches: What is open, the longest stretch first, equal ones in the document's order.
    """

    document: Document
    paragraphs: tuple[Paragraph, ...]
    stretches: tuple[Stretch, ...]

    @property
    def characters(self) -> int:
        """How many letters and digits the document has."""
        return sum(paragraph.characters for paragraph in self.paragraphs)

    @property
    def cited(self) -> int:
        """How many of them something is derived from."""
        return sum(paragraph.cited for paragraph in self.paragraphs)

    @property
    def judged(self) -> int:
        """How many of them are marked as stating nothing, and are not cited."""
        return sum(paragraph.judged for paragraph in self.paragraphs)

    @property
    def open(self) -> int:
        """How many of them are neither."""
        return self.characters - self.cited - self.judged


def join_spans(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and join those that overlap or touch; empty ones vanish.

    Examples:
        >>> join_spans([(5, 9), (0, 2), (2, 4), (6, 7), (3, 3)])
        [(0, 4), (5, 9)]
        >>> join_spans([])
        []
    """
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def subtract_spans(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """Take spans from spans, both sorted and disjoint.

    Args:
        spans: What is left over from.
        taken: What is taken away.

    Examples:
        >>> subtract_spans([(0, 4), (5, 9)], [(1, 2), (3, 6)])
        [(0, 1), (2, 3), (6, 9)]
    """
    left: list[Span] = []
    position = 0
    for start, end in spans:
        while position < len(taken) and taken[position][1] <= start:
            position += 1
        at, here = start, position
        while here < len(taken) and taken[here][0] < end:
            if at < taken[here][0]:
                left.append((at, taken[here][0]))
            at = taken[here][1]
            here += 1
        # The last of those taken may reach into the next span, so it is looked at again.
        position = max(position, here - 1)
        if at < end:
            left.append((at, end))
    return left


def count_characters(spans: Iterable[Span]) -> int:
    """Count the characters of disjoint spans."""
    return sum(end - start for start, end in spans)


def split_paragraphs(text: str) -> Iterator[tuple[Span, int]]:
    r"""Split a text at its blank lines: each paragraph's span, without its last line end, and its first line from 1.

    Examples:
        >>> list(split_paragraphs("\na\nb\n \nc"))
        [((1, 4), 2), ((7, 8), 5)]
    """
    start = end = at = first = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            if not first:
                start, first = at, number
            end = at + len(line)
        elif first:
            yield (start, end), first
            first = 0
        at += len(line) + 1
    if first:
        yield (start, end), first


def measure_coverage(document: Document, cited: Iterable[Span], judged: Iterable[Span]) -> Coverage:
    """Measure how much of a document lies in the spans that are cited, and in those that are judged.

    Args:
        document: The document.
        cited: Spans of which something is derived; they may overlap.
        judged: Spans that are marked as stating nothing; what is cited too counts as cited.
    """
    derived = join_spans(cited)
    covered = join_spans([*derived, *judged])
    paragraphs: list[Paragraph] = []
    stretches: list[Stretch] = []
    for (start, end), line in split_paragraphs(document.text):
        words = [match.span() for match in WORD.finditer(document.text, start, end)]
        if not words:
            continue
        uncited = subtract_spans(words, _near(derived, start, end))
        left = subtract_spans(uncited, _near(covered, start, end))
        counts = [count_characters(spans) for spans in (words, uncited, left)]
        paragraphs.append(Paragraph(start, end, line, counts[0], counts[0] - counts[1], counts[1] - counts[2]))
        for group in _group(left, covered):
            passage = document.passage(group[0][0], group[-1][1])
            stretches.append(Stretch(passage, count_characters(group)))
    stretches.sort(key=lambda stretch: (-stretch.characters, stretch.passage.start))
    return Coverage(document, tuple(paragraphs), tuple(stretches))


def measure_documents(triples: Triples, folder: Path, document: str | None = None) -> tuple[Coverage, ...]:
    """Measure the documents that a graph names and that lie in a folder.

    Args:
        triples: The graph.
        folder: The folder of the documents.
        document: The slug or IRI of a document that is measured alone.

    Raises:
        InputError: With every document that is not known, not there or another version than the graph's, and with every
            passage that lies outside its document.
    """
    described = list_documents(triples)
    if document is not None:
        wanted = document.rpartition("/")[2]
        slugs = ", ".join(iri.rpartition("/")[2] for iri in described["document"])
        described = described.filter(pl.col("document").str.ends_with(f"/{wanted}"))
        if described.is_empty():
            raise InputError.at(document, "is not a document of the project", f"the project has {slugs or 'none'}")
    passages = _mark_passages(triples)
    problems: list[Problem] = []
    measured: list[Coverage] = []
    for iri, file, _, checksum in described.iter_rows():
        try:
            found = read_document(folder / str(file), iri)
        except InputError as error:
            problems += error.problems
            continue
        if found.sha256 != checksum:
            problems.append(
                Problem(str(found.path), "is another version than the one that is described", "get that version")
            )
            continue
        inside = pl.col("start").ge(0) & (pl.col("start") < pl.col("end")) & (pl.col("end") <= len(found.text))
        own = passages.filter(pl.col("document") == iri).with_columns(inside=inside.fill_null(value=False))
        problems += [
            Problem(passage, f"lies outside its document ({start} to {end})", "cite it again")
            for passage, start, end in own.filter(~pl.col("inside")).select("passage", "start", "end").iter_rows()
        ]
        cited, judged = (
            list(own.filter("inside", kind).select("start", "end").iter_rows()) for kind in ("cited", "judged")
        )
        measured.append(measure_coverage(found, cited, judged))
    if problems:
        raise InputError.of(problems)
    return tuple(measured)


def _mark_passages(triples: Triples) -> pl.DataFrame:
    """List the passages of a graph, and say of each whether it is cited, or else judged."""
    derived = triples.match(predicate=DERIVED).frame["object"].unique()
    noted = triples.match(predicate=NOTE).frame["subject"].unique()
    term = pl.concat_str(pl.lit("<"), "passage", pl.lit(">"))
    marked = list_passages(triples).with_columns(
        cited=term.is_in(derived.implode()), judged=term.is_in(noted.implode())
    )
    return marked.with_columns(judged=pl.col("judged") & ~pl.col("cited"))


def _near(spans: Sequence[Span], start: int, end: int) -> Sequence[Span]:
    """Those of sorted, disjoint spans that have a character from `start` up to `end`."""
    first = bisect_right(spans, start, key=lambda span: span[1])
    return spans[first : bisect_left(spans, end, lo=first, key=lambda span: span[0])]


def _group(left: Sequence[Span], covered: Sequence[Span]) -> Iterator[list[Span]]:
    """Group the words that are left so that nothing covered lies between two of a group."""
    group: list[Span] = []
    for span in left:
        if group and _near(covered, group[-1][1], span[0]):
            yield group
            group = []
        group.append(span)
    if group:
        yield group
