"""README opens with the two lines that set a machine up, and names only questions that are there."""

from __future__ import annotations

import re
import shlex

from conftest import ROOT
from console_blocks import FENCE, read_commands

from glocal_rdf.questions.catalogue import list_questions

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_opens_with_the_two_lines_that_set_a_machine_up() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert blocks[0].splitlines() == ["python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/glocal build"]
    assert blocks[1].splitlines() == ["python3 -m venv .venv && .venv/bin/pip install '.[test]' && .venv/bin/pytest"]


def test_it_shows_your_own_spreadsheet_before_our_dataset() -> None:
    headings = re.findall(r"^## (.*)$", README, re.MULTILINE)
    assert headings.index("Your own spreadsheet") < headings.index("The bundled dataset")


def test_every_bundled_question_that_it_names_is_there() -> None:
    bodies = [body for language, _, body in FENCE.findall(README) if language == "console"]
    words = [shlex.split(command) for body in bodies for command, _, _ in read_commands(body)]
    named = {one[2] for one in words if one[:2] == ["glocal", "query"] and not one[2].startswith("-")}
    assert named
    assert named <= {question.name for question in list_questions()}
