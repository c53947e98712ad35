"""Whether files are as they were is found out by their content; what may have changed within the clock is hashed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from glocal_rdf.cache import inputs
from glocal_rdf.cache.inputs import FileState, InputReader, Inputs
from glocal_rdf.files import open_input, watch_opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "in" / "sub" / "b.csv").write_text("b\n2\n", encoding="utf-8")
    (tmp_path / "listed").mkdir()
    (tmp_path / "listed" / "shape.ttl").write_text("# one\n", encoding="utf-8")
    (tmp_path / "outside.ttl").write_text("# out\n", encoding="utf-8")
    return tmp_path


def read(folder: Path, known: Inputs | None = None) -> Inputs:
    outside = [str(folder / "outside.ttl"), str(folder / "missing.ttl")]
    found = InputReader().read([folder / "in"], [folder / "listed"], outside, known)
    assert found is not None
    return found


CHANGES = {
    "content": lambda f: (f / "in" / "a.csv").write_text("a\n2\n", encoding="utf-8"),
    "content below": lambda f: (f / "in" / "sub" / "b.csv").write_text("b\n3\n", encoding="utf-8"),
    "new file": lambda f: (f / "in" / "c.csv").write_text("", encoding="utf-8"),
    "new hidden file": lambda f: (f / "in" / ".c.ttl").write_text("", encoding="utf-8"),
    "removed": lambda f: (f / "in" / "a.csv").unlink(),
    "renamed": lambda f: (f / "in" / "a.csv").rename(f / "in" / "z.csv"),
    "now a folder": lambda f: ((f / "in" / "a.csv").unlink(), (f / "in" / "a.csv").mkdir()),
    "folder removed": lambda f: ((f / "in" / "sub" / "b.csv").unlink(), (f / "in" / "sub").rmdir()),
    "new file in a listed folder": lambda f: (f / "listed" / "b.ttl").write_text("", encoding="utf-8"),
    "outside": lambda f: (f / "outside.ttl").write_text("# new\n", encoding="utf-8"),
    "was looked for, and is there now": lambda f: (f / "missing.ttl").write_text("", encoding="utf-8"),
    "link to other content": lambda f: (
        (f / "in" / "a.csv").unlink(),
        (f / "in" / "a.csv").symlink_to(f / "outside.ttl"),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen(folder: Path, name: str) -> None:
    before = read(folder)
    CHANGES[name](folder)
    assert not read(folder, before).has_same_content(before)


def test_what_changes_nothing_is_not_a_change(folder: Path) -> None:
    before = read(folder)
    (folder / "listed" / "shape.ttl").write_text("# other content\n", encoding="utf-8")
    os.utime(folder / "in" / "a.csv", (1, 1))
    (folder / "in" / "sub" / "b.csv").write_text("b\n2\n", encoding="utf-8")
    assert read(folder, before).has_same_content(before)
    assert Inputs.from_json(json.loads(json.dumps(before.as_json()))) == before


def test_a_change_of_the_same_size_and_time_is_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time can be set back, and the hash is computed again; ctime cannot, for what is too large to hash again."""
    path = folder / "in" / "a.csv"
    before, status = read(folder), path.stat()
    path.write_text("a\n9\n", encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not read(folder, before).has_same_content(before)
    monkeypatch.setattr(inputs, "ALWAYS_HASHED", 0)
    assert not read(folder, before).has_same_content(before)


def test_a_large_file_is_hashed_again_only_if_it_may_have_changed(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * 100)
    fresh = inputs._read_state(str(path), None, 0)
    assert not fresh.is_certain(), "it was written within the resolution of the clock before it was hashed"
    wrong = replace(fresh, digest="of something else")
    assert inputs._read_state(str(path), wrong, 0).digest == fresh.digest
    certain = replace(wrong, read=max(fresh.stamp[3:]) + inputs.RESOLUTION + 1)
    assert inputs._read_state(str(path), certain, 0) is certain
    assert inputs._read_state(str(path), certain, 1000).digest == fresh.digest, "small enough to be hashed each time"
    path.write_bytes(b"y" * 100)
    assert inputs._read_state(str(path), certain, 0).digest not in {fresh.digest, wrong.digest}


def test_what_is_not_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert InputReader().read_file(str(tmp_path / "pipe")) == FileState("special")
    assert InputReader().read_file(str(tmp_path / "none")) == FileState("missing")
    assert InputReader().read_file(str(tmp_path)) == FileState("folder")


def test_too_many_files_are_not_inputs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MAX_FILES", 1)
    assert InputReader().read([folder / "in"]) is None


def test_opened_files_are_reported_before_they_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.ttl").write_text("", encoding="utf-8")
    found: list[str] = []
    with watch_opened(found.append):
        open_input(Path("a.ttl")).close()
        with pytest.raises(Exception, match="no such file"):
            open_input(Path("b.ttl"))
    open_input(Path("a.ttl")).close()
    assert found == [str(tmp_path / "a.ttl"), str(tmp_path / "b.ttl")]
