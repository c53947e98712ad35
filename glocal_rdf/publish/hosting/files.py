"""The files that hosts and search engines look for: site map, robots, the page for errors, redirect rules.

Where the IRIs of things are addresses of the site itself, each also gets a page that leads on to the document about
the thing, for hosts without rules (GitHub Pages).
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final
from urllib.parse import unquote

from glocal_rdf.errors import Problem
from glocal_rdf.i18n import message, translatable
from glocal_rdf.publish.addresses import is_safe
from glocal_rdf.publish.hosting import rules
from glocal_rdf.publish.hosting.routes import Routes, find_routes
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, File, Page, Site

__all__ = ["contribute", "lead_on"]

_MAX_PROBLEMS: Final = 20
_UNSURE: Final = (
    "has no redirect rule: servers differ in what they do with its '?', '..', '//', encoded slash or length"
)
_UNSURE_HINT: Final = "give the thing an IRI without them"
_MAX_ADDRESSES: Final = 50_000
"""How many addresses one site map may have (sitemaps.org)."""


def contribute(site: Site) -> Contribution:
    """Return the files for hosts of a site."""
    notes, problems = [], []
    routes = find_routes(site)
    if not site.base_url:
        notes.append("no site map and no redirect rules: give the address of the site with --base-url")
    elif routes is None:
        notes.append("no redirect rules: data/csv-metadata.json does not say how IRIs begin (void:uriSpace)")
    else:
        problems = [Problem(f"<{iri}>", _UNSURE, _UNSURE_HINT) for iri in routes.unsure[:_MAX_PROBLEMS]]
        if rest := len(routes.unsure) - len(problems):
            problems.append(Problem("", f"{rest:,} further IRIs have no redirect rule", _UNSURE_HINT))
        if _is_own(site, routes):
            what = "has no page that leads on, since the name of its file would differ from another's only in case"
            hint = "serve the site by a host with redirect rules"
            problems += [Problem(one, what, hint) for one in _name_pages(site)[1]]
    return Contribution(write=_write, notes=tuple(notes), problems=tuple(problems))


def lead_on(target: str, title: str, lang: str, words: str) -> bytes:
    """Return a page that leads on to another address at once, for hosts without redirects.

    Args:
        target: The address.
        title: What is there.
        lang: The language of the words.
        words: What is said, such as that the thing has another name now.
    """
    to, name = escape(target), escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">\n'
        f'<title>{name}</title>\n<meta http-equiv="refresh" content="0; url={to}">\n'
        f'<meta name="robots" content="noindex">\n<link rel="canonical" href="{to}">\n</head>\n'
        f'<body>\n<p>{escape(words)} <a href="{to}">{name}</a></p>\n</body>\n</html>\n'
    ).encode(errors="backslashreplace")


def _write(site: Site) -> Iterator[File]:
    titles = site.say(translatable("This page does not exist"))
    page = Page(path="404", titles=titles, kind="missing", listed=False, anywhere=site.base_url)
    yield from Renderer(site).render(page, "missing.html")
    robots = "User-agent: *\nAllow: /\n"
    if site.base_url:
        robots += f"Sitemap: {site.address('sitemap.xml')}\n"
        yield from _write_site_maps(site)
    yield File("robots.txt", robots.encode())
    if site.base_url and site.lasting:
        yield File("_headers", rules.write_headers(site).encode())
    routes = find_routes(site)
    if site.base_url and routes:
        yield from _write_rules(site, routes)


def _is_own(site: Site, routes: Routes) -> bool:
    """Return whether the IRIs of things are addresses of the site, apart from its documents."""
    # A rule for the whole folder of the site would lead its own documents in a circle.
    return routes.stem.startswith(site.base_url) and bool(routes.things)


def _write_rules(site: Site, routes: Routes) -> Iterator[File]:
    own = _is_own(site, routes)
    yield File("hosting/w3id.htaccess", rules.write_apache(site, routes, site.base_url).encode())
    yield from _lead_to_parts(site, routes)
    yield File("hosting/nginx.conf", rules.write_nginx(site, routes).encode())
    yield File("hosting/Caddyfile", rules.write_caddy(site, routes).encode())
    yield File(
        ".htaccess", rules.write_htaccess(site, routes if own and routes.stem == site.base_url else None).encode()
    )
    if own:
        yield File("_redirects", rules.write_netlify(site, routes).encode())
        yield from _write_pages(site)


def _write_pages(site: Site) -> Iterator[File]:
    """Yield a page for each thing whose IRI is an address of the site, which leads on to the document about it."""
    lang = site.languages[0]
    words = message(lang, "The document about this is at another address:")
    for resource, name in _name_pages(site)[0].items():
        target = site.address(site.file_of(site.addresses[resource], lang))
        yield File(f"{name}.html", lead_on(target, site.name_of(resource, lang), lang, words))


def _name_pages(site: Site) -> tuple[dict[str, str], list[str]]:
    """Return the names of the pages that lead on from IRIs, by term, and the terms whose names differ only in case."""
    taken = {site.file_of(path, one).casefold() for path in site.topics for one in site.languages}
    found: dict[str, str] = {}
    alike: list[str] = []
    own: set[str] = set()
    for resource in sorted(site.topics.values()):
        iri = resource[1:-1]
        name = unquote(iri.removeprefix(site.base_url)) if iri.startswith(site.base_url) else ""
        if not name or "#" in name or not all(map(is_safe, name.split("/"))):
            continue
        file = f"{name}.html"
        if file.casefold() not in taken:
            taken.add(file.casefold())
            own.add(file.casefold())
            found[resource] = name
        elif file.casefold() in own:
            alike.append(resource)
    return found, alike


def _lead_to_parts(site: Site, routes: Routes) -> Iterator[File]:
    """Yield a page for each claim and mapping, which leads on to where it is described."""
    lang = site.languages[0]
    words = message(lang, "The document about this is at another address:")
    for rest, path in routes.parts.items():
        name = rest.removeprefix(routes.things)
        if rest.startswith(routes.things) and all(map(is_safe, name.split("/"))):
            page = Page(path=f"doc/{name}", titles={})
            yield File(f"{page.path}.html", lead_on(site.link(page, path, lang), name, lang, words))


def _write_site_maps(site: Site) -> Iterator[File]:
    """Yield the site map: the pages of all things in all languages, in parts where there are many."""
    paths = sorted({path for part in site.contributions.values() for path in part.pages.values()} | set(site.topics))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    each = _MAX_ADDRESSES // len(site.languages)
    parts = [paths[start : start + each] for start in range(0, len(paths), each)]
    names = ["sitemap.xml"] if len(parts) == 1 else [f"sitemap-{n}.xml" for n in range(1, len(parts) + 1)]
    for name, some in zip(names, parts, strict=True):
        rows = "".join(_map_page(site, path) for path in some)
        yield File(
            name, f'{head}<urlset {space} xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{rows}</urlset>\n'.encode()
        )
    if len(parts) > 1:
        rows = "".join(f"<sitemap><loc>{escape(site.address(name))}</loc></sitemap>\n" for name in names)
        yield File("sitemap.xml", f"{head}<sitemapindex {space}>\n{rows}</sitemapindex>\n".encode())


def _map_page(site: Site, path: str) -> str:
    addresses = {lang: escape(site.address(site.file_of(path, lang))) for lang in site.languages}
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{lang}" href="{address}"/>' for lang, address in addresses.items()
    )
    others = others if len(addresses) > 1 else ""
    return "".join(f"<url><loc>{address}</loc>{others}</url>\n" for address in addresses.values())
