"""Paths of pages about any IRI, which can be read back: `doc/place/taipei`, `resource/https/dbpedia.org/ontology/City`.

1. An IRI that begins with the space of the things (void:uriSpace) is `doc/` and the rest of it.
2. Any other is `resource/`, its scheme, and what follows; `_` stands for the `//` that it does not have.
3. What a path cannot hold, or what would be read as something else (`?`, `#`, an empty part, a dot in the last part,
   which would begin an ending), is written as its bytes in UTF-8: `=3F`, as quoted-printable does (RFC 2045, 6.7).
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["DOCUMENT", "RESOURCE", "iri_of_path", "pack", "path_of_iri", "unpack"]

DOCUMENT: Final = "doc/"
RESOURCE: Final = "resource/"
_KEPT: Final = re.compile(r"\w|[-.~!$'()*+,;:@ ]")
_BETWEEN: Final = re.compile(r"(?<=[^/])/(?=[^/])")
"""A slash between two parts that are not empty; any other one is written as its byte."""

_CODED: Final = re.compile(r"(?:=[0-9A-F]{2})+")
_IRI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):([^\x00-\x20<>\"{}|^`\\\ud800-\udfff]*)")


def path_of_iri(iri: str, space: str = "") -> str:
    """Return the path of the page about an IRI.

    Args:
        iri: The IRI.
        space: How the IRIs of things begin; empty where that is not known.

    Examples:
        >>> path_of_iri("https://e.org/id/place/taipei", "https://e.org/id/")
        'doc/place/taipei'
        >>> path_of_iri("http://www.w3.org/2004/02/skos/core#Concept"), path_of_iri("urn:isbn:1"), path_of_iri("http://a/")
        ('resource/http/www.w3.org/2004/02/skos/core=23Concept', 'resource/urn/_/isbn:1', 'resource/http/a=2F')
    """
    if space and iri.startswith(space) and len(iri) > len(space):
        return DOCUMENT + _encode(iri[len(space) :])
    scheme, _, rest = iri.partition(":")
    rest = _encode(rest[2:]) if rest.startswith("//") and len(rest) > 2 else f"_/{_encode(rest)}"
    return f"{RESOURCE}{scheme}/{rest}"


def iri_of_path(path: str, space: str = "") -> str | None:
    """Return the IRI that a page is about, by its path; None where it is not the path of such a page.

    Args:
        path: The path.
        space: How the IRIs of things begin.

    Examples:
        >>> iri_of_path("resource/http/www.w3.org/2004/02/skos/core=23Concept")
        'http://www.w3.org/2004/02/skos/core#Concept'
        >>> iri_of_path("doc/a", "https://e.org/id/"), iri_of_path("doc/a"), iri_of_path("resource/http/a//b")
        ('https://e.org/id/a', None, None)
    """
    if path.startswith(DOCUMENT):
        iri = space + (_decode(path[len(DOCUMENT) :]) or "") if space else ""
    else:
        scheme, _, rest = path.removeprefix(RESOURCE).partition("/")
        slashes = "" if rest.startswith("_/") else "//"
        iri = f"{scheme}:{slashes}{_decode(rest.removeprefix('_/')) or ''}" if path.startswith(RESOURCE) else ""
    known = _IRI.fullmatch(iri) and path_of_iri(iri, space) == path
    return iri if known else None


def pack(iri: str) -> str:
    """Write an IRI as one part of a path.

    Examples:
        >>> pack("http://a/b#c"), unpack(pack("http://a/b#c"))
        ('http:=2F=2Fa=2Fb=23c', 'http://a/b#c')
    """
    return _encode_part(iri).replace(".", "=2E")


def unpack(part: str) -> str | None:
    """Read an IRI that `pack` wrote; None where it is not one.

    Args:
        part: The part of a path.
    """
    iri = _decode(part)
    return iri if iri and _IRI.fullmatch(iri) and pack(iri) == part else None


def _code(text: str) -> str:
    return "".join(f"={byte:02X}" for byte in text.encode(errors="surrogatepass"))


def _encode_part(text: str) -> str:
    return "".join(one if _KEPT.match(one) else _code(one) for one in text)


def _encode(rest: str) -> str:
    """Write what follows the space or the scheme, part by part."""
    *folders, name = _BETWEEN.split(rest)
    return "/".join([*map(_encode_name, folders), _encode_name(name).replace(".", "=2E")])


def _encode_name(text: str) -> str:
    """Write a part so that it is not taken for a hidden file, a folder above or an option."""
    written = _encode_part(text)
    if written[:1] in ("_", "-", ".", " "):
        written = _code(written[0]) + written[1:]
    return written[:-1] + _code(written[-1]) if written[-1:] in (".", " ") else written


def _decode(text: str) -> str | None:
    try:
        return _CODED.sub(lambda found: bytes.fromhex(found[0].replace("=", "")).decode(), text)
    except UnicodeDecodeError:
        return None
