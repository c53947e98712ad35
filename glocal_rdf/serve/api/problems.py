"""Why something is not answered, as JSON: problem details for HTTP APIs.

https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

__all__ = ["PROBLEM_JSON", "TITLES", "ProblemError"]

PROBLEM_JSON: Final = "application/problem+json"

TITLES: Final[Mapping[str, tuple[int, str]]] = {
    "unknown-parameter": (400, "A parameter is not known"),
    "wrong-value": (400, "A value is wrong or missing"),
    "wrong-body": (400, "The body cannot be read"),
    "several-things": (300, "Several things have this name"),
    "forbidden-origin": (403, "Requests from this web page are not answered"),
    "not-found": (404, "There is no such thing"),
    "wrong-method": (405, "The method is not supported"),
    "too-large": (413, "The request is too large"),
    "wrong-media-type": (415, "The media type is not supported"),
    "too-many-requests": (429, "Too many requests at once"),
    "failed": (500, "The answer could not be made"),
    "source-failed": (502, "The source could not be asked"),
    "too-busy": (503, "The server is busy"),
    "took-too-long": (503, "The answer took too long"),
}
"""What can go wrong: a status and a title by the name of the problem."""


class ProblemError(Exception):
    """The end of a request that is not answered; the response says why."""

    def __init__(
        self, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Sequence[Any] | str
    ) -> None:
        """Say why.

        Args:
            kind: What went wrong, as in `TITLES`.
            detail: One line: what, and a hint; nothing of it is secret.
            headers: Further headers of the response, such as `Retry-After`.
            **members: Further members of the problem, such as the names of parameters.
        """
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.status, self.title = TITLES[kind]
        self._headers = dict(headers or {})
        self._members = members

    def respond(self, base: str) -> Response:
        """Return the response.

        Args:
            base: The address of the page that describes the API, ending in `/`.
        """
        record = {
            "type": f"{base}#{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self._members,
        }
        body = json.dumps(record, ensure_ascii=False).encode(errors="replace")
        headers = {"Cache-Control": "no-store", **self._headers}
        return Response(body, self.status, headers, PROBLEM_JSON)
