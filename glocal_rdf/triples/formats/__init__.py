"""Formats of RDF: a registry of them, and how each is read and written."""
