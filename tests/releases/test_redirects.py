"""Redirects are kept, lead to where a thing is now, and never in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glocal_rdf import convert_table
from glocal_rdf.errors import InputError
from glocal_rdf.releases import Redirect, Redirects

NAMES = [f"urn:{letter}:1" for letter in "abcdef"]


def table(*pairs: tuple[str, str]) -> Redirects:
    return Redirects().add(Redirect(f"urn:{old}:1", new and f"urn:{new}:1", "1.1.0") for old, new in pairs)


def test_chains_are_flattened_and_keep_their_version_and_reason() -> None:
    first = Redirects().add([Redirect("urn:a:1", "urn:b:1", "1.1.0", "typo")])
    second = first.add([Redirect("urn:b:1", "urn:c:1", "1.2.0")])
    assert second.rows == (
        Redirect("urn:a:1", "urn:c:1", "1.1.0", "typo"),
        Redirect("urn:b:1", "urn:c:1", "1.2.0"),
    )


def test_a_chain_ends_at_what_was_withdrawn() -> None:
    assert table(("a", "b"), ("b", "")).follow("urn:a:1") == "urn:b:1"
    assert table(("a", "b"), ("b", "")).follow("urn:b:1") == ""


@pytest.mark.parametrize("pairs", [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a")]])
def test_a_circle_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(InputError, match="leads in a circle"):
        table(*pairs)


def test_a_redirect_does_not_change() -> None:
    with pytest.raises(InputError, match=r"leads to urn:b:1 since 1\.1\.0 already"):
        table(("a", "b")).add([Redirect("urn:a:1", "urn:c:1", "1.2.0")])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([*NAMES, ""])), max_size=8, unique_by=lambda p: p[0]))
def test_every_redirect_leads_to_an_end_or_there_is_a_circle(pairs: list[tuple[str, str]]) -> None:
    rows = [Redirect(old, new, "1", 'a "quoted", reason\nof two lines') for old, new in pairs]
    try:
        made = Redirects().add(rows)
    except InputError:
        assert any(reaches(old, dict(pairs)) for old, _ in pairs)
        return
    for row in made:
        assert made.follow(row.new) in {None, ""}
    assert Redirects().add(made.rows) == made


def reaches(start: str, leads: dict[str, str]) -> bool:
    """Whether an IRI leads to a circle."""
    seen = set()
    while start in leads and start not in seen:
        seen.add(start)
        start = leads[start]
    return start in seen


def test_the_table_is_read_as_it_was_written_and_becomes_rdf(tmp_path: Path) -> None:
    made = Redirects().add(
        [
            Redirect("https://e.org/a", "https://e.org/b?x=1,2", "1.1.0", 'so "it" is,\nhere'),
            Redirect("urn:x:1", "", "1.2.0"),
        ]
    )
    path = tmp_path / "redirects.csv"
    path.write_bytes(made.serialize())
    (tmp_path / "redirects.csv-metadata.json").write_bytes(made.describe())
    assert Redirects.read(path) == made
    assert Redirects.read(tmp_path / "missing.csv") == Redirects()
    graph = convert_table(path)
    assert not graph.problems
    assert ("<https://e.org/a>", "<http://purl.org/dc/terms/isReplacedBy>", "<https://e.org/b?x=1,2>") in graph.triples
    assert len(graph.triples.match(predicate="owl:deprecated")) == 2
    assert len(graph.triples) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("old,new\n", ":1: the columns are not old, new, since, reason"),
        ("old,new,since,reason\na,b\n", ":2: has 2 cells"),
        ("old,new,since,reason\nrelative,,1,\n", ":2: 'relative' is not an absolute IRI"),
        ("old,new,since,reason\nurn:a:1,no iri,1,\n", ":2: 'no iri' is not an absolute IRI"),
        ('old,new,since,reason\n"urn:a:1,,1,\n', "is not CSV"),
        ("old,new,since,reason\nurn:a:1,urn:b:1,1,\nurn:b:1,urn:a:1,2,\n", "leads in a circle"),
        ("\xff", "is not UTF-8"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "redirects.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=message):
        Redirects.read(path)
