"""What a release must keep: no released IRI disappears without a redirect, and none comes to mean another thing.

A released IRI is that of a thing of the data (in the address space that the dataset states, void:uriSpace, or anywhere
without one), or of a term of the ontology that is not of a well-known vocabulary. Blank nodes have no IRI to keep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import polars as pl

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import (
    DCAT,
    DCTERMS,
    FOAF,
    RDF_TYPE,
    RDFS_LABEL,
    SCHEMA,
    SCHEMA_HTTPS,
    SKOS,
    VOID,
    WELL_KNOWN,
    term,
)
from glocal_rdf.releases.redirects import Redirect, Redirects
from glocal_rdf.triples import Triples, terms

__all__ = ["find_gone", "find_returned", "find_reused", "find_wrong_redirects", "list_released"]

_NAMES: Final = [
    *(term(SKOS, name) for name in ("prefLabel", "altLabel", "hiddenLabel")),
    RDFS_LABEL,
    *(term(space, "name") for space in (SCHEMA, SCHEMA_HTTPS, FOAF)),
    term(DCTERMS, "title"),
]
_SPACE: Final = term(VOID, "uriSpace")


def list_released(data: Triples, ontology: Triples | None = None) -> set[str]:
    """List the IRIs of a version that are to be kept.

    Args:
        data: The data graph, with the description of the dataset.
        ontology: The ontology.
    """
    spaces = [terms.unquote(space) for _, _, space in data.match(predicate=_SPACE)]
    things = _list_subjects(data)
    if spaces:
        things = {iri for iri in things if iri.startswith(tuple(spaces))}
    else:
        things -= {subject[1:-1] for subject, _, _ in data.match(predicate=RDF_TYPE, object=term(DCAT, "Dataset"))}
    known = tuple(WELL_KNOWN.values())
    defined = set() if ontology is None else {iri for iri in _list_subjects(ontology) if not iri.startswith(known)}
    return things | defined


def find_gone(released: Collection[str], data: Triples, ontology: Triples | None, redirects: Redirects) -> list[str]:
    """List the released IRIs that are neither in a new version nor in the redirects, sorted.

    Args:
        released: The IRIs of the version before.
        data: The data graph of the new version.
        ontology: Its ontology.
        redirects: The redirects.
    """
    kept = _list_subjects(data) | (set() if ontology is None else _list_subjects(ontology))
    return sorted(set(released) - kept - {row.old for row in redirects})


def find_returned(data: Triples, ontology: Triples | None, redirects: Redirects) -> Iterator[Problem]:
    """Yield a problem for each IRI that was given up in a release, and is in use in a new version.

    Args:
        data: The data graph of the new version.
        ontology: Its ontology.
        redirects: The redirects.
    """
    used = _list_subjects(data) | (set() if ontology is None else _list_subjects(ontology))
    for row in redirects:
        if row.old in used:
            became = f"was renamed {row.new}" if row.new else "was withdrawn"
            hint = "give the new thing an IRI of its own" if row.new else "remove its redirect if it is the same thing"
            yield Problem(row.old, f"{became} in {row.since}, and is in use again", hint, kind="returned")


def find_reused(old: Triples, new: Triples) -> Iterator[Problem]:
    """Yield a problem for each IRI that had a class and a name, and now has other classes and other names."""
    gone = old.difference(new).frame.filter(pl.col("predicate").is_in([RDF_TYPE, *_NAMES]))
    about = gone.filter(pl.col("subject").str.starts_with("<")).group_by("subject").agg(
        classes=(pl.col("predicate") == RDF_TYPE).any(), names=(pl.col("predicate") != RDF_TYPE).any()
    )  # fmt: skip
    suspects = about.filter(pl.col("classes") & pl.col("names"))["subject"]
    if suspects.is_empty():
        return
    before, after = (_describe(graph, suspects) for graph in (old, new))
    for subject in sorted(set(before) & set(after)):
        (classes, names), (new_classes, new_names) = before[subject], after[subject]
        if not (classes and names and new_classes and new_names) or classes & new_classes or names & new_names:
            continue
        what = f"was released as {min(names)!r}, and now is {min(new_names)!r}, of another class"
        yield Problem(subject[1:-1], what, "give the new thing an IRI of its own", kind="reused")


def find_wrong_redirects(
    added: Iterable[Redirect], released: Collection[str], data: Triples, ontology: Triples | None
) -> Iterator[Problem]:
    """Yield a problem for each new redirect that leads from what was not released, or to what is not there.

    Args:
        added: The redirects that are new.
        released: The IRIs of the version before.
        data: The data graph of the new version.
        ontology: Its ontology.
    """
    used = _list_subjects(data) | (set() if ontology is None else _list_subjects(ontology))
    for row in added:
        if row.old not in released:
            yield Problem(row.old, "was not released, so it needs no redirect", "check the IRI", kind="redirect")
        elif row.old in used:
            yield Problem(row.old, "is still in the data, so it needs no redirect", "check the IRI", kind="redirect")
        elif row.new and row.new not in used:
            yield Problem(row.new, f"is not in the data, so {row.old} cannot lead to it", "check it", kind="redirect")


def _list_subjects(graph: Triples) -> set[str]:
    subjects = graph.frame["subject"]
    return {subject[1:-1] for subject in subjects.filter(subjects.str.starts_with("<")).unique()}


def _describe(graph: Triples, subjects: pl.Series) -> dict[str, tuple[set[str], set[str]]]:
    """Return the classes and the names of things."""
    rows = graph.frame.filter(
        pl.col("subject").is_in(subjects.implode()) & pl.col("predicate").is_in([RDF_TYPE, *_NAMES])
    )
    found: dict[str, tuple[set[str], set[str]]] = {}
    for subject, predicate, object_ in rows.iter_rows():
        classes, names = found.setdefault(subject, (set(), set()))
        classes.add(object_) if predicate == RDF_TYPE else names.add(terms.unquote(object_))
    return found
