"""Runs the code blocks of a documentation page in order, as a reader would, and compares what they print.

Three kinds of fenced blocks are run, all in the page's own work folder, which starts as a checkout of this repository:

- `console`: a line that begins with `$ ` is a command, which a `\\` at its end continues in the next line; the lines
  under it are its output, first stdout, then stderr. `…` on a line of its own stands for any lines.
- any language with `title="FILE"`: the file that the reader saves.
- `pycon`: a Python session, whose blocks share their names; outputs are compared as doctest does.

Other blocks (`sh`, `yaml`, `turtle` without a title, …) are not run: they need a network, or another machine.

`python tests/console_blocks.py PAGE…` writes the present output into the pages: read what it changed before you commit.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from glocal_rdf.cli import cli

ROOT = Path(__file__).parent.parent
CHECKOUT = ("ontology", "shapes", "data", "examples")
FENCE = re.compile(r"^```([a-z-]+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="([^"]+)"')
SHELL = re.compile(r"[|<>&;$`*?~(){}]|^\w+=")
WIDTH = "100"


@dataclass
class Difference:
    """A block that does not do what the page shows."""

    line: int
    command: str
    shown: str
    printed: str

    def __str__(self) -> str:
        """Show both sides."""
        return f"line {self.line}: {self.command}\n--- shown\n{self.shown}\n--- printed\n{self.printed}"


@dataclass
class Page:
    """A page of Markdown and the folder that its blocks run in."""

    text: str
    folder: Path
    exit_code: int = 0
    commands: int = 0
    names: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out the checkout that the reader stands in."""
        here = self.folder / "glocal"
        here.mkdir(parents=True)
        for part in CHECKOUT:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, here / part, ignore=shutil.ignore_patterns("build"))
        self.folder = here

    def run(self) -> Iterator[tuple[Difference, tuple[int, int]]]:
        """Run every block in order; yield the differences, with the positions of what is shown."""
        for block in FENCE.finditer(self.text):
            language, options, body = block.groups()
            title = TITLE.search(options)
            start = block.start(3)
            if title:
                path = self.folder / title[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(body, encoding="utf-8")
            elif language == "console":
                yield from self._run_console(body, start)
            elif language == "pycon":
                yield from self._run_python(body, start)

    def _run_console(self, body: str, start: int) -> Iterator[tuple[Difference, tuple[int, int]]]:
        for command, first, last in read_commands(body):
            printed = self._run_command(command)
            self.commands += 1
            shown = body[first:last]
            if not matches(shown, printed):
                line = self.text.count("\n", 0, start + first)
                yield Difference(line, command, shown, printed), (start + first, start + last)

    def _run_command(self, command: str) -> str:
        """Run a command; give what it prints, stdout before stderr."""
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "COLUMNS": WIDTH,
            "GLOCAL_DOCUMENTS": None,
        }
        words = [] if SHELL.search(re.sub(r"'[^']*'", "", command)) else shlex.split(command)
        if words[:1] == ["glocal"]:
            with chdir(self.folder):
                result = CliRunner(env=environment).invoke(cli, words[1:], prog_name="glocal")
            if result.exception and not isinstance(result.exception, SystemExit):
                raise result.exception
            self.exit_code = result.exit_code
            return tidy(result.stdout + result.stderr)
        variables = {**os.environ, **{name: value for name, value in environment.items() if value is not None}}
        variables.pop("GLOCAL_DOCUMENTS", None)
        script = f"trap 'pwd >\"$WHERE\"' EXIT; (exit {self.exit_code})\n{command}"
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as here:  # cd holds for the commands after it
            ran = subprocess.run(
                ["bash", "-c", script],
                cwd=self.folder,
                env={**variables, "WHERE": here.name},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            self.folder = Path(here.read().strip())
        self.exit_code = ran.returncode
        return tidy(ran.stdout + ran.stderr)

    def _run_python(self, body: str, start: int) -> Iterator[tuple[Difference, tuple[int, int]]]:
        test = doctest.DocTestParser().get_doctest(body, self.names, "page", None, 0)
        self.names = test.globs
        runner = _Session(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False)
        with chdir(self.folder):
            runner.run(test, clear_globs=False)
        self.commands += len(test.examples)
        for example, printed in runner.differences:
            lines = body.splitlines(keepends=True)
            first = example.lineno + example.source.count("\n")
            begin, end = (len("".join(lines[:number])) for number in (first, first + example.want.count("\n")))
            line = self.text.count("\n", 0, start) + example.lineno + 1
            yield Difference(line, example.source, example.want, printed), (start + begin, start + end)


class _Session(doctest.DocTestRunner):
    """Keeps what an example printed in the place of what the page shows."""

    differences: list[tuple[doctest.Example, str]]

    def run(self, *args: Any, **options: Any) -> doctest.TestResults:
        self.differences = []
        return super().run(*args, **options)

    def report_failure(self, out: object, test: doctest.DocTest, example: doctest.Example, got: str) -> None:
        self.differences.append((example, got))

    def report_unexpected_exception(
        self, out: object, test: doctest.DocTest, example: doctest.Example, exc_info: tuple[Any, ...]
    ) -> None:
        self.differences.append((example, "".join(traceback.format_exception_only(exc_info[1]))))


def read_commands(body: str) -> Iterator[tuple[str, int, int]]:
    """Find each command of a console block, and where its output begins and ends."""
    parts = list(re.finditer(r"^\$ ((?:.*\\\n)*.*)\n?", body, re.MULTILINE))
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        yield re.sub(r"\\\n *", "", part[1]), part.end(), after.start() if after else len(body)


def tidy(printed: str) -> str:
    """Take white space off the ends of lines, and empty lines off the end."""
    text = "\n".join(line.rstrip() for line in printed.splitlines()).rstrip("\n")
    return text + "\n" if text else ""


def matches(shown: str, printed: str) -> bool:
    """Tell whether the printed lines are the shown ones, `…` standing for any."""
    lines = shown.splitlines()
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line.rstrip()) + r"\n" for line in lines)
    return re.fullmatch(pattern, printed) is not None


def rewrite(path: Path) -> int:
    """Write the present output into a page; return how many commands differed."""
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        differences = list(Page(text, Path(folder)).run())
    for difference, (first, last) in reversed(differences):
        text = text[:first] + difference.printed + text[last:]
    path.write_text(text, encoding="utf-8")
    return len(differences)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{name}: {rewrite(Path(name))} changed")
