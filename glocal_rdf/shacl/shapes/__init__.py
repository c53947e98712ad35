"""The shapes graph: read, checked by the syntax rules, and what of it has no effect or is not supported."""
