"""The summary of a report: whether the data conform, what was found and checked, and what was not."""

from __future__ import annotations

from collections.abc import Callable

from glocal_rdf.display import one_line
from glocal_rdf.i18n import message, plural, punctuation, translatable
from glocal_rdf.namespaces import local_name
from glocal_rdf.shacl.report.messages import count_severity
from glocal_rdf.shacl.report.model import ValidationReport

__all__ = [
    "capped_note",
    "list_focus_nodes",
    "list_notes",
    "render_notes",
    "render_summary",
    "shape_name",
    "verdict_note",
]

MAX_SHAPES_LISTED = 20


def render_summary(report: ValidationReport, lang: str = "en") -> str:
    """Return the verdict, the number of results and of focus nodes that were checked, and what was not, a line each.

    Args:
        report: The report.
        lang: `en` or `zh-Hant`; any other language gets English.
    """
    comma, colon = punctuation(lang)
    numbers = [(report.count(s), s) for s in report.severities()]
    counts = comma.join(count_severity(s, lang, n) for n, s in numbers)
    lines = [message(lang, "not checked: {what}", what=problem) for problem in report.unsupported]
    lines.append(message(lang, _verdict(report)) + (f"{colon}{counts}" if counts else ""))
    checked = [n for n in report.reached.values() if n]
    lines.append(_checked(sum(checked), len(checked), lang))
    if report.unreached:
        names = [shape_name(report, s, lang) for s in report.unreached[:MAX_SHAPES_LISTED]]
        if more := len(report.unreached) - len(names):
            names.append(message(lang, "and {n} more", n=more))
        lines.append(message(lang, "Shapes whose target matched no focus node: {shapes}", shapes=comma.join(names)))
    if report.capped:
        lines.append(capped_note(report, lang))
    return "\n".join(map(one_line, lines))


def _checked(nodes: int, shapes: int, lang: str) -> str:
    return message(
        lang,
        "Checked {nodes} with {shapes}.",
        nodes=plural(lang, "{number:,} focus node", "{number:,} focus nodes", nodes),
        shapes=plural(lang, "{number:,} shape", "{number:,} shapes", shapes),
    )


def _verdict(report: ValidationReport) -> str:
    """Return the verdict in English."""
    if not report.conforms:
        return translatable("does not conform")
    if not report.validated:
        return translatable("nothing was validated")
    if not report.complete:
        return translatable("no problem was found, but not everything could be checked")
    return translatable("conforms")


def verdict_note(report: ValidationReport, lang: str) -> str:
    """Return why data without a result are not reported to conform; the empty text where that is not so."""
    return "" if report.verdict is not None else message(lang, _verdict(report))


def capped_note(report: ValidationReport, lang: str) -> str:
    """Return how many of the results are listed."""
    return message(lang, "{shown} of {total} results are shown", shown=len(report.results), total=report.total)


def list_notes(report: ValidationReport, lang: str) -> list[tuple[str, str]]:
    """Return what a report has besides results, each with its level: `error` or `warning`."""
    verdict = verdict_note(report, lang)
    notes = [("error", verdict)] if verdict else []
    notes += [("warning" if report.complete else "error", str(problem)) for problem in report.unsupported]
    notes += [("warning", str(problem)) for problem in report.warnings]
    notes += [("warning", capped_note(report, lang))] if report.capped else []
    return [(level, one_line(note)) for level, note in notes]


def list_focus_nodes(report: ValidationReport, lang: str, write: Callable[[str], str] = str) -> str:
    """Return the number of focus nodes of every shape, a line each that begins with a line break.

    Args:
        report: The report.
        lang: The language of the shapes' names.
        write: Escapes a name.
    """
    names = {s: write(one_line(shape_name(report, s, lang))) for s in report.reached}
    return "".join(f"\n- {names[shape]}{punctuation(lang)[1]}{number}" for shape, number in report.reached.items())


def render_notes(report: ValidationReport, lang: str = "en") -> str:
    """Return as comments of Turtle what a report in RDF cannot state: the focus nodes checked, and what was not."""
    lines = render_summary(report, lang).splitlines() + list_focus_nodes(report, lang).splitlines()[1:]
    return "".join(f"# {one_line(line)}\n" for line in lines)


def shape_name(report: ValidationReport, shape: str, lang: str) -> str:
    """Return the name of a shape in a language, or the last part of its IRI.

    Args:
        report: The report, which has the names of its shapes.
        shape: The shape, as a term.
        lang: The language.
    """
    info = report.shapes.get(shape)
    return (info.name(lang) if info else "") or local_name(shape)
