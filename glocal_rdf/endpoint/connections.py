"""Connections that go where they may, under one clock: hosts are resolved here, and what they resolve to is judged."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any, Final
from urllib.parse import SplitResult

from glocal_rdf.addresses import is_public, port_of

__all__ = ["Clock", "PrivateError", "connect", "judge_behind_proxy", "socket_under"]

LONGEST_TIMEOUT: Final = 24 * 60 * 60
"""How many seconds a request may be given."""


class Clock:
    """The seconds that are left of a request."""

    def __init__(self, seconds: float) -> None:
        """Start; `seconds` is bounded, so that every system's clock can hold it."""
        self.seconds = min(max(seconds, 0.001), LONGEST_TIMEOUT)
        self._end = time.monotonic() + self.seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: Where there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class PrivateError(OSError):
    """A host is not public."""


def resolve_host(host: str, port: int, clock: Clock) -> list[tuple[Any, ...]]:
    """Resolve a host within the time that is left; a resolver cannot be interrupted, so that it runs beside.

    Args:
        host: The host.
        port: The port.
        clock: The time that is left.

    Raises:
        TimeoutError: Where no time is left.
        OSError: Where there is no such host.
    """
    found: list[tuple[Any, ...]] = []
    failed: list[Exception] = []

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    worker = threading.Thread(target=resolve, daemon=True)
    worker.start()
    worker.join(clock.left())
    if worker.is_alive():
        raise TimeoutError
    if failed:
        raise OSError(f"the host {host} is not known") from failed[0]
    return found


def socket_under(clock: Clock, kind: type[socket.socket]) -> type[socket.socket]:
    """Make a class of sockets that receive only as long as the clock has time left, however small the pieces are."""

    class Bounded(kind):  # type: ignore[misc, valid-type]
        def recv_into(self, *arguments: Any, **options: Any) -> int:
            self.settimeout(clock.left())
            return super().recv_into(*arguments, **options)  # type: ignore[no-any-return]

    return Bounded


def connect(host: str, port: int, clock: Clock, *, public: bool) -> socket.socket:
    """Connect to one of the addresses of a host.

    Args:
        host: The host.
        port: The port.
        clock: The time that is left.
        public: Whether all addresses of the host must be public.

    Raises:
        PrivateError: Where one is not.
        OSError: Where none answers.
    """
    addresses = resolve_host(host, port, clock)
    if public and not all(is_public(str(where[0])) for *_, where in addresses):
        raise PrivateError(host)
    error: OSError = OSError(f"the host {host} has no address")
    for family, kind, protocol, _, where in addresses:
        connection = socket_under(clock, socket.socket)(family, kind, protocol)
        try:
            connection.settimeout(clock.left())
            connection.connect(where)
        except OSError as failed:
            connection.close()
            error = failed
            continue
        return connection
    raise error


def judge_behind_proxy(parts: SplitResult, clock: Clock) -> None:
    """Judge a host that a proxy would connect to, as far as it can be resolved here.

    Raises:
        PrivateError: Where it is not public.
        TimeoutError: Where no time is left.
    """
    try:
        addresses = resolve_host(parts.hostname or "", port_of(parts), clock)
    except TimeoutError:
        raise
    except OSError:
        return
    if not all(is_public(str(where[0])) for *_, where in addresses):
        raise PrivateError(parts.hostname)
