"""Which requests are answered at all: the host, the origin and the form of the target; and the public address.

1. A request names one host, and it is one of those that the server answers for. So a page of somebody else whose name
   was made to lead here (DNS rebinding) reads nothing.
2. A server that answers for this machine alone also refuses pages of other origins; one that is public may be read from
   any page, as it is read-only and knows no users.
3. The path of the target is UTF-8, percent-encoded, without control characters and without `.` or `..` as a part.

https://www.rfc-editor.org/rfc/rfc9110#section-7.2
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from glocal_rdf.serve.http.refusals import RefusedError

__all__ = ["METHODS", "Policy", "read_headers", "read_path"]

METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""The methods that reach a part; which of them it answers is its own matter."""

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The names of this machine."""

_HOST: Final = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?", re.IGNORECASE)
_ODD: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_SINGLE: Final = (b"host", b"content-length", b"content-type", b"origin", b"content-encoding")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Whom the server answers, and under which address.

    Attributes:
        hosts: The names of hosts that it answers for, in lower case without port.
        literals: Whether it answers for any host that is an address (`192.0.2.1`): no name was made to lead here then.
        public_url: Its public address, ending in `/`; empty for the address that a client asks for.
        base_path: What every path begins with, `/data`; empty for nothing.
        proxied: Whether what connects is a proxy that is trusted: its `X-Forwarded-*` headers count.
        public: Whether pages of other origins may read answers.
    """

    hosts: frozenset[str]
    literals: bool = False
    public_url: str = ""
    base_path: str = ""
    proxied: bool = False
    public: bool = False

    def check(self, method: str, headers: Mapping[bytes, bytes]) -> None:
        """Raise where a request is not answered, whatever it asks for.

        Args:
            method: The method.
            headers: The headers, as `read_headers` returns them.

        Raises:
            RefusedError: With the reason.
        """
        if method not in METHODS:
            allow = ", ".join(sorted(METHODS - {"PUT", "PATCH", "DELETE"}))
            raise RefusedError(405, f"the method is not known here; use {allow}", {"Allow": allow})
        self._check_host(headers)
        self._check_origin(headers)
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise RefusedError(415, "the body is compressed, which is not read; send it as it is")
        if headers.get(b"expect", b"100-continue").lower() != b"100-continue":
            raise RefusedError(417, "only 100-continue can be expected; leave Expect out")

    def _check_host(self, headers: Mapping[bytes, bytes]) -> None:
        named = [_read_host(headers.get(b"host", b""))]
        if self.proxied and b"x-forwarded-host" in headers:
            named.append(_read_host(headers[b"x-forwarded-host"].rpartition(b",")[2].strip()))
        for host in named:
            if host not in self.hosts and not (self.literals and _is_literal(host)):
                raise RefusedError(403, "this server does not answer for that host; use its own address")

    def _check_origin(self, headers: Mapping[bytes, bytes]) -> None:
        origin = headers.get(b"origin")
        if origin is None or self.public:
            return
        try:
            host = urlsplit(origin.decode("ascii")).hostname or ""
        except ValueError:
            host = ""
        if (f"[{host}]" if ":" in host else host) not in self.hosts:
            raise RefusedError(403, "pages of other origins are not answered; ask from a page of this server")

    def find_address(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> str:
        """Return the public address of the server for a request, ending in `/`.

        Args:
            scope: The request (ASGI).
            headers: Its headers.
        """
        if self.public_url:
            return self.public_url
        scheme, host, prefix = scope.get("scheme", "http"), headers.get(b"host", b"").decode("ascii", "replace"), ""
        if self.proxied:
            forwarded = headers.get(b"x-forwarded-proto", b"").rpartition(b",")[2].strip().lower()
            scheme = forwarded.decode() if forwarded in (b"http", b"https") else scheme
            named = headers.get(b"x-forwarded-host", b"").rpartition(b",")[2].strip()
            host = named.decode("ascii", "replace") if named else host
            given = headers.get(b"x-forwarded-prefix", b"").decode("ascii", "replace").strip("/")
            prefix = f"/{given}" if re.fullmatch(r"[\w./~-]+", given, re.ASCII) and ".." not in given else ""
        return f"{scheme}://{host}{prefix}{self.base_path}/"

    def find_client(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> str:
        """Return what tells one client from others: its network address, or that which a trusted proxy names.

        Addresses of IPv6 are cut to the network that one subscriber has.

        Args:
            scope: The request (ASGI).
            headers: Its headers.
        """
        address = (scope.get("client") or ("",))[0]
        if self.proxied and b"x-forwarded-for" in headers:
            address = headers[b"x-forwarded-for"].rpartition(b",")[2].strip().decode("ascii", "replace")
        try:
            known = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return str(address)[:64]
        if isinstance(known, ipaddress.IPv6Address):
            return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
        return str(known)


def read_headers(scope: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Return the headers of a request by name; several of one name are joined by commas, as RFC 9110 has it.

    Args:
        scope: The request (ASGI).

    Raises:
        RefusedError: Where there are two of one that may be there once.
    """
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in found:
            if name in _SINGLE:
                raise RefusedError(400, f"there are two headers {name.decode()}; send one")
            found[name] = found[name] + b", " + value
        else:
            found[name] = value
    return found


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _read_host(value: bytes) -> str:
    """Return the host of a Host header in lower case, without port.

    Raises:
        RefusedError: Where it is missing or malformed.
    """
    found = _HOST.fullmatch(value.decode("ascii", "replace"))
    if not found:
        raise RefusedError(400, "the request names no host; send one Host header")
    return found[1].lower().rstrip(".")


def read_path(raw: bytes) -> str:
    """Return the path of a target, decoded.

    Args:
        raw: The path as it was sent.

    Raises:
        RefusedError: Where it is malformed.

    Examples:
        >>> read_path(b"/doc/place/%E5%8F%B0%E5%8C%97")
        '/doc/place/台北'
    """
    if re.search(rb"%(?![0-9A-Fa-f]{2})", raw):
        raise RefusedError(400, "the path has a percent sign without two digits; write %25")
    try:
        path = unquote_to_bytes(raw).decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise RefusedError(400, "the path is not UTF-8; percent-encode it") from error
    if _ODD.search(path):
        raise RefusedError(400, "the path has control characters or a backslash; leave them out")
    if any(part in (".", "..") for part in path.split("/")):
        raise RefusedError(400, "the path has '.' or '..' as a part; leave them out")
    return path
