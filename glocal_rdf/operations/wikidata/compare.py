"""Compares a project's statements with those of Wikidata, or of another Wikibase."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from glocal_rdf.dataset import Build
from glocal_rdf.errors import InputError, OutputError, Problem
from glocal_rdf.operations.wikidata.statements import Linked, find_linked
from glocal_rdf.wikidata.access.client import Client
from glocal_rdf.wikidata.access.fetching import Fetched, fetch_entities, fetch_entity
from glocal_rdf.wikidata.access.queries import fetch_graph
from glocal_rdf.wikidata.compare.mismatches import COLUMNS as MISMATCH_COLUMNS
from glocal_rdf.wikidata.compare.mismatches import write_mismatches
from glocal_rdf.wikidata.compare.outcomes import (
    Comparison,
    OurStatement,
    Outcome,
    compare_statements,
    count_outcomes,
)
from glocal_rdf.wikidata.compare.page import render_page
from glocal_rdf.wikidata.compare.report import list_rows, write_csv, write_rdf
from glocal_rdf.wikidata.entities.json_reader import read_entity
from glocal_rdf.wikidata.entities.model import Entity, fits_datatype
from glocal_rdf.wikidata.entities.rdf_reader import read_graph
from glocal_rdf.wikidata.entities.snapshot import read_snapshot
from glocal_rdf.wikidata.properties import Vocabulary, read_vocabulary

__all__ = ["VIAS", "Compared", "compare_with_wikibase", "list_comparisons", "render_comparison"]

VIAS: Final = ("api", "rest", "sparql")
"""The ways to fetch entities: many in a call, one by one with their ETags, or from the query service."""


@dataclass(frozen=True)
class Compared:
    """What came of comparing a project with a Wikibase.

    Attributes:
        comparisons: The statements, one by one.
        counts: How many there are of each outcome.
        linked: The linked things, and what the project states of them.
        entities: What the Wikibase has, by the identifier that was asked for.
        vocabulary: What the project maps to the Wikibase.
        fetched: When it came, by identifier; empty for a snapshot.
        problems: What was left out, or is wrong, each with its place.
        notes: What a user should know: links that redirect.
    """

    comparisons: tuple[Comparison, ...]
    counts: Mapping[Outcome, int]
    linked: Linked
    entities: Mapping[str, Entity | None]
    vocabulary: Vocabulary
    fetched: Mapping[str, datetime]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    @property
    def redirects(self) -> dict[str, str]:
        """The items that links lead to and that redirect, each with its target."""
        return {asked: one.id for asked, one in self.entities.items() if one is not None and one.id != asked}


def compare_with_wikibase(
    built: Build,
    client: Client | None = None,
    *,
    via: str = "api",
    snapshot: Iterable[Path] = (),
    about: Collection[str] = (),
    lang: str = "en",
    report: Callable[[int], Any] = lambda _number: None,
) -> Compared:
    """Compare what a project states of linked things with what a Wikibase states of their items.

    Args:
        built: The build of the project.
        client: Who asks the Wikibase; not needed with a snapshot.
        via: How it is asked: one of VIAS.
        snapshot: Files or folders of entities that are compared with instead; items that are not in them are left out.
        about: The things or items that are compared; all linked ones where there is none.
        lang: The language of names.
        report: Called with the number of entities that are done, now and then.

    Raises:
        InputError: Where the table of properties, a snapshot or an entity cannot be read, or `about` names no linked
            thing.
        EndpointError: Where the Wikibase cannot be asked.
        ProjectError: Where the project has no contact.
    """
    vocabulary = read_vocabulary(built.project)
    linked = _choose(find_linked(built, vocabulary, lang), about)
    files = tuple(snapshot)
    fetched: dict[str, datetime] = {}
    wanted = sorted(linked.things)
    left = 0
    if files:
        entities: dict[str, Entity | None] = {}
        for file in files:
            entities |= read_snapshot(file, vocabulary.wikibase.entity, [*wanted, *_properties_of(linked)])
        before, linked = linked, _only(linked, entities)
        left = len(before.things) - len(linked.things)
    elif client is None:
        raise InputError.at("compare", "there is neither a client nor a snapshot", "give one of them")
    else:
        entities, fetched = _fetch(client, vocabulary, wanted, _properties_of(linked), via)
    report(len(entities))
    known = _read_datatypes(entities)
    conflicts, problems = _find_conflicts(vocabulary, known)
    vocabulary = replace(vocabulary, datatypes={**vocabulary.datatypes, **known})
    linked = replace(linked, statements=tuple(_fit(one, known) for one in linked.statements))
    comparisons = compare_statements(linked.statements, linked.things, entities, vocabulary, conflicts)
    labelled = _label_items(entities)
    notes = [f"{asked} redirects to {one.id}" for asked, one in entities.items() if one and one.id != asked]
    notes += [f"{left:,} linked things are not compared: their items are not in the files"] if left else []
    problems += [
        Problem(thing, f"is linked to several items: {', '.join(items)}", "keep one of the links", "several-links")
        for thing, items in linked.several.items()
    ]
    problems += [
        Problem(item, f"several things are linked to it: {', '.join(things)}", "keep one of the links", "shared-item")
        for item, things in linked.shared.items()
        if item in linked.things
    ]
    ours = {one.number: linked.names.get(one.ours, "") for one in reversed([*vocabulary.properties.values()])}
    linked = replace(linked, names={**ours, **labelled, **linked.names})
    return Compared(
        tuple(comparisons),
        count_outcomes(comparisons),
        linked,
        entities,
        vocabulary,
        fetched,
        tuple(problems),
        tuple(notes),
    )


def list_comparisons(compared: Compared, only: Collection[str] = ()) -> list[dict[str, str]]:
    """Lay a comparison out, a row for each statement, in the columns of its CSV.

    Args:
        compared: The comparison.
        only: The outcomes that are wanted; all where there is none.
    """
    wanted = [one for one in compared.comparisons if not only or one.outcome in only]
    return list_rows(wanted, compared.linked.names)


def render_comparison(
    compared: Compared, form: str, *, only: Collection[str] = (), lang: str = "en", now: str = ""
) -> tuple[list[str], tuple[Problem, ...]]:
    """Write a comparison: as `csv`, `html`, RDF (`turtle`, `ntriples`), or `mismatch-finder`.

    Args:
        compared: The comparison.
        form: The format.
        only: The outcomes that are wanted; all where there is none.
        lang: The language of headings.
        now: When it was made, as an xsd:dateTime.

    Returns:
        The files, one but for large ones of mismatch-finder; and what is left out of them.

    Raises:
        OutputError: Where there is no such format.
    """
    wikibase = compared.vocabulary.wikibase
    wanted = [one for one in compared.comparisons if not only or one.outcome in only]
    if form == "csv":
        return [write_csv(list_comparisons(compared, only))], ()
    if form == "html":
        return [render_page(list_comparisons(compared, only), compared.counts, wikibase, lang, now[:10])], ()
    if form == "mismatch-finder":
        files, problems = write_mismatches(wanted, _find_address)
        return files or [write_csv([], MISMATCH_COLUMNS)], problems
    if form not in {"turtle", "ntriples"}:
        raise OutputError.at("compare", f"{form} is not a format here", "choose csv, html, turtle or mismatch-finder")
    return [write_rdf(wanted, wikibase, now).serialize(form).decode()], ()


def _find_address(one: Comparison) -> str:
    """Return the web address of our evidence: the passage, the claim, or the thing."""
    ours = one.ours
    found = (*(ours.passages if ours else ()), ours.claim if ours else "", one.thing)
    return next((iri for iri in found if iri.startswith(("http://", "https://"))), "")


def _choose(linked: Linked, about: Collection[str]) -> Linked:
    """Return the linked things that are asked about.

    Raises:
        InputError: Where one is not linked.
    """
    if not about:
        return linked
    chosen: dict[str, str] = {}
    for word in about:
        found = {
            item: thing
            for item, thing in linked.things.items()
            if word in {item, thing} or thing.endswith(f"/{word}") or linked.names.get(f"<{thing}>") == word
        }
        if not found:
            raise InputError.at(word, "is not a thing that is linked to an item", "name one by its slug, IRI or item")
        chosen |= found
    statements = tuple(one for one in linked.statements if one.item in chosen)
    return replace(linked, things=chosen, statements=statements)


def _only(linked: Linked, entities: Mapping[str, Entity | None]) -> Linked:
    """Return the linked things whose items are at hand."""
    things = {item: thing for item, thing in linked.things.items() if item in entities}
    return replace(linked, things=things, statements=tuple(one for one in linked.statements if one.item in things))


def _properties_of(linked: Linked) -> list[str]:
    return sorted({one.property for one in linked.statements})


def _fetch(
    client: Client, vocabulary: Vocabulary, wanted: list[str], properties: list[str], via: str
) -> tuple[dict[str, Entity | None], dict[str, datetime]]:
    """Fetch the items, and by the APIs the properties too, for their datatypes."""
    wikibase = vocabulary.wikibase
    if via == "sparql":
        numbers = {one.number for one in vocabulary.properties.values()}
        graph = fetch_graph(client, wikibase, wanted, numbers)
        found: dict[str, Entity | None] = dict.fromkeys(wanted)
        found |= read_graph(graph, wikibase.sparql, wikibase.entity, wanted)
        return found, dict.fromkeys(found, client.now)
    ids = [*wanted, *properties]
    records: Mapping[str, Fetched]
    if via == "rest":
        records = {one: fetch_entity(client, wikibase, one) for one in ids}
    else:
        records = fetch_entities(client, wikibase, ids)
    where = wikibase.rest if via == "rest" else wikibase.api
    entities = {
        one: None if got.record is None else read_entity(got.record, where, asked=one) for one, got in records.items()
    }
    return entities, {one: got.fetched for one, got in records.items()}


def _read_datatypes(entities: Mapping[str, Entity | None]) -> dict[str, str]:
    """Return the datatypes of properties, as the Wikibase or its statements give them."""
    known = {one.id: one.datatype for one in entities.values() if one is not None and one.datatype}
    for entity in entities.values():
        for statement in entity.statements if entity else ():
            if statement.datatype:
                known.setdefault(statement.property, statement.datatype)
    return known


def _fit(ours: OurStatement, known: Mapping[str, str]) -> OurStatement:
    """Return a statement of ours, blocked where its value is not of the datatype that the property has."""
    datatype = known.get(ours.property, "")
    if ours.blocked or ours.value is None or not datatype or fits_datatype(ours.value, datatype):
        return ours
    return replace(ours, blocked=f"type conflict: {ours.property} is of {datatype}, and our value is not")


def _find_conflicts(vocabulary: Vocabulary, known: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """Find properties whose datatype is another one than the project expects."""
    conflicts: dict[str, str] = {}
    problems: list[Problem] = []
    for mapping in vocabulary.properties.values():
        actual = known.get(mapping.number, "")
        if mapping.datatype and actual and actual != mapping.datatype:
            why = f"{mapping.number} is of {actual}, not of {mapping.datatype}"
            conflicts[mapping.number] = f"type conflict: {why}"
            problems.append(Problem(mapping.where, why, "correct the datatype, or the property", "datatype"))
    return conflicts, problems


def _label_items(entities: Mapping[str, Entity | None]) -> dict[str, str]:
    """Return what entities are called, by their number."""
    found = {}
    for entity in entities.values():
        if entity is not None and (label := entity.labels.get("en") or next(iter(entity.labels.values()), "")):
            found[entity.id] = label
    return found
