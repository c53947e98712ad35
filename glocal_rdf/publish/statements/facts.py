"""The statements about each resource, each with its evidence: claims, cells of tables, the ontology, rules or links.

1. A statement is a triple of the graph, or what a claim states that no triple follows from: a deprecated claim, a view,
   a claim about a part.
2. Its claims are those with its subject, predicate and object.
3. A statement without claims comes from cells, where a table makes it; else from the ontology or a mapping; and what is
   left follows by a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from glocal_rdf.namespaces import OWL, RDF, term
from glocal_rdf.publish.statements.claims import Claim
from glocal_rdf.publish.statements.mappings import Mapped, list_links, read_mappings

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Site

__all__ = ["CLAIM", "Cell", "Fact", "Facts", "list_facts"]

_TRIPLE: Final = ["subject", "predicate", "object"]
CLAIM: Final = "claim"
"""The origin of a statement that claims are there for; the others are `table`, `ontology`, `mapping` and `rule`."""

_MAX_CELLS: Final = 3
_LAID_OUT: Final = 8
"""For how many chunks statements are laid out at a time: few enough for memory, enough that scans are worth it."""


class Cell(NamedTuple):
    """A cell of a table: the file relative to the project, the line, and the title of the column."""

    file: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a predicate of some resource.

    Attributes:
        value: The value, a term.
        plain: Whether the graph has the triple; not so where only deprecated claims, views or claims of parts state it.
        origin: Where it comes from: `claim`, `table`, `ontology`, `mapping` or `rule`.
        claims: The claims that state it.
        cells: The cells that it was made from.
        mappings: The mappings that it comes from.
    """

    value: str
    plain: bool
    origin: str
    claims: tuple[Claim, ...] = ()
    cells: tuple[Cell, ...] = ()
    mappings: tuple[Mapped, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether it is a link or a short value for which there is nothing to show beside it."""
        return not (self.claims or self.cells or self.mappings) and not self.value.startswith("_:")


@dataclass(slots=True)
class Facts:
    """What pages show of a resource.

    Attributes:
        stated: The facts about it, by predicate.
        incoming: The resources whose statements lead to it, by predicate: the first of them.
        counts: How many there are, by predicate; None where there are more than the first, and nobody counted.
        hubs: All of them, by predicate, where not all are among the first.
        external: What other sources say: predicates and values by the term of the source.
        shortened: By predicate, how many values there are and the path of their list, where only the first are stated.
        notes: What else is not here as a whole, in sentences by language.
    """

    stated: dict[str, list[Fact]] = field(default_factory=dict)
    incoming: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int | None] = field(default_factory=dict)
    hubs: dict[str, pl.Series] = field(default_factory=dict)
    external: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    shortened: dict[str, tuple[int, str]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)


def list_facts(
    site: Site, chunk: int, most_incoming: int, resources: pl.DataFrame | None = None
) -> Iterator[tuple[pl.DataFrame, Mapping[str, Facts]]]:
    """Yield the facts about resources with pages, some at a time.

    Args:
        site: The site.
        chunk: About how many resources are listed at a time.
        most_incoming: How many incoming statements of one predicate are listed.
        resources: The rows of `Site.resources` that are listed; all where None.

    Yields:
        Rows of `Site.resources`, and the facts about these by term.
    """
    claims, mappings, incoming, external = _prepare(site) if resources is None else _keep_prepared(site)
    resources = site.resources if resources is None else resources
    every = pl.DataFrame()
    for start in range(0, len(resources), chunk):
        if start % (_LAID_OUT * chunk) == 0:
            every = _lay_out(site, resources.slice(start, _LAID_OUT * chunk).select(subject="term"))
        some = resources.slice(start, chunk)
        found = {one: Facts() for one in some["term"]}
        these = some.select(subject="term")
        rows = every.join(these, on="subject", how="semi").sort(_TRIPLE)
        cells = _list_cells(site, rows.filter(pl.col("origin") == "table"))
        for subject, predicate, value, plain, origin in rows.iter_rows():
            triple = (subject, predicate, value)
            fact = Fact(
                value, plain, origin, tuple(claims.get(triple, ())), cells.get(triple, ()), mappings.get(triple, ())
            )
            found[subject].stated.setdefault(predicate, []).append(fact)
        leading = incoming.join(these, left_on="object", right_on="subject", how="semi").sort(_TRIPLE)
        grouped = leading.group_by("object", "predicate", maintain_order=True)
        for thing, predicate, number, subjects in grouped.agg(
            pl.len(), pl.col("subject").head(most_incoming)
        ).iter_rows():
            found[thing].incoming[predicate] = subjects
            found[thing].counts[predicate] = number
            if number > most_incoming:
                own = (pl.col("object") == thing) & (pl.col("predicate") == predicate)
                found[thing].hubs[predicate] = leading.filter(own)["subject"]
        for subject, graph, predicate, value in external.join(these, on="subject", how="semi").iter_rows():
            found[subject].external.setdefault(graph, []).append((predicate, value))
        yield some, found


def _prepare(
    site: Site,
) -> tuple[
    Mapping[tuple[str, str, str], Sequence[Claim]],
    Mapping[tuple[str, str, str], tuple[Mapped, ...]],
    pl.DataFrame,
    pl.DataFrame,
]:
    """Return what the facts about any resource are found in: claims and mappings by statement, and what leads to it."""
    return _claims_by_statement(site), read_mappings(site.graph.frame), _list_incoming(site), _list_external(site)


# Whoever asks for some resources asks for others later; who asks for all needs what this takes no longer.
_keep_prepared = lru_cache(maxsize=1)(_prepare)


def _claims_by_statement(site: Site) -> Mapping[tuple[str, str, str], Sequence[Claim]]:
    found: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in site.claims.values():
        for value in claim.objects:
            found.setdefault((claim.subject, claim.predicate, value), []).append(claim)
    return found


def _lay_out(site: Site, own: pl.DataFrame) -> pl.DataFrame:
    """Return all statements about some resources (the column `subject`): the triple, `plain` and `origin`."""
    built = site.built
    triples = built.with_ontology.frame.join(own, on="subject", how="semi")
    rows = [(one.subject, one.predicate, value) for one in site.claims.values() for value in one.objects]
    claimed = pl.DataFrame(rows, schema=dict.fromkeys(_TRIPLE, pl.String), orient="row").unique()
    claimed = claimed.join(own, on="subject", how="semi")
    hidden = claimed.join(triples, on=_TRIPLE, how="anti").with_columns(plain=pl.lit(False), origin=pl.lit(CLAIM))

    def mark(frame: pl.DataFrame, origin: str) -> pl.DataFrame:
        these = frame.select(_TRIPLE).join(own, on="subject", how="semi")
        return these.unique().with_columns(pl.lit(origin).alias(origin))

    marks = [
        mark(claimed, CLAIM),
        mark(site.cells, "table"),
        mark(built.project.ontology.frame, "ontology"),
        mark(list_links(built.with_ontology.frame), "mapping"),
        mark(built.stated.frame, "stated"),
    ]
    for one in marks:
        triples = triples.join(one, on=_TRIPLE, how="left")
    origin = pl.coalesce(*(one.columns[-1] for one in marks), pl.lit("rule"))
    return pl.concat([triples.select(*_TRIPLE, plain=pl.lit(True), origin=origin), hidden])


def _list_cells(site: Site, rows: pl.DataFrame) -> Mapping[tuple[str, str, str], tuple[Cell, ...]]:
    """Return the cells that statements were made from, the first few of each."""
    found: dict[tuple[str, str, str], tuple[Cell, ...]] = {}
    cells = site.cells.join(rows.select(_TRIPLE), on=_TRIPLE, how="semi")
    for subject, predicate, value, row, column, file in cells.sort(*_TRIPLE, "file", "row", "column").iter_rows():
        triple = (subject, predicate, value)
        known = found.get(triple, ())
        if len(known) < _MAX_CELLS:
            found[triple] = (*known, Cell(file, row, column))
    return found


def _list_incoming(site: Site) -> pl.DataFrame:
    """Return the statements that lead to resources with pages, but those that it states itself the other way."""
    frame = site.graph.frame
    own = site.resources.select("term")
    parts = frame.filter(pl.col("predicate") == term(RDF, "subject")).select("subject")
    links = (
        frame.join(own, left_on="object", right_on="term", how="semi")
        .join(own, left_on="subject", right_on="term", how="semi")
        .join(parts, on="subject", how="anti")
    )
    pairs = frame.filter(pl.col("predicate") == term(OWL, "inverseOf")).select(one="subject", other="object")
    symmetric = frame.filter(pl.col("object") == term(OWL, "SymmetricProperty")).select(one="subject", other="subject")
    inverses = pl.concat([pairs, pairs.select(one="other", other="one"), symmetric]).unique()
    shown = links.join(inverses, left_on="predicate", right_on="one").join(
        frame.select(object="subject", other="predicate", subject="object"),
        on=["object", "other", "subject"],
        how="semi",
    )
    return links.join(shown, on=_TRIPLE, how="anti")


def _list_external(site: Site) -> pl.DataFrame:
    """Return what the graphs of other sources say: `subject`, `graph`, `predicate` and `object`."""
    schema = dict.fromkeys(("subject", "graph", "predicate", "object"), pl.String)
    frames = [
        source.facts.frame.sort(_TRIPLE).select(
            "subject", pl.lit(f"<{source.iri}>").alias("graph"), "predicate", "object"
        )
        for source in site.built.source_graphs
    ]
    return pl.concat([pl.DataFrame(schema=schema), *frames])
