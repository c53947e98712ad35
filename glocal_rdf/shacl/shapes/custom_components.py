"""Constraint components that a shapes graph declares itself (SHACL, section 6).

https://www.w3.org/TR/shacl/#sparql-constraint-components
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import local_name
from glocal_rdf.shacl.shapes.description import ReadingProblems, ShapeDescription
from glocal_rdf.shacl.shapes.model import Constraint
from glocal_rdf.shacl.shapes.syntax_rules import check_boolean
from glocal_rdf.shacl.sparql.constraints import CUSTOM
from glocal_rdf.shacl.terms import format_term, is_iri, is_true, sh, shacl_name, shorten
from glocal_rdf.shacl.triple_index import TripleIndex

__all__ = ["CustomComponent", "custom_constraints", "read_custom_components"]


@dataclass(frozen=True, slots=True)
class CustomComponent:
    """A constraint component that the shapes graph declares.

    Attributes:
        term: The component.
        required: The predicates of its parameters that a shape must have.
        optional: The predicates of the others.
    """

    term: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


def read_custom_components(index: TripleIndex, problems: ReadingProblems) -> list[CustomComponent]:
    """Return the components that a shapes graph declares, those of the SHACL vocabulary left out.

    https://www.w3.org/TR/shacl/#constraint-components-parameters
    """
    out = []
    for term in sorted(index.instances(sh("ConstraintComponent"))):
        required: list[str] = []
        optional: list[str] = []
        for parameter in index.values(term, sh("parameter")):
            paths = index.values(parameter, sh("path"))
            problems.errors.extend(check_boolean(index, parameter, "optional", f"{term} / sh:parameter"))
            if len(paths) != 1 or not is_iri(paths[0]):
                what = f"its parameter {parameter} has no sh:path that is an IRI"
                problems.errors.append(Problem(term, what, "give it exactly one"))
                continue
            (optional if any(map(is_true, index.values(parameter, sh("optional")))) else required).append(paths[0])
        if shacl_name(term):
            continue
        if required:
            out.append(CustomComponent(term, tuple(sorted(required)), tuple(sorted(optional))))
        else:
            what = "a constraint component needs a parameter that is not optional"
            problems.errors.append(Problem(term, what, "declare one with sh:parameter"))
    return out


def custom_constraints(shape: ShapeDescription, components: Sequence[CustomComponent]) -> Iterable[Constraint]:
    """Yield the constraints of a shape that are of components of its shapes graph.

    A shape has one where it has values of all required parameters (SHACL, section 6.2).
    """
    index, term = shape.index, shape.term
    for component in components:
        if not all(index.values(term, p) for p in component.required) or not _has_validator(shape, component.term):
            continue
        parameters = (*component.required, *component.optional)
        many = [p for p in parameters if len(index.values(term, p)) > 1]
        if many and len(parameters) > 1:
            shape.report(f"{shorten(many[0])} has more than one value", "leave one, or write two shapes")
            continue
        key = component.required[0]
        for first in sorted(index.values(term, key)):
            further = {p: (first,) if p == key else tuple(index.values(term, p)) for p in parameters}
            expected = ", ".join(f"{local_name(p)} {format_term(v[0])}" for p, v in further.items() if v)
            yield Constraint(replace(CUSTOM, declared_iri=component.term), (first,), expected, further)


def _has_validator(shape: ShapeDescription, component: str) -> bool:
    """Return whether a component has a validator that can be run on a shape, and report it where it has none.

    One without a validator for the kind of shape is ignored (SHACL, section 6.2.3).
    """
    index = shape.index
    own = "propertyValidator" if shape.values("path") else "nodeValidator"
    found = [v for name in (own, "validator") for v in sorted(index.values(component, sh(name)))]
    if not found:
        what = f"{component} has no validator for this kind of shape, so it is not checked"
        shape.warn(what, f"give it sh:{own} or sh:validator")
    elif index.values(found[0], sh("jsFunctionName")):
        what = f"the validator of {component} is written in JavaScript, so it is not run"
        shape.report_unsupported(what, "write it in SPARQL")
    else:
        return not shape.calls_function(found[0])
    return False
