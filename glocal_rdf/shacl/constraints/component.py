"""What a constraint component declares: its parameters, its check and its messages (SHACL, sections 2.4 and 4).

The modules of this folder declare the components of SHACL Core, one module for each section of the specification;
`registry` lists them. Whatever needs to know a component (reading shapes, their syntax rules, evaluation, messages,
the triples to fetch) reads its declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from glocal_rdf.shacl.terms import is_blank, is_iri, is_literal, is_string, lexical, sh, shorten, xsd

if TYPE_CHECKING:
    from glocal_rdf.shacl.context import ConstraintContext
    from glocal_rdf.shacl.shapes.description import ShapeDescription
    from glocal_rdf.shacl.shapes.model import Constraint

__all__ = [
    "ANY_TERM",
    "BOOLEAN",
    "INTEGER",
    "IRI",
    "LITERAL",
    "NODE_KIND",
    "SHAPE",
    "STRING",
    "Check",
    "Component",
    "Parameter",
    "StartCheck",
    "ValueRule",
    "list_of",
]

Check = Callable[["ConstraintContext"], pl.DataFrame]
"""Returns what violates a constraint: rows of `focus` and `value` (null where the result has none).

A check may add columns: `path` (a predicate in the place of the shape's path, as a number) or `as_path` (as a term),
`expected` (text), and `messages` (a list of `text` and `lang`).
"""

StartCheck = Callable[["ConstraintContext"], Callable[[], pl.DataFrame]]
"""Starts a check that runs in another process, and returns what waits for its rows."""

ReadParameters = Callable[["ShapeDescription", str], Mapping[str, tuple[str, ...]] | None]
"""Reads the further parameters of a constraint from the shape and a value of the component's own parameter.

Returns them by name; None where this value declares no constraint, as `sh:closed false`.
"""

Suggest = Callable[[str, "Constraint"], str | None]
"""Returns the value that was certainly meant in the place of one that violates the constraint, or None."""

_NODE_KINDS = ("BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRI", "IRIOrLiteral", "Literal")


@dataclass(frozen=True, slots=True)
class ValueRule:
    """The syntax rule for the values of a parameter.

    Attributes:
        noun: What a value is, with its article: `an IRI`.
        hint: What to write in the place of another value.
        allows: Whether a term is such a value.
        is_list: Whether the value is a SHACL list, and the rule is for its members.
        is_shape: Whether the value, or each member of the list, is a shape.
    """

    noun: str
    hint: str
    allows: Callable[[str], bool]
    is_list: bool = False
    is_shape: bool = False


def list_of(rule: ValueRule) -> ValueRule:
    """Return the rule for a SHACL list of values that each follow a rule."""
    return replace(rule, is_list=True)


def _is_boolean(term: str) -> bool:
    return term.endswith(f'"^^{xsd("boolean")}') and lexical(term) in {"true", "false", "1", "0"}


def _is_integer(term: str) -> bool:
    if not term.endswith(f'"^^{xsd("integer")}'):
        return False
    text = lexical(term)
    digits = text[1:] if text[:1] in {"+", "-"} else text
    return digits.isascii() and digits.isdecimal()


ANY_TERM = ValueRule("a term", "", lambda _: True)
BOOLEAN = ValueRule("an xsd:boolean", "write true or false, without quotation marks", _is_boolean)
INTEGER = ValueRule("an xsd:integer", "write a whole number, without quotation marks", _is_integer)
IRI = ValueRule("an IRI", "write an IRI", is_iri)
LITERAL = ValueRule("a literal", "write a literal", is_literal)
NODE_KIND = ValueRule(
    "a node kind",
    f"write one of {', '.join(f'sh:{kind}' for kind in _NODE_KINDS)}",
    frozenset(map(sh, _NODE_KINDS)).__contains__,
)
SHAPE = ValueRule("a shape", "refer to a shape", lambda term: not is_literal(term), is_shape=True)
STRING = ValueRule("a string", "write a string without a language", is_string)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a constraint component, or a property of shapes that the specification has rules for.

    Attributes:
        name: The local name of its predicate in the SHACL vocabulary: `minLength`.
        value: The syntax rule for its values.
        single: Whether a shape has at most one value of it.
        on_node_shapes: Whether node shapes may have it.
    """

    name: str
    value: ValueRule
    single: bool = True
    on_node_shapes: bool = True

    def syntax_error(self, value: str) -> tuple[str, str] | None:
        """Return what is wrong with a value, or with a member of its list, and a hint; None where it is right.

        Examples:
            >>> Parameter("minLength", INTEGER).syntax_error('"one"')
            ('sh:minLength is "one", not an xsd:integer', 'write a whole number, without quotation marks')
            >>> Parameter("languageIn", list_of(STRING)).syntax_error('"en"') is None
            True
        """
        if self.value.allows(value):
            return None
        verb = "has" if self.value.is_list else "is"
        shown = "a blank node" if is_blank(value) else shorten(value)
        return f"sh:{self.name} {verb} {shown}, not {self.value.noun}", self.value.hint


@dataclass(frozen=True)
class Component:
    """A constraint component: the declaration that every part of the engine reads.

    Attributes:
        parameter: The local name of the parameter that each constraint has a value of: `minLength`.
        section: The section of the specification.
        value: The syntax rule for values of this parameter.
        check: Returns what violates a constraint; None where `start` is given.
        message: The default message in English, with `{path}`, `{value}` and `{expected}`; translations stand in the
            catalogues (`glocal_rdf.i18n`). Empty for a component whose results are not its own.
        single: Whether a shape has at most one value of the parameter.
        on_node_shapes: Whether node shapes may have the parameter.
        further: The component's other parameters.
        read: Reads the values of the other parameters, where there is more to it than their values.
        shows_value: Whether messages show the parameter's value as what was expected.
        reads: The triples that the check reads besides those of the shape's path: `nothing`, those of the `property`
            that the value names, or `everything` that the data state of a value node.
        suggest: Suggests a value in the place of one that violates a constraint.
        start: Starts a check in another process.
        nested: Whether the results are those of the shape that the value names, as for sh:property.
        is_source: Whether results name the value as their sh:sourceConstraint, as for sh:sparql.
        declared_iri: The IRI of a component that the shapes graph declares (section 6), as a term.
    """

    parameter: str
    section: str
    value: ValueRule
    check: Check | None = None
    message: str = ""
    single: bool = True
    on_node_shapes: bool = True
    further: tuple[Parameter, ...] = ()
    read: ReadParameters | None = None
    shows_value: bool = True
    reads: Literal["nothing", "property", "everything"] = "nothing"
    suggest: Suggest | None = None
    start: StartCheck | None = None
    nested: bool = False
    is_source: bool = False
    declared_iri: str = ""

    @property
    def iri(self) -> str:
        """The component's IRI, as a term.

        Examples:
            >>> Component("minCount", "4.2.1", INTEGER).iri
            '<http://www.w3.org/ns/shacl#MinCountConstraintComponent>'
        """
        name = "SPARQL" if self.parameter == "sparql" else self.parameter[:1].upper() + self.parameter[1:]
        return self.declared_iri or sh(f"{name}ConstraintComponent")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All parameters of the component."""
        return Parameter(self.parameter, self.value, self.single, self.on_node_shapes), *self.further

    def violations(self, context: ConstraintContext) -> pl.DataFrame:
        """Return what violates a constraint of this component, as `Check` describes it."""
        if self.start is not None:
            return self.start(context)()
        assert self.check is not None  # noqa: S101 - a component has one of both
        return self.check(context)
