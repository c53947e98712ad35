"""Rules for servers: from the IRIs of things to the documents about them, by format and language (303 See Other).

Each format of a request is asked for by its media type; the first type that a request names decides, so that browsers
get pages and programs data. A page is given in the language that a reader prefers most, and else in the first.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from glocal_rdf.errors import OutputError
from glocal_rdf.publish.hosting.routes import DOCUMENTS, Routes
from glocal_rdf.publish.site import Site
from glocal_rdf.triples.formats.registry import Format, find_format

__all__ = ["write_apache", "write_caddy", "write_headers", "write_htaccess", "write_netlify", "write_nginx"]

_PLAIN: Final = frozenset(string.ascii_letters + string.digits + "-_~/")
"""The characters that mean themselves in every pattern."""

_HEAD: Final = "# Written by glocal publish. Leads from the IRIs of things to the documents about them (303 See Other)."


_FOREVER: Final = "public, max-age=31536000, immutable"
"""How long files are kept that never change (`Cache-Control`)."""


def _match_lasting(site: Site, write: Callable[[str], str]) -> str:
    """Return the pattern of the paths of files that never change; empty where there are none."""
    paths = (write(quote(path)) + (".*" if path.endswith("/") else "") for path in site.lasting)
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
        lead(_as_pattern(name), _apache_target(base, path), "R=303,L,NE")
    things = _as_pattern(routes.things)
    if routes.folders:
        folders = "|".join(map(_as_pattern, routes.folders))
        lines.append(f"RewriteRule ^{things}((?:{folders})/.+)$ {base}{DOCUMENTS}$1.html [R=303,L]")
    lead(f"{things}(.+)", f"{base}{DOCUMENTS}$1", "R=303,L")
    return "\n".join(lines) + "\n"


def _as_pattern(name: str) -> str:
    r"""Write the end of an IRI as the pattern that servers compare with a path, which they decode first: by bytes.

    Examples:
        >>> _as_pattern("id/a%20b"), _as_pattern("50%25$1"), _as_pattern("caf%C3%A9")
        ('id/a\\x20b', '50\\x25\\x241', 'caf\\xc3\\xa9')
    """
    return "".join(chr(byte) if chr(byte) in _PLAIN else f"\\x{byte:02x}" for byte in unquote_to_bytes(name))


def _as_text_pattern(name: str) -> str:
    r"""Write the end of an IRI as a pattern of characters, for servers whose patterns have no bytes.

    Examples:
        >>> _as_text_pattern("id/a%20b"), _as_text_pattern("caf%C3%A9")
        ('id/a\\x20b', 'caf\\x{e9}')
    """
    text = unquote_to_bytes(name).decode(errors="replace")
    return "".join(
        one if one in _PLAIN else f"\\x{ord(one):02x}" if one.isascii() else f"\\x{{{ord(one):x}}}" for one in text
    )


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
    if pattern := _match_lasting(site, _as_pattern):
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
    # As it was asked for: what a location captures is decoded, and an address has to be encoded.
    things = _as_pattern(root + routes.things)
    lines += ["}", "map $request_uri $document_name {", '    default "";', f'    "~^{things}(?<asked>[^?]+)" $asked;']
    lines += ["}", "", "# Into the block server:"]
    for name, path in routes.single.items():
        place = root + name
        lines.append(f'location = "{place}" {{' if set(place) <= _PLAIN else f'location ~ "^{_as_pattern(place)}$" {{')
        lines.append(f"    {_VARY}")
        lines.append(f'    return 303 "{site.base_url}{quote(path)}$document_ending";')
        lines.append("}")
    if routes.folders:
        folders = "|".join(map(_as_pattern, routes.folders))
        lines.append(f'location ~ "^{things}(?:{folders})/" {{')
        lines += [f'    return 303 "{site.base_url}{DOCUMENTS}$document_name.html";', "}"]
    lines.append(f'location ~ "^{things}." {{')
    lines += [f"    {_VARY}", f'    return 303 "{site.base_url}{DOCUMENTS}$document_name$document_ending";', "}"]
    if pattern := _match_lasting(site, _as_pattern):
        own = _as_pattern(re.sub(r"^https?://[^/]+", "", site.base_url))
        lines += ["", f'location ~ "^{own + pattern}$" {{', f'    add_header Cache-Control "{_FOREVER}";', "}"]
    types = "; ".join(f"{form.media_type} {form.endings[0]}" for form in _formats(site))
    if types:
        lines += ["", "# Beside the types that are there already:", f"types {{ {types}; }}"]
    return "\n".join(lines) + "\n"


_VARY: Final = 'add_header Vary "Accept, Accept-Language" always;'


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
    if pattern := _match_lasting(site, _as_text_pattern):
        own = _as_text_pattern(re.sub(r"^https?://[^/]+", "", site.base_url))
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
        # A matcher of paths ignores case.
        lead(f"single{number}", [f'path_regexp "^{_as_text_pattern(root + name)}$"'], site.base_url + quote(path))
    pattern = _as_text_pattern(root + routes.things)
    if routes.folders:
        folders = "|".join(map(_as_text_pattern, routes.folders))
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
