"""Constraint components, a module for each section of the specification (SHACL, sections 4.1 to 4.8)."""
