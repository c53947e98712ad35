"""Descriptions are found for every file name and address, and what is doubtful in them is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from glocal_rdf import csvw
from glocal_rdf.csvw.metadata.discovery import encode_file_name
from glocal_rdf.errors import GlocalError, Problem

CONTEXT = "http://www.w3.org/ns/csvw"
A = "http://e.org/A"


def describe(folder: Path, name: str, link: str, file: str = "", **document: Any) -> Path:
    """Write a table `name` of one column `a`, and a description of `link` in which it has the property A."""
    (folder / name).write_text("a\nx\n", encoding="utf-8")
    schema = {"columns": [{"name": "a", "titles": "a", "propertyUrl": A}]}
    whole = {"@context": CONTEXT, "url": link, "tableSchema": schema} | document
    (folder / (file or f"{name}-metadata.json")).write_text(json.dumps(whole), encoding="utf-8")
    return folder / name


def is_used(conversion: csvw.Conversion) -> bool:
    return conversion.triples.frame["predicate"].to_list() == [f"<{A}>"]


def whats(problems: tuple[Problem, ...]) -> list[str]:
    return [p.what for p in problems]


NAMES = ["my data (1).csv", "100%25 off.csv", "100% off.csv", "a#b.csv", "a?b.csv", "a:b.csv", "12:30.csv", "R&D+x.csv",
         "Größe.csv", "臺北 市.csv", "[x]{y}.csv", "a'b,c;d=e@f!.csv", "%zz.csv", "a\\b.csv", "a b#c%d?e.csv", "-x.csv",
         "a.b..csv", "~a$.csv", "a|b^c`.csv", 'a"b<c>.csv']  # fmt: skip


@pytest.mark.parametrize("base", [None, "http://ex.org/", "http://ex.org/other", "urn:x:y"])
@pytest.mark.parametrize("name", NAMES)
def test_a_description_is_found_for_every_file_name(tmp_path: Path, name: str, base: str | None) -> None:
    for number, url in enumerate((encode_file_name(name), name)):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = describe(folder, name, url)
        assert is_used(csvw.convert(path, base=base)), url
        assert csvw.check(path, base=base) == ()
        assert is_used(csvw.convert(folder / f"{name}-metadata.json"))
        assert is_used(csvw.convert(path, base=base, metadata=folder / f"{name}-metadata.json"))


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_name_may_be_in_any_form_of_unicode(tmp_path: Path, forms: tuple[str, str]) -> None:
    name, url = (normalize(form, "Größe é.csv") for form in forms)
    path = describe(tmp_path, name, url)
    assert is_used(csvw.convert(path))
    assert is_used(csvw.convert(tmp_path / f"{name}-metadata.json"))


def test_the_base_is_the_address_of_the_file_whatever_its_last_segment(tmp_path: Path) -> None:
    schema = {"columns": [{"name": "a", "titles": "a"}], "aboutUrl": "#{a}"}
    keys = [{"columnReference": "a", "reference": {"resource": "orgs.csv", "columnReference": "a"}}]
    path = describe(tmp_path, "orgs.csv", "orgs.csv", tableSchema=schema | {"foreignKeys": keys})
    conversion = csvw.convert(path, base="https://data.example/orgs")
    assert list(conversion.triples) == [("<https://data.example/orgs#x>", "<https://data.example/orgs#a>", '"x"')]
    assert not conversion.problems


@pytest.mark.parametrize("base", ["orgs", "http://[x", "http://", "//ex.org/", "a b"])
def test_a_base_that_is_not_an_iri_is_refused(tmp_path: Path, base: str) -> None:
    with pytest.raises(GlocalError, match="the base is not an absolute IRI"):
        csvw.convert(describe(tmp_path, "t.csv", "t.csv"), base=base)


def test_a_base_is_encoded(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\nx\n")
    conversion = csvw.convert(tmp_path / "t.csv", base="http://ex.org/my data.csv")
    assert conversion.triples.frame["predicate"].to_list() == ["<http://ex.org/my%20data.csv#a>"]


def test_a_base_of_the_description_gives_its_tables_their_address(tmp_path: Path) -> None:
    context = [CONTEXT, {"@base": "https://data.example/"}]
    schema = {"columns": [{"name": "a", "titles": "a"}]}
    path = describe(tmp_path, "t.csv", "t.csv", **{"@context": context, "tableSchema": schema})
    conversion = csvw.convert(path)
    assert conversion.triples.frame["predicate"].to_list() == ["<https://data.example/t.csv#a>"]
    assert not conversion.problems


@pytest.mark.parametrize(
    ("file", "url", "what"),
    [
        ("t.csv-metadata.json", "other.csv", "does not describe"),
        ("csv-metadata.json", "http://example.com/u.csv", "does not describe"),
        ("t-metadata.json", "t.csv", "that name is not looked for"),
        ("metadata.json", "t.csv", "that name is not looked for"),
    ],
)
def test_a_description_that_is_not_used_is_reported(tmp_path: Path, file: str, url: str, what: str) -> None:
    path = describe(tmp_path, "t.csv", url, file)
    [problem] = csvw.check(path)
    assert what in problem.what
    assert problem.level == "warning"
    assert not is_used(csvw.convert(path))


def test_a_second_description_is_reported(tmp_path: Path) -> None:
    describe(tmp_path, "t.csv", "t.csv", "csv-metadata.json")
    path = describe(tmp_path, "t.csv", "t.csv")
    [problem] = csvw.check(path)
    assert "csv-metadata.json describes" in problem.what
    assert "t.csv-metadata.json is found first" in problem.what
    assert is_used(csvw.convert(path))


def test_a_given_description_of_the_published_address_is_applied(tmp_path: Path) -> None:
    path = describe(tmp_path, "t.csv", "http://example.com/example1.csv", "given.json", aboutUrl="#{a}")
    conversion = csvw.convert(path, metadata=tmp_path / "given.json")
    assert list(conversion.triples) == [("<http://example.com/example1.csv#x>", f"<{A}>", '"x"')]
    assert ["is read in its place" in w for w in whats(conversion.problems)] == [True]
    based = csvw.convert(path, metadata=tmp_path / "given.json", base="http://ex.org/")
    assert based.triples.frame["subject"].to_list() == ["<http://ex.org/t.csv#x>"]


def test_a_given_description_of_other_tables_is_refused(tmp_path: Path) -> None:
    tables = [{"url": "u.csv"}, {"url": "v.csv"}]
    (tmp_path / "given.json").write_text(json.dumps({"@context": CONTEXT, "tables": tables}))
    (tmp_path / "t.csv").write_text("a\nx\n")
    with pytest.raises(GlocalError, match=r"describes u.csv, v.csv, and not|describes .*u.csv, .*v.csv, and not"):
        csvw.convert(tmp_path / "t.csv", metadata=tmp_path / "given.json")


# --- addresses and numbers in descriptions


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://[::1"},
        {"@id": "http://[::1"},
        {"@context": [CONTEXT, {"@base": "http://[::1"}]},
        {"tableSchema": "http://[::1"},
        {"dialect": "http://[::1"},
        {"dc:source": {"@id": "http://[::1"}},
        {"notes": [{"@id": "http://e.org:port/"}]},
        {"dc:type": {"@type": "http://[::1"}},
        {"tableSchema": {"columns": [{"name": "a", "datatype": {"@id": "http://[::1"}}]}},
        {
            "tableSchema": {
                "columns": [{"name": "a"}],
                "foreignKeys": [
                    {"columnReference": "a", "reference": {"resource": "http://[::1", "columnReference": "a"}}
                ],
            }
        },
    ],
)
def test_an_address_that_is_not_an_iri_is_an_error_of_the_description(tmp_path: Path, change: dict[str, Any]) -> None:
    describe(tmp_path, "t.csv", "t.csv", "m.json", **change)
    problems = csvw.check(tmp_path / "m.json")
    assert any(("is not" in p.what or "neither" in p.what) and p.level == "error" for p in problems), whats(problems)
    with pytest.raises(GlocalError):
        csvw.convert(tmp_path / "m.json")


@pytest.mark.parametrize("number", ["9" * 5000, "1e999", "-Infinity", "NaN"])
def test_a_number_that_cannot_be_kept_is_reported(tmp_path: Path, number: str) -> None:
    (tmp_path / "m.json").write_text(f'{{"@context": "{CONTEXT}", "url": "t.csv", "dc:x": {number}}}')
    with pytest.raises(GlocalError, match="holds"):
        csvw.convert(tmp_path / "m.json")


def test_iris_of_common_properties_are_encoded(tmp_path: Path) -> None:
    more = {"@id": "http://e.org/a b", "http://e.org/p q": {"@id": "http://e.org/<x>", "@type": "http://e.org/T U"}}
    path = describe(tmp_path, "t.csv", "t.csv", **more)
    frame = csvw.convert(path, base="http://ex.org/", mode="standard").triples.frame
    terms = {t for row in frame.iter_rows() for t in row if t.startswith("<")}
    assert {"<http://e.org/a%20b>", "<http://e.org/p%20q>", "<http://e.org/%3Cx%3E>", "<http://e.org/T%20U>"} <= terms


# --- names, prefixes and types


@pytest.mark.parametrize(
    ("written", "meant"),
    [("colums", "columns"), ("primary_key", "primaryKey"), ("aboutURL", "aboutUrl"), ("foreignkeys", "foreignKeys")],
)
def test_an_unknown_property_is_warned_of_with_the_nearest(tmp_path: Path, written: str, meant: str) -> None:
    schema = {"columns": [{"name": "a", "titles": "a"}], written: []}
    [problem] = csvw.check(describe(tmp_path, "t.csv", "t.csv", tableSchema=schema))
    assert (problem.level, problem.hint) == ("warning", f"it is ignored; did you mean {meant!r}?")


def test_prefixes_of_a_project_are_known_in_descriptions(tmp_path: Path) -> None:
    columns = [{"name": "a", "titles": "a", "propertyUrl": "my:p", "valueUrl": "{+a}"}]
    path = describe(tmp_path, "t.csv", "t.csv", tableSchema={"columns": columns}, **{"my:note": "x"})
    (tmp_path / "t.csv").write_text("a\nmy:x\n")
    conversion = csvw.convert(path, prefixes={"my": "http://my.org/"})
    assert [row[1:] for row in conversion.triples] == [("<http://my.org/p>", "<http://my.org/x>")]
    assert not conversion.problems
    assert len([p for p in csvw.check(path) if "my: is not a known prefix" in p.what or "'my:note'" in p.what]) == 2


@pytest.mark.parametrize("value", [True, 5, [], {}, None])
@pytest.mark.parametrize("name", ["aboutUrl", "propertyUrl", "valueUrl"])
def test_a_template_of_the_wrong_type_is_ignored_with_a_warning(tmp_path: Path, name: str, value: object) -> None:
    schema = {"columns": [{"name": "a", "titles": "a"}], name: value}
    conversion = csvw.convert(describe(tmp_path, "t.csv", "t.csv", tableSchema=schema), base="http://ex.org/")
    assert [row[1:] for row in conversion.triples] == [("<http://ex.org/t.csv#a>", '"x"')]
    assert conversion.triples.frame["subject"][0].startswith("_:")
    assert [p.level for p in conversion.problems] == ["warning"]


# --- columns


def test_names_without_titles_are_errors_only_by_the_letter(tmp_path: Path) -> None:
    schema = {"columns": [{"name": "a"}]}
    path = describe(tmp_path, "t.csv", "t.csv", tableSchema=schema)
    assert [p.level for p in csvw.check(path)] == ["warning"]
    assert [p.level for p in csvw.check(path, strict=True)] == ["error"]


def test_a_name_that_templates_cannot_use_is_kept_with_a_warning(tmp_path: Path) -> None:
    schema = {"columns": [{"name": "x-y", "titles": "a"}], "primaryKey": "x-y", "aboutUrl": "http://e.org/{x-y}"}
    path = describe(tmp_path, "t.csv", "t.csv", tableSchema=schema)
    conversion = csvw.convert(path, base="http://ex.org/")
    assert list(conversion.triples) == [("<http://e.org/x>", "<http://ex.org/t.csv#x%2Dy>", '"x"')]
    assert [p.level for p in csvw.check(path)] == ["warning"]


@pytest.mark.parametrize("columns", [{}, {"columns": []}])
def test_a_schema_without_columns_takes_them_from_the_header(tmp_path: Path, columns: dict[str, Any]) -> None:
    schema = {"aboutUrl": "http://e.org/{a}", "propertyUrl": "http://e.org/def#{_name}", "primaryKey": "a"} | columns
    path = describe(tmp_path, "t.csv", "t.csv", tableSchema=schema)
    assert list(csvw.convert(path).triples) == [("<http://e.org/x>", "<http://e.org/def#a>", '"x"')]
    assert csvw.check(path) == ()
    (tmp_path / "t.csv").write_text("a\nx\nx\n")
    assert [p.kind for p in csvw.check(path)] == ["primary-key"]
    describe(tmp_path, "t.csv", "t.csv", tableSchema={"primaryKey": "b"})
    assert [p.level for p in csvw.check(path)] == ["warning"]


def test_two_columns_of_one_header_are_warned_of(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,a,b\n1,2,3\n")
    assert ["same header 'a'" in p.what for p in csvw.check(tmp_path / "t.csv")] == [True]


def test_headers_alike_but_for_their_form_of_unicode_have_a_hint(tmp_path: Path) -> None:
    schema = {"columns": [{"name": "a", "titles": normalize("NFD", "Café")}]}
    path = describe(tmp_path, "t.csv", "t.csv", tableSchema=schema)
    path.write_text("Café\nx\n", encoding="utf-8")
    [problem] = csvw.check(path)
    assert problem.level == "error"
    assert "look alike" in problem.hint
