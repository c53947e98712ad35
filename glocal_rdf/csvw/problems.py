"""Collects the problems of one file, up to a limit for each kind, and raises them where processing cannot continue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NoReturn

from glocal_rdf.errors import Problem, TableError

__all__ = ["ProblemCollector"]

Level = Literal["error", "warning"]


@dataclass
class ProblemCollector:
    """Collect the problems of one file.

    `file` is its name in messages, `items` are the problems that are listed, and `counts` the numbers of all, by level,
    kind and column. `fatal` is set where the file as a whole could not be processed.

    Examples:
        >>> problems = ProblemCollector("t.csv")
        >>> problems.error("datatype", "'x' is not a number", line=2, column="size")
        >>> [str(problem) for problem in problems.all()], problems.failed
        (["t.csv:2: size: 'x' is not a number"], True)
    """

    LIMIT_PER_KIND: ClassVar[int] = 1000
    """How many problems of one kind are listed for each column; the others are counted."""

    file: str
    items: list[Problem] = field(default_factory=list)
    counts: dict[tuple[Level, str, str], int] = field(default_factory=dict)
    fatal: bool = False

    def error(self, kind: str, what: str, hint: str = "", *, line: int = 0, column: str = "", value: str = "") -> None:
        """Add an error; it is only counted where the limit of its kind and column is reached.

        Args:
            kind: The kind of problem, by which it is counted.
            what: The fact.
            hint: What to do about it.
            line: The line of the file, from 1; 0 where there is none.
            column: The name or title of the column, if any.
            value: The value that is wrong, if any.
        """
        self._add("error", kind, what, hint, line, column, value)

    def warning(
        self, kind: str, what: str, hint: str = "", *, line: int = 0, column: str = "", value: str = ""
    ) -> None:
        """Add a warning, under the same limit.

        Args:
            kind: The kind of problem, by which it is counted.
            what: The fact.
            hint: What to do about it.
            line: The line of the file, from 1; 0 where there is none.
            column: The name or title of the column, if any.
            value: The value that is doubtful, if any.
        """
        self._add("warning", kind, what, hint, line, column, value)

    def count_unlisted(self, kind: str, column: str, count: int, level: Level = "error") -> None:
        """Count problems that are not listed one by one.

        Args:
            kind: The kind of problem.
            column: The name or title of the column, or the empty text.
            count: How many there are.
            level: Whether they are errors or warnings.
        """
        if count > 0:
            key = (level, kind, column)
            self.counts[key] = self.counts.get(key, 0) + count

    def fail(self, kind: str, what: str, hint: str = "", *, line: int = 0) -> NoReturn:
        """Stop, with all problems collected so far, and this one last.

        Args:
            kind: The kind of problem.
            what: The fact.
            hint: What to do about it.
            line: The line of the file, from 1; 0 where there is none.

        Raises:
            TableError: Always.
        """
        self._add("error", kind, what, hint, line, "", "")
        raise TableError(*self.all())

    def all(self) -> tuple[Problem, ...]:
        """Return the problems, with a closing line for each kind of which there were more than are listed."""
        more = [
            Problem(
                self.file,
                f"{column + ': ' if column else ''}and {count - self.LIMIT_PER_KIND} more like these",
                kind=kind,
                level=level,
                file=self.file,
                column=column,
            )
            for (level, kind, column), count in self.counts.items()
            if count > self.LIMIT_PER_KIND
        ]
        return (*self.items, *more)

    @staticmethod
    def of(file: str, what: str) -> tuple[Problem, ...]:
        """Return one error about a file as a whole."""
        return (Problem(file, what, file=file),)

    @property
    def failed(self) -> bool:
        """Whether any error was found."""
        return any(p.level == "error" for p in self.items)

    def _add(self, level: Level, kind: str, what: str, hint: str, line: int, column: str, value: str) -> None:
        key = (level, kind, column)
        self.counts[key] = self.counts.get(key, 0) + 1
        if self.counts[key] > self.LIMIT_PER_KIND:
            return
        where = f"{self.file}:{line}" if line else self.file
        text = f"{column[:200]}: {what}" if column else what
        self.items.append(Problem(where, text, hint, kind, level, self.file, line, column, value[:1000]))
