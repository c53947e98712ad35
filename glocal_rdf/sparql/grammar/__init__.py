"""The grammar of SPARQL: tokens, the tree that a query is read into, and the rules on variables."""
