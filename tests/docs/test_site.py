"""The documentation is whole: every page is reachable, every link leads somewhere, every command has its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import yaml
from command_tree import LEAVES
from conftest import ROOT
from picture import PICTURE, draw, explain

import glocal_rdf

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
COMMAND_PAGES = sorted((DOCS / "commands").glob("*.md"))
ENDLESS = {"mcp", "serve"}
"""Commands that end when they are stopped, so that no test runs their examples."""

OTHERS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md")]
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def read_navigation(entries: list[object]) -> Iterator[str]:
    for entry in entries:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            if isinstance(value, list):
                yield from read_navigation(value)
            else:
                yield str(value)


def test_the_navigation_has_every_page_once() -> None:
    entries = list(read_navigation(yaml.safe_load((DOCS / ".nav.yml").read_text(encoding="utf-8"))["nav"]))
    patterns = [entry for entry in entries if "*" in entry]
    assert patterns == ["commands/*"]
    named = [entry for entry in entries if entry not in patterns]
    pages = [page.relative_to(DOCS).as_posix() for page in PAGES]
    assert sorted(named) == [page for page in pages if page in named or not fnmatch(page, patterns[0])]


def test_every_relative_link_leads_to_a_file() -> None:
    """The generator checks links between pages, but not those to other files, nor those of README."""
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in [*PAGES, *OTHERS]
        for link in re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", page.read_text(encoding="utf-8")))
        if not re.match(r"[a-z]+:|#", link) and not (page.parent / link.partition("#")[0]).exists()
    ]
    assert not broken


def test_every_path_that_contributors_are_sent_to_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:glocal_rdf|tests|docs)/[\w./]+)`", text)
    assert len(paths) > 5
    assert not [path for path in paths if "NAME" not in path and not (ROOT / path).exists()]


def test_every_included_file_is_there() -> None:
    included = {
        name for page in PAGES for name in re.findall(r'^--8<-- "(.*)"$', page.read_text(encoding="utf-8"), re.M)
    }
    assert included
    assert not [name for name in included if not (ROOT / name).is_file()]


def test_every_schema_is_shown() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "json.md", *COMMAND_PAGES))
    schemas = sorted((ROOT / "glocal_rdf" / "schemas").glob("*.json"))
    assert schemas
    assert not [path.name for path in schemas if f'"glocal_rdf/schemas/{path.name}"' not in text]


def test_every_command_has_a_page_with_its_help() -> None:
    """The commands of a group share its page, which has the help of each."""
    for words in LEAVES:
        text = (DOCS / "commands" / f"{words[0]}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# `glocal {words[0]}`\n")
        command = " ".join(words)
        for number in range(1, len(words) + 1):
            assert f"$ glocal {' '.join(words[:number])} --help\n" in text
        shown = "" if command in ENDLESS else r"\$ "
        assert re.search(rf"^{shown}glocal {command}(?! --help)(?:$| )", text, re.MULTILINE), (
            f"{command} has no example"
        )


def test_every_public_name_is_in_the_python_reference() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "python.md", *COMMAND_PAGES))
    named = re.findall(r"^::: glocal_rdf\.(\w+)$", text, re.MULTILINE)
    assert sorted(named) == sorted(set(glocal_rdf.__all__) - {"__version__"})


def test_the_picture_shows_what_explain_prints() -> None:
    assert PICTURE.read_text(encoding="utf-8") == draw(explain()), "stale: python tests/picture.py"


def test_files_for_other_tools_are_of_their_form() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == glocal_rdf.__version__
    assert {"message", "title", "authors"} <= citation.keys()
    for path in [*sorted((ROOT / ".github").rglob("*.yml")), ROOT / ".pre-commit-config.yaml"]:
        assert yaml.safe_load(path.read_text(encoding="utf-8")), path


def test_the_workflow_calls_the_gate() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    steps = [step.get("run") for job in workflow["jobs"].values() for step in job["steps"]]
    assert ".ci/run" in steps
    assert Path(ROOT / ".ci/run").stat().st_mode & 0o111
