"""CSV on the Web: described tables become RDF, checked cell by cell, a column at a time.

The Recommendations: Model for Tabular Data, Metadata Vocabulary for Tabular Data, Generating RDF from Tabular Data.
This package is an engine of its own. It knows no vocabulary but the W3C's, opens no connection, and prints nothing.

Its parts, by the sections of the Recommendations: `metadata` (descriptions), `tables` and `spreadsheets` (parsing
files), `values` (parsing cells), `rdf` (generating triples), and `guess` (a first description of a bare table).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glocal_rdf.csvw.accounts import Accounts, TableAccount
from glocal_rdf.csvw.conversion import check, convert, convert_stream, size_of_tables
from glocal_rdf.csvw.provenance import locate
from glocal_rdf.csvw.results import Conversion, Problems
from glocal_rdf.csvw.table_rows import Cell, TableRows
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
    "size_of_tables",
]

_LATE = {"describe": "guess.description"} | dict.fromkeys(("Description", "Doubt", "Guess", "Layout"), "guess.results")


def __getattr__(name: str) -> Any:
    """Import what guesses descriptions when it is first used: no conversion needs it."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
