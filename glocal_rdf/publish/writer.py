"""Writes a site into the place of the former one: only what has changed is written, and all of it or nothing appears.

1. The new site is put together in a folder beside that of the former one. A file whose bytes are as they were is not
   written: the former file itself is linked there, with its time.
2. When the last file is there, a list of all files (`.glocal-site`) is added, and the two folders change their names.
3. The former site is removed.

What the list of the former site does not name was put there by somebody else (`.git`, `CNAME`): it is moved to the new
site, and nothing of it is overwritten. A folder with files but without such a list is not a site, and is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Self

from glocal_rdf.errors import InputError, OutputError
from glocal_rdf.files import make_folder, read_bytes
from glocal_rdf.publish.site import File

__all__ = ["LIST", "Written", "check_target", "write_site"]

LIST: Final = ".glocal-site"
"""The file that lists what a site is made of, and that makes a folder one that may be replaced."""

_HEAD: Final = "glocal site 1"
_STALE: Final = 6 * 3600
"""How many seconds older than a new one an unfinished folder is that was left behind."""

_THREADS: Final = 2
_WAITING: Final = 200
"""How many files may wait for being written."""

_EVERY: Final = 100
"""After how many files progress is reported."""


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        files: The number of all files of the site.
        changed: The number of those that are new or have changed.
        removed: The number of files of the former site that are no more.
        size: The bytes of all files.
        kept: Files and folders that others put there, and that are still there.
    """

    files: int
    changed: int
    removed: int
    size: int
    kept: tuple[str, ...]


def check_target(folder: Path) -> set[str]:
    """Return the paths that the former site in a folder is made of; none where the folder is new or empty.

    Raises:
        OutputError: Where it is not a folder, or has files and is not a site.
    """
    try:
        if not folder.exists():
            return set()
        if not folder.is_dir():
            raise OutputError.at(folder, "is a file, not a folder", "name a folder with -o")
        if not any(folder.iterdir()):
            return set()
    except OSError as error:
        raise OutputError.at(folder, f"cannot be read ({error.strerror})", "name another folder with -o") from error
    try:
        lines = read_bytes(folder / LIST).decode().splitlines()
    except (InputError, UnicodeDecodeError):
        lines = []
    if not lines or lines[0] != _HEAD:
        what = "has files, and is not a site that glocal publish wrote"
        raise OutputError.at(folder, what, "name a new or an empty folder with -o")
    return set(lines[1:])


def write_site(
    files: Iterable[File], folder: Path, *, report: Callable[[int], object] = lambda _number: None
) -> Written:
    """Write a site.

    Args:
        files: Its files, each path once.
        folder: Where it is to stand; it is made if it is missing.
        report: Called with the number of files that are done, now and then.

    Raises:
        OutputError: Where the folder may not be replaced, a path is not one within it or is there twice, or a file
            cannot be written; the former site is as it was then.
    """
    folder = Path(os.path.realpath(folder))
    _restore(folder)
    former = check_target(folder)
    make_folder(folder.parent)
    new = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")
    try:
        new.mkdir()
        _remove_stale(folder, new)
        size, changed, names = _put_together(files, folder, new, former, report)
        (new / LIST).write_text("\n".join([_HEAD, *sorted(names)]) + "\n", encoding="utf-8", newline="\n")
        kept = _list_kept(folder, former | {LIST})
        if clash := sorted((names | _folders_of(names)) & set(kept) | names & _folders_of(kept)):
            what = "is not of the former site, and would be overwritten"
            raise OutputError.at(folder / clash[0], what, "move it away")
        _swap(folder, new, kept)
    except OSError as error:
        where = error.filename or folder
        raise OutputError.at(
            where, f"cannot be written ({error.strerror})", "make room, or name another folder"
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return Written(len(names), changed, len(former - names), size, tuple(sorted(kept)))


def _put_together(
    files: Iterable[File], folder: Path, new: Path, former: set[str], report: Callable[[int], object]
) -> tuple[int, int, set[str]]:
    """Write or link every file of the new site; return their size, how many have changed, and their paths."""
    size = changed = 0
    names: set[str] = set()
    folders: set[str] = set()
    with _Writers() as writers:
        for path, content in files:
            if path in names:
                what = "is written by two parts of the site"
                raise OutputError.at(path, what, "report this as a mistake in the program")
            _check_path(path)
            names.add(path)
            above = path.rpartition("/")[0]
            if above not in folders:
                (new / above).mkdir(parents=True, exist_ok=True)
                folders.add(above)
            if len(names) % _EVERY == 0:
                report(len(names))
            target = new / path
            if isinstance(content, bytes):
                size += len(content)
                if path in former and _has_bytes(folder / path, content) and _link(folder / path, target):
                    continue
                writers.write(target, content)
            else:
                with target.open("xb") as file:
                    for part in content:
                        file.write(part)
                    size += file.tell()
                if path in former and _same(folder / path, target):
                    target.unlink()
                    if not _link(folder / path, target):
                        shutil.copy2(folder / path, target)
                    continue
            changed += 1
    return size, changed, names


class _Writers:
    """Threads that write files while the next ones are made; leaving the context waits for all."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="site")
        self._free = threading.Semaphore(_WAITING)
        self._error: OSError | None = None

    def write(self, target: Path, content: bytes) -> None:
        """Write a file that is not there yet, soon.

        Raises:
            OSError: Where a former file could not be written.
        """
        self._check()
        self._free.acquire()
        self._pool.submit(self._write, target, content)

    def _write(self, target: Path, content: bytes) -> None:
        try:
            if self._error is None:
                with target.open("xb", buffering=0) as file:
                    view = memoryview(content)
                    while view:
                        view = view[file.write(view) :]
        except OSError as error:
            error.filename = error.filename or str(target)
            self._error = self._error or error
        finally:
            self._free.release()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)
        if kind is None:
            self._check()


def _check_path(path: str) -> None:
    """Refuse a path that does not stay in the folder.

    Raises:
        OutputError: For such a path.
    """
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or parts[0] == "/" or ".." in parts or re.search(r"[\x00-\x1f\\]", path):
        raise OutputError.at(repr(path), "is not the path of a file in a site", "report this as a mistake")


def _has_bytes(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _same(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_size == other.stat().st_size and _digest(one) == _digest(other)
    except OSError:
        return False


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").digest()


def _link(path: Path, target: Path) -> bool:
    """Let a file have a second name; False where the file system cannot."""
    try:
        target.hardlink_to(path)
    except OSError:
        return False
    return True


def _list_kept(folder: Path, former: set[str]) -> list[str]:
    """List what others put into the folder of a site: files, and folders of which nothing is of the site."""
    kept: list[str] = []
    folders = _folders_of(former)

    def look(here: Path, prefix: str) -> None:
        for path in sorted(here.iterdir()):
            name = prefix + path.name
            if name in folders and path.is_dir() and not path.is_symlink():
                look(path, f"{name}/")
            elif name not in former:
                kept.append(name)

    if folder.is_dir():
        look(folder, "")
    return kept


def _folders_of(paths: Iterable[str]) -> set[str]:
    """Return all folders that paths lead through."""
    folders = {path.rpartition("/")[0] for path in paths}
    return {
        "/".join(parts[:n]) for one in folders if one for parts in [one.split("/")] for n in range(1, len(parts) + 1)
    }


def _swap(folder: Path, new: Path, kept: Iterable[str]) -> None:
    """Put the new folder in the place of the former one; at an interrupt the former one is put back."""
    if not folder.exists():
        new.replace(folder)
        return
    old = _old_name(folder)
    moved: list[str] = []
    try:
        for name in kept:
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).replace(new / name)
            moved.append(name)
        shutil.copymode(folder, new)
        folder.replace(old)
        new.replace(folder)
    except BaseException:
        if not folder.exists() and old.exists():
            old.replace(folder)
        for name in moved if new.exists() else ():
            (new / name).replace(folder / name)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _old_name(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.former")


def _restore(folder: Path) -> None:
    """Put a former site back that a run which was killed had taken away, or remove it."""
    old = _old_name(folder)
    if not (old / LIST).is_file():
        return
    with contextlib.suppress(OSError):
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.replace(folder)


def _remove_stale(folder: Path, new: Path) -> None:
    """Remove what runs that were killed left behind."""
    pattern = re.compile(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{16}}\.part")
    now = new.stat().st_mtime
    for path in _siblings(folder):
        if path != new and pattern.fullmatch(path.name) and now - path.stat().st_mtime > _STALE:
            shutil.rmtree(path, ignore_errors=True)


def _siblings(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.parent.iterdir()))
