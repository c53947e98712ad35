"""The folders of releases: which there are, and whether their files are still what was released."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cmp_to_key
from pathlib import Path
from typing import Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import open_input, read_bytes
from glocal_rdf.releases.versions import is_later, is_version

__all__ = ["CHECKSUMS", "FOLDER", "INFERRED", "Release", "find_release", "list_releases", "write_checksums"]

FOLDER: Final = "releases"
"""The folder of a project that holds its releases."""

CHECKSUMS: Final = "SHA256SUMS"
"""The file with the checksums of all others, as `sha256sum --check` reads it."""

INFERRED: Final = "inferred.nt.gz"
"""The triples of the dump that rules inferred."""

_LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\n]+)")


@dataclass(frozen=True)
class Release:
    """A released version of a project, in a folder of its own.

    Attributes:
        version: The name of the version.
        folder: The folder.
    """

    version: str
    folder: Path

    @property
    def dump(self) -> Path:
        """The whole data graph as N-Triples.

        Raises:
            InputError: Where there is not exactly one.
        """
        found = [path for path in sorted(self.folder.glob("*.nt.gz")) if path.name != INFERRED]
        if len(found) != 1:
            raise InputError.at(self.folder, f"has {len(found)} dumps (*.nt.gz)", "restore the files of the release")
        return found[0]

    def list_files(self, pattern: str) -> list[Path]:
        """List the files of the release that match a pattern, sorted."""
        return sorted(self.folder.glob(pattern))

    def read_checksums(self) -> dict[str, str]:
        """Return the checksums of the files of the release as it states them, by their paths within it.

        Raises:
            InputError: Where the list of them is not one, or names a file elsewhere.
        """
        sums = self.folder / CHECKSUMS
        found = {}
        for number, line in enumerate(read_bytes(sums, 1 << 26).decode("utf-8", "replace").splitlines(), 1):
            match = _LINE.fullmatch(line)
            if match is None:
                raise InputError.at(f"{sums}:{number}", "is not a checksum", "restore the file")
            if not (self.folder / match[2]).resolve().is_relative_to(self.folder.resolve()):
                raise InputError.at(f"{sums}:{number}", f"{match[2]!r} is not in the release", "restore the file")
            found[match[2]] = match[1]
        return found

    def check(self) -> None:
        """Check the files of the release against their checksums.

        Raises:
            InputError: With every file that is missing, or not what was released.
        """
        problems = []
        for name, checksum in self.read_checksums().items():
            file = self.folder / name
            if not file.is_file():
                problems.append(Problem(str(file), "is missing from the release", "restore it", kind="missing"))
            elif _sum_up(file) != checksum:
                what = f"is not what was released as {self.version}"
                problems.append(Problem(str(file), what, "restore it: a release does not change", kind="changed"))
        if problems:
            raise InputError.of(problems)


def list_releases(root: Path) -> list[Release]:
    """List the releases of a project, the earliest first.

    Args:
        root: The folder of the project.
    """
    folder = root / FOLDER
    found = [
        Release(path.name, path)
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if is_version(path.name) and (path / CHECKSUMS).is_file()
    ]
    return sorted(found, key=cmp_to_key(_compare))


def _compare(one: Release, other: Release) -> int:
    return is_later(one.version, other.version) - is_later(other.version, one.version)


def find_release(root: Path, version: str) -> Release | None:
    """Return the release of a version, or None where there is none."""
    folder = root / FOLDER / version
    return Release(version, folder) if is_version(version) and (folder / CHECKSUMS).is_file() else None


def write_checksums(folder: Path) -> None:
    """Write the checksums of all files in a folder, sorted by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    names = {path: path.relative_to(folder).as_posix() for path in files}
    lines = [f"{_sum_up(path)}  {name}\n" for path, name in sorted(names.items(), key=lambda pair: pair[1])]
    (folder / CHECKSUMS).write_bytes("".join(lines).encode())


def _sum_up(file: Path) -> str:
    with open_input(file) as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
