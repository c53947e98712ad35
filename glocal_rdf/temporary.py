"""Folders that do not stay where their process is killed: the next one that makes such a folder removes them.

    PLACE/NAME/…       the folder
    PLACE/NAME.lock    locked by its process as long as that lives

The system takes the lock off however a process ends, so whoever makes another folder knows which ones nobody uses any
more. No lock is waited for.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import weakref
from pathlib import Path

__all__ = ["HeldFolder", "lock_file"]


class HeldFolder:
    """A folder that is removed with `cleanup`, with this object, or by the next one of its kind after a kill."""

    def __init__(self, kind: str = "", *, place: Path | None = None) -> None:
        """Make the folder, and remove those of its kind that processes left behind which were killed.

        Args:
            kind: What the names of such folders begin with.
            place: Where they are; by default among the temporary files of the system.

        Raises:
            OSError: Where the folder cannot be made.
        """
        place = Path(tempfile.gettempdir()) if place is None else place
        _sweep(place, kind)
        self.path = place / f"{kind}{secrets.token_hex(8)}"
        # The lock is there before the folder, so that nobody takes the folder for one that was left.
        lock = os.open(_lock_of(self.path), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._finalizer = weakref.finalize(self, _release, self.path, lock)
        try:
            lock_file(lock)
            self.path.mkdir(mode=0o700)
        except BaseException:
            self.cleanup()
            raise

    def cleanup(self) -> None:
        """Remove the folder; what reads its files already goes on."""
        self._finalizer()


def lock_file(descriptor: int) -> bool:
    """Lock a file until this process ends or closes it; return whether the system can do that.

    Args:
        descriptor: The descriptor of the open file.

    Raises:
        BlockingIOError: Where somebody has locked it.
    """
    if sys.platform == "win32":
        return False
    import fcntl  # noqa: PLC0415 - there is none on Windows

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _sweep(place: Path, kind: str) -> None:
    """Remove what processes have left that were killed."""
    for folder in [one for one in place.glob(f"{kind}*") if one.is_dir()]:
        with contextlib.suppress(OSError):  # It is somebody else's, in use, or gone meanwhile.
            lock = os.open(_lock_of(folder), os.O_RDWR)
            try:
                if os.fstat(lock).st_uid == folder.lstat().st_uid and lock_file(lock):
                    _remove(folder)
            finally:
                os.close(lock)


def _release(folder: Path, lock: int) -> None:
    _remove(folder)
    os.close(lock)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        _lock_of(folder).unlink()
