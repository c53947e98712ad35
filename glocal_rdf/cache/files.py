"""The files of an entry: JSON and frames, each with a checksum, so that a damaged one is never taken for a result."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from glocal_rdf.cache.inputs import FileState, InputReader
from glocal_rdf.lazy import pl

__all__ = ["DamagedError", "check_files", "list_files", "read_frame", "read_json", "write_frame", "write_json"]

_SIZE: Final = 20


class DamagedError(Exception):
    """A file of an entry is missing, or is not what was written."""


def write_json(path: Path, record: Mapping[str, Any]) -> None:
    """Write a JSON object.

    Raises:
        OSError: Where it cannot be written.
    """
    _write(path, json.dumps(record, ensure_ascii=True).encode())


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        DamagedError: Where it is damaged or missing.
    """
    record = json.loads(_read(path))
    if not isinstance(record, dict):
        raise DamagedError(str(path))
    return record


def write_frame(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame (Arrow IPC, compressed).

    Raises:
        OSError: Where it cannot be written.
    """
    out = io.BytesIO()
    frame.write_ipc(out, compression="lz4")
    _write(path, out.getvalue())


def read_frame(path: Path) -> pl.DataFrame:
    """Read a frame.

    Raises:
        DamagedError: Where it is damaged or missing.
    """
    data = _read(path)
    try:
        return pl.read_ipc(data)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise DamagedError(str(path)) from error


def list_files(folder: Path) -> dict[str, Any]:
    """Return the files of a folder with their states, as a JSON object.

    Raises:
        OSError: Where it cannot be read.
    """
    reader = InputReader()
    states = {path.name: reader.read_file(str(path)) for path in sorted(folder.iterdir())}
    return {name: [state.digest, list(state.stamp), state.read] for name, state in states.items()}


def check_files(folder: Path, record: Mapping[str, Any]) -> None:
    """Check that a folder has the files that `list_files` listed, as they were.

    Raises:
        DamagedError: Where it does not.
    """
    reader = InputReader()
    try:
        found = {path.name for path in folder.iterdir()}
        same = found == record.keys() and all(
            reader.read_file(str(folder / name), FileState(digest, tuple(stamp), read)).digest == digest
            for name, (digest, stamp, read) in record.items()
        )
    except (OSError, AttributeError, TypeError, ValueError) as error:
        raise DamagedError(str(folder)) from error
    if not same:
        raise DamagedError(str(folder))


def _write(path: Path, data: bytes) -> None:
    """Write bytes after their checksum."""
    with path.open("xb") as file:
        file.write(hashlib.blake2b(data, digest_size=_SIZE).digest())
        file.write(data)


def _read(path: Path) -> bytes:
    """Read bytes that have the checksum which is written before them."""
    try:
        with path.open("rb") as file:
            checksum, data = file.read(_SIZE), file.read()
    except OSError as error:
        raise DamagedError(str(path)) from error
    if hashlib.blake2b(data, digest_size=_SIZE).digest() != checksum:
        raise DamagedError(str(path))
    return data
