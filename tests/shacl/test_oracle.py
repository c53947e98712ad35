"""The engine and the oracle (`oracle/`) agree on random data and constraints, forbidden ones included.

Some hundred cases here, more in CI; many more by hand, with `oracle/compare.py`, whose results are in
`oracle/RESULTS.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from oracle.compare import KeptProcess, difference
from oracle.generator import make_case

from glocal_rdf.sparql.execution import process

CASES = 400 if os.environ.get("CI") == "true" else 250


@pytest.fixture(scope="module", autouse=True)
def kept_process() -> Iterator[None]:
    """One process for all cases, since starting one takes longer than a case."""
    with pytest.MonkeyPatch.context() as patch:
        kept = KeptProcess()
        patch.setattr(process, "StoreProcess", lambda: kept)
        yield
        kept.end()


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, CASES, 25))
def test_the_engine_and_the_oracle_agree_on_random_constraints(first: int) -> None:
    for seed in range(first, first + 25):
        case = make_case(seed)
        assert difference(case.data, case.shapes) is None, (seed, case.query)
