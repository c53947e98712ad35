"""The only module that opens the network: queries to SPARQL endpoints, and fetches that the user requested.

1. An address is read once, strictly: http or https, a host, no credentials, no character that a request must not hold.
2. Its host is resolved here, and the connection goes to the resolved address. A fetch goes to public addresses only:
   what is judged is where the connection would go, never how the host is spelled, and each redirect likewise.
3. One clock bounds the whole request: resolving, connecting, sending, every byte of the answer, and its redirects.
4. An answer has a bounded size, and is refused where it ends before the length that it announced.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urljoin, urlsplit

from glocal_rdf.addresses import is_address, is_public, port_of, quoted, split_address, write_ascii
from glocal_rdf.errors import EndpointError

__all__ = ["LIMIT", "ask_endpoint", "fetch", "is_address"]

LIMIT: Final = 256 * 1024 * 1024
"""How many bytes an answer may have."""

LONGEST_TIMEOUT: Final = 24 * 60 * 60
"""How many seconds a request may be given."""

AGENT: Final = "glocal-rdf/0 (https://w3id.org/glocal/)"
_ERROR_LIMIT: Final = 16 * 1024
_BLOCK: Final = 1 << 16
_REDIRECTS: Final = 5

_GRAPHS: Final = {
    "text/turtle": "turtle",
    "application/x-turtle": "turtle",
    "application/n-triples": "ntriples",
    "text/plain": "ntriples",
    "text/n3": "turtle",
    "application/rdf+xml": "rdfxml",
}
_RESULTS: Final = {"application/sparql-results+json": "json", "application/json": "json"}


def ask_endpoint(address: str, query: str, *, timeout: float = 60, limit: int = LIMIT) -> tuple[bytes, str]:
    """Ask a SPARQL endpoint by POST.

    The endpoint may be on this machine or in a private network, since the user named it; a redirect is followed only to
    the same host.

    Args:
        address: The address of the endpoint.
        query: The query.
        timeout: The seconds that the whole request may take.
        limit: The bytes that the answer may have.

    Returns:
        The answer and its format: `json` for bindings and truth values, `turtle`, `ntriples` or `rdfxml` for a graph.

    Raises:
        EndpointError: Where the address is not one, the endpoint cannot be reached, does not speak HTTP, refuses the
            query, takes too long, answers with too much, with less than it announced, or with something that is not an
            answer.

    https://www.w3.org/TR/sparql11-protocol/#query-operation
    """
    import warnings  # noqa: PLC0415

    from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper  # noqa: PLC0415

    class Wrapper(SPARQLWrapper):
        """Writes the request, which is sent by `_send`: under one clock, to a host that was judged."""

        def request(self) -> urllib.request.Request:
            """Write the request."""
            return self._createRequest()

    split_address(address)
    wrapper = Wrapper(address, agent=AGENT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it guesses the form of a query, and the endpoint judges it
        wrapper.setQuery(query)
    if wrapper.isSparqlUpdateRequest():
        raise EndpointError.at(address, "is sent queries only", "write a SELECT, ASK, CONSTRUCT or DESCRIBE query")
    wrapper.setMethod(POST)
    graph = wrapper.queryType in {"CONSTRUCT", "DESCRIBE"}
    wrapper.setReturnFormat(TURTLE if graph else JSON)
    errand = _Errand(address, _Clock(timeout), limit, public=False, asks=True)
    data, headers = errand.run(wrapper.request())
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    form = (_GRAPHS if graph else _RESULTS).get(kind) if kind else ("turtle" if graph else "json")
    if form is None:
        wanted = "RDF" if graph else "SPARQL results in JSON"
        raise EndpointError.at(
            address,
            f"answered with {quoted(kind)}, not with {wanted}",
            "check that it is the address of an endpoint",
        )
    return data, form


def fetch(
    address: str, *, timeout: float = 30, limit: int = LIMIT, public: bool = True
) -> tuple[bytes, dict[str, str]]:
    """Fetch a document that the user allowed to be fetched.

    Args:
        address: The address of the document.
        timeout: The seconds that the whole request may take.
        limit: The bytes that the document may have.
        public: Whether the host, and that of every redirect, must resolve to public addresses alone.

    Returns:
        The document, and its headers, their names in lower case.

    Raises:
        EndpointError: Where it is not a web address, is inside a private network, cannot be reached, takes too long, is
            too large, or is cut short; its cause is an HTTPError where the server answered with an error.
    """
    split_address(address)
    request = urllib.request.Request(address, headers={"User-Agent": AGENT})  # noqa: S310 - the scheme was checked
    return _Errand(address, _Clock(timeout), limit, public=public, asks=False).run(request)


class _Clock:
    """The seconds that are left of a request."""

    def __init__(self, seconds: float) -> None:
        """Start; `seconds` is bounded, so that every system's clock can hold it."""
        self.seconds = min(max(seconds, 0.001), LONGEST_TIMEOUT)
        self._end = time.monotonic() + self.seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: Where there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _PrivateError(OSError):
    """A host is not public."""


def _resolve(host: str, port: int, clock: _Clock) -> list[tuple[Any, ...]]:
    """Resolve a host within the time that is left; a resolver cannot be interrupted, so that it runs beside.

    Raises:
        TimeoutError: Where no time is left.
        OSError: Where there is no such host.
    """
    found: list[tuple[Any, ...]] = []
    failed: list[Exception] = []

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    worker = threading.Thread(target=resolve, daemon=True)
    worker.start()
    worker.join(clock.left())
    if worker.is_alive():
        raise TimeoutError
    if failed:
        raise OSError(f"the host {host} is not known") from failed[0]
    return found


def _socket_under(clock: _Clock, kind: type[socket.socket]) -> type[socket.socket]:
    """Make a class of sockets that receive only as long as the clock has time left, however small the pieces are."""

    class Bounded(kind):  # type: ignore[misc, valid-type]
        def recv_into(self, *arguments: Any, **options: Any) -> int:
            self.settimeout(clock.left())
            return super().recv_into(*arguments, **options)  # type: ignore[no-any-return]

    return Bounded


def _connect(host: str, port: int, clock: _Clock, *, public: bool) -> socket.socket:
    """Connect to one of the addresses of a host, all of which must be public where that is required."""
    addresses = _resolve(host, port, clock)
    if public and not all(is_public(str(where[0])) for *_, where in addresses):
        raise _PrivateError(host)
    error: OSError = OSError(f"the host {host} has no address")
    for family, kind, protocol, _, where in addresses:
        connection = _socket_under(clock, socket.socket)(family, kind, protocol)
        try:
            connection.settimeout(clock.left())
            connection.connect(where)
        except OSError as failed:
            connection.close()
            error = failed
            continue
        return connection
    raise error


@dataclass
class _Errand:
    """One request with its redirects: what it may take, and where it may lead."""

    address: str
    clock: _Clock
    limit: int
    public: bool
    asks: bool
    """Whether it is a query; else a document is fetched."""

    def run(self, request: urllib.request.Request) -> tuple[bytes, dict[str, str]]:
        """Send the request and read the whole answer.

        Raises:
            EndpointError: Where it fails, whatever the cause.
        """
        url, body, headers = self.address, request.data, dict(request.header_items())
        for _ in range(_REDIRECTS + 1):
            status, reason, data, answered = self._exchange(url, body, headers)  # type: ignore[arg-type]
            location = answered.get("location", "")
            if status not in {301, 302, 303, 307, 308} or not location:
                break
            url = self._follow(url, location)
            if status == 303 and body is not None:
                body = None
                headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        else:
            raise EndpointError.at(self.address, f"redirects more than {_REDIRECTS} times", "check the address")
        if not 200 <= status < 300:
            raise self._refused(status, reason, data, answered)
        return data, answered

    def _follow(self, url: str, location: str) -> str:
        """Return where a redirect leads.

        Raises:
            EndpointError: Where it may not be followed.
        """
        try:
            target = urljoin(url, location)
            parts, before = split_address(target), urlsplit(url)
        except (EndpointError, ValueError) as error:
            shown = quoted(location)[:200]
            raise EndpointError.at(self.address, f"redirects to {shown}, which is not a web address") from error
        same = (parts.hostname, port_of(parts)) == (before.hostname, port_of(before))
        upgraded = parts.hostname == before.hostname and (before.scheme, parts.scheme) == ("http", "https")
        if self.asks and not (same or upgraded):
            raise EndpointError.at(
                self.address, f"redirects to another host: {target}", "name that address if you trust it"
            )
        return target

    def _exchange(
        self, url: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, bytes, dict[str, str]]:
        """Send one request, and read its answer as far as it may go.

        Args:
            url: The address.
            body: What is sent; None for a GET.
            headers: The headers of the request.

        Returns:
            Status, reason, body and headers of the answer.
        """
        try:
            with self._open(url, body, headers) as response:
                names = {name.lower(): value for name, value in response.headers.items()}
                if len(links := response.headers.get_all("link", [])) > 1:
                    names["link"] = ", ".join(links)  # a list that goes on (RFC 9110, section 5.3)
                fine = 200 <= response.status < 300
                data = self._read(response, self.limit if fine else _ERROR_LIMIT, whole=fine)
                return response.status, response.reason or "", data, names
        except EndpointError:
            raise
        except TimeoutError as error:
            raise self._late() from error
        except http.client.IncompleteRead as error:
            raise self._cut(len(error.partial)) from error
        except http.client.HTTPException as error:
            what = f"does not answer with valid HTTP ({quoted(str(error) or type(error).__name__)[:100]})"
            raise EndpointError.at(self.address, what, "check the address") from error
        except (OSError, ValueError) as error:
            # urllib wraps what goes wrong before the answer.
            cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, OSError) else error
            if isinstance(cause, TimeoutError):
                raise self._late() from error
            if isinstance(cause, _PrivateError):
                what = "is an address inside a network" if url == self.address else f"redirects inside a network: {url}"
                raise EndpointError.at(self.address, what, "save the file and name it instead") from error
            reason = getattr(cause, "strerror", None) or cause
            what = f"cannot be reached: {quoted(str(reason))[:200]}"
            raise EndpointError.at(self.address, what, "check the address and the network") from error

    def _open(self, url: str, body: bytes | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        """Send one request, by way of the proxy that the system names, if any; return the answer's head."""
        clock, public = self.clock, self.public
        proxied = False

        class Plain(http.client.HTTPConnection):
            """A connection that goes to the address that was judged."""

            def connect(self) -> None:
                self.sock = _connect(self.host, self.port, clock, public=public and not proxied)
                if self._tunnel_host:  # type: ignore[attr-defined]
                    self._tunnel()  # type: ignore[attr-defined]

        class Secure(http.client.HTTPSConnection):
            """The same with TLS; the certificate is that of the host which was named."""

            def connect(self) -> None:
                self.sock = _connect(self.host, self.port, clock, public=public and not proxied)
                if self._tunnel_host:  # type: ignore[attr-defined]
                    self._tunnel()  # type: ignore[attr-defined]
                context = ssl.create_default_context()
                context.sslsocket_class = _socket_under(clock, ssl.SSLSocket)  # type: ignore[assignment]
                name = self._tunnel_host or self.host  # type: ignore[attr-defined]
                self.sock.settimeout(clock.left())
                self.sock = context.wrap_socket(self.sock, server_hostname=name)

        class Http(urllib.request.HTTPHandler):
            def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(Plain, request)

        class Https(urllib.request.HTTPSHandler):
            def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(Secure, request)

        opener = urllib.request.OpenerDirector()
        for handler in (urllib.request.ProxyHandler(), Http(), Https()):
            opener.add_handler(handler)
        request = urllib.request.Request(write_ascii(url), data=body, headers=headers)  # noqa: S310 - the scheme was checked
        host = request.host
        parts = urlsplit(request.full_url)
        proxied = parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host)
        if proxied and public:
            self._judge_behind_proxy(parts)
        response: http.client.HTTPResponse = opener.open(request, timeout=clock.left())
        return response

    def _judge_behind_proxy(self, parts: SplitResult) -> None:
        """Judge a host that a proxy would connect to, as far as it can be resolved here. Raise _PrivateError."""
        try:
            addresses = _resolve(parts.hostname or "", port_of(parts), self.clock)
        except TimeoutError:
            raise
        except OSError:
            return
        if not all(is_public(str(where[0])) for *_, where in addresses):
            raise _PrivateError(parts.hostname)

    def _read(self, response: IO[bytes], limit: int, *, whole: bool) -> bytes:
        """Read an answer up to `limit` bytes.

        Raises:
            EndpointError: Where that cuts it, if `whole`.
        """
        parts: list[bytes] = []
        size = 0
        while block := response.read(min(_BLOCK, limit + 1 - size)):
            self.clock.left()
            parts.append(block)
            size += len(block)
            if size > limit:
                break
        if size > limit and whole:
            hint = "add a LIMIT to the query" if self.asks else "fetch it yourself and name the file"
            raise EndpointError.at(self.address, f"answered with more than {limit:,} bytes", hint)
        if whole and getattr(response, "length", None):
            raise self._cut(size)
        return b"".join(parts)[:limit]

    def _late(self) -> EndpointError:
        hint = "simplify the query, or allow more time" if self.asks else "fetch it yourself and name the file"
        return EndpointError.at(self.address, f"did not answer completely within {self.clock.seconds:g} s", hint)

    def _cut(self, size: int) -> EndpointError:
        return EndpointError.at(
            self.address, f"sent less than it announced: the answer breaks off after {size:,} bytes", "ask again"
        )

    def _refused(self, status: int, reason: str, data: bytes, headers: dict[str, str]) -> EndpointError:
        """Make an error of an answer that is an error, with what the server says in plain text."""
        detail = ""
        if not re.match(r"text/html|application/xhtml", headers.get("content-type", ""), re.IGNORECASE):
            detail = " ".join(data.decode("utf-8", "replace").split())[:300]
        if status == 400 and self.asks:
            error = EndpointError.at(
                self.address, f"refused the query: {quoted(detail or reason)}", "correct the query"
            )
        else:
            what = f"answered {status} {quoted(reason)[:80]}".rstrip() + (f": {quoted(detail)}" if detail else "")
            after = quoted(headers.get("retry-after", ""))[:80]
            hint = f"ask again after {after}{' s' if after.isdigit() else ''}" if after else "check the address"
            error = EndpointError.at(self.address, what, hint)
        error.__cause__ = HTTPError(self.address, status, reason, None, None)  # type: ignore[arg-type]
        error.__cause__.close()
        return error
