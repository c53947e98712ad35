"""Checks keys over parts of tables: each lays out its keys as rows, and rows of one value are compared together.

1. `lay_out_keys` makes rows of the keys of a part: which key, in which role, its value, its texts and its line.
2. Rows with one value of one key are brought together, and `find_faults` compares them: values that a primary key
   repeats, foreign keys that refer to no row or to several, subjects that rows with different keys share.
3. `report_keys` writes what was found as `check_keys` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import polars as pl

from glocal_rdf.csvw.keys import (
    LINE,
    MAX_CANDIDATES,
    KeyColumns,
    by_value,
    common_kinds,
    comparable_text,
    find_target,
    kinds_of,
    report_missing,
    report_repeated,
    report_several,
)
from glocal_rdf.csvw.metadata.model import ForeignKey, Table
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.csvw.rdf.iri_checks import MAX_SUBJECTS_LISTED, Collected, IriChecks, find_shared_subjects
from glocal_rdf.csvw.values.cells import title_of

__all__ = ["FAULTS", "KEY_ROWS", "find_faults", "lay_out_keys", "report_keys", "report_subjects"]

KEY_ROWS: Final = {
    "key": pl.String(),
    "role": pl.String(),
    "value": pl.String(),
    "shown": pl.List(pl.String()),
    "line": pl.Int64(),
}
"""The columns of keys as rows: `key` names the key, `value` is equal where keys are."""

FAULTS: Final = {
    "key": pl.String(),
    "kind": pl.String(),
    "value": pl.String(),
    "shown": pl.List(pl.String()),
    "line": pl.Int64(),
    "other": pl.Int64(),
    "count": pl.Int64(),
}
"""The columns of what is found: rows, and for each key and kind one row `#kind` with their number in `count`."""

_NULL: Final = "\1null"
_LIMIT: Final = ProblemCollector.LIMIT_PER_KIND


def lay_out_keys(place: int, table: Table, tables: Sequence[Table], keys: KeyColumns, found: Collected) -> pl.DataFrame:
    """Return the keys of a part of a table as rows.

    Args:
        place: The position of the table in the group.
        table: The table.
        tables: All tables of the group.
        keys: The values of the columns that keys need.
        found: What the checks of IRIs have collected: the keys of subjects.
    """
    made = [pl.DataFrame(schema=KEY_ROWS)]
    for frame in keys.parts:
        names = table.schema.primary_key
        if names and all(n in frame.columns for n in names):
            lists = [isinstance(frame.schema[n], pl.List) for n in names]
            kinds = ["" if listed else kind for listed, kind in zip(lists, kinds_of(keys, names), strict=True)]
            texts = frame.select(*comparable_text(frame, names), pl.col(" line"))
            made.append(_to_rows(f"primary {place}", "own", texts, kinds))
        for number, key in enumerate(table.schema.foreign_keys):
            target = find_target(tables, key)
            if target is not None and all(n in frame.columns for n in key.columns):
                kinds = _kinds_between(table, tables[target], key)
                texts = _texts_of(frame, key.columns).drop_nulls([f"k{i}" for i in range(len(key.columns))])
                made.append(_to_rows(f"foreign {place} {number}", "wanted", texts, kinds))
        for other, number, key in _keys_to(place, tables):
            if all(n in frame.columns for n in key.referenced):
                kinds = _kinds_between(tables[other], table, key)
                listed = len(key.referenced) == 1 and isinstance(frame.schema[key.referenced[0]], pl.List)
                texts = _texts_of(frame, key.referenced).drop_nulls([f"k{i}" for i in range(len(key.referenced))])
                role = "known in lists" if listed else "known"
                made.append(_to_rows(f"foreign {other} {number}", role, texts, kinds))
    for (template, titles), collected in found.keys.items():
        columns = [c for c in collected.columns if c.startswith("k")]
        rows = collected.drop_nulls("iri").unique(["iri", *columns], keep="first", maintain_order=True)
        made.append(
            rows.select(
                key=pl.lit(f"subject {place} {template}\0{titles}"),
                role=pl.lit("subject"),
                value="iri",
                shown=pl.concat_list(columns),
                line=pl.col("line").cast(pl.Int64),
            )
        )
    return pl.concat(made)


def _keys_to(place: int, tables: Sequence[Table]) -> list[tuple[int, int, ForeignKey]]:
    """Return the foreign keys that refer to a table: the position of their table, their number, and the key."""
    return [
        (other, number, key)
        for other, table in enumerate(tables)
        for number, key in enumerate(table.schema.foreign_keys)
        if find_target(tables, key) == place
    ]


def _kinds_between(here: Table, there: Table, key: ForeignKey) -> list[str]:
    nothing = ProblemCollector("")
    return common_kinds(KeyColumns(here, nothing, frozenset()), KeyColumns(there, nothing, frozenset()), key)


def _texts_of(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the texts of a key; a list alone is one key for each item."""
    if len(names) == 1 and isinstance(frame.schema[names[0]], pl.List):
        return frame.select(pl.col(names[0]).alias("k0"), " line").explode("k0")
    return frame.select(*comparable_text(frame, names), pl.col(" line"))


def _to_rows(key: str, role: str, texts: pl.DataFrame, kinds: Sequence[str]) -> pl.DataFrame:
    count = len(kinds)
    valued = by_value(texts, kinds)
    parts = [pl.col(f"v{i}").fill_null(_NULL) for i in range(count)]
    return valued.select(
        key=pl.lit(key),
        role=pl.lit(role),
        value=pl.concat_str(parts, separator="\2"),
        shown=pl.concat_list([f"k{i}" for i in range(count)]),
        line=pl.col(" line").cast(pl.Int64),
    )


def find_faults(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what is wrong with keys, by their rows: all those of a value are among them.

    Args:
        rows: The columns of `KEY_ROWS`.

    Returns:
        The columns of `FAULTS`; of each key and kind the first rows by line, up to the limit of what is listed.
    """
    found = [_find_repeated(rows), _find_shared(rows), *_find_dangling(rows)]
    faults = pl.concat([pl.DataFrame(schema=FAULTS), *found])
    if faults.is_empty():
        return faults
    totals = faults.group_by("key", "kind").agg(pl.col("count").sum())
    marks = totals.select(
        "key",
        pl.concat_str(pl.lit("#"), "kind").alias("kind"),
        pl.lit("").alias("value"),
        pl.lit(None, pl.List(pl.String())).alias("shown"),
        pl.lit(0, pl.Int64).alias("line"),
        pl.lit(0, pl.Int64).alias("other"),
        "count",
    )
    # For subjects `count` is how many keys share one, and so their number is counted by rows.
    shared = faults.filter(pl.col("kind") == "shared").group_by("key", "kind").len("n")
    marks = marks.join(
        shared.select("key", pl.lit("#shared").alias("kind"), "n"), on=["key", "kind"], how="left"
    ).select(*[c for c in FAULTS if c != "count"], pl.coalesce(pl.col("n").cast(pl.Int64), "count").alias("count"))
    listed = faults.filter(pl.col("kind") != "known").sort("line").group_by("key", "kind").head(_LIMIT)
    return pl.concat([listed.select(list(FAULTS)), marks])


def _as_faults(frame: pl.DataFrame, kind: str, other: str | None = None) -> pl.DataFrame:
    return frame.select(
        "key",
        pl.lit(kind).alias("kind"),
        "value",
        "shown",
        "line",
        (pl.col(other) if other else pl.lit(0, pl.Int64)).alias("other"),
        pl.lit(1, pl.Int64).alias("count"),
    )


def _find_repeated(rows: pl.DataFrame) -> pl.DataFrame:
    own = rows.filter(pl.col("role") == "own").with_columns(first=pl.col("line").min().over("key", "value"))
    return _as_faults(own.filter(pl.col("line") != pl.col("first")), "repeated", "first")


def _find_shared(rows: pl.DataFrame) -> pl.DataFrame:
    subjects = rows.filter(pl.col("role") == "subject").sort("line")
    groups = find_shared_subjects(subjects.with_columns(k=pl.col("shown")), ["key", "value"], ["k"])
    return groups.select(
        "key",
        pl.lit("shared").alias("kind"),
        "value",
        pl.lit(None, pl.List(pl.String())).alias("shown"),
        pl.col("first").alias("line"),
        pl.col("second").alias("other"),
        pl.col("len").cast(pl.Int64).alias("count"),
    )


def _find_dangling(rows: pl.DataFrame) -> list[pl.DataFrame]:
    wanted = rows.filter(pl.col("role") == "wanted")
    known = rows.filter(pl.col("role").str.starts_with("known"))
    missing = wanted.join(known, on=["key", "value"], how="anti")
    # Several rows may have one item in their lists.
    alone = known.filter(pl.col("role") == "known")
    several = alone.group_by("key", "value").len("n").filter(pl.col("n") > 1)
    twice = wanted.join(several, on=["key", "value"], how="semi")
    return [_as_faults(missing, "missing"), _as_faults(twice, "several"), _as_faults(known, "known")]


def report_keys(
    faults: pl.DataFrame,
    tables: Sequence[Table],
    problems: Mapping[int, ProblemCollector],
    candidates_of: Callable[[str], Sequence[str]],
) -> None:
    """Report what was found of keys, as `check_keys` does.

    Args:
        faults: What `find_faults` has returned for all values, in any order.
        tables: The tables, complete.
        problems: Takes what is wrong, by the positions of the tables that could be read.
        candidates_of: Returns the texts that a key refers to, in the order of their lines.
    """
    for place, table in enumerate(tables):
        names = table.schema.primary_key
        if place in problems and names:
            rows, total = _take(faults, f"primary {place}", "repeated", len(names))
            report_repeated(problems[place], rows.iter_rows(named=True), len(names), _titles(table, names), total)
    for place, table in enumerate(tables):
        for number, key in enumerate(table.schema.foreign_keys):
            target = find_target(tables, key)
            if target is None or place not in problems or target not in problems:
                continue
            name = f"foreign {place} {number}"
            where = f"{', '.join(key.referenced)} in {problems[target].file.rpartition('/')[2]}"
            title, width = _titles(table, key.columns), len(key.columns)
            columns = [f"k{i}" for i in range(width)]
            rows, total = _take(faults, name, "missing", width)
            _, known = _take(faults, name, "known", width)
            wanted = total and width == 1 and known and known <= MAX_CANDIDATES
            candidates = [text for text in candidates_of(name) if text is not None] if wanted else []
            report_missing(problems[place], rows.iter_rows(named=True), columns, candidates, title, where)
            problems[place].count_unlisted("foreign-key", title, total - _LIMIT)
            rows, total = _take(faults, name, "several", width)
            referenced, _, file = where.rpartition(" in ")
            report_several(problems[place], rows.iter_rows(named=True), columns, title, referenced, file)
            problems[place].count_unlisted("foreign-key", title, total - _LIMIT)


def report_subjects(faults: pl.DataFrame, place: int, checks: IriChecks) -> None:
    """Report the subjects of a table that rows with different keys share.

    Args:
        faults: What `find_faults` has returned for all values.
        place: The position of the table.
        checks: The checks of the table, which report it.
    """
    start = f"subject {place} "
    keys = faults.filter(pl.col("key").str.starts_with(start))["key"].unique().sort()
    for key in keys:
        text, _, titles = key.removeprefix(start).partition("\0")
        groups = faults.filter((pl.col("key") == key) & (pl.col("kind") == "shared")).sort("line")
        total = faults.filter((pl.col("key") == key) & (pl.col("kind") == "#shared"))["count"].sum()
        rows = groups.select(iri="value", first="line", second="other", len="count").head(MAX_SUBJECTS_LISTED)
        checks.report_shared_subjects(text, titles, rows, int(total))


def _take(faults: pl.DataFrame, key: str, kind: str, width: int) -> tuple[pl.DataFrame, int]:
    """Return the first faults of a kind as rows with the texts of the key, and how many there are."""
    of_key = faults.filter(pl.col("key") == key)
    rows = of_key.filter(pl.col("kind") == kind).sort("line").head(_LIMIT)
    texts = [pl.col("shown").list.get(i, null_on_oob=True).alias(f"k{i}") for i in range(width)]
    total = of_key.filter(pl.col("kind") == f"#{kind}")["count"].sum()
    return rows.select(*texts, pl.col("line").alias(LINE), pl.col("other").alias("line")), int(total)


def _titles(table: Table, names: Sequence[str]) -> str:
    titles = {column.name: title_of(column) for column in table.schema.columns}
    return ", ".join(titles.get(name, name) for name in names)
