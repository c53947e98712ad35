"""CSV on the Web: described tables become RDF, checked cell by cell, a column at a time.

The Recommendations: Model for Tabular Data, Metadata Vocabulary for Tabular Data, Generating RDF from Tabular Data.
This package is an engine of its own. It knows no vocabulary but the W3C's, opens no connection, and prints nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glocal_rdf.csvw.accounts import Accounts, TableAccount
from glocal_rdf.csvw.conversion import Problems, check, convert, convert_stream
from glocal_rdf.csvw.engine import Conversion, TableRows
from glocal_rdf.csvw.provenance import Cell, locate
from glocal_rdf.csvw.tables.resources import Fetch, Fetched

if TYPE_CHECKING:
    from glocal_rdf.csvw.guess.description import describe
    from glocal_rdf.csvw.guess.results import Description, Doubt, Guess, Layout

__all__ = [
    "Accounts",
    "Cell",
    "Conversion",
    "Description",
    "Doubt",
    "Fetch",
    "Fetched",
    "Guess",
    "Layout",
    "Problems",
    "TableAccount",
    "TableRows",
    "check",
    "convert",
    "convert_stream",
    "describe",
    "locate",
]

_LATE = {"describe": "guess.description"} | dict.fromkeys(("Description", "Doubt", "Guess", "Layout"), "guess.results")


def __getattr__(name: str) -> Any:
    """Import what guesses descriptions when it is first asked for: no conversion needs it."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
