"""The W3C's cases of CSV on the Web through a cluster, cut wherever a record begins: the same triples, all pass."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from cluster.conftest import read_joined
from w3c_suites import CSVW, CSVW_BASE, CsvwCase, read_csvw_cases

from glocal_rdf import csvw
from glocal_rdf.cluster import Cluster
from glocal_rdf.errors import GlocalError
from glocal_rdf.operations.cluster_csvw import convert_tables
from glocal_rdf.triples import Triples

EVERY = 7
"""One case of how many is not left for the long run."""


@cache
def list_cases() -> tuple[CsvwCase, ...]:
    """List the cases; none where the suite is not here."""
    return tuple(read_csvw_cases("manifest-rdf.ttl"))


def list_parameters() -> list[object]:
    """List the cases, with the marks of when they run."""
    return [
        pytest.param(case, id=case.name, marks=pytest.mark.slow if number % EVERY == 0 else pytest.mark.long)
        for number, case in enumerate(list_cases())
    ]


@pytest.mark.parametrize("case", list_parameters())
def test_case(cluster: Cluster, case: CsvwCase, tmp_path: Path) -> None:
    check_case(cluster, case, tmp_path / "out")


def check_case(cluster: Cluster, case: CsvwCase, out: Path) -> None:
    """Convert the tables of a case on a cluster, and compare what was written with the result of the W3C and ours."""
    mode = "minimal" if case.minimal else "standard"

    def convert() -> Triples:
        convert_tables(
            cluster,
            str(case.action),
            str(out),
            mode=mode,
            metadata=case.metadata,
            fetch=case.fetch,
            lists="joined",
            strict=True,
            range_size=1,
            max_tasks=2,
            partitions=2,
        )
        return Triples.parse(read_joined(out), "ntriples")

    if case.kind == "NegativeRdfTest":
        with pytest.raises(GlocalError):
            convert()
        assert not out.exists()
        return
    made = convert()
    one = csvw.convert(case.action, mode=mode, lists="joined", strict=True, metadata=case.metadata, fetch=case.fetch)
    assert read_joined(out) == one.triples.sort().serialize("ntriples")
    expected = (CSVW / str(case.result).removeprefix(CSVW_BASE)).read_bytes()
    assert made.is_isomorphic(Triples.parse(expected, "turtle", base=str(case.result)))
