"""What holds for every answer over HTTP: negotiation, conditional requests, security, limits; and the pages."""

from __future__ import annotations

__all__: list[str] = []
