"""Guesses how a bare table is written and what its columns hold, from the cells alone.

Every guess holds for every cell. What the cells leave open is not decided: it stays text, and is listed as a doubt.
"""
