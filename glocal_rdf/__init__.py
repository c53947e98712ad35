"""Glocal RDF: documents and tables into linked open data that people can trust.

Everything that the command does is also available from Python:

>>> from glocal_rdf import Project, build, validate
>>> built = build(Project.bundled())
>>> validate(built).engine
'columns'
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing is not imported for it, so that the command is there at once
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from typing import Any

    from glocal_rdf.errors import GlocalError, Problem
    from glocal_rdf.operations import Build, ask, build, cite, coverage, explain, export, find, validate
    from glocal_rdf.project import Project
    from glocal_rdf.triples import Triples

__version__ = "0.3.0"

__all__ = [
    "Build",
    "GlocalError",
    "Problem",
    "Project",
    "Triples",
    "__version__",
    "ask",
    "build",
    "cite",
    "coverage",
    "explain",
    "export",
    "find",
    "validate",
]

_HOMES = {"GlocalError": "errors", "Problem": "errors", "Project": "project", "Triples": "triples"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that the command starts at once."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"glocal_rdf.{_HOMES.get(name, 'operations')}"), name)


class _FormerNames:
    """Finds modules under the names that they had up to version 0.3; it is asked last."""

    @staticmethod
    def find_spec(name: str, *_: Any) -> ModuleSpec | None:
        if not name.startswith("glocal_rdf."):
            return None
        from glocal_rdf.former_names import find_former  # noqa: PLC0415

        return find_former(name)


sys.meta_path.append(_FormerNames)
