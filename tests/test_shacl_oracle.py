"""The engine and the oracle (`oracle/`) agree on random data and constraints, forbidden ones included."""

from __future__ import annotations

import pytest
from oracle.compare import difference
from oracle.generator import make_case


@pytest.mark.parametrize("first", range(0, 300, 25))
def test_the_engine_and_the_oracle_agree_on_random_constraints(first: int) -> None:
    for seed in range(first, first + 25):
        case = make_case(seed)
        assert difference(case.data, case.shapes) is None, (seed, case.query)
