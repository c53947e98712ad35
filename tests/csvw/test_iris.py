"""Every IRI that a table makes is an IRI, or is reported by its cell and left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pyoxigraph
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf import csvw
from glocal_rdf.csvw.metadata.model import Table
from glocal_rdf.csvw.rdf.cell_iris import finish_column, plan
from glocal_rdf.triples import iris

BASE = "http://example.org/"
PARSERS = {
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "rdfxml": pyoxigraph.RdfFormat.RDF_XML,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
}


def convert(folder: Path, text: str, columns: list[dict[str, Any]], base: str | None = BASE, **schema: Any) -> Any:
    """Convert one described table."""
    write(folder, text, columns, **schema)
    return csvw.convert(folder / "t.csv", base=base)


def write(folder: Path, text: str, columns: list[dict[str, Any]], **schema: Any) -> Path:
    (folder / "t.csv").write_text(text, encoding="utf-8")
    document = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": "t.csv",
        "tableSchema": {"columns": columns, **schema},
    }
    (folder / "t.csv-metadata.json").write_text(json.dumps(document), encoding="utf-8")
    return folder / "t.csv"


def column(name: str, **properties: Any) -> dict[str, Any]:
    return {"name": name, "titles": name, **properties}


def objects(conversion: csvw.Conversion, predicate: str = "http://e.org/p") -> list[str]:
    return conversion.triples.match(predicate=f"<{predicate}>").frame["object"].to_list()


def told(problems: Any, kind: str) -> list[str]:
    return [p.what for p in problems if p.kind == kind]


# --- resolution


@pytest.mark.parametrize("base", [None, BASE])
def test_relative_iris_of_templates_are_resolved_against_the_table(tmp_path: Path, base: str | None) -> None:
    columns = [column("geo", propertyUrl="http://e.org/p", valueUrl="geo.csv#{+geo}"), column("v")]
    conversion = convert(tmp_path, "geo,v\nfr,1\n", columns, base, aboutUrl="obs/{_row}")
    root = base or tmp_path.as_uri() + "/"
    assert conversion.triples.frame["subject"].to_list() == [f"<{root}obs/1>"] * 2
    assert objects(conversion) == [f"<{root}geo.csv#fr>"]
    assert not conversion.errors


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{_row}", "http://example.org/1"),
        ("{_name}", "http://example.org/a"),
        ("{_column}/{_sourceRow}", "http://example.org/1/2"),
        ("#{_name}.{_row}", "http://example.org/t.csv#a.1"),
        ("?r={_row}", "http://example.org/t.csv?r=1"),
        ("/x/{_row}", "http://example.org/x/1"),
        ("//other.org/{_row}", "http://other.org/1"),
        ("../{_row}", "http://example.org/1"),
        ("schema:{_name}", "http://schema.org/a"),
        ("{+a}", "http://example.org/x%20y"),
        ("{a}{#a}", "http://example.org/x%20y#x%20y"),
    ],
)
def test_what_a_template_gives_is_resolved(tmp_path: Path, template: str, expected: str) -> None:
    conversion = convert(tmp_path, "a\nx y\n", [column("a", propertyUrl="http://e.org/p", valueUrl=template)])
    assert objects(conversion) == [f"<{expected}>"]
    assert not conversion.errors


def test_references_are_resolved_by_the_examples_of_the_rfc() -> None:
    base = "http://a/b/c/d;p?q"
    examples = """g:h g:h|g http://a/b/c/g|./g http://a/b/c/g|g/ http://a/b/c/g/|/g http://a/g|//g http://g
    ?y http://a/b/c/d;p?y|g?y http://a/b/c/g?y|#s http://a/b/c/d;p?q#s|g#s http://a/b/c/g#s|;x http://a/b/c/;x
    . http://a/b/c/|.. http://a/b/|../g http://a/b/g|../.. http://a/|../../../g http://a/g|/./g http://a/g
    /../g http://a/g|g. http://a/b/c/g.|..g http://a/b/c/..g|./g/. http://a/b/c/g/|g/./h http://a/b/c/g/h
    g/../h http://a/b/c/h|g;x=1/../y http://a/b/c/y|g?y/../x http://a/b/c/g?y/../x|g#s/../x http://a/b/c/g#s/../x"""
    for example in examples.replace("\n", "|").split("|"):
        reference, expected = example.split()
        assert iris.resolve(base, reference) == expected
    assert iris.resolve(base, "") == base
    assert iris.resolve("urn:a:b", "#c") == "urn:a:b#c"


# --- what is not an IRI

ODD = {
    "http://ex.org:port/": None,
    "http://[::1": None,
    "1http://x": None,
    "://x": None,
    "http://": None,
    "https:///x": None,
    "http://user@:80": None,
    "file:///etc/passwd": None,
    "foo": "http://example.org/foo",
    "http://ex.org/%zz": "http://ex.org/%25zz",
    "http://ex.org/a^b`c{d}|e\\f": "http://ex.org/a%5Eb%60c%7Bd%7D%7Ce%5Cf",
    "mailto:a b": "mailto:a%20b",
    "HTTP://EX.org/A": "HTTP://EX.org/A",
    "http://ex.org/a#b#c": "http://ex.org/a#b%23c",
    "//other.org/x": "http://other.org/x",
    "http://ex.org/[x]": "http://ex.org/%5Bx%5D",
    "http://[::1]/x": "http://[::1]/x",
    "#": "http://example.org/t.csv#",
    "..": "http://example.org/",
    "http://ex.org/臺北": "http://ex.org/%E8%87%BA%E5%8C%97",
    "100%": "http://example.org/100%25",
    "<x>": "http://example.org/%3Cx%3E",
    "schema:City": "http://schema.org/City",
}


@pytest.mark.parametrize("form", list(PARSERS))
def test_cells_make_iris_or_are_reported_by_line(tmp_path: Path, form: str) -> None:
    text = "".join(f'"{cell}"\n' for cell in ODD)
    conversion = convert(tmp_path, "u\n" + text, [column("u", propertyUrl="http://e.org/p", valueUrl="{+u}")])
    assert sorted(objects(conversion)) == sorted(f"<{iri}>" for iri in ODD.values() if iri is not None)
    wrong = [(p.row, p.column, p.value) for p in conversion.errors]
    assert wrong == [(n, "u", cell) for n, (cell, iri) in enumerate(ODD.items(), 2) if iri is None]
    assert wrong == [(p.row, p.column, p.value) for p in csvw.check(tmp_path / "t.csv") if p.level == "error"]
    written = conversion.triples.serialize(form)
    read = {str(q.object.value) for q in pyoxigraph.parse(written, PARSERS[form])}
    assert read == {iri for iri in ODD.values() if iri is not None}
    if form != "jsonld":
        graph = rdflib.Graph().parse(data=written, format={"ntriples": "nt", "rdfxml": "xml"}.get(form, form))
        assert len(graph) == len(conversion.triples)


PIECES = [*' <>"{}|\\^`[]#%?/:@&+.é臺\x00\x7f\n\ue000\ufffe', "http://", "x", "%zz", "a.b:8/"]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
TEMPLATES = (
    "{+a} {a} x{a} {+a}{b} {#a}{#b} http://e.org/{+a} {+a}://{b} //{+a} http://{+a}/ a[{b}] urn:{+a} ?{+a} #{+a}# "
    "http://e.org:{a}/ {/a*} {?a,b} schema:{+a}"
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.lists(HOSTILE, min_size=1, max_size=4), st.sampled_from(TEMPLATES.split()), st.sampled_from([BASE, "urn:a:b"])
)
def test_whatever_a_template_makes_is_an_iri_or_has_a_reason(cells: list[str], template: str, base: str) -> None:
    from glocal_rdf.csvw.rdf.cell_iris import fill

    table = Table(url=base)
    found = plan(template, table)
    frame = pl.DataFrame({"a": cells, "b": cells[::-1]})
    filled = frame.select(fill(found, {n: pl.col(n) for n in "ab"}).alias("t")).to_series()
    finished = finish_column(filled, found, table)
    for text, iri in zip(filled, finished.iris, strict=True):
        if iri is None:
            assert finished.faults[text]
        else:
            assert iri[0] + iri[-1] == "<>"
            pyoxigraph.NamedNode(iri[1:-1])


def test_a_template_that_is_not_an_iri_is_reported_once_and_its_cells_left_out(tmp_path: Path) -> None:
    columns = [column("a", propertyUrl="http://[x/"), column("b", propertyUrl="http://e.org/p", valueUrl="//[{a}")]
    conversion = convert(tmp_path, "a,b\n1,2\n3,4\n", columns)
    assert len(conversion.triples) == 0
    assert [(p.row, p.column) for p in conversion.errors] == [(0, "a"), (2, "a"), (3, "a")]


def test_a_blank_cell_makes_no_iri_and_never_the_address_of_the_file(tmp_path: Path) -> None:
    columns = [
        column("a", propertyUrl="http://e.org/p", valueUrl="{+a}"),
        column("b", propertyUrl="http://e.org/q", valueUrl="http://e.org/{b}", separator=";"),
        {"virtual": True, "propertyUrl": "http://e.org/v", "valueUrl": "http://e.org/{a}"},
    ]
    conversion = convert(tmp_path, "a,b\nx,1;2\n,\n", columns)
    assert objects(conversion) == ["<http://example.org/x>"]
    assert objects(conversion, "http://e.org/q") == ["<http://e.org/1>", "<http://e.org/2>"]
    assert objects(conversion, "http://e.org/v") == ["<http://e.org/x>"]
    assert not conversion.problems


def test_a_row_without_the_key_that_its_iri_is_made_of_alone_is_reported(tmp_path: Path) -> None:
    conversion = convert(tmp_path, "id,v\n,1\nx,2\n", [column("id"), column("v")], aboutUrl="{id}")
    assert conversion.triples.frame["subject"].unique().to_list() == ["<http://example.org/x>"]
    assert [(p.row, p.column) for p in conversion.errors] == [(2, "id")]


# --- lists


def test_every_item_of_a_list_makes_its_own_iri(tmp_path: Path) -> None:
    columns = [
        column("t", separator=";", propertyUrl="http://e.org/p", valueUrl="{+t}"),
        {"name": "v", "virtual": True, "propertyUrl": "http://e.org/v", "valueUrl": "http://e.org/{t}"},
        {"name": "w", "virtual": True, "propertyUrl": "http://e.org/w", "valueUrl": "http://e.org/{?t*}"},
    ]
    path = write(tmp_path, "t\nx;y\n;z\n", columns)
    conversion = csvw.convert(path, base=BASE)
    assert objects(conversion) == [f"<http://example.org/{x}>" for x in "xyz"]
    assert objects(conversion, "http://e.org/v") == [f"<http://e.org/{x}>" for x in "xyz"]
    assert objects(conversion, "http://e.org/w") == ["<http://e.org/?t=x&t=y>", "<http://e.org/?t=z>"]
    joined = csvw.convert(path, base=BASE, lists="joined")
    assert objects(joined, "http://e.org/v") == ["<http://e.org/x,y>", "<http://e.org/z>"]
    [cell] = csvw.locate(conversion, predicate="http://e.org/p", object="http://example.org/y")
    assert (cell.row, cell.value) == (2, "x;y")


# --- what is doubtful


def test_unknown_variables_and_prefixes_are_warned_of_with_the_nearest(tmp_path: Path) -> None:
    columns = [
        column("country", propertyUrl="scheam:c", valueUrl="http://e.org/{contry}"),
        column("year", propertyUrl="geo:lat"),
        column("u", propertyUrl="http://e.org/p", valueUrl="{+u}"),
    ]
    path = write(tmp_path, "country,year,u\nFR,2020,doap:x\n", columns, aboutUrl="http://e.org/{country}-{Year}")
    for problems in (csvw.check(path), csvw.convert(path, base=BASE).problems):
        assert {p.level for p in problems} == {"warning"}
        hints = {p.hint for p in problems}
        assert {"did you mean {country}?", "did you mean {year}?", "did you mean schema:?"} <= hints
        assert len(told(problems, "variable")) == 2
        assert [p.row for p in problems if p.kind == "prefix"] == [0, 0, 2]


def test_addresses_of_other_schemes_are_no_unknown_prefixes(tmp_path: Path) -> None:
    text = "u\nurn:isbn:1\nmailto:a@b.org\ngeo:25.03\ntel:+886\nhttps://e.org/\ndoi:10.1/x\nfoo://bar\n"
    path = write(tmp_path, text, [column("u", propertyUrl="http://e.org/p", valueUrl="{+u}")])
    assert csvw.check(path) == ()


def test_blank_keys_that_share_a_subject_are_warned_of(tmp_path: Path) -> None:
    columns = [column("id"), column("city")]
    path = write(tmp_path, "id,city\n,x\n,y\na,z\n", columns, aboutUrl="https://e.org/{id}")
    for problems in (csvw.check(path), csvw.convert(path, base=BASE).problems):
        assert told(problems, "blank-key") == [
            "lines 2 and 3 share the subject <https://e.org/>, since id is blank (aboutUrl https://e.org/{id})"
        ]


@pytest.mark.parametrize(
    ("text", "template", "datatype", "warned"),
    [
        ("a,b\n1,23\n12,3\n", "http://e.org/{a}{b}", "string", True),
        ("a,b\n1,23\n12,3\n", "http://e.org/{a}/{b}", "string", False),
        ("a,b\n1-2,3\n1,2-3\n", "http://e.org/{a}-{b}", "string", True),
        ("a,b\n01,x\n1,y\n", "http://e.org/{a}", "integer", True),
        ("a,b\n1.50,x\n1.5,y\n", "http://e.org/{a}", "decimal", True),
        ("a,b\n1,x\n1,y\n", "http://e.org/{a}", "string", False),
        ("a,b\nabcd,x\nabce,y\n", "http://e.org/{a:3}", "string", True),
        ("a,b\na b,x\na%20b,y\n", "http://e.org/{+a}", "string", True),
    ],
)
def test_keys_that_collapse_into_one_subject_are_warned_of(
    tmp_path: Path, text: str, template: str, datatype: str, warned: bool
) -> None:
    path = write(tmp_path, text, [column("a", datatype=datatype), column("b")], aboutUrl=template)
    for problems in (csvw.check(path), csvw.convert(path, base=BASE).problems):
        assert {p.level for p in problems} <= {"warning"}
        assert [p.row for p in problems if p.kind == "one-subject"] == ([3] if warned else [])


def test_a_primary_key_that_the_subject_does_not_tell_apart_is_warned_of(tmp_path: Path) -> None:
    columns = [column("country"), column("year"), column("n")]
    schema = {"aboutUrl": "http://e.org/{country}", "primaryKey": ["country", "year"]}
    problems = csvw.check(write(tmp_path, "country,year,n\nFR,1,5\nFR,2,6\nDE,1,7\n", columns, **schema))
    assert [(p.row, p.level) for p in problems] == [(3, "warning")]


def test_addresses_of_this_machine_in_the_output_are_warned_of(tmp_path: Path) -> None:
    columns = [column("a", propertyUrl="http://e.org/p"), column("note"), column("u", suppressOutput=True)]
    path = write(tmp_path, "a,note,u\n1,x,y\n", columns, aboutUrl="#{a}")
    assert csvw.check(path) == ()
    assert csvw.convert(path, base=BASE).problems == ()
    [problem] = csvw.convert(path).problems
    assert problem.level == "warning"
    assert "aboutUrl #{a}, column note" in problem.what
    assert "--base" in problem.hint


def test_an_unknown_prefix_is_warned_of_once_and_a_long_header_is_cut(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"a,{'h' * 5000}\n1,2\n")
    (tmp_path / "t.csv-metadata.json").write_text(
        json.dumps({"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": {"aboutUrl": "wd:Q{_row}"}})
    )
    warnings = csvw.convert(tmp_path / "t.csv").problems
    assert [p.what.partition(": ")[2] for p in warnings if p.kind == "prefix"] == [
        "wd: is not a known prefix, so that it is taken for a scheme"
    ]
    assert all(len(p.what) < 500 for p in warnings)
