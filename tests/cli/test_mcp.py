"""`glocal mcp`: what it says where it cannot serve. What it serves is tested in `tests/serve/mcp`."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Run


def test_without_the_extra_it_names_it(run: Run, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "mcp_types":
            raise ImportError("No module named 'mcp_types'", name="mcp_types")
        return original(name, *rest)

    monkeypatch.delitem(sys.modules, "glocal_rdf.serve.mcp.server", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    result = run("mcp", "-p", small)
    assert result.exit_code == 2
    assert "mcp: needs the package mcp_types; install the extra: pip install 'glocal-rdf[mcp]'" in result.stderr


def test_a_project_that_cannot_be_built_is_reported(run: Run, small: Path) -> None:
    (small / "data" / "csv-metadata.json").write_text("{", encoding="utf-8")
    result = run("mcp", "-p", small)
    assert result.exit_code == 2
    assert "is not JSON" in result.stderr
    assert result.stdout == ""
