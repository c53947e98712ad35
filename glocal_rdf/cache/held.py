"""Holds the files of an entry while they are used: a second name for each, so that the entry may be removed meanwhile.

    FOLDER/held/NAME/…       the second names
    FOLDER/held/NAME.lock    locked by the process that uses them

The second names are in the folder of the cache, whose file system has the entry. What a process has left that was ended
by force is removed by the next that holds something: its lock is free. No lock is waited for.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import Final

__all__ = ["Held", "hold", "name_again"]

_HELD: Final = "held"


class Held:
    """The second names of some files."""

    def __init__(self, folder: Path, lock: int) -> None:
        """Take over what `hold` made.

        Args:
            folder: The folder of the second names.
            lock: The descriptor of the lock.
        """
        self.folder = folder
        self._lock: int | None = lock

    def cleanup(self) -> None:
        """Remove the second names; what reads the files already goes on."""
        lock, self._lock = self._lock, None
        if lock is not None:
            _remove(self.folder)
            os.close(lock)


def hold(cache: Path, stored: Path) -> Held | None:
    """Give the files of a folder second names in the cache.

    Args:
        cache: The folder of the cache.
        stored: The folder of the files.

    Returns:
        The second names; None where the files are not there any more.

    Raises:
        OSError: Where they cannot be made.
    """
    place = cache / _HELD
    place.mkdir(mode=0o700, exist_ok=True)
    _sweep(place)
    folder = place / secrets.token_hex(8)
    # The lock is there before the folder, so that nobody takes the folder for one that was left.
    lock = os.open(_lock_of(folder), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _is_free(lock)
        folder.mkdir(mode=0o700)
        if name_again(stored, folder):
            return Held(folder, lock)
    except BaseException:
        _remove(folder)
        os.close(lock)
        raise
    _remove(folder)
    os.close(lock)
    return None


def name_again(stored: Path, folder: Path) -> bool:
    """Give files a second name in another folder, or copy them; return whether they are still there.

    Args:
        stored: The folder of the files.
        folder: The other folder, which is empty, also afterwards where they are not there.

    Raises:
        OSError: Where they can be neither named nor copied.
    """
    try:
        for file in stored.iterdir():
            try:
                os.link(file, folder / file.name)
            except OSError:
                shutil.copyfile(file, folder / file.name)
    except FileNotFoundError:
        for file in folder.iterdir():
            file.unlink()
        return False
    return True


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _is_free(lock: int) -> bool:
    """Lock a file, and return whether nobody else had."""
    if sys.platform == "win32":
        return False  # what was left stays
    import fcntl  # noqa: PLC0415 - there is none on Windows

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sweep(place: Path) -> None:
    """Remove what processes have left that were ended."""
    for folder in [one for one in place.iterdir() if one.is_dir()]:
        with contextlib.suppress(OSError):
            lock = os.open(_lock_of(folder), os.O_RDWR)
            try:
                if _is_free(lock):
                    _remove(folder)
            finally:
                os.close(lock)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        _lock_of(folder).unlink()
