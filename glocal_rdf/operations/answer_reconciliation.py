"""Finds which thing of a build is meant by a name and what else is known of it, with the evidence that links have.

1. The things with a name are read once as things to link to (`linking.things`), with their keys.
2. A query is a thing of one name, whose properties are read as those of a project's things are.
3. Candidates are found by keys, and by the search for what people may have meant; `linking.decisions` weighs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import polars as pl

from glocal_rdf.dataset import Build
from glocal_rdf.linking.candidates import KnownThings
from glocal_rdf.linking.decisions import decide
from glocal_rdf.linking.evidence import FEATURES
from glocal_rdf.linking.graphs import Vocabulary, read_facts_of, things_of_triples
from glocal_rdf.linking.things import make_things
from glocal_rdf.namespaces import RDF_TYPE, SKOS, term, term_of
from glocal_rdf.search.fulltext import ThingIndex
from glocal_rdf.search.text_index import NAMES
from glocal_rdf.serve.api.model import Candidate, Feature, ReconcileQuery
from glocal_rdf.triples import Triples, terms

__all__ = ["Reconciler"]

Describe = Callable[[str], Candidate]
Compare = Callable[[str, ReconcileQuery], Mapping[str, bool]]

MAX_BY_VALUE: Final = 200
"""How many things that have a value are looked at."""

MAX_FOUND: Final = 10
"""How many things the search adds to the candidates of a query."""


class Reconciler:
    """Finds the things of a build that queries mean."""

    def __init__(self, built: Build, index: Callable[[], ThingIndex]) -> None:
        """Take a build; its things are read when something is first looked for.

        Args:
            built: The build.
            index: Returns the index of its things.
        """
        self._built = built
        self._index = index

    @cached_property
    def words(self) -> Vocabulary:
        """The predicates that state what is compared."""
        usual = Vocabulary()
        country = frozenset(self._built.project.find_terms("country"))
        return replace(usual, countries=usual.countries | country)

    def prepare(self) -> None:
        """Read the things, unless that was done."""
        self._rows, self._classes  # noqa: B018 - they are kept

    @cached_property
    def _country_names(self) -> Mapping[str, str]:
        frame = self._built.triples.frame
        english = frame.filter((pl.col("predicate") == term(SKOS, "prefLabel")) & pl.col("object").str.ends_with("@en"))
        return dict(english.select("subject", terms.value(pl.col("object"))).iter_rows())

    @cached_property
    def _known(self) -> KnownThings:
        built = self._built
        known = built.stated.union(built.truthy).frame
        named = known.filter(pl.col("predicate").is_in(list(NAMES)))["subject"].unique()
        every = Triples(pl.concat([built.triples.frame, *(graph.frame for graph in built.named_graphs.values())]))
        return KnownThings(things_of_triples(every, self.words, only=set(named), names=self._country_names))

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        """The rows of the things by IRI."""
        return dict(self._known.things.frame.select("id", "row").iter_rows())

    @cached_property
    def _classes(self) -> pl.DataFrame:
        """The rows of the things with each of their classes (terms), inferred ones too: `candidate`, `kind`."""
        typed = self._built.triples.match(predicate=RDF_TYPE).frame.select(
            id=terms.value(pl.col("subject")), kind="object"
        )
        rows = self._known.things.frame.select("id", candidate="row")
        return typed.join(rows, on="id").select("candidate", "kind").unique()

    def find(
        self, queries: Sequence[ReconcileQuery], describe: Describe, compare: Compare
    ) -> tuple[tuple[Candidate, ...], ...]:
        """Find the candidates of queries, the likeliest first.

        Args:
            queries: The queries.
            describe: Describes a thing, given its IRI.
            compare: Returns which of some properties a thing has with some value, given its IRI.
        """
        if not queries:
            return ()
        things = make_things(self._read(query, number) for number, query in enumerate(queries))
        found = self._known.find(things, self._search(queries))
        found = replace(found, pairs=self._fit(found.pairs, queries))
        listed: list[list[Candidate]] = [self._find_named(query, describe) for query in queries]
        for row in decide(things, found).frame.iter_rows(named=True):
            number = row["thing"]
            query = queries[number]
            if len(listed[number]) >= query.limit or any(one.iri == row["id"] for one in listed[number]):
                continue
            features = [Feature(id=name, value=round(row[name], 3)) for name in FEATURES if row[name] is not None]
            features += [Feature(id=name, value=float(agrees)) for name, agrees in compare(row["id"], query).items()]
            listed[number].append(
                replace(
                    describe(row["id"]),
                    score=round(100 * row["confidence"], 1),
                    match=row["link"],
                    features=tuple(features),
                )
            )
        for number, query in enumerate(queries):
            if not query.text:
                listed[number] = self._find_by_values(query, describe, compare)
        return tuple(map(tuple, listed))

    def _find_named(self, query: ReconcileQuery, describe: Describe) -> list[Candidate]:
        """Return the thing whose identifier the query is, which is certain."""
        word = query.text.strip()
        for iri in (word, self._built.project.space + word):
            if iri in self._rows:
                return [
                    replace(describe(iri), score=100.0, match=True, features=(Feature(id="identifier", value=1.0),))
                ]
        return []

    def _find_by_values(self, query: ReconcileQuery, describe: Describe, compare: Compare) -> list[Candidate]:
        """Return the things that have the values of a query without a name; without a name none is certain."""
        frame = self._built.with_ontology.frame
        wanted = [term_of(name) for name, _ in query.properties]
        values = {value for _, several in query.properties for value in several}
        rows = frame.filter(pl.col("predicate").is_in(wanted)).filter(
            terms.value(pl.col("object")).is_in(list(values)) | pl.col("object").is_in([term_of(v) for v in values])
        )
        found = []
        for subject in rows["subject"].unique().sort()[:MAX_BY_VALUE]:
            iri = subject[1:-1]
            if iri not in self._rows:
                continue
            agreed = compare(iri, query)
            share = sum(agreed.values()) / len(query.properties)
            features = tuple(Feature(id=name, value=float(agrees)) for name, agrees in agreed.items())
            found.append(replace(describe(iri), score=round(50 * share, 1), features=features))
        return sorted(found, key=lambda one: (-one.score, one.iri))[: query.limit]

    def _read(self, query: ReconcileQuery, number: int) -> dict[str, Any]:
        """Read a query as a thing, as those of a graph are read."""
        facts = [(f"<{name}>", value) for name, values in query.properties for value in values]
        local = [kind.rstrip("/#").rpartition("/")[2].rpartition("#")[2] for kind in query.types]
        return {
            "id": str(number),
            "label": query.text,
            "names": [(query.text, query.lang, "label")] if query.text else [],
            "types": [name for name in local if name],
            **read_facts_of(facts, self.words, self._country_names),
        }

    def _search(self, queries: Sequence[ReconcileQuery]) -> pl.DataFrame:
        """Return the pairs that the search for things finds by name."""
        pairs = []
        for number, query in enumerate(queries):
            hits, _ = self._index().search(query.text, MAX_FOUND) if query.text else ((), 0)
            pairs += [(number, self._rows[hit.thing]) for hit in hits if hit.how != "text" and hit.thing in self._rows]
        return pl.DataFrame(pairs, schema={"thing": pl.UInt32, "candidate": pl.UInt32}, orient="row")

    def _fit(self, pairs: pl.DataFrame, queries: Sequence[ReconcileQuery]) -> pl.DataFrame:
        """Leave out candidates that have not the classes that they must have."""
        wanted = [
            (number, f"<{kind}>", len(set(query.types)) if query.types_must == "all" else 1)
            for number, query in enumerate(queries)
            if query.types_must != "should"
            for kind in set(query.types)
        ]
        if not wanted:
            return pairs
        schema = {"thing": pairs.schema["thing"], "kind": pl.String(), "least": pl.Int64()}
        frame = pl.DataFrame(wanted, schema=schema, orient="row")
        having = pairs.join(frame, on="thing").join(self._classes, on=["candidate", "kind"], how="semi")
        having = having.group_by("thing", "candidate").agg(n=pl.len(), least=pl.col("least").first())
        free = pairs.join(frame, on="thing", how="anti")
        kept = having.filter(pl.col("n") >= pl.col("least")).select("thing", "candidate")
        return pl.concat([free, kept]).sort("thing", "candidate")
