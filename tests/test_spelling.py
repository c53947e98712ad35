"""The known word that a misspelt one was most likely meant to be."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glocal_rdf.spelling import MAX_LENGTH, did_you_mean, join_choices, nearest, nearest_name, within_one_edit

WORDS = st.text(st.sampled_from("abcs_ "), max_size=6)


def test_equally_near_words_come_in_alphabetical_order_whatever_the_order_given() -> None:
    assert (
        nearest("lngth", ["xlength", "alength"]) == nearest("lngth", ["alength", "xlength"]) == ("alength", "xlength")
    )


def test_no_more_words_are_returned_than_the_limit_and_none_below_the_cutoff() -> None:
    known = ["place", "places", "placed", "palace", "zzz"]
    assert nearest("place", known, limit=2)[0] == "place"
    assert len(nearest("place", known, limit=2)) == 2
    assert "zzz" not in nearest("place", known, limit=9)
    assert nearest("place", known, limit=9, cutoff=1.0) == ("place",)


def test_the_text_of_a_book_is_compared_by_its_beginning() -> None:
    assert nearest("a" * MAX_LENGTH + "b" * 10_000_000, ["a" * MAX_LENGTH]) == ("a" * MAX_LENGTH,)


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("Primary_Key", ["primaryKey"], "primaryKey"),
        ("row", ["rows", "column"], "rows"),
        ("as", ["a"], "a"),
        ("s", [], None),
        ("", ["a"], None),
        ("___", ["___x"], None),
    ],
)
def test_case_marks_and_plural_do_not_count_in_names(word: str, known: list[str], expected: str | None) -> None:
    assert nearest_name(word, known) == expected


def test_a_hint_names_what_was_meant_or_says_otherwise() -> None:
    assert did_you_mean("colum", ["column"]) == "did you mean 'column'?"
    assert did_you_mean("colum", []) == ""
    assert join_choices(x for x in ("a", "b")) == "did you mean a or b?"


def _edits(word: str) -> set[str]:
    """Every word one edit away, made rather than compared."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    letters = "abcs_ "
    made = {a + b[1:] for a, b in cuts if b} | {a + c + b for a, b in cuts for c in letters}
    made |= {a + c + b[1:] for a, b in cuts if b for c in letters}
    made |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    return made - {word}


@given(WORDS, WORDS)
def test_one_edit_is_what_one_edit_makes(word: str, other: str) -> None:
    assert within_one_edit(word, other) == (other in _edits(word))
    assert all(within_one_edit(word, made) for made in _edits(word))


def test_the_library_is_imported_only_when_something_is_misspelt() -> None:
    code = "import sys, glocal_rdf.spelling; print('rapidfuzz' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "False"
