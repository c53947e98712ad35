"""Reads terms and expressions of SPARQL from tokens (SPARQL 1.1 Query, section 19.8, rules 107 to 139)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import urljoin

from glocal_rdf.errors import QueryError
from glocal_rdf.namespaces import RDF_LANG_STRING, RDF_TYPE, XSD, iri_of
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.mentions import name_place
from glocal_rdf.sparql.grammar.tokens import Token, decode_escapes, tokenize

__all__ = ["AGGREGATES", "DEEPEST", "ExpressionParser"]

LANG_STRING = iri_of(RDF_LANG_STRING)
AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
DEEPEST = 120
"""How deep brackets may be nested: Python's own limit of recursion is about seven times as much."""

_LEVELS: Mapping[str, int] = (
    {"||": 1, "&&": 2}
    | dict.fromkeys(("=", "!=", "<", ">", "<=", ">=", "IN", "NOT"), 3)
    | {"+": 4, "-": 4, "*": 5, "/": 5}
)
_UNLIMITED = 10_000
_ONE = """
    STR LANG DATATYPE BOUND IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI YEAR MONTH DAY HOURS MINUTES
    SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512 ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC LANGDIR HASLANG HASLANGDIR
    SUBJECT PREDICATE OBJECT ISTRIPLE
"""
_TWO = "LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT SAMETERM ADJUST"
_ARGUMENTS: Mapping[str, tuple[int, int]] = (
    dict.fromkeys(("RAND", "NOW", "UUID", "STRUUID"), (0, 0))
    | dict.fromkeys(("CONCAT", "COALESCE"), (0, _UNLIMITED))
    | {"BNODE": (0, 1), "IF": (3, 3), "REGEX": (2, 3), "SUBSTR": (2, 3), "REPLACE": (3, 4)}
    | {"TRIPLE": (3, 3), "STRLANGDIR": (3, 3)}
    | dict.fromkeys(_ONE.split(), (1, 1))
    | dict.fromkeys(_TWO.split(), (2, 2))
)
_ECHAR = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ECHARS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_END = Token("mark", "", -1, -1)


class ExpressionParser:
    """A place in the tokens of a query, and the rules that read terms and expressions from there on."""

    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        """Cut the text into tokens; `prefixes` are known besides those that the query declares."""
        self.text = decode_escapes(text)
        self.tokens = tokenize(self.text)
        self.at = 0
        self.depth = 0
        self.base = ""
        self.prefixes = dict(prefixes)

    # The place in the tokens

    @property
    def token(self) -> Token:
        """The token that comes next; one without text at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else _END

    @property
    def last(self) -> int:
        """Where the token before ends."""
        return self.tokens[self.at - 1].end if self.at else 0

    @property
    def here(self) -> int:
        """Where the next token starts."""
        return self.token.start if self.token is not _END else len(self.text)

    def is_word(self, *words: str) -> bool:
        """Return whether one of these keywords comes next."""
        return self.token.kind == "keyword" and self.token.text in words

    def is_mark(self, *marks: str) -> bool:
        """Return whether one of these marks comes next."""
        return self.token.kind == "mark" and self.token.text in marks

    def take_word(self, *words: str) -> bool:
        """Go past one of these keywords, if it comes next."""
        found = self.is_word(*words)
        self.at += found
        return found

    def take_mark(self, *marks: str) -> bool:
        """Go past one of these marks, if it comes next."""
        found = self.is_mark(*marks)
        self.at += found
        return found

    def need_word(self, word: str) -> None:
        """Go past a keyword.

        Raises:
            QueryError: Where another token stands.
        """
        if not self.take_word(word):
            self.fail(word)

    def need_mark(self, mark: str) -> None:
        """Go past a mark.

        Raises:
            QueryError: Where another token stands.
        """
        if not self.take_mark(mark):
            self.fail(f"'{mark}'")

    def fail(self, expected: str, hint: str = "") -> NoReturn:
        """Refuse the next token, with what was expected there.

        Args:
            expected: What was expected.
            hint: What to do about it.

        Raises:
            QueryError: Always.
        """
        token = self.token
        if token is _END:
            found = "the end of the query"
        elif token.kind == "unknown" and token.text in "\"'":
            found = f"a string that does not end, or has an escape that SPARQL does not have: {self._words()}"
        else:
            found = self._words()
        self.fail_at(self.here, f"is not SPARQL: expected {expected}, found {found}", hint)

    def fail_at(self, start: int, what: str, hint: str = "") -> NoReturn:
        """Refuse the text at a position.

        Args:
            start: The position, from 0.
            what: What is wrong.
            hint: What to do about it.

        Raises:
            QueryError: Always, with line and column.
        """
        raise QueryError.at(f"query: {name_place(self.text, start)}", what, hint or "fix the query")

    def _words(self) -> str:
        match = re.compile(r"\w+|.", re.DOTALL).match(self.text, self.here)
        word = self.token.text if self.token.kind != "unknown" or match is None else match[0]
        word = word if len(word) <= 60 else word[:57] + "..."
        return repr(word)

    def deeper(self) -> None:
        """Note that a bracket opens.

        Raises:
            QueryError: Where too many are open.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail_at(self.here, f"is nested more than {DEEPEST} levels deep", "simplify the query")

    def shallower(self) -> None:
        """Note that a bracket closes."""
        self.depth -= 1

    # Terms

    def iri(self) -> tree.Iri:
        """Read an IRI or a prefixed name (rule 136), resolved."""
        token = self.token
        if token.kind == "iri":
            value = token.text[1:-1]
            if self.base and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value):
                value = urljoin(self.base, value)
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix not in self.prefixes:
                self.fail_at(token.start, f"{prefix}: is not a known prefix", f"write PREFIX {prefix}: <…>")
            value = self.prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
        else:
            self.fail("an IRI")
        self.at += 1
        return tree.Iri(token.start, token.end, value, token.text)

    def var(self) -> tree.Var:
        """Read a variable (rule 108)."""
        token = self.token
        if token.kind != "var":
            self.fail("a variable")
        self.at += 1
        return tree.Var(token.start, token.end, token.text[1:])

    def var_or_iri(self) -> tree.Var | tree.Iri:
        """Read a variable or an IRI (rule 107)."""
        return self.var() if self.token.kind == "var" else self.iri()

    def string(self) -> str:
        """Read a string (rule 135), without its marks and escapes."""
        token = self.token
        if token.kind != "string":
            self.fail("a string")
        self.at += 1
        marks = 3 if token.text[:3] in {'"""', "'''"} and len(token.text) >= 6 else 1
        return _ECHAR.sub(_unescaped, token.text[marks:-marks])

    def literal(self) -> tree.Literal:
        """Read a literal (rules 129 to 134)."""
        token = self.token
        start = token.start
        if token.kind == "number" or self.is_word("TRUE", "FALSE"):
            self.at += 1
            value = token.text if token.kind == "number" else token.text.lower()
            return tree.Literal(start, token.end, value, XSD + _kind_of(value), short=True)
        if self.is_mark("+", "-"):
            self.fail("a number directly after the sign")
        value = self.string()
        if self.token.kind == "lang":
            self.at += 1
            tag = self.tokens[self.at - 1].text[1:]
            return tree.Literal(start, self.last, value, LANG_STRING, tag)
        if self.take_mark("^^"):
            datatype = self.iri()
            return tree.Literal(start, self.last, value, datatype.value)
        return tree.Literal(start, self.last, value, XSD + "string")

    def is_literal(self) -> bool:
        """Return whether a literal comes next."""
        return self.token.kind in {"string", "number"} or self.is_word("TRUE", "FALSE")

    # Expressions

    def expression(self) -> tree.Expression:
        """Read an expression (rule 110)."""
        return self._operation(1)

    def brackets(self) -> tree.Expression:
        """Read an expression in brackets (rule 120); its span is that of what stands in them."""
        self.deeper()
        self.need_mark("(")
        inner = self._operation(1)
        self.need_mark(")")
        self.shallower()
        return inner

    def constraint(self) -> tree.Expression:
        """Read what FILTER and HAVING take: an expression in brackets, a built-in call, or a function (rule 69)."""
        if self.is_mark("("):
            return self.brackets()
        if self.token.kind in {"iri", "name"}:
            function = self.iri()
            if not self.is_mark("("):
                self.fail("'('")
            return self._call(function)
        if self.token.kind == "keyword" and (found := self._builtin()) is not None:
            return found
        return self.fail("'(' or a function")

    def _level(self) -> int:
        """Return the level of the operator that comes next, 0 if none does."""
        token = self.token
        if token.kind == "number" and token.text[0] in "+-":
            return 4
        if token.kind not in {"mark", "keyword"}:
            return 0
        if token.text == "NOT" and not (self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].text == "IN"):
            return 0
        return _LEVELS.get(token.text, 0)

    def _operation(self, lowest: int) -> tree.Expression:
        """Read operands, while the operators between them bind as tightly as `lowest` or more (rules 111 to 117)."""
        start = self.here
        left = self._unary()
        while (level := self._level()) >= lowest:
            operators: list[str] = []
            operands = [left]
            while self._level() == level:
                token = self.token
                if token.kind == "number":
                    # `?a -1`: the sign belongs to the number by the longest match, and joins as an operator (rule 116).
                    operators.append("")
                    operands.append(self._operation(level + 1))
                    continue
                self.at += 1
                if token.text in {"IN", "NOT"}:
                    operators.append("IN" if token.text == "IN" else "NOT IN")
                    self.at += token.text == "NOT"
                    operands += self._list()
                else:
                    operators.append(token.text)
                    operands.append(self._operation(level + 1))
                if level == 3:
                    break
            left = tree.Operation(start, self.last, tuple(operators), tuple(operands))
            if level == 3 and self._level() == 3:
                self.fail("the end of the comparison", "put brackets around one of them")
        return left

    def _unary(self) -> tree.Expression:
        signs: list[Token] = []
        while self.is_mark("!", "+", "-"):
            if signs and signs[-1].text != "!":
                self.fail("an operand after the sign")
            self.deeper()
            signs.append(self.token)
            self.at += 1
        found = self._primary()
        for sign in reversed(signs):
            found = tree.Unary(sign.start, self.last, sign.text, found)
            self.shallower()
        return found

    def _primary(self) -> tree.Expression:
        """Read rule 119."""
        token = self.token
        if token.kind == "var":
            return self.var()
        if self.is_literal():
            return self.literal()
        if token.kind in {"iri", "name"}:
            iri = self.iri()
            return self._call(iri) if self.is_mark("(") else iri
        if self.is_mark("("):
            return self.brackets()
        if self.is_mark("<<("):
            return self.triple_term()
        if token.kind == "keyword" and (found := self._builtin()) is not None:
            return found
        return self.fail("an expression")

    def triple_term(self) -> tree.TripleTerm:
        """Read `<<( s p o )>>` (SPARQL 1.2)."""
        self.deeper()
        start = self.here
        self.need_mark("<<(")
        subject = self._part_of_triple()
        predicate = self.iri_or_a() if self.token.kind != "var" else self.var()
        object_ = self._part_of_triple()
        self.need_mark(")>>")
        self.shallower()
        return tree.TripleTerm(start, self.last, subject, predicate, object_)

    def iri_or_a(self) -> tree.Iri:
        """Read an IRI, or `a` for rdf:type."""
        if self.take_word("a"):
            token = self.tokens[self.at - 1]
            return tree.Iri(token.start, token.end, iri_of(RDF_TYPE), "a")
        return self.iri()

    def _part_of_triple(self) -> tree.Term:
        if self.is_mark("<<("):
            return self.triple_term()
        if self.is_literal():
            return self.literal()
        if self.token.kind == "blank":
            self.at += 1
            token = self.tokens[self.at - 1]
            return tree.BlankNode(token.start, token.end, token.text)
        return self.var_or_iri()

    def _call(self, function: tree.Iri) -> tree.Call:
        self.deeper()
        self.need_mark("(")
        distinct = self.take_word("DISTINCT")
        arguments: list[tree.Expression] = []
        if not self.is_mark(")") or distinct:
            arguments.append(self._operation(1))
            while self.take_mark(","):
                arguments.append(self._operation(1))
        self.need_mark(")")
        self.shallower()
        return tree.Call(function.start, self.last, function, tuple(arguments), distinct)

    def _list(self) -> list[tree.Expression]:
        """Read a list of expressions in brackets (rule 72)."""
        self.deeper()
        self.need_mark("(")
        found: list[tree.Expression] = []
        if not self.is_mark(")"):
            found.append(self._operation(1))
            while self.take_mark(","):
                found.append(self._operation(1))
        self.need_mark(")")
        self.shallower()
        return found

    def _builtin(self) -> tree.Expression | None:
        """Read a built-in call or an aggregate (rules 121 to 127); none where the keyword is not one."""
        token = self.token
        name = token.text
        if name in AGGREGATES:
            return self._aggregate()
        if name in {"NOT", "EXISTS"}:
            negated = self.take_word("NOT")
            self.need_word("EXISTS")
            group = self.group()
            return tree.Exists(token.start, self.last, negated, group)
        if name not in _ARGUMENTS:
            return None
        self.at += 1
        if not self.is_mark("("):
            self.fail(f"'(' after {name}")
        if name == "BOUND":
            self.at += 1
            arguments: list[tree.Expression] = [self.var()]
            self.need_mark(")")
        else:
            arguments = self._list()
        least, most = _ARGUMENTS[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            self.fail_at(token.start, f"{name} takes {wanted} arguments, not {len(arguments)}")
        return tree.Call(token.start, self.last, "IRI" if name == "URI" else name, tuple(arguments))

    def _aggregate(self) -> tree.Aggregate:
        """Read an aggregate (rule 127)."""
        token = self.token
        self.at += 1
        self.deeper()
        self.need_mark("(")
        distinct = self.take_word("DISTINCT")
        argument = None
        if not (token.text == "COUNT" and self.take_mark("*")):
            argument = self._operation(1)
        separator = None
        if token.text == "GROUP_CONCAT" and self.take_mark(";"):
            self.need_word("SEPARATOR")
            self.need_mark("=")
            separator = self.string()
        self.need_mark(")")
        self.shallower()
        return tree.Aggregate(token.start, self.last, token.text, distinct, argument, separator)

    def group(self) -> tree.Group:
        """Read a group graph pattern; the parser of patterns does."""
        raise NotImplementedError


def _kind_of(value: str) -> str:
    if value in {"true", "false"}:
        return "boolean"
    if "e" in value or "E" in value:
        return "double"
    return "decimal" if "." in value else "integer"


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else _ECHARS.get(match[3], match[3])
