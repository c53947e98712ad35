"""The process that makes the pages of a build: starts it, takes what it sends, and asks for pages before their turn."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any, Final

from glocal_rdf.errors import Problem, ProjectError
from glocal_rdf.serve.site.messages import Plan, pack_message, read_messages
from glocal_rdf.serve.site.shelf import Shelf

__all__ = ["Maker"]

_PIPE: Final = 1 << 20


class Maker:
    """A process that makes all files of a site, and first those that are asked for.

    It is used in one event loop; a thread takes what the process sends.
    """

    def __init__(
        self, program: str, order: Mapping[str, Any], note: Callable[[str], None], shelf: Shelf | None = None
    ) -> None:
        """Start the process.

        Args:
            program: `module:function` that is run in it.
            order: What it is given: a JSON object.
            note: Called with lines for the log, in another thread.
            shelf: Where files are kept; by default one of its own.

        Raises:
            ProjectError: Where it cannot be started.
        """
        self.shelf = Shelf() if shelf is None else shelf
        self.version = ""
        self.modified = datetime.fromtimestamp(0, UTC)
        self._note = note
        self._loop = asyncio.get_running_loop()
        self._built: asyncio.Future[None] = self._loop.create_future()
        self._plan: asyncio.Future[Plan] = self._loop.create_future()
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self._asked: dict[str, asyncio.Future[bool]] = {}
        self._closed = False
        self.together = False
        self.done = False
        self.lost = False
        module, _, function = program.partition(":")
        code = f"import sys; sys.path[:] = {sys.path!r}; from {module} import {function}; {function}(sys.argv[1])"
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-c", code, json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=_PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise ProjectError.at(
                "serve", f"no process can be started for pages: {error.strerror}", "try again"
            ) from error
        self._thread = threading.Thread(target=self._read, name="maker", daemon=True)
        self._thread.start()

    async def wait_until_built(self) -> None:
        """Wait until the build can be opened.

        Raises:
            ProjectError: Where the project cannot be served, with all problems.
        """
        await asyncio.shield(self._built)

    async def plan(self) -> Plan:
        """Return what is known of the site before its files are made.

        Raises:
            ProjectError: Where the site cannot be made.
        """
        return await asyncio.shield(self._plan)

    async def ask(self, page: str) -> bool:
        """Have the files of a page made before their turn.

        Args:
            page: The path of the page, without language and ending.

        Returns:
            Whether it can be made by itself; its files are kept then.
        """
        if self.done and not self.shelf.full:
            return False
        future = self._asked.get(page)
        if future is None:
            future = self._asked[page] = self._loop.create_future()
            self._send({"do": "make", "page": page})
        return await asyncio.shield(future)

    async def wait_for(self, path: str, seconds: float) -> None:
        """Wait until a file is made, or all are, or time is over.

        Args:
            path: The path of the file.
            seconds: How long.
        """
        if self.done or self.lost:
            return
        future = self._loop.create_future()
        self._waiting.setdefault(path, set()).add(future)
        try:
            await asyncio.wait([future], timeout=seconds)
        finally:
            futures = self._waiting.get(path, set())
            futures.discard(future)
            if not futures:
                self._waiting.pop(path, None)

    async def wait_until_done(self) -> None:
        """Wait until all files are made, or as many as there is room for."""
        while not (self.done or self.lost or self.shelf.full):
            await asyncio.sleep(0.1)

    def close(self) -> None:
        """End the process and forget all files."""
        self._closed = True
        self._process.kill()
        self._thread.join(timeout=5)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # What was to be written is of no use any more.
                    pipe.close()
        self.shelf.close()

    def _send(self, head: Mapping[str, Any]) -> None:
        pipe: IO[bytes] | None = self._process.stdin
        try:
            if pipe is not None:
                pipe.write(pack_message(head))
                pipe.flush()
        except OSError:
            self._lose()

    def _read(self) -> None:
        pipe = self._process.stdout
        if pipe is None:
            return
        try:
            for head, content in read_messages(pipe.read):
                if self._closed:
                    break
                if head["do"] == "file":
                    before = self.shelf.full
                    self.shelf.put(head["path"], content, head["etag"])
                    if self.shelf.full and not before:
                        self._note("no space is left for pages: each is made when it is asked for")
                        self._call(self._send, {"do": "stop"})
                if head["do"] == "note":
                    self._note(head["line"])
                else:
                    self._call(self._receive, head)
        except ValueError:  # The shelf was closed meanwhile.
            pass
        self._process.wait()
        self._call(self._lose)

    def _call(self, function: Callable[..., None], *args: Any) -> None:
        if not self._closed and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)

    def _receive(self, head: Mapping[str, Any]) -> None:
        match head["do"]:
            case "built":
                self.version = head["version"]
                self.modified = datetime.fromtimestamp(head["modified"], UTC)
                _finish(self._built, None)
            case "plan":
                _finish(self._plan, Plan.from_json(head))
            case "file":
                for future in self._waiting.pop(head["path"], ()):
                    _finish(future, None)
            case "asked":
                if asked := self._asked.pop(head["page"], None):
                    _finish(asked, head["known"])
            case "together":
                self.together = True
                self._wake()
            case "done":
                self.done = True
                self._wake()
            case "refused":
                error = ProjectError.of([Problem(**problem) for problem in head["problems"]])
                for waited in (self._built, self._plan):
                    if not waited.done():
                        waited.set_exception(error)
                        waited.exception()

    def _wake(self) -> None:
        for futures in list(self._waiting.values()):
            for future in futures:
                _finish(future, None)

    def _lose(self) -> None:
        """Learn that the process has ended: after its work, or by a fault."""
        self.lost = True
        error = ProjectError.at("serve", "the process that makes pages has ended", "start the server again")
        for waited in (self._built, self._plan):
            if not waited.done():
                waited.set_exception(error)
                waited.exception()
        for asked in self._asked.values():
            _finish(asked, False)
        self._asked.clear()
        self._wake()


def _finish(future: asyncio.Future[Any], value: Any) -> None:
    if not future.done():
        future.set_result(value)
