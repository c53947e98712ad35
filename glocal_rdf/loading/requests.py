"""Requests to a store: repeated where that is safe, refused where the store refuses, and never taken for done unseen.

1. The store asks for time (429, or 503 with `Retry-After`): nothing was done; the request is sent again after it.
2. The store refuses what was sent (400, 413, 500, …): that is the answer, and whoever sent it may send less.
3. The request cannot succeed at all (401, 403, 404, 405, …): the load ends, with a hint.
4. Nobody knows whether it was done (the connection broke, the answer was cut, 502, 504): what may be done twice is sent
   again; for other requests the store is asked first, by whoever sent it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlencode

from glocal_rdf.addresses import quoted
from glocal_rdf.endpoint import INCOMPLETE, Answer
from glocal_rdf.endpoint.credentials import Session
from glocal_rdf.errors import EndpointError, GlocalError, InputError
from glocal_rdf.namespaces import RDF, XSD
from glocal_rdf.triples import terms

__all__ = ["Client", "RefusedError", "UnclearError"]

TRIES: Final = 6
"""How often a request is sent at most."""

LONGEST_WAIT: Final = 120.0
"""How many seconds are waited at most before a request is sent again."""

FORM: Final = "application/x-www-form-urlencoded"
"""How a query is sent: the one way of three that every store knows."""

RESULTS: Final = "application/sparql-results+json"

_TOO_MUCH: Final = {400, 408, 411, 413, 414, 422, 431, 500, 501, 507}
"""What a store answers where it does not take these statements; fewer of them may be taken."""

_UNCLEAR: Final = {502, 504}


class RefusedError(GlocalError):
    """The store does not take what was sent; it may take a part of it."""


class UnclearError(GlocalError):
    """Nobody knows whether the store has done what was asked."""


@dataclass
class Client:
    """Sends requests to one store.

    Attributes:
        session: What sends them.
        timeout: The seconds that each may take.
        sleep: Waits some seconds.
    """

    session: Session
    timeout: float = 60
    sleep: Callable[[float], object] = field(default=time.sleep)

    def write(
        self, address: str, body: bytes, content_type: str, *, method: str = "POST", repeatable: bool = True
    ) -> Answer:
        """Send something to be done.

        Args:
            address: The address.
            body: What is sent.
            content_type: Its media type.
            method: The method.
            repeatable: Whether it may be done twice.

        Raises:
            RefusedError: Where the store does not take it.
            UnclearError: Where nobody knows whether it was done; of what is repeatable only after several tries.
            EndpointError: Where it cannot succeed.
        """
        headers = {"Content-Type": content_type, "Accept": f"{RESULTS}, application/json, text/plain;q=0.5"}
        return self._send(address, headers, body, method, repeatable=repeatable)

    def ask(self, address: str, query: str) -> list[dict[str, str]]:
        """Ask a SELECT query, and return its rows: terms in N-Triples syntax by variable.

        Args:
            address: The address.
            query: The query.

        Raises:
            EndpointError: Where the answer is not one, or the store does not answer.
        """
        headers = {"Content-Type": FORM, "Accept": RESULTS}
        try:
            answer = self._send(address, headers, write_form(query), "POST", repeatable=True)
        except (RefusedError, UnclearError) as error:
            raise EndpointError.of(error.problems) from error
        return read_rows(address, answer)

    def probe(self, address: str, body: bytes | None, content_type: str = "", method: str = "") -> Answer | None:
        """Send one request to find out what an address is for; None where there is no answer.

        Args:
            address: The address.
            body: What is sent; None for nothing.
            content_type: Its media type.
            method: The method.
        """
        headers = {"Accept": RESULTS if body else "application/n-triples"}
        if content_type:
            headers["Content-Type"] = content_type
        try:
            return self.session.send(address, headers, body, method=method, timeout=min(self.timeout, 30))
        except EndpointError:
            return None

    def _send(self, address: str, headers: Mapping[str, str], body: bytes, method: str, *, repeatable: bool) -> Answer:
        unclear: GlocalError = UnclearError.at(address, "was not asked")
        for attempt in range(TRIES):
            wait = float(1 << attempt)
            try:
                answer = self.session.send(address, headers, body, method=method, timeout=self.timeout)
            except EndpointError as error:
                if not _may_pass(error):
                    raise
                # It was not even reached, or it was and broke off: that cannot always be seen from outside.
                unclear = UnclearError.of(error.problems)
                unclear.__cause__ = error
            else:
                if 200 <= answer.status < 300:
                    return answer
                refusal = _judge(address, answer)
                if answer.status in {429, 503}:
                    named = read_retry_after(answer.headers.get("retry-after", ""), answer.headers.get("date", ""))
                    if answer.status == 503 and named is None and not repeatable:
                        raise UnclearError.of(refusal.problems)
                    unclear, wait = refusal, named if named is not None else wait
                    if wait > LONGEST_WAIT:
                        raise refusal
                    if attempt + 1 < TRIES:
                        self.sleep(wait)
                    continue
                if answer.status not in _UNCLEAR:
                    raise refusal
                unclear = UnclearError.of(refusal.problems)
            if not repeatable:
                raise unclear
            if attempt + 1 < TRIES:
                self.sleep(min(wait, 8))
        raise unclear


def _may_pass(error: EndpointError) -> bool:
    """Decide whether a failure may pass: one of the network, unlike a redirect that is not followed."""
    if any(problem.kind == INCOMPLETE for problem in error.problems):
        return True
    return error.__cause__ is not None and not isinstance(error.__cause__, GlocalError | ValueError)


def write_form(query: str) -> bytes:
    """Write a query as the form in which it is sent.

    Args:
        query: The query.

    https://www.w3.org/TR/sparql11-protocol/#query-via-post-urlencoded
    """
    return urlencode({"query": query}).encode()


def _judge(address: str, answer: Answer) -> GlocalError:
    """Make an error of an answer that is one."""
    detail = ""
    if not re.match(r"text/html|application/xhtml", answer.headers.get("content-type", ""), re.IGNORECASE):
        detail = " ".join(answer.data.decode("utf-8", "replace").split())[:300]
    what = f"answered {answer.status} {quoted(answer.reason)[:80]}".rstrip() + (f": {quoted(detail)}" if detail else "")
    if answer.status in _TOO_MUCH:
        return RefusedError.at(address, what)
    return EndpointError.at(address, what, _HINTS.get(answer.status, "check the address"))


_HINTS: Final = {
    401: "set GLOCAL_LOAD_USER and GLOCAL_LOAD_PASSWORD, or GLOCAL_LOAD_TOKEN, to ones that it accepts",
    403: "let the user of GLOCAL_LOAD_USER or GLOCAL_LOAD_TOKEN write, or name the address for writing",
    404: "check the address; it may be that of something else of the store",
    405: "name the address for writing, with --update or --graph-store",
    406: "name the address of an endpoint",
    415: "name the address for writing, with --update or --graph-store",
    429: "wait, and run the same again to go on",
    503: "wait, and run the same again to go on",
}


def read_retry_after(text: str, now: str = "") -> float | None:
    """Return how many seconds a header `Retry-After` names, as a number or as a time; None where it names none.

    Args:
        text: The value of the header.
        now: The server's own time, the value of its header `Date`.

    Examples:
        >>> read_retry_after("3"), read_retry_after("-1"), read_retry_after("soon")
        (3.0, None, None)
        >>> read_retry_after("Fri, 27 Nov 2026 10:00:09 GMT", "Fri, 27 Nov 2026 10:00:00 GMT")
        9.0
    """
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(now)).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_rows(address: str, answer: Answer) -> list[dict[str, str]]:
    """Read the bindings of an answer in JSON.

    Args:
        address: The address that answered.
        answer: The answer.

    Raises:
        EndpointError: Where it is not an answer to SELECT.

    https://www.w3.org/TR/sparql11-results-json/
    """
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind not in {RESULTS, "application/json", ""}:
            raise ValueError
        found = json.loads(answer.data)
        return [{str(name): _read_term(term) for name, term in row.items()} for row in found["results"]["bindings"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InputError) as error:
        shown = quoted(kind) or "something"
        what = f"answered a query with {shown} that is not SPARQL results in JSON"
        raise EndpointError.at(address, what, "check that it is the address of an endpoint") from error


def _read_term(binding: Mapping[str, Any]) -> str:
    kind, value = binding["type"], binding["value"]
    if not isinstance(value, str):
        raise TypeError
    if kind == "uri":
        return f"<{value}>"
    if kind == "bnode":
        return f"_:{value}"
    if kind not in {"literal", "typed-literal"}:
        raise ValueError(kind)
    language, datatype = binding.get("xml:lang"), binding.get("datatype")
    if language:
        return terms.quote(value, str(language))
    plain = datatype in {None, f"{XSD}string", f"{RDF}langString"}
    return terms.quote(value) if plain else terms.quote(value, None, str(datatype))
