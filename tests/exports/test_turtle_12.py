"""Claims as reifiers of RDF 1.2: what is written is read back, and says the same as the graph of RDF 1.1."""

from __future__ import annotations

import polars as pl
import pyoxigraph as ox
import pytest

from glocal_rdf import Project, build
from glocal_rdf.exports import DescribedGraph, Exported, find_form
from glocal_rdf.triples import Triples

EX = "http://example.org/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PARTS = ("subject", "predicate", "object")
CLAIM = """
    @prefix : <http://example.org/> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    :city :mayor :ann ; :name "City" .
"""


def write(turtle: str) -> Exported:
    return find_form("turtle-1.2").write(DescribedGraph(Triples.parse(turtle, "turtle"), Triples.empty()))


def read(data: bytes) -> set[str]:
    return {str(one) for one in ox.parse(data, ox.RdfFormat.TURTLE)}


def lower(line: str) -> str:
    """Return a line with language tags as the parser gives them."""
    return line.replace('"@zh-Hant', '"@zh-hant')


@pytest.mark.slow
def test_the_bundled_claims_come_back_as_reifiers_and_every_other_triple_as_it_was() -> None:
    built = build(Project.bundled())
    frame = built.triples.distinct().frame
    exported = find_form("turtle-1.2").write(DescribedGraph(built.triples, Triples.empty(), prefixes=built.prefixes))
    is_part = pl.col("predicate").is_in([f"<{RDF}{part}>" for part in PARTS]) | (
        pl.col("object") == f"<{RDF}Statement>"
    )
    parts = {
        part: frame.filter(pl.col("predicate") == f"<{RDF}{part}>").select(claim="subject", value="object")
        for part in PARTS
    }
    claims = parts["subject"].rename({"value": "s"})
    claims = claims.join(parts["predicate"].rename({"value": "p"}), on="claim")
    claims = claims.join(parts["object"].rename({"value": "o"}), on="claim")
    expected = {f"{c} <{RDF}reifies> <<( {s} {p} {o} )>>" for c, s, p, o in claims.iter_rows()}
    expected |= {f"{s} {p} {o}" for s, p, o in frame.filter(~is_part).iter_rows()}

    # The parser writes language tags in lower case, and escapes other characters than we do.
    assert read(exported.files[""]) == read_lines("\n".join(map(lower, expected)))
    assert claims.height > 4_000
    assert not exported.problems


def read_lines(lines: str) -> set[str]:
    text = "".join(f"{line} .\n" for line in lines.split("\n"))
    return {str(one) for one in ox.parse(text, ox.RdfFormat.N_TRIPLES)}


def test_a_claim_whose_triple_is_stated_annotates_it() -> None:
    exported = write(CLAIM + ":c rdf:subject :city ; rdf:predicate :mayor ; rdf:object :ann ; :from :page3 .")

    text = exported.files[""].decode()
    assert "~ <http://example.org/c> {|" in text
    assert "reifies" not in text
    assert read(exported.files[""]) == {
        "<http://example.org/city> <http://example.org/mayor> <http://example.org/ann>",
        '<http://example.org/city> <http://example.org/name> "City"',
        f"<{EX}c> <{RDF}reifies> <<( <{EX}city> <{EX}mayor> <{EX}ann> )>>",
        "<http://example.org/c> <http://example.org/from> <http://example.org/page3>",
    }


def test_a_claim_whose_triple_is_not_stated_reifies_a_triple_term() -> None:
    exported = write(CLAIM + ':c rdf:subject :city ; rdf:predicate :motto ; rdf:object "a \\"b\\" )>> c"@zh-Hant .')

    term = '<<( <http://example.org/city> <http://example.org/motto> "a \\"b\\" )>> c"@zh-hant )>>'
    assert f"<http://example.org/c> <{RDF}reifies> {term}" in read(exported.files[""])
    assert not any(
        one.startswith("<http://example.org/city> <http://example.org/motto>") for one in read(exported.files[""])
    )


def test_two_claims_of_one_triple_annotate_it_both() -> None:
    exported = write(
        CLAIM
        + ":c rdf:subject :city ; rdf:predicate :mayor ; rdf:object :ann ; :n 1 . "
        + ":d rdf:subject :city ; rdf:predicate :mayor ; rdf:object :ann ."
    )

    reifiers = {one.split(" ")[0] for one in read(exported.files[""]) if f"<{RDF}reifies>" in one}
    assert reifiers == {"<http://example.org/c>", "<http://example.org/d>"}


def test_a_claim_with_two_objects_reifies_two_triples_and_is_described_once() -> None:
    exported = write(CLAIM + ':c rdf:subject :city ; rdf:predicate :mayor, :name ; rdf:object :ann, "City" ; :n 1 .')

    lines = read(exported.files[""])
    assert sum(f"<{RDF}reifies>" in one for one in lines) == 4
    assert sum("<http://example.org/n>" in one for one in lines) == 1
    assert exported.files[""].decode().count("<http://example.org/n>") == 1


def test_a_claim_about_a_claim_stands_beside_it() -> None:
    exported = write(
        CLAIM
        + ":c rdf:subject :city ; rdf:predicate :mayor ; rdf:object :ann ; :by :bob . "
        + ":d rdf:subject :c ; rdf:predicate :by ; rdf:object :bob ."
    )

    assert f"<{EX}d> <{RDF}reifies> <<( <{EX}c> <{EX}by> <{EX}bob> )>>" in read(exported.files[""])


@pytest.mark.parametrize(
    "claim",
    [
        ":c rdf:subject _:b ; rdf:predicate :mayor ; rdf:object :ann . _:b :name 'B'.",
        "_:c rdf:subject :city ; rdf:predicate :mayor ; rdf:object :ann .",
        ":c rdf:subject :city ; rdf:predicate :mayor .",
        ":c rdf:subject :city ; rdf:predicate 'mayor' ; rdf:object :ann .",
    ],
)
def test_what_cannot_be_a_reifier_stays_a_statement_and_is_reported(claim: str) -> None:
    exported = write(CLAIM + claim)

    assert [one.kind for one in exported.problems] == ["claims"]
    assert f"<{RDF}predicate>" in "".join(read(exported.files[""]))


def test_a_graph_without_claims_says_so() -> None:
    assert "no claims" in write(CLAIM).notes[0]
