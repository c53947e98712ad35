"""Reads the text of a SHACL-SPARQL query as far as pre-binding needs, checks it, and rewrites it (SHACL, appendix A).

The tokens of a query are walked through once. Its groups (`{ … }`) are found, each with the variables that are
mentioned anywhere within it, and its SELECTs. Pre-binding is then the join of groups with the values of the pre-bound
variables:

- at once for all focus nodes, where the join is the same for each of them whatever the others are: every group that
  mentions a pre-bound variable is joined; groups within EXISTS see the values of their surroundings;
- or for one focus node after the other (`one_by_one`), where the query counts, cuts or removes duplicates across them:
  then every group is joined, those within EXISTS too, by the letter of appendix A.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from glocal_rdf.errors import ShapesError
from glocal_rdf.sparql.tokens import Token, calls_service, decode_escapes, tokenize

__all__ = [
    "Group",
    "Query",
    "Select",
    "check_query",
    "fill_template",
    "read_query",
    "replace_function",
    "replace_variable",
    "write_prologue",
]

_AGGREGATES = {"COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"}
_FORBIDDEN = {"MINUS", "SERVICE", "VALUES", "LATERAL"}
_FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
_MODIFIERS = {"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"}
_LARGEST = 100_000
_DEEPEST = 400


@dataclass(slots=True)
class Group:
    """A group graph pattern: where its inside starts, and the variables that are mentioned anywhere within it."""

    start: int
    outermost: bool
    in_exists: bool
    mentions: set[str] = field(default_factory=set)
    holds_select: bool = False
    graph: str = ""
    end: int = 0


@dataclass(slots=True)
class Select:
    """A SELECT, or an ASK: what it returns, whether it counts, and how it groups."""

    outermost: bool
    depth: int
    in_exists: bool
    within: Group | None
    head_end: int
    returned: set[str] = field(default_factory=set)
    distinct: bool = False
    aggregates: bool = False
    grouped_by: set[str] = field(default_factory=set)
    group_at: int = 0
    sliced: bool = False
    returns_all: bool = False
    where: Group | None = None


@dataclass(frozen=True)
class Query:
    """A query with its tokens, its groups and its SELECTs."""

    form: str
    text: str
    tokens: tuple[Token, ...]
    form_at: Token
    groups: tuple[Group, ...]
    selects: tuple[Select, ...]
    variables: frozenset[str]

    def one_by_one(self, roles: Collection[str]) -> bool:
        """Tell whether the query must be asked for each focus node alone: it counts, or cuts, across them.

        `roles` are the variables that differ from focus node to focus node: `this`, and `value` in a validator.
        """
        used = set(roles) & self.variables
        for select in self.selects:
            counts = select.aggregates or bool(select.group_at)
            if select.sliced or (counts and not used <= select.grouped_by):
                return True
            if select.outermost:
                if counts and self.form == "ASK":
                    return True
                continue
            if select.in_exists or (not used <= select.returned and self._mentions(select, used)):
                return True
        return False

    @staticmethod
    def _mentions(select: Select, used: set[str]) -> bool:
        return select.within is not None and not used.isdisjoint(select.within.mentions)

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
        edits = [(at, text) for at, text in more]
        for group in self.groups:
            if not group.holds_select:
                edits.append((group.start, f" {bind(group)} "))
            if group.graph[:1] in {"?", "$"}:
                edits.append((group.end, f" VALUES {group.graph} {{ {shapes_graph} }} "))
        outermost = self.selects[0]
        if row and self.form == "SELECT":
            if not outermost.returns_all:
                edits.append((outermost.head_end, f" {row} "))
            if outermost.group_at:
                edits.append((outermost.group_at, f" {row} "))
        text = _insert(self.text, edits)
        if self.form == "ASK":
            where = self.form_at.start
            text = f"{text[:where]}SELECT DISTINCT {row} {text[self.form_at.end :]}"
        return text


def _insert(text: str, edits: list[tuple[int, str]]) -> str:
    out: list[str] = []
    last = 0
    for at, new in sorted(edits, key=lambda edit: edit[0]):
        out += (text[last:at], new)
        last = at
    return "".join([*out, text[last:]])


def read_query(text: str, where: str) -> Query:
    """Read the groups and SELECTs of a query. Raise ShapesError where braces do not match, or it is too large."""
    if len(text) > _LARGEST:
        raise ShapesError.at(where, f"its query has {len(text)} characters", f"write at most {_LARGEST}")
    text = decode_escapes(text)
    tokens = tokenize(text)
    form = next((t for t in tokens if t.kind == "keyword" and t.text in _FORMS), None)
    if form is None or form.text not in {"SELECT", "ASK"}:
        raise ShapesError.at(where, "its query is neither SELECT nor ASK", "write one of them")
    for token in tokens:
        if token.kind == "unknown":
            raise ShapesError.at(
                where, f"its query cannot be asked: {token.text!r} at character {token.start + 1}", "fix the query"
            )
    reader = _Reader(where)
    reader.read(tokens)
    variables = frozenset(t.text[1:] for t in tokens if t.kind == "var")
    return Query(form.text, text, tokens, form, tuple(reader.groups), tuple(reader.selects), variables)


class _Reader:
    """Walks through the tokens of a query; keeps the groups and SELECTs that are open."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.groups: list[Group] = []
        self.selects: list[Select] = []
        self._open: list[Group] = []
        self._scopes: list[Select] = []
        self._clause = ""
        self._round = 0
        self._rounds: list[tuple[int, str]] = []
        self._before: list[Token] = [Token("mark", "", 0, 0)] * 2

    def read(self, tokens: Iterable[Token]) -> None:
        for token in tokens:
            word = token.text if token.kind == "keyword" else ""
            if word in {"SELECT", "ASK"}:
                self._begin_select(token)
            elif token.text == "{":
                self._open_group(token)
            elif token.text == "}":
                self._close_group(token)
            elif self._scopes and len(self._open) == self._scopes[-1].depth:
                self._note(self._scopes[-1], token, word)
            if token.kind == "var":
                for group in self._open:
                    group.mentions.add(token.text[1:])
            self._before = [self._before[1], token]
        if self._open:
            raise ShapesError.at(self.where, "its query leaves a brace open", "fix the query")
        if not self.groups:
            raise ShapesError.at(self.where, "its query has no pattern", "write a pattern in braces")

    def _begin_select(self, token: Token) -> None:
        within = self._open[-1] if self._open else None
        select = Select(within is None, len(self._open), within is not None and within.in_exists, within, token.end)
        self.selects.append(select)
        self._scopes.append(select)
        if within is not None:
            within.holds_select = True
        self._clause = "HEAD"
        self._round = 0

    def _open_group(self, token: Token) -> None:
        if len(self._open) >= _DEEPEST:
            raise ShapesError.at(
                self.where, f"its query has groups within groups, over {_DEEPEST} deep", "write a simpler query"
            )
        last = self._before[1]
        exists = last.kind == "keyword" and last.text == "EXISTS"
        within = bool(self._open) and self._open[-1].in_exists
        group = Group(token.end, False, within or exists)
        scope = self._scopes[-1] if self._scopes else None
        if not exists and scope is not None and scope.where is None and len(self._open) == scope.depth:
            scope.where = group
            group.outermost = scope.outermost
        name = self._before[0]
        if name.kind == "keyword" and name.text == "GRAPH":
            group.graph = last.text
        self.groups.append(group)
        self._open.append(group)
        self._rounds.append((self._round, self._clause))
        self._round, self._clause = 0, ""

    def _close_group(self, token: Token) -> None:
        if not self._open:
            raise ShapesError.at(self.where, "its query closes a brace that is not open", "fix the query")
        group = self._open.pop()
        group.end = token.end
        while self._scopes and self._scopes[-1].depth > len(self._open):
            scope = self._scopes.pop()
            if scope.where is not None and scope.within is not None:
                scope.where.mentions |= scope.within.mentions
        self._round, self._clause = self._rounds.pop()
        if self._scopes and group is self._scopes[-1].where:
            self._clause = ""

    def _note(self, select: Select, token: Token, word: str) -> None:
        """Note what a SELECT says outside of its pattern."""
        self._round += (token.text == "(") - (token.text == ")")
        last = self._before[1]
        if self._round == 0 and word in {"WHERE", "FROM"}:
            self._clause = ""
        elif self._round == 0 and word in _MODIFIERS:
            self._clause = word
            select.sliced = select.sliced or word in {"LIMIT", "OFFSET"}
        elif word == "BY" and self._clause == "GROUP":
            select.group_at = token.end
        elif word in _AGGREGATES and self._clause:
            select.aggregates = True
        elif self._clause == "HEAD":
            if word in {"DISTINCT", "REDUCED"} and self._round == 0:
                select.distinct = True
                select.head_end = token.end
            elif token.text == "*" and self._round == 0:
                select.returns_all = True
            elif token.kind == "var" and (self._round == 0 or last.text == "AS"):
                select.returned.add(token.text[1:])
        elif self._clause == "GROUP" and token.kind == "var" and self._round == 0:
            select.grouped_by.add(token.text[1:])


def check_query(query: Query, bound: Collection[str], needed: Collection[str], where: str) -> None:
    """Refuse what pre-binding forbids: `bound` may be pre-bound, `needed` every subquery must return (appendix A)."""
    if calls_service(query.text):
        raise ShapesError.at(where, "its query uses SERVICE, which SHACL-SPARQL forbids", "write it without")
    for token in query.tokens:
        if token.kind == "keyword" and token.text in _FORBIDDEN:
            raise ShapesError.at(where, f"its query uses {token.text}, which SHACL-SPARQL forbids", "write it without")
        if token.kind == "keyword" and token.text == "FROM":
            raise ShapesError.at(
                where, "its query names a dataset (FROM), but it is evaluated on the data graph", "write it without"
            )
    for before, token in pairwise(query.tokens):
        if before.text == "AS" and token.kind == "var" and token.text[1:] in bound:
            raise ShapesError.at(
                where, f"its query gives {token.text} a value, which is bound beforehand", "take another variable"
            )
    for select in query.selects:
        if select.outermost:
            if query.form == "SELECT" and not select.returns_all and "this" not in select.returned:
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


def replace_function(text: str, name: str, by: str) -> str:
    """Put another function in the place of a built-in one, outside of strings, IRIs and comments."""
    text = decode_escapes(text)
    edits = [
        (token.start, token.end)
        for token, after in pairwise(tokenize(text))
        if token.kind == "keyword" and token.text == name and after.text == "("
    ]
    return _replace(text, edits, by)


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
