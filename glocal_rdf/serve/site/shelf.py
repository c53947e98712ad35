"""Keeps the files of a site: in one file on the disk that has no name, so that nothing of it is ever left behind.

Where the disk is full, files are kept in memory as far as there is room for them, the newest ones.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import OrderedDict
from typing import IO, Final, NamedTuple

__all__ = ["Kept", "Shelf"]

_IN_MEMORY: Final = 32 << 20


class Kept(NamedTuple):
    """A file that is kept: its content and what tells it from others."""

    content: bytes
    etag: str


class Shelf:
    """The files by their paths. One thread puts, others read."""

    def __init__(self, file: IO[bytes] | None = None) -> None:
        """Have no files.

        Args:
            file: Where they are kept; by default a file without a name in the folder for such.
        """
        self._file = file
        self._end = 0
        self._places: dict[str, tuple[int, int, str]] = {}
        self._memory: OrderedDict[str, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self.full = False
        if file is None:
            try:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by `close`
            except OSError:
                self.full = True

    def put(self, path: str, content: bytes, etag: str) -> None:
        """Keep a file.

        Args:
            path: Its path.
            content: Its content.
            etag: What tells it from others.
        """
        if self._file is not None and not self.full:
            try:
                view = memoryview(content)
                while view:
                    view = view[os.pwrite(self._file.fileno(), view, self._end + len(content) - len(view)) :]
            except OSError:
                self.full = True
            else:
                self._places[path] = (self._end, len(content), etag)
                self._end += len(content)
                return
        with self._lock:
            self._memory[path] = Kept(content, etag)
            self._size += len(content)
            while self._size > _IN_MEMORY and len(self._memory) > 1:
                self._size -= len(self._memory.popitem(last=False)[1].content)

    def get(self, path: str) -> Kept | None:
        """Return a file; None where it is not there.

        Args:
            path: Its path.
        """
        place = self._places.get(path)
        if place is not None and self._file is not None:
            start, size, etag = place
            return Kept(os.pread(self._file.fileno(), size, start), etag)
        with self._lock:
            return self._memory.get(path)

    def close(self) -> None:
        """Give back the disk and the memory."""
        self._places.clear()
        self._memory.clear()
        if self._file is not None:
            self._file.close()
