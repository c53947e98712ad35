"""Writes the files of a project: the description of its tables, and all that is made of it and of their cells."""
