"""README and the documentation site are run: every block does what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT
from console_blocks import Page, matches, read_commands

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUN = re.compile(r"^```(console|pycon)", re.MULTILINE)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


RUN_PAGES = [
    pytest.param(path, id=named(path), marks=() if path.parent == ROOT else pytest.mark.slow)
    for path in PAGES
    if RUN.search(path.read_text(encoding="utf-8"))
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", RUN_PAGES)
def test_every_block_does_what_the_page_shows(path: Path, tmp_path: Path) -> None:
    page = Page(path.read_text(encoding="utf-8"), tmp_path)
    differences = [str(difference) for difference, _ in page.run()]
    assert page.commands
    assert not differences, "\n\n".join(
        [f"{named(path)} (rewrite with: python tests/console_blocks.py {named(path)})", *differences]
    )


def test_dots_stand_for_any_lines_and_nothing_else_does() -> None:
    assert matches("a\n…\nc\n", "a\nb\nb\nc\n")
    assert matches("…\n", "")
    assert not matches("a\nc\n", "a\nb\nc\n")
    assert not matches("a…\n", "ab\n")


def test_commands_end_where_the_next_begins() -> None:
    body = "$ one \\\n    more\nprinted\n$ two\n"
    assert [(command, body[first:last]) for command, first, last in read_commands(body)] == [
        ("one more", "printed\n"),
        ("two", ""),
    ]


def test_a_block_that_prints_something_else_is_a_difference(tmp_path: Path) -> None:
    page = Page('```console\n$ printf "a\\n"\nb\n```\n```pycon\n>>> 1 + 1\n3\n```\n', tmp_path)
    assert [difference.line for difference, _ in page.run()] == [2, 6]


def test_folder_and_exit_code_hold_for_the_next_command(tmp_path: Path) -> None:
    page = Page("```console\n$ mkdir a && cd a\n$ pwd | xargs basename\na\n$ false\n$ echo $?\n1\n```\n", tmp_path)
    assert not list(page.run())
