"""Writing: Turtle for people to the byte, every literal as it was, files whole or not at all."""

import errno
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest

from glocal_rdf.errors import OutputError
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats import turtle as writer
from glocal_rdf.triples.prefixes import WELL_KNOWN

XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = {"e": "http://e/"}
SOURCE = """
@prefix : <http://e/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:taipei :count 45 ; :area 271.80 ; skos:altLabel "Taipeh"@de ; skos:prefLabel "臺北"@zh-Hant, "Taipei"@en .
:taipei a :Place, :City .
:taipei :long "a text that is rather long, so that it has a line", "another one, which is also long, with some more" ,
  "and a third" .
<http://other/x> :says "two\\nlines, \\"quoted\\"" .
:shape a sh:NodeShape ; sh:property [ sh:path :b ; sh:in (1 "x" [ :y :z ]) ], [ sh:path :a ] ; sh:xone ( ) .
:one :knows _:shared . :two :knows _:shared . _:shared :knows _:shared2 . _:shared2 :knows _:shared .
[] :free true .
"""
EXPECTED = """\
@prefix e: <http://e/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

e:one e:knows _:b0 .

e:shape a sh:NodeShape ;
    sh:property [
        sh:in ( 1 "x" [ e:y e:z ] ) ;
        sh:path e:b
    ], [ sh:path e:a ] ;
    sh:xone () .

e:taipei a e:City, e:Place ;
    skos:prefLabel "Taipei"@en, "臺北"@zh-Hant ;
    skos:altLabel "Taipeh"@de ;
    e:area 271.80 ;
    e:count 45 ;
    e:long
        "a text that is rather long, so that it has a line",
        "and a third",
        "another one, which is also long, with some more" .

e:two e:knows _:b0 .

<http://other/x> e:says \"\"\"two
lines, "quoted\\"\"\"\" .

_:b0 e:knows [ e:knows _:b0 ] .

[] e:free true .
"""


def turtle(source, prefixes=PREFIXES):
    return Triples.parse(source, "turtle").serialize("turtle", prefixes).decode()


def body(*objects):
    """Write one triple for each object, and give what stands for the objects."""
    graph = Triples.from_terms([("<x:s>", "<x:p>", term) for term in objects])
    return graph.serialize("turtle").decode().rpartition("<x:s> <x:p> ")[2].removesuffix(" .\n")


def test_turtle_is_laid_out_for_people():
    assert turtle(SOURCE) == EXPECTED
    assert turtle(EXPECTED) == EXPECTED


def test_the_same_graph_gives_the_same_bytes_whatever_its_order_and_labels():
    graph = Triples.parse(SOURCE, "turtle")
    renamed = [tuple("_:z" + term[::-1][:-2] if term[0] == "_" else term for term in triple) for triple in graph]
    other = Triples.from_terms(reversed(renamed))
    for name in ("turtle", "trig"):
        assert other.serialize(name, PREFIXES) == graph.serialize(name, PREFIXES) == EXPECTED.encode()
    for name in ("jsonld", "rdfxml"):
        assert Triples(graph.frame.reverse()).serialize(name) == graph.serialize(name)


def test_another_run_gives_the_same_bytes():
    code = (
        f"import sys; from glocal_rdf.triples import Triples; "
        f"sys.stdout.buffer.write(Triples.parse({SOURCE!r}, 'turtle').serialize('turtle', {PREFIXES!r}))"
    )
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        again = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
        assert again.stdout.decode() == EXPECTED


@pytest.mark.parametrize(
    ("lexical", "datatype", "bare"),
    [
        ("1", "integer", True),
        ("-12", "integer", True),
        ("0", "integer", True),
        ("01", "integer", False),
        ("+1", "integer", False),
        ("-0", "integer", False),
        ("1 ", "integer", False),
        ("12.50", "decimal", True),
        ("-0.5", "decimal", True),
        (".5", "decimal", False),
        ("5.", "decimal", False),
        ("5", "decimal", False),
        ("0.0000001", "decimal", False),
        ("1.0E3", "double", False),
        ("true", "boolean", True),
        ("1", "boolean", False),
        ("TRUE", "boolean", False),
        ("1", "int", False),
    ],
)
def test_numbers_are_bare_only_where_they_read_back_as_they_were(lexical, datatype, bare):
    written = body(f'"{lexical}"^^<{XSD}{datatype}>')
    assert written == (lexical if bare else f'"{lexical}"^^xsd:{datatype}')


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ('"a\\nb"', '"""a\nb"""'),
        ('"a\\nb"@zh-Hant', '"""a\nb"""@zh-Hant'),
        ('"a\\nb"^^<http://www.w3.org/2001/XMLSchema#token>', '"""a\nb"""^^xsd:token'),
        ('"\\n\\""', '"""\n\\""""'),
        ('"\\n\\"\\"\\"\\"x"', '"""\n""\\""x"""'),
        ('"\\\\n"', '"\\\\n"'),
        ('"\\n\\\\"', '"""\n\\\\"""'),
        ('"\\n\\\\\\""', '"""\n\\\\\\""""'),
        ('"a\\r\\n\\tb"', '"""a\\r\n\tb"""'),
        ('"a\\tb \\"c\\""', '"a\\tb \\"c\\""'),
        ('"\\u0000\\n\\uFFFE"', '"""\\u0000\n\\uFFFE"""'),
    ],
)
def test_text_with_line_breaks_looks_as_it_is(term, text):
    assert body(term) == text
    assert [t[2] for t in Triples.parse(f"@prefix xsd: <{XSD}> . <x:a> <x:b> {text} .", "turtle")] == [term]


@pytest.mark.parametrize(
    ("iri", "text"),
    [
        ("http://e/a", "e:a"),
        ("http://e/臺北", "e:臺北"),
        ("http://e/a.b-c_d", "e:a.b-c_d"),
        ("http://e/a%20b", "e:a%20b"),
        ("http://e/1", "e:1"),
        ("http://e/a:b", "e:a:b"),
        ("http://e/-a", "e:\\-a"),
        ("http://e/a,(b)", "e:a\\,\\(b\\)"),
        ("http://e/a.", "<http://e/a.>"),
        ("http://e/.a", "<http://e/.a>"),
        ("http://e/", "<http://e/>"),
        ("http://e/a/b", "<http://e/a/b>"),
        ("http://e/a?b", "<http://e/a?b>"),
        ("http://e/·", "<http://e/·>"),
        ("http://purl.org/obo/GO_01", "go:01"),
        ("http://purl.org/obo/GO_", "<http://purl.org/obo/GO_>"),
        ("http://www.w3.org/2004/02/skos/core#Concept", "skos:Concept"),
    ],
)
def test_iris_are_short_where_turtle_allows_it(iri, text):
    prefixes = PREFIXES | {"go": "http://purl.org/obo/GO_"}
    written = Triples.from_terms([("<x:s>", "<x:p>", f"<{iri}>")]).serialize("turtle", prefixes).decode()
    assert written.endswith(f"<x:s> <x:p> {text} .\n")
    assert [t[2] for t in Triples.parse(written, "turtle")] == [f"<{iri}>"]


def test_only_prefixes_that_are_used_are_declared_and_given_ones_win():
    source = "<x:s> <http://www.w3.org/2004/02/skos/core#note> <http://mine/#a> ."
    assert turtle(source, None).startswith("@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\n<x:s>")
    mine = turtle(source, {"skos": "http://mine/#", "": "http://www.w3.org/2004/02/skos/core#", "unused": "http://un/"})
    assert mine == (
        "@prefix : <http://www.w3.org/2004/02/skos/core#> .\n@prefix skos: <http://mine/#> .\n\n<x:s> :note skos:a .\n"
    )


def test_the_well_known_prefixes_are_sorted_and_valid():
    assert list(WELL_KNOWN) == sorted(WELL_KNOWN)
    assert len(set(WELL_KNOWN.values())) == len(WELL_KNOWN)
    for namespace in WELL_KNOWN.values():
        pyoxigraph.NamedNode(namespace)


@pytest.mark.parametrize(
    "prefixes", [{"1a": "http://e/"}, {"a b": "http://e/"}, {"e": "e/"}, {"e": "http://e/> <"}, {"a.": "x:"}]
)
def test_prefixes_that_cannot_be_written_are_refused(prefixes):
    with pytest.raises(OutputError, match=r"is not an? (prefix|IRI)"):
        Triples.parse(SOURCE, "turtle").serialize("turtle", prefixes)


def test_blank_nodes_are_nested_no_deeper_than_people_read():
    deep = turtle("@prefix e: <http://e/> . e:a e:p " + "[ e:p " * 30 + "1" + " ]" * 30 + " .")
    assert "_:b0" in deep
    assert max(line.count("[") for line in deep.splitlines()) <= 8


@pytest.mark.parametrize(
    "source",
    [
        "_:a <x:p> _:a .",
        "_:0 <x:p> [ <x:p> 'space \\n tab\\t\\n', '\\n' ], _:1, _:b0 . _:1 <x:p> _:b0 .",
        "_:a <x:p> _:b . _:b <x:p> _:c . _:c <x:p> _:a ; <x:q> [ <x:r> [] ] .",
        "<x:s> <x:p> _:l . <x:t> <x:p> _:l . _:l rdf:first 1 ; rdf:rest (2 3) .",
        "<x:s> <x:p> (1 (2 ()) [ <x:q> (3) ]) .",
        "(1 2) <x:p> (3) .",
        "<x:s> <x:p> _:l . _:l rdf:first 1, 2 ; rdf:rest (2 3) .",
        "_:l rdf:first 1 ; rdf:rest _:l .",
        "<x:s> <x:p> _:l . _:l rdf:first 1 ; rdf:rest <x:no-list> .",
        "<x:s> <x:p> _:b ; <x:q> _:b . _:c <x:p> [] .",
    ],
)
def test_blank_nodes_in_every_shape_read_back(source):
    graph = Triples.parse(f"PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> {source}", "turtle")
    for name in ("turtle", "ntriples", "nquads", "trig", "jsonld", "rdfxml"):
        assert Triples.parse(graph.serialize(name), name).is_isomorphic(graph), name


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_long_lists_and_deep_nests_are_written_in_bounded_time():
    for source in (
        "<x:a> <x:b> (" + " ".join(map(str, range(20_000))) + ") .",
        "<x:a> <x:b> " + "[ <x:b> " * 20_000 + "1" + "]" * 20_000 + " .",
    ):
        graph = Triples.parse(source, "turtle")
        written = graph.serialize("turtle")
        assert len(written) < 2_000_000
        assert Triples.parse(written, "turtle").is_isomorphic(graph)


def test_tags_keep_their_case_in_every_format():
    graph = Triples.from_terms(
        [("<x:s>", "<x:p>", f'"{n}"@{tag}') for n, tag in enumerate(("zh-Hant", "EN", "en", "En"))]
    )
    for name in ("turtle", "ntriples", "nquads", "trig", "jsonld", "rdfxml"):
        assert Triples.parse(graph.serialize(name), name) == graph, name


def test_rdfxml_refuses_what_xml_cannot_hold():
    with pytest.raises(
        OutputError, match="cannot hold the predicate <x:1>, as it does not end with a name; write Turtle"
    ):
        Triples.from_terms([("<x:s>", "<x:1>", "<x:o>")]).serialize("rdfxml")
    for escape in ("\\u0000", "\\b", "\\u001F", "\\uFFFE"):
        with pytest.raises(OutputError, match="XML cannot hold the control character in"):
            Triples.from_terms([("<x:s>", "<x:p>", f'"{escape}"')]).serialize("rdfxml")
    graph = Triples.from_terms(
        [("<x:s>", "<x:p>", '"a\\\\b\\r\\n\\u007F"'), ("<x:s>", "<x:p>", '"  ]]>&<a b=\\"c\\">"')]
    )
    assert Triples.parse(graph.serialize("rdfxml"), "rdfxml") == graph


def test_types_that_are_no_names_of_elements_are_written():
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    graph = Triples.from_terms([("<x:s>", rdf_type, "<x:1>"), ("<x:s>", rdf_type, '"text"'), ("_:b", rdf_type, "_:c")])
    assert Triples.parse(graph.serialize("rdfxml"), "rdfxml").is_isomorphic(graph)


def test_an_empty_graph_is_written_in_every_format():
    for name in ("turtle", "ntriples", "nquads", "trig", "jsonld", "rdfxml"):
        assert Triples.parse(Triples.empty().serialize(name), name) == Triples.empty()


def test_unknown_formats_are_told(tmp_path):
    for name in ("nope", "n3"):
        with pytest.raises(OutputError, match="choose one of turtle, ntriples"):
            Triples.empty().serialize(name)
    with pytest.raises(OutputError, match=r"the ending \.foo is not an RDF format"):
        Triples.empty().write(tmp_path / "graph.foo")


def test_a_file_is_written_by_its_ending_and_packed_without_a_time(tmp_path):
    graph = Triples.parse(SOURCE, "turtle")
    graph.write(tmp_path / "graph.ttl", prefixes=PREFIXES)
    assert (tmp_path / "graph.ttl").read_text(encoding="utf-8") == EXPECTED
    graph.write(tmp_path / "graph.ttl.gz", prefixes=PREFIXES)
    packed = (tmp_path / "graph.ttl.gz").read_bytes()
    assert gzip.decompress(packed).decode() == EXPECTED
    assert packed[4:8] == bytes(4)
    graph.write(tmp_path / "graph.txt", format="ntriples")
    assert Triples.read(tmp_path / "graph.txt", format="nt") == graph


def test_a_file_is_replaced_whole_with_its_mode_and_through_links(tmp_path):
    real = tmp_path / "real.nt"
    real.write_text("old")
    real.chmod(0o640)
    link = tmp_path / "link.nt"
    link.symlink_to(real)
    Triples.from_terms([("<x:a>", "<x:b>", "<x:c>")]).write(link)
    assert link.is_symlink()
    assert real.read_text() == "<x:a> <x:b> <x:c> .\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.nt", "real.nt"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "cannot be written .No space left on device.; make room, or choose another place"),
        (errno.EACCES, "may not be written; allow writing there"),
    ],
)
def test_when_writing_fails_the_old_file_stays_and_nothing_else(tmp_path, monkeypatch, number, told):
    path = tmp_path / "graph.nt"
    path.write_text("old")

    def fail(self, target):
        raise OSError(number, os.strerror(number), str(target))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError, match=rf"graph\.nt: {told}"):
        Triples.empty().write(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written_are_told(tmp_path):
    (tmp_path / "folder.ttl").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"folder\.ttl: is a folder, not a file; name a file in it"):
        Triples.empty().write(tmp_path / "folder.ttl")
    with pytest.raises(OutputError, match="its folder does not exist; make the folder first"):
        Triples.empty().write(tmp_path / "gone" / "graph.ttl")
    with pytest.raises(OutputError, match="its folder does not exist"):
        Triples.empty().write(tmp_path / "file" / "graph.ttl")


def test_a_full_disk_is_told():
    if not Path("/dev/full").exists():
        return  # only Linux has a disk that is always full; elsewhere the test above must do
    with pytest.raises(OutputError, match="No space left on device"):
        Triples.from_terms([("<x:a>", "<x:b>", "<x:c>")]).write("/dev/full", format="ntriples")


def test_jsonld_has_no_empty_prefix_since_no_term_of_it_may_be_empty():
    graph = Triples.parse("@prefix : <http://e/> . :a :b :c .", "turtle")
    written = graph.serialize("jsonld", {"": "http://e/"})
    assert "" not in json.loads(written).get("@context", {})
    assert Triples.parse(written, "jsonld") == graph


def test_jsonld_has_its_context_in_itself_and_writes_iris_short():
    graph = Triples.parse(
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix : <http://e/> .
        :a a skos:Concept ; skos:prefLabel "城"@zh-Hant ; skos:notation "7", "8"@en ; skos:related :b, <skos:odd> .""",
        "turtle",
    )
    document = json.loads(graph.serialize("jsonld", {"e": "http://e/"}))
    assert document["@context"] == {"e": "http://e/"}, "skos is no prefix here, since an IRI has it as its scheme"
    [node] = document["@graph"]
    assert node["@id"] == "e:a"
    plain = graph.difference(graph.match(object="<skos:odd>"))
    [node] = json.loads(plain.serialize("jsonld", {"e": "http://e/"}))["@graph"]
    assert node["@type"] == "skos:Concept"
    assert node["skos:prefLabel"] == {"@language": "zh-Hant", "@value": "城"}
    assert node["skos:related"] == {"@id": "e:b"}
    assert "7" in node["skos:notation"]
    assert Triples.parse(graph.serialize("jsonld", {"e": "http://e/"}), "jsonld") == graph


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_what_is_written_in_parts_is_the_same(size, monkeypatch):
    source = """PREFIX e: <http://e/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX schema: <http://schema.org/>
        e:b a e:City ; e:says "B"@en , "two\\nlines" ; e:p 1 , 2.50 , "1999"^^xsd:gYear , () , e:a .
        e:a e:z e:b ; a e:City . e:c schema:name "c" ; e:p "7"^^schema:Number . e:d e:p e:a , e:b , e:c , e:d .
        e:only e:p "x"^^e:T ."""
    whole = turtle(source)
    assert whole.count("@prefix") == 3
    monkeypatch.setattr(writer, "PART_ROWS", size)
    assert turtle(source) == whole
    assert turtle(SOURCE) == EXPECTED
