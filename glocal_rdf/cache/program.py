"""Names the program that makes results, so that another version of it, or of what it uses, makes its own."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from glocal_rdf import __version__

__all__ = ["name_program"]

_NOT_CODE: Final = frozenset({"__pycache__", "bundled", "questions", "schemas", "templates"})


@cache
def name_program() -> str:
    """Return a name for our version, the versions of what is installed beside us, and this Python.

    Our modules count by size and time too, so that nobody who works on them is given results of what they were. What
    else is installed counts by the names of its folders, which have the versions.
    """
    named = hashlib.blake2b(digest_size=16)
    for part in (__version__, sys.version, sys.platform, sys.byteorder):
        named.update(f"{part}\0".encode())
    for folder in ("glocal_rdf", "polars", "pyoxigraph"):
        spec = find_spec(folder)
        if spec is not None and spec.origin:
            home = Path(spec.origin).parent.parent
            named.update("\0".join(sorted(_list_versions(str(home)))).encode(errors="surrogateescape"))
    for line in sorted(_list_code(str(Path(__file__).parents[1]))):
        named.update(line.encode(errors="surrogateescape"))
    return named.hexdigest()


def _list_versions(folder: str) -> list[str]:
    """List the distributions that are installed in a folder; their names have the versions."""
    try:
        return [name for name in os.listdir(folder) if name.endswith(".dist-info")]  # noqa: PTH208 - paths are slow
    except OSError:
        return []


def _list_code(folder: str) -> list[str]:
    """List the modules below a folder with their sizes and times of change."""
    found: list[str] = []
    try:
        entries = list(os.scandir(folder))
    except OSError:  # The package is in an archive, say.
        return found
    for entry in entries:
        if entry.is_dir():
            if entry.name not in _NOT_CODE:
                found += _list_code(entry.path)
        elif not entry.name.endswith((".pyc", ".md")):
            status = entry.stat()
            found.append(f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\0")
    return found
