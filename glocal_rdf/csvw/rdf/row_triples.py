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

from glocal_rdf.csvw.metadata.model import Column, Table
from glocal_rdf.csvw.metadata.vocabulary import ALIASES, datatype_iri
from glocal_rdf.csvw.problems import Findings
from glocal_rdf.csvw.rdf.cell_iris import (
    COLUMN_VARIABLES,
    ROW_VARIABLES,
    depends_on_column,
    fill,
    finish_column,
    own_variables,
    plan,
    property_iri,
)
from glocal_rdf.csvw.rdf.deduplication import Block, Space
from glocal_rdf.csvw.rdf.iri_checks import Naming
from glocal_rdf.csvw.rdf.uri_templates import on_some, parse_template
from glocal_rdf.csvw.tables.delimited import Batch
from glocal_rdf.csvw.values import datatypes
from glocal_rdf.csvw.values.cells import Values, canonical, canonical_lists, title_of
from glocal_rdf.namespaces import RDF
from glocal_rdf.triples import terms

Lists = Literal["joined", "each"]
COLUMNS = ["subject", "predicate", "object"]
_MUST_ESCAPE = r'["\\\x00-\x1F\x7F\x{FFFE}\x{FFFF}]'
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"


@dataclass
class RowTriples:
    """Makes the triples of one batch. `label` starts the labels of its blank nodes; `naming` takes what is doubtful.

    With `counting` triples are only counted: literals are not written, nor blank nodes distinguished.
    """

    table: Table
    batch: Batch
    values: Sequence[Values]
    findings: Findings
    label: str
    lists: Lists = "each"
    naming: Naming | None = None
    counting: bool = False
    _filled: dict[str, str | pl.Series | None] = field(default_factory=dict)
    _repeated: dict[str, pl.Series | None] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        """Yield a block for each column that is not suppressed."""
        shown = [v for v in self.values if not v.column.suppress_output]
        self._fill(shown)
        self._note(shown)
        for values in shown:
            yield from self._block(values)

    def lost_rows(self) -> int:
        """Count the rows that make no triple, since none of their subjects is an IRI; call after `blocks`."""
        keys = {self._about_key(v.column) for v in self.values if not v.column.suppress_output}
        subjects = [None if key is None else self._filled[key] for key in keys]
        if not keys or None in keys or any(isinstance(s, str) for s in subjects):
            return 0
        lost = [s.is_null() for s in subjects if isinstance(s, pl.Series)]
        return int(pl.select(pl.all_horizontal(lost)).to_series().sum()) if lost else self.batch.cells.height

    def _note(self, shown: Sequence[Values]) -> None:
        if self.naming is None:
            return
        repeated = False
        for values in shown:
            if values.column.inherited.property_url is None:
                self.naming.note_property(values.column)
            repeated = repeated or self._repeats(values.column) is not None
        self.naming.note_subjects(self.values, self.batch, self._subject, repeated)

    def subjects(self) -> list[pl.Series]:
        """Return the subjects of the rows, one series for each template in use; call after `blocks`."""
        found: dict[str | None, pl.Series] = {}
        for values in self.values:
            if not values.column.suppress_output:
                found.setdefault(self._about_key(values.column), self._subject(values.column))
        return list(found.values())

    # --- templates

    def _fill(self, shown: Sequence[Values]) -> None:
        """Fill every template once: constants as text, the others as columns of bracketed IRIs."""
        work = self._variables()
        wanted: dict[str, tuple[str, str, Column]] = {}
        for values in shown:
            column, inherited = values.column, values.column.inherited
            texts = {"aboutUrl": inherited.about_url, "propertyUrl": inherited.property_url}
            if self._list_of(values) is None:
                texts["valueUrl"] = inherited.value_url
            for name, text in texts.items():
                if text is not None:
                    wanted.setdefault(self._key(text, column), (name, text, column))
        exprs: list[pl.Expr] = []
        names = self._names.keys() | ROW_VARIABLES
        for key, (_, text, column) in wanted.items():
            found = plan(text, self.table)
            if found.template.names & names:
                exprs.append(self._expression(text, column).alias(key))
            else:
                single = pl.select(fill(found, own_variables(column)).alias("t")).to_series()
                finished = finish_column(single, found, self.table, strict=self.lists == "joined")
                self._filled[key] = finished.iris.item()
                if self.naming is not None:
                    self.naming.note_constant(text, column, finished)
        if exprs:
            filled = work.select(exprs)
            for key, (name, text, column) in wanted.items():
                if key in filled.columns:
                    self._filled[key] = self._finish(filled[key], name, text, column, None)

    @cached_property
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
                columns[f"v{values.column.number}"] = (
                    canonical(values) if values.lists is None else canonical_lists(values, values.lists)
                )
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

    def _expression(self, text: str, column: Column, item: str = "") -> pl.Expr:
        """Return the expression that fills a template; `item`: the list column that stands for one of its items."""
        variables = {
            v.column.name: pl.col(f"v{v.column.number}") for v in self.values if v.column.name in self._used_names
        }
        variables |= {"_row": pl.col("_row"), "_sourceRow": pl.col("_sourceRow")} | own_variables(column)
        lists = frozenset(v.column.name for v in self.values if v.lists is not None) - {item}
        whole = frozenset(v.column.name for v in self.values if v.lists is None and not v.text.null_count())
        return fill(plan(text, self.table), variables, lists, whole | {item, "_row", "_sourceRow"})

    def _key(self, text: str, column: Column) -> str:
        return f"{text} {column.number}" if depends_on_column(parse_template(text)) else text

    def _about_key(self, column: Column) -> str | None:
        about = column.inherited.about_url
        return None if about is None else self._key(about, column)

    def _finish(self, filled: pl.Series, name: str, text: str, column: Column, rows: pl.Series | None) -> pl.Series:
        """Make IRIs of the filled texts; what is not one is reported by line, and null. `rows`: those of the items."""
        strict = self.lists == "joined"
        blank = None if strict or name != "valueUrl" or rows is not None else self._blank(text)
        if blank is not None and blank.any():
            filled = filled.to_frame("f").select(pl.when(~blank).then("f").alias(filled.name)).to_series()
        finished = finish_column(filled, plan(text, self.table), self.table, strict=strict)
        if self.naming is not None:
            self.naming.note_column(text, column, finished)
        lines = self.batch.lines
        if finished.faults:
            bad = finished.iris.is_null() & filled.is_not_null()
            title = self._title_of(text, column)
            at = (bad.arg_true() if rows is None else rows.filter(bad)).head(Findings.MOST)
            left = "the row" if name == "aboutUrl" else "the cell"
            for line, told in zip(lines.gather(at), filled.filter(bad), strict=False):
                what, hint = f"{told[:80]!r} is not an IRI: {finished.faults[told]}", "write a whole web address"
                if not told:
                    what, hint = "is blank, and the IRI is made of it alone", "fill it in"
                what += f"; {left} is left out ({name} {text[:80]})"
                self.findings.error("address", what, hint, line=line, column=title, value=told)
            self.findings.skip("address", title, int(bad.sum()) - len(at))
        if finished.unknown:
            for told, scheme in list(finished.unknown.items())[:1]:
                row = (filled == told).arg_true()[0]
                line = lines[row if rows is None else rows[row]]
                if self.naming is not None:
                    self.naming.warn_prefix(scheme, line, self._title_of(text, column))
        return finished.iris

    def _blank(self, text: str) -> pl.Series | None:
        """Mark the rows in which all cells of a template are blank; None where it uses none, or a row's number."""
        names = parse_template(text).names
        used = [v for v in self.values if v.column.name in names]
        if not used or names & ROW_VARIABLES:
            return None
        masks = [(v.lists.list.len().fill_null(0) == 0) if v.lists is not None else is_blank(v.text) for v in used]
        blank = masks[0]
        for mask in masks[1:]:
            blank = blank & mask
        return blank

    def _title_of(self, text: str, column: Column) -> str:
        """Return the title of the first column whose cells a template uses, or else of the column that has it."""
        for name in sorted(parse_template(text).names - COLUMN_VARIABLES - ROW_VARIABLES):
            if name in self._names and not self._names[name].column.virtual:
                return title_of(self._names[name].column)
        return title_of(column)

    # --- terms

    def _subject(self, column: Column) -> pl.Series:
        rows = self.batch.cells.height
        key = self._about_key(column)
        if key is None and self.counting:
            return _series("_:r", rows).rename("subject")
        if key is None:
            first = self.batch.first_row
            numbers = pl.int_range(first, first + rows, eager=True).cast(pl.String).to_frame("n")
            return numbers.select(pl.concat_str(pl.lit(f"_:{self.label}r"), pl.col("n")).alias("subject")).to_series()
        return _series(self._filled[key], rows).rename("subject")

    def _predicate(self, column: Column) -> str | pl.Series | None:
        text = column.inherited.property_url
        if text is None:
            return f"<{property_iri(column, self.table.url)}>"
        return self._filled[self._key(text, column)]

    def _list_of(self, values: Values) -> Values | None:
        """Return the list column each of whose items gives an IRI of its own by a valueUrl, if there is one.

        That is the column itself, or the only list that its valueUrl uses; not one whose items the template strings
        together itself (`{tags*}`).
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

    def _block(self, values: Values) -> Iterator[Block]:
        column = values.column
        subject, predicate = self._subject(column), self._predicate(column)
        rows: pl.Series | None = None
        objects: pl.Series | str | None
        each = self._list_of(values)
        constant = column.inherited.about_url is None and isinstance(predicate, str)
        if self.counting and constant and column.inherited.value_url is None and values.lists is None:
            yield Block(values.text.drop_nulls().to_frame(), column)
            return
        if each is not None:
            rows = each.rows
            objects = self._each(values, each)
        elif column.inherited.value_url is not None:
            objects = self._filled[self._key(column.inherited.value_url, column)]
            present = values.text if values.lists is None else values.lists
            if not column.virtual and (isinstance(objects, str) or present.null_count()):
                objects = _masked(objects, present.is_not_null())
        else:
            objects = values.text if self.counting else literals(values)
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
        if key is None:
            return None
        if key not in self._repeated:
            mask = self._subject(column).is_duplicated()
            self._repeated[key] = mask if mask.any() else None
        return self._repeated[key]

    def _subject_space(self, column: Column) -> Space:
        about = column.inherited.about_url
        return Space(f"_:{self.label}r") if about is None else Space(plan(about, self.table).start)

    def _object_space(self, values: Values) -> Space:
        inherited = values.column.inherited
        if inherited.value_url is not None:
            return Space(plan(inherited.value_url, self.table).start)
        return Space('"') if values.valid is not None else Space('"', literal_end(values.column))

    def _each(self, values: Values, each: Values) -> pl.Series:
        """Fill the valueUrl of a column once for each item of a list."""
        assert each.rows is not None and values.column.inherited.value_url is not None  # noqa: S101, PT018
        text = values.column.inherited.value_url
        items = self._variables()[each.rows]
        items = items.with_columns(canonical(each).alias(f"v{each.column.number}"))
        filled = items.select(self._expression(text, values.column, each.column.name).alias("i")).to_series()
        blank = is_blank(each.text)
        if blank.any():
            filled = filled.to_frame("f").select(pl.when(~blank).then("f").alias("i")).to_series()
        return self._finish(filled, "valueUrl", text, values.column, each.rows)

    def _rdf_lists(
        self, values: Values, objects: pl.Series, subject: pl.Series, predicate: str | pl.Series | None
    ) -> Iterator[Block]:
        """Write ordered values as rdf:List: one node an item, and a head for each row."""
        assert values.rows is not None and values.lists is not None  # noqa: S101, PT018
        start = f"_:{self.label}c{values.column.number}r"
        keep = values.lists.is_not_null() & subject.is_not_null()
        keep = keep & predicate.is_not_null() if isinstance(predicate, pl.Series) else keep & (predicate is not None)
        items = pl.DataFrame({"row": values.rows, "object": objects})
        if not keep.all():
            items = items.filter(keep.gather(values.rows))
        items = items.with_columns(
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


def _frame(subject: pl.Series, predicate: str | pl.Series | None, objects: str | pl.Series | None) -> pl.DataFrame:
    columns = zip(COLUMNS, (subject, predicate, objects), strict=True)
    return pl.DataFrame([_series(found, subject.len()).alias(name) for name, found in columns])


def _series(found: str | pl.Series | None, length: int) -> pl.Series:
    return found if isinstance(found, pl.Series) else pl.Series([found], dtype=pl.String).new_from_index(0, length)


def _masked(objects: str | pl.Series | None, keep: pl.Series) -> pl.Series:
    value = objects if isinstance(objects, pl.Series) else pl.lit(objects, dtype=pl.String)
    return pl.select(pl.when(keep).then(value).alias("object")).to_series()


def is_blank(text: pl.Series) -> pl.Series:
    """Mark the values that are null or an empty text."""
    return (text == "").fill_null(value=True)


def literal_end(column: Column) -> str:
    """Return how the literals of a column end, from the closing quote on."""
    datatype = column.inherited.datatype
    base = ALIASES.get(datatype.base, datatype.base)
    if base == "string" and datatype.id is None:
        return _string_end(column)
    return f'"^^<{datatype.id or datatype_iri(base)}>'


def _string_end(column: Column) -> str:
    """Return how the strings of a column end: with its language, if strings are what it is to hold (Model, 6.4)."""
    base, lang = column.inherited.datatype.base, column.inherited.lang
    return f'"@{lang}' if lang != "und" and ALIASES.get(base, base) == "string" else '"'


def literals(values: Values) -> pl.Series:
    """Return the values as literals; a text that is not of the datatype is a string (sections 4.3 and 4.6.1)."""
    base = values.column.inherited.datatype.base
    text = values.text
    if datatypes.is_text(base) or values.valid is not None:
        text = on_some(
            text, _MUST_ESCAPE, lambda some: some.to_frame("t").select(terms.escape(pl.col("t"))).to_series()
        )
    frame = text.to_frame("t")
    typed = pl.concat_str(pl.lit('"'), pl.col("t"), pl.lit(literal_end(values.column)))
    if values.valid is not None:
        frame = frame.with_columns(ok=values.valid)
        plain = pl.concat_str(pl.lit('"'), pl.col("t"), pl.lit(_string_end(values.column)))
        typed = pl.when(pl.col("ok")).then(typed).otherwise(plain)
    return frame.select(typed.alias("object")).to_series()
