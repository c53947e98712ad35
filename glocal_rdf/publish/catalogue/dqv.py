"""Describes the quality of a dataset in the Data Quality Vocabulary: a metric and a measurement for each number.

https://www.w3.org/TR/vocab-dqv/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from glocal_rdf.namespaces import DCTERMS, DQV, LDQD, SKOS, XSD, term
from glocal_rdf.publish.catalogue.statements import Statements
from glocal_rdf.triples import Triples

__all__ = ["Measure", "describe_in_dqv"]


class Measure(NamedTuple):
    """A number that was measured of a dataset.

    Attributes:
        name: A short name, which is the fragment of its IRI.
        definitions: What it counts, by language.
        value: The number, in the lexical form of its datatype.
        datatype: The name of its datatype in XML Schema.
        dimension: The name of its dimension in the W3C's list of those of linked data; empty where there is none.
        language: The language whose texts it counts; empty where it counts something else.
    """

    name: str
    definitions: Mapping[str, str]
    value: str
    datatype: str = "decimal"
    dimension: str = ""
    language: str = ""


def describe_in_dqv(dataset: str, base: str, measures: Iterable[Measure]) -> Triples:
    """Return the description of what was measured of a dataset.

    Args:
        dataset: The IRI of the dataset.
        base: The address of the file that the description is written to.
        measures: What was measured.

    Examples:
        >>> some = [Measure("linked", {"en": "linked things"}, "0.5")]
        >>> len(describe_in_dqv("https://example.org/d", "https://example.org/q.ttl", some))
        8
    """
    said = Statements()
    for one in measures:
        metric, measurement = f"{base}#{one.name}", f"{base}#{one.name}-measured"
        said.type(metric, term(DQV, "Metric"))
        said.text(metric, term(SKOS, "definition"), one.definitions)
        said.link(metric, term(DQV, "expectedDataType"), f"{XSD}{one.datatype}")
        said.link(metric, term(DQV, "inDimension"), LDQD + one.dimension if one.dimension else "")
        said.text(metric, term(DCTERMS, "language"), one.language)
        said.link(dataset, term(DQV, "hasQualityMeasurement"), measurement)
        said.type(measurement, term(DQV, "QualityMeasurement"))
        said.link(measurement, term(DQV, "isMeasurementOf"), metric)
        said.link(measurement, term(DQV, "computedOn"), dataset)
        said.value(measurement, term(DQV, "value"), one.value, one.datatype)
    return said.triples
