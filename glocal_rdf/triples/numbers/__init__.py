"""Graphs whose terms are numbers: each distinct term is held once, and checked, compared and looked up by its number."""
