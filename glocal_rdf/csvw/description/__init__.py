"""Writes and updates the description of a table: what was guessed, what people decided, and what is still open."""
