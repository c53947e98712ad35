"""Builds a project, or takes its graph from the cache where all that it is made of is as it was.

What a build is made of are the files of `ontology/` and `data/`, read or not, the names of those of `shapes/`, and what
was opened elsewhere (imports, files that links lead to). The version of the program and the name of the folder, which
messages have, are part of the key.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glocal_rdf.cache.files import DamagedError, read_json, write_json
from glocal_rdf.cache.folder import Cache
from glocal_rdf.cache.inputs import FileState, InputReader, Inputs
from glocal_rdf.cache.program import name_program
from glocal_rdf.errors import GlocalError, ReadWarning
from glocal_rdf.files import watch_opened
from glocal_rdf.operations.kept_build import KeptBuild, Part, describe_build, write_graph, write_part
from glocal_rdf.sparql.execution.process import TIMEOUT

if TYPE_CHECKING:
    from glocal_rdf.dataset import Build
    from glocal_rdf.project import Project

__all__ = ["BuildCache"]

KIND: Final = "builds"
RECORD: Final = "build.json"
FORMAT: Final = "1"


class BuildCache:
    """Opens the builds of projects, from the cache where they are in it."""

    def __init__(self, cache: Cache | None) -> None:
        """Take the cache; without one every project is built."""
        self._cache = cache
        self._new: dict[int, tuple[Build, Inputs]] = {}

    def open(self, project: Project, *, timeout: float = TIMEOUT) -> Build:
        """Return the build of a project.

        Args:
            project: The project.
            timeout: The seconds that one rule may take, where the project is built.

        Raises:
            TableError: As `build` does.
        """
        reader = InputReader()
        if self._cache and (kept := self._find(project, self._cache, reader, timeout)):
            return kept
        from glocal_rdf.operations import build as building  # noqa: PLC0415 - not needed for a graph in the cache

        before = reader.read(*_folders(project)) if self._cache else None
        if before is None:
            return building.build(project, timeout=timeout)
        outside: dict[str, FileState] = {}

        def note(name: str) -> None:
            if name not in before.inside:
                outside.setdefault(name, reader.read_file(name))

        with watch_opened(note), _note_warnings() as caught:
            built = building.build(project, timeout=timeout)
            with suppress(GlocalError):  # Whatever needs these reports it.
                _ = project.ontology, project.rules, built.source_graphs
        if not caught:
            self._new[id(built)] = built, Inputs(before.folders, before.inside, outside)
        return built

    def keep(self, built: Build, *parts: Part) -> Build:
        """Keep a build in the cache, as far as it is not there, for the next time that its project is opened.

        Nothing happens where there is no cache, or where files of the project were changed while it was built.

        Args:
            built: What `open` returned.
            parts: The parts to keep besides the triples.

        Returns:
            The build as it is kept; the same one where it is not. Whoever queries it gets solutions in the order in
            which the next one will.
        """
        if self._cache is None:
            return built
        with suppress(GlocalError):  # Rules that are wrong, mostly: such a graph is not kept.
            entry = built.entry if isinstance(built, KeptBuild) else self._write(built, self._cache)
            if entry is None:
                return built
            missing = [part for part in parts if not (entry / part).is_dir()]
            if isinstance(built, KeptBuild) and not missing:
                return built
            for part in missing:
                if self._is_unchanged(built):
                    self._cache.add_part(entry, part, lambda folder, part=part: write_part(built, part, folder))  # type: ignore[misc]
            with suppress(DamagedError):
                return KeptBuild(built.project, entry, read_json(entry / RECORD), self._cache, built.timeout)
        return built

    def _find(self, project: Project, cache: Cache, reader: InputReader, timeout: float) -> KeptBuild | None:
        """Find the entry whose inputs are as they were, and remove those that are damaged."""
        for entry in cache.entries(KIND, _key(project)):
            try:
                record = read_json(entry / RECORD)
                known = Inputs.from_json(record["inputs"])
                now = reader.read(*_folders(project), known.outside, known)
                if now is not None and now.has_same_content(known):
                    kept = KeptBuild(project, entry, record, cache, timeout)
                    cache.touch(entry)
                    return kept
            except (DamagedError, KeyError, TypeError, ValueError):
                cache.discard(entry)
        return None

    def _write(self, built: Build, cache: Cache) -> Path | None:
        """Write an entry for a build."""
        if id(built) not in self._new or not self._is_unchanged(built):
            return None
        project, inputs = built.project, self._new[id(built)][1]
        record = {**describe_build(built), "inputs": inputs.as_json()}

        def fill(folder: Path) -> None:
            write_graph(built, folder)
            write_json(folder / RECORD, record)

        return cache.put(KIND, _key(project), _name(inputs), fill)

    def _is_unchanged(self, built: Build) -> bool:
        """Return whether the files that a build was made of are still as they were."""
        kept = isinstance(built, KeptBuild)
        known = Inputs.from_json(built.record["inputs"]) if kept else self._new[id(built)][1]
        now = InputReader().read(*_folders(built.project), known.outside, known)
        return now is not None and now.has_same_content(known)


@contextmanager
def _note_warnings() -> Iterator[list[str]]:
    """Collect the warnings of readers while the context lasts: they must be shown each time that a project is built."""
    found: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        yield found
    for warning in caught:
        if issubclass(warning.category, ReadWarning):
            found.append(str(warning.message))
        warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)


def _folders(project: Project) -> tuple[list[Path], list[Path]]:
    """Return the folders of which the content of all files counts, and those of which their names do."""
    root = Path(project.root).absolute()
    return [root / "ontology", root / "data"], [root / "shapes"]


def _key(project: Project) -> str:
    parts = (FORMAT, name_program(), str(project.root), str(project.root.resolve()))
    return hashlib.blake2b("\0".join(parts).encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _name(inputs: Inputs) -> str:
    """Return a name for the content of all inputs."""
    states = sorted((*inputs.inside.items(), *inputs.outside.items()))
    text = "\0".join(f"{name}\0{state.digest}" for name, state in states)
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=16).hexdigest()
