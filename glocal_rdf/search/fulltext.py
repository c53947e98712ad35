"""Finds things by words in their names, descriptions and definitions, what was probably meant first.

1. Every text is folded (by the function that is given), its accents are let go, and letters and digits are kept.
2. An index in memory holds the pairs of neighbouring letters (`text_index`).
3. The words are read as they are, and as they may have been meant: English in the singular and in the plural, Chinese
   that is no name in the usage of Taiwan and of the mainland (网络 is 網路 or 網絡; OpenCC knows the phrases).
4. What is found is ranked: a name that is the words (*exact*); one whose capital letters are (*initials*: EU); one that
   begins with them (*prefix*); one that contains them (*part*), or is half of them or more, where none is the whole
   (*within*: Taipei of "Taipei city"); things that have every word somewhere (*words*); descriptions and definitions
   that contain them (*text*); and names that share most of their letters, or are shortened to them (*near*: 世貿 of
   世界貿易組織). Within a rank the words as they are come before other readings, then the start of a word before its
   middle, then the closest in length, of equals the one with more triples. Where names were found, only names very
   near are given besides.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal, cast

from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.search.labels import names_by_language
from glocal_rdf.search.readings import HAN, keep_letters, list_runs, read_chinese, read_english
from glocal_rdf.search.text_index import (
    NAMES,
    SHORT_QUERY,
    index_texts,
    list_texts,
    match_rows,
    phrase_query,
    similar_query,
)
from glocal_rdf.triples import Triples, terms

if TYPE_CHECKING:
    from sqlite3 import Connection

__all__ = ["Found", "How", "ThingIndex", "search_things"]

RANKS = ("exact", "initials", "prefix", "part", "within", "words", "text", "near")
FUZZY_THRESHOLD = 0.66
"""How much of its letters a name must share to be near: two of three."""
STRICT_FUZZY_THRESHOLD = 0.85
"""How much of them where others were found by name."""
PARTIAL_WEIGHT = 0.9
"""What similarity to a part of a name is worth, measured by similarity to the whole."""
CANDIDATES = 300
"""How many names, by shared pairs of letters, are looked at closely for similarity."""
MAX_QUERY_LENGTH = 200
"""How many letters of what is looked for count."""

How = Literal["exact", "initials", "prefix", "part", "within", "words", "text", "near"]


@dataclass(frozen=True)
class Found:
    """A thing that was found.

    Attributes:
        thing: The IRI of the thing.
        names: Its preferred names by language tag.
        classes: The IRIs of its classes.
        how: The rank: why it was found.
        matched: The name or text that matched, as it is written.
        property: The IRI of the property that it is of the thing.
        similarity: The share of letters in common, 1.0 except where it is near.
    """

    thing: str
    names: dict[str, str]
    classes: tuple[str, ...]
    how: How
    matched: str
    property: str
    similarity: float

    def __getattr__(self, name: str) -> float:
        """Return the similarity by the name that it had up to version 0.3."""
        if name != "likeness":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        warnings.warn("Found.likeness is called Found.similarity now", DeprecationWarning, stacklevel=2)
        return self.similarity


def search_things(triples: Triples, words: str, normalize: Callable[[str], str], limit: int = 10) -> tuple[Found, ...]:
    """Find the things that words mean, the likeliest first; none where nothing fits.

    Args:
        triples: The graph.
        words: The words.
        normalize: Makes the spellings of a name equal, such as `normalize_name`.
        limit: How many things are returned at most.

    Raises:
        QueryError: Where the SQLite at hand has no full-text search.
    """
    if limit < 1 or not keep_letters(_readable(words), normalize):
        return ()
    index = ThingIndex(triples, normalize)
    found, _ = index.search(words, limit)
    index.close()
    return found


class ThingIndex:
    """The names and texts of the things of a graph, indexed once for many searches, from any thread."""

    def __init__(self, triples: Triples, normalize: Callable[[str], str]) -> None:
        """Index a graph.

        Args:
            triples: The graph.
            normalize: Makes the spellings of a name equal, such as `normalize_name`.

        Raises:
            QueryError: Where the SQLite at hand has no full-text search.
        """
        self._triples = triples
        self._normalize = normalize
        self._rows = list_texts(triples, normalize)
        self._index = index_texts(self._rows)
        self._counts = triples.frame.group_by(subject="object").agg(triples_count=pl.len())
        self._lock = Lock()

    def search(
        self, words: str, limit: int = 10, offset: int = 0, among: pl.Series | None = None
    ) -> tuple[tuple[Found, ...], int]:
        """Find the things that words mean, the likeliest first.

        Args:
            words: The words.
            limit: How many things are returned at most.
            offset: How many of the first are left out.
            among: The things (terms) that are wanted; None for any.

        Returns:
            The things, and how many there are in all.
        """
        words = _readable(words)
        if not keep_letters(words, self._normalize):
            return (), 0
        with self._lock:
            ranked = _rank_all(self._rows, words, self._normalize, self._index)
        if among is not None:
            ranked = ranked.filter(pl.col("subject").is_in(among.implode()))
        best = ranked.join(self._counts, on="subject", how="left").with_columns(
            pl.col("triples_count").fill_null(0),
            place=pl.col("rank").replace(RANKS.index("within"), RANKS.index("part")),
        )
        keys = dict.fromkeys(["place", "reading", "score", "triples_count", "order", "subject", "text"], False)
        keys |= {"score": True, "triples_count": True}
        best = best.sort(*keys, descending=list(keys.values()))
        best = best.unique("subject", keep="first", maintain_order=True)
        return _describe(self._triples, best.slice(offset, limit)), best.height

    def close(self) -> None:
        """Give up the index."""
        self._index.close()


def _readable(words: str) -> str:
    return words[: 4 * MAX_QUERY_LENGTH].encode(errors="replace").decode()


def _rank_all(rows: pl.DataFrame, words: str, normalize: Callable[[str], str], index: Connection) -> pl.DataFrame:
    """Return the rows that match words in any reading, with their rank and score; a row may come more than once."""
    wanted = keep_letters(words, normalize)[:MAX_QUERY_LENGTH]
    found: list[pl.DataFrame] = []
    read: set[str] = set()

    def rank_readings(*readings: str) -> None:
        for reading in readings:
            letters = keep_letters(reading, normalize)[:MAX_QUERY_LENGTH]
            parts = [part for word in reading.split() if (part := keep_letters(word, normalize)[:MAX_QUERY_LENGTH])]
            if letters not in read:
                found.append(_rank(rows, letters, parts, index, len(read)))
                read.add(letters)

    def is_named() -> bool:
        return any((ranked["rank"] == RANKS.index("exact")).any() for ranked in found)

    rank_readings(words, *read_english(words))
    if not is_named():
        rank_readings(*read_chinese(words))
    if not is_named():
        found += [_rank_initials(rows, wanted), _rank_within(rows, wanted, list_runs(words, normalize))]
    by_name = any((ranked["order"] < len(NAMES)).any() for ranked in found)
    return pl.concat([*found, _rank_near(rows, wanted, index, by_name=by_name)])


def _rank(rows: pl.DataFrame, wanted: str, parts: list[str], index: Connection, reading: int) -> pl.DataFrame:
    """Return the rows that have what is wanted, or whose thing has every part of it; a row may come twice."""
    letters, named = pl.col("letters"), pl.col("order") < len(NAMES)
    found = _pick(rows, match_rows(index, phrase_query(wanted))).with_columns(
        rank=pl.when(~named)
        .then(RANKS.index("text"))
        .when(letters == wanted)
        .then(RANKS.index("exact"))
        .when(letters.str.starts_with(wanted))
        .then(RANKS.index("prefix"))
        .otherwise(RANKS.index("part")),
        score=len(wanted) / letters.str.len_chars(),
    )
    if wanted.isascii():
        starts = pl.col("text").str.contains(rf"(?i)\b{re.escape(parts[0])}")
        found = found.with_columns(pl.col("score") + starts.cast(pl.Float64))
    found = _mark(found, reading)
    return pl.concat([found, _mark(_rank_words(rows, parts, index), reading)]) if len(parts) > 1 else found


def _rank_initials(rows: pl.DataFrame, wanted: str) -> pl.DataFrame:
    """Return the names of several words whose capital letters are the query, without small words between them."""
    text = pl.col("text").str.replace_all(r"\b(and|for|in|of|on|the)\b ?", "")
    great = text.str.extract_all(r"\b\p{Lu}").list.join("").str.to_lowercase()
    every = (great == wanted) & (text.str.count_matches(r"[^\s-]+") == len(wanted))
    found = rows.filter(every & (pl.col("order") < len(NAMES)) & (len(wanted) > 1))
    return _mark(found.with_columns(rank=RANKS.index("initials"), score=1.0))


def _rank_within(rows: pl.DataFrame, wanted: str, runs: set[str]) -> pl.DataFrame:
    """Return the names that are at least half of what is wanted, in whole words.

    Their share counts squared beside names that have all that is wanted, since they lack a part of the query. They are
    whole words, which counts as it does for those.
    """
    runs = {run for run in runs if 2 * len(run) >= len(wanted)}
    found = rows.filter(pl.col("letters").is_in(runs) & (pl.col("order") < len(NAMES)))
    share = pl.col("letters").str.len_chars() / len(wanted)
    return _mark(found.with_columns(rank=RANKS.index("within"), score=share * share + float(wanted.isascii())))


def _rank_near(rows: pl.DataFrame, wanted: str, index: Connection, *, by_name: bool) -> pl.DataFrame:
    """Return the names that are like what is wanted; only those very like it where others were found by name."""
    similarity = pl.col("letters").map_elements(lambda name: _similarity(wanted, name), return_dtype=pl.Float64)
    near = _pick(rows, match_rows(index, similar_query(wanted), CANDIDATES)).with_columns(score=similarity)
    near = near.filter(pl.col("score") >= (STRICT_FUZZY_THRESHOLD if by_name else FUZZY_THRESHOLD))
    return _mark(near.with_columns(rank=RANKS.index("near")), similarity=pl.col("score"))


def _mark(found: pl.DataFrame, reading: int = 0, similarity: pl.Expr | None = None) -> pl.DataFrame:
    """Lay out what was found for the order of all."""
    return found.select(
        "subject",
        "predicate",
        "text",
        "order",
        pl.col("rank").cast(pl.Int64),
        pl.col("score").cast(pl.Float64),
        pl.lit(reading, pl.Int64).alias("reading"),
        (pl.lit(1.0) if similarity is None else similarity).cast(pl.Float64).alias("similarity"),
    )


def _rank_words(rows: pl.DataFrame, parts: list[str], index: Connection) -> pl.DataFrame:
    """Return the things that have every word, by their text that has most of them."""
    has = [pl.col("row").is_in(match_rows(index, phrase_query(part))) for part in dict.fromkeys(parts)]
    marked = rows.with_columns(expr.alias(f"has{number}") for number, expr in enumerate(has))
    every = [pl.col(f"has{number}").any().over("subject") for number in range(len(has))]
    count = pl.sum_horizontal(pl.col(f"has{number}").cast(pl.Float64) for number in range(len(has)))
    share = len("".join(parts)) / pl.col("letters").str.len_chars().clip(1)
    scored = marked.filter(pl.all_horizontal(every)).with_columns(score=count + share.clip(0, 0.99))
    return scored.with_columns(rank=RANKS.index("words"))


def _pick(rows: pl.DataFrame, numbers: list[int]) -> pl.DataFrame:
    return rows.join(pl.DataFrame({"row": numbers}, schema={"row": rows.schema["row"]}), on="row", how="semi")


def _similarity(wanted: str, name: str) -> float:
    """Return the share of letters in common: of the whole name, or of its most similar part, which counts less.

    A Chinese name shortened to a few of its characters, the first among them, is just near.
    """
    from rapidfuzz import fuzz  # noqa: PLC0415 - only where something is near
    from rapidfuzz.distance import Indel  # noqa: PLC0415

    similarity = Indel.normalized_similarity(wanted, name)
    if 1 < len(wanted) < SHORT_QUERY and wanted[0] == name[0] and all(HAN.match(letter) for letter in wanted):
        rest = iter(name)
        if all(letter in rest for letter in wanted):
            least = FUZZY_THRESHOLD + (1 - FUZZY_THRESHOLD) * len(wanted) / len(name) / 2
            similarity = max(similarity, least)
    if len(name) > len(wanted) and (len(wanted) >= SHORT_QUERY or not wanted.isascii()):
        # A part at the end of the name may be shorter than what is wanted, and would count too much.
        found = fuzz.partial_ratio_alignment(wanted, name)
        start = min(found.dest_start, len(name) - len(wanted)) if found else 0
        part = Indel.normalized_similarity(wanted, name[start : start + len(wanted)])
        similarity = max(similarity, PARTIAL_WEIGHT * part)
    return similarity


def _describe(triples: Triples, best: pl.DataFrame) -> tuple[Found, ...]:
    """Return the things that were found, with their names and classes."""
    about = triples.frame.filter(pl.col("subject").is_in(best["subject"].implode()))
    names = names_by_language(about)
    classes: dict[str, list[str]] = {}
    for subject, _, kind in about.filter(pl.col("predicate") == RDF_TYPE).sort("object").iter_rows():
        classes.setdefault(subject, []).append(terms.unquote(kind))
    return tuple(
        Found(
            terms.unquote(subject),
            names.get(subject, {}),
            tuple(classes.get(subject, ())),
            cast("How", RANKS[rank]),
            text,
            terms.unquote(predicate),
            round(similarity, 3),
        )
        for subject, rank, text, predicate, similarity in best.select(
            "subject", "rank", "text", "predicate", "similarity"
        ).iter_rows()
    )
