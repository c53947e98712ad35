"""Files: read whole, and written whole or not at all."""

from __future__ import annotations

import gzip
import os
import secrets
import stat
import zlib
from pathlib import Path
from typing import Final

from glocal_rdf.errors import InputError, OutputError

__all__ = ["read_bytes", "write_bytes"]

_MIB: Final = 1 << 20
_UNSUSPICIOUS: Final = 64 * _MIB
_LARGEST: Final = 16 << 30
_RATIO: Final = 200


def read_bytes(path: Path) -> bytes:
    """Read a file, unpacked when its name ends with `.gz`.

    Raises InputError when it is missing, not readable, a device (which may never end), no gzip file, or unpacks to more
    than anyone would pack.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise InputError.at(path, "is a device, not a file", "name a file, or - for standard input")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError.at(path, "no such file", "check the name") from error
    except IsADirectoryError as error:
        raise InputError.at(path, "is a folder, not a file", "name a file in it") from error
    except PermissionError as error:
        raise InputError.at(path, "may not be read", "allow reading it, or choose another file") from error
    except (OSError, ValueError) as error:
        raise InputError.at(path, f"cannot be read ({_tell(error)})", "check the name and the disk") from error
    return _unpack(data, path) if path.suffix.lower() == ".gz" else data


def _tell(error: OSError | ValueError) -> str:
    return str(getattr(error, "strerror", None) or error)


def _unpack(data: bytes, path: Path) -> bytes:
    """Unpack gzip, all its members; what grows over two-hundredfold beyond 64 MiB is a bomb, not a graph."""
    limit = min(_LARGEST, max(_UNSUSPICIOUS, _RATIO * len(data)))
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
        raise InputError.at(path, f"is no gzip file ({error})", "drop the ending .gz, or pack it again") from error
    return b"".join(parts)


def write_bytes(data: bytes, path: Path) -> None:
    """Write a file beside its place and rename it, so that there is the whole of it or what was there before.

    Packed when the name ends with `.gz`, with no time in it. Raises OutputError, and leaves nothing behind.
    """
    if path.suffix.lower() == ".gz":
        data = gzip.compress(data, compresslevel=6, mtime=0)
    try:
        if path.is_dir():
            raise OutputError.at(path, "is a folder, not a file", "name a file in it")
        # A link is followed: what it points to is replaced, not the link.
        target = Path(os.path.realpath(path))
        if path.is_relative_to("/dev") or (target.exists() and not target.is_file()):
            path.write_bytes(data)  # a pipe or a device: there is nothing to rename
        else:
            _replace(target, data)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise OutputError.at(path, "its folder does not exist", "make the folder first") from error
    except PermissionError as error:
        raise OutputError.at(path, "may not be written", "allow writing there, or choose another place") from error
    except (OSError, ValueError) as error:
        raise OutputError.at(
            path, f"cannot be written ({_tell(error)})", "make room, or choose another place"
        ) from error


def _replace(target: Path, data: bytes) -> None:
    beside = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            file.write(data)
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o7777)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
