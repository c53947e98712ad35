"""On a cluster, claims and rules give the triples of one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from glocal_rdf.claims import ranking
from glocal_rdf.claims.rules import apply_rules
from glocal_rdf.errors import GlocalError, InputError
from glocal_rdf.operations.build import build
from glocal_rdf.operations.cluster_rules import infer_on_cluster, plan_rules
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples
from glocal_rdf.vocabulary import NARROWING, glocal

if TYPE_CHECKING:
    from glocal_rdf.cluster import Cluster

PREFIXES = "PREFIX ex: <http://example.org/> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
TRIPLE = ["subject", "predicate", "object"]


def read_back(cluster: Cluster, frame: object) -> Triples:
    return Triples(cluster.collect(frame).select(TRIPLE))  # type: ignore[arg-type]


@pytest.mark.parametrize("buckets", [pytest.param(1, marks=pytest.mark.long), pytest.param(6, marks=pytest.mark.slow)])
def test_the_bundled_project_is_built_alike(cluster: Cluster, buckets: int) -> None:
    from glocal_rdf.operations.cluster_build import build_on_cluster

    project = Project.bundled()
    here, there = build(project), build_on_cluster(cluster, project, buckets=buckets)
    assert there.triples.serialize("turtle", there.prefixes) == here.triples.serialize("turtle", here.prefixes)
    assert (len(there.truthy), len(there.inferred)) == (len(here.truthy), len(here.inferred))
    assert there.triples.frame.height == here.triples.frame.height


@pytest.mark.slow
def test_truthy_statements_are_those_of_the_best_ranked_claims(cluster: Cluster) -> None:
    from glocal_rdf.operations.cluster_build import derive_truthy

    ranks = [None, ranking.PREFERRED, ranking.NORMAL, ranking.DEPRECATED]
    rows = []
    for number in range(60):
        claim = f"<http://example.org/claim{number}>"
        rows += [
            (claim, ranking.SUBJECT, f"<http://example.org/s{number % 7}>"),
            (claim, ranking.PREDICATE, "_:odd" if number == 40 else f"<http://example.org/p{number % 3}>"),
            (claim, ranking.OBJECT, f'"{number % 5}"'),
        ]
        if rank := ranks[(number // 7) % 4]:
            rows.append((claim, ranking.RANK, rank))
        if number % 11 == 0:
            rows.append((claim, glocal(NARROWING[number % len(NARROWING)]), '"x"'))
        if number % 13 == 0:
            rows.append((claim, ranking.OBJECT, '"another"'))
    claims = Triples.from_terms(rows)
    narrowing = [glocal(name) for name in NARROWING]
    found = read_back(cluster, derive_truthy(cluster.distribute(claims.frame), narrowing))
    expected = ranking.derive_truthy(claims)
    assert 0 < len(expected) < 60
    assert found.sort().frame.equals(expected.sort().frame)


RULES = {
    "inverse": "CONSTRUCT { ?o ?i ?s } WHERE { ?p ex:inverse ?i . ?s ?p ?o FILTER (isIRI(?o)) }",
    "chain": "CONSTRUCT { ?a ex:far ?b } WHERE { ?a ex:part ?x . ?b ex:label ?l . ?b a ex:Known . ?a ex:label ?l }",
    "top": "CONSTRUCT { ?x a ex:Top } WHERE { ?x a ex:Thing FILTER NOT EXISTS { ?y ex:whole ?x } "
    "FILTER NOT EXISTS { ?x ex:part ?z } }",
    "typed": "CONSTRUCT { ?x a ex:Thing } WHERE { { ?x ex:part ?y } UNION { ?y ex:part ?x } }",
}
DATA = "ex:part ex:inverse ex:whole . ex:k a ex:Known ; ex:label 'l' . ex:lonely a ex:Thing . " + " ".join(
    f"ex:n{n} ex:part ex:n{n + 1}, ex:n{(n * 7) % 20} ; ex:label 'l', '{n}' ." for n in range(20)
)


@pytest.mark.parametrize("buckets", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_rules_add_what_they_add_on_one_machine(cluster: Cluster, buckets: int) -> None:
    from glocal_rdf.cluster.keeping import keep_rows

    rules = {name: PREFIXES + text for name, text in RULES.items()}
    data = Triples.parse(PREFIXES + DATA, "turtle")
    with keep_rows(cluster) as keeper:
        rows = keeper.keep(cluster.distribute(data.frame))
        found = infer_on_cluster(cluster, keeper, data, rows, plan_rules(rules), buckets=buckets)
    expected = apply_rules(data, rules)
    assert found.sort().frame.equals(expected.sort().frame)
    assert set(expected.frame["predicate"].unique()) > {"<http://example.org/far>", "<http://example.org/whole>"}
    assert expected.frame.filter(pl.col("object") == "<http://example.org/Top>").height > 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p+ ?o }", "property path"),
        ("CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o OPTIONAL { ?o ex:r ?x } }", "more than patterns"),
        ("CONSTRUCT { ?s ex:q ?b } WHERE { ?s ?p ?x . ?x ?r ?b }", "no variable of it"),
        ("SELECT * WHERE { ?s ?p ?o }", "not a CONSTRUCT query"),
        ("CONSTRUCT { ?s ex:q", "line 1"),
    ],
)
def test_a_rule_that_is_not_cut_is_refused_by_its_name(text: str, reason: str) -> None:
    with pytest.raises(GlocalError) as caught:
        plan_rules({"odd": PREFIXES + text})
    assert "ontology/rules/odd.rq" in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.slow
def test_what_a_rule_makes_is_checked_on_the_workers(cluster: Cluster) -> None:
    from glocal_rdf.cluster.keeping import keep_rows

    data = Triples.parse(PREFIXES + "ex:a ex:p 'text' .", "turtle")
    literal = plan_rules({"odd": PREFIXES + "CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }"})
    with keep_rows(cluster) as keeper:
        rows = keeper.keep(cluster.distribute(data.frame))
        with pytest.raises(InputError, match=r"ontology/rules/odd.rq.*makes \"text\""):
            infer_on_cluster(cluster, keeper, data, rows, literal, buckets=2)
