"""The messages of results whose shape has none, and the words that all formats of reports use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.namespaces import local_name
from glocal_rdf.shacl.constraints.registry import BY_IRI
from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.shacl.terms import format_term, sh

__all__ = ["count_severity", "default_message", "severity_name"]


class _Result(Protocol):
    """What a default message shows of a result."""

    @property
    def component(self) -> str: ...
    @property
    def path(self) -> Path | None: ...
    @property
    def value(self) -> str | None: ...
    @property
    def expected(self) -> str: ...


_ANY_COMPONENT = translatable("{value} violates {component}")

_SEVERITY_NAMES: dict[str, Callable[[str, int], str]] = {
    sh("Violation"): lambda lang, number: plural(lang, "violation", "violations", number),
    sh("Warning"): lambda lang, number: plural(lang, "warning", "warnings", number),
    sh("Info"): lambda lang, number: plural(lang, "note", "notes", number),
}


def severity_name(severity: str, lang: str, number: int = 1) -> str:
    """Return the name of a severity (a term) for a number of results; one that SHACL does not have by its last part.

    Args:
        severity: The severity, as a term.
        lang: The language of the reader.
        number: The number of results.

    Examples:
        >>> severity_name(sh("Info"), "en", 2), severity_name("<http://example.org/Critical>", "en")
        ('notes', 'Critical')
    """
    name = _SEVERITY_NAMES.get(severity)
    return name(lang, number) if name else local_name(severity)


def count_severity(severity: str, lang: str, number: int) -> str:
    """Return a number of results with the name of their severity.

    Args:
        severity: The severity, as a term.
        lang: The language of the reader.
        number: The number of results.

    Examples:
        >>> count_severity(sh("Violation"), "en", 2), count_severity(sh("Violation"), "zh-Hant", 2)
        ('2 violations', '2 項違規')
    """
    return message(lang, "{number} {things}", number=number, things=severity_name(severity, lang, number))


def default_message(result: _Result, lang: str = "en") -> str:
    """Return the message for a result whose shape has none, in a language that there are messages in, or in English."""
    component = BY_IRI.get(result.component)
    return message(
        lang,
        component.message if component and component.message else _ANY_COMPONENT,
        path=result.path.text(local_name) if result.path else message(lang, "this node"),
        value=format_term(result.value),
        expected=result.expected or "…",
        component=local_name(result.component),
    )
