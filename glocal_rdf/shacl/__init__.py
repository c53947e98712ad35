"""SHACL: validate a graph against shapes, by columns or by pySHACL, and report what does not conform.

https://www.w3.org/TR/shacl/
"""

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
