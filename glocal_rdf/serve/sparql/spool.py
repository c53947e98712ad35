"""Keeps what was read of an answer and not yet sent, so that a slow client does not hold up the one who evaluates.

The first megabyte is in memory, what is more in a file without a name.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import IO, Any, Final

__all__ = ["Spool"]

IN_MEMORY: Final = 1 << 20
_BLOCK: Final = 1 << 17


class Spool(AsyncGenerator[bytes, None]):
    """The parts of an answer, which somebody adds and somebody else takes."""

    def __init__(self, left: Callable[[], None]) -> None:
        """Have no parts.

        Args:
            left: Called when nobody takes parts any more.
        """
        self._left = left
        self._parts: deque[bytes] = deque()
        self._waiting = 0
        self._file: IO[bytes] | None = None
        self._from, self._to = 0, 0
        self._changed = asyncio.Event()
        self._finished = False
        self._error: Exception | None = None
        self._closed = False

    def add(self, data: bytes) -> None:
        """Add a part.

        Raises:
            OSError: Where there is no room for it.
        """
        if self._closed or not data:
            return
        if self._file is None and self._waiting + len(data) <= IN_MEMORY:
            self._parts.append(data)
            self._waiting += len(data)
        else:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed when the last part was taken
            rest = memoryview(data)
            while rest:
                written = os.pwrite(self._file.fileno(), rest, self._to)
                self._to += written
                rest = rest[written:]
        self._changed.set()

    def finish(self, error: Exception | None = None) -> None:
        """Add no more parts.

        Args:
            error: Raised when the others were taken, where they are not all.
        """
        self._finished, self._error = True, self._error or error
        self._changed.set()

    async def asend(self, value: None) -> bytes:  # noqa: ARG002 - the same as `anext`
        """Return the next part, when it is there."""
        while not self._closed:
            if self._parts:
                part = self._parts.popleft()
                self._waiting -= len(part)
                return part
            if self._file is not None and self._from < self._to:
                part = os.pread(self._file.fileno(), _BLOCK, self._from)
                self._from += len(part)
                return part
            if self._finished:
                await self.aclose()
                if self._error is not None:
                    raise self._error
                break
            self._changed.clear()
            try:
                await self._changed.wait()
            except asyncio.CancelledError:
                await self.aclose()
                raise
        raise StopAsyncIteration

    async def athrow(self, typ: Any, val: Any = None, tb: Any = None) -> bytes:  # noqa: ARG002
        """Take no more parts, and raise an error.

        Args:
            typ: The error, or its class.
            val: The error, where its class is given.
            tb: Has no effect.
        """
        await self.aclose()
        raise typ if val is None else val

    async def aclose(self) -> None:
        """Take no more parts."""
        if self._closed:
            return
        self._closed = True
        self._parts.clear()
        if self._file is not None:
            self._file.close()
            self._file = None
        if not self._finished:
            self._left()
