"""Collects what is wrong with a file, up to a bound for each kind, and stops where going on makes no sense."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NoReturn

from glocal_rdf.errors import Problem, TableError


@dataclass
class Findings:
    """What was found so far in one file; `file` is its name as a person knows it."""

    MOST: ClassVar[int] = 1000

    file: str
    problems: list[Problem] = field(default_factory=list)
    counts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    fatal: bool = False

    def error(self, kind: str, what: str, hint: str = "", *, line: int = 0, column: str = "", value: str = "") -> None:
        """Add an error, unless there are already a thousand of its kind in its column."""
        self._add("error", kind, what, hint, line, column, value)

    def warning(
        self, kind: str, what: str, hint: str = "", *, line: int = 0, column: str = "", value: str = ""
    ) -> None:
        """Add a warning, under the same bound."""
        self._add("warning", kind, what, hint, line, column, value)

    def skip(self, kind: str, column: str, count: int, level: Literal["error", "warning"] = "error") -> None:
        """Count problems that are not told one by one."""
        if count > 0:
            key = (level, kind, column)
            self.counts[key] = self.counts.get(key, 0) + count

    def stop(self, kind: str, what: str, hint: str = "", *, line: int = 0) -> NoReturn:
        """Raise a TableError with everything found so far and this last."""
        self._add("error", kind, what, hint, line, "", "")
        raise TableError(*self.all())

    def all(self) -> tuple[Problem, ...]:
        """Return the problems, with a closing line for each kind of which there were more than are listed."""
        more = [
            Problem(
                self.file,
                f"{column + ': ' if column else ''}and {count - self.MOST} more like these",
                "",
                kind,
                _level(level),
                self.file,
                0,
                column,
            )
            for (level, kind, column), count in self.counts.items()
            if count > self.MOST
        ]
        return (*self.problems, *more)

    @staticmethod
    def of(file: str, what: str) -> tuple[Problem, ...]:
        """Return one error of a file."""
        return (Problem(file, what, file=file),)

    @property
    def failed(self) -> bool:
        """Tell whether any error was found."""
        return any(p.level == "error" for p in self.problems)

    def _add(
        self, level: Literal["error", "warning"], kind: str, what: str, hint: str, line: int, column: str, value: str
    ) -> None:
        key = (level, kind, column)
        self.counts[key] = self.counts.get(key, 0) + 1
        if self.counts[key] > self.MOST:
            return
        where = f"{self.file}:{line}" if line else self.file
        text = f"{column[:200]}: {what}" if column else what
        self.problems.append(Problem(where, text, hint, kind, level, self.file, line, column, value[:1000]))


def _level(level: str) -> Literal["error", "warning"]:
    return "warning" if level == "warning" else "error"
