"""Finds out whether the files that a result was made of are as they were: by their content, and which there are.

1. All files in some folders are inputs, whether they were read or not, so that a new one counts too; and so are the
   files that were opened elsewhere (`watch_opened`), and names that were looked for and not found.
2. Files are compared by a hash of their content. Where there are many megabytes, the hash of a file is not computed
   again if size, times and inode are those that were recorded, and the file was last changed well before it was hashed:
   within the resolution of the clock a file can change twice and keep its time (as in Git's index, racy-git).
3. What a result was made of is read before and after: where the two differ, somebody wrote meanwhile, and the result is
   not kept.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

__all__ = ["FileState", "InputReader", "Inputs"]

ALWAYS_HASHED: Final = 64 << 20
"""How many bytes are hashed each time; beyond, a file is hashed only where it may have changed."""

RESOLUTION: Final = 3_000_000_000
"""How many nanoseconds the time of a change may be off: FAT has two seconds, and clocks of servers differ."""

MAX_FILES: Final = 20_000
"""How many files a result may be made of, to be kept."""

_MISSING: Final = "missing"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was found: `digest` is the hash of its content, or says what there is in its place.

    `stamp` has what changes when a file is changed: device, inode, size and the times of change. `read` is the time at
    which the hash was begun, in nanoseconds.
    """

    digest: str
    stamp: tuple[int, ...] = ()
    read: int = 0

    def is_certain(self) -> bool:
        """Return whether a file with this stamp has this content."""
        return len(self.stamp) > 3 and max(self.stamp[3:]) + RESOLUTION < self.read


@dataclass(frozen=True)
class Inputs:
    """What a result was made of: the states of files by their names, and the folders of which all files count."""

    folders: tuple[str, ...] = ()
    inside: Mapping[str, FileState] = field(default_factory=dict)
    outside: Mapping[str, FileState] = field(default_factory=dict)

    def has_same_content(self, other: Inputs) -> bool:
        """Return whether the same files with the same content are in the folders and outside."""
        return (
            self.folders == other.folders
            and _digests(self.inside) == _digests(other.inside)
            and _digests(self.outside) == _digests(other.outside)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the inputs as a JSON object."""
        parts = {"inside": self.inside, "outside": self.outside}
        states = {
            part: {name: [state.digest, list(state.stamp), state.read] for name, state in files.items()}
            for part, files in parts.items()
        }
        return {"folders": list(self.folders), **states}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Return the inputs of a JSON object.

        Raises:
            ValueError: KeyError or TypeError where it is not one of ours.
        """
        inside, outside = (
            {
                str(name): FileState(str(digest), tuple(map(int, stamp)), int(read))
                for name, (digest, stamp, read) in record[part].items()
            }
            for part in ("inside", "outside")
        )
        return cls(tuple(map(str, record["folders"])), inside, outside)


def _digests(files: Mapping[str, FileState]) -> dict[str, str]:
    return {name: state.digest for name, state in files.items()}


class InputReader:
    """Reads the states of files, each once."""

    def __init__(self) -> None:
        """Have read nothing yet."""
        self._states: dict[str, FileState] = {}
        self._left = ALWAYS_HASHED

    def read(
        self,
        folders: Sequence[Path],
        listed: Sequence[Path] = (),
        outside: Iterable[str] = (),
        known: Inputs | None = None,
    ) -> Inputs | None:
        """Read the states of all files in folders and of some outside of them.

        Args:
            folders: The folders; one that is missing counts as such.
            listed: Folders of which the names of the files count, and not their content.
            outside: The names of files outside of them.
            known: Inputs of which large files need not be hashed again.

        Returns:
            The inputs; None where there are too many files.
        """
        inside: dict[str, FileState] = {}
        for folder in folders:
            names = _list_files(str(folder), MAX_FILES - len(inside))
            if names is None:
                return None
            for name in names:
                inside[name] = self.read_file(name, known.inside.get(name) if known else None)
        others = {
            name: self.read_file(name, known.outside.get(name) if known else None)
            for name in sorted(outside)
            if name not in inside
        }
        for folder in listed:
            names = _list_files(str(folder), MAX_FILES - len(inside))
            if names is None:
                return None
            inside |= {name: FileState(_read_kind(name)) for name in names if name not in others}
        return Inputs(tuple(map(str, (*folders, *listed))), inside, others)

    def read_file(self, name: str, known: FileState | None = None) -> FileState:
        """Read the state of a file."""
        if name not in self._states:
            state = _read_state(name, known, self._left)
            self._left -= state.stamp[2] if state.stamp and state is not known else 0
            self._states[name] = state
        return self._states[name]


def _list_files(folder: str, limit: int) -> list[str] | None:
    """List the names of everything below a folder, sorted; None where there is more than a limit."""
    found: list[str] = [] if os.path.isdir(folder) else [folder]  # noqa: PTH112 - paths are slow, and there are many
    for here, folders, files in os.walk(folder):
        folders.sort()
        # Links to folders are not followed, and count by what they lead to as such.
        found += [os.path.join(here, name) for name in (*folders, *files)]  # noqa: PTH118
        if len(found) > limit:
            return None
    return sorted(found)


def _read_kind(name: str) -> str:
    """Return what there is by a name, and where a link leads."""
    kind = "folder" if os.path.isdir(name) else "file" if os.path.isfile(name) else "special"  # noqa: PTH112, PTH113
    return f"{kind} {os.path.realpath(name)}" if os.path.islink(name) else kind  # noqa: PTH114


def _read_state(name: str, known: FileState | None, limit: int) -> FileState:
    """Read a file: its hash, or what there is in its place; over a limit of bytes only if it may have changed."""
    now = time.time_ns()
    try:
        # Not to block: to open a pipe waits until somebody writes to it.
        number = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except IsADirectoryError:
        return FileState("folder")
    except (FileNotFoundError, NotADirectoryError):
        return FileState(_MISSING)
    except (OSError, ValueError) as error:
        if os.path.isdir(name):  # noqa: PTH112 - Windows opens no folder
            return FileState("folder")
        return FileState(f"unreadable {type(error).__name__}")
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            return FileState("folder" if stat.S_ISDIR(status.st_mode) else "special")
        stamp = _stamp(status)
        if status.st_size > limit and known is not None and known.stamp == stamp and known.is_certain():
            return known
        digest = hashlib.blake2b(digest_size=20)
        while block := os.read(number, _BLOCK):
            digest.update(block)
        if _stamp(os.fstat(number)) != stamp:
            now = 0  # It is being written: what was read is certain of nothing.
    except OSError as error:
        return FileState(f"unreadable {type(error).__name__}")
    finally:
        os.close(number)
    return FileState(digest.hexdigest(), stamp, now)


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
