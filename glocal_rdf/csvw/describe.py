"""Guesses a first description of a bare table."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def describe(table: str | Path) -> dict[str, Any]:
    """Return a guessed description."""
    return {"url": Path(table).name}
