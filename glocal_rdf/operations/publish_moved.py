"""Pages of things that a released version had: one that leads on where a thing was renamed, else one that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import polars as pl

from glocal_rdf.errors import OutputError
from glocal_rdf.i18n import translatable
from glocal_rdf.namespaces import DCTERMS, OWL, XSD, term
from glocal_rdf.publish.addresses import assign_paths
from glocal_rdf.publish.hosting.routes import DOCUMENTS, find_routes
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, File, Page, Site
from glocal_rdf.releases.folders import FOLDER
from glocal_rdf.releases.redirects import REDIRECTS, Redirect, Redirects
from glocal_rdf.triples.formats.registry import find_format
from glocal_rdf.triples.groups import write_groups

__all__ = ["contribute", "find_gone"]


def contribute(site: Site) -> Contribution:
    """Return the pages of things that were renamed or withdrawn since they were released.

    Raises:
        InputError: Where the table of redirects has a mistake.
    """
    redirects = Redirects.read(site.built.project.root / FOLDER / REDIRECTS)
    return Contribution(write=partial(_write, redirects=redirects))


def find_gone(site: Site) -> Mapping[str, Redirect]:
    """Return what was renamed or withdrawn, by the path of the page that says so.

    Args:
        site: The site.

    Raises:
        InputError: Where the table of redirects has a mistake.
    """
    redirects = Redirects.read(site.built.project.root / FOLDER / REDIRECTS)
    gone = _list_gone(site, redirects)
    return {path: gone[resource] for resource, path in _choose_paths(site, gone).items()}


def _list_gone(site: Site, redirects: Redirects) -> dict[str, Redirect]:
    return {f"<{row.old}>": row for row in redirects if f"<{row.old}>" not in site.addresses}


def _write(site: Site, redirects: Redirects) -> Iterator[File]:
    gone = _list_gone(site, redirects)
    paths = _choose_paths(site, gone)
    renderer = Renderer(site)
    for resource, path in paths.items():
        row = gone[resource]
        moved = site.addresses.get(f"<{row.new}>", "") if row.new else ""
        title = (
            site.say(translatable("{iri} has another name now"), iri=row.old)
            if row.new
            else site.say(translatable("{iri} was withdrawn"), iri=row.old)
        )
        page = Page(path=path, titles=title, iri=row.old, kind="gone", listed=False)
        yield from renderer.render(page, "gone.html", row=row, moved=moved)
    yield from _write_data(site, gone, paths)


def _choose_paths(site: Site, gone: Mapping[str, Redirect]) -> dict[str, str]:
    """Return the paths that the pages had; what had none of its own, or one that is now another's, is left out.

    A part of a thing (`#char=120,133`) is not asked for by itself: hosts are asked for the thing, which has its page.
    """
    whole = [one for one in gone if f"<{one[1:-1].partition('#')[0]}>" not in site.addresses]
    paths = assign_paths(
        whole,
        space=site.built.project.space,
        dataset="",
        ontology="",
        sources={},
        namespaces=site.built.project.prefixes,
        prefixes=site.prefixes,
    )
    taken = {path.partition("#")[0].casefold() for path in site.addresses.values()}
    return {resource: path for resource, path in paths.items() if path.casefold() not in taken}


def _write_data(site: Site, gone: Mapping[str, Redirect], paths: Mapping[str, str]) -> Iterator[File]:
    """Yield what machines are to know of these things: that they are deprecated, and what replaces them.

    Hosts lead to pages alone from what is described with others, such as claims; that needs no data.
    """
    rows = []
    routes = find_routes(site)
    parts = {f"{DOCUMENTS}{folder}" for folder in (routes.folders if routes else ())}
    for resource, path in paths.items():
        if "/".join(path.split("/")[:2]) in parts:
            continue
        rows.append((resource, term(OWL, "deprecated"), f'"true"^^<{XSD}boolean>', path))
        if new := gone[resource].new:
            rows.append((resource, term(DCTERMS, "isReplacedBy"), f"<{new}>", path))
    schema = dict.fromkeys(("subject", "predicate", "object", "group"), pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    for name in site.formats:
        form = find_format(name, None, OutputError)
        for path, content in write_groups(frame, form, site.prefixes):
            yield File(f"{path}.{form.endings[0]}", content)
