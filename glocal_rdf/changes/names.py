"""Names things, classes and properties as people know them: by their labels, or else by short IRIs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

import polars as pl

from glocal_rdf.changes.model import Changes, GraphChanges, GraphVersion
from glocal_rdf.changes.renames import NAMES
from glocal_rdf.i18n import best_tag, message
from glocal_rdf.namespaces import (
    DCTERMS,
    RDF,
    RDF_FIRST,
    RDF_NIL,
    RDF_REST,
    RDF_TYPE,
    RDFS_CLASS,
    SH,
    SKOS,
    XSD,
    local_name,
    shorten,
    term,
)
from glocal_rdf.triples import Triples, terms

__all__ = ["Names"]

_CLAIM: Final = {name: term(RDF, name) for name in ("subject", "predicate", "object")}
_MAX_VALUES: Final = 6
"""How many statements about a blank node are written out."""

_MAX_ITEMS: Final = 12
"""How many items of a list are written out."""

_IDENTIFYING: Final = {*NAMES, term(SH, "path"), term(SKOS, "notation"), term(DCTERMS, "identifier")}
"""The properties that distinguish a blank node best from its like."""


class Names:
    """The names of what the changes of one graph mention, in the language of the reader."""

    def __init__(self, changes: Changes, graph: GraphChanges, lang: str, others: Iterable[Triples] = ()) -> None:
        """Look up the names of everything that is mentioned, in the new version first.

        Args:
            changes: The changes.
            graph: The graph whose changes are named.
            lang: The language that is preferred.
            others: Further graphs with names, such as the ontology of a project that the versions belong to.
        """
        self.lang = lang
        self.prefixes = changes.prefixes
        rows = graph.changes
        renamed = [term for rename in graph.renames for term in (rename.old, rename.new)]
        mentioned = pl.concat(
            [
                *(rows[name] for name in ("thing", "node", "property", "old", "new")),
                rows["path"].explode(empty_as_null=True, keep_nulls=True),
                pl.Series(renamed, dtype=pl.String),
            ]
        ).unique()
        graphs = [*_list_graphs(changes.new), *_list_graphs(changes.old), *(other.frame for other in others)]
        about = _about(graphs, mentioned)
        self._claims = _find_claims(about)
        self._nodes = tuple(
            _describe_nodes(frame, mentioned) for frame in (graph.old_nodes.frame, graph.new_nodes.frame)
        )
        inner = {term for nodes in self._nodes for pairs in nodes.values() for pair in pairs for term in pair}
        inner |= {term for claim in self._claims.values() for term in claim.values()}
        kinds = about.filter(pl.col("predicate") == RDF_TYPE)["object"].unique()
        further = pl.concat([mentioned, kinds, pl.Series(sorted(inner), dtype=pl.String)]).unique()
        self._labels = _find_labels(_about(graphs, further), lang)
        self._classes = _find_classes(about)

    def label(self, node: str) -> str:
        """Return the label of a thing, or the empty text where it has none."""
        return self._labels.get(node, "")

    def thing(self, node: str) -> str:
        """Name a thing: by its label, by what it claims, or by its short IRI."""
        if label := self._labels.get(node):
            return label
        if node in self._claims:
            claim = self._claims[node]
            what = f"{self.thing(claim['subject'])}, {self.property(claim['predicate'])} {self.value(claim['object'])}"
            return message(self.lang, "claim ({what})", what=what)
        if node.startswith("_:"):
            return self.value(node, old=all(node not in nodes for nodes in self._nodes[1:]))
        return self.short(node)

    def property(self, predicate: str) -> str:
        """Name a property: by its label, or by the last part of its IRI."""
        if predicate == RDF_TYPE:
            return message(self.lang, "class")
        return self._labels.get(predicate) or local_name(predicate) or predicate[1:-1]

    def classes(self, node: str) -> list[str]:
        """List the names of the classes of a thing."""
        return [self._labels.get(kind) or local_name(kind) or kind[1:-1] for kind in self.class_terms(node)]

    def class_terms(self, node: str) -> list[str]:
        """List the classes of a thing, by their terms."""
        return self._classes.get(node, [])

    def is_claim(self, node: str) -> bool:
        """Return whether a thing is a claim: a statement about a statement."""
        return node in self._claims

    def is_whole(self, node: str) -> bool:
        """Return whether a blank node is in one of the versions alone, with all that is said of it."""
        return (node in self._nodes[0]) != (node in self._nodes[1])

    def is_part_of_introduction(self, thing: str, node: str, predicate: str, value: str) -> bool:
        """Return whether the line that introduces a new thing gives a statement: its class, name, or what it claims.

        Args:
            thing: The term of the thing.
            node: The subject of the statement.
            predicate: The predicate.
            value: The object.
        """
        if node != thing or not thing.startswith("<"):
            return False
        if thing in self._claims and predicate in _CLAIM.values():
            return True
        return predicate == RDF_TYPE or (predicate in NAMES and terms.unquote(value) == self._labels.get(thing))

    def short(self, node: str) -> str:
        """Write an IRI with a prefix where there is one for it; other terms as they are."""
        short = shorten(node, self.prefixes)
        return short[1:-1] if short.startswith("<") else short

    def value(self, node: str, *, old: bool = False) -> str:
        """Write a value: a thing by its name, a literal by its text, a blank node by what is said of it."""
        if node.startswith("_:"):
            return self._write_node(node, self._nodes[0 if old else 1], {node})
        if node == RDF_NIL:
            return "()"
        return self.thing(node) if node.startswith("<") else terms.unquote(node)

    def exact(self, node: str) -> str:
        """Write a literal with its language tag or datatype, and an IRI in short: for values that look alike."""
        if not node.startswith('"'):
            return self.short(node)
        end = node.rindex('"') + 1
        text, tail = node[:end], node[end:]
        return text + tail if tail.startswith("@") else f"{text} ({self.short(tail[2:] or term(XSD, 'string'))})"

    def within(self, path: list[str], node: str, predicate: str) -> str:
        """Name the property of a blank node, with the way to it from the thing that it belongs to.

        Args:
            path: The properties that lead to the node.
            node: The blank node.
            predicate: The property.
        """
        if predicate in {RDF_FIRST, RDF_REST}:
            return " › ".join(self._name_steps([*path, predicate]))
        return f"{self._describe_way(path, node)} › {self.property(predicate)}"

    def _describe_way(self, path: Iterable[str], node: str) -> str:
        """Name the way from a thing to one of its blank nodes, by properties and what is said of the node."""
        steps = " › ".join(self._name_steps(path))
        before, after = (nodes.get(node, []) for nodes in self._nodes)
        kept = [pair for pair in after or before if (pair in before or not before) and not pair[1].startswith("_:")]
        if not kept:
            return steps
        predicate, object_ = min(kept, key=lambda pair: (pair[0] not in _IDENTIFYING, pair[0] == RDF_TYPE))
        return f"{steps} [{self.property(predicate)} {self.value(object_)}]"

    def _name_steps(self, path: Iterable[str]) -> Iterator[str]:
        """Name the steps of a path; those within a list are one, with the number of the item."""
        for step, group in groupby(path, key=lambda step: RDF_REST if step in {RDF_FIRST, RDF_REST} else step):
            if step != RDF_REST:
                yield from (self.property(one) for one in group)
                continue
            number = 1
            for one in group:
                if one == RDF_REST:
                    number += 1
                else:
                    yield message(self.lang, "item {number}", number=number)
                    number = 1
            if number > 1:
                yield message(self.lang, "from item {number}", number=number)

    def _write_node(self, node: str, nodes: Mapping[str, list[tuple[str, str]]], seen: set[str]) -> str:
        stated = nodes.get(node, [])
        if any(predicate == RDF_FIRST for predicate, _ in stated):
            return self._write_list(node, nodes, seen)
        parts = []
        for predicate, object_ in stated[:_MAX_VALUES]:
            if object_.startswith("_:"):
                inner = "…" if object_ in seen else self._write_node(object_, nodes, seen | {object_})
            else:
                inner = self.value(object_)
            parts.append(f"{self.property(predicate)} {inner}")
        if len(stated) > _MAX_VALUES:
            parts.append("…")
        return f"[{'; '.join(parts)}]"

    def _write_list(self, node: str, nodes: Mapping[str, list[tuple[str, str]]], seen: set[str]) -> str:
        parts: list[str] = []
        while node.startswith("_:"):
            stated = dict(nodes.get(node, []))
            first, node = stated.get(RDF_FIRST, ""), stated.get(RDF_REST, RDF_NIL)
            inner = (
                self._write_node(first, nodes, seen | {first}) if first.startswith("_:") and first not in seen else ""
            )
            parts.append(inner or ("…" if first.startswith("_:") else self.value(first)))
            if node in seen or len(parts) == _MAX_ITEMS:
                parts += ["…"] if node != RDF_NIL else []
                break
            seen = seen | {node}
        return f"({', '.join(parts)})"


def _list_graphs(version: GraphVersion) -> list[pl.DataFrame]:
    parts = (part for part in (version.ontology, version.shapes) if part is not None)
    return [graph.frame for graph in (version.data, *version.named.values(), *parts)]


def _about(graphs: list[pl.DataFrame], mentioned: pl.Series) -> pl.DataFrame:
    """Take what identifies the things that are mentioned: names, classes, and what claims state."""
    wanted = [*NAMES, RDF_TYPE, *_CLAIM.values()]
    things = mentioned.drop_nulls().filter(mentioned.drop_nulls().str.starts_with("<")).unique().to_frame("subject")
    parts = [
        frame.filter(pl.col("predicate").is_in(wanted))
        .join(things, on="subject", how="semi")
        .with_columns(order=pl.lit(at))
        for at, frame in enumerate(graphs)
    ]
    return pl.concat(parts)


def _find_labels(about: pl.DataFrame, lang: str) -> dict[str, str]:
    """Choose a name for each thing: of the property that names best, in the language that suits best."""
    named = about.filter(pl.col("predicate").is_in(NAMES) & pl.col("object").str.starts_with('"')).select(
        "subject",
        "order",
        text=terms.value(pl.col("object")),
        tag=terms.language(pl.col("object")).fill_null(""),
        rank=pl.col("predicate").replace_strict(list(NAMES), list(range(len(NAMES))), return_dtype=pl.Int32),
    )
    order = _order_tags(named["tag"].unique().to_list(), lang)
    fit = pl.col("tag").replace_strict(order, list(range(len(order))), return_dtype=pl.Int32)
    best = named.filter(pl.col("text") != "").sort("subject", "order", "rank", fit, "text")
    return dict(best.unique("subject", keep="first", maintain_order=True).select("subject", "text").iter_rows())


def _order_tags(tags: list[str], lang: str) -> list[str]:
    """Order language tags by how well they suit a reader."""
    left, order = sorted(tags), list[str]()
    while left and (best := best_tag(left, lang)) is not None:
        order.append(best)
        left.remove(best)
    return [*order, *left]


def _describe_nodes(frame: pl.DataFrame, mentioned: pl.Series) -> dict[str, list[tuple[str, str]]]:
    """List what is said of the blank nodes that are mentioned, and of those that these lead to."""
    nodes = mentioned.filter(mentioned.str.starts_with("_:").fill_null(value=False)).to_frame("subject")
    parts = [frame.clear()]
    while len(nodes):
        part = frame.join(nodes, on="subject", how="semi")
        frame = frame.join(nodes, on="subject", how="anti")
        parts.append(part)
        nodes = part.filter(pl.col("object").str.starts_with("_:")).select(subject="object").unique()
    found: dict[str, list[tuple[str, str]]] = {}
    for subject, predicate, object_ in pl.concat(parts).sort("subject", "predicate", "object").iter_rows():
        found.setdefault(subject, []).append((predicate, object_))
    return found


def _find_classes(about: pl.DataFrame) -> dict[str, list[str]]:
    kinds = about.filter(
        (pl.col("predicate") == RDF_TYPE) & pl.col("object").str.starts_with("<") & (pl.col("object") != RDFS_CLASS)
    )
    # Of the versions that have the thing, the first counts.
    kinds = kinds.filter(pl.col("order") == pl.col("order").min().over("subject"))
    listed = kinds.group_by("subject").agg(pl.col("object").unique().sort())
    return dict(listed.iter_rows())


def _find_claims(about: pl.DataFrame) -> dict[str, dict[str, str]]:
    rows = about.filter(pl.col("predicate").is_in(list(_CLAIM.values()))).sort("order", "predicate", "object")
    names = {predicate: name for name, predicate in _CLAIM.items()}
    found: dict[str, dict[str, str]] = {}
    for subject, predicate, object_ in rows.select("subject", "predicate", "object").iter_rows():
        found.setdefault(subject, {}).setdefault(names[predicate], object_)
    return {subject: claim for subject, claim in found.items() if len(claim) == len(_CLAIM)}
