"""The part of a published site about its quality: coverage, completeness, evidence, links, and what is not decided.

1. What follows from the graph alone is measured by `publish`: completeness, links, ranks, contradictions.
2. Where the documents are at hand, how much of them is cited, and whether their passages support the claims.
3. The page shows it, `data/unlinked.csv` lists the things without a link, and `data/quality.ttl` has the numbers in
   the Data Quality Vocabulary.

https://www.w3.org/TR/vocab-dqv/
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.i18n import translatable
from glocal_rdf.operations.coverage import count_covered, coverage, format_share, list_stretches
from glocal_rdf.operations.evidence import check_evidence
from glocal_rdf.publish.catalogue.dqv import Measure, describe_in_dqv
from glocal_rdf.publish.pages.completeness import (
    ClassShare,
    count_ranks,
    list_open_contradictions,
    measure_classes,
)
from glocal_rdf.publish.pages.disagreements import group_contradictions, list_corrections
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Alternate, Contribution, File, MenuItem, Page, Site

if TYPE_CHECKING:
    from glocal_rdf.documents import Coverage
    from glocal_rdf.operations.evidence import EvidenceReport

__all__ = ["Quality", "contribute", "list_measures", "measure_quality"]

PAGE: Final = "quality/index"
_DATA: Final = "data/quality.ttl"
_UNKNOWN: Final = "https://site.invalid/data/quality.ttl"
"""The address of the file where that of the site is not known, until it is made relative."""

_UNLINKED: Final = "data/unlinked.csv"
_MOST_UNLINKED: Final = 200
"""How many things without a link are listed for a class on the page; the file lists all."""

_MOST_STRETCHES: Final = 10


@dataclass(frozen=True, eq=False)
class Quality:
    """What is known of the quality of a published dataset.

    Attributes:
        classes: How complete the things of each class are.
        ranks: How many claims each document has, by rank.
        contradictions: How many contradictions there are.
        undecided: The contradictions of which no claim is preferred or deprecated.
        corrections: How many other claims are ranked for a reason.
        coverage: How much of each document is cited; none where the documents are not at hand.
        evidence: Whether the passages support the claims; None where the documents are not at hand.
        explained: How many claims have an explanation of what is not in their passages.
        problems: Why documents that should be at hand are not.
    """

    classes: Sequence[ClassShare]
    ranks: Sequence[tuple[str, int, int, int]]
    contradictions: int
    undecided: Sequence[Sequence[object]]
    corrections: int
    coverage: Sequence[Coverage]
    evidence: EvidenceReport | None
    explained: int
    problems: tuple[Problem, ...] = ()

    @property
    def shares(self) -> Iterator[tuple[str, int, int]]:
        """The shares of the whole dataset: a name, how many have it, and of how many."""
        things = sum(one.things for one in self.classes)
        langs = self.classes[0].named if self.classes else ()
        for lang in langs:
            yield f"named-{lang}", sum(one.named[lang] for one in self.classes), things
        yield "linked", sum(one.linked for one in self.classes), things
        if self.coverage:
            yield "covered", sum(map(count_covered, self.coverage)), sum(one.characters for one in self.coverage)
        if self.evidence is not None and len(self.evidence.claims):
            counts = self.evidence.count()
            yield "supported", sum(counts.values()) - counts["unsupported"], sum(counts.values())


_METRICS: Final = {
    "named": (translatable("share of things with a name in the language"), "completeness"),
    "linked": (translatable("share of things that are linked to another dataset"), ""),
    "covered": (translatable("share of letters and digits of the documents that is cited or judged"), "completeness"),
    "supported": (
        translatable("share of claims whose passages support them, or that are explained"),
        "trustworthiness",
    ),
}
"""The metrics of the whole dataset: their definition and their dimension (Quality dimensions of Linked Data)."""


def contribute(site: Site) -> Contribution:
    """Return the page about the quality of a dataset, with its data."""
    quality = measure_quality(site)
    if not quality.classes and not quality.ranks:
        return Contribution(write=lambda _site: ())
    return Contribution(
        write=partial(_write, quality=quality),
        menu=(MenuItem(PAGE, site.say(translatable("Quality")), order=60),),
        pages={"quality": PAGE},
        problems=quality.problems,
    )


def measure_quality(site: Site) -> Quality:
    """Measure the quality of a dataset, as far as it follows from its graph and from the documents that are at hand.

    Args:
        site: The site.
    """
    covered: Sequence[Coverage] = ()
    evidence: EvidenceReport | None = None
    problems: tuple[Problem, ...] = ()
    if site.documents is not None and site.claims:
        try:
            covered = coverage(site.built.project, site.documents)
            evidence = check_evidence(site.built, site.documents)
        except InputError as error:
            covered, problems = (), error.problems
    reasons = set(site.built.project.find_terms("supportReason"))
    explained = sum(any(name in reasons for name, _ in claim.qualifiers) for claim in site.claims.values())
    return Quality(
        classes=measure_classes(site),
        ranks=count_ranks(site),
        contradictions=len(group_contradictions(site)),
        undecided=list_open_contradictions(site),
        corrections=len(list_corrections(site)),
        coverage=covered,
        evidence=evidence,
        explained=explained,
        problems=problems,
    )


def list_measures(site: Site, quality: Quality) -> Iterator[Measure]:
    """Yield the numbers of the whole dataset, for its description in the Data Quality Vocabulary.

    Args:
        site: The site.
        quality: What was measured.
    """
    for name, number, of in quality.shares:
        kind, _, lang = name.partition("-")
        text, dimension = _METRICS[kind]
        if of:
            yield Measure(name, site.say(text), f"{number / of:.4f}", "decimal", dimension, lang)
    if site.claims:
        for name, text, number in (
            ("contradictions", translatable("contradictions between claims"), quality.contradictions),
            ("undecided", translatable("contradictions that are not decided"), len(quality.undecided)),
        ):
            yield Measure(name, site.say(text), str(number), "integer")


def _write(site: Site, quality: Quality) -> Iterator[File]:
    page = Page(
        path=PAGE,
        titles=site.say(translatable("Quality")),
        descriptions=site.say(translatable("How complete the data are, what they rest on, and what is not decided.")),
        kind="quality",
        alternates=(Alternate("text/turtle", _DATA, "DQV"),),
    )
    yield from Renderer(site).render(
        page,
        "quality.html",
        quality=quality,
        share=format_share,
        covered=count_covered,
        stretches=list_stretches(quality.coverage)[:_MOST_STRETCHES],
        verdicts={f"<{iri}>": row for iri, *row in _count_verdicts(quality)},
        most=_MOST_UNLINKED,
        unlinked=_UNLINKED,
    )
    base = site.address(_DATA) or _UNKNOWN
    dataset = site.about.dataset[1:-1] if site.about.dataset.startswith("<") else f"{base}#dataset"
    content = describe_in_dqv(dataset, base, list_measures(site, quality)).serialize("turtle", site.prefixes)
    yield File(_DATA, content if site.base_url else content.replace(_UNKNOWN.encode(), b""))
    yield File(_UNLINKED, _write_unlinked(quality))


def _count_verdicts(quality: Quality) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield how many claims of each document are supported, in words of the curators, explained and unsupported."""
    if quality.evidence is None:
        return
    counts: dict[str, dict[str, int]] = {}
    for document, verdict, number in quality.evidence.claims.group_by("document", "verdict").len().iter_rows():
        counts.setdefault(str(document).strip("<>"), {})[verdict] = number
    for document in sorted(counts):
        supported, own, explained, unsupported = (
            counts[document].get(one, 0) for one in ("supported", "own words", "explained", "unsupported")
        )
        yield document, supported, own, explained, unsupported


def _write_unlinked(quality: Quality) -> bytes:
    """List all things without a link, of the classes of which some have one: IRIs, which no spreadsheet runs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["class", "thing"])
    writer.writerows((one.term[1:-1], thing[1:-1]) for one in quality.classes for thing in one.unlinked)
    return text.getvalue().encode(errors="backslashreplace")
