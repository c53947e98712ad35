"""The results of a conversion or check: triples, problems, tables as they were read, and accounts of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Self

from glocal_rdf.csvw.accounts import Accounts
from glocal_rdf.csvw.metadata.model import TableGroup
from glocal_rdf.csvw.rdf.cell_templates import Lists
from glocal_rdf.csvw.table_rows import TableRows
from glocal_rdf.errors import Problem
from glocal_rdf.triples import Triples

__all__ = ["Conversion", "Mode", "Problems"]

Mode = Literal["minimal", "standard"]
"""The modes of Generating RDF from Tabular Data, section 4: only the cells, or with the group, its tables and rows."""


class Problems(tuple[Problem, ...]):
    """The problems of a run, in order; `accounts` count the rows and cells that were read and what became of them."""

    accounts: Accounts

    def __new__(cls, problems: Iterable[Problem], accounts: Accounts) -> Self:
        """Return a tuple of the problems with the accounts attached."""
        made = super().__new__(cls, problems)
        made.accounts = accounts
        return made


@dataclass(frozen=True, eq=False)
class Conversion:
    """The result of a conversion: the triples, the problems found on the way, and the tables that were read."""

    triples: Triples
    problems: tuple[Problem, ...]
    tables: tuple[TableRows, ...] = ()
    group: TableGroup | None = None
    lists: Lists = "each"
    accounts: Accounts = field(default_factory=Accounts)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are errors, not warnings."""
        return tuple(p for p in self.problems if p.level == "error")
