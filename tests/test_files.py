"""Files are read without waiting, and written whole: through links, pipes and devices, and never over them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import Run

from glocal_rdf import csvw
from glocal_rdf.errors import GlocalError, InputError, OutputError
from glocal_rdf.files import open_input, open_output, read_bytes, write_bytes

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


@pytest.mark.skipif(sys.platform != "linux", reason="a file that opens and cannot be read")
@pytest.mark.parametrize("words", [["csvw"], ["csvw", "--describe"], ["convert", "-f", "nt", "--input-format", "nt"]])
def test_a_file_that_cannot_be_read_to_the_end_is_named(words: list[str], run: Run) -> None:
    result = run(*words, "/proc/self/mem")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0].startswith("/proc/self/mem: cannot be read (Input/output error); ")


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of memory")
def test_a_small_file_is_read_with_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "t.nt"
    path.write_bytes(b"abc")
    code = (
        "import pathlib, resource, sys; from glocal_rdf.files import read_bytes;"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30));"
        "print(read_bytes(pathlib.Path(sys.argv[1])).decode())"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, b"abc", b"")


def test_a_file_whose_size_is_not_known_is_read_whole_and_bounded() -> None:
    read, write = os.pipe()
    data = b"x" * 3_000_000
    writer = threading.Thread(target=lambda: [os.write(write, data), os.close(write)])
    writer.start()
    assert read_bytes(Path(f"/dev/fd/{read}")) == data
    writer.join()
    os.close(read)
    assert read_bytes(Path("/proc/self/status")).startswith(b"Name:")
    with pytest.raises(InputError, match="is longer than 1 MiB"):
        read_bytes(Path("/proc/self/status"), limit=10)


def _write_in_parts(data: bytes, path: Path) -> None:
    with open_output(path) as file:
        file.write(data)


@pytest.mark.parametrize("form", ["whole", "stream"])
def test_a_link_that_leads_back_to_itself_is_an_error_and_stays(form: str, tmp_path: Path) -> None:
    link = tmp_path / "a.nt"
    link.symlink_to("b.nt")
    (tmp_path / "b.nt").symlink_to("a.nt")
    write = write_bytes if form == "whole" else _write_in_parts
    with pytest.raises(OutputError, match="Too many levels of symbolic links"):
        write(b"x", link)
    assert link.is_symlink()


@pytest.mark.parametrize("words", [["csvw", "."], ["csvw", ""], ["csvw", "--describe", "."]])
def test_a_folder_in_place_of_a_table_is_named(words: list[str], run: Run) -> None:
    assert run(*words).stderr == ".: is a folder, not a file; name a file in it\n"


def test_a_query_with_a_byte_order_mark_is_asked(tmp_path: Path, run: Run) -> None:
    (tmp_path / "q.rq").write_text("ASK { ?s ?p 1 }", encoding="utf-8-sig")
    (tmp_path / "d.ttl").write_text("<http://e/s> <http://e/p> 1 .", encoding="utf-8-sig")
    result = run("query", "--source", tmp_path / "d.ttl", "--file", tmp_path / "q.rq")
    assert (result.exit_code, result.stdout) == (0, "yes\n")


def test_a_table_whose_name_is_not_utf_8_has_its_bytes_in_its_address(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.csv")
    try:
        path.write_text(TABLE)
    except OSError:
        pytest.skip("the file system takes no such name")
    made = csvw.convert(path, base="http://e.org/").triples.serialize("ntriples")
    assert b'<http://e.org/caf%E9.csv#a> "1"' in made
    assert csvw.describe(path).document["url"] == "caf%E9.csv"


def test_a_table_whose_name_leaves_no_room_for_that_of_a_description_is_read(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 246 + ".csv")
    path.write_text(TABLE)
    assert len(csvw.convert(path, base="http://e.org/").triples) == 2


def test_a_description_that_is_null_is_not_read_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "m.json").write_text("null")
    for source, metadata in ((tmp_path / "m.json", None), (tmp_path / "t.csv", tmp_path / "m.json")):
        with pytest.raises(GlocalError, match=r"m\.json: is not a metadata document: its JSON is not an object"):
            csvw.convert(source, metadata=metadata)


@pytest.mark.parametrize("name", ["none.csv", ".", "/dev/zero", "none.xlsx#sheet=a"])
def test_a_source_that_cannot_be_read_is_not_checked_and_not_a_no(name: str, run: Run) -> None:
    result = run("csvw", "--check", name)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
