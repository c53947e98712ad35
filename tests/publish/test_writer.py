"""The writer of a site: what has changed is written, and all of it or nothing appears."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from glocal_rdf.errors import OutputError
from glocal_rdf.publish.site import File
from glocal_rdf.publish.writer import LIST, write_site

OLD = (File("index.html", b"old"), File("doc/a.html", b"a"), File("doc/b.html", b"b"), File("dump.nt", [b"1", b"2"]))
NEW = (File("index.html", b"new"), File("doc/a.html", b"a"), File("c/d.html", b"d"), File("dump.nt", [b"12"]))


def read_all(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != LIST)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_only_what_has_changed_is_written_and_what_is_no_more_is_removed(tmp_path: Path) -> None:
    site = tmp_path / "site"
    first = write_site(OLD, site)
    assert (first.files, first.changed, first.removed, first.size) == (4, 4, 0, 7)
    numbers = {name: (site / name).stat().st_ino for name in ("doc/a.html", "dump.nt", "index.html")}
    second = write_site(NEW, site)
    assert (second.files, second.changed, second.removed) == (4, 2, 1 + 0)
    assert read_all(site) == {"index.html": b"new", "doc/a.html": b"a", "c/d.html": b"d", "dump.nt": b"12"}
    assert {name for name, number in numbers.items() if (site / name).stat().st_ino == number} == {
        "doc/a.html",
        "dump.nt",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, OSError])
def test_an_interrupted_run_leaves_the_former_site_whole_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    site = tmp_path / "site"
    write_site(OLD, site)
    before = read_all(site)

    def interrupted() -> Iterator[File]:
        yield NEW[0]
        raise error("stop")

    with pytest.raises(OutputError if error is OSError else error):
        write_site(interrupted(), site)
    assert read_all(site) == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("step", ["former", "site"])
def test_an_interrupt_between_the_two_renames_puts_the_former_site_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    site = tmp_path / "site"
    write_site(OLD, site)
    (site / "CNAME").write_bytes(b"example.org")
    before = read_all(site)
    replace = Path.replace

    def interrupt(self: Path, target: Path) -> Path:
        if Path(target).name == f".{site.name}.former" if step == "former" else Path(target) == site:
            monkeypatch.setattr(Path, "replace", replace)
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_site(NEW, site)
    assert read_all(site) == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_run_that_was_killed_between_the_renames_is_made_good_by_the_next(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(OLD, site)
    site.rename(tmp_path / ".site.former")
    assert write_site(OLD, site).changed == 0
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_run_that_is_killed_leaves_the_former_site_and_the_next_one_replaces_it(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(OLD, site)
    before = read_all(site)
    program = f"""
import os, signal
from pathlib import Path
from glocal_rdf.publish.site import File
from glocal_rdf.publish.writer import write_site
def files():
    yield File("index.html", b"new")
    yield File("doc/a.html", b"new")
    os.kill(os.getpid(), signal.SIGKILL)
write_site(files(), Path({str(site)!r}))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    assert read_all(site) == before
    left = [path for path in tmp_path.iterdir() if path.name != "site"]
    assert len(left) == 1
    os.utime(left[0], (0, 0))
    assert write_site(NEW, site).changed == 2
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_files_of_others_are_kept_and_never_overwritten(tmp_path: Path) -> None:
    write_site(OLD, tmp_path / "site")
    for name in (".git/HEAD", "CNAME", "doc/mine.txt"):
        (tmp_path / "site" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "site" / name).write_bytes(b"mine")
    assert write_site(NEW, tmp_path / "site").kept == (".git", "CNAME", "doc/mine.txt")
    before = read_all(tmp_path / "site")
    assert {name for name, data in before.items() if data == b"mine"} == {".git/HEAD", "CNAME", "doc/mine.txt"}
    for path in ("CNAME", "CNAME/x", ".git/HEAD", "doc"):
        with pytest.raises(OutputError, match="is not of the former site, and would be overwritten"):
            write_site([*NEW[:1], File(path, b"site")], tmp_path / "site")
        assert read_all(tmp_path / "site") == before


def test_a_folder_that_is_not_a_site_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    assert write_site(OLD, tmp_path / "site").files == 4
    (tmp_path / "site" / LIST).write_text("something else", encoding="utf-8")
    with pytest.raises(OutputError, match="has files, and is not a site"):
        write_site(NEW, tmp_path / "site")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        write_site(NEW, tmp_path / "site" / "index.html")


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a\\b", "a\nb", "index.html"]
)
def test_a_path_out_of_the_site_or_twice_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(OutputError):
        write_site([File("index.html", b""), File(path, b"x")], tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to(tmp_path / "real")
    write_site(OLD, tmp_path / "site")
    assert (tmp_path / "site").is_symlink()
    assert (tmp_path / "real" / "index.html").read_bytes() == b"old"
