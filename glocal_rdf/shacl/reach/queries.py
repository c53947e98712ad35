"""Follows the patterns of a query from `$this`, as far as they hang together.

Each variable is a state. A pattern leads from an end that is known to the other, so a solution is found by walking from
`$this` over triples, where every pattern is connected with it. Only variables that surely have a value connect: those
of patterns that must match. What one OPTIONAL binds does not connect what stands after it, since it may be unbound
there, and then any triple matches; nor do constants, as the triples around them are not near a focus node.

A variable that stands for a predicate connects too: `$this ?p ?o . ?p rdfs:domain ?class`. What is looked up from there
is looked up from the predicates of all triples, for all focus nodes together, where nothing nearer connects it.

A group in braces, an OPTIONAL and a subquery are evaluated by themselves, and joined afterwards. So a pattern in one
may be walked to from outside, but in its filters and OPTIONALs a variable that only the outside binds has no value.
Pre-bound variables have theirs everywhere, and so have those of the solution outside within EXISTS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from glocal_rdf.namespaces import RDF_FIRST, RDF_NIL, RDF_REST
from glocal_rdf.shacl.reach.automaton import PREDICATES, Automaton, Sample
from glocal_rdf.shacl.sparql.query_plans import QueryPlan
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.scope import is_grouped, mentioned, visible_variables

__all__ = ["UnboundedQueryError", "follow_query"]

_Names = frozenset[str]


class UnboundedQueryError(Exception):
    """A query of which it is not known how far it looks; the text says which part."""


def follow_query(plan: QueryPlan, states: Mapping[str, int], automaton: Automaton) -> bool:
    """Add the steps that a query takes.

    Args:
        plan: The query.
        states: The states of `$this`, and of `$value` in a validator.
        automaton: Where the steps are added.

    Returns:
        Whether it looks at anything around the predicates of all triples.

    Raises:
        UnboundedQueryError: A part of the query may look at any triple.
    """
    follower = _Follower(automaton, dict(states), plan)
    known = frozenset(states)
    follower.follow_select(plan.query.tree, known, _Scope({}, known))
    return follower.looks_up


@dataclass(frozen=True)
class _Scope:
    """Where a group stands.

    Attributes:
        names: The names that the variables of a subquery have which it does not return.
        fixed: The names that have their value in every part of the group.
    """

    names: Mapping[str, str]
    fixed: _Names

    def name(self, variable: str) -> str:
        """Return the name of a variable."""
        return self.names.get(variable, variable)


def _as_predicate(name: str) -> str:
    """Return what stands among known names for one whose value is surely the predicate of a triple."""
    return f"{name} as predicate"


class _Follower:
    """Follows one query; the states of its variables are those of the names that they have in their subquery."""

    def __init__(self, automaton: Automaton, states: dict[str, int], plan: QueryPlan) -> None:
        self._automaton = automaton
        self._states = states
        self._constants = frozenset(plan.constants)
        self._prebound = frozenset(states)
        self._scopes = count()
        self._times = Counter(node.name for node in tree.walk(plan.query.tree) if isinstance(node, tree.Var))
        self._predicates: set[str] = set()
        """The names that may be those of predicates."""
        self._far: set[str] = set()
        """The names that only predicates connect."""
        self.looks_up = False

    def follow_select(self, query: tree.Query, known: _Names, scope: _Scope) -> None:
        """Follow a query or subquery.

        Args:
            query: The query.
            known: The names that connect its patterns.
            scope: Where it stands.
        """
        if query.limit is not None or query.offset is not None:
            raise UnboundedQueryError("it has LIMIT or OFFSET")
        if query.where is None:
            return
        bound = self._follow_group(query.where, known, scope)
        for part in (*query.selection, *query.having, *query.group_by, *query.order_by):
            self._follow_expression(part, bound, scope)

    def _follow_group(
        self, group: tree.Group, known: _Names, scope: _Scope, of_filters: _Names = frozenset()
    ) -> _Names:
        """Follow a group.

        Args:
            group: The group.
            known: The names that connect its patterns.
            scope: Where it stands.
            of_filters: The names that have a value in its own filters, as those of what an OPTIONAL extends.

        Returns:
            The names that surely have a value in each of its solutions.
        """
        self._connect_all(group, known, scope)
        bound = scope.fixed
        for element in group.elements:
            match element:
                case tree.Optional(group=inner):
                    self._follow_group(inner, bound, scope, bound)
                case tree.Filter():
                    pass
                case tree.Graph(name=tree.Var(name="shapesGraph")):
                    pass
                case tree.Graph() | tree.Service() | tree.Minus():
                    raise UnboundedQueryError("it names another graph or service, or has MINUS")
                case tree.Bind(expression=expression):
                    self._follow_expression(expression, bound, scope)
                    bound |= self._bound_in([element], bound, scope)
                case _:
                    bound |= self._bound_in([element], bound, scope)
        for element in group.elements:
            if isinstance(element, tree.Filter):
                self._follow_expression(element.condition, bound | of_filters, scope)
        return bound

    def _bound_in(self, elements: Iterable[tree.Element], bound: _Names, scope: _Scope) -> _Names:
        """Return the names that surely have a value after some parts of a group.

        Args:
            elements: The parts.
            bound: The names that have one before them.
            scope: Where they stand.
        """
        for element in elements:
            match element:
                case tree.Triples():
                    bound |= {scope.name(name) for name in mentioned(element)}
                    verbs = [triple.predicate for triple in _triples_of(element)]
                    bound |= {_as_predicate(scope.name(verb.name)) for verb in verbs if isinstance(verb, tree.Var)}
                case tree.Union(groups=groups):
                    found = [self._bound_in(group.elements, scope.fixed, scope) for group in groups]
                    bound |= frozenset.intersection(*found)
                case tree.SubSelect(query=query):
                    returned = self._returned(query)
                    inner = _Scope({}, returned & self._prebound)
                    where = () if query.where is None else query.where.elements
                    returned |= {_as_predicate(name) for name in returned}
                    bound |= self._bound_in(where, inner.fixed, inner) & returned
                case tree.Bind(expression=tree.Var(name=source), variable=variable) if scope.name(source) in bound:
                    bound |= {scope.name(variable.name)}
                    if _as_predicate(scope.name(source)) in bound:
                        bound |= {_as_predicate(scope.name(variable.name))}
        return bound

    def _returned(self, query: tree.Query) -> _Names:
        """Return the variables of a subquery that have outside of it the value that they have in it."""
        names = visible_variables(query) if query.star else [v.name for v in query.selection if isinstance(v, tree.Var)]
        returned = frozenset(names)
        return returned & {v.name for v in query.group_by if isinstance(v, tree.Var)} if is_grouped(query) else returned

    def _connect_all(self, group: tree.Group, known: _Names, scope: _Scope) -> None:
        """Follow all parts of a group that must match: a later one may connect an earlier one."""
        triples = [node for one in group.elements if isinstance(one, tree.Triples) for node in _triples_of(one)]
        others: list[Callable[[_Names], _Names]] = []
        bound = scope.fixed
        for element in group.elements:
            match element:
                case tree.Union(groups=groups):
                    others.append(partial(self._follow_union, groups, scope))
                case tree.SubSelect(query=query):
                    others.append(partial(self._follow_subquery, query, scope))
                case tree.Bind(expression=tree.Var(name=source), variable=variable) if scope.name(source) in bound:
                    others.append(partial(self._follow_bind, scope.name(source), scope.name(variable.name)))
            bound = self._bound_in([element], bound, scope)
        while triples or others:
            before = len(triples) + len(others)
            triples, known = self._connect(triples, known, scope)
            left = []
            for follow in others:
                try:
                    known = follow(known)
                except UnboundedQueryError:
                    if not triples and len(others) == 1:
                        raise
                    left.append(follow)
            others = left
            if len(triples) + len(others) == before:
                for follow in others[:1]:
                    follow(known)
                shown = _show(triples[0]) if triples else "a part of it"
                raise UnboundedQueryError(f"{shown} is not connected with $this")

    def _connect(
        self, triples: Sequence[tree.Triple], known: _Names, scope: _Scope
    ) -> tuple[list[tree.Triple], _Names]:
        """Follow the triple patterns that known names connect; return the others, and the names known then."""
        left = list(triples)
        while True:
            ranked = [(rank, at) for at, one in enumerate(left) if (rank := self._rank(one, known, scope)) is not None]
            if not ranked:
                return left, known
            triple = left.pop(min(ranked)[1])
            known |= self._follow_triple(triple, known, scope)

    def _rank(self, triple: tree.Triple, known: _Names, scope: _Scope) -> int | None:
        """Return how well a pattern is connected, 0 for best; None where it is not.

        A node has few triples as a subject, and perhaps many as an object. What only predicates connect is looked up
        from all of them.
        """
        subject, object_ = (self._name(end, scope) for end in (triple.subject, triple.object))
        if subject in known:
            return 2 if subject in self._far else 0
        if object_ not in known:
            return None
        return 1 if object_ in self._prebound else 4 if object_ in self._far else 3

    def _name(self, term: tree.Node, scope: _Scope) -> str | None:
        """Return the name of a variable or a blank node; None for a constant."""
        match term:
            case tree.Var(name=name):
                return None if name in self._constants else scope.name(name)
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

    def _follow_triple(self, triple: tree.Triple, known: _Names, scope: _Scope) -> _Names:
        """Add the steps of a pattern, from an end that is known: a solution is found by walking that way alone.

        Returns:
            The names of the pattern.
        """
        ends = [self._name(end, scope) for end in (triple.subject, triple.object)]
        backward = ends[0] not in known
        start, end = reversed(ends) if backward else ends
        assert start is not None  # noqa: S101 - whoever calls this has looked
        far = start in self._far
        self.looks_up |= far
        if start in self._predicates and _may_have_no_step(triple.predicate):
            # The path leads from a node to itself, and a predicate need not be a node.
            self._automaton.add_sample(Sample(None, backward=False))
            self._automaton.add_sample(Sample(None, backward=True))
        reached = self._follow_predicate(triple.predicate, self._state(start), backward=backward)
        found = {start}
        if end is not None:
            self._automaton.link(reached, self._state(end))
            found.add(end)
            if end not in known:
                (self._far.add if far else self._far.discard)(end)
        if isinstance(triple.predicate, tree.Var):
            verb = scope.name(triple.predicate.name)
            self._automaton.link(PREDICATES, self._state(verb))
            self._predicates.add(verb)
            found.add(verb)
            if verb not in known | {start, end}:
                self._far.add(verb)
        return frozenset(found)

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

    def _follow_union(self, groups: Sequence[tree.Group], scope: _Scope, known: _Names) -> _Names:
        found = [self._follow_group(group, known, scope) for group in groups]
        return known | frozenset.intersection(*found)

    def _follow_subquery(self, query: tree.Query, scope: _Scope, known: _Names) -> _Names:
        """Follow a subquery within a scope that has names of its own."""
        if scope.names:
            # Names of an outer scope would have to be carried into the inner one.
            raise UnboundedQueryError("it has a subquery within a subquery")
        returned = self._returned(query)
        number = next(self._scopes)
        own = mentioned(query) - returned - self._constants
        inner = _Scope({name: f"{number} {name}" for name in own}, returned & self._prebound)
        self.follow_select(query, known & returned, inner)
        return self._bound_in([tree.SubSelect(query.start, query.end, query)], known, scope)

    def _follow_bind(self, source: str, made: str, known: _Names) -> _Names:
        """Let a variable that BIND makes be what it is bound to, if that is known."""
        if source not in known:
            raise UnboundedQueryError("a variable in BIND is not connected with $this")
        self._automaton.link(self._state(source), self._state(made))
        for names in (self._predicates, self._far):
            if source in names:
                names.add(made)
        return known | {made}

    def _follow_expression(self, expression: tree.Node, known: _Names, scope: _Scope) -> None:
        """Follow the groups of EXISTS in an expression."""
        for group in _groups_of(expression):
            if not self._sample(group, known, scope):
                self._follow_group(group, known, replace(scope, fixed=known))

    def _sample(self, group: tree.Group, known: _Names, scope: _Scope) -> bool:
        """Add the samples that a group of EXISTS looks at, if one triple for each predicate says whether it matches."""
        triples = [node for element in group.elements for node in tree.walk(element) if isinstance(node, tree.Triple)]
        if len(triples) != 1 or not all(isinstance(element, tree.Triples) for element in group.elements):
            return False
        verb = triples[0].predicate
        choices = verb.parts if isinstance(verb, tree.Path) and verb.operator == "|" else (verb,)
        if not all(isinstance(choice, tree.Iri) for choice in choices):
            return False
        ends = (triples[0].subject, triples[0].object)
        for backward, (node, other) in ((False, ends), (True, ends[::-1])):
            name = self._name(node, scope)
            free = isinstance(other, tree.Var) and self._times[other.name] == 1 and other.name not in self._constants
            if name is not None and _as_predicate(name) in known and free:
                for choice in choices:
                    assert isinstance(choice, tree.Iri)  # noqa: S101 - as was asked above
                    self._automaton.add_sample(Sample(f"<{choice.value}>", backward))
                self.looks_up = True
                return True
        return False


def _may_have_no_step(path: tree.Node) -> bool:
    """Return whether a predicate or path leads from a node to itself over no triple."""
    match path:
        case tree.Path(operator="*" | "?"):
            return True
        case tree.Path(operator="|", parts=parts):
            return any(map(_may_have_no_step, parts))
        case tree.Path(operator="/" | "^" | "+", parts=parts):
            return all(map(_may_have_no_step, parts))
    return False


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
