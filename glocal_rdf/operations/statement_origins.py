"""Finds where the statements of an answer are stated: a table, a file of links, the ontology, another source."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from glocal_rdf.claims.explanation import SUBJECT
from glocal_rdf.dataset import Build
from glocal_rdf.errors import QueryError
from glocal_rdf.lazy import pl
from glocal_rdf.location import Location
from glocal_rdf.namespaces import Term
from glocal_rdf.operations.provenance import relate_cells, relative_to_here
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.tracing.closures import find_ways
from glocal_rdf.sparql.tracing.solutions import Edge
from glocal_rdf.sssom import list_link_rows
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset
from glocal_rdf.vocabulary import NARROWING, glocal

if TYPE_CHECKING:
    from glocal_rdf.csvw.table_rows import Cell

__all__ = ["AskedGraphs"]

MAX_STEPS = 2
"""How many triples lead from a claim to what is made for it."""

FEW = 200
"""Of how many triples the cells are found one by one."""

_COLUMNS = ("subject", "predicate", "object")


class AskedGraphs:
    """The graphs of what is queried, and where their triples are stated."""

    def __init__(self, source: Build | Triples | Dataset) -> None:
        """Keep the graphs of what is queried."""
        self.built = source if isinstance(source, Build) else None
        if isinstance(source, Build):
            self.default, self.stated = source.with_ontology, source.stated
        else:
            self.default = self.stated = source if isinstance(source, Triples) else source.default
        self._named = source.named if isinstance(source, Dataset) else None
        self._link_rows: dict[tuple[str, ...], Location] | None = None
        self._cells: dict[tuple[str, str, str], list[Location]] | None = None
        self._of_ontology: set[tuple[str, str, str]] | None = None
        self._describing: dict[str, list[str]] | None = None

    @property
    def narrowing(self) -> tuple[Term, ...]:
        """The qualifiers that narrow what a claim says, so that no truthy statement is derived from it."""
        return self.built.project.find_terms(*NARROWING) if self.built else tuple(map(glocal, NARROWING))

    def frame(self, graph: str) -> pl.DataFrame:
        """Return a graph by its term; the default graph has an empty one."""
        if not graph:
            return self.default.frame
        named = self.built.named_graphs if self.built else self._named or {}
        return named[graph[1:-1] if graph.startswith("<") else graph].frame

    def find_ways(
        self, path: tree.Path, graph: str, pairs: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], tuple[Edge, ...]]:
        """Return the edges of a path that repeats, by the nodes that they join.

        Args:
            path: The path.
            graph: The term of the graph; empty for the default graph.
            pairs: Where each way begins and ends.
        """
        found = find_ways(self.frame(graph), path, pairs)
        return {ends: tuple((*edge, graph) for edge in way) for ends, way in found.items()}

    def find_written(self, edges: Iterable[Edge]) -> dict[Edge, Edge]:
        """Return triples as the graph has them: a query may write a language tag in other letters.

        Raises:
            QueryError: Where the graph does not have one.
        """
        by_graph: dict[str, list[Edge]] = {}
        for edge in edges:
            by_graph.setdefault(edge[3], []).append(edge)
        found: dict[Edge, Edge] = {}
        for graph, those in by_graph.items():
            known = _select(self.frame(graph), (edge[:3] for edge in those))
            found |= {edge: edge for edge in those if edge[:3] in known}
            for edge in those:
                if edge in found:
                    continue
                same = self.frame(graph).filter(subject=edge[0], predicate=edge[1])["object"]
                text, _, tag = edge[2].rpartition('"@')
                term = next(
                    (one for one in same if tag and one.lower() == edge[2].lower() and one[: len(text)] == text), ""
                )
                if not term:
                    raise QueryError.at(
                        "query", f"{' '.join(edge[:3])[:300]} cannot be found again", "simplify the query"
                    )
                found[edge] = (edge[0], edge[1], term, graph)
        return found

    def select_inferred(self, triples: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
        """Return those of some triples that rules inferred."""
        return _select(self.built.inferred.frame, triples) if self.built else set()

    def locate(self, edge: Edge) -> tuple[str, tuple[str, ...]]:
        """Return the origin of a triple that no claim states and no rule inferred, and its places."""
        subject, predicate, value, graph = edge
        if self.built is None:
            return "file", ()
        if graph:
            sources = [one for one in self.built.source_graphs if f"<{one.iri}>" == graph]
            cells = relate_cells(cell for one in sources for cell in one.find_cells(subject, predicate, value))
            return "source", tuple(map(str, cells)) or tuple(relative_to_here(one.file) for one in sources)
        if cells := relate_cells(self._find_cells(subject, predicate, value)):
            return "table", tuple(map(str, cells))
        if place := self._link_places().get(edge[:3]) or self._link_places().get((subject,)):
            return "links", (str(place),)
        known = self.built.project.ontology if self._of_ontology is None else self._of_ontology
        if edge[:3] in known:
            return "ontology", ("ontology/",)
        if self.find_describing_claims(subject):
            return "derived", ()
        return "description", (relative_to_here(self.built.project.metadata),)

    def gather(self, edges: Collection[Edge]) -> None:
        """Find where many triples are from at once; of few it is faster to look for each."""
        if self.built is None or len(edges) < FEW:
            return
        self._of_ontology = _select(self.built.project.ontology.frame, (edge[:3] for edge in edges))
        frame = self.stated.frame
        claims = frame.filter(pl.col("predicate") == SUBJECT)["subject"].unique()
        links = frame.select("subject", "object").unique().filter(pl.col("object").str.starts_with("<"))
        direct = _gather(links.filter(pl.col("subject").is_in(claims.implode())))
        near = _gather(links.filter(pl.col("object").is_in({edge[0] for edge in edges})))
        self._describing = {
            thing: direct.get(thing) or sorted({claim for one in those for claim in direct.get(one, ())})
            for thing, those in near.items()
        }
        wanted = _frame(edge[:3] for edge in edges if not edge[3]).unique()
        found = self.built.list_cells().join(wanted, on=_COLUMNS, how="semi", maintain_order="left")
        self._cells = {}
        for *triple, file, row, column in found.select(*_COLUMNS, "file", "row", "column").iter_rows():
            self._cells.setdefault((triple[0], triple[1], triple[2]), []).append(Location(file, row, column))

    def _find_cells(self, subject: str, predicate: str, value: str) -> Sequence[Cell | Location]:
        if self._cells is not None:
            return self._cells.get((subject, predicate, value), [])
        return self.built.find_cells(subject, predicate, value) if self.built else []

    def find_describing_claims(self, thing: str) -> list[str]:
        """Find the claims that a build made a thing for: a membership's interval, and the instants of that."""
        if self._describing is not None:
            return self._describing.get(thing, [])
        frame = self.stated.frame
        about = pl.Series([thing])
        for _ in range(MAX_STEPS):
            about = frame.filter(pl.col("object").is_in(about.implode()))["subject"].unique()
            claims = frame.filter(pl.col("subject").is_in(about.implode()), pl.col("predicate") == SUBJECT)["subject"]
            if len(claims):
                return sorted(claims.unique())
        return []

    def _link_places(self) -> dict[tuple[str, ...], Location]:
        """Return the rows of files of links, by their triple and by the mapping that describes it."""
        if self._link_rows is None:
            self._link_rows = {}
            for file in self.built.project.link_files if self.built else ():
                name = relative_to_here(file)
                for line, mapping, *link in list_link_rows(file).iter_rows():
                    self._link_rows |= {tuple(link): Location(name, line), (mapping,): Location(name, line)}
        return self._link_rows


def _frame(triples: Iterable[tuple[str, ...]]) -> pl.DataFrame:
    """Return triples as a table, whose columns are of text where there are none too."""
    return pl.DataFrame(list(triples), schema=dict.fromkeys(_COLUMNS, pl.String()), orient="row")


def _select(frame: pl.DataFrame, triples: Iterable[tuple[str, ...]]) -> set[tuple[str, str, str]]:
    """Return those of some triples that a graph has."""
    return set(_frame(triples).join(frame.select(_COLUMNS), on=_COLUMNS, how="semi").iter_rows())


def _gather(links: pl.DataFrame) -> dict[str, list[str]]:
    """Return the subjects by object, sorted."""
    found: dict[str, list[str]] = {}
    for subject, value in links.sort("object", "subject").iter_rows():
        found.setdefault(value, []).append(subject)
    return found
