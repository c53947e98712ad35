"""Reads and checks the queries of SPARQL-based constraints and components before they run (SHACL, sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.namespaces import OWL_IMPORTS
from glocal_rdf.shacl.shapes.description import name_shape
from glocal_rdf.shacl.shapes.model import Constraint, Shape, ShapesGraph
from glocal_rdf.shacl.sparql.prebinding import (
    SHAPES_GRAPH,
    Query,
    check_query,
    read_query,
    replace_variable,
    write_prologue,
)
from glocal_rdf.shacl.sparql.touched_triples import TouchedTriples, scan_query
from glocal_rdf.shacl.terms import is_blank, is_string, is_true, lexical, sh
from glocal_rdf.shacl.triple_index import TripleIndex
from glocal_rdf.sparql.grammar.tokens import tokenize
from glocal_rdf.sparql.joins.scan import fits_joins, named_terms

__all__ = ["QueryPlan", "plan_queries"]

_RESERVED = {"this", "shapesGraph", "currentShape", "path", "PATH", "value"}


@dataclass(frozen=True)
class QueryPlan:
    """A query that is ready to run.

    Attributes:
        query: The query, with the path of its shape filled in.
        prologue: The declarations of its prefixes.
        constants: The terms that are pre-bound for all focus nodes, by variable.
        messages: The author's messages, as terms.
        names: The texts of the constants, to fill in messages.
        touched: The triples that the query can touch.
        joins: Whether joins of columns may evaluate it.
        terms: The IRIs that it names, as terms.
    """

    query: Query
    prologue: str
    constants: Mapping[str, str]
    messages: tuple[str, ...]
    names: Mapping[str, str]
    touched: TouchedTriples
    joins: bool
    terms: frozenset[str]


def plan_queries(shapes: ShapesGraph) -> dict[tuple[str, int], QueryPlan]:
    """Read and check every query of the shapes.

    Returns:
        The queries by shape and position of the constraint; none for a constraint that is deactivated.

    Raises:
        ShapesError: Queries are malformed, or have what pre-binding forbids; the error has every problem.
    """
    problems: list[Problem] = []
    out: dict[tuple[str, int], QueryPlan] = {}
    for shape in shapes.shapes.values():
        for at, constraint in enumerate(shape.constraints):
            if constraint.component.start is None:
                continue
            try:
                plan = (
                    _plan_constraint(shapes.index, shape, constraint.value)
                    if constraint.component.is_source
                    else _plan_component(shapes.index, shape, constraint)
                )
            except ShapesError as error:
                problems.extend(error.problems)
                continue
            if plan is not None:
                out[shape.term, at] = plan
    if problems:
        raise ShapesError.of(dict.fromkeys(problems))
    return out


def _plan_constraint(index: TripleIndex, shape: Shape, node: str) -> QueryPlan | None:
    """Read the query of a value of sh:sparql (SHACL, section 5.2)."""
    if any(map(is_true, index.values(node, sh("deactivated")))):
        return None
    where = _name(f"{name_shape(index, shape.term)} / sh:sparql", node)
    text = _query_text(index, node, "select", where)
    constants = {"currentShape": shape.term, "shapesGraph": SHAPES_GRAPH}
    return _plan(index, shape, (node, shape.term), text, constants, {"this"}, where, form="select")


def _plan_component(index: TripleIndex, shape: Shape, constraint: Constraint) -> QueryPlan | None:
    """Read the query of the validator that fits a shape (SHACL, section 6.2.3)."""
    component = constraint.component.iri
    own = "nodeValidator" if shape.path is None else "propertyValidator"
    for predicate, form in ((own, "select"), ("validator", "ask")):
        validators = sorted(index.values(component, sh(predicate)))
        if not validators:
            continue
        validator = validators[0]
        where = _name(f"{component} / sh:{predicate}", validator)
        text = _query_text(index, validator, form, where)
        _check_names(constraint.further, where)
        parameters = {_variable(p): v[0] for p, v in constraint.further.items() if v}
        optional = {_variable(p) for p in constraint.further}
        constants = {"currentShape": shape.term, "shapesGraph": SHAPES_GRAPH, **parameters}
        needed = {*parameters, "value"} if form == "ask" else {*parameters, "this"}
        return _plan(index, shape, (validator, component), text, constants, needed, where, optional, form=form)
    return None


def _plan(
    index: TripleIndex,
    shape: Shape,
    sources: tuple[str, ...],
    text: str,
    constants: Mapping[str, str],
    needed: Collection[str],
    where: str,
    optional: Collection[str] = (),
    *,
    form: str,
) -> QueryPlan:
    """Read and check one query.

    Args:
        index: The shapes graph.
        shape: The shape that has the constraint.
        sources: The nodes that may have sh:prefixes (the first) and sh:message.
        text: The query as it is written.
        constants: The terms that are pre-bound for all focus nodes, by variable.
        needed: The variables that every subquery must return.
        where: The query's name for messages.
        optional: Further variables that may be pre-bound.
        form: `select` or `ask`.
    """
    if shape.path is not None:
        path = str(shape.path)
        text = replace_variable(text, "PATH", path if shape.path.kind == "predicate" else f"({path})")
    prefixes = _prefixes(index, sources[0], where)
    prologue = write_prologue(prefixes, where)
    query = read_query(text, where, prefixes)
    if query.form != form.upper():
        raise ShapesError.at(where, f"sh:{form} has a query of the form {query.form}", f"write {form.upper()}")
    if "PATH" in query.variables:
        raise ShapesError.at(where, "its query uses $PATH on a node shape", "use it on property shapes alone")
    bound = {"this", *constants, *optional}
    if query.form == "ASK":
        bound.add("value")
    check_query(query, bound, needed, where)
    messages = next((m for s in sources if (m := tuple(sorted(index.values(s, sh("message")))))), ())
    return QueryPlan(
        query=query,
        prologue=prologue,
        constants=constants,
        messages=messages,
        names={k: lexical(v) for k, v in constants.items()},
        touched=scan_query(query, {"this", *constants, *(("value",) if query.form == "ASK" else ())}),
        joins=query.variables.isdisjoint(constants) and not query.needs_each_node({"this"}) and fits_joins(query.tree),
        terms=named_terms(query.tree),
    )


def _name(what: str, node: str) -> str:
    """Name a node for messages; the label of a blank node is left out, as it helps nobody."""
    return what if is_blank(node) else f"{what} {node}"


def _query_text(index: TripleIndex, node: str, predicate: str, where: str) -> str:
    values = index.values(node, sh(predicate))
    if len(values) != 1 or not is_string(values[0]):
        what = f"it has {len(values)} values of sh:{predicate} that are strings"
        raise ShapesError.at(where, what, f"write exactly one sh:{predicate}")
    return lexical(values[0])


def _prefixes(index: TripleIndex, node: str, where: str) -> dict[str, str]:
    """Return the prefixes that are declared for a query, also by what is imported.

    https://www.w3.org/TR/shacl/#sparql-prefixes
    """
    todo, seen = list(index.values(node, sh("prefixes"))), set[str]()
    found: dict[str, str] = {}
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        todo.extend(index.values(at, OWL_IMPORTS))
        for declaration in index.values(at, sh("declare")):
            prefix, namespace = index.value(declaration, sh("prefix")), index.value(declaration, sh("namespace"))
            if prefix is None or namespace is None:
                raise ShapesError.at(where, f"{declaration} lacks sh:prefix or sh:namespace", "write both")
            name, iri = lexical(prefix), lexical(namespace)
            if found.setdefault(name, iri) != iri:
                raise ShapesError.at(where, f"the prefix {name!r} has two namespaces", "declare one of them")
    return found


def _check_names(parameters: Collection[str], where: str) -> None:
    """Check that the parameters have names that a query can have as variables (SHACL, section 6.2.1).

    Raises:
        ShapesError: A name is reserved, is not the name of a variable, or is that of two parameters.
    """
    seen: dict[str, str] = {}
    for iri in sorted(parameters):
        name = _variable(iri)
        if name in _RESERVED:
            raise ShapesError.at(where, f"its parameter {iri} has the reserved name {name}", "rename it")
        if [(t.kind, t.text) for t in tokenize(f"?{name}")] != [("var", f"?{name}")]:
            raise ShapesError.at(where, f"its parameter {iri} is not the name of a variable", "rename it")
        if name in seen:
            raise ShapesError.at(where, f"its parameters {seen[name]} and {iri} have one name", "rename one of them")
        seen[name] = iri


def _variable(iri: str) -> str:
    """Return the name of a parameter's variable, which is its local name.

    Examples:
        >>> _variable("<http://example.org/ns#maxSize>"), _variable("<urn:ex:maxSize>")
        ('maxSize', 'maxSize')
    """
    text = iri[1:-1]
    return text[max(text.rfind("#"), text.rfind("/"), text.rfind(":")) + 1 :]
