"""A client that the operators of a service would wish for: named, patient, one request at a time, and never twice.

1. It sends a User-Agent with the contact of the project, and does not send anything without one.
2. What was asked before is taken from the store while it is fresh; without the network, however old it is.
3. One request at a time is sent. A service that is busy is asked again after the time that it names, or else after
   growing waits, a bounded number of times.
4. Errors that come with the status 200 are errors, and what breaks off is asked for again.
5. Each answer is kept when it comes, so that a run which was stopped goes on where it was.
"""

from __future__ import annotations

import json
import platform
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from glocal_rdf.endpoint import INCOMPLETE, Answer, send
from glocal_rdf.errors import EndpointError, ProjectError
from glocal_rdf.wikidata.access.answers import BusyError, check_answer, read_json
from glocal_rdf.wikidata.access.store import Kept, Store
from glocal_rdf.wikidata.settings import Settings

__all__ = ["Client", "Exchange", "Reply", "make_agent"]

_CONTACT = re.compile(r"(?:mailto:)?[^\s@()<>]+@[^\s@()<>]+\.[^\s@()<>]+|https?://[^\s()<>]+\.[^\s()<>]+")


def make_agent(contact: str, version: str) -> str:
    """Write the User-Agent: the tool, who is reached about it, and what sends the request.

    Args:
        contact: An address of mail or of the web.
        version: The version of the tool.

    Raises:
        ProjectError: Where it is neither.

    Examples:
        >>> make_agent("mailto:data@example.org", "0.6.0").partition(" Python")[0]
        'glocal-rdf/0.6.0 (data@example.org)'

    https://foundation.wikimedia.org/wiki/Policy:User-Agent_policy
    """
    if not contact:
        raise ProjectError.at(
            "data/csv-metadata.json",
            "names nobody whom the operators of a service can reach, and nothing is sent without that",
            'add "dcat:contactPoint": {"@id": "mailto:…"}, or give --contact ADDRESS',
        )
    if not _CONTACT.fullmatch(contact) or not contact.isascii():
        raise ProjectError.at("contact", f"{contact!r} is not an address of mail or of the web", "write one of them")
    return f"glocal-rdf/{version} ({contact.removeprefix('mailto:')}) Python-urllib/{platform.python_version()}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it was sent, for the log.

    Attributes:
        number: Which request of the run it was, from 1.
        method: GET or POST.
        address: The address.
        form: What was sent.
        status: The status of the answer; 0 where there was none.
        size: The bytes of the answer.
        seconds: How long it took.
        problem: What was wrong, or nothing.
        wait: The seconds waited before the next try.
    """

    number: int
    method: str
    address: str
    form: Mapping[str, str]
    status: int
    size: int
    seconds: float
    problem: str = ""
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered, now or before.

    Attributes:
        address: The address.
        body: The answer.
        fetched: When it came.
        revision: The revision or ETag that came with it.
        status: The status; of a kept answer 200.
    """

    address: str
    body: bytes
    fetched: datetime
    revision: str = ""
    status: int = 200

    def json(self) -> Any:
        """Read the answer as JSON.

        Raises:
            EndpointError: Where it is not.
        """
        return read_json(self.address, self.body)


@dataclass
class Client:
    """Asks services.

    Attributes:
        contact: Who is reached about the requests: an address of mail or of the web.
        now: The time of the run.
        version: The version of the tool.
        settings: How the client behaves.
        store: Where answers are kept; None to keep none.
        offline: Whether only kept answers are used.
        log: Is called with each request that was sent.
        sleep: Waits some seconds.
        sent: How many requests were sent.
    """

    contact: str
    now: datetime
    version: str = "0"
    settings: Settings = field(default_factory=Settings)
    store: Store | None = None
    offline: bool = False
    log: Callable[[Exchange], object] | None = None
    sleep: Callable[[float], object] = time.sleep
    sent: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def ask(
        self,
        address: str,
        form: Mapping[str, str] | None = None,
        *,
        accept: str = "application/json",
        also: frozenset[int] = frozenset(),
        key: str = "",
        content: bytes | None = None,
    ) -> Reply:
        """Ask a service, or take what it answered before.

        Args:
            address: The address.
            form: What is sent by POST, as a form; None for a GET.
            accept: The media type that is wanted.
            also: Statuses beside 2xx that are answers, which are not kept.
            key: What the answer is kept by; by default the whole request.
            content: JSON that is sent by POST instead of a form.

        Raises:
            EndpointError: Where the service does not answer as it should, after all tries; or without the network,
                where it was never asked.
            ProjectError: Where there is no contact.
            InputError: Where kept answers cannot be read or written.
        """
        key = key or make_key(address, form if content is None else {"": content.decode()}, accept)
        kept = self.find(key)
        if kept and (self.offline or self.is_fresh(kept.fetched)):
            return Reply(address, kept.body, kept.fetched, kept.revision)
        revised = {"If-None-Match": kept.revision} if kept and kept.revision.startswith(('"', "W/")) else {}
        accepted = also | ({304} if revised else set())
        answer = self.request(address, form, {"Accept": accept, **revised}, accepted, content)
        if answer.status == 304 and kept:
            self.keep(key, kept.body, kept.revision)
            return Reply(address, kept.body, self.now, kept.revision)
        revision = answer.headers.get("etag", "")
        if 200 <= answer.status < 300:
            self.keep(key, answer.data, revision)
        return Reply(answer.address, answer.data, self.now, revision, answer.status)

    def find(self, key: str) -> Kept | None:
        """Return what is kept by a key, fresh or not.

        Raises:
            InputError: Where kept answers cannot be read.
        """
        return self.store.get(key) if self.store else None

    def keep(self, key: str, body: bytes, revision: str = "") -> None:
        """Keep an answer, as one of now.

        Args:
            key: What it is kept by.
            body: The answer.
            revision: Its revision or ETag.

        Raises:
            InputError: Where it cannot be written.
        """
        if self.store:
            self.store.put(key, Kept(body, self.now, revision))

    def is_fresh(self, fetched: datetime) -> bool:
        """Decide whether what came at a time is used again."""
        return self.now - fetched <= timedelta(days=self.settings.days_kept)

    def ask_api(self, address: str, parameters: Mapping[str, str]) -> Reply:
        """Ask the action API of a wiki, by POST.

        Args:
            address: The address of `api.php`.
            parameters: The parameters of the call; the form of the answer and `maxlag` are added.

        Raises:
            EndpointError: As `ask`; also where the answer is an error with the status 200.
        """
        return self.ask(address, {**parameters, "format": "json", "maxlag": str(self.settings.maxlag)})

    def ask_sparql(self, address: str, query: str) -> list[dict[str, dict[str, str]]]:
        """Ask a SPARQL endpoint, by POST; the query begins with a comment that says who asks.

        Args:
            address: The endpoint.
            query: A SELECT query.

        Returns:
            The bindings: for each row and variable its `type`, `value`, and where there are any `xml:lang` and
            `datatype`.

        Raises:
            EndpointError: As `ask`; also where the answer is not a result of SPARQL.
        """
        form = {"query": f"# Tool: glocal-rdf\n{query}"}
        reply = self.ask(address, form, accept="application/sparql-results+json")
        found = reply.json()
        rows = found.get("results", {}) if isinstance(found, dict) else None
        rows = rows.get("bindings") if isinstance(rows, dict) else None
        if not isinstance(rows, list) or not all(map(_is_binding, rows)):
            raise EndpointError.at(address, "answered with what are not results of SPARQL", "check the address")
        return rows

    def request(
        self,
        address: str,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
        also: frozenset[int],
        content: bytes | None = None,
    ) -> Answer:
        """Send a request, again where the service is busy; nothing is taken from the store.

        Args:
            address: The address.
            form: What is sent by POST; None for a GET.
            headers: Further headers.
            also: Statuses beside 2xx that are answers.
            content: JSON that is sent by POST instead of a form.

        Raises:
            EndpointError: Where it fails after all tries, or the network is not to be used.
            ProjectError: Where there is no contact.
        """
        if self.offline:
            raise EndpointError.at(address, "was not asked this before (--offline)", "run once without --offline")
        body = content if form is None else urlencode(form).encode()
        noted = {} if form is None and content is not None else form
        headers = {"User-Agent": make_agent(self.contact, self.version), **headers}
        if body is not None:
            headers["Content-Type"] = "application/json" if form is None else "application/x-www-form-urlencoded"
        with self._lock:
            for count in range(1, max(self.settings.tries, 1) + 1):
                if self.sent and self.settings.pause and count == 1:
                    self.sleep(self.settings.pause)
                began, answer, wait = time.monotonic(), None, None
                self.sent += 1
                try:
                    limit = self.settings.answer_limit
                    answer = send(address, headers, body, timeout=self.settings.timeout, limit=limit)
                    check_answer(answer, self.settings, also=also)
                except EndpointError as error:
                    failed, again = error, isinstance(error, BusyError) or error.problems[0].kind == INCOMPLETE
                    wait = max(getattr(error, "wait", None) or 0.0, self.settings.first_wait * 2 ** (count - 1))
                    again = again and count < self.settings.tries and wait <= self.settings.longest_wait
                    self._note(noted, address, answer, began, str(error), wait if again else 0.0)
                else:
                    self._note(noted, address, answer, began)
                    return answer
                if not again:
                    raise self._give_up(failed, count, wait)
                self.sleep(wait)
        raise AssertionError  # there is a last try

    def _give_up(self, error: EndpointError, count: int, wait: float) -> EndpointError:
        """Make the error that is reported after the last try."""
        problem = error.problems[0]
        if not isinstance(error, BusyError):
            return error
        if wait > self.settings.longest_wait:
            hint = f"run it again in {wait:,.0f} s; what was fetched is kept"
        else:
            hint = f"it was asked {count} times; run it again later, what was fetched is kept"
        return EndpointError.at(problem.where, problem.what, hint)

    def _note(
        self,
        form: Mapping[str, str] | None,
        address: str,
        answer: Answer | None,
        began: float,
        problem: str = "",
        wait: float = 0.0,
    ) -> None:
        if self.log is None:
            return
        status, size = (answer.status, len(answer.data)) if answer else (0, 0)
        method, seconds = "GET" if form is None else "POST", round(time.monotonic() - began, 3)
        self.log(Exchange(self.sent, method, address, dict(form or {}), status, size, seconds, problem, wait))


def make_key(address: str, form: Mapping[str, str] | None, accept: str) -> str:
    """Return what the answer to a request is kept by.

    Args:
        address: The address.
        form: What is sent by POST; how busy the servers may be is left out of it.
        accept: The media type.
    """
    sent = None if form is None else sorted((name, value) for name, value in form.items() if name != "maxlag")
    return sha256(json.dumps([address, sent, accept]).encode()).hexdigest()


def _is_binding(row: Any) -> bool:
    return isinstance(row, dict) and all(
        isinstance(cell, dict) and isinstance(cell.get("value"), str) and isinstance(cell.get("type"), str)
        for cell in row.values()
    )
