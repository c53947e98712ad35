"""Changes between two versions of a graph: found, put into words, and written as a patch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.changes.comparison import compare_graphs, compare_versions
    from glocal_rdf.changes.model import Changes, GraphChanges, GraphVersion, Rename, RuleChange
    from glocal_rdf.changes.patch import apply_patch, write_patch

__all__ = [
    "Changes",
    "GraphChanges",
    "GraphVersion",
    "Rename",
    "RuleChange",
    "apply_patch",
    "compare_graphs",
    "compare_versions",
    "write_patch",
]

__getattr__ = importer(
    __name__,
    {
        "Changes": "model",
        "GraphChanges": "model",
        "GraphVersion": "model",
        "Rename": "model",
        "RuleChange": "model",
        "apply_patch": "patch",
        "compare_graphs": "comparison",
        "compare_versions": "comparison",
        "write_patch": "patch",
    },
)
