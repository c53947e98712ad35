"""Terms as an endpoint answers them, made fit to stand in a graph: IRIs without what no IRI has, tags in one case.

Many stores lower the case of language tags, which mean the same in any (RFC 5646, 2.1.1). They are written in the case
that is usual (`zh-Hant`, `en-GB`), so that a page in a language finds its names whatever the store made of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from glocal_rdf.errors import EndpointError
from glocal_rdf.triples.iris import encode

__all__ = ["clean_term", "recase_tag"]

_IRI: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*>")
_MARKED: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


def clean_term(address: str, term: str) -> str:
    """Return a term so that it may stand in a graph.

    Args:
        address: The address of the endpoint, for errors.
        term: The term as it was answered.

    Raises:
        EndpointError: For an IRI without a scheme, and for a triple as a term.

    Examples:
        >>> clean_term("", '"台北"@zh-hant'), clean_term("", "<http://e.org/a b>")
        ('"台北"@zh-Hant', '<http://e.org/a%20b>')
    """
    if term[0] == '"':
        text, mark, tag = term.rpartition('"@')
        return f'{text}"@{recase_tag(tag)}' if mark and _MARKED.fullmatch(tag) else term
    if term.startswith("_:"):
        return term
    return _clean_iri(address, term)


@lru_cache(maxsize=20_000)
def _clean_iri(address: str, term: str) -> str:
    if _IRI.fullmatch(term):
        return term
    encoded = f"<{encode(term[1:-1])}>"
    if term.startswith("<<") or not _IRI.fullmatch(encoded):
        raise EndpointError.at(address, f"answered with {term[:80]!r}, which is not an IRI", "correct its data")
    return encoded


@lru_cache(maxsize=1_000)
def recase_tag(tag: str) -> str:
    """Return a language tag in the case that is usual: languages lowered, scripts titled, regions raised.

    Args:
        tag: The tag.

    Examples:
        >>> recase_tag("zh-hant"), recase_tag("EN-gb"), recase_tag("zh-hant-tw"), recase_tag("x-AB-cdef")
        ('zh-Hant', 'en-GB', 'zh-Hant-TW', 'x-ab-cdef')

    https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1
    """
    first, *others = tag.lower().split("-")
    written = [first]
    for one in others:
        if len(written[-1]) == 1 or any(len(before) == 1 for before in written):
            written.append(one)
        elif len(one) == 2:
            written.append(one.upper())
        else:
            written.append(one.title() if len(one) == 4 and one.isalpha() else one)
    return "-".join(written)
