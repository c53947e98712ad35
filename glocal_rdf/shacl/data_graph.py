"""The data graph in columns of numbers: every term encoded once, edges by predicate, classes with their instances.

1. Of the triples those are kept whose predicate some shape looks at (all, where a shape is closed).
2. Each distinct term gets a number; subject, predicate and object become columns of numbers.
3. A set of nodes is a column of numbers, and to look nodes up in it a column of bits, one for each term, so that paths,
   targets and constraints mostly pick out rows by bits; joins and counts are for what must be brought together.
4. The text of a term is looked up once per distinct value, where a test needs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.shacl.terms import RDF_TYPE, SUBCLASS
from glocal_rdf.triples import Triples

__all__ = ["ID", "MOST_PAIRS", "Graph", "Pairs", "ids_of"]

ID = pl.UInt32
MOST_PAIRS = 50_000_000
"""How many pairs of nodes a step may come to; more is refused, as it would not fit into memory."""
_ROUNDS = 12
"""How many steps of a path all starts take together."""
_EDGES = {"focus": ID, "value": ID}


def ids_of(numbers: Iterable[int]) -> pl.Series:
    """Make a column of term numbers."""
    return pl.Series("focus", list(numbers), dtype=ID)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of a focus node and a value node, in two columns of numbers."""

    focus: pl.Series
    value: pl.Series

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Pairs:
        """Take the columns `focus` and `value` of a frame."""
        return cls(frame["focus"], frame["value"])

    def __len__(self) -> int:
        return len(self.focus)

    def keep(self, wanted: pl.Series) -> Pairs:
        """Keep the pairs that a column of bits tells."""
        return self if wanted.all() else Pairs(self.focus.filter(wanted), self.value.filter(wanted))

    @property
    def frame(self) -> pl.DataFrame:
        """The pairs as columns `focus` and `value`."""
        return pl.DataFrame({"focus": self.focus, "value": self.value})


_NONE = Pairs(ids_of(()), ids_of(()).rename("value"))


class Graph:
    """A data graph whose terms are numbers.

    `constants` are the terms of the shapes, so that each has a number also where the data do not hold it.
    """

    def __init__(
        self,
        data: Triples,
        constants: Iterable[str],
        predicates: Iterable[str] | None = None,
        ontology: Triples | None = None,
    ) -> None:
        """Encode the triples with one of `predicates`, or all; of `ontology` only the class hierarchy is used."""
        frame = data.frame
        if predicates is not None:
            wanted = {*predicates, RDF_TYPE, SUBCLASS}
            frame = frame.filter(pl.col("predicate").is_in(list(wanted)))
        hierarchy = None if ontology is None else ontology.match(predicate=SUBCLASS).frame
        first = pl.Series(sorted({*constants, RDF_TYPE, SUBCLASS}), dtype=pl.String)
        encoding = pl.Categorical(pl.Categories.random())
        # The numbering lives as long as a column that uses it: this one, until all is encoded.
        encoded = first.cast(encoding)
        self._ids: dict[str, int] = dict(zip(first, encoded.to_physical(), strict=True))
        subject, predicate, obj = (frame[c].cast(encoding) for c in ("subject", "predicate", "object"))
        columns = [encoded, subject.unique(), predicate.unique(), obj.unique()]
        self.frame = pl.DataFrame(
            {"s": subject.to_physical(), "p": predicate.to_physical(), "o": obj.to_physical()}
        ).cast(ID)
        self._hierarchy = pl.DataFrame(schema=_EDGES)
        if hierarchy is not None and hierarchy.height:
            below, above = (hierarchy[c].cast(encoding) for c in ("subject", "object"))
            columns += [below.unique(), above.unique()]
            self._hierarchy = pl.DataFrame({"focus": below.to_physical(), "value": above.to_physical()}).cast(ID)
        distinct = pl.concat(columns).unique()
        self.terms = pl.DataFrame({"id": distinct.to_physical(), "term": distinct.cast(pl.String)}).sort("id")["term"]
        self._edges: dict[int, Pairs] = {
            key[0]: Pairs(part["s"].rename("focus"), part["o"].rename("value"))
            for key, part in self.frame.partition_by("p", as_dict=True, maintain_order=True).items()
        }
        self._instances: dict[str, pl.Series] = {}
        self._subclass_edges: pl.DataFrame | None = None

    def id(self, term: str) -> int:
        """Give the number of a term of the shapes."""
        return self._ids[term]

    def ids(self, terms: Iterable[str]) -> pl.Series:
        """Give the numbers of terms of the shapes."""
        return ids_of(self._ids[t] for t in terms)

    def text(self, ids: pl.Series) -> pl.Series:
        """Give the terms of numbers."""
        return self.terms[ids]

    def bits(self, ids: pl.Series) -> pl.Series:
        """Give a set of nodes as bits: of each term, whether it is one of them."""
        return self._no_bits.clone().scatter(ids, values=True) if len(ids) else self._no_bits

    def distinct(self, ids: pl.Series) -> pl.Series:
        """Give each node once."""
        return ids if self.bits(ids).sum() == len(ids) else ids.unique()

    @cached_property
    def _no_bits(self) -> pl.Series:
        return pl.Series([False]).new_from_index(0, len(self.terms))

    @cached_property
    def present(self) -> pl.Series:
        """The terms that are subject or object of a triple, as bits."""
        return self.bits(self.frame["s"].unique()) | self.bits(self.frame["o"].unique())

    @cached_property
    def iris(self) -> pl.Series:
        """The IRIs, as bits."""
        return self.terms.str.starts_with("<")

    @cached_property
    def blanks(self) -> pl.Series:
        """The blank nodes, as bits."""
        return self.terms.str.starts_with("_:")

    def edges(self, predicate: str) -> Pairs:
        """Give subject and object of every triple with a predicate, as `focus` and `value`."""
        return self._edges.get(self._ids[predicate], _NONE)

    def literals(self) -> pl.Series:
        """Give the numbers of all literals."""
        return self.terms.str.starts_with('"').arg_true().cast(ID)

    def statements_of(self, subjects: Iterable[int]) -> pl.DataFrame:
        """Give the triples about some subjects, as columns `s`, `p` and `o`."""
        return self.frame.filter(pl.col("s").is_in(ids_of(subjects).implode()))

    def subclasses(self, of: str) -> pl.Series:
        """Give a class with all its subclasses, by data and ontology."""
        if self._subclass_edges is None:
            self._subclass_edges = pl.concat([self.edges(SUBCLASS).frame, self._hierarchy]).unique()
        found = self.ids([of])
        if self._subclass_edges.is_empty():
            return found
        fresh = found
        while len(fresh):
            below = self._subclass_edges.filter(pl.col("value").is_in(fresh.implode()))["focus"].unique()
            fresh = below.filter(~below.is_in(found.implode()))
            found = pl.concat([found, fresh])
        return found

    def instances(self, of: str) -> pl.Series:
        """Give the SHACL instances of a class, each once (SHACL, section 1.1)."""
        if of not in self._instances:
            typed = self.edges(RDF_TYPE)
            self._instances[of] = self.distinct(typed.focus.filter(self.bits(self.subclasses(of))[typed.value]))
        return self._instances[of]

    def walk(self, path: Path, starts: pl.Series) -> Pairs:
        """Follow a path from each of `starts`: pairs of `focus` and `value`, each once (SHACL, section 2.3.1)."""
        if path.kind == "predicate":
            return self._reached(self.edges(path.iri), starts)
        if path.kind == "inverse" and path.parts[0].kind == "predicate":
            edges = self.edges(path.parts[0].iri)
            return self._reached(Pairs(edges.value.rename("focus"), edges.focus.rename("value")), starts)
        if path.kind == "inverse":
            return self.walk(_turn(path.parts[0]), starts)
        if path.kind == "alternative":
            return _all_of(*(self.walk(p, starts) for p in path.parts))
        if path.kind == "sequence":
            pairs = self.walk(path.parts[0], starts)
            for part in path.parts[1:]:
                pairs = self._join(pairs, self.walk(part, self.distinct(pairs.value)))
            return pairs
        same = Pairs(starts.rename("focus"), starts.rename("value"))
        if path.kind == "zero-or-one":
            return _all_of(same, self.walk(path.parts[0], starts))
        found = self._closure(path.parts[0], starts)
        return _all_of(same, found) if path.kind == "zero-or-more" else found

    def _reached(self, edges: Pairs, starts: pl.Series) -> Pairs:
        return edges.keep(self.bits(starts)[edges.focus]) if len(edges) and len(starts) else _NONE

    @staticmethod
    def _join(pairs: Pairs, step: Pairs) -> Pairs:
        """Go one step further from each value; pairs that are reached in two ways count once."""
        further = pl.DataFrame({"value": step.focus, "next": step.value})
        return Pairs.of(pairs.frame.join(further, on="value").select("focus", value="next").unique())

    def _closure(self, path: Path, starts: pl.Series) -> Pairs:
        """Walk a path once or more often, each pair found once, so that circles end.

        All starts go on together by joins, which is fast where ways are short; where they are long, each goes alone.
        """
        fresh = _all_of(self.walk(path, starts))
        found = fresh.frame
        for _ in range(_ROUNDS):
            if not len(fresh):
                return Pairs.of(found)
            step = self._join(fresh, self.walk(path, self.distinct(fresh.value)))
            new = step.frame.join(found, on=["focus", "value"], how="anti")
            found = pl.concat([found, new])
            _refuse_many(path, found.height)
            fresh = Pairs.of(new)
        return self._search(path, starts)

    def _search(self, path: Path, starts: pl.Series) -> Pairs:
        """Find the steps from all nodes on the way, then walk from each start by itself."""
        steps: dict[int, list[int]] = {}
        seen, frontier = self.bits(starts), starts
        while len(frontier):
            pairs = self.walk(path, frontier)
            for focus, value in zip(pairs.focus, pairs.value, strict=True):
                steps.setdefault(focus, []).append(value)
            after = self.distinct(pairs.value)
            frontier = after.filter(~seen[after])
            seen |= self.bits(frontier)
        focus_parts, values, count = [_NONE.focus], [_NONE.value], 0
        for start in starts:
            reached: dict[int, None] = {}
            todo = [start]
            while todo:
                new = [node for node in steps.get(todo.pop(), ()) if node not in reached]
                reached.update(dict.fromkeys(new))
                todo += new
            count += len(reached)
            _refuse_many(path, count)
            values.append(pl.Series("value", list(reached), dtype=ID))
            focus_parts.append(ids_of((start,)).new_from_index(0, len(reached)))
        return Pairs(pl.concat(focus_parts), pl.concat(values))


def _refuse_many(path: Path, pairs: int) -> None:
    if pairs > MOST_PAIRS:
        raise ShapesError.at(
            str(path), f"this path leads to more than {MOST_PAIRS:,} pairs of nodes", "take a path that reaches less"
        )


def _all_of(*parts: Pairs) -> Pairs:
    """Put pairs together, each once."""
    return Pairs.of(pl.concat([part.frame for part in parts]).unique())


def _turn(path: Path) -> Path:
    """Give the path that leads back."""
    if path.kind == "predicate":
        return Path("inverse", parts=(path,))
    if path.kind == "inverse":
        return path.parts[0]
    parts = tuple(_turn(p) for p in path.parts)
    return Path(path.kind, parts=parts[::-1] if path.kind == "sequence" else parts)
