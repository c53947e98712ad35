"""Why a request is not answered: a status and one line, as a page for people, as JSON or as plain text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["RefusedError"]


@dataclass(eq=False)
class RefusedError(Exception):
    """The end of a request; any part raises it before it has begun to answer, and `http` makes the answer of it.

    Attributes:
        status: The status: 400, 403, 404, 406, 410, 413, 414, 415, 429, 431, 500, 502, 503, 504.
        reason: One line in English: what, and a hint. It is shown to whoever asked, so it has no path of a machine,
            no query and no traceback.
        headers: Further headers, such as `Allow`.
        retry_after: The seconds after which to ask again (429, 503); 0 for no such header.
    """

    status: int
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int = 0

    def __str__(self) -> str:
        return f"{self.status}: {self.reason}"
