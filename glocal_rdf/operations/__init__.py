"""What the command does, as functions: the only place, beside the face, where rooms meet."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glocal_rdf.operations.asking import (
        ask,
        bind_question,
        check_timeout,
        explain,
        explain_empty,
        fetch_for_shapes,
        find,
        list_questions,
    )
    from glocal_rdf.operations.building import Build, build, build_to_validate, export, validate
    from glocal_rdf.operations.citing import cite, coverage
    from glocal_rdf.operations.converting import read_dataset
    from glocal_rdf.operations.documenting import export_ontology, write_reference
    from glocal_rdf.operations.external import (
        External,
        find_source,
        join_reports,
        list_parts,
        tell_external,
        validate_external,
    )
    from glocal_rdf.operations.locating import locate_results, locate_statement

__all__ = [
    "Build",
    "External",
    "ask",
    "bind_question",
    "build",
    "build_to_validate",
    "check_timeout",
    "cite",
    "coverage",
    "explain",
    "explain_empty",
    "export",
    "export_ontology",
    "fetch_for_shapes",
    "find",
    "find_source",
    "join_reports",
    "list_parts",
    "list_questions",
    "locate_results",
    "locate_statement",
    "read_dataset",
    "tell_external",
    "validate",
    "validate_external",
    "write_reference",
]

_MODULES = {
    "Build": "building",
    "build": "building",
    "build_to_validate": "building",
    "export": "building",
    "validate": "building",
    "cite": "citing",
    "coverage": "citing",
    "read_dataset": "converting",
    "export_ontology": "documenting",
    "write_reference": "documenting",
    "External": "external",
    "find_source": "external",
    "join_reports": "external",
    "list_parts": "external",
    "tell_external": "external",
    "validate_external": "external",
    "locate_results": "locating",
    "locate_statement": "locating",
}


def __getattr__(name: str) -> Any:
    """Import a verb when it is first asked for, so that each command loads what it needs and no more."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"glocal_rdf.operations.{_MODULES.get(name, 'asking')}"), name)
