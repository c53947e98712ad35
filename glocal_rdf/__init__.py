"""Glocal RDF: documents and tables into linked open data that people can trust."""

__version__ = "0.1.0"
