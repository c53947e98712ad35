"""Combines validation reports: what two engines find, and the results on several graphs, with their locations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from glocal_rdf.dataset import Build
from glocal_rdf.display import as_html_table
from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import SH, term
from glocal_rdf.operations.provenance import Locations, trace_in_source_graph
from glocal_rdf.shacl import Result, ValidationReport
from glocal_rdf.source_graphs import SourceGraph
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.operations.evidence import EvidenceReport

__all__ = [
    "NOTHING_MATCHED",
    "Validation",
    "compare_reports",
    "concerns",
    "extend_report",
    "finish_report",
    "join_reports",
    "most_severe",
    "render_report",
    "render_workbook",
    "tabulate_report",
]

NO_TARGETS = "no shape has a target"
NOTHING_MATCHED = "no target of a shape matched a focus node"
ONLY_ONTOLOGY = "targets matched no node of the data, only terms of the ontology or nodes without triples"


@dataclass(frozen=True, repr=False)
class Validation(ValidationReport):
    """A validation report, with the locations of its results and the verdict of the command.

    Attributes:
        locations: Where each result comes from, by its position in `results`.
        fails: Whether a result counts as a failure: one of the given severity or a more severe one.
        why_not_validated: Why no data were validated; empty where some were.
        engine_differences: What only one of two engines reports; None where one engine validated.
        parts: The reports of which this one was joined, that of the project's graph first.
        built: The build that was validated; None for other data. Its tables are shown in the forms that show cells.
        evidence: What was found of its claims in the documents; None where they were not looked into.
    """

    locations: Locations = field(default_factory=dict)
    fails: bool = False
    why_not_validated: str = ""
    engine_differences: tuple[str, ...] | None = None
    parts: tuple[ValidationReport, ...] = ()
    built: Build | None = None
    evidence: EvidenceReport | None = None

    def __repr__(self) -> str:
        return f"<Validation: {self._verdict_text()}, {self.total} results>"

    def _repr_html_(self) -> str:
        columns, rows = tabulate_report(self)
        listed = f", {len(rows):,} listed" if self.capped else ""
        return as_html_table(columns, rows, f"{self._verdict_text()}: {self.total:,} results{listed}")

    def _verdict_text(self) -> str:
        return {True: "conforms", False: "does not conform", None: "not completely validated"}[self.verdict]


def compare_reports(ours: Sequence[ValidationReport], theirs: Sequence[ValidationReport]) -> tuple[str, ...]:
    """List what only one of the engines reports."""
    found, others = (Counter(_describe(r) for report in each for r in report.results) for each in (ours, theirs))
    return tuple(
        f"only {engine} reports: {line}"
        for engine, lines in (("columns", found - others), ("pyshacl", others - found))
        for line in lines
    )


def _describe(result: Result) -> str:
    """Describe a result without labels of blank nodes, so that those of two engines can be compared."""
    shape = result.shape if result.shape.startswith("<") else "a shape without a name"
    return f"{result.focus} {result.path or ''} {result.value or ''} {result.component} {shape} {result.severity}"


def most_severe(report: ValidationReport, limit: int | None) -> list[int]:
    """Return the positions of so many results: all in their order, or the most severe first."""
    every = list(range(len(report.results)))
    if limit is None or len(every) <= limit:
        return every
    order = {severity: at for at, severity in enumerate(report.severities())}
    return sorted(every, key=lambda at: order[report.results[at].severity])[:limit]


def join_reports(
    report: ValidationReport, locations: Locations, others: Sequence[tuple[SourceGraph, ValidationReport]]
) -> tuple[ValidationReport, Locations]:
    """Join the reports of source graphs to a report, with the locations of all results.

    Args:
        report: The report on the project's graph.
        locations: Where each result of it comes from.
        others: The report on each source graph.
    """
    if not others:
        return report, locations
    results, found = list(report.results), dict(locations)
    reached, shapes = dict(report.reached), dict(report.shapes)
    looked_at = dict(report.reached if report.looked_at is None else report.looked_at)
    for source, other in others:
        for result in other.results:
            found[len(results)] = trace_in_source_graph(source, result)
            results.append(result)
        for shape, nodes in other.reached.items():
            reached[shape] = reached.get(shape, 0) + nodes
        for shape, nodes in (other.reached if other.looked_at is None else other.looked_at).items():
            looked_at[shape] = looked_at.get(shape, 0) + nodes
        shapes |= other.shapes
    every = (report, *(other for _, other in others))
    joined = replace(
        report,
        conforms=all(one.conforms for one in every),
        results=tuple(results),
        reached=reached,
        shapes=shapes,
        total=sum(one.total for one in every),
        looked_at=looked_at,
        warnings=tuple(dict.fromkeys(problem for one in every for problem in one.warnings)),
        unsupported=tuple(dict.fromkeys(problem for one in every for problem in one.unsupported)),
        complete=all(one.complete for one in every),
        severities_found=dict(sum((Counter(one.severities_found) for one in every), Counter())),
    )
    return joined, found


def concerns(report: ValidationReport, *given: Triples) -> bool:
    """Return whether focus nodes of the given data were checked, or some result is about a subject of them."""
    focus = [result.focus for result in report.results]
    return report.validated or any(part.frame["subject"].is_in(focus).any() for part in given)


def extend_report(
    report: ValidationReport,
    locations: Locations,
    *,
    fails: bool,
    differences: tuple[str, ...] | None,
    parts: tuple[ValidationReport, ...],
) -> Validation:
    """Make a `Validation` of a report and of what the operation knows besides.

    Args:
        report: The report.
        locations: Where each result comes from, by its position.
        fails: Whether the data fail, at the severity that was asked for.
        differences: What only one of two engines reports; None where one engine was run.
        parts: The reports that it was joined from.
    """
    why = ""
    if not report.validated:
        why = NO_TARGETS if not report.reached else ONLY_ONTOLOGY if any(report.reached.values()) else NOTHING_MATCHED
    own: dict[str, Any] = {field.name: getattr(report, field.name) for field in fields(ValidationReport)}
    return Validation(
        **own, locations=locations, fails=fails, why_not_validated=why, engine_differences=differences, parts=parts
    )


def finish_report(
    report: ValidationReport,
    locations: Locations,
    *,
    fails: bool,
    differences: tuple[str, ...] | None = None,
    concerned: bool | None = None,
    without_data: str = "",
) -> Validation:
    """Make a `Validation` of a report on files that were validated together.

    Args:
        report: The report.
        locations: Where each result comes from, by its position.
        fails: Whether the data fail, at the severity that was asked for.
        differences: What only one of two engines reports; None where one engine was run.
        concerned: Whether the report is about the files (`concerns`); None where nothing else was looked at.
        without_data: The names of the files, where no triple is in them.
    """
    if concerned is not None:
        fails = fails and concerned
        report = replace(report, reached=report.looked_at or report.reached)
    validation = extend_report(report, locations, fails=fails, differences=differences, parts=(report,))
    if not without_data:
        return validation
    return replace(validation, why_not_validated=f"{NOTHING_MATCHED} ({without_data} has no triples)")


def tabulate_report(report: Validation, lang: str = "en") -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Return the results as a table: the heads of the columns, and a row for each result."""
    from glocal_rdf.shacl.report import render_rows  # noqa: PLC0415 - one form in many

    return render_rows(report, report.locations, lang)


def render_report(report: Validation, form: str = "text", lang: str = "en") -> bytes | str:
    """Write a validation report.

    Args:
        report: What `validate` returns.
        form: `text`, `json`, `turtle`, `markdown`, `sarif`, `junit`, `github`, `html`, or `xlsx` (a workbook;
            `render_workbook` also returns what it cannot hold).
        lang: The language of messages (`en`, `zh-Hant`).

    Raises:
        OutputError: Where the package that writes workbooks is not installed.
    """
    from glocal_rdf import __version__  # noqa: PLC0415 - the package imports this module when it is used
    from glocal_rdf.shacl import report as formats  # noqa: PLC0415 - text alone is needed as a rule

    if form == "xlsx":
        return render_workbook(report, lang)[0]
    if form == "html":
        from glocal_rdf.findings import render_page  # noqa: PLC0415 - one form in many
        from glocal_rdf.operations.findings import list_findings  # noqa: PLC0415

        return render_page(list_findings(report, lang))
    if form == "turtle":
        triples = report.to_triples()
        if report.verdict is None:
            # sh:conforms would be true, although not all that should be was checked.
            triples = triples.difference(triples.match(predicate=term(SH, "conforms")))
        return formats.render_notes(report, lang).encode() + triples.serialize("turtle")
    if form == "sarif":
        return formats.render_sarif(report, report.locations, lang, __version__)
    if form == "json" and report.evidence is not None:
        return formats.render_json(report, report.locations, lang, {"claims": report.evidence.list_counts()})
    # Each format is a module, of which one is imported.
    render: Callable[..., str] = getattr(formats, f"render_{form}")
    return render(report, report.locations, lang)


def render_workbook(report: Validation, lang: str = "en") -> tuple[bytes, tuple[Problem, ...]]:
    """Write a validation report as a workbook (.xlsx): the tables, with each result as a comment on its cell.

    Args:
        report: What `validate` returns.
        lang: The language of messages (`en`, `zh-Hant`).

    Returns:
        The workbook, and a problem for all that a workbook cannot hold.

    Raises:
        OutputError: Where the package that writes workbooks is not installed.
    """
    from glocal_rdf import findings  # noqa: PLC0415 - one form in many
    from glocal_rdf.operations.findings import list_findings  # noqa: PLC0415

    return findings.render_workbook(list_findings(report, lang))
