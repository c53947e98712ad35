"""The pages of a build, which another process makes: what is made is kept in one file, what is not yet is asked for."""

from __future__ import annotations

__all__: list[str] = []
