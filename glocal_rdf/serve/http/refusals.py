"""Why a request is not answered: a status and one line, as a page for people, as JSON or as plain text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Final

from glocal_rdf.serve.http.negotiation import choose_media_type

__all__ = ["RefusedError", "write_refusal"]

_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"


@dataclass(eq=False)
class RefusedError(Exception):
    """The end of a request; any part raises it before it has begun to answer, and `http` makes the answer of it.

    Attributes:
        status: The status: 400, 403, 404, 406, 408, 410, 413, 414, 415, 429, 431, 500, 502, 503, 504.
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


def write_refusal(error: RefusedError, accept: str | None, home: str) -> tuple[dict[str, str], bytes]:
    """Write the answer to a request that is refused: for people, as JSON (RFC 9457), or as a line of text.

    Args:
        error: Why it is refused.
        accept: What the client accepts; None where it does not say.
        home: The address of the first page, for the page for people.

    Returns:
        Its headers and its body.
    """
    offers = ["text/plain", "text/html", _PROBLEM, _JSON]
    chosen = choose_media_type(accept, offers) or offers[0]
    title = _name_status(error.status)
    headers = {"cache-control": "no-store", "vary": "Accept"}
    headers |= {name.lower(): value for name, value in error.headers.items()}
    if error.retry_after:
        headers["retry-after"] = str(error.retry_after)
    if chosen in (_PROBLEM, _JSON):
        problem = {"type": "about:blank", "title": title, "status": error.status, "detail": error.reason}
        return {**headers, "content-type": _PROBLEM}, json.dumps(problem, ensure_ascii=False).encode()
    if chosen == "text/html":
        style, name = escape(f"{home}assets/site.css"), escape(title)
        page = (
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<link rel="stylesheet" href="{style}">\n</head>\n<body>\n<main>\n<h1>{name}</h1>\n'
            f'<p>{escape(error.reason)}</p>\n<p><a href="{escape(home)}">Home</a></p>\n</main>\n</body>\n</html>\n'
        )
        return {**headers, "content-type": "text/html; charset=utf-8"}, page.encode(errors="backslashreplace")
    line = f"{error.reason}\n".encode(errors="backslashreplace")
    return {**headers, "content-type": "text/plain; charset=utf-8"}, line


def _name_status(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
