"""Whatever the literals, tags, IRIs and blank nodes of a graph: what we write, we and others read back the same.

`GLOCAL_PROPERTY_EXAMPLES` sets how many graphs are tried.
"""

import contextlib
import logging
import os

import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.formats.reader import parse_bytes
from glocal_rdf.triples.formats.registry import find_format

EXAMPLES = int(os.environ.get("GLOCAL_PROPERTY_EXAMPLES", "50" if os.environ.get("CI") == "true" else "25"))
checked = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
FORMATS = ["turtle", "ntriples", "nquads", "trig", "jsonld", "rdfxml"]
OF_RDFLIB = {
    "turtle": "turtle",
    "ntriples": "nt",
    "nquads": "nquads",
    "trig": "trig",
    "jsonld": "json-ld",
    "rdfxml": "xml",
}
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

ODD = "  \"'\\\n\r\t\b\f\0\x01\x1f\x7f\x85\xa0\u2028\u200f\u202e\ufeff\ufffd\ufffe\uffff<>&]{}@^_:;,.#%$臺北אבג𠮷😀é́"
ANY_TEXT = st.text(st.one_of(st.sampled_from(ODD), st.characters(codec="utf-8")), max_size=12)
FORBIDDEN = {chr(code) for code in (*range(0x20), 0xFFFE, 0xFFFF)} - set("\n\r\t")
XML_TEXT = ANY_TEXT.map(lambda text: "".join(char for char in text if char not in FORBIDDEN))
NEAR_NUMBERS = st.sampled_from(
    [
        "1",
        "01",
        "-1",
        "+1",
        "-0",
        "0",
        "12.50",
        "0.0",
        ".5",
        "5.",
        "-0.5",
        "1e3",
        "1.0E3",
        "true",
        "TRUE",
        "NaN",
        "0.0000001",
        "0.000001",
        "123456789012345678901234567890",
        "1 ",
        "",
    ]
)
TAGS = st.sampled_from(
    ["en", "EN", "zh-Hant", "zh-hant", "ZH-HANT", "zh-Hant-TW", "de-CH-1996", "en-x-Foo", "x-Mine", "prefix"]
)
SEGMENT = st.text(st.sampled_from("abzAZ09-._~!$&'()*+,;=:@臺北éא\u0301·"), max_size=6)
PATH = st.lists(st.one_of(SEGMENT, st.sampled_from(["%E5%8C%97", "%2F", "a%20b", ".", "..", "true", "a"])), max_size=3)
NAMESPACE = st.sampled_from(
    [
        "http://example.org/",
        "http://example.org/ns#",
        "https://例.tw/",
        "urn:x:",
        "http://a.b/?q=",
        "http://schema.org/",
        "http://www.w3.org/2004/02/skos/core#",
        RDF,
        XSD,
    ]
)
IRI = st.builds(lambda start, path: "<" + start + "/".join(path) + ">", NAMESPACE, PATH)
PREDICATE = st.one_of(
    st.sampled_from(
        [f"<{RDF}type>", f"<{RDF}first>", f"<{RDF}rest>", "<http://www.w3.org/2004/02/skos/core#prefLabel>"]
    ),
    st.builds(lambda iri, end: iri[:-1] + end + ">", IRI, st.sampled_from(["name", "p1", "臺北", "x-y.z"])),
)
BLANK = st.sampled_from(["_:0", "_:1a", "_:b0", "_:b1", "_:n.x", "_:t-p"])
DATATYPE = st.one_of(
    st.sampled_from([XSD + name for name in ("integer", "decimal", "double", "boolean", "date", "string", "anyURI")]),
    IRI.map(lambda iri: iri[1:-1]),
)
PREFIXES = {"ex": "http://example.org/ns#", "e": "http://example.org/", "t": "https://例.tw/", "": "http://a.b/?q="}


@pytest.fixture(autouse=True)
def _quiet_rdflib():
    """Keep rdflib from telling, with a traceback each, which lexical forms it cannot make values of."""
    logger = logging.getLogger("rdflib.term")
    level = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(level)


def literals(text):
    return st.one_of(
        st.builds(terms.quote, text),
        st.builds(lambda text, tag: terms.quote(text, language=tag), text, TAGS),
        st.builds(lambda text, iri: terms.quote(text, datatype=iri), st.one_of(NEAR_NUMBERS, text), DATATYPE),
    )


@st.composite
def graphs(draw, text=ANY_TEXT):
    subject, object_ = st.one_of(IRI, BLANK), st.one_of(literals(text), literals(text), IRI, BLANK)
    triples = draw(st.lists(st.tuples(subject, PREDICATE, object_), max_size=12))
    items = draw(st.lists(st.one_of(object_, st.just("_:inner")), max_size=4))
    cells = [f"_:cell{number}" for number in range(len(items))] + [f"<{RDF}nil>"]
    for cell, rest, item in zip(cells, cells[1:], items, strict=False):
        triples += [(cell, f"<{RDF}first>", item), (cell, f"<{RDF}rest>", rest)]
    triples += [("<http://example.org/list>", "<http://example.org/items>", cells[0])] if draw(st.booleans()) else []
    return Triples.from_terms(triples)


def one_case(graph):
    """Leave out literals that differ from others in the case of their tag alone: rdflib takes them for one."""
    seen = {}
    return Triples.from_terms(
        (s, p, o) for s, p, o in graph if seen.setdefault((s, p, o.lower() if o.startswith('"') else o), o) == o
    )


def assert_same(found, expected):
    assert found.is_isomorphic(expected), f"lost: {sorted(expected - found)}\nfound: {sorted(found - expected)}"


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
@checked
@given(data=st.data())
def test_we_read_back_what_we_write(name, data):
    graph = data.draw(graphs(XML_TEXT if name == "rdfxml" else ANY_TEXT))
    written = graph.serialize(name, PREFIXES)
    assert_same(Triples.parse(written, name), graph)
    assert Triples(graph.frame.reverse()).serialize("turtle") == graph.serialize("turtle")


@pytest.mark.slow
@pytest.mark.peer
@pytest.mark.parametrize("name", FORMATS)
@checked
@given(data=st.data())
def test_rdflib_reads_back_what_we_write(name, data, monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    graph = one_case(data.draw(graphs(XML_TEXT if name == "rdfxml" else ANY_TEXT)))
    read = rdflib.Dataset() if name in ("nquads", "trig") else rdflib.Graph()
    read.parse(data=graph.serialize(name, PREFIXES), format=OF_RDFLIB[name])
    assert_same(Triples.from_rdflib(read), graph)


@checked
@given(graph=graphs())
def test_oxigraph_reads_our_turtle_with_the_same_terms(graph):
    quads = pyoxigraph.parse(graph.serialize("turtle", PREFIXES), pyoxigraph.RdfFormat.TURTLE)
    found = Triples(Triples.from_terms((str(q.subject), str(q.predicate), str(q.object)) for q in quads).frame)
    lowered = [(s, p, lower_tag(o)) for s, p, o in graph]
    assert_same(found, Triples.from_terms(lowered))


def lower_tag(term):
    end = term.rindex('"') if term.startswith('"') else len(term)
    return term[:end] + term[end:].lower() if term[end:].startswith('"@') else term


@checked
@given(graph=graphs())
def test_rdflib_takes_and_gives_our_terms_unchanged(graph):
    graph = one_case(graph)
    assert Triples.from_rdflib(graph.to_rdflib()) == graph


@checked
@given(graph=graphs())
def test_the_fast_reader_of_ntriples_and_the_parser_agree(graph):
    written = graph.serialize("ntriples")
    # A line without its blanks is none that the fast reader takes.
    forced = written + b"<x:a><x:b><x:c>.\n"
    expected = graph | Triples.from_terms([("<x:a>", "<x:b>", "<x:c>")])
    assert Triples.parse(forced, "ntriples") == expected
    assert Triples.parse(written, "ntriples") == graph


@checked
@given(st.text(st.sampled_from('<>"\\ab:/_ .@^-\n\r\t#é臺\0%[]{}|`0u'), max_size=60))
def test_hostile_lines_are_read_as_the_parser_reads_them_or_refused(line):
    source = f'<http://a/b> <http://a/c> "d"@EN .\n{line}\n'
    try:
        expected = {
            (str(q.subject), str(q.predicate), str(q.object))
            for q in pyoxigraph.parse(source, pyoxigraph.RdfFormat.N_TRIPLES)
        }
    except SyntaxError:
        with pytest.raises(InputError, match=r"^text:\d"):
            Triples.parse(source, "ntriples")
    else:
        found = parse_bytes(source.encode(), find_format("ntriples", None, InputError), None, None, "text")
        assert {(s, p, lower_tag(o)) for s, p, o in found.iter_rows()} == expected


@pytest.mark.parametrize("name", ["turtle", "trig", "nquads", "jsonld", "rdfxml", "n3"])
@checked
@given(junk=st.one_of(st.binary(max_size=80), ANY_TEXT.map(str.encode)))
def test_junk_is_read_or_refused_but_never_breaks(name, junk):
    with contextlib.suppress(InputError):
        Triples.parse(junk, name)
