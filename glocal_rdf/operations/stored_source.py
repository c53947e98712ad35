"""Opens a large file of RDF as a store that is kept in the cache, for the next query of the same content.

The file is written straight into the store: canonical N-Triples block by block, so that it is never in memory as a
whole; other formats when they are parsed. Small files are loaded into memory each time, which takes no longer than to
look into the cache.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.cache.files import DamagedError, check_files, list_files, read_json, write_json
from glocal_rdf.cache.held import hold
from glocal_rdf.cache.inputs import FileState, InputReader
from glocal_rdf.cache.program import name_program
from glocal_rdf.errors import OutputError, ReadWarning
from glocal_rdf.files import read_lines
from glocal_rdf.sparql.execution.process import StoreProcess
from glocal_rdf.sparql.execution.stored import StoredGraph, StoreWriter
from glocal_rdf.sparql.literals.forms import forms_from_json, forms_to_json
from glocal_rdf.temporary import HeldFolder
from glocal_rdf.triples.datasets import Dataset, add_graphs

if TYPE_CHECKING:
    from glocal_rdf.cache.folder import Cache
    from glocal_rdf.sparql.literals.forms import Forms
    from glocal_rdf.triples import Triples

__all__ = ["StoredDataset", "StoredFile", "hold_file", "open_dataset", "store_file"]

KIND: Final = "sources"
RECORD: Final = "source.json"
STORE: Final = "graph"
FORMAT: Final = "1"

SMALLEST: Final = 4 << 20
"""How many bytes a file has at least that is kept as a store."""

LARGEST: Final = 1 << 30
"""How many bytes it has at most: the store takes about as many again."""

BLOCK: Final = 60 << 20
"""How many bytes of N-Triples are written at once."""


_TRIES: Final = 3
"""How often an entry is looked for that is removed in the same moment."""


class StoredDataset(Dataset):
    """A dataset of which the store is kept in the cache; the file is read where more than the store is needed."""

    def __init__(self, path: Path, entry: Path, record: Mapping[str, Any], cache: Cache | None) -> None:
        """Keep what is needed.

        Raises:
            DamagedError: Where the entry is not as it was written.
        """
        store = entry / STORE
        try:
            check_files(store, record["files"])
            forms = forms_from_json(record["forms"])
            prefixes, names = dict(record["prefixes"]), list(map(str, record["graphs"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedError(str(entry)) from error

        def load_again() -> StoreProcess:
            if cache is not None:
                cache.discard(entry)
            return load_dataset(self._whole)

        known = {"_path": path, "_names": names, "prefixes": prefixes, "entry": entry, "forms": forms}
        known["store"] = StoredGraph(store, forms, load_again)
        for name, value in known.items():
            object.__setattr__(self, name, value)

    _path: Path
    _names: list[str]
    entry: Path
    """The folder of the entry."""
    forms: Forms
    """The forms of its literals."""
    store: StoredGraph
    """The store, with all graphs."""

    @cached_property
    def _whole(self) -> Dataset:
        return _read(self._path)

    @cached_property
    def default(self) -> Triples:
        """The default graph."""
        return self._whole.default

    @cached_property
    def named(self) -> Mapping[str, Triples]:
        """The named graphs."""
        return _NamedGraphs(self, self._names)


class _NamedGraphs(Mapping[str, "Triples"]):
    """The graphs of a dataset by name; their names are known before they are read."""

    def __init__(self, dataset: StoredDataset, names: list[str]) -> None:
        self._dataset = dataset
        self._names = names

    def __getitem__(self, name: str) -> Triples:
        return self._dataset._whole.named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def open_dataset(path: Path, cache: Cache | None = None) -> Dataset:
    """Open a file of RDF to query it.

    Args:
        path: The file; relative IRIs in it are resolved against its own address.
        cache: Where the store of a large file is kept.

    Raises:
        InputError: Where the file cannot be read.
    """
    try:
        size = path.stat().st_size if path.is_file() else 0
    except (OSError, ValueError):
        size = 0
    if cache is None or not SMALLEST <= size <= LARGEST:
        return _read(path)
    key = _key(path)
    found = _find(path, cache, key)
    if found is not None:
        return found
    state = InputReader().read_file(str(path))
    with warnings.catch_warnings(record=True) as caught:
        entry = cache.put(KIND, key, state.digest, lambda folder: _write(path, state, folder)) if state.stamp else None
    for warning in caught:
        warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)
    if entry is not None and any(issubclass(warning.category, ReadWarning) for warning in caught):
        cache.discard(entry)  # Its warnings must be shown each time that it is read.
        entry = None
    found = _find(path, cache, key) if entry else None
    # A dataset without triples is false.
    return _read(path) if found is None else found


@dataclass(frozen=True, eq=False)
class StoredFile:
    """A file of RDF as a store in a folder, to be opened by any number of processes.

    Attributes:
        folder: The folder of the store.
        forms: The forms of its literals.
        graphs: The names of its named graphs.
        prefixes: The namespaces by prefix that the file declares.
        digest: What tells the content of the file from any other.
        temporary: What goes with this: a folder where the store could not be kept in the cache, or the second names of
            its files.
    """

    folder: Path
    forms: Forms
    graphs: tuple[str, ...]
    prefixes: Mapping[str, str]
    digest: str
    temporary: HeldFolder | None = None

    def close(self) -> None:
        """Remove what is not kept."""
        if self.temporary is not None:
            self.temporary.cleanup()


def store_file(path: Path, cache: Cache | None = None) -> StoredFile:
    """Write a file of RDF of any size into a store, unless the cache has it; nothing of it stays in memory.

    Args:
        path: The file; relative IRIs in it are resolved against its own address.
        cache: Where the store is kept; without it, and where it cannot be written there, it is in a temporary folder.

    Raises:
        InputError: Where the file cannot be read.
        OutputError: Where the store cannot be written anywhere.
    """
    key = _key(path)
    found = _find(path, cache, key) if cache else None
    if found is None and cache is not None:
        state = InputReader().read_file(str(path))
        if state.stamp:
            cache.put(KIND, key, state.digest, lambda folder: _write(path, state, folder))
        found = _find(path, cache, key)
    if found is not None:
        return _describe_stored(found)
    try:
        temporary = HeldFolder("glocal-store-")
    except OSError as error:
        hint = "make room, or name another folder with TMPDIR"
        raise OutputError.at(path, f"cannot be written into a store: {error}", hint) from error
    try:
        folder = temporary.path
        _write(path, InputReader().read_file(str(path)), folder)
        found = StoredDataset(path, folder, read_json(folder / RECORD), None)
        return _describe_stored(found, temporary)
    except (DamagedError, OSError, RuntimeError) as error:
        temporary.cleanup()
        hint = "make room, or name another folder with TMPDIR"
        raise OutputError.at(path, f"cannot be written into a store: {error}", hint) from error
    except BaseException:
        temporary.cleanup()
        raise


def hold_file(path: Path, cache: Cache | None = None) -> StoredFile:
    """Write a file of RDF into a store for long use: its entry in the cache may be removed meanwhile.

    Args:
        path: The file; relative IRIs in it are resolved against its own address.
        cache: Where the store is kept.

    Raises:
        InputError: Where the file cannot be read.
        OutputError: Where the store cannot be written anywhere.
    """
    for _ in range(_TRIES):
        stored = store_file(path, cache)
        if stored.temporary is not None or cache is None:
            return stored
        try:
            held = hold(cache.folder, stored.folder)
        except OSError as error:
            hint = "make room, or name another folder with GLOCAL_CACHE"
            raise OutputError.at(path, f"its store cannot be held: {error.strerror or error}", hint) from error
        if held is not None:
            return replace(stored, folder=held.path, temporary=held)
    return store_file(path)


def _describe_stored(found: StoredDataset, temporary: HeldFolder | None = None) -> StoredFile:
    digest = str(read_json(found.entry / RECORD)["state"][0])
    return StoredFile(found.entry / STORE, found.forms, tuple(found._names), found.prefixes, digest, temporary)


def load_dataset(dataset: Dataset) -> StoreProcess:
    """Load a dataset into a store in memory."""
    store = StoreProcess()
    store.load(dataset.default.frame)
    add_graphs(store, dataset.default, dataset.named)
    return store


def _read(path: Path) -> Dataset:
    return Dataset.read(path, base=path.resolve().as_uri())


def _key(path: Path) -> str:
    """Return the key of a file: its address counts, as relative IRIs are resolved against it, and so does its name."""
    parts = (FORMAT, name_program(), path.resolve().as_uri(), path.name)
    return hashlib.blake2b("\0".join(parts).encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _find(path: Path, cache: Cache, key: str) -> StoredDataset | None:
    """Find the entry of a file with its content, and remove those that are damaged."""
    reader = InputReader()
    for entry in cache.entries(KIND, key):
        try:
            record = read_json(entry / RECORD)
            digest, stamp, read = record["state"]
            if reader.read_file(str(path), FileState(digest, tuple(stamp), read)).digest == digest:
                found = StoredDataset(path, entry, record, cache)
                cache.touch(entry)
                return found
        except (DamagedError, KeyError, TypeError, ValueError):
            cache.discard(entry)
    return None


class _NotCanonicalError(Exception):
    """The file is not canonical N-Triples, and has to be parsed."""


def _write(path: Path, state: FileState, folder: Path) -> None:
    """Write the store of a file into a folder.

    Raises:
        OSError: And InputError where the file cannot be read.
    """
    record: dict[str, Any] = {"prefixes": {}, "graphs": [], "state": [state.digest, list(state.stamp), state.read]}
    place = folder / STORE
    place.mkdir(mode=0o700)
    written = False
    if path.suffix.lower() == ".nt":
        try:
            record["forms"] = _write_lines(path, place)
            written = True
        except _NotCanonicalError:
            for file in place.iterdir():
                file.unlink()
    if not written:
        dataset = _read(path)
        with StoreWriter(place) as store:
            store.load(dataset.default.frame)
            add_graphs(store, dataset.default, dataset.named)
            store.finish()
            record["forms"] = forms_to_json(store.forms)
        record |= {"prefixes": dict(dataset.prefixes), "graphs": list(dataset.named)}
    if InputReader().read_file(str(path), state).digest != state.digest:
        raise OSError("the file was changed while it was read")
    record["files"] = list_files(place)
    write_json(folder / RECORD, record)


def _write_lines(path: Path, place: Path) -> dict[str, Any]:
    """Write a file of canonical N-Triples block by block, and return the forms of its literals."""
    from glocal_rdf.triples.formats.ntriples import split_lines  # noqa: PLC0415 - slow to import

    with StoreWriter(place) as store:
        for lines in read_lines(path, BLOCK):
            frame = split_lines(lines)
            if frame is None:
                raise _NotCanonicalError
            store.load_lines(lines, frame)
        try:
            store.finish()
        except SyntaxError as error:
            raise _NotCanonicalError from error
        return forms_to_json(store.forms)
