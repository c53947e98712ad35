"""Compares two versions of a project or of any RDF: files, folders, released versions, Git revisions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, Union

import polars as pl

from glocal_rdf.changes import Changes, GraphVersion, compare_versions
from glocal_rdf.changes.git_revisions import Revision, extract, find_revision
from glocal_rdf.dataset import Build
from glocal_rdf.errors import GlocalError, InputError, OutputError, Problem
from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.operations import build as building
from glocal_rdf.operations.graph_inputs import check_rdf_file, merge_graphs, name_file
from glocal_rdf.project import PARTS, Project, read_text
from glocal_rdf.releases import Release, find_release, list_releases
from glocal_rdf.releases.folders import CHECKSUMS, INFERRED
from glocal_rdf.releases.metadata import find_dataset, remove_version
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

if TYPE_CHECKING:
    import rdflib

__all__ = ["FORMS", "VersionInput", "describe_version", "diff", "read_release", "read_version", "render_changes"]

VersionInput: TypeAlias = Union[
    GraphVersion, Build, Project, Release, Dataset, Triples, "rdflib.Graph", "os.PathLike[str]", str
]
"""A version of a dataset: read or built already, or a project, a release, a graph, or the path of a file or folder."""

FORMS: Final = ("text", "markdown", "json", "patch")
"""The forms in which changes are written."""

_BASE: Final = "file:///"
"""What relative IRIs are resolved against: the same for both versions, wherever their files are."""


def diff(old: VersionInput, new: VersionInput) -> Changes:
    """Compare two versions of a dataset.

    Literals are compared as they are written, blank nodes by isomorphism. Relative IRIs of files are resolved against
    one address in both versions. Version and date of a dataset, which a release sets, are compared between releases
    only.

    Args:
        old: The old version.
        new: The new version.

    Returns:
        What has changed, which is true where anything has.

    Raises:
        InputError: Where a file cannot be read, or is not RDF; and for blank nodes made so alike that comparing them
            would take too long.
        ProjectError: Where a folder is not a project.
        TableError: Where a project cannot be built.

    Examples:
        >>> old = Triples.from_terms([("<urn:taipei>", "<urn:founded>", '"1894"')])
        >>> new = Triples.from_terms([("<urn:taipei>", "<urn:founded>", '"1884"')])
        >>> print(render_changes(diff(old, new), "text").decode())
        From old to new: 1 triple added, 1 removed
        <BLANKLINE>
        Data: 1 triple added, 1 removed
          Changed (1)
            urn:taipei: urn:founded 1884, was 1894
        <BLANKLINE>
    """
    before, after = describe_version(old, "old"), describe_version(new, "new")
    if bool(before.released) == bool(after.released):
        return compare_versions(before, after)
    dataset = before.released or after.released
    changes = compare_versions(*(replace(one, data=remove_version(one.data, dataset)) for one in (before, after)))
    return replace(changes, old=before, new=after, not_compared=(*changes.not_compared, "version"))


def render_changes(
    changes: Changes, form: str = "text", lang: str = "en", *, limit: int = 0, names: Sequence[Triples] = ()
) -> bytes:
    """Write changes in a form.

    Args:
        changes: The changes.
        form: `text`, `markdown`, `json` (schema `diff/1`), or `patch` (RDF Patch).
        lang: The language of names and of the text.
        limit: How many things of each section are listed; 0 for all. A patch has everything.
        names: Further graphs with names of things and properties, such as an ontology.

    Raises:
        OutputError: Where there is no such form.
    """
    if form == "text":
        from glocal_rdf.changes.text import write_text  # noqa: PLC0415 - one form in many

        return write_text(changes, lang, limit, names).encode()
    if form == "markdown":
        from glocal_rdf.changes.text import write_markdown  # noqa: PLC0415

        return write_markdown(changes, lang, limit, names).encode()
    if form == "json":
        import json  # noqa: PLC0415

        from glocal_rdf.changes.json import to_record  # noqa: PLC0415

        record = to_record(changes, lang, limit, names)
        return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()
    if form == "patch":
        from glocal_rdf.changes.patch import write_patch  # noqa: PLC0415

        return write_patch(changes)
    raise OutputError.at("format", f"changes cannot be written as {form!r}", f"use {', '.join(FORMS)}")


def read_version(word: str, project: Project | None = None) -> GraphVersion:
    """Read the version of a dataset that a person names.

    Tried in turn: a file or folder that exists, a released version of the project (`1.0.0`), and a Git revision:
    `HEAD~1:` is the project at that revision, `HEAD~1:data/cities.ttl` a file or project in it, by its path from the
    top of the repository.

    Args:
        word: What the person wrote.
        project: The project whose releases and repository are meant; without one, a revision is one of the repository
            that the working directory is in.

    Raises:
        InputError: Where nothing is called so, or it cannot be read.
        ProjectError: Where a folder is not a project.
        TableError: Where a project cannot be built, with the places in that version.
    """
    path = Path(word)
    if word and os.path.lexists(path):
        return _read_path(path)
    if project is not None and (release := find_release(project.root, word)):
        return read_release(release)
    revision, colon, rest = word.partition(":")
    is_address = rest.startswith("/") and revision.lower() in {"http", "https", "ftp", "ftps", "file"}
    if colon and revision and not is_address:
        return _read_revision(find_revision(word, project.root if project else Path()))
    if colon:
        check_rdf_file(path)
    released = ", ".join(release.version for release in list_releases(project.root)) if project else ""
    hint = f"released are {released}; " if released else ""
    what = "is not a file, a folder or a released version"
    raise InputError.at(word or "''", what, f"{hint}a Git revision ends with a colon, as in HEAD~1:")


def read_release(release: Release) -> GraphVersion:
    """Read a released version of a project.

    Raises:
        InputError: Where its files are not what was released.
    """
    release.check()
    parts = {name: release.folder / name for name in ("ontology.ttl", "shapes.ttl", INFERRED)}
    ontology, shapes, inferred = (Triples.read(path) if path.is_file() else Triples.empty() for path in parts.values())
    sources = [Dataset.read(file) for file in release.list_files("external/*.trig")]
    rules = {file.stem: read_text(file) for file in release.list_files("rules/*.rq")}
    return GraphVersion(
        release.version,
        Triples.read(release.dump),
        {name: graph for source in sources for name, graph in source.named.items()},
        ontology,
        shapes,
        rules,
        inferred,
        WELL_KNOWN,
        released=find_dataset(Triples.read(release.folder / "dataset.ttl")),
    )


def describe_version(given: VersionInput, name: str) -> GraphVersion:
    """Return a version with a name; projects are built, and files and releases read. Raises as `diff` does."""
    if isinstance(given, GraphVersion):
        return given
    if isinstance(given, Build):
        return _describe_build(given, name)
    if isinstance(given, Project):
        return _describe_build(building.build(given), name)
    if isinstance(given, Release):
        return read_release(given)
    if isinstance(given, Dataset):
        return GraphVersion(name, given.default, given.named, prefixes={**WELL_KNOWN, **given.prefixes})
    if isinstance(given, Triples):
        return GraphVersion(name, given, prefixes=WELL_KNOWN)
    if isinstance(given, str | os.PathLike):
        return _read_path(Path(given))
    graph: rdflib.Graph = given  # type: ignore[assignment]
    return GraphVersion(name, Triples.from_rdflib(graph), prefixes=WELL_KNOWN)


def _read_path(path: Path) -> GraphVersion:
    """Read a file of RDF, or a folder with a release or a project."""
    if not path.is_dir():
        check_rdf_file(path)
        return describe_version(Dataset.read(path, base=_BASE), name_file(path))
    if (path / CHECKSUMS).is_file() and not (path / "data").is_dir():
        return read_release(Release(path.resolve().name, path))
    return _describe_build(building.build(Project.open(path)), name_file(path))


def _read_revision(revision: Revision) -> GraphVersion:
    """Read a file or build a project as it was at a revision; problems have their places in the revision."""
    with tempfile.TemporaryDirectory(prefix="glocal-") as name:
        # Its real path, so that places in messages begin with it.
        folder = Path(name).resolve()
        separator = "" if revision.name.endswith((":", "/")) else "/"

        def locate(problem: Problem) -> Problem:
            prefix = f"{revision.name}{separator}" if revision.is_folder else revision.name.removesuffix(target.name)
            there = {
                key: getattr(problem, key).replace(f"{folder}/", prefix).replace(str(folder), revision.name)
                for key in ("where", "what", "file")
            }
            return replace(problem, **there)

        target = folder
        try:
            target = extract(revision, folder, PARTS)
            if not revision.is_folder:
                found = _read_path(target)
                return replace(found, name=revision.name, problems=tuple(map(locate, found.problems)))
            built = building.build(Project.open(target))
            version = _describe_build(built, revision.name)
            return replace(version, problems=tuple(map(locate, version.problems)))
        except GlocalError as error:
            raise type(error).of(map(locate, error.problems)) from error


def _describe_build(built: Build, name: str) -> GraphVersion:
    """Return a build as a version, with everything computed that needs the files of the project."""
    project = built.project
    relocate = _make_relocation(project.root)
    shapes = merge_graphs([project.shapes, project.external_shapes])
    return GraphVersion(
        name,
        built.triples,
        built.named_graphs,
        relocate(project.ontology),
        relocate(shapes),
        project.rules,
        built.inferred,
        built.prefixes,
        building.list_problems(built),
    )


def _make_relocation(root: Path) -> Callable[[Triples], Triples]:
    """Return a function that writes IRIs of files in a folder as if it were the root, so that versions are alike."""
    here = f"<{root.resolve().as_uri()}/"

    def relocate(graph: Triples) -> Triples:
        moved = pl.col("subject", "predicate", "object")
        local = graph.frame.select(pl.any_horizontal(moved.str.starts_with(here)).any()).item()
        if not local:
            return graph
        return Triples(
            graph.frame.with_columns(
                pl.when(moved.str.starts_with(here))
                .then(moved.str.replace(here, f"<{_BASE}", literal=True))
                .otherwise(moved)
                .name.keep()
            )
        ).distinct()

    return relocate
