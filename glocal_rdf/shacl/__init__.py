"""SHACL: shapes say what must hold, and the report says where it does not."""

from __future__ import annotations

from glocal_rdf.shacl.report.model import Result, ShapeInfo, ValidationReport
from glocal_rdf.shacl.validation import PreparedShapes, needed_predicates, prepare, validate

__all__ = [
    "PreparedShapes",
    "Result",
    "ShapeInfo",
    "ValidationReport",
    "needed_predicates",
    "prepare",
    "validate",
]
