"""The shapes graph: read, checked against the syntax rules, and what of it is not supported."""
