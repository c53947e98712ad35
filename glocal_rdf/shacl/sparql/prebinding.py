"""Pre-binds the variables of SHACL-SPARQL queries: reads, checks and rewrites them (SHACL, appendix A).

The groups (`{ … }`) of a query are listed, each with the variables that are mentioned anywhere within it, and its
SELECTs. Pre-binding is then the join of groups with the values of the pre-bound variables:

- for all focus nodes at once, where the solutions for one do not depend on the others: every group that mentions a
  pre-bound variable is joined; groups within EXISTS see the values of the group around them;
- or for each focus node (`needs_each_node`), where the query counts, cuts or removes duplicates across them: then every
  group is joined, those within EXISTS too, by the letter of appendix A.

https://www.w3.org/TR/shacl/#pre-binding
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

from glocal_rdf.errors import QueryError, ShapesError
from glocal_rdf.shacl.sparql.path_unions import expand_alternatives
from glocal_rdf.shacl.sparql.query_runner import locate_error
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.grammar.tokens import calls_service, decode_escapes, tokenize

__all__ = [
    "SHAPES_GRAPH",
    "Group",
    "Query",
    "Select",
    "check_query",
    "fill_template",
    "read_query",
    "replace_variable",
    "write_prologue",
]

SHAPES_GRAPH = "<urn:x-shacl:shapes>"
"""The graph that `$shapesGraph` stands for."""

MAX_QUERY_CHARS = 100_000


@dataclass(slots=True)
class Group:
    """A group graph pattern.

    Attributes:
        start: The position after its opening brace.
        end: The position after its closing brace.
        outermost: Whether it is the WHERE clause of the query itself.
        in_exists: Whether it is within EXISTS or NOT EXISTS.
        holds_select: Whether it consists of a subquery.
        graph: The variable or IRI of the graph that it is matched in; empty for the data graph.
        mentions: The variables that are mentioned anywhere within it.
    """

    start: int
    end: int
    outermost: bool
    in_exists: bool
    holds_select: bool
    graph: str = ""
    mentions: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Select:
    """A SELECT, or an ASK.

    Attributes:
        outermost: Whether it is the query itself, not a subquery.
        in_exists: Whether it is within EXISTS or NOT EXISTS.
        returned: The variables that it returns.
        aggregates: Whether it has GROUP BY, HAVING or an aggregate.
        grouped_by: The variables of GROUP BY.
        sliced: Whether it has LIMIT or OFFSET.
        mentions: The variables that are mentioned anywhere within it.
    """

    outermost: bool
    in_exists: bool
    returned: frozenset[str]
    aggregates: bool
    grouped_by: frozenset[str]
    sliced: bool
    mentions: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Query:
    """A query with its tree, its groups and its SELECTs."""

    text: str
    tree: tree.Query
    groups: tuple[Group, ...]
    selects: tuple[Select, ...]
    variables: frozenset[str]

    @property
    def form(self) -> str:
        """SELECT or ASK."""
        return self.tree.form

    @property
    def row(self) -> str:
        """A variable that the query does not have, for the row of the focus node."""
        names = (f"?rowOfTheFocusGraph{number}" for number in count())
        return next(name for name in names if name[1:] not in self.variables)

    def needs_each_node(self, roles: Collection[str]) -> bool:
        """Return whether the query must be run for each focus node, since it counts or cuts across them.

        Args:
            roles: The variables whose value depends on the focus node: `this`, and `value` in a validator.
        """
        used = set(roles) & self.variables
        for select in self.selects:
            if select.sliced or (select.aggregates and not used <= select.grouped_by):
                return True
            if select.outermost:
                if select.aggregates and self.form == "ASK":
                    return True
            elif select.in_exists or (not used <= select.returned and not used.isdisjoint(select.mentions)):
                return True
        return False

    @property
    def mentions_this_inside(self) -> bool:
        """Whether an inner group mentions `$this`, other than within EXISTS."""
        return any("this" in g.mentions and not g.in_exists and not g.outermost for g in self.groups)

    @property
    def uses_graphs(self) -> bool:
        """Whether the query matches named graphs, of which there is one, the shapes graph."""
        return any(g.graph for g in self.groups)

    def rewrite(self, bind: Callable[[Group], str], row: str, insertions: Iterable[tuple[int, str]] = ()) -> str:
        """Return the query with the values of pre-bound variables; an ASK becomes a SELECT of the rows that are true.

        A variable for a graph can only be the shapes graph.

        Args:
            bind: Returns the pattern to insert at the start of a group.
            row: What is selected besides: a variable, or for an ASK an expression.
            insertions: Further texts to insert, with their positions.
        """
        edits = list(insertions)
        for group in self.groups:
            if not group.holds_select:
                edits.append((group.start, f" {bind(group)} "))
            if group.graph.startswith("?"):
                edits.append((group.end, f" VALUES {group.graph} {{ {SHAPES_GRAPH} }} "))
        if row and self.form == "SELECT":
            if self.tree.selection:
                edits.append((self.tree.selection[0].start, f" {row} "))
            if self.tree.group_by and self.tree.where is not None:
                after = self.tree.where.end
                by = next(t for t in tokenize(self.text) if t.start >= after and t.text == "BY")
                edits.append((by.end, f" {row} "))
        text = _insert(self.text, edits)
        if self.form == "ASK":
            start = self.tree.start
            text = f"{text[:start]}SELECT DISTINCT {row} {text[start + len('ASK') :]}"
        return text


def _insert(text: str, edits: list[tuple[int, str]]) -> str:
    """Return a text with others inserted at their positions."""
    out: list[str] = []
    last = 0
    for at, new in sorted(edits, key=lambda edit: edit[0]):
        out += (text[last:at], new)
        last = at
    return "".join([*out, text[last:]])


def read_query(text: str, where: str, prefixes: Mapping[str, str] | None = None) -> Query:
    """Read a query.

    Args:
        text: The query.
        where: The constraint's name for messages.
        prefixes: Prefixes that are declared besides those in the text.

    Raises:
        ShapesError: The query is malformed, too long, or uses what SHACL-SPARQL forbids.
    """
    if len(text) > MAX_QUERY_CHARS:
        raise ShapesError.at(where, f"its query has {len(text):,} characters", f"write at most {MAX_QUERY_CHARS:,}")
    text = decode_escapes(text)
    if calls_service(text):
        raise ShapesError.at(where, "its query uses SERVICE, which SHACL-SPARQL forbids", "write it without")
    query = _parse(text, where, prefixes or {})
    if query.form not in {"SELECT", "ASK"}:
        raise ShapesError.at(where, "its query is neither SELECT nor ASK", "write one of them")
    if expanded := expand_alternatives(query, where):
        text = expanded
        query = _parse(text, where, prefixes or {})
    reader = _Reader()
    variables = reader.query(query, in_exists=False, outermost=True)
    return Query(text, query, tuple(reader.groups), tuple(reader.selects), frozenset(variables))


def _parse(text: str, where: str, prefixes: Mapping[str, str]) -> tree.Query:
    try:
        return parse_query(text, prefixes)
    except QueryError as error:
        raise locate_error(error, where) from error


class _Reader:
    """Traverses the tree of a query, and lists its groups and SELECTs."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.selects: list[Select] = []

    def query(self, query: tree.Query, *, in_exists: bool, outermost: bool) -> set[str]:
        """Add a query or a subquery, and return the variables that it mentions."""
        outside = (*query.selection, *query.group_by, *query.having, *query.order_by)
        select = Select(
            outermost=outermost,
            in_exists=in_exists,
            returned=frozenset(
                item.variable.name if isinstance(item, tree.Alias) else item.name
                for item in query.selection
                if isinstance(item, tree.Alias | tree.Var)
            ),
            aggregates=bool(query.group_by or query.having)
            or any(isinstance(node, tree.Aggregate) for part in outside for node in tree.walk(part)),
            grouped_by=frozenset(part.name for part in query.group_by if isinstance(part, tree.Var)),
            sliced=query.limit is not None or query.offset is not None,
        )
        self.selects.append(select)
        names: set[str] = set()
        if query.where is not None:
            at = len(self.groups)
            names |= self.group(query.where, in_exists=in_exists, outermost=outermost)
            for part in outside:
                names |= self.node(part, in_exists=in_exists)
            # Each solution of the pattern has the pre-bound values, and the head of the query may use them.
            self.groups[at].mentions = names
        select.mentions = names
        return names

    def group(self, group: tree.Group, *, in_exists: bool, outermost: bool = False, graph: str = "") -> set[str]:
        """Add a group, and return the variables that it mentions."""
        holds_select = any(isinstance(element, tree.SubSelect) for element in group.elements)
        found = Group(group.start + 1, group.end, outermost, in_exists, holds_select, graph)
        self.groups.append(found)
        for element in group.elements:
            found.mentions |= self.node(element, in_exists=in_exists)
        return found.mentions

    def node(self, node: tree.Node, *, in_exists: bool) -> set[str]:
        """Traverse any other node, and return the variables that it mentions."""
        match node:
            case tree.Var(name=name):
                return {name}
            case tree.Group():
                return self.group(node, in_exists=in_exists)
            case tree.Exists(group=group):
                return self.group(group, in_exists=True)
            case tree.SubSelect(query=query):
                return self.query(query, in_exists=in_exists, outermost=False)
            case tree.Graph(name=tree.Var(name=name), group=group):
                return {name} | self.group(group, in_exists=in_exists, graph=f"?{name}")
            case tree.Graph(name=tree.Iri(value=iri), group=group):
                return self.group(group, in_exists=in_exists, graph=f"<{iri}>")
        return set[str]().union(*(self.node(child, in_exists=in_exists) for child in tree.children(node)))


_FORBIDDEN = {tree.Minus: "MINUS", tree.Service: "SERVICE", tree.Values: "VALUES"}


def check_query(query: Query, bound: Collection[str], needed: Collection[str], where: str) -> None:
    """Check that a query has nothing that pre-binding forbids.

    Args:
        query: The query.
        bound: The variables that may be pre-bound.
        needed: The variables that every subquery must return.
        where: The constraint's name for messages.

    Raises:
        ShapesError: The query has something that is forbidden.

    https://www.w3.org/TR/shacl/#pre-binding
    """
    if query.tree.dataset:
        raise ShapesError.at(
            where, "its query names a dataset (FROM), but it is evaluated on the data graph", "write it without"
        )
    for node in tree.walk(query.tree):
        word = "LATERAL" if isinstance(node, tree.Union) and node.lateral else _FORBIDDEN.get(type(node))
        if word:
            raise ShapesError.at(where, f"its query uses {word}, which SHACL-SPARQL forbids", "write it without")
        if isinstance(node, tree.Graph) and isinstance(node.name, tree.Iri):
            raise ShapesError.at(
                where,
                f"its query matches the graph <{node.name.value}>, but the data are one graph",
                "write it without GRAPH; $shapesGraph is the shapes graph",
            )
        if isinstance(node, tree.Bind | tree.Alias) and node.variable.name in bound:
            raise ShapesError.at(
                where,
                f"its query assigns ${node.variable.name}, which is pre-bound",
                "use another variable",
            )
    for select in query.selects:
        if select.outermost:
            if query.form == "SELECT" and not query.tree.star and "this" not in select.returned:
                raise ShapesError.at(where, "its query does not select $this", "add $this to the SELECT")
        elif missing := sorted(set(needed) - select.returned):
            raise ShapesError.at(
                where, f"a subquery of its query does not return ${missing[0]}", f"add ${missing[0]} to its SELECT"
            )


def write_prologue(prefixes: Mapping[str, str], where: str) -> str:
    """Return the declarations of prefixes for a query.

    Raises:
        ShapesError: SPARQL cannot declare a prefix, or its namespace.
    """
    lines = []
    for prefix, namespace in prefixes.items():
        line = f"PREFIX {prefix}: <{namespace}>"
        if [(t.kind, t.text) for t in tokenize(line)] != [
            ("keyword", "PREFIX"),
            ("name", f"{prefix}:"),
            ("iri", f"<{namespace}>"),
        ]:
            raise ShapesError.at(
                where,
                f"sh:declare has the prefix {prefix!r} for {namespace!r}, which no query can use",
                "correct the declaration",
            )
        lines.append(f"{line}\n")
    return "".join(lines)


def replace_variable(text: str, name: str, by: str) -> str:
    """Return a query with a text in the place of a variable; strings, IRIs and comments stay as they are.

    Args:
        text: The query.
        name: The name of the variable, without its mark.
        by: The text.
    """
    text = decode_escapes(text)
    out: list[str] = []
    last = 0
    for token in tokenize(text):
        if token.kind == "var" and token.text[1:] == name:
            out += (text[last : token.start], by)
            last = token.end
    return "".join([*out, text[last:]])


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """Return a message with values in the place of `{?name}` and `{$name}`.

    Examples:
        >>> fill_template("{$this} has {?n}", {"this": "a", "n": "3"})
        'a has 3'

    https://www.w3.org/TR/shacl/#sparql-constraints-prebound-messages
    """
    return re.sub(r"\{[?$](\w+)\}", lambda m: values.get(m[1], m[0]), template)
