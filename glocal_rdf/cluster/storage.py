"""Reads and writes files at addresses that every machine of a cluster reaches: s3://, hdfs://, gs://, or a path.

All of it goes through the file systems of Arrow, here and on the workers, with the credentials that each finds in its
own environment. A path is one that all machines have in common; with one machine any path is.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from glocal_rdf.errors import InputError, OutputError

__all__ = [
    "MARKER",
    "StoredFile",
    "beside",
    "count_line_ends",
    "has_scheme",
    "join",
    "list_files",
    "list_names",
    "make_name",
    "name_of",
    "open_stream",
    "read_bytes",
    "read_lines",
    "read_marker",
    "read_range",
    "remove_folder",
    "replace_folder",
    "size_of",
    "split_options",
    "write_bytes",
]

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_BLOCK: Final = 8 << 20
_PIECE: Final = 64 << 10
MARKER: Final = "_SUCCESS"
"""The name of the file by which a folder is known to be whole, as engines name it."""

_NOTES: Final = re.compile(r"_SUCCESS|_(?:committed|started)_.*|_(?:common_)?metadata|\..*\.crc")
"""What engines write beside the files of a folder that are data."""

_STORES: Final = ("s3", "gcs", "abfs")
"""The file systems that have no folders to rename."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file at an address, with its size in bytes."""

    address: str
    size: int


def has_scheme(address: str) -> bool:
    """Return whether an address names its file system; a path does not.

    Examples:
        >>> has_scheme("s3://bucket/key"), has_scheme("C:/data.csv")
        (True, False)
    """
    return bool(_SCHEME.match(address))


def split_options(address: str) -> tuple[str, str]:
    """Return an address of a file system, and the options that it ends with, with their `?`; a path has none.

    Examples:
        >>> split_options("s3://bucket/key?scheme=http&endpoint_override=localhost:9000")
        ('s3://bucket/key', '?scheme=http&endpoint_override=localhost:9000')
    """
    if not has_scheme(address):
        return address, ""
    base, mark, options = address.partition("?")
    return base, mark + options


def join(address: str, name: str) -> str:
    """Return the address of a file in a folder.

    Examples:
        >>> join("s3://bucket/out/", "part.nt"), join("out", "part.nt")
        ('s3://bucket/out/part.nt', 'out/part.nt')
    """
    base, options = split_options(address)
    return f"{base.rstrip('/')}/{name}{options}"


def beside(address: str, ending: str) -> str:
    """Return the address of what is beside a file or folder, by an ending of the name.

    Examples:
        >>> beside("s3://bucket/out/", ".tmp")
        's3://bucket/out.tmp'
    """
    base, options = split_options(address)
    return f"{base.rstrip('/')}{ending}{options}"


def name_of(address: str) -> str:
    """Return the name of a file without its folder."""
    return split_options(address)[0].rstrip("/").rpartition("/")[2]


def make_name(start: str) -> str:
    """Return a name for a file that no other file has: a task that is tried again writes others.

    Args:
        start: What the name begins with.
    """
    return f"{start}-{uuid.uuid4().hex}"


def size_of(address: str) -> int:
    """Return how many bytes a file has.

    Raises:
        InputError: Where there is no file that can be read.
    """
    info = _get_info(address)
    if info.type.name != "File":
        what = "no such file" if info.type.name == "NotFound" else "is a folder, not a file"
        raise InputError.at(address, what, "check the name")
    return int(info.size)


def list_names(address: str) -> list[str] | None:
    """Return the names of all that is in a folder, those of folders with a `/`; None where there is nothing.

    Raises:
        InputError: Where it cannot be read, or is a file.
    """
    kind = _get_info(address).type.name
    if kind == "NotFound":
        return None
    if kind == "File":
        raise InputError.at(address, "is a file", "name a folder")
    return [one.base_name + ("/" if one.type.name == "Directory" else "") for one in _list_folder(address)]


def list_files(address: str) -> list[StoredFile]:
    """Return the files of a folder by name, but for what engines note there (`_SUCCESS`); or a file alone.

    Raises:
        InputError: Where there is nothing, or it cannot be read; where the folder has what would be left out: folders,
            and other files whose names begin with `_` or `.`, which engines do not read; and where it lacks a part
            that its marker lists.
    """
    info = _get_info(address)
    if info.type.name == "File":
        return [StoredFile(address, int(info.size))]
    if info.type.name == "NotFound":
        raise InputError.at(address, "no such file", "check the name")
    found = [one for one in _list_folder(address) if not _NOTES.fullmatch(one.base_name)]
    for one in found:
        if one.type.name == "Directory":
            what = f"has a folder, {one.base_name}, in it, which would not be read"
            raise InputError.at(address, what, "put the files into one folder, or name the inner one")
        if one.base_name.startswith(("_", ".")):
            what = f"has a file, {one.base_name}, whose name engines keep for files that are not data"
            raise InputError.at(address, what, "give it another name, or take it out")
    listed = read_marker(address)
    if listed is not None and (missing := sorted(set(listed) - {one.base_name for one in found})):
        raise InputError.at(address, f"lacks {missing[0]}, which its {MARKER} lists", "write or copy it again")
    return [StoredFile(join(address, one.base_name), int(one.size)) for one in found]


def read_marker(address: str) -> list[str] | None:
    """Return the names of the parts that the marker of a folder lists.

    Returns:
        The names; none where the marker is that of another engine; None where there is no marker.
    """
    marker = join(address, MARKER)
    if _get_info(marker).type.name != "File":
        return None
    try:
        return [str(name) for name in json.loads(read_bytes(marker))["parts"]]
    except (ValueError, KeyError, TypeError):
        return []


def _list_folder(address: str) -> list[Any]:
    from pyarrow import fs  # noqa: PLC0415 - of the extra

    system, path = _resolve(address)
    with _reading(address):
        return sorted(system.get_file_info(fs.FileSelector(path)), key=lambda one: str(one.base_name))


def read_range(address: str, start: int, stop: int) -> bytes:
    """Return the bytes of a file from an offset to another.

    Args:
        address: The file.
        start: The offset of the first byte.
        stop: The offset after the last one.

    Raises:
        InputError: Where it cannot be read.
    """
    system, path = _resolve(address)
    with _reading(address), system.open_input_file(path) as file:
        file.seek(start)
        return bytes(file.read(max(stop - start, 0)))


def read_lines(address: str, start: int, stop: int) -> tuple[int, bytes]:
    """Return the lines of a file that begin in a range, whole, and where the first of them begins.

    Ranges that follow each other have each line once.

    Args:
        address: The file.
        start: The offset that the range begins at.
        stop: The offset that it ends before.

    Raises:
        InputError: Where it cannot be read.
    """
    system, path = _resolve(address)
    with _reading(address), system.open_input_file(path) as file:
        file.seek(max(start - 1, 0))
        data = bytes(file.read(stop - max(start - 1, 0)))
        parts = [data]
        # The last line goes on behind the range, unless it ends right before that.
        while data and not data.endswith(b"\n"):
            data = bytes(file.read(_PIECE))
            at = data.find(b"\n")
            if at >= 0:
                parts.append(data[: at + 1])
                break
            parts.append(data)
    joined = b"".join(parts)
    if start == 0:
        return 0, joined
    at = joined.find(b"\n") + 1
    begin = start - 1 + at
    return (begin, joined[at:]) if at and begin < stop else (stop, b"")


def count_line_ends(address: str, stop: int) -> int:
    """Return how many lines end before an offset of a file."""
    count = at = 0
    while at < stop:
        data = read_range(address, at, min(at + _BLOCK, stop))
        if not data:
            break
        count += data.count(b"\n")
        at += len(data)
    return count


def read_bytes(address: str) -> bytes:
    """Return a file whole, unpacked when its name ends with `.gz`.

    Raises:
        InputError: Where it cannot be read.
    """
    with open_stream(address) as file, _reading(address):
        data = file.read()
    if not name_of(address).lower().endswith(".gz"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError.at(address, f"is not a whole gzip file ({error})", "pack it again") from error


def open_stream(address: str) -> BinaryIO:
    """Open a file to read.

    Raises:
        InputError: Where it cannot be read.
    """
    system, path = _resolve(address)
    with _reading(address):
        return cast("BinaryIO", io.BufferedReader(_Raw(system.open_input_file(path)), _BLOCK))


class _Raw(io.RawIOBase):
    """A file of Arrow as one of Python."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that any offset can be gone to."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer; return how many bytes."""
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to an offset; return it."""
        self._file.seek(offset, whence)
        return int(self._file.tell())

    def tell(self) -> int:
        """Return the offset."""
        return int(self._file.tell())

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._file.close()
        super().close()


def write_bytes(address: str, data: bytes) -> None:
    """Write a file whole, with its folder.

    Raises:
        OutputError: Where it cannot be written.
    """
    system, path = _resolve(address)
    with _writing(address):
        if not has_scheme(address):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        with system.open_output_stream(path) as file:
            file.write(data)


def replace_folder(source: str, target: str, names: Mapping[str, str], content: bytes) -> None:
    """Put files of a folder in the place of another one, and at last a marker, without which it is not whole.

    On a file system that has folders, the new one is made whole before the other is removed, and renamed. Object stores
    have none to rename: there the other is removed, and then each file is copied.

    Args:
        source: The folder that they are in.
        target: The folder that they will be in.
        names: Their names there by their names here.
        content: What the marker says.

    Raises:
        OutputError: Where it cannot be written.
    """
    system, path = _resolve(source)
    place = _resolve(target)[1]
    if system.type_name in _STORES:
        remove_folder(target)
        with _writing(target):
            for one, other in names.items():
                system.copy_file(f"{path}/{one}", f"{place}/{other}")
        write_bytes(join(target, MARKER), content)
        return
    made = f"{path}.done"
    with _writing(target):
        system.create_dir(made)
        for one, other in names.items():
            system.move(f"{path}/{one}", f"{made}/{other}")
        with system.open_output_stream(f"{made}/{MARKER}") as file:
            file.write(content)
        system.create_dir(place.rpartition("/")[0] or "/")
        remove_folder(target)
        system.move(made, place)


def remove_folder(address: str) -> None:
    """Remove a folder with all that is in it; nothing where there is none.

    Raises:
        OutputError: Where it cannot be removed.
    """
    system, path = _resolve(address)
    with _writing(address):
        if system.get_file_info(path).type.name == "Directory":
            system.delete_dir(path)


def _get_info(address: str) -> Any:
    system, path = _resolve(address)
    with _reading(address):
        return system.get_file_info(path)


def _resolve(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it.

    Raises:
        InputError: Where there is no such file system here.
    """
    try:
        from pyarrow import fs  # noqa: PLC0415 - of the extra
    except ImportError as error:
        hint = "install the extra: pip install 'glocal-rdf[cluster]'"
        raise OutputError.at("cluster", f"needs more packages ({error})", hint) from error
    if not has_scheme(address):
        return fs.LocalFileSystem(), str(Path(address).absolute())
    try:
        found: tuple[Any, str] = fs.FileSystem.from_uri(address)
    except (OSError, ValueError, NotImplementedError) as error:
        hint = "write s3://BUCKET/KEY, hdfs://HOST/PATH, gs://BUCKET/KEY or a path"
        raise InputError.at(address, f"cannot be reached ({_shorten(error)})", hint) from error
    return found


@contextmanager
def _reading(address: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError.at(address, "no such file", "check the name") from error
    except (OSError, ValueError) as error:
        hint = "check the name and who may read it"
        raise InputError.at(address, f"cannot be read ({_shorten(error)})", hint) from error


@contextmanager
def _writing(address: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise OutputError.at(
            address, f"cannot be written ({_shorten(error)})", "check the name and who may write"
        ) from error


def _shorten(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
