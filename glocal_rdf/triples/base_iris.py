"""Bases that the parser misreads (dot segments, a slash in the query), resolved by RFC 3986, section 5.2.

The text of such a source (few have such a base) is changed before it is parsed: in Turtle and TriG each relative
reference is written out; in RDF/XML the base itself is simplified.
"""

from __future__ import annotations

import re
from typing import Final

from glocal_rdf.triples import iris

__all__ = ["is_odd", "resolve_by_odd_base", "simplify_base"]

_ODD: Final = re.compile(r"/\.\.?/|\?[^#]*/")
_ODD_IN_TURTLE: Final = re.compile(rb"(?i)base\s*<[^<>]*(?:/\.\.?/|\?[^<>#]*/)")
_ODD_IN_XML: Final = re.compile(rb"xml:base\s*=[^<>]*?(?:/\.\.?/|\?[^<>]*/)")
_TURTLE: Final = re.compile(
    r"""#[^\n\r]*|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'"""
    r"""|(?P<base>@base\s+|(?i:\bbase)\s*)?<(?P<iri>[^\x00-\x20<>"{}|^`]*)>""",
    re.DOTALL,
)
_XML_BASE: Final = re.compile(r"""(\bxml:base\s*=\s*)(["'])([^"'<]*)\2""")


def resolve_by_odd_base(data: bytes, form: str, base: str | None) -> bytes:
    """Write references out where a base, given or declared, would be misread; other sources stay as they are.

    Args:
        data: The source, in UTF-8.
        form: The format, by the file ending that the parser knows it by (`Format.parser`).
        base: The IRI that relative IRIs are resolved against, or None.

    Returns:
        The source to parse.

    https://www.rfc-editor.org/rfc/rfc3986#section-5.2
    """
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

    Examples:
        >>> is_odd("http://a/./b"), is_odd("http://a/b?c=/d"), is_odd("http://a/b?c#/d")
        (True, True, False)
    """
    return _ODD.search(base) is not None


def simplify_base(base: str) -> str:
    """Simplify a base that the parser misreads, for a format whose references cannot be written out.

    Dot segments go, and a query that has a slash: only references to the base itself would keep them.

    Examples:
        >>> simplify_base("http://a/b/../c?d=/../e")
        'http://a/c'
    """
    scheme, authority, path, *_ = iris.split(base)
    if not is_odd(base):
        return base
    return iris.join((scheme, authority, iris.remove_dot_segments(path), None, None))


def _resolve_turtle(text: str, base: str | None) -> str:
    current = base

    def write(match: re.Match[str]) -> str:
        nonlocal current
        iri = match["iri"]
        if iri is None:
            return match[0]
        whole = iri if current is None or iris.split(iri)[0] is not None else iris.resolve(current, iri)
        if match["base"]:
            current = whole
        return f"{match['base'] or ''}<{whole}>"

    return _TURTLE.sub(write, text)
