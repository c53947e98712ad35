"""Suggests how to correct a value, where there is one certain way: a misspelt choice, a missing language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from glocal_rdf.shacl.edits import is_one_edit_away
from glocal_rdf.shacl.shapes.reader import Constraint
from glocal_rdf.shacl.triple_index import is_iri, is_literal, lexical

__all__ = ["suggest_value"]

_MOST = 1_000


def suggest_value(value: str | None, constraint: Constraint) -> str | None:
    """Give the value that was surely meant in the place of `value`, or none where that is not certain.

    A value of sh:in that is one edit away from exactly one choice; a text without a language where one is asked for.
    """
    if value is None:
        return None
    if constraint.name == "in" and len(constraint.values) <= _MOST:
        return _only(
            c for c in constraint.values if _is_alike(value, c) and is_one_edit_away(lexical(value), lexical(c))
        )
    if (
        constraint.name == "languageIn"
        and len(constraint.values) == 1
        and value.startswith('"')
        and value.endswith('"')
    ):
        tag = lexical(constraint.values[0])
        return f"{value}@{tag}" if tag != "*" else None
    return None


def _is_alike(value: str, choice: str) -> bool:
    """Tell whether two terms are of one kind: both IRIs, or literals of one datatype and language."""
    if is_literal(value) and is_literal(choice):
        return value[value.rindex('"') :] == choice[choice.rindex('"') :]
    return is_iri(value) and is_iri(choice)


def _only(found: Iterable[str]) -> str | None:
    some: Sequence[str] = list(found)
    return some[0] if len(some) == 1 else None
