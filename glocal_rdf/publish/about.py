"""The description of the dataset that is published, as its graph has it: titles, licence, publisher, contact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final
from urllib.parse import quote

from glocal_rdf.i18n import pick
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import DCAT, DCTERMS, FOAF, RDFS_LABEL, SCHEMA, SCHEMA_HTTPS, SKOS, VCARD, term
from glocal_rdf.triples import Triples, terms

__all__ = ["About", "safe_link"]

_WEB: Final = re.compile(r"https?://[^\s\x00-\x20<>\"]+", re.IGNORECASE)
_MAIL: Final = re.compile(r"mailto:[^\s\x00-\x20<>\"?&#]+@[^\s\x00-\x20<>\"?&#]+", re.IGNORECASE)
_MAILS: Final = (
    term(VCARD, "hasEmail"),
    term(FOAF, "mbox"),
    term(SCHEMA_HTTPS, "email"),
    term(SCHEMA, "email"),
)
_ADDRESSES: Final = (
    *_MAILS,
    term(VCARD, "hasURL"),
    term(FOAF, "homepage"),
    term(SCHEMA_HTTPS, "url"),
    term(SCHEMA, "url"),
)
"""Where a contact can be reached, the best first."""

_ISSUES: Final = (
    (re.compile(r"https://github\.com/[^/?#]+/[^/?#]+/issues/new"), ("title", "body")),
    (re.compile(r"https://[^/?#]+/[^?#]+/-/issues/new"), ("issue%5Btitle%5D", "issue%5Bdescription%5D")),
)
"""Addresses at which an issue is filed (GitHub; GitLab), and the names of its title and text in a query."""

_NAMES: Final = (
    term(SKOS, "prefLabel"),
    RDFS_LABEL,
    term(FOAF, "name"),
    term(SCHEMA_HTTPS, "name"),
    term(SCHEMA, "name"),
    term(VCARD, "fn"),
)


def safe_link(iri: str) -> str:
    """Return an IRI that a page may link to, or the empty text: of the web or of mail, and of no script.

    Examples:
        >>> safe_link("https://example.org/a"), safe_link("mailto:a@example.org"), safe_link("javascript:alert(1)")
        ('https://example.org/a', 'mailto:a@example.org', '')
    """
    return iri if _WEB.fullmatch(iri) or _MAIL.fullmatch(iri) else ""


class About:
    """What a graph states about its dataset, read by the names of DCMI Terms and DCAT."""

    def __init__(self, graph: Triples, dataset: str) -> None:
        """Take what is stated.

        Args:
            graph: The graph with the description of the dataset, and of its publisher and contact.
            dataset: The term of the dataset; `_:dataset` where it has no IRI.
        """
        self.dataset = dataset
        self._graph = graph
        self._described: dict[str, Mapping[str, tuple[str, ...]]] = {}

    @cached_property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """The objects of all statements about the dataset, by predicate, as terms."""
        return self.describe(self.dataset)

    def describe(self, subject: str) -> Mapping[str, tuple[str, ...]]:
        """Return the objects of all statements about a resource that the description names, by predicate, as terms.

        Args:
            subject: The term of the resource.
        """
        if subject not in self._described:
            self._described[subject] = self._look_up(subject)
        return self._described[subject]

    def _look_up(self, subject: str) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        rows = self._graph.frame.filter(pl.col("subject") == subject).sort("predicate", "object")
        for _, predicate, value in rows.iter_rows():
            found[predicate] = (*found.get(predicate, ()), value)
        return found

    def objects(self, *predicates: str) -> tuple[str, ...]:
        """Return the objects of the first predicate that has any, as terms.

        Args:
            *predicates: Predicates as terms.
        """
        return next((self.values[one] for one in predicates if one in self.values), ())

    def text(self, name: str, lang: str) -> str:
        """Return a text that DCMI Terms or DCAT names, such as `title`, in a language or another; empty without one.

        Args:
            name: The name of the property.
            lang: The language.
        """
        values = self.objects(term(DCTERMS, name), term(DCAT, name))
        return pick(((terms.unquote(one), _tag(one)) for one in values if one.startswith('"')), lang)

    def texts(self, name: str, languages: Iterable[str]) -> dict[str, str]:
        """Return a text in each of some languages, as `text` does.

        Args:
            name: The name of the property.
            languages: The languages.
        """
        return {lang: self.text(name, lang) for lang in languages}

    def link(self, name: str) -> str:
        """Return the IRI that DCMI Terms or DCAT names, such as `license`; empty without one.

        Args:
            name: The name of the property.
        """
        values = self.objects(term(DCTERMS, name), term(DCAT, name))
        return next((one[1:-1] for one in values if one.startswith("<")), "")

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that the description names (dcterms:language), in no particular order."""
        return tuple(terms.unquote(one) for one in self.objects(term(DCTERMS, "language")) if one.startswith('"'))

    @cached_property
    def contact(self) -> str:
        """The address to report mistakes to, of mail or of the web; empty where the description has none."""
        contacts = map(self.address_of, self.objects(term(DCAT, "contactPoint")))
        publishers = map(self.address_of, self.objects(term(DCTERMS, "publisher")))
        return next(filter(None, (*contacts, self.email, *publishers)), "")

    @cached_property
    def email(self) -> str:
        """The address of mail that the description gives of the dataset itself, with `mailto:`; empty without one."""
        return self._find_address(self.dataset, _MAILS)

    def address_of(self, agent: str) -> str:
        """Return the address of mail or of the web at which somebody is reached; empty where none is described.

        Args:
            agent: The term of who is reached; an address of mail, or one at which issues are filed, is its own.
        """
        iri = agent[1:-1] if agent.startswith("<") else ""
        if iri.startswith("mailto:") or any(pattern.fullmatch(iri) for pattern, _ in _ISSUES):
            return safe_link(iri)
        return self._find_address(agent, _ADDRESSES)

    def _find_address(self, subject: str, predicates: Iterable[str]) -> str:
        """Return the first address that is stated of a resource by one of some predicates, as a link; or nothing."""
        described = self.describe(subject)
        for predicate in predicates:
            for value in described.get(predicate, ()):
                text = value[1:-1] if value.startswith("<") else terms.unquote(value)
                if link := safe_link(text) or safe_link(f"mailto:{text}"):
                    return link
        return ""

    def names(self, name: str, lang: str) -> tuple[str, ...]:
        """Return what those are called that DCMI Terms names, such as `publisher`: their names, or the texts.

        Args:
            name: The name of the property.
            lang: The language.
        """
        found = []
        for one in self.objects(term(DCTERMS, name), term(DCAT, name)):
            texts = [one] if one.startswith('"') else []
            for predicate in _NAMES:
                texts = texts or list(self.describe(one).get(predicate, ()))
            if text := pick(((terms.unquote(text), _tag(text)) for text in texts if text.startswith('"')), lang):
                found.append(text)
        return tuple(found)

    def report_link(self, subject: str, body: str) -> str:
        """Return the link for reporting a mistake: mail or a new issue that is filled in, or a web address.

        Args:
            subject: The subject of the mail.
            body: Its text.
        """
        if self.contact.lower().startswith("mailto:"):
            return f"{self.contact}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
        for pattern, names in _ISSUES:
            if pattern.fullmatch(self.contact):
                first, second = names
                return f"{self.contact}?{first}={quote(subject, safe='')}&{second}={quote(body, safe='')}"
        return self.contact


def _tag(literal: str) -> str:
    return literal.rpartition('"')[2].removeprefix("@") if literal.endswith('"') or '"@' in literal else ""
