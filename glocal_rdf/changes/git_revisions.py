"""Reads files of a Git repository as they were at a revision, without touching its working tree.

Git runs as a program, with commands that only read; a revision is resolved to the digest of a commit first, so that
nothing that a user writes reaches a command as an option. Files are taken byte for byte: no filter, line-end conversion
or export attribute of the repository applies.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from glocal_rdf.errors import InputError

__all__ = ["Revision", "extract", "find_revision"]

_SAFE: Final = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "protocol.allow=never",
    "--no-optional-locks",
    "--literal-pathspecs",
)
_TIMEOUT: Final = 120
_COMMIT: Final = re.compile(rb"[0-9a-f]{40,64}")
_FILES: Final = {"100644", "100755", "100664"}


@dataclass(frozen=True)
class Revision:
    """A commit and a path in it.

    Attributes:
        name: How a person names it: `HEAD~1:data`.
        repository: The top folder of the repository.
        commit: The digest of the commit.
        path: The path from the top of the repository; empty for the top.
        is_folder: Whether the path is a folder.
    """

    name: str
    repository: Path
    commit: str
    path: str
    is_folder: bool


def find_revision(name: str, folder: Path) -> Revision:
    """Find what a person names as `REVISION:PATH`, as Git reads it.

    Without a path it is the folder itself at that revision. A path is taken from the top of the repository, and one
    that begins with `./` from the folder.

    Args:
        name: The revision and the path.
        folder: A folder of the repository.

    Raises:
        InputError: Where the folder is not in a repository, or there is no such revision or path in it.
    """
    revision, _, path = name.partition(":")
    if not revision or revision.startswith("-") or re.search(r"[\x00-\x1f\x7f]", name):
        raise InputError.at(name, "is not a Git revision", "write it as in HEAD~1: or v1.0:data/cities.ttl")
    top = _run(folder, ["rev-parse", "--show-toplevel"])
    if top is None:
        raise InputError.at(name, f"{folder} is not in a Git repository", "name files, folders or released versions")
    repository = Path(top.removesuffix(b"\n").decode("utf-8", "surrogateescape"))
    commit = _run(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"])
    if commit is None or not _COMMIT.fullmatch(commit.strip()):
        raise InputError.at(name, f"there is no revision {revision!r} in this repository", "git log lists them")
    digest = commit.strip().decode()
    if not path or path.startswith("./"):
        prefix = (_run(folder, ["rev-parse", "--show-prefix"]) or b"").removesuffix(b"\n")
        path = prefix.decode("utf-8", "surrogateescape") + path
    parts = [part for part in PurePosixPath(path).parts if part != "."]
    if ".." in parts or path.startswith("/"):
        raise InputError.at(
            name, f"{path!r} is not a path in the repository", "write it from the top of the repository"
        )
    whole = "/".join(parts)
    kind = "tree"
    if whole:
        found = [entry for entry in _list_tree(repository, digest, [whole], deep=False) if entry[2] == whole]
        if not found:
            hint = "paths begin at the top of the repository, or with ./ at the folder"
            raise InputError.at(name, f"there is no {whole!r} in this revision", hint)
        mode, kind = found[0][0], found[0][3]
        if kind == "blob" and mode not in _FILES:
            raise InputError.at(name, f"{whole!r} is a symbolic link", "name the file that it leads to")
    return Revision(name, repository, digest, whole, kind == "tree")


def extract(revision: Revision, folder: Path, parts: Sequence[str] = ()) -> Path:
    """Write the files of a revision into a folder.

    Args:
        revision: The revision; a file is written under its name.
        folder: An empty folder.
        parts: Of a folder, the names in it that are wanted; all without any.

    Returns:
        The file, or the folder.

    Raises:
        InputError: For what cannot be written as a file: a symbolic link, a submodule, a name that leads elsewhere.
    """
    prefix = f"{revision.path}/" if revision.is_folder and revision.path else ""
    wanted = [prefix + part for part in parts] if revision.is_folder else [revision.path]
    entries = _list_tree(
        revision.repository, revision.commit, wanted or [prefix.rstrip("/")] if wanted or prefix else []
    )
    contents = _read_blobs(revision.repository, [digest for _, digest, _, kind in entries if kind == "blob"])
    for mode, digest, path, kind in entries:
        inner = path.removeprefix(prefix) if revision.is_folder else PurePosixPath(path).name
        pieces = inner.split("/")
        if kind != "blob" or mode not in _FILES:
            what = "is a submodule" if kind == "commit" else "is a symbolic link"
            raise InputError.at(f"{revision.name}{inner}", f"{what}, which is not read", "put the file itself there")
        if any(piece.lower() in {"", ".", "..", ".git"} for piece in pieces) or re.search(r"[\\\x00]", inner):
            raise InputError.at(f"{revision.name}{inner}", "is not a file name", "rename it")
        target = folder.joinpath(*pieces)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents[digest])
    return folder if revision.is_folder else folder / PurePosixPath(revision.path).name


def _list_tree(
    repository: Path, commit: str, paths: Iterable[str], *, deep: bool = True
) -> list[tuple[str, str, str, str]]:
    """List mode, digest, path and kind of the entries of a commit."""
    recursive = ["-r"] if deep else []
    listed = _run(repository, ["ls-tree", "-z", "--full-tree", *recursive, commit, "--", *paths])
    if listed is None:
        raise InputError.at(repository, "the tree of the commit cannot be read", "check it with git fsck")
    entries = []
    for entry in listed.split(b"\0"):
        if entry:
            head, _, path = entry.partition(b"\t")
            mode, kind, digest = head.decode().split()
            entries.append((mode, digest, path.decode("utf-8", "surrogateescape"), kind))
    return entries


def _read_blobs(repository: Path, digests: list[str]) -> dict[str, bytes]:
    """Read the contents of files by their digests."""
    unique = sorted(set(digests))
    if not unique:
        return {}
    answer = _run(repository, ["cat-file", "--batch"], "".join(f"{digest}\n" for digest in unique).encode())
    if answer is None:
        raise InputError.at(repository, "files of the commit cannot be read", "check it with git fsck")
    found: dict[str, bytes] = {}
    at = 0
    for digest in unique:
        end = answer.index(b"\n", at)
        head = answer[at:end].split()
        if len(head) != 3 or head[0].decode() != digest:
            hint = "it may be in a partial clone; fetch it first"
            raise InputError.at(repository, f"the object {digest[:12]} is not in this repository", hint)
        size = int(head[2])
        found[digest] = answer[end + 1 : end + 1 + size]
        at = end + size + 2
    return found


def _run(folder: Path, arguments: Sequence[str], given: bytes = b"") -> bytes | None:
    """Run a reading command of Git; return what it prints, or None where it fails.

    Raises:
        InputError: Where there is no Git, or it takes too long.
    """
    program = shutil.which("git")
    if program is None:
        raise InputError.at("git", "is not installed", "install it, or name files, folders or released versions")
    command = [program, "-C", str(folder.resolve()), *_SAFE, *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=_TIMEOUT)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise InputError.at("git", f"did not answer within {_TIMEOUT} seconds", "check the repository") from error
    except OSError as error:
        raise InputError.at("git", f"cannot be run ({error.strerror})", "check its installation") from error
    return done.stdout if done.returncode == 0 else None
