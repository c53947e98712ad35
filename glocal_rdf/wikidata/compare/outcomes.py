"""Sets our statements beside those of a Wikibase, one by one, and says what came of each.

1. Statements are compared by item and property. Ours is set beside each of theirs that speaks of the same time.
2. An equal one decides, the best-ranked first; then one that is more precise, or less. A symmetric property is looked
   for at the other item too.
3. Where none fits, ours is different if things have one value of the property at a time, and else it is only ours.
4. What of theirs was not met by any of ours is only theirs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, get_args

from glocal_rdf.wikidata.compare.values import Relation, relate
from glocal_rdf.wikidata.entities.model import Entity, ItemValue, Snak, Statement, TimeValue, Value, show_value
from glocal_rdf.wikidata.properties import Vocabulary

__all__ = ["OUTCOMES", "Comparison", "OurStatement", "Outcome", "compare_statements", "count_outcomes"]

Outcome = Literal[
    "same",
    "same-without-reference",
    "ours-more-precise",
    "theirs-more-precise",
    "different",
    "only-ours",
    "only-theirs",
    "ended-or-deprecated",
    "blocked",
]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

_Times = tuple[TimeValue | None, TimeValue | None, TimeValue | None]
"""When a statement holds: at a time, from, until."""

_RANKS: Final = {"preferred": 0, "normal": 1, "deprecated": 2}


@dataclass(frozen=True, slots=True)
class OurStatement:
    """A statement of ours about a thing that is linked to an item.

    Attributes:
        thing: The IRI of the thing.
        item: The item that it is linked to.
        predicate: The IRI of our property, or of the thing that stands for a quantity.
        property: The property of the Wikibase.
        value: The value; None where it cannot be one of the Wikibase.
        shown: The value for people.
        qualifiers: Its qualifiers, by the properties of the Wikibase.
        preferred: Whether it is ranked above others.
        claim: The IRI of the claim; empty for a statement that is not one.
        passages: The IRIs of the passages that it was read from.
        blocked: Why it cannot be compared, or nothing.
        withheld: Why it is not to be given to others though it can be compared, such as that no source states it.
        note: What its curators note about it, for who reviews it.
    """

    thing: str
    item: str
    predicate: str
    property: str
    value: Value | None
    shown: str
    qualifiers: tuple[Snak, ...] = ()
    preferred: bool = False
    claim: str = ""
    passages: tuple[str, ...] = ()
    blocked: str = ""
    withheld: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing a statement.

    Attributes:
        outcome: What came of it.
        item: The item.
        thing: Our thing.
        property: The property of the Wikibase.
        ours: Our statement, if there is one.
        theirs: Their statement, if there is one.
        note: What else there is to know, for people.
    """

    outcome: Outcome
    item: str
    thing: str
    property: str
    ours: OurStatement | None = None
    theirs: Statement | None = None
    note: str = ""


def compare_statements(
    ours: Iterable[OurStatement],
    things: Mapping[str, str],
    entities: Mapping[str, Entity | None],
    vocabulary: Vocabulary,
    conflicts: Mapping[str, str],
) -> list[Comparison]:
    """Compare statements with those of a Wikibase.

    Args:
        ours: Our statements.
        things: Our things, by the item that each is linked to.
        entities: What the Wikibase has, by the identifier that was asked for; None for what was deleted.
        vocabulary: The properties.
        conflicts: Properties that cannot be compared, with the reason, such as another datatype than we expect.

    Returns:
        The comparisons, by item, property and outcome.
    """
    comparing = _Comparing(entities, vocabulary, conflicts)
    grouped: dict[str, dict[str, list[OurStatement]]] = defaultdict(lambda: defaultdict(list))
    for one in ours:
        grouped[one.item][one.property].append(one)
    found: list[Comparison] = []
    for item in sorted(things, key=lambda number: (len(number), number)):
        found += comparing.compare_item(item, things[item], grouped[item])
    return found


def count_outcomes(comparisons: Iterable[Comparison]) -> dict[Outcome, int]:
    """Count the comparisons of each outcome, in the order of OUTCOMES."""
    counted = Counter(one.outcome for one in comparisons)
    return {outcome: counted[outcome] for outcome in OUTCOMES}


class _Came(Protocol):
    def __call__(self, outcome: Outcome, statement: Statement | None = None, note: str = "") -> Comparison: ...


class _Comparing:
    def __init__(
        self, entities: Mapping[str, Entity | None], vocabulary: Vocabulary, conflicts: Mapping[str, str]
    ) -> None:
        self.entities, self.vocabulary, self.conflicts = entities, vocabulary, conflicts
        self.redirects = {asked: one.id for asked, one in entities.items() if one and one.id != asked}
        mappings = vocabulary.properties.values()
        self.numbers = {one.number for one in mappings}
        self.single = {one.number for one in mappings if one.single}
        self.symmetric = {one.number for one in mappings if one.symmetric}
        roles = vocabulary.qualifiers
        self.at, self.start, self.end = (roles.get(role, "") for role in ("point-in-time", "start", "end"))
        named = (vocabulary.references.get(role, "") for role in ("imported-from", "import-url", "retrieved"))
        self.no_source = {number for number in named if number}

    def compare_item(self, item: str, thing: str, ours: Mapping[str, Sequence[OurStatement]]) -> Iterator[Comparison]:
        """Compare what is stated about one item."""
        entity = self.entities.get(item)
        if entity is None:
            what = "was deleted, or never was" if item in self.entities else "is not among what was fetched"
            for many in ours.values():
                for one in many:
                    yield Comparison("blocked", item, thing, one.property, one, None, f"{item} {what}")
            if not any(ours.values()):
                yield Comparison("blocked", item, thing, "", None, None, f"{item} {what}")
            return
        moved = f"{item} redirects to {entity.id}" if entity.id != item else ""
        for number in sorted({*ours, *self.numbers}, key=lambda one: (len(one), one)):
            for came in self._compare_property(entity, thing, number, ours.get(number, ())):
                note = "; ".join(filter(None, (moved, came.note)))
                yield Comparison(came.outcome, item, thing, number, came.ours, came.theirs, note)

    def _compare_property(
        self, entity: Entity, thing: str, number: str, ours: Sequence[OurStatement]
    ) -> Iterator[Comparison]:
        theirs = sorted(entity.by_property(number), key=lambda one: (_RANKS[one.rank], one.id))
        conflict = self.conflicts.get(number, "")
        met: set[str] = set()
        for one in ours:
            found = self._compare(entity, number, one, theirs, conflict)
            if found.theirs is not None:
                met.add(found.theirs.id)
            yield found
        if conflict:
            return
        for statement in theirs:
            if statement.id in met:
                continue
            # One statement of theirs may meet several of ours, in other words or from other documents.
            meets = any(
                one.value is not None
                and self._relate(one.value, statement.value) == "equal"
                and self._may_be_same(one, statement)
                for one in ours
            )
            if meets and statement.rank != "deprecated":
                continue
            outcome: Outcome = "ended-or-deprecated" if statement.rank == "deprecated" else "only-theirs"
            yield Comparison(outcome, entity.id, thing, number, None, statement, self._time_note(statement))

    def _compare(
        self, entity: Entity, number: str, ours: OurStatement, theirs: Sequence[Statement], conflict: str
    ) -> Comparison:
        """Compare one of our statements with theirs of the same property."""

        def came(outcome: Outcome, statement: Statement | None = None, note: str = "") -> Comparison:
            return Comparison(outcome, entity.id, ours.thing, number, ours, statement, note)

        if ours.blocked or conflict or ours.value is None:
            return came("blocked", None, ours.blocked or conflict or "it has no value that the Wikibase can have")
        value = ours.value
        related = [(self._relate(value, one.value), one) for one in theirs]
        for wanted in ("equal", "ours-finer", "theirs-finer"):
            fitting = [one for relation, one in related if relation == wanted and self._may_be_same(ours, one)]
            if fitting:
                return self._met(came, wanted, ours, fitting[0])
        if number in self.symmetric and isinstance(value, ItemValue):
            other = self.entities.get(value.id)
            back = [
                one
                for one in (other.by_property(number) if other else ())
                if self._relate(ItemValue(entity.id), one.value) == "equal"
            ]
            if back:
                statement = min(back, key=lambda one: _RANKS[one.rank])
                found = self._met(came, "equal", ours, statement)
                note = f"stated of {value.id} alone" + (f"; {found.note}" if found.note else "")
                return Comparison(found.outcome, entity.id, ours.thing, number, ours, None, note)
        comparable = [(relation, one) for relation, one in related if self._same_time(ours, one)]
        if any(relation == "conflict" for relation, _ in comparable):
            odd = next(one for relation, one in comparable if relation == "conflict")
            return came("blocked", odd, "type conflict: the values are not of one kind")
        alive = [one for _, one in comparable if one.rank != "deprecated"]
        best = [one for one in alive if one.rank == alive[0].rank]
        if number in self.single and best:
            return came("different", best[0], self._time_note(best[0]))
        return came("only-ours")

    def _met(self, came: _Came, relation: str, ours: OurStatement, statement: Statement) -> Comparison:
        """Return what came of one of our statements that one of theirs fits."""
        note = self._time_note(statement)
        if statement.rank == "deprecated":
            return came("ended-or-deprecated", statement, note)
        has_end = any(snak.property == self.end for snak in ours.qualifiers)
        if self.end and statement.qualifier(self.end) and not has_end:
            return came("ended-or-deprecated", statement, note)
        if relation != "equal":
            return came("ours-more-precise" if relation == "ours-finer" else "theirs-more-precise", statement, note)
        return came("same" if self._is_referenced(statement) else "same-without-reference", statement, note)

    def _relate(self, ours: Value, theirs: Value) -> Relation:
        return relate(self._resolve(ours), self._resolve(theirs))

    def _resolve(self, value: Value) -> Value:
        """Return a value with the item that it redirects to."""
        if isinstance(value, ItemValue) and value.id in self.redirects:
            return ItemValue(self.redirects[value.id], value.label)
        return value

    def _is_referenced(self, statement: Statement) -> bool:
        """Decide whether a statement has a reference; that it was imported from a Wikipedia is none."""
        return any({snak.property for snak in parts} - self.no_source for parts in statement.references)

    def _may_be_same(self, ours: OurStatement, theirs: Statement) -> bool:
        """Decide whether an equal value is of the same time: a count of another year is another statement."""
        mine, other = self._times(ours.qualifiers), self._times(theirs.qualifiers)
        if mine[0] and other[0]:
            return relate(mine[0], other[0]) != "different"
        return self._overlap(mine, other)

    def _same_time(self, ours: OurStatement, theirs: Statement) -> bool:
        """Decide whether two statements speak of the same time, so that they may contradict each other."""
        mine, other = self._times(ours.qualifiers), self._times(theirs.qualifiers)
        if mine[0] or other[0]:
            return bool(mine[0] and other[0]) and relate(mine[0], other[0]) != "different"  # type: ignore[arg-type]
        # What ended does not contradict what is so now.
        return (mine[2] is None) == (other[2] is None) and self._overlap(mine, other)

    def _overlap(self, mine: _Times, other: _Times) -> bool:
        return not (_before(mine[2], other[1]) or _before(other[2], mine[1]))

    def _times(self, qualifiers: Iterable[Snak]) -> _Times:
        times = {snak.property: snak.value for snak in qualifiers if isinstance(snak.value, TimeValue)}
        return times.get(self.at), times.get(self.start), times.get(self.end)

    def _time_note(self, statement: Statement) -> str:
        """Write when a statement of theirs holds, and that it is deprecated."""
        names = ((self.at, "at"), (self.start, "from"), (self.end, "until"))
        parts = ["deprecated"] if statement.rank == "deprecated" else []
        parts += ["preferred"] if statement.rank == "preferred" else []
        parts += [
            f"{name} {show_value(value)}" for number, name in names if number for value in statement.qualifier(number)
        ]
        return f"theirs: {', '.join(parts)}" if parts else ""


def _before(one: TimeValue | None, other: TimeValue | None) -> bool:
    return one is not None and other is not None and one.year < other.year
