"""Batches of what a Wikibase lacks, for a person to review; nothing is ever written to it."""
