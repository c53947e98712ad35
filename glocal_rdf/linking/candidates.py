"""Finds candidates by index: keys of our things are joined with keys of a snapshot that is read in batches.

1. Each thing has keys: its names in several folded forms, acronyms, hosts and identifiers (*strong*); beginnings, ends
   and rare words of its names (*weak*), which find misspelt names and longer forms.
2. The snapshot is read once. Of each batch the keys that we ask for are kept in memory, and the rows in a file.
3. Strong keys are joined; weak ones only for things whose names were not found, and only where few things have them.
4. The rows that became candidates are read back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from glocal_rdf.errors import Problem
from glocal_rdf.lazy import pl
from glocal_rdf.linking.names import fold_names
from glocal_rdf.linking.things import Things

__all__ = ["Candidates", "KnownThings", "find_candidates", "list_keys"]

MAX_STRONG: Final = 100
"""A strong key that more things of the snapshot have finds none: it does not tell them apart."""

MAX_WEAK: Final = 200
"""The same for weak keys."""

_AFFIX: Final = 4
_KEYS: Final = {"row": pl.UInt32, "kind": pl.String, "key": pl.UInt64}


@dataclass(frozen=True)
class Candidates:
    """What a snapshot has for some things.

    Attributes:
        things: The candidates; `row` is their number in the snapshot.
        pairs: `thing` and `candidate`, the numbers of rows.
        crowded: The rows of things that a name was ignored of, since too many things of the snapshot have it.
        hosts: The hosts of web sites that several things of the snapshot have, or several of ours.
        pages: The same for their pages: a front page may have one owner, and the host other pages, of parts of it.
        size: How many things the snapshot has.
        problems: What could not be read in it.
    """

    things: Things
    pairs: pl.DataFrame
    crowded: frozenset[int]
    hosts: frozenset[str]
    pages: frozenset[str]
    size: int
    problems: tuple[Problem, ...]


def list_keys(things: Things) -> pl.DataFrame:
    """List the keys of things.

    Args:
        things: The things.

    Returns:
        `row`, `kind` (`name`, `named` with the country, `acronym`, `host`, `page`, `identifier`, `weak`) and `key`, a
        hash.
    """
    folded = fold_names(things.names["name"])
    names = things.names.select("row", "name").join(folded, on="name").drop("name")
    countries = things.frame.select("row", country="countries").explode("country").drop_nulls()
    forms = (
        pl.concat([names.select("row", key=form) for form in ("key", "sorted", "bare", "loose")]).unique().drop_nulls()
    )
    forms = forms.filter(pl.col("key") != "")
    located = forms.join(countries, on="row")
    parts = [
        _hash(forms, "name", pl.col("key")),
        _hash(located, "named", pl.concat_str("key", "country", separator="@")),
        _hash(names, "acronym", pl.concat_str(pl.lit("a:"), "acronym")),
        _hash(names, "acronym", pl.concat_str(pl.lit("a:"), "initials")),
        *(_hash(_sites(things, kind), kind, _site_key(kind)) for kind in ("host", "page")),
        _hash(
            things.frame.select("row", "identifiers").explode("identifiers"),
            "identifier",
            pl.concat_str(pl.lit("i:"), "identifiers"),
        ),
    ]
    words = (
        names.select("row", word=pl.col("meant").str.split(" "))
        .explode("word")
        .filter(pl.col("word").str.len_chars() >= _AFFIX)
    )
    parts.append(_hash(words, "weak", pl.concat_str(pl.lit("w:"), "word")))
    long = names.select("row", "loose").filter(pl.col("loose").str.len_chars() > _AFFIX).join(countries, on="row")
    start, end = pl.col("loose").str.slice(0, _AFFIX), pl.col("loose").str.slice(-_AFFIX)
    parts.append(_hash(long, "weak", pl.concat_str(pl.lit("p:"), start, "country")))
    parts.append(_hash(long, "weak", pl.concat_str(pl.lit("e:"), end, "country")))
    return pl.concat(parts)


def _sites(things: Things, kind: str) -> pl.DataFrame:
    """Return the hosts or the pages of things, as `site`."""
    return things.frame.select("row", site=f"{kind}s").explode("site").drop_nulls()


def _site_key(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), "site")


def _hash(frame: pl.DataFrame, kind: str, text: pl.Expr) -> pl.DataFrame:
    return frame.select("row", kind=pl.lit(kind), text=text).drop_nulls().unique().select(
        "row", "kind", key=pl.col("text").hash(1)
    )  # fmt: skip


def find_candidates(things: Things, snapshot: Iterable[tuple[Things, Iterable[Problem]]]) -> Candidates:
    """Find the candidates for things in a snapshot.

    Args:
        things: What to link.
        snapshot: What to link to, in batches whose rows are numbered on, each with what could not be read.
    """
    ours = list_keys(things)
    wanted = ours.select("key").unique()
    hits: list[pl.DataFrame] = [pl.DataFrame(schema=_KEYS)]
    problems: list[Problem] = []
    classes: set[tuple[str, str]] = set()
    size = 0
    with TemporaryDirectory(prefix="glocal-linking-") as folder:
        files: list[Path] = []
        for batch, found in snapshot:
            problems += found
            size += len(batch)
            classes.update(batch.classes)
            kept = list_keys(batch).join(wanted, on="key", how="semi")
            if kept.height:
                files.append(Path(folder) / f"{len(files)}.parquet")
                rows = kept.select("row").unique()
                batch.frame.join(rows, on="row", how="semi").write_parquet(files[-1])
                batch.names.join(rows, on="row", how="semi").write_parquet(files[-1].with_suffix(".names"))
                hits.append(kept)
        theirs = pl.concat(hits)
        pairs, crowded = _join(ours, theirs)
        candidates = _read_back(files, pairs.select(row="candidate").unique()).with_broader_types(classes)
    hosts, pages = (_list_shared(things, theirs, kind) for kind in ("host", "page"))
    return Candidates(candidates, pairs, crowded, hosts, pages, size, tuple(problems))


class KnownThings:
    """Things in memory that others are looked for among many times: their keys are listed once."""

    def __init__(self, things: Things) -> None:
        """List the keys of things.

        Args:
            things: The things, whose rows are numbered from 0.
        """
        self.things = things
        self._keys = list_keys(things)

    def find(self, things: Things, more: pl.DataFrame | None = None) -> Candidates:
        """Find the candidates for things, as `find_candidates` does.

        Args:
            things: What is looked for.
            more: Pairs that were found in another way, which are candidates too: `thing` and `candidate`.
        """
        ours = list_keys(things)
        theirs = self._keys.join(ours.select("key").unique(), on="key", how="semi")
        pairs, crowded = _join(ours, theirs)
        if more is not None:
            pairs = pl.concat([pairs, more.select(pl.col("thing", "candidate").cast(pl.UInt32))]).unique()
            pairs = pairs.sort("thing", "candidate")
        rows = pairs.select(row="candidate").unique()
        found = Things(
            self.things.frame.join(rows, on="row", how="semi"), self.things.names.join(rows, on="row", how="semi")
        ).with_broader_types(self.things.classes)
        hosts, pages = (_list_shared(things, theirs, kind) for kind in ("host", "page"))
        return Candidates(found, pairs, crowded, hosts, pages, len(self.things), ())


def _list_shared(things: Things, theirs: pl.DataFrame, kind: str) -> frozenset[str]:
    """List the hosts or pages that several of our things have, or several of theirs."""
    counts = theirs.filter(pl.col("kind") == kind).group_by("key").len().filter(pl.col("len") > 1)
    sites, among_ours = _sites(things, kind), pl.len().over("site") > 1
    return frozenset(sites.filter(among_ours | _site_key(kind).hash(1).is_in(counts["key"].implode()))["site"])


def _join(ours: pl.DataFrame, theirs: pl.DataFrame) -> tuple[pl.DataFrame, frozenset[int]]:
    """Join keys; return the pairs, and the things a name of which too many things have."""
    counted = theirs.with_columns(n=pl.len().over("kind", "key"))
    weak = pl.col("kind") == "weak"
    strong = counted.filter(~weak)
    few = strong.filter(pl.col("n") <= MAX_STRONG)
    pairs = ours.join(few, on=["kind", "key"]).select(thing="row", candidate="row_right", kind="kind")
    named = pairs.filter(pl.col("kind").is_in(["name", "named"])).select(row="thing").unique()
    many = strong.filter((pl.col("n") > MAX_STRONG) & (pl.col("kind") == "name")).select("key").unique()
    crowded = ours.filter(pl.col("kind") == "name").join(many, on="key", how="semi").select("row").unique()
    lost = ours.filter(weak).join(named, on="row", how="anti").join(crowded, on="row", how="anti")
    rare = counted.filter(weak & (pl.col("n") <= MAX_WEAK))
    more = lost.join(rare, on=["kind", "key"]).select(thing="row", candidate="row_right")
    crowded = crowded.join(named, on="row", how="anti")
    return pl.concat([pairs.select("thing", "candidate"), more]).unique().sort("thing", "candidate"), frozenset(
        crowded["row"]
    )


def _read_back(files: list[Path], rows: pl.DataFrame) -> Things:
    found = [Things.empty()]
    for file in files:
        frame = pl.read_parquet(file).join(rows, on="row", how="semi")
        names = pl.read_parquet(file.with_suffix(".names")).join(rows, on="row", how="semi")
        found.append(Things(frame, names))
    return Things(pl.concat([one.frame for one in found]), pl.concat([one.names for one in found]))
