"""Where requests for the IRIs of things lead: to the documents about them, in the format and language asked for.

1. The IRIs of things begin with the dataset's space, `https://w3id.org/glocal/id/`. Its last folder (`id/`) leads to
   `doc/` of the site.
2. What has another path there, the dataset, its sources and the ontology are led one by one.
3. A claim or a mapping is described on the page of another thing, and has a page that leads on to that, in no other
   format. A folder that has mostly such things (`claim`) leads to these pages, and the others in it are led one by one.

What stands in an IRI after `#` is never sent to a server, so an ontology of such terms is one address, as are things
that differ in it alone. What no rule can be sure of is listed in `unsure`: a query, `..`, slashes that are encoded, and
names longer than a file's, which servers and clients treat in ways of their own.

https://www.w3.org/TR/cooluris/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Site

__all__ = ["DOCUMENTS", "Routes", "find_routes"]

DOCUMENTS: Final = "doc/"
_UNSURE: Final = re.compile(r"\?|//|/\.{1,2}/|/%2e|%2f|%5c|[^/]{256}", re.IGNORECASE)


@dataclass(frozen=True)
class Routes:
    """Where the IRIs of a dataset lead.

    Attributes:
        stem: The address that all IRIs begin with, up to the folder of things: `https://w3id.org/glocal/`.
        things: The folder of things below it, with `/` at its end; empty where the stem itself is.
        single: The paths of the pages of IRIs that do not follow from the folder, by what comes after the stem.
        parts: Where on the pages of others those things are described that have no page of their own (claims,
            mappings), by what comes after the stem.
        folders: The folders of things that mostly have such parts, such as `claim`.
        unsure: IRIs of things that servers may not find, sorted.
    """

    stem: str
    things: str
    single: Mapping[str, str]
    parts: Mapping[str, str]
    folders: tuple[str, ...]
    unsure: tuple[str, ...] = ()


def find_routes(site: Site) -> Routes | None:
    """Return where the IRIs of a site's dataset lead; None where it does not say how they begin.

    Args:
        site: The site.
    """
    space = site.built.project.space
    if not space.startswith(("http://", "https://")) or not space.endswith("/"):
        return None
    above = space.rstrip("/").rpartition("/")[0] + "/"
    stem = above if above.count("/") > 2 else space
    things = space[len(stem) :]
    single: dict[str, str] = {}
    parts: dict[str, str] = {}
    plain: dict[str, str] = {}
    unsure: list[str] = []
    for resource, path in site.addresses.items():
        iri, fragment, _ = resource[1:-1].partition("#")
        rest = iri.removeprefix(stem)
        if rest == iri or not rest:
            continue
        if _UNSURE.search(f"/{rest}/"):
            if "#" not in path:
                unsure.append(resource[1:-1])
            continue
        if fragment:
            # A part of a thing has the page of the thing, which has a route; a term has that of its ontology.
            if path.startswith("ontology/") and "ontology/index" in site.topics:
                single[rest] = "ontology/index"
            elif f"<{iri}>" not in site.addresses:
                single[rest] = min(path, single.get(rest, path))
        elif "#" in path:
            parts[rest] = path
        elif rest.startswith(things) and path == DOCUMENTS + rest[len(things) :]:
            plain[rest] = path
        else:
            single[rest] = path

    def count_folders(names: Mapping[str, str]) -> Counter[str]:
        return Counter(rest[len(things) :].partition("/")[0] for rest in names if rest.startswith(things))

    pages = count_folders(plain)
    folders = tuple(sorted(folder for folder, number in count_folders(parts).items() if number > pages[folder]))
    single |= {rest: path for rest, path in plain.items() if rest[len(things) :].partition("/")[0] in folders}
    return Routes(
        stem, things, dict(sorted(single.items())), dict(sorted(parts.items())), folders, tuple(sorted(unsure))
    )
