"""A build that is kept in the cache: written once, and read part by part as it is needed.

An entry has the files `build.json` (what it was made of, and all that is not triples) and `graph.arrow` (the triples of
all parts, one after the other). Parts that not every command needs are added when one does: `store` (the graph in a
store, to be queried) and `cells` (the cells that each triple was made from). Whatever cannot be read any more is made
again from the project, and its entry is removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from glocal_rdf.cache.files import DamagedError, check_files, list_files, read_frame, read_json, write_frame, write_json
from glocal_rdf.dataset import Build
from glocal_rdf.errors import Problem
from glocal_rdf.lazy import pl
from glocal_rdf.location import Location
from glocal_rdf.source_graphs import SourceGraph
from glocal_rdf.sparql.execution.lease import Lease
from glocal_rdf.sparql.execution.process import TIMEOUT, StoreProcess
from glocal_rdf.sparql.literals.forms import forms_from_json, forms_to_json
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import add_graphs

if TYPE_CHECKING:
    from glocal_rdf import csvw
    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.csvw.table_rows import Cell
    from glocal_rdf.project import Project

__all__ = ["KeptBuild", "Part", "describe_build", "write_graph", "write_part"]

Part = Literal["store", "cells"]
"""What is kept of a build only when a command needs it."""

GRAPH: Final = "graph.arrow"
CELLS: Final = "cells.arrow"
FORMS: Final = "forms.json"
STORE: Final = "graph"


class KeptBuild(Build):
    """A build that is read from an entry of the cache; each part when it is first needed."""

    def __init__(
        self, project: Project, entry: Path, record: Mapping[str, Any], cache: Cache, timeout: float = TIMEOUT
    ) -> None:
        """Take the parts that are not triples from the record of the entry.

        Raises:
            DamagedError: Where it is damaged or missing.
        """
        try:
            problems = tuple(Problem(**problem) for problem in record["problems"])
            lengths = [int(length) for length in record["lengths"]]
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedError(str(entry)) from error
        known = {"project": project, "timeout": timeout, "problems": problems}
        known |= {"_lease": Lease(), "_entry": entry, "_record": record, "_cache": cache, "_lengths": lengths}
        for name, value in known.items():
            object.__setattr__(self, name, value)

    _entry: Path
    _record: Mapping[str, Any]
    _cache: Cache
    _lengths: list[int]

    @property
    def entry(self) -> Path:
        """The folder of the entry."""
        return self._entry

    @property
    def record(self) -> Mapping[str, Any]:
        """All that the entry has and that is not triples."""
        return self._record

    @cached_property
    def _made_again(self) -> Build:
        """The build, made from the project, where the entry is damaged."""
        from glocal_rdf.operations import build as building  # noqa: PLC0415 - seldom needed

        self._cache.discard(self._entry)
        return building.build(self.project, timeout=self.timeout)

    @cached_property
    def _frames(self) -> tuple[pl.DataFrame, ...] | None:
        """The triples by part: stated, truthy, of the ontology, inferred, then those of each source graph."""
        try:
            whole = read_frame(self._entry / GRAPH)
            if whole.height != sum(self._lengths):
                raise DamagedError(str(self._entry))
        except DamagedError:
            return None
        starts = [sum(self._lengths[:at]) for at in range(len(self._lengths))]
        return tuple(whole.slice(start, length) for start, length in zip(starts, self._lengths, strict=True))

    def _part(self, at: int) -> Triples | None:
        return None if self._frames is None else Triples.from_distinct(self._frames[at])

    @cached_property
    def stated(self) -> Triples:
        """What tables and links state, and the description of the dataset."""
        found = self._part(0)
        return self._made_again.stated if found is None else found

    @cached_property
    def truthy(self) -> Triples:
        """The statements that are derived from the best-ranked claims, as far as they are not stated already."""
        found = self._part(1)
        return self._made_again.truthy if found is None else found

    @cached_property
    def _known(self) -> Triples:
        if self._frames is None:
            return self._made_again._known
        return Triples.from_distinct(pl.concat(self._frames[:3]))

    @cached_property
    def _inference(self) -> tuple[Triples, StoreProcess | None]:
        found = self._part(3)
        return self._made_again._inference if found is None else (found, None)

    @cached_property
    def conversion(self) -> csvw.Conversion:
        """The result of converting the tables, which are converted again: results of validation are traced by it."""
        return self._tables[0]

    @cached_property
    def origins(self) -> pl.DataFrame | None:
        """What triples of expanded claims were made from."""
        return self._tables[1]

    @cached_property
    def _tables(self) -> tuple[csvw.Conversion, pl.DataFrame]:
        from glocal_rdf.operations import build as building  # noqa: PLC0415 - seldom needed

        return building.read_tables(self.project)

    @cached_property
    def source_graphs(self) -> tuple[SourceGraph, ...]:
        """The graphs of other sources."""
        frames = self._frames
        if frames is None:
            return self._made_again.source_graphs
        records = self._record["sources"]
        return tuple(
            KeptSourceGraph(self.project, record, frames[at], frames[at + 1])
            for at, record in zip(range(4, len(frames), 2), records, strict=True)
        )

    @property
    def named_graphs(self) -> Mapping[str, Triples]:
        """The graphs of other sources by IRI, each with the description of itself, read when it is needed."""
        return _NamedGraphs(self, [source["iri"] for source in self._record["sources"]])

    @property
    def has_store(self) -> bool:
        """Whether the store is kept too."""
        return (self._entry / "store").is_dir()

    @cached_property
    def store(self) -> StoreProcess:
        """A store with `with_ontology` for queries of the default graph."""
        return self._open_store("default", lambda: _load(self.with_ontology))

    @cached_property
    def dataset_store(self) -> StoreProcess:
        """A store with `with_ontology` and the named graphs, for queries with GRAPH."""

        def load() -> StoreProcess:
            store = _load(self.with_ontology)
            add_graphs(store, self.with_ontology, self.named_graphs)
            return store

        return self._open_store("all", load)

    def _open_store(self, graphs: str, load: Any) -> StoreProcess:
        from glocal_rdf.sparql.execution.stored import StoredGraph  # noqa: PLC0415 - needs threads

        folder = self._entry / "store"
        if not folder.is_dir():
            return load()  # type: ignore[no-any-return]

        def load_again() -> StoreProcess:
            self._cache.discard(self._entry)
            return load()  # type: ignore[no-any-return]

        try:
            record = read_json(folder / FORMS)
            check_files(folder / STORE, record["files"])
            return StoredGraph(folder / STORE, forms_from_json(record["forms"][graphs]), load_again)
        except (DamagedError, KeyError, TypeError, ValueError):
            return load_again()

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that people read and write the graph with."""
        return dict(self._record["prefixes"])

    @property
    def query_prefixes(self) -> dict[str, str]:
        """The prefixes that a query need not declare."""
        return dict(self._record["query_prefixes"])

    @property
    def defined_terms(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """The terms that the project's ontology defines, and the namespaces that it prefers."""
        terms, namespaces = self._record["defined_terms"]
        return frozenset(terms), tuple(namespaces)

    @property
    def accounts(self) -> csvw.Accounts:
        """How many rows of all tables, source graphs included, were read, converted and left out."""
        from glocal_rdf.csvw.accounts import Accounts, TableAccount  # noqa: PLC0415 - only `build` needs them

        record = self._record["accounts"]
        tables = tuple(TableAccount(**table) for table in record["tables"])
        return Accounts(tables, tuple(record["sheets_not_read"]))

    @cached_property
    def _cells(self) -> pl.DataFrame | None:
        try:
            return read_frame(self._entry / "cells" / CELLS)
        except DamagedError:
            return None

    def find_cells(self, subject: str | None, predicate: str | None, value: str | None) -> Sequence[Cell | Location]:
        """Return the cells of tables that a triple was made from, or with a subject alone those of its IRI.

        Args:
            subject: A term; None for any.
            predicate: A term; None for any.
            value: A term; None for any.
        """
        if subject is None or predicate is None or value is None or self._cells is None:
            return super().find_cells(subject, predicate, value)
        triple = (pl.col("subject") == subject, pl.col("predicate") == predicate, pl.col("object") == value)
        found = self._cells.filter(*triple).select("file", "row", "column")
        return [Location(file, row, column) for file, row, column in found.iter_rows()]

    def list_cells(self) -> pl.DataFrame:
        """List the cells of all tables with the triples that they make, as they were kept."""
        return super().list_cells() if self._cells is None else self._cells


class KeptSourceGraph(SourceGraph):
    """A source graph that is read from an entry of the cache."""

    def __init__(self, project: Project, record: Mapping[str, Any], about: pl.DataFrame, facts: pl.DataFrame) -> None:
        """Keep the parts."""
        known = {"file": Path(record["file"]), "iri": record["iri"], "about": Triples.from_distinct(about)}
        known |= {"_project": project, "_facts": Triples.from_distinct(facts), "_problems": record["problems"]}
        for name, value in known.items():
            object.__setattr__(self, name, value)

    _project: Project
    _facts: Triples
    _problems: list[dict[str, Any]]

    @property
    def facts(self) -> Triples:
        """The statements of the source about the project's things, without the description of the graph."""
        return self._facts

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The warnings of the conversion of its table."""
        return tuple(Problem(**problem) for problem in self._problems)

    @cached_property
    def conversion(self) -> csvw.Conversion:
        """The result of converting its table, which is converted again: results of validation are traced by it."""
        from glocal_rdf import csvw  # noqa: PLC0415 - seldom needed

        return csvw.convert(self.file, prefixes=self._project.declared_prefixes)


class _NamedGraphs(Mapping[str, Triples]):
    """The source graphs of a build by IRI; their names are known before they are read."""

    def __init__(self, built: KeptBuild, names: list[str]) -> None:
        self._built = built
        self._names = names

    def __getitem__(self, name: str) -> Triples:
        return next(source.triples for source in self._built.source_graphs if source.iri == name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def _load(triples: Triples) -> StoreProcess:
    store = StoreProcess()
    store.load(triples.frame)
    return store


def describe_build(built: Build) -> dict[str, Any]:
    """Return all of a build that is not triples, as a JSON object; `write_graph` writes the rest."""
    terms, namespaces = built.defined_terms
    return {
        "problems": [asdict(problem) for problem in built.problems],
        "lengths": [frame.height for frame in _list_frames(built)],
        "sources": [
            {
                "file": str(source.file),
                "iri": source.iri,
                "problems": [asdict(problem) for problem in source.problems],
            }
            for source in built.source_graphs
        ],
        "prefixes": built.prefixes,
        "query_prefixes": built.query_prefixes,
        "defined_terms": [sorted(terms), list(namespaces)],
        "accounts": asdict(built.accounts),
    }


def _list_frames(built: Build) -> list[pl.DataFrame]:
    """List the triples of a build by part, as `KeptBuild` reads them."""
    stated, truthy = built.stated.frame, built.truthy.frame
    known = built._known.frame
    parts = [stated, truthy, known.slice(stated.height + truthy.height), built.inferred.frame]
    for source in built.source_graphs:
        parts += [source.about.distinct().frame, source.facts.distinct().frame]
    return parts


def write_graph(built: Build, folder: Path) -> None:
    """Write the triples of a build into a folder.

    Raises:
        OSError: Where it cannot be written.
    """
    write_frame(folder / GRAPH, pl.concat(_list_frames(built)))


def write_part(built: Build, part: Part, folder: Path) -> None:
    """Write a part of a build into a folder.

    Args:
        built: The build.
        part: The part.
        folder: An empty folder.

    Raises:
        OSError: Where it cannot be written.
    """
    if part == "cells":
        write_frame(folder / CELLS, built.list_cells())
        return
    from glocal_rdf.sparql.execution.stored import StoreWriter  # noqa: PLC0415 - needs threads

    (folder / STORE).mkdir(mode=0o700)
    with StoreWriter(folder / STORE) as store:
        store.load(built.with_ontology.frame)
        forms = {"default": forms_to_json(store.forms)}
        add_graphs(store, built.with_ontology, built.named_graphs)
        forms["all"] = forms_to_json(store.forms)
        store.finish()
    write_json(folder / FORMS, {"forms": forms, "files": list_files(folder / STORE)})
