"""Files: read whole and within bounds, and written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import secrets
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from glocal_rdf.errors import InputError, OutputError

__all__ = [
    "cut_lines",
    "make_folder",
    "note_name",
    "open_input",
    "open_output",
    "pack",
    "read_bytes",
    "read_lines",
    "refuse_overwriting",
    "remove_unfinished",
    "watch_opened",
    "write_bytes",
]

_MIB: Final = 1 << 20
_UNSUSPICIOUS: Final = 64 * _MIB
MAX_SIZE: Final = 16 << 30
"""How many bytes of a file, unpacked, are read at most."""

_LONGEST_LINE: Final = 512 * _MIB
_RATIO: Final = 200
_KINDS: Final = (
    (stat.S_ISDIR, "is a folder, not a file", "name a file in it"),
    (stat.S_ISFIFO, "is a pipe, not a regular file", "save what it gives as a file"),
    (stat.S_ISSOCK, "is a socket, not a file", "name a file"),
)
_unfinished: set[Path] = set()
"""Files that are being written beside their place."""

_watchers: list[Callable[[str], object]] = []
"""What is called with the name of each file that is opened, before it is."""


def read_bytes(path: Path, limit: int = MAX_SIZE) -> bytes:
    """Read a file, unpacked when its name ends with `.gz`.

    Args:
        path: The file.
        limit: The bytes that it may have.

    Raises:
        InputError: Where it is missing, not readable, not a regular file (a device, pipe or socket may never end),
            longer than `limit`, not a gzip file, or unpacks to more than anyone would pack.
    """
    with open_input(path) as file:
        try:
            # As many bytes as the file has: memory for the limit is not there on every machine.
            parts = [file.read(min(limit, os.fstat(file.fileno()).st_size) + 1)]
            left = limit + 1 - len(parts[0])
            while left and (more := file.read(min(left, 16 * _MIB))):
                parts.append(more)
                left -= len(more)
            data = b"".join(parts)
        except (OSError, ValueError) as error:
            raise InputError.at(path, f"cannot be read ({_tell(error)})", "check the name and the disk") from error
        except (MemoryError, OverflowError) as error:
            raise InputError.at(path, "is larger than the memory", "split it, or use a machine with more") from error
    if len(data) > limit:
        raise InputError.at(path, f"is longer than {max(limit // _MIB, 1)} MiB", "split it")
    return _unpack(data, path) if path.suffix.lower() == ".gz" else data


def read_lines(path: Path, size: int) -> Iterator[bytes]:
    """Yield a file of text in blocks of about a size, each of whole lines, without a byte-order mark.

    Args:
        path: The file; unpacked when its name ends with `.gz`.
        size: The bytes of a block; a line that is longer is a block of its own.

    Raises:
        InputError: Where it cannot be read, is not a gzip file, or has a line that fits no memory.
    """
    packed = path.suffix.lower() == ".gz"
    with open_input(path) as raw, gzip.GzipFile(fileobj=raw) if packed else raw as file:
        first, filled, buffer = True, 0, bytearray(size)
        while True:
            try:
                count = file.readinto(memoryview(buffer)[filled:])
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise InputError.at(path, f"is not a whole gzip file ({error})", "pack it again") from error
            filled += count or 0
            cut = buffer.rfind(b"\n", 0, filled) + 1 if count else filled
            if cut:
                block = bytes(memoryview(buffer)[:cut])
                yield block.removeprefix(b"\xef\xbb\xbf") if first else block
                first = False
                buffer[: filled - cut] = buffer[cut:filled]
                filled -= cut
            if not count:
                break
            if filled > _LONGEST_LINE:
                raise InputError.at(path, f"has a line of over {_LONGEST_LINE // _MIB} MiB", "is it N-Triples?")
            if filled == len(buffer):
                buffer.extend(bytes(filled))


def cut_lines(data: bytes, size: int) -> Iterator[bytes]:
    """Yield a text in blocks of about a size, each of whole lines, as `read_lines` does a file."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + size - 1) + 1 or len(data)
        yield data[start:end]
        start = end


def open_input(path: Path) -> io.BufferedReader:
    """Open a regular file to read, without ever waiting for one.

    Pipes are read where a shell made them (`<(command)`, /dev/fd/63), not where they stand in a folder.

    Raises:
        InputError: Where there is none to read.
    """
    note_name(path)
    try:
        # Not to block: to open a pipe waits until somebody writes to it.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        raise InputError.at(path, "no such file", "check the name") from error
    except IsADirectoryError as error:
        raise InputError.at(path, "is a folder, not a file", "name a file in it") from error
    except PermissionError as error:
        raise InputError.at(path, "may not be read", "allow reading it, or choose another file") from error
    except (OSError, ValueError) as error:
        if getattr(error, "errno", 0) in {errno.ENXIO, getattr(errno, "EOPNOTSUPP", 0)}:
            raise InputError.at(path, "is a socket or device, not a file", "name a file") from error
        raise InputError.at(_cut(path), f"cannot be read ({_tell(error)})", "check the name and the disk") from error
    try:
        mode = os.fstat(number).st_mode
        by_shell = stat.S_ISFIFO(mode) and path.parent in {Path("/dev/fd"), Path("/proc/self/fd")}
        if not stat.S_ISREG(mode) and not by_shell:
            for is_kind, what, hint in _KINDS:
                if is_kind(mode):
                    raise InputError.at(path, what, hint)
            raise InputError.at(path, "is a device, not a file", "name a file, or - for standard input")
        if hasattr(os, "set_blocking"):
            os.set_blocking(number, True)
        return io.BufferedReader(_Input(number, path))
    except BaseException:
        os.close(number)
        raise


@contextlib.contextmanager
def watch_opened(watcher: Callable[[str], object]) -> Iterator[None]:
    """Call a function with the absolute name of each file that is opened or looked for while the context lasts.

    It is called before the file is opened, and in the thread that opens it.
    """
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def note_name(path: Path) -> None:
    """Report the name of a file that is opened, or looked for, to those who watch."""
    for watcher in tuple(_watchers):
        watcher(os.path.abspath(path))  # noqa: PTH100 - links stay


class _Input(io.FileIO):
    """A file that is named where reading it fails, which may be late, on a bad disk or a network drive."""

    def __init__(self, number: int, path: Path) -> None:
        """Read from an open file, and close it in the end."""
        super().__init__(number, "rb")
        self._path = path

    def readinto(self, buffer: Any, /) -> int | None:
        """Read some bytes.

        Raises:
            InputError: Where that fails.
        """
        try:
            return super().readinto(buffer)
        except OSError as error:
            what = f"cannot be read ({_tell(error)})"
            raise InputError.at(_cut(self._path), what, "check the name and the disk") from error

    def readall(self) -> bytes:
        """Read all bytes.

        Raises:
            InputError: Where that fails.
        """
        try:
            return super().readall()
        except OSError as error:
            what = f"cannot be read ({_tell(error)})"
            raise InputError.at(_cut(self._path), what, "check the name and the disk") from error


def _cut(path: Path) -> str:
    """Name a path in a message; a name too long for the file system is cut."""
    name = str(path)
    return name if len(name) <= 200 else name[:199] + "…"


def _tell(error: OSError | ValueError) -> str:
    """Return what happened; errors that were raised outside of Python end with their number."""
    return str(getattr(error, "strerror", None) or error).partition(" (os error ")[0]


def _unpack(data: bytes, path: Path) -> bytes:
    """Unpack gzip, all its members; what grows over two-hundredfold beyond 64 MiB is a bomb, not a graph."""
    limit = min(MAX_SIZE, max(_UNSUSPICIOUS, _RATIO * len(data)))
    parts: list[bytes] = []
    size = 0
    try:
        while data or not parts:
            member = zlib.decompressobj(wbits=31)
            parts.append(member.decompress(data, limit - size + 1))
            size += len(parts[-1])
            if size > limit:
                raise InputError.at(
                    path, f"unpacks to over {limit // _MIB} MiB", "if that is right, unpack it yourself"
                )
            if not member.eof:
                raise InputError.at(path, "the gzip file ends too early", "fetch or pack it again")
            data = member.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise InputError.at(path, f"is not a gzip file ({error})", "drop the ending .gz, or pack it again") from error
    return b"".join(parts)


def pack(data: bytes) -> bytes:
    """Pack bytes by gzip, with no name and no time in it, so that they are the same on every run.

    Args:
        data: The bytes.
    """
    stream = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, stream, 0) as packed:
        packed.write(data)
    return stream.getvalue()


def write_bytes(data: bytes, path: Path) -> None:
    """Write a file beside its place and rename it, so that there is the whole of it or what was there before.

    Packed when the name ends with `.gz`, with no time in it.

    Args:
        data: The content.
        path: The file.

    Raises:
        OutputError: Where it cannot be written; nothing is left behind then.
    """
    with open_output(path) as file:
        file.write(data)


@contextlib.contextmanager
def open_output(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write in parts; it stands in its place, whole, once the block ends without an exception.

    A link is followed, and a pipe or device is written through, as there is nothing to rename. What is there keeps its
    permissions and owner. Packed when the name ends with `.gz`, with no time in it.

    Raises:
        OutputError: Where it cannot be written; nothing is left behind then.
    """
    try:
        if path.is_dir():
            raise OutputError.at(path, "is a folder, not a file", "name a file in it")
        target = _follow(path)
    except (OSError, ValueError) as error:
        raise _refuse(path, error) from error
    try:
        with open(path, "wb") if target is None else _beside(target) as raw:  # noqa: PTH123
            if path.suffix.lower() == ".gz":
                with gzip.GzipFile("", "wb", 6, raw, 0) as packed:
                    yield packed  # type: ignore[misc]
            else:
                yield raw
    except OSError as error:
        raise _refuse(path, error) from error


def _refuse(path: Path, error: OSError | ValueError) -> OutputError:
    """Return why a file cannot be written."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return OutputError.at(path, "its folder does not exist", "make the folder first")
    if isinstance(error, PermissionError):
        return OutputError.at(path, "may not be written", "allow writing there, or choose another place")
    return OutputError.at(_cut(path), f"cannot be written ({_tell(error)})", "make room, or choose another place")


def _follow(path: Path) -> Path | None:
    """Find the regular file that a name leads to, there or not yet; None where it is to be written through."""
    here = Path(os.path.abspath(path))  # noqa: PTH100 - links stay
    for _ in range(40):
        if here.is_relative_to("/proc") or (here.is_relative_to("/dev") and not here.is_relative_to("/dev/shm")):  # noqa: S108
            return None
        if not here.is_symlink():
            break
        here = here.parent / here.readlink()
    else:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    target = Path(os.path.realpath(path))
    return target if target.is_file() or not target.exists() else None


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[BinaryIO]:
    """Write a file of a name of its own in the folder of `target`, and rename it there at the end."""
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    beside = target.with_name(f".{secrets.token_hex(8)}.part")
    _unfinished.add(beside)
    try:
        with beside.open("x+b") as file:
            yield file
        if target.exists():
            _keep_owner(target.stat(), beside)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    finally:
        _unfinished.discard(beside)


def _keep_owner(old: os.stat_result, beside: Path) -> None:
    """Set the permissions of a file to those of the one that it replaces, and its owner where that is allowed."""
    if hasattr(os, "chown") and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):
            os.chown(beside, old.st_uid, old.st_gid)
    beside.chmod(stat.S_IMODE(old.st_mode))


def remove_unfinished() -> None:
    """Remove what is being written beside its place, where the process ends without an exception."""
    for path in tuple(_unfinished):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def make_folder(folder: Path) -> Path:
    """Make a folder to write to, and those above it; return it.

    Raises:
        OutputError: Where it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError.at(folder, f"cannot be made: {error.strerror}", "name another folder with -o") from error
    return folder


def refuse_overwriting(output: Path | None, *inputs: Path | None) -> None:
    """Refuse to write a file that the result is made of.

    Args:
        output: The file to write; None for stdout.
        *inputs: What is read.

    Raises:
        OutputError: Where it is one of them, by whatever name or link.
    """
    if output is None or str(output) == "-" or not output.is_file():
        return
    for path in inputs:
        if path is not None and path.is_file() and path.samefile(output):
            raise OutputError.at(output, "is what the result is made of, and would be overwritten", "name another file")
