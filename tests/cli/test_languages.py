"""With --lang zh-Hant every fixed word of the output is Chinese, in the bundled dataset and in other projects."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT, Run

from glocal_rdf import Project, Triples, build, list_questions
from glocal_rdf.cli.query import GROUPS
from glocal_rdf.dataset import label_terms

pytestmark = pytest.mark.slow

CITY = ROOT / "examples" / "city-spreadsheet"
LEAGUE = ROOT / "examples" / "document-claims"
HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize(
    ("thing", "project"),
    [("uclg", ROOT), ("taipei", ROOT), ("theme/city", ROOT), ("lotus-pond", CITY), ("harbour-league", LEAGUE)],
)
def test_properties_ranks_and_places_are_named_in_chinese(run: Run, thing: str, project: Path) -> None:
    lines = run("explain", thing, "--project", project, "--lang", "zh-Hant").stdout.splitlines()
    headings = [line for line in lines if re.match(r"  \S", line)]
    assert headings
    assert [line for line in headings if not HAN.search(line)] == []
    claims = [line for line in lines if "字元" in line]
    ranks = {line.split(" · ")[1] for line in claims if line.count("字元") == 1}
    assert ranks <= {"優先", "一般", "不採用"}
    assert bool(ranks) == (project is not CITY)
    assert [line for line in claims if not re.match(r"      .*，第 \d+–\d+ 字元 · ", line)] == []


@pytest.mark.parametrize("project", [ROOT, CITY, LEAGUE], ids=lambda project: project.name)
def test_what_was_built_is_counted_in_chinese(project: Path) -> None:
    names = build(Project.open(project)).counts("zh-Hant")
    assert [name for name in names if not HAN.search(name)] == []


def test_groups_of_questions_are_named_in_chinese(run: Run) -> None:
    assert {question.group for question in list_questions()} <= GROUPS.keys()
    lines = run("query", "--list", "--lang", "zh-Hant", "--project", ROOT).stdout.splitlines()[2:]
    assert [line for line in lines if not HAN.match(line)] == []


def test_a_report_counts_and_names_in_chinese(run: Run, tmp_path: Path) -> None:
    prefixes = "@prefix : <https://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . "
    (tmp_path / "data.ttl").write_text(f"{prefixes} :a :b 1 .", encoding="utf-8")
    shape = ":S a sh:NodeShape ; sh:targetNode :a ; sh:nodeKind sh:Literal . :T a sh:NodeShape ; sh:targetClass :C ."
    (tmp_path / "shapes.ttl").write_text(prefixes + shape, encoding="utf-8")
    arguments = ("validate", tmp_path / "data.ttl", "-s", tmp_path / "shapes.ttl", "--lang", "zh-Hant")
    assert "不符合：1 項違規\n" in run(*arguments).stdout
    assert '<skipped message="目標未選取到焦點節點"/>' in run(*arguments, "-f", "junit").stdout
    assert "- S：1\n" in run(*arguments, "-f", "markdown").stdout


def test_terms_of_other_vocabularies_have_names_that_the_project_may_override(small: Path) -> None:
    project = Project.open(small)
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert label_terms(project, "zh-Hant")[rdf_type] == "類型"
    assert not [term for term in label_terms(project, "en") if term.startswith("<https://w3id.org/glocal/ontology#")]
    own = f'{rdf_type} <http://www.w3.org/2000/01/rdf-schema#label> "種類"@zh-Hant .\n'
    (small / "ontology" / "own.ttl").write_text(own, encoding="utf-8")
    assert label_terms(Project.open(small), "zh-Hant")[rdf_type] == "種類"


def test_two_classes_of_one_name_are_two_numbers(small: Path) -> None:
    built = build(Project.open(small))
    kinds = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    extra = "\n".join(
        f"<https://example.org/{name}> {kinds} <{kind}> ."
        for name, kind in (("x", "http://schema.org/Organization"), ("y", "http://www.w3.org/ns/org#Organization"))
    )
    more = type(built)(
        built.project, built.conversion, built.stated.union(Triples.parse(extra, "ntriples")), built.truthy
    )
    counts = more.counts("en")
    assert {name: number for name, number in counts.items() if name.startswith("organization")} in (
        {"organization": 1, "organization (org:Organization)": 1},
        {"organization": 1, "organization (schema:Organization)": 1},
    )
