"""Infers a first description of a bare table from its cells: dialect, names, datatypes, languages and key.

Every guess is valid for every cell. What the cells leave open is not decided: it stays text, and is listed as a doubt.
"""
