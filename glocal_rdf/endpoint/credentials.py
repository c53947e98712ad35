"""Proves to a server who asks: by Basic, Digest or Bearer, as the server wishes, and never by more than it needs.

A token is sent with each request (Bearer). A name and a password wait until the server asks for them: with Digest the
password itself is never sent. They go to the host that the user named alone, and are in no message.

https://www.rfc-editor.org/rfc/rfc9110#section-11 https://www.rfc-editor.org/rfc/rfc7616
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from glocal_rdf.addresses import split_address, write_ascii
from glocal_rdf.endpoint import LIMIT, Answer, send
from glocal_rdf.errors import EndpointError

__all__ = ["Credentials", "Session"]

_HASHES: Final = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_SCHEME: Final = re.compile(r"(?:^|,)\s*(Basic|Digest|Bearer|Negotiate|NTLM)(?=[\s,]|$)", re.IGNORECASE)
_PARAMETER: Final = re.compile(r'([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A name with its password, or a token; none of them is shown.

    Attributes:
        user: The name.
        password: The password.
        token: The token, in the place of both.
    """

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.user or self.token)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], prefix: str) -> Credentials:
        """Read credentials from `PREFIX_USER` and `PREFIX_PASSWORD`, or `PREFIX_TOKEN`.

        Args:
            environment: The variables of the environment.
            prefix: The beginning of their names.

        Raises:
            EndpointError: Where both are given, one without the other, or one that no header can hold.

        Examples:
            >>> Credentials.from_environment({"X_USER": "me", "X_PASSWORD": "secret"}, "X")
            Credentials()
        """
        user, password, token = (environment.get(f"{prefix}_{name}", "") for name in ("USER", "PASSWORD", "TOKEN"))
        if token and (user or password):
            raise EndpointError.at(prefix, "a token and a user are both given", f"unset {prefix}_TOKEN or the others")
        if bool(user) != bool(password):
            lacking = "PASSWORD" if user else "USER"
            raise EndpointError.at(f"{prefix}_{lacking}", "is not set", "set the user and the password, or a token")
        if (
            not token.isascii()
            or re.search(r"[\x00-\x20\x7f]", token)
            or re.search(r"[\x00-\x1f\x7f]", user + password)
        ):
            raise EndpointError.at(prefix, "has a character that no request can hold", "check the variables")
        if ":" in user:
            raise EndpointError.at(f"{prefix}_USER", "has a colon, which no name of a user may have", "correct it")
        return cls(user=user, password=password, token=token)


@dataclass
class Session:
    """Requests to one host, with credentials where it asks for them.

    Attributes:
        credentials: Who asks.
        exposed: Whether a password or a token was sent unencrypted, to another machine.
    """

    credentials: Credentials = field(default_factory=Credentials)
    exposed: bool = False
    _digest: dict[str, str] | None = None
    _basic: bool = False
    _count: int = 0

    def send(
        self,
        address: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        method: str = "",
        timeout: float = 60,
        limit: int = LIMIT,
    ) -> Answer:
        """Send one request as `endpoint.send` does, and once more where the server asks for credentials that we have.

        Args:
            address: The address.
            headers: The headers of the request.
            body: What is sent; None for nothing.
            method: The method; by default POST where there is a body, or else GET.
            timeout: The seconds that each request may take.
            limit: The bytes that the answer may have.

        Raises:
            EndpointError: Where there is no whole answer.
        """
        split_address(address)
        verb = method or ("GET" if body is None else "POST")
        answer = send(address, self._headers(address, verb, headers), body, method=verb, timeout=timeout, limit=limit)
        if answer.status != 401 or not self._understand(answer.headers.get("www-authenticate", "")):
            return answer
        return send(address, self._headers(address, verb, headers), body, method=verb, timeout=timeout, limit=limit)

    def _headers(self, address: str, verb: str, headers: Mapping[str, str]) -> dict[str, str]:
        """Add the credentials to headers, as far as the server has asked for them."""
        known = self.credentials
        if known.token:
            proof = f"Bearer {known.token}"
        elif self._digest is not None:
            self._count += 1
            proof = write_digest(known, self._digest, verb, address, self._count, secrets.token_hex(8))
        elif self._basic:
            proof = "Basic " + base64.b64encode(f"{known.user}:{known.password}".encode()).decode()
        else:
            return dict(headers)
        if self._digest is None and not _is_private_way(address):
            self.exposed = True
        # A header is bytes; a name beyond ASCII is sent in UTF-8.
        return {**headers, "Authorization": proof.encode().decode("latin-1")}

    def _understand(self, challenge: str) -> bool:
        """Read how a server wants to be asked; return whether it is worth asking again."""
        if not self.credentials.user:
            return False
        found = read_challenges(challenge)
        digests = [
            each
            for scheme, each in found
            if scheme == "digest"
            and each.get("algorithm", "MD5").upper().removesuffix("-SESS") in _HASHES
            and each.get("nonce")
            and (not each.get("qop") or "auth" in re.split(r"[\s,]+", each["qop"]))
        ]
        if digests:
            self._digest = max(digests, key=lambda each: each.get("algorithm", "MD5").upper().startswith("SHA"))
            self._count = 0
            return True
        known, self._basic = self._basic, any(scheme == "basic" for scheme, _ in found)
        return self._basic and not known


def read_challenges(text: str) -> list[tuple[str, dict[str, str]]]:
    """Read a header `WWW-Authenticate`, which may have several challenges.

    Examples:
        >>> read_challenges('Digest realm="a, Basic", nonce=x, Basic realm="b"')
        [('digest', {'realm': 'a, Basic', 'nonce': 'x'}), ('basic', {'realm': 'b'})]
    """
    # What stands within quotes is not a scheme: it is hidden, character by character, while schemes are looked for.
    hidden = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: "_" * len(found[0]), text)
    starts = [(found.start(1), found.end(1)) for found in _SCHEME.finditer(hidden)]
    ends = [*(start for start, _ in starts[1:]), len(text)][: len(starts)]
    return [
        (
            text[start:after].lower(),
            {
                name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
                for name, quoted, plain in _PARAMETER.findall(text[after:end])
            },
        )
        for (start, after), end in zip(starts, ends, strict=True)
    ]


def write_digest(
    known: Credentials, challenge: Mapping[str, str], verb: str, address: str, count: int, nonce: str
) -> str:
    """Write the header `Authorization` that answers a challenge of Digest.

    Args:
        known: The name and the password.
        challenge: The parameters of the challenge.
        verb: The method of the request.
        address: Its address.
        count: How often the server's nonce was used, this time included.
        nonce: A random text of ours.

    https://www.rfc-editor.org/rfc/rfc7616#section-3.4
    """
    algorithm = challenge.get("algorithm", "MD5")
    make = _HASHES[algorithm.upper().removesuffix("-SESS")]

    def digest(*parts: str) -> str:
        return make(":".join(parts).encode()).hexdigest()

    parts = urlsplit(write_ascii(address))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    realm, theirs = challenge.get("realm", ""), challenge.get("nonce", "")
    secret = digest(known.user, realm, known.password)
    if algorithm.upper().endswith("-SESS"):
        secret = digest(secret, theirs, nonce)
    request = digest(verb, path)
    times = f"{count:08x}"
    with_qop = bool(challenge.get("qop"))
    response = digest(secret, theirs, times, nonce, "auth", request) if with_qop else digest(secret, theirs, request)
    quoted = {"username": known.user, "realm": realm, "nonce": theirs, "uri": path, "response": response}
    if "opaque" in challenge:
        quoted["opaque"] = challenge["opaque"]
    if with_qop or algorithm.upper().endswith("-SESS"):
        quoted["cnonce"] = nonce
    written = [f'{name}="{_escape(value)}"' for name, value in quoted.items()]
    written.append(f"algorithm={algorithm}")
    if with_qop:
        written += ["qop=auth", f"nc={times}"]
    return "Digest " + ", ".join(written)


def _escape(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)


def _is_private_way(address: str) -> bool:
    """Decide whether nobody else reads what is sent to an address: it is encrypted, or stays on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
