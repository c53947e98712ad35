"""One step from nodes: the triples that shapes look at around them, and the nodes at the other ends.

Requests are rows of `node`, `state` (of the reach) and `group` (whom the triples are for); triples are rows of
`subject`, `predicate` and `object`.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from glocal_rdf.shacl.reach import FOCUS, Reach, Step

__all__ = ["GROUP", "REQUESTS", "STATE", "Around", "around_of", "cross", "list_requests", "sample", "start_requests"]

STATE = pl.UInt16
GROUP = pl.UInt32
REQUESTS = pl.Schema({"node": pl.String(), "state": STATE(), "group": GROUP()})
"""The columns of requests."""


@dataclass(frozen=True, slots=True)
class Around:
    """The triples that an owner keeps of its nodes.

    Attributes:
        forward: The predicates of triples that are kept by their subject; None for any.
        backward: The predicates of triples that are kept by their object too; None for any.
    """

    forward: frozenset[str] | None
    backward: frozenset[str] | None

    def keep(self, triples: pl.DataFrame, *, backward: bool) -> pl.DataFrame:
        """Return the triples that are kept by their subject, or by their object."""
        predicates = self.backward if backward else self.forward
        return triples if predicates is None else triples.filter(pl.col("predicate").is_in(sorted(predicates)))


def around_of(reach: Reach) -> Around:
    """Return which triples an owner has to keep of its nodes."""
    return Around(_predicates(reach, backward=False), _predicates(reach, backward=True))


def _predicates(reach: Reach, *, backward: bool) -> frozenset[str] | None:
    found = {step.predicate for step in reach.steps if step.backward is backward}
    if not backward:
        # Samples are taken of what is kept by subject.
        found |= {sample.predicate for sample in reach.samples}
    return None if None in found else frozenset(p for p in found if p is not None)


def start_requests(nodes: pl.Series, groups: pl.Series, state: int = FOCUS) -> pl.DataFrame:
    """Return the requests that nodes begin with.

    Args:
        nodes: The nodes.
        groups: The group of each, which may be its bucket.
        state: The state that they are in.
    """
    begun = pl.lit(state, STATE).alias("state")
    return pl.DataFrame({"node": nodes, "group": groups.cast(GROUP)}).select("node", begun, "group")


def sample(triples: pl.DataFrame, predicates: pl.Series, reach: Reach) -> pl.DataFrame:
    """Return triples of which one for each predicate is enough (`Reach.samples`).

    Args:
        triples: The triples, with other columns perhaps.
        predicates: The predicates of all triples.
        reach: How far shapes look.
    """
    parts = [triples.clear()]
    for one in sorted(reach.samples, key=lambda one: (one.predicate or "", one.backward)):
        node = "object" if one.backward else "subject"
        found = triples.filter(pl.col(node).is_in(predicates.implode()))
        if one.predicate is None:
            parts.append(found.unique(node))
        else:
            parts.append(found.filter(pl.col("predicate") == one.predicate).unique(node))
    return pl.concat(parts)


def cross(requests: pl.DataFrame, triples: pl.DataFrame, reach: Reach, *, backward: bool) -> pl.DataFrame:
    """Follow one step from the nodes of requests.

    Args:
        requests: The requests.
        triples: The triples that are kept by their subject, or by their object.
        reach: How far shapes look.
        backward: Whether the nodes are objects of the triples.

    Returns:
        The triples, with `group`, and the `state` of the node at the other end; a triple that is crossed in several
        ways stands several times.
    """
    node = "object" if backward else "subject"
    present = set(requests["state"].unique())
    steps = [step for step in reach.steps if step.backward is backward and step.source in present]
    # A triple that is only looked at need not be crossed so where it also leads on.
    leading = {(step.source, step.predicate) for step in steps if step.target != reach.end}
    steps = [step for step in steps if step.target != reach.end or (step.source, step.predicate) not in leading]
    named = [step for step in steps if step.predicate is not None]
    parts = []
    if named:
        wanted = requests.join(_table(named), on="state").drop("state")
        parts.append(
            triples.join(wanted, left_on=[node, "predicate"], right_on=["node", "predicate"], maintain_order="left")
        )
    if len(named) < len(steps):
        wanted = requests.join(_table([step for step in steps if step.predicate is None]).drop("predicate"), on="state")
        parts.append(triples.join(wanted.drop("state"), left_on=node, right_on="node", maintain_order="left"))
    columns = ["subject", "predicate", "object", "group", pl.col("target").alias("state")]
    if not parts:
        return triples.clear().with_columns(group=pl.lit(None, GROUP), state=pl.lit(None, STATE))
    return pl.concat([part.select(columns) for part in parts])


def list_requests(crossed: pl.DataFrame, reach: Reach, *, backward: bool) -> pl.DataFrame:
    """Return what is asked for next: the nodes at the other ends of triples from which steps lead on, each once.

    Args:
        crossed: What `cross` returned.
        reach: How far shapes look.
        backward: Whether the triples were crossed backwards.
    """
    both = [state for state, steps in reach.steps_from.items() if any(step.backward for step in steps)]
    ahead = [state for state in reach.steps_from if state not in both]
    other, state = pl.col("subject" if backward else "object"), pl.col("state")
    # Nothing leads forward from a literal.
    leads = state.is_in(pl.Series(both, dtype=STATE).implode())
    leads |= state.is_in(pl.Series(ahead, dtype=STATE).implode()) & ~other.str.starts_with('"')
    return crossed.filter(leads).select(other.alias("node"), "state", "group").unique()


def _table(steps: list[Step]) -> pl.DataFrame:
    return pl.DataFrame(
        [(step.source, step.predicate, step.target) for step in steps],
        schema={"state": STATE, "predicate": pl.String, "target": STATE},
        orient="row",
    ).unique()
