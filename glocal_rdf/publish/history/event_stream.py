"""Describes the releases of a dataset as a Linked Data Event Stream: an entry with a page for each release.

1. A member of the stream is a version of a thing: what a release states of it, with the IRI of the version as subject.
   It has the moment of the release (`prov:generatedAtTime`) and leads to the thing (`dcterms:isVersionOf`).
2. A release has a member for each thing of which it states something else than the release before it, and one of the
   class `as:Delete` for each thing that it states nothing of any more. Whoever takes the latest member of each thing
   has the graph of the latest release.
3. The entry links to the page of each release by the time that its members have. A page never changes again once it is
   released, which it says (`ldes:immutable`); the entry gets two links more with each release.

https://w3id.org/ldes/specification
https://w3id.org/tree/specification
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

import polars as pl

from glocal_rdf.namespaces import AS, DCTERMS, LDES, PROV, RDF_TYPE, SH, TREE, XSD, term, term_of
from glocal_rdf.publish.catalogue.statements import Statements
from glocal_rdf.publish.catalogue.versions import RELEASES, Version
from glocal_rdf.triples import Triples, terms

__all__ = [
    "FORMATS",
    "PATHS",
    "PREFIXES",
    "STREAM",
    "describe_entry",
    "describe_fragment",
    "find_changed",
    "find_orphans",
]

STREAM: Final = f"{RELEASES}/stream"
"""The path of the entry, without an ending."""

FORMATS: Final = ("turtle", "jsonld")
"""The formats in which the stream is written, each with an entry and pages of its own."""

PREFIXES: Final[Mapping[str, str]] = {"ldes": LDES, "tree": TREE}

_TIME: Final = term(PROV, "generatedAtTime")
_THING: Final = term(DCTERMS, "isVersionOf")
PATHS: Final = (_TIME, _THING)
"""The properties of members that say when and of what they are versions; no thing may have them itself."""

_DELETE: Final = term(AS, "Delete")
_BLANK: Final = "_:"
_ALL: Final = ["subject", "predicate", "object"]


def describe_entry(
    base: str, ending: str, versions: Sequence[Version], titles: Mapping[str, str], licence: str = ""
) -> Triples:
    """Return the entry of the stream: what it is, how its members are ordered, and the pages of all releases.

    Args:
        base: The address of the site.
        ending: The ending of the files of the format, such as `ttl`.
        versions: The versions, the earliest first.
        titles: What the dataset is called, by language.
        licence: The IRI of its licence; empty without one.
    """
    made = Statements()
    stream, view = _stream(base), f"{base}{STREAM}.{ending}"
    made.type(stream, term(LDES, "EventStream"))
    made.text(stream, term(DCTERMS, "title"), titles)
    made.link(stream, term(DCTERMS, "license"), licence)
    made.copy(stream, term(LDES, "timestampPath"), [_TIME])
    made.copy(stream, term(LDES, "versionOfPath"), [_THING])
    made.copy(stream, term(LDES, "versionDeletePath"), [RDF_TYPE])
    made.copy(stream, term(LDES, "versionDeleteObject"), [_DELETE])
    made.link(stream, term(TREE, "view"), view)
    made.type(view, term(TREE, "Node"))
    _describe_shape(made, stream, f"{base}{STREAM}#shape")
    for version, following in zip(versions, [*versions[1:], None], strict=True):
        node = f"{base}{quote(version.fragment)}.{ending}"
        bounds = [("GreaterThanOrEqualToRelation", "from", version)]
        bounds += [("LessThanRelation", "before", following)] if following else []
        for kind, name, bound in bounds:
            relation = f"{view}#{quote(version.version)}-{name}"
            made.link(view, term(TREE, "relation"), relation)
            made.type(relation, term(TREE, kind))
            made.copy(relation, term(TREE, "path"), [_TIME])
            made.value(relation, term(TREE, "value"), bound.moment, "dateTime")
            made.link(relation, term(TREE, "node"), node)
    return made.triples


def _describe_shape(made: Statements, stream: str, shape: str) -> None:
    """Describe what every member has: one moment, and one thing that it is a version of."""
    made.link(stream, term(TREE, "shape"), shape)
    made.type(shape, term(SH, "NodeShape"))
    for name, path in (("time", _TIME), ("thing", _THING)):
        this = f"{shape}-{name}"
        made.link(shape, term(SH, "property"), this)
        made.type(this, term(SH, "PropertyShape"))
        made.copy(this, term(SH, "path"), [path])
        made.value(this, term(SH, "minCount"), 1)
        made.value(this, term(SH, "maxCount"), 1)
    made.copy(f"{shape}-time", term(SH, "datatype"), [term(XSD, "dateTime")])
    made.copy(f"{shape}-thing", term(SH, "nodeKind"), [term(SH, "IRI")])


def find_changed(old: Triples, new: Triples) -> pl.Series:
    """Return the things of which two releases state something else, as terms, sorted.

    What a blank node states belongs to every thing that leads to it.

    Args:
        old: The graph of the release before.
        new: The graph of the release, whose blank nodes have the labels of those that they were.
    """
    before, after = old.frame, new.frame
    differ = pl.concat([before.join(after, on=_ALL, how="anti"), after.join(before, on=_ALL, how="anti")])
    links = pl.concat([before, after]).filter(_is_blank("object")).select("subject", "object").unique()
    found = differ.select("subject").unique()
    while True:
        above = links.join(found, left_on="object", right_on="subject", how="semi").select("subject")
        more = above.join(found, on="subject", how="anti").unique()
        if more.is_empty():
            break
        found = pl.concat([found, more])
    return found.filter(~_is_blank("subject"))["subject"].sort()


def find_orphans(graph: Triples) -> Triples:
    """Return what blank nodes state that no thing leads to: no member can have it.

    Args:
        graph: The graph of a release.
    """
    frame = graph.frame
    blank = frame.filter(_is_blank("subject"))
    reached = _follow(frame.filter(~_is_blank("subject")), blank)
    return Triples(blank.join(reached, on="subject", how="anti"))


def describe_fragment(
    base: str, ending: str, version: Version, graph: Triples, changed: pl.Series, space: str
) -> Triples:
    """Return the page of a release: a member for each thing that it has changed.

    Args:
        base: The address of the site.
        ending: The ending of the file.
        version: The version.
        graph: The graph of the release.
        changed: The things that have changed, as terms; of these, such as have the properties of a member themselves
            (`PATHS`) have none.
        space: How the IRIs of the things begin, which the IRIs of members leave out.
    """
    start = f"{base}{quote(version.fragment)}#"
    ambiguous = graph.frame.filter(pl.col("predicate").is_in(PATHS))["subject"]
    changed = changed.filter(~changed.is_in(ambiguous.implode()))
    names = [_name_member(thing[1:-1], space) for thing in changed]
    members = pl.DataFrame({"subject": changed, "member": [f"<{start}{name}>" for name in names]}, _MEMBERS)
    own = graph.frame.join(members, on="subject", how="inner")
    stated = own.select(subject="member", predicate="predicate", object="object")
    nodes = graph.frame.filter(_is_blank("subject"))
    below = nodes.join(_follow(stated, nodes), on="subject", how="semi")
    gone = members.join(own.select("subject").unique(), on="subject", how="anti")
    moment = terms.quote(version.moment, datatype=f"{XSD}dateTime")

    def state(things: pl.DataFrame, predicate: str, value: pl.Expr) -> pl.DataFrame:
        return things.select(subject="member", predicate=pl.lit(predicate), object=value)

    page = Statements()
    view = f"{base}{quote(version.fragment)}.{ending}"
    page.type(_stream(base), term(LDES, "EventStream"))
    page.type(view, term(TREE, "Node"))
    page.value(view, term(LDES, "immutable"), "true", "boolean")
    belong = members.select(
        subject=pl.lit(term_of(_stream(base))), predicate=pl.lit(term(TREE, "member")), object="member"
    )
    return Triples(
        pl.concat(
            [
                page.triples.frame,
                belong,
                state(members, _THING, pl.col("subject")),
                state(members, _TIME, pl.lit(moment)),
                state(gone, RDF_TYPE, pl.lit(_DELETE)),
                stated,
                below,
            ]
        )
    ).distinct()


_MEMBERS: Final = pl.Schema({"subject": pl.String(), "member": pl.String()})


def _name_member(thing: str, space: str) -> str:
    """Return the fragment of a member's IRI: a name within the space, or else the IRI of the thing after a colon."""
    within = bool(space) and thing.startswith(space)
    return quote(thing[len(space) :], safe="/") if within else f":{quote(thing, safe='/')}"


def _stream(base: str) -> str:
    return f"{base}{STREAM}#stream"


def _is_blank(column: str) -> pl.Expr:
    return pl.col(column).str.starts_with(_BLANK)


def _follow(led: pl.DataFrame, blank: pl.DataFrame) -> pl.DataFrame:
    """Return the blank nodes that statements lead to, however far, in a column `subject`."""
    found = pl.DataFrame(schema={"subject": pl.String})
    while True:
        nodes = led.filter(_is_blank("object")).select(subject="object").unique().join(found, on="subject", how="anti")
        if nodes.is_empty():
            return found
        found = pl.concat([found, nodes])
        led = blank.join(nodes, on="subject", how="semi")
