"""Evaluates a SPARQL query for one focus node, with variables bound beforehand by the letter of SHACL, appendix A.

The syntax tree of rdflib's parser is walked as it is, without any algebra or optimization in between:

1. Every basic graph pattern, the empty one of each group included, every path and every GRAPH is joined with the table
   of the pre-bound variables (values insertion).
2. EXISTS is evaluated with the solution inserted in the same way; into a sub-SELECT only what it returns is inserted.
3. A pre-bound term that stands at the end of a path of no steps leads to itself, whether or not the data speak of it.

Terms are compared as they are written. What the Recommendation forbids raises `FailureError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cmp_to_key, partial

from rdflib import BNode, Literal, URIRef, Variable
from rdflib.plugins.sparql.algebra import translatePName, translatePrologue, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from oracle.expressions import (
    ExpressionError,
    Solution,
    boolean,
    evaluate,
    integer,
    less,
    literal,
    number,
    of_number,
    same,
    text_of,
    truth,
)

Triple = tuple[Node, Node, Node]
FORBIDDEN = {"MinusGraphPattern": "MINUS", "ServiceGraphPattern": "SERVICE", "InlineData": "VALUES"}


class FailureError(Exception):
    """The query may not be evaluated; a validator reports a failure."""


@dataclass
class Dataset:
    """Triples by graph; the default graph is the data graph."""

    default: frozenset[Triple]
    named: Mapping[Node, frozenset[Triple]] = field(default_factory=dict)


def key(solution: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(sorted((n, identity(t)) for n, t in solution.items()))


def identity(term: object) -> str:
    if isinstance(term, Literal):
        datatype = "" if term.language or str(term.datatype or "").endswith("#string") else str(term.datatype or "")
        return f'"{term}"@{(term.language or "").lower()}^^{datatype}'
    return f"<{term}>" if isinstance(term, URIRef) else f"_:{term}"


def merge(a: Solution, b: Solution) -> Solution | None:
    for name in a.keys() & b.keys():
        if not same(a[name], b[name]):
            return None
    return {**a, **b}


def join(left: Iterable[Solution], right: Iterable[Solution]) -> list[Solution]:
    right = list(right)
    return [both for a in left for b in right if (both := merge(a, b)) is not None]


@dataclass
class Evaluator:
    """One query with its dataset and the terms that are pre-bound."""

    tree: CompValue
    dataset: Dataset
    bound: Solution

    def ask(self) -> bool:
        return bool(self._select(self.tree, self.bound, self.dataset.default))

    def select(self) -> list[Solution]:
        return self._select(self.tree, self.bound, self.dataset.default)

    # Groups (section 18.2.2), each element in its order, filters last.

    def _group(self, group: CompValue, inserted: Solution, graph: frozenset[Triple]) -> list[Solution]:
        if group.name == "SubSelect":
            return self._subselect(group, inserted, graph)
        found = [dict(inserted)]
        filters = []
        for part in group.part or []:
            match part.name:
                case "TriplesBlock":
                    found = join(found, self._triples(part.triples, inserted, graph))
                case "OptionalGraphPattern":
                    found = self._optional(found, part.graph, inserted, graph)
                case "GroupOrUnionGraphPattern":
                    found = join(found, [s for g in part.graph for s in self._group(g, inserted, graph)])
                case "GraphGraphPattern":
                    found = join(found, self._named(part, inserted))
                case "SubSelect":
                    found = join(found, self._subselect(part, inserted, graph))
                case "Filter":
                    filters.append(part.expr)
                case "Bind":
                    found = [self._extend(s, part.expr, str(part.var), graph) for s in found]
                case _:
                    raise AssertionError(part.name)
        return [s for s in found if all(self._true(f, s, graph) for f in filters)]

    def _extend(self, solution: Solution, expr: object, name: str, graph: frozenset[Triple]) -> Solution:
        if name in solution:
            raise FailureError(f"?{name} is bound twice")
        try:
            return {**solution, name: self._value(expr, solution, graph)}
        except ExpressionError:
            return solution

    def _value(self, expr: object, solution: Solution, graph: frozenset[Triple]) -> Node:
        return evaluate(expr, solution, partial(self._exists, graph))

    def _exists(self, graph: frozenset[Triple], expr: CompValue, solution: Solution) -> Node:
        if not expr.name.endswith("EXISTS"):
            raise FailureError("an aggregate outside of a group")
        found = self._group(expr.graph, {**solution, **self.bound}, graph)
        return boolean(bool(found) is (expr.name == "Builtin_EXISTS"))

    def _true(self, expr: object, solution: Solution, graph: frozenset[Triple]) -> bool:
        try:
            return truth(self._value(expr, solution, graph))
        except ExpressionError:
            return False

    def _optional(
        self, found: list[Solution], group: CompValue, inserted: Solution, graph: frozenset[Triple]
    ) -> list[Solution]:
        """LeftJoin: the filters of an optional group see both sides (section 18.2.2.6)."""
        filters: list[object] = []
        inner = group
        if group.name != "SubSelect":
            parts = group.part or []
            filters = [p.expr for p in parts if p.name == "Filter"]
            inner = CompValue(group.name, part=[p for p in parts if p.name != "Filter"])
        right = self._group(inner, inserted, graph)
        out: list[Solution] = []
        for left in found:
            both = [b for b in join([left], right) if all(self._true(f, b, graph) for f in filters)]
            out += both or [left]
        return out

    def _named(self, part: CompValue, inserted: Solution) -> list[Solution]:
        term = part.term
        if isinstance(term, Variable):
            names = self.dataset.named
            rows = [
                s
                for name, graph in names.items()
                for s in join([{str(term): name}], self._group(part.graph, inserted, graph))
            ]
            return join([dict(inserted)], rows)
        return self._group(part.graph, inserted, self.dataset.named.get(term, frozenset()))

    # Triples and paths (sections 18.3 and 18.4).

    def _triples(self, lists: list[list[Node]], inserted: Solution, graph: frozenset[Triple]) -> list[Solution]:
        flat = [term for one in lists for term in one]
        found = [dict(inserted)]
        for at in range(0, len(flat), 3):
            subject, verb, obj = flat[at : at + 3]
            found = [s for left in found for s in self._match(subject, verb, obj, left, graph)]
        return [{n: t for n, t in s.items() if not n.startswith("_:")} for s in found]

    def _match(
        self, subject: Node, verb: object, obj: Node, solution: Solution, graph: frozenset[Triple]
    ) -> Iterator[Solution]:
        verb = _unwrap(verb)
        if isinstance(verb, Variable | URIRef):
            for s, p, o in graph:
                found: Solution | None = solution
                for pattern, term in ((subject, s), (verb, p), (obj, o)):
                    found = found if found is None else _bind(pattern, term, found)
                if found is not None:
                    yield found
            return
        for s, o in self._path(verb, graph, _known(subject, solution), _known(obj, solution)):
            found = _bind(subject, s, solution)
            found = found if found is None else _bind(obj, o, found)
            if found is not None:
                yield found

    def _path(
        self, path: object, graph: frozenset[Triple], start: Node | None, end: Node | None
    ) -> list[tuple[Node, Node]]:
        """Give the pairs that a path connects; where one end is known, at least all pairs with it."""
        path = _unwrap(path)
        if isinstance(path, URIRef):
            return [(s, o) for s, p, o in graph if p == path]
        assert isinstance(path, CompValue), path
        if path.name == "PathAlternative":
            return [pair for part in path.part for pair in self._path(part, graph, start, end)]
        if path.name == "PathSequence":
            first, *rest = path.part
            pairs = self._path(first, graph, start, None if rest else end)
            for at, part in enumerate(rest):
                last = end if at == len(rest) - 1 else None
                pairs = [
                    (s, o) for s, middle in pairs for m, o in self._path(part, graph, middle, last) if same(m, middle)
                ]
            return pairs
        if path.name == "PathEltOrInverse":
            return [(o, s) for s, o in self._path(path.part, graph, end, start)]
        if path.name == "PathNegatedPropertySet":
            out = [p for p in path.part if not isinstance(p, CompValue)]
            back = [p.part for p in path.part if isinstance(p, CompValue)]
            pairs = [(s, o) for s, p, o in graph if p not in out] if out or not back else []
            return pairs + ([(o, s) for s, p, o in graph if p not in back] if back else [])
        assert path.name == "PathElt", path.name
        return self._steps(path, graph, start, end)

    def _steps(
        self, path: CompValue, graph: frozenset[Triple], start: Node | None, end: Node | None
    ) -> list[tuple[Node, Node]]:
        mod = path.mod
        if mod is None:
            return self._path(path.part, graph, start, end)
        nodes = {identity(t): t for s, _, o in graph for t in (s, o)}
        if mod in {"*", "?"}:
            nodes |= {identity(t): t for t in (start, end) if t is not None}
        reached: dict[tuple[str, str], tuple[Node, Node]] = {}
        for node in nodes.values():
            if mod in {"*", "?"}:
                reached[identity(node), identity(node)] = (node, node)
            todo, depth = [node], 0
            while todo and (mod != "?" or depth == 0):
                steps = [o for at in todo for s, o in self._path(path.part, graph, at, None) if same(s, at)]
                todo = []
                depth += 1
                for step in steps:
                    if (identity(node), identity(step)) not in reached:
                        reached[identity(node), identity(step)] = (node, step)
                        todo.append(step)
        return list(reached.values())

    # SELECT: groups, projection, order (section 18.2.4 and 18.2.5).

    def _subselect(self, part: CompValue, inserted: Solution, graph: frozenset[Triple]) -> list[Solution]:
        returned = {str(p.var or p.evar) for p in part.projection or []} | set(self.bound)
        kept = inserted if part.projection is None else {n: t for n, t in inserted.items() if n in returned}
        rows = self._select(part, kept, graph)
        return join([dict(kept)], rows)

    def _select(self, query: CompValue, inserted: Solution, graph: frozenset[Triple]) -> list[Solution]:
        found = self._group(query.where, inserted, graph)
        projection = query.projection or []
        having = list(query.having.condition) if query.having else []
        order = list(query.orderby.condition) if query.orderby else []
        counted = bool(query.groupby) or any(_has_aggregate(x) for x in [*projection, *having, *order])
        rows: list[tuple[Solution, list[Solution] | None]]
        rows = self._grouped(query, found, inserted, graph) if counted else [(s, None) for s in found]
        out: list[tuple[Solution, list[Solution] | None]] = []
        for row, members in rows:
            solution = row
            value = partial(self._in_group, members, graph)
            for one in projection:
                if one.evar:
                    if str(one.evar) in solution:
                        raise FailureError(f"?{one.evar} is bound twice")
                    try:
                        solution = {**solution, str(one.evar): evaluate(one.expr, solution, value)}
                    except ExpressionError:
                        continue
            if all(_holds(h, solution, value) for h in having):
                out.append((solution, members))
        if order:
            out.sort(key=cmp_to_key(partial(self._compare, order, graph)))
        names = None if query.name == "AskQuery" or not projection else {str(p.var or p.evar) for p in projection}
        result = [s if names is None else {n: t for n, t in s.items() if n in names} for s, _ in out]
        if query.modifier in {"DISTINCT", "REDUCED"}:
            result = list({key(s): s for s in result}.values())
        if query.limitoffset:
            offset = int(query.limitoffset.offset or 0)
            result = result[offset:]
            if query.limitoffset.limit is not None:
                result = result[: int(query.limitoffset.limit)]
        return result

    def _grouped(
        self, query: CompValue, found: list[Solution], inserted: Solution, graph: frozenset[Triple]
    ) -> list[tuple[Solution, list[Solution] | None]]:
        conditions = list(query.groupby.condition) if query.groupby else []
        keys = {str(c) for c in conditions if isinstance(c, Variable)}
        keys |= {str(c.var) for c in conditions if isinstance(c, CompValue) and c.name == "GroupAs" and c.var}
        for one in query.projection or []:
            if one.var and str(one.var) not in keys:
                raise FailureError(f"?{one.var} is selected, and is not grouped by")
        groups: dict[object, tuple[Solution, list[Solution] | None]] = {}
        if not conditions:
            return [({}, found)]
        for solution in found:
            at: Solution = {}
            extended = solution
            for number_, condition in enumerate(conditions):
                named = isinstance(condition, CompValue) and condition.name == "GroupAs"
                expr = condition.expr if named else condition
                name = str(condition.var) if named and condition.var else str(condition)
                if not isinstance(expr, Variable) and not (named and condition.var):
                    name = f" {number_}"
                try:
                    at[name] = self._value(expr, solution, graph)
                    extended = {**extended, name: at[name]}
                except ExpressionError:
                    continue
            kept = {n: t for n, t in at.items() if not n.startswith(" ")}
            members = groups.setdefault(key(at), (kept, []))[1]
            assert members is not None
            members.append(extended)
        return list(groups.values())

    def _in_group(
        self, members: list[Solution] | None, graph: frozenset[Triple], expr: CompValue, solution: Solution
    ) -> Node:
        if not expr.name.startswith("Aggregate_"):
            return self._exists(graph, expr, solution)
        if members is None:
            raise FailureError("an aggregate outside of a group")
        if expr.vars == "*":
            return integer(len({key(m) for m in members}) if expr.distinct else len(members))
        values: list[Node] = []
        errors = 0
        for member in members:
            try:
                values.append(self._value(expr.vars, member, graph))
            except ExpressionError:
                errors += 1
        if expr.distinct:
            values = list({identity(v): v for v in values}.values())
        name = expr.name.removeprefix("Aggregate_")
        if name == "Count":
            return integer(len(values))
        if errors and name in {"Sum", "Avg", "Min", "Max", "GroupConcat"}:
            raise ExpressionError("an error in a group")
        if name == "Sum":
            return of_number(sum((number(v) for v in values), 0))
        if name in {"Min", "Max"} and values:
            best = values[0]
            for one in values[1:]:
                if less(one, best) if name == "Min" else less(best, one):
                    best = one
            return best
        if name == "Sample" and values:
            return values[0]
        if name == "GroupConcat":
            return literal(str(expr.separator if expr.separator is not None else " ").join(text_of(v) for v in values))
        raise ExpressionError(f"{name} of nothing")

    def _compare(
        self,
        order: list[CompValue],
        graph: frozenset[Triple],
        a: tuple[Solution, list[Solution] | None],
        b: tuple[Solution, list[Solution] | None],
    ) -> int:
        for condition in order:
            expr = (
                condition.expr if isinstance(condition, CompValue) and condition.name == "OrderCondition" else condition
            )
            down = isinstance(condition, CompValue) and condition.order == "DESC"
            found = []
            for solution, members in (a, b):
                try:
                    found.append(evaluate(expr, solution, partial(self._in_group, members, graph)))
                except ExpressionError:
                    found.append(None)
            sign = _order(*found)
            if sign:
                return -sign if down else sign
        return 0


def _order(a: Node | None, b: Node | None) -> int:
    ranks = [0 if t is None else 1 if isinstance(t, BNode) else 2 if isinstance(t, URIRef) else 3 for t in (a, b)]
    if ranks[0] != ranks[1]:
        return ranks[0] - ranks[1]
    if a is None or b is None:
        return 0
    try:
        return -1 if less(a, b) else 1 if less(b, a) else 0
    except ExpressionError:
        return (identity(a) > identity(b)) - (identity(a) < identity(b))


def _holds(expr: object, solution: Solution, value: object) -> bool:
    try:
        return truth(evaluate(expr, solution, value))  # type: ignore[arg-type]
    except ExpressionError:
        return False


def _has_aggregate(value: object) -> bool:
    if isinstance(value, CompValue):
        if value.name.startswith("Aggregate_"):
            return True
        if value.name.endswith("EXISTS"):
            return False
        return any(_has_aggregate(v) for v in value.values())
    if isinstance(value, list | tuple) or type(value).__name__ == "plist":
        return any(_has_aggregate(v) for v in value)  # type: ignore[union-attr]
    return False


def _unwrap(path: object) -> object:
    """Take away the levels of the grammar that stand around a path of one part."""
    while isinstance(path, CompValue):
        if path.name in {"PathAlternative", "PathSequence"} and len(path.part) == 1:
            path = path.part[0]
        elif path.name == "PathElt" and path.mod is None:
            path = path.part
        else:
            break
    return path


def _known(pattern: Node, solution: Solution) -> Node | None:
    if isinstance(pattern, Variable):
        return solution.get(str(pattern))
    return solution.get(f"_:{pattern}") if isinstance(pattern, BNode) else pattern


def _bind(pattern: Node, term: Node, solution: Solution) -> Solution | None:
    if isinstance(pattern, Variable | BNode):
        name = f"_:{pattern}" if isinstance(pattern, BNode) else str(pattern)
        if name in solution:
            return solution if same(solution[name], term) else None
        return {**solution, name: term}
    return solution if same(pattern, term) else None


def parse(text: str) -> CompValue:
    """Parse a query with its prefixes. Raise FailureError."""
    try:
        parsed = parseQuery(text)
        prologue = translatePrologue(parsed[0], None)
        tree = traverse(parsed[1], visitPost=partial(translatePName, prologue=prologue))
    except Exception as error:
        raise FailureError(f"{type(error).__name__}: {error}") from error
    assert isinstance(tree, CompValue)
    return tree


def check(tree: CompValue, bound: Iterable[str], needed: Iterable[str]) -> None:
    """Raise FailureError for what appendix A forbids."""
    bound, needed = set(bound), set(needed)
    if tree.datasetClause:
        raise FailureError("FROM")
    if tree.valuesClause:
        raise FailureError("VALUES")
    if tree.name == "SelectQuery" and tree.projection and "this" not in {str(p.var or p.evar) for p in tree.projection}:
        raise FailureError("$this is not selected")
    for node in _nodes(tree):
        if node.name in FORBIDDEN or (node.name == "SubSelect" and node.valuesClause):
            raise FailureError(FORBIDDEN.get(node.name, "VALUES"))
        if node.name == "Bind" and str(node.var) in bound:
            raise FailureError(f"AS ?{node.var}")
        if node.name == "GroupAs" and node.var is not None and str(node.var) in bound:
            raise FailureError(f"AS ?{node.var}")
        selects = node.name in {"SubSelect", "SelectQuery"} and node.projection
        if selects and any(p.evar and str(p.evar) in bound for p in node.projection):
            raise FailureError("AS")
        if node.name == "SubSelect":
            returned = {str(p.var or p.evar) for p in node.projection or []}
            if not needed <= returned:
                raise FailureError(f"a subquery does not return {needed - returned}")


def _nodes(value: object) -> Iterator[CompValue]:
    if isinstance(value, CompValue):
        yield value
        for one in value.values():
            yield from _nodes(one)
    elif isinstance(value, list | tuple) or type(value).__name__ in {"plist", "ParseResults"}:
        for one in value:  # type: ignore[union-attr]
            yield from _nodes(one)
