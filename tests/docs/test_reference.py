"""The reference tells and draws every term from the ontology itself, links the questions that use it, is not stale."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from conftest import ROOT

from glocal_rdf import Build, ask
from glocal_rdf.errors import InputError, QueryError
from glocal_rdf.namespaces import local_name
from glocal_rdf.ontology_docs import AskedQuestion, find_terms, write_reference
from glocal_rdf.ontology_docs.diagram import draw_kinds, draw_relations
from glocal_rdf.ontology_docs.examples import Example, read_example
from glocal_rdf.ontology_docs.ontology import Ontology
from glocal_rdf.operations.ontology import write_reference as write_project_reference
from glocal_rdf.project import Project
from glocal_rdf.questions import catalogue
from glocal_rdf.triples import Triples
from glocal_rdf.triples.prefixes import WELL_KNOWN

pytestmark = pytest.mark.slow

SEA = """
@prefix : <https://example.org/sea#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <http://schema.org/> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix vann: <http://purl.org/vocab/vann/> .
<https://example.org/sea> a owl:Ontology ; dcterms:title "The sea"@en , "海"@zh-Hant ; owl:versionInfo "2.0.0" ;
    vann:preferredNamespacePrefix "sea" ; vann:preferredNamespaceUri "https://example.org/sea#" .
:Port a owl:Class ; rdfs:label "port"@en , "港"@zh-Hant ; rdfs:isDefinedBy <https://example.org/sea> ;
    skos:definition "Where | ships lie."@en , "船舶停泊處。"@zh-Hant ;
    rdfs:subClassOf schema:Place ; skos:closeMatch schema:Place .
:Fishery a owl:Class ; rdfs:subClassOf :Port ; rdfs:label "fishing port"@en ;
    rdfs:isDefinedBy <https://example.org/sea> .
:Ship a owl:Class ; rdfs:label "ship \\"or\\" [boat]"@en , "船"@zh-Hant ; rdfs:isDefinedBy <https://example.org/sea> .
:lies a owl:ObjectProperty ; rdfs:label "lies"@en , "停泊"@zh-Hant ; rdfs:domain :Ship ; owl:inverseOf :holds ;
    schema:rangeIncludes :Port , schema:Place ; skos:example "sea:a sea:lies sea:b ." ;
    rdfs:isDefinedBy <https://example.org/sea> .
:holds a owl:ObjectProperty ; rdfs:label "holds"@en , "停有"@zh-Hant ; rdfs:isDefinedBy <https://example.org/sea> .
:near a owl:ObjectProperty , owl:SymmetricProperty ; rdfs:label "near"@en , "鄰近"@zh-Hant ; rdfs:domain :Port ;
    rdfs:range :Port ; rdfs:isDefinedBy <https://example.org/sea> .
:depth a owl:DatatypeProperty ; rdfs:label "depth"@en , "水深"@zh-Hant ; rdfs:isDefinedBy <https://example.org/sea> .
schema:Place a owl:Class ; rdfs:label "place"@en , "地方"@zh-Hant ; skos:scopeNote "As it is."@en .
<https://example.org/sea/part/all> a skos:Collection ; dcterms:title "All"@en , "全部"@zh-Hant ;
    skos:member :Port , :Ship , :lies , :near .
"""
PLACE = "http://schema.org/Place"
SPACE = "https://example.org/sea#"
QUESTION = AskedQuestion("ships", {"en": "Ships", "zh-Hant": "船舶"}, frozenset({f"{SPACE}lies", PLACE}))
STRANGE = AskedQuestion("stars", {"en": "Stars", "zh-Hant": "星"}, frozenset({PLACE}))


@pytest.fixture(scope="module")
def sea() -> Triples:
    return Triples.parse(SEA, "turtle")


@pytest.fixture(scope="module")
def ontology(sea: Triples) -> Ontology:
    return Ontology(sea, WELL_KNOWN)


def section(text: str, anchor: str) -> str:
    """What stands under an anchor, up to the next."""
    return text.partition(f'<a id="{anchor}"></a>')[2].partition("<a id=")[0]


# Which terms a query uses


@pytest.mark.parametrize(
    ("pattern", "terms"),
    [
        ("?s a e:C", "C"),
        ("?s e:p/^e:q*|!(e:r|e:s) ?o", "p q r s"),
        ("VALUES ?k { e:v <http://e/w> }", "v w"),
        ("?s ?p ?o FILTER (?o IN (e:x, e:y) && EXISTS { ?o e:z 'e:no' })", "x y z"),
        ("GRAPH e:g { ?s e:p ?o } # e:no\n", "g p"),
        ("{ SELECT ?s { OPTIONAL { ?s e:p [ e:q 1 ] } MINUS { ?s e:m 1 } } GROUP BY ?s HAVING (?s > e:h) }", "p q m h"),
        ("?s e:p ( e:one 'http://e/no' ) BIND (IRI('http://e/no') AS ?o)", "p one"),
    ],
)  # fmt: skip
def test_the_terms_of_a_query_are_those_that_its_parts_name(pattern: str, terms: str) -> None:
    found = find_terms(f"PREFIX e: <http://e/> SELECT * {{ {pattern} }}")
    assert {iri.removeprefix("http://e/") for iri in found if iri.startswith("http://e/")} == set(terms.split())


def test_templates_and_described_things_are_parts_of_a_query() -> None:
    assert find_terms("PREFIX e: <http://e/> CONSTRUCT { ?s e:made e:thing } { ?s e:p ?o }") == frozenset(
        {"http://e/made", "http://e/thing", "http://e/p"}
    )
    assert find_terms("PREFIX e: <http://e/> DESCRIBE e:d") == frozenset({"http://e/d"})


def test_a_prefix_means_what_the_query_declares() -> None:
    assert find_terms("PREFIX schema: <https://other.example/> ASK { ?s schema:name ?o }") == frozenset(
        {"https://other.example/name"}
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [("SELECT WHERE", "is not SPARQL, from line 1"), ("ASK { ?s no:p ?o }", "has no namespace for no:")],
)
def test_what_is_no_query_is_told(text: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        find_terms(text)


# What a reference says


def test_a_term_is_told_whole_in_both_languages(sea: Triples) -> None:
    text = write_reference(sea, [QUESTION], WELL_KNOWN)
    lies = section(text, "lies")
    assert "#### lies 停泊" in lies
    assert "`sea:lies`" in lies
    assert "- Of: [ship" in lies
    assert "- Value: [place](#schema-Place), [port](#Port)" in lies
    assert "- Inverse: [holds](#holds)" in lies
    assert "- Example: `sea:a sea:lies sea:b .`" in lies
    assert "- Asked by: [Ships](#q-ships)" in lies
    assert "- Inverse: [lies](#lies)" in section(text, "holds")
    port = section(text, "Port")
    assert "Where | ships lie.\n\n船舶停泊處。" in port
    assert "- Over it: [fishing port](#Fishery)" in port
    assert "- Mapping: close to [`schema:Place`](http://schema.org/Place)" in port
    assert "symmetric" in section(text, "near")


def test_a_question_leads_to_the_terms_that_it_uses_and_stays_away_where_it_uses_none_of_ours(sea: Triples) -> None:
    text = write_reference(sea, [QUESTION, STRANGE], WELL_KNOWN)
    assert '| <a id="q-ships"></a>`ships` | Ships<br>船舶 | [place](#schema-Place), [lies](#lies) |' in text
    assert "stars" not in text


def test_the_language_that_is_chosen_comes_first(sea: Triples) -> None:
    text = write_reference(sea, [QUESTION], WELL_KNOWN, "zh-Hant")
    assert text.startswith("# 海 The sea\n")
    lies = section(text, "lies")
    assert "#### 停泊 lies" in lies
    assert "- 用於問題：[船舶](#q-ships)" in lies
    assert '["船"]' in text
    assert "fishing port" in text, "what has no Chinese name keeps its English one"


def test_an_ontology_without_terms_is_refused() -> None:
    with pytest.raises(InputError, match="declares no class and no property"):
        write_reference(Triples.empty(), [], WELL_KNOWN)


# The pictures


def test_each_property_is_one_arrow_between_boxes_of_classes(ontology: Ontology) -> None:
    drawn = draw_relations(ontology, ontology.parts[0], "en")
    assert drawn.partition("---\nflowchart LR\n")[2].splitlines() == [
        '  sea_Port["port"]',
        '  sea_Port__again["port"]',
        '  sea_Ship["ship or boat"]',
        '  schema_Place__sea_Port["place\N{NO-BREAK SPACE}· port"]',
        '  sea_Ship -->|"lies"| schema_Place__sea_Port',
        '  sea_Port -->|"near ↔"| sea_Port__again',
    ]


def test_kinds_are_drawn_once_from_the_highest_class_of_a_part(text: str) -> None:
    drawn = re.findall(r"^  (\w+) <\|-- (\w+)$", text, re.MULTILINE)
    assert len(drawn) == len(set(drawn)) > 25
    assert ("glocal_Agreement", "glocal_Charter") in drawn


def test_the_kinds_of_a_class_stand_under_it_and_it_under_others(ontology: Ontology) -> None:
    drawn = draw_kinds(ontology, f"{SPACE}Port", "zh-Hant")
    assert '  class sea_Port["港"]' in drawn
    assert "  <<schema>> schema_Place" in drawn
    assert "  schema_Place <|-- sea_Port" in drawn
    assert "  sea_Port <|-- sea_Fishery" in drawn
    assert draw_kinds(ontology, f"{SPACE}Ship", "en") == ""


# The bundled ontology


@pytest.fixture(scope="module")
def bundled(project: Project) -> Ontology:
    return Ontology(project.ontology, {**WELL_KNOWN, **project.prefixes})


@pytest.fixture(scope="module")
def text(project: Project) -> str:
    return write_project_reference(project)


@pytest.fixture(scope="module")
def asked() -> dict[str, frozenset[str]]:
    return {question.name: find_terms(question.text) for question in catalogue.list_questions()}


def test_the_reference_that_is_kept_is_not_stale(text: str) -> None:
    kept = (ROOT / "ontology" / "README.md").read_text(encoding="utf-8")
    assert kept == text, "write it anew: glocal export --ontology-only -f markdown --lang en -o ontology/README.md"


def test_every_class_and_property_is_asked_for_by_a_question(
    bundled: Ontology, asked: dict[str, frozenset[str]]
) -> None:
    used = frozenset().union(*asked.values())
    own = [term for term in bundled.terms.values() if term.own and not term.deprecated]
    assert len(own) > 110
    assert [term.iri for term in own if term.iri not in used] == []


def test_every_question_asks_of_declared_terms(
    project: Project, bundled: Ontology, asked: dict[str, frozenset[str]]
) -> None:
    declared = {subject[1:-1] for subject, _, _ in project.ontology}
    spaces = (bundled.namespace, "http://schema.org/", WELL_KNOWN["org"], WELL_KNOWN["skos"], WELL_KNOWN["oa"])
    unknown = {(name, iri) for name, terms in asked.items() for iri in terms if iri.startswith(spaces)}
    assert sorted((name, iri) for name, iri in unknown if iri not in declared) == []


def test_every_term_of_ours_is_told_once_with_all_that_is_said_of_it(bundled: Ontology, text: str) -> None:
    anchors = Counter(re.findall(r'<a id="([^"]+)"></a>', text))
    assert [anchor for anchor, times in anchors.items() if times > 1] == []
    for term in bundled.terms.values():
        if term.own and term.deprecated:
            [row] = [line for line in text.splitlines() if line.startswith(f'| <a id="{local_name(term.iri)}"></a>')]
            assert all(one in row for said in (*term.label.values(), *term.definition.values()) for one in said)
            assert row.count("](#") == len(term.successors) > 0
        elif term.own:
            told = section(text, local_name(term.iri))
            for said in (*term.label.values(), *term.definition.values(), *term.note.values(), term.examples):
                assert all(one in told for one in said), term.iri
            assert "- Asked by: " in told, term.iri


def test_every_link_leads_to_an_anchor(text: str) -> None:
    anchors = set(re.findall(r'<a id="([^"]+)"></a>', text))
    links = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert sorted(links - anchors) == []
    assert len(links) > 200


def test_every_own_class_is_in_a_part_and_every_part_draws_what_it_lists(bundled: Ontology) -> None:
    listed = Counter(iri for part in bundled.parts for iri in part.members)
    assert [iri for iri, times in listed.items() if times > 1 or iri not in bundled.terms] == []
    for term in bundled.terms.values():
        if term.own and term.kind == "class":
            assert any(iri in part.members for part in bundled.parts for iri in bundled.above(term.iri)), term.iri
    for part in bundled.parts:
        assert set(part.title) == {"en", "zh-Hant"}
        for lang in part.title:
            drawn = draw_relations(bundled, part, lang)
            for iri in part.members:
                term = bundled.terms[iri]
                assert term.kind == "class" or term.label[lang][0] in drawn, f"{part.iri} does not draw {iri}"


def test_the_reference_is_the_same_in_chinese_but_for_the_language(project: Project, text: str) -> None:
    chinese = write_project_reference(project, "zh-Hant")
    assert len(re.findall(r"<a id=", chinese)) == len(re.findall(r"<a id=", text))
    assert len(re.findall(r"^```mermaid$", chinese, re.MULTILINE)) == len(
        re.findall(r"^```mermaid$", text, re.MULTILINE)
    )
    assert "## 能力問題" in chinese


# The examples of the bundled ontology


def list_examples() -> list[tuple[str, str]]:
    found = Ontology(Project.bundled().ontology, Project.bundled().prefixes).terms.values()
    return [(term.iri, example) for term in found if term.own for example in term.examples]


def test_each_example_is_in_the_graph_and_found_by_its_query(built: Build) -> None:
    bad = []
    space = built.project.space
    for iri, text in list_examples():
        example = read_example(text)
        assert example is not None, text
        query = example.find_others(f"glocal:{local_name(iri)}")
        held = ask(built, f"SELECT (1 AS ?yes) WHERE {{ {example.as_pattern(space)} }} LIMIT 1").serialize("csv")
        if b"1" not in held or not query:
            bad.append(text)
            continue
        subject = Example(example.subject, "a", "b").as_pattern(space).split()[0].strip("<>")
        if subject not in ask(built, query).serialize("csv").decode():
            bad.append(f"{query} does not find {subject}")
    assert bad == []
    assert len(list_examples()) > 90


def test_a_term_without_an_example_is_not_in_the_graph(built: Build) -> None:
    ontology = Ontology(Project.bundled().ontology, Project.bundled().prefixes)
    bare = [term for term in ontology.terms.values() if term.own and not term.deprecated and not term.examples]
    used = {*built.triples.frame["predicate"].unique(), *built.triples.frame["object"].unique()}
    assert [term.iri for term in bare if f"<{term.iri}>" in used or not term.note] == []
