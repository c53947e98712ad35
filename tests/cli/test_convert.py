"""`glocal convert` changes the format of a file of RDF and nothing else."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from conftest import ROOT, Run

from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.datasets import Dataset

GRAPHS = ("turtle", "ntriples", "jsonld", "rdfxml", "nquads", "trig")
DATASETS = ("nquads", "trig", "jsonld")
PARSERS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
HARD = f"""
@prefix e: <http://e.org/> . @prefix xsd: <{XSD}> .
e:a e:p "007"^^xsd:integer, "7"^^xsd:integer, "12.50"^^xsd:decimal, "1"^^xsd:boolean, "true"^^xsd:boolean,
  "5"^^xsd:byte, "+5"^^xsd:byte, "1E2"^^xsd:double, "100"^^xsd:double, "2024-01-01T24:00:00.00Z"^^xsd:dateTime,
  "123456789012345678901234567890.5"^^xsd:decimal, "abc"^^xsd:integer, "臺北"@zh-Hant, "Taipei"@en-GB, "",
  "a\\"b\\\\c\\td", "line\\nfeed", "'''\\"\\"\\"", " space ", "<&>]]>", "\\u00A0\\u200B\\U0001F600",
  "x"^^<http://e.org/own> ;
  e:q _:x, [ e:r _:x, ( 1 _:x "two" ) ], () ; a e:C, <http://www.w3.org/1999/02/22-rdf-syntax-ns#li> .
_:x e:q _:x .
<http://e.org/%20%C3%A9/臺北?a=b&c=%3C#f'(x)> e:p <urn:x:1>, <mailto:a@b>, <http://[::1]:80/> .
"""
NAMED = """
@prefix e: <http://e.org/> .
e:a e:p "007"^^<http://www.w3.org/2001/XMLSchema#integer>, _:x .
e:g { e:a e:p _:x, [ e:q "x"@zh-Hant ] . e:b e:p _:x }
e:h { e:c e:p _:y . e:d e:p _:y }
_:k { e:a e:p _:k, _:y }
"""


def canonical(data: bytes, form: str, base: str | None = None) -> list[str]:
    """Read by another parser, without a store: all terms as they are written, blank nodes by their content."""
    found = ox.Dataset(ox.parse(data, PARSERS[form], base_iri=base))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, found))


@pytest.mark.parametrize("form", GRAPHS)
def test_hard_terms_are_the_same_in_every_format(run: Run, tmp_path: Path, form: str) -> None:
    source, target, back = tmp_path / "hard.ttl", tmp_path / f"hard.{form}", tmp_path / "back.nt"
    source.write_text(HARD, encoding="utf-8")
    result = run("convert", source, "-f", form, "-o", target)
    assert result.exit_code == 0, result.stderr
    assert canonical(target.read_bytes(), form) == canonical(HARD.encode(), "turtle")
    assert run("convert", target, "--from", form, "-o", back).exit_code == 0
    assert Triples.read(back).is_isomorphic(Triples.read(source))
    assert '"007"^^' in back.read_text(encoding="utf-8")
    assert "@zh-Hant" in back.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", DATASETS)
def test_named_graphs_are_kept_and_a_blank_node_of_two_graphs_stays_one(run: Run, tmp_path: Path, form: str) -> None:
    source = tmp_path / "named.trig"
    source.write_text(NAMED, encoding="utf-8")
    result = run("convert", source, "-f", form)
    assert result.exit_code == 0, result.stderr
    assert canonical(result.stdout.encode(), form) == canonical(NAMED.encode(), "trig")
    assert run("convert", source, "-f", form).stdout == result.stdout


@pytest.mark.parametrize("form", ["turtle", "ntriples", "rdfxml"])
def test_a_format_without_named_graphs_refuses_them(run: Run, tmp_path: Path, form: str) -> None:
    source = tmp_path / "named.trig"
    source.write_text(NAMED, encoding="utf-8")
    target = tmp_path / "out"
    result = run("convert", source, "-f", form, "-o", target)
    assert result.exit_code == 2
    assert "cannot hold named graphs" in result.stderr
    assert not target.exists()


def test_one_graph_or_all_together_can_be_asked_for(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "named.trig"
    source.write_text(NAMED, encoding="utf-8")
    one = run("convert", source, "--graph", "http://e.org/h", "-f", "nt")
    assert one.stdout.count("\n") == 2
    merged = run("convert", source, "--merge-graphs", "-f", "nt")
    assert merged.stdout.count("\n") == 9
    missing = run("convert", source, "--graph", "http://e.org/none", "-f", "nt")
    assert missing.exit_code == 2
    assert "<http://e.org/g>" in missing.stderr


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("ttl", "turtle"),
        ("TTL", "turtle"),
        ("nt", "ntriples"),
        ("n-triples", "ntriples"),
        ("json-ld", "jsonld"),
        ("json", "jsonld"),
        ("xml", "rdfxml"),
        ("rdf/xml", "rdfxml"),
        ("nq", "nquads"),
        ("text/turtle", "turtle"),
        ("application/rdf+xml", "rdfxml"),
    ],
)
def test_formats_have_their_usual_names(run: Run, tmp_path: Path, given: str, name: str) -> None:
    source = tmp_path / "a.nt"
    source.write_text("<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n")
    assert run("convert", source, "-f", given).stdout == run("convert", source, "-f", name).stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["export", "query", "csvw"])
def test_every_command_takes_the_usual_names(run: Run, tmp_path: Path, command: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,n\na,1\n")
    arguments = {
        "export": ["--ontology-only"],
        "query": ["--text", "CONSTRUCT { <http://e.org/a> a <http://e.org/C> } {}"],
        "csvw": [table, "--base", "http://e.org/t.csv"],
    }[command]
    result = run(command, *arguments, "-f", "nt")
    assert result.exit_code == 0, result.stderr
    assert "<http" in result.stdout
    wrong = run(command, *arguments, "-f", "docx")
    assert wrong.exit_code == 2
    assert "is not a format here" in wrong.stderr


def test_prefixes_of_the_source_are_kept(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a.ttl"
    source.write_text("@prefix mine: <http://mine.example/ns#> . mine:a mine:p mine:b .")
    assert "mine:a mine:p mine:b ." in run("convert", source, "-f", "trig").stdout


def test_packed_files_and_standard_input_are_read(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a.nt.gz"
    line = "<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n"
    source.write_bytes(gzip.compress(line.encode()))
    target = tmp_path / "b.nt.gz"
    assert run("convert", source, "-o", target).exit_code == 0
    assert gzip.decompress(target.read_bytes()).decode() == line
    assert run("convert", "-", "--from", "nt", "-f", "nt", stdin=line).stdout == line


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a.nt"], "Name the format to write"),
        (["-", "-f", "nt"], "Name the format of standard input"),
        (["a.nt", "-f", "nt", "--graph", "x:y", "--merge-graphs"], "choose one"),
        (["a.csv", "-f", "nt"], "a.csv"),
        (["missing.ttl", "-f", "nt"], "no such file"),
    ],
)
def test_what_cannot_be_converted_is_one_line(run: Run, arguments: list[str], told: str) -> None:
    result = run("convert", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(
    "name",
    [
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "Description", "li"),
        *("aboutEach", "aboutEachPrefix", "bagID"),
    ],
)
def test_rdfxml_refuses_predicates_that_mean_something_else_there(run: Run, tmp_path: Path, name: str) -> None:
    source = tmp_path / "a.nt"
    iri = RDF + name
    source.write_text(f"<http://e.org/s> <{iri}> <http://e.org/o> .\n")
    target = tmp_path / "a.rdf"
    result = run("convert", source, "-o", target)
    assert result.exit_code == 2
    assert f"cannot hold the predicate <{iri}>" in result.stderr
    assert not target.exists()
    # As a class it is written as a property, so that it is read back as it was.
    source.write_text(f"<http://e.org/s> <{RDF}type> <{iri}> .\n")
    assert run("convert", source, "-o", target).exit_code == 0
    assert canonical(target.read_bytes(), "rdfxml") == canonical(source.read_bytes(), "ntriples")
    assert len(rdflib.Graph().parse(target)) == 1


@pytest.mark.parametrize("iri", ["http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"])
def test_rdfxml_refuses_predicates_of_xml_itself(run: Run, tmp_path: Path, iri: str) -> None:
    source = tmp_path / "a.nt"
    source.write_text(f"<http://e.org/s> <{iri}lang> <http://e.org/o> .\n")
    result = run("convert", source, "-f", "xml")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


UNMAPPED = [
    ('{"@context": {"name": "http://s/n"}, "@id": "http://e/a", "name": "A", "note": "x"}', 1, ["note"]),
    ('{"id": "http://e/a", "src": "T", "type": "http://e/K", "@context": {"id": "@id", "type": "@type"}}', 1, ["src"]),
    ('{"@context": {"n": "http://s/n"}, "@id": "http://e/a", "x": {"@id": "b", "n": "A", "y": 1}}', 0, ["x"]),
    ('{"@context": {"n": "http://s/n", "off": null}, "@id": "http://e/a", "n": "A", "off": {"n": "B"}}', 1, []),
    ('{"@id": "http://e/a", "http://s/n": {"@id": "http://e/b", "inner note": [1, 2, 3]}}', 1, ["inner note"]),
]


@pytest.mark.parametrize(("document", "count", "keys"), UNMAPPED)
def test_a_key_of_json_ld_that_no_context_maps_is_left_out_with_a_warning(
    run: Run, tmp_path: Path, document: str, count: int, keys: list[str]
) -> None:
    source = tmp_path / "a.jsonld"
    source.write_text(document)
    result = run("convert", source, "-f", "nt")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == count
    for key in keys:
        assert f"warning: {source}: left out, since no context maps it to an IRI: '{key}'" in result.stderr
    assert bool(keys) == bool(result.stderr)


def test_relative_iris_without_a_base_are_still_an_error(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonld"
    source.write_text('{"@context": {"n": "http://s/n"}, "@id": "a", "n": "A", "note": "x"}')
    result = run("convert", source, "-f", "nt")
    assert result.exit_code == 2
    assert "give a base IRI" in result.stderr
    assert "<http://e.org/a>" in run("convert", source, "-f", "nt", "--base", "http://e.org/").stdout


def test_type_maps_of_json_ld_are_read(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonld"
    source.write_text(
        '{"@context": {"@vocab": "http://v/", "p": {"@container": "@type"}, "T": {"@context": {"n": "http://t/n"}}},'
        ' "@id": "http://e/a", "p": {"T": {"@id": "http://e/b", "n": "A"}, "U": [{"@id": "http://e/c", "n": "B"}]}}'
    )
    found = set(Triples.parse(run("convert", source, "-f", "nt").stdout, "ntriples"))
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert found == {
        ("<http://e/a>", "<http://v/p>", "<http://e/b>"),
        ("<http://e/a>", "<http://v/p>", "<http://e/c>"),
        ("<http://e/b>", kind, "<http://v/T>"),
        ("<http://e/c>", kind, "<http://v/U>"),
        ("<http://e/b>", "<http://t/n>", '"A"'),
        ("<http://e/c>", "<http://v/n>", '"B"'),
    }


def test_a_remote_context_is_never_fetched(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonld"
    for extra in ("", ', {"p": {"@id": "http://s/p", "@container": "@type"}}'):
        source.write_text(f'{{"@context": ["http://127.0.0.1:9/c"{extra}], "@id": "http://e/a", "p": {{"T": {{}}}}}}')
        result = run("convert", source, "-f", "nt")
        assert result.exit_code == 2
        assert "remote" in result.stderr


RESOLVED = [
    ("g", "http://a/bb/ccc/g"),
    ("./g/.", "http://a/bb/ccc/g/"),
    ("../g", "http://a/bb/g"),
    ("../../../g", "http://a/g"),
    ("/x/../y", "http://a/y"),
    ("?y", "http://a/bb/ccc/./d;p?y"),
    ("", "http://a/bb/ccc/./d;p?q"),
    ("#s", "http://a/bb/ccc/./d;p?q#s"),
    ("//h/./g", "http://h/g"),
    ("http://x/./y", "http://x/./y"),
]


@pytest.mark.parametrize(("reference", "iri"), RESOLVED)
@pytest.mark.parametrize("form", ["turtle", "trig", "given"])
def test_dot_segments_of_a_base_are_removed(reference: str, iri: str, form: str) -> None:
    base = "http://a/bb/ccc/./d;p?q"
    start = "" if form == "given" else f"@base <{base}> .\n"
    text = f'{start}# <a> comment\n<http://e/s> <http://e/p> <{reference}>, "<g>", """<g>\n""" .'
    found = Triples.parse(text, "turtle" if form == "given" else form, base if form == "given" else None)
    assert set(found.frame["object"]) == {f"<{iri}>", '"<g>"', '"<g>\\n"'}


def test_dot_segments_of_a_base_are_removed_in_xml_and_json() -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xml = (
        f'<rdf:RDF xmlns:rdf="{rdf}" xml:base="http://a/b/./../c/d?x=/../y" xmlns:e="http://e/">'
        '<rdf:Description rdf:about="http://e/s"><e:p rdf:resource="g"/></rdf:Description></rdf:RDF>'
    )
    json_ld = '{"@context": {"@base": "http://a/b/./../c/d?x=/../y"}, "@id": "http://e/s", "http://e/p": {"@id": "g"}}'
    for text, form in ((xml, "rdfxml"), (json_ld, "jsonld")):
        assert list(Triples.parse(text, form)) == [("<http://e/s>", "<http://e/p>", "<http://a/c/g>")]


def test_the_bundled_files_are_the_same_after_a_round_trip_through_every_format(tmp_path: Path) -> None:
    for path in sorted((ROOT / "shapes").glob("*.ttl"))[:4] + sorted((ROOT / "ontology").glob("*.ttl")):
        whole = Dataset.read(path)
        for form in ("trig", "nquads", "jsonld", "turtle"):
            assert Dataset.parse(whole.serialize(form), form).default.is_isomorphic(whole.default), (path, form)


XML_LITERALS = [
    ('<b xmlns="http://h/">x</b>', '<b xmlns="http://h/">x</b>'),
    ('<e:b xmlns:e="http://other/">x</e:b>', '<e:b xmlns:e="http://other/">x</e:b>'),
    (
        "a <b x=\"1\" a='2'>x &amp; y</b> <e:c/>",
        'a <b xmlns="http://d/" a="2" x="1">x &amp; y</b> <e:c xmlns:e="http://e/"></e:c>',
    ),
    ("text &lt; only", "text &lt; only"),
    ("", ""),
    ("<!-- a --><?p b?>", "<!-- a --><?p b?>"),
    ("<![CDATA[<b>&]]>", "&lt;b&gt;&amp;"),
    (
        "<e:p rdf:parseType='Literal'>x</e:p>",
        f'<e:p xmlns:e="http://e/" xmlns:rdf="{RDF}" rdf:parseType="Literal">x</e:p>',
    ),
    ("&city; 臺北", "Taipei &lt; 臺北"),
    ('<b><!-- <b a="1" a="1"> --><?p x="1"?></b>', '<b xmlns="http://d/"><!-- <b a="1" a="1"> --><?p x="1"?></b>'),
]


@pytest.mark.parametrize(("inside", "literal"), XML_LITERALS)
def test_an_xml_literal_is_read_in_exclusive_canonical_form(inside: str, literal: str) -> None:
    text = (
        '<!DOCTYPE rdf:RDF [<!ENTITY city "Taipei &#38;lt;">]>'
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="http://e/" xmlns="http://d/"><rdf:Description rdf:about="http://e/a">'
        f'<e:p rdf:parseType="Literal">{inside}</e:p></rdf:Description></rdf:RDF>'
    )
    (found,) = Triples.parse(text, "rdfxml")
    assert found[2] == terms.quote(literal, None, f"{RDF}XMLLiteral")
    again = Triples.parse(Triples.parse(text, "rdfxml").serialize("rdfxml"), "rdfxml")
    assert list(again) == [found]
