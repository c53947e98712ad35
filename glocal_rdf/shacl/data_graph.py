"""The data graph in columns of numbers: every term encoded once, edges by predicate, classes with their instances.

1. The triples are kept whose predicate some shape needs (all, where a shape is closed).
2. Each distinct term has a number; subject, predicate and object are columns of numbers (`triples.numbers`).
3. A set of nodes is a column of numbers; to look nodes up it becomes a mask, a boolean for each term, so that paths,
   targets and constraints mostly filter rows by masks, and join and count only where they must.
4. The text of a term is looked up once per distinct value, where a test needs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import RDF_TYPE, RDFS_SUBCLASS_OF
from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.triples import Triples
from glocal_rdf.triples.numbers.numbering import number_frames
from glocal_rdf.triples.numbers.table import NumberedTriples

__all__ = ["ID", "MAX_PAIRS", "EncodedGraph", "Pairs", "ids_of"]

ID = pl.UInt32
MAX_PAIRS = 50_000_000
"""The number of pairs of nodes that a path may connect; more are refused, as they would not fit into memory."""

MAX_JOINS = 12
"""The length up to which a repeated path is followed from all nodes together."""

_EDGES = {"focus": ID, "value": ID}
_TRUE = pl.Series([True])


def ids_of(numbers: Iterable[int]) -> pl.Series:
    """Return a column `focus` of term numbers."""
    return pl.Series("focus", list(numbers), dtype=ID)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of a focus node and a value node, in two columns of term numbers."""

    focus: pl.Series
    value: pl.Series

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Pairs:
        """Return the pairs in the columns `focus` and `value` of a frame."""
        return cls(frame["focus"], frame["value"])

    def __len__(self) -> int:
        return len(self.focus)

    def filter(self, mask: pl.Series) -> Pairs:
        """Return the pairs that a mask, with a boolean for each pair, selects."""
        return self if mask.all() else Pairs(self.focus.filter(mask), self.value.filter(mask))

    @property
    def frame(self) -> pl.DataFrame:
        """The pairs as columns `focus` and `value`."""
        return pl.DataFrame({"focus": self.focus, "value": self.value})


_NONE = Pairs(ids_of(()), ids_of(()).rename("value"))


class EncodedGraph:
    """A data graph whose terms are numbers; `terms` has the text of each, `frame` the triples as `s`, `p` and `o`."""

    def __init__(
        self,
        data: Triples | Iterable[pl.DataFrame],
        constants: Iterable[str],
        predicates: Iterable[str] | None = None,
        ontology: Triples | None = None,
    ) -> None:
        """Encode triples.

        Args:
            data: The data graph, or frames of its triples, in which a triple may stand twice: only one of them is held
                at a time.
            constants: The terms of the shapes, which get a number also where the data do not have them.
            predicates: The predicates of the triples to keep; None keeps all.
            ontology: A graph of which only rdfs:subClassOf is used.
        """
        wanted = None if predicates is None else sorted({*predicates, RDF_TYPE, RDFS_SUBCLASS_OF})
        if isinstance(data, Triples):
            numbered = data.number(wanted)
        else:
            is_wanted = True if wanted is None else pl.col("predicate").is_in(wanted)
            numbered = number_frames(frame.filter(is_wanted) for frame in data).distinct()
        self.frame = numbered.rows
        fixed = sorted({*constants, RDF_TYPE, RDFS_SUBCLASS_OF})
        above = [] if ontology is None else list(ontology.match(predicate=RDFS_SUBCLASS_OF))
        named = [*fixed, *(s for s, _, _ in above), *(o for _, _, o in above)]
        self._ids = numbered.look_up(named)
        absent = [term for term in dict.fromkeys(named) if term not in self._ids]
        self._ids |= {term: number for number, term in enumerate(absent, len(numbered.terms))}
        self.terms = pl.concat([numbered.terms, pl.Series(absent, dtype=pl.String)])
        self.hierarchy = pl.DataFrame(
            {"focus": self.ids(s for s, _, _ in above), "value": self.ids(o for _, _, o in above)}, schema=_EDGES
        )
        self._edges: dict[int, Pairs] = {
            key[0]: Pairs(part["s"].rename("focus"), part["o"].rename("value"))
            for key, part in self.frame.partition_by("p", as_dict=True, maintain_order=True).items()
        }
        self._instances: dict[str, pl.Series] = {}

    def id(self, term: str) -> int:
        """Return the number of a term of the shapes."""
        return self._ids[term]

    def ids(self, terms: Iterable[str]) -> pl.Series:
        """Return the numbers of terms of the shapes."""
        return ids_of(self._ids[t] for t in terms)

    def decode(self) -> pl.DataFrame:
        """Return the triples as terms."""
        return NumberedTriples(self.terms, self.frame).to_frame()

    def text(self, ids: pl.Series) -> pl.Series:
        """Return the terms with given numbers."""
        return self.terms[ids]

    def mask(self, ids: pl.Series) -> pl.Series:
        """Return a set of nodes as a mask: for each term of the graph, whether it is one of them."""
        return self._empty_mask.clone().scatter(ids, values=_TRUE) if len(ids) else self._empty_mask

    def distinct(self, ids: pl.Series) -> pl.Series:
        """Return each node once."""
        mask = self.mask(ids)
        return ids if mask.sum() == len(ids) else self._numbers.filter(mask).rename(ids.name)

    @cached_property
    def _numbers(self) -> pl.Series:
        """The numbers of all terms."""
        return pl.int_range(len(self.terms), dtype=ID, eager=True)

    @cached_property
    def _empty_mask(self) -> pl.Series:
        return pl.Series([False]).new_from_index(0, len(self.terms))

    @cached_property
    def present(self) -> pl.Series:
        """The mask of the terms that are subject or object of a triple."""
        return self.mask(self.frame["s"].unique()) | self.mask(self.frame["o"].unique())

    @cached_property
    def iris(self) -> pl.Series:
        """The mask of the IRIs."""
        return self.terms.str.starts_with("<")

    @cached_property
    def blanks(self) -> pl.Series:
        """The mask of the blank nodes."""
        return self.terms.str.starts_with("_:")

    def edges(self, predicate: str) -> Pairs:
        """Return subject and object of every triple with a predicate, as `focus` and `value`."""
        return self._edges.get(self._ids[predicate], _NONE)

    def literals(self) -> pl.Series:
        """Return the numbers of all literals."""
        return self.terms.str.starts_with('"').arg_true().cast(ID)

    def statements_of(self, subjects: Iterable[int]) -> pl.DataFrame:
        """Return the triples of some subjects, as columns `s`, `p` and `o`."""
        return self.frame.filter(pl.col("s").is_in(ids_of(subjects).implode()))

    def subclasses(self, of: str) -> pl.Series:
        """Return a class with all its subclasses in the data and the ontology."""
        found = {self.id(of): None}
        todo = list(found)
        while todo:
            below = [one for one in self._direct_subclasses.get(todo.pop(), ()) if one not in found]
            found.update(dict.fromkeys(below))
            todo += below
        return ids_of(found)

    @cached_property
    def _direct_subclasses(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for below, above in pl.concat([self.edges(RDFS_SUBCLASS_OF).frame, self.hierarchy]).iter_rows():
            found.setdefault(above, []).append(below)
        return found

    def instances(self, of: str) -> pl.Series:
        """Return the SHACL instances of a class, each once.

        https://www.w3.org/TR/shacl/#terminology
        """
        if of not in self._instances:
            typed = self.edges(RDF_TYPE)
            self._instances[of] = self.distinct(typed.focus.filter(self.mask(self.subclasses(of))[typed.value]))
        return self._instances[of]

    def evaluate_path(self, path: Path, starts: pl.Series) -> Pairs:
        """Return the pairs of each of `starts` and the nodes that a path leads to from there, each pair once.

        Raises:
            ShapesError: The path connects more pairs of nodes than fit into memory.

        https://www.w3.org/TR/shacl/#property-paths
        """
        if path.kind == "predicate":
            return self._edges_from(self.edges(path.iri), starts)
        if path.kind == "inverse" and path.parts[0].kind == "predicate":
            edges = self.edges(path.parts[0].iri)
            return self._edges_from(Pairs(edges.value.rename("focus"), edges.focus.rename("value")), starts)
        if path.kind == "inverse":
            return self.evaluate_path(_inverse(path.parts[0]), starts)
        if path.kind == "alternative":
            return _union(*(self.evaluate_path(p, starts) for p in path.parts))
        if path.kind == "sequence":
            pairs = self.evaluate_path(path.parts[0], starts)
            for part in path.parts[1:]:
                pairs = self._join(pairs, self.evaluate_path(part, self.distinct(pairs.value)))
            return pairs
        same = Pairs(starts.rename("focus"), starts.rename("value"))
        if path.kind == "zero-or-one":
            return _union(same, self.evaluate_path(path.parts[0], starts))
        found = self._closure(path.parts[0], starts)
        return _union(same, found) if path.kind == "zero-or-more" else found

    def _edges_from(self, edges: Pairs, starts: pl.Series) -> Pairs:
        return edges.filter(self.mask(starts)[edges.focus]) if len(edges) and len(starts) else _NONE

    @staticmethod
    def _join(pairs: Pairs, step: Pairs) -> Pairs:
        """Follow one more step from each value; a pair that is connected in two ways counts once."""
        further = pl.DataFrame({"value": step.focus, "next": step.value})
        return Pairs.of(pairs.frame.join(further, on="value").select("focus", value="next").unique())

    def _closure(self, path: Path, starts: pl.Series) -> Pairs:
        """Follow a path once or more often, each pair found once, so that cycles end.

        All starts are followed together by joins, which is fast for short chains; for long ones each by itself.
        """
        fresh = _union(self.evaluate_path(path, starts))
        found = fresh.frame
        for _ in range(MAX_JOINS):
            if not len(fresh):
                return Pairs.of(found)
            step = self._join(fresh, self.evaluate_path(path, self.distinct(fresh.value)))
            new = step.frame.join(found, on=["focus", "value"], how="anti")
            found = pl.concat([found, new])
            _check_size(path, found.height)
            fresh = Pairs.of(new)
        return self._search(path, starts)

    def _search(self, path: Path, starts: pl.Series) -> Pairs:
        """Find the steps from all nodes that the path leads to, then search from each start by itself."""
        steps: dict[int, list[int]] = {}
        seen, frontier = self.mask(starts), starts
        while len(frontier):
            pairs = self.evaluate_path(path, frontier)
            for focus, value in zip(pairs.focus, pairs.value, strict=True):
                steps.setdefault(focus, []).append(value)
            after = self.distinct(pairs.value)
            frontier = after.filter(~seen[after])
            seen |= self.mask(frontier)
        focus_parts, values, count = [_NONE.focus], [_NONE.value], 0
        for start in starts:
            reached: dict[int, None] = {}
            todo = [start]
            while todo:
                new = [node for node in steps.get(todo.pop(), ()) if node not in reached]
                reached.update(dict.fromkeys(new))
                todo += new
            count += len(reached)
            _check_size(path, count)
            values.append(pl.Series("value", list(reached), dtype=ID))
            focus_parts.append(ids_of((start,)).new_from_index(0, len(reached)))
        return Pairs(pl.concat(focus_parts), pl.concat(values))


def _check_size(path: Path, pairs: int) -> None:
    if pairs > MAX_PAIRS:
        raise ShapesError.at(
            str(path), f"this path connects more than {MAX_PAIRS:,} pairs of nodes", "use a path that connects fewer"
        )


def _union(*parts: Pairs) -> Pairs:
    """Return the pairs of all parts, each once."""
    return Pairs.of(pl.concat([part.frame for part in parts]).unique())


def _inverse(path: Path) -> Path:
    """Return the path in the other direction."""
    if path.kind == "predicate":
        return Path("inverse", parts=(path,))
    if path.kind == "inverse":
        return path.parts[0]
    parts = tuple(_inverse(p) for p in path.parts)
    return Path(path.kind, parts=parts[::-1] if path.kind == "sequence" else parts)
