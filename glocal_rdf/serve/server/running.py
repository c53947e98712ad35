"""Runs the server: the socket that it listens to, its start, and its end once requests in flight are answered."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

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
        if sys.platform == "win32":
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
    app: ASGIApp,
    sock: socket.socket,
    limits: Limits,
    *,
    proxied: bool = False,
    beside: Callable[[], Coroutine[Any, Any, None]] | None = None,
    started: Callable[[Server], None] | None = None,
) -> bool:
    """Answer requests until the server is stopped.

    Args:
        app: The application.
        sock: The socket that listens.
        limits: The limits.
        proxied: Whether all connections are those of a proxy.
        beside: What runs beside it, and is cancelled at the end.
        started: Called with the server before it starts.

    Returns:
        Whether it was ended by an interrupt.
    """
    config = uvicorn.Config(
        app,
        http=make_protocol(limits, proxied=proxied),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=int(limits.idle_seconds),
        timeout_graceful_shutdown=GRACE,
        backlog=_BACKLOG,
    )
    # What goes wrong is reported by the application, in one line each and without tracebacks.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    server = Server(config)
    if started:
        started(server)

    async def serve() -> None:
        work = asyncio.create_task(beside()) if beside else None
        try:
            await server.serve(sockets=[sock])
        finally:
            if work is not None:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(serve())
    return server.interrupted
