"""Answers about a graph: what is asked and answered (`answers`, `model`), and the JSON API that gives it."""
