"""What each command does, as functions: one module a command, and those that several commands share.

This is the only code besides `glocal_rdf.cli` that combines packages. The public functions are listed in `glocal_rdf`.
"""

__all__: list[str] = []
