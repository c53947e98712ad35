"""The examples build and conform, and the commands of their READMEs print what is shown there."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from console_blocks import Page
from shacl_checks import ENGINES

from glocal_rdf import Project, build, validate
from glocal_rdf.documents import verify_passages
from glocal_rdf.triples import Triples

EXAMPLES = ROOT / "examples"
NAMES = ["city-spreadsheet", "document-claims"]
SKOS = "http://www.w3.org/2004/02/skos/core#"


def test_every_example_is_tested_and_listed() -> None:
    assert sorted(file.parent.name for file in EXAMPLES.glob("*/README.md")) == NAMES
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"({name}/README.md)" not in listed] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_command_prints_what_the_readme_shows(name: str, tmp_path: Path) -> None:
    page = Page((EXAMPLES / name / "README.md").read_text(encoding="utf-8"), tmp_path)
    differences = [str(difference) for difference, _ in page.run()]
    assert page.commands >= 4
    hint = f"rewrite with: python tests/console_blocks.py examples/{name}/README.md"
    assert not differences, "\n\n".join([hint, *differences])
    # What a README breaks it repairs: the example is afterwards what it was.
    for file in sorted((EXAMPLES / name / "data").iterdir()):
        assert (page.folder / "examples" / name / "data" / file.name).read_bytes() == file.read_bytes(), file.name


@pytest.mark.slow
@ENGINES
@pytest.mark.parametrize("name", NAMES)
def test_it_conforms_by_both_engines_and_nothing_of_it_is_unread(name: str, engine: str) -> None:
    built = build(Project.open(EXAMPLES / name))
    assert built.problems == ()
    report = validate(built, engine)
    assert report.conforms
    assert report.validated
    assert report.warnings == ()
    assert all(report.reached.values())


@pytest.mark.parametrize("name", NAMES)
def test_its_terms_and_things_have_names_in_both_languages(name: str) -> None:
    built = build(Project.open(EXAMPLES / name))
    space = built.project.prefixes[built.project.name]
    own = {s for s in built.project.ontology.frame["subject"] if s.startswith(f"<{space}")}
    named = {
        label: _languages(built.with_ontology, label)
        for label in (f"<{SKOS}prefLabel>", "<http://www.w3.org/2000/01/rdf-schema#label>")
    }
    assert own
    assert {
        term for term in own if named["<http://www.w3.org/2000/01/rdf-schema#label>"].get(term) != {"en", "zh-Hant"}
    } == set()
    assert all(languages == {"en", "zh-Hant"} for languages in named[f"<{SKOS}prefLabel>"].values())


def _languages(triples: Triples, predicate: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for subject, _, value in triples.match(predicate=predicate):
        found.setdefault(subject, set()).add(value.rpartition('"@')[2])
    return found


def test_passages_are_those_of_the_document() -> None:
    example = EXAMPLES / "document-claims"
    built = build(Project.open(example))
    assert verify_passages(built.stated, example / "documents") == ()


def test_both_sides_of_the_contradiction_stay_and_the_misprint_is_only_a_claim() -> None:
    built = build(Project.open(EXAMPLES / "document-claims"))
    league = "<https://harbours.example/id/organization/harbour-league>"

    def plain(predicate: str) -> set[str]:
        return {value.split('"')[1] for _, _, value in built.triples.match(subject=league, predicate=predicate)}

    assert plain("<http://schema.org/foundingDate>") == {"1987", "1989"}
    assert plain("<https://harbours.example/ontology#memberCount>") == {"31"}
    claimed = {
        value for _, _, value in built.triples.match(predicate="<http://www.w3.org/1999/02/22-rdf-syntax-ns#object>")
    }
    assert any(value.startswith('"301"') for value in claimed)
