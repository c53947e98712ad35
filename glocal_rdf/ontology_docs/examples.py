"""Reads the examples of terms, and writes the query that finds all that is like one.

An example is a triple as people write it: `place/houston glocal:country place/united-states .`, with the things of the
dataset by kind and slug. One that stands in the graph of another source is written as in TriG: `<graph> { … }`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Example", "read_example"]

_TRIPLE: Final = re.compile(r"(\S+) (\S+) (.+)")
_NAMED: Final = re.compile(r"(<[^<>]*>) \{ (.+?) \}")
_THING: Final = re.compile(r"[a-z][a-z0-9-]*/[^\s:<>\"]+(?:#char=\d+,\d+)?")


@dataclass(frozen=True)
class Example:
    """An example of a term.

    Attributes:
        subject: The subject, as it is written.
        predicate: The predicate.
        value: The object.
        graph: The graph of another source that it stands in, in angle brackets; the empty text for the dataset's own.
    """

    subject: str
    predicate: str
    value: str
    graph: str = ""

    def as_pattern(self, space: str) -> str:
        """Write the example as a pattern of SPARQL, with the IRIs of things in full.

        Args:
            space: How the IRIs of the things begin.

        Examples:
            >>> Example("place/houston", "a", "glocal:City").as_pattern("https://example.org/")
            '<https://example.org/place/houston> a glocal:City'
        """
        words = (self.subject, self.predicate, self.value)
        pattern = " ".join(f"<{space}{word}>" if _THING.fullmatch(word) else word for word in words)
        return f"GRAPH {self.graph} {{ {pattern} }}" if self.graph else pattern

    def find_others(self, term: str) -> str:
        """Write the query that finds all uses of a term like this one; the empty text where the example has none.

        Args:
            term: The term, as it is written.

        Examples:
            >>> Example("place/houston", "glocal:country", "place/usa").find_others("glocal:country")
            'SELECT ?subject ?value WHERE { ?subject glocal:country ?value }'
            >>> Example("place/houston", "a", "glocal:City").find_others("glocal:City")
            'SELECT ?subject WHERE { ?subject a glocal:City }'
        """
        if term == self.predicate:
            names, pattern = "?subject ?value", f"?subject {term} ?value"
        elif term == self.value:
            names, pattern = "?subject", f"?subject {self.predicate} {term}"
        else:
            return ""
        return f"SELECT {names} WHERE {{ {f'GRAPH ?source {{ {pattern} }}' if self.graph else pattern} }}"


def read_example(text: str) -> Example | None:
    """Read an example; None where it is not one triple.

    Args:
        text: The text of the example.

    Examples:
        >>> read_example("place/houston a glocal:City .")
        Example(subject='place/houston', predicate='a', value='glocal:City', graph='')
        >>> read_example("somewhere")
    """
    inner = _NAMED.fullmatch(text.strip())
    body = inner[2] if inner else text.strip()
    found = _TRIPLE.fullmatch(body.removesuffix(" .").strip())
    return Example(found[1], found[2], found[3], inner[1] if inner else "") if found else None
