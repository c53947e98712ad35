"""Claims: which of them count, what follows from them, and what rests on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.claims.curation import derive_curated
    from glocal_rdf.claims.explanation import Evidence, Statement, explain_thing
    from glocal_rdf.claims.memberships import derive_intervals
    from glocal_rdf.claims.ranking import derive_truthy, list_claims
    from glocal_rdf.claims.rules import apply_rules

__all__ = [
    "Evidence",
    "Statement",
    "apply_rules",
    "derive_curated",
    "derive_intervals",
    "derive_truthy",
    "explain_thing",
    "list_claims",
]

__getattr__ = importer(
    __name__,
    {
        "Evidence": "explanation",
        "Statement": "explanation",
        "apply_rules": "rules",
        "derive_curated": "curation",
        "derive_intervals": "memberships",
        "derive_truthy": "ranking",
        "explain_thing": "explanation",
        "list_claims": "ranking",
    },
    {"Told": "source_graphs.SourceStatements", "derive_plain": "derive_truthy"},
)
