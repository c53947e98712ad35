"""Runs a conversion or check over a group of tables: the steps of the Recommendations in their order.

1. The metadata is located, read and normalized (`sources`; Model, sections 5 and 6.1).
2. Each table is read in batches, compared with its description, and its cells are parsed (`table_job`; 6.4).
3. Triples are made of each batch (Generating RDF, section 4).
4. When all tables are read, keys are checked over all of them (`keys`; 6.6).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from glocal_rdf.csvw.accounts import Accounts, TableAccount
from glocal_rdf.csvw.keys import KeyColumns, check_keys, key_names
from glocal_rdf.csvw.metadata.model import TableGroup
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.blocks import SCHEMA, Block
from glocal_rdf.csvw.rdf.standard_mode import describe_group
from glocal_rdf.csvw.table_job import Output, TableJob, TableResult
from glocal_rdf.csvw.tables.resources import Access
from glocal_rdf.errors import GlocalError, OutputError, Problem, TableError

__all__ = ["Job"]


@dataclass
class Job:
    """One run over a group of tables.

    `metadata_problems` are those of its description, `results` what became of the tables that were read, by their
    positions in the group.
    """

    access: Access
    group: TableGroup
    metadata_problems: ProblemCollector
    strict: bool = False
    results: dict[int, TableResult] = field(default_factory=dict)
    table_problems: list[ProblemCollector] = field(default_factory=list)
    table_accounts: list[TableAccount] = field(default_factory=list)

    def run(self, output: Output) -> None:
        """Process all tables, hand on their triples, and check the keys; the problems are collected.

        Raises:
            OutputError: Where what they give cannot be written, or what is kept of them until the end.
        """
        tables = self.group.tables
        names = key_names(tables)
        keys: dict[int, KeyColumns] = {}
        for place, table in enumerate(tables):
            problems = ProblemCollector(self.access.name_of(table.url))
            self.table_problems.append(problems)
            keys[place] = KeyColumns(table, problems, names[place], output.spill)
            try:
                result = TableJob(self.access, place, table, problems, keys[place], output, self.strict).run()
            except TableError as error:
                problems.items = list(error.problems)
                self._note_unread(problems, error)
            except OutputError:
                raise  # it is not about this table
            except GlocalError as error:
                problems.items += error.problems
                self._note_unread(problems, error)
            else:
                self.results[place] = result
                self.table_accounts.append(result.account)
        check_keys({p: k for p, k in keys.items() if not self.table_problems[p].fatal}, tables)
        if output.mode == "standard" and output.emit is not None:
            output.emit([self._describe_group()])

    def _note_unread(self, problems: ProblemCollector, error: GlocalError) -> None:
        problems.fatal = True
        reason = error.problems[-1].what if error.problems else str(error)
        self.table_accounts.append(TableAccount(problems.file, not_read=reason))

    def _describe_group(self) -> Block:
        """Return the triples of the group and its tables (standard mode)."""
        tables = [(p, t) for p, t in enumerate(self.group.tables) if not t.suppress_output]
        comments = {place: result.comments for place, result in self.results.items()}
        triples = describe_group(self.group, tables, comments)
        frame = pl.DataFrame(triples, schema=SCHEMA, orient="row").unique(maintain_order=True)
        return Block(frame, subject_column=0)  # a description may have the subject of a row

    @property
    def failed(self) -> bool:
        """Whether any table could not be read."""
        return any(problems.fatal for problems in self.table_problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, first those of the metadata, then table by table."""
        return tuple(p for collector in (self.metadata_problems, *self.table_problems) for p in collector.all())

    @property
    def accounts(self) -> Accounts:
        """What became of each table, and the sheets of their files that no table reads."""
        read: dict[tuple[str, str], bool] = {}
        for result in self.results.values():
            book = result.rows.table.url.partition("#")[0]
            for sheet, is_read in result.sheets.items():
                read[book, sheet] = read.get((book, sheet), False) or is_read
        unread = [f"{self.access.name_of(book)}#sheet={s}" for (book, s), is_read in read.items() if not is_read]
        return Accounts(tuple(self.table_accounts), tuple(unread))
