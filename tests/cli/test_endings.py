"""Whatever happens to a command ends in one line on stderr and exit code 0, 1 or 2; Ctrl-C ends in 130."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from conftest import ROOT, Run

pytestmark = pytest.mark.slow

GLOCAL = [sys.executable, "-m", "glocal_rdf"]
DATA = "<http://e/s> <http://e/p> %s .\n"


def start(arguments: Sequence[object], **options: object) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **options.pop("env", {})}  # type: ignore[dict-item]
    return subprocess.Popen([*GLOCAL, *map(os.fspath, arguments)], env=environment, **options)  # type: ignore[call-overload,no-any-return]


def ends(
    arguments: Sequence[object], env: Mapping[str, str] | None = None, **options: object
) -> tuple[int, bytes, str]:
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": dict(env or {}), **options}
    with start(arguments, **options) as process:
        out, err = process.communicate(timeout=100)
    return process.returncode, out or b"", (err or b"").decode()


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "graph.nt"
    path.write_text("".join(f'<http://e/{n}> <http://e/p> "{"x" * 100}" .\n' for n in range(5000)), encoding="utf-8")
    return path


COMMANDS = [
    ["--help"],
    ["--version"],
    ["query", "--list"],
    ["query", "--help"],
    ["query", "--source", "GRAPH", "--text", "ASK {}"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_full_stdout_is_one_line_and_exit_code_2(words: list[str], graph: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        code, _, err = ends([word.replace("GRAPH", str(graph)) for word in words], stdout=full)
    assert code == 2
    assert err == "stdout: cannot be written (No space left on device); make room, or write to a file with -o\n"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_closed_stdout_is_one_line_and_exit_code_2(words: list[str], graph: Path) -> None:
    code, _, err = ends([w.replace("GRAPH", str(graph)) for w in words], stdout=None, preexec_fn=lambda: os.close(1))
    assert code == 2
    assert err == "stdout: is closed, so that the result cannot be written; write to a file with -o\n"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_reader_that_has_gone_is_no_error(words: list[str], graph: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    code, _, err = ends([word.replace("GRAPH", str(graph)) for word in words], stdout=write)
    os.close(write)
    assert (code, err) == (0, "")


def test_the_exit_code_is_that_of_the_whole_run_though_the_reader_has_gone(graph: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    code, _, err = ends(["query", "--source", graph, "--text", "ASK { <http://e/none> ?p ?o }"], stdout=write)
    os.close(write)
    assert code == 1
    assert "stdout" not in err
    assert "Traceback" not in err


def limit_size() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_short_write_is_not_success(graph: Path, tmp_path: Path, unbuffered: str) -> None:
    with (tmp_path / "out.nt").open("wb") as out:
        words = ["convert", graph, "-f", "ntriples"]
        code, _, err = ends(words, {"PYTHONUNBUFFERED": unbuffered}, stdout=out, preexec_fn=limit_size)
    assert code == 2
    assert err == "stdout: cannot be written (File too large); make room, or write to a file with -o\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_all_is_written_whether_python_buffers_or_not(graph: Path, unbuffered: str) -> None:
    code, out, _ = ends(["convert", graph, "-f", "ntriples"], {"PYTHONUNBUFFERED": unbuffered})
    assert code == 0
    assert sorted(out.splitlines()) == sorted(graph.read_bytes().splitlines())


def test_a_closed_stdin_is_one_line() -> None:
    words = ["query", "--source", "x.nt", "--file", "-"]
    code, _, err = ends(words, stdin=None, preexec_fn=lambda: os.close(0), cwd="/")
    assert code == 2
    assert err.count("\n") == 1


def test_a_full_stderr_leaves_the_exit_code() -> None:
    with Path("/dev/full").open("wb") as full:
        assert ends(["bogus"], stderr=full)[0] == 2


@pytest.mark.parametrize(
    "words", [["find", b"a\xff"], ["explain", b"\xff"], ["query", "--text", b"\xff"], ["cite", b"\xff", "x"]]
)
def test_an_argument_that_is_not_utf_8_is_one_line(words: list[str | bytes]) -> None:
    code, _, err = ends([os.fsdecode(word) for word in words])
    assert code == 2
    assert err.count("\n") == 1
    assert r"\xff" in err


@pytest.mark.parametrize(
    "words",
    [["csvw", "x" * 5000], ["query", "--file", "x" * 5000, "--source", "y"], ["convert", "x" * 5000, "-f", "nt"]],
)
def test_a_name_too_long_for_the_system_is_one_short_line(words: list[str]) -> None:
    code, _, err = ends(words)
    assert code == 2
    assert err.count("\n") == 1
    assert len(err) < 1000


def test_a_deleted_folder_is_one_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    words = [
        "-c",
        f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); from glocal_rdf.__main__ import main; main()",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, *words, "find", "x"], capture_output=True, env=environment, timeout=60, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr == b"the working directory was deleted; change to another one\n"


def test_too_little_memory_is_one_line(graph: Path) -> None:
    code = (
        "import glocal_rdf.operations.convert as v\ndef f(*a, **k): raise MemoryError\nv.read_dataset = f\n"
        "from glocal_rdf.cli import main; import sys; sys.argv[1:] = ['convert', 'x.nt', '-f', 'nt']; main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=graph.parent, timeout=60, check=False)
    assert ran.returncode == 2
    assert ran.stderr == b"there is not enough memory for this; use a smaller input, or a machine with more\n"


@pytest.mark.parametrize(
    "error", ["KeyError('x')", "ValueError('a\\nb')", "RuntimeError()", "RecursionError()", "OSError(5, 'E', 'f\\ng')"]
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_error_that_nobody_foresaw_is_one_line_and_debug_shows_where(error: str, debug: bool) -> None:
    code = (
        f"import glocal_rdf.operations.convert as v\ndef f(*a, **k): raise {error}\nv.read_dataset = f\n"
        "from glocal_rdf.cli import main\n"
        f"import sys; sys.argv[1:] = {['--debug'] if debug else []} + ['convert', 'x.nt', '-f', 'nt']; main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=60, check=False)
    assert ran.returncode == 2
    assert (b"Traceback" in ran.stderr) is debug
    assert debug or ran.stderr.count(b"\n") == 1


@pytest.mark.parametrize("after", [0.005, 0.05, 0.1, 0.2, 0.5])
def test_ctrl_c_ends_in_130_without_a_traceback_also_while_it_is_imported(tmp_path: Path, after: float) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,b\n" + "1,2\n" * 2_000_000, encoding="utf-8")
    words = ["csvw", str(table), "--stream", "-o", str(tmp_path / "out.nt")]
    code = f"from glocal_rdf.__main__ import main; import sys; sys.argv[1:] = {words}; print('now', flush=True); main()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert not err.strip()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv"]


def test_an_interrupt_ends_a_library_that_does_not_hear_it(tmp_path: Path) -> None:
    code = (
        "import glocal_rdf.operations.convert as v, ctypes\n"
        "def f(*a, **k): print('now', flush=True); ctypes.CDLL(None).sleep(60)\n"
        "v.read_dataset = f\nfrom glocal_rdf.cli import main\nimport sys\n"
        "sys.argv[1:] = ['convert', 'x.nt', '-f', 'nt']; main()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert process.returncode == 130
    assert time.monotonic() - began < 10


def test_sigterm_leaves_nothing_half_written(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,b\n" + "1,2\n" * 2_000_000, encoding="utf-8")
    with start(["csvw", table, "--stream", "-o", tmp_path / "out.nt"]) as process:
        for _ in range(300):
            if list(tmp_path.glob(".*.part")) or process.poll() is not None:
                break
            time.sleep(0.05)
        process.terminate()
        process.wait(30)
    assert process.returncode == 143
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv"]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "cp950", "utf-8"])
def test_every_encoding_of_stdout_shows_the_answer_and_says_what_it_cannot(graph: Path, encoding: str) -> None:
    graph.write_text(DATA % '"臺北 café …"', encoding="utf-8")
    words = ["query", "--source", graph, "--text", "SELECT ?o { ?s ?p ?o }"]
    code, out, err = ends(words, {"PYTHONIOENCODING": encoding})
    assert code == 0
    assert out.decode(encoding)
    fits = encoding == "utf-8"
    assert ("臺北 café …" in out.decode(encoding)) is fits
    assert ("does not have" in err) is not fits
    exact = ends([*words, "-f", "csv"], {"PYTHONIOENCODING": encoding})[1]
    assert exact == "o\r\n臺北 café …\r\n".encode()


def test_a_mistake_in_the_arguments_is_one_line(run: Run) -> None:
    for words in (["--nope"], ["query", "--nope"], ["explain"], ["find"], ["biuld"], ["export", "-f", "\x1b[2J"]):
        result = run(*words)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
        assert "\x1b" not in result.stderr
        assert "--help" in result.stderr
