"""Makes a batch of what Wikidata, or another Wikibase, lacks: statements with references, labels, and new items."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from glocal_rdf.dataset import Build
from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import PROV, RDF, SKOS, term
from glocal_rdf.operations.wikidata.compare import Compared
from glocal_rdf.operations.wikidata.new_items import Search, propose_items
from glocal_rdf.operations.wikidata.references import References, read_references
from glocal_rdf.triples import terms
from glocal_rdf.wikidata.access.client import Client
from glocal_rdf.wikidata.access.fetching import search_entities, search_statements
from glocal_rdf.wikidata.compare.literals import code_language
from glocal_rdf.wikidata.compare.outcomes import Comparison
from glocal_rdf.wikidata.compare.report import write_csv
from glocal_rdf.wikidata.compare.values import normalize_address, normalize_text
from glocal_rdf.wikidata.contribute.batch import Addition, Batch, LeftOut, NewItem, merge_additions
from glocal_rdf.wikidata.contribute.quickstatements import write_commands
from glocal_rdf.wikidata.contribute.wikibase_json import write_json
from glocal_rdf.wikidata.entities.model import Entity, Snak, StringValue, show_value
from glocal_rdf.wikidata.settings import Wikibase

__all__ = ["Contribution", "Searching", "make_batch", "write_batch"]

REPORT_COLUMNS: Final = ("decision", "item", "thing", "property", "value", "reason", "claim")

_REASONS: Final = {
    "same": "it is there",
    "same-without-reference": "it is there, without a reference (--add-references)",
    "ours-more-precise": "theirs is less precise: correct it by hand",
    "theirs-more-precise": "theirs is more precise",
    "different": "theirs is another: see glocal wikidata compare",
    "ended-or-deprecated": "it ended or is deprecated there",
}
"""Why a statement is not added, by what came of comparing it."""


@dataclass(frozen=True)
class Contribution:
    """A batch that was written.

    Attributes:
        text: The commands, or JSON.
        report: What is in it and what is not, with the reasons, as CSV.
        statements: How many statements are added.
        items: How many items are made.
        labels: How many labels are added.
        left_out: What is not in it.
        changes: What was written otherwise than we have it.
        checks: What a person checks before items are made.
    """

    text: str
    report: str
    statements: int
    items: int
    labels: int
    left_out: tuple[LeftOut, ...]
    changes: tuple[str, ...]
    checks: tuple[str, ...]


def make_batch(
    built: Build,
    compared: Compared,
    now: datetime,
    *,
    folder: Path | None = None,
    address: str = "",
    add_references: bool = False,
    labels: bool = False,
    search: Search | None = None,
    about: Collection[str] = (),
) -> Batch:
    """Make a batch of what a Wikibase lacks, from a comparison with it.

    Args:
        built: The build of the project.
        compared: The comparison.
        now: The time of the run, for the date of retrieval.
        folder: The folder of the documents, to quote from where their licence allows.
        address: The address that statements without a document are referenced with.
        add_references: Whether references are added to statements that are there without.
        labels: Whether labels are added that items lack.
        search: Searches the Wikibase, so that new items are proposed for things without a link; None to propose none.
        about: The things that items are proposed for; all where there is none.

    Raises:
        InputError: Where the Wikibase has no property for references, or none for the class of new items.
    """
    vocabulary = compared.vocabulary
    if not {"url", "stated-in"} & vocabulary.references.keys():
        hint = "add a row 'reference,url,P…' to data/wikidata.csv"
        raise InputError.at(vocabulary.wikibase.name, "has no property for the address of a reference", hint)
    references = read_references(built, vocabulary, compared.linked.items, now, folder=folder, address=address)
    additions, left_out = _add_statements(compared, references, add_references=add_references)
    items: list[NewItem] = []
    if search is not None:
        if not vocabulary.instance_of:
            hint = "add a row 'property,instance-of,P…' to data/wikidata.csv"
            raise InputError.at(vocabulary.wikibase.name, "has no property for the class of an item", hint)
        items, more = propose_items(built, compared.linked, vocabulary, references, search, about)
        left_out += more
    named = tuple(_add_labels(built, compared)) if labels else ()
    return Batch(tuple(items), tuple(additions), named, tuple(left_out))


def write_batch(batch: Batch, form: str, wikibase: Wikibase, datatypes: Mapping[str, str]) -> Contribution:
    """Write a batch, and the report of what is in it and what is not.

    Args:
        batch: The batch.
        form: `quickstatements` or `wikibase-json`.
        wikibase: The Wikibase.
        datatypes: The datatypes of its properties, where they are known.
    """
    if form == "wikibase-json":
        entities, unwritable = write_json(batch, wikibase.entity, datatypes)
        text = json.dumps(entities, ensure_ascii=False, indent=2) + "\n"
        statements = sum(len(many) for one in entities for many in one.get("claims", {}).values())
        made, named, changes = sum("id" not in one for one in entities), len(batch.labels), ()
    else:
        written = write_commands(batch)
        text, unwritable, changes = written.text, written.left_out, written.changes  # type: ignore[assignment]
        statements, made, named = written.statements, written.items, written.labels
    left_out = (*batch.left_out, *unwritable)
    checks = [f"{_name(one)}: {check}" for one in batch.items for check in one.check]
    for one in (*batch.additions, *(each for new in batch.items for each in new.statements)):
        if one.note:
            subject = one.item or one.thing
            checks.append(f"{subject} {one.main.property} {show_value(one.main.value)}: our note: {one.note}")
    report = _write_report(batch, unwritable, left_out, changes, checks)
    return Contribution(text, report, statements, made, named, left_out, changes, tuple(checks))


class Searching:
    """Searches items by name and by identifier: among the entities at hand, and by the API where there is a client."""

    def __init__(self, client: Client | None, wikibase: Wikibase, entities: Mapping[str, Entity | None]) -> None:
        """Take what is searched.

        Args:
            client: Who asks the Wikibase; None to look among the entities alone.
            wikibase: The Wikibase.
            entities: The entities at hand.
        """
        self.client, self.wikibase = client, wikibase
        self._named: dict[str, set[str]] = defaultdict(set)
        self._identified: dict[tuple[str, str], set[str]] = defaultdict(set)
        for entity in filter(None, entities.values()):
            for text in (*entity.labels.values(), *(one for many in entity.aliases.values() for one in many)):
                self._named[normalize_text(text).casefold()].add(entity.id)
            for statement in entity.statements:
                if isinstance(statement.value, StringValue):
                    self._identified[statement.property, _as_key(statement.value.text)].add(entity.id)

    def by_name(self, name: str, code: str) -> Iterator[str]:
        """Yield the items that have a name, as label or alias.

        Args:
            name: The name.
            code: The code of its language.
        """
        wanted = normalize_text(name).casefold()
        yield from sorted(self._named.get(wanted, ()))
        if self.client is not None:
            for hit in search_entities(self.client, self.wikibase, name, code):
                match = hit.get("match")
                text = match.get("text") if isinstance(match, dict) else hit.get("label")
                if isinstance(text, str) and normalize_text(text).casefold() == wanted:
                    yield str(hit["id"])

    def by_identifier(self, number: str, text: str) -> Iterator[str]:
        """Yield the items that have an identifier or address.

        Args:
            number: The property.
            text: The identifier or address.
        """
        yield from sorted(self._identified.get((number, _as_key(text)), ()))
        if self.client is not None:
            yield from search_statements(self.client, self.wikibase, number, text)


def _as_key(text: str) -> str:
    return normalize_address(text) if text.startswith(("http://", "https://")) else normalize_text(text)


def _add_statements(
    compared: Compared, references: References, *, add_references: bool
) -> tuple[list[Addition], list[LeftOut]]:
    """Return what is added to items that are there, each value once, and what is not."""
    additions: list[Addition] = []
    left_out: list[LeftOut] = []
    for one in compared.comparisons:
        ours = one.ours
        if ours is None:
            continue
        wanted = one.outcome == "only-ours" or (one.outcome == "same-without-reference" and add_references)
        if not wanted or ours.value is None:
            reason = one.note if one.outcome == "blocked" else _REASONS[one.outcome]
            left_out.append(_leave(one, reason))
        elif ours.withheld:
            left_out.append(_leave(one, ours.withheld))
        elif not (cited := references.make(ours)):
            left_out.append(_leave(one, "it has no reference: give its document an address, or use --reference-url"))
        else:
            item, claims = compared.redirects.get(one.item, one.item), (ours.claim,) if ours.claim else ()
            main, exists = Snak(one.property, ours.value), one.outcome == "same-without-reference"
            additions.append(
                Addition(item, main, ours.qualifiers, cited, ours.thing, claims, exists, ours.preferred, ours.note)
            )
    merged, others = merge_additions(additions)
    return merged, [*left_out, *others]


def _leave(one: Comparison, reason: str) -> LeftOut:
    assert one.ours is not None  # noqa: S101 - comparisons of theirs alone do not come here
    shown = show_value(one.ours.value) if one.ours.value is not None else one.ours.shown
    return LeftOut(one.item, one.thing, one.property, shown, reason, one.ours.claim)


def _add_labels(built: Build, compared: Compared) -> Iterator[tuple[str, str, str]]:
    """Yield the labels that items lack, in languages in which a source names the thing; names of curators are none."""
    frame = built.stated.frame
    curated = frame.filter(pl.col("predicate") == term(PROV, "wasAttributedTo"))["subject"]
    claims = frame.filter(pl.col("predicate") == term(RDF, "object"), ~pl.col("subject").is_in(curated.implode()))
    said = claims.select(claim="subject", name="object")
    about = frame.filter(pl.col("predicate") == term(RDF, "subject")).select(claim="subject", thing="object")
    sourced = set(said.join(about, on="claim").select("thing", "name").iter_rows())
    names = (
        frame.filter(pl.col("predicate") == term(SKOS, "prefLabel"))
        .select("subject", "object")
        .sort("subject", "object")
    )
    has_claims = {thing for thing, _ in sourced}
    for thing, name in names.sort("subject", "object").iter_rows():
        item = compared.linked.items.get(thing[1:-1], "")
        entity = compared.entities.get(item)
        if entity is None or '"@' not in name or (thing in has_claims and (thing, name) not in sourced):
            continue
        code = code_language(name.rpartition('"@')[2])
        if code not in entity.labels:
            yield entity.id, code, terms.unquote(name)


def _write_report(
    batch: Batch,
    unwritable: Iterable[LeftOut],
    left_out: Iterable[LeftOut],
    changes: Iterable[str],
    checks: Iterable[str],
) -> str:
    """Write what is in a batch and what is not, one thing a row."""
    failed = {(one.item, one.thing, one.property, one.value) for one in unwritable}
    rows: list[dict[str, str]] = []
    for new in batch.items:
        if ("", new.thing, "", next(iter(new.labels.values()), new.thing)) in failed:
            continue
        rows.append({"decision": "new item", "thing": new.thing, "value": _name(new)})
        rows += [_as_row(one) for one in new.statements]
    for one in batch.additions:
        if (one.item, one.thing, one.main.property, show_value(one.main.value)) not in failed:
            rows.append(_as_row(one))
    rows += [{"decision": "label", "item": item, "property": code, "value": text} for item, code, text in batch.labels]
    rows += [{"decision": "check first", "reason": text} for text in checks]
    rows += [{"decision": "changed", "reason": text} for text in changes]
    rows += [
        {
            "decision": "left out",
            "item": one.item,
            "thing": one.thing,
            "property": one.property,
            "value": one.value,
            "reason": one.reason,
            "claim": one.claim,
        }
        for one in left_out
    ]
    return write_csv(rows, REPORT_COLUMNS)


def _as_row(one: Addition) -> dict[str, str]:
    return {
        "decision": "reference" if one.exists else "statement",
        "item": one.item,
        "thing": one.thing,
        "property": one.main.property,
        "value": show_value(one.main.value),
        "reason": one.note,
        "claim": " ".join(one.claims),
    }


def _name(item: NewItem) -> str:
    return item.labels.get("en") or next(iter(item.labels.values()), item.thing)
