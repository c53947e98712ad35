"""How complete a graph is: by class and property, by the languages of names, by links to other datasets, by claims.

1. A thing is complete in a property if a table, a link or a claim gives it a value; what rules add does not count.
2. A name counts for a language if its tag is that language, a part of it, or of the same primary language.
3. A thing is linked if a property of SKOS or OWL for the same thing elsewhere leads from it to an IRI that is outside
   the space of the dataset.
4. A contradiction is open where at least two of its claims are neither views nor of parts, and none of it is preferred
   or deprecated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf.i18n import best_tag
from glocal_rdf.namespaces import OWL, RDF_TYPE, RDFS_LABEL, SKOS, term
from glocal_rdf.publish.pages.browse import list_listings
from glocal_rdf.publish.pages.disagreements import group_contradictions
from glocal_rdf.publish.statements.claims import DEPRECATED, NORMAL, PREFERRED, Claim

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Site

__all__ = ["LINKS", "ClassShare", "count_ranks", "list_open_contradictions", "measure_classes"]

LINKS: Final = (
    *(term(SKOS, name) for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")),
    term(OWL, "sameAs"),
)
"""The properties that link a thing to what another dataset has about it."""

_NAMES: Final = (term(SKOS, "prefLabel"), RDFS_LABEL)
_NOT_COUNTED: Final = (RDF_TYPE, term(SKOS, "inScheme"), *_NAMES, *LINKS)
"""What every thing of a class has, or what is counted apart."""


@dataclass(frozen=True)
class ClassShare:
    """How complete the things of a class or a concept scheme are.

    Attributes:
        term: The class.
        things: How many things it has.
        named: How many of them have a name, by language of the site.
        linked: How many of them are linked to another dataset.
        properties: Pairs of a property and the number of things that have it, the most frequent first.
        unlinked: The things that are not linked, sorted, where at least one of the class is; else none.
    """

    term: str
    things: int
    named: Mapping[str, int]
    linked: int
    properties: Sequence[tuple[str, int]]
    unlinked: Sequence[str]


def measure_classes(site: Site) -> list[ClassShare]:
    """Measure how complete the things of each class are that is listed for browsing, the largest class first.

    Args:
        site: The site.
    """
    listings = list_listings(site)
    if not listings:
        return []
    members = pl.concat(pl.DataFrame({"subject": one.things}).with_columns(of=pl.lit(one.term)) for one in listings)
    rows = site.known.join(members, on="subject").unique(["subject", "predicate", "object", "of"])
    named = _count_names(site, rows)
    space = site.built.project.space
    links = rows.filter(pl.col("predicate").is_in(LINKS) & pl.col("object").str.starts_with("<"))
    if space:
        links = links.filter(~pl.col("object").str.starts_with(f"<{space}"))
    linked = links.select("of", "subject").unique()
    unlinked = members.join(linked, on=["of", "subject"], how="anti").sort("subject")
    missing = dict(unlinked.group_by("of", maintain_order=True).agg("subject").iter_rows())
    counted = (
        rows.filter(~pl.col("predicate").is_in(_NOT_COUNTED))
        .group_by("of", "predicate")
        .agg(number=pl.col("subject").n_unique())
        .sort("number", "predicate", descending=[True, False])
    )
    properties: dict[str, list[tuple[str, int]]] = {}
    for of, predicate, number in counted.iter_rows():
        properties.setdefault(of, []).append((predicate, number))
    numbers = dict(linked.group_by("of").len().iter_rows())
    return [
        ClassShare(
            one.term,
            len(one.things),
            {lang: named.get((one.term, lang), 0) for lang in site.languages},
            numbers.get(one.term, 0),
            properties.get(one.term, ()),
            missing.get(one.term, ()) if numbers.get(one.term) else (),
        )
        for one in listings
    ]


def _count_names(site: Site, rows: pl.DataFrame) -> Mapping[tuple[str, str], int]:
    """Count the things with a name by class and language of the site."""
    names = rows.filter(pl.col("predicate").is_in(_NAMES)).select(
        "of", "subject", tag=pl.col("object").str.extract(r'"@([A-Za-z0-9-]+)$').fill_null("")
    )
    found: dict[tuple[str, str], int] = {}
    tags = [tag for tag in names["tag"].unique() if tag]
    for lang in site.languages:
        suits = [tag for tag in tags if best_tag([tag], lang, fallback=False)]
        counted = names.filter(pl.col("tag").is_in(suits)).group_by("of").agg(pl.col("subject").n_unique())
        found |= {(of, lang): number for of, number in counted.iter_rows()}
    return found


def count_ranks(site: Site) -> list[tuple[str, int, int, int]]:
    """Count the claims by the document that they stand in and their rank.

    A claim with passages of several documents counts for each of them.

    Args:
        site: The site.

    Returns:
        For each document its term, and how many claims are preferred, normal and deprecated; the empty term for claims
        without a passage.
    """
    ranks = (PREFERRED, NORMAL, DEPRECATED)
    found: dict[str, list[int]] = {}
    for claim in site.claims.values():
        documents = {f"<{passage[1:-1].partition('#')[0]}>" for passage in claim.passages} or {""}
        place = ranks.index(claim.rank) if claim.rank in ranks else 1
        for document in documents:
            found.setdefault(document, [0, 0, 0])[place] += 1
    return [(document, *found[document]) for document in sorted(found, key=lambda one: (not one, one))]  # type: ignore[misc]


def list_open_contradictions(site: Site) -> list[Sequence[Claim]]:
    """Return the contradictions that nobody has decided: no claim of them is preferred or deprecated.

    A view contradicts what others say and stays beside it: there is nothing to decide.

    Args:
        site: The site.
    """
    found = []
    for group in group_contradictions(site):
        plain = [claim for claim in group if not (claim.holders or claim.parts)]
        if len(plain) > 1 and all(claim.rank == NORMAL for claim in group):
            found.append(group)
    return found
