"""Weighs evidence and decides: a link, or candidates for a person to review.

Each feature that is known adds or takes away bits of evidence, as in the model of Fellegi and Sunter: how much
likelier it is among pairs that are one thing than among others. The confidence is the probability that follows from
their sum and from the odds before. Rules stand above the sum, since features are not independent:

1. An identifier decides, unless the names have nothing in common.
2. A contradiction (country, kind of place, type, year, coordinates, identifier) leaves a candidate, never a link.
3. A name that two things of one country have never links by itself, nor does a name without further evidence.
4. A name that is a part of the other one is not the same name: United Nations, United Nations Security Council.
5. Names that are only alike need an identifier, or a web site that nobody else has.
6. The second candidate must be behind by a margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from glocal_rdf.lazy import pl
from glocal_rdf.linking.candidates import Candidates
from glocal_rdf.linking.evidence import compare_pairs
from glocal_rdf.linking.namesakes import find_namesakes
from glocal_rdf.linking.things import Things

__all__ = ["DEFAULT_THRESHOLD", "Decisions", "decide"]

DEFAULT_THRESHOLD: Final = 0.9
"""The confidence from which on a candidate is a link."""

MAX_CANDIDATES: Final = 5
"""How many candidates are kept for a person to choose from."""

_PRIOR: Final = -10.0
_WEIGHTS: Final[dict[str, tuple[float, float]]] = {
    "country": (5.0, -6.0),
    "type": (1.0, -6.0),
    "year": (4.0, -4.0),
    "site": (8.0, -2.0),
    "coordinates": (7.0, -9.0),
    "identifier": (15.0, -7.0),
}
"""The bits of a feature that agrees, and of one that contradicts."""

_NAME: Final = ((0.0, -6.0), (0.5, -4.0), (0.7, -1.0), (0.8, 1.0), (0.9, 4.5), (0.95, 6.5), (1.0, 9.0))
"""The bits of a name by its similarity, between which others are interpolated."""

_NEARLY_WHOLE: Final = 0.905
"""The similarity of a name that is at least 0.7 of the longer one."""

_MARGIN: Final = 2.0
"""How many bits the second candidate must be behind."""

_CONTRADICTED, _SHARED, _ALONE, _CLOSE = 0.3, 0.5, 0.7, 0.6
"""The highest confidence with a contradiction, a name of several things, a name alone, and a close second."""

_SCOPE: Final = (
    r"\b(?:international|world|global|europe|european|africa|african|asia|asian|inter|transnational|union)\b"
)
"""What the name of an organization has that is not one of a country's own."""

_NATIONAL: Final = (
    r"\b(?:ministry|ministere|ministerio|department|government|federal|national|state|states|republic|council|parliament|"
    r"academy|university|bureau|agency|chamber|court|school|hospital|higher|affairs)\b"
)
"""What names have that are repeated country by country."""

_LEAST: Final = 0.02
"""Candidates with less confidence are not shown."""


@dataclass(frozen=True)
class Decisions:
    """What was decided about each thing.

    Attributes:
        frame: A row for each candidate, the best first: `thing`, `rank` (1 for the best), `id`, `label`, `confidence`,
            `link` (whether it is above the threshold), `reason` (why it is not a link), and the columns of
            `compare_pairs`.
        things: What was to be linked.
        size: How many things the snapshot has.
        crowded: The rows of things that have a name which too many things have.
    """

    frame: pl.DataFrame
    things: Things
    size: int
    crowded: frozenset[int]


def decide(things: Things, candidates: Candidates, threshold: float = DEFAULT_THRESHOLD) -> Decisions:
    """Compare and weigh candidates, and decide about each thing.

    Args:
        things: What to link.
        candidates: What was found for them.
        threshold: The confidence from which on a candidate is a link.
    """
    found = compare_pairs(things, candidates.things, candidates.pairs, candidates.hosts, candidates.pages)
    found = _weigh(find_namesakes(found))
    # A snapshot may have one thing in several rows, and a thing of ours several names.
    found = found.sort(["thing", "bits", "id"], descending=[False, True, False]).unique(
        ["thing", "id"], keep="first", maintain_order=True
    )
    fitting = pl.col("contradiction").is_null()
    rank = pl.int_range(pl.len()).over("thing") + 1
    # The second that counts is the best one that nothing contradicts.
    ordered = found.sort(["thing", fitting, "bits", "id"], descending=[False, True, True, False])
    ordered = ordered.with_columns(rank=rank)
    ordered = ordered.with_columns(reason=_list_reasons(fitting))
    reason = pl.col("reason")
    ceiling = (
        pl.when(pl.col("contradiction").is_not_null()).then(_CONTRADICTED)
        .when(reason == "second").then(1.0).when(reason == "namesakes").then(_SHARED)
        .when(reason.is_in(["name alone", "rivals"])).then(_ALONE)
        .when(reason.is_not_null()).then(_CLOSE).otherwise(1.0)
    )  # fmt: skip
    certain = (1 / (1 + (2 ** -pl.col("bits")))).clip(0.0, 0.999)
    ordered = ordered.with_columns(confidence=pl.min_horizontal(certain, ceiling).round(3))
    best = pl.col("confidence").first().over("thing")
    second = pl.when(pl.col("rank") > 1).then(pl.min_horizontal("confidence", best, pl.lit(1.0) - best.clip(0, 0.95)))
    ordered = ordered.with_columns(confidence=pl.coalesce(second, "confidence").round(3))
    link = (pl.col("rank") == 1) & pl.col("reason").is_null() & (pl.col("confidence") >= threshold)
    weak = pl.when(~link & pl.col("reason").is_null()).then(pl.lit("below threshold")).otherwise("reason")
    ordered = ordered.with_columns(link=link.fill_null(False), reason=weak)
    shown = (pl.col("rank") <= MAX_CANDIDATES) & (pl.col("confidence") >= _LEAST)
    return Decisions(ordered.filter(shown), things, candidates.size, candidates.crowded)


def _list_reasons(fitting: pl.Expr) -> pl.Expr:
    """Return why a candidate is not a link, whatever its bits; null where it may be one.

    Args:
        fitting: Whether nothing contradicts a candidate.
    """

    def agrees(*features: str, least: float = 1.0) -> pl.Expr:
        return pl.any_horizontal((pl.col(name) >= least).fill_null(False) for name in features)

    identified = agrees("identifier")
    how, name = pl.col("how"), pl.col("name")
    behind = pl.col("bits") - pl.when(fitting).then(pl.col("bits")).shift(-1).over("thing")
    exact = (pl.col("name") >= 0.98) & fitting & ~identified
    namesakes = exact.sum().over("thing") > 1
    told_apart = agrees("coordinates", "year") | identified | _owns_site()
    # A site that several have places a name that only one of ours has.
    claimed = ((pl.col("rank") == 1) & (pl.col("name") >= 0.98)).sum().over("id") > 1
    # A place of a territory is not one of the country: Plymouth, United Kingdom. A body may give either.
    spot = pl.col("place") & pl.col("at_lat").is_not_null()
    located = agrees("country") | (agrees("country", least=0.8) & (pl.col("words") > 1) & ~spot)
    placed = located | agrees("coordinates", "year", least=0.8) | identified | _owns_site()
    placed = placed | ((agrees("site", least=0.75) | _is_distinct()) & ~claimed)
    # A longer form of a name, at a front page that nobody else has, or at one in the same country.
    longer = (how == "beginning") & (pl.col("home") | (agrees("site") & located))
    longer = longer | (how.is_in(["beginning", "within"]) & (name >= _NEARLY_WHOLE) & _owns_site())
    partial = how.is_in(["part", "beginning", "within"]) & ~longer
    translated = pl.col("foreign") & pl.col("home") & agrees("country", least=0.8)
    unlike = (how.is_in(["similar", "words"]) & ~_owns_site()) | (
        name < pl.when(_owns_site()).then(0.8).otherwise(0.88)
    )
    unlike = unlike & ~identified & ~translated & ~partial & ~longer
    elsewhere = pl.col("namesake") & ~told_apart & ~agrees("site", least=0.75)
    qualified = pl.col("qualified") & ~pl.col("at_home") & (~told_apart | pl.col("abroad"))
    return (
        pl.when(pl.col("contradiction").is_not_null()).then(pl.col("contradiction"))
        .when(pl.col("rank") > 1).then(pl.lit("second"))
        .when(unlike | (name < 0.4) & ~translated).then(pl.lit("names differ"))
        .when(namesakes & ~told_apart | elsewhere).then(pl.lit("namesakes"))
        .when((behind < _MARGIN).fill_null(False)).then(pl.lit("close second"))
        .when((partial | qualified | (how == "bare")) & ~identified).then(pl.lit("part of a name"))
        .when(~placed & agrees("site")).then(pl.lit("rivals")).when(~placed).then(pl.lit("name alone"))
    )  # fmt: skip


def _weigh(found: pl.DataFrame) -> pl.DataFrame:
    """Add the bits of evidence, and the first contradiction."""
    name = pl.lit(_NAME[-1][1])
    for (low, below), (high, above) in reversed(list(pairwise(_NAME))):
        between = below + (pl.col("name") - low) / (high - low) * (above - below)
        name = pl.when(pl.col("name") < high).then(between).otherwise(name)
    # A long name says more than a short one; a short acronym says little; one in another language says nothing.
    more = pl.when(pl.col("how") == "acronym").then(pl.col("words") * 1.2).otherwise(
        ((pl.col("words") - 1) * 1.2).clip(0, 3.6)
    )  # fmt: skip
    more = more + pl.when(_is_distinct()).then(5.0).otherwise(0.0)
    said = name + pl.when(pl.col("name") > 0.9).then(more).otherwise(0.0)
    bits = _PRIOR + pl.when(pl.col("foreign")).then(pl.max_horizontal(said, 0.0)).otherwise(said)
    bits = bits + pl.when(pl.col("home")).then(2.0).otherwise(0.0)
    for feature, (agrees, contradicts) in _WEIGHTS.items():
        value = pl.col(feature)
        weighed = pl.when(value >= 0.5).then(agrees * (value - 0.5) * 2).otherwise(contradicts * (0.5 - value) * 2)
        if feature == "site":
            several = pl.when(pl.col("name") >= 0.98).then(4.0).otherwise(2.0)
            weighed = pl.when(pl.col("shared")).then(several).otherwise(weighed)
        if feature == "country":
            # An organization may be at home in two countries, if its site is its own.
            weighed = pl.when((value == 0) & _owns_site()).then(-2.0).otherwise(weighed)
        bits = bits + weighed.fill_null(0.0)
    sure = (pl.col("identifier") == 1).fill_null(False) | (_owns_site() & (pl.col("name") >= 0.97))
    contradictions = [pl.when(pl.col("designation") == 0).then(pl.lit("another kind of place"))]
    for feature in ("identifier", "type", "coordinates"):
        contradictions.append(pl.when(pl.col(feature) == 0).then(pl.lit(f"{feature} differs")))
    for feature in ("country", "year"):
        contradictions.append(pl.when((pl.col(feature) == 0) & ~sure).then(pl.lit(f"{feature} differs")))
    return found.with_columns(bits=bits, contradiction=pl.coalesce(contradictions))


def _is_distinct() -> pl.Expr:
    """Return whether a name is so long that no other country has a thing of it, as ministries and institutes are."""
    scope, national = pl.col("key").str.contains(_SCOPE), pl.col("key").str.contains(_NATIONAL)
    return (pl.col("name") >= 0.98) & pl.col("main") & ~national & (
        (scope & (pl.col("words") >= 4)) | (pl.col("words") >= 5)
    )  # fmt: skip


def _owns_site() -> pl.Expr:
    """Return whether both have one web site, and nobody else has it."""
    return ((pl.col("site") == 1) & ~pl.col("shared")).fill_null(False)
