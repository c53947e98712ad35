"""A link needs evidence beside the name, nothing that contradicts it, and no second candidate nearby."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glocal_rdf.linking.candidates import MAX_STRONG, find_candidates
from glocal_rdf.linking.decisions import decide
from glocal_rdf.linking.things import Things, make_things

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("names", "known", "expected"),
    [
        (("Taipei",), {"countries": ["Taiwan"]}, "Q1867"),
        (("台北市",), {"countries": ["台灣"]}, "Q1867"),
        (("TAIPEI CITY",), {"countries": ["TWN"]}, "Q1867"),
        (("Ｔａｉｐｅｉ",), {"countries": ["Q865"]}, "Q1867"),
        (("Taipei",), {"lat": 25.04, "lon": 121.5}, "Q1867"),
        (("Hsinchu City",), {"countries": ["TW"]}, "Q249994"),
        (("新竹縣",), {"countries": ["TW"]}, "Q74054"),
        (("Springfield",), {"countries": ["US"], "lat": 39.8, "lon": -89.6}, "Q1"),
        (("Springfield",), {"countries": ["CA"]}, "Q3"),
        (("Anything", "UNESCO"), {"sites": ["http://unesco.org/about"]}, "Q7809"),
        (("United Cities & Local Governments",), {"year": 2004}, "Q2974854"),
        (("城市与地方政府联合组织",), {"sites": ["uclg.org"]}, "Q2974854"),
        (("Organisation for Education",), {"identifiers": ["P6782:04h4z8k05"], "sites": ["unesco.org"]}, "Q7809"),
    ],
)
def test_linked(link: Any, names: tuple[str, ...], known: dict[str, Any], expected: str) -> None:
    found = link(*names, **known)
    assert (found["id"], found["link"], found["reason"]) == (expected, True, None)
    assert found["confidence"] >= 0.9


@pytest.mark.parametrize(
    ("names", "known", "reason"),
    [
        (("Taipei",), {}, "name alone"),
        (("United Cities and Local Governments",), {}, "name alone"),
        (("United Cities and Local Governments",), {"countries": ["JP"]}, "country differs"),
        (("Taipei",), {"countries": ["TW"], "lat": 22.6, "lon": 120.3}, "coordinates differs"),
        (("Taipei",), {"countries": ["TW"], "types": ["organization"]}, "type differs"),
        (("Taipei",), {"countries": ["TW"], "identifiers": ["P1566:1"]}, "identifier differs"),
        (("UNESCO",), {"countries": ["FR"], "year": 1999}, "year differs"),
        (("Springfield",), {"countries": ["US"]}, "namesakes"),
        (("Springfield",), {}, "namesakes"),
        (("United Nations Security Council",), {"countries": ["US"], "sites": ["https://un.org"]}, "part of a name"),
        (("Zzz",), {"identifiers": ["P6782:04h4z8k05"]}, "names differ"),
        (("Taipai",), {"countries": ["TW"]}, "names differ"),
    ],
)
def test_left_to_a_person(link: Any, names: tuple[str, ...], known: dict[str, Any], reason: str) -> None:
    found = link(*names, **known)
    assert (found["link"], found["reason"]) == (False, reason)
    assert found["confidence"] < 0.9


def test_a_county_is_not_the_city_of_its_name(link: Any) -> None:
    found = link("Hsinchu County", countries=["TW"])
    assert (found["id"], found["link"]) == ("Q74054", True)
    assert link("Springfield County", countries=["CA"])["link"] is False


def test_what_is_not_there_has_no_candidate(link: Any) -> None:
    assert link("Atlantis", countries=["TW"]) == {}


def test_unknown_is_not_different(link: Any) -> None:
    known = link("Taipei", countries=["TW"])
    assert {name for name in ("type", "year", "site", "coordinates", "identifier") if known[name] is not None} == set()
    assert link("Taipei", countries=["TW", "Formosa"])["country"] == 1
    assert link("Taipei", countries=["Formosa"])["country"] is None


def test_a_name_that_too_many_things_have_is_reported() -> None:
    ours = make_things([{"id": "1", "label": "Museum", "names": [("Museum", "", "label")]}])
    many = [{"id": f"Q{n}", "label": "Museum", "names": [("Museum", "", "label")]} for n in range(MAX_STRONG + 1)]
    found = decide(ours, find_candidates(ours, [(make_things(many), [])]))
    assert (found.frame.height, found.crowded) == (0, {0})
    one = make_things([{**many[0], "countries": ["FR"]}])
    ours = make_things([{"id": "1", "label": "Museum", "names": [("Museum", "", "label")], "countries": ["FR"]}])
    others = make_things(many[1:], 1)
    found = decide(ours, find_candidates(ours, [(one, []), (others, [])]))
    assert found.frame["id"].to_list() == ["Q0"]


def test_nothing_to_link_and_nothing_to_link_to() -> None:
    some = make_things([{"id": "1", "label": "Taipei", "names": [("Taipei", "", "label")]}])
    for ours, theirs in ((Things.empty(), some), (some, Things.empty()), (Things.empty(), Things.empty())):
        assert decide(ours, find_candidates(ours, [(theirs, [])])).frame.height == 0


def test_a_site_that_several_of_ours_have_does_not_place_them(link: Any) -> None:
    names = [("European Laboratory of Biology", "", "label")]
    ours = make_things([{"id": str(n), "label": "x", "names": names, "sites": ["lab.org"]} for n in range(2)])
    theirs = make_things([{"id": "Q9", "label": "x", "names": names, "sites": ["https://lab.org/"]}])
    assert decide(ours, find_candidates(ours, [(theirs, [])])).frame["link"].to_list() == [False, False]
    assert decide(one := make_things([{"id": "1", "label": "x", "names": names, "sites": ["lab.org"]}]),
                  find_candidates(one, [(theirs, [])])).frame["link"].to_list() == [True]  # fmt: skip


words = st.sampled_from(
    ["Taipei", "North", "City", "of", "臺北", "台北市", "Springfield", "(x)", "É", "", "-", "County"]
)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(words, min_size=1, max_size=3), min_size=1, max_size=6), st.randoms())
def test_the_order_of_rows_decides_nothing(names: list[list[str]], random: Any) -> None:
    records = [
        {"id": f"Q{n}", "label": " ".join(one), "names": [(" ".join(one), "", "label")], "countries": ["TW"]}
        for n, one in enumerate(names)
    ]
    shuffled = list(records)
    random.shuffle(shuffled)
    ours = make_things(records)

    def run(theirs: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        found = decide(ours, find_candidates(ours, [(make_things(theirs), [])])).frame
        return sorted(found.filter("link").select("thing", "id").iter_rows())

    first = run(records)
    assert first == run(shuffled)
    # A name that two things of one country have is never linked.
    linked = pl.DataFrame(first, schema=["thing", "id"], orient="row")
    folded = ["".join(one).casefold() for one in names]
    assert all(folded.count(folded[thing]) == 1 for thing in linked["thing"])
