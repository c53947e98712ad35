"""Reports what is doubtful in the IRIs of a table: variables, prefixes, blank and colliding keys, local addresses.

Nothing here changes a triple. What is not an IRI at all is reported where it is made, by cell (`cell_templates`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from glocal_rdf.csvw.metadata.model import Column, Table
from glocal_rdf.csvw.metadata.prefixed_names import is_unknown_prefix, prefix_hint
from glocal_rdf.csvw.metadata.vocabulary import PREFIXES
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.cell_iris import COLUMN_VARIABLES, ROW_VARIABLES, Finished, plan
from glocal_rdf.csvw.rdf.uri_templates import Expression, Template, parse_template
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.values.built_in_datatypes import is_kind_of
from glocal_rdf.csvw.values.cells import Values, is_blank, title_of
from glocal_rdf.spelling import nearest_name
from glocal_rdf.spill import Partitions, Spill

__all__ = ["IriChecks", "templates_of"]

MAX_SUBJECTS_LISTED: Final = 20
"""How many subjects that rows share are reported one by one."""

_BASE_HINT: Final = '--base IRI, or "@base" in the "@context" of the description'


@dataclass
class IriChecks:
    """The checks of one table: templates before its rows, IRIs with each batch, and the whole at the end (`finish`).

    `output`: triples are made, not only counted. `spill` bounds the memory of the rows that are compared in the end.
    """

    table: Table
    problems: ProblemCollector
    output: bool = True
    spill: Spill = field(default_factory=lambda: Spill(None))
    _local: dict[str, None] = field(default_factory=dict)
    _warned: set[tuple[str, str]] = field(default_factory=set)
    _blank: dict[str, Partitions] = field(default_factory=dict)
    _keys: dict[tuple[str, str], Partitions] = field(default_factory=dict)
    _compared: set[tuple[str, str]] = field(default_factory=set)

    def check_templates(self) -> None:
        """Warn of variables that are not columns, and of prefixes that are not declared."""
        names = {c.name for c in self.table.schema.columns}
        for column in self.table.schema.columns:
            if column.suppress_output:
                continue
            for name, text in templates_of(column):
                self._check_variables(name, text, names)
                if is_unknown_prefix(text, self.table.prefixes):
                    self.warn_prefix(text.partition(":")[0], 0, "", f"{name} {text}")
                self._check_conflict(text, name)

    def _check_variables(self, name: str, text: str, names: set[str]) -> None:
        for variable in sorted(parse_template(text).names - names - ROW_VARIABLES - COLUMN_VARIABLES):
            if (text, variable) in self._warned:
                continue
            self._warned.add((text, variable))
            near = nearest_name(variable, names | ROW_VARIABLES | COLUMN_VARIABLES)
            hint = f"did you mean {{{near}}}?" if near else "name a column of the table"
            what = f"{name} {text[:80]}: {{{variable}}} is not a column, so that it is always blank"
            self.problems.warning("variable", what, hint)

    def _check_conflict(self, text: str, name: str) -> None:
        """Warn of a prefix that the project declares otherwise than the default context of descriptions."""
        prefix = text.partition(":")[0]
        ours = self.table.prefixes.get(prefix)
        if ours is None or PREFIXES.get(prefix, ours) == ours or (prefix, "differs") in self._warned:
            return
        self._warned.add((prefix, "differs"))
        what = (
            f"{name} {text[:80]}: {prefix}: is {PREFIXES[prefix]} in every description, not {ours} as in the ontology"
        )
        self.problems.warning("prefix", what, "write the whole address")

    def warn_prefix(self, prefix: str, line: int, title: str, where: str = "") -> None:
        """Warn, once for each column, of a prefix that is not declared.

        Args:
            prefix: The prefix.
            line: The line of the cell, from 1; 0 for a template.
            title: The title of the column.
            where: The template, for the message.
        """
        if (prefix, title) in self._warned or (line and (prefix, "") in self._warned):
            return
        self._warned.add((prefix, title))
        what = f"{prefix}: is not a known prefix, so that it is taken for a scheme"
        hint = prefix_hint(prefix, [*PREFIXES, *self.table.prefixes])
        self.problems.warning("prefix", f"{where[:100]}: {what}" if where else what, hint, line=line, column=title)

    def collect_constant(self, text: str, column: Column, finished: Finished) -> None:
        """Collect the IRI of a template that no cell decides; report it if it is not one.

        Args:
            text: The template.
            column: The column that it belongs to.
            finished: The one IRI, or its fault.
        """
        name = next((n for n, t in templates_of(column) if t == text), "")
        for filled, wrong in finished.faults.items():
            if (text, "fault") not in self._warned:
                self._warned.add((text, "fault"))
                left = "the rows are left out" if name == "aboutUrl" else "its cells are left out"
                what = f"{name} {text[:80]}: {filled[:80]!r} is not an IRI: {wrong}"
                self.problems.error("address", what, left, column=title_of(column), value=filled)
        self.collect_column(text, column, finished)

    def collect_column(self, text: str, column: Column, finished: Finished) -> None:
        """Collect the IRIs of a template that are local addresses (file:).

        Args:
            text: The template.
            column: The column that it belongs to.
            finished: The IRIs.
        """
        if not self.output or not self.table.url.startswith("file:") or plan(text, self.table).safe:
            return
        if finished.iris.str.starts_with("<file:").any():
            name = next((n for n, t in templates_of(column) if t == text), "template")
            self._local[f"{name} {text[:60]}"] = None

    def collect_property(self, column: Column) -> None:
        """Collect a column whose property is a fragment of the table's address, if that is local."""
        if self.output and self.table.url.startswith("file:"):
            self._local[f"column {title_of(column)[:60]}"] = None

    def collect_table(self) -> None:
        """Collect a table whose address is itself a term of the output, if that is local."""
        if self.output and self.table.url.startswith("file:"):
            self._local["the address of the table"] = None

    def collect_subjects(
        self, values: Sequence[Values], batch: Batch, subject_of: Callable[[Column], pl.Series], repeated: bool
    ) -> None:
        """Collect the subjects of a batch: the rows that have blank keys, and the keys that make one subject.

        Args:
            values: The values of all columns of the batch.
            batch: The batch.
            subject_of: Returns the subjects of a column, row by row.
            repeated: Whether rows of the batch share a subject.
        """
        by_name = {v.column.name: v for v in values}
        seen: set[str] = set()
        for v in values:
            text = v.column.inherited.about_url
            if v.column.suppress_output or text is None or text in seen:
                continue
            seen.add(text)
            template = parse_template(text)
            used = [by_name[n] for n in sorted(template.names) if n in by_name]
            if not used or template.names & (ROW_VARIABLES | COLUMN_VARIABLES):
                continue
            subjects = subject_of(v.column)
            self._collect_blank(text, template, used, subjects, batch)
            self._collect_keys(text, template, used, subjects, batch, by_name, repeated)

    def _collect_blank(
        self, text: str, template: Template, used: Sequence[Values], subjects: pl.Series, batch: Batch
    ) -> None:
        """Collect the rows whose subject lacks a part, since the cells that it is made of are blank."""
        blanks = [(v, is_blank(v)) for v in used]
        if not any(b.any() for _, b in blanks):
            return
        needed = {
            x.name
            for p in template.pieces
            if isinstance(p, Expression) and not p.operator.first and len(p.variables) == 1
            for x in p.variables
        }
        every = blanks[0][1]
        for _, mask in blanks[1:]:
            every = every & mask
        some = every
        for v, mask in blanks:
            if v.column.name in needed:
                some = some | mask
        names = pl.concat_list(
            [
                pl.select(pl.when(mask).then(pl.lit(title_of(v.column)))).to_series().alias(f"b{i}")
                for i, (v, mask) in enumerate(blanks)
            ]
        )
        frame = pl.DataFrame({"iri": subjects, "line": batch.lines}).with_columns(
            pl.select(names.list.drop_nulls().list.join(", ").alias("blank")).to_series()
        )
        rows = frame.filter(some & subjects.is_not_null())
        if rows.height:
            if text not in self._blank:
                self._blank[text] = Partitions(self.spill, ["iri", "blank"])
            self._blank[text].add(
                rows.group_by("iri", "blank", maintain_order=True).agg(
                    pl.col("line").first().alias("first"), pl.col("line").slice(1, 1).first().alias("second"), pl.len()
                )
            )

    def _collect_keys(
        self,
        text: str,
        template: Template,
        used: Sequence[Values],
        subjects: pl.Series,
        batch: Batch,
        by_name: dict[str, Values],
        repeated: bool,
    ) -> None:
        """Collect the keys of the rows, where different keys can make the same subject."""
        key = self.table.schema.primary_key
        wanted = {v.column.name for v in used}
        owner = by_name[key[0]].column.inherited.about_url if key and key[0] in by_name else None
        keyed = bool(key) and owner == text and all(n in by_name for n in key)
        plain = False
        if (not keyed or set(key) <= wanted) and _is_one_to_one(template, used):
            decimals = [v for v in used if is_kind_of(v.column.inherited.datatype.base, "decimal")]
            if not decimals:
                return
            plain = not any(v.text.str.contains(r"^[+]|^-?0[0-9]|^-0|[.]").any() for v in decimals)
        columns = [by_name[n] for n in (key if keyed else sorted(wanted))]
        parts = [_comparable(v).alias(f"k{i}") for i, v in enumerate(columns)]
        place = (text, ", ".join(title_of(v.column) for v in columns))
        frame = pl.DataFrame([subjects.alias("iri"), batch.lines.alias("line"), *parts]).drop_nulls("iri")
        if repeated:
            frame = frame.unique(["iri", *(p.name for p in parts)], keep="first", maintain_order=True)
        if place not in self._keys:
            self._keys[place] = Partitions(self.spill, ["iri"])
        self._keys[place].add(frame)
        if not plain:
            self._compared.add(place)

    def finish(self) -> None:
        """Report what is known only when the whole table was read."""
        for text, blank in self._blank.items():
            self._report_blank(text, blank)
        for place, keyed in self._keys.items():
            if place in self._compared:
                self._report_keys(*place, keyed)
        if self._local:
            places = list(self._local)
            more = f" and {len(places) - 6} more" if len(places) > 6 else ""
            what = (
                f"makes IRIs that begin with file:, which are valid on this machine only: {', '.join(places[:6])}{more}"
            )
            self.problems.warning(
                "local", what, "give the columns a propertyUrl, and the table an address: " + _BASE_HINT
            )

    def _report_blank(self, text: str, rows: Iterable[pl.DataFrame]) -> None:
        """Report the subjects that lack a part, once each, with the lines that share them."""
        groups, number = _first_groups(
            frame.group_by("iri", "blank").agg(
                pl.col("first").min(),
                pl.concat_list("second", "first").list.drop_nulls().explode().sort().alias("lines"),
                pl.col("len").sum(),
            )
            for frame in rows
        )
        for iri, blank, first, lines, count in groups.iter_rows():
            others = [n for n in lines if n != first]
            if count == 1:
                what = f"{blank} is blank, so that the subject is {iri[:200]}"
            elif count == 2:
                what = f"lines {first} and {others[0]} share the subject {iri[:200]}, since {blank} is blank"
            else:
                what = f"{count} lines ({first}, {others[0]}, …) share the subject {iri[:200]}, since {blank} is blank"
            hint = "fill it in, or make the aboutUrl of other columns"
            self.problems.warning("blank-key", f"{what} (aboutUrl {text[:80]})", hint, line=first)
        if number > MAX_SUBJECTS_LISTED:
            what = f"and {number - MAX_SUBJECTS_LISTED} more subjects with a blank part (aboutUrl {text[:80]})"
            self.problems.warning("blank-key", what)

    def _report_keys(self, text: str, titles: str, rows: Iterable[pl.DataFrame]) -> None:
        """Report the subjects that rows with different keys share."""
        groups, number = _first_groups(
            frame.unique(keep="first", maintain_order=True, subset=[c for c in frame.columns if c != "line"])
            .group_by("iri")
            .agg(pl.col("line").first().alias("first"), pl.col("line").slice(1, 1).first().alias("second"), pl.len())
            .filter(pl.col("len") > 1)
            for frame in rows
            if frame["iri"].n_unique() < frame.height
        )
        for iri, first, second, count in groups.iter_rows():
            more = f" ({count} keys)" if count > 2 else ""
            what = f"lines {first} and {second} have different keys ({titles}) and one subject, {iri[:200]}{more}"
            self.problems.warning("one-subject", what, f"give them different IRIs by aboutUrl {text[:80]}", line=second)
        if number > MAX_SUBJECTS_LISTED:
            what = f"and {number - MAX_SUBJECTS_LISTED} more subjects of different keys (aboutUrl {text[:80]})"
            self.problems.warning("one-subject", what)


def _first_groups(parts: Iterable[pl.DataFrame]) -> tuple[pl.DataFrame, int]:
    """Return those groups of all parts that are listed, in the order of their first lines, and the number of all."""
    listed, number = pl.DataFrame(), 0
    for groups in parts:
        number += groups.height
        listed = pl.concat([listed, groups] if listed.width else [groups]).sort("first").head(MAX_SUBJECTS_LISTED)
    return listed, number


def templates_of(column: Column) -> list[tuple[str, str]]:
    """Return the URI templates of a column by the names of their properties."""
    i = column.inherited
    named = (("aboutUrl", i.about_url), ("propertyUrl", i.property_url), ("valueUrl", i.value_url))
    return [(name, text) for name, text in named if text is not None]


def _comparable(values: Values) -> pl.Series:
    return values.lists.list.join("\0") if values.lists is not None else values.text


def _is_one_to_one(template: Template, used: Sequence[Values]) -> bool:
    """Return whether different values surely make different IRIs: variables whole, encoded, with marks between."""
    if any(v.lists is not None for v in used):
        return False
    apart = True
    for piece in template.pieces:
        if isinstance(piece, str):
            apart = apart or any(c in ":/?#[]@!$&'()*+,;=" for c in piece)
            continue
        single = len(piece.variables) == 1 and piece.variables[0].prefix is None
        if not single or piece.operator.reserved or not (apart or piece.operator.first in ("/", ";", "?", "&")):
            return False
        apart = False
    return True
