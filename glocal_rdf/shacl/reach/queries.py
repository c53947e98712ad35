"""Follows the patterns of a query from `$this`, as far as they hang together.

Each variable is a state. A pattern leads from an end that is known to the other, so a solution is found by walking from
`$this` over triples, where every pattern is connected with it. Only variables that surely have a value connect: those
of patterns that must match. What one OPTIONAL binds does not connect what stands after it, since it may be unbound
there, and then any triple matches; nor do constants, as the triples around them are not near a focus node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST
from glocal_rdf.shacl.reach.automaton import Automaton
from glocal_rdf.shacl.sparql.query_plans import QueryPlan
from glocal_rdf.sparql.grammar import tree

__all__ = ["UnboundedQueryError", "follow_query"]

_Names = Mapping[str, str]


class UnboundedQueryError(Exception):
    """A query of which it is not known how far it looks; the text says which part."""


def follow_query(plan: QueryPlan, states: Mapping[str, int], automaton: Automaton) -> None:
    """Add the steps that a query takes.

    Args:
        plan: The query.
        states: The states of `$this`, and of `$value` in a validator.
        automaton: Where the steps are added.

    Raises:
        UnboundedQueryError: A part of the query may look at any triple.
    """
    if plan.touched.unbound_ends:
        raise UnboundedQueryError("a path that may have no step connects two variables")
    follower = _Follower(automaton, dict(states), frozenset(plan.constants))
    follower.follow_select(plan.query.tree, frozenset(states), outermost=True)


class _Follower:
    """Follows one query; the states of its variables are those of the names that they have in their subquery."""

    def __init__(self, automaton: Automaton, states: dict[str, int], constants: frozenset[str]) -> None:
        self._automaton = automaton
        self._states = states
        self._constants = constants
        self._scopes = count()

    def follow_select(self, query: tree.Query, known: frozenset[str], *, outermost: bool = False) -> frozenset[str]:
        """Follow a query or subquery, and return the names that surely have a value after it.

        Args:
            query: The query.
            known: The names that surely have a value where it stands.
            outermost: Whether it is no subquery.
        """
        if query.limit is not None or query.offset is not None:
            raise UnboundedQueryError("it has LIMIT or OFFSET")
        if query.where is None:
            return known
        grouped = {one.name for one in query.group_by if isinstance(one, tree.Var)}
        counts = bool(query.group_by) or any(
            isinstance(node, tree.Aggregate) for part in (*query.selection, *query.having) for node in tree.walk(part)
        )
        if outermost:
            names: _Names = {}
            inside = known
        else:
            returned = {one.name for one in query.selection if isinstance(one, tree.Var)}
            if query.star:
                returned = {node.name for node in tree.walk(query.where) if isinstance(node, tree.Var)}
            if counts:
                returned &= grouped
            scope = f"{next(self._scopes)} "
            mentioned = {node.name for node in tree.walk(query.where) if isinstance(node, tree.Var)}
            names = {name: scope + name for name in mentioned - returned - self._constants}
            inside = known & returned
        bound = self._follow_group(query.where, inside, names)
        for part in (*query.selection, *query.having, *query.group_by, *query.order_by):
            self._follow_expression(part, bound, names)
        return known if outermost else known | (bound - frozenset(names.values()))

    def _follow_group(self, group: tree.Group, known: frozenset[str], names: _Names) -> frozenset[str]:
        """Follow a group, and return the names that surely have a value after it."""
        connected = known
        triples = [node for one in group.elements if isinstance(one, tree.Triples) for node in _triples_of(one)]
        others = [one for one in group.elements if isinstance(one, tree.Union | tree.SubSelect | tree.Bind)]
        while triples or others:
            before = len(triples) + len(others)
            triples, connected = self._connect(triples, connected, names)
            left: list[tree.Union | tree.SubSelect | tree.Bind] = []
            for one in others:
                # A later pattern may connect it, and it may connect others.
                try:
                    connected |= self._follow_element(one, connected, names)
                except UnboundedQueryError:
                    if not triples and len(others) == 1:
                        raise
                    left.append(one)
            others = left
            if len(triples) + len(others) == before:
                if others:
                    self._follow_element(others[0], connected, names)
                shown = _show(triples[0]) if triples else "a part of it"
                raise UnboundedQueryError(f"{shown} is not connected with $this")
        bound = known
        for element in group.elements:
            match element:
                case tree.Optional(group=inner):
                    self._follow_group(inner, bound & connected, names)
                case tree.Filter(condition=condition):
                    self._follow_expression(condition, connected, names)
                case tree.Graph(name=tree.Var(name="shapesGraph")):
                    pass
                case tree.Graph() | tree.Service() | tree.Minus():
                    raise UnboundedQueryError("it names another graph or service, or has MINUS")
                case _:
                    mentioned = {node.name for node in tree.walk(element) if isinstance(node, tree.Var)}
                    bound |= connected & {names.get(name, name) for name in mentioned}
        return connected

    def _connect(
        self, triples: Sequence[tree.Triple], known: frozenset[str], names: _Names
    ) -> tuple[list[tree.Triple], frozenset[str]]:
        """Follow the triple patterns that known names connect; return the others, and the names known then."""
        left = list(triples)
        while True:
            waiting = []
            for triple in left:
                ends = [self._name(end, names) for end in (triple.subject, triple.object)]
                if not any(name in known for name in ends if name is not None):
                    waiting.append(triple)
                    continue
                self._follow_triple(triple, ends, known)
                known |= {name for name in ends if name is not None}
                if isinstance(triple.predicate, tree.Var):
                    self._state(names.get(triple.predicate.name, triple.predicate.name))
            if len(waiting) == len(left):
                return waiting, known
            left = waiting

    def _name(self, term: tree.Node, names: _Names) -> str | None:
        """Return the name of a variable or a blank node; None for a constant."""
        match term:
            case tree.Var(name=name):
                return None if name in self._constants else names.get(name, name)
            case tree.BlankNode(label=label):
                return f"_:{label or term.start}"
            case tree.PropertyList() | tree.Collection():
                return f"_:{term.start}"
            case tree.TripleTerm():
                raise UnboundedQueryError("it has a triple term")
        return None

    def _state(self, name: str) -> int:
        if name not in self._states:
            self._states[name] = self._automaton.add_state()
        return self._states[name]

    def _follow_triple(self, triple: tree.Triple, ends: Sequence[str | None], known: frozenset[str]) -> None:
        """Add the steps of a pattern, from an end that is known: a solution is found by walking that way alone."""
        backward = ends[0] not in known
        start, end = reversed(ends) if backward else ends
        assert start is not None  # noqa: S101 - whoever calls this has looked
        reached = self._follow_predicate(triple.predicate, self._state(start), backward=backward)
        if end is not None:
            self._automaton.link(reached, self._state(end))

    def _follow_predicate(self, path: tree.Node, start: int, *, backward: bool) -> int:
        """Add the steps of a predicate or path, and return the state that it leads to."""
        automaton = self._automaton
        match path:
            case tree.Iri(value=iri):
                return automaton.add_step(start, f"<{iri}>", backward=backward)
            case tree.Var():
                return automaton.add_step(start, None, backward=backward)
            case tree.Path(operator="!"):
                end = automaton.add_step(start, None, backward=backward)
                return automaton.add_step(start, None, backward=not backward, to=end)
            case tree.Path(operator="^", parts=parts):
                return self._follow_predicate(parts[0], start, backward=not backward)
            case tree.Path(operator="/", parts=parts):
                for part in reversed(parts) if backward else parts:
                    start = self._follow_predicate(part, start, backward=backward)
                return start
            case tree.Path(operator="|", parts=parts):
                end = automaton.add_state()
                for part in parts:
                    automaton.link(self._follow_predicate(part, start, backward=backward), end)
                return end
            case tree.Path(operator="*" | "+" | "?" as operator, parts=parts):
                end = automaton.add_state()
                automaton.link(self._follow_predicate(parts[0], start, backward=backward), end)
                if operator != "?":
                    automaton.link(self._follow_predicate(parts[0], end, backward=backward), end)
                if operator != "+":
                    automaton.link(start, end)
                return end
        raise UnboundedQueryError("it has a path of a kind that is not followed")

    def _follow_element(self, element: tree.Element, known: frozenset[str], names: _Names) -> frozenset[str]:
        """Follow a part that must match, and return the names that surely have a value after it."""
        match element:
            case tree.Union(groups=groups):
                found = [self._follow_group(group, known, names) for group in groups]
                return frozenset.intersection(*found)
            case tree.SubSelect(query=query):
                return self._follow_subquery(query, known, names)
            case tree.Bind(expression=expression, variable=variable):
                self._follow_expression(expression, known, names)
                source = self._name(expression, names) if isinstance(expression, tree.Var) else None
                if source in known and source is not None:
                    made = names.get(variable.name, variable.name)
                    self._automaton.link(self._state(source), self._state(made))
                    return known | {made}
        return known

    def _follow_subquery(self, query: tree.Query, known: frozenset[str], names: _Names) -> frozenset[str]:
        """Follow a subquery within a scope that has names of its own."""
        if names:
            # Names of an outer scope would have to be carried into the inner one.
            raise UnboundedQueryError("it has a subquery within a subquery")
        return self.follow_select(query, known)

    def _follow_expression(self, expression: tree.Node, known: frozenset[str], names: _Names) -> None:
        """Follow the groups of EXISTS in an expression."""
        for group in _groups_of(expression):
            self._follow_group(group, known, names)


def _groups_of(expression: tree.Node) -> list[tree.Group]:
    """Return the groups of the outermost EXISTS in an expression."""
    found = [node.group for node in tree.walk(expression) if isinstance(node, tree.Exists)]
    inner = {id(node.group) for group in found for node in tree.walk(group) if isinstance(node, tree.Exists)}
    return [group for group in found if id(group) not in inner]


def _triples_of(element: tree.Triples) -> list[tree.Triple]:
    """Return the patterns of an element, with those of the property lists and collections in it."""
    found = [node for node in tree.walk(element) if isinstance(node, tree.Triple)]
    for node in tree.walk(element):
        if isinstance(node, tree.Collection) and node.items:
            found += _cells_of(node)
    return found


def _cells_of(collection: tree.Collection) -> list[tree.Triple]:
    """Return the patterns that a collection stands for, which are followed as one path to its items."""
    start, end = collection.start, collection.end
    rest = tree.Path(start, end, "*", (tree.Iri(start, end, RDF_REST[1:-1], ""),))
    first = tree.Iri(start, end, RDF_FIRST[1:-1], "")
    nil = tree.Triple(start, end, collection, rest, tree.Iri(start, end, RDF_NIL[1:-1], ""))
    path = tree.Path(start, end, "/", (rest, first))
    return [nil, *(tree.Triple(start, end, collection, path, item) for item in collection.items)]


def _show(triple: tree.Triple) -> str:
    """Return a pattern for a message."""
    return "the pattern " + " ".join(_show_term(term) for term in (triple.subject, triple.predicate, triple.object))


def _show_term(term: tree.Node) -> str:
    match term:
        case tree.Var(name=name):
            return f"?{name}"
        case tree.Iri(value=value):
            return f"<{value}>"
        case tree.Literal(value=value):
            return f'"{value}"'
    return "…"
