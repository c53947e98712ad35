"""A query without results says whether it has a mistake: an unknown term, an empty class, a tag in other letters."""

from __future__ import annotations

import pytest
from conftest import Run

from glocal_rdf import Build, Triples, explain_empty_answer
from glocal_rdf.operations.query_hints import find_tag_mistakes

GRAPH = Triples.parse(
    """@prefix : <urn:x:> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
:City a owl:Class . :Town a owl:Class . :name a owl:DatatypeProperty .
:taipei a :City ; :name "臺北"@zh-Hant, "Taipei"@en .""",
    "turtle",
)


@pytest.mark.parametrize(
    ("pattern", "warning"),
    [
        ("?s <urn:x:nam> ?o", "<urn:x:nam> does not occur in the data; did you mean <urn:x:name>?"),
        ("?s <urn:x:City> ?o", "<urn:x:City> is the predicate of no triple in the data"),
        ("?s <urn:x:name>/<urn:x:Town> ?o", "<urn:x:Town> is the predicate of no triple in the data"),
        ("?s a <urn:x:Town>", "<urn:x:Town> is a class without members in the data"),
        (
            '?s <urn:x:name> ?o FILTER (LANG(?o) = "zh-hant")',
            'the language tag "zh-hant" in these letters; write "zh-Hant", or langMatches(LANG(…), "zh-hant")',
        ),
        (
            '?s ?p ?o FILTER ("ZH" = LANG(?o))',
            'has the language tag "ZH"; write langMatches(LANG(…), "ZH"), which matches',
        ),
        ('?s ?p ?o FILTER (LANG(?o) IN ("fr", "de"))', 'has the language tag "fr"; the data have en, zh-Hant'),
        ('VALUES ?l { "EN" } ?s ?p ?o FILTER (LANG(?o) = ?l)', 'write "en", or langMatches'),
    ],
)
def test_a_mistake_is_named(pattern: str, warning: str) -> None:
    texts = [str(problem) for problem in explain_empty_answer(GRAPH, f"SELECT * {{ {pattern} }}")]
    assert any(warning in text for text in texts), texts


@pytest.mark.parametrize(
    "pattern",
    [
        "?s a <urn:x:City> ; <urn:x:name> 1",
        "?s ?p ?o FILTER NOT EXISTS { ?s a <urn:x:Town> } FILTER (?o = 1)",
        '?s <urn:x:name> ?o FILTER (langMatches(LANG(?o), "ZH") && ?o = 1)',
        '?s <urn:x:name> ?o FILTER (LANG(?o) = "en" && LANG(?o) = "")',
        '?s <urn:x:name> ?o FILTER (LANG(?o) != "fr" && ?o = 1)',
    ],
)
def test_what_is_only_not_there_is_no_mistake(pattern: str) -> None:
    assert explain_empty_answer(GRAPH, f"SELECT * {{ {pattern} }}") == ()


@pytest.mark.slow
def test_a_tag_in_other_letters_is_named_where_only_a_column_is_empty(run: Run, built: Build) -> None:
    optional = 'OPTIONAL { place:taipei skos:prefLabel ?name FILTER (LANG(?name) = "zh-hant") }'
    query = f"SELECT * {{ place:taipei a glocal:City {optional} }}"
    assert len(find_tag_mistakes(built, query)) == 1
    result = run("query", "--text", query)
    assert result.exit_code == 0
    assert 'write "zh-Hant", or langMatches' in result.stderr
    assert "No results" not in result.stderr


def test_an_endpoint_is_asked_for_predicates_and_classes(run: Run, endpoint: str) -> None:
    result = run(
        "query", "--source", endpoint, "--text", "SELECT * { ?s <https://example.org/sinse> ?o ; a <urn:none> }"
    )
    assert result.exit_code == 0
    assert "the predicate <https://example.org/sinse> is in no triple of the endpoint" in result.stderr
    assert "the class <urn:none> is in no triple of the endpoint" in result.stderr
    known = run("query", "--source", endpoint, "--text", "SELECT * { ?s <https://example.org/since> 1 }")
    assert "warning" not in known.stderr
