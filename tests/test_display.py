"""What comes from data cannot command a terminal, end a cell of Markdown, or be cut where somebody must copy it."""

from __future__ import annotations

import json
import os
import pty
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

from glocal_rdf.display import as_markdown_cell, visible

HOSTILE = "a\x1b[31mRED\x07\x9b2J\u202eX\u2028\x7f\u200b\x00\r\n\tz"
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2028\u200b]")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "h.nt"
    text = json.dumps(HOSTILE.replace("\x00", ""), ensure_ascii=True).replace("\\u0000", "")
    path.write_text(f"<http://e/s> <http://e/p> {text} .\n", encoding="utf-8")
    return path


def on_terminal(words: list[object], columns: int) -> str:
    """Run the command on a terminal of so many columns, and return what it prints."""
    import fcntl
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in {"COLUMNS", "LINES"}}
    environment |= {"NO_COLOR": "1", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "glocal_rdf", *map(str, words)]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, stdin=theirs, env=environment):
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:
                break
            if not part:
                break
            parts.append(part)
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "code", [*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x200E, 0x2028, 0x202E, 0x2066, 0xFEFF, 0xDCFF]
)
def test_every_control_character_is_shown_as_an_escape(code: int) -> None:
    shown = visible(f"a{chr(code)}b")
    assert shown.isprintable()
    assert shown.startswith("a\\")


def test_words_of_every_script_stay_as_they_are() -> None:
    for text in ("臺北 Taipei", "नमस्ते", "مرحبا", "👨‍👩‍👧", "naïve\u00a0x", "C:\\temp"):
        assert visible(text) == text


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_forms_for_people_hold_no_control_character(run: Run, hostile: Path, form: str) -> None:
    result = run("query", "--source", hostile, "--text", "SELECT ?o { ?s ?p ?o }", "-f", form)
    assert result.exit_code == 0
    assert not UNSEEN.search(result.stdout)
    assert "RED" in result.stdout


def test_data_is_exact_in_a_file_and_in_a_pipe(run: Run, hostile: Path, tmp_path: Path) -> None:
    text = HOSTILE.replace("\x00", "")
    words = ["query", "--source", hostile, "--text", "SELECT ?o { ?s ?p ?o }", "-f"]
    assert text.encode() in run(*words, "csv").stdout_bytes
    assert json.loads(run(*words, "json").stdout)["results"]["bindings"][0]["o"]["value"] == text
    run(*words, "csv", "-o", tmp_path / "o.csv")
    assert text.encode() in (tmp_path / "o.csv").read_bytes()


@pytest.mark.slow
def test_nothing_commands_a_terminal_in_any_form(hostile: Path) -> None:
    for form in ("csv", "tsv", "json", "xml", "table", "markdown"):
        printed = on_terminal(["query", "--source", hostile, "--text", "SELECT ?o { ?s ?p ?o }", "-f", form], 80)
        assert not UNSEEN.search(printed.replace("\r", "")), form
        assert "RED" in printed


def test_names_and_texts_of_a_project_cannot_command_a_terminal(run: Run, small: Path) -> None:
    (small / "data" / "cities.csv").write_text('id,name,country\ntaipei,"T\x1b[31mRED\x07",Taiwan\n', encoding="utf-8")
    (small / "doc.txt").write_text("one \x1b]0;t\x07RED two", encoding="utf-8")
    for words in (
        ["explain", "https://data.example/id/taipei", "-p", small],
        ["explain", "https://data.example/id/taipei", "-p", small, "--json"],
        ["find", "red", "-p", small],
        ["find", "red", "-p", small, "--json"],
        ["cite", small / "doc.txt", "RED", "-p", small],
        ["cite", small / "doc.txt", "RED", "-p", small, "--json"],
        ["explain", "x\x1b[2Jy", "-p", small],
        ["csvw", "x\x1b[2J\ny.csv"],
    ):
        result = run(*words)
        assert not UNSEEN.search(result.stdout + result.stderr), words
    assert run("csvw", "x\ny.csv").stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a\\|b", r"a\\\|b"),
        ("<b>x</b>", "&lt;b>x&lt;/b>"),
        ("&lt;script", "&amp;lt;script"),
        ("`code` *em* [l](u) ~~s~~", r"\`code\` \*em\* \[l](u) \~\~s\~\~"),
        ("name_en _x_", r"name_en \_x\_"),
        ("two\r\nlines", "two lines"),
        ("https://e.org/a_b?c=1#char=1,2", "https://e.org/a_b?c=1#char=1,2"),
    ],
)
def test_a_cell_of_markdown_holds_no_markup_and_does_not_end_early(text: str, cell: str) -> None:
    assert as_markdown_cell(text) == cell


FORMULAS = ["=1+2", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1"]
HARMLESS = ["-5", "+5.0", "1e3", "-1.5E-7", "a=b", "", "'=1"]


def test_formulas_are_exact_in_csv_and_guarded_where_that_is_asked_for(run: Run, tmp_path: Path) -> None:
    import csv
    import io

    lines = [f"<http://e/{n:02}> <http://e/p> {json.dumps(text)} ." for n, text in enumerate(FORMULAS + HARMLESS)]
    (tmp_path / "f.nt").write_text("\n".join(lines), encoding="utf-8")
    words = ["query", "--source", tmp_path / "f.nt", "--text", "SELECT ?o { ?s ?p ?o } ORDER BY ?s", "-f", "csv"]
    exact, safe = (
        [row[0] if row else "" for row in csv.reader(io.StringIO(run(*words, *more).stdout_bytes.decode(), newline=""))]
        for more in ([], ["--safe-csv"])
    )
    assert exact[1:] == FORMULAS + HARMLESS
    assert safe[1:] == [f"'{text}" for text in FORMULAS] + HARMLESS


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_names_are_never_cut_in_the_list_of_questions(run: Run, columns: int) -> None:
    names = {question["name"] for question in json.loads(run("query", "--list", "-f", "json").stdout)}
    printed = on_terminal(["query", "--list"], columns)
    words = set(printed.split())
    assert "…" not in printed
    assert len(names) > 50
    assert names <= words


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_a_table_that_fits_no_line_is_printed_in_blocks_and_keeps_its_iris(tmp_path: Path, columns: int) -> None:
    iri = "https://data.example/id/a-very-long-identifier-that-somebody-must-copy/and-more"
    text = "A long description in many words, which may go on several lines. " * 3
    (tmp_path / "g.nt").write_text(f'<{iri}> <http://e/p> "{text}" .\n', encoding="utf-8")
    printed = on_terminal(["query", "--source", tmp_path / "g.nt", "--text", "SELECT ?s ?o { ?s ?p ?o }"], columns)
    assert iri in printed
    assert printed.count("description") == 3


def test_the_list_of_questions_is_written_in_the_form_that_is_asked_for(run: Run, tmp_path: Path) -> None:
    listed = json.loads(run("query", "--list", "-f", "json", "--lang", "en").stdout)
    assert {"group", "name", "question", "parameters", "origin"} == set(listed[0])
    assert run("query", "--list", "-f", "csv").stdout.splitlines()[0] == "group,name,question,parameters,origin"
    assert run("query", "--list", "-f", "markdown", "-o", tmp_path / "l.md").exit_code == 0
    assert len((tmp_path / "l.md").read_text(encoding="utf-8").splitlines()) == len(listed) + 2
    assert run("query", "--list", "-f", "turtle").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["query", "--list", "--source", "x"],
        ["query", "--show", "denotes", "-f", "json"],
        ["query", "denotes", "--safe-csv"],
        ["query", "--text", "ASK {}", "--source", "x", "-p", "y"],
        ["csvw", "t.csv", "--stream", "-f", "turtle"],
        ["csvw", "t.csv", "-f", "github"],
        ["csvw", "t.csv", "--no-distinct"],
        ["csvw", "--describe", "--check", "t.csv"],
        ["csvw", "--check", "t.csv", "-o", "x"],
        ["cite", "-f", "csv", "--json", "x", "y"],
        ["export", "--lang", "en"],
    ],
    ids=" ".join,
)
def test_an_option_that_would_be_ignored_is_refused_in_one_line(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_an_ask_query_that_is_answered_with_no_gives_exit_code_1(run: Run, hostile: Path) -> None:
    words = ["query", "--source", hostile, "--text"]
    assert run(*words, "ASK { ?s <http://e/p> ?o }").exit_code == 0
    assert run(*words, "ASK { ?s <http://e/q> ?o }").exit_code == 1
