"""Holds what a project is built into: its graph with all parts (`Build`), and the graphs of other sources beside it.

A source graph is a table in `data/external/` with its metadata (CSV on the Web). The metadata's `@id` is the IRI of the
graph; their common properties (title, source, licence, date, credit) describe it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.display import as_html_table
from glocal_rdf.errors import Problem, QueryError
from glocal_rdf.i18n import message
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF_TYPE, WELL_KNOWN, local_name, shorten
from glocal_rdf.project import Project
from glocal_rdf.search.labels import preferred_labels
from glocal_rdf.source_graphs import (
    SourceGraph,
    SourceStatements,
    read_source_graphs,
)
from glocal_rdf.sparql.execution.lease import Lease
from glocal_rdf.sparql.execution.process import TIMEOUT, StoreProcess
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import add_graphs
from glocal_rdf.vocabulary import GLOCAL

if TYPE_CHECKING:
    from glocal_rdf import csvw
    from glocal_rdf.csvw.table_rows import Cell
    from glocal_rdf.location import Location

__all__ = [
    "Build",
    "SourceGraph",
    "SourceStatements",
    "describe_in_source_graphs",
    "find_source_graph",
    "label_terms",
    "read_source_graphs",
]

_FORMER_ATTRIBUTES: Final = {
    "plain": "truthy",
    "asked": "store",
    "sources": "source_graphs",
    "external": "named_graphs",
    "prefixes_for_questions": "query_prefixes",
}


MAX_ORIGINS: Final = 1000
"""From how many triples of a table the cells of a triple pattern are found."""


@dataclass(frozen=True, eq=False, repr=False)
class Build:
    """The graph that a project is built into, with its parts. It never changes.

    What takes long (inferred triples, source graphs, stores to query) is computed when it is first needed, and kept.

    Attributes:
        project: The project that was built.
        conversion: The result of converting its tables, which traces triples back to cells.
        stated: What tables and links state, and the description of the dataset.
        truthy: The statements that are derived from the best-ranked claims, as far as they are not stated already.
        problems: Warnings of the conversion, and of files of the project that are not read.
        timeout: How many seconds one rule may take.
        origins: What triples of expanded claims were made from (`glocal_rdf.claims.expansion`); None where nothing was.
    """

    project: Project
    conversion: csvw.Conversion
    stated: Triples
    truthy: Triples
    problems: tuple[Problem, ...] = ()
    timeout: float = TIMEOUT
    origins: pl.DataFrame | None = None
    _lease: Lease = field(default_factory=Lease, init=False)

    def __repr__(self) -> str:
        return f"<Build of {self.project.name}: {len(self.stated)} triples stated, {len(self.truthy)} derived>"

    def _repr_html_(self) -> str:
        rows = [("triples stated in tables and links", f"{len(self.stated):,}")]
        rows += [("truthy statements derived from claims", f"{len(self.truthy):,}")]
        return as_html_table(("part", "count"), rows, caption=f"Build of {self.project.name}")

    def __getattr__(self, name: str) -> Any:
        """Return an attribute by the name that it had up to version 0.3."""
        today = _FORMER_ATTRIBUTES.get(name)
        if today is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        warnings.warn(f"Build.{name} is called Build.{today} now", DeprecationWarning, stacklevel=2)
        return getattr(self, today)

    @cached_property
    def _known(self) -> Triples:
        """What rules are applied to; nothing that they add is in it."""
        return self.stated.union_disjoint(self.truthy).union(self.project.ontology)

    @cached_property
    def _inference(self) -> tuple[Triples, StoreProcess | None]:
        """The inferred triples, and the store that they were inferred in; None where no rule needs one."""
        if not self.project.rules:
            return Triples.empty(), None
        from glocal_rdf.claims import rules  # noqa: PLC0415 - not needed for a graph in the cache

        return rules.infer_triples(self._known, self.project.rules, timeout=self.timeout)

    @property
    def inferred(self) -> Triples:
        """The triples that the project's rules add.

        Raises:
            InputError: Where a rule cannot be used, with its name.
            QueryError: Where a rule is not SPARQL or takes too long, with its name.
        """
        return self._inference[0]

    @property
    def inference_store(self) -> StoreProcess | None:
        """The store in which rules were applied, which holds `with_ontology`; None where no rule needed one."""
        return self._inference[1]

    @contextmanager
    def lend_store(self) -> Iterator[StoreProcess | None]:
        """Lend the store in which rules were applied to somebody who loads more into it and removes that again.

        None where no rule needed a store, or another thread uses it.
        """
        store = self.inference_store
        with self._lease.lend() as free:
            yield store if free else None

    @contextmanager
    def share_store(self) -> Iterator[StoreProcess]:
        """Lend `store` for queries, by any number of threads; wait until nobody has it from `lend_store`."""
        store = self.store
        with self._lease.share():
            yield store

    @cached_property
    def store(self) -> StoreProcess:
        """A store with `with_ontology` for queries of the default graph (see `share_store`). Never export from it."""
        return self.inference_store or _load_store(self.with_ontology)

    @cached_property
    def dataset_store(self) -> StoreProcess:
        """A store of its own with `with_ontology` and, as named graphs, `named_graphs`, for queries with GRAPH."""
        store = _load_store(self.with_ontology)
        add_graphs(store, self.with_ontology, self.named_graphs)
        return store

    @cached_property
    def triples(self) -> Triples:
        """The whole data graph, without the ontology."""
        return self.stated.union_disjoint(self.truthy, self.inferred)

    @cached_property
    def with_ontology(self) -> Triples:
        """The data graph and the ontology: what is queried and validated."""
        return self._known.union_disjoint(self.inferred)

    @cached_property
    def source_graphs(self) -> tuple[SourceGraph, ...]:
        """The graphs of other sources (`data/external/`), read when they are first needed.

        Raises:
            TableError: Where a table or its description is wrong.
        """
        return read_source_graphs(self.project)

    @property
    def named_graphs(self) -> Mapping[str, Triples]:
        """The graphs of other sources by IRI, each with the description of itself."""
        return {source.iri: source.triples for source in self.source_graphs}

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that people read and write the graph with."""
        return {**WELL_KNOWN, **self._kinds, **self.project.prefixes}

    @cached_property
    def query_prefixes(self) -> dict[str, str]:
        """The prefixes that a query need not declare: `prefixes`, and those that the ontology's files declare.

        Where they differ, the prefixes that the project prefers win over those that its files declare, and these over
        the well-known ones.
        """
        return {**WELL_KNOWN, **self._kinds, **self.project.declared_prefixes}

    @property
    def accounts(self) -> csvw.Accounts:
        """How many rows of all tables, source graphs included, were read, converted and left out."""
        return sum((source.conversion.accounts for source in self.source_graphs), self.conversion.accounts)

    @property
    def defined_terms(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """The terms that the project's ontology defines, and the namespaces that it prefers."""
        return frozenset(self.project.ontology.frame["subject"]), tuple(self.project.prefixes.values())

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """A prefix for each kind of thing (`place:taipei`): the part of its IRI that follows the dataset's space."""
        space = self.project.space
        if not space:
            return {}
        frame = self.stated.union(self.truthy).frame
        start = f"<{space}"
        # Most objects are literals: only those that are things of the dataset are looked at.
        resources = [column.filter(column.str.starts_with(start)) for column in (frame["subject"], frame["object"])]
        pattern = rf"^<{re.escape(space)}([a-z][a-z0-9-]*)/"
        kinds = pl.concat([column.str.extract(pattern).unique() for column in resources]).drop_nulls().unique()
        return {kind: f"{space}{kind}/" for kind in sorted(kinds)}

    def find_cells(self, subject: str | None, predicate: str | None, value: str | None) -> Sequence[Cell | Location]:
        """Return the cells of tables that a triple was made from, or with a subject alone those of its IRI.

        Args:
            subject: A term; None for any.
            predicate: A term; None for any.
            value: A term; None for any.
        """
        from glocal_rdf.csvw import locate  # noqa: PLC0415 - not needed for a graph in the cache

        found = list(locate(self.conversion, subject, predicate, value))
        if predicate is None or self.origins is None:
            return found
        wanted = {"subject": subject, "predicate": predicate, "object": value}
        made = self.origins.filter(*(pl.col(name) == term for name, term in wanted.items() if term is not None))
        for source in made.select("subject", "from_predicate", "from_object").head(MAX_ORIGINS).iter_rows():
            found += locate(self.conversion, *source)
        return list(dict.fromkeys(found))

    def list_cells(self) -> pl.DataFrame:
        """List the cells of all tables with the triples that they make, or that are made from those.

        Returns:
            The columns `subject`, `predicate`, `object`, `row` (the line), `column` (the title) and `file`.
        """
        frames = [rows.index.list_cells().with_columns(file=pl.lit(rows.name)) for rows in self.conversion.tables]
        cells = pl.concat([_empty_cells(), *frames])
        if self.origins is None or not self.origins.height:
            return cells
        sources = cells.select("subject", "row", "column", "file", from_predicate="predicate", from_object="object")
        made = self.origins.join(sources, on=["subject", "from_predicate", "from_object"], maintain_order="left_right")
        return pl.concat([cells, made.select(cells.columns)])

    def counts(self, lang: str = "en") -> dict[str, int]:
        """Count the instances of each class that the tables state, most frequent first, and the triples by part.

        Args:
            lang: The language of the classes' names and of the parts (`en`, `zh-Hant`).

        Returns:
            The counts by name, in the order in which they are printed.
        """
        kinds = self.stated.match(predicate=RDF_TYPE).frame.group_by("object").len()
        labels = label_terms(self.project, lang)
        numbers: dict[str, int] = {}
        for kind, number in kinds.sort("len", "object", descending=[True, False]).iter_rows():
            name = labels.get(kind) or local_name(kind)
            # Two classes of one name, such as those of two vocabularies for organizations, are two numbers.
            numbers[f"{name} ({shorten(kind, self.prefixes)})" if name in numbers else name] = number
        return numbers | {
            message(lang, "triples stated in tables and links"): len(self.stated),
            message(lang, "truthy statements derived from claims"): len(self.truthy),
            message(lang, "triples inferred by rules"): len(self.inferred),
            message(lang, "triples in all"): len(self.triples),
        }


def _empty_cells() -> pl.DataFrame:
    terms = dict.fromkeys(("subject", "predicate", "object"), pl.String())
    return pl.DataFrame(schema={**terms, "row": pl.Int64(), "column": pl.String(), "file": pl.String()})


def label_terms(project: Project, lang: str) -> dict[str, str]:
    """Return the names of the terms of a project's ontology.

    Terms of other vocabularies that the ontology does not name (`rdf:type`, `schema:name`) have the names that the
    bundled ontology gives them.

    Args:
        project: The project.
        lang: The language that is preferred, where a term has names in several.

    Returns:
        The names by term.
    """
    own = preferred_labels(project.ontology, lang)
    bundled = Project.bundled()
    if bundled.root.resolve() == project.root.resolve():
        return own
    reused = preferred_labels(bundled.ontology, lang)
    return {term: name for term, name in reused.items() if not term.startswith(f"<{GLOCAL}")} | own


def _load_store(triples: Triples) -> StoreProcess:
    store = StoreProcess()
    store.load(triples.frame)
    return store


def find_source_graph(built: Build, name: str) -> SourceGraph:
    """Return the source graph with a short name or an IRI.

    Args:
        built: The build.
        name: The short name or the IRI.

    Raises:
        QueryError: Where there is none, with the known names.
    """
    for source in built.source_graphs:
        if name in (source.name, source.iri):
            return source
    known = ", ".join(source.name for source in built.source_graphs) or "none: put its table into data/external/"
    raise QueryError.at("external", f"there is no source {name!r}", f"the project has {known}")


def describe_in_source_graphs(built: Build, thing: str, lang: str = "en") -> tuple[SourceStatements, ...]:
    """Return the statements of other sources about a thing, those of each source with its title and licence.

    Args:
        built: The build whose source graphs are searched.
        thing: The IRI of the thing.
        lang: The language of the sources' titles, where they have one in it.
    """
    found = ((source, source.facts.match(subject=f"<{thing}>").sort()) for source in built.source_graphs)
    return tuple(
        SourceStatements(
            source.iri,
            source.describe("title", lang),
            source.describe("source"),
            source.describe("license"),
            source.describe("issued"),
            tuple((predicate, value) for _, predicate, value in facts),
        )
        for source, facts in found
        if len(facts)
    )
