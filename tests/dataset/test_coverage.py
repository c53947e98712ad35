"""Coverage counts letters and digits: cited, judged or open; its arithmetic of spans agrees with sets of positions."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glocal_rdf import coverage
from glocal_rdf.documents import Coverage, Document, measure_coverage, measure_documents
from glocal_rdf.documents.coverage import Span, count_characters, join_spans, split_paragraphs, subtract_spans
from glocal_rdf.errors import InputError
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

IRI = "https://example.org/id/document/d"
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)
TEXTS = st.text(st.sampled_from("台北aé1_ ,。（\n\r\t"), max_size=40)


def document(text: str) -> Document:
    return Document(IRI, Path("d.txt"), text, sha256(text.encode()).hexdigest())


def positions(spans: list[Span]) -> set[int]:
    return {position for start, end in spans for position in range(start, end)}


def of(text: str, cited: list[str], judged: list[str] = []) -> Coverage:  # noqa: B006
    """Measure a text of which some parts, each there once, are cited, and others judged."""

    def spans(parts: list[str]) -> list[Span]:
        assert all(text.count(part) == 1 for part in parts)
        return [(text.index(part), text.index(part) + len(part)) for part in parts]

    return measure_coverage(document(text), spans(cited), spans(judged))


def counts(coverage: Coverage) -> tuple[int, int, int, int]:
    return coverage.characters, coverage.cited, coverage.judged, coverage.open


def stretches(coverage: Coverage) -> list[tuple[str, int]]:
    return [(stretch.passage.text, stretch.characters) for stretch in coverage.stretches]


@pytest.mark.slow
@given(SPANS)
def test_joined_spans_are_sorted_apart_and_hold_the_same_positions(spans: list[Span]) -> None:
    joined = join_spans(spans)
    assert positions(joined) == positions(spans)
    assert count_characters(joined) == len(positions(spans))
    assert all(start < end for start, end in joined)
    assert all(before[1] < after[0] for before, after in pairwise(joined))


@given(SPANS, SPANS)
def test_subtracting_spans_is_subtracting_sets(spans: list[Span], taken: list[Span]) -> None:
    left = subtract_spans(join_spans(spans), join_spans(taken))
    assert positions(left) == positions(spans) - positions(taken)
    assert left == join_spans(left)


@given(TEXTS, SPANS, SPANS)
def test_coverage_is_what_sets_of_characters_say(text: str, cited: list[Span], judged: list[Span]) -> None:
    measured = measure_coverage(document(text), cited, judged)
    counted = {position for position, letter in enumerate(text) if letter.isalnum()}
    derived, noted = positions(cited), positions(judged)
    left = counted - derived - noted
    assert counts(measured) == (
        len(counted),
        len(counted & derived),
        len(counted & noted - derived),
        len(left),
    )
    for part in measured.paragraphs:
        inside = set(range(part.start, part.end))
        assert (part.characters, part.cited) == (len(counted & inside), len(counted & inside & derived))
        assert part.open == len(left & inside)
        assert part.line == text.count("\n", 0, part.start) + 1
    found = [set(range(stretch.passage.start, stretch.passage.end)) for stretch in measured.stretches]
    assert sum(stretch.characters for stretch in measured.stretches) == len(left)
    assert set().union(*found) & counted == left
    assert sum(map(len, found)) == len(set().union(*found))
    assert not any(stretch & (derived | noted) for stretch in found)
    assert [s.characters for s in measured.stretches] == sorted((len(f & left) for f in found), reverse=True)


@given(TEXTS)
def test_paragraphs_are_the_lines_between_blank_ones(text: str) -> None:
    naive: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            naive[-1].append(line)
        else:
            naive.append([])
    assert [text[start:end] for (start, end), _ in split_paragraphs(text)] == ["\n".join(p) for p in naive if p]


def test_white_space_and_punctuation_do_not_count() -> None:
    assert counts(of("「台北」， (Taipei).\n—\n", ["台北"])) == (8, 2, 0, 6)
    assert not of("。", []).paragraphs


def test_what_is_derived_from_wins_over_what_is_judged() -> None:
    assert counts(of("城市聯盟", ["城市"], ["市聯"])) == (4, 2, 1, 1)


def test_a_passage_within_another_counts_once() -> None:
    assert counts(of("城市聯盟", ["城市聯盟", "市聯"])) == (4, 4, 0, 0)


def test_stretches_come_longest_first_and_end_at_paragraphs() -> None:
    assert stretches(of("甲，乙丙丁戊。\n\n己", ["乙"])) == [("丙丁戊", 3), ("甲", 1), ("己", 1)]


def test_a_stretch_runs_over_lines_and_punctuation_and_breaks_at_what_is_covered() -> None:
    assert stretches(of("甲乙。\n丙（丁）戊", ["丁"])) == [("甲乙。\n丙", 3), ("戊", 1)]
    assert stretches(of("甲，乙", ["，"])) == [("甲", 1), ("乙", 1)]


def test_an_empty_document_has_nothing_open() -> None:
    assert counts(of("", [])) == (0, 0, 0, 0)


TEXT = "台北與高雄。\n\n本頁空白"


def graph(text: str, more: str, *passages: Span, iri: str = IRI, file: str = "d.txt") -> Triples:
    lines = [
        f"""<{iri}#char={start},{end}> a g:Passage ; oa:hasSource <{iri}> ; oa:hasSelector <{iri}/s{start}-{end}> .
        <{iri}/s{start}-{end}> oa:start {start} ; oa:end {end} ."""
        for start, end in passages
    ]
    return Triples.parse(
        f"""@prefix g: <https://w3id.org/glocal/ontology#> . @prefix oa: <http://www.w3.org/ns/oa#> .
        @prefix prov: <http://www.w3.org/ns/prov#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <https://example.org/id/> .
        <{iri}> a g:Document ; <http://purl.org/dc/terms/identifier> "{file}" ; g:characters {len(text)} ;
          g:sha256 "{sha256(text.encode()).hexdigest()}"^^xsd:hexBinary .
        {" ".join(lines)} {more}""",
        "turtle",
    )


def test_claims_names_and_concepts_cite_and_a_note_alone_judges(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text(TEXT, encoding="utf-8")
    more = f"""
    :claim prov:wasDerivedFrom <{IRI}#char=0,2> . :theme prov:wasDerivedFrom <{IRI}#char=1,3> .
    <{IRI}#char=0,2> skos:note "cited, so not judged"@en .
    <{IRI}#char=8,12> skos:note "page furniture"@en , "頁面說明"@zh-Hant .
    """
    [measured] = measure_documents(graph(TEXT, more, (0, 2), (1, 3), (3, 4), (8, 12)), tmp_path)
    assert counts(measured) == (9, 3, 4, 2)
    assert stretches(measured) == [("高雄", 2)]


def test_a_document_is_named_by_slug_or_iri(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text(TEXT, encoding="utf-8")
    both = graph(TEXT, "").union(graph("x", "", iri="https://example.org/id/document/e", file="e.txt"))
    for word in ("d", "document/d", IRI):
        [measured] = measure_documents(both, tmp_path, word)
        assert measured.document.iri == IRI
    with pytest.raises(InputError, match="f: is not a document of the project; the project has d, e"):
        measure_documents(both, tmp_path, "f")


def test_every_document_that_is_not_the_one_described_is_told(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text(TEXT + "。", encoding="utf-8")
    both = graph(TEXT, "").union(graph("x", "", iri="https://example.org/id/document/e", file="e.txt"))
    with pytest.raises(InputError) as caught:
        measure_documents(both, tmp_path)
    first, second = caught.value.problems
    assert "d.txt: is another version than the one that is described; get that version" in str(first)
    assert "e.txt: no such file" in str(second)


@pytest.mark.parametrize("span", [(3, 99), (4, 4)])
def test_a_passage_outside_its_document_is_told(tmp_path: Path, span: Span) -> None:
    (tmp_path / "d.txt").write_text(TEXT, encoding="utf-8")
    with pytest.raises(InputError, match=rf"lies outside its document \({span[0]} to {span[1]}\)"):
        measure_documents(graph(TEXT, "", (0, 2), span), tmp_path)


def test_a_passage_without_positions_is_told(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text(TEXT, encoding="utf-8")
    lost = f"<{IRI}#char=0,2> a <https://w3id.org/glocal/ontology#Passage> ; oa:hasSource <{IRI}> ."
    with pytest.raises(InputError, match=r"lies outside its document \(None to None\)"):
        measure_documents(graph(TEXT, lost), tmp_path)


def test_the_documents_of_the_dataset_are_measured(project: Project, documents: Path) -> None:
    measured = coverage(project, documents)
    assert len(measured) == 4
    for one in measured:
        naive = sum(letter.isalnum() for letter in one.document.text)
        assert one.characters == naive
        assert sum(stretch.characters for stretch in one.stretches) == one.open
        assert one.cited + one.judged > 0.9 * one.characters
