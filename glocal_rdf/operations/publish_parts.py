"""The registry of the parts of a published site: for each its name and the function that contributes it.

A part is added with an entry here and a module. Its function takes a `Site` and returns a `Contribution`: the files
that it writes, and what it adds to the pages of others. A part that needs nothing but the build is a module of
`glocal_rdf.publish`; one that combines packages (questions, releases, exports) is a module `publish_NAME` beside this
one, and has its pages rendered by `publish`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from glocal_rdf.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glocal_rdf.publish.site import Contribution, Site

__all__ = ["PARTS", "Part", "choose_parts", "part_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Describe one part of a site.

    Attributes:
        name: The name by which a user leaves it out.
        title: What it is, for people.
        maker: `module:function` in `glocal_rdf`: from a `Site` to a `Contribution`.
        required: Whether a site is not one without it.
        needs: The name of a part whose files it uses; empty where it uses none.
    """

    name: str
    title: str
    maker: str
    required: bool = False
    needs: str = ""

    def contribute(self, site: Site) -> Contribution:
        """Return what the part adds to a site."""
        module, _, function = self.maker.partition(":")
        return getattr(import_module(f"glocal_rdf.{module}"), function)(site)  # type: ignore[no-any-return]


PARTS: Final = (
    Part(name="home", title="the first page and the style", maker="publish.pages.home:contribute", required=True),
    # Early, since writing the whole graph takes most memory, and little else is held by then.
    Part(
        name="catalogue", title="dumps and descriptions for catalogues", maker="operations.publish_catalogue:contribute"
    ),
    Part(name="things", title="pages of things and terms", maker="publish.pages.things:contribute", required=True),
    Part(name="contradictions", title="contradictions side by side", maker="publish.pages.disagreements:contribute"),
    Part(name="quality", title="coverage, completeness, evidence", maker="operations.publish_quality:contribute"),
    Part(name="wikidata", title="comparison with Wikidata", maker="operations.publish_wikidata:contribute"),
    Part(name="vocabulary", title="terms in use, with examples", maker="publish.pages.vocabulary:contribute"),
    Part(name="terms", title="shapes and questions of terms", maker="operations.publish_terms:contribute"),
    Part(name="browse", title="lists of things by class, place, decade", maker="publish.pages.browse:contribute"),
    Part(name="search", title="search in the browser", maker="publish.search.page:contribute"),
    Part(name="pictures", title="maps, timelines and other pictures", maker="operations.publish_pictures:contribute"),
    Part(name="dictionary", title="tables and columns", maker="operations.publish_dictionary:contribute"),
    Part(name="data", title="data beside the pages", maker="publish.data_files:contribute", required=True),
    Part(name="moved", title="things of released versions", maker="operations.publish_moved:contribute", required=True),
    Part(name="releases", title="released versions, their changes", maker="operations.publish_releases:contribute"),
    Part(name="hosting", title="site map, redirects, errors", maker="publish.hosting.files:contribute", required=True),
    Part(name="sparql", title="SPARQL in the browser", maker="operations.publish_sparql:contribute", needs="catalogue"),
)


def part_names(*, required: bool = True) -> tuple[str, ...]:
    """List the names of the parts.

    Args:
        required: Whether those are listed that cannot be left out.

    Examples:
        >>> part_names()[:2], "home" in part_names(required=False)
        (('home', 'catalogue'), False)
    """
    return tuple(part.name for part in PARTS if required or not part.required)


def choose_parts(without: Iterable[str]) -> tuple[Part, ...]:
    """Return the parts, without some.

    Args:
        without: The names of those that are left out.

    Raises:
        OutputError: For a name that is not that of a part, or of one that cannot be left out or that another needs.
    """
    left_out = set(without)
    known = part_names(required=False)
    for name in sorted(left_out - set(known)):
        what = "is needed for every page" if name in part_names() else "is not a part of a site"
        raise OutputError.at("publish", f"{name!r} {what}", f"leave out any of {', '.join(known)}")
    chosen = tuple(part for part in PARTS if part.name not in left_out)
    for part in chosen:
        if part.needs in left_out:
            what = f"{part.needs!r} is needed for the part {part.name!r}"
            raise OutputError.at("publish", what, f"leave out both: --without {part.needs} --without {part.name}")
    return chosen
