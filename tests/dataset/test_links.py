"""Links to other datasets come from SSSOM tables, with what each row says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from glocal_rdf.errors import GlocalError, TableError
from glocal_rdf.project import Project
from glocal_rdf.sssom import read_links

HEADER = """#curie_map:
#  our: https://example.org/id/
#  wikidata: http://www.wikidata.org/entity/
#mapping_set_id: https://example.org/id/mapping/wikidata
#mapping_set_title: Links to Wikidata
#license: https://creativecommons.org/publicdomain/zero/1.0/
"""
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\tcomment\n"
ROW = 'our:city/a\tskos:exactMatch\twikidata:Q1\tsemapv:ManualMappingCuration\t0.95\tseen in "x"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "t.sssom.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_gives_the_link_and_what_it_says_of_itself(tmp_path: Path) -> None:
    links = read_links(write(tmp_path, HEADER + COLUMNS + ROW.replace('"', "")))
    a, q1 = "<https://example.org/id/city/a>", "<http://www.wikidata.org/entity/Q1>"
    exact = "<http://www.w3.org/2004/02/skos/core#exactMatch>"
    assert (a, exact, q1) in links
    [(mapping, _, _)] = links.match(predicate="<http://www.w3.org/2002/07/owl#annotatedSource>", object=a)
    said = {p.rpartition("/")[2].rpartition("#")[2].rstrip(">"): o for _, p, o in links.match(subject=mapping)}
    assert said["annotatedTarget"] == q1
    assert said["annotatedProperty"] == exact
    assert said["mapping_justification"] == "<https://w3id.org/semapv/vocab/ManualMappingCuration>"
    assert said["confidence"] == '"0.95"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    assert said["comment"] == '"seen in x"'
    assert said["isPartOf"] == "<https://example.org/id/mapping/wikidata>"


def test_the_same_row_has_the_same_name_wherever_it_stands(tmp_path: Path) -> None:
    first = ROW.replace('"', "")
    other = first.replace("city/a", "city/b").replace("Q1", "Q2")
    one, two = (read_links(write(tmp_path, HEADER + COLUMNS + rows)) for rows in (first + other, other + first))
    assert one == two


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            HEADER + COLUMNS + ROW.replace("wikidata:Q1", "wd:Q1"),
            r"t\.sssom\.tsv:8: object_id: 'wd:Q1' has an unknown prefix",
        ),
        (HEADER + COLUMNS + ROW.replace("semapv:ManualMappingCuration", ""), r":8: mapping_justification is empty"),
        (HEADER + COLUMNS.replace("object_id", "target") + ROW, "lacks the column object_id"),
        ("#a: [\n" + COLUMNS + ROW, "has a broken header"),
        (HEADER + COLUMNS + "#late\n" + ROW, "lines that begin with # inside the table"),
    ],
)
def test_a_bad_table_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(GlocalError, match=told):
        read_links(write(tmp_path, text))


def test_all_bad_rows_are_told(tmp_path: Path) -> None:
    bad = ROW.replace("wikidata:Q1", "wd:Q1")
    with pytest.raises(TableError) as raised:
        read_links(write(tmp_path, HEADER + COLUMNS + bad + bad.replace("our:", "their:")))
    assert [problem.row for problem in raised.value.problems] == [9, 8, 9]


def test_the_bundled_links_name_things_of_the_dataset(project: Project) -> None:
    assert project.link_files
    ids = set()
    for table in ("organizations", "places", "concepts", "events", "agreements", "programmes"):
        lines = (project.root / "data" / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        ids |= {f"<https://w3id.org/glocal/id/{line.split(',')[0]}>" for line in lines[1:]}
    for path in project.link_files:
        sources = read_links(path).match(predicate="<http://www.w3.org/2002/07/owl#annotatedSource>")
        assert {term for _, _, term in sources} <= ids
