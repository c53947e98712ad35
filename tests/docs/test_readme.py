"""README opens with the two lines that set a machine up, and names questions that are there.

`test_pages.py` runs its blocks; the two lines are run by `.ci/run`, which installs by them.
"""

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


def test_every_bundled_question_that_it_names_is_there() -> None:
    named = {
        words[2]
        for language, _, body in FENCE.findall(README)
        if language == "console"
        for command, _, _ in read_commands(body)
        if (words := shlex.split(command))[:2] == ["glocal", "query"]
    }
    names = {question.name for question in list_questions()}
    assert {name for name in named if not name.startswith("-")} <= names
