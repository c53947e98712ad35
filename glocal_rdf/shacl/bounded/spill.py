"""Frames that are kept in files: each file is appended to, and read back frame by frame.

FOLDER/NAME        frames one after the other, each as an Arrow IPC stream after its length
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from glocal_rdf.errors import OutputError

__all__ = ["Spill"]

_LENGTH: Final = 8


class Spill:
    """Files of frames in a folder."""

    def __init__(self, folder: Path) -> None:
        """Keep files in a folder that is there."""
        self._folder = folder

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Add a frame to a file, which is made if missing; an empty frame is not added.

        Raises:
            OutputError: The file cannot be written.
        """
        if frame.is_empty():
            return
        buffer = io.BytesIO()
        # The older layout has the texts of these rows alone, and not those of all rows that they were taken from.
        frame.write_ipc_stream(buffer, compression="lz4", compat_level=pl.CompatLevel.oldest())
        data = buffer.getbuffer()
        try:
            with (self._folder / name).open("ab") as file:
                file.write(len(data).to_bytes(_LENGTH, "little"))
                file.write(data)
        except OSError as error:
            hint = "make room there, or name another folder in TMPDIR"
            raise OutputError.at(self._folder, f"cannot be written ({error.strerror or error})", hint) from error

    def read(self, name: str) -> Iterator[pl.DataFrame]:
        """Yield the frames of a file in the order in which they were added; none where there is no file."""
        try:
            file = (self._folder / name).open("rb")
        except FileNotFoundError:
            return
        with file:
            while head := file.read(_LENGTH):
                yield pl.read_ipc_stream(io.BytesIO(file.read(int.from_bytes(head, "little"))))

    def has(self, name: str) -> bool:
        """Return whether there is such a file."""
        return (self._folder / name).exists()

    def remove(self, name: str) -> None:
        """Remove a file, if there is one."""
        (self._folder / name).unlink(missing_ok=True)
