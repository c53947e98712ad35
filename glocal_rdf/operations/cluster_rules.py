"""Applies the rules of `ontology/rules` on a cluster, to the triples that one machine infers.

A rule is cut by the nodes of one of its variables, its *centre*: each worker applies it to a bucket of these nodes.

1. What the patterns with the centre as subject (or, where the predicate is named, as object) match is around a node,
   and goes to its bucket. What all other patterns match goes to every bucket: that is the ontology, mostly, and few
   triples. Of patterns with one subject, one of which names its object, only the triples of the subjects that have
   it go everywhere.
2. A rule with NOT EXISTS is applied to the nodes of the bucket alone, since only around them everything is there.
3. All rules are applied once to a bucket. What they make comes to the session, and what is new of it is sent to the
   cluster, and applied to again, until nothing is new.

A rule without such a centre is refused by its name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from glocal_rdf.claims.rules import MAX_ROUNDS, apply_once
from glocal_rdf.errors import InputError, Problem, QueryError
from glocal_rdf.shacl.cutting import bucket_of
from glocal_rdf.sparql.execution.process import TIMEOUT
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.policy import check_form, check_graphs
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glocal_rdf.cluster import Cluster
    from glocal_rdf.cluster.keeping import Keeper

__all__ = ["MODULES", "Rule", "infer_on_cluster", "plan_rules", "send"]

MODULES: Final = ("glocal_rdf.operations.cluster_rules",)
"""What the check of the workers imports."""

MAX_EVERYWHERE: Final = 500_000
"""How many triples go to every bucket at most."""

_SLICE: Final = 200_000
"""How many triples are sent at once."""

_OWN: Final = "<urn:x-glocal:of-this-bucket>"
"""Marks the nodes of a bucket there; no triple with this predicate leaves it."""

_TRIPLE: Final = ("subject", "predicate", "object")
_SCHEMA: Final = dict.fromkeys(_TRIPLE, pl.String())
_PIECES: Final = {**_SCHEMA, "bucket": pl.Int64()}


@dataclass(frozen=True, slots=True)
class Wide:
    """Triples that go to every bucket.

    Attributes:
        predicate: Their predicate.
        object: Their object; None for any.
        kinds: What else their subjects have: predicates and objects.
    """

    predicate: str
    object: str | None = None
    kinds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is cut by the nodes of one variable.

    Attributes:
        text: The query, with a pattern for the nodes of the bucket where it needs one.
        forward: The predicates of triples that go to the bucket of their subject; None for any.
        backward: The predicates of triples that go to the bucket of their object.
        wide: The triples that go to every bucket.
    """

    text: str
    forward: frozenset[str] | None
    backward: frozenset[str]
    wide: frozenset[Wide]


def plan_rules(rules: Mapping[str, str]) -> dict[str, tuple[Rule, ...]]:
    """Find how each rule can be cut: by the variables around whose nodes the least has to come together.

    Args:
        rules: The texts of the rules by name.

    Raises:
        QueryError: One is not SPARQL.
        InputError: With every rule that is not a CONSTRUCT query, or has no variable that it can be cut by.

    Examples:
        >>> rule = plan_rules({"r": "CONSTRUCT { ?o <urn:q> ?s } WHERE { ?s <urn:p> ?o }"})["r"][0]
        >>> rule.forward, rule.backward
        (frozenset({'<urn:p>'}), frozenset())
    """
    planned: dict[str, tuple[Rule, ...]] = {}
    problems: list[Problem] = []
    for name, text in rules.items():
        where = f"ontology/rules/{name}.rq"
        try:
            check_graphs(text, ())
            if (form := check_form(text)) != "CONSTRUCT":
                hint = "write CONSTRUCT { … } WHERE { … }"
                problems.append(Problem(where, f"is not a CONSTRUCT query, but {form}", hint))
                continue
            found = _plan(parse_query(text))
        except QueryError as error:
            raise QueryError.of(
                replace(one, where=where + one.where.removeprefix("query")) for one in error.problems
            ) from error
        if isinstance(found, str):
            problems.append(Problem(where, f"cannot be applied on a cluster: {found}", "build without --cluster"))
        else:
            planned[name] = found
    if problems:
        raise InputError.of(problems)
    return planned


def infer_on_cluster(
    cluster: Cluster,
    keeper: Keeper,
    graph: Triples,
    rows: DataFrame,
    planned: Mapping[str, Sequence[Rule]],
    *,
    buckets: int,
    timeout: float = TIMEOUT,
) -> Triples:
    """Return the triples that follow by rules and are not in a graph, each once.

    Args:
        cluster: The session.
        keeper: Where rows are kept meanwhile.
        graph: The graph, with each triple once.
        rows: The same graph on the cluster, whose rows are kept; its columns are `subject`, `predicate` and `object`.
        planned: The rules, as `plan_rules` returns them.
        buckets: How many buckets there are.
        timeout: The seconds that one rule may take in one bucket.

    Raises:
        InputError: A rule makes a literal or a blank node, too many triples would go to every bucket, or the rules
            still add triples after ten rounds.
        QueryError: A rule takes too long.
        EndpointError: The cluster could not do it.
    """
    followed = Triples.empty()
    if not planned:
        return followed
    rules = [_choose(graph.frame, choices) for choices in planned.values()]
    texts = {name: rule.text for name, rule in zip(planned, rules, strict=True)}
    everywhere = {one for rule in rules for one in rule.wide}
    for _ in range(MAX_ROUNDS):
        wide = _collect_wide(graph.frame, everywhere)
        pieces = _cut(rows, rules, buckets)
        run = partial(_apply, texts, wide, buckets, timeout)
        made = cluster.collect(cluster.map_groups(pieces, ["bucket"], run, _SCHEMA).distinct())
        new = Triples(made).difference(graph)
        if not len(new):
            return followed
        followed = followed.union_disjoint(new)
        graph = graph.union_disjoint(new)
        # What is new comes here and is sent again: a plan that holds the plans of all rounds before grows with their
        # number as a power. Unions come one after the other: a union of unions is more than an engine may get right.
        rows = rows.union(keeper.keep(send(cluster, new.frame)))
    what = f"the rules still add triples after {MAX_ROUNDS} rounds"
    raise InputError.at("ontology/rules", what, "break their circle")


def send(cluster: Cluster, frame: pl.DataFrame) -> DataFrame:
    """Return a frame as rows of the cluster, which are sent in parts."""
    whole = cluster.distribute(frame.slice(0, _SLICE))
    for at in range(_SLICE, frame.height, _SLICE):
        whole = whole.union(cluster.distribute(frame.slice(at, _SLICE)))
    return whole


def _choose(graph: pl.DataFrame, rules: Sequence[Rule]) -> Rule:
    """Return the rule of which the fewest triples go to every bucket."""
    return min(rules, key=lambda rule: sum(_select_wide(graph, one).height for one in rule.wide))


def _plan(query: tree.Query) -> tuple[Rule, ...] | str:
    """Return how a rule can be cut, or why it cannot be."""
    if query.where is None or query.limit is not None or query.offset is not None or query.values is not None:
        return "it has LIMIT, OFFSET or VALUES at its end"
    odd = tree.Optional | tree.Minus | tree.Graph | tree.Service | tree.SubSelect | tree.Bind
    nodes = list(tree.walk(query.where))
    if any(isinstance(node, odd | tree.Collection | tree.PropertyList | tree.TripleTerm) for node in nodes):
        return "it has more than patterns, UNION, VALUES and FILTER"
    patterns = [node for node in nodes if isinstance(node, tree.Triple)]
    if any(isinstance(one.predicate, tree.Path) for one in patterns):
        return "it has a property path"
    negated = any(isinstance(node, tree.Exists) for node in nodes)
    found: list[Rule] = []
    for centre in _sure_names(query.where):
        parts = _cut_by(centre, patterns)
        if parts is not None:
            at = query.where.start + 1
            own = f" ?{centre} {_OWN} {_OWN} . "
            found.append(Rule(query.text[:at] + own + query.text[at:] if negated else query.text, *parts))
    if not found:
        return "no variable of it has all else around its nodes"
    least = min(len(rule.backward) for rule in found)
    return tuple(rule for rule in found if len(rule.backward) == least)


def _sure_names(group: tree.Group) -> dict[str, None]:
    """Return the variables that have a node in every solution of a group, in their order."""
    found: dict[str, None] = {}
    for element in group.elements:
        if isinstance(element, tree.Triples):
            ends = [end for one in element.triples for end in (one.subject, one.object)]
            found |= dict.fromkeys(end.name for end in ends if isinstance(end, tree.Var))
        elif isinstance(element, tree.Union):
            first, *others = [_sure_names(one) for one in element.groups]
            found |= {name: None for name in first if all(name in other for other in others)}
    return found


def _cut_by(
    centre: str, patterns: Sequence[tree.Triple]
) -> tuple[frozenset[str] | None, frozenset[str], frozenset[Wide]] | None:
    """Return what goes to the buckets of a variable's nodes, and what goes everywhere; None where that is anything."""
    forward: set[str] = set()
    any_forward = False
    backward: set[str] = set()
    others: list[tree.Triple] = []
    for one in patterns:
        named = isinstance(one.predicate, tree.Iri)
        if isinstance(one.subject, tree.Var) and one.subject.name == centre:
            if named:
                forward.add(_term(one.predicate))
            else:
                any_forward = True
        elif named and isinstance(one.object, tree.Var) and one.object.name == centre:
            backward.add(_term(one.predicate))
        else:
            others.append(one)
    stars: dict[str, list[tuple[str, str]]] = {}
    for one in others:
        if (
            isinstance(one.predicate, tree.Iri)
            and isinstance(one.object, tree.Iri)
            and isinstance(one.subject, tree.Var)
        ):
            stars.setdefault(one.subject.name, []).append((_term(one.predicate), _term(one.object)))
    wide: set[Wide] = set()
    for one in others:
        if not isinstance(one.predicate, tree.Iri) or not isinstance(one.subject, tree.Var | tree.Iri):
            return None
        if isinstance(one.object, tree.Iri):
            wide.add(Wide(_term(one.predicate), _term(one.object)))
            continue
        kinds = stars.get(one.subject.name, []) if isinstance(one.subject, tree.Var) else []
        wide.add(Wide(_term(one.predicate), None, tuple(sorted(set(kinds)))))
    return None if any_forward else frozenset(forward), frozenset(backward), frozenset(wide)


def _term(node: Any) -> str:
    return f"<{node.value}>"


def _collect_wide(graph: pl.DataFrame, wide: Collection[Wide]) -> pl.DataFrame:
    """Return the triples that go to every bucket.

    Raises:
        InputError: There are too many.
    """
    parts = [pl.DataFrame(schema=_SCHEMA)]
    for one in sorted(wide, key=lambda w: (w.predicate, w.object or "", w.kinds)):
        found = _select_wide(graph, one)
        if found.height > MAX_EVERYWHERE:
            what = f"look up more than {MAX_EVERYWHERE:,} triples with {one.predicate}, which every worker would need"
            raise InputError.at("ontology/rules", what, "build without --cluster")
        parts.append(found)
    return pl.concat(parts).unique()


def _select_wide(graph: pl.DataFrame, wide: Wide) -> pl.DataFrame:
    rows = graph.filter(pl.col("predicate") == wide.predicate)
    if wide.object is not None:
        rows = rows.filter(pl.col("object") == wide.object)
    for predicate, kind in wide.kinds:
        of_kind = graph.filter((pl.col("predicate") == predicate) & (pl.col("object") == kind))
        rows = rows.join(of_kind, on="subject", how="semi")
    return rows.select(_TRIPLE)


def _cut(known: DataFrame, rules: Sequence[Rule], buckets: int) -> DataFrame:
    """Return the triples that go to the bucket of their subject, or of their object."""
    from pyspark.sql.connect.functions import col, crc32  # noqa: PLC0415 - of the extra

    def place(rows: DataFrame, column: str) -> DataFrame:
        bucket = (crc32(col(column).cast("binary")) % buckets).cast("bigint").alias("bucket")
        return rows.select(*_TRIPLE, bucket)

    forward: set[str] | None = set()
    for rule in rules:
        forward = None if forward is None or rule.forward is None else forward | rule.forward
    rows = known if forward is None else known.filter(col("predicate").isin(sorted(forward)))
    pieces = place(rows, "subject")
    if backward := sorted({one for rule in rules for one in rule.backward}):
        pieces = pieces.union(place(known.filter(col("predicate").isin(backward)), "object"))
    return pieces


def _apply(
    rules: Mapping[str, str], wide: pl.DataFrame, buckets: int, timeout: float, piece: pl.DataFrame
) -> pl.DataFrame:
    """Return what all rules make of a bucket and it has not, applied once each; it runs on workers.

    Raises:
        InputError: A rule makes what is not a triple of IRIs.
        QueryError: A rule takes too long.
    """
    nodes = pl.concat([piece["subject"], piece["object"].rename("subject")]).unique()
    own = nodes.filter((bucket_of(nodes, buckets) == piece["bucket"][0]) & ~nodes.str.starts_with('"'))
    marked = own.to_frame().with_columns(predicate=pl.lit(_OWN), object=pl.lit(_OWN))
    everything = Triples(pl.concat([piece.select(_TRIPLE), wide, marked]))
    made = apply_once(everything, rules, timeout=timeout).difference(everything)
    return made.frame.filter(pl.col("predicate") != _OWN)
