"""Serves a graph over HTTP, read-only: pages, data, SPARQL, answers in JSON, reconciliation, tools for models."""
