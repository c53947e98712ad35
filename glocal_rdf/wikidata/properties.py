"""Maps terms of a project to the properties and classes of a Wikibase: the ontology's alignments, and one table.

1. The alignments of the ontology are the default: `skos:exactMatch`, `owl:equivalentProperty` and `owl:equivalentClass`
   to an entity of the Wikibase, of a property or of one that it is a sub-property of, since what it states is stated
   with that too. `skos:closeMatch` and `skos:broadMatch` are not enough for a statement. For Wikidata, terms of other
   vocabularies (schema.org, ORG) have the alignments of the bundled ontology.
2. The table `data/wikidata.csv` of the project adds to them and overrides them, row by row. It also has what is not a
   property of the data: the addresses of the Wikibase, and its properties for qualifiers and references.

The kinds of rows: `wikibase` (a setting of `settings.Wikibase`), `property`, `qualifier`, `reference` and `class`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final

from glocal_rdf.addresses import is_address
from glocal_rdf.errors import InputError, Problem
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import OWL, RDF_TYPE, RDFS, SKOS, WELL_KNOWN, expand, term
from glocal_rdf.project import WIKIBASE_TABLE, Project, read_text
from glocal_rdf.triples import Triples
from glocal_rdf.wikidata.settings import WIKIDATA, Wikibase

__all__ = ["DATATYPES", "PropertyMapping", "Vocabulary", "read_vocabulary"]

COLUMNS: Final = ("kind", "ours", "theirs", "datatype", "unit", "values", "note")
DATATYPES: Final = frozenset(
    {
        "wikibase-item",
        "time",
        "url",
        "external-id",
        "string",
        "monolingualtext",
        "quantity",
        "globe-coordinate",
    }
)
"""The datatypes of properties that are compared and written."""

_ROLES: Final[Mapping[str, tuple[str, str]]] = {
    "stated-in": ("P248", "wikibase-item"),
    "url": ("P854", "url"),
    "title": ("P1476", "monolingualtext"),
    "pages": ("P304", "string"),
    "retrieved": ("P813", "time"),
    "quotation": ("P1683", "monolingualtext"),
    "imported-from": ("P143", "wikibase-item"),
    "import-url": ("P4656", "url"),
}
"""The properties of Wikidata in references, by what they are for: https://www.wikidata.org/wiki/Help:Sources."""

_QUALIFIERS: Final[Mapping[str, tuple[str, str]]] = {
    "start": ("P580", "time"),
    "end": ("P582", "time"),
    "point-in-time": ("P585", "time"),
}
_INSTANCE: Final = "P31"
_ONE_VALUE: Final = frozenset({"time", "quantity", "external-id", "globe-coordinate"})
_NUMBER: Final = re.compile(r"[PQ][1-9][0-9]{0,10}")


@dataclass(frozen=True, slots=True)
class PropertyMapping:
    """A property of ours and the one of the Wikibase.

    Attributes:
        ours: Our property, or the thing that stands for a quantity, as a term.
        number: The property of the Wikibase.
        datatype: The datatype that it is said to have; empty where nothing says so.
        unit: The item of the unit of a quantity.
        single: Whether a thing has one value at a time, so that another one is a contradiction.
        symmetric: Whether a statement is true in both directions.
        where: Where this is stated.
    """

    ours: str
    number: str
    datatype: str = ""
    unit: str = ""
    single: bool = False
    symmetric: bool = False
    where: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """What a project needs to know of a Wikibase.

    Attributes:
        wikibase: Its addresses.
        properties: The mappings, by our property.
        qualifiers: The properties for `start`, `end` and `point-in-time`.
        references: The properties of references, by what they are for.
        instance_of: The property for the class of an item.
        classes: The items for our classes, by term.
        datatypes: The datatypes of properties, as the table and the notes of the Wikibase have them.
    """

    wikibase: Wikibase
    properties: Mapping[str, PropertyMapping]
    qualifiers: Mapping[str, str]
    references: Mapping[str, str]
    instance_of: str
    classes: Mapping[str, str]
    datatypes: Mapping[str, str] = field(default_factory=dict)


def read_vocabulary(project: Project) -> Vocabulary:
    """Read what a project states about a Wikibase: its ontology's alignments, and its table.

    Args:
        project: The project.

    Raises:
        InputError: With every row of the table that is wrong.

    Examples:
        >>> found = read_vocabulary(Project.bundled())
        >>> found.properties["<https://w3id.org/glocal/ontology#seat>"].number
        'P159'
    """
    path = project.root / WIKIBASE_TABLE
    rows = list(_read_rows(path)) if path.is_file() else []
    wikibase = _read_wikibase(rows)
    own = wikibase.entity != WIKIDATA.entity
    faults: list[Problem] = []
    datatypes = {} if own else dict([*_ROLES.values(), *_QUALIFIERS.values(), (_INSTANCE, "wikibase-item")])
    references = {} if own else {role: number for role, (number, _) in _ROLES.items()}
    qualifiers = {} if own else {role: number for role, (number, _) in _QUALIFIERS.items()}
    base = None if own or _is_bundled(project) else read_vocabulary(Project.bundled())
    properties = dict(base.properties) if base else {}
    properties |= {one.ours: one for one in _read_alignments(project, wikibase.entity, properties)}
    classes = (dict(base.classes) if base else {}) | dict(_read_classes(project.ontology, wikibase.entity))
    datatypes |= base.datatypes if base else {}
    instance_of = "" if own else _INSTANCE
    for where, row in rows:
        kind, ours, theirs = row["kind"], row["ours"], row["theirs"]
        if kind == "wikibase":
            continue
        if not _NUMBER.fullmatch(theirs) or theirs[0] != ("Q" if kind == "class" else "P"):
            faults.append(Problem(where, f"theirs: {theirs!r} is not the number of a {kind}", "write one such as P31"))
            continue
        if row["datatype"] and row["datatype"] not in DATATYPES:
            known = ", ".join(sorted(DATATYPES))
            faults.append(Problem(where, f"datatype: {row['datatype']!r} is not compared", f"write one of {known}"))
            continue
        if row["datatype"]:
            datatypes[theirs] = row["datatype"]
        if kind == "reference" and ours in _ROLES:
            references[ours] = theirs
        elif kind == "qualifier" and ours in _QUALIFIERS:
            qualifiers[ours] = theirs
        elif kind in {"property", "class"} and (found := _expand(project, ours)):
            if kind == "class":
                classes[found] = theirs
            elif fault := _check_property(where, row):
                faults.append(fault)
            else:
                properties[found] = _as_mapping(found, where, row, properties.get(found))
        elif kind == "property" and ours == "instance-of":
            instance_of = theirs
        else:
            known = ", ".join(_ROLES if kind == "reference" else _QUALIFIERS)
            hint = f"write one of {known}" if kind in {"reference", "qualifier"} else "write a CURIE or an IRI"
            faults.append(Problem(where, f"ours: {ours!r} is not known as a {kind}", hint))
    if faults:
        raise InputError.of(faults)
    known_types = {one: _with_datatype(mapping, datatypes) for one, mapping in properties.items()}
    return Vocabulary(wikibase, known_types, qualifiers, references, instance_of, classes, datatypes)


def _is_bundled(project: Project) -> bool:
    return project.root.resolve() == Project.bundled().root.resolve()


def _with_datatype(mapping: PropertyMapping, datatypes: Mapping[str, str]) -> PropertyMapping:
    """Fill in the datatype of a property, and with it whether things have one value of it."""
    datatype = mapping.datatype or datatypes.get(mapping.number, "")
    return replace(mapping, datatype=datatype, single=mapping.single or datatype in _ONE_VALUE)


def _as_mapping(ours: str, where: str, row: Mapping[str, str], before: PropertyMapping | None) -> PropertyMapping:
    single = row["values"] == "one" or (not row["values"] and before is not None and before.single)
    symmetric = before is not None and before.symmetric
    return PropertyMapping(ours, row["theirs"], row["datatype"], row["unit"], single, symmetric, where)


def _check_property(where: str, row: Mapping[str, str]) -> Problem | None:
    if row["values"] not in {"", "one", "many"}:
        return Problem(where, f"values: {row['values']!r} is neither one nor many", "write one of them, or nothing")
    if row["unit"] and not (_NUMBER.fullmatch(row["unit"]) and row["unit"].startswith("Q")):
        return Problem(where, f"unit: {row['unit']!r} is not the number of an item", "write one, or nothing")
    return None


def _read_rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of the table, each with its place.

    Raises:
        InputError: Where it has not the columns, or a row has a kind that is not known.
    """
    reader = csv.DictReader(read_text(path).splitlines(), strict=True)
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InputError.at(path, f"lacks the column {', '.join(missing)}", f"its columns are {', '.join(COLUMNS)}")
        for row in reader:
            where = f"{path}:{reader.line_num}"
            if None in row or None in row.values():
                raise InputError.at(where, "has another number of cells than the header", "correct the row")
            kinds = ("wikibase", "property", "qualifier", "reference", "class")
            if row["kind"] not in kinds:
                raise InputError.at(where, f"kind: {row['kind']!r} is not one", f"write one of {', '.join(kinds)}")
            yield where, {name: row[name].strip() for name in COLUMNS}
    except csv.Error as error:
        raise InputError.at(f"{path}:{reader.line_num}", f"is not CSV: {error}", "correct the quotation marks") from (
            error
        )


def _read_wikibase(rows: Collection[tuple[str, Mapping[str, str]]]) -> Wikibase:
    """Return the Wikibase: Wikidata, or what the rows name.

    Raises:
        InputError: Where a setting is not known, or is not an address.
    """
    known = [one.name for one in fields(Wikibase)]
    given: dict[str, str] = {}
    for where, row in rows:
        if row["kind"] != "wikibase":
            continue
        if row["ours"] not in known:
            raise InputError.at(where, f"ours: {row['ours']!r} is not a setting", f"write one of {', '.join(known)}")
        if row["ours"] != "name" and not is_address(row["theirs"]):
            raise InputError.at(where, f"theirs: {row['theirs']!r} is not a web address", "write the whole address")
        given[row["ours"]] = row["theirs"]
    if given.get("entity", WIKIDATA.entity) == WIKIDATA.entity:
        return replace(WIKIDATA, **given)
    return Wikibase(**{"name": "Wikibase", "api": "", **given})


def _expand(project: Project, text: str) -> str:
    """Return the term that a CURIE, an IRI, or the short name of a thing stands for; empty where it is none of them."""
    if is_address(text):
        return f"<{text}>"
    if found := expand(text, {**WELL_KNOWN, **project.declared_prefixes}):
        return f"<{found}>"
    return f"<{project.space}{text}>" if project.space and re.fullmatch(r"[\w-]+/[\w./-]+", text) else ""


def _read_alignments(project: Project, entity: str, known: Mapping[str, PropertyMapping]) -> Iterator[PropertyMapping]:
    """Yield what the ontology states of properties, and of things that stand for quantities.

    Args:
        project: The project.
        entity: The beginning of the IRIs of entities.
        known: What is known of properties already, which those below them have too.
    """
    frame = project.ontology.frame
    start = f"<{entity}P"
    exact = [term(SKOS, "exactMatch"), term(OWL, "equivalentProperty")]
    rows = frame.filter(pl.col("predicate").is_in(exact), pl.col("object").str.starts_with(start))
    aligned: dict[str, str] = dict(rows.sort("object", descending=True).select("subject", "object").iter_rows())
    aligned = {one.ours: f"<{entity}{one.number}>" for one in known.values()} | aligned
    above = frame.filter(pl.col("predicate") == term(RDFS, "subPropertyOf")).select("subject", "object")
    # A few steps up are enough for any ontology, and end also where it has a circle.
    for _ in range(8):
        for lower, upper in above.sort("subject", "object").iter_rows():
            if upper in aligned and lower not in aligned:
                aligned[lower] = aligned[upper]
    types = frame.filter(pl.col("predicate") == RDF_TYPE)
    symmetric, single = (
        set(types.filter(pl.col("object") == term(OWL, name))["subject"])
        for name in ("SymmetricProperty", "FunctionalProperty")
    )
    for ours, theirs in aligned.items():
        if ours in known and theirs == f"<{entity}{known[ours].number}>":
            continue
        number = theirs.removeprefix(f"<{entity}").removesuffix(">")
        if _NUMBER.fullmatch(number):
            yield PropertyMapping(ours, number, "", "", ours in single, ours in symmetric, "ontology")


def _read_classes(ontology: Triples, entity: str) -> Iterator[tuple[str, str]]:
    exact = [term(SKOS, "exactMatch"), term(OWL, "equivalentClass")]
    start = f"<{entity}Q"
    rows = ontology.frame.filter(pl.col("predicate").is_in(exact), pl.col("object").str.starts_with(start))
    for ours, theirs in (
        rows.select("subject", "object").sort("subject", "object", descending=[False, True]).iter_rows()
    ):
        yield ours, theirs.removeprefix(f"<{entity}").removesuffix(">")
