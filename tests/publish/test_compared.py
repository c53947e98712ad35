"""The page of a kept comparison with Wikidata: it has every statement, escaped, and is there only where one is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run
from linked_project import LEAGUE, list_entities, make_linked

from glocal_rdf.errors import InputError
from glocal_rdf.operations.build import build
from glocal_rdf.operations.publish import make_site, publish_site
from glocal_rdf.operations.publish_wikidata import KEPT, contribute
from glocal_rdf.project import Project

WITHOUT = ("dictionary", "pictures", "sparql", "catalogue", "browse", "terms", "quality")


@pytest.mark.slow
def test_a_kept_comparison_is_a_page_in_each_language(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    linked = make_linked(tmp_path / "linked")
    (tmp_path / "items.json").write_text(json.dumps({"entities": {one["id"]: one for one in list_entities()}}))
    kept = linked / KEPT
    result = run(
        "wikidata", "compare", "--project", linked, "--entities", tmp_path / "items.json", "--json", "-o", kept
    )
    assert result.exit_code == 0, result.stderr
    record = json.loads(kept.read_text(encoding="utf-8"))
    record["statements"][0]["theirs"] = "<script>alert(1)</script>"
    kept.write_text(json.dumps(record), encoding="utf-8")
    site = tmp_path / "site"
    publish_site(build(Project.open(linked)), site, formats=["turtle"], without=WITHOUT)
    page = (site / "compared.zh-Hant.html").read_text(encoding="utf-8")
    assert page.count('<th scope="row">') == len(record["statements"])
    assert "<script>alert" not in page
    assert "僅本資料有" in page
    assert f'href="https://wikibase.example/entity/{LEAGUE}"' in page
    assert "compared.html" in (site / "index.html").read_text(encoding="utf-8")


NAMED = '"wikibase": "W", "date": "x"'


@pytest.mark.parametrize("text", ["{", "[]", f"{{{NAMED}}}", f'{{{NAMED}, "statements": [{{"outcome": "same"}}]}}'])
def test_what_is_not_a_comparison_is_an_error_with_the_file(tmp_path: Path, text: str) -> None:
    linked = make_linked(tmp_path / "linked")
    (linked / KEPT).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"wikidata-comparison\.json: .*glocal wikidata compare"):
        contribute(make_site(build(Project.open(linked))))


def test_without_a_comparison_there_is_no_page(tmp_path: Path) -> None:
    site = make_site(build(Project.open(make_linked(tmp_path / "linked"))))
    found = contribute(site)
    assert (found.menu, dict(found.pages), list(found.write(site))) == ((), {}, [])
