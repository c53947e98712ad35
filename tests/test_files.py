"""Files are read without waiting, and written whole: through links, pipes and devices, and never over them."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from conftest import Run

from glocal_rdf.errors import InputError, OutputError
from glocal_rdf.triples.files import open_input, open_output, read_bytes, write_bytes

TABLE = "a,b\n1,2\n"


def test_a_pipe_in_a_folder_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(InputError, match=r"t\.csv: is a pipe, not a regular file"):
        read_bytes(tmp_path / "t.csv")


def test_a_pipe_that_the_shell_made_is_read() -> None:
    read, write = os.pipe()
    os.write(write, b"abc")
    os.close(write)
    assert read_bytes(Path(f"/dev/fd/{read}")) == b"abc"
    os.close(read)


def test_a_socket_a_device_and_a_folder_are_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "s"))
        for path, what in ((tmp_path / "s", "socket"), (Path("/dev/zero"), "device"), (tmp_path, "folder")):
            with pytest.raises(InputError, match=what):
                open_input(path)


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    assert read_bytes(tmp_path / "f", 5) == b"12345"
    with pytest.raises(InputError, match="is longer than"):
        read_bytes(tmp_path / "f", 4)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "part",
    ["data/cities.csv", "data/csv-metadata.json", "ontology/x.ttl", "shapes/x.ttl", "ontology/rules/x.rq",
     "data/links/x.sssom.tsv", "data/external/x-metadata.json", "shapes/external/x.ttl"],
)  # fmt: skip
def test_a_pipe_as_any_part_of_a_project_is_refused(run: Run, small: Path, part: str) -> None:
    path = small / part
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    result = run("build", "-p", small, "-o", small / "out")
    assert result.exit_code == 2
    assert path.name in result.stderr


@pytest.mark.parametrize("words", [["--stream"], []], ids=["stream", "whole"])
def test_a_link_stays_a_link_and_its_target_is_written(run: Run, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "target.nt").write_text("old", encoding="utf-8")
    (tmp_path / "far").symlink_to("target.nt")
    (tmp_path / "link.nt").symlink_to("far")
    assert run("csvw", tmp_path / "t.csv", *words, "-o", tmp_path / "link.nt").exit_code == 0
    assert (tmp_path / "link.nt").is_symlink()
    assert (tmp_path / "far").is_symlink()
    assert (tmp_path / "target.nt").read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.parametrize("words", [["--stream"], []], ids=["stream", "whole"])
def test_a_pipe_is_written_through_and_stays(run: Run, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    os.mkfifo(tmp_path / "out.nt")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "out.nt").read_bytes()), daemon=True)
    reader.start()
    assert run("csvw", tmp_path / "t.csv", *words, "-o", tmp_path / "out.nt").exit_code == 0
    reader.join(20)
    assert got[0].count(b"\n") == 2
    assert (tmp_path / "out.nt").is_fifo()


def test_a_link_to_a_device_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/null")
    write_bytes(b"abc", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert Path("/dev/null").is_char_device()


def test_permissions_are_kept_and_a_file_that_may_not_be_written_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_bytes(b"new", path)
    assert path.stat().st_mode & 0o777 == 0o640
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="may not be written"):
        write_bytes(b"newer", path)
    assert path.read_bytes() == b"new"


def test_an_error_leaves_what_was_there_and_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), open_output(path) as file:
        file.write(b"half" * (1 // 0))
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("out", b"old")]


def test_two_that_write_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with open_output(path) as one, open_output(path) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_bytes() == b"one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("words", [["csvw", "{0}", "--stream", "-o", "{0}"], ["csvw", "{0}", "-f", "nt", "-o", "{1}"]])
def test_an_input_is_never_written_over(run: Run, tmp_path: Path, words: list[str]) -> None:
    table, link = tmp_path / "t.csv", tmp_path / "link.nt"
    table.write_text(TABLE, encoding="utf-8")
    link.symlink_to(table)
    result = run(*(word.format(table, link) for word in words))
    assert result.exit_code == 2
    assert "would be overwritten" in result.stderr
    assert table.read_text(encoding="utf-8") == TABLE


def test_a_query_does_not_write_over_its_source(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a.ttl"
    source.write_text("<http://e/s> <http://e/p> 1 .", encoding="utf-8")
    result = run("query", "--source", source, "--text", "CONSTRUCT WHERE { ?s ?p ?o }", "-f", "turtle", "-o", source)
    assert result.exit_code == 2
    assert source.read_text(encoding="utf-8") == "<http://e/s> <http://e/p> 1 ."
