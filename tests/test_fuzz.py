"""Hostile inputs, seeded and bounded: forty seconds in CI; `python -m fuzz --seconds 3600` runs for an hour."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import FULL
from fuzz.runner import check_input, hunt
from fuzz.targets import TARGETS

FINDINGS = Path(__file__).parent / "fuzz" / "findings"
SECONDS = 120 if FULL else 40 if os.environ.get("CI") == "true" else 8


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_nothing_is_found(target: str) -> None:
    result = hunt(target, seed=1, seconds=SECONDS / len(TARGETS))
    assert result.cases > 1
    assert not result.findings, [f"seed {f.seed}: {f.what}" for f in result.findings]


def test_what_was_found_once_is_right() -> None:
    for case in sorted(FINDINGS.iterdir()) if FINDINGS.is_dir() else ():
        files = {path.name: path.read_bytes() for path in case.iterdir() if path.name != "wrong.txt"}
        assert check_input(case.name.partition("-")[0], files) == "", case.name
