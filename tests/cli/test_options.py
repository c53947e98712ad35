"""One name for one option in all commands: the same name has the same help, and former names work with a note."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import click
import pytest
from command_tree import LEAVES, Words, find_command
from conftest import Run

DIFFERENT = {
    "--about": "export: whose claims are written; wikidata: what is compared",
    "--document": "add: where the quote is; coverage: what is measured",
    "--base": "init: the beginning of all IRIs; csvw, convert: that of a file",
    "--key": "init takes the columns of several tables",
    "--graph": "convert: what is read; load: where it goes",
    "--lang": "describe, init: of tables; release: of files; all others: of their output",
    "--list": "describe: a decision about a column; query: its questions",
    "--source": "reconcile: where candidates are; all others: the data",
    "--timeout": "load: of a request; serve: what is computed for an answer; all others: a query, rule or constraint",
    "--text": "describe: a decision about a column; query: a query",
    "--output": "build writes a folder, all others a file",
    "--ontology": "describe prints one, validate reads one",
    "--shapes": "describe prints them, validate reads them",
}
"""The options whose help is not the same everywhere, and why."""

TTL = "@prefix : <https://example.org/> .\n:a :b :c .\n"


def list_options(words: Words) -> list[click.Option]:
    return [option for option in find_command(words).params if isinstance(option, click.Option)]


def test_an_option_means_the_same_in_every_command() -> None:
    meanings: dict[str, dict[tuple[str | None, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for command in LEAVES:
        for option in list_options(command):
            kind = "flag" if option.is_flag else option.type.name
            for name in option.opts if not option.hidden else ():
                meanings[name][option.help, "" if name in DIFFERENT else kind].append(" ".join(command))
    several = {name: dict(found) for name, found in meanings.items() if len(found) > 1}
    assert {name: found for name, found in several.items() if name not in {"-o", *DIFFERENT}} == {}
    assert DIFFERENT.keys() <= several.keys()


def test_a_meaning_has_one_name() -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for command in LEAVES:
        for option in list_options(command):
            if not option.hidden:
                names[str(option.help)].add(option.opts[-1])
    # What was --limit of validate means --max-triples until the next release.
    limits = {"--limit", "--max-results"}
    assert {text: found for text, found in names.items() if len(found) > 1 and found != limits} == {}


def test_every_option_has_help_that_is_a_sentence() -> None:
    options = [(command, option) for command in LEAVES for option in list_options(command) if not option.hidden]
    assert [(command, option.opts) for command, option in options if not (option.help or "").endswith((".", ")"))] == []


def test_json_and_github_are_formats_and_flags_in_every_command_that_writes_them() -> None:
    for name, some in (("json", "find"), ("github", "validate")):
        formats, flags = set[Words](), set[Words]()
        for command in LEAVES:
            for option in list_options(command):
                if "--format" in option.opts and name in option.type.to_info_dict().get("choices", option.type.names):
                    formats.add(command)
                if f"--{name}" in option.opts:
                    flags.add(command)
        assert formats == flags
        assert (some,) in formats


@pytest.mark.slow
def test_json_is_the_same_by_flag_and_by_format(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for arguments in (
        ("find", "uclg"),
        ("explain", "uclg"),
        ("query", "oldest-network"),
        ("csvw", "--check", tmp_path / "t.csv"),
    ):
        by_flag, by_format = run(*arguments, "--json"), run(*arguments, "-f", "json")
        assert by_flag.stdout == by_format.stdout
        assert json.loads(by_flag.stdout)


def test_a_flag_and_another_format_are_refused(run: Run) -> None:
    result = run("query", "oldest-network", "--json", "-f", "csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--json is --format json; leave it or --format csv out" in result.stderr
    assert run("query", "oldest-network", "--json", "-f", "json").exit_code == 0
    assert run("query", "oldest-network", "--json", "--show").exit_code == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("former", "today", "arguments"),
    [
        ("--from ttl", "--input-format ttl", "convert data.ttl -f nt"),
        ("--csv", "--format csv", "cite data.ttl example.org"),
        ("--github", "--format github", "csvw --check t.csv"),
        ("--time-limit 9", "--timeout 9", "validate data.ttl -s shapes.ttl"),
        ("--limit 9", "--max-triples 9", "validate data.ttl -s shapes.ttl"),
        ("--ontology", "--with-ontology", "export -f nt"),
    ],
)
def test_a_former_name_does_the_same_and_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, former: str, today: str, arguments: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.ttl").write_text(TTL, encoding="utf-8")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    shapes = (
        TTL + "@prefix sh: <http://www.w3.org/ns/shacl#> . [] a sh:NodeShape ; sh:targetNode :a ; sh:nodeKind sh:IRI ."
    )
    (tmp_path / "shapes.ttl").write_text(shapes, encoding="utf-8")
    expected, found = run(*arguments.split(), *today.split()), run(*arguments.split(), *former.split())
    assert (found.exit_code, found.stdout) == (expected.exit_code, expected.stdout)
    assert expected.exit_code == 0, expected.stderr
    name, option = former.split(maxsplit=1)[0], " ".join(today.split()[:1]) if len(former.split()) > 1 else today
    note = f"{name} is called {option} now, and its former name will not work in the next release\n"
    assert found.stderr.replace(note, "") == expected.stderr
    assert note in found.stderr
    both = run(*arguments.split(), *today.split(), *former.split())
    assert both.exit_code == 2
    assert f"{name} is a former name of {option}; give one of them" in both.stderr
    assert name not in run(arguments.split(maxsplit=1)[0], "--help").stdout.replace(f"{name}-", "")


def test_the_source_of_validate_may_be_a_file_as_in_query(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(TTL, encoding="utf-8")
    shapes = (
        TTL
        + "@prefix sh: <http://www.w3.org/ns/shacl#> . [] a sh:NodeShape ; sh:targetNode :a ; sh:nodeKind sh:Literal ."
    )
    (tmp_path / "shapes.ttl").write_text(shapes, encoding="utf-8")
    options = ("--shapes", tmp_path / "shapes.ttl")
    by_source = run("validate", "--source", tmp_path / "data.ttl", *options)
    assert by_source.exit_code == 1
    assert by_source.stdout == run("validate", tmp_path / "data.ttl", *options).stdout
