"""The site as a whole: links, languages, the same bytes, and nothing in the data that a browser would obey."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT

from glocal_rdf.errors import InputError
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import make_site, publish_site
from glocal_rdf.project import Project

from .conftest import HOSTILE, copy_parks, find_broken_links, name_parks, read_page


@pytest.mark.parametrize("name", ["site", "parks"])
def test_every_link_leads_to_a_file(name: str, request: pytest.FixtureRequest) -> None:
    assert find_broken_links(request.getfixturevalue(name)) == []


@pytest.mark.parametrize("name", ["site", "parks"])
def test_every_page_is_there_in_both_languages_and_says_so(name: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(name)
    english = [path for path in folder.rglob("*.html") if not path.name.endswith(".zh-Hant.html")]
    assert len(english) > 10
    for path in english:
        other = path.with_name(path.name.removesuffix("html") + "zh-Hant.html")
        for lang, one in (("en", path), ("zh-Hant", other)):
            page = read_page(one)
            assert page.elements[0] == ("html", {"lang": lang})
            languages = {
                values["hreflang"]: values["href"]
                for tag, values in page.elements
                if tag == "link" and values.get("hreflang")
            }
            assert {tag: (one.parent / str(link)).name for tag, link in languages.items()} == {
                "en": path.name,
                "zh-Hant": other.name,
            }


def test_everything_that_is_described_has_a_page(site: Path, project: Project) -> None:
    made = make_site(build(project))
    assert set(made.resources["kind"]) == {
        "class",
        "concept",
        "dataset",
        "ontology",
        "property",
        "scheme",
        "source",
        "thing",
    }
    described = {subject for subject in made.graph.frame["subject"].unique() if subject.startswith("<")}
    assert described - made.addresses.keys() == set()
    paths = {path.partition("#")[0] for path in made.addresses.values()}
    assert {path for path in paths if not (site / f"{path}.html").is_file()} == set()
    assert made.addresses["<https://w3id.org/glocal/id/organization/uclg>"] == "doc/organization/uclg"
    assert made.addresses["<https://w3id.org/glocal/ontology#City>"] == "ontology/City"


@pytest.mark.slow
def test_two_runs_write_the_same_bytes(parks: Path, tmp_path: Path) -> None:
    publish_site(build(Project.open(ROOT / "examples" / "city-spreadsheet")), tmp_path / "again")
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (parks, tmp_path / "again")
    )
    assert first == second


def test_no_page_has_a_script_or_style_of_its_own_or_loads_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        for tag, values in read_page(path).elements:
            assert "style" not in values
            assert not [name for name in values if name.startswith("on")]
            if tag in {"script", "img", "iframe", "source", "video", "audio", "object", "embed"} and values.get("src"):
                assert not re.match(r"[a-z]+:|//", str(values["src"]))
            if tag == "link" and values.get("rel") in {"stylesheet", "icon", "preload", "modulepreload"}:
                assert not re.match(r"[a-z]+:|//", str(values["href"]))
            if tag == "script" and not values.get("src"):
                assert values["type"] == "application/ld+json"


@pytest.mark.slow
def test_hostile_names_are_text_in_every_context(tmp_path: Path) -> None:
    names = name_parks(tmp_path / "project", HOSTILE)
    publish_site(build(Project.open(tmp_path / "project")), tmp_path / "site", base_url="https://example.org/a/")
    assert find_broken_links((tmp_path / "site").resolve()) == []
    assert set(names.values()) == set(HOSTILE)
    for park, name in names.items():
        for ending in ("html", "zh-Hant.html"):
            page = read_page(tmp_path / "site" / "doc" / "park" / f"{park}.{ending}")
            assert name in page.text
    for path in (tmp_path / "site").rglob("*.html"):
        page = read_page(path)
        assert not [values for tag, values in page.elements if tag == "img" and values.get("src") == "x"]
        assert not [name for _, values in page.elements for name in values if name.startswith("on")]
        assert not [link for link in page.links if link.lower().startswith("javascript:")]
        assert "49{% raw" not in page.text
        assert all(values.get("src") or values.get("type") for tag, values in page.elements if tag == "script")


@pytest.mark.slow
def test_a_project_overrides_a_template_and_the_style(tmp_path: Path) -> None:
    folder = copy_parks(tmp_path / "project")
    (folder / "templates" / "assets").mkdir(parents=True)
    (folder / "templates" / "assets" / "site.css").write_text("body { color: red }", encoding="utf-8")
    template = folder / "templates" / "home.html"
    template.write_text('{% extends "base.html" %}{% block main %}<p>Ours: {{ page.kind }}</p>{% endblock %}', "utf-8")
    built = build(Project.open(folder))
    publish_site(built, tmp_path / "site")
    assert "<p>Ours: home</p>" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "site" / "assets" / "site.css").read_text(encoding="utf-8") == "body { color: red }"
    template.write_text("line one\n{% if %}", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"templates/home\.html:2: is not a template: .*; see docs/commands/publish\.md"
    ):
        publish_site(built, tmp_path / "site")
    template.write_text("{{ ''.__class__.__mro__ }}", encoding="utf-8")
    with pytest.raises(InputError, match=r"templates/home\.html: is not a template: access to attribute '__class__'"):
        publish_site(built, tmp_path / "site")
