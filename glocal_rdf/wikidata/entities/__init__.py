"""Entities of a Wikibase as one model, whatever form they came in."""
