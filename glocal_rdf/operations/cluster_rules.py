"""Applies the rules of `ontology/rules` on a cluster, to the triples that one machine infers.

A rule is cut by the nodes of one of its variables, its *centre*: each worker applies it to a bucket of these nodes.

1. What the patterns with the centre as subject (or, where the predicate is named, as object) match is around a node,
   and goes to its bucket. What all other patterns match goes to every bucket: that is the ontology, mostly, and few
   triples. Of patterns with one subject, one of which names its object, only the triples of the subjects that have
   it go everywhere.
2. A rule with NOT EXISTS is applied to the nodes of the bucket alone, since only around them everything is there.
3. All rules are applied once to a bucket; what they make is joined, and applied to again, until nothing is new.

A rule without such a centre is refused by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from glocal_rdf.errors import InputError, Problem, QueryError
from glocal_rdf.shacl.cutting import bucket_of
from glocal_rdf.sparql.execution.process import TIMEOUT, Pending, StoreProcess
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.policy import check_form, check_graphs
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from glocal_rdf.cluster import Cluster
    from glocal_rdf.cluster.keeping import Keeper

__all__ = ["MODULES", "Rule", "infer_on_cluster", "plan_rules"]

MODULES: Final = ("glocal_rdf.operations.cluster_rules",)
"""What the check of the workers imports."""

MAX_ROUNDS: Final = 10
"""How many times all rules are applied at most."""

MAX_EVERYWHERE: Final = 500_000
"""How many triples go to every bucket at most."""

_OWN: Final = ("<urn:x-glocal:of-this-bucket>", '"true"')
"""Marks the nodes of a bucket there; no triple of this kind leaves it."""

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
    graph: DataFrame,
    planned: Mapping[str, Sequence[Rule]],
    *,
    buckets: int,
    timeout: float = TIMEOUT,
) -> DataFrame:
    """Return the triples that follow by rules and are not in a graph.

    Args:
        cluster: The session.
        keeper: Where rows are kept meanwhile.
        graph: The graph, whose rows are kept; its columns are `subject`, `predicate` and `object`.
        planned: The rules, as `plan_rules` returns them.
        buckets: How many buckets there are.
        timeout: The seconds that one rule may take in one bucket.

    Raises:
        InputError: A rule makes a literal or a blank node, too many triples would go to every bucket, or the rules still
            add triples after ten rounds.
        QueryError: A rule takes too long.
    """
    followed = cluster.distribute(pl.DataFrame(schema=_SCHEMA))
    if not planned:
        return followed
    rules = {name: _choose(cluster, graph, choices) for name, choices in planned.items()}
    texts = {name: rule.text for name, rule in rules.items()}
    for _ in range(MAX_ROUNDS):
        known = graph.union(followed)
        wide = _collect_wide(cluster, known, {one for rule in rules.values() for one in rule.wide})
        pieces = _cut(known, list(rules.values()), buckets)
        made = cluster.map_groups(pieces, ["bucket"], partial(_apply, texts, wide, buckets, timeout), _SCHEMA)
        new = keeper.keep(made.distinct().join(known, list(_TRIPLE), "left_anti"))
        if not cluster.count(new.limit(1)):
            return followed
        followed = followed.union(new)
    raise InputError.at(
        "ontology/rules", f"the rules still add triples after {MAX_ROUNDS} rounds", "break their circle"
    )


def _choose(cluster: Cluster, graph: DataFrame, rules: Sequence[Rule]) -> Rule:
    """Return the rule of which the fewest triples go to every bucket."""
    if len(rules) == 1:
        return rules[0]
    sizes = [sum(cluster.count(_select_wide(graph, one)) for one in rule.wide) for rule in rules]
    return rules[sizes.index(min(sizes))]


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
    sure = [one for element in query.where.elements if isinstance(element, tree.Triples) for one in element.triples]
    found: list[Rule] = []
    for centre in dict.fromkeys(end.name for one in sure for end in (one.subject, one.object) if _is_var(end)):
        parts = _cut_by(centre, patterns)
        if parts is not None:
            at = query.where.start + 1
            own = f" ?{centre} {_OWN[0]} {_OWN[1]} . "
            found.append(Rule(query.text[:at] + own + query.text[at:] if negated else query.text, *parts))
    if not found:
        return "no variable of it has all else around its nodes"
    least = min(len(rule.backward) for rule in found)
    return tuple(rule for rule in found if len(rule.backward) == least)


def _is_var(node: tree.Node) -> bool:
    return isinstance(node, tree.Var)


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
        if isinstance(one.predicate, tree.Iri) and isinstance(one.object, tree.Iri) and isinstance(one.subject, tree.Var):
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


def _collect_wide(cluster: Cluster, known: DataFrame, wide: set[Wide]) -> pl.DataFrame:
    """Return the triples that go to every bucket.

    Raises:
        InputError: There are too many.
    """
    parts = [_select_wide(known, one) for one in sorted(wide, key=lambda w: (w.predicate, w.object or "", w.kinds))]
    if not parts:
        return pl.DataFrame(schema=_SCHEMA)
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.union(part)
    found = cluster.collect(whole.distinct().limit(MAX_EVERYWHERE + 1))
    if found.height > MAX_EVERYWHERE:
        names = ", ".join(sorted({one.predicate for one in wide}))
        what = f"look up more than {MAX_EVERYWHERE:,} triples that every worker would need, of {names}"
        raise InputError.at("ontology/rules", what, "build without --cluster")
    return found


def _select_wide(known: DataFrame, wide: Wide) -> DataFrame:
    from pyspark.sql.connect.functions import col  # noqa: PLC0415 - of the extra

    rows = known.filter(col("predicate") == wide.predicate)
    if wide.object is not None:
        rows = rows.filter(col("object") == wide.object)
    for predicate, kind in wide.kinds:
        of_kind = known.filter((col("predicate") == predicate) & (col("object") == kind)).select("subject")
        rows = rows.join(of_kind.distinct(), "subject", "left_semi")
    return rows.select(*_TRIPLE)


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
    """Return what all rules make of a bucket, applied once each; it runs on workers.

    Raises:
        InputError: A rule makes what is not a triple of IRIs.
        QueryError: A rule takes too long.
    """
    nodes = pl.concat([piece["subject"], piece["object"].rename("subject")]).unique()
    own = nodes.filter(bucket_of(nodes, buckets) == piece["bucket"][0]).to_frame()
    marked = own.with_columns(predicate=pl.lit(_OWN[0]), object=pl.lit(_OWN[1]))
    with closing(StoreProcess()) as store:
        store.load(pl.concat([piece.select(_TRIPLE), wide]).unique())
        store.load(marked.filter(~pl.col("subject").str.starts_with('"')))
        pending = {name: store.submit(text, limit=timeout) for name, text in rules.items()}
        made = [_read(name, answer) for name, answer in pending.items()]
    return pl.concat(made).filter(pl.col("predicate") != _OWN[0]).unique()


def _read(name: str, answer: Pending) -> pl.DataFrame:
    """Return what a rule made."""
    where = f"ontology/rules/{name}.rq"
    try:
        lines = answer.wait().data
    except QueryError as error:
        raise QueryError.of(
            replace(one, where=where + one.where.removeprefix("query")) for one in error.problems
        ) from error
    frame = Triples.parse(lines, "ntriples").frame
    for column in ("subject", "object"):
        for odd in frame[column].filter(~frame[column].str.starts_with("<")).head(1):
            raise InputError.at(where, f"makes {odd}, which is not an IRI", "make triples of IRIs only")
    return frame
