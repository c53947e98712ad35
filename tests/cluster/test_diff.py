"""The changes between two graphs on a cluster: in every form the same as on one machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from glocal_rdf.cluster import Cluster
from glocal_rdf.errors import InputError
from glocal_rdf.operations.cluster_diff import diff_on_cluster
from glocal_rdf.operations.diff import FORMS, diff, render_changes

SKOS = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def make_version(*, new: bool) -> str:
    """Make a version of a graph: values changed, things added, removed and renamed, names and classes that stay."""
    lines = [f'<urn:Kind> {SKOS} "kind"@en .', f'<urn:p> {SKOS} "property"@en .']
    for number in range(400):
        thing = f"<urn:{'renamed' if new and number == 7 else 't'}{number}>"
        if number == 11 and new:
            continue
        lines += [
            f"{thing} {TYPE} <urn:Kind> .",
            f'{thing} {SKOS} "thing {number}"@en .',
            f"{thing} <urn:p> <urn:t{number // 2}> .",
            f'{thing} <urn:size> "{number + (new and number % 50 == 0)}" .',
        ]
    lines += [f'<urn:fresh> {SKOS} "fresh"@zh-Hant .'] if new else []
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_changes_are_those_of_one_machine(cluster: Cluster, tmp_path: Path) -> None:
    old, new = tmp_path / "old.nt", tmp_path / "new.nt"
    old.write_text(make_version(new=False))
    new.write_text(make_version(new=True))
    one = diff(old, new)
    many = diff_on_cluster(cluster, str(old), str(new), partitions=5, size=9_000)
    assert one
    for form in FORMS:
        assert render_changes(many, form) == render_changes(one, form)
    assert not diff_on_cluster(cluster, str(old), str(old))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.nt", "old.nt"]


def test_blank_nodes_are_refused_by_name(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "old.nt").write_text("<urn:a> <urn:p> _:b .\n")
    with pytest.raises(InputError, match=r"old\.nt: 1 of its triples have blank nodes, .* without --cluster"):
        diff_on_cluster(cluster, str(tmp_path / "old.nt"), str(tmp_path / "old.nt"))
