"""How a Wikibase and its services are asked: one request at a time, within limits, kept on disk."""
