"""Judges what a service answered: whole or cut, an error with whatever status, busy and for how long."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from glocal_rdf.addresses import quoted
from glocal_rdf.endpoint import INCOMPLETE, Answer
from glocal_rdf.errors import EndpointError, Problem
from glocal_rdf.wikidata.settings import Settings

__all__ = ["BusyError", "check_answer", "read_json", "read_wait"]

BUSY: Final = frozenset({429, 500, 502, 503, 504})
"""Statuses after which a request may be sent again."""

_BUSY_CODES: Final = frozenset(
    {
        "maxlag",
        "ratelimited",
        "actionthrottledtext",
        "readonly",
        "internal_api_error_DBQueryError",
        "internal_api_error_DBConnectionError",
        "internal_api_error_DBTransactionError",
    }
)
"""Codes of errors of the action API after which a request may be sent again; they come with the status 200."""

_PAGE: Final = re.compile(rb"\s*(?:<!doctype html|<html|<\?xml[^>]*>\s*<!doctype html)", re.IGNORECASE)
_DEPTH: Final = 64


class BusyError(EndpointError):
    """A service does not answer now, and says or lets expect when it will."""

    def __init__(self, problem: Problem, wait: float | None) -> None:
        """Take the problem, and the seconds that the service asks to wait, if it does."""
        super().__init__(problem)
        self.wait = wait


def read_wait(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds a server asks to wait (Retry-After), given as a number or as a date.

    A date is compared with the time that the server has itself, so that no clock needs to be right.

    Args:
        headers: The headers of the answer, their names in lower case.

    Examples:
        >>> read_wait({"retry-after": "120"}), read_wait({}), read_wait({"retry-after": "soon"})
        (120.0, None, None)
        >>> dates = {"retry-after": "Fri, 27 Nov 2026 12:01:00 GMT", "date": "Fri, 27 Nov 2026 12:00:00 GMT"}
        >>> read_wait(dates)
        60.0

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", text):
        return float(text)
    try:
        then, now = (parsedate_to_datetime(one) for one in (text, headers.get("date", "")))
        return max((then - now).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None


def check_answer(answer: Answer, settings: Settings, *, also: frozenset[int] = frozenset()) -> None:
    """Check that an answer is one, and not an error, whatever its status.

    Args:
        answer: The answer.
        settings: How long to wait where the service does not say.
        also: Statuses beside 2xx that are answers to the caller.

    Raises:
        BusyError: Where the request may be sent again later.
        EndpointError: Where it should not be.
    """
    where, wait = answer.address, read_wait(answer.headers)
    if answer.status in also:
        return
    if answer.status in BUSY:
        if wait is None and answer.status == 429:
            wait = settings.busy_wait
        raise BusyError(Problem(where, f"answered {answer.status} {_reason(answer)}", "ask again later"), wait)
    if not 200 <= answer.status < 300:
        hint = "check the address" if answer.status == 404 else "read what it answers, and correct the request"
        if answer.status == 403:
            hint = "a service may refuse clients without a contact; give one (--contact)"
        raise EndpointError.at(where, f"answered {answer.status} {_reason(answer)}", hint)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"} or _PAGE.match(answer.data[:200]):
        raise EndpointError.at(where, "answered with a web page, not with data", "check the address and the network")
    if "json" in kind or answer.data.lstrip()[:1] in (b"{", b"["):
        _check_errors(where, read_json(where, answer.data), wait, settings)


def read_json(where: str, data: bytes) -> Any:
    """Read JSON that a service answered.

    Args:
        where: The address.
        data: The answer.

    Raises:
        EndpointError: Where it is not JSON; of the kind INCOMPLETE where it breaks off.
    """
    try:
        found = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise EndpointError.at(where, f"answered with text that is not UTF-8 (byte {error.start})", "ask again") from (
            error
        )
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
            what = f"answered with JSON that breaks off after {len(data):,} bytes"
            raise EndpointError(Problem(where, what, "ask again", INCOMPLETE)) from error
        what = f"answered with what is not JSON (line {error.lineno}, column {error.colno})"
        raise EndpointError.at(where, what, "check the address") from error
    except (RecursionError, ValueError) as error:
        raise EndpointError.at(where, "answered with JSON that cannot be read", "check the address") from error
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _check_errors(where: str, found: Any, wait: float | None, settings: Settings) -> None:
    """Raise an error that stands in an answer with the status 200: `error`, or `errors` of the newer form."""
    if not isinstance(found, dict):
        return
    errors = [found["error"]] if isinstance(found.get("error"), dict) else found.get("errors")
    if not isinstance(errors, list):
        return
    for error in errors:
        if not isinstance(error, dict) or not isinstance(error.get("code"), str):
            continue
        code = error["code"]
        info = next((str(error[key]) for key in ("info", "text", "html") if error.get(key)), "")
        what = f"answered with the error {quoted(code)[:60]}: {quoted(' '.join(info.split()))[:200]}".rstrip(": ")
        if code in _BUSY_CODES:
            if code == "maxlag":
                wait = max(wait or 0.0, settings.lag_wait)
            raise BusyError(Problem(where, what, "ask again later"), wait)
        raise EndpointError(Problem(where, what, "correct the request", code))


def _reason(answer: Answer) -> str:
    """Return what a server says of an error: its own words where they are short and plain."""
    reason = quoted(answer.reason)[:80]
    if "html" in answer.headers.get("content-type", "").lower() or _PAGE.match(answer.data[:200]):
        return reason
    text = answer.data.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get("message"), str):
        text = found["message"]
    detail = quoted(" ".join(text.split()))[:200]
    return f"{reason}: {detail}" if detail else reason
