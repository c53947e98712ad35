"""Writes terms of RDF as HTML: a thing with a page as a link to it, others as a link to themselves, literals as text.

All of it is escaped here, once for each term and language, since a hub is shown on thousands of pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from glocal_rdf.i18n import best_tag, message
from glocal_rdf.namespaces import XSD
from glocal_rdf.publish.about import safe_link
from glocal_rdf.triples import terms

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Page, Site

__all__ = ["KNOWN_SITES", "TermWriter", "name_site", "split_literal"]

KNOWN_SITES: Final[Mapping[str, str]] = {
    "www.wikidata.org": "Wikidata",
    "sws.geonames.org": "GeoNames",
    "www.geonames.org": "GeoNames",
    "ror.org": "ROR",
    "isni.org": "ISNI",
    "viaf.org": "VIAF",
    "dbpedia.org": "DBpedia",
    "orcid.org": "ORCID",
    "id.loc.gov": "Library of Congress",
    "doi.org": "DOI",
    "whosonfirst.dev": "Who's On First",
    "spelunker.whosonfirst.org": "Who's On First",
}
"""What well-known sites are called, by the host of their addresses."""

_MARKUP: Final = re.compile(r"[&<>\"']")
_MAX_DEPTH: Final = 4
_CODES: Final = {f"{XSD}hexBinary", f"{XSD}base64Binary"}


def name_site(iri: str) -> str:
    """Return what a site is called, by an address in it; the host where it is not known.

    Examples:
        >>> name_site("http://www.wikidata.org/entity/Q1"), name_site("https://example.org/a"), name_site("urn:x")
        ('Wikidata', 'example.org', '')
    """
    try:
        host = urlsplit(iri).hostname or ""
    except ValueError:
        return ""
    return KNOWN_SITES.get(host, host.removeprefix("www."))


def split_literal(literal: str) -> tuple[str, str, str]:
    """Return the text of a literal, its language, and the IRI of its datatype; the latter are empty where it has none.

    Examples:
        >>> split_literal('"Taipei"@en'), split_literal('"5"^^<http://www.w3.org/2001/XMLSchema#integer>')
        (('Taipei', 'en', ''), ('5', '', 'http://www.w3.org/2001/XMLSchema#integer'))
        >>> split_literal('"5"')
        ('5', '', 'http://www.w3.org/2001/XMLSchema#string')
    """
    text, rest = terms.unquote(literal), literal[literal.rindex('"') + 1 :]
    if rest.startswith("@"):
        return text, rest[1:], ""
    return text, "", rest[3:-1] if rest else f"{XSD}string"


class TermWriter:
    """Writes terms as HTML for the pages of one language."""

    def __init__(self, site: Site, lang: str) -> None:
        """Take the site and the language."""
        self._site = site
        self._lang = lang
        self._pages: dict[str, tuple[str, str]] = {}
        self._others: dict[str, str] = {}

    def write(self, page: Page, term: str) -> str:
        """Return the HTML of a term on a page.

        Args:
            page: The page.
            term: The term.
        """
        if term.startswith('"'):
            return self._write_literal(term)
        if term.startswith("_:"):
            return self._write_blank(page, term, _MAX_DEPTH)
        known = self._pages.get(term)
        if known is None and term in self._site.addresses:
            path, text = self._site.addresses[term], self._text(term)
            known = self._pages[term] = (self._site.link_from_root(path, self._lang), text)
        if known is not None:
            return f'<a href="{page.root}{known[0]}">{known[1]}</a>'
        other = self._others.get(term)
        if other is None:
            other = self._others[term] = self._write_other(term)
        return other

    def _text(self, term: str) -> str:
        """Return the name of a term, marked with its language where that is not the page's."""
        names = self._site.names.get(term)
        name = escape(self._site.name_of(term, self._lang))
        tag = best_tag([tag for tag, text in names.items() if text], self._lang) if names else self._lang
        return f'<span lang="{escape(tag)}">{name}</span>' if tag and tag != self._lang else name

    def _write_other(self, term: str) -> str:
        iri = term[1:-1]
        named = term in self._site.names
        text = self._text(term)
        site = "" if named else name_site(iri)
        if site in KNOWN_SITES.values():
            text = f"{escape(site)} {escape(re.split(r'[/#]', iri.rstrip('/'))[-1])}"
        if not safe_link(iri):
            return f"<code>{text}</code>"
        return f'<a rel="external" href="{escape(iri)}">{text}</a>'

    def _write_literal(self, literal: str) -> str:
        text, tag, datatype = split_literal(literal)
        html = escape(text) if _MARKUP.search(text) else text
        if datatype in _CODES:
            return f"<code>{html}</code>"
        if safe_link(text):
            return f'<a rel="external" href="{html}">{html}</a>'
        if not tag:
            if datatype == f"{XSD}boolean" and text in {"true", "false"}:
                return escape(message(self._lang, "yes") if text == "true" else message(self._lang, "no"))
            return html
        if tag == self._lang:
            return html
        return f'<span lang="{escape(tag)}">{html}</span> <span class="tag">{escape(tag)}</span>'

    def _write_blank(self, page: Page, node: str, depth: int) -> str:
        stated = self._site.blank_nodes.get(node, ())
        if not depth or not stated:
            return '<span class="tag">…</span>'
        rows = "".join(
            f"<dt>{self.write(page, predicate)}</dt><dd>"
            + (self._write_blank(page, value, depth - 1) if value.startswith("_:") else self.write(page, value))
            + "</dd>"
            for predicate, value in stated
        )
        return f'<dl class="nested">{rows}</dl>'
