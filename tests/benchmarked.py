"""What the benchmarks generate, for tests of results at their size."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from conftest import ROOT

__all__ = ["load_benchmark"]


def load_benchmark(name: str) -> dict[str, Any]:
    """Run a script of benchmarks/ as a module, and return its names; it imports what stands beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        return runpy.run_path(str(ROOT / "benchmarks" / f"{name}.py"))
