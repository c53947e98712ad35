"""`csvw.describe` decides only what the cells leave certain, reads every row, and lists what is in doubt."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glocal_rdf import csvw
from glocal_rdf.cli.csvw import command
from glocal_rdf.errors import TableError

COMMA = {"base": "decimal", "format": {"decimalChar": ","}}


def grouped(base: str, mark: str, decimal: str) -> dict[str, Any]:
    return {"base": base, "format": {"decimalChar": decimal, "groupChar": mark}}


def describe(folder: Path, content: str | bytes, name: str = "t.csv") -> csvw.Description:
    """Describe a table, and hold that `check` accepts the description."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = csvw.describe(path)
    assert [p for p in csvw.check(path, metadata=found.document) if p.kind != "open-decision"] == []
    return found


def column(folder: Path, title: str, cells: list[str], delimiter: str = ",") -> csvw.Guess:
    """Describe a column that stands behind another one."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        [["row", title], *([f"r{i}", c] for i, c in enumerate(cells))]
    )
    found = describe(folder, out.getvalue())
    assert found.rows == len(cells)
    return found.columns[1]


# --- numbers


@pytest.mark.parametrize(
    ("title", "cells", "delimiter", "datatype"),
    [
        ("price", ["10,50", "20,00", "1,5"], ";", COMMA),
        ("price", ["2,5", "3,5"], ";", COMMA),
        ("price", ["0,125", "0,250"], ";", COMMA),
        ("price", ["1234,567"], "\t", COMMA),
        ("price", ["2,50", "12,00", "0,99"], ",", COMMA),
        ("n", ["1,234,567", "2,500", "0"], ",", grouped("integer", ",", ".")),
        ("n", ["1.234.567", "2.500"], ";", grouped("integer", ".", ",")),
        ("n", ["1,234.50", "2,500"], ",", grouped("decimal", ",", ".")),
        ("n", ["1.234,50", "2500"], ";", grouped("decimal", ".", ",")),
        ("n", ["1 234 567", "2 410 700"], ",", grouped("integer", " ", ",")),
        ("n", ["1\u00a0234,5", "12"], ";", grouped("decimal", "\u00a0", ",")),
        ("n", ["1'234.50", "12.00"], ",", grouped("decimal", "'", ".")),
        ("n", ["-1.5", "3", ".5"], ",", "decimal"),
        ("n", ["1.5E5", "2e-05"], ",", "double"),
        ("share", ["12%", "12.55%"], ",", {"base": "decimal", "format": "#0.##%"}),
        (
            "share",
            ["12,5%", "3%"],
            ";",
            {"base": "decimal", "format": {"pattern": "#0,#%", "decimalChar": ",", "groupChar": "."}},
        ),
        ("lat", ["25.033", "48.857"], ",", "decimal"),
    ],
)
def test_a_number_that_has_one_reading_is_a_number(
    tmp_path: Path, title: str, cells: list[str], delimiter: str, datatype: Any
) -> None:
    guess = column(tmp_path, title, cells, delimiter)
    assert (guess.datatype, guess.doubts) == (datatype, ())


@pytest.mark.parametrize(
    ("title", "cells", "delimiter", "kind"),
    [
        ("n", ["1,234", "2,500"], ",", "number"),
        ("n", ["1,234", "2,500"], ";", "number"),
        ("n", ["1.234", "2.500"], ";", "number"),
        ("n", ["1.234", "950"], ",", "number"),
        ("n", ["1,5", "2,5"], ",", "number"),
        ("n", ["2,192,229", "2 410 700"], ",", "number"),
        ("n", ["1,234.5", "1.234,5"], ";", "number"),
        ("n", ["12,34,567", "1,234"], ",", "list"),
        ("n", ["5-", "3"], ",", "number"),
        ("n", ["(500)", "3"], ",", "number"),
        ("n", ["\u22125", "3"], ",", "code"),
        ("parts", ["1,2", "3,4,5"], ",", "list"),
        ("area", ["100,200", "100,200,300", "200"], ",", "list"),
        ("themes", ["1,2", "3,4"], ";", "list"),
        ("phone", ["+4930123456", "+4940765432"], ",", "code"),
        ("phone", ["4930123456", "49301234567"], ",", "code"),
        ("x", ["030 123 456", "040 765 432"], ",", "code"),
        ("x", ["555 123 456", "555 765 432"], ",", "code"),
        ("x", ["+5", "-3"], ",", "code"),
        ("zip", ["01067", "80331"], ",", "code"),
        ("postcode", ["10115", "80331"], ",", "code"),
        ("x", ["1E5", "2E7"], ",", "code"),
        ("x", ["1e-5"], ",", "code"),
        ("x", ["9780131103627", "9780201633610"], ",", "code"),
        ("id", ["7", "20345", "999999"], ",", "code"),
        ("version", ["1.10", "1.2"], ",", "code"),
        ("fee", ["$5", "$1,200.00"], ",", "money"),
        ("fee", ["5 €", "1,20 €"], ";", "money"),
        ("fee", ["CHF 5", "EUR 7"], ";", "money"),
        ("way", ["12 km", "3 km"], ",", "unit"),
        ("n", ["12", "ca. 30", "5"], ",", "mixed"),
        ("n", ["12%", "12"], ",", "mixed"),
    ],
)
def test_what_is_not_certainly_a_number_stays_text_and_is_listed(
    tmp_path: Path, title: str, cells: list[str], delimiter: str, kind: str
) -> None:
    guess = column(tmp_path, title, cells, delimiter)
    assert (guess.datatype, [d.kind for d in guess.doubts]) == (None, [kind])
    assert guess.doubts[0].column == title
    assert set(guess.doubts[0].examples) <= set(cells)
    assert guess.doubts[0].hint


# --- dates, times, truth


@pytest.mark.parametrize(
    ("title", "cells", "datatype"),
    [
        ("d", ["2024-03-01", "2024-12-31"], "date"),
        ("d", ["13/2/2024", "2/3/2024"], {"base": "date", "format": "d/M/yyyy"}),
        ("d", ["02/13/2024", "03/04/2024"], {"base": "date", "format": "M/d/yyyy"}),
        ("d", ["31.12.1999", "1.2.2020"], {"base": "date", "format": "d.M.yyyy"}),
        ("d", ["13-02-2024", "02-03-2024"], {"base": "date", "format": "d-M-yyyy"}),
        ("d", ["2024/3/1", "2024/11/12"], {"base": "date", "format": "yyyy/M/d"}),
        ("date", ["20240301", "20241231"], {"base": "date", "format": "yyyyMMdd"}),
        ("t", ["2024-03-01 12:30", "2024-03-02 00:00"], {"base": "dateTime", "format": "yyyy-MM-dd HH:mm"}),
        ("t", ["2024-03-01 12:30:05", "2024-03-02 00:00:00"], {"base": "dateTime", "format": "yyyy-MM-dd HH:mm:ss"}),
        ("t", ["2024-03-01T12:30:05Z", "2024-03-02T00:00:00+01:00"], "dateTime"),
        ("t", ["2024-03-01T12:30", "2024-03-02T00:00"], {"base": "dateTime", "format": "yyyy-MM-ddTHH:mm"}),
        ("t", ["2024-03-01 12:30:05.123"], {"base": "dateTime", "format": "yyyy-MM-dd HH:mm:ss.SSS"}),
        ("t", ["13/2/2024 12:30", "2/3/2024 9:05"], {"base": "dateTime", "format": "d/M/yyyy H:mm"}),
        ("t", ["08:30", "23:59"], {"base": "time", "format": "HH:mm"}),
        ("t", ["08:30:00", "23:59:59"], "time"),
        ("t", ["PT5M", "P1DT2H"], "duration"),
        ("d", ["2024-03", "2024-11"], "gYearMonth"),
        ("year", ["1999", "2020"], "gYear"),
        ("yearly income", ["1999", "2020"], "gYear"),
        ("b", ["true", "false"], "boolean"),
        ("b", ["TRUE", "FALSE"], {"base": "boolean", "format": "TRUE|FALSE"}),
        ("b", ["TRUE"], {"base": "boolean", "format": "TRUE|FALSE"}),
        ("b", ["yes", "no"], {"base": "boolean", "format": "yes|no"}),
        ("b", ["Y", "N"], {"base": "boolean", "format": "Y|N"}),
        ("b", ["是", "否"], {"base": "boolean", "format": "是|否"}),
        ("b", ["0", "1"], "integer"),
        ("b", ["yes"], None),
        ("b", ["NO", "SE"], None),
    ],
)
def test_dates_and_words_of_truth_get_their_format(tmp_path: Path, title: str, cells: list[str], datatype: Any) -> None:
    if title == "yearly income":
        datatype = "integer"
    guess = column(tmp_path, title, cells)
    assert (guess.datatype, guess.doubts) == (datatype, ())


@pytest.mark.parametrize(
    ("title", "cells", "kind"),
    [
        ("d", ["01/02/2003", "03/04/2003"], "date"),
        ("d", ["01.02.2003", "03.04.2003"], "date"),
        ("d", ["1-2-2003 10:00", "3-4-2003 11:00"], "date"),
        ("d", ["13/02/2024", "02/13/2024"], "date"),
        ("d", ["01.02.03", "13.04.03"], "date"),
        ("d", ["31/04/2024", "30/04/2024"], "date"),
        ("d", ["3 March 2024", "4 Apr 2024"], "date"),
        ("d", ["2024-01-01", "4/11/1969", "1 May 2020", "2020"], "date"),
        ("d", ["2024-03-01", "2024-03-02 10:00"], "date"),
        ("d", ["20240301", "20241231"], "date"),
        ("season", ["2009-10", "2010-11"], "date"),
        ("season", ["2011-12", "2012-13"], "date"),
        ("t", ["3:15 PM", "4:20 AM"], "date"),
        ("t", ["8:30", "26:15"], "time"),
        ("duration", ["08:30", "01:15"], "time"),
        ("t", ["08:30", "08:30:00"], "time"),
        ("b", ["yes", "Yes", "no"], "boolean"),
    ],
)
def test_dates_that_may_be_read_in_several_ways_stay_text_and_are_listed(
    tmp_path: Path, title: str, cells: list[str], kind: str
) -> None:
    guess = column(tmp_path, title, cells)
    assert (guess.datatype, [d.kind for d in guess.doubts]) == (None, [kind])


def test_words_for_no_value_are_decided_beside_values_and_listed(tmp_path: Path) -> None:
    guess = column(tmp_path, "n", ["n/a", "5", "-", "7.5"])
    assert (guess.datatype, set(guess.null), guess.doubts[0].kind, guess.doubts[0].decided) == (
        "decimal",
        {"n/a", "-"},
        "null",
        True,
    )
    kept = column(tmp_path, "name", ["n/a", "Ann", "Bob"])
    assert (kept.datatype, kept.null, [d.kind for d in kept.doubts]) == (None, (), ["null"])


def test_a_separator_of_lists_is_suggested_and_not_set(tmp_path: Path) -> None:
    guess = column(tmp_path, "topics", ["climate;biodiversity;energy", "energy"])
    assert (guess.datatype, guess.doubts[0].kind) == (None, "list")
    assert '"separator": ";"' in guess.doubts[0].hint


def test_a_separator_has_the_space_that_always_follows_it(tmp_path: Path) -> None:
    assert '"separator": "; "' in column(tmp_path, "topics", ["climate; energy", "energy"]).doubts[0].hint
    assert '"separator": ";"' in column(tmp_path, "topics", ["climate; energy;water", "energy"]).doubts[0].hint
    assert '"separator": "、"' in column(tmp_path, "服務項目", ["淨灘、環境教育", "賽事"]).doubts[0].hint


def test_commas_in_quantities_of_east_asian_headers_separate_thousands(tmp_path: Path) -> None:
    thousands = {"base": "integer", "format": {"decimalChar": ".", "groupChar": ","}}
    assert column(tmp_path, "人口數", ["41,820", "312"]).datatype == thousands
    for title in ("residents", "編號"):
        assert column(tmp_path, title, ["41,820", "312"]).datatype is None


# --- languages, keys, names


def test_a_language_needs_more_than_two_letters_at_the_end_of_a_header(tmp_path: Path) -> None:
    found = describe(
        tmp_path,
        "order_no,customer_id,product id,unit_it,name_EN,name_zh_tw,label (fr),plan_de\n"
        "A1,C-001,P9,x,Taipei,臺北,Bonjour le monde,4\nA2,C-002,P8,y,Lyon,里昂,Salut les amis,5\n",
    )
    assert {g.name: g.language for g in found.columns if g.language} == {
        "name_EN": "en",
        "name_zh_tw": "zh-TW",
        "label_fr": "fr",
    }
    assert [d.column for d in found.doubts if d.kind == "language"] == ["unit_it"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("temp,place\n6.80,A\n3.39,B\n5.10,A\n", None),
        ("population,city\n500,A\n700,B\n", None),
        ("price;city\n1,5;A\n2,5;B\n", None),
        ("price;city\n1,234;A\n2,500;B\n", None),
        ("day,city\n2024-01-01,A\n2024-01-02,B\n", None),
        ("seen,city\n01/02/2003,A\n02/03/2003,B\n", None),
        ("fee,city\n$5,A\n$6,B\n", None),
        ("name,city\nA,x\nB,x\n", "name"),
        ("city,id\nx,7\ny,9\n", "id"),
        ("city,shop_code\nx,a7\ny,a9\n", "shop_code"),
        ("n,city\n1,A\n2,A\n", "n"),
        ("id,city\n1,A\n1,B\n", None),
        ("id,city\n1,A\n,B\n", None),
    ],
)
def test_a_key_looks_like_an_identifier_and_is_unique(tmp_path: Path, content: str, key: str | None) -> None:
    found = describe(tmp_path, content)
    assert found.key == key
    assert ("aboutUrl" in found.document["tableSchema"]) == (key is not None)


# --- how the file is written


@pytest.mark.parametrize(
    ("content", "dialect", "titles", "rows"),
    [
        ("HashTag;Author\n#New;Charles\n#Feature;Tom\nplain;Ann\n", {"delimiter": ";"}, ["HashTag", "Author"], 3),
        ("HashTag,Author\n#New,Charles\nplain,Ann\n", None, ["HashTag", "Author"], 2),
        ("sep=;\nName;Age\nAnn;3\nBob;4\n", {"delimiter": ";", "skipRows": 1}, ["Name", "Age"], 2),
        ('"sep=|"\nName|Age\nAnn|3\n', {"delimiter": "|", "skipRows": 1}, ["Name", "Age"], 1),
        ("sep=,\na,b\nx,2\n", {"skipRows": 1}, ["a", "b"], 1),
        ('# made\n# by "us"\n#\nid,name,m\n1,a,0.5\n2,b,0.7\n', {"commentPrefix": "#"}, ["id", "name", "m"], 2),
        ("# made\nid,name,mass\n1,a,0.5\n#2,b,0.7\n", {"skipRows": 1}, ["id", "name", "mass"], 2),
        ("# made\n#chrom\tat\nchr1\t5\nchr2\t6\n", {"delimiter": "\t", "skipRows": 1}, ["#chrom", "at"], 2),
        ("id,name\n1,a\n# a remark\n2,b\n", {"commentPrefix": "#"}, ["id", "name"], 2),
        ("Report 2024\n\nid,name,v\n1,a,2\n2,b,3\n", {"skipRows": 2}, ["id", "name", "v"], 2),
        ("Report 2024,,\n,,\nid,name,v\n1,a,2\n2,b,3\n", {"skipRows": 2}, ["id", "name", "v"], 2),
        ("id,name\n1,a\n\n2,b\n", {"skipBlankRows": True}, ["id", "name"], 2),
        ("1,2,3\n4,5,6\n", {"header": False}, ["", "", ""], 2),
        ("Taipei,2024-01-01\nLyon,2024-01-02\n", {"header": False}, ["", ""], 2),
        ("country,2019,2020\nA,1,2\nB,4,5\n", None, ["country", "2019", "2020"], 2),
        (",a,b\n0,x,1\n1,y,2\n", None, ["", "a", "b"], 2),
        ('"long\nheader",b\n1,2\n3,4\n', None, ["long\nheader", "b"], 2),
        ("name,h,w\n,cm,kg\nA,1.5,2\nB,2.5,3\nC,3,4\n", {"headerRowCount": 2}, ["name", "h cm", "w kg"], 3),
        ("k,a,b\nk1,0E0,n/a\nk2,0,1\nk3,0,2\n", None, ["k", "a", "b"], 3),
        ("k,a,b\nk1,none,few\nk2,0,1\nk3,0,2\n", None, ["k", "a", "b"], 3),
        ("key,head,,,\nk1,1,2,3,4\nk2,5,6,7,8\n", None, ["key", "head", "", "", ""], 2),
        ("key,head,,,\na,b,c,d,e\nf,g,h,i,j\n", None, ["key", "head", "", "", ""], 2),
        ("key,,\nk1,1,2\nk2,5,6\n", None, ["key", "", ""], 2),
        (",2020,,2021,\ncity,m,f,m,f\nA,1,2,3,4\nB,1,2,3,4\n", {"headerRowCount": 2},
         ["city", "2020 m", "f", "2021 m", "f"], 2),
        ("a\tb\n1,5\t2\n2,5\t3\n", {"delimiter": "\t"}, ["a", "b"], 2),
        ("a,b\nthe \"old\" one,1\n5\" wide,2\n", {"quoteChar": None}, ["a", "b"], 2),
        ("t\n# x\na\nb\n", None, ["t"], 3),
        ("a;b,c\n1;2,5\n3;4,5\n", {"delimiter": ";"}, ["a", "b,c"], 2),
    ],
)  # fmt: skip
def test_the_table_is_found_in_its_file_and_every_row_is_read(
    tmp_path: Path, content: str, dialect: dict[str, Any] | None, titles: list[str], rows: int
) -> None:
    found = describe(tmp_path, content)
    wanted = None if dialect is None else {"commentPrefix": None} | dialect
    assert found.document.get("dialect") == wanted
    assert [" ".join(g.titles) for g in found.columns] == titles
    assert found.rows == rows


def test_the_ending_of_a_file_may_lie_about_its_delimiter(tmp_path: Path) -> None:
    tabs = describe(tmp_path, "a\tb\n1\t2\n", "t.tsv")
    assert "dialect" not in tabs.document
    marked = describe(tmp_path, "a\tb\n#1\t2\nx\t3\n", "u.tsv")
    assert marked.rows == 2
    commas = describe(tmp_path, "a,b\n1,2\n3,4\n", "v.tsv")
    assert commas.document["dialect"] == {"delimiter": ",", "commentPrefix": None}


def test_encodings_are_found_and_the_uncertain_one_is_listed(tmp_path: Path) -> None:
    wide = describe(tmp_path, "naïve,b\né,1\n".encode("utf-16"))
    assert (wide.layout.encoding, wide.doubts) == ("utf-16", ())
    western = describe(tmp_path, "Größe;Ort\n5;Zürich\n".encode("cp1252"))
    assert (western.layout.encoding, [d.kind for d in western.doubts]) == ("windows-1252", ["layout"])
    assert "Größe" in western.doubts[0].examples
    (tmp_path / "ja.csv").write_bytes("名前,年\n東京都庁,1\n".encode("shift_jis"))
    with pytest.raises(TableError, match=r"byte 1 is not UTF-8; save it as UTF-8"):
        csvw.describe(tmp_path / "ja.csv")


def test_rows_skipped_and_headers_missing_are_listed(tmp_path: Path) -> None:
    assert [d.reason for d in describe(tmp_path, "Report 2024\n\nid,name\n1,a\n2,b\n").doubts] == [
        "1 row before the header is skipped"
    ]
    assert [d.examples for d in describe(tmp_path, "1,2\n4,5\n").doubts] == [("1", "2")]
    footed = describe(tmp_path, "id,a,b\n1,2,3\n2,3,4\nSource: us,,\n")
    assert "the last row has one cell only" in [d.reason for d in footed.doubts]


def test_a_table_of_which_no_dialect_reads_all_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(TableError, match=r"t\.csv:3: has 3 cells where 2 are expected"):
        csvw.describe(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["a b.csv", "a#b.csv", "100%.csv", "a?b.csv", "臺北.csv", "a:b.csv", "[1].csv"])
def test_a_description_beside_a_file_of_any_name_is_found(tmp_path: Path, name: str) -> None:
    found = describe(tmp_path, "id,n\na,1\n", name)
    (tmp_path / f"{name}-metadata.json").write_text(json.dumps(found.document))
    assert csvw.check(tmp_path / name) == ()
    assert csvw.convert(tmp_path / name).tables[0].table.described


# --- the command


def test_the_command_lists_doubts_on_stderr_and_in_notes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,d\n1,01/02/2003\n2,03/04/2003\n")
    result = CliRunner().invoke(command, ["--describe", str(tmp_path / "t.csv")])
    assert result.exit_code == 0
    [line] = result.stderr.splitlines()
    assert "d: dates may be day first or month first" in line
    assert "('01/02/2003', '03/04/2003')" in line
    assert any("day first" in n.get("oa:bodyValue", "") for n in json.loads(result.stdout)["notes"])


def test_a_table_and_a_description_that_are_there_are_not_written_over(tmp_path: Path) -> None:
    from glocal_rdf.errors import OutputError

    table, description = tmp_path / "t.csv", tmp_path / "t.csv-metadata.json"
    table.write_text("id,n\na,1\n")
    description.write_text("edited")
    run = CliRunner().invoke
    for path, force in ((table, []), (table, ["--force"]), (description, [])):
        before = path.read_bytes()
        result = run(command, ["--describe", str(table), "-o", str(path), *force])
        assert isinstance(result.exception, OutputError) or result.exit_code == 2
        assert path.read_bytes() == before
    assert run(command, ["--describe", str(table), "-o", str(description), "--force"]).exit_code == 0
    assert json.loads(description.read_text())["url"]


# --- any table


def write_decimal(value: Decimal, form: str) -> str:
    text = f"{abs(value):,f}" if form in {"us", "de", "fr"} else f"{abs(value):f}"
    marks = {"us": ",.", "de": ".,", "fr": " ,", "plain": ",.", "comma": ".,"}[form]
    return ("-" if value < 0 else "") + text.translate({ord(","): marks[0], ord("."): marks[1]})


def write_date(value: dt.date, form: str) -> str:
    return value.strftime({"iso": "%Y-%m-%d", "dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y", "dots": "%d.%m.%Y"}[form])


@st.composite
def written_columns(draw: st.DrawFn, rows: int) -> tuple[list[str], list[Any]]:
    """Cells as they are written, with the values that they stand for."""
    kind = draw(st.sampled_from(["number", "date", "code", "text"]))
    if kind == "number":
        form = draw(st.sampled_from(["us", "de", "fr", "plain", "comma"]))
        places = draw(st.integers(0, 3))
        values = draw(st.lists(st.integers(-(10**9), 10**9), min_size=rows, max_size=rows))
        numbers = [Decimal(v).scaleb(-places) for v in values]
        return [write_decimal(n, form) for n in numbers], numbers
    if kind == "date":
        form = draw(st.sampled_from(["iso", "dmy", "mdy", "dots"]))
        dates = draw(st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), min_size=rows, max_size=rows))
        return [write_date(d, form) for d in dates], list(dates)
    if kind == "code":
        codes = draw(
            st.lists(st.from_regex(r"\+?0?[0-9]{1,12}(E[0-9])?", fullmatch=True), min_size=rows, max_size=rows)
        )
        return codes, codes
    letters = st.text("abc #;,|\"'\t\n0%-=é臺", min_size=0, max_size=8).map(str.strip)
    texts = draw(st.lists(letters, min_size=rows, max_size=rows))
    return texts, texts


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[list[str]], list[list[Any]]]:
    rows = draw(st.integers(1, 6))
    columns = draw(st.lists(written_columns(rows), min_size=1, max_size=4))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    cells = [[f"k{i}" for i in range(rows)], *(c for c, _ in columns)]
    out = io.StringIO()
    header = ["key", *(f"head {i}" for i in range(len(columns)))]
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *zip(*cells, strict=True)])
    return out.getvalue(), cells, [cells[0], *(v for _, v in columns)]


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables())
def test_no_value_changes_but_as_the_description_says(
    tmp_path: Path, table: tuple[str, list[list[str]], list[list[Any]]]
) -> None:
    content, cells, values = table
    found = describe(tmp_path, content)
    assert found.rows == len(cells[0])
    document = json.loads(json.dumps(found.document))
    document["tableSchema"]["aboutUrl"] = "http://e.org/{_row}"
    graph = csvw.convert(tmp_path / "t.csv", metadata=document).triples.to_rdflib()
    said = {(str(s), str(p).rpartition("#")[2]): o for s, p, o in graph}
    for guess, written, meant in zip(found.columns, cells, values, strict=True):
        for row, (cell, value) in enumerate(zip(written, meant, strict=True), 1):
            got = said.get((f"http://e.org/{row}", guess.name))
            if got is None:
                assert cell == "" or cell in guess.null
            elif guess.datatype is None:
                assert str(got) == cell
            elif isinstance(value, Decimal):
                assert Decimal(str(got)) == value
            elif isinstance(value, dt.date):
                assert str(got) == value.isoformat()
            else:
                assert Decimal(str(got)) == Decimal(value.strip("%")) / (100 if "%" in value else 1)


def test_quotes_that_do_not_occur_are_not_described(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text('id\tn\n1\t"2"\n2\t5" pipe\n')
    description = csvw.describe(path)
    assert description.document["dialect"]["quoteChar"] is None
    assert any("quotation marks are part of the text" in str(d) for d in description.doubts)
