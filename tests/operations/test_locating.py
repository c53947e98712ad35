"""A result of validation leads to the cells, passages and files that its triples came from."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Run, edit

from glocal_rdf import Build, csvw, trace_results
from glocal_rdf.shacl import Result, ValidationReport
from glocal_rdf.shacl.shapes.paths import Path as PropertyPath

pytestmark = pytest.mark.slow

ID = "https://w3id.org/glocal/id/"
GLOCAL = "https://w3id.org/glocal/ontology#"
ORG = "http://www.w3.org/ns/org#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SCHEMA = "http://schema.org/"
SKOS = "http://www.w3.org/2004/02/skos/core#"

Row = dict[str, str]
Locate = Callable[..., list[str]]


def rows(table: str, folder: Path = ROOT) -> Iterator[tuple[int, Row]]:
    """Give the rows of a table, each with its line."""
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        yield from ((reader.line_num, row) for row in reader)


def alone(predicate: str) -> tuple[int, Row]:
    """Give the first claim that is the only one of its subject by a predicate."""
    said = [(line, row) for line, row in rows("claims") if row["predicate"] == predicate]
    subjects = Counter(row["subject"] for _, row in said)
    return next((line, row) for line, row in said if subjects[row["subject"]] == 1 and plain(row))


def plain(row: Row) -> bool:
    return not (rank(row) or row["held_by"] or " " in row["passage"])


def rank(row: Row) -> str:
    """What the curators say of a claim's rank; empty for a normal one."""
    return next((judged["rank"] for _, judged in rows("curation") if judged["id"] == row["id"]), "")


def thing(slug: str) -> str:
    return f"<{ID}{slug}>"


def step(iri: str) -> PropertyPath:
    return PropertyPath("predicate", f"<{iri}>")


def back(iri: str) -> PropertyPath:
    return PropertyPath("inverse", parts=(step(iri),))


@pytest.fixture
def locate(built: Build, monkeypatch: pytest.MonkeyPatch) -> Locate:
    """Locate one result, from the project's folder."""
    monkeypatch.chdir(ROOT)

    def locates(focus: str, path: PropertyPath | None = None, value: str | None = None) -> list[str]:
        result = Result(focus, "<urn:shape>", "<urn:component>", path=path, value=value)
        report = ValidationReport(conforms=False, results=(result,), reached={}, total=1)
        return [str(location) for location in trace_results(built, report).get(0, ())]

    return locates


def test_a_value_leads_to_the_claim_that_states_it_and_to_the_passage(locate: Locate) -> None:
    line, row = next((n, r) for n, r in rows("claims") if r["subject"] == "organization/icsc" and r["value"] == "1957")
    found = locate(
        thing("organization/icsc"), step(f"{SCHEMA}foundingDate"), '"1957"^^<http://www.w3.org/2001/XMLSchema#gYear>'
    )
    assert found == [f"data/claims.csv:{line} (value)", row["passage"]]


def test_a_value_in_a_table_of_things_leads_to_its_cell(locate: Locate) -> None:
    line, _ = next((n, r) for n, r in rows("places") if r["id"] == "place/paris")
    france = thing("place/france")
    assert locate(thing("place/paris"), step(f"{SCHEMA}containedInPlace"), france)[0].startswith(
        f"data/places.csv:{line} ("
    )


def test_a_name_leads_to_its_row_and_passage(locate: Locate) -> None:
    line, row = next((n, r) for n, r in rows("names") if r["predicate"] == "altLabel" and r["name_zh"])
    found = locate(thing(row["thing"]), step(f"{SKOS}altLabel"), f'"{row["name_zh"]}"@zh-Hant')
    assert f"data/names.csv:{line} (name_zh)" in found
    assert row["passage"] in found


def test_a_concept_leads_to_its_passage(locate: Locate) -> None:
    line, row = next((n, r) for n, r in rows("concepts") if r["passage"] and not r["passage_2"])
    found = locate(thing(row["id"]), step(f"{SKOS}changeNote"))
    assert found == [f"data/concepts.csv:{line} (id)", row["passage"]]


def test_a_passage_is_a_place_itself(locate: Locate) -> None:
    row = next(r for _, r in rows("claims") if r["passage"])
    number = next(n for n, r in rows("passages") if r["id"] == row["passage"])
    assert locate(thing(row["passage"])) == [f"data/passages.csv:{number} (id)", row["passage"]]


def test_what_a_rule_turned_round_leads_to_the_claim(locate: Locate) -> None:
    line, row = alone("memberOf")
    member, network = thing(row["subject"]), thing(row["object"])
    found = [f"data/claims.csv:{line} (object)", row["passage"]]
    assert locate(network, step(f"{ORG}hasMember"), member) == found
    assert locate(network, back(f"{ORG}memberOf"), member) == found
    assert locate(member, step(f"{GLOCAL}widerThanMemberOf"), network) == found


def test_a_value_without_a_path_leads_to_the_claim_that_links_it(locate: Locate) -> None:
    line, row = alone("memberOf")
    found = [f"data/claims.csv:{line} (object)", row["passage"]]
    assert locate(thing(row["subject"]), None, thing(row["object"])) == found
    assert locate(thing(row["object"]), None, thing(row["subject"])) == found


def test_a_longer_path_leads_to_where_it_begins(locate: Locate) -> None:
    line, row = alone("memberOf")
    path = PropertyPath("sequence", parts=(step(f"{ORG}memberOf"), step(f"{RDF}type")))
    assert locate(thing(row["subject"]), path, f"<{GLOCAL}City>") == [
        f"data/claims.csv:{line} (object)",
        row["passage"],
    ]
    either = PropertyPath("alternative", parts=(step("urn:none"), step(f"{ORG}memberOf")))
    assert locate(thing(row["subject"]), either, thing(row["object"])) == [
        f"data/claims.csv:{line} (object)",
        row["passage"],
    ]


def test_a_value_that_is_missing_leads_to_the_row_of_the_thing(locate: Locate) -> None:
    line, _ = next((n, r) for n, r in rows("places") if r["id"] == "place/paris")
    assert locate(thing("place/paris"), step("urn:none")) == [f"data/places.csv:{line} (id)"]


def test_a_claim_that_makes_no_plain_triple_is_named_only_where_there_is_no_other(locate: Locate) -> None:
    said = [(line, row) for line, row in rows("claims") if row["predicate"] in {"url", "memberOf"}]
    told = {True: 0, False: 0}
    for line, row in said:
        if rank(row) == "DeprecatedRank":
            same = [r for _, r in said if (r["subject"], r["predicate"]) == (row["subject"], row["predicate"])]
            other = any(rank(r) != "DeprecatedRank" and not r["held_by"] for r in same)
            path = step({"url": f"{SCHEMA}url", "memberOf": f"{ORG}memberOf"}[row["predicate"]])
            found = [place.partition(" ")[0] for place in locate(thing(row["subject"]), path)]
            assert (f"data/claims.csv:{line}" in found) == (not other)
            told[other] += 1
    assert any(told.values())


def test_a_node_that_nothing_describes_leads_to_the_cells_that_name_it(built: Build, locate: Locate) -> None:
    line, row = next((n, r) for n, r in rows("documents"))
    (sha256,) = built.stated.match(subject=thing(row["id"]), predicate=f"<{GLOCAL}sha256>").frame["object"]
    assert locate(sha256) == [f"data/documents.csv:{line} (sha256)"]
    wikidata = built.stated.match(predicate=f"<{SKOS}exactMatch>").sort().frame["object"][0]
    (file,) = locate(wikidata)
    assert file.startswith("data/links/")


def test_links_and_terms_lead_to_their_files_and_what_nobody_says_nowhere(built: Build, locate: Locate) -> None:
    mapping = built.stated.match(predicate=f"<{RDF}type>", object="<https://w3id.org/sssom/Mapping>").frame["subject"][
        0
    ]
    (file,) = locate(mapping)
    assert file.startswith("data/links/")
    assert file.endswith(".sssom.tsv")
    city, _, link = next(built.stated.match(predicate=f"<{SKOS}exactMatch>").sort().__iter__())
    (file,) = locate(city, step(f"{SKOS}exactMatch"), link)
    assert file.startswith("data/links/")
    assert locate(f"<{GLOCAL}CityNetwork>", step("urn:none")) == ["ontology/glocal.ttl"]
    assert locate("<urn:nobody>") == []


def test_places_of_one_result_are_few(locate: Locate) -> None:
    found = locate(thing("document/city-alliances"), back("http://www.w3.org/ns/oa#hasSource"))
    assert len([place for place in found if ".csv:" in place]) == 3


def test_many_results_are_located_together(built: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """What many results share is looked up once, and no result alone looks through the claims."""
    asked: list[object] = []
    real = csvw.locate
    monkeypatch.setattr(csvw, "locate", lambda *arguments: asked.append(arguments) or real(*arguments))
    paris = thing("place/paris")
    results = [Result(paris, "<urn:shape>", "<urn:c>", path=step("urn:none"), value=f'"{n}"') for n in range(10_000)]
    report = ValidationReport(conforms=False, results=tuple(results), reached={}, total=len(results))
    assert len(trace_results(built, report)) == 10_000
    assert len(asked) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("predicate", "shape"),
    [
        ("memberOf", "OwnMember"),
        ("sisterCity", "TwinnedWithItself"),
        ("sisterPort", "TwinnedWithItself"),
    ],
)
def test_a_thing_that_is_said_of_itself_leads_to_the_claim_that_says_so(
    run: Run, copy: Path, monkeypatch: pytest.MonkeyPatch, predicate: str, shape: str
) -> None:
    monkeypatch.chdir(copy)
    line, row = next((n, r) for n, r in rows("claims", copy) if r["predicate"] == predicate and not rank(r))
    path = copy / "data" / "claims.csv"
    edit(
        path,
        f"{row['id']},{row['subject']},{predicate},{row['object']},",
        f"{row['id']},{row['subject']},{predicate},{row['subject']},",
    )
    result = run("validate", "--format", "json", "--shape", f"https://w3id.org/glocal/shapes#{shape}")
    assert result.exit_code == 1, result.stderr
    passages = row["passage"].split()
    spans = [[int(place) for place in passage.partition("#char=")[2].split(",")] for passage in passages]
    for found in json.loads(result.stdout)["results"]:
        assert found["places"] == [f"data/claims.csv:{line} (object)", *passages]
        assert found["sources"] == [
            {"file": "data/claims.csv", "row": line, "column": "object"},
            *(
                {"document": passage.partition("#")[0], "start": start, "end": end}
                for passage, (start, end) in zip(passages, spans, strict=True)
            ),
        ]
