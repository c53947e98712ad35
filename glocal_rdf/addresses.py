"""Web addresses: read once and strictly, written as they are sent, and judged by where a connection would go."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from glocal_rdf.errors import EndpointError

__all__ = ["is_address", "is_public", "port_of", "quoted", "split_address", "write_ascii"]

_ADDRESS: Final = re.compile(r"https?:", re.IGNORECASE)
_NOT_IN_ADDRESS: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\\]")
_EMBEDDED: Final = (ip_network("64:ff9b::/96"), ip_network("::/96"))
"""IPv6 networks whose last 32 bits are an IPv4 address (RFC 6052; RFC 4291, section 2.5.5.1)."""


def is_address(word: str) -> bool:
    """Decide whether a word is meant as a web address: it starts with `http:` or `https:`.

    Examples:
        >>> is_address("https://example.org/sparql"), is_address("data/cities.csv"), is_address("http://[::1")
        (True, False, True)
    """
    return _ADDRESS.match(word) is not None


def split_address(address: str) -> SplitResult:
    """Read a web address.

    Raises:
        EndpointError: Where it cannot be requested.
    """
    shown = address if len(address) <= 200 else address[:200] + "…"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise EndpointError.at(quoted(shown), f"is not a web address: {error}", "correct it") from error
    if parts.scheme not in {"http", "https"}:
        raise EndpointError.at(
            quoted(shown), "is not a web address", "only addresses that start with http:// or https:// are fetched"
        )
    if not host or _NOT_IN_ADDRESS.search(address):
        raise EndpointError.at(quoted(shown), "is not a web address", "write https://host/path, without spaces")
    if "@" in parts.netloc:
        clean = f"{parts.scheme}://{host}{parts.path}"
        raise EndpointError.at(clean, "is given with credentials, which are not sent", "leave out what stands before @")
    return parts


def quoted(text: str) -> str:
    """Show a text that others wrote, without control characters."""
    return text.encode("unicode_escape").decode() if not text.isprintable() else text


def write_ascii(address: str) -> str:
    """Write an address as it is sent: the host in Punycode, the rest percent-encoded beyond ASCII (RFC 3987, 3.1).

    Raises:
        EndpointError: Where the host cannot be written so.
    """
    if address.isascii():
        return address
    parts = split_address(address)
    try:
        host = (parts.hostname or "").encode("idna").decode()
    except UnicodeError as error:
        raise EndpointError.at(quoted(address), "has a host name that is not one", "correct it") from error
    port = "" if parts.port is None else f":{parts.port}"
    safe = "!#$%&'()*+,/:;=?@[]~"
    return parts._replace(
        netloc=host + port,
        path=quote(parts.path, safe),
        query=quote(parts.query, safe),
        fragment="",
    ).geturl()


def port_of(parts: SplitResult) -> int:
    """Return the port of an address, which may be that of its scheme."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Decide whether an IP address is that of the public internet; IPv4 addresses within IPv6 are judged as such."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and any(ip in network for network in _EMBEDDED):
            inner = ip_address(int(ip) & 0xFFFFFFFF)  # type: ignore[assignment]  # 32 bits make an IPv4 address
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (
        ip.is_private
        or ip.is_loopback
        or ip.is_link_local
        or ip.is_multicast
        or ip.is_reserved
        or ip.is_unspecified
        or (isinstance(ip, IPv6Address) and ip.is_site_local)
    )
