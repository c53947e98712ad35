"""Evaluates the queries of SPARQL-based constraints as joins of columns, where that gives what SPARQL says."""
