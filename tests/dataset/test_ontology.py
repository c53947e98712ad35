"""The ontology is complete, two-lingual, self-contained and in its profile, and says what everybody uses."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT
from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, ORG, VANN
from rdflib.term import Node

from glocal_rdf.dataset import Build
from glocal_rdf.triples import Triples

ONTOLOGY = URIRef("https://w3id.org/glocal/ontology")
GLOCAL = Namespace("https://w3id.org/glocal/ontology#")
ID = Namespace("https://w3id.org/glocal/id/")
SCHEMA = Namespace("http://schema.org/")
PREFIXES = {"schema": str(SCHEMA), "org": str(ORG), "skos": str(SKOS), "dcterms": str(DCTERMS)}
PREFIXES["foaf"] = "http://xmlns.com/foaf/0.1/"
LANGUAGES = {"en", "zh-Hant"}
OBJECT, DATATYPE, ANNOTATION = OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty
MATCHES = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch)
# What OWL 2 RL lets this file use, and no more: https://www.w3.org/TR/owl2-profiles/#OWL_2_RL
CONSTRUCTS = {"AllDisjointClasses", "AnnotationProperty", "Class", "DatatypeProperty", "NamedIndividual"}
CONSTRUCTS |= {"ObjectProperty", "Ontology", "Restriction", "SymmetricProperty", "Thing", "disjointWith", "hasValue"}
CONSTRUCTS |= {"deprecated", "inverseOf", "members", "onProperty", "priorVersion", "versionIRI", "versionInfo"}
# The datatypes of OWL 2 that are used; xsd:date and xsd:gYear are not in its datatype map.
DATATYPES = {XSD.string, XSD.integer, XSD.positiveInteger, XSD.nonNegativeInteger, XSD.hexBinary, XSD.dateTime}
DATATYPES |= {RDFS.Literal, XSD.decimal, XSD.boolean}
RESERVED = tuple(str(space) for space in (RDF, RDFS, OWL, XSD))
WIKIDATA = "http://www.wikidata.org/"


def read(*paths: Path) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return read(ROOT / "ontology" / "glocal.ttl")


@pytest.fixture(scope="module")
def own(ontology: Graph) -> list[URIRef]:
    """The terms of ours."""
    return sorted(term for term in iris(ontology.subjects(RDF.type)) if term.startswith(GLOCAL))


@pytest.fixture(scope="module")
def properties(own: list[URIRef], ontology: Graph) -> list[URIRef]:
    kinds = (OBJECT, DATATYPE, ANNOTATION)
    return [term for term in own if any((term, RDF.type, kind) in ontology for kind in kinds)]


def iris(nodes: Iterator[Node]) -> set[URIRef]:
    return {node for node in nodes if isinstance(node, URIRef)}


def is_reserved(term: Node) -> bool:
    """Whether RDF, RDFS, OWL or XML Schema keeps the term for itself."""
    return str(term).startswith(RESERVED)


def languages(graph: Graph, subject: Node, predicate: URIRef) -> list[str]:
    """The languages of a subject's texts, sorted; an empty text counts for nothing."""
    values = [value for value in graph.objects(subject, predicate) if isinstance(value, Literal) and str(value).strip()]
    return sorted(value.language or "" for value in values)


def tables() -> Iterator[tuple[str, int, dict[str, str]]]:
    """The rows of the tables: file, line, cells."""
    for path in sorted((ROOT / "data").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for line, row in enumerate(csv.DictReader(file), 2):
                yield path.name, line, row


@cache
def predicates() -> dict[str, URIRef]:
    """What the short names of predicates in the tables mean."""
    found = {}
    for file, _, row in tables():
        if file == "predicates.csv":
            prefix, _, name = row["iri"].partition(":")
            found[row["name"]] = URIRef(PREFIXES[prefix] + name) if prefix in PREFIXES else URIRef(row["iri"])
    return found


# The header


def test_header_says_all_that_a_reader_and_a_registry_ask(ontology: Graph) -> None:
    for predicate in (DCTERMS.title, DCTERMS.description):
        assert languages(ontology, ONTOLOGY, predicate) == sorted(LANGUAGES), predicate
    version = ontology.value(ONTOLOGY, OWL.versionInfo)
    assert ontology.value(ONTOLOGY, OWL.versionIRI) == URIRef(f"{ONTOLOGY}/{version}")
    assert ontology.value(ONTOLOGY, DCTERMS.license) == URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
    assert str(ontology.value(ONTOLOGY, VANN.preferredNamespacePrefix)) == "glocal"
    assert str(ontology.value(ONTOLOGY, VANN.preferredNamespaceUri)) == str(GLOCAL)
    for predicate in (DCTERMS.creator, DCTERMS.publisher):
        assert ontology.value(ONTOLOGY, predicate) == ID["organization/glocal-rdf"]
    dates = [ontology.value(ONTOLOGY, predicate) for predicate in (DCTERMS.created, DCTERMS.issued, DCTERMS.modified)]
    assert all(isinstance(date, Literal) and date.datatype == XSD.dateTime for date in dates)
    assert dates == sorted(dates, key=str)
    assert languages(ontology, ONTOLOGY, DCTERMS.bibliographicCitation) == sorted(LANGUAGES)
    for citation in ontology.objects(ONTOLOGY, DCTERMS.bibliographicCitation):
        assert str(version) in str(citation)
        assert f"{ONTOLOGY}/{version}" in str(citation)


def test_header_names_the_version_before_and_tells_what_came_with_each(ontology: Graph) -> None:
    prior = list(ontology.objects(ONTOLOGY, OWL.priorVersion))
    notes = [str(note) for note in ontology.objects(ONTOLOGY, SKOS.historyNote)]
    versions = [str(iri).rpartition("/")[2] for iri in (*prior, *ontology.objects(ONTOLOGY, OWL.versionIRI))]
    assert len(versions) == 2
    for version in versions:
        assert len([note for note in notes if note.startswith((f"{version} ", f"{version}（"))]) == len(LANGUAGES)


# The terms


def test_there_is_exactly_one_ontology(ontology: Graph) -> None:
    assert list(ontology.subjects(RDF.type, OWL.Ontology)) == [ONTOLOGY]


def test_every_own_term_has_one_label_and_one_definition_in_each_language(ontology: Graph, own: list[URIRef]) -> None:
    both = sorted(LANGUAGES)
    bad = [
        (term, predicate) for term in own for predicate in (RDFS.label, SKOS.definition)
        if languages(ontology, term, predicate) != both
    ]  # fmt: skip
    assert bad == []
    assert len(own) > 80


def test_every_note_on_an_own_term_is_in_both_languages(ontology: Graph, own: list[URIRef]) -> None:
    assert [t for t in own if languages(ontology, t, SKOS.scopeNote) not in ([], sorted(LANGUAGES))] == []


def test_every_own_term_in_use_says_why_no_known_term_does(ontology: Graph, own: list[URIRef]) -> None:
    retired = set(ontology.subjects(OWL.deprecated))
    assert [t for t in own if t not in retired and not list(ontology.objects(t, SKOS.scopeNote))] == []


def test_every_term_of_others_has_names_and_a_note_of_use_in_each_language(ontology: Graph, own: list[URIRef]) -> None:
    terms = {
        kind: iris(ontology.subjects(RDF.type, kind)) - set(own) for kind in (OWL.Class, OBJECT, DATATYPE, ANNOTATION)
    }
    both = sorted(LANGUAGES)
    assert [t for kind in terms.values() for t in kind if languages(ontology, t, RDFS.label) != both] == []
    assert [t for t in terms[ANNOTATION] if languages(ontology, t, SKOS.scopeNote) not in ([], both)] == []
    used = terms[OWL.Class] | terms[OBJECT] | terms[DATATYPE]
    assert [t for t in used if languages(ontology, t, SKOS.scopeNote) != both] == []
    assert len(used) > 80


def test_every_own_term_is_defined_by_the_ontology_and_has_an_example(ontology: Graph, own: list[URIRef]) -> None:
    assert [term for term in own if (term, RDFS.isDefinedBy, ONTOLOGY) not in ontology] == []
    retired = set(ontology.subjects(OWL.deprecated))
    bare = [term for term in own if term not in retired and not list(ontology.objects(term, SKOS.example))]
    assert bare == [GLOCAL.friendshipCity, GLOCAL.partnerCity]  # the documents count them and name none


def test_an_example_shows_its_term_or_one_under_it_and_speaks_of_declared_terms(
    ontology: Graph, own: list[URIRef]
) -> None:
    kin = {term: set(ontology.transitive_subjects(RDFS.subPropertyOf, term)) for term in own}
    for term in own:
        for example in ontology.objects(term, SKOS.example):
            shown = {GLOCAL[name] for name in re.findall(r"\bglocal:([A-Za-z0-9]+)", str(example))}
            assert shown & kin[term], f"{term} is not in its example {example}"
            assert shown <= set(own), f"{example} speaks of {shown - set(own)}"
            for name in re.findall(r"\bclassification/[a-z-]+", str(example)):
                assert (ID[name], RDF.type, GLOCAL.Classification) in ontology, example


def test_examples_are_of_the_dataset(ontology: Graph, own: list[URIRef]) -> None:
    known = {row["id"] for _, _, row in tables() if "id" in row}
    kinds = {name.partition("/")[0] for name in known}
    bad = []
    for term in own:
        for example in ontology.objects(term, SKOS.example):
            names = re.findall(rf"\b(?:{'|'.join(kinds)})/[A-Za-z0-9#=,-]+", str(example))
            # a and b stand for things where the documents name none
            bad += [(str(term), name) for name in names if name not in known and name[-2:] not in ("/a", "/b")]
    assert bad == []


def test_labels_tell_own_terms_apart(ontology: Graph, own: list[URIRef], properties: list[URIRef]) -> None:
    for kind in (properties, [term for term in own if term not in properties]):
        labels = [label for term in kind for label in ontology.objects(term, RDFS.label)]
        assert sorted({str(label) for label in labels if labels.count(label) > 1}) == []


def test_class_names_begin_with_a_capital_and_property_names_do_not(
    ontology: Graph, own: list[URIRef], properties: list[URIRef]
) -> None:
    names = {term: term.removeprefix(GLOCAL) for term in own}
    assert [name for term, name in names.items() if name[0].isupper() == (term in properties)] == []
    assert set(own) - set(properties) == {t for t in iris(ontology.subjects(RDF.type, OWL.Class)) if t in own}


def test_every_property_says_of_what_and_with_what_value(ontology: Graph, properties: list[URIRef]) -> None:
    for term in properties:
        domains = [*ontology.objects(term, RDFS.domain), *ontology.objects(term, SCHEMA.domainIncludes)]
        ranges = [*ontology.objects(term, RDFS.range), *ontology.objects(term, SCHEMA.rangeIncludes)]
        assert domains, f"{term} has no domain"
        assert ranges, f"{term} has no range"
        for domain in domains:
            assert domain == OWL.Thing or (domain, RDF.type, OWL.Class) in ontology, f"{term}: {domain} is no class"
        for value in ranges:
            literal = (term, RDF.type, DATATYPE) in ontology
            fits = value in DATATYPES if literal else (value, RDF.type, OWL.Class) in ontology
            assert fits, f"{term}: {value} is no range for it"


def test_one_domain_and_one_range_at_most_because_several_mean_all_of_them(
    ontology: Graph, properties: list[URIRef]
) -> None:
    for predicate in (RDFS.domain, RDFS.range):
        assert [term for term in properties if len(list(ontology.objects(term, predicate))) > 1] == []


def test_inverses_mirror_each_other(ontology: Graph) -> None:
    for one, other in ontology.subject_objects(OWL.inverseOf):
        assert (one, RDF.type, OBJECT) in ontology
        assert (other, RDF.type, OBJECT) in ontology
        for near, far in ((RDFS.domain, RDFS.range), (RDFS.range, RDFS.domain)):
            assert set(ontology.objects(one, near)) == set(ontology.objects(other, far)), (one, other)


def test_a_deprecated_term_names_what_takes_its_place_and_nothing_uses_it(ontology: Graph, built: Build) -> None:
    retired = iris(ontology.subjects(OWL.deprecated, Literal(True)))
    assert len(retired) >= 34
    for term in retired:
        successors = list(ontology.objects(term, DCTERMS.isReplacedBy))
        assert len(successors) == 1, term
        assert successors[0] not in retired
        assert (successors[0], RDF.type, None) in ontology
    used = built.triples.frame.select("predicate", "object")
    assert not {f"<{term}>" for term in retired} & {*used["predicate"].unique(), *used["object"].unique()}


def test_what_is_counted_and_what_is_measured_are_told_apart_by_a_unit(ontology: Graph) -> None:
    quantities = set(ontology.subjects(SKOS.broader, ID["classification/quantity"]))
    measured = {quantity for quantity in quantities if list(ontology.objects(quantity, SCHEMA.unitCode))}
    assert all(str(unit).startswith("http://qudt.org/vocab/unit/") for unit in ontology.objects(None, SCHEMA.unitCode))
    assert len(measured) >= 5
    assert len(quantities - measured) >= 20


def test_twinnings_are_symmetric_and_stand_under_twinned_with(ontology: Graph) -> None:
    kinds = {GLOCAL[name] for name in ("sisterCity", "friendshipCity", "partnerCity", "sisterPort")}
    assert set(ontology.subjects(RDFS.subPropertyOf, GLOCAL.twinnedWith)) == kinds
    assert all((kind, RDF.type, OWL.SymmetricProperty) in ontology for kind in {*kinds, GLOCAL.twinnedWith})


# The schemes and the fixed classifications


def test_every_kind_of_concept_has_its_scheme(ontology: Graph) -> None:
    for name in ("Theme", "Trend", "Impact", "Strategy", "Means", "Classification"):
        scheme = ID[f"scheme/{name.lower()}"]
        assert (scheme, RDF.type, SKOS.ConceptScheme) in ontology
        for predicate in (DCTERMS.title, SKOS.definition):
            assert languages(ontology, scheme, predicate) == sorted(LANGUAGES)
        restrictions = ontology.objects(GLOCAL[name], RDFS.subClassOf)
        assert any((node, OWL.hasValue, scheme) in ontology for node in restrictions)


def test_every_classification_is_named_defined_and_under_one_question(ontology: Graph) -> None:
    scheme = ID["scheme/classification"]
    concepts = iris(ontology.subjects(RDF.type, GLOCAL.Classification))
    tops = iris(ontology.subjects(SKOS.topConceptOf, scheme))
    assert tops < concepts
    for concept in concepts:
        assert languages(ontology, concept, SKOS.prefLabel) == sorted(LANGUAGES)
        assert languages(ontology, concept, SKOS.definition) == sorted(LANGUAGES)
        assert (concept, SKOS.inScheme, scheme) in ontology
        broader = list(ontology.objects(concept, SKOS.broader))
        assert not broader if concept in tops else len(broader) == 1 and broader[0] in tops, concept


def test_the_documents_own_three_types_keep_their_words(ontology: Graph) -> None:
    words = {"comprehensive-type": "綜合型", "thematic-type": "主題型", "national-type": "全國型"}
    for slug, word in words.items():
        assert Literal(word, "zh-Hant") in ontology.objects(ID[f"classification/{slug}"], SKOS.prefLabel)


# Self-contained, and in the profile


def test_every_term_that_is_used_is_declared(ontology: Graph) -> None:
    declared = iris(ontology.subjects(RDF.type))
    used = {p for p in iris(ontology.predicates()) if not is_reserved(p)}
    axioms = (RDFS.domain, RDFS.range, RDFS.subClassOf, RDFS.subPropertyOf, OWL.inverseOf, OWL.disjointWith)
    for predicate in (*axioms, OWL.onProperty, RDF.type, RDF.first, SCHEMA.domainIncludes, SCHEMA.rangeIncludes):
        used |= {o for o in iris(ontology.objects(None, predicate)) if not is_reserved(o)}
    assert sorted(used - declared) == []


def test_no_term_is_two_things_at_once(ontology: Graph) -> None:
    kinds = (OWL.Class, OBJECT, DATATYPE, ANNOTATION)
    for term in iris(ontology.subjects(RDF.type)):
        mine = [kind for kind in kinds if (term, RDF.type, kind) in ontology]
        assert len(mine) <= 1, f"{term} is {mine}"
    for narrow, wide in ontology.subject_objects(RDFS.subPropertyOf):
        same = [kind for kind in kinds if (narrow, RDF.type, kind) in ontology and (wide, RDF.type, kind) in ontology]
        assert same, f"{narrow} and {wide} are of two kinds"


def test_only_constructs_of_owl_2_rl_are_used(ontology: Graph) -> None:
    nodes = {node for triple in ontology for node in triple if str(node).startswith(str(OWL))}
    assert {str(node).removeprefix(str(OWL)) for node in nodes} == CONSTRUCTS
    datatypes = {o.datatype for o in ontology.objects() if isinstance(o, Literal) and o.datatype}
    ranges = {o for o in ontology.objects(None, RDFS.range) if isinstance(o, URIRef) and is_reserved(o)}
    assert datatypes | ranges <= DATATYPES


def test_no_axiom_speaks_of_the_reserved_terms_of_statements(ontology: Graph) -> None:
    reserved = {RDF.subject, RDF.predicate, RDF.object, RDF.Statement}
    said = {(s, p, o) for s, p, o in ontology if {s, p, o} & reserved and p != RDFS.label}
    assert said == {(GLOCAL.Claim, RDFS.seeAlso, RDF.Statement)}


def test_disjointness_is_said_of_own_classes(ontology: Graph) -> None:
    assert [s for s, _ in ontology.subject_objects(OWL.disjointWith) if not str(s).startswith(GLOCAL)] == []


def test_our_reader_and_rdflib_read_the_same(ontology: Graph) -> None:
    ours = Triples.read(ROOT / "ontology" / "glocal.ttl")
    assert len(ours.distinct()) == len(ontology)
    assert ours.is_isomorphic(Triples.from_rdflib(ontology))


# The terms in use


def test_no_file_uses_a_term_of_ours_that_is_not_defined(own: list[URIRef]) -> None:
    known = {term.removeprefix(GLOCAL) for term in own}
    named = re.compile(r"(?:\bglocal:|https://w3id\.org/glocal/ontology#)([A-Za-z][A-Za-z0-9]*)")
    files = [*(ROOT / "ontology").rglob("*.ttl"), *(ROOT / "ontology").rglob("*.rq"), *(ROOT / "shapes").glob("*.ttl")]
    files += [*(ROOT / "glocal_rdf" / "queries").glob("*.rq"), *(ROOT / "data").glob("*.json")]
    unknown = {(path.name, name) for path in files for name in named.findall(path.read_text(encoding="utf-8"))}
    assert sorted((path, name) for path, name in unknown if name not in known) == []


def test_the_tables_use_only_declared_predicates(ontology: Graph) -> None:
    declared = iris(ontology.subjects(RDF.type))
    bad = []
    for file, line, row in tables():
        cell = row.get("predicate", "")
        term = SKOS[cell] if file == "names.csv" else predicates().get(cell)
        if cell and term not in declared:
            bad.append(f"{file}:{line}: {cell}")
    assert bad == []


def test_each_predicate_of_the_tables_is_used_and_means_one_property() -> None:
    used = {row["predicate"] for file, _, row in tables() if file == "claims.csv"}
    assert used == set(predicates())
    assert len(set(predicates().values())) == len(used)


def test_the_tables_use_only_defined_kinds_and_classifications(ontology: Graph) -> None:
    bad = []
    for file, line, row in tables():
        kind = row.get("type", "")
        if kind and not any((space[kind], RDF.type, OWL.Class) in ontology for space in (GLOCAL, SCHEMA)):
            bad.append(f"{file}:{line}: {kind}")
        for column, cell in row.items():
            for name in (cell or "").split():
                fixed = name.startswith("classification/") and column not in ("id", "broader")
                if fixed and (ID[name], RDF.type, GLOCAL.Classification) not in ontology:
                    bad.append(f"{file}:{line}: {name}")
    assert bad == []


def test_a_predicate_takes_things_or_values_as_the_ontology_says(ontology: Graph) -> None:
    bad = []
    for file, line, row in tables():
        if file == "claims.csv":
            term = predicates()[row["predicate"]]
            wrong = DATATYPE if row["object"] else OBJECT
            if (term, RDF.type, wrong) in ontology:
                bad.append(f"{file}:{line}: {row['predicate']}")
    assert bad == []


def test_a_predicate_is_said_of_and_leads_to_the_kinds_that_the_ontology_says(ontology: Graph) -> None:
    homes = {"persons.csv": SCHEMA.Person, "events.csv": SCHEMA.Event, "programmes.csv": GLOCAL.Programme}
    homes["documents.csv"] = GLOCAL.Document
    fixed = {term.removeprefix(ID) for term in iris(ontology.subjects(RDF.type, GLOCAL.Classification))}
    concept = set(ontology.transitive_objects(GLOCAL.Classification, RDFS.subClassOf))
    kinds: dict[str, set[Node | None]] = dict.fromkeys(fixed, concept)
    for file, _, row in tables():
        space = SCHEMA if file == "publications.csv" else GLOCAL
        kind = homes.get(file) or (space[row["type"]] if row.get("type") else None)
        if kind:
            kinds[row["id"]] = set(ontology.transitive_objects(kind, RDFS.subClassOf))
    bad = []
    for file, line, row in tables():
        if file == "claims.csv":
            term = predicates()[row["predicate"]]
            for column, axiom in (("subject", RDFS.domain), ("object", RDFS.range)):
                wanted = set(ontology.objects(term, axiom)) - set(DATATYPES)
                if row[column] and not wanted <= kinds.get(row[column], set()):
                    bad.append(f"{file}:{line}: {row['predicate']}: {row[column]}")
    assert bad == []


def test_every_wikidata_number_is_one_that_the_references_give(ontology: Graph) -> None:
    shared = Path(os.environ.get("GLOCAL_DOCUMENTS", ROOT.parent / "shared" / "documents")).parent
    if not (shared / "wikidata.md").is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the references are not at {shared}")
        pytest.skip(f"the references are not at {shared}")
    known = (shared / "wikidata.md").read_text(encoding="utf-8")
    folder = shared / "reference" / "wikidata_samples"
    known += (folder / "properties_2017.csv").read_text(encoding="utf-8")
    known += " ".join(path.stem for path in (folder / "entities_openrefine_wikibase").glob("*.json"))
    used = {str(o).rpartition("/")[2] for o in ontology.objects() if str(o).startswith(WIKIDATA)}
    assert len(used) > 40
    assert sorted(number for number in used if not re.search(rf"\b{number}\b", known)) == []


def test_wikidata_and_schema_are_aligned_by_mappings_that_entail_nothing(ontology: Graph) -> None:
    for predicate in MATCHES:
        assert (predicate, RDF.type, ANNOTATION) in ontology
    mapped = {(s, o) for predicate in MATCHES for s, o in ontology.subject_objects(predicate)}
    linked = [o for triple in ontology for o in triple if str(o).startswith(WIKIDATA)]
    assert len(linked) == len([o for _, o in mapped if str(o).startswith(WIKIDATA)])
