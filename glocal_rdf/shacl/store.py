"""The data in an Oxigraph store, for SHACL-SPARQL alone: loaded when a query needs it, asked within a time limit.

Literals are seen by a query, and come back, as they are written in the data (`sparql.written`). Focus nodes are led
back by the number that they were loaded with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import polars as pl

from glocal_rdf.shacl.asking import Answers, Asker
from glocal_rdf.shacl.graph import Graph
from glocal_rdf.shacl.names import SUBCLASS
from glocal_rdf.shacl.sparql_scan import Touched
from glocal_rdf.shacl.sparql_text import Query
from glocal_rdf.sparql.process import StoreProcess
from glocal_rdf.triples import Triples

__all__ = ["SHAPES_GRAPH", "Asked", "Asking", "Store"]

SHAPES_GRAPH = "<urn:x-shacl:shapes>"
_THIS, _VALUE, _BOUND = "<urn:x-shacl:this>", "<urn:x-shacl:value>", "<urn:x-shacl:bound>"
_NODES, _NODE = "<urn:x-shacl:nodes>", "<urn:x-shacl:node>"
_FOCUS = "urn:x-shacl:focus:"
_ROW = "urn:x-shacl:row:"
_FRESH = "?rowOfTheFocusGraph"


class Asking(Protocol):
    """What is asked: a query with its prefixes and constants."""

    @property
    def query(self) -> Query:
        """The query."""

    @property
    def prologue(self) -> str:
        """Its prefixes."""

    @property
    def touched(self) -> Touched | None:
        """The triples that it can touch."""

    @property
    def constants(self) -> Mapping[str, str]:
        """Terms that are bound for all focus nodes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer: the focus node by number and as a term, and what the query selected besides."""

    focus: int
    this: str
    values: Mapping[str, str]


class Store:
    """Data, shapes and focus nodes, to be queried."""

    def __init__(
        self,
        data: Triples,
        shapes: Triples,
        ontology: Triples | None,
        time_limit: float,
        store: StoreProcess | None = None,
    ) -> None:
        """Keep what may have to be loaded; nothing is loaded yet, unless there is a store with the data."""
        self._data = data
        self._shapes = shapes
        self._ontology = ontology
        self._asker = Asker(time_limit)
        self._graphs = 0
        self._shapes_loaded = False
        self._loaded: set[str] = set()
        self._given = store
        self._everything = store is not None
        self._marked: list[pl.DataFrame] = []

    @cached_property
    def _store(self) -> StoreProcess:
        if self._given is not None:
            return self._given
        store = StoreProcess()
        if self._ontology is not None:
            store.load(self._ontology.match(predicate=SUBCLASS).frame)
        return store

    def _provide(self, asking: Asking, graph: Graph, focus: pl.Series | None, nodes: pl.Series | None = None) -> None:
        """Load the triples that a query can touch, unless they are there.

        `focus` are all nodes that `$this` can be, and `nodes` those that it may start from, also without a triple.
        """
        self._provide_triples(asking.touched, graph, focus)
        if nodes is not None and asking.query.has_empty_paths:
            # A path without a step leads from each focus node to itself, though no triple speaks of it.
            columns = {"object": graph.text(nodes)}
            marked = pl.DataFrame(columns).select(
                pl.lit(_NODES).alias("subject"), pl.lit(_NODE).alias("node"), "object"
            )
            self._marked.append(marked)
            self._load(marked)

    def _provide_triples(self, touched: Touched | None, graph: Graph, focus: pl.Series | None) -> None:
        if self._everything:
            return
        if touched is None:
            self._load(self._data.frame)
            self._everything = True
            return
        for predicate in sorted(touched.predicates - self._loaded):
            edges = graph.edges(predicate)
            if focus is not None and predicate in touched.about_this:
                edges = edges.keep(graph.bits(focus)[edges.focus])
            else:
                self._loaded.add(predicate)
            columns = {"subject": graph.text(edges.focus), "object": graph.text(edges.value)}
            frame = pl.DataFrame(columns).select("subject", pl.lit(predicate).alias("predicate"), "object")
            self._load(frame)

    def select(self, asking: Asking, graph: Graph, focus: pl.Series, where: str) -> Callable[[], list[Asked]]:
        """Ask a SELECT query for every focus node at once, or one by one where it cuts or counts across them.

        What is given waits for the answers.
        """
        pairs = focus.to_frame("focus")

        def names() -> dict[int, str]:
            return dict(zip(focus, graph.text(focus), strict=True))

        if self._answers_for_all(asking):
            self._provide(asking, graph, focus)
            on_the_way = self._ask(self._bind(asking, graph, None, rows=False), where)

            def by_name() -> list[Asked]:
                answers = on_the_way.wait()
                wanted = {name: number for number, name in names().items()} if answers else {}
                return [Asked(wanted[a["this"]], a["this"], a) for a in answers if a["this"] in wanted]

            return by_name
        self._provide(asking, graph, focus, focus)
        if asking.query.one_by_one:
            texts = [self._bind(asking, graph, part, rows=False) for part in pairs.iter_slices(1)]

            def one_by_one() -> list[Asked]:
                answers = zip(names().items(), self._asker.ask_each(self._store, texts, where), strict=True)
                return [Asked(n, name, {**a, "this": name}) for (n, name), rows in answers for a in rows]

            return one_by_one
        asked = self._ask(self._bind(asking, graph, pairs, rows=True), where)

        def by_row() -> list[Asked]:
            answers = asked.wait()
            known = names() if answers else {}
            found = []
            for answer in answers:
                number = _row_number(answer.pop(_FRESH[1:]))
                found.append(Asked(number, known[number], {**answer, "this": known[number]}))
            return found

        return by_row

    @staticmethod
    def _answers_for_all(asking: Asking) -> bool:
        """Tell whether a query finds its focus nodes by itself: a pattern of its own makes `$this` a subject."""
        query, touched = asking.query, asking.touched
        return touched is not None and touched.required and not query.one_by_one and not query.mentions_this_inside

    def ask(self, asking: Asking, graph: Graph, pairs: pl.DataFrame, where: str) -> pl.DataFrame:
        """Ask an ASK query for every value node; give the pairs (the values, if `$this` plays no part) with a yes."""
        columns = ["focus", "value"] if "this" in asking.query.variables else ["value"]
        asked = pairs.select(columns).unique().with_row_index("row")
        self._provide(asking, graph, None, pl.concat([asked[c].rename("node") for c in columns]).unique())
        text = self._bind(asking, graph, asked, rows=True)
        numbers = [_row_number(answer[_FRESH[1:]]) for answer in self._ask(text, where).wait()]
        good = pl.DataFrame({"row": pl.Series(numbers, dtype=asked["row"].dtype)})
        return asked.join(good, on="row", how="semi").select(columns)

    def _bind(self, asking: Asking, graph: Graph, pairs: pl.DataFrame | None, *, rows: bool) -> str:
        """Put focus nodes (unless there are none) and constants into a graph; give the query that joins with it."""
        pairs = pl.DataFrame() if pairs is None else pairs
        if "shapesGraph" in asking.query.variables and not self._shapes_loaded:
            self._load(self._shapes.frame, SHAPES_GRAPH[1:-1])
            self._shapes_loaded = True
        self._graphs += 1
        name = f"{_FOCUS}{self._graphs}"
        number = pl.col("row") if "row" in pairs.columns else pl.col("focus")
        parts = []
        for column, predicate in (("focus", _THIS), ("value", _VALUE)):
            if column in pairs.columns:
                parts.append(
                    pairs.select(
                        subject=pl.concat_str(pl.lit(f"<{_ROW}"), number.cast(pl.String), pl.lit(">")),
                        predicate=pl.lit(predicate),
                        object=graph.text(pairs[column]),
                    )
                )
        used = {k: v for k, v in asking.constants.items() if k in asking.query.variables}
        parts += [
            pl.DataFrame({"subject": [f"<urn:x-shacl:variable:{k}>"], "predicate": [_BOUND], "object": [v]})
            for k, v in used.items()
        ]
        if parts:
            self._load(pl.concat(parts), name)
        roles = {v: p for c, v, p in (("focus", "this", _THIS), ("value", "value", _VALUE)) if c in pairs.columns}

        def bind(mentioned: Collection[str], row: str = "[]") -> str:
            wanted = [f"{roles[v]} ?{v}" for v in roles if v in mentioned]
            lines = [f"{row} {' ; '.join(wanted)} ."] if wanted else []
            lines += [f"<urn:x-shacl:variable:{k}> {_BOUND} ?{k} ." for k in used if k in mentioned]
            return f"GRAPH <{name}> {{ {' '.join(lines)} }}" if lines else ""

        first = bind({*roles, *used}, _FRESH)
        text = asking.query.rewrite(bind, first, _FRESH if rows else "")
        return asking.prologue + text

    def _load(self, frame: pl.DataFrame, graph: str | None = None) -> None:
        self._asker.load(self._store, frame, graph)

    def _ask(self, text: str, where: str) -> Answers:
        return self._asker.ask(self._store, text, where)

    def close(self) -> None:
        """End the process that was asked, or take out of a store that was given what was put into it."""
        if self._given is None:
            if "_store" in self.__dict__:
                self._store.close()
            return
        for name in [_FOCUS + str(number + 1) for number in range(self._graphs)] + [SHAPES_GRAPH[1:-1]]:
            self._given.unload(name)
        for marked in self._marked:
            self._given.unload(None, marked)


def _row_number(row: str) -> int:
    return int(row.removeprefix(f"<{_ROW}").removesuffix(">"))
