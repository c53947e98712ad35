"""What the formats for tools (SARIF, JUnit, GitHub) have in common: the level, rule and message of a result."""

from __future__ import annotations

from typing import Literal

from glocal_rdf.display import one_line
from glocal_rdf.namespaces import local_name
from glocal_rdf.shacl.report.model import Result, ValidationReport
from glocal_rdf.shacl.terms import format_term, sh

__all__ = ["Level", "level_of", "message_of", "rule_of"]

Level = Literal["error", "warning", "note"]

_LEVELS: dict[str, Level] = {sh("Violation"): "error", sh("Warning"): "warning", sh("Info"): "note"}


def level_of(result: Result) -> Level:
    """Return the level of a result; a severity that SHACL does not have counts as a warning."""
    return _LEVELS.get(result.severity, "warning")


def rule_of(report: ValidationReport, result: Result) -> str:
    """Return the name of the rule that a result violates: the shape that has a name, the path, and the component.

    `OrganizationShape/founded/Datatype`
    """
    parts = [local_name(report.named_shape(result.shape))]
    if result.path is not None:
        parts.append(result.path.text(local_name))
    parts.append(local_name(result.component).removesuffix("ConstraintComponent"))
    return "/".join(parts)


def message_of(result: Result, lang: str) -> str:
    """Return the message of a result on one line, with its focus node and the suggestion."""
    message = " ".join(filter(None, (result.message(lang), result.advice(lang))))
    focus = format_term(result.focus)
    return one_line(message if focus in message else f"{focus}: {message}")
