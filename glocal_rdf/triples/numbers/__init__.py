"""Graphs whose terms are numbers: each distinct term is held once, and checked and looked up by its number."""
