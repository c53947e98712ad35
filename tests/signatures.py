"""Reads from the claims what each predicate joins with what, and keeps `shapes/signatures.ttl` up to date.

A signature is a kind of subject, a predicate and a kind of value: "an organization works on a theme". The shape has
those that the claims use, so that an exchange, a predicate or a value of another kind is reported as soon as it is
written.

`python tests/signatures.py` writes the list of the file anew from the claims of the dataset. Read the difference before
you commit it: each line that it adds says that something may be claimed that nobody claimed before.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import polars as pl

from glocal_rdf.claims.ranking import list_claims
from glocal_rdf.namespaces import RDF_TYPE, WELL_KNOWN, shorten
from glocal_rdf.project import Project
from glocal_rdf.triples import Triples

ROOT: Final = Path(__file__).parent.parent
FILE: Final = ROOT / "shapes" / "signatures.ttl"
BEGIN, END = "    sh:or (\n", "    ) ;\n"
KINDS_BEGIN: Final = "\n# The kinds of values\n\n"
KINDS: Final = (
    *("glocal:City", "glocal:County", "glocal:Country", "glocal:Region", "glocal:Place"),
    *("glocal:Organization", "glocal:Group", "schema:Person"),
    *("schema:Event", "glocal:Agreement", "glocal:Programme", "glocal:Document", "schema:CreativeWork"),
    *("glocal:Theme", "glocal:Trend", "glocal:Impact", "glocal:Strategy", "glocal:Means", "glocal:Classification"),
)
"""The classes that signatures tell apart: of each thing the first that it has."""
NARROWER: Final = {
    "glocal:Place": ("glocal:City", "glocal:County", "glocal:Country", "glocal:Region"),
    "schema:CreativeWork": ("glocal:Agreement", "glocal:Document"),
}
"""Of a kind that is wider than others of `KINDS` only what is none of them."""
AXIS: Final = "classification:"
"""How a value of a classification is told apart: by the concept above it."""
PREFIXES: Final = {
    **WELL_KNOWN,
    "glocal": "https://w3id.org/glocal/ontology#",
    "classification": "https://w3id.org/glocal/id/classification/",
}
Signature = tuple[str, str, str]


def list_signatures(triples: Triples) -> list[tuple[str, Signature]]:
    """List each claim of a graph with what it joins: kind of subject, predicate and kind of value.

    Raises:
        ValueError: Where a subject or value is of none of the kinds.
    """
    frame = triples.frame
    claims = list_claims(triples).select("claim", "subject", "predicate", "object")
    things = pl.concat([claims["subject"], claims["object"]]).unique()
    typed = frame.filter((pl.col("predicate") == RDF_TYPE) & pl.col("subject").is_in(things.implode()))
    kinds: dict[str, str] = {}
    for thing, name in typed.select("subject", "object").iter_rows():
        kind = _shorten(name)
        if kind in KINDS:
            kinds[thing] = min(kinds.get(thing, kind), kind, key=KINDS.index)
    above = frame.filter(pl.col("predicate") == "<http://www.w3.org/2004/02/skos/core#broader>")
    axes = {s: _shorten(o) for s, o in above.select("subject", "object").iter_rows()}

    def name_value(value: str) -> str:
        if value.startswith('"'):
            tail = value[value.rindex('"') + 1 :]
            return "rdf:langString" if tail.startswith("@") else _shorten(tail.removeprefix("^^")) or "xsd:string"
        axis = axes.get(value, "") if kinds.get(value) == "glocal:Classification" else ""
        return axis or kinds.get(value, value)

    found = [(claim, (kinds.get(s, s), _shorten(p), name_value(o))) for claim, s, p, o in claims.iter_rows()]
    if unknown := sorted({name for _, signature in found for name in signature if name.startswith("<")}):
        raise ValueError(f"of none of the kinds: {', '.join(unknown)}")
    return found


def find_signatures(triples: Triples) -> list[Signature]:
    """List the signatures that the claims of a graph use, once each, in the order of `KINDS`."""
    found = {signature for _, signature in list_signatures(triples)}
    return sorted(found, key=lambda one: (KINDS.index(one[0]), _order(one[2]), one[1]))


def _order(kind: str) -> tuple[int, str]:
    return (KINDS.index(kind), "") if kind in KINDS else (len(KINDS), kind)


def _shorten(term: str) -> str:
    return shorten(term.strip("<>"), PREFIXES) if term else ""


def render(signatures: list[Signature]) -> str:
    """Write the list of a shape: for each kind of subject its values, each with the predicates that join the two."""
    lines = []
    for subject in dict.fromkeys(one[0] for one in signatures):
        lines += [f"        [ sh:property [ sh:path rdf:subject{_constrain(subject)} ] ; sh:or ("]
        own = [(predicate, value) for kind, predicate, value in signatures if kind == subject]
        for value in dict.fromkeys(value for _, value in own):
            names = " ".join(predicate for predicate, kind in own if kind == value)
            lines += [
                f"            [ sh:property [ sh:path rdf:predicate ; sh:in ( {names} ) ] ,",
                f"                {_name_kind(value)} ]",
            ]
        lines += ["        ) ]"]
    return "\n".join(lines) + "\n"


def render_kinds(signatures: list[Signature]) -> str:
    """Write the shapes of the kinds of values, which the list refers to."""
    kinds = sorted({value for _, _, value in signatures}, key=_order)
    return "".join(
        f"{_name_kind(kind)} a sh:PropertyShape ; sh:path rdf:object{_constrain(kind)} .\n" for kind in kinds
    )


def _name_kind(kind: str) -> str:
    return f"shapes:Signature-{kind.replace(':', '-')}"


def _constrain(value: str) -> str:
    if value.startswith(AXIS):
        return f" ; sh:node [ sh:property [ sh:path skos:broader ; sh:hasValue {value} ] ]"
    but = ", ".join(f"[ sh:class {kind} ]" for kind in NARROWER.get(value, ()))
    return f" ; sh:{'class' if value in KINDS else 'datatype'} {value}" + (f" ; sh:not {but}" if but else "")


def update(text: str, signatures: list[Signature]) -> str:
    """Put the signatures into the text of the file."""
    head, _, rest = text.partition(BEGIN)
    tail = f"\n{rest}".partition(f"\n{END}")[2].partition(KINDS_BEGIN)[0]
    return head + BEGIN + render(signatures) + END + tail + KINDS_BEGIN + render_kinds(signatures)


def main() -> None:
    """Write the list of the file anew from the claims of the dataset."""
    from glocal_rdf.operations.build import build

    triples = build(Project.open(ROOT)).with_ontology
    FILE.write_text(update(FILE.read_text("utf-8"), find_signatures(triples)), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
