"""Indexes the names and texts of things by pairs of neighbouring letters, in memory (SQLite's FTS5).

`城市聯盟` is 城市 市聯 聯盟 盟. So a part of a name is a phrase of pairs, two characters of Chinese are found as well
as twenty letters of English, and a text with a mistake still shares most of its pairs. (FTS5's own trigrams find
nothing of two characters, and lose a Chinese name of four with one of them wrong.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from glocal_rdf.errors import QueryError
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import DCTERMS, RDFS, RDFS_LABEL, SCHEMA, SKOS, term
from glocal_rdf.search.readings import keep_letters
from glocal_rdf.triples import Triples, terms

if TYPE_CHECKING:
    from sqlite3 import Connection

__all__ = ["NAMES", "SHORT_QUERY", "index_texts", "list_texts", "match_rows", "phrase_query", "similar_query"]

NAMES: Final = {
    term(SKOS, "prefLabel"): 0,
    RDFS_LABEL: 1,
    term(SKOS, "altLabel"): 2,
    term(SKOS, "hiddenLabel"): 3,
}
TEXTS: Final = {
    term(SKOS, "definition"): 4,
    term(DCTERMS, "description"): 5,
    term(SCHEMA, "description"): 6,
    term(RDFS, "comment"): 7,
}
SHORT_QUERY: Final = 6
"""How many letters are few: parts of English names are not compared with them, and of Chinese single characters are."""


def list_texts(triples: Triples, normalize: Callable[[str], str]) -> pl.DataFrame:
    """List the names and texts of things: `row`, `subject`, `predicate`, `text`, `letters`, `order`."""
    order = NAMES | TEXTS
    frame = triples.frame.filter(
        pl.col("predicate").is_in(list(order))
        & pl.col("subject").str.starts_with("<")
        & pl.col("object").str.starts_with('"')
    )
    return (
        frame.select(
            "subject",
            "predicate",
            terms.value(pl.col("object")).alias("text"),
            pl.col("predicate").replace_strict(order, return_dtype=pl.Int64).alias("order"),
        )
        .unique()
        .sort("subject", "order", "text")
        .with_columns(
            pl.col("text")
            .map_elements(lambda text: keep_letters(text, normalize), return_dtype=pl.String)
            .alias("letters")
        )
        .with_row_index("row")
    )


def _pairs(letters: str) -> list[str]:
    return [letters[at : at + 2] for at in range(len(letters) - 1)]


def index_texts(rows: pl.DataFrame) -> Connection:
    """Index the pairs of letters. A text ends with its last letter alone, so that one letter finds it there too.

    Args:
        rows: The columns `row`, `order` and `letters`.

    Raises:
        QueryError: Where the SQLite at hand has no full-text search.
    """
    try:
        import sqlite3  # noqa: PLC0415 - a Python may be built without it

        connection = sqlite3.connect(":memory:", check_same_thread=False)
        # The tokenizer `ascii` takes every other character as part of a word, whatever version of Unicode it is from.
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5(name, text, tokenize = 'ascii')")
    except (ImportError, sqlite3.OperationalError) as error:
        raise QueryError.at(
            "", f"this Python's SQLite has no full-text search ({error})", "use a Python whose SQLite has FTS5"
        ) from error
    cells = (
        (row, *((pairs, "") if order < len(NAMES) else ("", pairs)))
        for row, order, letters in rows.select("row", "order", "letters").iter_rows()
        for pairs in [" ".join([*_pairs(letters), letters[-1:]])]
    )
    connection.executemany("INSERT INTO texts (rowid, name, text) VALUES (?, ?, ?)", cells)
    return connection


def phrase_query(letters: str) -> str:
    """Write the FTS5 query for texts that contain letters."""
    return f'"{letters}" *' if len(letters) == 1 else f'"{" ".join(_pairs(letters))}"'


def similar_query(letters: str) -> str:
    """Write the FTS5 query for names that share a pair, or a character of Chinese where there are few."""
    shared = [f'"{pair}"' for pair in _pairs(letters)]
    if len(letters) <= SHORT_QUERY:
        shared += [f'"{letter}" *' for letter in letters if not letter.isascii()]
    return f"name : ({' OR '.join(dict.fromkeys(shared)) or phrase_query(letters)})"


def match_rows(index: Connection, query: str, most: int = -1) -> list[int]:
    """Ask the index; the rows come best first (BM25).

    Args:
        index: The index.
        query: A query of FTS5.
        most: How many rows are returned at most; all where it is negative.
    """
    query_text = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank, rowid LIMIT ?"
    return [row for (row,) in index.execute(query_text, (query, most))]
