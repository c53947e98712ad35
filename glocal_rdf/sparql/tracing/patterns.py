"""Writes the pattern of a query anew, so that a solution shows all that it rests on.

1. Every triple pattern is kept, each of its blank nodes and each `[ … ]`, list and step of a path as a variable of its
   own: `?a p/q ?b` is `?a p ?t . ?t q ?b`, `p|q` is a UNION, `^p` is turned round, `!p` is a variable with a FILTER.
   None of this changes how many solutions there are (SPARQL 1.1, section 18.4). `p*`, `p+` and `p?` stay as they are;
   their edges are found afterwards (`closures`).
2. A branch of a UNION and an OPTIONAL bind a marker, so that a solution says which of them took part in it.
3. EXISTS and subqueries are scopes of their own, which are traced for the values that a solution has.
4. What must be absent (MINUS, NOT EXISTS) rests on no triple; its text is listed.

What this cannot follow (SERVICE, FROM, triple terms, LATERAL, CONSTRUCT, DESCRIBE, and functions that give another
value each time) is refused by its name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST, XSD
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.mentions import name_place
from glocal_rdf.sparql.grammar.queries import selected_variables
from glocal_rdf.sparql.grammar.scope import mentioned, visible_variables
from glocal_rdf.sparql.grammar.tokens import tokenize
from glocal_rdf.triples.terms import quote

__all__ = ["Child", "Pattern", "Scope", "read_scope", "write"]

_CHANGING = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE"})
_TRUE = "true"


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A triple pattern of a scope.

    Attributes:
        subject: A term in N-Triples syntax, or a variable with its mark.
        predicate: The same; empty where `path` is the predicate.
        object: A term or a variable.
        markers: The variables that are bound where the pattern took part in a solution.
        path: A path that repeats (`*`, `+`, `?`); its edges are found afterwards.
        graph: The graph that it is matched in, a term or a variable; empty for the default graph.
    """

    subject: str
    predicate: str
    object: str
    markers: tuple[str, ...]
    path: tree.Path | None = None
    graph: str = ""

    def predicates(self) -> tuple[str, ...]:
        """Return the predicates of a path, as terms, in their order; `*` where it takes all but some."""
        if self.path and any(isinstance(node, tree.Path) and node.operator == "!" for node in tree.walk(self.path)):
            return ("*",)
        named = (node for node in tree.walk(self.path) if isinstance(node, tree.Iri)) if self.path else ()
        return tuple(dict.fromkeys(f"<{node.value}>" for node in named))


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """A scope within a scope: a subquery, or the group of an EXISTS.

    Attributes:
        scope: The scope.
        shared: The variables that join it with the scope around it.
        markers: The variables that are bound where it took part in a solution.
        every: Whether a solution rests on all that agree with it (a subquery), not on one (EXISTS).
        needed: Whether a solution cannot be without it.
    """

    scope: Scope
    shared: tuple[str, ...]
    markers: tuple[str, ...]
    every: bool
    needed: bool


@dataclass(slots=True, eq=False)
class Scope:
    """A query, a subquery, or the group of an EXISTS, with what its solutions can rest on.

    Attributes:
        query: The query; None for a group.
        group: The text of the pattern, as it is asked.
        opening: How the text begins, up to where values can be given that its filters see; empty for a query.
        variables: The variables of a solution.
        patterns: Its triple patterns.
        children: The scopes within it.
        absent: The texts of what must not match.
    """

    query: tree.Query | None = None
    group: str = ""
    opening: str = ""
    variables: tuple[str, ...] = ()
    patterns: list[Pattern] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def read_scope(query: tree.Query) -> Scope:
    """Read a query into the scope that is traced.

    Args:
        query: A SELECT or ASK query.

    Raises:
        QueryError: With the place and the name of what cannot be traced.
    """
    _refuse(query)
    taken = {node.name for node in tree.walk(query) if isinstance(node, tree.Var)}
    start = next(prefix for prefix in map("traced{}_".format, itertools.count()) if _is_free(prefix, taken))
    return _Reader(query.text, map(f"{start}{{}}".format, itertools.count(1))).read_query(query)


def _is_free(prefix: str, taken: Iterable[str]) -> bool:
    return not any(name.startswith(prefix) for name in taken)


def _refuse(query: tree.Query) -> None:
    """Refuse what cannot be traced."""

    def fail(node: tree.Node, what: str, hint: str) -> None:
        raise QueryError.at(f"query: {name_place(query.text, node.start)}", f"{what} cannot be traced", hint)

    if query.form not in {"SELECT", "ASK"}:
        fail(query, f"the triples that {query.form} makes", "ask for evidence of a SELECT or ASK query")
    if query.dataset:
        fail(query.dataset[0][1], "a dataset of one's own (FROM)", "write GRAPH <…> { … }")
    for node in tree.walk(query):
        if isinstance(node, tree.Service):
            fail(node, "what another server answers (SERVICE)", "leave it out")
        if isinstance(node, tree.TripleTerm):
            fail(node, "a triple as a term", "ask for the claim with rdf:subject, rdf:predicate and rdf:object")
        if isinstance(node, tree.Union) and node.lateral:
            fail(node, "LATERAL", "write a subquery")
        if isinstance(node, tree.Call) and node.function in _CHANGING:
            fail(node, f"{node.function}, which gives another value each time,", "leave it out")
    if any(token.kind == "mark" and token.text in {"~", "{|", "<<"} for token in tokenize(query.text)):
        fail(query, "a reifier or an annotation of a triple", "ask for the claim with rdf:subject and the like")
    for condition in query.having:
        if any(isinstance(node, tree.Exists) for node in tree.walk(condition)):
            fail(condition, "EXISTS in HAVING", "write it as a FILTER")


def write(node: tree.Node, text: str) -> str:
    """Write a part of a query as it stands, with its prefixes replaced, so that it needs no declaration.

    Args:
        node: The part.
        text: The text of the query.
    """
    out: list[str] = []
    at = node.start
    for part in sorted(_named(node), key=lambda part: part.start):
        if part.start < at:
            continue
        out += (text[at : part.start], _write_name(part, text))
        at = part.end
    return "".join((*out, text[at : node.end]))


def _named(node: tree.Node) -> Iterator[tree.Iri | tree.Literal]:
    return (part for part in tree.walk(node) if isinstance(part, tree.Iri | tree.Literal))


def _write_name(node: tree.Iri | tree.Literal, text: str) -> str:
    if isinstance(node, tree.Iri):
        return f"<{node.value}>"
    if node.short or node.language:
        return text[node.start : node.end]
    return _write_literal(node)


def _write_path(path: tree.Path | tree.Iri) -> str:
    if isinstance(path, tree.Iri):
        return f"<{path.value}>"
    parts = [_write_path(part) for part in path.parts]
    if path.operator == "^":
        return f"^({parts[0]})"
    if path.operator == "!":
        return f"!({'|'.join(part.replace('(', '').replace(')', '') for part in parts)})"
    return f"({path.operator.join(parts)})" if path.operator in {"/", "|"} else f"({parts[0]}){path.operator}"


class _Reader:
    """Reads one scope; those within it are read by readers of their own, with the same supply of names."""

    def __init__(self, text: str, names: Iterator[str]) -> None:
        self._text = text
        self._names = names
        self._scope = Scope()
        self._blank: dict[object, str] = {}
        self._own: list[str] = []

    def read_query(self, query: tree.Query) -> Scope:
        """Read a query or subquery."""
        where = query.where or tree.Group(query.start, query.start, ())
        self._scope.query = query
        after = f" {write(query.values, self._text)}" if query.values is not None else ""
        self._scope.group = self._group(where, (), "", after)
        bound = _bound_in(where)
        for item in query.selection:
            if isinstance(item, tree.Alias):
                self._condition(item.expression, (), "", bound, needed=False)
        self._scope.variables = (*visible_variables(query), *self._own)
        return self._scope

    def read_exists(self, group: tree.Group, graph: str) -> Scope:
        """Read the group of an EXISTS."""
        text = self._group(group, (), graph)
        self._scope.opening = f"{{ GRAPH {graph} {{ " if graph else "{ "
        self._scope.group = f"{{ GRAPH {graph} {text} }}" if graph else text
        names = mentioned(group) | ({graph[1:]} if graph.startswith("?") else set())
        self._scope.variables = (*sorted(names), *self._own)
        return self._scope

    def _new(self) -> str:
        name = next(self._names)
        self._own.append(name)
        return name

    def _marker(self) -> tuple[str, str]:
        """Return a marker, and the text that binds it."""
        name = self._new()
        return name, f"BIND ({_TRUE} AS ?{name})"

    def _group(self, group: tree.Group, markers: tuple[str, ...], graph: str, after: str = "") -> str:
        """Write a group, and note what it holds.

        Args:
            group: The group.
            markers: The variables that are bound where it took part.
            graph: The graph that it is matched in.
            after: What is written at its end.
        """
        filters = [element for element in group.elements if isinstance(element, tree.Filter)]
        parts = [self._element(element, markers, graph) for element in group.elements]
        for part in filters:
            self._condition(part.condition, markers, graph, _bound_in(group), needed=True)
        return f"{{ {' '.join(parts)}{after} }}"

    def _element(self, element: tree.Element, markers: tuple[str, ...], graph: str) -> str:
        match element:
            case tree.Triples(triples=triples):
                return " ".join(self._triple(triple, markers, graph) for triple in triples)
            case tree.Optional(group=group):
                name, bind = self._marker()
                return f"OPTIONAL {self._group(group, (*markers, name), graph, f' {bind}')}"
            case tree.Union(groups=(group,)):
                return self._group(group, markers, graph)
            case tree.Union(groups=groups):
                return " UNION ".join(self._branch(group, markers, graph) for group in groups)
            case tree.Graph(name=name, group=group):
                inner = f"?{name.name}" if isinstance(name, tree.Var) else f"<{name.value}>"
                return f"GRAPH {inner} {self._group(group, markers, inner)}"
            case tree.SubSelect(query=query):
                scope = _Reader(self._text, self._names).read_query(query)
                shared = selected_variables(query)
                self._scope.children.append(Child(scope, shared, markers, every=True, needed=True))
                return f"{{ {write(query, self._text)} }}"
            case tree.Minus():
                self._scope.absent.append(self._text[element.start : element.end])
            case tree.Bind(expression=expression):
                self._condition(expression, markers, graph, (), needed=False)
            case _:
                pass
        return write(element, self._text)

    def _branch(self, group: tree.Group, markers: tuple[str, ...], graph: str) -> str:
        name, bind = self._marker()
        return self._group(group, (*markers, name), graph, f" {bind}")

    def _condition(
        self, node: tree.Node, markers: tuple[str, ...], graph: str, bound: Iterable[str], *, needed: bool
    ) -> None:
        """Note what EXISTS asks for in a condition.

        Args:
            node: The condition.
            markers: The variables that are bound where it was looked at.
            graph: The graph that it is matched in.
            bound: The variables that the group around it can bind.
            needed: Whether it must be true.
        """
        if isinstance(node, tree.Exists):
            if node.negated:
                self._scope.absent.append(self._text[node.start : node.end])
                return
            scope = _Reader(self._text, self._names).read_exists(node.group, graph)
            wanted = mentioned(node.group) | ({graph[1:]} if graph.startswith("?") else set())
            shared = tuple(name for name in sorted(wanted) if name in set(bound) or f"?{name}" == graph)
            self._scope.children.append(Child(scope, shared, markers, every=False, needed=needed))
            return
        if isinstance(node, tree.Unary) and node.operator == "!":
            inner = node.operand
            if isinstance(inner, tree.Exists):
                self._scope.absent.append(self._text[node.start : node.end])
                return
        still = needed and isinstance(node, tree.Operation) and set(node.operators) == {"&&"}
        for part in tree.children(node):
            self._condition(part, markers, graph, bound, needed=still)

    # Triples

    def _triple(self, triple: tree.Triple, markers: tuple[str, ...], graph: str) -> str:
        lists: list[str] = []
        subject = self._term(triple.subject, markers, graph, lists)
        object_ = self._term(triple.object, markers, graph, lists)
        return " ".join((self._path(subject, triple.predicate, object_, markers, graph), *lists))

    def _path(
        self,
        subject: str,
        path: tree.Path | tree.Iri | tree.Var,
        object_: str,
        markers: tuple[str, ...],
        graph: str,
    ) -> str:
        """Write a path as triple patterns.

        Args:
            subject: Where it begins, as text.
            path: The path.
            object_: Where it ends.
            markers: The variables that are bound where it took part.
            graph: The graph that it is matched in.
        """
        if isinstance(path, tree.Var | tree.Iri):
            predicate = f"?{path.name}" if isinstance(path, tree.Var) else f"<{path.value}>"
            return self._simple(subject, predicate, object_, markers, graph)
        if path.operator == "^":
            return self._path(object_, path.parts[0], subject, markers, graph)
        if path.operator == "/":
            ends = [subject, *(f"?{self._new()}" for _ in path.parts[1:]), object_]
            steps = zip(ends[:-1], path.parts, ends[1:], strict=True)
            return " ".join(self._path(one, part, other, markers, graph) for one, part, other in steps)
        if path.operator == "|":

            def follow(part: tree.Path | tree.Iri) -> Callable[[tuple[str, ...]], str]:
                return lambda inner: self._path(subject, part, object_, inner, graph)

            return self._alternatives([follow(part) for part in path.parts], markers)
        if path.operator == "!":
            return self._negated(subject, path, object_, markers, graph)
        pattern = Pattern(subject, "", object_, markers, path, graph)
        self._scope.patterns.append(pattern)
        return f"{subject} {_write_path(path)} {object_} ."

    def _alternatives(self, branches: list[Callable[[tuple[str, ...]], str]], markers: tuple[str, ...]) -> str:
        written = []
        for branch in branches:
            name, bind = self._marker()
            written.append(f"{{ {branch((*markers, name))} {bind} }}")
        return " UNION ".join(written)

    def _negated(self, subject: str, path: tree.Path, object_: str, markers: tuple[str, ...], graph: str) -> str:
        ahead = [part for part in path.parts if isinstance(part, tree.Iri)]
        back = [part.parts[0] for part in path.parts if isinstance(part, tree.Path)]

        def one_way(start: str, names: list[tree.Iri | tree.Path], end: str, inner: tuple[str, ...]) -> str:
            predicate = f"?{self._new()}"
            unwanted = ", ".join(f"<{name.value}>" for name in names if isinstance(name, tree.Iri))
            return f"{self._simple(start, predicate, end, inner, graph)} FILTER ({predicate} NOT IN ({unwanted}))"

        ways = [lambda inner: one_way(subject, [*ahead], object_, inner)] if ahead or not back else []
        ways += [lambda inner: one_way(object_, back, subject, inner)] if back else []
        return self._alternatives(ways, markers)

    def _simple(self, subject: str, predicate: str, object_: str, markers: tuple[str, ...], graph: str) -> str:
        self._scope.patterns.append(Pattern(subject, predicate, object_, markers, None, graph))
        return f"{subject} {predicate} {object_} ."

    def _term(self, node: tree.Term, markers: tuple[str, ...], graph: str, lists: list[str]) -> str:
        """Write a subject or an object, a blank node as a variable.

        Args:
            node: The term.
            markers: The variables that are bound where its triples took part.
            graph: The graph that it is matched in.
            lists: Takes the triples of `[ … ]` and of lists.
        """
        match node:
            case tree.Var(name=name):
                return f"?{name}"
            case tree.Iri(value=value):
                return f"<{value}>"
            case tree.Literal():
                return _write_literal(node)
            case tree.BlankNode():
                key: object = node.label or id(node)
                if key not in self._blank:
                    self._blank[key] = self._new()
                return f"?{self._blank[key]}"
            case tree.PropertyList(triples=triples):
                lists += [self._triple(triple, markers, graph) for triple in triples]
                return self._term(triples[0].subject, markers, graph, lists)
            case tree.Collection(items=items):
                return self._collection(items, markers, graph, lists)
            case _:
                raise QueryError.at("query", "a triple as a term cannot be traced", "ask for the claim")

    def _collection(self, items: tuple[tree.Term, ...], markers: tuple[str, ...], graph: str, lists: list[str]) -> str:
        nodes = [*(f"?{self._new()}" for _ in items), RDF_NIL]
        for node, item, following in zip(nodes, items, nodes[1:], strict=False):
            value = self._term(item, markers, graph, lists)
            lists.append(self._simple(node, RDF_FIRST, value, markers, graph))
            lists.append(self._simple(node, RDF_REST, following, markers, graph))
        return nodes[0]


def _write_literal(node: tree.Literal) -> str:
    if node.language:
        return f"{quote(node.value)}@{node.language}"
    return quote(node.value) if node.datatype == f"{XSD}string" else f"{quote(node.value)}^^<{node.datatype}>"


def _bound_in(group: tree.Group) -> tuple[str, ...]:
    """Name the variables that a group can bind, whose values an EXISTS in it sees."""
    query = tree.Query(
        group.start, group.end, "SELECT", "", (), "", True, (), None, (), group, (), (), (), None, None, None, 0, 0
    )
    return tuple(visible_variables(query))
