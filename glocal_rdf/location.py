"""A place in a file: a cell, a line, or characters of a document. It becomes text only when it is printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

__all__ = ["Location"]

_CHARACTERS: Final = re.compile(r"(?P<document>[^#]+)#char=(?P<start>[0-9]{1,15}),(?P<end>[0-9]{1,15})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Location:
    """Where something is.

    Attributes:
        file: A file as a person would open it from here, or the IRI of a document.
        row: The line of the file where it begins, from 1; 0 where that is not known.
        column: The name or title of a table's column; empty where there is none.
        character: The position on the line, from 1; 0 where that is not known.
        start: The first character of a passage of a document, from 0 (RFC 5147, section 2.2.1).
        end: The position after the last character of the passage.

    Examples:
        >>> print(Location("data/places.csv", 9, "country"))
        data/places.csv:9 (country)
        >>> print(Location("shapes/place.ttl", 4, character=12))
        shapes/place.ttl:4:12
        >>> print(Location("document/city-alliances", start=11325, end=11340))
        document/city-alliances#char=11325,11340
        >>> print(Location("notes:12"))
        notes:12
    """

    file: str
    row: int = 0
    column: str = ""
    character: int = 0
    start: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        """Refuse a place that cannot be.

        Raises:
            ValueError: Where the numbers contradict one another.
        """
        if (self.start is None) != (self.end is None):
            raise ValueError("a passage has a start and an end")
        if self.start is not None and self.end is not None and not 0 <= self.start <= self.end:
            raise ValueError(f"a passage cannot go from character {self.start} to {self.end}")
        if self.is_passage and (self.row or self.column or self.character):
            raise ValueError("a passage has no row and no column")
        if self.row < 0 or self.character < 0 or (self.character and not self.row):
            raise ValueError(f"there is no character {self.character} of row {self.row}")

    @classmethod
    def of_iri(cls, iri: str) -> Self:
        """Make the location that an IRI names: characters of a document (RFC 5147), or the whole of what it names.

        Examples:
            >>> Location.of_iri("document/x#char=3,9")
            Location(file='document/x', row=0, column='', character=0, start=3, end=9)
            >>> Location.of_iri("document/x#char=9,3").is_passage, Location.of_iri("document/x#page=2").is_passage
            (False, False)
        """
        match = _CHARACTERS.fullmatch(iri)
        if match and int(match["start"]) <= int(match["end"]):
            return cls(match["document"], start=int(match["start"]), end=int(match["end"]))
        return cls(iri)

    @property
    def is_passage(self) -> bool:
        """Whether this is a passage of a document."""
        return self.start is not None

    def __str__(self) -> str:
        if self.is_passage:
            return f"{self.file}#char={self.start},{self.end}"
        line = f":{self.row}" if self.row else ""
        character = f":{self.character}" if self.character else ""
        column = f" ({self.column})" if self.column else ""
        return f"{self.file}{line}{character}{column}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the location as JSON has it: a document with `start` and `end`, or a file with what else is known.

        Examples:
            >>> Location("data/places.csv", 9, "country").as_dict(), Location("data.ttl").as_dict()
            ({'file': 'data/places.csv', 'row': 9, 'column': 'country'}, {'file': 'data.ttl'})
            >>> Location("document/x", start=3, end=9).as_dict()
            {'document': 'document/x', 'start': 3, 'end': 9}
        """
        if self.start is not None and self.end is not None:
            return {"document": self.file, "start": self.start, "end": self.end}
        known: dict[str, str | int] = {"row": self.row, "column": self.column, "character": self.character}
        return {"file": self.file, **{name: value for name, value in known.items() if value}}

    def sort_key(self) -> list[tuple[int, str]]:
        """Return a key that orders locations as people do, numbers by their size.

        Examples:
            >>> sorted([Location("a.csv", 10), Location("a.csv", 9)], key=Location.sort_key)[0].row
            9
        """
        parts = re.split(r"([0-9]{1,18})", str(self))
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
