"""Progress is shown on a terminal alone, from the second second of a run on, and leaves nothing behind."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.slow

START = """
import sys, time
from glocal_rdf.cli import progress
progress.DELAY = progress.PAUSE = {delay}
progress.INTERVAL = 0.01
"""
COMMAND = """
from glocal_rdf.cli import main
sys.argv = ["glocal", *{words!r}]
main()
"""


def run_on_terminal(
    code: str, *, columns: int = 80, stdout: bool = False, folder: Path = ROOT, **environment: str
) -> tuple[str, str]:
    """Run code whose stderr is a terminal, and its stdout too if `stdout`; return what the terminal and stdout got."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with (
        tempfile.TemporaryFile() as output,
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=folder,
            stderr=theirs,
            stdout=theirs if stdout else output,
            env=os.environ | {"TERM": "xterm", "PYTHONWARNINGS": "default"} | environment,
        ) as process,
    ):
        os.close(theirs)
        shown = b""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                part = os.read(ours, 4096)
            except OSError:  # how Linux ends a terminal that nobody has open
                break
            if not part:
                break
            shown += part
        process.wait(60)
        output.seek(0)
        printed = output.read()
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode(), printed.decode()


def left_on(shown: str) -> str:
    """Return what is left on the terminal: a carriage return lets the line be overwritten."""
    lines = []
    for line in shown.replace("\r\n", "\n").split("\n"):
        left = ""
        for part in line.split("\r"):
            left = part + left[len(part) :]
        lines.append(left.rstrip())
    return "\n".join(lines).strip()


def test_a_step_that_takes_long_is_shown_and_erased() -> None:
    code = START.format(delay=0.05) + "with progress.show_progress('validating'): time.sleep(0.3)\nprint('done')"
    shown, printed = run_on_terminal(code)
    assert re.search(r"\r[|/-] validating, 0 s", shown)
    assert (left_on(shown), printed) == ("", "done\n")


def test_no_colour_and_no_other_escape_of_terminals_is_used() -> None:
    code = START.format(delay=0.0) + "with progress.show_progress('validating'): time.sleep(0.1)"
    assert "\x1b" not in run_on_terminal(code)[0]


def test_a_step_that_is_short_shows_nothing() -> None:
    code = START.format(delay=5) + "with progress.show_progress('validating'): time.sleep(0.1)"
    assert run_on_terminal(code)[0] == ""


def test_a_count_is_shown() -> None:
    code = START.format(delay=0.0) + (
        "with progress.show_progress('converting') as shown:\n  shown.count(1234567, 'triples')\n  time.sleep(0.2)"
    )
    assert "converting, 1,234,567 triples, 0 s" in run_on_terminal(code)[0]


def test_the_step_of_a_run_on_a_cluster_is_shown() -> None:
    code = START.format(delay=0.0) + (
        "from glocal_rdf.cluster.steps import begin_step\n"
        "with progress.show_steps('validating on the cluster'):\n"
        "  begin_step(['reading', 'following'], 'following')\n  time.sleep(0.2)\n"
    )
    shown, _ = run_on_terminal(code)
    assert re.search(r"\r[|/-] validating on the cluster, step 2 of 2: following, 0 s", shown)
    assert left_on(shown) == ""


def test_messages_meanwhile_stand_on_lines_of_their_own() -> None:
    code = START.format(delay=0.0) + (
        "from glocal_rdf.cli.output import print_note\n"
        "with progress.show_progress('validating'):\n"
        "  for number in range(20):\n    time.sleep(0.015)\n    print_note(f'note {number}')\n"
    )
    shown, _ = run_on_terminal(code)
    assert "validating" in shown
    assert left_on(shown) == "\n".join(f"note {number}" for number in range(20))


@pytest.mark.parametrize("columns", [0, 40, 20, 13, 5])
def test_the_line_fits_a_narrow_terminal(columns: int) -> None:
    code = START.format(delay=0.0) + "with progress.show_progress('a step with a long name'): time.sleep(0.1)"
    shown, _ = run_on_terminal(code, columns=columns)
    assert max(map(len, re.split(r"[\r\n]+", shown))) < (columns or 80)
    assert ("a step" in shown) == (columns != 5)


@pytest.mark.parametrize(
    ("stdout", "term", "visible"), [(False, "xterm", True), (True, "xterm", False), (False, "dumb", False)]
)
def test_results_on_a_terminal_and_dumb_terminals_are_left_alone(stdout: bool, term: str, visible: bool) -> None:
    code = START.format(delay=0.0) + "with progress.show_progress('converting', prints=True): time.sleep(0.1)"
    assert ("converting" in run_on_terminal(code, stdout=stdout, TERM=term)[0]) is visible


def test_an_interrupt_erases_the_line() -> None:
    code = START.format(delay=0.0) + (
        "try:\n  with progress.show_progress('validating'):\n    time.sleep(0.1)\n    raise KeyboardInterrupt\n"
        "except KeyboardInterrupt:\n  pass\n"
    )
    shown, _ = run_on_terminal(code)
    assert "validating" in shown
    assert left_on(shown) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "steps"),
    [
        (["validate"], ["building the graph", "validating"]),
        (["query", "oldest-network", "-f", "csv"], ["building the graph", "querying"]),
        (["export", "-f", "ntriples"], ["building the graph", "writing the graph"]),
        (["convert", "ontology/glocal.ttl", "-f", "nt"], ["reading the file"]),
        (["csvw", "data/places.csv", "--stream"], ["converting"]),
    ],
    ids=lambda words: words[0],
)
def test_commands_that_may_take_long_show_their_steps(words: list[str], steps: list[str]) -> None:
    shown, printed = run_on_terminal(START.format(delay=0.0) + COMMAND.format(words=words))
    assert [step for step in steps if step not in shown] == []
    assert not re.search(r"[|/\\-] \w+ing", left_on(shown))
    assert printed


def test_nothing_is_shown_in_a_pipe() -> None:
    code = START.format(delay=0.0) + COMMAND.format(words=["validate"])
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert "validating" not in ran.stderr
