"""Finds claims whose passages speak of a place that the claim leaves out: what holds there may not hold elsewhere.

A claim about a theme, a trend or an impact holds everywhere, unless it says to what it applies (`appliesTo`). Where its
passage names a place, a reader asks whether it holds there alone. Nobody asks that where the place is there for
another reason: the claim names it (as its object, in its text, or in the name of what it is about), or another claim
from the same words does. A figure is asked for its place even then, since it was counted or measured somewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from glocal_rdf.evidence.statements import LABELS, Claims
from glocal_rdf.evidence.things import Things
from glocal_rdf.evidence.values import NUMBERS
from glocal_rdf.evidence.wording import Wording
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF_TYPE, SCHEMA, Term, term
from glocal_rdf.triples import Triples, terms
from glocal_rdf.vocabulary import glocal

__all__ = ["find_unlimited"]

_EVERYWHERE: Final = (glocal("Theme"), glocal("Trend"), glocal("Impact"))
"""The classes of what is not at one place; a strategy or a means is somebody's."""

_PLACE: Final = term(SCHEMA, "Place")
_EXAMPLE: Final = glocal("hasExample")
_LIMIT: Final = "appliesTo"
_SHORTEST: Final = 2
"""How many characters a name of a place has at least that is looked for."""

_SCHEMA: Final = {"claim": pl.String, "term": pl.String}


@dataclass
class _Stated:
    """A claim, by its parts."""

    predicate: str
    passages: str
    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def things(self, *parts: str) -> set[str]:
        return {one for part in parts for one in self.values[part] if one.startswith("<")}

    def has_number(self) -> bool:
        return any(one.rpartition("^^")[2][1:-1] in NUMBERS for one in self.values["object"])


@dataclass(frozen=True)
class _Places:
    """Looks for names of places in words, but not in the middle of longer names of other things."""

    names: Mapping[str, tuple[str, ...]]
    longer: Mapping[str, tuple[str, ...]]

    def find(self, words: str) -> frozenset[str]:
        return frozenset(place for place, names in self.names.items() if any(self._has(words, name) for name in names))

    def _has(self, words: str, name: str) -> bool:
        if name not in words:
            return False
        for longer in self.longer[name]:
            words = words.replace(longer, "\n")
        return name in words


def find_unlimited(
    triples: Triples,
    claims: Claims,
    passages: pl.DataFrame,
    wordings: Mapping[Term, Wording],
    things: Things,
) -> pl.DataFrame:
    """Find the claims that are limited to nothing, and the places that their passages speak of: `claim`, `term`.

    Args:
        triples: The graph.
        claims: Its claims.
        passages: The columns `passage` and `document` (IRIs), `start` and `end`.
        wordings: The passages by what they have.
        things: The names of things.
    """
    typed = triples.match(predicate=RDF_TYPE).frame
    everywhere = set(typed.filter(pl.col("object").is_in(_EVERYWHERE))["subject"])
    limits = claims.parts.filter(pl.col("part") == _LIMIT)["term"]
    located = set(typed.filter(pl.col("object") == _PLACE)["subject"]) | set(limits)
    places = _read_places(located, things)
    stated = _read_claims(claims)
    explained: dict[str, list[str]] = defaultdict(list)
    for claim, words in claims.explanations.iter_rows():
        explained[claim].append(terms.unquote(words).rpartition("=")[2].strip())
    near = _Neighbours(stated, passages)
    found: list[tuple[str, str]] = []
    for claim, one in stated.items():
        if one.values[_LIMIT] or one.predicate == _EXAMPLE or not one.things("subject") & everywhere:
            continue
        spoken_of = places.find("\n".join(wordings[Term(each)].words for each in one.passages.split(" ")))
        left = set(spoken_of) - one.things("subject", "object", "heldBy")
        if left and not one.has_number():
            left -= places.find(_list_words(one, things))
        if left and not one.has_number():
            others = [stated[other] for other in near.find(claim)]
            left -= {thing for other in others for thing in other.things("subject", "object")}
            left -= places.find("\n".join(_list_words(other, things) for other in others))
        reasons = explained[claim]
        found += [(claim, place) for place in sorted(left) if not any(f"/{why}>" in place for why in reasons)]
    return pl.DataFrame(found, schema=_SCHEMA, orient="row")


def _read_places(located: Iterable[str], things: Things) -> _Places:
    names = {
        place: tuple(name for name in things.names.get(Term(place), ()) if len(name.strip(" ,")) >= _SHORTEST)
        for place in sorted(located)
    }
    others = {
        name
        for thing, each in things.names.items()
        if thing not in names and thing not in things.concepts
        for name in each
    }
    every = {name for each in names.values() for name in each}
    return _Places(names, {name: tuple(sorted(one for one in others if name in one)) for name in every})


def _read_claims(claims: Claims) -> dict[str, _Stated]:
    """Lay out the claims that say something of a thing; one that gives a name of it does not."""
    said = claims.claims.filter(~pl.col("predicate").is_in(LABELS))
    stated = {
        claim: _Stated(predicate, passages)
        for claim, predicate, passages in said.select("claim", "predicate", "passages").iter_rows()
    }
    parts = claims.parts.join(said, on="claim", how="semi")
    for claim, part, one in parts.select("claim", "part", "term").iter_rows():
        stated[claim].values[part].append(one)
    return stated


def _list_words(one: _Stated, things: Things) -> str:
    """Return the names of what a claim is about, and its texts, folded."""
    named = [name for thing in one.things("subject", "object") for name in things.names.get(Term(thing), ())]
    return "\n".join(named)


class _Neighbours:
    """Finds the claims that were read from the same words as a claim, by the longest passage of each."""

    def __init__(self, stated: Mapping[str, _Stated], passages: pl.DataFrame) -> None:
        columns = passages.select("passage", "document", "start", "end").iter_rows()
        spans = {f"<{passage}>": (document, start, end) for passage, document, start, end in columns}
        self.longest = {
            claim: max((spans[each] for each in one.passages.split(" ")), key=lambda span: span[2] - span[1])
            for claim, one in stated.items()
        }
        self.by_document: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for claim, (document, start, end) in self.longest.items():
            self.by_document[document].append((start, end, claim))

    def find(self, claim: str) -> set[str]:
        """Find the other claims whose longest passage overlaps that of a claim."""
        document, start, end = self.longest[claim]
        found = {other for first, last, other in self.by_document[document] if first < end and start < last}
        return found - {claim}
