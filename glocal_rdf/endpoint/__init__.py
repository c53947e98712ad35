"""The only module that opens the network: queries to SPARQL endpoints, and fetches that the user requested.

1. An address is read once, strictly: http or https, a host, no credentials, no character that a request must not hold.
2. Its host is resolved here, and the connection goes to the resolved address. A fetch goes to public addresses only:
   what is judged is where the connection would go, never how the host is spelled, and each redirect likewise.
3. One clock bounds the whole request: resolving, connecting, sending, every byte of the answer, and its redirects.
4. An answer has a bounded size, also unpacked, and is refused where it ends before the length that it announced.
"""

from __future__ import annotations

import http.client
import re
import ssl
import urllib.request
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit

from glocal_rdf.addresses import is_address, port_of, quoted, split_address, write_ascii
from glocal_rdf.endpoint.connections import Clock, PrivateError, connect, judge_behind_proxy, socket_under
from glocal_rdf.errors import EndpointError, Problem

__all__ = ["AGENT", "INCOMPLETE", "LIMIT", "Answer", "ask_endpoint", "fetch", "is_address", "send"]

LIMIT: Final = 256 * 1024 * 1024
"""How many bytes an answer may have."""

INCOMPLETE: Final = "incomplete-answer"
"""The kind of the problem of an answer that came too late or not whole, so that it is worth asking again."""

AGENT: Final = "glocal-rdf/0 (https://w3id.org/glocal/)"
"""What requests name as their sender."""

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
    errand = _Errand(address, Clock(timeout), limit, public=False, asks=True)
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
    return _Errand(address, Clock(timeout), limit, public=public, asks=False).run(request)


@dataclass(frozen=True)
class Answer:
    """What a server answered to a request, whatever its status.

    Attributes:
        address: The address that answered, after redirects.
        status: The status.
        reason: What the server calls it.
        headers: The headers, their names in lower case.
        data: The body, unpacked; of an error its beginning.
    """

    address: str
    status: int
    reason: str
    headers: Mapping[str, str]
    data: bytes


def send(
    address: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    method: str = "",
    timeout: float = 60,
    limit: int = LIMIT,
) -> Answer:
    """Send one request to a service that the user chose, and return what it answers; the answer may be packed (gzip).

    The service may be inside a network; a redirect is followed only to the same host.

    Args:
        address: The address.
        headers: The headers of the request.
        body: What is sent; None for nothing.
        method: The method, such as `PUT`; by default POST where there is a body, or else GET.
        timeout: The seconds that the whole request may take.
        limit: The bytes that the answer may have, unpacked.

    Raises:
        EndpointError: Where there is no whole answer; of the kind INCOMPLETE where it is worth asking again.
    """
    split_address(address)
    asked = {"Accept-Encoding": "gzip", **headers}
    request = urllib.request.Request(address, data=body, headers=asked)  # noqa: S310 - the scheme was checked
    return _Errand(address, Clock(timeout), limit, public=False, asks=True, method=method).send(request)


@dataclass
class _Errand:
    """One request with its redirects: what it may take, and where it may lead."""

    address: str
    clock: Clock
    limit: int
    public: bool
    asks: bool
    """Whether it is a query; else a document is fetched."""
    method: str = ""
    """The method, where it is not what follows from whether there is a body."""

    def run(self, request: urllib.request.Request) -> tuple[bytes, dict[str, str]]:
        """Send the request and read the whole answer.

        Raises:
            EndpointError: Where it fails, whatever the cause.
        """
        answer = self.send(request)
        if not 200 <= answer.status < 300:
            raise self._refused(answer.status, answer.reason, answer.data, dict(answer.headers))
        return answer.data, dict(answer.headers)

    def send(self, request: urllib.request.Request) -> Answer:
        """Send the request, follow its redirects, and return what the last address answers.

        Raises:
            EndpointError: Where it does not answer, or not completely.
        """
        url, body, headers = self.address, request.data, dict(request.header_items())
        for _ in range(_REDIRECTS + 1):
            status, reason, data, answered = self._exchange(url, body, headers)  # type: ignore[arg-type]
            location = answered.get("location", "")
            if status not in {301, 302, 303, 307, 308} or not location:
                break
            url = self._follow(url, location)
            if status == 303 and body is not None:
                body, self.method = None, ""
                headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        else:
            raise EndpointError.at(self.address, f"redirects more than {_REDIRECTS} times", "check the address")
        return Answer(url, status, reason, answered, data)

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
                for name in ("link", "www-authenticate"):
                    if len(several := response.headers.get_all(name, [])) > 1:
                        names[name] = ", ".join(several)  # a list that goes on (RFC 9110, section 5.3)
                fine = 200 <= response.status < 300
                data = self._read(response, self.limit if fine else _ERROR_LIMIT, whole=fine)
                if data and headers.get("Accept-encoding") and names.get("content-encoding", "").lower() == "gzip":
                    data = self._unpack(data, whole=fine)
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
            if isinstance(cause, PrivateError):
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
                self.sock = connect(self.host, self.port, clock, public=public and not proxied)
                if self._tunnel_host:  # type: ignore[attr-defined]
                    self._tunnel()  # type: ignore[attr-defined]

        class Secure(http.client.HTTPSConnection):
            """The same with TLS; the certificate is that of the host which was named."""

            def connect(self) -> None:
                self.sock = connect(self.host, self.port, clock, public=public and not proxied)
                if self._tunnel_host:  # type: ignore[attr-defined]
                    self._tunnel()  # type: ignore[attr-defined]
                context = ssl.create_default_context()
                context.sslsocket_class = socket_under(clock, ssl.SSLSocket)  # type: ignore[assignment]
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
        method = self.method or ("GET" if body is None else "POST")
        target = write_ascii(url)
        request = urllib.request.Request(target, data=body, headers=headers, method=method)  # noqa: S310 - it was checked
        host = request.host
        parts = urlsplit(request.full_url)
        proxied = parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host)
        if proxied and public:
            judge_behind_proxy(parts, clock)
        response: http.client.HTTPResponse = opener.open(request, timeout=clock.left())
        return response

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

    def _unpack(self, data: bytes, *, whole: bool) -> bytes:
        """Unpack an answer in gzip, up to the limit.

        Raises:
            EndpointError: Where it is larger, is cut, or is not gzip.
        """
        unpacking = zlib.decompressobj(wbits=31)
        try:
            unpacked = unpacking.decompress(data, self.limit + 1)
        except zlib.error as error:
            raise EndpointError.at(self.address, f"does not send valid gzip ({error})", "ask again") from error
        if len(unpacked) > self.limit:
            raise EndpointError.at(self.address, f"answered with more than {self.limit:,} bytes", "ask for less")
        if whole and not unpacking.eof:
            raise self._cut(len(data))
        return unpacked

    def _late(self) -> EndpointError:
        hint = "simplify the query, or allow more time" if self.asks else "fetch it yourself and name the file"
        what = f"did not answer completely within {self.clock.seconds:g} s"
        return EndpointError(Problem(self.address, what, hint, INCOMPLETE))

    def _cut(self, size: int) -> EndpointError:
        what = f"sent less than it announced: the answer breaks off after {size:,} bytes"
        return EndpointError(Problem(self.address, what, "ask again", INCOMPLETE))

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
