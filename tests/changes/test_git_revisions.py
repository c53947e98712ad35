"""Files of Git revisions are read byte for byte, and nothing else of a repository takes effect."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from glocal_rdf.changes.git_revisions import extract, find_revision
from glocal_rdf.errors import InputError

NAMES = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a"}
NAMES |= {"GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **NAMES}, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def commit(folder: Path, message: str = "state") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a project in a folder of it."""
    root = tmp_path / "repository"
    files = {
        "sub/data/a.ttl": b"<urn:a> <urn:p> 1 .\r\n",
        "sub/data/caf\u00e9 $Id$.ttl": "<urn:é> <urn:p> 1 .\n".encode(),
        "sub/shapes/s.ttl": b"# $Format:%H$\n",
        "sub/other/x.txt": b"x",
        "top.ttl": b"<urn:t> <urn:p> 1 .\n",
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "core.autocrlf", "false")
    commit(root)
    (root / ".gitattributes").write_text("* text eol=lf export-subst filter=bad\nsub/data/** export-ignore\n")
    git(root, "add", ".gitattributes")
    git(root, "commit", "-q", "-m", "attributes")
    marker = root.parent / "ran"
    git(root, "config", "filter.bad.smudge", f"touch '{marker}'")
    git(root, "config", "core.fsmonitor", f"touch '{marker}'")
    return root


def test_a_folder_is_written_byte_for_byte_without_filters(repository: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    found = extract(find_revision("HEAD:", repository / "sub"), target, ("data", "shapes", "missing"))
    assert found == target
    written = {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert written == {
        "data/a.ttl": b"<urn:a> <urn:p> 1 .\r\n",
        "data/caf\u00e9 $Id$.ttl": "<urn:é> <urn:p> 1 .\n".encode(),
        "shapes/s.ttl": b"# $Format:%H$\n",
    }
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("word", "path", "is_folder"),
    [
        ("HEAD:", "sub", True),
        ("HEAD:./", "sub", True),
        ("HEAD:./data/a.ttl", "sub/data/a.ttl", False),
        ("main~0:top.ttl", "top.ttl", False),
        ("HEAD~1:sub/", "sub", True),
        ("@:sub/data", "sub/data", True),
    ],
)
def test_a_path_is_read_as_git_reads_it(word: str, path: str, is_folder: bool, repository: Path) -> None:
    found = find_revision(word, repository / "sub")
    assert (found.path, found.is_folder) == (path, is_folder)
    assert len(found.commit) == 40


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("no-such:", "there is no revision 'no-such'"),
        ("HEAD~99:", "there is no revision"),
        ("--output=x:", "is not a Git revision"),
        ("-h:", "is not a Git revision"),
        (":x", "is not a Git revision"),
        ("HEAD:missing.ttl", "there is no 'missing.ttl' in this revision"),
        ("HEAD:../top.ttl", "is not a path in the repository"),
        ("HEAD:/etc/passwd", "is not a path in the repository"),
        ("HEAD:*.ttl", "there is no"),
        ("HEAD:--help", "there is no"),
        ("HEAD\n:x", "is not a Git revision"),
        ("HEAD; touch x:", "there is no revision"),
    ],
)
def test_what_is_not_there_is_refused(word: str, message: str, repository: Path) -> None:
    with pytest.raises(InputError, match=message):
        find_revision(word, repository / "sub")
    assert not (repository / "sub" / "x").exists()


def test_a_link_in_a_revision_is_not_followed(repository: Path, tmp_path: Path) -> None:
    (repository / "sub" / "data" / "link.ttl").symlink_to("/etc/passwd")
    commit(repository)
    with pytest.raises(InputError, match="symbolic link"):
        find_revision("HEAD:sub/data/link.ttl", repository)
    with pytest.raises(InputError, match=r"HEAD:data/link\.ttl: is a symbolic link"):
        extract(find_revision("HEAD:", repository / "sub"), tmp_path, ("data",))
    assert not (tmp_path / "data" / "link.ttl").exists()


def test_a_folder_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not in a Git repository"):
        find_revision("HEAD:", tmp_path)


def test_without_git_there_is_one_line(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(InputError, match="git: is not installed"):
        find_revision("HEAD:", repository)
