"""Described tables become RDF, and what is wrong with them is told by cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf import csvw
from glocal_rdf.errors import GlocalError, InputError, TableError

CONTEXT = "http://www.w3.org/ns/csvw"
XSD = "http://www.w3.org/2001/XMLSchema#"
BASE = "http://example.org/data/csv-metadata.json"


def write(folder: Path, files: dict[str, str | bytes], *tables: dict[str, Any], **group: Any) -> Path:
    """Write tables and the metadata that describes them; return the path of the metadata."""
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    path = folder / "csv-metadata.json"
    path.write_text(json.dumps({"@context": CONTEXT, "tables": list(tables), **group}))
    return path


def column(name: str, **properties: Any) -> dict[str, Any]:
    return {"name": name, "titles": name, **properties}


def table(url: str, *columns: dict[str, Any], **schema: Any) -> dict[str, Any]:
    return {"url": url, "tableSchema": {"columns": list(columns), **schema}}


def objects(conversion: csvw.Conversion, predicate: str) -> list[str]:
    return conversion.triples.match(predicate=f"<{predicate}>").frame["object"].to_list()


def messages(problems: tuple[Any, ...]) -> list[str]:
    return [str(p).removeprefix(p.where.rpartition("/")[0] + "/") for p in problems]


# --- triples


def test_a_described_table_becomes_triples(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"cities.csv": "id,name,population,founded\ntaipei,臺北,2480681,1884-01-01\nlyon,Lyon,,\n"},
        table(
            "cities.csv",
            column("id", suppressOutput=True),
            column("name", propertyUrl="skos:prefLabel", lang="zh-Hant"),
            column("population", propertyUrl="http://example.org/population", datatype="integer"),
            column("founded", propertyUrl="schema:foundingDate", datatype="date"),
            {"virtual": True, "propertyUrl": "rdf:type", "valueUrl": "schema:City"},
            aboutUrl="http://example.org/{id}",
        ),
    )
    conversion = csvw.convert(path)
    assert conversion.problems == ()
    assert set(conversion.triples) == {
        ("<http://example.org/taipei>", "<http://www.w3.org/2004/02/skos/core#prefLabel>", '"臺北"@zh-Hant'),
        ("<http://example.org/taipei>", "<http://example.org/population>", f'"2480681"^^<{XSD}integer>'),
        ("<http://example.org/taipei>", "<http://schema.org/foundingDate>", f'"1884-01-01"^^<{XSD}date>'),
        ("<http://example.org/lyon>", "<http://www.w3.org/2004/02/skos/core#prefLabel>", '"Lyon"@zh-Hant'),
        *(
            (
                f"<http://example.org/{city}>",
                "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
                "<http://schema.org/City>",
            )
            for city in ("taipei", "lyon")
        ),
    }


def test_a_bare_table_takes_its_columns_from_the_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("On Street,x-y\nADDISON AV,1\n")
    conversion = csvw.convert(tmp_path / "a.csv", base="http://example.org/")
    assert objects(conversion, "http://example.org/a.csv#On%20Street") == ['"ADDISON AV"']
    assert objects(conversion, "http://example.org/a.csv#x%2Dy") == ['"1"']


def test_no_triple_stands_twice(tmp_path: Path) -> None:
    rows = "id,a,b\n" + "1,x,x\n1,x,y\n2,x,x\n1,x,x\n"
    columns = [column("a", propertyUrl="http://e.org/p"), column("b", propertyUrl="http://e.org/p")]
    path = write(tmp_path, {"t.csv": rows}, table("t.csv", column("id"), *columns, aboutUrl="http://e.org/{id}"))
    frame = csvw.convert(path).triples.frame
    assert frame.height == frame.unique().height == 5


def test_a_list_gives_each_value_or_an_rdf_list(tmp_path: Path) -> None:
    columns = [
        column("free", separator=";", propertyUrl="http://e.org/free"),
        column("ordered", separator=" ", ordered=True, datatype="integer", propertyUrl="http://e.org/ordered"),
    ]
    path = write(
        tmp_path, {"t.csv": "free,ordered\na; b,1 2\n"}, table("t.csv", *columns, aboutUrl="http://e.org/{_row}")
    )
    conversion = csvw.convert(path)
    assert sorted(objects(conversion, "http://e.org/free")) == ['" b"', '"a"']
    rest = dict(
        conversion.triples.match(predicate="<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>")
        .frame.select("subject", "object")
        .iter_rows()
    )
    first = dict(
        conversion.triples.match(predicate="<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>")
        .frame.select("subject", "object")
        .iter_rows()
    )
    [head] = objects(conversion, "http://e.org/ordered")
    assert first[head] == f'"1"^^<{XSD}integer>'
    assert first[rest[head]] == f'"2"^^<{XSD}integer>'
    assert rest[rest[head]] == "<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>"


@pytest.mark.parametrize(
    ("lists", "expected"),
    [("joined", ["<http://e.org/a,b>"]), ("each", ["<http://e.org/a>", "<http://e.org/b>"])],
)
def test_a_value_url_over_a_list_is_one_iri_or_one_each(tmp_path: Path, lists: Any, expected: list[str]) -> None:
    columns = [column("v", separator=" ", propertyUrl="http://e.org/p", valueUrl="http://e.org/{v}")]
    path = write(tmp_path, {"t.csv": "v\na b\n"}, table("t.csv", *columns))
    assert objects(csvw.convert(path, lists=lists), "http://e.org/p") == expected


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = "".join(f"{i % 50},{i % 7}\n" for i in range(2000))
    path = write(
        tmp_path, {"t.csv": "id,v\n" + rows}, table("t.csv", column("id"), column("v"), aboutUrl="http://e.org/{id}")
    )
    one, other = (csvw.convert(path, base=BASE).triples.serialize("ntriples") for _ in range(2))
    assert one == other


@pytest.mark.slow
def test_a_stream_gives_the_same_triples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glocal_rdf.csvw.conversion.STREAM_CHUNK", 200)
    rows = "".join(f'{i},"line\nbreak, and ""quotes"" {i}"\n' for i in range(300))
    path = write(
        tmp_path, {"t.csv": "id,v\n" + rows}, table("t.csv", column("id"), column("v"), aboutUrl="http://e.org/{id}")
    )
    with (tmp_path / "out.nt").open("wb") as sink:
        assert csvw.convert_stream(path, sink, base=BASE) == ()
    whole = csvw.convert(path, base=BASE).triples
    lines = (tmp_path / "out.nt").read_text().splitlines()
    assert len(lines) == len(whole) == 600
    assert sorted(lines) == sorted(whole.serialize("ntriples").decode().splitlines())


# --- problems


def test_problems_name_file_line_column_and_value(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "o.csv": 'id,founded,country,n\n1,1999,fr,"a\nb"\n2,199O,fr,\n2,2001,xx,\n,1,fr,\n',
            "p.csv": "id\nfr\nfrance\n",
        },
        table(
            "o.csv",
            column("id", required=True),
            column("founded", datatype="gYear"),
            column("country"),
            column("n"),
            primaryKey="id",
            foreignKeys=[{"columnReference": "country", "reference": {"resource": "p.csv", "columnReference": "id"}}],
        ),
        table("p.csv", column("id")),
    )
    problems = csvw.convert(path, base=BASE).problems
    assert messages(problems) == [
        "o.csv:6: id: is empty, and must not be; fill it in",
        "o.csv:4: founded: '199O' is not a year (xsd:gYear); write four digits",
        "o.csv:6: founded: '1' is not a year (xsd:gYear); write four digits",
        "o.csv:5: id: '2' is already the key of line 4; give each row a key of its own",
        "o.csv:5: country: 'xx' is not an id in p.csv",
    ]
    second = problems[1]
    assert (second.row, second.column, second.value, second.level) == (4, "founded", "199O", "error")


def test_a_misspelt_reference_is_given_the_near_one(tmp_path: Path) -> None:
    keys = [{"columnReference": "country", "reference": {"resource": "p.csv", "columnReference": "id"}}]
    path = write(
        tmp_path,
        {"o.csv": "country\nplace/franse\n", "p.csv": "id\nplace/france\n"},
        table("o.csv", column("country"), foreignKeys=keys),
        table("p.csv", column("id")),
    )
    [problem] = csvw.check(path)
    assert str(problem).endswith("o.csv:2: country: 'place/franse' is not an id in p.csv; did you mean 'place/france'?")


def test_an_empty_reference_refers_to_nothing_and_each_item_of_a_list_does(tmp_path: Path) -> None:
    keys = [{"columnReference": "up", "reference": {"resource": "t.csv", "columnReference": "id"}}]
    path = write(
        tmp_path,
        {"t.csv": "id,up\na,\nb,a\nc,a b\nd,a x\n"},
        table("t.csv", column("id"), column("up", separator=" "), foreignKeys=keys),
    )
    assert messages(csvw.check(path)) == ["t.csv:5: up: 'x' is not an id in t.csv"]


AS_TEXT = 'set "quoteChar": null in the dialect if quotation marks are text in this file'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b\n1\n1,2\n", "t.csv:2: has 1 cell where 2 are expected; complete the row"),
        ("a,b\n1,2,3\n", "t.csv:2: has 3 cells where 2 are expected; put cells that hold the delimiter in quotes"),
        (
            "a,b\n\n1,2\n",
            't.csv:2: is blank where 2 cells are expected; remove it, or set "skipBlankRows" in the dialect',
        ),
        (
            'a,b\n1,2\n3,"x\n',
            f"t.csv:3: a quotation mark opens a cell and never closes; close it with another one, or {AS_TEXT}",
        ),
        (
            b"a,b\n1,Z\xfcrich\n",
            't.csv:2: byte 8 (0xfc) is not UTF-8; save it as UTF-8, or name its "encoding" in the dialect',
        ),
        (b"a,b\n1,\x00\n", "t.csv:2: has a NUL byte: it is not text"),
        (
            b"a,b\r1,2\r",
            't.csv:1: has lines that end with CR alone; save it with LF, or set "lineTerminators" in the dialect',
        ),
        ("", "t.csv: is empty; give it a header and rows, or take it out of the description"),
        (
            "x,b\n1,2\n",
            "t.csv:1: x: column 1 has the header 'x' where its description has 'a'; make header and titles the same",
        ),
        ("a\n1\n", "t.csv:1: has 1 columns where its description has 2; describe each column, in order"),
    ],
)
def test_a_broken_file_is_told_by_line(tmp_path: Path, content: str | bytes, expected: str) -> None:
    path = write(tmp_path, {"t.csv": content}, table("t.csv", column("a"), column("b")))
    assert expected in messages(csvw.check(path))


def test_another_delimiter_is_one_mistake_and_not_one_a_row(tmp_path: Path) -> None:
    path = write(tmp_path, {"t.csv": "a;b\n1;x, y\n2;x, z\n"}, table("t.csv", column("a"), column("b")))
    hint = 'save it with commas, or set "delimiter" in the dialect'
    assert messages(csvw.check(path)) == [f"t.csv:1: is separated by semicolons, not by commas; {hint}"]


def test_quotes_count_physical_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"t.csv": 'a,n\n"one\ntwo\nthree",1\nx,bad\n'},
        table("t.csv", column("a"), column("n", datatype="integer")),
    )
    assert messages(csvw.check(path)) == ["t.csv:5: n: 'bad' is not a whole number (xsd:integer); write digits only"]


def test_many_problems_of_a_kind_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, {"t.csv": "n\n" + "x\n" * 5000}, table("t.csv", column("n", datatype="integer")))
    problems = csvw.check(path)
    assert len(problems) == 1001
    assert str(problems[-1]).endswith("n: and 4000 more like these")


def test_a_cell_that_breaks_its_datatype_becomes_a_string(tmp_path: Path) -> None:
    columns = [column("n", datatype={"base": "integer", "maximum": 10}, propertyUrl="http://e.org/n")]
    path = write(tmp_path, {"t.csv": "n\n7\nseven\n70\n"}, table("t.csv", *columns))
    assert objects(csvw.convert(path), "http://e.org/n") == [f'"7"^^<{XSD}integer>', '"seven"', '"70"']


def test_missing_files_and_all_other_problems_are_told_together(tmp_path: Path) -> None:
    path = write(
        tmp_path, {"a.csv": "n\nx\n"}, table("a.csv", column("n", datatype="integer")), table("gone.csv", column("n"))
    )
    with pytest.raises(TableError) as raised:
        csvw.convert(path)
    assert [p.what for p in raised.value.problems] == [
        "n: 'x' is not a whole number (xsd:integer)",
        "there is no such file",
    ]


# --- safety


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "../secret.csv", "/etc/passwd", "sub/../../secret.csv", "%2e%2e/secret.csv"]
)
def test_files_outside_the_folder_are_refused(tmp_path: Path, url: str) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (tmp_path / "data").mkdir()
    with pytest.raises(InputError, match=r"outside the folder|no such file"):
        csvw.convert(write(tmp_path / "data", {}, table(url, column("a"))))


def test_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(InputError, match="outside the folder"):
        csvw.convert(write(tmp_path / "data", {}, table("t.csv", column("a"))))


def test_web_addresses_are_refused_without_fetch(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--remote"):
        csvw.convert(write(tmp_path, {}, table("http://example.org/t.csv", column("a"))))


def test_web_addresses_are_asked_of_fetch(tmp_path: Path) -> None:
    asked: list[str] = []

    def fetch(url: str) -> csvw.Fetched | None:
        asked.append(url)
        return csvw.Fetched(url, b"a\n1\n")

    conversion = csvw.convert(write(tmp_path, {}, table("http://example.org/t.csv", column("a"))), fetch=fetch)
    assert asked == ["http://example.org/t.csv"]
    assert objects(conversion, "http://example.org/t.csv#a") == ['"1"']


@pytest.mark.parametrize("cell", ["javascript:alert(1)", "data:text/html;x", "JavaScript:x", "vbscript:x"])
def test_cells_do_not_choose_a_dangerous_scheme(tmp_path: Path, cell: str) -> None:
    path = write(
        tmp_path,
        {"t.csv": f"u\n{cell}\nhttp://e.org/ok\n"},
        table("t.csv", column("u", valueUrl="{+u}", propertyUrl="http://e.org/p")),
    )
    conversion = csvw.convert(path, base=BASE)
    assert objects(conversion, "http://e.org/p") == ["<http://e.org/ok>"]
    what = f"is not an IRI: a cell must not choose the scheme {cell.partition(':')[0].lower()}:"
    left = "the cell is left out (valueUrl {+u}); write a whole web address"
    assert messages(conversion.problems) == [f"t.csv:2: u: {cell!r} {what}; {left}"]


@pytest.mark.parametrize("template", ["javascript:alert({u})", "data:text/html,{u}", "file:///etc/{u}"])
def test_templates_do_not_choose_a_dangerous_scheme(tmp_path: Path, template: str) -> None:
    path = write(tmp_path, {"t.csv": "u\nx\n"}, table("t.csv", column("u", valueUrl=template)))
    with pytest.raises(TableError, match="write a web address"):
        csvw.convert(path)


def test_a_regular_expression_that_backtracks_elsewhere_is_quick(tmp_path: Path) -> None:
    columns = [column("a", datatype={"base": "string", "format": "(a+)+b"})]
    path = write(tmp_path, {"t.csv": "a\n" + "a" * 50_000 + "\n"}, table("t.csv", *columns))
    assert len(csvw.check(path)) == 1


@pytest.mark.parametrize(
    "content",
    [
        '{"@context": "http://www.w3.org/ns/csvw", "url": ' + "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a": \n nonsense}',
        '"text"',
        "[]",
        "{}",
        b"\xff\xfe",
        '{"@context": "http://www.w3.org/ns/csvw", "url": "\\ud800.csv"}',
    ],
)
def test_a_malformed_description_is_one_clear_error(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(GlocalError) as raised:
        csvw.convert(path)
    assert "m.json" in str(raised.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("," * 2_000_000 + "\n", "more than [0-9]+ columns"),
        ("," * 20_000 + "\n1\n", "20001 columns"),
        ('a\n"' + "x" * 90_000_000, "longer than 64 MiB"),
    ],
)
def test_a_bomb_is_refused_in_bounded_memory(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(TableError, match=expected):
        csvw.convert(tmp_path / "t.csv")


def test_a_description_is_found_beside_its_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("n\n1\n")
    description = {"@context": CONTEXT, **table("t.csv", column("n", datatype="integer", propertyUrl="http://e.org/n"))}
    (tmp_path / "t.csv-metadata.json").write_text(json.dumps(description))
    assert objects(csvw.convert(tmp_path / "t.csv"), "http://e.org/n") == [f'"1"^^<{XSD}integer>']
    other = description | table("t.csv", column("n", propertyUrl="http://e.org/other"))
    assert objects(csvw.convert(tmp_path / "t.csv", metadata=other), "http://e.org/other") == ['"1"']


def test_tabs_and_parquet_are_tables_too(tmp_path: Path) -> None:
    import polars as pl

    frame = pl.DataFrame({"n": [1, None], "d": ["x", "y"]})
    frame.write_csv(tmp_path / "t.tsv", separator="\t")
    frame.write_parquet(tmp_path / "t.parquet")
    columns = [column("n", datatype="integer", propertyUrl="http://e.org/n"), column("d", propertyUrl="http://e.org/d")]
    for name in ("t.tsv", "t.parquet"):
        path = write(tmp_path, {}, table(name, *columns, aboutUrl="http://e.org/{_row}"))
        conversion = csvw.convert(path)
        assert conversion.problems == ()
        assert objects(conversion, "http://e.org/n") == [f'"1"^^<{XSD}integer>']
        assert objects(conversion, "http://e.org/d") == ['"x"', '"y"']


def test_parquet_values_are_written_as_xml_schema_writes_them(tmp_path: Path) -> None:
    import datetime as dt

    import polars as pl

    frame = pl.DataFrame(
        {
            "b": [True],
            "d": [dt.date(2020, 1, 2)],
            "t": [dt.datetime(2020, 1, 2, 3, 4, 5)],
            "f": [1.5],
            "c": [dt.time(3, 4, 5)],
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    kinds = {"b": "boolean", "d": "date", "t": "dateTime", "f": "double", "c": "time"}
    columns = [column(n, datatype=k, propertyUrl=f"http://e.org/{n}") for n, k in kinds.items()]
    conversion = csvw.convert(write(tmp_path, {}, table("t.parquet", *columns)))
    assert conversion.problems == ()
    found = {n: objects(conversion, f"http://e.org/{n}")[0] for n in kinds}
    assert found == {
        "b": f'"true"^^<{XSD}boolean>',
        "d": f'"2020-01-02"^^<{XSD}date>',
        "t": f'"2020-01-02T03:04:05"^^<{XSD}dateTime>',
        "f": f'"1.5"^^<{XSD}double>',
        "c": f'"03:04:05"^^<{XSD}time>',
    }


def test_a_spreadsheet_without_its_reader_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fastexcel", None)
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    with pytest.raises(TableError, match=r"pip install 'glocal-rdf\[sheets\]'"):
        csvw.convert(tmp_path / "t.xlsx")


def test_a_file_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"x")
    with pytest.raises(TableError, match="is not a Parquet file"):
        csvw.convert(tmp_path / "t.parquet")


# --- standard mode


def test_standard_mode_frames_rows_tables_and_annotations(tmp_path: Path) -> None:
    described = table("t.csv", column("id"), column("n", propertyUrl="http://e.org/n"), aboutUrl="#{id}", rowTitles="n")
    path = write(
        tmp_path,
        {"t.csv": "id,n\na,1\n"},
        described | {"notes": [{"dc:creator": "me"}], "dc:title": {"@value": "T", "@language": "en"}},
        **{"dc:license": {"@id": "http://e.org/licence"}, "@id": "http://e.org/group"},
    )
    store = csvw.convert(path, mode="standard", base=BASE).triples.to_rdflib()
    answer = store.query(
        """
        PREFIX csvw: <http://www.w3.org/ns/csvw#> PREFIX dc: <http://purl.org/dc/terms/>
        ASK {
          <http://e.org/group> a csvw:TableGroup ; dc:license <http://e.org/licence> ; csvw:table ?t .
          ?t a csvw:Table ; csvw:url <http://example.org/data/t.csv> ; dc:title "T"@en ; csvw:row ?r ;
             csvw:note [ dc:creator "me" ] .
          ?r a csvw:Row ; csvw:rownum 1 ; csvw:title "1" ; csvw:url <http://example.org/data/t.csv#row=2> ;
             csvw:describes <http://example.org/data/t.csv#a> .
          <http://example.org/data/t.csv#a> <http://e.org/n> "1"
        }"""
    )
    assert answer.askAnswer


def test_a_suppressed_table_gives_no_triples_and_is_checked(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"t.csv": "n\nx\n"},
        table("t.csv", column("n", datatype="integer")) | {"suppressOutput": True},
    )
    conversion = csvw.convert(path)
    assert (len(conversion.triples), len(conversion.errors)) == (0, 1)


@pytest.mark.parametrize("about", [{"aboutUrl": "http://e.org/{id}"}, {}])
@pytest.mark.parametrize("mode", ["minimal", "standard"])
def test_batches_of_a_table_make_one_graph(tmp_path: Path, about: dict[str, str], mode: Any) -> None:
    from glocal_rdf.csvw.rdf.deduplication import join_blocks
    from glocal_rdf.csvw.sources import open_job
    from glocal_rdf.csvw.table_job import Output

    rows = "".join(f"{i % 40},v{i % 3},w {i % 5}\n" for i in range(200))
    columns = [column("id"), column("v"), column("w", separator=" ", ordered=True)]
    path = write(tmp_path, {"t.csv": "id,v,w\n" + rows}, table("t.csv", *columns, **about))
    whole = csvw.convert(path, mode=mode, base=BASE).triples
    job, blocks = open_job(path, base=BASE), []
    job.run(Output(blocks.extend, mode, "joined", keep_rows=True, chunk=100))
    assert len(job.results[0].rows.batches) > 10
    frame = join_blocks(blocks)
    assert frame.height == frame.unique().height == len(whole)
    assert frame.sort(frame.columns).equals(whole.frame.sort(frame.columns))


VALUES = [
    None,
    True,
    1,
    -1,
    1.5,
    "",
    "x",
    "{",
    "{a}",
    "_:b",
    "%zz",
    [],
    ["a"],
    [1],
    {},
    {"a": 1},
    "(",
    "#0.0",
    "yyyy",
    "\t",
]
DESCRIPTION: dict[str, Any] = {
    "@context": [CONTEXT, {"@language": "en"}],
    "@id": "http://e.org/group",
    "dialect": {"delimiter": ",", "header": True, "trim": True, "skipRows": 0, "quoteChar": '"', "doubleQuote": True},
    "notes": [{"dc:x": {"@value": "a"}}],
    "dc:title": ["a", {"@id": "x", "@type": "Table", "schema:name": [1]}],
    "tables": [
        {
            "url": "t.csv",
            "aboutUrl": "#{id}",
            "null": ["", "x"],
            "tableSchema": {
                "primaryKey": ["id"],
                "rowTitles": "name",
                "foreignKeys": [{"columnReference": "id", "reference": {"resource": "t.csv", "columnReference": "id"}}],
                "columns": [
                    {"name": "id", "titles": {"en": "id"}, "datatype": {"base": "string", "format": "[0-9]+"}},
                    {"name": "name", "titles": ["name"], "separator": " ", "ordered": True},
                    {"name": "n", "titles": "n", "datatype": {"base": "decimal", "format": "#0.#", "minimum": 1}},
                    {"name": "v", "virtual": True, "default": "1", "valueUrl": "{+id}"},
                ],
            },
        }
    ],
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, item in items for p in places(item, (*path, key)))]


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(places(DESCRIPTION)[1:]), st.sampled_from(VALUES)), min_size=1, max_size=3))
def test_any_change_to_a_description_is_read_or_refused(tmp_path_factory: Any, changes: list[Any]) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "t.csv").write_text("id,name,n\n1,x y,3\n2,,4\n")
    description = json.loads(json.dumps(DESCRIPTION))
    for path, value in changes:
        inner = description
        for key in path[:-1]:
            inner = (
                inner[key]
                if isinstance(inner, dict) and key in inner
                else inner[0]
                if inner and isinstance(inner, list)
                else {}
            )
        if isinstance(inner, dict):
            inner[path[-1]] = value
    (folder / "m.json").write_text(json.dumps(description))
    try:
        told: Any = csvw.convert(folder / "m.json", mode="standard").tables
    except GlocalError as error:
        told = error.problems
    assert told
