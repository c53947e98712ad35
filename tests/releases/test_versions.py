"""Versions are ordered by Semantic Versioning, or by their numbers, and their names are safe as folders."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glocal_rdf.errors import InputError
from glocal_rdf.releases import check_version, find_release, is_later, list_releases

SEMANTIC = ["0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
SEMANTIC += ["1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"]
OTHERS = ["2025", "2026-1", "2026-1-31", "2026-02", "2026-11", "v3"]


@pytest.mark.parametrize("versions", [SEMANTIC, ["v1.9", "v1.9.1", "v1.10", "v2"], OTHERS[:-1]])
def test_versions_are_in_order(versions: list[str]) -> None:
    for one, other in itertools.combinations(versions, 2):
        assert is_later(other, one), (one, other)
        assert not is_later(one, other), (one, other)


def test_build_metadata_does_not_count() -> None:
    assert not is_later("1.0.0+b", "1.0.0+a")
    assert not is_later("1.0.0", "1.0.0+a")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(SEMANTIC + OTHERS), min_size=2, max_size=2))
def test_of_two_versions_at_most_one_is_later(pair: list[str]) -> None:
    one, other = pair
    assert is_later(one, other) + is_later(other, one) == (one != other)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../1",
        "1/2",
        "a\\1",
        "-1",
        "1.",
        ".1",
        "1..2",
        "abc",
        "redirects.csv",
        "1 0",
        "１",
        "1\n",
        "x" * 65,
    ],
)
def test_a_name_that_is_no_version_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is not the name of a version"):
        check_version(name)


def test_other_folders_are_no_releases(tmp_path: Path) -> None:
    for name in ("1.10.0", "1.9.0", "notes", ".1.11.0.ab.part", "1.11.0"):
        (tmp_path / "releases" / name).mkdir(parents=True)
        if name != "1.11.0":
            (tmp_path / "releases" / name / "SHA256SUMS").write_text("", encoding="utf-8")
    assert [release.version for release in list_releases(tmp_path)] == ["1.9.0", "1.10.0"]
    assert list_releases(tmp_path / "missing") == []
    assert find_release(tmp_path, "1.11.0") is None
    assert find_release(tmp_path, "../releases/1.9.0") is None
