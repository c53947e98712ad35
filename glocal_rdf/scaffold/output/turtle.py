"""Writes Turtle for people to edit: prefixes, and one block for each thing, in the order in which it is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["Namer", "write_block", "write_prefixes"]

_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


class Namer:
    """Shortens IRIs with prefixes, and remembers those that were used."""

    def __init__(self, prefixes: Mapping[str, str], preferred: str = "") -> None:
        """Take prefixes; where two stand for one namespace, `preferred`, or else the longest usual name, is taken."""
        self._prefixes: dict[str, str] = {}
        for prefix, namespace in prefixes.items():
            if namespace not in self._prefixes or prefix in {preferred, "dcterms"}:
                self._prefixes[namespace] = prefix
        self.used: dict[str, str] = {}

    def name(self, iri: str) -> str:
        """Return an IRI as Turtle writes it: with a prefix where one fits, or in brackets.

        Examples:
            >>> Namer({"ex": "https://example.org/"}).name("https://example.org/a"), Namer({}).name("urn:x")
            ('ex:a', '<urn:x>')
        """
        for cut in range(len(iri), 0, -1):
            prefix = self._prefixes.get(iri[:cut])
            if prefix is not None and _LOCAL.fullmatch(iri[cut:]):
                self.used[prefix] = iri[:cut]
                return f"{prefix}:{iri[cut:]}"
        return f"<{iri}>"


def write_prefixes(prefixes: Mapping[str, str]) -> str:
    """Return declarations of prefixes, sorted."""
    return "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in sorted(prefixes.items()))


def write_block(subject: str, facts: Iterable[tuple[str, str]]) -> str:
    """Return the statements about one subject; values of one property are joined.

    Examples:
        >>> print(write_block("ex:a", [("a", "ex:B"), ("ex:p", "1"), ("ex:p", "2")]), end="")
        ex:a a ex:B ;
            ex:p 1 , 2 .
    """
    grouped: dict[str, list[str]] = {}
    for predicate, value in facts:
        grouped.setdefault(predicate, []).append(value)
    lines = [f"{predicate} {' , '.join(dict.fromkeys(values))}" for predicate, values in grouped.items()]
    body = " ;\n    ".join(lines)
    return f"{subject} {body} .\n"
