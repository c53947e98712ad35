"""A page of findings shows each row with its cells, needs no script, requests nothing, and runs nothing of the data."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from findings_project import break_project
from lxml import html

from glocal_rdf import Project, Triples, build, render_report, validate
from glocal_rdf.findings import Finding, FindingReport, render_page


@pytest.fixture
def hostile(small: Path) -> Path:
    """A project with findings in its cells and hostile values."""
    return break_project(small)


def parse(page: str) -> html.HtmlElement:
    return html.document_fromstring(page.encode())


def page_of(folder: Path, lang: str = "en") -> tuple[str, html.HtmlElement]:
    page = render_report(validate(build(Project.open(folder))), "html", lang)
    assert isinstance(page, str)
    return page, parse(page)


def test_each_row_is_shown_with_its_cells_marked(hostile: Path) -> None:
    _, root = page_of(hostile)
    rows = {row.findtext("h3"): row for row in root.findall(".//section[@id]/article")}
    assert list(rows) == [f"Line {line}" for line in (3, 4, 5, 6, 7, 8)]
    digits = rows["Line 5"]
    cells = {cell.findtext("dt"): (cell.get("class"), cell.findtext("dd")) for cell in digits.findall(".//dl/div")}
    assert cells == {"id": ("cell", "digits"), "name": ("cell", "007"), "country": ("cell marked warning", "1E5")}
    (finding,) = digits.findall(".//li")
    assert finding.get("class") == "finding warning"
    assert finding.text_content().startswith("warning · country: ")
    (blank,) = [one.text for one in rows["Line 7"].findall(".//p")]
    assert blank == "1 blank cell is not shown"


def test_nothing_of_the_data_is_markup(hostile: Path) -> None:
    page, root = page_of(hostile)
    assert root.findall(".//script") == []
    assert root.findall(".//img") == []
    assert page.count("</style>") == 1
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>" in root.text_content()
    assert "\u202e" not in page
    assert "\x07" not in page


def test_the_page_is_complete_by_itself(hostile: Path) -> None:
    page, root = page_of(hostile)
    assert root.xpath("//@src | //link/@href | //@action | //@background") == []
    assert all(address.startswith("#") for address in root.xpath("//@href"))
    assert "url(" not in page
    assert "@import" not in page
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on")]


def test_findings_without_a_cell_are_listed_by_shape_and_thing(hostile: Path) -> None:
    _, root = page_of(hostile)
    heading = next(one for one in root.iter("h2") if one.text == "Findings that are not about a cell")
    section = heading.getnext()
    assert section.findtext("h2") == "nowhere"
    assert section.findtext(".//h3") == "nobody"


def test_boxes_hide_findings_and_rows_that_have_no_other(hostile: Path) -> None:
    page, root = page_of(hostile)
    assert root.xpath("//input/@id") == ["show-violation", "show-warning", "show-info"]
    assert all(one.getnext().tag == "label" for one in root.findall(".//input"))
    assert "#show-violation:not(:checked)~main .finding.violation" in page
    classes = {one.get("class") for one in root.iter("article")}
    assert classes == {"row only-violation", "row only-warning", "row only-warning-info"}
    assert "#show-warning:not(:checked)~#show-info:not(:checked)~main .only-warning-info" in page
    assert "only-violation-warning" not in page


def test_the_page_is_in_the_language_that_was_asked_for(hostile: Path) -> None:
    _, root = page_of(hostile, "zh-Hant")
    assert root.get("lang") == "zh-Hant"
    assert "請填名稱。" in root.text_content()
    assert "第 7 行" in root.text_content()
    assert "Cities of Example – 驗證報告" in root.findtext(".//title")


def test_data_that_are_not_tables_are_listed_by_shape(tmp_path: Path, run: Run) -> None:
    (tmp_path / "shapes.ttl").write_text(
        "@prefix : <https://e.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . :S a sh:NodeShape ;"
        " sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        encoding="utf-8",
    )
    (tmp_path / "data.ttl").write_text("@prefix : <https://e.org/> . :a a :C . :b a :C .", encoding="utf-8")
    result = run("validate", tmp_path / "data.ttl", "-s", tmp_path / "shapes.ttl", "-f", "html", "--lang", "en")
    assert result.exit_code == 1
    root = parse(result.stdout)
    assert [one.text for one in root.iter("h2")] == ["S"]
    assert [one.text for one in root.iter("h3")] == ["a", "b"]
    assert str(tmp_path / "data.ttl") in root.text_content()


def test_a_page_without_findings_says_that_all_conforms(run: Run, small: Path) -> None:
    result = run("validate", "-f", "html", "-p", small, "--lang", "en")
    assert result.exit_code == 0
    root = parse(result.stdout)
    assert root.findtext(".//p[@class='verdict']") == "conforms"
    assert root.findall(".//article") == []
    assert root.findall(".//input") == []


def test_long_values_are_cut_with_their_length() -> None:
    finding = Finding("violation", "violation", "too long", value="y" * 5000, node="n")
    page = render_page(FindingReport("t", "v", conforms=False, notes=(), findings=(finding,)))
    assert "y" * 400 + "… (5,000)" in page
    assert "y" * 401 not in page


@pytest.mark.slow
def test_the_bundled_dataset_with_findings_leads_to_passages(copy: Path) -> None:
    shapes = copy / "shapes" / "extra.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix s: <http://schema.org/> .\n"
        "<urn:x:S> a sh:NodeShape ; sh:targetSubjectsOf s:foundingDate ; sh:property <urn:x:P> .\n"
        "<urn:x:P> sh:path s:foundingDate ; sh:maxCount 0 .",
        encoding="utf-8",
    )
    _, root = page_of(copy)
    assert any(one.text.endswith("claims.csv") for one in root.iter("h2"))
    assert "document/city-alliances#char=" in root.text_content()


@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_python_has_the_same_forms(form: str) -> None:
    shapes = Triples.parse("<urn:s> a <http://www.w3.org/ns/shacl#NodeShape> .", "turtle")
    assert render_report(validate(Triples.empty(), shapes=shapes), form)
