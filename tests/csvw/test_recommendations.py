"""Paragraphs of the Recommendations that the cases of the W3C do not cover."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glocal_rdf import csvw
from glocal_rdf.csvw.rdf.row_triples import Lists
from glocal_rdf.errors import EndpointError

CONTEXT = "http://www.w3.org/ns/csvw"
CSVW = "http://www.w3.org/ns/csvw#"
XSD = "http://www.w3.org/2001/XMLSchema#"
BASE = "http://e.org/m.json"


def write(folder: Path, files: dict[str, str | bytes], **document: Any) -> Path:
    """Write files, and beside them the description of `t.csv` or of the tables given; return its path."""
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    whole = {"@context": CONTEXT} | ({} if "tables" in document else {"url": "t.csv"}) | document
    (folder / "m.json").write_text(json.dumps(whole))
    return folder / "m.json"


def column(name: str, **properties: Any) -> dict[str, Any]:
    return {"name": name, "titles": name, "propertyUrl": f"http://e.org/{name}", **properties}


def schema(*columns: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"columns": list(columns), **properties}


def objects(conversion: csvw.Conversion, name: str) -> list[str]:
    return conversion.triples.match(predicate=f"<http://e.org/{name}>").frame["object"].to_list()


def told(problems: tuple[Any, ...]) -> list[str]:
    return [f"{p.level}: {p.what}; {p.hint}" for p in problems]


# --- Metadata Vocabulary, section 6: an @id expands prefixed names, and no terms


@pytest.mark.parametrize("name", ["role", "date", "Table", "license", "string"])
def test_an_id_that_is_named_as_a_term_is_a_relative_address(tmp_path: Path, name: str) -> None:
    document: dict[str, Any] = {"@id": name, "http://e.org/p": {"@id": name}}
    path = write(tmp_path, {"t.csv": "a\nx\n"}, tableSchema=schema(column("a")), **document)
    triples = set(csvw.convert(path, mode="standard", base=BASE).triples)
    assert (f"<http://e.org/{name}>", "<http://e.org/p>", f"<http://e.org/{name}>") in triples


def test_an_id_expands_a_prefixed_name_and_a_type_expands_a_term(tmp_path: Path) -> None:
    value = {"@id": "schema:Thing", "@type": ["Table", "schema:Dataset"]}
    path = write(tmp_path, {"t.csv": "a\nx\n"}, tableSchema=schema(column("a")), **{"http://e.org/p": value})
    conversion = csvw.convert(path, mode="standard", base=BASE)
    assert objects(conversion, "p") == ["<http://schema.org/Thing>"]
    kinds = conversion.triples.match("<http://schema.org/Thing>").frame["object"].to_list()
    assert kinds == [f"<{CSVW}Table>", "<http://schema.org/Dataset>"]


# --- Model, section 6.4, steps 8 and 9: a cell that is not of its datatype


def test_a_string_that_breaks_its_format_is_not_of_the_derived_datatype(tmp_path: Path) -> None:
    datatype = {"base": "string", "format": "[0-9]+", "@id": "http://e.org/D"}
    columns = [column("a", datatype=datatype, lang="en"), column("b", datatype=datatype)]
    path = write(tmp_path, {"t.csv": "a,b\nx,y\n12,13\n"}, tableSchema=schema(*columns, rowTitles=["a", "b"]))
    conversion = csvw.convert(path, mode="standard", base=BASE)
    assert objects(conversion, "a") == ['"x"@en', '"12"^^<http://e.org/D>']
    assert objects(conversion, "b") == ['"y"', '"13"^^<http://e.org/D>']
    titles = conversion.triples.match(predicate=f"<{CSVW}title>").frame["object"].to_list()
    assert titles == ['"x"@en', '"12"@en', '"y"', '"13"']


def test_a_value_out_of_bounds_is_a_string_as_it_stands(tmp_path: Path) -> None:
    datatype = {"base": "decimal", "format": "#,##0.#%", "maximum": 1}
    path = write(tmp_path, {"t.csv": 'a\n50%\n"1,250%"\n'}, tableSchema=schema(column("a", datatype=datatype)))
    assert objects(csvw.convert(path), "a") == [f'"0.50"^^<{XSD}decimal>', '"1,250%"']


def test_null_cells_are_not_counted_as_invalid(tmp_path: Path) -> None:
    columns = [column("a", datatype="integer"), column("b")]
    path = write(tmp_path, {"t.csv": "a,b\nx,1\n,2\n7,3\n"}, tableSchema=schema(*columns))
    assert csvw.convert(path).accounts.total.invalid == 1


# --- Metadata Vocabulary, section 5.1.3: the values of template variables


@pytest.mark.parametrize(
    ("lists", "expected"),
    [("joined", ["<http://e.org/1,2,0.5,x>"]), ("each", [f"<http://e.org/{i}>" for i in ("1", "2", "0.5", "x")])],
)
def test_items_are_in_canonical_form_in_templates(tmp_path: Path, lists: Lists, expected: list[str]) -> None:
    listed = column("a", separator=";", datatype="decimal", valueUrl="http://e.org/{a}")
    other = column("b", valueUrl="http://e.org/{b}/{a}")
    path = write(tmp_path, {"t.csv": "a,b\n01;+2;.50;x,y\n,z\n"}, tableSchema=schema(listed, other))
    conversion = csvw.convert(path, lists=lists)
    made = objects(conversion, "a")
    assert made == (expected if lists == "each" else [*expected, "<http://e.org/>"])
    if lists == "joined":
        assert objects(conversion, "b") == ["<http://e.org/y/1,2,0.5,x>", "<http://e.org/z/>"]


def test_a_cell_that_is_not_a_number_stays_as_it_is_in_templates(tmp_path: Path) -> None:
    code = column("a", datatype="integer", valueUrl="http://e.org/{a}")
    path = write(tmp_path, {"t.csv": "a\n00x\n+y\n007\n"}, tableSchema=schema(code))
    assert objects(csvw.convert(path), "a") == ["<http://e.org/00x>", "<http://e.org/%2By>", "<http://e.org/7>"]


# --- Metadata Vocabulary, section 5.9: an encoding is one of the Encoding Standard


ENCODINGS = [
    ("iso-8859-1", b"\x93\xe9\x94\x81", "“é”\x81"),
    ("latin1", b"\x80", "€"),
    ("us-ascii", b"\x85", "…"),
    ("ISO-8859-9", b"\x80\xfd", "€ı"),
    ("tis-620", b"\x80\xa1", "€ก"),
    ("windows-1252", b"\x8d\x9d", "\x8d\x9d"),
    ("x-sjis", b"\x87\x40\x81\x60", "①～"),
    ("gb2312", b"\x81\x40\x81\x30\x81\x30", "丂\x80"),
    ("windows-949", b"\xb0\xa2\x81\x41", "각갂"),
    ("big5", b"\xa1\x45\xa3\xe1\x87\x40\xf9\xd6", "‧€䏰碁"),
    ("x-mac-roman", b"\x8e", "é"),
    ("utf-16", "é中".encode("utf-16-le"), "é中"),
]


@pytest.mark.parametrize(("label", "data", "expected"), ENCODINGS)
def test_a_label_stands_for_the_encoding_of_the_standard(
    tmp_path: Path, label: str, data: bytes, expected: str
) -> None:
    head, end = ("a\n", "\n") if label != "utf-16" else ("a\0\n\0", "\n\0")
    path = write(
        tmp_path,
        {"t.csv": head.encode() + data + end.encode()},
        tableSchema=schema(column("a")),
        dialect={"encoding": label},
    )
    conversion = csvw.convert(path)
    assert (objects(conversion, "a"), conversion.problems) == ([f'"{expected}"'], ())


@pytest.mark.parametrize("mark", ["utf-16-be", "utf-16-le", "utf-8"])
def test_a_byte_order_mark_says_more_than_the_label(tmp_path: Path, mark: str) -> None:
    data = "\ufeffa\né\n".encode(mark)
    path = write(tmp_path, {"t.csv": data}, tableSchema=schema(column("a")), dialect={"encoding": "utf-16"})
    assert objects(csvw.convert(path), "a") == ['"é"']


@pytest.mark.parametrize(
    "label", ["rot13", "base64", "idna", "unicode_escape", "undefined", "x-user-defined", "a\0", "é", ""]
)
def test_what_is_not_an_encoding_of_files_is_replaced_by_utf_8(tmp_path: Path, label: str) -> None:
    path = write(tmp_path, {"t.csv": "a\né\n"}, tableSchema=schema(column("a")), dialect={"encoding": label})
    conversion = csvw.convert(path)
    assert objects(conversion, "a") == ['"é"']
    assert told(conversion.problems) == [
        f"warning: dialect.encoding: the encoding {label!r} is unknown; 'utf-8' is used"
    ]


# --- Model, section 6.6: keys are compared by the values of their cells


def linked(*referencing: dict[str, Any], referenced: list[dict[str, Any]]) -> dict[str, Any]:
    reference = {"resource": "t.csv", "columnReference": [c["name"] for c in referenced]}
    keys = [{"columnReference": [c["name"] for c in referencing], "reference": reference}]
    there = {"url": "t.csv", "tableSchema": schema(*referenced)}
    return {"tables": [there, {"url": "u.csv", "tableSchema": schema(*referencing, foreignKeys=keys)}]}


@pytest.mark.parametrize(
    ("datatype", "values", "repeated"),
    [
        ("integer", ["7", "007", "+7", "70"], ["007", "+7"]),
        ("decimal", ["1.50", "1.5", "15"], ["1.5"]),
        ("double", ["1E2", "100", "INF", "NaN", "1e2"], ["100", "1e2"]),
        ("string", ["7", "007", "7"], ["7"]),
        ("token", ["1.0", "1"], []),
    ],
)
def test_primary_keys_are_the_same_if_their_values_are(
    tmp_path: Path, datatype: str, values: list[str], repeated: list[str]
) -> None:
    keyed = schema(column("a", datatype=datatype), primaryKey="a")
    problems = csvw.check(write(tmp_path, {"t.csv": "\n".join(["a", *values, ""])}, tableSchema=keyed))
    assert [(p.kind, p.value) for p in problems] == [("primary-key", value) for value in repeated]


@pytest.mark.parametrize(
    ("here", "there", "missing"),
    [
        ("integer", "integer", ["2"]),
        ("decimal", "integer", ["2"]),
        ("double", "integer", ["2"]),
        ("string", "integer", ["007", "2"]),
    ],
)
def test_foreign_keys_refer_by_value(tmp_path: Path, here: str, there: str, missing: list[str]) -> None:
    files: dict[str, str | bytes] = {"t.csv": "a\n7\n80\n", "u.csv": "b\n007\n80\n2\n"}
    document = linked(column("b", datatype=here), referenced=[column("a", datatype=there)])
    problems = csvw.check(write(tmp_path, files, **document))
    assert [(p.kind, p.value) for p in problems] == [("foreign-key", value) for value in missing]


def test_foreign_keys_of_several_columns_and_of_lists_refer_by_value(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"t.csv": "a,b\n7,x\n07,y\n", "u.csv": "c,d\n07,x\n7,z\n"}
    both = [column("a", datatype="integer"), column("b")]
    document = linked(column("c", datatype="integer"), column("d"), referenced=both)
    assert [p.value for p in csvw.check(write(tmp_path, files, **document))] == ["7, z"]
    document = linked(column("c", datatype="integer", separator=" "), referenced=[column("a", datatype="integer")])
    files = {"t.csv": "a\n7\n8\n", "u.csv": "c\n007 08\n8 9\n"}
    assert [p.value for p in csvw.check(write(tmp_path, files, **document))] == ["9"]


def test_a_key_that_refers_to_two_rows_of_one_value_is_an_error(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"t.csv": "a\n7\n07\n", "u.csv": "b\n7\n"}
    document = linked(column("b", datatype="integer"), referenced=[column("a", datatype="integer")])
    problems = csvw.check(write(tmp_path, files, **document))
    assert [p.what for p in problems] == ["b: '7' is the a of more than one row in t.csv"]


# --- Model, sections 5.2 and 5.3: where metadata are found


def description(name: str, url: str = "t.csv") -> bytes:
    whole = {"@context": CONTEXT, "url": url, "tableSchema": schema(column("a", propertyUrl=f"http://e.org/{name}"))}
    return json.dumps(whole).encode()


def site(answers: dict[str, bytes], *links: str) -> csvw.Fetch:
    """Answer as a site that has a table, the files given, and errors where there are none."""

    def fetch(url: str) -> csvw.Fetched | None:
        name = url.removeprefix("http://e.org/")
        if name == "t.csv":
            return csvw.Fetched(url, b"a\nx\n", "text/csv", links)
        if name == ".well-known/csvm" and name not in answers:
            raise EndpointError.at(url, "answered 500")
        return csvw.Fetched(url, answers[name]) if name in answers else None

    return fetch


def link(name: str, rel: str = "describedby", kind: str = "application/csvm+json") -> str:
    return f'<{name}>; rel="{rel}"; type="{kind}"'


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([link("one.json"), link("two.json")], "two"),
        ([link("one.json"), link("other.json")], "one"),
        ([link("one.json"), link("gone.json")], "one"),
        ([link("one.json") + ", " + link("two.json")], "two"),
        ([link("one.json"), link("two.json", rel="canonical")], "one"),
        ([link("one.json"), link("two.json", kind="text/turtle")], "one"),
    ],
)
def test_the_last_link_that_leads_to_a_description_of_the_table_is_used(links: list[str], expected: str) -> None:
    answers = {f"{n}.json": description(n) for n in ("one", "two")} | {"other.json": description("other", "u.csv")}
    [triple] = csvw.convert("http://e.org/t.csv", fetch=site(answers, *links)).triples
    assert triple[1] == f"<http://e.org/{expected}>"


def test_a_site_whose_configuration_fails_has_the_default_locations() -> None:
    conversion = csvw.convert("http://e.org/t.csv", fetch=site({"t.csv-metadata.json": description("p")}))
    assert [t[1] for t in conversion.triples] == ["<http://e.org/p>"]
    expected = ["warning: http://e.org/.well-known/csvm: answered 500; the default locations are used"]
    assert told(conversion.problems) == expected
    configured = {".well-known/csvm": b"{+url}.json\nx.json\n", "x.json": description("q")}
    conversion = csvw.convert("http://e.org/t.csv", fetch=site(configured))
    assert ([t[1] for t in conversion.triples], conversion.problems) == (["<http://e.org/q>"], ())


# --- Metadata Vocabulary, sections 4 and 5: values that are not permitted


PLAIN = schema({"name": "a", "titles": "a"})


@pytest.mark.parametrize(
    ("document", "warning"),
    [
        ({"dialect": {"commentPrefix": ""}}, "dialect.commentPrefix: is empty; it counts as null: there is none"),
        ({"dialect": {"quoteChar": ""}}, "dialect.quoteChar: is empty; it counts as null: there is none"),
        ({"dialect": {"delimiter": ""}}, "dialect.delimiter: is empty; ',' is used"),
        ({"separator": ""}, "separator: is empty, and separates nothing; cells are not lists"),
        ({"notes": ["text", 1]}, "notes[0]: 'text' is not an object; it is ignored"),
    ],
)
def test_values_that_say_nothing_are_warnings(tmp_path: Path, document: dict[str, Any], warning: str) -> None:
    path = write(tmp_path, {"t.csv": "a\n#x\ny\n"}, tableSchema=PLAIN, **document)
    assert told(csvw.check(path))[0] == f"warning: {warning}"


def test_an_empty_quote_or_comment_prefix_is_none(tmp_path: Path) -> None:
    path = write(tmp_path, {"t.csv": 'a\n#x\n"y\n'}, tableSchema=schema(column("a")))
    described = json.loads(path.read_text())
    for value in ("", None):
        path.write_text(json.dumps(described | {"dialect": {"quoteChar": value, "commentPrefix": value}}))
        assert objects(csvw.convert(path), "a") == ['"#x"', '"\\"y"']


def test_only_the_notes_that_are_objects_are_written(tmp_path: Path) -> None:
    notes = ["text", {"http://e.org/n": 1}, [{"http://e.org/n": 2}], None]
    path = write(tmp_path, {"t.csv": "a\nx\n"}, tableSchema=schema(column("a")), notes=notes)
    conversion = csvw.convert(path, mode="standard", base=BASE)
    assert objects(conversion, "n") == [f'"1"^^<{XSD}integer>']
    assert len(conversion.triples.match(predicate=f"<{CSVW}note>").frame) == 1
    assert [p.level for p in conversion.problems] == ["warning"] * 3


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("name", "content"), [("tableSchema", PLAIN), ("dialect", {"delimiter": ","})])
def test_an_object_that_is_referred_to_has_a_context(
    tmp_path: Path, strict: bool, name: str, content: dict[str, Any]
) -> None:
    path = write(tmp_path, {"t.csv": "a\nx\n"}, **({"tableSchema": PLAIN} | {name: "o.json"}))
    (tmp_path / "o.json").write_text(json.dumps(content))
    level = "error" if strict else "warning"
    expected = f'{level}: {name}.@context: is missing; write "@context": "{CONTEXT}"'
    assert told(csvw.check(path, strict=strict)) == [expected]
    (tmp_path / "o.json").write_text(json.dumps({"@context": CONTEXT} | content))
    assert csvw.check(path, strict=strict) == ()


@pytest.mark.parametrize("terminators", [["\n"], ["\n", "|"]])
def test_what_is_trimmed_is_the_white_space_of_unicode(tmp_path: Path, terminators: list[str]) -> None:
    data = "a,b\n \u3000x\xa0,\x1fy\x1c\n"
    columns = [column("a"), column("b")]
    path = write(tmp_path, {"t.csv": data}, tableSchema=schema(*columns), dialect={"lineTerminators": terminators})
    conversion = csvw.convert(path)
    assert (objects(conversion, "a"), objects(conversion, "b")) == (['"x"'], ['"\\u001Fy\\u001C"'])


@pytest.mark.parametrize("context", [[CONTEXT], [CONTEXT, {}]])
def test_a_context_of_one_member_is_a_string_by_the_letter(tmp_path: Path, context: list[Any]) -> None:
    path = write(tmp_path, {"t.csv": "a\nx\n"}, **{"@context": context, "tableSchema": PLAIN})
    assert csvw.check(path) == ()
    expected = f'@context: is an array that gives neither @base nor @language; write "{CONTEXT}" alone'
    assert told(csvw.check(path, strict=True)) == [f"error: {expected}"]


def test_a_header_of_white_space_is_no_title(tmp_path: Path) -> None:
    path = write(tmp_path, {"t.csv": "  , b\n1,2\n"}, dialect={"trim": False})
    predicates = [t[1].rpartition("#")[2] for t in csvw.convert(path).triples]
    assert predicates == ["_col.1>", "%20b>"]


# --- Model, section 6.1, and Metadata Vocabulary, section 5.5.3: languages of tables and titles


@pytest.mark.parametrize(
    ("header", "expected"),
    [("fr", '"x"@fr'), ("fr, en", '"x"'), ("f r", '"x"'), ("", '"x"'), (" zh-Hant ", '"x"@zh-Hant')],
)
def test_the_language_of_an_answer_is_that_of_the_cells_if_it_is_one(header: str, expected: str) -> None:
    def fetch(url: str) -> csvw.Fetched | None:
        return csvw.Fetched(url, b"a\nx\n", "text/csv", (), header) if url.endswith("t.csv") else None

    assert [t[2] for t in csvw.convert("http://e.org/t.csv", fetch=fetch).triples] == [expected]


@pytest.mark.parametrize(
    ("lang", "code", "fits"), [("en", "en-US", True), ("en-US", "en", True), ("fr", "en", False), ("fr", "und", True)]
)
def test_a_title_fits_in_the_language_of_the_table(tmp_path: Path, lang: str, code: str, fits: bool) -> None:
    path = write(tmp_path, {"t.csv": "a\nx\n"}, lang=lang, tableSchema=schema({"titles": {code: "a"}}))
    what = "a: column 1 has the header 'a' where its description has 'a'"
    hint = f"the titles are in {code}, and the table in {lang}: give the titles its language"
    assert told(csvw.check(path)) == ([] if fits else [f"error: {what}; {hint}"])


# --- Model, section 4.6.2: bounds, by XML Schema


@pytest.mark.parametrize("bound", ["minimum", "maximum", "minExclusive", "maxExclusive"])
def test_what_is_no_number_is_within_no_bounds(tmp_path: Path, bound: str) -> None:
    datatype = {"base": "double", bound: 0}
    path = write(tmp_path, {"t.csv": "a\nNaN\n"}, tableSchema=schema(column("a", datatype=datatype)))
    conversion = csvw.convert(path)
    assert (objects(conversion, "a"), [p.kind for p in conversion.errors]) == (['"NaN"'], ["constraint"])


@pytest.mark.parametrize(
    ("datatype", "within", "beyond"),
    [
        (
            {"base": "dateTime", "minimum": "2020-01-02T00:00:00"},
            ["2020-01-02T00:00:00", "2020-01-02T15:00:00Z", "2020-01-02T16:00:00+01:00"],
            ["2020-01-02T13:00:00Z", "2020-01-01T12:00:00Z", "2020-01-02T14:00:00Z"],
        ),
        (
            {"base": "datetime", "maxExclusive": "2020-01-02T00:00:00Z"},
            ["2020-01-01T09:00:00", "2020-01-01T23:59:59Z"],
            ["2020-01-01T11:00:00", "2020-01-02T01:00:00+01:00"],
        ),
        ({"base": "date", "minimum": "2020-01-02"}, ["2020-01-02", "2020-01-03Z"], ["2020-01-02Z", "2020-01-01"]),
        ({"base": "time", "maximum": "12:00:00"}, ["12:00:00", "11:59:59"], ["12:00:01", "00:00:00Z"]),
        (
            {"base": "duration", "minimum": "P1M"},
            ["P1M", "P31D", "P30DT24H", "P1Y"],
            ["P30D", "P28D", "P27D", "-P1Y", "PT0S"],
        ),
        ({"base": "yearMonthDuration", "maximum": "P1Y"}, ["P12M", "-P3Y"], ["P13M", "P2Y"]),
        ({"base": "dayTimeDuration", "maxExclusive": "P1D"}, ["PT23H59M59.9S"], ["PT24H", "PT86400S"]),
    ],
)
def test_a_value_that_is_not_surely_within_bounds_is_not(
    tmp_path: Path, datatype: dict[str, Any], within: list[str], beyond: list[str]
) -> None:
    path = write(
        tmp_path, {"t.csv": "\n".join(["a", *within, *beyond, ""])}, tableSchema=schema(column("a", datatype=datatype))
    )
    assert [p.value for p in csvw.check(path)] == beyond


# --- Metadata Vocabulary, section 5.1.4: references to columns


def test_a_foreign_key_refers_to_a_column_by_its_name_and_strictly_not_by_its_title(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"t.csv": "a\n7\n", "u.csv": "b\n7\n"}
    document = linked(column("b"), referenced=[column("a")])
    path = write(tmp_path, files, **document)
    assert csvw.check(path, strict=True) == ()
    del document["tables"][0]["tableSchema"]["columns"][0]["name"]
    write(tmp_path, files, **document)
    assert csvw.check(path) == ()
    what = "tables[1]: a foreign key refers to the column 'a', which its table does not have"
    assert told(csvw.check(path, strict=True)) == [f"error: {what}; "]
