"""Runs the server: its connections, what holds round all parts, and its start and end."""

from __future__ import annotations

__all__: list[str] = []
