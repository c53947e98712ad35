"""Reads the text of a SHACL-SPARQL query as far as pre-binding needs, checks it, and rewrites it (SHACL, appendix A).

A query is cut into tokens. Its groups (`{ … }`) are found, each with the variables that it mentions itself. Pre-binding
is then the join of every group that mentions a pre-bound variable with the values of that variable, so that one query
answers for all focus nodes at once. Groups inside EXISTS see the values of their surroundings anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from glocal_rdf.errors import ShapesError

__all__ = [
    "Group",
    "Query",
    "Token",
    "check_query",
    "fill_template",
    "read_query",
    "replace_function",
    "replace_variable",
]

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|\#[^\n]*)+)
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<string>\"{3}(?:\"{0,2}(?:[^\"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    |(?P<var>[?$]\w+)
    |(?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?\#@%])(?:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?\#@%])*(?:[\w:-]|%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?\#@%]))?)?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<mark>\^\^|&&|\|\||[<>!]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_AGGREGATES = {"COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"}
_FORBIDDEN = {"MINUS": "MINUS", "SERVICE": "SERVICE", "VALUES": "VALUES"}
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query: its kind, and its text."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """Give a keyword in capitals, or the empty text."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(slots=True)
class Group:
    """A group graph pattern: where its brace stands, and the variables that it mentions outside of inner groups."""

    at: int
    in_exists: bool
    mentions: set[str] = field(default_factory=set)
    holds_select: bool = False


@dataclass(slots=True)
class _Select:
    """A SELECT: its tokens up to the pattern, whether it counts, and how it groups."""

    outermost: bool
    depth: int
    head: list[Token] = field(default_factory=list)
    aggregates: bool = False
    grouped_by: set[str] = field(default_factory=set)
    sliced: bool = False

    @property
    def returned(self) -> set[str]:
        """Name the variables that are selected; `*` where all are."""
        out: set[str] = set()
        depth = 0
        before = ""
        for token in self.head:
            depth += (token.text == "(") - (token.text == ")")
            if token.kind == "var" and (depth == 0 or before == "AS"):
                out.add(token.text[1:])
            elif token.text == "*" and depth == 0:
                out.add("*")
            before = token.word
        return out


@dataclass(frozen=True)
class Query:
    """A query cut into tokens, with its groups and its SELECTs."""

    form: str
    tokens: tuple[Token, ...]
    groups: tuple[Group, ...]
    selects: tuple[_Select, ...]
    variables: frozenset[str]

    @property
    def one_by_one(self) -> bool:
        """Tell whether the query must be asked for each focus node alone: it counts, or cuts, across them."""
        return any(s.sliced or (s.aggregates and "this" not in s.grouped_by) for s in self.selects)

    @property
    def mentions_this_inside(self) -> bool:
        """Tell whether an inner group mentions `$this`, other than within EXISTS."""
        return any("this" in g.mentions and not g.in_exists for g in self.groups[1:])

    @property
    def has_empty_paths(self) -> bool:
        """Tell whether the query has a path that may have no step, `p*` or `p?`, which leads from a node to itself."""
        seen = [t for t in self.tokens if t.kind != "space"]
        return any(
            step.text in {"*", "?"} and (before.kind in {"iri", "name"} or before.text in {"a", ")"})
            for before, step in pairwise(seen)
        )

    def rewrite(self, bind: Callable[[Collection[str]], str], first: str, row: str) -> str:
        """Write the query with `bind(variables)` at the start of each group that mentions any of them.

        `first` is put at the start of the outermost group in its place; `row` is a variable that is selected besides.
        """
        starts = {group.at: group for group in self.groups}
        out: list[str] = []
        outermost = True
        grouping = False
        depth = 0
        for at, token in enumerate(self.tokens):
            depth += (token.text == "{") - (token.text == "}")
            if token.word == "ASK" and self.form == "ASK" and depth == 0:
                out.append(f"SELECT DISTINCT {row} WHERE")
                continue
            out.append(token.text)
            if self.form == "SELECT" and depth == 0 and token.word in {"SELECT", "GROUP"}:
                grouping = token.word == "GROUP"
                if not grouping:
                    follows = next((t for t in self.tokens[at + 1 :] if t.kind != "space"), None)
                    if follows is not None and follows.word not in {"DISTINCT", "REDUCED"} and follows.text != "*":
                        out.append(f" {row}")
            elif self.form == "SELECT" and depth == 0 and token.word in {"DISTINCT", "REDUCED"}:
                follows = next((t for t in self.tokens[at + 1 :] if t.kind != "space"), None)
                if follows is not None and follows.text != "*":
                    out.append(f" {row}")
            elif grouping and token.word == "BY":
                out.append(f" {row}")
                grouping = False
            group = starts.get(at)
            if group is None:
                continue
            if outermost:
                out.append(f" {first} ")
                outermost = False
            elif not group.in_exists and not group.holds_select:
                out.append(f" {bind(group.mentions)} ")
        return "".join(out)


def read_query(text: str, where: str) -> Query:
    """Cut a query into tokens and find its groups. Raise ShapesError where braces do not match, or it is too large."""
    if len(text) > _LARGEST:
        raise ShapesError.at(where, f"its query has {len(text)} characters", f"write at most {_LARGEST}")
    tokens = tuple(Token(m.lastgroup or "", m.group()) for m in _TOKEN.finditer(text))
    seen = [t for t in tokens if t.kind != "space"]
    form = next((t.word for t in seen if t.word in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}), "")
    if form not in {"SELECT", "ASK"}:
        raise ShapesError.at(where, "its query is neither SELECT nor ASK", "write one of them")
    groups, selects = _find_groups(tokens, where)
    variables = frozenset(t.text[1:] for t in seen if t.kind == "var")
    return Query(form, tokens, tuple(groups), tuple(selects), variables)


def _find_groups(tokens: Iterable[Token], where: str) -> tuple[list[Group], list[_Select]]:
    groups: list[Group] = []
    selects: list[_Select] = []
    open_groups: list[Group] = []
    open_selects: list[_Select] = []
    last = Token("", "")
    clause = ""
    for at, token in enumerate(tokens):
        if token.kind == "space":
            continue
        if token.word == "SELECT":
            select = _Select(not open_groups, len(open_groups))
            selects.append(select)
            open_selects.append(select)
            if open_groups:
                open_groups[-1].holds_select = True
            clause = "head"
        elif token.text == "{":
            within = bool(open_groups) and open_groups[-1].in_exists
            group = Group(at, within or last.word == "EXISTS")
            groups.append(group)
            open_groups.append(group)
            clause = ""
        elif token.text == "}":
            if not open_groups:
                raise ShapesError.at(where, "its query closes a brace that is not open", "mend the query")
            open_groups.pop()
            while open_selects and open_selects[-1].depth > len(open_groups):
                open_selects.pop()
            clause = ""
        elif open_selects and len(open_groups) == open_selects[-1].depth:
            clause = _note_solution(open_selects[-1], token, clause)
        if token.kind == "var" and open_groups:
            open_groups[-1].mentions.add(token.text[1:])
        last = token
    if open_groups:
        raise ShapesError.at(where, "its query leaves a brace open", "mend the query")
    if not groups:
        raise ShapesError.at(where, "its query has no pattern", "write a pattern in braces")
    return groups, selects


def _note_solution(select: _Select, token: Token, clause: str) -> str:
    """Note what a SELECT says outside of its pattern; give the clause that goes on."""
    if token.word in {"WHERE", "FROM"}:
        return ""
    if token.word in {"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"}:
        select.sliced = select.sliced or token.word in {"LIMIT", "OFFSET"}
        return token.word
    select.aggregates = select.aggregates or token.word in _AGGREGATES or clause == "GROUP"
    if clause == "head":
        select.head.append(token)
    elif clause == "GROUP" and token.kind == "var":
        select.grouped_by.add(token.text[1:])
    return clause


def check_query(query: Query, bound: Collection[str], needed: Collection[str], where: str) -> None:
    """Refuse what pre-binding forbids: `bound` may be pre-bound, `needed` every subquery must return (appendix A)."""
    for token in query.tokens:
        if token.word in _FORBIDDEN:
            raise ShapesError.at(where, f"its query uses {token.word}, which SHACL-SPARQL forbids", "write it without")
    seen = [t for t in query.tokens if t.kind != "space"]
    for before, token in pairwise(seen):
        if before.word == "AS" and token.kind == "var" and token.text[1:] in bound:
            raise ShapesError.at(
                where, f"its query gives {token.text} a value, which is bound beforehand", "take another variable"
            )
    for select in query.selects:
        returned = select.returned
        if select.outermost:
            if query.form == "SELECT" and returned.isdisjoint({"this", "*"}):
                raise ShapesError.at(where, "its query does not select $this", "add $this to the SELECT")
        elif missing := sorted(set(needed) - returned):
            raise ShapesError.at(
                where, f"a subquery of its query does not return ${missing[0]}", f"add ${missing[0]} to its SELECT"
            )


def replace_function(text: str, name: str, by: str) -> str:
    """Put another function in the place of a built-in one, outside of strings, IRIs and comments."""
    found = list(_TOKEN.finditer(text))
    called = {a.start() for a, b in pairwise(m for m in found if m.lastgroup != "space") if b.group() == "("}
    return "".join(
        by if m.lastgroup == "word" and m.group().upper() == name and m.start() in called else m.group() for m in found
    )


def replace_variable(text: str, name: str, by: str) -> str:
    """Put text in the place of a variable, outside of strings, IRIs and comments."""
    return "".join(by if m.lastgroup == "var" and m.group()[1:] == name else m.group() for m in _TOKEN.finditer(text))


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of `{?name}` and `{$name}` in a message (SHACL, section 5.3.2).

    >>> fill_template("{$this} has {?n}", {"this": "a", "n": "3"})
    'a has 3'
    """
    return re.sub(r"\{[?$](\w+)\}", lambda m: values.get(m[1], m[0]), template)
