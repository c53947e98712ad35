"""The second names of files: there while they are held, whatever becomes of the entry."""

from __future__ import annotations

import shutil
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
    assert (held.path / "a").read_text() == "content"
    for one in (held, held, other):
        assert one
        one.cleanup()
    assert list((tmp_path / "held").iterdir()) == []


def test_nothing_is_held_of_what_is_gone(tmp_path: Path) -> None:
    assert hold(tmp_path, tmp_path / "gone") is None
    assert list((tmp_path / "held").iterdir()) == []
