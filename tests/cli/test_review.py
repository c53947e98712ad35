"""`glocal review`: keys on a terminal, a spreadsheet both ways, and decisions that stay."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from conftest import ROOT, Run

from glocal_rdf.sssom import list_proposals, read_links
from glocal_rdf.sssom.mapping_sets import MappingSet

HEADER = """#curie_map:
#  ours: https://example.org/
#  wikidata: http://www.wikidata.org/entity/
#mapping_set_id: https://example.org/set
#license: https://creativecommons.org/publicdomain/zero/1.0/
"""
COLUMNS = "subject_id subject_label predicate_id object_id object_label mapping_justification confidence"
COLUMNS += " ext_review_state ext_evidence ext_not_linked_because note"
ROWS = [
    ("1", "Taipei", "Q1867", "Taipei", "0.95", "name=1.0 (equal: Taipei); country=1.0", "", "x"),
    (
        "2",
        "Springfield",
        "Q2",
        "Springfield (Ohio)",
        "0.5",
        "name=1.0 (equal: a); coordinates=0.0 (950 km)",
        "namesakes",
        "y",
    ),
    ("2", "Springfield", "Q3", "Springfield", "0.4", "name=1.0 (equal: Springfield)", "second", "z"),
    ("3", "=1+1", "Q4", "Uno", "0.3", "name=0.5 (similar: Uno)", "name alone", ""),
]
SET = HEADER + "\n".join(
    ["\t".join(COLUMNS.split())]
    + [
        f"ours:{one}\t{label}\tskos:exactMatch\twikidata:{item}\t{name}\tsemapv:LexicalMatching\t{sure}\tproposed\t"
        f"{evidence}\t{why}\t{note}"
        for one, label, item, name, sure, evidence, why, note in ROWS
    ]
    + [""]
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "set.sssom.tsv"
    path.write_text(SET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795780800")
    return path


def states(file: Path) -> list[str | None]:
    return MappingSet.read(file).frame["ext_review_state"].to_list()


def press(file: Path, keys: str, *options: str) -> tuple[int, str]:
    """Run the command on a pseudo-terminal, and press a key whenever it waits for one."""
    main, other = pty.openpty()
    command = [sys.executable, "-m", "glocal_rdf", "review", str(file), "--reviewer", "Lin", "--lang", "en", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    process = subprocess.Popen(command, stdin=other, stdout=other, stderr=other, env=environment, close_fds=True)
    os.close(other)
    seen, left, answered = b"", list(keys), 0
    end = time.monotonic() + 60
    while time.monotonic() < end:
        ready, _, _ = select.select([main], [], [], 0.2)
        if ready:
            try:
                block = os.read(main, 65536)
            except OSError:
                break
            if not block:
                break
            seen += block
        waits = len(re.findall(rb"key \(\? prints them\): |not number: ", seen))
        # What is typed before the terminal is raw is thrown away.
        raw = not termios.tcgetattr(main)[3] & termios.ICANON
        if waits > answered and raw and left:
            answered += 1
            os.write(main, left.pop(0).encode())
        if process.poll() is not None and not ready:
            break
    if process.poll() is None:
        process.kill()
    code = process.wait(timeout=10)
    os.close(main)
    return code, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode(errors="replace"))


@pytest.mark.slow
def test_keys_decide_and_can_be_taken_back(file: Path) -> None:
    code, shown = press(file, "1b1" + "d2" + "u" + "n")
    assert code == 0, shown
    assert states(file) == ["accepted", "unsure", "rejected", "rejected"]
    for part in ("1/3 · 0 accepted", "2/3 · 1 accepted", "1 Springfield (Ohio)", "2 Springfield", "950 km", "unknown",
                 "several have the name", "https://example.org/2", "http://www.wikidata.org/entity/Q2"):  # fmt: skip
        assert part in shown
    frame = MappingSet.read(file).frame
    assert frame["predicate_modifier"].to_list() == [None, None, "Not", "Not"]
    assert frame["reviewer_label"].to_list() == ["Lin"] * 4
    assert set(frame["review_date"]) == {"2026-11-27"}
    assert frame["note"].to_list() == ["x", "y", "z", None]


@pytest.mark.slow
def test_a_review_can_be_left_and_goes_on_where_it_was(file: Path) -> None:
    code, _ = press(file, "1?q")
    assert (code, states(file)) == (1, ["accepted", "proposed", "proposed", "proposed"])
    code, shown = press(file, "ss")
    assert "1/2 · 1 accepted" in shown
    assert (code, states(file)) == (1, ["accepted", "proposed", "proposed", "proposed"])


def test_accepting_one_rejects_the_others_with_a_reason(file: Path, run: Run) -> None:
    code, _ = press(file, "s2q")
    assert (code, states(file)) == (1, ["proposed", "rejected", "accepted", "proposed"])
    assert MappingSet.read(file).frame["ext_review_reason"][1] == "wikidata:Q3 was accepted"


@pytest.mark.slow
def test_only_accepted_links_are_in_the_graph_and_a_denied_one_never(file: Path) -> None:
    [problem] = list_proposals(file)
    assert problem.what == "4 mappings are not accepted, and are not in the graph"
    assert len(read_links(file).match(predicate="<http://www.w3.org/2004/02/skos/core#exactMatch>")) == 0
    press(file, "1" + "1" + "n")
    links = read_links(file)
    found = links.match(predicate="<http://www.w3.org/2004/02/skos/core#exactMatch>")
    assert sorted(found.frame["object"]) == [f"<http://www.wikidata.org/entity/Q{n}>" for n in (1867, 2)]
    denied = links.match(predicate="<https://w3id.org/sssom/predicate_modifier>")
    assert denied.frame["object"].to_list() == ['"Not"', '"Not"']
    assert list_proposals(file) == ()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_spreadsheet_goes_out_and_decisions_come_in(run: Run, file: Path, form: str) -> None:
    sheet = file.with_name(f"sheet.{form}")
    assert run("review", file, "--to-sheet", sheet).exit_code == 0
    if form == "csv":
        frame = pl.read_csv(sheet, infer_schema=False)
        assert frame["thing"].to_list() == ["Taipei", "Springfield", "Springfield", "'=1+1"]
        decided = frame.with_columns(decision=pl.Series(["accepted", "", "Rejected", "unsure"]), reason=pl.lit("seen"))
        decided.write_csv(sheet)
    else:
        frame = pl.read_excel(sheet, infer_schema_length=0)
        with xlsxwriter.Workbook(sheet) as book:
            page = book.add_worksheet()
            for at, name in enumerate(frame.columns):
                page.write_string(0, at, name)
            for row, cells in enumerate(frame.iter_rows(named=True), 1):
                values = {**cells, "decision": ["accepted", "", "Rejected", "unsure"][row - 1], "reason": "seen"}
                for at, name in enumerate(frame.columns):
                    page.write_string(row, at, values[name] or "")
    result = run("review", file, "--from-sheet", sheet, "--reviewer", "Lin")
    assert (result.exit_code, states(file)) == (1, ["accepted", "proposed", "rejected", "unsure"])
    assert "1 accepted, 1 rejected, 1 unsure\n1 mappings are left that nobody has decided" in result.stderr
    assert MappingSet.read(file).frame["subject_label"][3] == "=1+1"
    again = run("review", file, "--from-sheet", sheet, "--reviewer", "Other")
    assert "0 accepted, 0 rejected, 0 unsure" in again.stderr
    assert set(MappingSet.read(file).frame["reviewer_label"].drop_nulls()) == {"Lin"}


def test_wrong_decisions_are_all_listed_and_nothing_is_written(run: Run, file: Path) -> None:
    sheet = file.with_name("sheet.csv")
    rows = "thing id,candidate id,decision\nours:1,wikidata:Q1867,maybe\nours:9,wikidata:Q1,accepted\n"
    sheet.write_text(rows + "ours:2,wikidata:Q2,accepted\nours:2,wikidata:Q3,accepted\n", encoding="utf-8")
    before = file.read_bytes()
    result = run("review", file, "--from-sheet", sheet, "--reviewer", "Lin")
    assert (result.exit_code, file.read_bytes()) == (2, before)
    assert [line.partition("sheet.csv")[2] for line in result.stderr.splitlines()] == [
        ":2: decision: 'maybe' is not a decision; write accepted, rejected, unsure, or nothing",
        ":3: decision: the mapping of 'ours:9' to 'wikidata:Q1' is not there; do not change the identifiers",
        ":5: decision: 'ours:2' has two accepted candidates; accept wikidata:Q2 or wikidata:Q3",
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"a,b\n1,2\n", b"\xff\xfe\x00"])
def test_a_broken_sheet_is_one_line(run: Run, file: Path, content: bytes) -> None:
    for name in ("broken.csv", "broken.xlsx"):
        file.with_name(name).write_bytes(content)
        result = run("review", file, "--from-sheet", name, "--reviewer", "Lin")
        assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.stderr


def test_without_a_terminal_a_spreadsheet_is_the_hint(run: Run, file: Path) -> None:
    result = run("review", file, "--reviewer", "Lin")
    assert result.exit_code == 2
    assert "stdin: is not a terminal, on which keys could be pressed; use a spreadsheet: glocal review" in result.stderr
    assert "name yourself with --reviewer NAME, or set GLOCAL_REVIEWER" in run("review", file).stderr
