"""The results of inferring a description: the layout of the file, the guess for each column, and the doubts.

A guess is valid for all cells, and nothing contradicts it. A doubt is what the cells leave for a person to decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from glocal_rdf.errors import Problem

__all__ = ["MAX_EXAMPLES", "Description", "Doubt", "DoubtKind", "Guess", "Inference", "Layout"]

MAX_EXAMPLES: Final = 3
"""How many cells a doubt has as examples."""

DoubtKind = Literal[
    "number", "code", "money", "unit", "date", "time", "boolean", "null", "list", "language", "mixed", "layout", "total"
]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question for a person to decide: about a column (by its title), or about the file where `column` is empty.

    `decided`: the description has a value that is to be checked; otherwise the cells are not interpreted.
    """

    kind: DoubtKind
    reason: str
    hint: str
    column: str = ""
    examples: tuple[str, ...] = ()
    decided: bool = False

    def __str__(self) -> str:
        shown = ", ".join(repr(e if len(e) <= 40 else e[:37] + "...") for e in self.examples)
        start = f"{self.column}: " if self.column else ""
        return f"{start}{self.reason}{f' ({shown})' if shown else ''}; {self.hint}"

    def as_problem(self, file: str) -> Problem:
        """Return the doubt as a warning about a file."""
        what = str(Doubt(self.kind, self.reason, "", self.column, self.examples)).removesuffix("; ")
        kind = f"doubt-{self.kind}"
        first = self.examples[0] if self.examples else ""
        return Problem(file, what, self.hint, kind, "warning", file, 0, self.column, first[:1000])


@dataclass(frozen=True, slots=True)
class Inference:
    """The result of one inference on a column: a datatype (as in metadata), a doubt, or both."""

    datatype: Any = None
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """The guess for one column. `datatype` is None for text; `null` are the words that count as no value."""

    name: str
    title: str
    datatype: Any = None
    null: tuple[str, ...] = ()
    language: str = ""
    required: bool = False
    titles: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def as_metadata(self) -> dict[str, Any]:
        """Return the column description (Metadata Vocabulary, section 5.6)."""
        found: dict[str, Any] = {"name": self.name}
        if self.titles:
            found["titles"] = self.titles[0] if len(self.titles) == 1 else list(self.titles)
        if self.datatype is not None:
            found["datatype"] = self.datatype
        if self.language:
            found["lang"] = self.language
        if self.null:
            found["null"] = ["", *self.null]
        if self.required:
            found["required"] = True
        return found


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written, and where its table begins; `quote` and `comment_prefix` are None where there is none.

    `preamble` is the number of records before the header, also where a comment prefix leaves them out; `groups` are
    the texts over the titles where the header takes two rows, one a column, also where their cells are merged.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = '"'
    skip_rows: int = 0
    comment_prefix: str | None = None
    header_rows: int = 1
    skip_blank_rows: bool = False
    preamble: int = 0
    groups: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def as_metadata(self, usual: str = ",") -> dict[str, Any]:
        """Return the dialect description (section 5.9), empty if the file has the usual dialect of its ending.

        A dialect description without a comment prefix sets it to "#", and so would leave rows out.
        """
        found: dict[str, Any] = {}
        if self.encoding != "utf-8":
            found["encoding"] = self.encoding
        if self.delimiter != usual:
            found["delimiter"] = self.delimiter
        if self.quote != '"':
            found["quoteChar"] = self.quote
        if self.quote is not None and self.escape != self.quote:
            found["doubleQuote"] = False
        if self.skip_rows:
            found["skipRows"] = self.skip_rows
        if self.header_rows == 0:
            found["header"] = False
        elif self.header_rows > 1:
            found["headerRowCount"] = self.header_rows
        if self.skip_blank_rows:
            found["skipBlankRows"] = True
        if not found and self.comment_prefix is None:
            return {}
        if self.delimiter != ",":
            found = {"delimiter": self.delimiter} | found
        return found | {"commentPrefix": self.comment_prefix}


@dataclass(frozen=True, slots=True)
class Description:
    """An inferred description of a table: the metadata document, and the guesses and doubts that it is made of."""

    document: dict[str, Any]
    file: str
    rows: int
    layout: Layout
    columns: tuple[Guess, ...]
    key: str | None = None
    doubts: tuple[Doubt, ...] = field(default=())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The doubts as warnings about the file."""
        return tuple(d.as_problem(self.file) for d in self.doubts)
