"""SHACL-SPARQL: constraints and constraint components written as queries (SHACL, sections 5 and 6).

Each query is asked once for all focus nodes: they are put in a graph of the store, and every group of the query that
mentions a pre-bound variable is joined with them (`sparql_text`). Only then is Oxigraph loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from glocal_rdf.errors import Problem, ShapesError
from glocal_rdf.shacl.data_graph import ID
from glocal_rdf.shacl.evaluation import Begin, Check, Scope
from glocal_rdf.shacl.shapes.reader import Constraint, Shape, ShapesGraph
from glocal_rdf.shacl.sparql.prebinding import (
    Query,
    check_query,
    fill_template,
    read_query,
    replace_variable,
    write_prologue,
)
from glocal_rdf.shacl.sparql.store import SHAPES_GRAPH, Asked
from glocal_rdf.shacl.sparql.touched_triples import Touched, scan_query
from glocal_rdf.shacl.terms import OWL_IMPORTS, sh
from glocal_rdf.shacl.triple_index import Nodes, is_blank, is_literal, is_true, lexical, name_shape, text_of
from glocal_rdf.sparql.grammar.tokens import tokenize

__all__ = ["CHECKS", "SLOW", "Prepared", "begin", "prepare_queries"]

_RESERVED = {"this", "shapesGraph", "currentShape", "path", "PATH", "value"}
_ROW = {"focus": ID, "value": pl.String, "as_path": pl.String}
_MESSAGES = pl.List(pl.Struct({"text": pl.String, "lang": pl.String}))


@dataclass(frozen=True)
class Prepared:
    """A query that may be asked: its text with prefixes, the terms bound besides the focus node, and its messages."""

    query: Query
    prologue: str
    constants: Mapping[str, str]
    messages: tuple[str, ...]
    names: Mapping[str, str]
    touched: Touched


def prepare_queries(shapes: ShapesGraph) -> dict[tuple[str, int], Prepared]:
    """Read and check every query of the shapes, by shape and place of the constraint.

    Raises ShapesError with all that is malformed or that pre-binding forbids, also where no node would be reached.
    """
    problems: list[Problem] = []
    out: dict[tuple[str, int], Prepared] = {}
    for shape in shapes.shapes.values():
        for at, constraint in enumerate(shape.constraints):
            if constraint.name not in {"sparql", "custom"}:
                continue
            try:
                prepared = _prepare(shapes.nodes, shape, constraint)
            except ShapesError as error:
                problems.extend(error.problems)
                continue
            if prepared is not None:
                out[shape.term, at] = prepared
    if problems:
        raise ShapesError.of(dict.fromkeys(problems))
    return out


def _prepare(nodes: Nodes, shape: Shape, constraint: Constraint) -> Prepared | None:
    if constraint.name == "sparql":
        return _prepare_constraint(nodes, shape, constraint.value)
    return _prepare_component(nodes, shape, constraint)


def _prepare_constraint(nodes: Nodes, shape: Shape, node: str) -> Prepared | None:
    where = _named(f"{name_shape(nodes, shape.term)} / sh:sparql", node)
    if is_literal(node):
        raise ShapesError.at(where, "sh:sparql is a literal", "write a node with sh:select")
    if any(map(is_true, nodes.values(node, sh("deactivated")))):
        return None
    text = _one(nodes, node, "select", where)
    constants = {"currentShape": shape.term, "shapesGraph": SHAPES_GRAPH}
    return _checked(nodes, shape, (node,), text, constants, {"this"}, where, form="select")


def _prepare_component(nodes: Nodes, shape: Shape, constraint: Constraint) -> Prepared | None:
    component = constraint.component
    own = "nodeValidator" if shape.path is None else "propertyValidator"
    for word, form in ((own, "select"), ("validator", "ask")):
        validators = sorted(nodes.values(component, sh(word)))
        if not validators:
            continue
        validator = validators[0]
        where = _named(f"{component} / sh:{word}", validator)
        text = _one(nodes, validator, form, where)
        _check_names(constraint.others, where)
        parameters = {_local(p): v[0] for p, v in constraint.others.items() if v}
        optional = {_local(p) for p in constraint.others}
        constants = {"currentShape": shape.term, "shapesGraph": SHAPES_GRAPH, **parameters}
        needed = {*parameters, "value"} if form == "ask" else {*parameters, "this"}
        return _checked(nodes, shape, (validator, component), text, constants, needed, where, optional, form=form)
    return None


def _checked(
    nodes: Nodes,
    shape: Shape,
    sources: tuple[str, ...],
    text: str,
    constants: Mapping[str, str],
    needed: Collection[str],
    where: str,
    optional: Collection[str] = (),
    *,
    form: str,
) -> Prepared:
    if shape.path is not None:
        path = str(shape.path)
        text = replace_variable(text, "PATH", path if shape.path.kind == "predicate" else f"({path})")
    prefixes = _prefixes(nodes, sources[0], where)
    prologue = write_prologue(prefixes, where)
    query = read_query(text, where, prefixes)
    if query.form != form.upper():
        raise ShapesError.at(where, f"sh:{form} holds an {query.form} query", f"write {form.upper()}")
    if "PATH" in query.variables:
        raise ShapesError.at(where, "its query uses $PATH on a node shape", "use it on property shapes alone")
    bound = {"this", *constants, *optional}
    if query.form == "ASK":
        bound.add("value")
    check_query(query, bound, needed, where)
    messages = next((m for s in sources if (m := tuple(sorted(nodes.values(s, sh("message")))))), ())
    return Prepared(
        query=query,
        prologue=prologue,
        constants=constants,
        messages=messages,
        names={k: lexical(v) for k, v in constants.items()},
        touched=scan_query(query, {"this", *constants, *(("value",) if query.form == "ASK" else ())}),
    )


def _named(what: str, node: str) -> str:
    """Name a node; the label of a blank node helps nobody."""
    return what if is_blank(node) else f"{what} {node}"


def _one(nodes: Nodes, node: str, word: str, where: str) -> str:
    values = nodes.values(node, sh(word))
    if len(values) != 1 or not is_literal(values[0]) or not values[0].endswith('"'):
        raise ShapesError.at(where, f"it has {len(values)} sh:{word} that are strings", f"write exactly one sh:{word}")
    return lexical(values[0])


def _prefixes(nodes: Nodes, node: str, where: str) -> dict[str, str]:
    """Gather the prefixes that are declared for a query, also by what is imported (SHACL, section 5.2.1)."""
    todo, seen = list(nodes.values(node, sh("prefixes"))), set[str]()
    found: dict[str, str] = {}
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        todo.extend(nodes.values(at, OWL_IMPORTS))
        for declaration in nodes.values(at, sh("declare")):
            prefix, namespace = nodes.value(declaration, sh("prefix")), nodes.value(declaration, sh("namespace"))
            if prefix is None or namespace is None:
                raise ShapesError.at(where, f"{declaration} lacks sh:prefix or sh:namespace", "write both")
            name, iri = lexical(prefix), lexical(namespace)
            if found.setdefault(name, iri) != iri:
                raise ShapesError.at(where, f"the prefix {name!r} stands for two namespaces", "declare one of them")
    return found


def _check_names(parameters: Collection[str], where: str) -> None:
    """Refuse parameters whose variables a query cannot have, or has for something else (SHACL, section 6.2.1)."""
    seen: dict[str, str] = {}
    for iri in sorted(parameters):
        name = _local(iri)
        if name in _RESERVED:
            raise ShapesError.at(where, f"its parameter {iri} has the reserved name {name}", "name it otherwise")
        if [(t.kind, t.text) for t in tokenize(f"?{name}")] != [("var", f"?{name}")]:
            raise ShapesError.at(where, f"its parameter {iri} is not a name of a variable", "name it otherwise")
        if name in seen:
            raise ShapesError.at(where, f"its parameters {seen[name]} and {iri} have one name", "name one otherwise")
        seen[name] = iri


def _local(iri: str) -> str:
    """Give the local name of a parameter, which is the variable's name."""
    text = iri[1:-1]
    cut = max(text.rfind("#"), text.rfind("/"), text.rfind(":"))
    return text[cut + 1 :]


def _sparql(scope: Scope) -> pl.DataFrame:
    return begin(scope)()


def begin(scope: Scope) -> Callable[[], pl.DataFrame]:
    """Ask the query of a constraint; what is given waits for the rows that break it."""
    prepared = scope.run.queries.get((scope.shape.term, scope.shape.constraints.index(scope.constraint)))
    if prepared is None or scope.focus.is_empty():
        return lambda: _frame([])
    where = _named(f"{scope.where} / {prepared.query.form} of", scope.constraint.value)
    where = where.removesuffix(" of")
    if prepared.query.form == "ASK":
        return partial(_ask, scope, prepared, where)
    asked = scope.run.store.select(prepared, scope.graph, scope.focus, where)
    return lambda: _frame([_row(scope, prepared, answer, where) for answer in asked()])


def _ask(scope: Scope, prepared: Prepared, where: str) -> pl.DataFrame:
    """Find the value nodes for which the query answers no."""
    if not len(scope.pairs):
        return _frame([])
    pairs = scope.pairs.frame
    good = scope.run.store.ask(prepared, scope.graph, pairs, where)
    bad = pairs.join(good, on=good.columns, how="anti")
    if not prepared.messages:
        return bad
    out = bad.with_columns(value=scope.graph.text(bad["value"]), focus_text=scope.graph.text(bad["focus"]))
    rows = [
        {"focus": f, "value": v, "messages": _messages(prepared, {"this": t, "value": v})}
        for f, v, t in out.select("focus", "value", "focus_text").iter_rows()
    ]
    return _frame(rows)


def _row(scope: Scope, prepared: Prepared, answer: Asked, where: str) -> dict[str, object]:
    if is_true(answer.values.get("failure", "")):
        raise ShapesError.at(where, f"its query reports a failure for {answer.values.get('this', '')}", "see the query")
    path = answer.values.get("path")
    value = answer.values.get("value")
    if value is None and scope.shape.path is None:
        value = answer.this
    return {
        "focus": answer.focus,
        "value": value,
        "as_path": path if path is not None and path.startswith("<") else None,
        "messages": _messages(prepared, answer.values),
    }


def _messages(prepared: Prepared, values: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the message that the query found, or those of its author with the values filled in (section 5.3.2)."""
    found = values.get("message")
    texts = (found,) if found and is_literal(found) else prepared.messages
    if not texts:
        return []
    names = {**prepared.names, **{k: lexical(v) for k, v in values.items()}}
    pairs = (text_of(t) for t in texts if is_literal(t))
    return [{"text": fill_template(text, names), "lang": lang} for text, lang in pairs]


def _frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={**_ROW, "messages": _MESSAGES})


CHECKS: dict[str, Check] = {"sparql": _sparql, "custom": _sparql}
SLOW: dict[str, Begin] = {"sparql": begin, "custom": begin}
