"""The tree that a query is read into: frozen nodes, each with the span of the text that it stands for.

Positions are those of `Query.text`, the text with its codepoint escapes decoded, so that a query can be rewritten by
replacing spans. Names of classes are those of the grammar or of the algebra (SPARQL 1.1 Query, sections 18 and 19.8).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf

__all__ = [
    "Aggregate",
    "Alias",
    "Bind",
    "BlankNode",
    "Call",
    "Collection",
    "Element",
    "Exists",
    "Expression",
    "Filter",
    "Graph",
    "Group",
    "Iri",
    "Literal",
    "Minus",
    "Node",
    "Operation",
    "Optional",
    "OrderCondition",
    "Path",
    "PropertyList",
    "Query",
    "Service",
    "SubSelect",
    "Term",
    "Triple",
    "TripleTerm",
    "Triples",
    "Unary",
    "Union",
    "Values",
    "Var",
    "children",
    "walk",
]


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """What every node has: the span of its text."""

    start: int
    end: int


@dataclass(slots=True, eq=False, repr=False)
class Var(Node):
    """A variable, without its mark."""

    name: str


@dataclass(slots=True, eq=False, repr=False)
class Iri(Node):
    """An IRI, resolved against the prefixes and the base of the query; `written` is its text."""

    value: str
    written: str


@dataclass(slots=True, eq=False, repr=False)
class Literal(Node):
    """A literal: what it says, the IRI of its datatype, and its language tag, if it has one.

    `short` says that it is written without quotation marks (a number, `true` or `false`).
    """

    value: str
    datatype: str
    language: str = ""
    short: bool = False


@dataclass(slots=True, eq=False, repr=False)
class BlankNode(Node):
    """A blank node with a label, or `[]` without one."""

    label: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Collection(Node):
    """A list, `( … )`."""

    items: tuple[Term, ...]


@dataclass(slots=True, eq=False, repr=False)
class PropertyList(Node):
    """A blank node with triples of its own, `[ … ]`; their subject is a blank node without a label."""

    triples: tuple[Triple, ...]


@dataclass(slots=True, eq=False, repr=False)
class TripleTerm(Node):
    """A triple as a term, `<<( s p o )>>`, or reified, `<< s p o >>` (SPARQL 1.2)."""

    subject: Term
    predicate: Term
    object: Term


Term = Var | Iri | Literal | BlankNode | Collection | PropertyList | TripleTerm


@dataclass(slots=True, eq=False, repr=False)
class Path(Node):
    """A property path that is more than one predicate: `^`, `/`, `|`, `*`, `+`, `?` or `!`, and what it is made of."""

    operator: str
    parts: tuple[Path | Iri, ...]


@dataclass(slots=True, eq=False, repr=False)
class Triple(Node):
    """A triple pattern. Its span is that of its object, or from its predicate where that is written with it."""

    subject: Term
    predicate: Path | Iri | Var
    object: Term


@dataclass(slots=True, eq=False, repr=False)
class Unary(Node):
    """`!`, `+` or `-` before an expression."""

    operator: str
    operand: Expression


@dataclass(slots=True, eq=False, repr=False)
class Operation(Node):
    """Operands with operators of one level between them, from the left: `a - b + c`, `a || b`, `a < b`, `a IN (b, c)`.

    For IN and NOT IN the first operand is what is looked for.
    """

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Call(Node):
    """A built-in call, by its keyword in capitals, or a function call, by the IRI of the function."""

    function: str | Iri
    arguments: tuple[Expression, ...]
    distinct: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Aggregate(Node):
    """COUNT, SUM, MIN, MAX, AVG, SAMPLE or GROUP_CONCAT; no argument stands for `*`."""

    function: str
    distinct: bool
    argument: Expression | None
    separator: str | None = None


@dataclass(slots=True, eq=False, repr=False)
class Exists(Node):
    """EXISTS or NOT EXISTS with its group."""

    negated: bool
    group: Group


Expression = Var | Iri | Literal | TripleTerm | Unary | Operation | Call | Aggregate | Exists


@dataclass(slots=True, eq=False, repr=False)
class Alias(Node):
    """`(expression AS ?name)`."""

    expression: Expression
    variable: Var


@dataclass(slots=True, eq=False, repr=False)
class Triples(Node):
    """A block of triple patterns."""

    triples: tuple[Triple, ...]


@dataclass(slots=True, eq=False, repr=False)
class Filter(Node):
    """FILTER."""

    condition: Expression


@dataclass(slots=True, eq=False, repr=False)
class Bind(Node):
    """BIND."""

    expression: Expression
    variable: Var


@dataclass(slots=True, eq=False, repr=False)
class Optional(Node):
    """OPTIONAL."""

    group: Group


@dataclass(slots=True, eq=False, repr=False)
class Minus(Node):
    """MINUS."""

    group: Group


@dataclass(slots=True, eq=False, repr=False)
class Union(Node):
    """Groups with UNION between them; one alone is a group within a group. `lateral` is an addition of the engine."""

    groups: tuple[Group, ...]
    lateral: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Graph(Node):
    """GRAPH."""

    name: Var | Iri
    group: Group


@dataclass(slots=True, eq=False, repr=False)
class Service(Node):
    """SERVICE."""

    silent: bool
    name: Var | Iri
    group: Group


@dataclass(slots=True, eq=False, repr=False)
class Values(Node):
    """VALUES, with a row of terms for each solution; none stands for UNDEF."""

    variables: tuple[Var, ...]
    rows: tuple[tuple[Term | None, ...], ...]


@dataclass(slots=True, eq=False, repr=False)
class SubSelect(Node):
    """A subquery; its group holds nothing else."""

    query: Query


Element = Triples | Filter | Bind | Optional | Minus | Union | Graph | Service | Values | SubSelect


@dataclass(slots=True, eq=False, repr=False)
class Group(Node):
    """A group graph pattern, with its braces."""

    elements: tuple[Element, ...]


@dataclass(slots=True, eq=False, repr=False)
class OrderCondition(Node):
    """A condition of ORDER BY."""

    descending: bool
    expression: Expression


@dataclass(slots=True, eq=False, repr=False)
class Query(Node):
    """A query, or a subquery.

    `selection` is what SELECT or DESCRIBE lists (nothing for `*`, as `star` says); `head_end` is where the list ends,
    and `where_start` where the keyword WHERE stands, or its group.
    """

    form: OneOf["SELECT", "CONSTRUCT", "DESCRIBE", "ASK"]
    text: str = field(repr=False)
    prefixes: tuple[tuple[str, str], ...]
    distinct: OneOf["", "DISTINCT", "REDUCED"]
    star: bool
    selection: tuple[Var | Alias | Iri, ...]
    template: Triples | None
    dataset: tuple[tuple[bool, Iri], ...]
    where: Group | None
    group_by: tuple[Expression | Alias, ...]
    having: tuple[Expression, ...]
    order_by: tuple[OrderCondition, ...]
    limit: int | None
    offset: int | None
    values: Values | None
    head_end: int
    where_start: int


def children(node: Node) -> list[Node]:
    """Return the nodes of which a node is made, in the order of its fields."""
    found: list[Node] = []
    for name in _fields_with_nodes(type(node)):
        value = getattr(node, name)
        if value.__class__ is tuple:
            _gather(value, found)
        elif isinstance(value, Node):
            found.append(value)
    return found


_WITHOUT_NODES = frozenset({"int", "str", "bool", "str | None", "int | None", "tuple[str, ...]"})


_FIELDS: dict[str, tuple[str, ...]] = {}


def _fields_with_nodes(kind: type[Node]) -> tuple[str, ...]:
    """Name the fields of a kind of node that can hold nodes, read off their types once."""
    found = _FIELDS.get(kind.__name__)
    if found is None:
        found = tuple(each.name for each in dataclasses.fields(kind) if each.type not in _WITHOUT_NODES)
        _FIELDS[kind.__name__] = found
    return found


def _gather(value: tuple[object, ...], found: list[Node]) -> None:
    for part in value:
        if isinstance(part, Node):
            found.append(part)
        elif isinstance(part, tuple):
            _gather(part, found)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all that it is made of, each before its own parts."""
    todo = [node]
    while todo:
        at = todo.pop()
        yield at
        todo += reversed(children(at))
