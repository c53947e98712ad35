"""The journal of a load: what was sent, line by line, so that a load that was stopped goes on where it was.

A line is written and flushed to the disk before the next request goes out, and the last line may be cut: it is left
out then. Two loads of the same to the same store at once would write one journal; the second is refused.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import IO, Any, Final, Self

from glocal_rdf.cache.folder import Cache
from glocal_rdf.errors import OutputError
from glocal_rdf.temporary import lock_file

__all__ = ["Journal"]

KIND: Final = "loads"
_FILE: Final = "journal.jsonl"


class Journal:
    """What a load has done; nothing is kept without a cache."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the journal at a path, or one that nobody keeps.

        Raises:
            OutputError: Where another process has it open, or it cannot be written.
        """
        self.records: list[dict[str, Any]] = []
        self.path = path
        self._file: IO[bytes] | None = None
        if path is None:
            return
        try:
            self._file = path.open("a+b")
            lock_file(self._file.fileno())
            self._file.seek(0)
            lines = self._file.read().split(b"\n")
            if lines[-1]:
                self._file.truncate(sum(len(line) + 1 for line in lines[:-1]))
        except BlockingIOError as error:
            what = "the same is being loaded into the same store by another process"
            raise OutputError.at(path, what, "wait for it") from error
        except OSError as error:
            raise OutputError.at(path, f"cannot be written ({error.strerror})", "use --no-cache") from error
        for line in lines[:-1]:
            try:
                self.records.append(json.loads(line))
            except ValueError:
                break

    @classmethod
    def open(cls, cache: Cache | None, target: str, content: str) -> Self:
        """Open the journal of a load.

        Args:
            cache: Where it is kept; None to keep none.
            target: A name for the store and how it is filled.
            content: A name for what is loaded.
        """
        if cache is None:
            return cls()
        entry = cache.put(KIND, target, content, lambda folder: (folder / _FILE).touch())
        return cls(None if entry is None else entry / _FILE)

    def write(self, **record: Any) -> None:
        """Add a record, which is on the disk when this returns.

        Args:
            **record: The record.

        Raises:
            OutputError: Where it cannot be written.
        """
        self.records.append(record)
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(record).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise OutputError.at(self.path, f"cannot be written ({error.strerror})", "make room") from error

    def last(self, name: str, default: Any = None) -> Any:
        """Return what the last record with a name says.

        Args:
            name: The name.
            default: What is returned where there is none.
        """
        return next((record[name] for record in reversed(self.records) if name in record), default)

    def close(self, *, remove: bool) -> None:
        """Close the journal.

        Args:
            remove: Whether the load is done, so that it is not needed any more.
        """
        if self._file is None or self.path is None:
            return
        if remove:
            with contextlib.suppress(OSError):
                self.path.unlink()
                self.path.parent.rmdir()
        self._file.close()
