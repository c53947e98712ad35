"""What a query may not do is refused in a line that names the place; what only looks like it works."""

from __future__ import annotations

import random

import pytest
from conftest import Run

from glocal_rdf import ask, build, explain_empty_answer, validate
from glocal_rdf.errors import QueryError
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.sparql.policy import MAX_DEPTH, MAX_LENGTH, check_query
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

DATA = Triples.from_terms(
    [
        ("<http://e/SERVICE>", "<http://e/service>", '"SERVICE"'),
        ("<http://e/SERVICE>", "<http://e/p>", '"x"@en'),
    ]
)
CALL = "<http://127.0.0.1:9/>{?s ?p ?o}"
HONEST = [
    "SELECT ?service { ?service ?p ?o }",
    "PREFIX service: <http://e/> SELECT * { ?s service:service ?o }",
    "SELECT * { ?s <http://e/service> ?o } # SERVICE <http://e/> { }",
    'SELECT * { ?s ?p "SERVICE" }',
    "SELECT * { ?s ?p '''SERVICE''' }",
    "PREFIX e: <http://e/> SELECT * { e:SERVICE ?p ?o }",
    "SELECT * { ?s ?p ?o FILTER(CONTAINS(?o, 'service <http://e/> {}') || true) }",
]
CALLS = [
    f"SELECT * {{ SERVICE {CALL} }}",
    f"SELECT * {{ SeRvIcE SILENT {CALL} }}",
    f"SELECT * {{?z a ?z.SERVICE{CALL}}}",
    f'SELECT * # """\n{{SERVICE{CALL}}} # """',
    f"SELECT * # '''\r{{SERVICE{CALL}}} # '''",
    f"SELECT * {{ \\u0053ERVICE {CALL} }}",
    f"SELECT * {{ {{}}UNION{{SERVICE{CALL}}} }}",
    f"SELECT * {{ OPTIONAL {{ BIND(1<2 AS ?x)SERVICE{CALL} }} }}",
    "ASK { FILTER EXISTS { SERVICE ?x { ?s ?p ?o } VALUES ?x { <http://127.0.0.1:9/> } } }",
    f"SELECT * {{ {{ SELECT * {{ SERVICE {CALL} }} }} }}",
]


@pytest.mark.parametrize("text", HONEST)
def test_the_word_alone_is_no_call(text: str) -> None:
    ask(DATA, text)


@pytest.mark.parametrize("text", CALLS)
def test_a_call_of_another_server_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(QueryError, match=r"^query: line \d+, column \d+: SERVICE would call another server"):
        ask(DATA, text)


def refusal(store: StoreProcess, text: str) -> str:
    """Give the first line of what is told of a query; nothing where it is answered."""
    try:
        store.query(text, limit=10)
    except QueryError as error:
        return str(error.problems[0])
    return ""


def test_no_sequence_of_tokens_gets_a_call_through() -> None:
    """What the engine would evaluate as SERVICE is refused before, or it fails in a process that has no sockets."""
    pieces = ["SERVICE", "service", "SILENT", CALL, "{", "}", " ", ".", "?z", "# '''\r", "'", '"""', "\n", "UNION"]
    pieces += ["#\r", "a:", "1", "<", ">", "\\u0053ERVICE", "OPTIONAL", "FILTER(1<2)", "BIND(1 AS ?q)", "?a<?b)"]
    draw = random.Random(9)
    store = StoreProcess()
    store.load(DATA.frame)
    for _ in range(1500):
        text = "SELECT * {" + "".join(draw.choices(pieces, k=draw.randint(1, 8))) + "}"
        told = refusal(store, text)
        assert "\n" not in told
        # An error of the network would mean that the engine tried: the policy let it through.
        assert "os error" not in told, text
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "inner", "end"),
    [
        ("ASK { FILTER(", "(|1|)", ") }"),
        ("ASK ", "{|?s ?p ?o|}", ""),
        ("ASK { FILTER(", "!|true|", ") }"),
        ("ASK { FILTER(1", " + 1||", ") }"),
        ("ASK { FILTER(", "-|1|", ") }"),
        ("ASK { { ?s ?p ?o }", " UNION { ?s ?p ?o }||", " }"),
        ("ASK { ?s ", "(|<http://e/p>|)*", " ?o }"),
        ("ASK { ?s ?p ", "[ ?q |1| ]", " }"),
        ("ASK { ", "FILTER NOT EXISTS { |?s ?p ?o| }", " }"),
        ("ASK { ", "{ SELECT * { |?s ?p ?o| } }", " }"),
        ("ASK { FILTER(", "STR(|1|)", " = '') }"),
    ],
)
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 8 * MAX_DEPTH])
def test_a_query_that_is_nested_too_deeply_is_refused(start: str, inner: str, end: str, depth: int) -> None:
    opening, middle, closing = inner.split("|")
    with pytest.raises(QueryError, match=r"is nested .* levels deep"):
        ask(DATA, start + opening * depth + middle + closing * depth + end)


def test_brackets_beside_each_other_are_not_deep() -> None:
    check_query("ASK { VALUES ?x { " + "1 " * 5000 + "} FILTER(?x IN (" + ", ".join(["(1)"] * 5000) + ")) }")


def test_a_text_that_is_too_long_or_not_unicode_is_refused() -> None:
    with pytest.raises(QueryError, match="at most 10,000,000 are read"):
        ask(DATA, "ASK {} #" + "x" * MAX_LENGTH)
    with pytest.raises(QueryError, match="is not Unicode"):
        ask(DATA, "ASK { ?s ?p '\udc80' }")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("INSERT DATA { <http://e/a> <http://e/b> 1 }", "INSERT would change the graph; only queries are evaluated"),
        ("PREFIX e: <http://e/> DELETE WHERE { ?s ?p ?o }", "DELETE would change the graph"),
        ("LOAD <http://127.0.0.1:9/>", "LOAD would change the graph"),
        ("CLEAR ALL", "CLEAR would change the graph"),
        ("", "is empty"),
        ("# nothing", "is empty"),
        ("SELEC * {}", "has no query form where one must stand"),
        ("SELECT * { ?s a zz:C }", "line 1, column 17: zz: is not a known prefix; write PREFIX zz: <…>"),
        (
            "SELECT * { ?s a\n  skso:C }",
            "line 2, column 3: skso: is not a known prefix; write PREFIX skso: <…>, or",
        ),
        ("SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }", "there is no such graph; nothing is fetched"),
        ("SELECT * FROM NAMED <http://127.0.0.1:9/> { GRAPH ?g { ?s ?p ?o } }", "there is no such graph"),
        ("SELECT * {\n ?s ?p 'abc }", "line 2, column 8"),
        ("SELECT * { ?s ?p (1 }", "line 1"),
        ("SELECT * { ?s ?p }", "is not SPARQL"),
        ("SELECT * { ?s ?p ?o", "line 1, column 10"),
        ("SELECT ?x { ?x <rel> ?o }", "line 1, column"),
        ("SELECT * { ?s ?p ?o FILTER(<http://no/function>(?o)) }", "http://no/function"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(run: Run, tmp_path, text: str, told: str) -> None:  # type: ignore[no-untyped-def]
    data = tmp_path / "data.nt"
    data.write_bytes(DATA.serialize("ntriples"))
    result = run("query", "--source", data, "--text", text)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert told in line
    assert "\\u{" not in line


def test_an_endpoint_is_sent_queries_only() -> None:
    for text in ("INSERT DATA { <http://e/a> <http://e/b> 1 }", "DROP ALL", "LOAD <http://e/>"):
        with pytest.raises(QueryError, match="would change the graph"):
            ask("http://127.0.0.1:9/", text)


@pytest.mark.slow
@pytest.mark.rebuild
def test_questions_do_not_change_each_others_answers(project) -> None:  # type: ignore[no-untyped-def]
    texts = [
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o.GRAPH ?g { ?s ?q ?r } }",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/glocal/graph/geonames> { ?s ?p ?o }",
    ]
    built, other = build(project), build(project)
    validate(built)
    forwards = [ask(built, text).bindings for text in texts]
    backwards = [ask(other, text).bindings for text in reversed(texts)][::-1]
    again = [ask(built, text).bindings for text in texts]
    assert forwards == again == backwards
    assert len(set(forwards)) == len(texts)


def test_a_file_with_named_graphs_is_asked_by_graph() -> None:
    data = Dataset.parse(
        "<http://e/a> <http://e/p> _:b <http://e/g> .\n<http://e/c> <http://e/p> _:b _:h .\n", "nquads"
    )
    assert len(ask(data, "SELECT * { ?s ?p ?o }")) == 0
    (hint,) = explain_empty_answer(data, "SELECT * { ?s ?p ?o }")
    assert "in 2 named graphs" in str(hint)
    assert len(ask(data, "SELECT * { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?t ?p ?o } FILTER(?g != ?h) }")) == 2
    assert len(ask(data, "SELECT * FROM <http://e/g> { ?s ?p ?o }")) == 1


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("SELECT * { ?s ?p ?o }", ("s", "p", "o")),
        ("select distinct * { ?o ?s ?p }", ("o", "s", "p")),
        ("SELECT ?p ?o ?s { ?s ?p ?o }", ("p", "o", "s")),
        ("SELECT * { { SELECT ?z ?a { ?z ?a ?m } } ?z ?b ?c }", ("z", "a", "b", "c")),
    ],
)
def test_all_variables_come_in_the_order_of_the_query(text: str, variables: tuple[str, ...]) -> None:
    answer = ask(DATA, text)
    assert answer.variables == variables
    assert all(len(row) == len(variables) for row in answer.bindings)


@pytest.mark.slow
def test_no_is_exit_code_1_and_yes_is_0(run: Run) -> None:
    assert run("query", "--text", "ASK { ?s a org:Organization }").exit_code in (0, 1)
    assert run("query", "--text", "ASK { ?s ?p ?o }").exit_code == 0
    result = run("query", "--text", "ASK { ?s <http://e.org/zz> ?o }")
    assert (result.exit_code, result.stdout) == (1, "no\n")
    assert "<http://e.org/zz> does not occur in the data" in result.stderr
    result = run("query", "--text", "SELECT * { ?s a glocal:CityNetwrk }")
    assert result.exit_code == 0
    assert "did you mean <https://w3id.org/glocal/ontology#CityNetwork>?" in result.stderr
    assert "No results." in result.stderr
