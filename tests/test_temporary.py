"""Temporary folders of processes that were killed are removed by the next one, and those in use are not."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from glocal_rdf.temporary import HeldFolder

HOLD = """
import time
from glocal_rdf.temporary import HeldFolder
folder = HeldFolder("glocal-test-")
print(folder.path, flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_a_folder_is_there_until_it_is_removed(tmp_path: Path) -> None:
    folder = HeldFolder("glocal-test-")
    assert folder.path.is_dir()
    folder.cleanup()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_one_uses_is_kept(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        other = Path(process.stdout.readline().strip())
        HeldFolder("glocal-test-").cleanup()
        assert other.is_dir(), "it is in use"
        process.kill()
    assert other.is_dir(), "nobody has removed it yet"
    HeldFolder("glocal-test-").cleanup()
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_such_a_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "glocal-test-file").touch()
    (tmp_path / "glocal-test-folder").mkdir()
    HeldFolder("glocal-test-").cleanup()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["glocal-test-file", "glocal-test-folder"]
