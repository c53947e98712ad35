"""Where the sources disagree, and what was corrected: claims that contradict one another, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from glocal_rdf.i18n import translatable
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, File, MenuItem, Page, Site
from glocal_rdf.publish.statements.claims import Claim

__all__ = ["contribute", "group_claims", "group_contradictions", "list_corrections"]

_TITLE = translatable("Contradictions and corrections")


def contribute(site: Site) -> Contribution:
    """Return the page of contradictions and corrections, where a graph has any."""
    if not (group_contradictions(site) or list_corrections(site)):
        return Contribution(write=lambda _site: ())
    return Contribution(
        write=_write,
        menu=(MenuItem("contradictions", site.say(translatable("Contradictions")), order=30),),
        pages={"contradictions": "contradictions"},
    )


def group_contradictions(site: Site) -> list[Sequence[Claim]]:
    """Return the claims that contradict one another, those that do so together, sorted by subject and predicate.

    Args:
        site: The site.
    """
    return group_claims(site.claims)


def group_claims(claims: Mapping[str, Claim]) -> list[Sequence[Claim]]:
    """Return those of some claims that contradict one another, as `group_contradictions` does.

    Args:
        claims: The claims by their terms.
    """
    groups: dict[str, set[str]] = {}
    for claim in claims.values():
        for other in claim.contradicted:
            if other in claims:
                together = groups.get(claim.term, {claim.term}) | groups.get(other, {other})
                groups.update(dict.fromkeys(together, together))
    distinct = {frozenset(group) for group in groups.values()}
    sides = [sorted((claims[one] for one in group), key=_order) for group in distinct]
    return sorted(sides, key=lambda side: _order(side[0]))


def list_corrections(site: Site) -> list[Claim]:
    """Return the claims that do not count, or that the curators made, and that contradict nothing.

    Args:
        site: The site.
    """
    shown = {one.term for group in group_contradictions(site) for one in group}
    rest = (claim for claim in site.claims.values() if claim.term not in shown)
    return sorted((claim for claim in rest if claim.deprecated or claim.reasons), key=_order)


def _order(claim: Claim) -> tuple[str, str, bool, str]:
    return claim.subject, claim.predicate, claim.deprecated, claim.term


def _write(site: Site) -> Iterator[File]:
    page = Page(path="contradictions", titles=site.say(_TITLE), kind="contradictions")
    yield from Renderer(site).render(
        page,
        "contradictions.html",
        groups=group_contradictions(site),
        corrections=list_corrections(site),
    )
