"""Checks primary and foreign keys over whole tables (Metadata Vocabulary, section 5.5; Model, section 6.6).

The keys of the rows are kept in the order of the rows, and compared in bounded memory:

1. Equal keys of a batch are counted, with their first rows. These counts are brought together by key (`Partitions`).
2. That gives how many rows are wrong, and by which keys. Of these keys those are taken that are wrong first, as many as
   rows are listed: the first wrong rows have no others.
3. The rows with these keys are looked up in their order, until as many as are listed are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.metadata.model import Column, ForeignKey, Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.tables.batches import Batch
from glocal_rdf.csvw.tables.resources import normalize_url
from glocal_rdf.csvw.values import datatypes
from glocal_rdf.csvw.values.built_in_datatypes import is_kind_of
from glocal_rdf.csvw.values.cells import Values, title_of
from glocal_rdf.csvw.values.numbers import canonical_decimals
from glocal_rdf.spelling import join_choices, nearest
from glocal_rdf.spill import FrameLog, Partitions, Spill

__all__ = [
    "LINE",
    "MAX_CANDIDATES",
    "KeyColumns",
    "by_value",
    "check_keys",
    "check_targets",
    "common_kinds",
    "comparable_text",
    "find_target",
    "key_names",
    "kinds_of",
    "report_missing",
    "report_repeated",
    "report_several",
]

LINE: Final = " line"
ROW: Final = " row"
LISTED: Final = ProblemCollector.LIMIT_PER_KIND

MAX_CANDIDATES: Final = 20_000
"""In how many known keys a similar one is looked for."""
MAX_SUGGESTIONS: Final = 50
"""For how many keys of a column a similar one is looked for."""


@dataclass
class KeyColumns:
    """The values of the columns of one table that keys use, collected batch by batch.

    `names` are those of the columns, `titles` what they are called in messages. Lists are kept as lists.
    """

    table: Table
    problems: ProblemCollector
    names: frozenset[str]
    spill: Spill = field(default_factory=lambda: Spill(None))
    titles: dict[str, str] = field(default_factory=dict)
    rows: int = 0

    def __post_init__(self) -> None:
        self.parts = FrameLog(self.spill)

    def add(self, values: Sequence[Values], batch: Batch) -> None:
        """Add the values of a batch."""
        if not self.names:
            return
        columns = {}
        for v in values:
            if v.column.name in self.names:
                self.titles[v.column.name] = title_of(v.column)
                columns[v.column.name] = v.lists if v.lists is not None else _with_markers(v, batch)
        lines = batch.lines.cast(pl.Int64)
        row = pl.int_range(self.rows, self.rows + lines.len(), eager=True)
        self.rows += lines.len()
        self.parts.append(pl.DataFrame(columns | {LINE: lines, ROW: row}))

    def has(self, names: Sequence[str]) -> bool:
        """Return whether the file has some columns, and rows."""
        return len(self.parts) > 0 and all(n in self.titles for n in names)


def _with_markers(values: Values, batch: Batch) -> pl.Series:
    """Return values in which a word for null differs from an empty cell: that refers to nothing, the word to no row."""
    nulls = [n for n in values.column.inherited.null if n]
    place = values.column.number - 1
    if not nulls or not values.text.null_count() or place >= batch.cells.width:
        return values.text
    raw = batch.cells.to_series(place)
    marked = pl.concat_str(pl.lit("\0"), raw)
    return pl.select(pl.when(values.text.is_null() & (raw != "")).then(marked).otherwise(values.text)).to_series()


def key_names(tables: Sequence[Table]) -> dict[int, frozenset[str]]:
    """Return the names of the columns that some key needs, by the position of their table."""
    names: dict[int, set[str]] = {i: set(t.schema.primary_key) for i, t in enumerate(tables)}
    for i, table in enumerate(tables):
        for key in table.schema.foreign_keys:
            names[i] |= set(key.columns)
            target = find_target(tables, key)
            if target is not None:
                names[target] |= set(key.referenced)
    return {i: frozenset(n) for i, n in names.items()}


def find_target(tables: Sequence[Table], key: ForeignKey) -> int | None:
    """Return the position of the table that a foreign key refers to, or None if the group has no such table."""
    for i, table in enumerate(tables):
        if key.resource is not None and normalize_url(table.url) == normalize_url(key.resource):
            return i
        if (
            key.schema is not None
            and table.schema.id is not None
            and normalize_url(table.schema.id) == normalize_url(key.schema)
        ):
            return i
    return None


def check_targets(tables: Sequence[Table], problems: ProblemCollector, *, strict: bool = False) -> None:
    """Report foreign keys that refer to a table or column which the group does not have.

    Args:
        tables: The tables of the group.
        problems: Takes what is wrong.
        strict: Whether a column must have its name from the description, not from its title (section 5.1.4).
    """
    for table in tables:
        for key in table.schema.foreign_keys:
            target = find_target(tables, key)
            place = f"{table.where}: " if table.where else ""
            schema = None if key.schema is None else normalize_url(key.schema)
            same = [t for t in tables if schema and t.schema.id is not None and normalize_url(t.schema.id) == schema]
            if len(same) > 1:
                what = f"{place}a foreign key refers to {key.schema}, which is the schema of {len(same)} tables"
                problems.error("metadata", what, "refer to one of them by resource")
            if target is None:
                problems.error(
                    "metadata",
                    f"{place}a foreign key refers to {key.resource or key.schema}, which is not a table here",
                )
                continue
            columns = tables[target].schema.columns
            there = {c.name for c in columns if c.named or not strict}
            for name in key.referenced:
                if columns and name not in there:
                    problems.error(
                        "metadata",
                        f"{place}a foreign key refers to the column {name!r}, which its table does not have",
                    )


def check_keys(columns: Mapping[int, KeyColumns], tables: Sequence[Table]) -> None:
    """Check the primary and foreign keys of a group; problems are added to those of the table that has the key."""
    for place, table in enumerate(tables):
        if place in columns:
            _check_primary(columns[place], table)
    for place, table in enumerate(tables):
        for key in table.schema.foreign_keys:
            target = find_target(tables, key)
            if target is not None and place in columns and target in columns:
                _check_foreign(columns[place], columns[target], key)


def comparable_text(frame: pl.DataFrame, names: Sequence[str]) -> list[pl.Expr]:
    """Return columns k0, k1, … of comparable text; a list counts as its items in order."""
    return [
        (pl.col(n).list.join("\0") if isinstance(frame.schema[n], pl.List) else pl.col(n)).alias(f"k{i}")
        for i, n in enumerate(names)
    ]


def kinds_of(columns: KeyColumns, names: Sequence[str]) -> list[str]:
    """Return for each column how its values compare: as "decimal" or "double" numbers, or as text ("")."""
    bases = {c.name: c.inherited.datatype.base for c in columns.table.schema.columns}
    found = [bases.get(n, "string") for n in names]
    return ["decimal" if is_kind_of(b, "decimal") else "double" if datatypes.is_numeric(b) else "" for b in found]


def by_value(frame: pl.DataFrame, kinds: Sequence[str]) -> pl.DataFrame:
    """Return a frame with a column v0, v1, … for each k0, k1, … of texts, in which equal values are equal texts.

    Model, section 6.6: keys are the same where their values are, so that 007 is 7 in a column of integers.
    """
    made = []
    for i, kind in enumerate(kinds):
        texts = frame[f"k{i}"]
        if kind == "decimal":
            texts = canonical_decimals(texts)
        elif kind == "double":
            numbers = texts.cast(pl.Float64, strict=False)
            texts = pl.select(pl.coalesce(numbers.cast(pl.String), texts)).to_series()
        made.append(texts.alias(f"v{i}"))
    return frame.with_columns(made)


def _check_primary(here: KeyColumns, table: Table) -> None:
    """Report the rows whose primary key is that of an earlier row."""
    names = table.schema.primary_key
    if not names or not here.has(names):
        return
    listed = [c.name for c in here.table.schema.columns if c.inherited.separator is not None]
    kinds = ["" if n in listed else kind for n, kind in zip(names, kinds_of(here, names), strict=True)]

    def keys() -> Iterator[pl.DataFrame]:
        for frame in here.parts:
            yield by_value(frame.select(*comparable_text(frame, names), LINE, ROW), kinds)

    columns = [f"v{i}" for i in range(len(names))]
    counted = Partitions(here.spill, columns)
    for frame in keys():
        counted.add(_count(frame, columns))
    repeated, number = [_no_keys(columns)], 0
    for frame in counted:
        if _is_unique(frame, columns) and frame["count"].max() == 1:
            continue
        found = (
            frame.lazy()
            .with_columns(rows=pl.concat_list("first", "second").list.drop_nulls())
            .group_by(columns)
            .agg(pl.col("rows").explode().sort(), pl.col("count").sum(), pl.col("line").get(pl.col("first").arg_min()))
            .filter(pl.col("count") > 1)
            .with_columns(first=pl.col("rows").list.get(0), place=pl.col("rows").list.get(1))
            .collect()
        )
        number += int(found["count"].sum()) - found.height
        repeated.append(_first(found, columns))
    title = ", ".join(here.titles[n] for n in names)
    wrong = _first(pl.concat(repeated), columns)
    rows = _look_up(keys(), wrong, columns, earlier=False)
    report_repeated(here.problems, rows, len(names), title, number)


def report_repeated(
    problems: ProblemCollector, rows: Iterable[dict[str, Any]], width: int, title: str, number: int
) -> None:
    """Report rows whose primary key is that of an earlier row.

    Args:
        problems: Takes what is wrong.
        rows: The first of the rows: the texts of the key (k0, k1, …), their line, and that of the earlier row (`line`).
        width: How many columns the key has.
        title: Their titles.
        number: How many such rows there are.
    """
    for row in rows:
        shown = [row[f"k{i}"] for i in range(width)]
        value = ", ".join("" if text is None else text.replace("\0", " ") for text in shown)
        what = f"{value!r} is already the key of line {row['line']}"
        problems.error("primary-key", what, "give each row a key of its own", line=row[LINE], column=title, value=value)
    problems.count_unlisted("primary-key", title, number - LISTED)


def _count(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the distinct keys of some rows: how many rows have each, the first with its line, and the second."""
    if _is_unique(frame, columns):
        return frame.select(
            *columns,
            pl.lit(1, pl.UInt32).alias("count"),
            pl.col(ROW).alias("first"),
            pl.lit(None, pl.Int64).alias("second"),
            pl.col(LINE).alias("line"),
        )
    return frame.group_by(columns).agg(
        pl.len().cast(pl.UInt32).alias("count"),
        pl.col(ROW).first().alias("first"),
        pl.col(ROW).slice(1, 1).first().alias("second"),
        pl.col(LINE).first().alias("line"),
    )


def _is_unique(frame: pl.DataFrame, columns: Sequence[str]) -> bool:
    keys = pl.struct(columns) if len(columns) > 1 else pl.col(*columns)
    return bool(frame.select(keys.n_unique()).item() == frame.height)


def _no_keys(columns: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(
        schema=dict.fromkeys(columns, pl.String()) | dict.fromkeys(("place", "first", "line"), pl.Int64())
    )


def _first(keys: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the keys whose places come first, as many as rows are listed."""
    return keys.select(*columns, "place", "first", "line").sort("place").head(LISTED)


def _look_up(
    frames: Iterable[pl.DataFrame], wrong: pl.DataFrame, columns: Sequence[str], *, earlier: bool
) -> Iterator[dict[str, Any]]:
    """Yield the first rows that have some keys, as many as are listed, in their order.

    Args:
        frames: The rows.
        wrong: The keys, with their `first` rows and the lines of these.
        columns: The columns of the keys.
        earlier: Whether the first row of a key is one of them.
    """
    left = LISTED if wrong.height else 0
    for frame in frames:
        if not left:
            return
        found = frame.join(wrong, on=columns, how="inner", nulls_equal=True, maintain_order="left")
        found = found if earlier else found.filter(pl.col(ROW) != pl.col("first"))
        found = found.head(left)
        left -= found.height
        yield from found.iter_rows(named=True)


def _check_foreign(here: KeyColumns, there: KeyColumns, key: ForeignKey) -> None:
    """Report the rows whose foreign key refers to no row of the other table, or to more than one."""
    if not here.has(key.columns):
        return
    shown = [f"k{i}" for i in range(len(key.columns))]
    columns = [f"v{i}" for i in range(len(key.columns))]
    kinds = common_kinds(here, there, key)

    def keys(side: KeyColumns, names: Sequence[str]) -> Iterator[pl.DataFrame]:
        for frame in side.parts:
            if len(names) == 1 and isinstance(frame.schema[names[0]], pl.List):
                made = frame.select(pl.col(names[0]).alias("k0"), LINE, ROW).explode("k0")
            else:
                made = frame.select(*comparable_text(frame, names), LINE, ROW)
            yield by_value(made.drop_nulls(shown), kinds)

    sides = Partitions(here.spill, columns)
    candidates: list[str] | None = [] if len(columns) == 1 else None
    listed = len(columns) == 1 and any(
        c.name == key.referenced[0] and c.inherited.separator is not None for c in there.table.schema.columns
    )
    for frame in keys(here, key.columns):
        sides.add(_count(frame, columns).with_columns(known=pl.lit(value=False)))
    for frame in keys(there, key.referenced) if there.has(key.referenced) else ():
        sides.add(_count(frame, columns).with_columns(known=pl.lit(value=True)))
        if candidates is not None:
            candidates = [*candidates, *frame["k0"]] if len(candidates) + frame.height <= MAX_CANDIDATES else None
    missing, twice = [_no_keys(columns)], [_no_keys(columns)]
    missed = doubled = 0
    for frame in sides:
        known = frame.filter("known").group_by(columns).agg(pl.col("count").sum().alias("times"))
        wanted = (
            frame.filter(~pl.col("known"))
            .group_by(columns)
            .agg(pl.col("count").sum(), pl.col("first").min(), place=pl.col("first").min(), line=pl.col("line").min())
        )
        absent = wanted.join(known, on=columns, how="anti")
        # Several rows may have one item in their lists.
        several = wanted.join(known.filter((pl.col("times") > 1) & (not listed)), on=columns, how="semi")
        missed, doubled = missed + int(absent["count"].sum()), doubled + int(several["count"].sum())
        missing.append(_first(absent, columns))
        twice.append(_first(several, columns))
    title = ", ".join(here.titles.get(n, n) for n in key.columns)
    name = there.problems.file.rpartition("/")[2]
    referenced = ", ".join(key.referenced)
    absent = _first(pl.concat(missing), columns)
    rows = _look_up(keys(here, key.columns), absent, columns, earlier=True)
    report_missing(here.problems, rows, shown, candidates or [], title, f"{referenced} in {name}")
    here.problems.count_unlisted("foreign-key", title, missed - LISTED)
    several = _first(pl.concat(twice), columns)
    rows = _look_up(keys(here, key.columns), several, columns, earlier=True)
    report_several(here.problems, rows, shown, title, referenced, name)
    here.problems.count_unlisted("foreign-key", title, doubled - LISTED)


def report_several(
    problems: ProblemCollector,
    rows: Iterable[dict[str, Any]],
    columns: Sequence[str],
    title: str,
    referenced: str,
    name: str,
) -> None:
    """Report foreign keys that refer to more than one row.

    Args:
        problems: Takes what is wrong.
        rows: The first of the rows: the texts of the key, and their line.
        columns: The columns of the texts.
        title: The titles of the key's columns.
        referenced: The columns that are referred to.
        name: The name of their table.
    """
    for row in rows:
        value = _join_texts(row, columns)
        what = f"{value!r} is the {referenced} of more than one row in {name}"
        problems.error("foreign-key", what, line=row[LINE], column=title, value=value)


def common_kinds(here: KeyColumns, there: KeyColumns, key: ForeignKey) -> list[str]:
    """Return how the values on both sides of a foreign key compare: as text unless both are numbers.

    Args:
        here: The columns of the table that has the key; `there` are those of the other table.
        there: See `here`.
        key: The key.
    """
    if len(key.columns) > 1 and any(c.inherited.separator is not None for c in _columns_of(here, there, key)):
        return [""] * len(key.columns)
    pairs = zip(kinds_of(here, key.columns), kinds_of(there, key.referenced), strict=True)
    return [one if one == other else "double" if one and other else "" for one, other in pairs]


def _columns_of(here: KeyColumns, there: KeyColumns, key: ForeignKey) -> list[Column]:
    own = [c for c in here.table.schema.columns if c.name in key.columns]
    return own + [c for c in there.table.schema.columns if c.name in key.referenced]


def report_missing(
    problems: ProblemCollector,
    missing: Iterable[dict[str, Any]],
    columns: Sequence[str],
    candidates: Sequence[str],
    title: str,
    where: str,
) -> None:
    """Report keys that refer to no row, with the most similar key that is known.

    Args:
        problems: Takes what is wrong.
        missing: The first of the rows: the texts of the key, and their line.
        columns: The columns of the texts.
        candidates: The keys that are known, where a similar one is looked for.
        title: The titles of the key's columns.
        where: The columns that are referred to, and their table.
    """
    article = "an" if where[0] in "aeio" else "a"
    for number, row in enumerate(missing):
        value = _join_texts(row, columns)
        near = nearest(value, candidates, limit=1, cutoff=0.75) if number < MAX_SUGGESTIONS else ()
        hint = join_choices(map(repr, near))
        problems.error(
            "foreign-key", f"{value!r} is not {article} {where}", hint, line=row[LINE], column=title, value=value
        )


def _join_texts(row: dict[str, str], columns: Sequence[str]) -> str:
    return ", ".join(row[c].replace("\0", " ").strip() for c in columns)
