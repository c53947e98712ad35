"""Reads the text of a SHACL-SPARQL query as far as pre-binding needs, checks it, and rewrites it (SHACL, appendix A).

Of the tree of a query its groups (`{ … }`) are listed, each with the variables that are mentioned anywhere within it,
and its SELECTs. Pre-binding is then the join of groups with the values of the pre-bound variables:

- at once for all focus nodes, where the join is the same for each of them whatever the others are: every group that
  mentions a pre-bound variable is joined; groups within EXISTS see the values of their surroundings;
- or for one focus node after the other (`one_by_one`), where the query counts, cuts or removes duplicates across them:
  then every group is joined, those within EXISTS too, by the letter of appendix A.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

from glocal_rdf.errors import QueryError, ShapesError
from glocal_rdf.shacl.sparql.path_unions import write_alternatives
from glocal_rdf.shacl.sparql.query_runner import blame
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.grammar.tokens import calls_service, decode_escapes, tokenize

__all__ = [
    "Group",
    "Query",
    "Select",
    "check_query",
    "fill_template",
    "read_query",
    "replace_variable",
    "write_prologue",
]

_LARGEST = 100_000


@dataclass(slots=True)
class Group:
    """A group graph pattern: where its inside starts, and the variables that are mentioned anywhere within it.

    `graph` is the variable or IRI of the graph that it is asked of, if it is not the data graph.
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
    """A SELECT, or an ASK: what it returns, whether it counts or cuts, and how it groups."""

    outermost: bool
    in_exists: bool
    returned: frozenset[str]
    counts: bool
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
        """Give SELECT or ASK."""
        return self.tree.form

    @property
    def row(self) -> str:
        """Give a variable that the query does not have."""
        names = (f"?rowOfTheFocusGraph{number}" for number in count())
        return next(name for name in names if name[1:] not in self.variables)

    def one_by_one(self, roles: Collection[str]) -> bool:
        """Tell whether the query must be asked for each focus node alone: it counts, or cuts, across them.

        `roles` are the variables that differ from focus node to focus node: `this`, and `value` in a validator.
        """
        used = set(roles) & self.variables
        for select in self.selects:
            if select.sliced or (select.counts and not used <= select.grouped_by):
                return True
            if select.outermost:
                if select.counts and self.form == "ASK":
                    return True
            elif select.in_exists or (not used <= select.returned and not used.isdisjoint(select.mentions)):
                return True
        return False

    @property
    def mentions_this_inside(self) -> bool:
        """Tell whether an inner group mentions `$this`, other than within EXISTS."""
        return any("this" in g.mentions and not g.in_exists and not g.outermost for g in self.groups)

    @property
    def asks_graphs(self) -> bool:
        """Tell whether the query looks into named graphs, of which there is one, the shapes graph."""
        return any(g.graph for g in self.groups)

    def rewrite(
        self, bind: Callable[[Group], str], row: str, shapes_graph: str, more: Iterable[tuple[int, str]] = ()
    ) -> str:
        """Write the query with `bind(group)` at the start of each group.

        `row` is what is selected besides: a variable, or for an ASK an expression. A variable that stands for a graph
        can only be `shapes_graph`. `more` are further texts to put in, by position.
        """
        edits = list(more)
        for group in self.groups:
            if not group.holds_select:
                edits.append((group.start, f" {bind(group)} "))
            if group.graph.startswith("?"):
                edits.append((group.end, f" VALUES {group.graph} {{ {shapes_graph} }} "))
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
    out: list[str] = []
    last = 0
    for at, new in sorted(edits, key=lambda edit: edit[0]):
        out += (text[last:at], new)
        last = at
    return "".join([*out, text[last:]])


def read_query(text: str, where: str, prefixes: Mapping[str, str] | None = None) -> Query:
    """Read a query; `prefixes` are declared besides those in its text. Raise ShapesError if it cannot be asked."""
    if len(text) > _LARGEST:
        raise ShapesError.at(where, f"its query has {len(text)} characters", f"write at most {_LARGEST}")
    text = decode_escapes(text)
    if calls_service(text):
        raise ShapesError.at(where, "its query uses SERVICE, which SHACL-SPARQL forbids", "write it without")
    query = _parse(text, where, prefixes or {})
    if query.form not in {"SELECT", "ASK"}:
        raise ShapesError.at(where, "its query is neither SELECT nor ASK", "write one of them")
    if expanded := write_alternatives(query, where):
        text = expanded
        query = _parse(text, where, prefixes or {})
    reader = _Reader()
    variables = reader.query(query, in_exists=False, outermost=True)
    return Query(text, query, tuple(reader.groups), tuple(reader.selects), frozenset(variables))


def _parse(text: str, where: str, prefixes: Mapping[str, str]) -> tree.Query:
    try:
        return parse_query(text, prefixes)
    except QueryError as error:
        raise blame(error, where) from error


class _Reader:
    """Walks through the tree of a query, and lists its groups and SELECTs."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.selects: list[Select] = []

    def query(self, query: tree.Query, *, in_exists: bool, outermost: bool) -> set[str]:
        """Note a query or a subquery; give the variables that it mentions."""
        outside = (*query.selection, *query.group_by, *query.having, *query.order_by)
        select = Select(
            outermost=outermost,
            in_exists=in_exists,
            returned=frozenset(
                item.variable.name if isinstance(item, tree.Alias) else item.name
                for item in query.selection
                if isinstance(item, tree.Alias | tree.Var)
            ),
            counts=bool(query.group_by or query.having)
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
            # Each solution of the pattern holds what is bound beforehand, and the head may ask for it.
            self.groups[at].mentions = names
        select.mentions = names
        return names

    def group(self, group: tree.Group, *, in_exists: bool, outermost: bool = False, graph: str = "") -> set[str]:
        """Note a group; give the variables that it mentions."""
        holds_select = any(isinstance(element, tree.SubSelect) for element in group.elements)
        note = Group(group.start + 1, group.end, outermost, in_exists, holds_select, graph)
        self.groups.append(note)
        for element in group.elements:
            note.mentions |= self.node(element, in_exists=in_exists)
        return note.mentions

    def node(self, node: tree.Node, *, in_exists: bool) -> set[str]:
        """Walk through any other node; give the variables that it mentions."""
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
    """Refuse what pre-binding forbids: `bound` may be pre-bound, `needed` every subquery must return (appendix A)."""
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
                f"its query asks the graph <{node.name.value}>, but the data are one graph",
                "write it without GRAPH; $shapesGraph is the shapes graph",
            )
        if isinstance(node, tree.Bind | tree.Alias) and node.variable.name in bound:
            raise ShapesError.at(
                where,
                f"its query gives ${node.variable.name} a value, which is bound beforehand",
                "take another variable",
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
    """Declare prefixes in the text of a query. Raise ShapesError for one that SPARQL cannot declare."""
    lines = []
    for prefix, namespace in prefixes.items():
        line = f"PREFIX {prefix}: <{namespace}>"
        if [(t.kind, t.text) for t in tokenize(line)] != [
            ("keyword", "PREFIX"),
            ("name", f"{prefix}:"),
            ("iri", f"<{namespace}>"),
        ]:
            raise ShapesError.at(
                where, f"sh:declare gives {prefix!r} for {namespace!r}, which no query can use", "fix the declaration"
            )
        lines.append(f"{line}\n")
    return "".join(lines)


def replace_variable(text: str, name: str, by: str) -> str:
    """Put text in the place of a variable, outside of strings, IRIs and comments."""
    text = decode_escapes(text)
    edits = [(token.start, token.end) for token in tokenize(text) if token.kind == "var" and token.text[1:] == name]
    return _replace(text, edits, by)


def _replace(text: str, places: list[tuple[int, int]], by: str) -> str:
    out: list[str] = []
    last = 0
    for start, end in places:
        out += (text[last:start], by)
        last = end
    return "".join([*out, text[last:]])


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of `{?name}` and `{$name}` in a message (SHACL, section 5.3.2).

    >>> fill_template("{$this} has {?n}", {"this": "a", "n": "3"})
    'a has 3'
    """
    return re.sub(r"\{[?$](\w+)\}", lambda m: values.get(m[1], m[0]), template)
