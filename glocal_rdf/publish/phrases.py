"""Phrases that pages are made of: how to cite one, how to report a mistake, what kinds and sections are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from glocal_rdf.i18n import message, punctuation, translatable
from glocal_rdf.namespaces import DCAT, DCTERMS, OWL, SCHEMA, SCHEMA_HTTPS, term
from glocal_rdf.triples import terms

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Page, Site

__all__ = ["cite", "name_kind", "name_section", "other_names", "report_link"]

_KINDS: Final[Mapping[str, str]] = {
    "thing": translatable("thing"),
    "class": translatable("class"),
    "property": translatable("property"),
    "concept": translatable("concept"),
    "scheme": translatable("concept scheme"),
    "dataset": translatable("dataset"),
    "ontology": translatable("ontology"),
    "source": translatable("graph of another source"),
}
_SECTIONS: Final[Mapping[str, str]] = {
    "names": translatable("Names"),
    "statements": translatable("Statements"),
    "links": translatable("In other datasets"),
}
_VERSIONS: Final = (
    term(DCAT, "version"),
    term(SCHEMA, "version"),
    term(SCHEMA_HTTPS, "version"),
    term(OWL, "versionInfo"),
)


def name_kind(kind: str, lang: str) -> str:
    """Return what a kind of page is called (see `resources.KINDS`)."""
    return message(lang, _KINDS[kind]) if kind in _KINDS else kind


def name_section(name: str, lang: str) -> str:
    """Return the heading of a section of facts."""
    return message(lang, _SECTIONS[name])


def other_names(site: Site, resource: str, lang: str) -> list[tuple[str, str]]:
    """Return the preferred names of a thing in other languages than that of a page, by language tag.

    Args:
        site: The site.
        resource: The thing, a term.
        lang: The language of the page.
    """
    names = site.names.get(resource, {})
    shown = site.name_of(resource, lang)
    return [(tag, text) for tag, text in sorted(names.items()) if tag and tag != lang and text and text != shown]


def cite(site: Site, page: Page, lang: str) -> str:
    """Return how a page is cited: its title, dataset, version, publisher, year and address.

    Args:
        site: The site.
        page: The page.
        lang: The language.
    """
    about = site.about
    title = about.text("title", lang) or site.built.project.name
    version = next((terms.unquote(one) for one in about.objects(*_VERSIONS) if one.startswith('"')), "")
    dates = about.objects(term(DCTERMS, "modified")) or about.objects(term(DCTERMS, "issued"))
    year = terms.unquote(dates[-1])[:4] if dates and dates[-1].startswith('"') else ""
    who = punctuation(lang)[0].join(about.names("publisher", lang) or about.names("creator", lang))
    of = f"{title} {version}".strip()
    parts = [page.titles[lang], of, f"{who} ({year})" if who and year else who or year, page.iri]
    stop = "。" if lang.startswith("zh") else ". "
    return stop.join(part for part in parts if part)


def report_link(site: Site, page: Page, lang: str) -> str:
    """Return the link by which a mistake on a page is reported; empty where the dataset has no contact.

    Args:
        site: The site.
        page: The page.
        lang: The language.
    """
    subject = message(lang, "Mistake: {title}", title=page.titles[lang])
    address = site.address(site.file_of(page.path, lang))
    body = message(
        lang,
        "What is wrong:\n\nWhat is right, and where it stands:\n\nThis is about {iri}",
        iri=" ".join(filter(None, (page.iri, address))),
    )
    return site.about.report_link(subject, body)
