"""Validation in bounded memory: a data graph is kept in files, cut by focus nodes, and validated bucket by bucket."""

from glocal_rdf.shacl.bounded.validation import BoundedOptions, validate_bounded

__all__ = ["BoundedOptions", "validate_bounded"]
