"""What a SPARQL store says of one thing, of a class or of a word: found by plain SPARQL 1.1, within limits."""
