"""Triples: rows and cells written as RDF (Generating RDF from Tabular Data on the Web)."""
