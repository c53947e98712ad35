"""The second names of files: there while they are held, whatever becomes of the entry."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from glocal_rdf.cache.folder import Cache
from glocal_rdf.cache.held import hold


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    """An entry of a cache."""
    made = tmp_path / "sources" / "key" / "name"
    made.mkdir(parents=True)
    (made / "a").write_text("content")
    return made


def test_files_that_are_held_outlive_their_entry_and_the_cleaning_of_the_cache(tmp_path: Path, entry: Path) -> None:
    held = hold(tmp_path, entry)
    assert held
    shutil.rmtree(entry)
    cache = Cache(tmp_path, limit=0)
    cache.put("sources", "other", "one", lambda folder: (folder / "b").write_text("x") and None)
    other = hold(tmp_path, tmp_path / "sources" / "other" / "one")
    assert (held.folder / "a").read_text() == "content"
    for one in (held, held, other):
        assert one
        one.cleanup()
    assert list((tmp_path / "held").iterdir()) == []


def test_nothing_is_held_of_what_is_gone(tmp_path: Path) -> None:
    assert hold(tmp_path, tmp_path / "gone") is None
    assert list((tmp_path / "held").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")
def test_what_a_process_has_left_is_removed_by_the_next_and_what_it_uses_is_not(tmp_path: Path, entry: Path) -> None:
    program = (
        f"import sys, time, pathlib; from glocal_rdf.cache.held import hold; "
        f"held = hold(pathlib.Path({str(tmp_path)!r}), pathlib.Path({str(entry)!r})); print(flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    [theirs] = [one for one in (tmp_path / "held").iterdir() if one.is_dir()]
    ours = hold(tmp_path, entry)
    assert ours
    assert theirs.is_dir()
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    last = hold(tmp_path, entry)
    assert last
    assert not theirs.exists()
    assert ours.folder.is_dir()
