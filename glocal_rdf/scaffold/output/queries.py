"""Writes the first queries of a project: counts by class, what is known of a thing, what refers to it, gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from glocal_rdf.namespaces import RDF, RDFS, SKOS
from glocal_rdf.scaffold.output.description import class_of, read_settings, tables_of

__all__ = ["write_queries"]

_COUNT: Final = """\
# title: How many things of each class
# title-zh: 各類別之數量
# description: Each class of the data, with the number of its things.
# description-zh: 資料中之各類別及其數量。
# group: overview

PREFIX rdfs: <{rdfs}>

SELECT ?class ?name (COUNT(DISTINCT ?thing) AS ?things)
WHERE {{
  VALUES ?class {{ {classes} }}
  ?thing a ?class .
  OPTIONAL {{ ?class rdfs:label ?name }}
}}
GROUP BY ?class ?name
ORDER BY DESC(?things) ?class
"""

_ABOUT: Final = """\
# title: Everything about a thing
# title-zh: 某事物之所有資料
# description: Each property of a thing, with its values.
# description-zh: 某事物之各屬性及其值。
# group: overview
# parameter: thing thing The thing, by name or identifier

PREFIX rdfs: <{rdfs}>
PREFIX skos: <{skos}>

SELECT ?property ?value ?name
WHERE {{
  VALUES ?thing {{ <{example}> }}
  ?thing ?predicate ?value .
  OPTIONAL {{ ?predicate rdfs:label ?label }}
  OPTIONAL {{ ?value skos:prefLabel ?name }}
  BIND (COALESCE(?label, ?predicate) AS ?property)
}}
ORDER BY ?property ?value
"""

_REFERRING: Final = """\
# title: What refers to a thing
# title-zh: 何者提及某事物
# description: The things that have a thing as a value, with the property.
# description-zh: 以某事物為值之事物及其屬性。
# group: overview
# parameter: thing thing The thing, by name or identifier

PREFIX rdfs: <{rdfs}>
PREFIX skos: <{skos}>

SELECT ?from ?name ?property
WHERE {{
  VALUES ?thing {{ <{example}> }}
  ?from ?predicate ?thing .
  OPTIONAL {{ ?from skos:prefLabel ?name }}
  OPTIONAL {{ ?predicate rdfs:label ?label }}
  BIND (COALESCE(?label, ?predicate) AS ?property)
}}
ORDER BY ?property ?name ?from
"""

_NAMELESS: Final = """\
# title: Things without a name
# title-zh: 無名稱之事物
# description: The things of the data that have no name in any language.
# description-zh: 資料中無任何語言名稱之事物。
# group: gaps

PREFIX skos: <{skos}>

SELECT ?thing ?class
WHERE {{
  VALUES ?class {{ {classes} }}
  ?thing a ?class .
  FILTER NOT EXISTS {{ ?thing skos:prefLabel ?name }}
}}
ORDER BY ?class ?thing
"""


def write_queries(document: Mapping[str, Any], example: str = "") -> dict[str, str]:
    """Return the texts of queries, by name.

    Args:
        document: The metadata document of the project.
        example: The IRI of a thing, the default of the queries that ask about one.
    """
    classes = dict.fromkeys(found for table in tables_of(document) if (found := class_of(table)))
    values = {
        "classes": " ".join(f"<{one}>" for one in classes),
        "example": example or f"{read_settings(document).base}id/",
        "rdf": RDF,
        "rdfs": RDFS,
        "skos": SKOS,
    }
    return {
        "about-thing": _ABOUT.format(**values),
        "how-many": _COUNT.format(**values),
        "referring-to": _REFERRING.format(**values),
        "without-name": _NAMELESS.format(**values),
    }
