"""Makes findings in tables of a validation report, or of the errors that keep tables from being built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf import csvw
from glocal_rdf.csvw.table_rows import TableRows
from glocal_rdf.csvw.values.cells import title_of
from glocal_rdf.errors import GlocalError, Problem
from glocal_rdf.findings import CellTable, Finding, FindingReport
from glocal_rdf.findings.model import LEVELS, Level
from glocal_rdf.i18n import message, pick
from glocal_rdf.location import Location
from glocal_rdf.namespaces import local_name
from glocal_rdf.operations.dataset_metadata import list_titles
from glocal_rdf.operations.provenance import relative_to_here
from glocal_rdf.project import Project
from glocal_rdf.shacl.report.messages import severity_name
from glocal_rdf.shacl.report.model import SEVERITIES, severity_rank
from glocal_rdf.shacl.report.summary import render_summary, shape_name
from glocal_rdf.shacl.terms import format_term

if TYPE_CHECKING:
    from glocal_rdf.operations.validation_report import Validation

__all__ = ["list_findings", "list_table_errors"]

_LEVELS: Final[dict[str, Level]] = dict(zip(SEVERITIES, LEVELS, strict=False))


def list_findings(report: Validation, lang: str = "en") -> FindingReport:
    """Return the results of a validation as findings, with the tables that they were traced to.

    Args:
        report: What `validate` returns.
        lang: The language of messages and names (`en`, `zh-Hant`).
    """
    findings = []
    order = sorted(range(len(report.results)), key=lambda at: severity_rank(report.results[at].severity))
    for at in order:
        result = report.results[at]
        cells, places = _part(report.locations.get(at, ()))
        findings.append(
            Finding(
                level=_LEVELS.get(result.severity, "other"),
                severity=severity_name(result.severity, lang),
                message=result.message(lang),
                hint=result.advice(lang),
                shape=shape_name(report, report.named_shape(result.shape), lang),
                node=format_term(result.focus),
                path=result.path.text(local_name) if result.path else "",
                value=format_term(result.value) if result.value and result.value != result.focus else "",
                cells=cells,
                places=places,
            )
        )
    lines = render_summary(report, lang).splitlines()
    verdict = lines.pop(len(report.unsupported))
    heading = message(lang, "Validation report")
    built = report.built
    title = pick(list_titles(built.project), lang) if built else ""
    converted = [built.conversion, *(one.conversion for one in built.source_graphs)] if built else []
    return FindingReport(
        title=f"{title} – {heading}" if title else heading,
        verdict=verdict,
        conforms=report.verdict,
        notes=(*lines, *map(str, report.warnings)),
        findings=tuple(findings),
        tables=_read_tables([table for one in converted for table in one.tables]),
        lang=lang,
    )


def list_table_errors(project: Project, problems: Sequence[Problem], lang: str = "en") -> FindingReport:
    """Return the errors of a project's tables as findings; what is wrong is in English, as all errors are.

    Args:
        project: The project that cannot be built.
        problems: Its errors, as they were raised.
        lang: The language of the report.
    """
    tables: list[TableRows] = []
    for file in (project.metadata, *project.external_files):
        try:
            tables += csvw.convert(file, prefixes=project.declared_prefixes).tables
        except GlocalError:
            continue  # one of the errors that are listed
    findings = []
    for problem in problems:
        cells: tuple[Location, ...] = ()
        places: tuple[Location, ...] = ()
        if problem.file and problem.row:
            cells = (Location(relative_to_here(problem.file), problem.row, problem.column),)
        elif problem.where:
            places = (Location(problem.where),)
        is_error = problem.level == "error"
        findings.append(
            Finding(
                level="violation" if is_error else "warning",
                severity=message(lang, "error") if is_error else message(lang, "warning"),
                message=problem.what,
                hint=problem.hint,
                value=problem.value,
                cells=cells,
                places=places,
            )
        )
    return FindingReport(
        title=message(lang, "Validation report"),
        verdict=message(lang, "nothing was validated"),
        conforms=None,
        notes=(
            message(lang, "The tables have errors; what follows from them can be validated when these are corrected."),
        ),
        findings=tuple(findings),
        tables=_read_tables(tables),
        lang=lang,
    )


def _part(locations: Sequence[Location]) -> tuple[tuple[Location, ...], tuple[Location, ...]]:
    """Part the locations of a result in cells and other places."""
    cells = tuple(location for location in locations if location.row and not location.is_passage)
    return cells, tuple(location for location in locations if location not in cells)


def _read_tables(tables: Sequence[TableRows]) -> tuple[CellTable, ...]:
    """Return tables as they were read, with the titles that they have in their files."""
    found = []
    for table in tables:
        columns = [column for column in table.table.schema.columns if not column.virtual]
        if not table.batches:
            continue
        cells = pl.concat([batch.cells for batch in table.batches], how="diagonal").fill_null("")
        columns = columns[: cells.width]
        found.append(
            CellTable(
                file=relative_to_here(table.name),
                titles=tuple(next((one for texts in c.titles.values() for one in texts), c.name) for c in columns),
                names=tuple(map(title_of, columns)),
                lines=pl.concat([batch.lines for batch in table.batches]),
                cells=cells.select(cells.columns[: len(columns)]),
            )
        )
    return tuple(found)
