"""The part of the server that answers SPARQL: the store of a build or of a file, and its routes.

The store is a folder that several processes open to read. One that the cache has is taken from there: a second name for
each of its files keeps them, whatever becomes of the entry. Anything else is written into a folder of its own.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf.cache.held import name_again
from glocal_rdf.dataset import Build
from glocal_rdf.errors import OutputError
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF_TYPE, WELL_KNOWN
from glocal_rdf.operations.kept_build import KeptBuild
from glocal_rdf.operations.stored_source import StoredDataset
from glocal_rdf.serve.sparql.pool import StorePool
from glocal_rdf.serve.sparql.store import GraphCounts
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.sparql.execution.stored import StoredGraph, StoreWriter
from glocal_rdf.temporary import HeldFolder
from glocal_rdf.triples.datasets import Dataset, add_graphs

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from glocal_rdf.serve.parts import Limits, Serving
    from glocal_rdf.sparql.literals.forms import Forms
    from glocal_rdf.triples import Triples

__all__ = ["make_routes", "open_store"]


def make_routes(serving: Serving) -> Sequence[BaseRoute]:
    """Return the routes of `/sparql` and `/graphs`.

    Args:
        serving: What the part is given.
    """
    from glocal_rdf.serve.sparql.routes import make_sparql_routes  # noqa: PLC0415 - needs the extra `serve`

    return make_sparql_routes(serving)


def open_store(source: Build | Dataset, limits: Limits) -> StorePool:
    """Open the store of what is served, for queries of many clients at once.

    Args:
        source: A build, whose default graph has its data and its ontology, and whose named graphs are those of other
            sources; or a file with its graphs.
        limits: What queries may take.

    Raises:
        OutputError: Where the store cannot be written.
    """
    named: Mapping[str, Triples]
    store: StoreProcess | None = None
    if isinstance(source, Build):
        named, prefixes = source.named_graphs, source.query_prefixes
        if isinstance(source, KeptBuild) and source.has_store:
            store = source.dataset_store
    else:
        named, prefixes = source.named, {**WELL_KNOWN, **source.prefixes}
        store = source.store if isinstance(source, StoredDataset) else None

    def read_default() -> Triples:
        return source.with_ontology if isinstance(source, Build) else source.default

    names = [name for name in named if not name.startswith("_:")]

    def count() -> Sequence[GraphCounts]:
        return [_count_graph(None, read_default()), *(_count_graph(name, named[name]) for name in names)]

    folder = _make_folder()
    try:
        forms = store.forms if isinstance(store, StoredGraph) and name_again(store.folder, folder.path) else None
        forms = forms or _write(read_default(), named, folder.path)
        pool = StorePool(folder.path, forms, graphs=names, prefixes=prefixes, limits=limits, count=count)
    except OSError as error:
        folder.cleanup()
        raise _refuse(error) from error
    except BaseException:
        folder.cleanup()
        raise
    weakref.finalize(pool, folder.cleanup)
    return pool


def _make_folder() -> HeldFolder:
    try:
        return HeldFolder("glocal-store-")
    except OSError as error:
        raise _refuse(error) from error


def _refuse(error: OSError) -> OutputError:
    what = f"the store cannot be written: {error.strerror or error}"
    return OutputError.at(tempfile.gettempdir(), what, "make room, or name another folder with TMPDIR")


def _write(default: Triples, named: Mapping[str, Triples], folder: Path) -> Forms:
    with StoreWriter(folder) as store:
        store.load(default.frame)
        add_graphs(store, default, named)
        store.finish()
        return store.forms


def _count_graph(iri: str | None, triples: Triples) -> GraphCounts:
    frame = triples.frame
    classes = frame.filter((pl.col("predicate") == RDF_TYPE) & pl.col("object").str.starts_with("<"))
    return GraphCounts(
        iri=iri,
        triples=frame.height,
        subjects=frame["subject"].n_unique(),
        objects=frame["object"].n_unique(),
        properties=_tally(frame["predicate"]),
        classes=_tally(classes["object"]),
    )


def _tally(column: pl.Series) -> dict[str, int]:
    return {term[1:-1]: number for term, number in column.value_counts(name="number").iter_rows()}
