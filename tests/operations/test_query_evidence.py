"""Answers of the bundled dataset carry evidence that the verifier accepts; whatever is changed in one, it rejects."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from evidence_queries import generate_queries

from glocal_rdf import Build, Triples, ask, ask_with_evidence, build
from glocal_rdf.cli import verify_answer
from glocal_rdf.project import Project
from glocal_rdf.questions import catalogue
from glocal_rdf.questions.evidence import AnswerEvidence, checksum
from glocal_rdf.triples.datasets import Dataset

LEAGUE = ROOT / "examples" / "document-claims"
TEXTS = LEAGUE / "documents"
SEED = 20261127
SAMPLE = 38
"""How many generated queries ordinary runs ask; all thousand are asked where slow tests are."""

SMALL = (
    "oldest-network",
    "networks-of-city",
    "co-members",
    "twinning-counts",
    "current-names",
    "codes-of",
    "causes-of",
)
QUERY = """PREFIX schema: <http://schema.org/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?network ?name (COUNT(DISTINCT ?member) AS ?members) {
  ?network schema:member ?member ; skos:prefLabel ?name
} GROUP BY ?network ?name"""


@pytest.fixture(scope="module")
def league() -> Build:
    return build(Project.open(LEAGUE))


@pytest.fixture(scope="module")
def league_dump(league: Build, tmp_path_factory: pytest.TempPathFactory) -> verify_answer.Dump:
    return make_dump(league, tmp_path_factory.mktemp("dump"))


@pytest.fixture(scope="module")
def dump(built: Build, tmp_path_factory: pytest.TempPathFactory) -> verify_answer.Dump:
    return make_dump(built, tmp_path_factory.mktemp("dump"))


def make_dump(built: Build, folder: Path) -> verify_answer.Dump:
    data = Dataset(built.with_ontology, built.named_graphs)
    (folder / "all.nq").write_bytes(data.serialize("nquads"))
    return verify_answer.Dump([folder / "all.nq"])


def find_faults(found: AnswerEvidence, dump: verify_answer.Dump, documents: Path) -> list[str]:
    return list(dict.fromkeys(verify_answer.Verifier(found.to_record(), dump, documents).all()))


def lacks_evidence(found: AnswerEvidence) -> Iterator[dict[str, str]]:
    """Yield rows that rest on no statement, but for counts of nothing and paths without a step."""
    for row in found.rows:
        matches = [match for one in row.solutions for match in one.matches]
        counted = any(text.startswith("COUNT") for text in found.computed.values())
        if not any(match.statements for match in matches) and not counted:
            without_step = matches and all(found.patterns[match.pattern].path for match in matches)
            if not without_step:
                yield dict(row.values)


def check_generated(
    built: Build, dump: verify_answer.Dump, documents: Path, queries: Iterator[tuple[str, str]]
) -> None:
    faults, rows = [], 0
    for kind, query in queries:
        found = ask_with_evidence(built, query, documents=documents)
        rows += len(found)
        faults += [f"{kind}: {query}: {fault}" for fault in find_faults(found, dump, documents)]
        faults += [f"{kind}: {query}: no evidence for {row}" for row in lacks_evidence(found)]
    assert faults == []
    assert rows


@pytest.mark.slow
def test_generated_queries_have_evidence_for_every_row(built: Build, dump: verify_answer.Dump, documents: Path) -> None:
    check_generated(built, dump, documents, generate_queries(built.with_ontology, SAMPLE, SEED))


@pytest.mark.slow
@pytest.mark.parametrize("tenth", [pytest.param(n, marks=pytest.mark.long if n else ()) for n in range(10)])
def test_a_thousand_generated_queries_have_evidence_for_every_row(
    tenth: int, built: Build, dump: verify_answer.Dump, documents: Path
) -> None:
    queries = generate_queries(built.with_ontology, 1000, SEED)
    check_generated(built, dump, documents, islice(queries, 100 * tenth, 100 * (tenth + 1)))


LARGE = {"properties-used", "properties-by-class", "things-by-class"}
"""General questions whose answer rests on every statement of the graph."""


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(question, id=question.name, marks=() if question.name in SMALL else pytest.mark.slow)
        for question in catalogue.list_questions()
        if question.name not in LARGE and all(parameter.default for parameter in question.parameters)
    ],
)
def test_bundled_questions_have_evidence_for_every_row(
    question: catalogue.Question, built: Build, dump: verify_answer.Dump, documents: Path
) -> None:
    found = ask_with_evidence(built, question.text, documents=documents)
    assert find_faults(found, dump, documents) == []
    assert list(lacks_evidence(found)) == []
    answer = ask(built, question.text)
    assert [tuple(row.values.get(name) for name in found.variables) for row in found.rows] == list(answer.bindings)


def test_an_inferred_statement_is_traced_to_the_claims_that_it_follows_from(built: Build) -> None:
    query = "SELECT ?network { ?network org:hasMember place:taipei ; a org:Organization } ORDER BY ?network LIMIT 1"
    found = ask_with_evidence(built, query)
    rules = {part.rule for part in found.statements if part.origin == "rule"}
    assert {"inverse", "superclass"} <= rules
    origins = {found.statements[number].origin for number in found.row_grounds(found.rows[0])}
    assert origins == {"claims", "table", "ontology"}
    claims = [found.claims[iri] for part in found.statements for iri in part.claims]
    assert any(claim.predicate.endswith("#memberOf>") and claim.passages for claim in claims)


def test_a_statement_that_rests_on_no_claim_names_its_place(built: Build) -> None:
    query = """SELECT * { place:taipei glocal:country ?country ; skos:exactMatch ?other .
      glocal:City rdfs:subClassOf ?class . ?data a dcat:Dataset ; dcterms:license ?licence
      GRAPH ?source { place:taipei glocal:isoSubdivisionCode ?code } } LIMIT 1"""
    found = ask_with_evidence(built, query)
    places = {part.origin: part.places for part in found.statements}
    assert places.keys() == {"table", "links", "ontology", "description", "source"}
    assert places["table"][0].startswith("data/places.csv:")
    assert places["links"][0].startswith("data/links/")
    assert places["links"][0].rpartition(":")[2].isdigit()
    assert places["source"][0].startswith("data/external/")


def test_a_file_answers_with_the_claims_that_it_has(league: Build) -> None:
    found = ask_with_evidence(league.triples, "SELECT ?date { ?league <http://schema.org/foundingDate> ?date }")
    assert [part.origin for part in found.statements] == ["claims"] * len(found.rows)
    assert all(claim.passages for claim in found.claims.values())


def changes(record: Any, path: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], Any]]:
    """Yield each single value of an answer with another in its place, and each list with one entry less."""
    if isinstance(record, dict):
        for key, part in record.items():
            yield from changes(part, (*path, key))
    elif isinstance(record, list):
        for at, part in enumerate(record):
            yield from changes(part, (*path, at))
        if record:
            yield path, record[:-1]
    elif isinstance(record, int):
        yield path, record + 1
    elif isinstance(record, str):
        yield path, record[:-2] + ("x" if record[-2:-1] != "x" else "y") + record[-1:] if len(record) > 1 else "x"
    else:
        yield path, "x"


def put(record: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(record)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return changed


GUARDED = {"query", "question", "truth", "variables", "absent", "computed"}
"""What no document and no dump can show, so that the checksum alone guards it."""


def rejects(record: Any, dump: verify_answer.Dump) -> bool:
    try:
        return any(verify_answer.Verifier(record, dump, TEXTS).all())
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return True


def test_a_change_of_any_field_is_rejected(league: Build, league_dump: verify_answer.Dump) -> None:
    record = ask_with_evidence(league, QUERY, documents=TEXTS).to_record()
    assert list(verify_answer.Verifier(record, league_dump, TEXTS).all()) == []
    tried, passed, sealed = 0, [], []
    for path, value in changes(record):
        changed = put(record, path, value)
        tried += 1
        if not rejects(changed, league_dump):
            passed.append(path)
        # Who changes an answer on purpose can write a new checksum: then documents and dump must show it.
        if path[0] in GUARDED or path == ("checksum",):
            continue
        if not rejects({**changed, "checksum": checksum(changed)}, league_dump):
            sealed.append(path)
    assert tried > 200
    assert passed == []
    keys = {tuple(part for part in path if not isinstance(part, int)) for path in sealed}
    # Left out entries make an answer weaker, not wrong; cells and scopes are in no dump.
    lists = {("rows",), ("patterns",), ("statements",), ("rows", "solutions"), ("rows", "solutions", "matches")}
    lists |= {("statements", "claims"), ("statements", "premises"), ("statements", "premises", "matches")}
    lists |= {("claims", "qualifiers")}
    others = {("statements", "places"), ("statements", "rule"), ("statements", "origin")}
    others |= {("statements", "premises", "scope"), ("patterns", "graph")}
    assert keys <= lists | others, keys - lists - others


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda made: made["rows"][0]["values"].update(members='"9"^^<http://www.w3.org/2001/XMLSchema#integer>'),
            "COUNT",
        ),
        (lambda made: made["claims"][0].update(rank="http://wikiba.se/ontology#DeprecatedRank"), "its rank is another"),
        (lambda made: made["passages"][0].update(start=0), "is not the characters 0 to"),
        (lambda made: made["passages"][0].update(text="x"), "its text is not that of the document"),
        (lambda made: made["documents"][0].update(sha256="0" * 64), "is not the file"),
        (lambda made: made["statements"][0].update(object="<urn:x>"), "is not in the dump"),
    ],
)
def test_the_verifier_names_what_is_wrong(
    change: Callable[[Any], None], fault: str, league: Build, league_dump: verify_answer.Dump
) -> None:
    record = ask_with_evidence(league, QUERY, documents=TEXTS).to_record()
    change(record)
    record["checksum"] = checksum(record)
    assert any(fault in text for text in verify_answer.Verifier(record, league_dump, TEXTS).all())


def test_another_dump_or_document_is_rejected(league: Build, tmp_path: Path) -> None:
    record = ask_with_evidence(league, QUERY, documents=TEXTS).to_record()
    without = league.triples.frame.filter(~league.triples.frame["predicate"].str.ends_with("/memberOf>"))
    (tmp_path / "less.nt").write_bytes(Triples(without).serialize("ntriples"))
    dump = verify_answer.Dump([tmp_path / "less.nt"])
    assert any("is not in the dump" in fault for fault in verify_answer.Verifier(record, dump, TEXTS).all())
    for file in TEXTS.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes() + b"x")
    dump = make_dump(league, tmp_path)
    assert any("is not the file" in fault for fault in verify_answer.Verifier(record, dump, tmp_path).all())


def test_the_verifier_runs_alone(league: Build, tmp_path: Path) -> None:
    record = ask_with_evidence(league, QUERY, documents=TEXTS).to_record()
    (tmp_path / "answer.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "graph.nt").write_bytes(league.with_ontology.serialize("ntriples"))
    script = tmp_path / "verify.py"
    script.write_bytes(Path(verify_answer.__file__).read_bytes())

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(script), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    given = ("--dump", tmp_path / "graph.nt", "--documents", TEXTS)
    done = run(tmp_path / "answer.json", *given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(" 0 faults\n")
    changed = put(record, ("rows", 0, "values", "network"), "<urn:x>")
    (tmp_path / "changed.json").write_text(json.dumps(changed), encoding="utf-8")
    assert run(tmp_path / "changed.json", *given).returncode == 1
    assert run(tmp_path / "none.json", *given).returncode == 2
    assert run(script, *given).returncode == 2


@pytest.mark.parametrize(
    ("call", "right", "wrong"),
    [
        (
            "SUM(?n)",
            '"7"^^<http://www.w3.org/2001/XMLSchema#integer>',
            '"8"^^<http://www.w3.org/2001/XMLSchema#integer>',
        ),
        ("SUM(DISTINCT ?n)", '"5"^^<http://www.w3.org/2001/XMLSchema#integer>', '"7"'),
        (
            "MIN(?n)",
            '"2"^^<http://www.w3.org/2001/XMLSchema#integer>',
            '"3"^^<http://www.w3.org/2001/XMLSchema#integer>',
        ),
        (
            "MAX(?n)",
            '"3"^^<http://www.w3.org/2001/XMLSchema#integer>',
            '"2"^^<http://www.w3.org/2001/XMLSchema#integer>',
        ),
        (
            "AVG(?n)",
            '"2.333333333333333333"^^<http://www.w3.org/2001/XMLSchema#decimal>',
            '"2.34"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        ),
    ],
)
def test_sums_averages_and_extremes_are_computed_again(call: str, right: str, wrong: str) -> None:
    numbers = [f'"{n}"^^<http://www.w3.org/2001/XMLSchema#integer>' for n in (2, 3, 2)]
    found = verify_answer.COUNTED.fullmatch(call)
    assert found
    check = verify_answer.Verifier({}, verify_answer.Dump([]), Path())._aggregate
    solutions = [{"bindings": {"n": number}} for number in numbers]
    assert list(check(found, right, solutions)) == []
    assert list(check(found, wrong, solutions)) == [f"{call} of {2 if 'DISTINCT' in call else 3} values is not {wrong}"]
