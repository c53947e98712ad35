"""The concepts are a thesaurus: valid by SKOS, and without what qSKOS lists as issues.

The conditions are numbered as in the SKOS Reference (S9, S13, …); the issues have the names that qSKOS gives them. Each
test lists its offenders by notation or name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import pytest

from glocal_rdf import Build
from glocal_rdf.namespaces import SKOS
from glocal_rdf.triples import Triples

BASE = "https://w3id.org/glocal/id/"
OWL_DEPRECATED = "<http://www.w3.org/2002/07/owl#deprecated>"
REPLACED = "<http://purl.org/dc/terms/isReplacedBy>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
KINDS = ("theme", "trend", "impact", "strategy", "means")
MUCH_USED = 5
"""A concept with so many claims needs a definition."""
LABELS = ("prefLabel", "altLabel", "hiddenLabel")
MAPPINGS = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
CHANGED_SINCE_RELEASE = {"zero-sum-competition": "zero-sum-game"}

Pairs = Mapping[str, set[str]]


@dataclass(frozen=True)
class Thesaurus:
    """The concepts of the five kinds in a graph, and how they hang together."""

    graph: Triples

    def pairs(self, name: str) -> Pairs:
        """Return what each subject has by a property of SKOS."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for subject, _, value in self.graph.match(predicate=f"<{SKOS}{name}>"):
            found[subject].add(value)
        return found

    @cached_property
    def given_up(self) -> set[str]:
        return {subject for subject, _, _ in self.graph.match(predicate=OWL_DEPRECATED)}

    @cached_property
    def concepts(self) -> set[str]:
        schemes = {f"<{BASE}scheme/{kind}>" for kind in KINDS}
        members = {subject for subject, values in self.pairs("inScheme").items() if values & schemes}
        return members - self.given_up

    @cached_property
    def broader(self) -> Pairs:
        return self.pairs("broader")

    @cached_property
    def related(self) -> Pairs:
        return self.pairs("related")

    def above(self, concept: str) -> set[str]:
        """Return all concepts above one, as far up as the hierarchy goes."""
        found: set[str] = set()
        open_ = set(self.broader.get(concept, ()))
        while open_:
            found |= open_
            open_ = {wider for each in open_ for wider in self.broader.get(each, ())} - found
        return found

    @cached_property
    def uses(self) -> Counter[str]:
        """How many claims have each concept as subject or object."""
        space = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        own = {f"<{SKOS}{name}>" for name in (*LABELS, "definition", "broader")}  # names, or of the hierarchy itself
        of_names = {claim for claim, _, value in self.graph.match(predicate=f"{space}predicate>") if value in own}
        claims = {
            (claim, value)
            for place in ("subject", "object")
            for claim, _, value in self.graph.match(predicate=f"{space}{place}>")
            if claim not in of_names
        }
        return Counter(value for _, value in claims)


@pytest.fixture(scope="module")
def thesaurus(built: Build) -> Thesaurus:
    return Thesaurus(built.triples)


def named(concepts: Iterable[str]) -> list[str]:
    return sorted(concept.removeprefix(f"<{BASE}").rstrip(">") for concept in concepts)


def text(literal: str) -> str:
    return literal.rpartition('"')[0][1:]


def language(literal: str) -> str:
    return literal.rpartition('"')[2].removeprefix("@")


# The hierarchy


def test_every_concept_stands_under_one_of_some_twenty_top_concepts(thesaurus: Thesaurus) -> None:
    tops = {concept for concept in thesaurus.concepts if not thesaurus.broader.get(concept)}
    assert 20 <= len(tops) <= 29
    assert named(c for c in thesaurus.concepts - tops if not thesaurus.above(c) & tops) == []
    by_kind = Counter(top.removeprefix(f"<{BASE}").split("/")[0] for top in tops)
    assert by_kind == {"theme": 13, "trend": 3, "impact": 2, "strategy": 2, "means": 4}


def test_top_concepts_are_stated_and_have_none_above_them(thesaurus: Thesaurus) -> None:
    """qSKOS: omitted top concepts, top concepts having broader concepts."""
    stated = {c for c in thesaurus.pairs("topConceptOf") if c in thesaurus.concepts}
    assert named(stated ^ {c for c in thesaurus.concepts if not thesaurus.broader.get(c)}) == []
    of_schemes = {top for tops in thesaurus.pairs("hasTopConcept").values() for top in tops} & thesaurus.concepts
    assert named(of_schemes ^ stated) == []


def test_no_concept_is_above_itself(thesaurus: Thesaurus) -> None:
    """qSKOS: cyclic hierarchical relations."""
    assert named(c for c in thesaurus.concepts if c in thesaurus.above(c)) == []


def test_no_hierarchy_is_redundant(thesaurus: Thesaurus) -> None:
    """qSKOS: hierarchical redundancy, a broader concept that another broader one stands under."""
    redundant = []
    for concept in thesaurus.concepts:
        wider = thesaurus.broader.get(concept, set())
        redundant += [(concept, each) for each in wider if any(each in thesaurus.above(other) for other in wider)]
    assert [named(pair) for pair in redundant] == []


def test_what_is_related_does_not_stand_above(thesaurus: Thesaurus) -> None:
    """S27: related concepts are disjoint from those above, as far up as the hierarchy goes."""
    clashes = [(c, o) for c in thesaurus.concepts for o in thesaurus.related.get(c, set()) & thesaurus.above(c)]
    assert [named(pair) for pair in clashes] == []


def test_relations_hold_both_ways(thesaurus: Thesaurus) -> None:
    """qSKOS: unidirectionally related concepts."""
    narrower = thesaurus.pairs("narrower")
    one_way = [(c, w) for c in thesaurus.concepts for w in thesaurus.broader.get(c, ()) if c not in narrower[w]]
    one_way += [
        (n, c) for c in thesaurus.concepts for n in narrower.get(c, ()) if c not in thesaurus.broader.get(n, ())
    ]
    related = thesaurus.related
    one_way += [(c, o) for c in thesaurus.concepts for o in related.get(c, ()) if c not in related.get(o, ())]
    assert [named(pair) for pair in one_way] == []


def test_no_concept_leads_to_itself(thesaurus: Thesaurus) -> None:
    """qSKOS: reflexively related concepts."""
    for name in ("broader", "narrower", "related", *MAPPINGS):
        assert named(c for c, to in thesaurus.pairs(name).items() if c in to) == [], name


def test_siblings_are_not_related_once_more(thesaurus: Thesaurus) -> None:
    """qSKOS: valueless associative relations; those that a document states are kept."""
    claimed = {
        frozenset((s, o))
        for claim, _, _ in thesaurus.graph.match(
            predicate="<http://www.w3.org/1999/02/22-rdf-syntax-ns#predicate>", object=f"<{SKOS}related>"
        )
        for _, _, s in thesaurus.graph.match(
            subject=claim, predicate="<http://www.w3.org/1999/02/22-rdf-syntax-ns#subject>"
        )
        for _, _, o in thesaurus.graph.match(
            subject=claim, predicate="<http://www.w3.org/1999/02/22-rdf-syntax-ns#object>"
        )
    }
    pairs = {frozenset((c, o)) for c, to in thesaurus.related.items() for o in to}
    siblings = [
        pair for pair in pairs - claimed if set.intersection(*(set(thesaurus.broader.get(each, ())) for each in pair))
    ]
    assert [named(pair) for pair in siblings] == []


def test_no_concept_stands_alone(thesaurus: Thesaurus) -> None:
    """qSKOS: orphan concepts, and disconnected concept clusters."""
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for relation in (thesaurus.broader, thesaurus.related):
        for concept, others in relation.items():
            if concept in thesaurus.concepts:
                for other in others & thesaurus.concepts:
                    neighbours[concept].add(other)
                    neighbours[other].add(concept)
    assert named(thesaurus.concepts - set(neighbours)) == []
    reached, open_ = set(), {min(thesaurus.concepts)}
    while open_:
        reached |= open_
        open_ = {other for each in open_ for other in neighbours[each]} - reached
    assert named(thesaurus.concepts - reached) == []


# Labels


def test_every_concept_has_one_preferred_label_in_each_language(thesaurus: Thesaurus) -> None:
    """S14; qSKOS: missing labels, inconsistent preferred labels, incomplete language coverage."""
    labels = thesaurus.pairs("prefLabel")
    wrong = [c for c in thesaurus.concepts if sorted(map(language, labels[c])) != ["en", "zh-Hant"]]
    assert named(wrong) == []


def test_a_label_is_of_one_kind(thesaurus: Thesaurus) -> None:
    """S13: preferred, other and hidden labels of a concept are disjoint."""
    kinds = [thesaurus.pairs(name) for name in LABELS]
    wrong = [c for c in thesaurus.concepts for a, b in combinations(kinds, 2) if a.get(c, set()) & b.get(c, set())]
    assert named(wrong) == []


def test_no_two_concepts_have_one_preferred_label(thesaurus: Thesaurus) -> None:
    """qSKOS: overlapping labels, here over all five schemes."""
    owners: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for concept, labels in thesaurus.pairs("prefLabel").items():
        if concept in thesaurus.concepts:
            for label in labels:
                owners[text(label).casefold(), language(label)].add(concept)
    assert {label: named(of) for label, of in owners.items() if len(of) > 1} == {}


def test_labels_overlap_only_as_the_documents_write_them(thesaurus: Thesaurus) -> None:
    """qSKOS: ambiguous labels in one scheme; a document uses one word of two things in these places."""
    owners: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for name in LABELS:
        for concept, labels in thesaurus.pairs(name).items():
            if concept in thesaurus.concepts:
                kind = concept.removeprefix(f"<{BASE}").split("/")[0]
                for label in labels:
                    owners[kind, text(label).casefold(), language(label)].add(concept)
    shared = {label[1]: named(of) for label, of in owners.items() if len(of) > 1}
    assert shared == {"安全": ["theme/safety", "theme/security"]}


def test_texts_have_their_language_and_can_be_printed(thesaurus: Thesaurus) -> None:
    """qSKOS: omitted or invalid language tags, empty labels, unprintable characters."""
    wrong = []
    for name in (*LABELS, "definition", "scopeNote"):
        for concept, values in thesaurus.pairs(name).items():
            if concept in thesaurus.concepts:
                wrong += [
                    (concept, value)
                    for value in values
                    if language(value) not in {"en", "zh-Hant", "fr"}
                    or not text(value).strip()
                    or not value.isprintable()
                ]
    assert wrong == []


def test_labels_read_well_aloud(thesaurus: Thesaurus) -> None:
    """No label is a sentence, opens with a capital without being a name, or ends in a stop."""
    odd = re.compile(r"[.;:]$|: |, (and|which|who) |^(adjust|get|cut|push|some who|target)\b| (is|are|has|must|can) ")
    wrong = {}
    for concept, labels in thesaurus.pairs("prefLabel").items():
        if concept in thesaurus.concepts:
            for label in labels:
                if language(label) == "en" and (odd.search(text(label)) or len(text(label)) > 100):
                    wrong[concept] = text(label)
    assert wrong == {}


# Documentation


def test_top_and_much_used_concepts_are_defined_in_both_languages(thesaurus: Thesaurus) -> None:
    """qSKOS: undocumented concepts, here with the limit from which a reader will look for a definition."""
    definitions = thesaurus.pairs("definition")
    tops = set(thesaurus.pairs("topConceptOf"))
    wanted = {c for c in thesaurus.concepts if c in tops or thesaurus.uses[c] >= MUCH_USED}
    undefined = [c for c in wanted if sorted(map(language, definitions.get(c, ()))) != ["en", "zh-Hant"]]
    assert named(undefined) == []
    assert len(wanted) > 150


@pytest.mark.parametrize("name", ["definition", "scopeNote"])
def test_what_is_said_in_one_language_is_said_in_the_other(thesaurus: Thesaurus, name: str) -> None:
    values = thesaurus.pairs(name)
    wrong = [c for c in thesaurus.concepts & set(values) if sorted(map(language, values[c])) != ["en", "zh-Hant"]]
    assert named(wrong) == []


def test_every_concept_has_a_notation_of_its_own(thesaurus: Thesaurus) -> None:
    """qSKOS: ambiguous notation references."""
    notations = thesaurus.pairs("notation")
    letters = dict(zip(KINDS, "TRISM", strict=True))
    wrong = []
    for concept in thesaurus.concepts:
        letter = letters[concept.removeprefix(f"<{BASE}").split("/")[0]]
        if len(notations[concept]) != 1 or not re.fullmatch(rf'"{letter}\d\d(\.\d{{3}})?"', min(notations[concept])):
            wrong.append(concept)
    assert named(wrong) == []
    counts = Counter(value for concept in thesaurus.concepts for value in notations[concept])
    assert [value for value, count in counts.items() if count > 1] == []


# Schemes and mappings


def test_a_concept_is_in_one_scheme_and_nothing_else_of_skos(thesaurus: Thesaurus) -> None:
    """S9 and S37: concepts, schemes and collections are disjoint."""
    schemes = thesaurus.pairs("inScheme")
    assert named(c for c in thesaurus.concepts if len(schemes[c]) != 1) == []
    for name in ("ConceptScheme", "Collection", "OrderedCollection"):
        members = {s for s, _, _ in thesaurus.graph.match(predicate=TYPE, object=f"<{SKOS}{name}>")}
        assert named(members & thesaurus.concepts) == [], name


def test_mappings_do_not_contradict_each_other(thesaurus: Thesaurus) -> None:
    """S46; qSKOS: mapping clashes."""
    exact = thesaurus.pairs("exactMatch")
    for name in ("broadMatch", "narrowMatch", "relatedMatch"):
        others = thesaurus.pairs(name)
        assert named(c for c in thesaurus.concepts if exact.get(c, set()) & others.get(c, set())) == [], name


def test_mappings_lead_to_other_schemes(thesaurus: Thesaurus) -> None:
    """qSKOS: mapping relations misuse, a mapping between concepts of one scheme."""
    for name in MAPPINGS:
        inside = [c for c, to in thesaurus.pairs(name).items() if c in thesaurus.concepts and to & thesaurus.concepts]
        assert named(inside) == [], name


def test_one_entry_elsewhere_is_exactly_one_concept_of_ours(thesaurus: Thesaurus) -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for concept, to in thesaurus.pairs("exactMatch").items():
        for entry in to:
            owners[entry].add(concept)
    assert {entry: named(of) for entry, of in owners.items() if len(of & thesaurus.concepts) > 1} == {}


def test_only_terms_that_skos_defines_are_used(thesaurus: Thesaurus) -> None:
    """qSKOS: undefined SKOS resources."""
    terms = {"Concept", "ConceptScheme", "inScheme", "hasTopConcept", "topConceptOf", "notation", "definition", "note"}
    terms |= {"broader", "narrower", "related", "semanticRelation", "mappingRelation", "scopeNote", "example"}
    terms |= {"broaderTransitive", "narrowerTransitive", "editorialNote", "historyNote", "changeNote"}
    used = {p for _, p, _ in thesaurus.graph if p.startswith(f"<{SKOS}")}
    used |= {o for _, _, o in thesaurus.graph.match(predicate=TYPE) if o.startswith(f"<{SKOS}")}
    assert {term.removeprefix(f"<{SKOS}").rstrip(">") for term in used} <= terms | set(LABELS) | set(MAPPINGS)


# What was given up


def test_a_concept_that_was_given_up_leads_to_the_one_in_its_place(thesaurus: Thesaurus) -> None:
    given_up = {c for c in thesaurus.given_up if "/id/theme/" in c}
    leads = {c: {o for _, _, o in thesaurus.graph.match(subject=c, predicate=REPLACED)} for c in given_up}
    assert {named([c])[0]: named(to) for c, to in leads.items()} == {
        f"theme/{old}": [f"theme/{new}"] for old, new in CHANGED_SINCE_RELEASE.items()
    }
    assert named(given_up & (set(thesaurus.broader) | set(thesaurus.related))) == []
