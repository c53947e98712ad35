"""RDF terms in N-Triples syntax: those of the SHACL vocabulary, tests of their kind, and how people read them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from glocal_rdf import namespaces
from glocal_rdf.display import one_line
from glocal_rdf.namespaces import OWL, RDF, RDFS, SH, XSD, Term, local_name, term
from glocal_rdf.triples.terms import unquote as lexical

__all__ = [
    "format_term",
    "is_blank",
    "is_iri",
    "is_literal",
    "is_string",
    "is_true",
    "language_tag",
    "lexical",
    "sh",
    "shacl_name",
    "shorten",
    "text_of",
    "xsd",
]

MAX_LITERAL_CHARS: Final = 80
_PREFIXES: Final[Mapping[str, str]] = {"sh": SH, "rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD}
_TRUE: Final = frozenset(f'"{text}"^^<{XSD}boolean>' for text in ("true", "1"))


@cache
def sh(name: str) -> Term:
    """Return the term of the SHACL vocabulary with a local name.

    Examples:
        >>> sh("minCount")
        '<http://www.w3.org/ns/shacl#minCount>'
    """
    return term(SH, name)


def xsd(name: str) -> Term:
    """Return the term of an XML Schema datatype.

    Examples:
        >>> xsd("date")
        '<http://www.w3.org/2001/XMLSchema#date>'
    """
    return term(XSD, name)


def shacl_name(term: str) -> str:
    """Return the local name of a term of the SHACL vocabulary, or the empty text for any other term.

    Examples:
        >>> shacl_name("<http://www.w3.org/ns/shacl#minCount>"), shacl_name("<http://example.org/minCount>")
        ('minCount', '')
    """
    return term[len(SH) + 1 : -1] if term.startswith("<" + SH) else ""


def is_iri(term: str) -> bool:
    """Return whether a term is an IRI."""
    return term.startswith("<")


def is_blank(term: str) -> bool:
    """Return whether a term is a blank node."""
    return term.startswith("_:")


def is_literal(term: str) -> bool:
    """Return whether a term is a literal."""
    return term.startswith('"')


def is_string(term: str) -> bool:
    """Return whether a term is a literal of the datatype xsd:string."""
    return is_literal(term) and term.endswith('"')


def language_tag(term: str) -> str:
    """Return the language tag of a literal, or the empty text.

    Examples:
        >>> language_tag('"a"@zh-Hant'), language_tag('"a"')
        ('zh-Hant', '')
    """
    tail = term[term.rindex('"') + 1 :] if is_literal(term) else ""
    return tail[1:] if tail.startswith("@") else ""


def is_true(term: str) -> bool:
    """Return whether a term is the boolean true, which has two lexical forms.

    Examples:
        >>> [is_true(f'"{text}"^^<http://www.w3.org/2001/XMLSchema#boolean>') for text in ("true", "1", "false", "0")]
        [True, True, False, False]
    """
    return term in _TRUE


def text_of(term: str) -> tuple[str, str]:
    """Return the text of a literal and its language tag.

    Examples:
        >>> text_of('"Taipei"@en')
        ('Taipei', 'en')
    """
    return lexical(term), language_tag(term)


def shorten(term: str) -> str:
    """Return an IRI of SHACL, RDF, RDFS, OWL or XML Schema with its usual prefix, and any other term as it is.

    Examples:
        >>> shorten("<http://www.w3.org/2001/XMLSchema#date>")
        'xsd:date'
        >>> shorten("<http://example.org/>")
        '<http://example.org/>'
    """
    return namespaces.shorten(term, _PREFIXES)


def format_term(term: str | None) -> str:
    """Return a term for people: a literal in quotation marks with its language, cut if long; an IRI by its last part.

    Examples:
        >>> format_term('"Taipei"@en'), format_term("<http://example.org/ns#Person>"), format_term(None)
        ('“Taipei” (en)', 'Person', '')
    """
    if term is None:
        return ""
    if not is_literal(term):
        return local_name(term)
    text = one_line(lexical(term)[: MAX_LITERAL_CHARS + 1])
    if len(text) > MAX_LITERAL_CHARS:
        text = text[: MAX_LITERAL_CHARS - 1] + "…"
    tag = language_tag(term)
    return f"“{text}”" + (f" ({tag})" if tag else "")
