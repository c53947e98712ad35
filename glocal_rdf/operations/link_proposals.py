"""What the commands that propose links share: what is linked, what it is linked to, and mappings of the decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from glocal_rdf.dataset import Build
from glocal_rdf.errors import InputError, Problem
from glocal_rdf.lazy import pl
from glocal_rdf.linking.candidates import find_candidates
from glocal_rdf.linking.decisions import DEFAULT_THRESHOLD, Decisions, decide
from glocal_rdf.linking.evidence import FEATURES
from glocal_rdf.linking.graphs import Vocabulary, read_ntriples, things_of_triples
from glocal_rdf.linking.records import read_dump
from glocal_rdf.linking.tables import Columns, guess_columns, read_header, read_table
from glocal_rdf.linking.things import Things
from glocal_rdf.namespaces import RDF_TYPE, SKOS, term
from glocal_rdf.sssom.mapping_sets import COLUMNS, EVIDENCE, REASON, REVIEW_STATE, MappingSet, make_header
from glocal_rdf.sssom.review import merge_proposals
from glocal_rdf.triples import Triples, terms

__all__ = [
    "Proposals",
    "Source",
    "Target",
    "collect_things",
    "find_links",
    "list_unlinked",
    "read_snapshot",
    "to_records",
]

Source = Callable[[Things], Iterable[tuple[Things, Iterable[Problem]]]]
"""What finds candidates for things, in batches, with what could not be read."""

_TOOL: Final = "Glocal RDF"
_JSON: Final = (".json", ".jsonl", ".ndjson")
_MEASURE: Final = "folded names, rapidfuzz"


@dataclass(frozen=True)
class Target:
    """What is linked to.

    Attributes:
        name: What it is called (`wikidata`, `geonames`, …), which names the mapping set too.
        title: The title of the mapping set.
        prefix: The prefix of its identifiers.
        namespace: What the prefix stands for.
        ending: What follows an identifier in an IRI.
    """

    name: str
    title: str
    prefix: str
    namespace: str
    ending: str = ""


@dataclass(frozen=True)
class Proposals:
    """What was found for some things.

    Attributes:
        decisions: The candidates, with their evidence.
        mappings: The proposals as a mapping set, those that were decided before among them.
        problems: What could not be read, in our table and in theirs.
        kept: How many mappings were there before, and stay.
        dropped: How many former proposals were not found again, and are gone.
    """

    decisions: Decisions
    mappings: MappingSet
    problems: tuple[Problem, ...]
    kept: int = 0
    dropped: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many things have a link, candidates only, and nothing."""
        frame, things = self.decisions.frame, len(self.decisions.things)
        links, some = frame.filter("link").height, frame["thing"].n_unique()
        return {"things": things, "links": links, "candidates": some - links, "nothing": things - some}


def read_snapshot(path: Path) -> Iterator[tuple[Things, list[Problem]]]:
    """Read a snapshot, whatever its form: N-Triples, JSON lines of a dump, or a table.

    Args:
        path: The file; its ending decides, `.gz` aside.

    Raises:
        InputError: Where it cannot be read, is of another form, or is a table without identifiers or names.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".nt"):
        return read_ntriples(path)
    if name.endswith(_JSON):
        return read_dump(path)
    if not name.endswith((".csv", ".tsv")):
        raise InputError.at(
            path, "is not a snapshot by its name", "give .nt, .json, .jsonl, .csv or .tsv, or these with .gz"
        )
    header = read_header(path)
    columns = guess_columns(header)
    if not columns.id or not columns.names:
        lacks = "identifiers (id, qid, …)" if not columns.id else "names (label, label_en, name, …)"
        raise InputError.at(path, f"has no column of {lacks}", f"rename one of {', '.join(header)[:200]}")
    return read_table(path, columns)


def collect_things(path: Path, columns: Columns, kind: str = "") -> tuple[Things, tuple[Problem, ...]]:
    """Read the whole of a table of things to link.

    Args:
        path: The table.
        columns: What its columns hold.
        kind: A type that all rows have.

    Raises:
        InputError: Where it cannot be read, or lacks a column.
    """
    parts = list(read_table(path, columns, snapshot=False)) or [(Things.empty(), [])]
    things = Things(pl.concat([one.frame for one, _ in parts]), pl.concat([one.names for one, _ in parts]))
    if kind:
        typed = things.frame.with_columns(types=pl.concat_list("types", pl.lit([kind], pl.List(pl.String))))
        things = Things(typed, things.names)
    return things, tuple(problem for _, found in parts for problem in found)


def list_unlinked(built: Build, target: Target, kinds: Iterable[str] = ()) -> Things:
    """List the organizations, places and other things of a project that have no link to a target.

    Args:
        built: The project's graph.
        target: What they would be linked to.
        kinds: The classes, by local name or IRI; by default all classes of which some thing is linked already, and
            their subclasses, or else all things with a name.
    """
    frame = built.triples.frame
    same = [term(SKOS, name) for name in ("exactMatch", "closeMatch")]
    linked = frame.filter(pl.col("predicate").is_in(same) & pl.col("object").str.starts_with(f"<{target.namespace}"))
    typed = frame.filter(
        (pl.col("predicate") == RDF_TYPE) & pl.col("subject").str.starts_with(f"<{built.project.space}")
    )
    wanted = {kind.rpartition(":")[2] for kind in kinds}
    local = terms.value(pl.col("object")).str.extract(r"([^/#]+)$")
    if wanted:
        typed = typed.filter(local.is_in(list(wanted)) | terms.value(pl.col("object")).is_in(list(wanted)))
    else:
        classes = typed.join(linked, on="subject", how="semi")["object"].unique()
        typed = typed.filter(pl.col("object").is_in(classes.implode())) if classes.len() else typed
    subjects = typed.join(linked, on="subject", how="anti")["subject"].unique()
    country = frozenset(built.project.find_terms("country")) if built.project.space else frozenset()
    usual = Vocabulary()
    words = Vocabulary(countries=usual.countries | country)
    english = frame.filter((pl.col("predicate") == term(SKOS, "prefLabel")) & pl.col("object").str.ends_with("@en"))
    names = dict(english.select("subject", terms.value(pl.col("object"))).iter_rows())
    every = Triples(pl.concat([frame, *(graph.frame for graph in built.named_graphs.values())]))
    return things_of_triples(every, words, only=set(subjects), names=names)


def find_links(
    things: Things,
    source: Source,
    target: Target,
    *,
    subjects: Mapping[str, str],
    date: str,
    version: str,
    threshold: float = DEFAULT_THRESHOLD,
    former: MappingSet | None = None,
    problems: Iterable[Problem] = (),
) -> Proposals:
    """Find candidates, decide, and write the decisions as mappings beside those that were decided before.

    Args:
        things: What to link.
        source: What finds candidates for them.
        target: What that is.
        subjects: The prefix of our identifiers, and what it stands for; an identifier that begins so is shortened.
        date: The day.
        version: The version of this program.
        threshold: The confidence from which on a candidate is a link.
        former: The mapping set as it was.
        problems: What could not be read in our table.
    """
    candidates = find_candidates(things, source(things))
    decisions = decide(things, candidates, threshold)
    [(prefix, namespace)] = subjects.items()
    seed = "\n".join([target.namespace, namespace, *things.frame["id"]])
    prefixes = {prefix: namespace, target.prefix: target.namespace}
    header = make_header(uuid5(NAMESPACE_URL, seed).urn, target.title, prefixes)
    proposed = MappingSet(header, _to_rows(decisions, target, prefix, namespace, date, version))
    merged = merge_proposals(former, proposed)
    every = (*problems, *candidates.problems)
    return Proposals(decisions, merged.mappings, every, merged.kept, merged.dropped)


def _to_rows(
    decisions: Decisions, target: Target, prefix: str, namespace: str, date: str, version: str
) -> pl.DataFrame:
    """Write candidates as rows of SSSOM, those of one thing together, the best first."""
    ours = decisions.things.frame.select(thing="row", subject="id", subject_label="label")
    frame = decisions.frame.join(ours, on="thing").sort("thing", "rank")
    composite = pl.any_horizontal(pl.col(name).is_not_null() for name in FEATURES[1:])
    rows = frame.select(
        subject_id=pl.concat_str(pl.lit(f"{prefix}:"), pl.col("subject").str.strip_prefix(namespace)),
        subject_label="subject_label",
        predicate_id=pl.lit("skos:exactMatch"),
        predicate_modifier=pl.lit(None, pl.String),
        object_id=pl.concat_str(
            pl.lit(f"{target.prefix}:"), pl.col("id").str.strip_prefix(target.namespace), pl.lit(target.ending)
        ),
        object_label="label",
        mapping_justification=pl.when(composite)
        .then(pl.lit("semapv:CompositeMatching"))
        .otherwise(pl.lit("semapv:LexicalMatching")),
        reviewer_label=pl.lit(None, pl.String),
        review_date=pl.lit(None, pl.String),
        mapping_tool=pl.lit(_TOOL),
        mapping_tool_version=pl.lit(version),
        mapping_date=pl.lit(date),
        confidence=pl.col("confidence").cast(pl.String),
        match_string="their_name",
        similarity_score=pl.col("name").round(3).cast(pl.String),
        similarity_measure=pl.lit(_MEASURE),
        comment=pl.lit(None, pl.String),
        **{REVIEW_STATE: pl.lit("proposed"), "ext_review_reason": pl.lit(None, pl.String)},
        **{EVIDENCE: _evidence(), REASON: pl.when("link").then(None).otherwise("reason")},
    )
    return rows.select(COLUMNS)


def _evidence() -> pl.Expr:
    """Write the features that are known: `name=1.0 (Taipei); country=1.0; coordinates=0.8 (12 km)`."""
    parts = [pl.format("name={} ({}: {})", pl.col("name").round(2), "how", "their_name")]
    for name in FEATURES[1:]:
        text = pl.format(f"{name}={{}}", pl.col(name).round(2))
        if name == "coordinates":
            text = pl.format("coordinates={} ({} km)", pl.col(name).round(2), pl.col("km").round(0).cast(pl.Int64))
        if name == "site":
            shared = pl.when(pl.col("shared").fill_null(False)).then(pl.lit(" (shared)")).otherwise(pl.lit(""))
            text = pl.concat_str(text, shared)
        parts.append(text)
    return pl.concat_str(parts, separator="; ", ignore_nulls=True)


def to_records(proposals: Proposals) -> list[dict[str, Any]]:
    """Return each thing with its decision and candidates as a JSON object."""
    rows: dict[int, list[dict[str, Any]]] = {}
    for one in proposals.decisions.frame.sort("thing", "rank").iter_rows(named=True):
        features = {name: round(one[name], 3) if one[name] is not None else None for name in FEATURES}
        rows.setdefault(one["thing"], []).append(
            {
                "id": one["id"],
                "label": one["label"],
                "confidence": one["confidence"],
                "link": one["link"],
                "reason": "" if one["link"] else one["reason"],
                "name": one["their_name"],
                "features": features,
            }
        )
    things = proposals.decisions.things.frame.select("row", "id", "label").sort("row")
    return [
        {
            "id": thing,
            "label": label,
            "decision": _decision(rows.get(row, [])),
            "candidates": rows.get(row, []),
        }
        for row, thing, label in things.iter_rows()
    ]


def _decision(candidates: list[dict[str, Any]]) -> str:
    if not candidates:
        return "nothing"
    return "link" if candidates[0]["link"] else "candidates"
