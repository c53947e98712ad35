"""`glocal coverage` shows the cited share of each document and paragraph, and what is left."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import Run

TAIPEI = "taipei-international-affairs"


@pytest.mark.slow
def test_every_document_has_its_paragraphs_and_a_total(run: Run, documents: Path) -> None:
    result = run("coverage", "--documents", documents, "--stretches", 0, "--lang", "en")
    assert result.exit_code == 0
    head, _, *rows = result.stdout.splitlines()
    assert head.split() == ["document", "line", "characters", "cited", "judged", "open"]
    totals = [row.split() for row in rows if re.search(r"\ball\b", row)]
    assert len(totals) == 5
    assert totals[-1][0] == "all"
    parts = [row.split() for row in rows if row.startswith(TAIPEI)]
    assert int(parts[-1][2]) == sum(int(part[2]) for part in parts[:-1])
    assert int(parts[-1][-1]) == sum(int(part[-1]) for part in parts[:-1])


def test_totals_are_a_line_a_document(run: Run, documents: Path) -> None:
    result = run("coverage", "--documents", documents, "--totals", "--stretches", 0, "--lang", "zh-Hant")
    assert len(result.stdout.splitlines()) == 2 + 4 + 1
    assert result.stdout.split()[:2] == ["文件", "字元"]


def test_json_has_the_same_counts_and_the_longest_stretches(run: Run, documents: Path) -> None:
    result = run("coverage", "--documents", documents, "--document", TAIPEI, "--stretches", 3, "--json")
    told = json.loads(result.stdout)
    [one] = told["documents"]
    assert one["characters"] == one["cited"] + one["judged"] + one["open"]
    for kind in ("characters", "cited", "judged", "open"):
        assert one[kind] == sum(part[kind] for part in one["paragraphs"])
    text = (documents / one["file"]).read_bytes().decode()
    assert len(told["stretches"]) <= 3
    for stretch in told["stretches"]:
        assert text[stretch["start"] : stretch["end"]] == stretch["text"]
        assert stretch["line"] == text.count("\n", 0, stretch["start"]) + 1
        assert stretch["characters"] == sum(letter.isalnum() for letter in stretch["text"])


def blank(copy: Path) -> None:
    """Let nothing be cited of the Taipei page but its first passage, which is judged."""
    passages = copy / "data" / "passages.csv"
    rows = passages.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows[1:] if f"document/{TAIPEI}," in row]
    first = next(row for row in kept if row.endswith(",,\n")).removesuffix(",,\n") + ",says nothing,不陳述任何事\n"
    passages.write_text(rows[0] + first, encoding="utf-8")
    for name in ("claims", "names", "concepts"):
        table = copy / "data" / f"{name}.csv"
        table.write_text(table.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")


def test_what_nothing_is_derived_from_is_open_and_printed_with_its_place(run: Run, copy: Path, documents: Path) -> None:
    blank(copy)
    arguments = ("coverage", "--documents", documents, "--project", copy, "--document", TAIPEI)
    told = json.loads(run(*arguments, "--json").stdout)
    [one] = told["documents"]
    assert one["cited"] == 0
    assert one["judged"] > 0
    longest = told["stretches"][0]
    shown = run(*arguments, "--stretches", 1, "--lang", "en").stdout
    place = f"{TAIPEI}, line {longest['line']}, characters {longest['start']}–{longest['end']}"
    assert f"{place}: {longest['characters']} open\n  {' '.join(longest['text'].split())}" in shown


@pytest.mark.parametrize(("least", "code"), [("0", 0), ("0.01", 0), ("100", 1)])
def test_less_than_the_least_is_exit_1(run: Run, copy: Path, documents: Path, least: str, code: int) -> None:
    blank(copy)
    result = run("coverage", "--documents", documents, "-p", copy, "--document", TAIPEI, "--least", least)
    assert result.exit_code == code
    assert ("is cited or judged, less than 100 %" in result.stderr) == (code == 1)


@pytest.mark.slow
def test_what_cannot_be_measured_is_exit_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "001_80335a27dc9b2154.txt").write_text("another version", encoding="utf-8")
    for arguments, told in [
        (["--documents", tmp_path], "is another version than the one that is described; get that version"),
        (["--documents", tmp_path], "000_e1953e9ef5338ae7.txt: no such file"),
        (["--documents", tmp_path, "--document", "none"], "none: is not a document of the project; the project has "),
        (["--documents", tmp_path / "none"], "does not exist"),
        ([], "name the folder with --documents DIR"),
    ]:
        result = run("coverage", *arguments)
        assert result.exit_code == 2
        assert told in result.stderr
