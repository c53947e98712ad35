"""The options of a validation, and the shapes and focus nodes that they name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import expand, local_name, term_of
from glocal_rdf.spelling import join_choices, nearest

if TYPE_CHECKING:
    from glocal_rdf.shacl import PreparedShapes, ValidationReport

__all__ = ["Engine", "Severity", "ValidationOptions"]

Engine = Literal["columns", "pyshacl", "both"]
Severity = Literal["violation", "warning", "info"]


@dataclass(frozen=True, kw_only=True)
class ValidationOptions:
    """The options of a validation, as `validate` describes them."""

    engine: Engine = "columns"
    severity: Severity = "info"
    only_shapes: Sequence[str] = ()
    only_focus: Sequence[str] = ()
    max_results: int | None = 100_000
    time_limit: float = 60.0
    ignore_unsupported: bool = False
    report_unsupported: bool = False

    @property
    def needs_all_results(self) -> bool:
        """Whether all results are needed, to compare engines."""
        return self.engine == "both"

    def resolve_names(
        self, shapes: Sequence[PreparedShapes], prefixes: Mapping[str, str]
    ) -> tuple[list[str] | None, list[str] | None]:
        """Return the shapes and the focus nodes to validate as terms; None for all.

        Args:
            shapes: The shapes that may be named.
            prefixes: Namespaces by prefix.

        Raises:
            ShapesError: With the nearest names, where there is no such shape, or more than one.
        """
        known: set[str] = set()
        if self.only_shapes:
            known = {term for each in shapes for term in each.triples.frame["subject"].unique()}
        only_shapes = [_find_shape(name, known, prefixes) for name in self.only_shapes]
        only_focus = [_expand(name, prefixes) for name in self.only_focus]
        return only_shapes or None, only_focus or None

    def mark_complete(self, report: ValidationReport) -> ValidationReport:
        """Return a report that says whether everything was checked that should be."""
        return replace(report, complete=self.ignore_unsupported or not report.unsupported)


def _expand(name: str, prefixes: Mapping[str, str]) -> str:
    """Write an IRI or a CURIE as a term."""
    iri = name.strip("<>")
    return term_of(expand(iri, prefixes) or iri)


def _find_shape(name: str, known: Collection[str], prefixes: Mapping[str, str]) -> str:
    """Return the shape that is named by its IRI, a CURIE, or the last part of its IRI, as reports show it.

    Raises:
        ShapesError: With the nearest names, where there is no such shape, or more than one.
    """
    shape_term = _expand(name, prefixes)
    if shape_term in known:
        return shape_term
    by_name: dict[str, list[str]] = {}
    for shape in sorted(known):
        if shape.startswith("<"):
            by_name.setdefault(local_name(shape), []).append(shape)
    same = by_name.get(name, [])
    if len(same) == 1:
        return same[0]
    wanted = local_name(shape_term).rpartition(":")[2]
    near = same or [by_name[short][0] for short in nearest(wanted, by_name)]
    hint = join_choices(near, "name a shape of the shapes graph by its IRI")
    raise ShapesError.at(f"--shape {name}", "names several shapes" if same else "there is no such shape", hint)
