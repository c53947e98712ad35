"""A place is an object until it is printed."""

from __future__ import annotations

import pytest

from glocal_rdf.location import Location


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (Location("a.csv"), "a.csv"),
        (Location("a.csv", 3), "a.csv:3"),
        (Location("a.csv", 3, "name (en)"), "a.csv:3 (name (en))"),
        (Location("a.csv", column="x"), "a.csv (x)"),
        (Location("a.ttl", 3, character=7), "a.ttl:3:7"),
        (Location("d", start=0, end=0), "d#char=0,0"),
        (Location("notes:12"), "notes:12"),
        (Location("a:7.csv", 1, "b"), "a:7.csv:1 (b)"),
    ],
)
def test_a_location_is_printed_as_people_go_to_it(location: Location, text: str) -> None:
    assert str(location) == text


def test_a_file_whose_name_looks_like_a_line_or_a_passage_stays_a_file() -> None:
    assert Location("notes:12").as_dict() == {"file": "notes:12"}
    assert Location("x#char=1,2").as_dict() == {"file": "x#char=1,2"}
    assert Location("notes:12") != Location("notes", 12)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": 1},
        {"end": 1},
        {"start": 2, "end": 1},
        {"start": -1, "end": 1},
        {"start": 1, "end": 2, "row": 1},
        {"row": -1},
        {"character": 1},
        {"row": 1, "character": -1},
    ],
)
def test_a_place_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"a passage|there is no character"):
        Location("a", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("iri", ["d#char=1,2#char=3,4", "#char=1,2", "d#char=1", "d#char=1,2x", "d#char=2,1", "d"])
def test_an_iri_without_a_passage_is_the_whole_of_what_it_names(iri: str) -> None:
    assert Location.of_iri(iri) == Location(iri)


def test_locations_are_ordered_by_file_and_row_and_numbers_by_their_size() -> None:
    ordered = [Location("a2.csv", 1), Location("a10.csv", 1), Location("b.csv", 2), Location("b.csv", 10, "x")]
    assert sorted([*ordered[2:], *ordered[:2]], key=Location.sort_key) == ordered
