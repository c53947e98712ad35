"""The page for searching, and the field in the head of every page that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from glocal_rdf.i18n import translatable
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.search.index import make_index
from glocal_rdf.publish.site import Contribution, File, Page, Site

__all__ = ["contribute"]

_PATH = "search"
_SCRIPT = "assets/search.js"


def contribute(site: Site) -> Contribution:
    """Return the page for searching and the index that it uses.

    Args:
        site: The site.
    """
    return Contribution(
        write=_write,
        inserts={"head": partial(_write_field, Renderer(site))},
        pages={"search": _PATH},
    )


def _write_field(renderer: Renderer, page: Page, lang: str) -> str:
    return renderer.render_part(page, "search_field.html", lang, path=_PATH)


def _write(site: Site) -> Iterator[File]:
    index = make_index(site)
    page = Page(path=_PATH, titles=site.say(translatable("Search")), kind="search", scripts=(_SCRIPT,))
    yield from Renderer(site).render(page, "search.html", index=index)
    yield from index.files
