"""The index of the search in the browser: every thing, every spelling, and the numbers of things that have a term."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from glocal_rdf.dataset import Build
from glocal_rdf.operations.publish import contribute_parts, make_site
from glocal_rdf.publish.search.words import cut_terms, fold_table, fold_text
from glocal_rdf.publish.showing import split_literal
from glocal_rdf.publish.site import Page, Site

from .conftest import read_page

CALL = re.compile(r'glocalSearch\("(index|terms|things)",(\d+),(.*)\);\n', re.DOTALL)


def read_index(site: Path, kind: str) -> list[Any]:
    """Read the files of a kind of an index, in order."""
    found = {}
    for path in (site / "search").glob("*.js"):
        call = CALL.fullmatch(path.read_text("utf-8"))
        assert call, path.name
        if call[1] == kind:
            found[int(call[2])] = json.loads(call[3])
    assert sorted(found) == list(range(len(found)))
    return [found[place] for place in sorted(found)]


@pytest.fixture(scope="module")
def made(built: Build) -> Site:
    return make_site(built)


@pytest.fixture(scope="module")
def postings(site: Path) -> dict[str, list[list[int]]]:
    """The numbers of things by term: those with it in a name, and those with it in a description."""
    found: dict[str, list[list[int]]] = {}
    for shard in read_index(site, "terms"):
        for term, lists in shard.items():
            assert term not in found
            found[term] = [[sum(steps[: place + 1]) for place in range(len(steps))] for steps in lists]
    return found


def test_everything_with_a_page_is_in_the_index_with_its_page(site: Path, made: Site) -> None:
    things = [thing for block in read_index(site, "things") for thing in block]
    paths = [made.addresses[term] for term in made.resources["term"]]
    assert sorted(path for path, *_ in things) == sorted(paths)
    [head] = read_index(site, "index")
    assert head["things"] == len(things)
    assert len(head["codes"]) == head["width"] * len(things)


def test_every_spelling_of_a_name_is_found_by_each_of_its_parts(
    site: Path, made: Site, postings: dict[str, list[list[int]]]
) -> None:
    paths = [path for block in read_index(site, "things") for path, *_ in block]
    numbers = {path: number for number, path in enumerate(paths)}
    labels = made.known.filter(pl.col("predicate").str.contains("(pref|alt|hidden)Label>$"))
    labels = labels.filter(pl.col("subject").is_in(list(made.resources["term"])))
    assert labels.height > 2000
    for subject, literal in labels.select("subject", "object").iter_rows():
        number = numbers[made.addresses[subject]]
        text = fold_text(split_literal(literal)[0])
        for (term,) in cut_terms(pl.DataFrame({"text": [text]})).rows():
            assert number in postings[term][0], f"{literal}: {term}"


def test_the_first_terms_lead_to_the_file_of_every_term(site: Path) -> None:
    [head] = read_index(site, "index")
    shards = read_index(site, "terms")
    assert head["firsts"] == [min(shard) for shard in shards]
    assert [max(shard) < first for shard, first in zip(shards, head["firsts"][1:], strict=False)].count(False) == 0
    assert max(len(json.dumps(shard)) for shard in shards) < 200_000


def test_a_thing_that_is_called_so_comes_before_longer_names(site: Path, postings: dict[str, list[list[int]]]) -> None:
    paths = [path for block in read_index(site, "things") for path, *_ in block]
    assert paths[postings["=uclg"][0][0]] == "doc/organization/uclg"
    assert {paths[number] for number in postings["=城市联盟"][0]} >= {"doc/organization/cities-alliance"}


def test_the_fold_table_has_what_small_letters_do_not_do() -> None:
    table = fold_table(pl.Series([fold_text("臺灣 著作 ς")]))
    pairs = dict(zip(table[::2], table[1::2], strict=True))
    assert pairs["臺"] == "台"
    assert pairs["灣"] == "湾"
    assert pairs["ς"] == "σ"
    assert "聯" not in pairs
    assert "臺" not in fold_table(pl.Series([""], dtype=pl.String))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("，。—", []),
        ("城", ["城"]),
        ("臺北市", ["北市", "台北", "市"]),
        ("UN-Habitat 2005年", ["2005", "habitat", "un", "年"]),
        ("Énergie-Cités", ["cite", "energie"]),
        ("the world's cities", ["city", "s", "the", "world"]),
        ("constructor __proto__", ["constructor", "proto"]),
        ("</script><!--", ["script"]),
    ],
)
def test_texts_are_cut_into_terms(text: str, terms: list[str]) -> None:
    found = cut_terms(pl.DataFrame({"text": [fold_text(text)]}))
    assert sorted(found["term"]) == terms


@pytest.mark.slow
def test_every_page_has_the_field_and_a_site_without_the_part_has_none(parks: Path, made: Site) -> None:
    for path in parks.rglob("*.html"):
        elements = read_page(path).elements
        fields = [values for tag, values in elements if tag == "input" and values.get("type") == "search"]
        if ("body", "search") not in {(tag, values.get("class")) for tag, values in elements}:
            assert len(fields) == 1, path
    page = Page(path="index", titles={})
    assert 'type="search"' in contribute_parts(made).insert("head", page, "en")
    without = contribute_parts(made, ["search"])
    assert 'type="search"' not in without.insert("head", page, "en")
    assert without.find_page("search") is None
