"""What can go wrong, drawn as a tree, and how it is reported: where, what and a hint, in one line.

GlocalError                could not be done (exit code 2)
├── ProjectError           the folder is no project, or lacks a part
├── InputError             a file or text cannot be read: missing, encoding, syntax
│   └── TableError         a described table breaks its description
├── ShapesError            the shapes graph is malformed, or reaches nothing
├── QueryError             a question that cannot be asked: unknown, wrong parameter, syntax
├── EndpointError          the network or the server behind it
└── OutputError            the result cannot be written
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

__all__ = [
    "EndpointError",
    "GlocalError",
    "InputError",
    "OutputError",
    "Problem",
    "ProjectError",
    "QueryError",
    "ReadWarning",
    "ShapesError",
    "TableError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Say one thing that is wrong.

    `where` is a file with line, or whatever a person can go to; `what` is the fact, with the value; `hint` says what to
    do about it.
    `row` and `column` count from 1 in the file as a person sees it (row 1 is the file's first line); 0 is unknown.

    Examples:
        >>> print(Problem("data/cities.csv:14", "founded: '199O' is not a year (xsd:gYear)", "write four digits"))
        data/cities.csv:14: founded: '199O' is not a year (xsd:gYear); write four digits
    """

    where: str
    what: str
    hint: str = ""
    kind: str = ""
    level: Literal["error", "warning"] = "error"
    file: str = ""
    row: int = 0
    column: str = ""
    value: str = ""

    @property
    def mend(self) -> str:
        """The hint, by the name that it had up to version 0.3."""
        warnings.warn("Problem.mend is called Problem.hint now", DeprecationWarning, stacklevel=2)
        return self.hint

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line}; {self.hint}" if self.hint else line


class GlocalError(Exception):
    """Root of all our errors; holds every problem that was found, not only the first."""

    def __init__(self, *problems: Problem | str) -> None:
        """Take problems, or plain sentences where there is no place to name."""
        self.problems: tuple[Problem, ...] = tuple(Problem("", p) if isinstance(p, str) else p for p in problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, where: object, what: str, hint: str = "") -> Self:
        """Make an error with one problem at one place."""
        return cls(Problem(str(where), what, hint))

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """Make one error of many problems."""
        return cls(*problems)


class ProjectError(GlocalError):
    """The folder is no project, or lacks a part."""


class InputError(GlocalError):
    """A file or text cannot be read."""


class TableError(InputError):
    """A described table breaks its description."""


class ShapesError(GlocalError):
    """The shapes graph is malformed, or reaches nothing."""


class QueryError(GlocalError):
    """A question that cannot be asked."""


class EndpointError(GlocalError):
    """The network, or the server behind it, did not answer as it should."""


class OutputError(GlocalError):
    """The result cannot be written."""


class ReadWarning(UserWarning):
    """A file was read as its format asks, and something in it says nothing: it was left out."""
