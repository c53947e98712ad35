"""Brings together what a group of focus nodes looks at: the exchange between owners (`shacl.cutting`).

1. The triples are kept by owner, by subject and where needed by object (`keep`).
2. Each owner finds its focus nodes (`find_focus`).
3. Focus nodes are put in groups, and ask their owner for the triples around them (`gather`). In each round every owner
   that was asked answers: the triples are put aside for the groups that asked, and the nodes at their other ends ask
   their owners in the next round. What was asked once is not asked again.
4. A group whose triples do not fit into memory is given up as soon as that is seen, and left to a finer division.

Before that, what shapes look up from the predicates of all triples is brought together in the same way (`look_up`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import polars as pl

from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.shacl.bounded.memory import Budget, size_of
from glocal_rdf.shacl.bounded.shelf import Shelf
from glocal_rdf.shacl.cutting import Targets, around_of, bucket_of, cross, list_requests, sample, start_requests
from glocal_rdf.shacl.cutting.crossing import GROUP, REQUESTS
from glocal_rdf.shacl.reach import FOCUS, Reach

__all__ = ["Exchange", "Gathered"]

MAX_ROUNDS = 256
"""How many steps are followed from a focus node at most."""

_TRIPLE = ["subject", "predicate", "object"]
_SCHEMA = pl.Schema(dict.fromkeys(_TRIPLE, pl.String()))
_FORWARD, _BACKWARD, _GIVEN = "forward", "backward", "given"
_KEPT = ((_FORWARD, "subject", False), (_BACKWARD, "object", True))


@dataclass(slots=True)
class Gathered:
    """The groups whose triples are at hand, and those whose triples do not fit.

    Attributes:
        ready: The groups that fit.
        over: The groups that do not.
    """

    ready: list[int] = field(default_factory=list)
    over: set[int] = field(default_factory=set)


class Exchange:
    """The triples of a data graph by owner."""

    def __init__(self, shelf: Shelf, reach: Reach, budget: Budget, owners: int) -> None:
        """Keep nothing yet.

        Args:
            shelf: Where all frames are kept.
            reach: How far shapes look.
            budget: How memory is used.
            owners: How many owners there are.
        """
        self._shelf = shelf
        self._reach = reach
        self._budget = budget
        self._around = around_of(reach)
        self.owners = owners

    def keep(self, triples: pl.DataFrame) -> None:
        """Add triples to those that are kept."""
        for name, node, back in _KEPT:
            kept = self._around.keep(triples, backward=back)
            if kept.height:
                self._divide(kept.with_columns(to=bucket_of(kept[node], self.owners)), name)

    def keep_given(self, triples: pl.DataFrame, targets: Targets) -> None:
        """Keep what says which focus nodes the validated data have, where these are a part of the data graph.

        Args:
            triples: Some of these data.
            targets: The targets.
        """
        subjects = triples.unique("subject")
        predicates = sorted(targets.objects_of - {RDF_TYPE})
        objects = triples.filter(pl.col("predicate").is_in(predicates)).unique(["predicate", "object"])
        for kept, node in ((subjects, "subject"), (objects, "object")):
            self._divide(kept.with_columns(to=bucket_of(kept[node], self.owners)), _GIVEN)

    def read_given(self, group: int) -> pl.DataFrame:
        """Return what `keep_given` kept for the owner of a group."""
        return pl.concat([pl.DataFrame(schema=_SCHEMA), *self._shelf.read(f"{_GIVEN}.{group % self.owners}")])

    def find_focus(self, targets: Targets, only_focus: Collection[str] | None) -> None:
        """Let each owner find its focus nodes.

        Args:
            targets: The targets.
            only_focus: The focus nodes (terms) that are wanted; None for all.
        """
        named = pl.Series("node", sorted(targets.nodes), dtype=pl.String)
        owner_of_named = bucket_of(named, self.owners)
        wanted = None if only_focus is None else pl.Series(list(only_focus), dtype=pl.String)
        for owner in range(self.owners):
            found = [named.filter(owner_of_named == owner)]
            for triples in self._shelf.read(f"{_FORWARD}.{owner}"):
                found.append(targets.find_subjects(triples).rename("node"))
            for triples in self._shelf.read(f"{_BACKWARD}.{owner}"):
                found.append(targets.find_objects(triples).rename("node"))
            nodes = pl.concat(found).unique()
            if wanted is not None:
                nodes = nodes.filter(nodes.is_in(wanted.implode()))
            self._shelf.append(f"focus.{owner}", nodes.to_frame())

    def focus_of(self, groups: int, wanted: Collection[int] | None = None) -> Iterator[pl.DataFrame]:
        """Yield for each owner its focus nodes, with the group of each.

        Args:
            groups: How many groups there are: a multiple of the number of owners.
            wanted: The groups whose focus nodes are wanted; None for all.
        """
        for owner in range(self.owners):
            if wanted is not None and all(group % self.owners != owner for group in wanted):
                continue
            for nodes in self._shelf.read(f"focus.{owner}"):
                found = nodes.with_columns(group=bucket_of(nodes["node"], groups).cast(GROUP))
                yield found if wanted is None else found.filter(pl.col("group").is_in(sorted(wanted)))

    def look_up(self, predicates: pl.Series) -> pl.DataFrame | None:
        """Return the triples that shapes look up from the predicates of all triples.

        Args:
            predicates: The predicates, each once.

        Returns:
            The triples; None where they take more memory than there is for a bucket.

        Raises:
            InputError: More steps are followed than are allowed.
        """
        over = set[int]()
        if self._reach.of_predicates is not None:
            group = pl.Series("group", [0]).new_from_index(0, len(predicates))
            requests = start_requests(predicates.rename("node"), group, self._reach.of_predicates)
            self._divide(requests.with_columns(to=bucket_of(requests["node"], self.owners)), "asked.1")
            self._answer_rounds(Counter(), over)
        found = pl.concat([pl.DataFrame(schema=_SCHEMA), *self._shelf.read("triples.0")])
        self._shelf.remove("triples.0")
        samples = found.clear()
        for owner in range(self.owners) if self._reach.samples else ():
            for triples in self._shelf.read(f"{_FORWARD}.{owner}"):
                taken = sample(triples, predicates, self._reach)
                samples = sample(pl.concat([samples, taken]), predicates, self._reach)
        found = pl.concat([found, samples])
        return None if over else found.unique()

    def gather(self, starts: Iterator[pl.DataFrame]) -> Gathered:
        """Let groups ask for the triples that they look at; those that others answer with are put aside for each.

        Args:
            starts: The focus nodes (`node`) and the group of each (`group`), of one owner each.

        Raises:
            InputError: More steps are followed than are allowed.
        """
        found, sizes = Gathered(), Counter[int]()
        for nodes in starts:
            for key, own in nodes.partition_by("group", as_dict=True).items():
                self._shelf.append(f"nodes.{key[0]}", own.select("node"))
                sizes[int(key[0])] += 0
            self._ask_first(nodes, sizes, found.over)
        self._answer_rounds(sizes, found.over)
        found.ready = sorted(set(sizes) - found.over)
        for group in found.over:
            self._shelf.remove(f"triples.{group}")
            self._shelf.remove(f"nodes.{group}")
        return found

    def read_focus(self, group: int) -> pl.DataFrame:
        """Return the focus nodes of a group (`node`); they are given up."""
        nodes = pl.concat(list(self._shelf.read(f"nodes.{group}")))
        self._shelf.remove(f"nodes.{group}")
        return nodes

    def read_group(self, group: int, nodes: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield the triples that a group looks at, some perhaps twice; those of other owners are given up.

        Args:
            group: The group.
            nodes: Its focus nodes.
        """
        yield from self._shelf.read(f"triples.{group}")
        self._shelf.remove(f"triples.{group}")
        for own, _ in self._read_own(group % self.owners, nodes):
            yield own.select(_TRIPLE)

    def _read_own(self, owner: int, nodes: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, bool]]:
        """Yield the triples around focus nodes, and whether they are kept by their object.

        Args:
            owner: The owner of the nodes.
            nodes: The focus nodes (`node`), and perhaps the group of each, which the triples get too.
        """
        for name, node, back in _KEPT:
            for triples in self._read_batches(f"{name}.{owner}"):
                yield triples.join(nodes, left_on=node, right_on="node", maintain_order="left"), back

    def _ask_first(self, nodes: pl.DataFrame, sizes: Counter[int], over: set[int]) -> None:
        """Ask for what lies beyond the triples around focus nodes, which their owner has itself."""
        if nodes.is_empty():
            return
        owner = bucket_of(nodes["node"].head(1), self.owners).item()
        requests = start_requests(nodes["node"], nodes["group"])
        self._shelf.append(f"seen.{owner}", requests)
        leading = [step.predicate for step in self._reach.steps_from.get(FOCUS, ()) if step.target != self._reach.end]
        any_leads = None in leading
        for triples, back in self._read_own(owner, nodes):
            for group, text, rows in (
                triples.group_by("group").agg(size_of().sum().alias("text"), pl.len().alias("rows")).iter_rows()
            ):
                self._add_size(group, text, rows, sizes, over)
            further = triples if any_leads else triples.filter(pl.col("predicate").is_in(leading))
            if further.height:
                crossed = cross(requests, further.select(_TRIPLE), self._reach, backward=back)
                self._ask(crossed, 1, backward=back)

    def _answer_rounds(self, sizes: Counter[int], over: set[int]) -> None:
        """Let owners answer until nothing more is asked."""
        rounds = 1
        while self._answer_round(rounds, sizes, over):
            rounds += 1
            if rounds > MAX_ROUNDS:
                what = f"a repeated path leads on for more than {MAX_ROUNDS} steps, further than is followed by parts"
                raise InputError.at("--max-memory", what, "validate without --max-memory")
        for owner in range(self.owners):
            self._shelf.remove(f"seen.{owner}")

    def _answer_round(self, number: int, sizes: Counter[int], over: set[int]) -> bool:
        """Let all owners answer that were asked in a round; return whether anything was asked in turn."""
        asked = False
        for owner in range(self.owners):
            name = f"asked.{number}.{owner}"
            requests = pl.concat([pl.DataFrame(schema=REQUESTS), *self._shelf.read(name)]).unique()
            self._shelf.remove(name)
            for before in self._shelf.read(f"seen.{owner}"):
                requests = requests.join(before, on=REQUESTS.names(), how="anti")
            requests = _without(requests, over)
            if requests.is_empty():
                continue
            self._shelf.append(f"seen.{owner}", requests)
            for kept, _, back in _KEPT:
                for triples in self._read_batches(f"{kept}.{owner}"):
                    asked |= self._answer(requests, triples, number, sizes, over, backward=back)
        return asked

    def _answer(
        self,
        requests: pl.DataFrame,
        triples: pl.DataFrame,
        number: int,
        sizes: Counter[int],
        over: set[int],
        *,
        backward: bool,
    ) -> bool:
        """Answer requests from some triples; return whether anything is asked in turn."""
        asked = False
        for some in self._split(_without(requests, over), triples.height):
            crossed = cross(some, triples, self._reach, backward=backward)
            if crossed.is_empty():
                continue
            asked |= self._ask(crossed, number + 1, backward=backward)
            for key, part in crossed.drop("state").partition_by("group", as_dict=True, include_key=False).items():
                group = int(key[0])
                self._add_size(group, part.select(size_of().sum()).item(), part.height, sizes, over)
                if group in over:
                    self._shelf.remove(f"triples.{group}")
                else:
                    self._shelf.append(f"triples.{group}", part)
        return asked

    def _ask(self, crossed: pl.DataFrame, number: int, *, backward: bool) -> bool:
        """Ask in a round for what lies beyond triples that were crossed; return whether that is anything."""
        onward = list_requests(crossed, self._reach, backward=backward)
        self._divide(onward.with_columns(to=bucket_of(onward["node"], self.owners)), f"asked.{number}")
        return onward.height > 0

    def _add_size(self, group: int, text: int, rows: int, sizes: Counter[int], over: set[int]) -> None:
        sizes[group] += int(self._budget.cost(text, rows))
        if sizes[group] > self._budget.bucket:
            over.add(group)

    def _read_batches(self, name: str) -> Iterator[pl.DataFrame]:
        """Yield the triples of an owner, as many at once as fit beside what is made of them."""
        batch: list[pl.DataFrame] = []
        size = 0
        for triples in self._shelf.read(name):
            batch.append(triples)
            size += int(triples.estimated_size())
            if size > self._budget.batch:
                yield pl.concat(batch)
                batch, size = [], 0
        if batch:
            yield pl.concat(batch)

    def _split(self, requests: pl.DataFrame, rows: int) -> Iterator[pl.DataFrame]:
        """Yield requests so that a join with so many triples gives no more rows than fit into memory."""
        groups = requests["group"].unique()
        together = max(1, self._budget.rows // max(1, rows))
        if len(groups) <= together:
            yield requests
            return
        for at in range(0, len(groups), together):
            yield requests.filter(pl.col("group").is_in(groups.slice(at, together).implode()))

    def _divide(self, frame: pl.DataFrame, name: str) -> None:
        """Add the rows of a frame to those of their owners, by the column `to`."""
        for key, part in frame.partition_by("to", as_dict=True, include_key=False).items():
            self._shelf.append(f"{name}.{key[0]}", part)


def _without(requests: pl.DataFrame, groups: Collection[int]) -> pl.DataFrame:
    return requests.filter(~pl.col("group").is_in(sorted(groups))) if groups else requests
