"""The description of a dataset comes through to build and export, in every vocabulary; what is misspelt is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from glocal_rdf import Project, build
from glocal_rdf.triples import Triples

DCTERMS, DCAT, SCHEMA = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#", "http://schema.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
DATASET = "<https://data.example/dataset>"
LICENCE = {"@id": "https://creativecommons.org/licenses/by/4.0/"}


def describe(folder: Path, **properties: Any) -> Path:
    """Replace the common properties of the small project's dataset."""
    file = folder / "data" / "csv-metadata.json"
    group = json.loads(file.read_text(encoding="utf-8"))
    kept = {key: value for key, value in group.items() if ":" not in key}
    file.write_text(json.dumps({**kept, "@id": DATASET[1:-1], **properties}), encoding="utf-8")
    return folder


def warnings_of(folder: Path) -> list[str]:
    file = str(folder / "data" / "csv-metadata.json")
    return [str(problem).removeprefix(f"{file}: ") for problem in build(Project.open(folder)).problems]


@pytest.mark.parametrize(("prefix", "namespace"), [("dc", DCTERMS), ("dcterms", DCTERMS), ("schema", SCHEMA)])
def test_everything_comes_through_in_every_vocabulary(run: Run, small: Path, prefix: str, namespace: str) -> None:
    dated = "datePublished" if prefix == "schema" else "issued"
    language = "inLanguage" if prefix == "schema" else "language"
    title = "name" if prefix == "schema" else "title"
    describe(
        small,
        **{
            f"{prefix}:{title}": [{"@value": "Cities", "@language": "en"}, {"@value": "城市", "@language": "zh-Hant"}],
            f"{prefix}:license": LICENCE,
            f"{prefix}:publisher": {"@id": "https://data.example/office"},
            f"{prefix}:{dated}": {"@value": "2026-01-02", "@type": "xsd:date"},
            f"{prefix}:{language}": [{"@value": "en"}, {"@value": "zh-Hant"}],
            "dcat:keyword": ["cities", "towns"],
            "dcat:version": {"@value": "1.2.0"},
            "dcat:contactPoint": {"@type": "vcard:Organization", "vcard:hasEmail": {"@id": "mailto:a@data.example"}},
        },
    )
    assert warnings_of(small) == []
    result = run("export", "-f", "ntriples", "-p", small)
    graph = Triples.parse(result.stdout, "ntriples")
    found = {(predicate[1:-1], value) for subject, predicate, value in graph if subject == DATASET}
    (contact,) = [value for predicate, value in found if predicate == f"{DCAT}contactPoint"]
    assert found == {
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"<{DCAT}Dataset>"),
        (f"{namespace}{title}", '"Cities"@en'),
        (f"{namespace}{title}", '"城市"@zh-Hant'),
        (f"{namespace}license", f"<{LICENCE['@id']}>"),
        (f"{namespace}publisher", "<https://data.example/office>"),
        (f"{namespace}{dated}", f'"2026-01-02"^^<{XSD}date>'),
        (f"{namespace}{language}", '"en"'),
        (f"{namespace}{language}", '"zh-Hant"'),
        (f"{DCAT}keyword", '"cities"@en'),
        (f"{DCAT}keyword", '"towns"@en'),
        (f"{DCAT}version", '"1.2.0"'),
        (f"{DCAT}contactPoint", contact),
    }
    assert "<mailto:a@data.example>" in {value for subject, _, value in graph if subject == contact}


def test_two_names_of_one_property_are_both_kept(small: Path) -> None:
    describe(small, **{"dc:title": "One", "dcterms:title": {"@value": "Deux", "@language": "fr"}})
    graph = build(Project.open(small)).triples
    titles = {value for _, _, value in graph.match(subject=DATASET, predicate=f"<{DCTERMS}title>")}
    assert titles == {'"One"@en', '"Deux"@fr'}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("dc:licence", LICENCE, "'dc:licence' is not a term of its vocabulary; did you mean dc:license?"),
        ("dc:tittle", "x", "'dc:tittle' is not a term of its vocabulary; did you mean dc:title?"),
        ("dcterms:Publisher", "x", "'dc:Publisher' is not a term of its vocabulary; did you mean dc:publisher?"),
        ("dcat:keywords", ["x"], "'dcat:keywords' is not a term of its vocabulary; did you mean dcat:keyword?"),
        ("schema:datePublised", "x", "'schema:datePublised' is not a term of its vocabulary; did you mean schema:date"),
        ("title", "x", "the property 'title' is not defined here; it is ignored; write dc:title"),
        ("licence", "x", "the property 'licence' is not defined here; it is ignored; write dc:license"),
        ("dct:title", "x", "the property 'dct:title' is not defined here; it is ignored; did you mean dcterms:?"),
        ("dc:license", "https://e.org/l", "dc:license: 'https://e.org/l' is a text, not a link; write {\"@id\": "),
        ("dc:modified", "2024-13-45", "dc:modified: '2024-13-45' is not a date; write YYYY-MM-DD, YYYY-MM or YYYY"),
        ("dc:issued", "2024-01", '\'2024-01\' is a text, not a date; write {"@value": "2024-01", "@type": "xsd:gYea'),
        ("dc:issued", {"@value": "2024", "@type": "xsd:date"}, "dc:issued: '2024' is not a date"),
    ],
)
def test_what_is_misspelt_or_of_the_wrong_kind_is_reported(small: Path, name: str, value: Any, told: str) -> None:
    (warning,) = warnings_of(describe(small, **{name: value}))
    assert told in warning


@pytest.mark.parametrize("name", ["schema:hasPart", "schema:spatial", "foaf:homepage", "dcat:theme", "dc:spatial"])
def test_other_terms_are_left_alone(small: Path, name: str) -> None:
    assert warnings_of(describe(small, **{name: {"@id": "https://e.org/x"}})) == []


def test_a_map_of_languages_gets_the_form_that_is_right(run: Run, small: Path) -> None:
    describe(small, **{"dc:title": {"en": "Cities"}})
    result = run("build", "-p", small, "-o", small / "out")
    assert result.exit_code == 2
    assert (
        'dc:title.en: is neither a prefixed name nor an absolute URL; write [{"@value": "…", "@language": "en"}]'
        in (result.stderr)
    )


def test_a_misspelt_property_of_a_table_is_reported_with_the_table(small: Path) -> None:
    file = small / "data" / "csv-metadata.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"url":', '"dc:tittle": "x", "url":'), encoding="utf-8")
    (warning,) = warnings_of(small)
    assert warning.startswith("cities.csv: 'dc:tittle' is not a term")
