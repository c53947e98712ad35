"""The parser of SPARQL: what it accepts is what the engine accepts, and a mistake has its place."""

from __future__ import annotations

import random

import pyoxigraph
import pytest
from conftest import ROOT

from glocal_rdf.errors import QueryError
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import parse_query, selected_variables
from glocal_rdf.sparql.grammar.scope import mentioned, visible_variables

PROLOGUE = "PREFIX ex: <http://e/> PREFIX : <http://d/> "


def accepts(query: str) -> bool:
    try:
        parse_query(query)
    except QueryError:
        return False
    return True


def engine_accepts(query: str) -> bool:
    try:
        pyoxigraph.Store().query(query)
    except SyntaxError:
        return False
    except (ValueError, OSError, RuntimeError):
        return True
    return True


def test_queries_of_the_repository_are_read() -> None:
    files = [*ROOT.glob("glocal_rdf/questions/*.rq"), *ROOT.glob("ontology/rules/*.rq")]
    assert len(files) > 80
    for file in files:
        query = parse_query(file.read_text(encoding="utf-8"))
        assert query.where is not None
        for node in tree.walk(query):
            assert 0 <= node.start <= node.end <= len(query.text)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT*WHERE{?a ?b ?c}",
        "SELECT(COUNT(DISTINCT?x)AS?c){}",
        "SELECT ?s { ?s ex:p/^ex:q|!(ex:r|^a)*/(ex:s+)? ?o }",
        "SELECT * { ?s ?p 1, -1, +1.5, 1e3, true, 'a'@en, 'b'^^ex:c ; a ex:T ; . [] ?p () . [ ex:p [] ] }",
        "SELECT * { (1 [ex:q 2] ()) ex:r () . (ex:a) ex:b 'c' ; ex:d [ ] }",
        "ASK { FILTER(?a IN () || ?b NOT IN (1, 2) && !(?c = 1)) }",
        "ASK { FILTER NOT EXISTS { ?s ?p ?o } FILTER EXISTS { {} UNION {} } }",
        "SELECT ?a (SUM(?b) AS ?c) { ?a ?x ?b } GROUP BY ?a HAVING (SUM(?b) > 1) (COUNT(*) < 3) ORDER BY DESC(?c) ?a",
        "SELECT ?k { ?a ?x ?b } GROUP BY (STR(?a) AS ?k) ORDER BY STRLEN(?k)",
        "SELECT (GROUP_CONCAT(DISTINCT ?b; SEPARATOR = ', ') AS ?c) { ?a ?x ?b }",
        "SELECT * { { SELECT DISTINCT ?s { ?s ?p ?o } LIMIT 3 } OPTIONAL { ?s ?q ?r } MINUS { ?s a ex:X } }",
        "SELECT * { BIND(IF(?a, COALESCE(?b, 1), 1-1) AS ?c) VALUES (?d ?e) { (1 UNDEF) (ex:a 'b') } } VALUES ?f { 1 }",
        "CONSTRUCT { ?s ex:p [ ex:q ?o ] } WHERE { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p ?o . ?o ?q ?r }",
        "DESCRIBE ex:a ?b FROM <http://g/> FROM NAMED <http://h/> WHERE { ?b ?p ?o }",
        "DESCRIBE *  { ?b ?p ?o }",
        "SELECT * { GRAPH ?g { ?s ?p ?o } SERVICE SILENT ex:s { ?s ?p ?o } }",
        "SELECT * { ?s ?p '''a'b''c''' . ?s ?p \"\"\"d\"e\"\"f\"\"\" }",
        "SELECT * { FILTER(?a + -1 - 2 * +3 / -?b > 1 -1) FILTER STR(?a) }",
        "SELECT * { FILTER(REGEX(?a, 'b', 'i')) FILTER(SUBSTR(?a, 1, 2) = 'x') FILTER(BOUND(?a)) } LIMIT 1 OFFSET 2",
    ],
)
def test_what_the_grammar_has_is_accepted(query: str) -> None:
    assert accepts(PROLOGUE + query)
    assert engine_accepts(PROLOGUE + query)


@pytest.mark.parametrize(
    ("query", "place", "told"),
    [
        ("SELECT ?s WHERE { ?s ?p }", "line 1, column 25", "expected a term or a variable, found '}'"),
        ("SELECT ?s\nWHERE { ?s ?p ?o", "line 2, column 17", "found the end of the query"),
        ("SELECT ?s {\r\n\t?s nope:p ?o }", "line 2, column 5", "nope: is not a known prefix"),
        ("SELECT { }", "line 1, column 8", "expected '*', a variable or '('"),
        ("ASK { ?s ?p 'a }", "line 1, column 13", "a string that does not end"),
        ("ASK { ?s ?p ?o } }", "line 1, column 18", "expected the end of the query, found '}'"),
        ("ASK { FILTER(?a = ?b = ?c) }", "line 1, column 22", "expected the end of the comparison"),
        ("ASK { FILTER ?a }", "line 1, column 14", "expected '(' or a function"),
        ("ASK { FILTER(STRLEN(?a, ?b)) }", "line 1, column 14", "STRLEN takes 1 arguments, not 2"),
        ("ASK { VALUES (?a ?b) { (1) } }", "line 1, column 24", "expected 2 values"),
        ("INSERT DATA { <urn:a> <urn:b> 1 }", "line 1, column 1", "SPARQL Update"),
        ("ASK { foo }", "line 1, column 7", "found 'foo'"),
        ("ASK { ?s ?p ?o ?x }", "line 1, column 16", "found '?x'"),
        ("SELECT ?a { ?a ?b ?c } GROUP BY ?b", "line 1, column 8", "?a is neither in GROUP BY"),
        ("SELECT (1 AS ?a) { ?a ?b ?c }", "line 1, column 14", "has one already"),
        ("ASK { BIND(1 AS ?a) BIND(2 AS ?a) }", "line 1, column 31", "has one in this group already"),
        ("CONSTRUCT WHERE { FILTER(?o) ?s ?p ?o }", "line 1, column 19", "nothing but triples"),
        ("", "line 1, column 1", "expected SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("ASK" + "{" * 500, "line 1, column 124", "is nested more than 120 levels deep"),
    ],
)
def test_a_mistake_is_reported_with_its_place(query: str, place: str, told: str) -> None:
    with pytest.raises(QueryError) as error:
        parse_query(query)
    assert error.value.problems[0].where == f"query: {place}"
    assert told in str(error.value)


@pytest.mark.slow
def test_depth_is_bounded_without_an_overflow() -> None:
    for opened in ("(", "!(", "{", "[ex:p ", "<<( ", "STR(", "EXISTS{FILTER("):
        for start in ("ASK{FILTER(", "ASK{?s ?p ", "ASK"):
            with pytest.raises(QueryError):
                parse_query(PROLOGUE + start + opened * 5000)
    assert accepts("ASK{FILTER(1" + "||1" * 5000 + ")}")
    assert accepts("ASK{{}" + "UNION{}" * 5000 + "}")


def test_the_tree_says_what_the_query_says() -> None:
    text = "SELECT ?s (?o AS ?x) { ?s a/ex:p* 'a'@en , 007 . OPTIONAL { ?s ?p ?o FILTER (?o > 1 && !?q) } }"
    query = parse_query(text, {"ex": "http://e/"})
    assert selected_variables(query) == ("s", "x")
    assert query.where is not None
    triples, optional = query.where.elements
    assert isinstance(triples, tree.Triples)
    assert isinstance(optional, tree.Optional)
    first, second = triples.triples
    assert isinstance(first.predicate, tree.Path)
    assert first.predicate.operator == "/"
    assert text[first.predicate.start : first.predicate.end] == "a/ex:p*"
    assert isinstance(first.object, tree.Literal)
    assert (first.object.value, first.object.language) == ("a", "en")
    assert isinstance(second.object, tree.Literal)
    assert second.object.datatype.endswith("#integer")
    condition = optional.group.elements[1]
    assert isinstance(condition, tree.Filter)
    assert text[condition.condition.start : condition.condition.end] == "?o > 1 && !?q"
    assert mentioned(optional) == {"s", "p", "o", "q"}
    assert text[query.where.start : query.where.end] == text[text.index("{") :]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * { ?s ?p ?o }", ["s", "p", "o"]),
        ("SELECT * { ?s ?p ?o MINUS { ?x ?y ?z } FILTER (?w) }", ["s", "p", "o"]),
        ("SELECT * { { SELECT ?b ?a { ?a ?c ?b } } BIND (1 AS ?d) } VALUES ?e { 1 }", ["b", "a", "d", "e"]),
        ("SELECT * { GRAPH ?g { [ ?p (?o) ] ?q [] } OPTIONAL { ?s <urn:a> 1 } }", ["g", "p", "o", "q", "s"]),
        ("SELECT * { { ?a ?b 1 } UNION { ?c ?b 2 } FILTER EXISTS { ?d ?e 3 } }", ["a", "b", "c"]),
    ],
)
def test_variables_in_scope_come_in_the_order_of_the_text(query: str, expected: list[str]) -> None:
    assert sorted(visible_variables(parse_query(query))) == sorted(expected)


class _Generator:
    """Writes queries by the grammar, at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.names = 0

    def one(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def space(self) -> str:
        return self.one(" ", " ", "\n", " # x\r", "\t")

    def term(self) -> str:
        return self.one(
            "?a", "$b", "ex:a", ":x", "<http://x/y>", "1", "-1.5", "1e3", "'a'", '"b"@en', "'c'^^ex:d", "true"
        )

    def resource(self) -> str:
        return self.one("?a", "$b", "ex:a", ":x", "<http://x/y>", "[]", "[ ex:p 1 ]")

    def verb(self) -> str:
        return self.one("?p", "a", "ex:p", "^ex:p", "ex:p/ex:q", "(ex:p|ex:q)*", "!(ex:p|^ex:q)", "ex:p?")

    def triples(self) -> str:
        more = self.one("", " , " + self.term(), " ; ex:q " + self.term())
        return f"{self.resource()} {self.verb()} {self.term()}{more} . "

    def expression(self, depth: int) -> str:
        if depth <= 0:
            return self.term()
        left, right = self.expression(depth - 1), self.expression(depth - 1)
        return self.one(
            f"({left} {self.one('=', '<', '>=', '!=')} {right})",
            f"({left} {self.one('+', '-', '*', '/', '||', '&&')} {right})",
            f"{self.one('!', '-', '+')} ({left})",
            f"({left} {self.one('IN', 'NOT IN')} ({right}))",
            f"{self.one('STR', 'ABS', 'LANG', 'isIRI', 'UCASE')}({left})",
            f"{self.one('CONCAT', 'COALESCE', 'CONTAINS', 'sameTerm')}({left}, {right})",
            f"IF({left}, {right}, 1)",
            f"{self.one('', 'NOT ')}EXISTS {self.group(depth - 1)}",
        )

    def group(self, depth: int) -> str:
        parts = [self.one(self.triples(), "") for _ in range(self.chance.randint(0, 2))]
        if depth > 0:
            self.names += 1
            inner = self.group(depth - 1)
            parts.append(
                self.one(
                    f"OPTIONAL{self.space()}{inner}",
                    f"{inner} UNION {self.group(depth - 1)}",
                    f"MINUS {inner} . ",
                    f"GRAPH ?g {inner}",
                    f"FILTER ({self.expression(depth)})",
                    f"BIND ({self.expression(depth)} AS ?v{self.names})",
                    "VALUES ?a { 1 ex:a UNDEF }",
                    f"{{ SELECT ?a (COUNT(*) AS ?n{self.names}) {inner} GROUP BY ?a }}",
                )
            )
        return "{" + self.space() + "".join(parts) + "}"

    def query(self) -> str:
        return PROLOGUE + self.one(
            f"SELECT *{self.space()}WHERE{self.group(2)}",
            f"SELECT DISTINCT ?a ({self.expression(1)} AS ?w) {self.group(2)} ORDER BY DESC({self.expression(1)})",
            f"ASK{self.group(2)}",
            f"CONSTRUCT {{ ?a ex:p ?b }} WHERE {self.group(2)}",
            f"SELECT ?a (SUM(?b) AS ?w) {self.group(1)} GROUP BY ?a HAVING (COUNT(*) > 1)",
        )


@pytest.mark.slow
def test_what_the_engine_accepts_is_accepted() -> None:
    """The other way round there are differences: the engine refuses more IRIs, and literals as subjects."""
    writer = _Generator(3)
    accepted = refused = 0
    for _ in range(2500):
        query = writer.query()
        if writer.chance.random() < 0.4:
            at = writer.chance.randrange(len(PROLOGUE), len(query))
            query = query[:at] + writer.one("", "(", ")", "}", ";", ".", "?x", "1", "'") + query[at + 1 :]
        if engine_accepts(query):
            accepted += 1
            assert accepts(query), query
        else:
            refused += not accepts(query)
    assert accepted > 1000
    assert refused > 200
