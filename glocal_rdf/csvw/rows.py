"""Turns the parsed values of a batch of rows into triples (Generating RDF from Tabular Data on the Web, section 4.6).

1. Every template of the table is filled once, for all rows.
2. Subjects, predicates and objects become columns of terms.
3. Each column of the table gives one block of triples; blocks are joined by the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import polars as pl

from glocal_rdf.csvw import datatypes
from glocal_rdf.csvw.addresses import (
    FORBIDDEN,
    address,
    depends_on_column,
    fixed_start,
    own_variables,
    property_iri,
    starts_free,
)
from glocal_rdf.csvw.cells import Values, title_of
from glocal_rdf.csvw.description import Column, Table
from glocal_rdf.csvw.distinct import Block, Space
from glocal_rdf.csvw.findings import Findings
from glocal_rdf.csvw.parsing import Batch
from glocal_rdf.csvw.templates import Template, on_some, parse_template
from glocal_rdf.csvw.vocabulary import ALIASES, RDF, datatype_iri, is_kind_of
from glocal_rdf.triples import terms

Lists = Literal["joined", "each"]
COLUMNS = ["subject", "predicate", "object"]
_MUST_ESCAPE = r'["\\\x00-\x1F\x7F\x{FFFE}\x{FFFF}]'
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"


@dataclass
class RowTriples:
    """Makes the triples of one batch. `label` starts the labels of its blank nodes."""

    table: Table
    batch: Batch
    values: Sequence[Values]
    findings: Findings
    label: str
    lists: Lists = "joined"
    _filled: dict[str, str | pl.Series] = field(default_factory=dict)
    _repeated: dict[str, pl.Series | None] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        """Yield a block for each column that is not suppressed."""
        shown = [v for v in self.values if not v.column.suppress_output]
        self._fill(shown)
        for values in shown:
            yield from self._block(values)

    def subjects(self) -> list[pl.Series]:
        """Return the subjects of the rows, one series for each template in use; call after `blocks`."""
        found: dict[str, pl.Series] = {}
        for values in self.values:
            if not values.column.suppress_output:
                found.setdefault(self._about_key(values.column), self._subject(values.column))
        return list(found.values())

    # --- templates

    def _fill(self, shown: Sequence[Values]) -> None:
        """Fill every template once: constants as text, the others as columns of bracketed IRIs."""
        work = self._variables()
        wanted: dict[str, tuple[str, Column]] = {}
        for values in shown:
            column, inherited = values.column, values.column.inherited
            texts = [inherited.about_url, inherited.property_url]
            if not self._is_each(values):
                texts.append(inherited.value_url)
            for text in texts:
                if text is not None:
                    wanted.setdefault(self._key(text, column), (text, column))
        exprs: list[pl.Expr] = []
        for key, (text, column) in wanted.items():
            template = parse_template(text)
            if template.names & set(self._names()) or template.names & {"_row", "_sourceRow"}:
                exprs.append(self._address(text, column).alias(key))
            else:
                single = pl.select(address(text, self.table.url, own_variables(column), frozenset())).item()
                self._filled[key] = single
        if exprs:
            filled = work.select(exprs)
            for key, (text, column) in wanted.items():
                if key in filled.columns:
                    self._filled[key] = self._checked(filled[key], parse_template(text), column)

    def _names(self) -> dict[str, Values]:
        return {v.column.name: v for v in self.values}

    def _variables(self) -> pl.DataFrame:
        """Lay the values out row by row, under the names v1, v2 and so on."""
        rows = self.batch.cells.height
        first = self.batch.first_row
        columns = {
            "_row": pl.int_range(first, first + rows, eager=True).cast(pl.String),
            "_sourceRow": self.batch.source_rows.cast(pl.String),
        }
        for values in self.values:
            if values.column.name in self._used_names:
                series = values.lists if values.lists is not None else _canonical(values)
                columns[f"v{values.column.number}"] = series
        return pl.DataFrame(columns)

    @cached_property
    def _used_names(self) -> set[str]:
        names: set[str] = set()
        for values in self.values:
            i = values.column.inherited
            for text in (i.about_url, i.property_url, i.value_url):
                if text is not None:
                    names |= parse_template(text).names
        return names

    def _address(self, text: str, column: Column) -> pl.Expr:
        variables = {
            v.column.name: pl.col(f"v{v.column.number}") for v in self.values if v.column.name in self._used_names
        }
        variables |= {"_row": pl.col("_row"), "_sourceRow": pl.col("_sourceRow")} | own_variables(column)
        lists = frozenset(v.column.name for v in self.values if v.lists is not None)
        whole = frozenset(v.column.name for v in self.values if v.lists is None and not v.text.null_count())
        return address(text, self.table.url, variables, lists, whole | {"_row", "_sourceRow"})

    def _key(self, text: str, column: Column) -> str:
        return f"{text} {column.number}" if depends_on_column(parse_template(text)) else text

    def _about_key(self, column: Column) -> str:
        about = column.inherited.about_url
        return "" if about is None else self._key(about, column)

    def _checked(self, iris: pl.Series, template: Template, column: Column) -> pl.Series:
        """Refuse IRIs that would run something, where the cells decide on the scheme."""
        if not starts_free(template):
            return iris
        bad = iris.str.contains(FORBIDDEN).fill_null(value=False) & ~iris.str.starts_with(f"<{self.table.url}")
        if not bad.any():
            return iris
        for row, iri in zip(bad.arg_true().head(Findings.MOST), iris.filter(bad), strict=False):
            told, line = iri.strip("<>"), self.batch.lines[row]
            what, mend = f"{told[:80]!r} is no IRI for data", "write a web address"
            if told.startswith("file:"):
                told = told.rpartition("/")[2]
                what, mend = f"{told[:80]!r} is no absolute IRI", "write the whole address, or give the table a base"
            self.findings.error("address", what, mend, line=line, column=title_of(column), value=told)
        return iris.to_frame("i").select(pl.when(~bad).then(pl.col("i"))).to_series()

    # --- terms

    def _subject(self, column: Column) -> pl.Series:
        rows = self.batch.cells.height
        key = self._about_key(column)
        if not key:
            first = self.batch.first_row
            numbers = pl.int_range(first, first + rows, eager=True).cast(pl.String).to_frame("n")
            return numbers.select(pl.concat_str(pl.lit(f"_:{self.label}r"), pl.col("n")).alias("subject")).to_series()
        found = self._filled[key]
        return (
            pl.Series("subject", [found], dtype=pl.String).new_from_index(0, rows)
            if isinstance(found, str)
            else found.rename("subject")
        )

    def _predicate(self, column: Column) -> str | pl.Series:
        text = column.inherited.property_url
        if text is None:
            return f"<{property_iri(column, self.table.url)}>"
        return self._filled[self._key(text, column)]

    def _is_each(self, values: Values) -> bool:
        """Tell whether a column gives an IRI for each item of its lists, and not one for the whole."""
        text = values.column.inherited.value_url
        return (
            self.lists == "each"
            and values.rows is not None
            and text is not None
            and values.column.name in parse_template(text).names
        )

    def _block(self, values: Values) -> Iterator[Block]:
        column = values.column
        subject, predicate = self._subject(column), self._predicate(column)
        rows: pl.Series | None = None
        if self._is_each(values):
            rows = values.rows
            objects: pl.Series | str = self._each(values)
        elif column.inherited.value_url is not None:
            objects = self._filled[self._key(column.inherited.value_url, column)]
            present = values.text if values.lists is None else values.lists
            if not column.virtual and (isinstance(objects, str) or present.null_count()):
                objects = _masked(objects, present.is_not_null())
        else:
            objects = literals(values)
            rows = values.rows
            if rows is not None and column.inherited.ordered:
                yield from self._rdf_lists(values, objects, subject, predicate)
                return
        repeated = self._repeats(column)
        if rows is not None:
            subject = subject.gather(rows)
            predicate = predicate.gather(rows) if isinstance(predicate, pl.Series) else predicate
            repeated = pl.repeat(value=True, n=rows.len(), eager=True)
        block = Block(
            _frame(subject, predicate, objects),
            column,
            rows,
            predicate if isinstance(predicate, str) else None,
            self._subject_space(column),
            self._object_space(values),
            repeated,
        )
        if any(block.frame[c].null_count() for c in COLUMNS):
            block = block.keep(block.frame.select(pl.all_horizontal(pl.all().is_not_null())).to_series())
        if block.frame.height:
            yield block

    def _repeats(self, column: Column) -> pl.Series | None:
        """Mark the rows whose subject is that of another row too."""
        key = self._about_key(column)
        if not key:
            return None
        if key not in self._repeated:
            mask = self._subject(column).is_duplicated()
            self._repeated[key] = mask if mask.any() else None
        return self._repeated[key]

    def _subject_space(self, column: Column) -> Space:
        about = column.inherited.about_url
        return Space(f"_:{self.label}r") if about is None else Space("<" + fixed_start(about, self.table.url))

    def _object_space(self, values: Values) -> Space:
        inherited = values.column.inherited
        if inherited.value_url is not None:
            return Space("<" + fixed_start(inherited.value_url, self.table.url))
        return Space('"') if values.valid is not None else Space('"', literal_end(values.column))

    def _each(self, values: Values) -> pl.Series:
        """Fill the valueUrl of a list column once for each item."""
        assert values.rows is not None and values.column.inherited.value_url is not None  # noqa: S101, PT018
        items = self._variables()[values.rows]
        items = items.with_columns(values.text.alias(f"v{values.column.number}"))
        names = {v.column.name: pl.col(f"v{v.column.number}") for v in self.values if v.column.name in self._used_names}
        names |= {"_row": pl.col("_row"), "_sourceRow": pl.col("_sourceRow")} | own_variables(values.column)
        lists = frozenset(v.column.name for v in self.values if v.lists is not None) - {values.column.name}
        text = values.column.inherited.value_url
        filled = items.select(address(text, self.table.url, names, lists).alias("i")).to_series()
        return self._checked(filled, parse_template(text), values.column)

    def _rdf_lists(
        self, values: Values, objects: pl.Series, subject: pl.Series, predicate: str | pl.Series
    ) -> Iterator[Block]:
        """Write ordered values as rdf:List: one node an item, and a head for each row."""
        assert values.rows is not None and values.lists is not None  # noqa: S101, PT018
        start = f"_:{self.label}c{values.column.number}r"
        items = pl.DataFrame({"row": values.rows, "object": objects}).with_columns(
            place=pl.int_range(pl.len()).over("row"),
            last=pl.int_range(pl.len()).over("row") == pl.len().over("row") - 1,
        )
        number = (pl.col("row") + self.batch.first_row).cast(pl.String)
        node = pl.concat_str(pl.lit(start), number, pl.lit("i"), pl.col("place").cast(pl.String))
        following = pl.concat_str(pl.lit(start), number, pl.lit("i"), (pl.col("place") + 1).cast(pl.String))
        nodes = items.select(
            "row", "object", subject=node, rest=pl.when(pl.col("last")).then(pl.lit(_NIL)).otherwise(following)
        )
        firsts = nodes.select("subject", pl.lit(_FIRST).alias("predicate"), "object")
        rests = nodes.select("subject", pl.lit(_REST).alias("predicate"), pl.col("rest").alias("object"))
        rows = pl.DataFrame({"row": pl.int_range(self.batch.cells.height, eager=True), "n": values.lists.list.len()})
        heads = rows.select(
            pl.when(pl.col("n") > 0)
            .then(pl.concat_str(pl.lit(start), (pl.col("row") + self.batch.first_row).cast(pl.String), pl.lit("i0")))
            .when(pl.col("n") == 0)
            .then(pl.lit(_NIL))
        ).to_series()
        frame = _frame(subject, predicate, heads)
        keep = heads.is_not_null() & subject.is_not_null()
        yield Block(
            frame.filter(keep),
            values.column,
            keep.arg_true(),
            predicate if isinstance(predicate, str) else None,
            self._subject_space(values.column),
            repeated=pl.repeat(value=True, n=int(keep.sum()), eager=True),
        )
        if nodes.height:
            space = Space(start)
            yield Block(firsts, values.column, nodes["row"], _FIRST, space)
            yield Block(rests, values.column, nodes["row"], _REST, space)


def _frame(subject: pl.Series, predicate: str | pl.Series, objects: str | pl.Series) -> pl.DataFrame:
    columns = zip(COLUMNS, (subject, predicate, objects), strict=True)
    return pl.DataFrame([_series(found, subject.len()).alias(name) for name, found in columns])


def _series(found: str | pl.Series, length: int) -> pl.Series:
    return pl.Series([found], dtype=pl.String).new_from_index(0, length) if isinstance(found, str) else found


def _masked(objects: str | pl.Series, keep: pl.Series) -> pl.Series:
    return pl.select(
        pl.when(keep).then(pl.lit(objects) if isinstance(objects, str) else objects).alias("object")
    ).to_series()


def _canonical(values: Values) -> pl.Series:
    """Return the values as templates use them: whole numbers without a plus or leading zeros."""
    if is_kind_of(values.column.inherited.datatype.base, "integer"):
        odd = values.text.str.contains(r"^(?:\+|-?0[0-9])")
        if odd.any():
            return values.text.str.replace(r"^\+", "").str.replace(r"^(-?)0+([0-9])", "$1$2")
    return values.text


def literal_end(column: Column) -> str:
    """Return how the literals of a column end, from the closing quote on."""
    datatype, lang = column.inherited.datatype, column.inherited.lang
    base = ALIASES.get(datatype.base, datatype.base)
    if base == "string" and datatype.id is None:
        return '"' if lang == "und" else f'"@{lang}'
    return f'"^^<{datatype.id or datatype_iri(base)}>'


def literals(values: Values) -> pl.Series:
    """Return the values as literals; a text that is not of the datatype is a string (sections 4.3 and 4.6.1)."""
    base = values.column.inherited.datatype.base
    text = values.text
    if datatypes.is_text(base) or values.valid is not None:
        text = _escaped(text)
    frame = text.to_frame("t")
    typed = pl.concat_str(pl.lit('"'), pl.col("t"), pl.lit(literal_end(values.column)))
    if values.valid is not None:
        plain = pl.concat_str(pl.lit('"'), pl.col("t"), pl.lit('"'))
        frame = frame.with_columns(ok=values.valid)
        if ALIASES.get(base, base) != "string":
            typed = pl.when(pl.col("ok")).then(typed).otherwise(plain)
    return frame.select(typed.alias("object")).to_series()


def _escaped(text: pl.Series) -> pl.Series:
    """Escape the texts that need it, and leave the others as they are."""
    return on_some(text, _MUST_ESCAPE, lambda some: some.to_frame("t").select(terms.escape(pl.col("t"))).to_series())
