"""The whole lists of what leads to a hub: a thing that more statements lead to than its own page lists.

They are in `linked/`, beside all things, and are parted into pages. The things of a class or a concept scheme that has
a list for browsing are not listed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from glocal_rdf.i18n import message
from glocal_rdf.namespaces import RDF_TYPE, SKOS, term
from glocal_rdf.publish.site import File, Page, Site

if TYPE_CHECKING:
    from glocal_rdf.publish.rendering import Renderer
    from glocal_rdf.publish.statements.facts import Facts

__all__ = ["name_lists", "write_lists"]

FOLDER: Final = "linked"
PER_PAGE: Final = 500
_BROWSED: Final = (RDF_TYPE, term(SKOS, "inScheme"))


def name_lists(site: Site, resource: str, facts: Facts) -> Mapping[str, str]:
    """Return the paths of the pages that list all that leads to a resource, by predicate.

    Args:
        site: The site.
        resource: The resource, a term.
        facts: What is known of it.
    """
    found = {}
    for predicate in facts.hubs:
        browsed = site.find_page(f"browse {resource}") if predicate in _BROWSED else None
        digest = hashlib.blake2b(predicate.encode(errors="surrogatepass"), digest_size=5).hexdigest()
        found[predicate] = browsed or f"{FOLDER}/{site.addresses[resource]}-{digest}"
    return found


def write_lists(site: Site, renderer: Renderer, resource: str, facts: Facts) -> Iterator[File]:
    """Yield the pages that list all that leads to a hub.

    Args:
        site: The site.
        renderer: The renderer of its pages.
        resource: The hub, a term.
        facts: What is known of it.
    """
    for predicate, path in name_lists(site, resource, facts).items():
        if not path.startswith(f"{FOLDER}/"):
            continue
        lang = site.languages[0]
        things = sorted(facts.hubs[predicate], key=lambda one: (site.name_of(one, lang).casefold(), one))
        parts = [things[start : start + PER_PAGE] for start in range(0, len(things), PER_PAGE)]
        paths = [path, *(f"{path}-{number}" for number in range(2, len(parts) + 1))]
        titles = {
            tag: message(
                tag,
                "Linked to {thing}: {property}",
                thing=site.name_of(resource, tag),
                property=site.name_of(predicate, tag),
            )
            for tag in site.languages
        }
        for number, (one, some) in enumerate(zip(paths, parts, strict=True)):
            page = Page(path=one, titles=titles, kind="incoming", listed=False)
            values = {"resource": resource, "predicate": predicate, "things": some, "total": len(things)}
            yield from renderer.render(page, "incoming.html", paths=paths, number=number, **values)
