"""SPARQL on the ground: the tokens and the grammar of queries, and literals kept as they are written."""
