"""Fills the URI templates of a table for a batch of rows, each once, and reports what is not an IRI by its cell.

A template that no cell decides becomes one text, every other a column of IRIs in brackets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import polars as pl

from glocal_rdf.csvw.metadata.model import Column, Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.cell_iris import (
    COLUMN_VARIABLES,
    ROW_VARIABLES,
    Finished,
    depends_on_column,
    fill,
    finish_column,
    own_variables,
    plan,
)
from glocal_rdf.csvw.rdf.iri_checks import IriChecks, templates_of
from glocal_rdf.csvw.rdf.uri_templates import parse_template
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.values.cells import Values, canonical, canonical_lists, is_blank, title_of

__all__ = ["CellTemplates", "Lists"]

Lists = Literal["joined", "each"]
"""What a `valueUrl` makes of a list: one IRI of its joined values, as the Recommendation has it, or one of each."""


@dataclass
class CellTemplates:
    """The templates of one batch of rows; `iri_checks` collect what is doubtful in their IRIs."""

    table: Table
    batch: Batch
    values: Sequence[Values]
    problems: ProblemCollector
    lists: Lists = "each"
    iri_checks: IriChecks | None = None
    _filled: dict[str, str | pl.Series | None] = field(default_factory=dict)

    def fill(self) -> None:
        """Fill every template of the columns that are not suppressed."""
        rows = self._variables()
        wanted: dict[str, tuple[str, str, Column]] = {}
        for values in self.values:
            if values.column.suppress_output:
                continue
            for name, text in templates_of(values.column):
                if name != "valueUrl" or self.list_of(values) is None:
                    wanted.setdefault(self.key(text, values.column), (name, text, values.column))
        exprs: list[pl.Expr] = []
        names = self._by_name.keys() | ROW_VARIABLES
        for key, (_, text, column) in wanted.items():
            if plan(text, self.table).template.names & names:
                exprs.append(self._expression(text, column).alias(key))
            else:
                self._filled[key] = self._fill_constant(text, column)
        if exprs:
            filled = rows.select(exprs)
            for key, (name, text, column) in wanted.items():
                if key in filled.columns:
                    self._filled[key] = self._finish(filled[key], name, text, column, None)

    def filled(self, text: str, column: Column) -> str | pl.Series | None:
        """Return the IRIs of a template, one a row, or the one of all rows; null or None where there is none."""
        return self._filled[self.key(text, column)]

    def key(self, text: str, column: Column) -> str:
        """Return the key of a filled template: its text, with the number of the column if it depends on that."""
        return f"{text} {column.number}" if depends_on_column(parse_template(text)) else text

    def list_of(self, values: Values) -> Values | None:
        """Return the list column each of whose items makes an IRI of its own by a valueUrl, if there is one.

        That is the column itself, or the only list that its valueUrl uses; not one whose items the template joins
        itself (`{tags*}`).
        """
        text = values.column.inherited.value_url
        if self.lists != "each" or text is None:
            return None
        template = parse_template(text)
        own = [v for v in (values,) if v.lists is not None and v.column.name in template.names]
        found = own or [v for v in self.values if v.lists is not None and v.column.name in template.names]
        if len(found) != 1 or found[0].column.name in template.exploded:
            return None
        return found[0]

    def fill_items(self, text: str, column: Column, items: Values) -> pl.Series:
        """Return the IRIs of a valueUrl, one for each item of a list; null for a blank item.

        Args:
            text: The template.
            column: The column that it belongs to.
            items: The items, with the rows that they came from.
        """
        assert items.rows is not None  # noqa: S101 - it is a list
        variables = self._variables()[items.rows]
        variables = variables.with_columns(canonical(items).alias(f"v{items.column.number}"))
        filled = variables.select(self._expression(text, column, items.column.name).alias("i")).to_series()
        blank = (items.text == "").fill_null(value=True)
        if blank.any():
            filled = filled.to_frame("f").select(pl.when(~blank).then("f").alias("i")).to_series()
        return self._finish(filled, "valueUrl", text, column, items.rows)

    @cached_property
    def _by_name(self) -> dict[str, Values]:
        return {v.column.name: v for v in self.values}

    @cached_property
    def _used_names(self) -> set[str]:
        names: set[str] = set()
        for values in self.values:
            for _, text in templates_of(values.column):
                names |= parse_template(text).names
        return names

    def _variables(self) -> pl.DataFrame:
        """Return what templates can use, row by row: values in columns v1, v2 and so on, and numbers of the rows."""
        rows = self.batch.cells.height
        first = self.batch.first_row
        columns = {
            "_row": pl.int_range(first, first + rows, eager=True).cast(pl.String),
            "_sourceRow": self.batch.source_rows.cast(pl.String),
        }
        for values in self.values:
            if values.column.name in self._used_names:
                columns[f"v{values.column.number}"] = (
                    canonical(values) if values.lists is None else canonical_lists(values, values.lists)
                )
        return pl.DataFrame(columns)

    def _expression(self, text: str, column: Column, item: str = "") -> pl.Expr:
        """Return the expression that fills a template; `item`: the list column that stands for one of its items."""
        variables = {
            v.column.name: pl.col(f"v{v.column.number}") for v in self.values if v.column.name in self._used_names
        }
        variables |= {"_row": pl.col("_row"), "_sourceRow": pl.col("_sourceRow")} | own_variables(column)
        lists = frozenset(v.column.name for v in self.values if v.lists is not None) - {item}
        whole = frozenset(v.column.name for v in self.values if v.lists is None and not v.text.null_count())
        return fill(plan(text, self.table), variables, lists, whole | {item, "_row", "_sourceRow"})

    def _fill_constant(self, text: str, column: Column) -> str | None:
        """Return the IRI of a template that no cell decides, or None if it is not one."""
        found = plan(text, self.table)
        single = pl.select(fill(found, own_variables(column)).alias("t")).to_series()
        finished = finish_column(single, found, self.table, strict=self.lists == "joined")
        if self.iri_checks is not None:
            self.iri_checks.collect_constant(text, column, finished)
        iri: str | None = finished.iris.item()
        return iri

    def _finish(self, filled: pl.Series, name: str, text: str, column: Column, rows: pl.Series | None) -> pl.Series:
        """Return the IRIs of filled texts; what is not one is null, and reported. `rows` are those of the items."""
        strict = self.lists == "joined"
        blank = None if strict or name != "valueUrl" or rows is not None else self._blank(text)
        if blank is not None and blank.any():
            filled = filled.to_frame("f").select(pl.when(~blank).then("f").alias(filled.name)).to_series()
        finished = finish_column(filled, plan(text, self.table), self.table, strict=strict)
        if self.iri_checks is not None:
            self.iri_checks.collect_column(text, column, finished)
        if finished.faults:
            self._report_faults(filled, finished, name, text, column, rows)
        if finished.unknown and self.iri_checks is not None:
            odd, scheme = next(iter(finished.unknown.items()))
            row = (filled == odd).arg_true()[0]
            line = self.batch.lines[row if rows is None else rows[row]]
            self.iri_checks.warn_prefix(scheme, line, self._title_of(text, column))
        return finished.iris

    def _report_faults(
        self, filled: pl.Series, finished: Finished, name: str, text: str, column: Column, rows: pl.Series | None
    ) -> None:
        """Report the filled texts that are not IRIs, by line, up to the limit."""
        bad = finished.iris.is_null() & filled.is_not_null()
        title = self._title_of(text, column)
        at = (bad.arg_true() if rows is None else rows.filter(bad)).head(ProblemCollector.LIMIT_PER_KIND)
        left = "the row" if name == "aboutUrl" else "the cell"
        for line, odd in zip(self.batch.lines.gather(at), filled.filter(bad), strict=False):
            what, hint = f"{odd[:80]!r} is not an IRI: {finished.faults[odd]}", "write a whole web address"
            if not odd:
                what, hint = "is blank, and the IRI is made of it alone", "fill it in"
            what += f"; {left} is left out ({name} {text[:80]})"
            self.problems.error("address", what, hint, line=line, column=title, value=odd)
        self.problems.count_unlisted("address", title, int(bad.sum()) - len(at))

    def _blank(self, text: str) -> pl.Series | None:
        """Mark the rows in which all cells of a template are blank; None where it uses none, or a row's number."""
        names = parse_template(text).names
        used = [v for v in self.values if v.column.name in names]
        if not used or names & ROW_VARIABLES:
            return None
        blank = is_blank(used[0])
        for values in used[1:]:
            blank = blank & is_blank(values)
        return blank

    def _title_of(self, text: str, column: Column) -> str:
        """Return the title of the first column whose cells a template uses, or else of the column that has it."""
        for name in sorted(parse_template(text).names - COLUMN_VARIABLES - ROW_VARIABLES):
            if name in self._by_name and not self._by_name[name].column.virtual:
                return title_of(self._by_name[name].column)
        return title_of(column)
