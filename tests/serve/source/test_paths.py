"""Paths of pages about any IRI, and the IRIs that they are read back to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glocal_rdf.serve.source.paths import iri_of_path, pack, path_of_iri, unpack

SPACE = "https://e.org/id/"
LETTERS = st.text(alphabet=st.sampled_from("ab/._-#?=%é京~:;.enttl2F"), min_size=1, max_size=14)


@given(rest=LETTERS, start=st.sampled_from(["http://", "https://e.org/id/", "urn:", "mailto:", "http:/", "x:///"]))
def test_a_path_leads_back_to_its_iri_and_has_no_part_that_a_server_would_read_otherwise(rest: str, start: str) -> None:
    iri = start + rest
    if not iri.partition(":")[2].strip("/"):
        return
    for space in ("", SPACE):
        path = path_of_iri(iri, space)
        assert iri_of_path(path, space) == iri
        parts = path.split("/")
        assert all(parts)
        assert not {".", ".."} & set(parts)
        assert "." not in parts[-1]
    assert unpack(pack(iri)) == iri


@pytest.mark.parametrize(
    "path",
    [
        "doc/../../etc/passwd",
        "doc/",
        "doc",
        "resource",
        "resource/",
        "resource/http",
        "resource/http/",
        "resource/http/a//b",
        "resource/http/a.b",
        "resource/http/=zz",
        "resource/http/a=2f",
        "resource/http/=FF",
        "resource/1x/a",
        "resource/http/a=20b",
        "resource/http/a=3Cb",
        "other/http/a",
        "",
    ],
)
def test_a_path_that_is_written_otherwise_is_not_one(path: str) -> None:
    assert iri_of_path(path, SPACE) is None
