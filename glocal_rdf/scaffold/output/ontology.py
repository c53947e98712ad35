"""Writes the ontology of a project: a class for each table, a property for each column, with labels of the headers.

Terms of other vocabularies are not defined again; they get the header as a label, so that answers can show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from glocal_rdf.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS, VANN, WELL_KNOWN, XSD
from glocal_rdf.rdfa_context import RDFA_CONTEXT
from glocal_rdf.scaffold.output.description import (
    class_of,
    full_iri,
    language_of,
    open_columns,
    read_settings,
    tables_of,
    text_of,
)
from glocal_rdf.scaffold.output.turtle import Namer, write_block, write_prefixes
from glocal_rdf.scaffold.slugs import singular
from glocal_rdf.scaffold.terms import find_class, strip_language
from glocal_rdf.triples.terms import quote

__all__ = ["DescribedColumn", "columns_of", "write_ontology"]

_LITERALS = {
    "html": RDF + "HTML",
    "xml": RDF + "XMLLiteral",
    "json": XSD + "string",
    "number": XSD + "double",
    "any": "",
}


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """A column of a metadata document that makes statements.

    Attributes:
        table: The description of its table.
        description: Its description.
        predicate: The IRI of its property.
        datatype: The IRI of the datatype of its literals; empty where they are IRIs or have languages.
        reference: The class of the things that it refers to, or the empty text.
        is_iri: Whether its values are IRIs.
    """

    table: Mapping[str, Any]
    description: Mapping[str, Any]
    predicate: str
    datatype: str
    reference: str
    is_iri: bool

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.description.get("name", ""))

    @property
    def header(self) -> str:
        """Its header."""
        titles = self.description.get("titles", self.name)
        return text_of(titles[0] if isinstance(titles, list) and titles else titles) or self.name

    @property
    def title(self) -> str:
        """Its label, or its header where it has none."""
        return text_of(self.description.get("rdfs:label", "")) or self.header


def base_of(description: Mapping[str, Any]) -> str:
    """Return the name of the datatype of a column; "string" for text."""
    datatype = description.get("datatype", "string")
    return str(datatype.get("base", "string") if isinstance(datatype, dict) else datatype)


def columns_of(document: Mapping[str, Any], prefixes: Mapping[str, str] | None = None) -> Iterator[DescribedColumn]:
    """Yield the columns of a metadata document that make statements about the things of their rows.

    Args:
        document: The metadata document.
        prefixes: Prefixes of the project that its properties may have.
    """
    classes = {str(table.get("url", "")): class_of(table, prefixes) for table in tables_of(document)}
    for table in tables_of(document):
        schema = table.get("tableSchema", {})
        targets = {}
        for key in schema.get("foreignKeys", []):
            column, resource = key.get("columnReference"), key.get("reference", {}).get("resource", "")
            names = column if isinstance(column, list) else [column]
            if len(names) == 1:
                targets[names[0]] = classes.get(str(resource), "")
        for column in schema.get("columns", []):
            if column.get("virtual") or column.get("suppressOutput") or "propertyUrl" not in column:
                continue
            is_iri = "valueUrl" in column
            base = base_of(column)
            tagged = base == "string" and column.get("lang", "und") != "und"
            datatype = "" if is_iri or tagged else _LITERALS.get(base, XSD + base)
            property_ = full_iri(str(column["propertyUrl"]), prefixes)
            yield DescribedColumn(table, column, property_, datatype, targets.get(column.get("name"), ""), is_iri)


def write_ontology(document: Mapping[str, Any], prefixes: Mapping[str, str] | None = None) -> str:
    """Return an ontology for a metadata document, as Turtle.

    Args:
        document: The metadata document; its tables have classes, its columns properties.
        prefixes: Prefixes of the project that it may use.
    """
    settings = read_settings(document)
    own = settings.ontology
    namer = Namer({**WELL_KNOWN, **RDFA_CONTEXT, "dc": DCTERMS, **(prefixes or {}), settings.name: own}, settings.name)
    blocks = [_describe_ontology(document, own.removesuffix("#"))]
    columns = list(columns_of(document, prefixes))
    for table in tables_of(document):
        iri = class_of(table, prefixes)
        if not iri.startswith(own):
            continue
        title, lang = text_of(table.get("dc:title", "")), language_of(table.get("dc:title", ""))
        facts = [("a", "owl:Class")]
        if parent := find_class(title):
            facts.append(("rdfs:subClassOf", namer.name(full_iri(parent))))
        one = singular(title) if lang in {"", "en"} or lang.startswith("en-") else title
        one = one[:1].lower() + one[1:] if one != title and one.istitle() else one
        facts.append(("rdfs:label", quote(one, lang or None)))
        facts.append(("rdfs:comment", quote(f"What a row of {unquote(text_of(table.get('url', '')))} is about.", "en")))
        blocks.append(write_block(namer.name(iri), facts))
    by_property: dict[str, list[DescribedColumn]] = {}
    for column in columns:
        by_property.setdefault(column.predicate, []).append(column)
    for iri, found in by_property.items():
        if iri.startswith(own):
            blocks.append(_define(iri, found, namer, prefixes))
    for iri, found in by_property.items():
        if not iri.startswith((own, SKOS)):
            blocks.append(write_block(namer.name(iri), [_kind(found), *_labels(found)]))
    used = namer.used | {"owl": OWL, "rdfs": RDFS, "vann": VANN, "dcterms": DCTERMS, settings.name: own}
    return write_prefixes(used) + "\n" + "\n".join(blocks)


def _describe_ontology(document: Mapping[str, Any], iri: str) -> str:
    settings = read_settings(document)
    title = quote(settings.title, language_of(document.get("dc:title", "")) or None)
    facts = [("a", "owl:Ontology"), ("dcterms:title", title)]
    if settings.license:
        facts.append(("dcterms:license", f"<{settings.license}>"))
    facts += [
        ("vann:preferredNamespacePrefix", quote(settings.name)),
        ("vann:preferredNamespaceUri", quote(settings.ontology)),
    ]
    return write_block(f"<{iri}>", facts)


def _kind(columns: list[DescribedColumn]) -> tuple[str, str]:
    kinds = {c.is_iri for c in columns}
    if kinds == {True}:
        return "a", "owl:ObjectProperty"
    return "a", "owl:DatatypeProperty" if kinds == {False} else "rdf:Property"


def _labels(columns: list[DescribedColumn]) -> Iterator[tuple[str, str]]:
    """Yield the label of a property in each language that its columns have one in."""
    seen: set[str] = set()
    for column in columns:
        label = column.description.get("rdfs:label") or column.title
        for one in label if isinstance(label, list) else [label]:
            lang = language_of(one)
            if lang not in seen:
                seen.add(lang)
                yield "rdfs:label", quote(strip_language(text_of(one)), lang or None)


def _define(iri: str, columns: list[DescribedColumn], namer: Namer, prefixes: Mapping[str, str] | None) -> str:
    facts = [_kind(columns)]
    classes = {class_of(c.table, prefixes) for c in columns}
    if len(classes) == 1 and (domain := classes.pop()):
        facts.append(("rdfs:domain", namer.name(domain)))
    ranges = {c.reference if c.is_iri else c.datatype for c in columns}
    # What the values are may not be decided yet.
    if not any(c.name in open_columns(c.table) for c in columns) and len(ranges) == 1 and (found := ranges.pop()):
        facts.append(("rdfs:range", namer.name(found)))
    facts += _labels(columns)
    where = ", ".join(dict.fromkeys(f"“{c.header}” of {unquote(str(c.table.get('url', '')))}" for c in columns))
    facts.append(("rdfs:comment", quote(f"The column {where}.", "en")))
    return write_block(namer.name(iri), facts)
