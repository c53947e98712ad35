"""Runs the server: the socket that it listens to, its start, and its end once requests in flight are answered."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn

from glocal_rdf.errors import OutputError
from glocal_rdf.serve.parts import Limits
from glocal_rdf.serve.server.connection import make_protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

__all__ = ["GRACE", "Server", "listen", "run"]

GRACE: Final = 20
"""The seconds that requests in flight have to end when the server is stopped."""

_BACKLOG: Final = 512


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; whoever connects waits until the server answers.

    Args:
        host: The name or address to listen at.
        port: The port; 0 for any that is free.

    Raises:
        OutputError: Where it cannot be had.
    """
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        sock = socket.socket(info[0], info[1], info[2])
        try:
            if sys.platform != "win32":  # There it would let another program take the port.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(info[4])
            sock.listen(_BACKLOG)
        except BaseException:
            sock.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise OutputError.at(f"{host}:{port}", f"cannot be listened at: {what}", "choose another --port") from error
    return sock


class Server(uvicorn.Server):
    """The server, which ends at an interrupt or SIGTERM, the second time without waiting."""

    interrupted = False
    """Whether it was an interrupt that ended it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while the context lasts."""
        if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
            with super().capture_signals():
                yield
            return
        loop = asyncio.get_running_loop()
        handled = (signal.SIGINT, signal.SIGTERM)
        for one in handled:
            loop.add_signal_handler(one, self.stop, one == signal.SIGINT)
        try:
            yield
        finally:
            for one in handled:
                loop.remove_signal_handler(one)

    def stop(self, interrupted: bool = False) -> None:
        """End once requests in flight are answered; at once where that was asked before.

        Args:
            interrupted: Whether somebody at the keyboard did it.
        """
        self.interrupted = self.interrupted or interrupted
        self.force_exit = self.should_exit
        self.should_exit = True


def run(
    opening: Callable[[], AbstractAsyncContextManager[ASGIApp]],
    sock: socket.socket,
    limits: Limits,
    *,
    proxied: bool = False,
    started: Callable[[Server], None] = lambda _server: None,
) -> bool:
    """Answer requests until the server is stopped.

    Args:
        opening: Opens the application, in the event loop that it is used in; it is closed after the last request.
        sock: The socket that listens.
        limits: The limits.
        proxied: Whether all connections are those of a proxy.
        started: Called with the server when it is about to answer.

    Returns:
        Whether it was ended by an interrupt.
    """
    # What goes wrong is reported by the application, in one line each and without tracebacks.
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    def configure(app: ASGIApp) -> uvicorn.Config:
        return uvicorn.Config(
            app,
            http=make_protocol(limits, proxied=proxied),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=int(limits.idle_seconds),
            timeout_graceful_shutdown=GRACE,
            backlog=_BACKLOG,
        )

    async def serve() -> bool:
        async with opening() as app:
            server = Server(configure(app))
            started(server)
            await server.serve(sockets=[sock])
            return server.interrupted

    with asyncio.Runner(loop_factory=configure(_answer_nothing).get_loop_factory()) as runner:
        return runner.run(serve())


async def _answer_nothing(_scope: object, _receive: object, _send: object) -> None:
    """Be an application, for the settings of the event loop."""
