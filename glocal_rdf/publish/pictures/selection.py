"""What pictures are drawn from: the things with pages, their classes, positions, dates and the statements among them.

Only what tables and links state and what follows from the best-ranked claims is drawn, and nothing that rules add: a
rule states the inverse of a statement, or the class of a class, which would be counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from glocal_rdf.edtf import read_dates
from glocal_rdf.i18n import translatable
from glocal_rdf.namespaces import EDTF, RDF_TYPE, SKOS, XSD, term
from glocal_rdf.publish.pictures.lettering import cut_to_width
from glocal_rdf.publish.pictures.model import SERIES, SHAPES, LegendEntry, Mark, Texts

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Site

__all__ = ["Category", "Position", "Selection", "site_texts"]

_NAME_WIDTH: Final = 420
_TIMED: Final = rf'^"([^"T]+)(?:T[^"]*)?"\^\^<(?:{XSD}(?:gYear|gYearMonth|date|dateTime)|{EDTF}EDTF)>$'
_ZONE: Final = r"(?:Z|[+-]\d\d:\d\d)$"
_OTHER: Final = "other"


class Position(NamedTuple):
    """Where a thing is: longitude and latitude in degrees, and the source that has it; empty for the graph's own."""

    longitude: float
    latitude: float
    source: str


class Category(NamedTuple):
    """A kind of things in a picture: its term (or `other`), what it is called, its colour and shape."""

    term: str
    texts: Texts
    colour: str
    shape: str

    def explain(self) -> LegendEntry:
        """Return its entry in the legend."""
        return LegendEntry(self.colour, self.shape, self.texts)


@dataclass(frozen=True, eq=False)
class Selection:
    """What of a site can be drawn.

    Attributes:
        site: The site.
        positions: Where things are, by term.
    """

    site: Site
    positions: Mapping[str, Position]

    @cached_property
    def things(self) -> frozenset[str]:
        """The things and concepts that have pages of their own."""
        return frozenset(self.site.resources.filter(pl.col("kind").is_in(["thing", "concept"]))["term"])

    @cached_property
    def statements(self) -> pl.DataFrame:
        """The statements about things with pages: `subject`, `predicate`, `object`, each once."""
        own = self.site.resources.filter(pl.col("kind").is_in(["thing", "concept"]))
        rows = self.site.known.join(own, left_on="subject", right_on="term", how="semi")
        return rows.select("subject", "predicate", "object").unique().sort("subject", "predicate", "object")

    @cached_property
    def links(self) -> pl.DataFrame:
        """The statements from one thing with a page to another."""
        own = self.site.resources.filter(pl.col("kind").is_in(["thing", "concept"]))
        return self.statements.join(own, left_on="object", right_on="term", how="semi", maintain_order="left")

    @cached_property
    def classes(self) -> Mapping[str, str]:
        """The class of each thing, of several the rarest, which is the most special one."""
        types = self.statements.filter(
            (pl.col("predicate") == RDF_TYPE) & (pl.col("object") != term(SKOS, "Concept"))
        ).with_columns(number=pl.len().over("object"))
        first = types.sort("number", "object").unique("subject", keep="first", maintain_order=True)
        return dict(first.select("subject", "object").iter_rows())

    @cached_property
    def dates(self) -> pl.DataFrame:
        """The dates of things: `subject`, `predicate`, `object`, `first`, `last` (years) and `exact`.

        What is not a date of EDTF has neither year, nor has what lacks a beginning or an end.
        """
        found = self.statements.with_columns(text=pl.col("object").str.extract(_TIMED)).drop_nulls("text")
        found = found.with_columns(pl.col("text").str.replace(_ZONE, ""))
        read = read_dates(found["text"])
        return found.drop("text").with_columns(
            first=read["first_year"], last=read["last_year"], exact=read["exact"].is_not_null()
        )

    def mark(self, thing: str) -> Mark:
        """Return what a mark that stands for a thing is called and leads to."""
        return Mark(self.site.titles_of(thing), self.site.addresses.get(thing, "") if thing in self.things else "")

    def short_names(self, thing: str, size: float, width: float = _NAME_WIDTH) -> Texts:
        """Return what a thing is called, cut to a width.

        Args:
            thing: The thing.
            size: The size of the font.
            width: The width.
        """
        return {lang: cut_to_width(name, size, width) for lang, name in self.site.titles_of(thing).items()}

    def categorize(
        self, things: Sequence[str], most: int = 5, *, divide: bool = True
    ) -> tuple[Mapping[str, Category], list[Category]]:
        """Tell things apart by what divides them best: their classes, or what else most of them have in common.

        Args:
            things: The things.
            most: How many categories have a colour and shape of their own; the rest are one.
            divide: Whether things that are nearly all of one class are distinguished by what they have in common.

        Returns:
            The category of each thing, and the categories, the largest first.
        """
        values = {one: self.classes.get(one, _OTHER) for one in things}
        if divide and _largest_share(values) > 0.8 and (better := self._find_division(things)):
            values = {one: better.get(one, _OTHER) for one in things}
        counts = Counter(values.values())
        order = sorted(counts, key=lambda one: (one == _OTHER, -counts[one], one))
        named = [one for one in order if one != _OTHER]
        named = named[: most if len(order) > most + 1 else most + 1]
        categories = {
            one: Category(one, self.site.titles_of(one), *look) for one, look in zip(named, _looks(), strict=False)
        }
        if len(named) > most:
            # What is alone in the rest has its own name there.
            categories[named[-1]] = categories[named[-1]]._replace(colour=SERIES[-1], shape=SHAPES[-1])
        rest = Category(_OTHER, self.site.say(translatable("others")), SERIES[-1], SHAPES[-1])
        found = {one: categories.get(value, rest) for one, value in values.items()}
        used = {category.term for category in found.values()}
        return found, [one for one in [*categories.values(), rest] if one.term in used]

    def _find_division(self, things: Sequence[str]) -> Mapping[str, str]:
        """Return the values of the predicate that most things have, if it has two to five and none prevails."""
        rows = self.links.filter(
            pl.col("subject").is_in(list(things)) & ~pl.col("predicate").is_in([RDF_TYPE, term(SKOS, "inScheme")])
        )
        firsts = rows.unique(["subject", "predicate"], keep="first", maintain_order=True)
        counted = firsts.group_by("predicate").agg(values=pl.col("object").n_unique(), share=pl.len())
        best = counted.filter(
            pl.col("values").is_between(2, 5)
            & (pl.col("values") * 3 <= pl.col("share"))
            & (pl.col("share") >= 0.6 * len(things))
        )
        for predicate in best.sort("share", "predicate", descending=[True, False])["predicate"]:
            chosen = firsts.filter(pl.col("predicate") == predicate)
            found = dict(chosen.select("subject", "object").iter_rows())
            if _largest_share(found) <= 0.8:
                return found
        return {}


def site_texts(site: Site, make: Callable[[str], str]) -> Texts:
    """Return a text in each language of a site.

    Args:
        site: The site.
        make: Returns the text in a language.
    """
    return {lang: make(lang) for lang in site.languages}


def _largest_share(values: Mapping[str, str]) -> float:
    return max(Counter(values.values()).values(), default=0) / max(1, len(values))


def _looks() -> list[tuple[str, str]]:
    return list(zip(SERIES, SHAPES, strict=True))
