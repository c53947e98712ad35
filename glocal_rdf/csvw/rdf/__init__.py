"""Generates triples of rows and cells (Generating RDF from Tabular Data on the Web)."""
