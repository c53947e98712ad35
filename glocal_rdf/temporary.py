"""Temporary folders that do not stay where their process is killed: the next one removes them.

A folder has a file that its process keeps locked as long as it lives. The system takes the lock off however the process
ends, so whoever makes another folder of the kind knows which ones nobody uses any more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

__all__ = ["HeldFolder", "lock_file"]

_HELD: Final = "held"
_YOUNG: Final = 60.0
"""How many seconds old a folder is at least that is removed: a younger one may not be locked yet."""


class HeldFolder:
    """A temporary folder that is removed with `remove`, or by the next one of its kind after this process has ended."""

    def __init__(self, kind: str) -> None:
        """Make the folder, and remove those of its kind that processes left behind which were killed.

        Args:
            kind: What the names of such folders begin with.

        Raises:
            OSError: Where the folder cannot be made.
        """
        self._outer = Path(tempfile.mkdtemp(prefix=kind))
        self._lock = (self._outer / _HELD).open("wb")
        lock_file(self._lock)
        _remove_left(self._outer.parent.glob(f"{kind}*"), os.fstat(self._lock.fileno()))
        self.path = self._outer / "files"
        self.path.mkdir()

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self._outer, ignore_errors=True)
        self._lock.close()


def _remove_left(folders: Iterable[Path], own: os.stat_result) -> None:
    """Remove those of some folders that nobody holds, and that are older than the one whose lock was just made."""
    for folder in folders:
        try:
            lock = folder / _HELD
            about = lock.lstat()
            if own.st_mtime - about.st_mtime < _YOUNG or about.st_uid != own.st_uid or folder.is_symlink():
                continue
            with lock.open("r+b") as file:
                if lock_file(file):
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # It is somebody else's, in use, or gone meanwhile.
            continue


def lock_file(file: IO[bytes]) -> bool:
    """Lock a file until this process ends or closes it; return whether the system can do that.

    Args:
        file: The file.

    Raises:
        BlockingIOError: Where another process has locked it.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        return False
    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True
