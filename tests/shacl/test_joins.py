"""Joins of columns and the store give the same results, on random queries and data.

The queries are of the kind that `sparql.joins` evaluates. Some hundred of them here; more with
`python tests/shacl/test_joins.py 20000 [first seed]`.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from conftest import FULL
from oracle.compare import KeptProcess
from shacl_checks import graph

from glocal_rdf.shacl import validate
from glocal_rdf.shacl.sparql.store import SparqlStore
from glocal_rdf.sparql.execution import process
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.joins import patterns
from glocal_rdf.triples import Triples

CASES = 1500 if FULL else 400 if os.environ.get("CI") == "true" else 150
NODES = ("ex:a", "ex:b", "ex:c", "ex:d", "ex:e")
PREDICATES = ("ex:p", "ex:q", "ex:r", "rdf:type", "rdfs:subClassOf")
CLASSES = ("ex:C", "ex:D", "ex:E")
LITERALS = (
    '"a"',
    '"ab"',
    '"a"@en',
    '"b"@zh-Hant',
    "1",
    "2",
    "10",
    '"01"^^xsd:integer',
    '"x"^^ex:T',
    '""',
    '"1999"^^xsd:gYear',
    "1.50",
    "true",
    '"ΑΣ a.b"',
)
VARIABLES = ("x", "y", "z", "w")
REGULAR = ("a", "^.b?$", "[^a-z]", "(", ".*", "A|b", r"\\.", "")


class Generator:
    """Writes a random graph and a random query; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def data(self) -> str:
        lines = []
        for _ in range(self.random.randint(5, 40)):
            predicate = self.pick(*PREDICATES)
            if predicate == "rdf:type":
                value = self.pick(*CLASSES)
            elif predicate == "rdfs:subClassOf":
                lines.append(f"{self.pick(*CLASSES)} {predicate} {self.pick(*CLASSES)} .")
                continue
            else:
                value = self.pick(*NODES, *NODES, *LITERALS, "_:n")
            lines.append(f"{self.pick(*NODES, '_:n')} {predicate} {value} .")
        return "ex:a a ex:C .\n" + "\n".join(lines)

    def variable(self) -> str:
        return f"?{self.pick('this', *VARIABLES)}"

    def term(self) -> str:
        return self.pick(self.variable(), self.variable(), self.variable(), self.pick(*NODES, *CLASSES), "[]")

    def object(self) -> str:
        return self.term() if self.chance(0.9) else self.pick("1", "true", '"a"', '"01"^^xsd:integer', '"a"@en')

    def path(self) -> str:
        return self.pick(
            *PREDICATES,
            *PREDICATES,
            self.variable(),
            f"{self.pick(*PREDICATES)}/{self.pick(*PREDICATES)}",
            f"^{self.pick(*PREDICATES)}",
            f"{self.pick(*PREDICATES)}|{self.pick(*PREDICATES)}",
            "rdf:type/rdfs:subClassOf*",
            f"({self.pick(*PREDICATES)}|^ex:p)+",
        )

    def triples(self) -> str:
        written = []
        for _ in range(self.random.randint(1, 3)):
            written.append(f"{self.term()} {self.path()} {self.object()} .")
        return " ".join(written)

    def computed(self) -> str:
        """A text of other texts."""
        return self.pick(
            f"{self.pick('LCASE', 'UCASE')}({self.text()})",
            f"STR(COALESCE({self.variable()}, {self.variable()}, {self.pick(*NODES)}))",
            f'REPLACE({self.text()}, "{self.pick(*REGULAR)}", "{self.pick("", "x", "$0")}")',
            f"{self.pick('STRAFTER', 'STRBEFORE')}({self.text()}, {self.text()})",
            self.pick("?text0", "?text1"),
        )

    def text(self) -> str:
        if self.chance(0.2):
            return self.computed()
        return self.pick(
            f"STR({self.variable()})",
            f"STR({self.variable()})",
            f"LANG({self.variable()})",
            '"a"',
            '"http://example.org/"',
            f'CONCAT(STR({self.variable()}), "a")',
            f'STRAFTER(STR({self.variable()}), "org/")',
            f'STRBEFORE(STR({self.variable()}), "b")',
        )

    def condition(self, depth: int = 0) -> str:
        choice = self.random.randint(-2, 11 if depth < 2 else 7)
        match choice:
            case -2:
                flags = self.pick("", "", ', "i"')
                pattern = self.pick(*(f'"{one}"' for one in REGULAR), self.text())
                return f"REGEX({self.text()}, {pattern}{flags})"
            case -1:
                return f"{self.pick('isNumeric', '!isNumeric')}({self.variable()})"
            case 0 | 1:
                return f"{self.variable()} {self.pick('=', '!=')} {self.pick(self.variable(), *NODES)}"
            case 2:
                return f"{self.variable()} {self.pick('<', '<=', '>', '>=')} {self.variable()}"
            case 3:
                return f"{self.text()} {self.pick('=', '!=', '<', '<=', '>', '>=')} {self.text()}"
            case 4:
                return f"{self.pick('STRSTARTS', 'STRENDS', 'CONTAINS')}({self.text()}, {self.text()})"
            case 5:
                return f"{self.pick('isIRI', 'isBlank', 'isLiteral')}({self.variable()})"
            case 6:
                return f"{self.pick('', '!')}BOUND({self.variable()})"
            case 7:
                return f"{self.variable()} {self.pick('IN', 'NOT IN')} ({', '.join(self.random.sample(NODES, 2))})"
            case 8:
                return f"({self.condition(depth + 1)} {self.pick('&&', '||')} {self.condition(depth + 1)})"
            case 9:
                return f"!({self.condition(depth + 1)})"
            case _:
                return f"{self.pick('', 'NOT ')}EXISTS {self.group(depth + 1)}"

    def filter(self, depth: int) -> str:
        return f"FILTER ({self.condition(depth)})"

    def group(self, depth: int = 0) -> str:
        parts = [self.triples()]
        if self.chance(0.6):
            parts.append(self.filter(depth))
        if depth < 2 and self.chance(0.4):
            parts.append(f"OPTIONAL {self.group(depth + 1)}")
            if self.chance(0.5):
                parts.append(f"FILTER (!BOUND({self.variable()}))")
        if depth < 2 and self.chance(0.3):
            parts.append(f"{self.group(depth + 1)} UNION {self.group(depth + 1)}")
        if self.chance(0.1):
            parts.append(f"BIND ({self.variable()} AS ?copy{depth}{self.random.randint(0, 99)})")
        if depth < 2 and self.chance(0.25):
            parts.append(f"BIND ({self.computed()} AS ?text{depth})")
            if self.chance(0.5):
                parts.append(self.filter(depth))
        if self.chance(0.2):
            parts.append(self.triples())
        if self.chance(0.15):
            self.random.shuffle(parts)
        return "{ " + " ".join(parts) + " }"

    def query(self) -> str:
        selection = self.pick(
            "$this", "$this ?x", "$this (?x AS ?value)", "$this ?y (ex:p AS ?path)", "$this (?text0 AS ?value)"
        )
        return f"SELECT {self.pick('', 'DISTINCT ')}{selection} WHERE {self.group()}"

    def shapes(self) -> str:
        target = self.pick("sh:targetClass ex:C", "sh:targetSubjectsOf ex:p", f"sh:targetNode {', '.join(NODES)}")
        query = self.query().replace("\\", "\\\\").replace('"', '\\"')
        return (
            "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] ,"
            " [ sh:prefix 'rdf' ; sh:namespace 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'^^xsd:anyURI ] ,"
            " [ sh:prefix 'rdfs' ; sh:namespace 'http://www.w3.org/2000/01/rdf-schema#'^^xsd:anyURI ] ,"
            " [ sh:prefix 'xsd' ; sh:namespace 'http://www.w3.org/2001/XMLSchema#'^^xsd:anyURI ] . "
            f'ex:S a sh:NodeShape ; {target} ; sh:sparql [ sh:prefixes ex: ; sh:select "{query}" ] .'
        )


def say(data: Triples, shapes: Triples, ontology: Triples | None) -> list[tuple[object, ...]]:
    report = validate(data, shapes, ontology=ontology)
    return sorted((r.focus, r.value or "", str(r.path or "")) for r in report.results)


def differ(seed: int, joined: list[bool]) -> str:
    """Say where joins and the store differ on the case of a seed; nothing where they agree."""
    generator = Generator(seed)
    written, constraint = generator.data(), generator.shapes()
    data, shapes = graph(written), graph(constraint)
    ontology = graph("ex:D rdfs:subClassOf ex:C .") if generator.chance(0.5) else None
    real = SparqlStore._join

    def watch(self: SparqlStore, *arguments: object) -> object:
        found = real(self, *arguments)  # type: ignore[arg-type]
        joined.append(found is not None)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SparqlStore, "_join", watch)
        if seed % 2:
            # What is only done where rows are many, is done always.
            patch.setattr(patterns, "_FEW", 1e9)
            patch.setattr(patterns.PatternMatcher, "_is_large", lambda _, one, __: isinstance(one.predicate, tree.Iri))
        one = say(data, shapes, ontology)
        patch.setattr(SparqlStore, "_join", lambda *_: None)
        other = say(data, shapes, ontology)
    return "" if one == other else f"{seed}: {written}\n{constraint}\njoins: {one}\nstore: {other}"


DATA = """ex:a a ex:C ; ex:p ex:b , ex:c ; ex:n 2 . ex:b a ex:C ; ex:p ex:c ; ex:n 10 ; ex:l "x"@en .
ex:c a ex:C ; ex:l "x"@zh-Hant . ex:D rdfs:subClassOf ex:C . ex:d a ex:D ; ex:p ex:d ."""


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("$this ex:p ?x . ?x ex:p ?y", "a d"),
        ("$this ex:p/ex:p ?y", "a d"),
        ("$this ^ex:p ?y", "b c c d"),
        ("$this a/rdfs:subClassOf* ex:C FILTER NOT EXISTS { $this ex:p ?x }", "c"),
        ("$this ex:p+ ex:c FILTER (STR($this) < 'http://example.org/b')", "a"),
        # A pattern without a variable is there, or is not.
        ("$this a ex:C . ex:a ex:p ex:b", "a b c"),
        ("$this a ex:C . ex:b ex:p ex:a", ""),
        # A variable that OPTIONAL leaves without a value gets one from what comes after.
        ("$this a ex:C OPTIONAL { $this ex:none ?z } FILTER (?z != ex:a) ?z ex:p ex:c", "a b c"),
        ("$this a ex:C OPTIONAL { $this ex:p ?x FILTER (?x = ex:b) } FILTER (!BOUND(?x))", "b c"),
        ("$this ex:n ?n . ?other ex:n ?more FILTER (?n < ?more)", "a"),
        ("$this ex:l ?l . ?other ex:l ?m FILTER (LANG(?l) = 'en' && LANG(?m) != 'en' && STR(?l) = STR(?m))", "b"),
        ("$this a ex:C { $this ex:n ?x } UNION { $this ex:l ?x }", "a b b c"),
        ("$this a ex:C FILTER (!(?nothing = ex:a))", ""),
        ("$this a ex:C FILTER (!(?nothing = ex:a) || $this IN (ex:b))", "b"),
    ],
)
@pytest.mark.usefixtures("kept_process")
def test_solutions_are_those_of_the_specification(where: str, wanted: str) -> None:
    """Each solution is a result, so that a focus node has as many as the query has solutions for it."""
    query = f"SELECT $this WHERE {{ {where} }}".replace('"', '\\"')
    shapes = graph(
        "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] ,"
        " [ sh:prefix 'rdfs' ; sh:namespace 'http://www.w3.org/2000/01/rdf-schema#'^^xsd:anyURI ] . "
        "ex:S a sh:NodeShape ; sh:targetNode ex:a, ex:b, ex:c, ex:d ;"
        f' sh:sparql [ sh:prefixes ex: ; sh:select "{query}" ] .'
    )
    results = validate(graph(DATA), shapes, max_results=None).results
    assert sorted(one.focus[-2] for one in results) == wanted.split()


def test_what_shares_several_values_is_found_without_all_that_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 401 claims 20 share a passage, and 20 a subject: pairs of either are 8,000, and those of both few."""
    places = [(n % 20, n // 20) for n in range(400)]
    claims = "".join(
        f"ex:c{n} a ex:C ; ex:from ex:p{one} ; ex:about ex:s{other} ."
        for n, (one, other) in enumerate([*places, places[7]])
    )
    query = (
        "SELECT $this ?value WHERE { $this ex:from ?p ; ex:about ?s . ?value ex:from ?p ; ex:about ?s"
        " FILTER (STR($this) < STR(?value)) }"
    )
    shapes = graph(
        "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] ."
        f" ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select '{query}' ] ."
    )
    monkeypatch.setattr(patterns, "MAX_ROWS", 1000)
    monkeypatch.setattr(patterns, "_CHEAP", 0)
    monkeypatch.setattr(process, "StoreProcess", None)
    found = validate(graph(claims), shapes, max_results=None).results
    assert [(one.focus, one.value) for one in found] == [("<http://example.org/c400>", "<http://example.org/c7>")]


def test_what_shares_a_variable_that_nobody_needs_is_found_without_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 400 claims all have one role, so that pairs of claims are 160,000; its translations are two."""
    claims = "".join(f"ex:c{n} a ex:C ; ex:en 'member' ; ex:zh '{'YX'[n == 7]}' ." for n in range(400))
    query = (
        "SELECT DISTINCT $this ?value WHERE { $this ex:zh ?value ; ex:en ?role . ?claim ex:en ?role ; ex:zh ?more"
        " FILTER (STR(?value) < STR(?more)) }"
    )
    shapes = graph(
        "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/'^^xsd:anyURI ] ."
        f" ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select '{query}' ] ."
    )
    monkeypatch.setattr(patterns, "MAX_ROWS", 3000)
    monkeypatch.setattr(patterns, "_CHEAP", 0)
    monkeypatch.setattr(process, "StoreProcess", None)
    found = validate(graph(claims), shapes, max_results=None).results
    assert {(one.focus, one.value) for one in found} == {("<http://example.org/c7>", '"X"')}


@pytest.mark.slow
@pytest.mark.usefixtures("kept_process")
def test_joins_and_the_store_agree_on_random_queries() -> None:
    joined: list[bool] = []
    assert [found for seed in range(CASES) if (found := differ(seed, joined))] == []
    assert sum(joined) > CASES / 3, "the queries are mostly those that joins evaluate"


if __name__ == "__main__":
    only = KeptProcess()
    process.StoreProcess = lambda: only  # type: ignore[assignment,misc]
    seen: list[bool] = []
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for seed in range(first, first + int(sys.argv[1])):
        if found := differ(seed, seen):
            print(found, flush=True)
    print(f"{sum(seen)} of {len(seen)} by joins")
    os._exit(0)
