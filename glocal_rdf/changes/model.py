"""What has changed between two versions of a project or of any RDF, as values that packages exchange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import polars as pl

from glocal_rdf.display import as_html_table
from glocal_rdf.errors import Problem
from glocal_rdf.triples import Triples

__all__ = ["CHANGE_SCHEMA", "Changes", "GraphChanges", "GraphVersion", "Part", "Rename", "RuleChange", "Status"]

Part = Literal["data", "graph", "ontology", "shapes"]
Status = Literal["new", "removed", "changed"]

CHANGE_SCHEMA: Final = pl.Schema(
    {
        "thing": pl.String(),
        "status": pl.String(),
        "node": pl.String(),
        "path": pl.List(pl.String()),
        "property": pl.String(),
        "old": pl.String(),
        "new": pl.String(),
        "same_value": pl.Boolean(),
    }
)
"""The columns of changes, one a row; all but `status`, `path` and `same_value` are terms in N-Triples syntax.

- `thing`: what the change is about, by its IRI in the new version.
- `status`: whether the thing is `new`, `removed` or `changed`.
- `node`: the subject of the statement: the thing itself, or a blank node that belongs to it.
- `path`: the properties that lead from the thing to that blank node; empty for the thing itself.
- `property`: the predicate of the statement.
- `old`, `new`: its object before and after; null where the statement was added or removed.
- `same_value`: whether both are literals of the same value that are written in different ways.
"""


@dataclass(frozen=True)
class Rename:
    """A thing that has the statements of another one and is in its place.

    Attributes:
        old: The term of its former IRI.
        new: The term of its IRI.
        exact: Whether all its statements are the same; without that most of them and its names are.
        triples: How many triples differ in nothing but this IRI (or in IRIs of other things that were renamed).
    """

    old: str
    new: str
    exact: bool
    triples: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class GraphVersion:
    """One version of a dataset.

    Attributes:
        name: What people call it: a file, a version, a revision.
        data: The graph; of a file with named graphs the default graph.
        named: The named graphs by IRI; of a project those of other sources.
        ontology: The ontology of a project; None where it is not part of this version.
        shapes: The shapes graph of a project; None where it is not part of this version.
        rules: The texts of the rules of a project by name; None where they are not part of this version.
        inferred: The triples of `data` that rules inferred; None where that is not known.
        prefixes: The prefixes that people read and write the graph with.
        problems: Warnings of reading or building this version.
        released: The term of the dataset whose version a release states; empty for what is not a release.
        triples: How many triples the version has, where only those that matter for a comparison are here.
    """

    name: str
    data: Triples
    named: Mapping[str, Triples] = field(default_factory=dict)
    ontology: Triples | None = None
    shapes: Triples | None = None
    rules: Mapping[str, str] | None = None
    inferred: Triples | None = None
    prefixes: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    released: str = ""
    triples: int | None = None

    def __len__(self) -> int:
        if self.triples is not None:
            return self.triples
        return len(self.data) + sum(map(len, self.named.values()))

    def __repr__(self) -> str:
        return f"<GraphVersion {self.name}: {len(self)} triples>"


@dataclass(frozen=True, eq=False, repr=False)
class GraphChanges:
    """The changes of one graph.

    Attributes:
        part: Which part of the dataset the graph is.
        graph: The IRI of a named graph; empty for others.
        added: The triples that the new version has and the old one has not. Blank nodes have the labels that they have
            in the old version, and new ones have labels that the old version does not have.
        removed: The triples that the old version has and the new one has not, with the labels of the old version.
        renames: The things that have another IRI.
        changes: The changes in words, one a row (`CHANGE_SCHEMA`), but for what the renames explain and for inferred
            triples.
        inferred: How many of the triples that were added, and of those that were removed, rules inferred.
        old_nodes: The triples of the old version about the blank nodes of the changes.
        new_nodes: The triples of the new version about the blank nodes of the changes.
    """

    part: Part
    graph: str
    added: Triples
    removed: Triples
    renames: tuple[Rename, ...] = ()
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGE_SCHEMA))
    inferred: tuple[int, int] = (0, 0)
    old_nodes: Triples = field(default_factory=Triples.empty)
    new_nodes: Triples = field(default_factory=Triples.empty)

    def __bool__(self) -> bool:
        return bool(len(self.added) or len(self.removed))

    def __repr__(self) -> str:
        return f"<GraphChanges of {self.graph or self.part}: {len(self.added)} added, {len(self.removed)} removed>"

    def list_things(self, status: Status) -> list[str]:
        """List the things of a status, by their terms, sorted."""
        return self.changes.filter(pl.col("status") == status)["thing"].unique().sort().to_list()


@dataclass(frozen=True)
class RuleChange:
    """A rule (a CONSTRUCT query) that is new, removed or changed."""

    name: str
    status: Status


@dataclass(frozen=True, eq=False, repr=False)
class Changes:
    """What has changed from one version to another; true where anything has.

    Attributes:
        old: The old version.
        new: The new version.
        graphs: The changes of each graph that has any: the data first, then named graphs, ontology and shapes.
        rules: The rules that have changed.
        not_compared: The parts that only one of the versions has, because the other is a file or a bare graph; and
            `version`, where what a release states about its version was left out.

    Examples:
        >>> from glocal_rdf import Triples, diff
        >>> old, new = (Triples.from_terms([("<urn:a>", "<urn:p>", f'"{n}"')]) for n in (1, 2))
        >>> bool(diff(old, new)), bool(diff(old, old))
        (True, False)
    """

    old: GraphVersion
    new: GraphVersion
    graphs: tuple[GraphChanges, ...]
    rules: tuple[RuleChange, ...] = ()
    not_compared: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.graphs or self.rules)

    def __iter__(self) -> Iterator[GraphChanges]:
        return iter(self.graphs)

    def __repr__(self) -> str:
        return f"<Changes from {self.old.name} to {self.new.name}: {self.added} triples added, {self.removed} removed>"

    def _repr_html_(self) -> str:
        rows = [(graph.graph or graph.part, f"{len(graph.added):,}", f"{len(graph.removed):,}") for graph in self]
        return as_html_table(("graph", "added", "removed"), rows, f"From {self.old.name} to {self.new.name}")

    @property
    def added(self) -> int:
        """How many triples were added, in all graphs."""
        return sum(len(graph.added) for graph in self.graphs)

    @property
    def removed(self) -> int:
        """How many triples were removed, in all graphs."""
        return sum(len(graph.removed) for graph in self.graphs)

    def find(self, part: Part, graph: str = "") -> GraphChanges | None:
        """Return the changes of one graph, or None where it has none."""
        return next((one for one in self.graphs if (one.part, one.graph) == (part, graph)), None)

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes of both versions, those of the new one first."""
        merged: dict[str, Any] = {**self.old.prefixes, **self.new.prefixes}
        return merged
