"""Finds which blank nodes of two versions of a graph are the same node, so that as few triples as possible differ.

1. Nodes whose triples are the same on both sides, labels included, are matched as they are, by column operations.
2. Of the others, equal trees are matched (`changes.blank_trees`), by column operations too.
3. The rest is coloured, in one graph that holds both sides. Connected blank nodes (components) that are isomorphic are
   matched whole.
4. What is left differs somewhere. There, nodes are matched that share triples, those that share most first, and again
   with what was learned, until nothing more is found: a node of which one value has changed is still that node.

Whatever is matched, the differences are exact, since each node is matched with at most one other: a poor match makes
them longer, not wrong.

https://www.w3.org/TR/rdf11-concepts/#graph-isomorphism
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

from glocal_rdf.changes.blank_trees import match_trees
from glocal_rdf.errors import InputError
from glocal_rdf.triples.canonicalization import CanonicalizationLimitError, ColourRefinement, Component, find_renaming

__all__ = ["is_blank", "relabel_as_before"]

_ALL: Final = ["subject", "predicate", "object"]
_OLD, _NEW = "_:o.", "_:n."
_COMMON: Final = 2_500
"""How many pairs of nodes may share a triple that is used to find candidates."""

_ENOUGH: Final = 0.5
"""Which part of their triples two nodes must share, and more than that where others share them too."""

Edges = dict[str, list[tuple[str, str]]]


def is_blank(column: str) -> pl.Expr:
    """Return of each term of a column whether it is a blank node."""
    return pl.col(column).str.starts_with("_:")


def relabel_as_before(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Give the blank nodes of a new version the labels that they have in the old one, and new ones other labels.

    Args:
        old: The old version, a row each triple, without duplicates.
        new: The new version.

    Returns:
        The new version, in which nothing but labels of blank nodes has changed.

    Raises:
        InputError: For blank nodes made so alike that comparing them would take too long.
    """
    blanks = is_blank("subject") | is_blank("object")
    theirs = new.filter(blanks)
    if theirs.is_empty():
        return new
    ours = old.filter(blanks)
    labels = _match(ours, theirs)
    table = pl.Series(list(labels), dtype=pl.String), pl.Series(list(labels.values()), dtype=pl.String)
    return new.with_columns(pl.col("subject", "object").replace(*table))


def _match(old: pl.DataFrame, new: pl.DataFrame) -> dict[str, str]:
    """Return the label of every blank node of the new version by its present one."""
    settled, ours, theirs = _settle_equals(old, new)
    labels = dict.fromkeys(settled)
    found = {label: label for label in labels}
    if len(ours) and len(theirs):
        trees = match_trees(ours, theirs)
        found |= dict(trees.iter_rows())
        ours, theirs = (
            _name_matched(ours, trees["old"], trees["old"]),
            _name_matched(theirs, trees["new"], trees["old"]),
        )
    if len(ours) and len(theirs):
        try:
            found |= _match_by_content(ours, theirs)
        except CanonicalizationLimitError as error:
            raise InputError.at("", "the blank nodes are too much alike to compare", "give them IRIs") from error
    taken = set(_list_nodes(old))
    for node in _list_nodes(new):
        if node not in found:
            fresh = node
            while fresh in taken:
                fresh += "n"
            found[node] = fresh
            taken.add(fresh)
    return found


def _list_nodes(frame: pl.DataFrame) -> list[str]:
    """List the blank nodes of a graph, sorted."""
    both = pl.concat([frame["subject"], frame["object"]])
    return both.filter(both.str.starts_with("_:")).unique().sort().to_list()


def _settle_equals(old: pl.DataFrame, new: pl.DataFrame) -> tuple[list[str], pl.DataFrame, pl.DataFrame]:
    """Return the nodes with equal labels and triples on both sides, and what is left of each side without them.

    A node is not settled where a node that it is connected with has other triples.
    """
    differ = pl.concat([old.join(new, on=_ALL, how="anti"), new.join(old, on=_ALL, how="anti")])
    odd = pl.Series(_list_nodes(differ), dtype=pl.String)
    every = pl.concat([old, new])
    between = every.filter(is_blank("subject") & is_blank("object")).select("subject", "object").unique()
    while True:
        reached = between.filter(pl.col("subject").is_in(odd.implode()) | pl.col("object").is_in(odd.implode()))
        more = pl.concat([odd, reached["subject"], reached["object"]]).unique()
        if len(more) == len(odd):
            break
        odd = more
        between = between.join(reached, on=["subject", "object"], how="anti")
    left = pl.col("subject").is_in(odd.implode()) | pl.col("object").is_in(odd.implode())
    settled = sorted(set(_list_nodes(every)) - set(odd))
    return settled, old.filter(left), new.filter(left)


def _name_matched(frame: pl.DataFrame, nodes: pl.Series, names: pl.Series) -> pl.DataFrame:
    """Write matched nodes as if they had an IRI, and keep the triples that still have a blank node."""
    iris = pl.concat_str(pl.lit("<"), pl.Series(names), pl.lit(">"))
    named = frame.with_columns(pl.col("subject", "object").replace(nodes, pl.select(iris).to_series()))
    return named.filter(is_blank("subject") | is_blank("object"))


def _match_by_content(old: pl.DataFrame, new: pl.DataFrame) -> dict[str, str]:
    """Return the labels in the old version of nodes of the new one, of those that have a partner."""
    triples = [*_tag(old, _OLD), *_tag(new, _NEW)]
    colours = ColourRefinement(triples)
    sides: dict[str, list[Component]] = {_OLD: [], _NEW: []}
    for component in colours.list_components():
        sides[component.nodes[0][: len(_OLD)]].append(component)
    found = _match_components(colours, sides[_OLD], sides[_NEW])
    _match_similar(_list_edges(triples), colours.colours, found)
    return {f"_:{new[len(_NEW) :]}": f"_:{old[len(_OLD) :]}" for new, old in found.items()}


def _tag(frame: pl.DataFrame, tag: str) -> Iterator[tuple[str, str, str]]:
    renamed = frame.with_columns(pl.col("subject", "object").str.replace("^_:", tag))
    return renamed.select(_ALL).iter_rows()


def _match_components(colours: ColourRefinement, old: list[Component], new: list[Component]) -> dict[str, str]:
    """Match whole components that are isomorphic; return the old nodes by the new ones."""
    found: dict[str, str] = {}
    by_signature: defaultdict[str, list[Component]] = defaultdict(list)
    for component in old:
        by_signature[component.signature].append(component)
    left = []
    for component in new:
        partners = by_signature[component.signature]
        if partners:
            found |= zip(component.nodes, partners.pop(0).nodes, strict=True)
        else:
            left.append(component)
    # Where a choice was made to order the nodes, isomorphic components may have got different signatures.
    chosen = [component for partners in by_signature.values() for component in partners if component.chosen]
    for component in left:
        for partner in chosen if component.chosen else ():
            renaming = find_renaming(colours, partner, colours, component)
            if renaming is not None:
                found |= renaming
                chosen.remove(partner)
                break
    return found


def _list_edges(triples: Iterable[tuple[str, str, str]]) -> Edges:
    """List for each blank node its edges: the label with all but the other node, and the other node if it is blank."""
    edges: Edges = defaultdict(list)
    for subject, predicate, object_ in triples:
        if subject.startswith("_:"):
            is_node = object_.startswith("_:")
            edges[subject].append((f"> {predicate}" if is_node else f"> {predicate} {object_}", object_ * is_node))
        if object_.startswith("_:"):
            is_node = subject.startswith("_:")
            edges[object_].append((f"< {predicate}" if is_node else f"< {predicate} {subject}", subject * is_node))
    return edges


def _match_similar(edges: Edges, colours: dict[str, str], found: dict[str, str]) -> None:
    """Match further nodes that share triples, best first; `found` gets them."""
    while True:
        taken = set(found.values())
        named = {node: node for node in taken} | found
        shared: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        old_by, new_by = _index(edges, colours, named, taken, _OLD), _index(edges, colours, named, found, _NEW)
        for feature, olds in old_by.items():
            news = new_by.get(feature, [])
            pairs = len(olds) * len(news)
            if 0 < pairs <= _COMMON:
                for old in olds:
                    for new in news:
                        shared[old, new].append(1 / pairs)
        ranked = []
        for (old, new), weights in shared.items():
            part = len(weights) / (1 + max(len(edges[old]), len(edges[new])))
            if part > _ENOUGH or max(weights) == 1:
                ranked.append((-part, -sum(weights), old, new))
        # First those that nothing else could be matched with: what is below them is certain then.
        certain = [pair for pair in ranked if max(shared[pair[2], pair[3]]) == 1]
        before = len(found)
        for _, _, old, new in sorted(certain or ranked):
            if old not in taken and new not in found:
                found[new] = old
                taken.add(old)
        if len(found) == before:
            return


def _index(
    edges: Edges, colours: dict[str, str], named: dict[str, str], done: Iterable[str], side: str
) -> dict[str, list[str]]:
    """List the nodes of one side that are not matched by what they have: their colour, and each of their edges."""
    matched = set(done)
    nodes: defaultdict[str, list[str]] = defaultdict(list)
    for node, around in edges.items():
        if node.startswith(side) and node not in matched:
            features = {f"{label} {named.get(other, '?' if other else '')}" for label, other in around}
            for feature in (f"= {colours[node]}", *sorted(features)):
                nodes[feature].append(node)
    return nodes
