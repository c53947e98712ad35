"""Shells complete commands, options and values: by click's protocol, and in the real shells that are installed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, Run

from glocal_rdf import Project, list_questions
from glocal_rdf.cli import COMMANDS
from glocal_rdf.operations.completion import (
    list_question_names,
    list_shape_names,
    list_source_names,
    list_things,
)

pytestmark = pytest.mark.slow

CITY = ROOT / "examples" / "city-spreadsheet"
LEAGUE = ROOT / "examples" / "document-claims"
BIN = Path(sys.executable).parent


def complete(*words: str, folder: Path = ROOT, shell: str = "bash") -> list[str]:
    """Ask as bash does: the words of the line, the last of which is completed."""
    asked = {"_GLOCAL_COMPLETE": f"{shell}_complete", "COMP_WORDS": " ".join(["glocal", *words])}
    asked["COMP_CWORD"] = str(len(words)) if shell != "fish" else words[-1]
    ran = subprocess.run(
        [BIN / "glocal"], env=os.environ | asked, cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()


def test_every_command_is_completed_and_the_options_without_former_names() -> None:
    assert complete("") == [f"plain,{command}" for command in COMMANDS]
    assert complete("co") == ["plain,completion", "plain,convert", "plain,coverage"]
    assert complete("validate", "--max") == ["plain,--max-triples", "plain,--max-results", "plain,--max-memory"]
    assert complete("validate", "--time") == ["plain,--timeout"]


def test_formats_languages_and_files_are_completed() -> None:
    assert complete("convert", "x", "-f", "n") == ["plain,ntriples", "plain,nquads"]
    assert complete("find", "--lang", "") == ["plain,en", "plain,zh-Hant"]
    assert complete("csvw", "da") == complete("query", "--source", "da") == ["file,da"]
    assert complete("completion", "") == ["plain,bash", "plain,zsh", "plain,fish"]


def test_names_of_the_project_are_completed() -> None:
    assert complete("query", "oldest") == ["plain,oldest-network"]
    assert complete("explain", "uclg-af") == ["plain,uclg-africa"]
    assert complete("explain", "organization/uclg-af") == ["plain,organization/uclg-africa"]
    assert complete("cite", "city-a") == complete("coverage", "--document", "city-a") == ["plain,city-alliances"]
    assert complete("export", "--external", "geo") == ["plain,geonames"]
    assert complete("explain", "--project", str(CITY), "lotus") == ["plain,lotus-pond"]
    assert complete("validate", "--shape", "Par", folder=CITY) == ["plain,Park"]
    assert complete("cite", "READ", folder=CITY) == ["file,READ"]


@pytest.mark.parametrize("folder", [ROOT, CITY, LEAGUE], ids=lambda folder: folder.name)
@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
def test_the_questions_are_those_of_the_list(folder: Path, lang: str) -> None:
    project = Project.open(folder)
    listed = {question.name: question.title[lang] for question in list_questions(project)}
    assert list_question_names(project, lang) == listed


def test_what_the_tables_name_can_be_explained(run: Run) -> None:
    project = Project.open(CITY)
    slugs, things = list_things(project), list_things(project, "park/")
    assert slugs["lotus-pond"] == things["park/lotus-pond"] == "Lotus Pond"
    assert slugs.keys() > {thing.partition("/")[2] for thing in things}
    for word in (*sorted(slugs)[:3], *sorted(things)[:3]):
        assert run("explain", word, "--project", CITY).exit_code == 0
    assert len(list_things(Project.open(ROOT))) > 900


def test_shapes_and_source_graphs_are_named_as_their_commands_take_them(run: Run) -> None:
    names = list_shape_names(Project.open(CITY))
    assert "Park" in names
    for name in names:
        assert run("validate", "--project", CITY, "--shape", name).exit_code == 0
    for name in list_source_names(Project.open(ROOT)):
        assert run("export", "--external", name).exit_code == 0


def test_a_broken_project_completes_nothing_and_prints_nothing(tmp_path: Path) -> None:
    for part in ("ontology", "shapes", "data", "queries"):
        (tmp_path / part).mkdir()
    assert complete("explain", "u", folder=tmp_path) == [""]
    (tmp_path / "ontology" / "o.ttl").write_text("broken", encoding="utf-8")
    (tmp_path / "shapes" / "s.ttl").write_text("broken", encoding="utf-8")
    (tmp_path / "queries" / "q.rq").write_text("# parameter: a b c\n", encoding="utf-8")
    for metadata in ("[", "[]", '{"tables": 5}', '{"tables": [5, {"tableSchema": 5}, {"url": 1, "tableSchema": {}}]}'):
        (tmp_path / "data" / "csv-metadata.json").write_text(metadata, encoding="utf-8")
        assert complete("explain", "u", folder=tmp_path) == [""]
    assert complete("validate", "--shape", "", folder=tmp_path) == [""]
    assert "plain,no-such-question" not in complete("query", "", folder=tmp_path)


def test_words_that_a_shell_would_run_are_not_completed(tmp_path: Path) -> None:
    shutil.copytree(CITY, tmp_path / "city")
    table = tmp_path / "city" / "data" / "parks.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    row = lines[1].split(",")
    for slug in ("a$(touch x)", "a;b", "a b", "a`b`", "中山公園", "a-ok"):
        lines.append(",".join([slug, *row[1:]]))
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert complete("explain", "a", folder=tmp_path / "city") == ["plain,a-ok"]
    assert complete("explain", "中", folder=tmp_path / "city") == ["plain,中山公園"]


def test_a_dialect_and_virtual_columns_are_respected(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    columns = [{"name": "n", "propertyUrl": "rdfs:label"}, {"name": "k"}, {"virtual": True, "propertyUrl": "rdf:type"}]
    table = {
        "url": "t.csv",
        "dialect": {"delimiter": ";", "encoding": "big5"},
        "tableSchema": {"aboutUrl": "https://e.org/city/{k}", "columns": columns},
    }
    (tmp_path / "data" / "csv-metadata.json").write_text(json.dumps({"tables": [table]}), encoding="utf-8")
    (tmp_path / "data" / "t.csv").write_bytes("n;k\n臺北;taipei\nshort\n;tainan\n".encode("big5"))
    assert list_things(Project(tmp_path)) == {"taipei": "臺北", "tainan": ""}
    assert list_things(Project(tmp_path), "city/ta") == {"city/taipei": "臺北", "city/tainan": ""}


def test_completion_is_fast_since_nothing_large_is_imported() -> None:
    for words in (["qu"], ["query", "net"], ["explain", "u"], ["validate", "--shape", "C"]):
        asked = {"_GLOCAL_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(["glocal", *words])}
        asked |= {"COMP_CWORD": str(len(words)), "PYTHONPROFILEIMPORTTIME": "1"}
        ran = subprocess.run(
            [BIN / "glocal"], env=os.environ | asked, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
        )
        imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
        assert "glocal_rdf.cli" in imported
        assert (
            imported & {"polars._plr", "rdflib", "pyshacl", "glocal_rdf.csvw.engine", "glocal_rdf.shacl.validation"}
            == set()
        )


def test_the_script_is_that_of_click_and_an_unknown_shell_is_refused(run: Run) -> None:
    for shell in ("bash", "zsh", "fish"):
        script = run("completion", shell)
        assert script.exit_code == 0
        assert f"_GLOCAL_COMPLETE={shell}_complete" in script.stdout
    assert run("completion", "tcsh").exit_code == 2


SETUP = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(glocal completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -U compinit; compinit -D -u; eval "$(glocal completion zsh)"'),
    "fish": (["--no-config", "-i"], "glocal completion fish | source"),
}


@pytest.mark.parametrize("shell", SETUP)
def test_the_tab_key_completes_in_the_shell_itself(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    arguments, setup = SETUP[shell]
    environment = os.environ | {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TERM": "dumb" if shell != "fish" else "xterm",
        "PS1": "> ",
    }
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(program, [program, *arguments], environment)
    try:
        type_keys(terminal, f"{setup}; echo rea''dy\n")
        assert "ready" in read_until(terminal, "ready")
        type_keys(terminal, "glocal explain uclg-af\t")
        assert "uclg-africa" in read_until(terminal, "uclg-africa")
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)


def type_keys(terminal: int, keys: str) -> None:
    os.write(terminal, keys.encode())


def read_until(terminal: int, text: str, seconds: float = 30.0) -> str:
    """Read what the shell prints, without the escapes of terminals, until it has a text or the time is over."""
    read, end = "", time.monotonic() + seconds
    while text not in read and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            read += os.read(terminal, 4096).decode(errors="replace")
            read = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x08.?|\r", "", read)
    return read
