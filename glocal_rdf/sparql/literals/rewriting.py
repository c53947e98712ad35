"""Rewrites a query so that it sees values where it asks for values, and terms as they are written everywhere else.

Where a literal of the data, or of the query, is kept under a private datatype (`written`), each expression is written
in one of two ways: as a term (what BIND, SELECT, GROUP BY, VALUES, sameTerm, STR, DATATYPE and LANG take), or as a
value (what operators, casts, SUM, ORDER BY and the rest take), which goes through the function `plain`. Where there are
numbers that the store cannot compute with, operators on values become functions that compute exactly (`exact`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from glocal_rdf.namespaces import XSD
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.expressions import LANG_STRING
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.literals.exact_numbers import OPERATORS, read_number
from glocal_rdf.sparql.literals.forms import Forms
from glocal_rdf.sparql.literals.functions import FUNCTION, WRITTEN, is_kept
from glocal_rdf.sparql.literals.rewritten import Rewritten, stays_as_it_is

__all__ = ["rewrite_query"]

_NAMES = {sign: name for name, sign in OPERATORS.items()}
_STRINGS = frozenset(
    {
        *("STRLEN", "SUBSTR", "UCASE", "LCASE", "STRSTARTS", "STRENDS", "CONTAINS", "STRBEFORE", "STRAFTER"),
        *("ENCODE_FOR_URI", "CONCAT", "LANGMATCHES", "REGEX", "REPLACE", "MD5", "SHA1", "SHA256", "SHA384", "SHA512"),
        *("STRLANG", "STRLANGDIR"),
    }
)
_TERMS = frozenset(
    {"STR", "BOUND", "IRI", "BNODE", "SAMETERM", "ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "TRIPLE", "SUBJECT"}
    | {"PREDICATE", "OBJECT", "ISTRIPLE"}
)
_EXACT = frozenset({"ABS", "CEIL", "FLOOR", "ROUND", "ISNUMERIC"})
_CASTS = frozenset(f"{XSD}{name}" for name in ("integer", "decimal", "double", "float", "string", "boolean"))
_BOOLEAN = frozenset(
    {"BOUND", "SAMETERM", "ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "ISNUMERIC", "REGEX", "CONTAINS", "STRSTARTS"}
    | {"STRENDS", "LANGMATCHES", "ISTRIPLE", "HASLANG", "HASLANGDIR"}
)


_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


def rewrite_query(text: str, forms: Forms, prefixes: Mapping[str, str] | None = None) -> Rewritten:
    """Rewrite a query for a store that holds data as `forms.encode` gives them.

    Args:
        text: The query.
        forms: What is known of the literals that were loaded.
        prefixes: Namespaces by prefix, known besides those that the query declares; they are not written into it.

    Raises:
        QueryError: Where it must be rewritten and is not SPARQL.
    """
    if stays_as_it_is(text, forms):
        return Rewritten(text, False, forms)
    query = parse_query(text, prefixes)
    nodes = list(tree.walk(query))
    literals = [node for node in nodes if isinstance(node, tree.Literal)]
    odd = forms.odd or any(not _is_kept(node) for node in _terms_of(query))
    odd = odd or any(map(_makes_typed, nodes))
    big = forms.big or any(_is_big(node) for node in literals)
    big = big or ((forms.long or any(_is_long(node) for node in literals)) and any(map(_computes, nodes)))
    forms = _with_tags(forms, nodes)
    odd = odd or bool(forms.mixed)
    asks_tags = bool(forms.tags) and any(isinstance(n, tree.Call) and n.function == "LANG" for n in nodes)
    shouted = any(n.short and n.value in {"true", "false"} and n.value != query.text[n.start : n.end] for n in literals)
    if not odd and not big and not asks_tags and not shouted:
        return Rewritten(query.text, False, forms)
    writer = _Writer(query.text, forms, odd=odd, big=big)
    rewritten = writer.replace(0, len(query.text), writer.parts(query))
    return Rewritten(rewritten, writer.calls, forms)


def _with_tags(forms: Forms, nodes: Iterable[tree.Node]) -> Forms:
    """Note the tags of the query that the data do not have; those that they have otherwise are the same tags."""
    tags: list[str] = []
    for node in nodes:
        if isinstance(node, tree.Literal) and node.language:
            tags.append(node.language)
        elif isinstance(node, tree.Call) and node.function == "STRLANG":
            tag = node.arguments[1]
            tags += [tag.value] if isinstance(tag, tree.Literal) and _TAG.fullmatch(tag.value) else []
    return forms.noting(tag for tag in tags if tag.lower() not in forms.first)


def _makes_typed(node: tree.Node) -> bool:
    return isinstance(node, tree.Call) and node.function == "STRDT"


def _literal_of(node: tree.Literal) -> ox.Literal:
    if node.language:
        return ox.Literal(node.value, language=node.language.partition("--")[0])
    return ox.Literal(node.value, datatype=ox.NamedNode(node.datatype))


def _is_kept(node: tree.Literal) -> bool:
    if node.language or node.datatype in {XSD + "string", LANG_STRING}:
        return True
    return not node.datatype.startswith(WRITTEN) and is_kept(_literal_of(node))


def _is_big(node: tree.Literal) -> bool:
    number = None if node.language else read_number(_literal_of(node))
    return number is not None and number.big


def _is_long(node: tree.Literal) -> bool:
    return node.datatype in {f"{XSD}integer", f"{XSD}decimal"} and len(node.value.partition(".")[0]) >= 10


def _computes(node: tree.Node) -> bool:
    """Return whether a node adds or multiplies, which may lead beyond the store's range."""
    if isinstance(node, tree.Operation):
        return not {"", "+", "-", "*", "/"}.isdisjoint(node.operators)
    return isinstance(node, tree.Aggregate) and node.function in {"SUM", "AVG"}


def _terms_of(node: tree.Node) -> Iterator[tree.Literal]:
    """Yield the literals of a query that stand where a term is needed, not only its value."""
    todo: list[tuple[tree.Node, bool]] = [(node, True)]
    while todo:
        at, as_term = todo.pop()
        if isinstance(at, tree.Literal):
            if as_term:
                yield at
            continue
        valued = isinstance(at, tree.Operation | tree.Unary | tree.Filter | tree.OrderCondition)
        if isinstance(at, tree.Call):
            valued = at.function not in _TERMS | {"IF", "COALESCE", "DATATYPE", "LANG", "STRDT", "TZ"}
        for part in tree.children(at):
            # The condition of FILTER may be IF or a call whose arguments are terms; a group within starts anew.
            todo.append((part, True if isinstance(part, tree.Group | tree.Call) else not valued))


class _Writer:
    """Writes the parts of a query anew."""

    def __init__(self, text: str, forms: Forms, *, odd: bool, big: bool) -> None:
        self._text = text
        self._forms = forms
        self._odd = odd
        self._big = big
        self.calls = False

    def replace(self, start: int, end: int, parts: Iterable[tuple[int, int, str]]) -> str:
        """Write a span of the text with parts of it replaced."""
        out: list[str] = []
        at = start
        for begin, stop, text in sorted(parts):
            if begin < at:
                continue
            out += (self._text[at:begin], text)
            at = stop
        return "".join((*out, self._text[at:end]))

    def function(self, name: str, *arguments: str) -> str:
        """Write a call of one of our functions."""
        self.calls = True
        return f"<{FUNCTION}{name}>({', '.join(arguments)})"

    # What stands outside of expressions

    def parts(self, node: tree.Node) -> Iterator[tuple[int, int, str]]:
        """Yield the parts of a query or pattern that are written in another way."""
        match node:
            case tree.Literal():
                yield node.start, node.end, self.constant(node)
            case tree.Filter(condition=condition):
                yield condition.start, condition.end, f"({self.truth(condition)})"
            case tree.Bind(expression=expression) | tree.Alias(expression=expression):
                yield expression.start, expression.end, self.term(expression)
            case tree.OrderCondition(expression=expression):
                yield node.start, node.end, self.order(expression, descending=node.descending)
            case tree.Query():
                yield from self._query_parts(node)
            case _:
                for part in tree.children(node):
                    yield from self.parts(part)

    def _query_parts(self, query: tree.Query) -> Iterator[tuple[int, int, str]]:
        """Yield what replaces parts of a query: start, end and text."""
        short = query.template is not None and query.where is not None and query.template.start == query.where.start
        for part in (*query.selection, *(() if short or query.template is None else (query.template,))):
            yield from self.parts(part)
        if query.where is not None:
            yield from self.parts(query.where)
        for item in query.group_by:
            if isinstance(item, tree.Alias):
                yield from self.parts(item)
            elif not isinstance(item, tree.Var):
                yield item.start, item.end, f"({self.term(item)})"
        for condition in query.having:
            yield condition.start, condition.end, f"({self.truth(condition)})"
        for part in query.order_by:
            yield from self.parts(part)
        if query.values is not None:
            yield from self.parts(query.values)

    def order(self, expression: tree.Expression, *, descending: bool) -> str:
        """Write a condition of ORDER BY."""
        way = "DESC" if descending else "ASC"
        keys = [self.value(expression)]
        if self._big:
            term = self.term(expression)
            keys = [self.function("class", term), self.function("order", term), *keys]
        return " ".join(f"{way}({key})" for key in keys)

    def constant(self, node: tree.Literal) -> str:
        """Write a literal as a term: under its private datatype where the data would have it so."""
        written = self._text[node.start : node.end]
        if node.language:
            if node.language not in self._forms.mixed:
                return written
            return f"{ox.Literal(node.value)}^^<{WRITTEN}@{node.language}>"
        if _is_kept(node):
            # The engine reads `true` in small letters alone.
            return written.lower() if node.short and node.value in {"true", "false"} else written
        return f"{ox.Literal(node.value)}^^<{WRITTEN}{node.datatype}>"

    # Expressions

    def truth(self, node: tree.Expression) -> str:
        """Write an expression for its effective boolean value."""
        known = isinstance(node, tree.Operation | tree.Exists) or (
            isinstance(node, tree.Unary) and node.operator == "!"
        )
        known = known or (isinstance(node, tree.Call) and node.function in _BOOLEAN)
        if self._big and not known:
            return self.function("apply:truth", self.term(node))
        return self.value(node)

    def term(self, node: tree.Expression) -> str:
        """Write an expression that gives a term as it is written."""
        match node:
            case tree.Var() | tree.Iri():
                return self._text[node.start : node.end]
            case tree.Literal():
                return self.constant(node)
            case tree.Call(function="IF", arguments=(condition, yes, no)):
                return f"IF({self.truth(condition)}, {self.term(yes)}, {self.term(no)})"
            case tree.Call(function="COALESCE", arguments=arguments):
                return f"COALESCE({', '.join(map(self.term, arguments))})"
            case tree.Call(function="STRDT", arguments=(text, datatype)):
                return self.function("typed", self.term(text), self.term(datatype))
            case tree.Aggregate(function=("MIN" | "MAX") as name, argument=argument) if argument is not None:
                return self._extreme(name, argument)
            case _:
                return self._computed(node)

    def value(self, node: tree.Expression) -> str:
        """Write an expression that gives a value: the literal that the store computes with."""
        match node:
            case tree.Var():
                return self._plain_variable(self._text[node.start : node.end]) if self._odd else f"?{node.name}"
            case tree.Literal(value="true" | "false", short=True):
                return node.value
            case tree.Iri() | tree.Literal():
                return self._text[node.start : node.end]
            case tree.Call(function="IF", arguments=(condition, yes, no)):
                return f"IF({self.truth(condition)}, {self.value(yes)}, {self.value(no)})"
            case tree.Call(function="COALESCE", arguments=arguments):
                return f"COALESCE({', '.join(map(self.value, arguments))})"
            case tree.Call(function="STRDT", arguments=(text, datatype)) if not self._odd:
                return f"STRDT({self.term(text)}, {self.term(datatype)})"
            case tree.Call(function=function) if function in {"STRDT", "OBJECT"} or self._is_foreign(function):
                return self.function("plain", self.term(node)) if self._odd else self.term(node)
            case tree.Aggregate(function="SAMPLE" | "MIN" | "MAX"):
                return self.function("plain", self.term(node)) if self._odd else self.term(node)
            case _:
                return self._computed(node)

    def _plain_variable(self, name: str) -> str:
        """Write the value of a variable: only for a literal under a private datatype is our function called."""
        private = f'ISLITERAL({name}) && STRSTARTS(STR(DATATYPE({name})), "{WRITTEN}")'
        return f"IF({private}, {self.function('plain', name)}, {name})"

    @staticmethod
    def _is_foreign(function: object) -> bool:
        return isinstance(function, tree.Iri) and not function.value.startswith(XSD)

    def _text_value(self, node: tree.Expression) -> str:
        """Write an argument of a function on strings: of what is kept, only those with a language tag are strings."""
        return self.value(node) if self._forms.mixed else self.term(node)

    def _computed(self, node: tree.Expression) -> str:
        """Write what gives a new term, the same as a term and as a value."""
        match node:
            case tree.Operation():
                return self._operation(node)
            case tree.Unary(operator="!", operand=operand):
                return f"!({self.truth(operand)})"
            case tree.Unary(operator=operator, operand=operand):
                if self._big:
                    return self.function("apply:negative" if operator == "-" else "apply:positive", self.term(operand))
                return f"{operator} ({self.value(operand)})"
            case tree.Exists(negated=negated, group=group):
                return ("NOT " if negated else "") + "EXISTS " + self.replace(group.start, group.end, self.parts(group))
            case tree.Aggregate():
                return self._aggregate(node)
            case tree.Call():
                return self._call(node)
            case _:
                return self.replace(node.start, node.end, self.parts(node))

    def _call(self, node: tree.Call) -> str:
        """Write a call of a function, which takes values or terms."""
        name, arguments = node.function, node.arguments
        if isinstance(name, tree.Iri):
            if self._big and name.value in _CASTS and len(arguments) == 1:
                return self.function(f"apply:cast:{name.value[len(XSD) :]}", self.term(arguments[0]))
            inner = ", ".join(map(self.value, arguments))
            return f"{name.written}({'DISTINCT ' if node.distinct else ''}{inner})"
        if name == "LANG":
            return self._lang(arguments[0])
        if name == "LANGMATCHES" and _is_lang(arguments[0]) and not self._forms.mixed:
            return f"LANGMATCHES(LANG({self.term(arguments[0].arguments[0])}), {self._text_value(arguments[1])})"  # type: ignore[union-attr]
        if name == "DATATYPE" and self._odd:
            return self.function("datatype", self.term(arguments[0]))
        if name == "TZ" and self._odd:
            return self.function("zone", self.term(arguments[0]))
        if name in _EXACT and self._big:
            return self.function(f"apply:{name}", self.term(arguments[0]))
        if name in _TERMS or name == "DATATYPE":
            inner = ", ".join(map(self.term, arguments))
        elif name in _STRINGS:
            first = 1 if name == "SUBSTR" else len(arguments)
            inner = ", ".join((*map(self._text_value, arguments[:first]), *map(self.value, arguments[first:])))
        else:
            inner = ", ".join(map(self.value, arguments))
        return f"{name}({inner})"

    def _lang(self, argument: tree.Expression) -> str:
        if self._forms.tags or self._forms.mixed:
            return self.function("lang", self.term(argument))
        return f"LANG({self.term(argument)})"

    def _operation(self, node: tree.Operation) -> str:
        """Write an operation, by its operator."""
        if node.operators[0] in {"||", "&&"}:
            return "(" + f" {node.operators[0]} ".join(map(self.truth, node.operands)) + ")"
        if node.operators[0] in {"IN", "NOT IN"}:
            return self._list(node)
        if len(node.operands) == 2 and node.operators[0] in {"=", "!="} and (found := self._lang_compared(node)):
            return found
        operators = [sign or "+" for sign in node.operators]
        as_terms = operators[0] in {"=", "!="} and any(isinstance(operand, tree.Iri) for operand in node.operands)
        if self._big and not as_terms:
            found = self.term(node.operands[0])
            for sign, operand in zip(operators, node.operands[1:], strict=True):
                found = self.function(f"operate:{_NAMES[sign]}", found, self.term(operand))
            return found
        # What is compared with an IRI need not be a value, and the engine can look an IRI up.
        values = [self.term(operand) if as_terms else self.value(operand) for operand in node.operands]
        rest = (f" {sign} {value}" for sign, value in zip(operators, values[1:], strict=True))
        return f"({values[0]}{''.join(rest)})"

    def _list(self, node: tree.Operation) -> str:
        sign = node.operators[0]
        first, others = node.operands[0], node.operands[1:]
        if all(isinstance(other, tree.Iri) for other in others):
            return f"({self.term(first)} {sign} ({', '.join(map(self.term, others))}))"
        if self._big:
            wanted = self.term(first)
            found = " || ".join(self.function("operate:equal", wanted, self.term(other)) for other in others)
            return f"({found})" if sign == "IN" else f"!({found})"
        return f"({self.value(first)} {sign} ({', '.join(map(self.value, others))}))"

    def _lang_compared(self, node: tree.Operation) -> str:
        """Write `LANG(…) = "tag"` so that the engine can evaluate it alone, where the tag is one of the data."""
        for one, other in (node.operands, node.operands[::-1]):
            if _is_lang(one) and isinstance(other, tree.Literal) and other.datatype == XSD + "string":
                tag = other.value
                if not self._forms.mixed and self._forms.tags.get(tag.lower(), tag) == tag:
                    native = f"LANG({self.term(one.arguments[0])})"  # type: ignore[union-attr]
                    known = tag.lower() if tag.lower() in self._forms.tags else tag
                    return f"({native} {node.operators[0]} {ox.Literal(known)})"
        return ""

    def _aggregate(self, node: tree.Aggregate) -> str:
        name, argument = node.function, node.argument
        if argument is None:
            return f"COUNT({'DISTINCT ' if node.distinct else ''}*)"
        distinct = "DISTINCT " if node.distinct else ""
        if name in {"SUM", "AVG"}:
            if self._big or node.distinct:
                return self.function(name.lower() + ("-distinct" if node.distinct else ""), self.term(argument))
            return f"{name}({self.value(argument)})"
        ending = "" if node.separator is None else f"; SEPARATOR = {ox.Literal(node.separator)}"
        inner = self._text_value(argument) if name == "GROUP_CONCAT" else self.term(argument)
        return f"{name}({distinct}{inner}{ending})"

    def _extreme(self, name: str, argument: tree.Expression) -> str:
        """Write MIN or MAX, which give a term of the group as it is written."""
        found = f"{name}({self.value(argument)})"
        if self._odd:
            found = self.function("pick", found, self.function("forms", self.term(argument)))
        if self._big:
            found = f"COALESCE({self.function(name.lower(), self.term(argument))}, {found})"
        return found


def _is_lang(node: tree.Expression) -> bool:
    return isinstance(node, tree.Call) and node.function == "LANG"
