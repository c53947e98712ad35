"""The data in an Oxigraph store, for SHACL-SPARQL alone: loaded when a query needs it, asked within a time limit.

Literals are seen by a query, and come back, as they are written in the data (`sparql.written`). Focus nodes are led
back by the number that they were loaded with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.data_graph import Graph
from glocal_rdf.shacl.sparql.prebinding import Group, Query
from glocal_rdf.shacl.sparql.query_runner import Answers, Asker
from glocal_rdf.shacl.sparql.touched_triples import ABSENT, MARK, Touched
from glocal_rdf.shacl.terms import SUBCLASS
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.sparql.execution.process import StoreProcess

__all__ = ["SHAPES_GRAPH", "Asked", "Asking", "Store"]

SHAPES_GRAPH = "<urn:x-shacl:shapes>"
_THIS, _VALUE, _BOUND = "<urn:x-shacl:this>", "<urn:x-shacl:value>", "<urn:x-shacl:bound>"
_NODES = "<urn:x-shacl:nodes>"
_FOCUS = "urn:x-shacl:focus:"
_ROW = "urn:x-shacl:row:"
_CONSTANT = "urn:x-shacl:variable:"
_EACH = "urn:x-shacl:row-of-the-focus-node"
_AT_ONCE = 500


class Asking(Protocol):
    """What is asked: a query with its prefixes and constants."""

    @property
    def query(self) -> Query:
        """The query."""

    @property
    def prologue(self) -> str:
        """Its prefixes."""

    @property
    def touched(self) -> Touched:
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
        touched: Collection[Touched] = (),
    ) -> None:
        """Keep what may have to be loaded; nothing is loaded yet, unless there is a store with the data.

        `touched` are the triples that all the queries together touch.
        """
        self._data = data
        self._shapes = shapes
        self._ontology = ontology
        self._asker = Asker(time_limit)
        self._limit = time_limit
        self._graphs = 0
        self._shapes_loaded = False
        self._loaded: set[str] = set()
        self._given = store
        self._everything = store is not None
        self._marked: list[pl.DataFrame] = []
        # In a store that holds all data a node is there as a rule, and no mark is needed until one is not.
        self._hide = store is None and any(t.ends for t in touched)
        self._free = any(t.free for t in touched)

    @cached_property
    def _store(self) -> StoreProcess:
        if self._given is not None:
            return self._given
        from glocal_rdf.sparql.execution.process import StoreProcess  # noqa: PLC0415 - only shapes with SPARQL need it

        store = StoreProcess()
        if self._ontology is not None:
            store.load(self._ontology.match(predicate=SUBCLASS).frame)
        return store

    def _provide(self, asking: Asking, graph: Graph, focus: pl.Series | None, nodes: pl.Series | None = None) -> None:
        """Load the triples that a query can touch, unless they are there.

        `focus` are all nodes that `$this` can be, and `nodes` those that it may start from, also without a triple.
        """
        self._provide_triples(asking.touched, graph, focus)
        ends = asking.touched.ends
        marked = [asking.constants[n] for n in asking.constants if f"?{n}" in ends]
        fixed = "".join(f"{_NODES} {MARK} {end} .\n" for end in sorted(ends) if not end.startswith("?"))
        if fixed:
            marked += Triples.parse(fixed, "turtle").frame["object"].to_list()
        terms = pl.Series(marked, dtype=pl.String)
        if self._everything and len(terms):
            terms = terms.filter(~terms.is_in(graph.terms.filter(graph.present).implode()))
        if nodes is not None and not ends.isdisjoint({"?this", "?value"}):
            if self._everything:
                nodes = nodes.filter(~graph.present[nodes])
            terms = pl.concat([terms, graph.text(nodes)])
        if len(terms):
            self._mark(terms.unique())

    def _mark(self, terms: pl.Series) -> None:
        """Let nodes be there, though no triple speaks of them: a path without a step leads from each to itself."""
        if not self._hide:
            # What was asked before knows nothing of marks, and must not see them.
            self._asker.finish()
            self._hide = True
        subject = pl.when(pl.col("object").str.starts_with('"')).then(pl.lit(_NODES)).otherwise(pl.col("object"))
        marked = pl.DataFrame({"object": terms}).select(subject.alias("subject"), pl.lit(MARK).alias("mark"), "object")
        if self._free:
            # Before the marks are there, so that no query sees them without this.
            frame = self._data.frame
            there = terms.is_in(frame["subject"].implode()) | terms.is_in(frame["object"].implode())
            absent = pl.concat([terms.filter(~there), pl.Series([_NODES])])
            self._load(
                pl.DataFrame({"object": absent}).select(pl.lit(_NODES).alias("s"), pl.lit(MARK).alias("p"), "object"),
                ABSENT[1:-1],
            )
        self._marked.append(marked)
        self._load(marked)

    def _provide_triples(self, touched: Touched, graph: Graph, focus: pl.Series | None) -> None:
        if self._everything:
            return
        if touched.predicates is None:
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
        if asking.query.one_by_one({"this"}):
            texts = self._bind_each(asking, graph, pairs.with_row_index("row"))

            def one_by_one() -> list[Asked]:
                answers = zip(names().items(), self._ask_each(texts, where), strict=True)
                return [Asked(n, name, {**a, "this": name}) for (n, name), rows in answers for a in rows]

            return one_by_one
        asked = self._ask(self._bind(asking, graph, pairs, rows=True), where)

        def by_row() -> list[Asked]:
            answers = asked.wait()
            known = names() if answers else {}
            found = []
            for answer in answers:
                number = _row_number(answer.pop(asking.query.row[1:]))
                found.append(Asked(number, known[number], {**answer, "this": known[number]}))
            return found

        return by_row

    @staticmethod
    def _answers_for_all(asking: Asking) -> bool:
        """Tell whether a query finds its focus nodes by itself: a pattern of its own makes `$this` a subject."""
        query, touched = asking.query, asking.touched
        known = touched.predicates is not None
        return known and touched.required and not query.one_by_one({"this"}) and not query.mentions_this_inside

    def ask(self, asking: Asking, graph: Graph, pairs: pl.DataFrame, where: str) -> pl.DataFrame:
        """Ask an ASK query for every value node; give the pairs (the values, if `$this` plays no part) with a yes."""
        columns = ["focus", "value"] if "this" in asking.query.variables else ["value"]
        asked = pairs.select(columns).unique().with_row_index("row")
        self._provide(asking, graph, None, pl.concat([asked[c].rename("node") for c in columns]).unique())
        if asking.query.one_by_one({"this", "value"}):
            texts = self._bind_each(asking, graph, asked)
            numbers = [number for number, answers in enumerate(self._ask_each(texts, where)) if answers]
        else:
            answers = self._ask(self._bind(asking, graph, asked, rows=True), where).wait()
            numbers = [_row_number(answer[asking.query.row[1:]]) for answer in answers]
        good = pl.DataFrame({"row": pl.Series(numbers, dtype=asked["row"].dtype)})
        return asked.join(good, on="row", how="semi").select(columns)

    def _bind(self, asking: Asking, graph: Graph, pairs: pl.DataFrame | None, *, rows: bool) -> str:
        """Put focus nodes (unless there are none) and constants into a graph; give the query that joins with it."""
        if pairs is not None and "row" not in pairs.columns:
            pairs = pairs.with_columns(row=pl.col("focus"))
        name, roles, used = self._put(asking, graph, pairs)

        def bind(group: Group) -> str:
            if group.outermost:
                return _lookup(name, asking.query.row, roles, used)
            if group.in_exists:
                return ""
            mentioned = group.mentions
            constants = [k for k in used if k in mentioned]
            return _lookup(name, "[]", roles if not mentioned.isdisjoint(roles) else {}, constants)

        return self._write(asking, bind, asking.query.row if rows else "")

    def _bind_each(self, asking: Asking, graph: Graph, pairs: pl.DataFrame) -> Iterator[str]:
        """Put focus nodes and constants into a graph; give the query for each of them, all groups joined with it."""
        name, roles, used = self._put(asking, graph, pairs)
        text = self._write(asking, partial(_always, _lookup(name, f"<{_EACH}>", roles, used)), "(1 AS ?yes)")
        return (text.replace(f"<{_EACH}>", f"<{_ROW}{number}>") for number in pairs["row"])

    def _ask_each(self, texts: Iterator[str], where: str) -> Iterator[list[dict[str, str]]]:
        """Ask many queries of one constraint, a part at a time; together they may take about as long as one."""
        end = time.monotonic() + self._limit
        while part := list(islice(texts, _AT_ONCE)):
            yield from self._asker.ask_each(self._store, part, where)
            if time.monotonic() > end:
                raise ShapesError.at(
                    where,
                    f"its query took longer than {self._limit:g} seconds",
                    "make it simpler, or raise the time limit",
                )

    def _put(self, asking: Asking, graph: Graph, pairs: pl.DataFrame | None) -> tuple[str, dict[str, str], list[str]]:
        """Put focus nodes and constants into a new graph; give its name, the predicates by variable, the constants."""
        pairs = pl.DataFrame() if pairs is None else pairs
        if asking.query.asks_graphs and not self._shapes_loaded:
            self._load(self._shapes.frame, SHAPES_GRAPH[1:-1])
            self._shapes_loaded = True
        self._graphs += 1
        name = f"{_FOCUS}{self._graphs}"
        roles = {v: p for c, v, p in (("focus", "this", _THIS), ("value", "value", _VALUE)) if c in pairs.columns}
        parts = [
            pairs.select(
                subject=pl.concat_str(pl.lit(f"<{_ROW}"), pl.col("row").cast(pl.String), pl.lit(">")),
                predicate=pl.lit(predicate),
                object=graph.text(pairs["focus" if variable == "this" else variable]),
            )
            for variable, predicate in roles.items()
        ]
        used = {k: v for k, v in asking.constants.items() if k in asking.query.variables}
        parts += [
            pl.DataFrame({"subject": [f"<{_CONSTANT}{k}>"], "predicate": [_BOUND], "object": [v]})
            for k, v in used.items()
        ]
        if parts:
            self._load(pl.concat(parts), name)
        return name, roles, list(used)

    def _write(self, asking: Asking, bind: Callable[[Group], str], row: str) -> str:
        row = row if asking.query.form == "ASK" or row.startswith("?") else ""
        more = asking.touched.hide if self._hide else ()
        return asking.prologue + asking.query.rewrite(bind, row, SHAPES_GRAPH, more)

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
        for name in [_FOCUS + str(number + 1) for number in range(self._graphs)] + [SHAPES_GRAPH[1:-1], ABSENT[1:-1]]:
            self._given.unload(name)
        for marked in self._marked:
            self._given.unload(None, marked)


def _always(lookup: str, _: Group) -> str:
    return lookup


def _lookup(name: str, row: str, roles: Mapping[str, str], constants: Iterable[str]) -> str:
    """Write the pattern that looks up what is bound beforehand."""
    lines = [f"{row} {' ; '.join(f'{p} ?{v}' for v, p in roles.items())} ."] if roles else []
    lines += [f"<{_CONSTANT}{k}> {_BOUND} ?{k} ." for k in constants]
    return f"GRAPH <{name}> {{ {' '.join(lines)} }}" if lines else ""


def _row_number(row: str) -> int:
    return int(row.removeprefix(f"<{_ROW}").removesuffix(">"))
