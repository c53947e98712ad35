"""Prepares the standard streams: stdout is written whole or the run fails, and escapes what its encoding does not have.

Python's own stdout loses the rest of a short write where it is not buffered (PYTHONUNBUFFERED), is None where it is
closed, and raises where its encoding does not have a character. Here a write error is an OutputError, a reader that
closed the pipe is not an error (further output is discarded, so that the exit code is that of the whole run), and a
character that cannot be encoded is written as an escape and counted.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from typing import Any, Final, TextIO

from glocal_rdf.errors import OutputError

__all__ = ["flush_output", "open_streams"]

_ESCAPES: Final = "glocal.escapes"
_PLAIN: Final = str.maketrans({"…": "...", "–": "-", "—": "-", "─": "-", "“": '"', "”": '"', "‘": "'", "’": "'"})
_MAX_DISCARDED: Final = 64 << 20
"""How many bytes are discarded after the reader closed the pipe, before the run is ended."""

_escaped: list[int] = []
"""How many characters were written as escapes, each time."""


class _Output(io.RawIOBase):
    """The raw stream under stdout: everything is written, or OutputError raised."""

    def __init__(self, raw: Any) -> None:
        """Write to a raw stream; None means that it is closed."""
        super().__init__()
        self._raw = raw
        self._closed_by_reader = False
        self._discarded = 0

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._raw is not None and bool(self._raw.isatty())

    def fileno(self) -> int:
        if self._raw is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return int(self._raw.fileno())

    def write(self, data: Any, /) -> int:
        """Write everything.

        Raises:
            OutputError: Once; output after it is discarded.
        """
        view = memoryview(data).cast("B")
        if self._closed_by_reader:
            return self._discard(len(view))
        if self._raw is None:
            self._closed_by_reader = True
            raise OutputError.at("stdout", "is closed, so that the result cannot be written", "write to a file with -o")
        left = view
        try:
            while left:
                left = left[self._raw.write(left) or 0 :]
        except BrokenPipeError:
            self._closed_by_reader = True
            return self._discard(len(view))
        except OSError as error:
            if error.errno == errno.EINVAL and sys.platform == "win32":  # Windows reports a closed pipe like this
                self._closed_by_reader = True
                return self._discard(len(view))
            self._closed_by_reader = True
            what = f"cannot be written ({error.strerror or error})"
            raise OutputError.at("stdout", what, "make room, or write to a file with -o") from error
        return len(view)

    def _discard(self, size: int) -> int:
        if self._discarded > _MAX_DISCARDED:
            raise BrokenPipeError
        self._discarded += size
        return size


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace characters that an encoding does not have by ASCII punctuation or escapes, and count the escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = error.object[error.start : error.end]
    shown = part.translate(_PLAIN)
    if not shown.isascii():
        _escaped.append(sum(not letter.isascii() for letter in shown))
    return shown.encode("ascii", "backslashreplace").decode("ascii"), error.end


def open_streams() -> None:
    """Replace stdout by one that is written whole or fails, and let stderr escape what it cannot encode."""
    codecs.register_error(_ESCAPES, _escape)
    # A file that is opened while descriptor 0, 1 or 2 is closed would get its number, and the output meant for it.
    for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None and not _is_open(number):
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open as long as the process
    elif isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    sys.stdout = _wrap(sys.stdout)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _wrap(stdout: TextIO | None) -> io.TextIOWrapper:
    if stdout is None:
        return io.TextIOWrapper(io.BufferedWriter(_Output(None)), encoding="utf-8")
    buffer: Any = getattr(stdout, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    encoding = stdout.encoding or "utf-8"
    lines = bool(getattr(stdout, "line_buffering", False)) or raw.isatty()
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(raw), 1 << 16), encoding=encoding, errors=_ESCAPES, newline=None, line_buffering=lines
    )


def flush_output() -> str:
    """Flush stdout; return a warning if characters were written as escapes, else the empty text.

    Raises:
        OutputError: Where stdout is closed or full.
    """
    sys.stdout.flush()
    count = sum(_escaped)
    _escaped.clear()
    if not count:
        return ""
    return (
        f"warning: stdout: its encoding {sys.stdout.encoding} does not have {count} characters, which were written as "
        "escapes; set PYTHONIOENCODING=utf-8"
    )
