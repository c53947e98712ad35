"""The constraint components that this engine knows, by section of the specification (SHACL, sections 4 and 5).

A component is added in the module of its section alone: what stands in the module's `COMPONENTS` is read from shapes,
checked for syntax, evaluated and reported.
"""

from __future__ import annotations

from collections.abc import Mapping

from glocal_rdf.shacl.constraints import (
    cardinality,
    logical,
    other,
    property_pair,
    shape_based,
    string_based,
    value_range,
    value_type,
)
from glocal_rdf.shacl.constraints.component import Component, Parameter
from glocal_rdf.shacl.sparql import constraints as sparql_based

__all__ = ["BY_IRI", "COMPONENTS", "PARAMETERS"]

COMPONENTS: tuple[Component, ...] = (
    *value_type.COMPONENTS,
    *cardinality.COMPONENTS,
    *value_range.COMPONENTS,
    *string_based.COMPONENTS,
    *property_pair.COMPONENTS,
    *logical.COMPONENTS,
    *shape_based.COMPONENTS,
    *other.COMPONENTS,
    *sparql_based.COMPONENTS,
)

BY_IRI: Mapping[str, Component] = {component.iri: component for component in COMPONENTS}
"""The components by their IRIs, which results name them by."""

PARAMETERS: Mapping[str, Parameter] = {
    parameter.name: parameter for component in COMPONENTS for parameter in component.parameters
}
"""All parameters of the components by their local names."""
