"""Rules that are evaluated on columns make what a store makes of them, on random rules and data.

More of them with `python tests/sparql/test_rule_joins.py 20000 [first seed]`.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from oracle.compare import KeptProcess

from glocal_rdf.claims import rules as applied
from glocal_rdf.claims.rules import infer_triples
from glocal_rdf.errors import GlocalError
from glocal_rdf.triples import Triples

CASES = 150
PREFIXES = (
    "PREFIX ex: <http://example.org/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
)
NODES = ("ex:a", "ex:b", "ex:c", "ex:d")
PREDICATES = ("ex:p", "ex:q", "ex:r", "a", "rdfs:subClassOf", "ex:inverse")
LITERALS = ('"a"', '"a"@en', '"b"@zh-Hant', "1", '"01"^^xsd:integer', "true", '"1"^^xsd:boolean', "1.50")
VARIABLES = ("?x", "?y", "?z", "?this")


class Generator:
    """Writes random data and rules; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def data(self) -> str:
        triples = [
            f"{self.pick(*NODES)} {self.pick(*PREDICATES)} {self.pick(*NODES, *NODES, *PREDICATES[:3], *LITERALS)} ."
            for _ in range(self.random.randint(4, 30))
        ]
        return PREFIXES + " ".join(triples).replace(" a .", " ex:a .")

    def triples(self) -> str:
        return " ".join(
            f"{self.pick(*VARIABLES, *NODES)} {self.pick(*PREDICATES, *VARIABLES, 'ex:p/ex:q', '^ex:p', 'ex:p+')} "
            f"{self.pick(*VARIABLES, *VARIABLES, *NODES, *LITERALS, '[]')} ."
            for _ in range(self.random.randint(1, 3))
        )

    def condition(self) -> str:
        return self.pick(
            f"isIRI({self.pick(*VARIABLES)})",
            f"isNumeric({self.pick(*VARIABLES)})",
            f"{self.pick(*VARIABLES)} != {self.pick(*VARIABLES, *NODES)}",
            f"STRSTARTS(STR({self.pick(*VARIABLES)}), 'http')",
            f"REGEX(STR({self.pick(*VARIABLES)}), '[a-c]$')",
            f"!BOUND({self.pick(*VARIABLES)})",
            f"NOT EXISTS {{ {self.triples()} }}",
            f"EXISTS {{ {self.triples()} FILTER ({self.pick(*VARIABLES)} = {self.pick(*VARIABLES)}) }}",
        )

    def rule(self) -> str:
        parts = [self.triples()]
        if self.random.random() < 0.6:
            parts.append(f"FILTER ({self.condition()})")
        if self.random.random() < 0.3:
            parts.append(f"VALUES {self.pick(*VARIABLES)} {{ {' '.join(self.random.sample(NODES, 2))} }}")
        if self.random.random() < 0.3:
            parts.insert(0, f"{{ {self.triples()} }} UNION {{ {self.triples()} FILTER ({self.condition()}) }}")
        if self.random.random() < 0.2:
            parts.append(f"OPTIONAL {{ {self.triples()} }}")
        if self.random.random() < 0.1:
            parts.append(f"BIND (COALESCE({self.pick(*VARIABLES)}, {self.pick(*NODES)}) AS ?new)")
        verbs = ("ex:p", "ex:q", "ex:new", *VARIABLES)
        made = " ".join(
            f"{self.pick(*VARIABLES)} {self.pick(*verbs)} {self.pick(*VARIABLES, '?new')} ."
            for _ in range(self.random.randint(1, 2))
        )
        return f"{PREFIXES} CONSTRUCT {{ {made} }} WHERE {{ {' '.join(parts)} }}"


def say(data: Triples, rules: dict[str, str], kept: KeptProcess) -> object:
    """Say what rules make, or that they may not make it."""
    try:
        return sorted(infer_triples(data, rules)[0])
    except GlocalError as error:
        return type(error).__name__, "which is not an IRI" in str(error)
    finally:
        kept.close()


def differ(seed: int, kept: KeptProcess, joined: list[bool]) -> str:
    """Say where columns and a store differ on the case of a seed; nothing where they agree."""
    generator = Generator(seed)
    data = Triples.parse(generator.data(), "turtle")
    rules = {f"rule{number}": generator.rule() for number in range(generator.random.randint(1, 3))}
    started: list[bool] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(applied, "StoreProcess", lambda: (started.append(True), kept)[1])
        one = say(data, rules, kept)
        joined.append(not started)
        patch.setattr(applied, "fits_construction", lambda _: False)
        other = say(data, rules, kept)
    return "" if one == other else f"{seed}: {generator.data()}\n{rules}\ncolumns: {one}\nstore: {other}"


@pytest.mark.slow
def test_columns_and_a_store_make_the_same_of_random_rules() -> None:
    joined: list[bool] = []
    kept = KeptProcess()
    assert [found for seed in range(CASES) if (found := differ(seed, kept, joined))] == []
    kept.end()
    assert sum(joined) > CASES / 3


if __name__ == "__main__":
    seen: list[bool] = []
    only = KeptProcess()
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for seed in range(first, first + int(sys.argv[1])):
        if found := differ(seed, only, seen):
            print(found, flush=True)
    print(f"{sum(seen)} of {len(seen)} on columns")
    os._exit(0)
