"""Serves a build or a SPARQL store over HTTP, for reading: pages, data, queries, answers.

`parts` has what every part is given when the server starts; `http` what holds for all of them (negotiation, conditional
requests, security, limits) and the pages. `operations.serve_parts` lists the parts.
"""

from __future__ import annotations

__all__: list[str] = []
