"""Bases that the parser misreads (dot segments, a slash in the query), resolved by RFC 3986, section 5.2.

The text of such a source (few have such a base) is changed before it is parsed: in Turtle and TriG each relative
reference is written out; in RDF/XML the base itself is simplified.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_odd", "remove_dot_segments", "resolve", "resolve_by_odd_base", "simplify_base"]

_PARTS: Final = re.compile(r"(?s)(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?")
_ODD: Final = re.compile(r"/\.\.?/|\?[^#]*/")
_ODD_IN_TURTLE: Final = re.compile(rb"(?i)base\s*<[^<>]*(?:/\.\.?/|\?[^<>#]*/)")
_ODD_IN_XML: Final = re.compile(rb"xml:base\s*=[^<>]*?(?:/\.\.?/|\?[^<>]*/)")
_TURTLE: Final = re.compile(
    r"""#[^\n\r]*|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'"""
    r"""|(?P<base>@base\s+|(?i:\bbase)\s*)?<(?P<iri>[^\x00-\x20<>"{}|^`]*)>""",
    re.DOTALL,
)
_XML_BASE: Final = re.compile(r"""(\bxml:base\s*=\s*)(["'])([^"'<]*)\2""")


def remove_dot_segments(path: str) -> str:
    """Remove dot segments from a path (RFC 3986, section 5.2.4).

    >>> remove_dot_segments("/a/b/c/./../../g"), remove_dot_segments("/../a/.")
    ('/a/g', '/a/')
    """
    kept: list[str] = []
    segments = path.split("/")
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment == "..":
            if len(kept) > 1 or (kept and kept[0] != ""):
                kept.pop()
            if last:
                kept.append("")
        elif segment == ".":
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)


def resolve(reference: str, base: str) -> str:
    """Resolve a reference against a base IRI (RFC 3986, section 5.2.2).

    >>> resolve("g", "http://a/bb/ccc/./d;p?q"), resolve("", "http://a/b/../c#d")
    ('http://a/bb/ccc/g', 'http://a/b/../c')
    """
    scheme, host, path, query, fragment = _split(reference)
    own_scheme, own_host, own_path, own_query, _ = _split(base)
    if scheme is not None or host is not None:
        path = remove_dot_segments(path)
    elif not path:
        path, query = own_path, own_query if query is None else query
    elif path.startswith("/"):
        path = remove_dot_segments(path)
    elif own_host is not None and not own_path:
        path = remove_dot_segments("/" + path)
    else:
        path = remove_dot_segments(own_path[: own_path.rfind("/") + 1] + path)
    if scheme is None:
        scheme = own_scheme
        host = own_host if host is None else host
    return (
        ("" if scheme is None else f"{scheme}:")
        + ("" if host is None else f"//{host}")
        + path
        + ("" if query is None else f"?{query}")
        + ("" if fragment is None else f"#{fragment}")
    )


def _split(iri: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = _PARTS.fullmatch(iri)
    assert match is not None  # noqa: S101 - every text matches
    return match[1], match[2], match[3], match[4], match[5]


def resolve_by_odd_base(data: bytes, form: str, base: str | None) -> bytes:
    """Write references out where a base, given or declared, would be misread; other sources stay as they are."""
    if form in ("turtle", "trig", "n3"):
        if not is_odd(base or "") and not _ODD_IN_TURTLE.search(data):
            return data
        return _resolve_turtle(data.decode(), base).encode()
    if form == "rdfxml" and _ODD_IN_XML.search(data):
        return _XML_BASE.sub(
            lambda match: f"{match[1]}{match[2]}{simplify_base(match[3])}{match[2]}", data.decode()
        ).encode()
    return data


def is_odd(base: str) -> bool:
    """Decide whether the parser misreads a base: it has dot segments, or a slash in its query.

    >>> is_odd("http://a/./b"), is_odd("http://a/b?c=/d"), is_odd("http://a/b?c#/d")
    (True, True, False)
    """
    return _ODD.search(base) is not None


def simplify_base(base: str) -> str:
    """Simplify a base that the parser misreads, for a format whose references cannot be written out.

    Dot segments go, and a query that has a slash: only references to the base itself would keep them.

    >>> simplify_base("http://a/b/../c?d=/../e")
    'http://a/c'
    """
    scheme, host, path, *_ = _split(base)
    start = ("" if scheme is None else f"{scheme}:") + ("" if host is None else f"//{host}")
    return start + remove_dot_segments(path) if is_odd(base) else base


def _resolve_turtle(text: str, base: str | None) -> str:
    current = base

    def write(match: re.Match[str]) -> str:
        nonlocal current
        iri = match["iri"]
        if iri is None:
            return match[0]
        whole = iri if current is None or _split(iri)[0] is not None else resolve(iri, current)
        if match["base"]:
            current = whole
        return f"{match['base'] or ''}<{whole}>"

    return _TURTLE.sub(write, text)
