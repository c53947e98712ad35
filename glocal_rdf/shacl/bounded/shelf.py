"""Frames by name, in memory up to a limit and beyond it in a temporary folder (`glocal_rdf.spill`)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from glocal_rdf.spill import FrameLog, Spill

__all__ = ["Shelf"]


class Shelf:
    """Frames in the order in which they were added, under names."""

    def __init__(self, spill: Spill) -> None:
        """Start without frames."""
        self._spill = spill
        self._logs: dict[str, FrameLog] = {}

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Add a frame under a name; an empty one is not added.

        Raises:
            OutputError: It cannot be written.
        """
        if frame.height:
            if name not in self._logs:
                self._logs[name] = FrameLog(self._spill)
            self._logs[name].append(frame)

    def read(self, name: str) -> Iterator[pl.DataFrame]:
        """Yield the frames under a name; none may be added to them meanwhile."""
        yield from self._logs.get(name, ())

    def remove(self, name: str) -> None:
        """Give up the frames under a name, if there are any."""
        log = self._logs.pop(name, None)
        if log is not None:
            log.remove()
