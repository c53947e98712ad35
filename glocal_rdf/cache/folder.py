"""Keeps results in a folder of the user's, safe for several processes, and bounded in size.

    FOLDER/KIND/KEY/NAME/…     an entry: a folder of files that is never changed; parts may be added to it
    FOLDER/unfinished/…        what is being written

An entry is written beside its place and renamed, so that it is there as a whole or not at all; of two processes that
write the same one the first wins. There are no locks, which could hang: who reads an entry that is removed at the same
time finds a file missing, and goes on as if there had been none. Whatever fails here (no room, no rights, a damaged
entry) means that there is no cache, and never that a command fails.

What others could have written is not trusted: the folder must be the user's own, and nobody else may write to it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

__all__ = ["LIMIT", "Cache", "find_cache_folder"]

LIMIT: Final = 2 << 30
"""How many bytes the cache may have by default."""

ENTRIES_PER_KEY: Final = 4
"""How many entries of one key are kept: states of the same project."""

ABANDONED: Final = 3600
"""After how many seconds something unfinished is taken for abandoned."""

_UNFINISHED: Final = "unfinished"


def find_cache_folder(environment: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return the folder of the cache: GLOCAL_CACHE, or `glocal` in the user's folder for caches; None without a home.

    That is XDG_CACHE_HOME or ~/.cache, on macOS ~/Library/Caches, on Windows %LOCALAPPDATA%. Relative paths in
    XDG_CACHE_HOME are ignored, as its specification says: https://specifications.freedesktop.org/basedir/latest/

    Examples:
        >>> find_cache_folder({"XDG_CACHE_HOME": "/tmp/c", "HOME": "/home/me"}, "linux")
        PosixPath('/tmp/c/glocal')
        >>> find_cache_folder({"HOME": "/home/me"}, "darwin"), find_cache_folder({}, "linux")
        (PosixPath('/home/me/Library/Caches/glocal'), None)
    """
    if given := environment.get("GLOCAL_CACHE"):
        return Path(given)
    home = environment.get("HOME", "")
    if platform == "win32":
        base = environment.get("LOCALAPPDATA", "")
    elif platform == "darwin":
        base = f"{home}/Library/Caches" if home else ""
    else:
        base = environment.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # noqa: PTH117 - the empty text is a path to pathlib
            base = f"{home}/.cache" if home else ""
    return Path(base) / "glocal" if os.path.isabs(base) else None  # noqa: PTH117


@dataclass(frozen=True)
class Cache:
    """A folder of entries; `limit` are the bytes that they may have together."""

    folder: Path
    limit: int = LIMIT

    @classmethod
    def open(cls, folder: Path, limit: int = LIMIT) -> Self | None:
        """Open the cache in a folder, which is made if it is missing.

        Returns:
            The cache; None where the folder cannot be made, or is not the user's alone.
        """
        try:
            if folder.is_symlink() and _is_own(folder.lstat()):
                folder = folder.resolve()
            with contextlib.suppress(FileExistsError):
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700)
            status = folder.lstat()
            if not stat.S_ISDIR(status.st_mode) or not _is_own(status) or _is_open_to_others(status):
                return None
            if hasattr(os, "getuid") and stat.S_IMODE(status.st_mode) & 0o077:
                folder.chmod(0o700)
        except (OSError, ValueError):
            return None
        return cls(folder, limit)

    def entries(self, kind: str, key: str) -> Iterator[Path]:
        """Yield the entries of a key, the one that was used last first."""
        try:
            found = [Path(entry.path) for entry in os.scandir(self.folder / kind / key) if entry.is_dir()]
            found.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        except OSError:
            return
        yield from found

    def touch(self, entry: Path) -> None:
        """Note that an entry was used."""
        with contextlib.suppress(OSError):
            os.utime(entry)

    def put(self, kind: str, key: str, name: str, fill: Callable[[Path], None]) -> Path | None:
        """Write an entry.

        Args:
            kind: The kind of entry.
            key: Its key.
            name: Its name, by its content: an entry of that name that is there already is left as it is.
            fill: Writes the entry into a folder.

        Returns:
            The entry; None where it cannot be written.
        """
        place = self.folder / kind / key / name
        if not self._put(place, fill):
            return None
        self._remove_oldest(place)
        return place

    def add_part(self, entry: Path, name: str, fill: Callable[[Path], None]) -> Path | None:
        """Add a folder to an entry, as `put` does.

        Args:
            entry: The folder of the entry.
            name: The name of the folder that is added.
            fill: Writes into a folder.
        """
        place = entry / name
        if not entry.is_dir() or not self._put(place, fill):
            return None
        self._remove_oldest(entry)
        return place

    def discard(self, entry: Path) -> None:
        """Remove an entry, as it is damaged."""
        with contextlib.suppress(OSError):
            away = self._make_unfinished() / "discarded"
            entry.rename(away)
            shutil.rmtree(away.parent, ignore_errors=True)

    def _put(self, place: Path, fill: Callable[[Path], None]) -> bool:
        """Fill a folder beside a place, and rename it; return whether it, or one of another process, is there."""
        try:
            beside = self._make_unfinished()
        except OSError:
            return False
        try:
            content = beside / "content"
            content.mkdir(mode=0o700)
            fill(content)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError, NotADirectoryError):
                content.rename(place)
            return place.is_dir()
        except (OSError, RuntimeError):
            # No room, mostly. Or another process was first: to rename a folder to one that is not empty fails in many
            # ways. Engines have errors of their own for a full disk.
            return place.is_dir()
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _make_unfinished(self) -> Path:
        """Make a folder to write in.

        Raises:
            OSError: Where it cannot be written.
        """
        beside = self.folder / _UNFINISHED / secrets.token_hex(8)
        beside.mkdir(mode=0o700, parents=True)
        return beside

    def _remove_oldest(self, kept: Path) -> None:
        """Remove the entries that were used longest ago, until the others are within the limits."""
        # What was just written has the time of now, by the clock of the file system.
        now = _time_of(kept)
        for abandoned in _scan(self.folder / _UNFINISHED):
            if now - _time_of(abandoned) > ABANDONED:
                shutil.rmtree(abandoned, ignore_errors=True)
        keys = [key for kind in _scan(self.folder) if kind.name != _UNFINISHED for key in _scan(kind)]
        entries = [(_time_of(entry), entry) for key in keys for entry in _scan(key)]
        entries.sort(reverse=True, key=lambda pair: (pair[1] == kept, pair[0]))
        size, counts = 0, dict.fromkeys(keys, 0)
        for _, entry in entries:
            size += _measure(entry)
            counts[entry.parent] += 1
            if entry != kept and (size > self.limit or counts[entry.parent] > ENTRIES_PER_KEY):
                self.discard(entry)
        for key in keys:
            with contextlib.suppress(OSError):
                key.rmdir()  # where it is empty


def _is_own(status: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def _is_open_to_others(status: os.stat_result) -> bool:
    return hasattr(os, "geteuid") and bool(stat.S_IMODE(status.st_mode) & 0o022)


def _scan(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _measure(entry: Path) -> int:
    """Return how many bytes the files of an entry have."""
    size = 0
    for here, _, files in os.walk(entry):
        for name in files:
            with contextlib.suppress(OSError):
                size += (Path(here) / name).stat().st_size
    return size
