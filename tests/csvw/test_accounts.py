"""Every conversion keeps accounts: what was read is what was converted and what was left out, by cause."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf import csvw

CONTEXT = "http://www.w3.org/ns/csvw"


def describe(folder: Path, *columns: dict[str, Any], name: str = "t.csv", **more: Any) -> Path:
    document = {"@context": CONTEXT, "url": name, "tableSchema": {"columns": list(columns)}, **more}
    path = folder / f"{name}-metadata.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def total(accounts: csvw.Accounts) -> csvw.TableAccount:
    """The sums, which balance in every table."""
    for table in (*accounts.tables, accounts.total):
        assert table.read == table.converted + table.suppressed + sum(table.left_out.values())
        assert table.cells == table.made + sum(table.unmade.values())
    return accounts.total


def test_rows_and_cells_are_counted_by_cause(tmp_path: Path) -> None:
    lines = ["skipped", "#c", "a,b,c", "1,x,", "2,,z", "#c", "3", '4,"y"z,5', "", "n,1,2", "1,2,3,4", "", ""]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    columns = [{"titles": "a", "datatype": "integer"}, {"titles": "b"}, {"titles": "c", "suppressOutput": True}]
    describe(tmp_path, *columns, dialect={"skipRows": 1})
    for accounts in (
        csvw.convert(tmp_path / "t.csv").accounts,
        csvw.convert_stream(tmp_path / "t.csv", io.BytesIO()).accounts,
    ):
        found = total(accounts)
        assert (found.read, found.converted, found.header, found.skipped) == (7, 3, 1, 1)
        causes = {"too few cells": 1, "stray quotation marks": 1, "blank": 1, "too many cells": 1}
        assert (found.left_out, found.comments, found.blank) == (causes, 2, 1)
        assert (found.cells, found.made, found.unmade, found.invalid) == (9, 5, {"null": 1, "suppressed": 3}, 1)
    assert csvw.check(tmp_path / "t.csv").accounts == accounts


def test_rows_of_suppressed_tables_and_skipped_blank_rows_are_counted_as_asked_for(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n\n2\n")
    describe(tmp_path, {"titles": "a"}, suppressOutput=True, dialect={"skipBlankRows": True})
    result = run("csvw", tmp_path / "t.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    line = "rows: 2 read, 0 converted, 2 in tables whose output is suppressed, lines passed over: 1 blank"
    assert result.stderr.splitlines()[-1] == line


def test_a_cell_without_an_iri_is_not_counted_as_null_where_an_empty_list_made_a_triple(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\nx,\n,y\n")
    list_of_bad_iri = {"titles": "b", "separator": ";", "ordered": True, "aboutUrl": "{+a}"}
    describe(tmp_path, {"titles": "a"}, list_of_bad_iri)
    assert total(csvw.convert(tmp_path / "t.csv").accounts).unmade == {"no IRI": 1, "null": 1}


def test_lists_are_cells_and_a_list_without_items_is_null(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1;2,x\n,y\n3,\n")
    for ordered in (False, True):
        describe(tmp_path, {"titles": "a", "separator": ";", "ordered": ordered}, {"titles": "b"})
        found = total(csvw.convert(tmp_path / "t.csv").accounts)
        assert (found.cells, found.unmade.get("no IRI", 0)) == (6, 0)
        assert found.made == 4 or (ordered and found.made == 5)  # an empty ordered list is rdf:nil


def test_a_cell_that_makes_no_iri_is_counted_and_an_error(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.csv").write_text("u\njavascript:alert(1)\nhttp://e.org/x\n")
    describe(tmp_path, {"titles": "u", "valueUrl": "{+u}"})
    result = run("csvw", tmp_path / "t.csv", "--base", "http://e.org/t.csv", "-f", "nt")
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 1)
    assert result.stderr.splitlines()[-1].endswith("cells: 2 read, 1 made no triple (no IRI)")


def test_a_row_whose_subject_is_not_an_iri_is_left_out_of_the_accounts(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.csv").write_text("u,v\n://x,1\nhttp://e.org/x,2\n1abc:y,3\n")
    address = {"titles": "u", "name": "u", "aboutUrl": "{+u}"}
    for value, left in (({"aboutUrl": "{+u}"}, 2), ({"aboutUrl": "http://e.org/{v}"}, 0), ({}, 0)):
        describe(tmp_path, address, {"titles": "v", "name": "v", **value})
        for arguments in (["-f", "nt"], ["--stream"], ["--check"]):
            result = run("csvw", tmp_path / "t.csv", "--base", "http://e.org/t.csv", *arguments)
            done = "checked" if "--check" in arguments else "converted"
            line = (
                f"rows: 3 read, {3 - left} {done}" + (", 2 left out (2 no IRI)" if left else "") + "; cells: 6 read, "
            )
            assert result.exit_code == 1
            assert line in result.stderr.splitlines()[-1]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(*[st.sampled_from(["", "a", "a b", "://x", "http://e.org/x", "p;q", ";"])] * 3), max_size=6),
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "aboutUrl": st.sampled_from(["{+a}", "http://e.org/{b}", "{#c}"]),
                "propertyUrl": st.sampled_from(["http://e.org/p", "{+b}"]),
                "valueUrl": st.sampled_from(["{+a}", "{+c}", "http://e.org/{_row}", "http://[x"]),
                "separator": st.just(";"),
                "ordered": st.booleans(),
                "suppressOutput": st.booleans(),
                "datatype": st.sampled_from(["integer", "string"]),
            },
        ),
        min_size=3,
        max_size=3,
    ),
)
def test_a_check_counts_what_a_conversion_counts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], columns: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("counts")
    (folder / "t.csv").write_text("".join(f"{','.join(row)}\n" for row in [("a", "b", "c"), *rows]))
    describe(folder, *({"titles": n, "name": n, **c} for n, c in zip("abc", columns, strict=True)))
    converted = csvw.convert(folder / "t.csv", base="http://e.org/t.csv").accounts
    checked = csvw.check(folder / "t.csv", base="http://e.org/t.csv").accounts
    total(checked)
    assert (
        checked == converted == csvw.convert_stream(folder / "t.csv", io.BytesIO(), base="http://e.org/t.csv").accounts
    )


def test_a_table_with_a_header_alone_is_warned_of(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.csv").write_text("a,b\n")
    result = run("csvw", "--check", tmp_path / "t.csv")
    first = result.stderr.splitlines()[0]
    assert (result.exit_code, first) == (0, f"warning: {tmp_path}/t.csv: has a header and no rows")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["1,2", "x,", ",", "1", "1,2,3", '"a",2', '1,5"', "", "#c"]), max_size=15))
def test_accounts_balance_on_any_table(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    folder = tmp_path_factory.mktemp("t")
    (folder / "t.csv").write_text("\n".join(["a,b", *rows, "1,2", ""]))
    describe(folder, {"titles": "a", "datatype": "integer"}, {"titles": "b"}, dialect={})
    conversion = csvw.convert(folder / "t.csv")
    found = total(conversion.accounts)
    assert found.comments == rows.count("#c")
    assert found.read == len(rows) + 1 - found.comments
    assert found.left_out.get("blank", 0) == rows.count("")
    assert (sum(found.left_out.values()) > 0) <= bool(conversion.errors)
    assert len(conversion.triples) == found.made


# --- what the command says, and its exit code


@pytest.mark.parametrize("options", [[], ["--stream"]])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a,b\n1,2\n", 0),
        ("a,b\n1,\n#c\n3,4\n\n\n", 0),
        ("a,b\n1,2\n3\n", 1),
        ("a,b\n1,2,3\n4,5\n", 1),
        ("a,b\nx,2\n", 1),
        ('a,b\n1,5"\n2,3\n', 1),
        ('a,b\n1,2\n"3,4\n', 2),
        ("a,b\n1,\0\n", 2),
        ("a,b\r1,2\r", 2),
    ],
)
def test_the_exit_code_says_whether_anything_was_lost(
    tmp_path: Path, run: Run, content: str, code: int, options: list[str]
) -> None:
    (tmp_path / "t.csv").write_text(content, newline="")
    describe(tmp_path, {"titles": "a", "datatype": "integer"}, {"titles": "b"}, dialect={"commentPrefix": "#"})
    result = run("csvw", tmp_path / "t.csv", "-o", tmp_path / "out.nt", *options)
    assert result.exit_code == code, result.stderr
    assert (tmp_path / "out.nt").exists() == (code < 2)
    lines = result.stderr.splitlines()
    assert any(line.startswith("rows: ") for line in lines) == (code < 2)
    assert any(line.startswith("error: ") for line in lines) == (code == 1)


def test_warnings_never_change_the_exit_code(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.csv").write_text("a;b\n1;2\n")
    result = run("csvw", tmp_path / "t.csv")
    assert result.exit_code == 0
    assert result.stderr.startswith(
        f"warning: {tmp_path / 't.csv'}:1: is read as one column, and its header has semicolons;"
    )


def test_a_check_without_a_description_says_so(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    result = run("csvw", "--check", tmp_path / "t.csv")
    assert result.exit_code == 0
    assert "has no description, so only its form was checked (2 columns, all taken as text)" in result.stderr
    assert result.stderr.splitlines()[-1] == "rows: 1 read, 1 checked"
    describe(tmp_path, {"titles": "a"}, {"titles": "b"})
    assert run("csvw", "--check", tmp_path / "t.csv").stderr == "rows: 1 read, 1 checked\n"


def test_json_gives_the_accounts(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3\n")
    out = tmp_path / "t.nt"
    for arguments in (["--check"], ["-o", out], ["-o", out, "--stream"]):
        result = run("csvw", tmp_path / "t.csv", "--json", *arguments)
        report = json.loads(result.stdout)
        assert result.exit_code == 1
        assert report["accounts"]["total"]["left_out"] == {"too few cells": 1}
        assert report["accounts"]["tables"][0]["read"] == 2
        assert report["problems"][0]["row"] == 3
    assert run("csvw", tmp_path / "t.csv", "--json").exit_code == 2


@pytest.mark.slow
def test_a_build_gives_the_accounts_of_all_tables(tmp_path: Path, run: Run) -> None:
    result = run("build", "-o", tmp_path, "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 0, result.stderr
    found = report["accounts"]["total"]
    assert found["read"] == found["converted"] == sum(t["read"] for t in report["accounts"]["tables"]) > 8000
    assert f"rows: {found['read']:,} read, {found['read']:,} converted" in result.stderr
    assert len(report["written"]) == 6


# --- files that are no delimited text


def packed(data: bytes, inner: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(inner, data)
    return out.getvalue()


TABLE = b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("t.csv.gz", gzip.compress(TABLE), "is compressed (gzip)"),
        ("t.csv", gzip.compress(TABLE), "is compressed (gzip)"),
        ("t.csv", bz2.compress(TABLE), "is compressed (bzip2)"),
        ("t.csv", lzma.compress(TABLE), "is compressed (xz)"),
        ("t.csv", b"\x28\xb5\x2f\xfd\x20\x08AAAA", "is compressed (zstd)"),
        ("t.csv", packed(TABLE, "t.csv"), "is compressed (zip)"),
        ("t.csv", packed(b"<workbook/>", "xl/workbook.xml"), "is an Excel workbook"),
        ("t.csv", b"%PDF-1.7\n...", "is a PDF file"),
        ("t.csv", b"PAR1....", "is a Parquet file"),
        ("t.csv", b'<?xml version="1.0"?>\n<a/>', "is a web page or another XML document"),
        ("t.csv", b"\n<!DOCTYPE html>\n<html>", "is a web page or another XML document"),
        ("t.csv", b"<root><a>1</a></root>", "is a web page or another XML document"),
        ("t.csv", b'{"a": 1,\n "b": 2}', "is JSON"),
        ("t.csv", b'[{"a": 1}]', "is JSON"),
        ("t.csv", b"# x\n@prefix e: <http://e.org/> .\ne:a e:b e:c .\n", "is RDF already"),
        ("t.csv", b"PREFIX e: <http://e.org/>\n", "is RDF already"),
        ("t.csv", b'<http://e.org/a> <http://e.org/b> "c" .\n', "is RDF already"),
        ("t.ttl", b"a,b\n1,2\n", "is RDF by its name (.ttl)"),
    ],
)
def test_a_file_of_another_format_is_one_line_and_exit_2(
    tmp_path: Path, run: Run, name: str, content: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(content)
    for arguments in (["csvw"], ["csvw", "--stream"], ["csvw", "--describe"]):
        result = run(*arguments, tmp_path / name)
        assert (result.exit_code, result.stdout) == (2, "")
        [line] = result.stderr.splitlines()
        assert f"{name}: {expected}" in line


@pytest.mark.parametrize(
    "header", ["<a>,<b>", "[id],name", "{id},x", "#id,n", "prefix,base", "_:a,b", "BASE,x", "<x> y,z"]
)
def test_a_header_that_only_looks_like_another_format_is_read(tmp_path: Path, run: Run, header: str) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n1,2\n")
    result = run("csvw", tmp_path / "t.csv", "--base", "http://e.org/t.csv", "-f", "nt")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2), result.stderr
