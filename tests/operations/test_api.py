"""The library is the command without its face."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import glocal_rdf

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(glocal_rdf.__path__, "glocal_rdf.")
    if "bundled" not in module.name and not module.name.startswith("glocal_rdf.cli")
)


def test_public_names_are_sorted_and_there() -> None:
    names = list(glocal_rdf.__all__)
    assert names[0] == "__version__"
    assert names[1:] == sorted(names[1:])
    for name in set(glocal_rdf.__all__) - {"__version__"}:
        assert callable(getattr(glocal_rdf, name)), name


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = glocal_rdf.nothing


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_offers_is_there(name: str) -> None:
    module = importlib.import_module(name)
    offered = getattr(module, "__all__", None)
    if offered is None:
        assert name.count(".") > 1, f"{name} is a package and does not say what it offers"
        return
    assert len(set(offered)) == len(offered)
    assert all(hasattr(module, one) for one in offered)


LONG = {
    f"glocal_rdf.operations.{name}" for name in ("export_catalogue", "publish", "publish_catalogue", "publish_dumps")
}
"""Modules whose examples take long: a whole site is written."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.slow) if one in LONG else one for one in ("glocal_rdf", *MODULES)],
)
def test_examples_in_docstrings_are_true(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert not failed


def test_the_command_starts_without_the_libraries_that_it_does_not_need() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom glocal_rdf.cli import cli\n"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0\n"
        "print([name for name in ('polars', 'rdflib', 'pyshacl', 'pyoxigraph', 'rich') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"
