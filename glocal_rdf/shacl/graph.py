"""The data graph in columns of numbers: every term encoded once, edges by predicate, classes with their instances.

1. Of the triples those are kept whose predicate some shape looks at (all, where a shape is closed).
2. Each distinct term gets a number; subject, predicate and object become columns of numbers.
3. Paths, targets and constraints are then joins and counts over numbers; the text of a term is looked up once per
   distinct value, where a test needs it.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.names import RDF_TYPE, SUBCLASS
from glocal_rdf.shacl.paths import Path
from glocal_rdf.triples import Triples

__all__ = ["ID", "MOST_PAIRS", "Graph", "ids_of"]

ID = pl.UInt32
MOST_PAIRS = 50_000_000
"""How many pairs of nodes a step may come to; more is refused, as it would not fit into memory."""
_EDGES = {"focus": ID, "value": ID}


def ids_of(numbers: Iterable[int]) -> pl.Series:
    """Make a column of term numbers."""
    return pl.Series("focus", list(numbers), dtype=ID)


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
        self._edges: dict[int, pl.DataFrame] = {
            key[0]: part.rename({"s": "focus", "o": "value"}).drop("p")
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
        return self.terms.gather(ids)

    def edges(self, predicate: str) -> pl.DataFrame:
        """Give subject and object of every triple with a predicate, as `focus` and `value`."""
        found = self._edges.get(self._ids[predicate])
        return pl.DataFrame(schema=_EDGES) if found is None else found

    def literals(self) -> pl.Series:
        """Give the numbers of all literals."""
        return self.terms.str.starts_with('"').arg_true().cast(ID)

    def statements_of(self, subjects: Iterable[int]) -> pl.DataFrame:
        """Give the triples about some subjects, as columns `s`, `p` and `o`."""
        return self.frame.filter(pl.col("s").is_in(ids_of(subjects).implode()))

    def subclasses(self, of: str) -> pl.Series:
        """Give a class with all its subclasses, by data and ontology."""
        if self._subclass_edges is None:
            self._subclass_edges = pl.concat([self.edges(SUBCLASS), self._hierarchy]).unique()
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
            classes = self.subclasses(of)
            typed = self.edges(RDF_TYPE)
            test = pl.col("value") == classes[0] if len(classes) == 1 else pl.col("value").is_in(classes.implode())
            self._instances[of] = typed.filter(test)["focus"].unique()
        return self._instances[of]

    def walk(self, path: Path, starts: pl.Series) -> pl.DataFrame:
        """Follow a path from each of `starts`: pairs of `focus` and `value`, each once (SHACL, section 2.3.1)."""
        if path.kind == "predicate":
            return self._reached(self.edges(path.iri), starts)
        if path.kind == "inverse" and path.parts[0].kind == "predicate":
            edges = self.edges(path.parts[0].iri).select(focus="value", value="focus")
            return self._reached(edges, starts)
        if path.kind == "inverse":
            return self.walk(_turn(path.parts[0]), starts)
        if path.kind == "alternative":
            return pl.concat([self.walk(p, starts) for p in path.parts]).unique()
        if path.kind == "sequence":
            pairs = self.walk(path.parts[0], starts)
            for part in path.parts[1:]:
                pairs = self._join(pairs, self.walk(part, pairs["value"].unique()))
            return pairs
        same = pl.DataFrame({"focus": starts, "value": starts})
        if path.kind == "zero-or-one":
            return pl.concat([same, self.walk(path.parts[0], starts)]).unique()
        found = self._closure(path.parts[0], starts)
        return pl.concat([same, found]).unique() if path.kind == "zero-or-more" else found

    def _reached(self, edges: pl.DataFrame, starts: pl.Series) -> pl.DataFrame:
        if len(starts) < 8:
            return edges.filter(pl.col("focus").is_in(starts.implode()))
        return edges.join(starts.to_frame("focus"), on="focus", how="semi")

    @staticmethod
    def _join(pairs: pl.DataFrame, step: pl.DataFrame) -> pl.DataFrame:
        """Go one step further from each value; pairs that are reached in two ways count once."""
        return (
            pairs.join(step.rename({"focus": "value", "value": "next"}), on="value")
            .select("focus", value="next")
            .unique()
        )

    def _closure(self, path: Path, starts: pl.Series) -> pl.DataFrame:
        """Walk a path once or more often, each pair found once, so that circles end."""
        fresh = self.walk(path, starts).unique()
        found = fresh
        while fresh.height:
            if found.height > MOST_PAIRS:
                raise ShapesError.at(
                    str(path),
                    f"this path leads to more than {MOST_PAIRS:,} pairs of nodes",
                    "take a path that reaches less",
                )
            step = self._join(fresh, self.walk(path, fresh["value"].unique()))
            fresh = step.join(found, on=["focus", "value"], how="anti")
            found = pl.concat([found, fresh])
        return found


def _turn(path: Path) -> Path:
    """Give the path that leads back."""
    if path.kind == "predicate":
        return Path("inverse", parts=(path,))
    if path.kind == "inverse":
        return path.parts[0]
    parts = tuple(_turn(p) for p in path.parts)
    return Path(path.kind, parts=parts[::-1] if path.kind == "sequence" else parts)
