"""One shape as its shapes graph describes it: its name for messages, its values, and the problems of reading it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.shacl.constraints.registry import COMPONENTS
from glocal_rdf.shacl.shapes.functions import called_function
from glocal_rdf.shacl.terms import is_iri, is_literal, lexical, sh, shorten
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["REFERENCES", "ReadingProblems", "ShapeDescription", "name_shape"]

REFERENCES = tuple(
    parameter.name
    for component in sorted(COMPONENTS, key=lambda component: not component.nested)
    for parameter in component.parameters
    if parameter.value.is_shape and not parameter.value.is_list
)
"""The parameters whose value is a shape, `property` first."""

MAX_NAME_PARTS = 20
"""How many shapes a name climbs; a longer one begins with `…`."""


def name_shape(index: TripleIndex, term: str) -> str:
    """Return the name of a shape for messages: its IRI, or for a blank node the shapes that it is a part of and paths.

    The name of a property shape without an IRI: `<http://example.org/S> / sh:path <http://example.org/p>`.
    """
    parts: list[str] = []
    at, seen = term, set[str]()
    while not is_iri(at) and at not in seen:
        if len(seen) == MAX_NAME_PARTS:
            return " / ".join(["…", *parts])
        seen.add(at)
        path = index.value(at, sh("path"))
        if path and is_iri(path):
            parts.insert(0, f"sh:path {shorten(path)}")
        parent = next((s for name in REFERENCES for s in sorted(index.subjects(sh(name), at))), None)
        if parent is None:
            break
        at = parent
    return " / ".join([at, *parts])


@dataclass
class ReadingProblems:
    """The problems of a shapes graph.

    Attributes:
        errors: What is malformed: nothing is validated.
        warnings: What has no effect.
        unsupported: Features that are not supported.
    """

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unsupported: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class ShapeDescription:
    """One shape of a shapes graph.

    Attributes:
        index: The triples of the shapes graph.
        term: The shape.
        where: Its name for messages.
        problems: Gathers the problems of the shapes graph.
        functions: The functions that the shapes graph declares.
    """

    index: TripleIndex
    term: str
    where: str
    problems: ReadingProblems
    functions: Sequence[str] = ()

    def values(self, parameter: str) -> list[str]:
        """Return the values of a parameter, given by its local name."""
        return self.index.values(self.term, sh(parameter))

    def members(self, head: str) -> list[str]:
        """Return the members of a SHACL list; none, and report it, where the list is malformed."""
        try:
            return self.index.members(head, self.where)
        except ShapesError as error:
            self.report_error(error)
            return []

    def report(self, what: str, hint: str) -> None:
        """Report that the shape is malformed."""
        self.problems.errors.append(Problem(self.where, what, hint))

    def report_error(self, error: ShapesError) -> None:
        """Report what was raised while the shape was read."""
        self.problems.errors.extend(error.problems)

    def warn(self, what: str, hint: str, kind: str = "") -> None:
        """Report that a part of the shape has no effect.

        Args:
            what: The fact.
            hint: What to do about it.
            kind: The kind of problem.
        """
        self.problems.warnings.append(Problem(self.where, what, hint, kind=kind, level="warning"))

    def report_unsupported(self, what: str, hint: str) -> None:
        """Report that the shape uses a feature that is not supported."""
        self.problems.unsupported.append(Problem(self.where, what, hint, kind="unsupported"))

    def calls_function(self, node: str) -> bool:
        """Return whether the query of a constraint or validator calls a SHACL function, and report it if so."""
        for form in ("select", "ask"):
            for text in filter(is_literal, self.index.values(node, sh(form))):
                if function := called_function(lexical(text), self.functions):
                    what = f"its query calls the SHACL function {function}, so it is not run"
                    self.report_unsupported(what, "write the function's expression in the query")
                    return True
        return False
