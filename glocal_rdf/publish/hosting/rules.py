"""Rules for servers: from the IRIs of things to the documents about them, by format and language (303 See Other).

Each format of a request is asked for by its media type; the first type that a request names decides, so that browsers
get pages and programs data. A page is given in the language that a reader prefers most, and else in the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from glocal_rdf.errors import OutputError
from glocal_rdf.publish.hosting.routes import DOCUMENTS, Routes
from glocal_rdf.publish.site import Site
from glocal_rdf.triples.formats.registry import Format, find_format

__all__ = ["write_apache", "write_caddy", "write_headers", "write_htaccess", "write_netlify", "write_nginx"]

_HEAD: Final = "# Written by glocal publish. Leads from the IRIs of things to the documents about them (303 See Other)."


_FOREVER: Final = "public, max-age=31536000, immutable"
"""How long files are kept that never change (`Cache-Control`)."""


def _match_lasting(site: Site) -> str:
    """Return the pattern of the paths of files that never change; empty where there are none."""
    paths = (re.escape(quote(path)) + (".*" if path.endswith("/") else "") for path in site.lasting)
    return f"(?:{'|'.join(paths)})" if site.lasting else ""


def write_headers(site: Site) -> str:
    """Write `_headers` for Netlify and Cloudflare Pages: files that never change need not be fetched again.

    Args:
        site: The site.
    """
    root = re.sub(r"^https?://[^/]+", "", site.base_url)
    rows = (f"{root}{quote(path)}{'*' if path.endswith('/') else ''}" for path in site.lasting)
    return "".join(f"{row}\n  Cache-Control: {_FOREVER}\n" for row in rows)


def _formats(site: Site) -> Sequence[Format]:
    return [find_format(name, None, OutputError) for name in site.formats]


def _accepts(form: Format) -> str:
    """Return the pattern of an Accept header that names a format before any page."""
    return rf"^(?:(?!text/html|application/xhtml\+xml).)*{re.escape(form.media_type).replace('/', '/')}"


def _languages(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the pattern of an Accept-Language header that asks first for another language, and its ending."""
    for lang in site.languages[1:]:
        yield rf"^{re.escape(lang.partition('-')[0])}\b", site.file_of("", lang)


def _targets(site: Site) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the headers and patterns that decide, and the ending of the file that then answers; the last has none."""
    for form in _formats(site):
        yield ("Accept", _accepts(form)), f".{form.endings[0]}"
    for pattern, ending in _languages(site):
        yield ("Accept-Language", pattern), ending
    yield ("", ""), ".html"


def write_apache(site: Site, routes: Routes, base: str) -> str:
    """Write the rules for Apache and w3id.org: the `.htaccess` of the folder that the IRIs are in.

    Args:
        site: The site.
        routes: Where the IRIs lead.
        base: The address of the site, or `/path/` where it is on the same host.
    """
    lines = [_HEAD, f"# For the folder of {routes.stem}", "Options -MultiViews", "RewriteEngine On", ""]
    lines += ['Header merge Vary "Accept, Accept-Language"', ""]

    def lead(pattern: str, target: str, flags: str) -> None:
        for (header, wanted), ending in _targets(site):
            if header:
                lines.append(f'RewriteCond %{{HTTP:{header}}} "{wanted}" [NC]')
            lines.append(f"RewriteRule ^{pattern}$ {target}{ending} [{flags}]")

    for name, path in routes.single.items():
        lead(_escape_apache(name), _apache_target(base, path), "R=303,L,NE")
    things = re.escape(routes.things)
    if routes.folders:
        folders = "|".join(map(re.escape, routes.folders))
        lines.append(f"RewriteRule ^{things}((?:{folders})/.+)$ {base}{DOCUMENTS}$1.html [R=303,L]")
    lead(f"{things}(.+)", f"{base}{DOCUMENTS}$1", "R=303,L")
    return "\n".join(lines) + "\n"


def _escape_apache(name: str) -> str:
    return re.escape(name).replace(r"\-", "-").replace(r"\ ", r"\s")


def _apache_target(base: str, path: str) -> str:
    return base + quote(path).replace("%", r"\%")


def write_htaccess(site: Site, routes: Routes | None) -> str:
    """Write the `.htaccess` of the site itself: media types, documents without an ending, the page for errors.

    Args:
        site: The site.
        routes: Where the IRIs lead, where they are addresses below the site's own; None where they are elsewhere.
    """
    root = re.sub(r"^https?://[^/]+", "", site.base_url)
    lines = ["# Written by glocal publish.", "Options -MultiViews", f"ErrorDocument 404 {root}404.html"]
    lines += ["AddDefaultCharset utf-8"]
    lines += [f"AddType {form.media_type} .{form.endings[0]}" for form in _formats(site)]
    lines += ["RewriteEngine On", 'Header merge Vary "Accept, Accept-Language"', ""]
    if pattern := _match_lasting(site):
        lines += [f"RewriteRule ^{pattern}$ - [E=LASTING:1]", f'Header set Cache-Control "{_FOREVER}" env=LASTING', ""]
    if routes is not None:
        # First, since a thing may also have a page that leads on, for hosts without rules.
        lines += [write_apache(site, routes, site.base_url)]
    for (header, pattern), ending in _targets(site):
        if header:
            lines.append(f'RewriteCond %{{HTTP:{header}}} "{pattern}" [NC]')
        lines += [f"RewriteCond %{{REQUEST_FILENAME}}{ending} -f", f"RewriteRule ^(.+)$ $1{ending} [L]"]
    return "\n".join(lines).rstrip("\n") + "\n"


def write_nginx(site: Site, routes: Routes) -> str:
    """Write the rules for nginx: two maps for its `http` block, and locations for its `server` block.

    Args:
        site: The site.
        routes: Where the IRIs lead.
    """
    root = re.sub(r"^https?://[^/]+", "", routes.stem)
    lines = [_HEAD, "# Into the block http:", "map $http_accept_language $page_ending {", "    default .html;"]
    lines += [f'    "~*{pattern}" {ending};' for pattern, ending in _languages(site)]
    lines += ["}", "map $http_accept $document_ending {", "    default $page_ending;"]
    lines += [f'    "~*{_accepts(form)}" .{form.endings[0]};' for form in _formats(site)]
    lines += ["}", "", "# Into the block server:"]
    for name, path in routes.single.items():
        lines.append(f'location = "{_quote(root + name)}" {{')
        lines.append(f"    {_VARY}")
        lines.append(f'    return 303 "{site.base_url}{quote(path)}$document_ending";')
        lines.append("}")
    if routes.folders:
        folders = "|".join(map(re.escape, routes.folders))
        lines.append(f'location ~ "^{_quote(re.escape(root + routes.things))}(?<part>(?:{folders})/.+)$" {{')
        lines += [f'    return 303 "{site.base_url}{DOCUMENTS}$part.html";', "}"]
    lines.append(f'location ~ "^{_quote(re.escape(root + routes.things))}(?<thing>.+)$" {{')
    lines += [f"    {_VARY}", f'    return 303 "{site.base_url}{DOCUMENTS}$thing$document_ending";', "}"]
    if pattern := _match_lasting(site):
        own = re.escape(re.sub(r"^https?://[^/]+", "", site.base_url))
        lines += ["", f'location ~ "^{_quote(own + pattern)}$" {{', f'    add_header Cache-Control "{_FOREVER}";', "}"]
    types = "; ".join(f"{form.media_type} {form.endings[0]}" for form in _formats(site))
    if types:
        lines += ["", "# Beside the types that are there already:", f"types {{ {types}; }}"]
    return "\n".join(lines) + "\n"


_VARY: Final = 'add_header Vary "Accept, Accept-Language" always;'


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")


def write_caddy(site: Site, routes: Routes) -> str:
    """Write the rules for Caddy: lines for the block of a site.

    Its patterns cannot look ahead, so a request that names HTML anywhere gets a page.

    Args:
        site: The site.
        routes: Where the IRIs lead.
    """
    root = re.sub(r"^https?://[^/]+", "", routes.stem)
    lines = [
        _HEAD,
        'header Vary "Accept, Accept-Language"',
        "handle_errors {",
        "\trewrite * /404.html",
        "\tfile_server",
        "}",
    ]
    if pattern := _match_lasting(site):
        own = re.escape(re.sub(r"^https?://[^/]+", "", site.base_url))
        lines += [f'@lasting path_regexp "^{own}{pattern}$"', f'header @lasting Cache-Control "{_FOREVER}"']
    targets = [(f"data{n}", form.media_type, f".{form.endings[0]}") for n, form in enumerate(_formats(site))]

    def lead(matcher: str, match: Sequence[str], target: str) -> None:
        for name, media_type, ending in targets:
            rows = [*match, f"header Accept *{media_type}*", "not header Accept *text/html*"]
            lines.extend([f"@{matcher}-{name} {{", *(f"\t{row}" for row in rows), "}"])
            lines.append(f"redir @{matcher}-{name} {target}{ending} 303")
        for number, (pattern, ending) in enumerate(_languages(site)):
            rows = [*match, f'header_regexp Accept-Language "(?i){pattern}"']
            lines.extend([f"@{matcher}-page{number} {{", *(f"\t{row}" for row in rows), "}"])
            lines.append(f"redir @{matcher}-page{number} {target}{ending} 303")
        lines.extend([f"@{matcher} {{", *(f"\t{row}" for row in match), "}", f"redir @{matcher} {target}.html 303"])

    for number, (name, path) in enumerate(routes.single.items()):
        lead(f"single{number}", [f'path "{root}{name}"'], site.base_url + quote(path))
    pattern = re.escape(root + routes.things)
    if routes.folders:
        folders = "|".join(map(re.escape, routes.folders))
        lines.extend([f'@part path_regexp part "^{pattern}((?:{folders})/.+)$"'])
        lines.append(f"redir @part {site.base_url}{DOCUMENTS}{{re.part.1}}.html 303")
    lead("thing", [f'path_regexp thing "^{pattern}(.+)$"'], f"{site.base_url}{DOCUMENTS}{{re.thing.1}}")
    return "\n".join(lines) + "\n"


def write_netlify(site: Site, routes: Routes) -> str:
    """Write `_redirects` for Netlify and Cloudflare Pages, which know no formats: things lead to their pages (302).

    Args:
        site: The site.
        routes: Where the IRIs lead, which are addresses below the site's own.
    """
    root = re.sub(r"^https?://[^/]+", "", site.base_url)
    there = re.sub(r"^https?://[^/]+", "", routes.stem)
    rows = [(there + quote(name), f"{root}{quote(path)}.html") for name, path in routes.single.items()]
    rows.append((f"{there}{routes.things}*", f"{root}{DOCUMENTS}:splat.html"))
    return "".join(f"{source} {target} 302\n" for source, target in rows)
