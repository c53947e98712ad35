"""The folder of the cache: entries are there as a whole or not at all, it is bounded, and the user's alone."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from glocal_rdf.cache import folder as folders
from glocal_rdf.cache.files import DamagedError, check_files, list_files, read_frame, read_json, write_frame, write_json
from glocal_rdf.cache.folder import Cache
from glocal_rdf.triples import Triples


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    opened = Cache.open(tmp_path / "cache")
    assert opened is not None
    return opened


def names(cache: Cache) -> list[str]:
    """What is unfinished."""
    return [path.name for path in (cache.folder / "unfinished").iterdir()]


def fill(folder: Path) -> None:
    (folder / "content").write_bytes(b"x" * 1000)


def test_an_entry_is_written_found_and_discarded(cache: Cache) -> None:
    entry = cache.put("builds", "key", "one", fill)
    assert entry is not None
    assert (entry / "content").read_bytes() == b"x" * 1000
    assert list(cache.entries("builds", "key")) == [entry]
    assert list(cache.entries("builds", "other")) == []
    part = cache.add_part(entry, "part", fill)
    assert part is not None
    assert part.is_dir()
    cache.discard(entry)
    assert list(cache.entries("builds", "key")) == []
    assert cache.add_part(entry, "part", fill) is None
    assert names(cache) == []


def test_it_is_for_the_user_alone(tmp_path: Path) -> None:
    opened = Cache.open(tmp_path / "deep" / "cache")
    assert opened is not None
    entry = opened.put("builds", "key", "one", fill)
    assert entry is not None
    for path in (opened.folder, entry, entry.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    assert Cache.open(tmp_path / "open") is None
    (tmp_path / "readable").mkdir()
    (tmp_path / "readable").chmod(0o755)
    assert Cache.open(tmp_path / "readable") is not None
    assert stat.S_IMODE((tmp_path / "readable").stat().st_mode) == 0o700
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert Cache.open(tmp_path / "file") is None
    assert Cache.open(tmp_path / "file" / "below") is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_folder_or_link_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    os.chown(tmp_path / "theirs", 12345, 12345)
    assert Cache.open(tmp_path / "theirs") is None
    (tmp_path / "ours").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "ours")
    assert Cache.open(tmp_path / "link") == Cache((tmp_path / "ours").resolve())
    os.chown(tmp_path / "link", 12345, 12345, follow_symlinks=False)
    assert Cache.open(tmp_path / "link") is None


def test_where_nothing_can_be_written_there_is_no_entry(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert cache.put("builds", "key", "one", full) is None
    assert list(cache.entries("builds", "key")) == []
    assert names(cache) == []
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: full(Path()))
    assert cache.put("builds", "key", "one", fill) is None


def test_an_interrupt_leaves_nothing_behind(cache: Cache) -> None:
    def interrupted(folder: Path) -> None:
        fill(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.put("builds", "key", "one", interrupted)
    assert list(cache.entries("builds", "key")) == []
    assert names(cache) == []


def test_the_oldest_entries_are_removed(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit=3500)
    for number in range(3):
        entry = cache.put("builds", f"key{number}", "one", fill)
        assert entry is not None
        os.utime(entry, (1000 + number, 1000 + number))
    cache.touch(tmp_path / "builds" / "key0" / "one")
    cache.put("sources", "key", "one", fill)
    left = sorted(path.name for path in (tmp_path / "builds").iterdir())
    assert left == ["key0", "key2"], "key1 was used longest ago"
    # An entry that is larger than the limit is kept alone.
    large = cache.put("sources", "large", "one", lambda folder: (folder / "content").write_bytes(b"x" * 9000) and None)
    assert large is not None
    assert [path for path in tmp_path.rglob("content") if path.is_file()] == [large / "content"]


def test_of_one_key_the_last_few_entries_are_kept(cache: Cache) -> None:
    for number in range(folders.ENTRIES_PER_KEY + 2):
        entry = cache.put("builds", "key", str(number), fill)
        assert entry is not None
        os.utime(entry, (1000 + number, 1000 + number))
    left = [entry.name for entry in cache.entries("builds", "key")]
    assert len(left) == folders.ENTRIES_PER_KEY
    assert left[0] == str(folders.ENTRIES_PER_KEY + 1)
    assert "0" not in left


def test_what_was_abandoned_is_removed(cache: Cache) -> None:
    for name in ("old", "new"):
        (cache.folder / "unfinished" / name).mkdir(parents=True)
    os.utime(cache.folder / "unfinished" / "old", (1000, 1000))
    cache.put("builds", "key", "one", fill)
    assert names(cache) == ["new"]


PUT_MANY = """
import sys
from pathlib import Path
from glocal_rdf.cache.folder import Cache

cache, whole = Cache(Path(sys.argv[1]), limit=20_000), True
print("ready", flush=True)
sys.stdin.readline()
for number in range(60):
    key = f"key{number % 7}"
    entry = cache.put("builds", key, f"{number % 5}", lambda folder: (folder / "content").write_bytes(b"x" * 1000))
    for found in cache.entries("builds", key):
        try:
            whole = whole and len((found / "content").read_bytes()) == 1000
        except FileNotFoundError:
            continue  # Another process has just removed it.
    if entry is not None and number % 11 == 0:
        cache.discard(entry)
print("whole" if whole else "cut")
"""


def test_processes_write_read_and_remove_the_same_entries(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PUT_MANY, str(tmp_path)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    # All go on at once.
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    assert [(*worker.communicate(timeout=100), worker.returncode) for worker in workers] == [("whole\n", "", 0)] * 3
    assert all((entry / "content").stat().st_size == 1000 for entry in tmp_path.glob("builds/*/*"))


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "missing"])
def test_a_damaged_file_is_never_read(tmp_path: Path, damage: str) -> None:
    graph = Triples.from_terms([("<urn:a>", "<urn:p>", f'"{n}"') for n in range(100)])
    write_frame(tmp_path / "graph.arrow", graph.frame)
    write_json(tmp_path / "record.json", {"a": 1})
    assert read_frame(tmp_path / "graph.arrow").equals(graph.frame)
    assert read_json(tmp_path / "record.json") == {"a": 1}
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "file").write_bytes(b"x" * 100)
    listed = list_files(tmp_path / "store")
    check_files(tmp_path / "store", listed)
    for path in (tmp_path / "graph.arrow", tmp_path / "record.json", tmp_path / "store" / "file"):
        data = bytearray(path.read_bytes())
        data[-3] ^= 1
        path.unlink()
        if damage != "missing":
            path.write_bytes({"flipped": data, "cut": data[:-5], "empty": b""}[damage])
    with pytest.raises(DamagedError):
        read_frame(tmp_path / "graph.arrow")
    with pytest.raises(DamagedError):
        read_json(tmp_path / "record.json")
    with pytest.raises(DamagedError):
        check_files(tmp_path / "store", listed)
