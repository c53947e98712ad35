"""Keeps what services answered, in one file of the user's cache: each answer with its date and revision.

So a run that was stopped goes on where it was, a second run asks for nothing that is fresh, and a run without the
network works from what is there. An answer is written when it came, in a transaction of its own.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from glocal_rdf.errors import InputError

__all__ = ["Kept", "Store"]

_TABLE: Final = """CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, fetched TEXT NOT NULL, revision TEXT NOT NULL, checksum TEXT NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID"""
_LIMIT: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept answer.

    Attributes:
        body: The answer.
        fetched: When it came.
        revision: The revision that the service gave for it (an ETag, or the number of a revision), or nothing.
    """

    body: bytes
    fetched: datetime
    revision: str = ""


class Store:
    """A file of answers, by key."""

    def __init__(self, path: Path) -> None:
        """Take the file, which is made when something is first written."""
        self.path = path

    def get(self, key: str) -> Kept | None:
        """Return a kept answer; None where there is none, or a damaged one.

        Raises:
            InputError: Where the file is not one of answers.
        """
        if not self.path.exists():
            return None
        with self._open() as connection:
            row = connection.execute("SELECT fetched, revision, checksum, body FROM answer WHERE key = ?", (key,))
            found = row.fetchone()
        if found is None:
            return None
        fetched, revision, checksum, packed = found
        try:
            body = zlib.decompressobj().decompress(packed, _LIMIT)
            when = datetime.fromisoformat(fetched)
        except (zlib.error, ValueError, TypeError):
            return None
        return Kept(body, when, str(revision)) if sha256(body).hexdigest() == checksum else None

    def put(self, key: str, kept: Kept) -> None:
        """Keep an answer, in the place of an older one.

        Raises:
            InputError: Where the file cannot be written.
        """
        row = (key, kept.fetched.isoformat(), kept.revision, sha256(kept.body).hexdigest(), zlib.compress(kept.body))
        with self._open() as connection:
            connection.execute(_TABLE)
            connection.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)", row)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction.

        Raises:
            InputError: Where that fails.
        """
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as connection, connection:
                yield connection
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                raise InputError.at(self.path, "is not a file of kept answers", "delete it, or name another") from error
            raise InputError.at(self.path, f"cannot be used ({error})", "make room, or use --no-cache") from error
        except sqlite3.DatabaseError as error:
            raise InputError.at(self.path, f"is damaged ({error})", "delete it; the answers are fetched anew") from (
                error
            )
