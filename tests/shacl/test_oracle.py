"""The engine and the oracle (`oracle/`) agree on random data and constraints, forbidden ones included.

Some hundred cases here, more in CI; many more by hand, with `oracle/compare.py`, whose results are in
`oracle/RESULTS.md`.
"""

from __future__ import annotations

import os

import pytest
from oracle.compare import difference
from oracle.generator import make_case

CASES = 400 if os.environ.get("CI") == "true" else 250


@pytest.mark.usefixtures("kept_process")
@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, CASES, 25))
def test_the_engine_and_the_oracle_agree_on_random_constraints(first: int) -> None:
    for seed in range(first, first + 25):
        case = make_case(seed)
        assert difference(case.data, case.shapes) is None, (seed, case.query)
