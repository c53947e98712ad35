"""Finishes IRIs: resolves references, encodes the characters that an IRI may not hold, and finds what is not an IRI.

RFC 3986, section 5.2 (resolution), and RFC 3987, section 2.2 (the syntax of IRIs). Nothing here raises an error for an
odd text: what is not an IRI has a `fault`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final
from urllib.parse import quote

__all__ = ["encode", "fault", "finish", "join", "remove_dot_segments", "resolve", "scheme_of", "split"]

# RFC 3986, appendix B.
_PARTS: Final = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_LONE_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_BEYOND = "\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef" + "".join(
    f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14)
)
_BEYOND += "\U000e1000-\U000efffd"
_PCHAR = rf"A-Za-z0-9._~!$&'()*+,;=:@%{_BEYOND}-"
_NOT_IN_PATH: Final = f"[^{_PCHAR}/]"
_NOT_IN_QUERY: Final = f"[^{_PCHAR}/?{_PRIVATE}]"
_NOT_IN_FRAGMENT: Final = f"[^{_PCHAR}/?]"
_NOT_IN_HOST: Final = rf"[^A-Za-z0-9._~!$&'()*+,;=:@%\[\]{_BEYOND}-]"
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*")

Parts = tuple[str | None, str | None, str, str | None, str | None]


def split(text: str) -> Parts:
    """Split a reference into scheme, authority, path, query and fragment; a part that is not there is None.

    Examples:
        >>> split("http://example.org/a?b#")
        ('http', 'example.org', '/a', 'b', '')
    """
    found = _PARTS.fullmatch(text)
    if found is None:  # pragma: no cover - the pattern matches every text
        return None, None, text, None, None
    scheme, authority, path, query, fragment = found.groups()
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        # What stands before the colon is not a scheme: all of it belongs to the path, which `fault` then refuses.
        return None, None, re.split("[?#]", text, maxsplit=1)[0], query, fragment
    return scheme, authority, path, query, fragment


def join(parts: Parts) -> str:
    """Put the parts of a reference together (RFC 3986, section 5.3)."""
    scheme, authority, path, query, fragment = parts
    text = "" if scheme is None else f"{scheme}:"
    text += "" if authority is None else f"//{authority}"
    text += path
    text += "" if query is None else f"?{query}"
    return text if fragment is None else f"{text}#{fragment}"


def scheme_of(text: str) -> str:
    """Return the scheme that a text starts with, in lower case, or an empty text."""
    return (split(text)[0] or "").lower()


def resolve(base: str, reference: str) -> str:
    """Resolve a reference against a base (RFC 3986, section 5.2.2).

    Args:
        base: An absolute IRI.
        reference: An IRI, or a reference relative to it.

    Examples:
        >>> resolve("http://example.org/a/b.csv", "../c#d")
        'http://example.org/c#d'
        >>> resolve("http://example.org/b.csv", "#")
        'http://example.org/b.csv#'
    """
    scheme, authority, path, query, fragment = split(reference)
    if scheme is not None:
        return join((scheme, authority, remove_dot_segments(path) if authority is not None else path, query, fragment))
    b_scheme, b_authority, b_path, b_query, _ = split(base)
    if authority is not None:
        return join((b_scheme, authority, remove_dot_segments(path), query, fragment))
    if not path:
        return join((b_scheme, b_authority, b_path, b_query if query is None else query, fragment))
    if not path.startswith("/"):
        folder = "/" if b_authority is not None and not b_path else b_path[: b_path.rfind("/") + 1]
        path = folder + path
    path = remove_dot_segments(path) if path.startswith("/") else re.sub(r"^(?:\.\.?(?:/|$))+", "", path)
    return join((b_scheme, b_authority, path, query, fragment))


def remove_dot_segments(path: str) -> str:
    """Remove the dot segments of a path (section 5.2.4).

    Examples:
        >>> remove_dot_segments("/a/b/../c/./d"), remove_dot_segments("/..")
        ('/a/c/d', '/')
    """
    if "/." not in path and not path.startswith("."):
        return path
    kept: list[str] = []
    segments = path.split("/")
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        elif segment == ".":
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)


def encode(text: str) -> str:
    """Percent-encode what an IRI may not hold at its place: spaces, brackets, lone percent signs, a second "#".

    Examples:
        >>> encode("http://example.org/a b[c]#d#100%")
        'http://example.org/a%20b%5Bc%5D#d%23100%25'
    """
    scheme, authority, path, query, fragment = split(text)
    return join(
        (
            scheme,
            None if authority is None else _encoded(authority, _NOT_IN_HOST),
            _encoded(path, _NOT_IN_PATH),
            None if query is None else _encoded(query, _NOT_IN_QUERY),
            None if fragment is None else _encoded(fragment, _NOT_IN_FRAGMENT),
        )
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is first needed: large classes of characters take milliseconds."""
    return re.compile(pattern)


def _encoded(text: str, wrong: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    text = _LONE_PERCENT.sub("%25", text)
    return _compiled(wrong).sub(lambda found: quote(found.group(), safe="", errors="replace"), text)


@lru_cache(1 << 14)
def fault(text: str) -> str:
    """Return why a text is not an absolute IRI, or return an empty text where it is one.

    Besides the syntax, an http or https address needs a host.
    """
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    scheme, authority, _, _, _ = split(text)
    if scheme is None:
        return "it has no scheme, such as https:"
    if scheme.lower() in {"http", "https"} and not _host(authority):
        return "it has no host"
    try:
        pyoxigraph.NamedNode(text)
    except (ValueError, UnicodeError) as error:
        return f"{error}"[:1].lower() + f"{error}"[1:]
    return ""


def _host(authority: str | None) -> str:
    return re.sub(r":[0-9]*\Z", "", (authority or "").rpartition("@")[2])


def finish(reference: str, base: str) -> tuple[str, str]:
    """Make the IRI of a reference: resolve and encode it. Return it and an empty text, or the text and its fault.

    Args:
        reference: An IRI, or a reference relative to `base`.
        base: An absolute IRI.
    """
    encoded = encode(reference)
    scheme, authority, path, _, _ = split(encoded)
    if scheme is None and authority is None and ":" in path.split("/")[0]:
        return reference, "what stands before the colon is not a scheme"
    iri = resolve(base, encoded)
    wrong = fault(iri)
    return (reference, wrong) if wrong else (iri, "")
