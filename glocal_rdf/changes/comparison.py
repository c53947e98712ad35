"""Compares two versions of a graph: what was added and removed, and the same by thing, with old and new values paired.

1. Blank nodes of the new version get the labels that they have in the old one (`changes.blank_nodes`).
2. Two anti-joins give the triples that were added and removed.
3. Things that were renamed are found, and with them the triples that differ in nothing else (`changes.renames`).
4. A value that was removed and one that was added are a pair where they are the only ones of their thing, property and
   language, or else of their thing and property.
5. A statement about a blank node belongs to the thing that leads to it on the shortest path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from glocal_rdf.changes.blank_nodes import is_blank, relabel_as_before
from glocal_rdf.changes.model import CHANGE_SCHEMA, Changes, GraphChanges, GraphVersion, Part, Rename, RuleChange
from glocal_rdf.changes.renames import find_renames
from glocal_rdf.changes.values import are_same_values
from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.comparison import subtract

__all__ = ["compare_graphs", "compare_versions"]

_ALL: Final = ["subject", "predicate", "object"]
_FEW_STEPS: Final = 16
"""How far the way to a blank node is followed by column operations."""

_ROW: Final = pl.Schema({"subject": pl.String(), "predicate": pl.String(), "old": pl.String(), "new": pl.String()})


def compare_versions(old: GraphVersion, new: GraphVersion) -> Changes:
    """Return what has changed from one version to another.

    Parts that only one version has as such (the ontology of a project, where the other version is a file) are not
    compared, and listed in `not_compared`.

    Raises:
        InputError: For blank nodes made so alike that comparing them would take too long, and for named graphs whose
            name is a blank node.
    """
    graphs = [graph for graph in _compare_datasets(old, new) if graph]
    not_compared: list[str] = []
    parts: tuple[tuple[Part, Triples | None, Triples | None], ...] = (
        ("ontology", old.ontology, new.ontology),
        ("shapes", old.shapes, new.shapes),
    )
    for part, before, after in parts:
        if before is not None and after is not None:
            changes = compare_graphs(before, after, part)
            graphs += [changes] if changes else []
        elif before is not None or after is not None:
            not_compared.append(part)
    rules = [] if old.rules is None or new.rules is None else _compare_rules(old.rules, new.rules)
    return Changes(old, new, tuple(graphs), tuple(rules), tuple(not_compared))


def _compare_datasets(old: GraphVersion, new: GraphVersion) -> list[GraphChanges]:
    """Compare the default graphs, and named graphs of one name."""
    names = sorted(old.named.keys() | new.named.keys())
    for name in names:
        if name.startswith("_:"):
            raise InputError.at("", f"the graph {name} has a blank node as its name", "give the graph an IRI")
    empty = Triples.empty()
    inferred = None if old.inferred is None or new.inferred is None else (old.inferred, new.inferred)
    if not names:
        return [compare_graphs(old.data, new.data, "data", inferred=inferred)]
    # A blank node may stand in several graphs of a dataset: nodes are matched in all graphs at once.
    before, after = (
        {"": version.data, **{name: version.named.get(name, empty) for name in names}} for version in (old, new)
    )
    after = _relabel_dataset(before, after)
    return [
        _compare(before[name], after[name], "graph" if name else "data", name, None if name else inferred)
        for name in before
    ]


def _relabel_dataset(old: Mapping[str, Triples], new: Mapping[str, Triples]) -> dict[str, Triples]:
    """Give the blank nodes of the new graphs the labels of the old ones."""

    def lay_out(graphs: Mapping[str, Triples]) -> pl.DataFrame:
        parts = [
            graph.distinct().frame.with_columns(pl.concat_str("predicate", pl.lit(f" {name}")).alias("predicate"))
            for name, graph in graphs.items()
        ]
        return pl.concat(parts)

    if not any(graph.frame.filter(is_blank("subject") | is_blank("object")).height for graph in new.values()):
        return dict(new)
    every = relabel_as_before(lay_out(old), lay_out(new))
    split = every.with_columns(pl.col("predicate").str.extract_groups(r"^(<[^>]*>) (.*)$")).unnest("predicate")
    return {
        name: Triples.from_distinct(split.filter(pl.col("2") == name).select("subject", predicate="1", object="object"))
        for name in new
    }


def compare_graphs(
    old: Triples,
    new: Triples,
    part: Part = "data",
    graph: str = "",
    *,
    inferred: tuple[Triples, Triples] | None = None,
) -> GraphChanges:
    """Return what has changed from one graph to another.

    Args:
        old: The old version.
        new: The new version.
        part: Which part of a dataset the graph is.
        graph: The IRI of a named graph.
        inferred: The triples of the old and of the new version that rules inferred, which are counted apart.

    Raises:
        InputError: For blank nodes made so alike that comparing them would take too long.
    """
    relabelled = Triples.from_distinct(relabel_as_before(old.distinct().frame, new.distinct().frame))
    return _compare(old, relabelled, part, graph, inferred)


def _compare(
    old: Triples, new: Triples, part: Part, graph: str, inferred: tuple[Triples, Triples] | None
) -> GraphChanges:
    """Compare graphs in which a blank node of both versions has one label."""
    before, after = old.distinct().frame, new.distinct().frame
    added, removed = subtract(after, before), subtract(before, after)
    told_added, told_removed = added, removed
    if inferred is not None:
        told_added, told_removed = subtract(added, inferred[1].frame), subtract(removed, inferred[0].frame)
    renames, rest_added, rest_removed = _leave_out_renames(before, after, told_added, told_removed)
    changes, old_nodes, new_nodes = _put_into_words(before, after, rest_added, rest_removed, renames)
    return GraphChanges(
        part,
        graph,
        Triples.from_distinct(added).sort(),
        Triples.from_distinct(removed).sort(),
        renames,
        changes,
        (added.height - told_added.height, removed.height - told_removed.height),
        Triples.from_distinct(old_nodes),
        Triples.from_distinct(new_nodes),
    )


def _compare_rules(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[RuleChange]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield RuleChange(name, "new")
        elif name not in new:
            yield RuleChange(name, "removed")
        elif old[name] != new[name]:
            yield RuleChange(name, "changed")


def _leave_out_renames(
    before: pl.DataFrame, after: pl.DataFrame, added: pl.DataFrame, removed: pl.DataFrame
) -> tuple[tuple[Rename, ...], pl.DataFrame, pl.DataFrame]:
    """Return the renames, and what was added and removed besides; subjects that were renamed have their new IRI."""
    gone = removed.join(after.select("subject").unique(), on="subject", how="anti")
    fresh = added.join(before.select("subject").unique(), on="subject", how="anti")
    found = find_renames(gone, fresh) if len(gone) and len(fresh) else []
    if not found:
        return (), added, removed
    renamed = {former: name for former, name, _ in found}
    both = removed.with_columns(
        renamed_subject=pl.col("subject").replace(renamed),
        renamed_predicate=pl.col("predicate").replace(renamed),
        renamed_object=pl.col("object").replace(renamed),
    )
    keys = [f"renamed_{name}" for name in _ALL]
    explained = both.join(added, left_on=keys, right_on=_ALL, how="semi")
    rest = both.join(added, left_on=keys, right_on=_ALL, how="anti", maintain_order="left")
    rest_added = added.join(explained.select(keys).unique(), left_on=_ALL, right_on=keys, how="anti")
    # Each triple counts for one of the things that it names.
    whose = explained.select(
        former=pl.coalesce(pl.when(pl.col(name) != pl.col(f"renamed_{name}")).then(pl.col(name)) for name in _ALL)
    )
    counts = dict(whose.group_by("former").len().iter_rows())
    renames = tuple(Rename(former, name, exact, counts.get(former, 0)) for former, name, exact in found)
    return (
        renames,
        rest_added,
        rest.select("renamed_subject", "predicate", "object").rename({"renamed_subject": "subject"}),
    )


def _put_into_words(
    before: pl.DataFrame,
    after: pl.DataFrame,
    added: pl.DataFrame,
    removed: pl.DataFrame,
    renames: tuple[Rename, ...],
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the changes, one a row, and the triples about their blank nodes in both versions."""
    rows = _pair_values(removed, added)
    rows = rows.with_columns(same_value=are_same_values(rows["old"], rows["new"]))
    owners, old_nodes, new_nodes = _find_owners(rows, before, after)
    rows = rows.join(owners, left_on="subject", right_on="node", how="left", maintain_order="left")
    thing = pl.coalesce("owner", "subject")
    rows = rows.with_columns(thing=thing, path=pl.col("path").fill_null([]))
    things = rows.select("thing").unique()
    was, now = (
        things.join(frame.select(thing="subject").unique(), on="thing", how="semi")["thing"].implode()
        for frame in (before, after)
    )
    renamed = [rename.new for rename in renames]
    status = (
        pl.when(~pl.col("thing").is_in(now))
        .then(pl.lit("removed"))
        .when(~pl.col("thing").is_in(was) & ~pl.col("thing").is_in(renamed))
        .then(pl.lit("new"))
        .otherwise(pl.lit("changed"))
    )
    order = ["thing", "path", "node", "property", "old", "new"]
    changes = (
        rows.with_columns(status=status).rename({"subject": "node", "predicate": "property"}).select(*CHANGE_SCHEMA)
    )
    key = pl.col("path").list.join(" ").alias("route")
    changes = changes.with_columns(key).sort("thing", "route", *order[2:], nulls_last=True).drop("route")
    return changes, old_nodes, new_nodes


def _pair_values(removed: pl.DataFrame, added: pl.DataFrame) -> pl.DataFrame:
    """Lay out changes with the old and the new value, where one stands for the other."""
    tag = terms.language(pl.col("object")).str.to_lowercase().fill_null("")
    left, right = removed.with_columns(tag=tag), added.with_columns(tag=tag)
    paired = [pl.DataFrame(schema=_ROW)]
    for keys in (["subject", "predicate", "tag"], ["subject", "predicate"]):
        alone = [
            frame.join(frame.group_by(keys).len().filter(pl.col("len") == 1), on=keys, how="semi")
            for frame in (left, right)
        ]
        found = alone[0].join(alone[1], on=keys, suffix="_new")
        pairs = found.select("subject", "predicate", old="object", new="object_new")
        paired.append(pairs)
        left = left.join(pairs, left_on=_ALL, right_on=["subject", "predicate", "old"], how="anti")
        right = right.join(pairs, left_on=_ALL, right_on=["subject", "predicate", "new"], how="anti")
    none = pl.lit(None, pl.String)
    paired.append(left.select("subject", "predicate", old="object", new=none))
    paired.append(right.select("subject", "predicate", old=none, new="object"))
    return pl.concat(paired)


def _find_owners(
    rows: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Find the thing that each blank node of the changes belongs to, and the path from it.

    Returns:
        A frame with `node`, `owner` and `path`, and the triples about all blank nodes that are named, in both versions.
    """
    named = pl.concat([rows["subject"], rows["old"], rows["new"]])
    nodes = named.filter(named.str.starts_with("_:").fill_null(value=False)).unique()
    empty = pl.DataFrame(schema={"subject": pl.String, "predicate": pl.String, "object": pl.String})
    owners = pl.DataFrame(schema={"node": pl.String, "owner": pl.String, "path": pl.List(pl.String)})
    if nodes.is_empty():
        return owners, empty, empty
    around = [frame.filter(is_blank("object") | is_blank("subject")) for frame in (before, after)]
    found: dict[str, tuple[str, list[str]]] = {}
    # What the new version says counts, and the old one for nodes that are gone.
    for frame in reversed(around):
        _walk_up(frame, [node for node in nodes.sort() if node not in found], found)
    rows_of = [(node, *found.get(node, (node, []))) for node in nodes.sort()]
    return pl.DataFrame(rows_of, schema=owners.schema, orient="row"), around[0], around[1]


def _take_above(frame: pl.DataFrame, nodes: list[str]) -> pl.DataFrame:
    """Take the triples on the ways that lead to blank nodes; all that lead to any, where the ways are long."""
    left = frame.filter(is_blank("object"))
    below = pl.DataFrame({"object": pl.Series(nodes, dtype=pl.String)})
    parts = [left.clear()]
    for _ in range(_FEW_STEPS):
        part = left.join(below, on="object", how="semi")
        parts.append(part)
        left = left.join(below, on="object", how="anti")
        below = part.filter(is_blank("subject")).select(object="subject").unique()
        if below.is_empty():
            return pl.concat(parts)
    return pl.concat([*parts, left])


def _walk_up(frame: pl.DataFrame, nodes: list[str], found: dict[str, tuple[str, list[str]]]) -> None:
    """Find for blank nodes the nearest thing that leads to them."""
    wanted = pl.Series(nodes, dtype=pl.String).implode()
    present = set(frame.filter(pl.col("subject").is_in(wanted))["subject"])
    present |= set(frame.filter(pl.col("object").is_in(wanted))["object"])
    into: dict[str, list[tuple[str, str]]] = {}
    for subject, predicate, object_ in _take_above(frame, nodes).sort(_ALL).iter_rows():
        into.setdefault(object_, []).append((subject, predicate))
    for node in nodes:
        if node not in present:
            continue
        seen, level = {node}, [(node, [])]  # type: ignore[var-annotated]
        top = (node, list[str]())
        while level:
            above: list[tuple[str, list[str]]] = []
            for here, path in level:
                for subject, predicate in into.get(here, []):
                    if subject not in seen:
                        seen.add(subject)
                        above.append((subject, [predicate, *path]))
            owner = next((one for one in above if not one[0].startswith("_:")), None)
            if owner:
                top = owner
                break
            top = above[0] if above else top
            level = above
        found[node] = top
