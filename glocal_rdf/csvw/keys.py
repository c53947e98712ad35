"""Checks primary and foreign keys over whole tables (Metadata Vocabulary, section 5.5; Model, section 6.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

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

__all__ = [
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
    parts: list[pl.DataFrame] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)

    def add(self, values: Sequence[Values], batch: Batch) -> None:
        """Add the values of a batch."""
        if not self.names:
            return
        columns = {}
        for v in values:
            if v.column.name in self.names:
                self.titles[v.column.name] = title_of(v.column)
                columns[v.column.name] = v.lists if v.lists is not None else _with_markers(v, batch)
        self.parts.append(pl.DataFrame(columns | {" line": batch.lines}))

    @property
    def frame(self) -> pl.DataFrame | None:
        """All batches as one frame, with a column for each name and the lines in the column " line"."""
        if len(self.parts) > 1:
            self.parts = [pl.concat(self.parts)]
        return self.parts[0] if self.parts else None


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
    frame = here.frame
    if not names or frame is None or any(n not in frame.columns for n in names):
        return
    lists = [isinstance(frame.schema[n], pl.List) for n in names]
    kinds = ["" if listed else kind for listed, kind in zip(lists, kinds_of(here, names), strict=True)]
    keys = by_value(frame.select(*comparable_text(frame, names), pl.col(" line")), kinds)
    columns = [f"v{i}" for i in range(len(names))]
    if (
        keys.select(pl.struct(columns).n_unique() if len(columns) > 1 else pl.col("v0").n_unique()).item()
        == keys.height
    ):
        return
    repeated = keys.with_columns(first=pl.col(" line").first().over(columns)).filter(pl.col(" line") != pl.col("first"))
    title = ", ".join(here.titles[n] for n in names)
    report_repeated(here.problems, repeated, len(names), title, repeated.height)


def report_repeated(problems: ProblemCollector, repeated: pl.DataFrame, width: int, title: str, total: int) -> None:
    """Report rows whose primary key is that of an earlier row.

    Args:
        problems: Takes what is wrong.
        repeated: The first of the rows: the texts of the key (k0, k1, …), " line" and "first".
        width: How many columns the key has.
        title: Their titles.
        total: How many such rows there are.
    """
    for row in repeated.head(ProblemCollector.LIMIT_PER_KIND).iter_rows(named=True):
        shown = [row[f"k{i}"] for i in range(width)]
        value = ", ".join("" if text is None else text.replace("\0", " ") for text in shown)
        what = f"{value!r} is already the key of line {row['first']}"
        problems.error(
            "primary-key", what, "give each row a key of its own", line=row[" line"], column=title, value=value
        )
    problems.count_unlisted("primary-key", title, total - ProblemCollector.LIMIT_PER_KIND)


def _check_foreign(here: KeyColumns, there: KeyColumns, key: ForeignKey) -> None:
    """Report the rows whose foreign key refers to no row of the other table, or to more than one."""
    frame, target = here.frame, there.frame
    if frame is None or any(n not in frame.columns for n in key.columns):
        return
    shown = [f"k{i}" for i in range(len(key.columns))]
    columns = [f"v{i}" for i in range(len(key.columns))]
    if len(columns) == 1 and isinstance(frame.schema[key.columns[0]], pl.List):
        wanted = frame.select(pl.col(key.columns[0]).alias("k0"), " line").explode("k0")
    else:
        wanted = frame.select(*comparable_text(frame, key.columns), pl.col(" line"))
    wanted = wanted.drop_nulls(shown)
    if target is None or any(n not in target.columns for n in key.referenced):
        known = wanted.clear().select(shown)
    elif len(columns) == 1 and isinstance(target.schema[key.referenced[0]], pl.List):
        known = target.select(pl.col(key.referenced[0]).alias("k0")).explode("k0").unique()
    else:
        known = target.select(comparable_text(target, key.referenced))
    kinds = common_kinds(here, there, key)
    wanted, known = by_value(wanted, kinds), by_value(known, kinds)
    missing = wanted.join(known, on=columns, how="anti")
    twice = wanted.clear()
    values = known.select(columns)
    if values.height != values.n_unique():
        twice = wanted.join(values.filter(pl.struct(columns).is_duplicated()).unique(), on=columns, how="semi")
    title = ", ".join(here.titles.get(n, n) for n in key.columns)
    name = there.problems.file.rpartition("/")[2]
    referenced = ", ".join(key.referenced)
    candidates: list[str] = []
    if missing.height and len(shown) == 1 and known.height <= MAX_CANDIDATES:
        candidates = known["k0"].drop_nulls().to_list()
    place = f"{referenced} in {name}"
    report_missing(here.problems, missing.sort(" line"), shown, candidates, title, place, missing.height)
    report_several(here.problems, twice, shown, title, place, twice.height)


def report_several(
    problems: ProblemCollector, twice: pl.DataFrame, columns: Sequence[str], title: str, where: str, total: int
) -> None:
    """Report foreign keys that refer to more than one row.

    Args:
        problems: Takes what is wrong.
        twice: The first of the rows: the texts of the key and " line".
        columns: The columns of the texts.
        title: The titles of the key's columns.
        where: The columns that are referred to, and their table.
        total: How many such rows there are.
    """
    referenced, _, name = where.rpartition(" in ")
    for row in twice.head(ProblemCollector.LIMIT_PER_KIND).iter_rows(named=True):
        value = _join_texts(row, columns)
        problems.error(
            "foreign-key",
            f"{value!r} is the {referenced} of more than one row in {name}",
            line=row[" line"],
            column=title,
            value=value,
        )
    problems.count_unlisted("foreign-key", title, total - ProblemCollector.LIMIT_PER_KIND)


def common_kinds(here: KeyColumns, there: KeyColumns, key: ForeignKey) -> list[str]:
    """Return how the values on both sides of a foreign key compare: as text unless both are numbers.

    Args:
        here: The columns of the table that has the key.
        there: The columns of the table that it refers to.
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
    missing: pl.DataFrame,
    columns: Sequence[str],
    candidates: Sequence[str],
    title: str,
    where: str,
    total: int,
) -> None:
    """Report keys that refer to no row, with the most similar key that is known.

    Args:
        problems: Takes what is wrong.
        missing: The first of the rows in order: the texts of the key and " line".
        columns: The columns of the texts.
        candidates: The keys that are known, where a similar one is looked for.
        title: The titles of the key's columns.
        where: The columns that are referred to, and their table.
        total: How many such rows there are.
    """
    article = "an" if where[0] in "aeio" else "a"
    for number, row in enumerate(missing.head(ProblemCollector.LIMIT_PER_KIND).iter_rows(named=True)):
        value = _join_texts(row, columns)
        near = nearest(value, candidates, limit=1, cutoff=0.75) if number < MAX_SUGGESTIONS else ()
        hint = join_choices(map(repr, near))
        problems.error(
            "foreign-key", f"{value!r} is not {article} {where}", hint, line=row[" line"], column=title, value=value
        )
    problems.count_unlisted("foreign-key", title, total - ProblemCollector.LIMIT_PER_KIND)


def _join_texts(row: dict[str, str], columns: Sequence[str]) -> str:
    return ", ".join(row[c].replace("\0", " ").strip() for c in columns)
