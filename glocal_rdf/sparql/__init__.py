"""SPARQL on the ground: the tokens and the grammar of queries, and literals kept as they are written.

Its modules are imported one by one, since the process that evaluates queries needs few of them.
"""

from __future__ import annotations

__all__: list[str] = []
