"""`glocal find` prints what was probably meant, in both languages, and why."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from conftest import Run

from glocal_rdf.cli.find import name_rank
from glocal_rdf.search.fulltext import How


@pytest.mark.slow
def test_a_thing_is_shown_with_its_names_its_class_and_why(run: Run) -> None:
    result = run("find", "uclg", "--lang", "en")
    head, _, first, *_ = result.stdout.splitlines()
    assert head.split() == ["thing", "English", "Chinese", "class", "found", "by"]
    cells = [cell.strip() for cell in first.split("   ") if cell.strip()]
    assert cells == [
        "organization:uclg",
        "United Cities and Local Governments",
        "城市與地方政府聯合組織",
        "city network",
        "name: UCLG",
    ]
    assert result.exit_code == 0


def test_headings_and_classes_follow_the_language(run: Run) -> None:
    shown = run("find", "Barcelna", "--lang", "zh-Hant").stdout.split()
    assert shown[:5] == ["事物", "英文", "中文", "類別", "符合方式"]
    assert shown[-5:] == ["place:barcelona", "Barcelona", "巴塞隆納", "市", "近似：Barcelona"]


@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
def test_every_way_of_being_found_is_told_in_both_languages(lang: str) -> None:
    assert len({name_rank(how, lang) for how in get_args(How)}) == len(get_args(How))


def test_simplified_characters_show_what_traditional_ones_do(run: Run) -> None:
    assert (
        run("find", "城市联盟", "--lang", "zh-Hant").stdout == run("find", "城市聯盟", "--lang", "zh-Hant").stdout != ""
    )


def test_words_need_no_quotes(run: Run) -> None:
    assert run("find", "climate", "change", "--json").stdout == run("find", "climate change", "--json").stdout


def test_json_is_for_programs(run: Run) -> None:
    first, *rest = json.loads(run("find", "城市聯盟", "--limit", 3, "--json").stdout)
    assert len(rest) == 2
    assert set(first) == {"id", "iri", "names", "classes", "how", "matched", "property", "similarity", "likeness"}
    assert first["similarity"] == first["likeness"] == 1.0
    assert (first["how"], first["matched"], first["names"]["zh-Hant"]) == ("exact", "城市聯盟", "城市聯盟")
    assert first["iri"].endswith(first["id"].replace(":", "/"))


def test_nothing_is_said_to_be_nothing(run: Run) -> None:
    result = run("find", "qqqqzzzz")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing in the data is similar to 'qqqqzzzz'" in result.stderr
    assert run("find", "qqqqzzzz", "--json").stdout == "[]\n"


def test_words_are_needed(run: Run) -> None:
    assert run("find").exit_code == 2
