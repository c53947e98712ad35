"""A query as the engine is given it, and whether one must be rewritten at all: most need not be, and are not parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glocal_rdf.sparql.literals.forms import WRITTEN, Forms

__all__ = ["Rewritten", "stays_as_it_is"]

_SUSPECT = re.compile(
    r"\^\^|\\[uU]|strdt|[0-9]\.|\.[0-9]|[0-9][eE]|(?<![0-9.])0[0-9]|[+-]0|\+[0-9]|[0-9]{10}|@[A-Za-z0-9-]*[A-Z]|"
    rf"(?-i:TRUE|FALSE|True|False)|{re.escape(WRITTEN)}",
    re.IGNORECASE,
)
"""What a query must hold for a literal in it to be one that the store rewrites, or cannot read or compute with."""

_COMPUTES = re.compile(r"[+*/-]|sum|avg", re.IGNORECASE)

_LANG = re.compile(r"lang|@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A query to give to a store.

    Attributes:
        text: The query.
        calls: Whether it calls our functions.
        forms: The forms of the literals in its answer.
    """

    text: str
    calls: bool
    forms: Forms


def stays_as_it_is(text: str, forms: Forms) -> bool:
    """Return whether a query certainly need not be rewritten for data with these forms.

    Args:
        text: The query.
        forms: What is known of the literals that were loaded.
    """
    asks_tags = bool(forms.tags) and _LANG.search(text) is not None
    computes = forms.long and _COMPUTES.search(text) is not None
    return not (forms.odd or forms.big or forms.mixed or asks_tags or computes or _SUSPECT.search(text))
