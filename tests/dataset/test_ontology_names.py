"""Whatever a reader meets in the graph has a name in both languages: each predicate, each class, each fixed value."""

from __future__ import annotations

import polars as pl
import pytest

from glocal_rdf import Build, explain
from glocal_rdf.search.labels import preferred_labels
from glocal_rdf.triples import Triples

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
OWL = "<http://www.w3.org/2002/07/owl#"
RDFS_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
PREF_LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
VALUES = ("bound", "rankReason", "networkType", "coverage", "task", "quantity", "workingLanguage")


@pytest.fixture(scope="module")
def whole(built: Build) -> Triples:
    """The graph of the project, and what other sources say."""
    return built.triples.union(*built.named_graphs.values())


@pytest.fixture(scope="module")
def named(built: Build) -> dict[str, set[str]]:
    """The languages in which the ontology names each thing."""
    found: dict[str, set[str]] = {}
    for predicate in (RDFS_LABEL, PREF_LABEL):
        for thing, _, text in built.project.ontology.match(predicate=predicate):
            found.setdefault(thing, set()).add(text.rpartition('"@')[2])
    return found


def nameless(terms: pl.Series, named: dict[str, set[str]]) -> list[str]:
    both = {"en", "zh-Hant"}
    return sorted(term for term in terms.unique() if not term.startswith(OWL) and not named.get(term, set()) >= both)


def test_every_predicate_has_a_name_in_both_languages(whole: Triples, named: dict[str, set[str]]) -> None:
    assert nameless(whole.frame["predicate"], named) == []


def test_every_class_has_a_name_in_both_languages(whole: Triples, named: dict[str, set[str]]) -> None:
    assert nameless(whole.match(predicate=TYPE).frame["object"], named) == []


@pytest.mark.parametrize("name", VALUES)
def test_every_fixed_value_has_a_name_in_both_languages(whole: Triples, named: dict[str, set[str]], name: str) -> None:
    values = whole.match(predicate=f"<https://w3id.org/glocal/ontology#{name}>").frame["object"]
    assert len(values) > 0
    assert nameless(values, named) == []


@pytest.mark.slow
def test_a_thing_is_told_with_names_in_the_readers_language(built: Build) -> None:
    told = explain(built, "taipei")["https://w3id.org/glocal/id/place/taipei"]
    chinese, english = (preferred_labels(built.with_ontology, lang) for lang in ("zh-Hant", "en"))
    predicates = {statement.predicate for statement in told}
    assert len(predicates) > 10
    assert all(chinese[predicate] != english[predicate] for predicate in predicates)
    assert chinese[TYPE] == "類型"
