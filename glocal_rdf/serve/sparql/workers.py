"""The processes that evaluate queries, as the server has them: each takes one query at a time, and can be ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import IO, Any, Final

from glocal_rdf.errors import QueryError
from glocal_rdf.sparql.execution.requests import HEAD
from glocal_rdf.sparql.execution.worker_start import start_server_worker

__all__ = ["EndedError", "Worker"]

_AHEAD: Final = 1 << 18
"""How many bytes of an answer are read before somebody takes them."""


class EndedError(Exception):
    """The process has ended, and with it the answer."""


class _Reading(asyncio.StreamReaderProtocol):
    """Reads what a process writes, and reports its end."""

    def __init__(self, reader: asyncio.StreamReader, ended: Callable[[], None]) -> None:
        super().__init__(reader)
        self._when_ended = ended

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._when_ended()


class Worker:
    """One process."""

    def __init__(self, ended: Callable[[Worker], None]) -> None:
        """Start a process.

        Args:
            ended: Called in the event loop when it has ended, whatever it did.

        Raises:
            QueryError: Where none can be started.
        """
        self._process = start_server_worker()
        self._ended = ended
        self._reader = asyncio.StreamReader(limit=_AHEAD)
        self._ways: list[asyncio.BaseTransport] = []

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended, which its pipe may report a little later."""
        return self._process.poll() is not None

    async def open(self, setup: Mapping[str, Any]) -> None:
        """Open the store.

        Args:
            setup: What `execution.server_worker` needs for that.

        Raises:
            QueryError: Where it cannot be opened.
        """
        loop = asyncio.get_running_loop()
        source: IO[bytes] | None = self._process.stdout
        target: IO[bytes] | None = self._process.stdin
        reading, _ = await loop.connect_read_pipe(lambda: _Reading(self._reader, self._report), source)
        self._ways.append(reading)
        self._writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, target)
        self._ways.append(self._writing)
        try:
            self.send({"do": "open", **setup})
            reply, _ = await self.receive()
        except EndedError as error:
            raise QueryError.at("graph", "cannot be opened: its process ended", "build it again") from error
        if reply["state"] != "ready":
            raise QueryError.at(*reply["problems"][0])

    def _report(self) -> None:
        for way in self._ways:
            way.close()
        self._ended(self)

    def send(self, request: Mapping[str, Any], data: bytes = b"") -> None:
        """Send a request; the process reads it at once, whatever it does."""
        head = json.dumps(request).encode()
        self._writing.write(len(head).to_bytes(4, "big") + len(data).to_bytes(8, "big") + head + data)

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        """Return the next message.

        Raises:
            EndedError: Where the process has ended.
        """
        try:
            head = await self._reader.readexactly(HEAD)
            length, size = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
            reply = json.loads(await self._reader.readexactly(length))
            return reply, await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise EndedError from error

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    async def wait(self) -> int:
        """Wait for the end of the process; return how it ended, as `subprocess` gives it."""
        return await asyncio.get_running_loop().run_in_executor(None, self._process.wait)
