"""Shows on a terminal that a command that takes over a second is at work: by a line on stderr, erased at the end.

The line needs neither colours nor escapes of terminals, and is cut to the width of the terminal. Nothing is shown where
stderr is not a terminal. What a command prints meanwhile hides the line before.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import Final, TextIO

__all__ = ["Progress", "hide_progress", "show_progress", "show_steps"]

DELAY: Final = 1.0
"""After how many seconds of the whole run progress is shown."""

PAUSE: Final = 0.2
"""How long each step lasts at least before it is shown, in seconds."""

INTERVAL: Final = 0.1
"""How often the line is drawn, in seconds."""

MIN_WIDTH: Final = 12
"""On a narrower terminal nothing is shown."""

DEFAULT_WIDTH: Final = 80
"""The width of a terminal that does not know it."""

_FRAMES: Final = "|/-\\"
_begun = time.monotonic()
_shown: list[Progress] = []
_lock = threading.RLock()
"""Held while something is written to stderr."""


class Progress:
    """The line about one step of a command."""

    def __init__(self, doing: str, stream: TextIO | None) -> None:
        """Show what is done on a stream; without a stream nothing is shown."""
        self.doing = doing
        self._stream = stream
        self._count: int | None = None
        self._unit = ""
        self._length = 0
        self._begun = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def count(self, number: int, unit: str) -> None:
        """Show how many of something are done."""
        self._count, self._unit = number, unit

    def change(self, doing: str) -> None:
        """Show that something else is done by now."""
        self.doing = doing

    def start(self) -> None:
        """Show the line from the time on that it takes long."""
        if self._stream is not None:
            self._thread.start()

    def stop(self) -> None:
        """Erase the line for good."""
        self._ended.set()
        if self._stream is not None:
            self._thread.join()
            with _lock:
                self.erase()

    def _run(self) -> None:
        if self._ended.wait(max(PAUSE, _begun + DELAY - time.monotonic())):
            return
        for frame in range(1 << 30):
            if not self._draw(_FRAMES[frame % len(_FRAMES)]) or self._ended.wait(INTERVAL):
                return

    def _draw(self, frame: str) -> bool:
        """Draw the line; return whether the terminal is still there."""
        width = _width(self._stream)
        done = "" if self._count is None else f", {self._count:,} {self._unit}"
        line = f"{frame} {self.doing}{done}, {time.monotonic() - self._begun:.0f} s"[: max(width - 1, 0)]
        with _lock:
            if self._stream is None or self._ended.is_set():
                return False
            try:
                self._stream.write("\r" + line.ljust(self._length) if width >= MIN_WIDTH else "")
                self._stream.flush()
            except (OSError, ValueError):  # the terminal was closed
                return False
            self._length = len(line) if width >= MIN_WIDTH else 0
        return True

    def erase(self) -> None:
        """Erase the line; it is drawn again, unless the step ends before."""
        if self._length and self._stream is not None:
            with contextlib.suppress(OSError, ValueError):
                self._stream.write("\r" + " " * self._length + "\r")
                self._stream.flush()
        self._length = 0


@contextlib.contextmanager
def show_progress(doing: str, *, prints: bool = False) -> Iterator[Progress]:
    """Show on a terminal what is done while the context lasts, if it takes long.

    Args:
        doing: What is done, such as `validating`.
        prints: Whether results are written to stdout meanwhile; where that is a terminal too, nothing else is shown.
    """
    quiet = prints and _is_terminal(sys.stdout)
    progress = Progress(doing, sys.stderr if _is_terminal(sys.stderr) and not quiet else None)
    _shown.append(progress)
    progress.start()
    try:
        yield progress
    finally:
        _shown.remove(progress)
        progress.stop()


@contextlib.contextmanager
def show_steps(doing: str) -> Iterator[None]:
    """Show on a terminal which step of a run on a cluster is at work, and how far the engine has come.

    Args:
        doing: What is done, such as `validating on the cluster`.
    """
    from glocal_rdf.cluster.steps import watch_steps

    with (
        show_progress(doing) as progress,
        watch_steps(lambda step: progress.change(f"{doing}, {step.describe()}")),
    ):
        yield


@contextlib.contextmanager
def hide_progress() -> Iterator[None]:
    """Erase the line, so that something can be printed while the context lasts."""
    with _lock:
        for progress in _shown:
            progress.erase()
        yield


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # it is closed
        return False


def _width(stream: TextIO | None) -> int:
    try:
        # Terminals that do not know their size say that it is 0.
        return 0 if stream is None else os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH
    except (OSError, ValueError):
        return DEFAULT_WIDTH
