"""Traces the solutions of a query: the triples that each of them rests on, found by the query's own pattern."""
