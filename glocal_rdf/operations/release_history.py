"""Reads the releases of a project for those who follow them: which there are, and what each of them has changed."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import quote

import polars as pl

from glocal_rdf.changes import Changes, GraphVersion, compare_versions
from glocal_rdf.changes.blank_nodes import relabel_as_before
from glocal_rdf.errors import InputError, Problem
from glocal_rdf.namespaces import DCTERMS, OWL, RDF_TYPE, term
from glocal_rdf.operations.diff import read_release
from glocal_rdf.project import Project
from glocal_rdf.publish.catalogue.versions import RELEASES, KeptFile, Version
from glocal_rdf.publish.history.event_stream import PATHS, find_orphans
from glocal_rdf.releases import Release, list_releases
from glocal_rdf.releases.metadata import find_dataset
from glocal_rdf.triples import Triples, terms

__all__ = ["Step", "find_left_out", "list_versions", "read_steps"]

_BLANK_LINE: Final = re.compile(rb"^_:", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Step:
    """A release, with what has changed since the one before it.

    Attributes:
        version: The version.
        graph: The data graph; its blank nodes have the labels that they have in the release before.
        former: The data graph of the release before; empty for the first one.
        changes: What has changed; None for the first one.
    """

    version: Version
    graph: Triples
    former: Triples
    changes: Changes | None


def list_versions(project: Project, dataset: str) -> tuple[Version, ...]:
    """List the released versions of a project, the earliest first.

    Args:
        project: The project.
        dataset: The IRI of its dataset, which those of the versions begin with.

    Raises:
        InputError: Where a release does not say when it was made, or its files are not what was released.
    """
    versions: list[Version] = []
    last: datetime | None = None
    for release in list_releases(project.root):
        release.check()
        issued = _read_date(release)
        # Two releases of a day follow each other by a second, and none enters the stream before an earlier one.
        moment = datetime.combine(issued, time(), UTC)
        last = moment if last is None else max(moment, last + timedelta(seconds=1))
        previous = versions[-1].iri if versions else ""
        versions.append(
            Version(
                version=release.version,
                iri=f"{dataset.rstrip('/')}/{quote(release.version)}",
                issued=issued.isoformat(),
                moment=f"{last:%Y-%m-%dT%H:%M:%SZ}",
                previous=previous,
                ontology=_read_ontology(release),
                files=tuple(_list_files(release)),
                dump=release.dump.name,
            )
        )
    return tuple(versions)


def _read_date(release: Release) -> date:
    file = release.folder / "dataset.ttl"
    described = Triples.read(file)
    stated = described.match(subject=find_dataset(described), predicate=term(DCTERMS, "issued"))
    try:
        return date.fromisoformat(terms.unquote(stated.frame["object"][0]))
    except (ValueError, IndexError) as error:
        raise InputError.at(file, "has no date of the release (dcterms:issued)", "restore the file") from error


def _read_ontology(release: Release) -> tuple[str, str]:
    """Return the IRI of the ontology of a release, and that of its version; of several the first that has one."""
    file = release.folder / "ontology.ttl"
    if not file.is_file():
        return ("", "")
    ontology = Triples.read(file)
    heads = ontology.match(predicate=RDF_TYPE, object=term(OWL, "Ontology")).frame["subject"].sort()
    for head in heads:
        for _, _, edition in ontology.match(subject=head, predicate=term(OWL, "versionIRI")):
            if head.startswith("<") and edition.startswith("<"):
                return (head[1:-1], edition[1:-1])
    return ("", "")


def _list_files(release: Release) -> Iterator[KeptFile]:
    """Yield the files of a release, with the list of their checksums."""
    for name, checksum in release.read_checksums().items():
        source = release.folder / name
        yield KeptFile(name, f"{RELEASES}/{release.version}/files/{name}", source, source.stat().st_size, checksum)


def read_steps(project: Project, versions: tuple[Version, ...]) -> Iterator[Step]:
    """Yield the releases of a project with what has changed, the earliest first; two of them are in memory at a time.

    Args:
        project: The project.
        versions: What `list_versions` returned.

    Raises:
        InputError: Where the files of a release are not what was released.
    """
    former: GraphVersion | None = None
    for version, release in zip(versions, list_releases(project.root), strict=True):
        graph = read_release(release)
        before = former.data if former else Triples.empty()
        changes = compare_versions(former, graph) if former else None
        data = Triples.from_distinct(relabel_as_before(before.frame, graph.data.distinct().frame))
        former = replace(graph, data=data)
        yield Step(version, data, before, changes)


def find_left_out(project: Project, versions: tuple[Version, ...]) -> Iterator[Problem]:
    """Yield what an event stream of the releases cannot have.

    These are things that themselves have a property by which a member leads to its thing or has its time, and blank
    nodes that no thing leads to.

    Args:
        project: The project.
        versions: What `list_versions` returned.
    """
    for version, release in zip(versions, list_releases(project.root), strict=True):
        with gzip.open(release.dump) as file:
            text = file.read()
        if not (_BLANK_LINE.search(text) or any(path.encode() in text for path in PATHS)):
            continue
        graph = Triples.parse(text, "ntriples")
        where = f"{RELEASES}/{version.version}"
        for thing, predicate in _list_ambiguous(graph):
            what = f"{thing[1:-1]} has {predicate[1:-1]}, which versions in the event stream have, and is not in it"
            yield Problem(where, what, "use another property", kind="stream")
        if orphans := len(find_orphans(graph)):
            count = "1 triple" if orphans == 1 else f"{orphans:,} triples"
            what = f"{count} of blank nodes that no thing leads to: not in the event stream"
            yield Problem(where, what, "give them an IRI, such as @id of the table group", kind="stream")


def _list_ambiguous(graph: Triples) -> list[tuple[str, str]]:
    stated = graph.frame.filter(pl.col("predicate").is_in(PATHS) & ~pl.col("subject").str.starts_with("_:"))
    return stated.select("subject", "predicate").unique().sort(pl.all()).rows()
