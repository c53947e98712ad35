"""The lexer of SPARQL: by the letter of the grammar, total, linear, and never blind to a call of another server."""

from __future__ import annotations

import gc
import random
import socket
import threading
import time
from collections.abc import Iterator

import pyoxigraph
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.sparql.grammar import tokens
from glocal_rdf.sparql.grammar.tokens import (
    add_prefixes,
    calls_service,
    declared_prefixes,
    decode_escapes,
    names_graphs,
    nesting_depth,
    query_form,
    tokenize,
    used_prefixes,
)

PIECES = (
    *("SELECT", "ASK", "WHERE", "FILTER", "SERVICE", "SERVICE SILENT", "service", "ſERVICE", "SERVIC", "OPTIONAL", "a"),
    *("UNION", "GRAPH", "BIND", "MINUS", "VALUES", "true", "TRUE", "{", "}", "(", ")", "[", "]", ".", ";", ",", "*"),
    *("?a", "$b", "?", "<", ">", "<http://a/>", "ex:a", ":a", "ex:", ":", "_:b", "'", '"', '"""', "'''", "'x'", '"y"'),
    *("@en", "^^", "1", "1.5", ".5", "1e3", "#", "\r", "\n", "# x\r", "# x\n", " ", "\\u0053", "\\u000A", "\\", "\\'"),
    *("&&", "||", "=", "!=", "<=", "-", "+", "/", "|", "^", "!", "é", "\u00a0", "\x0c", "%20", "LATERAL", "IN", "AS"),
)


def texts(query: str) -> list[str]:
    return [token.text for token in tokenize(query)]


def kinds(query: str) -> list[str]:
    return [token.kind for token in tokenize(query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT*WHERE{?a ?b ?c}", ["SELECT", "*", "WHERE", "{", "?a", "?b", "?c", "}"]),
        ("select?a{}", ["SELECT", "?a", "{", "}"]),
        ("?c.SERVICE<x>", ["?c", ".", "SERVICE", "<x>"]),
        ("ex:a.b. ex:c", ["ex:a.b", ".", "ex:c"]),
        ("ex:a\\.. ex:%20b", ["ex:a\\.", ".", "ex:%20b"]),
        ("_:b.c.", ["_:b.c", "."]),
        ("1.", ["1", "."]),
        ("1.e5 1.5.x:a", ["1.e5", "1.5", ".", "x:a"]),
        ("?a-1", ["?a", "-1"]),
        ("?a - 1", ["?a", "-", "1"]),
        ("'''a''b'''''", ["'''a''b'''", "''"]),
        ('"a\\"b"', ['"a\\"b"']),
        ('""""""', ['""""""']),
        ('"" ""', ['""', '""']),
        ("'a'@en-GB-x ^^", ["'a'", "@en-GB-x", "^^"]),
        ("?a<?b ?a< ?b", ["?a", "<", "?b", "?a", "<", "?b"]),
        ("trueSERVICE", ["TRUE", "SERVICE"]),
        ("SERVICEex:a", ["SERVICEex:a"]),
        ("a#b\rc:d#e\nf:g", ["a", "c:d", "f:g"]),
        ("GROUP_CONCAT GROUP MINUS MIN", ["GROUP_CONCAT", "GROUP", "MINUS", "MIN"]),
        ("?a?b$c", ["?a", "?b", "$c"]),
        ("ex:p? ex:p*", ["ex:p", "?", "ex:p", "*"]),
        ("\\u0053ELECT ?\\u00e9", ["SELECT", "?é"]),
    ],
)
def test_tokens_are_those_of_the_grammar(query: str, expected: list[str]) -> None:
    assert texts(query) == expected


def test_what_is_no_token_is_a_token_of_its_own() -> None:
    assert kinds("foo") == ["unknown"] * 3
    assert kinds("'a\n'") == ["unknown", "keyword", "unknown"]
    assert kinds("'\\x'") == ["unknown", "unknown", "unknown", "unknown"]
    assert kinds("\u00a0\x0c$") == ["unknown"] * 3


def test_positions_are_those_of_the_text_as_written() -> None:
    query = "ASK{?\\u00e9 '\\u0027' \\U0001F600 <\\u0061>}"
    assert [query[token.start : token.end] for token in tokenize(query)] == [
        *("ASK", "{", "?\\u00e9", "'\\u0027'", "\\U0001F600", "<\\u0061>", "}"),
    ]


def test_an_escape_never_ends_a_string_or_a_comment() -> None:
    assert texts("# \\u000ASERVICE\nASK") == ["ASK"]
    assert kinds("'\\u0027SERVICE\\u0027'") == ["string"]
    assert decode_escapes("'\\\\u0041'") == "'\\\\u0041'"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def test_every_character_is_in_one_token_or_is_space(text: str) -> None:
    at = 0
    for token in (*tokenize(text), None):
        end = token.start if token is not None else len(text)
        between = decode_escapes(text[at:end])
        lines = between.replace("\r", "\n").split("\n")
        assert all(not line.split("#")[0].strip(" \t") for line in lines), (text, between)
        at = token.end if token is not None else end
        assert token is None or token.end > token.start


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        '"""',
        "'\"",
        '"\\x',
        "<",
        "a.:",
        "?",
        "\\u0041",
        "_:a.",
        "x:.",
        "1.",
        "1e",
        "#\r",
        "x:%",
        "SERVIC",
        "(",
        "-",
    ],
)
def test_time_is_linear_in_the_length(piece: str) -> None:
    def measure(length: int) -> float:
        text = (piece * length)[:length]
        gc.disable()  # It looks through whatever other tests have left.
        try:
            began = time.process_time()
            tokenize(text)
            calls_service(text)
            nesting_depth(text)
            return time.process_time() - began
        finally:
            gc.enable()

    measure(1000)
    assert measure(40_000) < 40 * measure(5_000) + 0.25


def test_queries_of_the_repository_have_no_unknown_token() -> None:
    files = [*ROOT.glob("glocal_rdf/questions/*.rq"), *ROOT.glob("ontology/rules/*.rq")]
    assert len(files) > 80
    for file in files:
        query = file.read_text(encoding="utf-8")
        assert "unknown" not in kinds(query), file
        assert calls_service(query) is None
        assert query_form(query) in {"SELECT", "ASK", "CONSTRUCT"}


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { # """\nSERVICE <http://a/> { ?s ?p ?o } # """\n}',
        "SELECT * { # x\rSERVICE <http://a/> { ?s ?p ?o } }",
        "SELECT * { ?a ?b ?c.SERVICE<http://a/>{ ?s ?p ?o } }",
        "SELECT * { # '\n SERVICE <http://a/> {} # '\n}",
        "SELECT * { ?s ?p 'a\\'' . SERVICE <http://a/> {} # '\n}",
        "PREFIX ex: <http://a/> SELECT * { SERVICEex:foo { ?s ?p ?o } }",
        "PREFIX SERVICE: <http://a/> PREFIX : <http://a/> SELECT * { SERVICE:foo { ?s ?p ?o } }",
        "SELECT * { SERVICESILENT<http://a/> {} }",
        "SELECT * { ?a ?b trueSERVICE<http://a/> {} }",
        "SELECT * { ?a ?b 1SERVICE<http://a/> {} }",
        "PREFIX : <http://a/> SELECT * { ?a ?b ?c FILTER(?a<?b)SERVICE#>\n:x { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://a/> {} }",
        "SELECT * { ?s ?p '''\\u0027''' . SERVICE ?x {} #'''\n }",
        "SELECT * { service\n?x {} }",
        "SELECT * { FILTER EXISTS { SERVICE <http://a/> {} } }",
    ],
)
def test_a_call_of_another_server_is_seen(query: str) -> None:
    assert calls_service(query) is not None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o } # SERVICE <http://a/> { }",
        "SELECT * { ?s ?p 'SERVICE <http://a/> { }' }",
        'SELECT * { ?s ?p """x\nSERVICE <http://a/> {}""" }',
        "SELECT * { ?s <http://a/SERVICE> ?o }",
        "PREFIX service: <http://a/> SELECT * { ?service service:service service:x }",
        "PREFIX service: <http://a/> SELECT * { GRAPH service:x { ?s ?p ?o } }",
        "SELECT ?service { ?service ?p _:SERVICE }",
        "SELECT * FROM <http://a/service> { ?s ?p 'a'@service }",
    ],
)
def test_an_honest_query_with_the_word_is_not_refused(query: str) -> None:
    assert calls_service(query) is None


@pytest.fixture
def listener() -> Iterator[tuple[int, list[int]]]:
    """A port on loopback, and a list that grows with every connection."""
    server = socket.create_server(("127.0.0.1", 0))
    calls: list[int] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            calls.append(1)
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1], calls
    server.close()


def run(store: pyoxigraph.Store, query: str) -> bool:
    """Evaluate a query by the engine alone; tell whether it was accepted."""
    try:
        found = store.query(query)
        if not isinstance(found, pyoxigraph.QueryBoolean):
            list(found)
    except SyntaxError:
        return False
    except (OSError, RuntimeError, ValueError):
        return True
    return True


def test_what_the_engine_accepts_makes_no_request_unless_a_call_is_seen(listener: tuple[int, list[int]]) -> None:
    port, calls = listener
    server = f"<http://127.0.0.1:{port}/>"
    store = pyoxigraph.Store()
    store.add(pyoxigraph.Quad(*[pyoxigraph.NamedNode("http://a/a")] * 3))
    run(store, f"SELECT * {{ SERVICE {server} {{ ?s ?p ?o }} }}")
    assert calls, "the engine itself would call"
    calls.clear()
    chance = random.Random(7)
    seeds = [
        ["SELECT * ", "{", " ?s ?p ?o ", ".", "SERVICE", server, "{ ?s ?p ?o }", "}"],
        ["PREFIX ex: ", server, " SELECT * {", "SERVICE", " ", "ex:a", "{ ?s ?p ?o }", "}"],
        ["SELECT * {", "?s ?p ?o FILTER(?s", "<", "?p", ")", "SERVICE", " ", server, "{ ?x ?y ?z }", "}"],
        ["SELECT * {", "?s ?p '", "SERVICE", server, "{ ?s ?p ?o }", "'", "}"],
        ["SELECT * {", "?s ?p ?o #", "SERVICE", server, "{ ?s ?p ?o }", "\n", "}"],
        ["SELECT * {", "#", "'", "\r", "SERVICE", server, "{ ?s ?p ?o }", "#'", "\n", "}"],
    ]
    accepted = seen = 0
    for _ in range(4000):
        pieces = list(chance.choice(seeds))
        for _ in range(chance.randint(0, 3)):
            at = chance.randrange(len(pieces) + 1)
            if chance.random() < 0.3 and at < len(pieces):
                del pieces[at]
            else:
                pieces.insert(at, chance.choice(PIECES))
        query = "".join(pieces)
        if calls_service(query) is not None:
            seen += 1
            continue
        before = len(calls)
        accepted += run(store, query)
        assert len(calls) == before, query
    assert accepted > 50
    assert seen > 500


def test_the_form_of_a_query_stands_after_its_declarations() -> None:
    assert query_form("BASE <b> PREFIX a: <a#> # SELECT\n ask {}") == "ASK"
    assert query_form("INSERT DATA { <a> <b> <c> }") == "INSERT"
    assert query_form("PREFIX select: <a> { }") == ""
    assert query_form("") == ""


def test_prefixes_are_read_from_names_alone() -> None:
    query = "PREFIX a.b: <urn:1> prefix :<urn:2> SELECT * { ?s a.b:x :y . ?s ex:z 'no:x', <no:y> # no:z\n}"
    assert declared_prefixes(query) == {"a.b": "urn:1", "": "urn:2"}
    assert used_prefixes(query) == ["a.b", "", "ex"]
    assert add_prefixes(query, {"ex": "urn:3", "no": "urn:4"}) == "PREFIX ex: <urn:3> " + query


def test_graphs_are_named_by_keywords_alone() -> None:
    assert names_graphs("SELECT * FROM NAMED <g> {}")
    assert names_graphs("SELECT * {{}GRAPH?g{}}")
    assert not names_graphs("SELECT ?graph { ?s ex:GRAPH 'GRAPH' } # GRAPH")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "deep"),
    [
        ("ASK{FILTER(" + "(" * 3000 + "1" + ")" * 3000 + ")}", True),
        ("ASK" + "{" * 3000 + "}" * 3000, True),
        ("ASK{FILTER(" + "!" * 3000 + "?x)}", True),
        ("ASK{FILTER(1" + "||1" * 3000 + ")}", True),
        ("ASK{{}" + "UNION{}" * 3000 + "}", True),
        ("ASK{" + "".join(f"BIND(1 AS ?x{n})" for n in range(3000)) + "}", True),
        ("ASK{VALUES ?x {" + "1 " * 3000 + "}}", False),
        ("ASK{" + "?s ?p -1 ." * 3000 + "}", False),
        ("ASK{?s ?p ?o FILTER(?o IN (" + "-1," * 3000 + "1))}", False),
        ("ASK{} #" + "(" * 3000, False),
        ("ASK{?s ?p '" + "(" * 3000 + "'}", False),
    ],
)
def test_depth_counts_what_an_engine_recurses_into(query: str, deep: bool) -> None:
    assert (nesting_depth(query) > 1000) is deep


def test_all_keywords_are_words_in_capitals() -> None:
    assert all(word.isupper() or word.isdigit() for word in tokens.KEYWORDS)
