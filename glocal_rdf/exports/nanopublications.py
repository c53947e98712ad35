"""Writes claims as nanopublications: each with its evidence and with who published it, under an IRI that has its hash.

A nanopublication has four graphs:

1. The head names the other three.
2. The assertion is the claim, an `rdf:Statement` with its qualifiers, and its triple where the graph states that too.
   So a deprecated claim, a view, or a claim about a part asserts what was claimed, and not that it is true.
3. The provenance says from which passage of which document the assertion was derived, with the position and the
   checksums, and to whom it is attributed.
4. The publication info has dataset, licence, creator and date, which are those of the dataset.

They are not signed: to sign and to send them is left to the person who answers for them.

https://nanopub.net/guidelines/working_draft/
"""

from __future__ import annotations

from typing import Final

import polars as pl

from glocal_rdf.errors import OutputError, Problem
from glocal_rdf.exports.graph import DescribedGraph, Exported
from glocal_rdf.exports.rdf_12 import reify_claims
from glocal_rdf.exports.trusty import PLACE, hash_quads, insert_codes
from glocal_rdf.namespaces import DCAT, DCTERMS, NP, OA, PROV, RDF_TYPE, VOID, term
from glocal_rdf.triples import terms
from glocal_rdf.triples.prefixes import choose_prefixes, shorten

__all__ = ["write_nanopublications"]

_TRIPLE: Final = ("subject", "predicate", "object")
_QUAD: Final = ("graph", *_TRIPLE)
_GRAPHS: Final = {
    "Head": None,
    "assertion": "hasAssertion",
    "provenance": "hasProvenance",
    "pubinfo": "hasPublicationInfo",
}
_DERIVED, _ATTRIBUTED = term(PROV, "wasDerivedFrom"), term(PROV, "wasAttributedTo")
_DATASET: Final = term(DCAT, "Dataset")
_INFO: Final = {term(DCTERMS, name): what for name, what in {"license": "licence", "creator": "creator"}.items()}
_DATES: Final = (term(DCTERMS, "modified"), term(DCTERMS, "issued"))
_LEADING: Final = (term(OA, "hasSelector"), term(OA, "hasSource"))
"""What leads from a passage to its position and its document."""


def write_nanopublications(graph: DescribedGraph) -> Exported:
    """Write the claims of a graph, or those that `graph.chosen` names, as nanopublications in TriG.

    Raises:
        OutputError: Where there is no such claim, or the dataset has no IRI under which they could be named.
    """
    frame = graph.triples.distinct().frame
    other, reified, left = reify_claims(frame)
    claims = reified.select(claim="reifier").unique().sort("claim")
    if graph.chosen is not None:
        wanted = reified.filter(pl.any_horizontal(pl.col("reifier", "subject").is_in(sorted(graph.chosen))))
        claims = wanted.select(claim="reifier").unique().sort("claim")
        left = left.filter(pl.col("claim").is_in(sorted(graph.chosen)))
    if claims.is_empty():
        raise OutputError.at("nanopub", "there is no claim to publish", "name a thing with claims, or a claim: --about")
    base, info, problems = _describe_publication(graph, frame)
    quads = _make_quads(frame, other, reified, claims, info, base)
    blank = pl.any_horizontal(pl.col(_TRIPLE).str.starts_with("_:"))
    dropped = quads.filter(blank).select("group").unique()
    problems += [
        Problem(one, "is left out: it is qualified by a blank node", "give the node an IRI", kind="claims")
        for one in dropped["group"].sort()
    ]
    problems += [Problem(one, "is left out", why, kind="claims") for one, why in left.sort("claim").iter_rows()]
    quads = quads.join(dropped, on="group", how="anti", maintain_order="left")
    data = _write(insert_codes(quads, hash_quads(quads)), graph)
    note = f"{claims.height - dropped.height:,} nanopublications, not signed"
    return Exported({"": data}, (note,), tuple(problems))


def _describe_publication(graph: DescribedGraph, frame: pl.DataFrame) -> tuple[str, pl.DataFrame, list[Problem]]:
    """Return the beginning of the IRIs, the info that all share (`predicate`, `object`), and what it lacks."""
    found = frame.filter((pl.col("predicate") == RDF_TYPE) & (pl.col("object") == _DATASET))["subject"].unique().sort()
    own = str(graph.about.get("@id", ""))
    dataset = f"<{own}>" if own else next((one for one in found if one.startswith("<")), "")
    about = frame.filter(pl.col("subject") == dataset)
    space = (
        about.filter(pl.col("predicate") == term(VOID, "uriSpace")).select(terms.value(pl.col("object"))).to_series()
    )
    if not dataset and space.is_empty():
        hint = "give the table group an @id, or void:uriSpace, in data/csv-metadata.json"
        raise OutputError.at("nanopub", "the dataset has no IRI, from which those of nanopublications are made", hint)
    base = (space[0] if len(space) else dataset.strip("<>")).rstrip("/#") + "/np/"
    rows = [(predicate, value) for predicate in _INFO for value in _objects(about, predicate)]
    problems = [
        Problem("nanopub", f"the dataset has no {what}", f"add {name} to data/csv-metadata.json", level="warning")
        for name, what in zip(("dc:license", "dc:creator"), _INFO.values(), strict=True)
        if not any(predicate.endswith(f"/{name[3:]}>") for predicate, _ in rows)
    ]
    dates = next((values for name in _DATES if (values := _objects(about, name))), [])
    rows += [(term(DCTERMS, "created"), max(dates))] if dates else []
    rows += [(term(DCTERMS, "isPartOf"), dataset)] if dataset else []
    return base, pl.DataFrame(rows, schema={"predicate": pl.String, "object": pl.String}, orient="row"), problems


def _objects(about: pl.DataFrame, predicate: str) -> list[str]:
    return about.filter(pl.col("predicate") == predicate)["object"].sort().to_list()


def _make_quads(
    frame: pl.DataFrame,
    other: pl.DataFrame,
    reified: pl.DataFrame,
    claims: pl.DataFrame,
    info: pl.DataFrame,
    base: str,
) -> pl.DataFrame:
    """Make the quads of all nanopublications, with a place for their codes; `group` is the claim."""
    name = f"<{base}{PLACE}>"
    part = {one: f"<{base}{PLACE}#{one}>" for one in _GRAPHS}

    def in_graph(rows: pl.DataFrame, which: str) -> pl.DataFrame:
        return rows.select("group", pl.lit(part[which]).alias("graph"), *_TRIPLE)

    def say(predicate: str, value: str) -> pl.DataFrame:
        return claims.select(group="claim", subject=pl.lit(name), predicate=pl.lit(predicate), object=pl.lit(value))

    said = frame.join(claims, left_on="subject", right_on="claim", how="semi").with_columns(group="subject")
    origin = pl.col("predicate").is_in([_DERIVED, _ATTRIBUTED])
    stated = reified.rename({"reifier": "group"}).join(claims, left_on="group", right_on="claim", how="semi")
    stated = stated.join(other, on=list(_TRIPLE), how="semi")
    passages = said.filter(pl.col("predicate") == _DERIVED).select("group", node="object")
    nodes = [passages]
    leading = frame.filter(pl.col("predicate").is_in(_LEADING)).select(node="subject", next="object")
    nodes.append(passages.join(leading, on="node").select("group", node="next"))
    evidence = pl.concat(nodes).unique().join(frame.rename({"subject": "node"}), on="node").rename({"node": "subject"})
    return pl.concat(
        [
            in_graph(say(RDF_TYPE, term(NP, "Nanopublication")), "Head"),
            *(in_graph(say(term(NP, how), part[one]), "Head") for one, how in _GRAPHS.items() if how),
            in_graph(said.filter(~origin), "assertion"),
            in_graph(stated, "assertion"),
            in_graph(said.filter(origin).with_columns(subject=pl.lit(part["assertion"])), "provenance"),
            in_graph(evidence, "provenance"),
            *(in_graph(say(predicate, value), "pubinfo") for predicate, value in info.iter_rows()),
        ]
    ).unique(maintain_order=True)


def _write(quads: pl.DataFrame, graph: DescribedGraph) -> bytes:
    """Write the quads as TriG, a line each, nanopublication after nanopublication."""
    namespaces = choose_prefixes({**graph.prefixes, "np": NP})
    datatype = pl.col("object").str.extract(r'"\^\^(<[^<>"]*>)$')
    parts = [quads[one] for one in _QUAD]
    used = pl.concat([*parts, quads.select(datatype).to_series()]).drop_nulls().unique()
    names = shorten(used.filter(used.str.starts_with("<")), namespaces)

    def short(column: pl.Expr, name: str) -> pl.DataFrame:
        found = quads.select(column.alias("term")).join(names, on="term", how="left", maintain_order="left")
        return found.select(pl.coalesce("text", "term").alias(name))

    texts = pl.concat([*(short(pl.col(one), one) for one in _QUAD), short(datatype, "datatype")], how="horizontal")
    body = quads["object"].str.strip_suffix(quads.select(datatype.fill_null("")).to_series())
    rows = texts.with_columns(
        group=quads["group"],
        place=quads["graph"].rank("dense"),
        object=pl.when(pl.col("datatype").is_null()).then("object").otherwise(pl.concat_str(body, "datatype")),
        is_type=pl.col("predicate") == "rdf:type",
    )
    order = pl.DataFrame({"name": list(_GRAPHS), "order": range(len(_GRAPHS))})
    rows = (
        rows.with_columns(name=pl.col("graph").str.extract(r"#(\w+)>?$"))
        .join(order, on="name", maintain_order="left")
        .sort("group", "order", "subject", ~pl.col("is_type"), "predicate", "object")
    )
    line = pl.concat_str(pl.lit("    "), "subject", pl.lit(" "), "predicate", pl.lit(" "), "object", pl.lit(" .\n"))
    blocks = rows.group_by("group", "graph", maintain_order=True).agg(line.str.join(""))
    blocks = blocks.select(pl.concat_str(pl.lit("\n"), "graph", pl.lit(" {\n"), pl.last(), pl.lit("}\n")))
    known = {prefix: namespace for namespace, prefix in namespaces.items()}
    heads = [f"@prefix {one}: <{known[one]}> .\n" for one in names["prefix"].drop_nulls().unique().sort()]
    return "".join([*heads, *blocks.to_series()]).encode()
