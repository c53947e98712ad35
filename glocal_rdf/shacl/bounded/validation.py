"""Validates a data graph bucket by bucket, in bounded memory, with the report that it has as a whole.

1. The triples are read in pieces and kept by owner in a temporary folder (`exchange`); rdfs:subClassOf stays in memory,
   and so does what the shapes look up from the predicates of all triples. Both go to every bucket.
2. The focus nodes are put in groups that fit into memory, and what each looks at is brought together.
3. The engine validates each group; groups that turn out not to fit are divided further.
4. What was found is joined to one report (`glocal_rdf.shacl.parts`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from glocal_rdf.errors import InputError, ShapesError
from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.shacl.bounded.exchange import Exchange
from glocal_rdf.shacl.bounded.memory import MIB, Budget, make_budget, size_of
from glocal_rdf.shacl.bounded.shelf import Shelf
from glocal_rdf.shacl.cutting import find_targets
from glocal_rdf.shacl.cutting.buckets import HASHES
from glocal_rdf.shacl.parts import PartialReport, join_parts
from glocal_rdf.shacl.reach import Reach, find_reach
from glocal_rdf.shacl.report.model import ValidationReport
from glocal_rdf.shacl.shapes.targets import find_absent
from glocal_rdf.shacl.validation import PreparedShapes, check_supported, complete_report, validate_part
from glocal_rdf.spill import MEMORY as SPILL_MEMORY
from glocal_rdf.spill import Spill
from glocal_rdf.triples import Triples

__all__ = ["BoundedOptions", "validate_bounded"]

MAX_GROUPS = 20_000
"""How many groups focus nodes are put in at most."""

_FINER = 8
"""Into how many a group is divided that does not fit."""

_SHARE: float = 0.6
"""How much of a bucket's memory groups are to take when they are first made, as some are larger than others."""


@dataclass(frozen=True, kw_only=True)
class BoundedOptions:
    """The options of a validation in bounded memory, as `glocal_rdf.shacl.validate` describes them.

    Attributes:
        memory: The bytes that the program may take.
        ontology: A graph of which the class hierarchy is used.
        context: Triples that the shapes look up and that are not validated themselves; None for none.
        max_results: The number of results that are listed at most; None for all.
        time_limit: The seconds that one SPARQL-based constraint may take in one group.
        only_shapes: The shapes (terms) whose targets are validated; None for all.
        only_focus: The focus nodes (terms) that are validated; None for all.
        ignore_unsupported: Whether features that are not supported are listed, and the rest validated.
        buckets: How many buckets nodes are kept in; None for as many as the memory asks for.
        divided: Into how many groups the focus nodes of a bucket are divided at first.
    """

    memory: int
    ontology: Triples | None = None
    context: Triples | None = None
    max_results: int | None = 100_000
    time_limit: float = 60.0
    only_shapes: Collection[str] | None = None
    only_focus: Collection[str] | None = None
    ignore_unsupported: bool = False
    buckets: int | None = None
    divided: int = 1


def validate_bounded(
    read: Callable[[int], Iterable[pl.DataFrame]], size: int, shapes: PreparedShapes, options: BoundedOptions
) -> ValidationReport:
    """Validate a data graph bucket by bucket.

    Args:
        read: Reads the triples in pieces of about as many bytes of text; a triple may be in several pieces.
        size: About how many bytes of text all triples have, to begin with a number of buckets that fits.
        shapes: The shapes.
        options: The options.

    Returns:
        The report that the graph has as a whole.

    Raises:
        ShapesError: The shapes are malformed or not supported, or a query may look at any triple.
        InputError: The memory is too small, or a focus node looks at more than fits.
        OutputError: The temporary folder cannot be written.
    """
    check_supported(shapes, ignore_unsupported=options.ignore_unsupported)
    reach = find_reach(shapes)
    if reach.refused:
        hint = "validate without --max-memory"
        problems = [type(one)(one.where, one.what, f"{one.hint}, or {hint}", kind=one.kind) for one in reach.refused]
        raise ShapesError.of(problems)
    budget = make_budget(options.memory, shapes)
    buckets = options.buckets or _count_buckets(size, budget)
    spill = Spill(min(SPILL_MEMORY, budget.bucket // 20))
    try:
        exchange = Exchange(Shelf(spill), reach, budget, buckets)
        kept = _keep(read(budget.piece), exchange, shapes, budget, options.context, reach)
        return _Run(shapes, options, budget, exchange, kept).validate()
    finally:
        spill.close()


def _count_buckets(size: int, budget: Budget) -> int:
    rows = size / 100
    return max(1, min(MAX_GROUPS, int(budget.cost(size, rows) / (budget.bucket * _SHARE)) + 1))


@dataclass
class _Kept:
    """What is kept of a data graph in memory: what goes to every bucket, and what is known of its nodes."""

    hierarchy: pl.DataFrame
    absent: frozenset[str]
    has_data: bool = False
    predicates: pl.Series = field(default_factory=lambda: pl.Series("predicate", dtype=pl.String))
    looked_up: pl.DataFrame = field(default_factory=lambda: Triples.empty().frame)

    def add_classes(self, triples: pl.DataFrame, budget: Budget) -> None:
        """Keep the triples with rdfs:subClassOf, which go to every bucket.

        Raises:
            InputError: They do not fit into memory beside a bucket.
        """
        classes = triples.filter(pl.col("predicate") == RDFS_SUBCLASS_OF)
        if classes.height:
            self.hierarchy = pl.concat([self.hierarchy, classes]).unique()
            taken = budget.cost(self.hierarchy.select(size_of().sum()).item(), self.hierarchy.height)
            if taken > budget.bucket / 2:
                what = "the class hierarchy (rdfs:subClassOf) does not fit into memory beside a bucket"
                raise InputError.at("--max-memory", what, f"give {int(budget.limit + 2 * taken) // MIB + 1}M or more")

    def add_predicates(self, triples: pl.DataFrame, budget: Budget, reach: Reach) -> None:
        """Keep the predicates of triples, each once.

        Raises:
            InputError: They do not fit into memory beside a bucket.
        """
        self.predicates = pl.concat([self.predicates, triples["predicate"].unique()]).unique()
        if budget.cost(int(self.predicates.str.len_bytes().sum()), len(self.predicates)) > budget.bucket / 2:
            raise _too_much_looked_up(f"{len(self.predicates):,} predicates, and more,", reach)

    def look_up(self, exchange: Exchange, budget: Budget, reach: Reach) -> None:
        """Keep what shapes look up from the predicates of all triples.

        Raises:
            InputError: It does not fit into memory beside a bucket.
        """
        found = exchange.look_up(self.predicates)
        if found is None:
            raise _too_much_looked_up("the triples that are looked up from predicates", reach)
        both = pl.concat([self.hierarchy, found])
        if budget.cost(both.select(size_of().sum()).item(), both.height) > budget.bucket / 2:
            raise _too_much_looked_up(f"{found.height:,} triples that are looked up from predicates", reach)
        self.looked_up = found


def _too_much_looked_up(what: str, reach: Reach) -> InputError:
    names = " and ".join(reach.looking_up)
    hint = "give more memory, validate without --max-memory, or connect each pattern with $this by other variables"
    return InputError.at("--max-memory", f"{what} do not fit into memory beside a bucket, for {names}", hint)


def _keep(
    pieces: Iterable[pl.DataFrame],
    exchange: Exchange,
    shapes: PreparedShapes,
    budget: Budget,
    context: Triples | None,
    reach: Reach,
) -> _Kept:
    """Read the triples, and keep them by owner, and what goes to every bucket."""
    kept = _Kept(Triples.empty().frame, find_absent(Triples.empty(), shapes.read.targeted))
    targets = find_targets(shapes, kept.hierarchy)
    for piece in pieces:
        kept.has_data |= piece.height > 0
        if kept.absent:
            kept.absent &= find_absent(Triples(piece), shapes.read.targeted)
        if context is not None:
            exchange.keep_given(piece, targets)
        kept.add_classes(piece, budget)
        if reach.looks_up:
            kept.add_predicates(piece, budget, reach)
        exchange.keep(piece)
    if context is not None:
        kept.add_classes(context.frame, budget)
        if reach.looks_up:
            kept.add_predicates(context.frame, budget, reach)
        exchange.keep(context.frame)
    if reach.looks_up:
        kept.look_up(exchange, budget, reach)
    return kept


@dataclass
class _Run:
    """A validation whose triples are kept by owner."""

    shapes: PreparedShapes
    options: BoundedOptions
    budget: Budget
    exchange: Exchange
    kept: _Kept
    parts: list[PartialReport] = field(default_factory=list)

    def validate(self) -> ValidationReport:
        """Validate all focus nodes, and join what was found."""
        options = self.options
        above = [self.kept.hierarchy]
        if options.ontology is not None:
            above.append(options.ontology.match(predicate=RDFS_SUBCLASS_OF).frame)
        targets = find_targets(self.shapes, pl.concat(above), options.only_shapes)
        self.exchange.find_focus(targets, options.only_focus)
        # A group without focus nodes gives the shapes that are reported, also where nothing else does.
        self._add(self._validate((), pl.Series(dtype=pl.String), Triples.empty().frame))
        groups, wanted = self.exchange.owners * options.divided, None
        while True:
            gathered = self.exchange.gather(self.exchange.focus_of(groups, wanted))
            for group in gathered.ready:
                nodes = self.exchange.read_focus(group)
                triples = self.exchange.read_group(group, nodes)
                self._add(self._validate(triples, nodes["node"], self.exchange.read_given(group)))
                # A validation's parts refer to each other, and would keep its memory for a while.
                gc.collect()
            if not gathered.over:
                break
            self._check_divisible(groups, gathered.over)
            wanted = {group + groups * at for group in gathered.over for at in range(_FINER)}
            groups *= _FINER
        (whole,) = self.parts
        return complete_report([whole], self.shapes, self.kept.absent, options.max_results, has_data=self.kept.has_data)

    def _add(self, part: PartialReport) -> None:
        self.parts = [join_parts([*self.parts, part], self.shapes.read, self.options.max_results)]

    def _validate(self, triples: Iterable[pl.DataFrame], focus: pl.Series, given: pl.DataFrame) -> PartialReport:
        options = self.options
        return validate_part(
            chain([self.kept.hierarchy, self.kept.looked_up], triples),
            self.shapes,
            focus,
            ontology=options.ontology,
            max_results=options.max_results,
            time_limit=options.time_limit,
            only_shapes=options.only_shapes,
            absent=self.kept.absent,
            given=None if options.context is None else Triples(given),
        )

    def _check_divisible(self, groups: int, over: Collection[int]) -> None:
        """Report groups that cannot be divided further."""
        counts = pl.concat(
            [
                nodes.group_by("group").agg(pl.len(), pl.col("node").min())
                for nodes in self.exchange.focus_of(groups, over)
            ]
        )
        alone = counts.filter(pl.col("len") == 1)["node"].sort()
        hint = "give more memory, or validate without --max-memory"
        if len(alone):
            shown = alone[0]
            raise InputError.at("--max-memory", f"what the shapes look at from {shown} does not fit into memory", hint)
        if groups * _FINER > HASHES or len(over) * _FINER > MAX_GROUPS:
            what = f"what the shapes look at from focus nodes does not fit into memory in {MAX_GROUPS:,} parts"
            raise InputError.at("--max-memory", what, hint)
