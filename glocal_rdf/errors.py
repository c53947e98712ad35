"""The errors of the package, as a tree, and the problems that they report: location, fact and hint, on one line.

GlocalError                could not be done (exit code 2)
├── ProjectError           the folder is not a project, or lacks a part
├── InputError             a file or text cannot be read: missing, encoding, syntax
│   └── TableError         a table does not match its description
├── ShapesError            the shapes graph is malformed, or uses what is not supported
├── QueryError             a query cannot be evaluated: unknown name, wrong parameter, syntax, time limit
│   └── StoredGraphError   a graph that is kept in a folder cannot be read from it any more
├── EndpointError          a server cannot be reached, or does not answer as it should
└── OutputError            the result cannot be written
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, Self

__all__ = [
    "OPEN_DECISION",
    "TIMED_OUT",
    "EndpointError",
    "GlocalError",
    "InputError",
    "OutputError",
    "Problem",
    "ProjectError",
    "QueryError",
    "ReadWarning",
    "ShapesError",
    "StoredGraphError",
    "TableError",
]

OPEN_DECISION: Final = "open-decision"
"""The kind of a problem that is a question to a person, which the description of a table leaves open."""

TIMED_OUT: Final = "timeout"
"""The kind of the problem of a query that was ended at its time limit."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        where: The location that people can go to, such as a file with a line.
        what: The fact, with the value.
        hint: What to do about it.
        kind: The kind of problem, by which problems are counted.
        level: Whether it is an error or a warning.
        file: The file, for programs.
        row: The line of the file, from 1; 0 where it is not known.
        column: The name of the column of a table; empty where there is none.
        value: The value that is wrong; empty where there is none.

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
    """The base of all our errors; it has every problem that was found, not only the first."""

    def __init__(self, *problems: Problem | str) -> None:
        """Take problems, or sentences where there is no location."""
        self.problems: tuple[Problem, ...] = tuple(Problem("", p) if isinstance(p, str) else p for p in problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, where: object, what: str, hint: str = "") -> Self:
        """Make an error with one problem at one location.

        Args:
            where: The location, such as a path or `file:line`.
            what: The fact.
            hint: What to do about it.

        Examples:
            >>> print(InputError.at("a.ttl:3", "the prefix ex: is not declared", "declare it"))
            a.ttl:3: the prefix ex: is not declared; declare it
        """
        return cls(Problem(str(where), what, hint))

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """Make one error of many problems."""
        return cls(*problems)


class ProjectError(GlocalError):
    """The folder is not a project, or lacks a part."""


class InputError(GlocalError):
    """A file or text cannot be read."""


class TableError(InputError):
    """A table does not match its description."""


class ShapesError(GlocalError):
    """The shapes graph is malformed, or uses what is not supported."""


class QueryError(GlocalError):
    """A query cannot be evaluated."""


class StoredGraphError(QueryError):
    """A graph that is kept in a folder cannot be read from it any more."""


class EndpointError(GlocalError):
    """A server cannot be reached, or does not answer as it should."""


class OutputError(GlocalError):
    """The result cannot be written."""


class ReadWarning(UserWarning):
    """Something in a file has no effect by the rules of its format, and was left out."""
