r"""The tokens of SPARQL, by the letter of the grammar (SPARQL 1.1 Query, section 19.8), and what can be read off them.

1. Codepoint escapes (`\u0041`) are replaced first, as section 19.2 says. Those for a quotation mark, a backslash or
   the end of a line stay, and belong to the string in which they stand: an escape never ends a string or a comment.
2. At each position the longest terminal of the grammar is taken. Keywords need no space around them (`UNIONSERVICE` is
   two), and a keyword directly before a colon is the prefix of a name.
3. What no terminal fits is a token of its own, of the kind `unknown`. So every character is in exactly one token, or is
   white space or in a comment.

The time is linear in the length of the text. The additions of SPARQL 1.2 (triple terms, base directions, functions) are
known too, because the engine knows them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

__all__ = [
    "Kind",
    "Token",
    "add_prefixes",
    "calls_service",
    "declared_prefixes",
    "decode_escapes",
    "has_dataset",
    "names_graphs",
    "nesting_depth",
    "query_form",
    "tokenize",
    "used_prefixes",
]

Kind = Literal["iri", "name", "blank", "var", "string", "lang", "number", "keyword", "mark", "unknown"]


class Token(NamedTuple):
    """A terminal of the grammar: its kind, its text (keywords in capitals), and where it starts and ends."""

    kind: Kind
    text: str
    start: int
    end: int


# Classes of characters are written as what is not in them (PN_CHARS_BASE and PN_CHARS, rules 164 and 167): the same
# characters, and a third of the time to compile.
_NO_BASE = (
    "\u0080-\u00bf\u00d7\u00f7\u0300-\u036f\u037e\u2000-\u200b\u200e-\u206f\u2190-\u2bff\u2ff0-\u3000\ud800-\uf8ff"
    "\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
)
_NO_INNER = (
    "\u0080-\u00b6\u00b8-\u00bf\u00d7\u00f7\u037e\u2000-\u200b\u200e-\u203e\u2041-\u206f\u2190-\u2bff\u2ff0-\u3000"
    "\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
)
_LETTER = rf"[^\x00-@\[-`{{-\x7f{_NO_BASE}]"
_FIRST = rf"[^\x00-/:-@\[-^`{{-\x7f{_NO_BASE}]"
_INNER = rf"[^\x00-/:-@\[-^`{{-\x7f{_NO_INNER}]"
_INNER_DOT = rf"[^\x00-,/:-@\[-^`{{-\x7f{_NO_INNER}]"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?#@%]"

_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)+")
_IRI = re.compile(r"<[^<>\"{}|^`\\\x00-\x20]*>")
_SHORT = {
    mark: re.compile(
        rf"{mark}[^{mark}\\\r\n]*(?:\\(?:[tbnrf\\\"']|u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}})[^{mark}\\\r\n]*)*{mark}"
    )
    for mark in "\"'"
}
_LONG = {mark: re.compile(rf"{mark}{{3}}|\\") for mark in "\"'"}
_ESCAPE = re.compile(r"\\(?:[tbnrf\\\"']|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
_VAR = re.compile(rf"[?$]{_FIRST}{_INNER}*")
_LANG = re.compile(r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+\.[0-9]*[eE][+-]?[0-9]+|\.[0-9]+[eE][+-]?[0-9]+|[0-9]+[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)"
)
_MARK = re.compile(r"\^\^|&&|\|\||[<>!]=|<<\(|\)>>|<<|>>|\{\||\|\}|[(){}\[\].,;=<>+\-*/!?^|~]")
_RUN = re.compile(f"{_INNER_DOT}+")
_STARTS_NAME = re.compile(_LETTER)
_LOCAL = re.compile(rf"(?:[^\x00-,/;-@\[-^`{{-\x7f{_NO_INNER}]|{_ESCAPED})+")
_STARTS_LOCAL = re.compile(rf"[^\x00-$&-/;-@\[\]^`{{-\x7f{_NO_BASE}]")
_LABEL = re.compile(rf"_:{_FIRST}{_INNER_DOT}*")
_CODEPOINT = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)", re.DOTALL)

_WORDS = """
    BASE PREFIX VERSION SELECT DISTINCT REDUCED AS CONSTRUCT DESCRIBE ASK FROM NAMED WHERE GROUP BY HAVING ORDER ASC
    DESC LIMIT OFFSET VALUES UNDEF OPTIONAL GRAPH SERVICE SILENT BIND MINUS UNION FILTER IN NOT EXISTS TRUE FALSE
    LATERAL COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR
    STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI
    CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5
    SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR
    REPLACE ADJUST LANGDIR HASLANG HASLANGDIR STRLANGDIR TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE
    LOAD CLEAR DROP CREATE ADD MOVE COPY INSERT DELETE DATA WITH USING INTO TO DEFAULT ALL
"""
KEYWORDS = frozenset(_WORDS.split())
"""Every keyword of SPARQL Query and Update, and the words that SPARQL 1.2 and the engine add."""

_LONGEST = max(map(len, KEYWORDS))
_FORMS = frozenset({"SELECT", "CONSTRUCT", "DESCRIBE", "ASK"})
_UPDATES = frozenset({"LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "INSERT", "DELETE", "WITH"})
_NO_CHARACTER = range(0xD800, 0xE000)


def decode_escapes(text: str) -> str:
    r"""Replace the codepoint escapes of a query (section 19.2): what the engine is given, and what tokens are cut from.

    Examples:
        >>> decode_escapes(r"ASK { ?s <http://a/\u00e9> '\u0027' }")
        "ASK { ?s <http://a/é> '\\u0027' }"
    """
    return _CODEPOINT.sub(_decoded, text) if "\\" in text else text


def _decoded(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    if digits is None:
        return match[0]
    code = int(digits, 16)
    if code > 0x10FFFF or code in _NO_CHARACTER or chr(code) in "\"'\\\r\n":
        return match[0]
    return chr(code)


def tokenize(text: str) -> tuple[Token, ...]:
    """Cut a query into tokens; their positions are those in `text`, and their text has its codepoint escapes decoded.

    Examples:
        >>> [token.text for token in tokenize("select?a{?a<p>1.OPTIONAL{}}UNIONSERVICE<x>")]
        ['SELECT', '?a', '{', '?a', '<p>', '1', '.', 'OPTIONAL', '{', '}', '}', 'UNION', 'SERVICE', '<x>']

    https://www.w3.org/TR/sparql11-query/#sparqlGrammar
    """
    # The same query is cut several times on its way.
    return _tokenize_again(text) if len(text) <= _REMEMBERED else _tokenize_long(text)


def _tokenize(text: str) -> tuple[Token, ...]:
    decoded = decode_escapes(text)
    tokens = _cut(decoded)
    if decoded == text:
        return tuple(tokens)
    places = _places(text)
    return tuple(Token(kind, word, places[start], places[end]) for kind, word, start, end in tokens)


_REMEMBERED = 20_000
"""Up to how many characters a text has of which the tokens are remembered, while few others are cut; of longer ones
those of the last."""

_tokenize_again = lru_cache(maxsize=16)(_tokenize)
_tokenize_long = lru_cache(maxsize=1)(_tokenize)


def _places(text: str) -> list[int]:
    """Return the position in the text as written for each position in the text with its escapes decoded."""
    places: list[int] = []
    last = 0
    for match in _CODEPOINT.finditer(text):
        decoded = _decoded(match)
        if decoded != match[0]:
            places.extend(range(last, match.start() + 1))
            last = match.end()
    places.extend(range(last, len(text) + 1))
    return places


def _cut(text: str) -> list[Token]:
    tokens: list[Token] = []
    at, end = 0, len(text)
    run_end = 0
    while at < end:
        space = _SPACE.match(text, at)
        if space:
            at = space.end()
            continue
        if at >= run_end and _STARTS_NAME.match(text, at):
            run = _RUN.match(text, at)
            run_end = run.end() if run else at
        found = _read_token(text, at, run_end)
        tokens.append(found)
        at = found.end
    return tokens


def _read_token(text: str, at: int, run_end: int) -> Token:
    """Read the token at a position. `run_end` is where the letters end that stand here, if letters do."""
    first = text[at]
    if first in "\"'":
        stop = _string_end(text, at, first)
        return Token("string", text[at:stop], at, stop) if stop else Token("unknown", first, at, at + 1)
    if first == ":" or _STARTS_NAME.match(first):
        colon = at if first == ":" else run_end
        if text[colon : colon + 1] == ":" and (colon == at or text[colon - 1] != "."):
            stop = _local_end(text, colon + 1)
            return Token("name", text[at:stop], at, stop)
        return _read_word(text, at)
    kind: Kind
    for kind, pattern in _PATTERNS.get(first, _NUMBERS):
        match = pattern.match(text, at)
        if match:
            word = match[0].rstrip(".") if kind == "blank" else match[0]
            return Token(kind, word, at, at + len(word))
    return Token("unknown", first, at, at + 1)


_NUMBERS: tuple[tuple[Kind, re.Pattern[str]], ...] = (("number", _NUMBER), ("mark", _MARK))
_PATTERNS: Mapping[str, tuple[tuple[Kind, re.Pattern[str]], ...]] = {
    "<": (("iri", _IRI), ("mark", _MARK)),
    "?": (("var", _VAR), ("mark", _MARK)),
    "$": (("var", _VAR),),
    "@": (("lang", _LANG),),
    "_": (("blank", _LABEL),),
}


def _read_word(text: str, at: int) -> Token:
    """Read the longest keyword that stands here, or, where none does, one unknown letter."""
    word = text[at : at + _LONGEST]
    word = word.upper() if word.isascii() else "".join(letter.upper() if letter.isascii() else "?" for letter in word)
    for length in range(len(word), 1, -1):
        if word[:length] in KEYWORDS:
            return Token("keyword", word[:length], at, at + length)
    if text[at] == "a":
        return Token("keyword", "a", at, at + 1)
    return Token("unknown", text[at], at, at + 1)


def _string_end(text: str, at: int, mark: str) -> int:
    """Find where the string ends that begins here; 0 where none does."""
    if text.startswith(mark * 3, at):
        place = at + 3
        while match := _LONG[mark].search(text, place):
            if match[0] != "\\":
                return match.end()
            escape = _ESCAPE.match(text, match.start())
            if escape is None:
                break
            place = escape.end()
    short = _SHORT[mark].match(text, at)
    return short.end() if short else 0


def _local_end(text: str, at: int) -> int:
    """Find where the local part of a name ends: a dot at its end does not belong to it, an escaped one does."""
    if not _STARTS_LOCAL.match(text, at):
        return at
    match = _LOCAL.match(text, at)
    if match is None:
        return at
    stop = match.end()
    while text[stop - 1] == "." and text[stop - 2] != "\\":
        stop -= 1
    return stop


def query_form(text: str) -> str:
    r"""Return the form of a query (SELECT, CONSTRUCT, DESCRIBE, ASK), the first word of an update, or the empty text.

    Examples:
        >>> query_form("PREFIX a: <urn:a> select * {}"), query_form("# ASK\nLOAD <urn:a>"), query_form("{}")
        ('SELECT', 'LOAD', '')
    """
    tokens = tokenize(text)
    at = _prologue_end(tokens)
    word = tokens[at].text if at < len(tokens) and tokens[at].kind == "keyword" else ""
    return word if word in _FORMS | _UPDATES else ""


def _prologue_end(tokens: Sequence[Token]) -> int:
    """Find the token that follows the declarations."""
    lengths = {"PREFIX": 3, "BASE": 2, "VERSION": 2}
    at = 0
    while at < len(tokens) and tokens[at].kind == "keyword" and tokens[at].text in lengths:
        at += lengths[tokens[at].text]
    return at


def declared_prefixes(text: str) -> dict[str, str]:
    """Return the namespaces that a query declares, as written, by prefix.

    Examples:
        >>> declared_prefixes("PREFIX a: <urn:a> PREFIX : <b#> ASK {}")
        {'a': 'urn:a', '': 'b#'}
    """
    tokens = tokenize(text)
    found: dict[str, str] = {}
    for at, token in enumerate(tokens[:-2]):
        if token.kind == "keyword" and token.text == "PREFIX":
            name, iri = tokens[at + 1 : at + 3]
            if name.kind == "name" and name.text.endswith(":") and iri.kind == "iri":
                found[name.text[:-1]] = iri.text[1:-1]
    return found


def used_prefixes(text: str) -> list[str]:
    r"""List the prefixes of the names in a query, each once, in order; declarations do not count.

    Examples:
        >>> used_prefixes("PREFIX b: <urn:b> ASK { ?s a:b 'c:d', b:c # e:f\n }")
        ['a', 'b']
    """
    tokens = tokenize(text)
    names = (
        token.text.partition(":")[0]
        for at, token in enumerate(tokens)
        if token.kind == "name" and not (at and tokens[at - 1].text == "PREFIX")
    )
    return list(dict.fromkeys(names))


def add_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    """Declare the well-known prefixes that a query uses and does not declare, on its first line.

    Args:
        text: The query.
        prefixes: Namespaces by prefix.

    Examples:
        >>> add_prefixes("ASK { ?s a skos:Concept }", {"skos": "http://www.w3.org/2004/02/skos/core#"})
        'PREFIX skos: <http://www.w3.org/2004/02/skos/core#> ASK { ?s a skos:Concept }'
    """
    wanted = set(used_prefixes(text)) - declared_prefixes(text).keys()
    return "".join(f"PREFIX {name}: <{prefixes[name]}> " for name in sorted(wanted & prefixes.keys())) + text


def names_graphs(text: str) -> bool:
    """Return whether a query asks named graphs, so that they need be loaded only where it does.

    Examples:
        >>> names_graphs("SELECT * { GRAPH ?source { ?s ?p ?o } }"), names_graphs('ASK { ?s ?p "GRAPH" }')
        (True, False)
    """
    return any(token.kind == "keyword" and token.text in {"GRAPH", "NAMED"} for token in tokenize(text))


def has_dataset(text: str) -> bool:
    """Return whether a query describes its dataset with FROM or FROM NAMED.

    Examples:
        >>> has_dataset("SELECT * FROM NAMED <urn:g> { GRAPH ?g { ?s ?p ?o } }"), has_dataset('ASK { ?s ?p "FROM" }')
        (True, False)
    """
    return any(token.kind == "keyword" and token.text == "FROM" for token in tokenize(text))


def calls_service(text: str) -> Token | None:
    """Find what would have an engine call another server, in any way of reading the text.

    The engine takes a keyword also where the grammar reads a longer token: in `SERVICEex:a { … }`, where the grammar
    reads the name `SERVICEex:a`, and in `FILTER(?a<?b)SERVICE#>`, where it reads an IRI. Neither can stand there by the
    grammar, so that no query that is right is refused for them.
    """
    before = Token("mark", "", 0, 0)
    tokens = tokenize(text)
    word = ""
    for at, token in enumerate(tokens):
        if token.kind in {"keyword", "unknown"}:
            word = (word[-6:] if token.start == before.end else "") + token.text.upper()
            if "SERVICE" in word:
                return token
        elif token.kind == "name" and "SERVICE" in token.text.upper():
            follows = tokens[at + 1].text if at + 1 < len(tokens) else ""
            if follows == "{" and before.text not in {"GRAPH", "FROM", "NAMED"}:
                return token
        elif token.kind == "iri" and re.search(r"\).*service", token.text, re.IGNORECASE):
            return token
        before = token
    return None


_OPEN = frozenset({"(", "[", "{", "<<", "<<(", "{|"})
_CLOSE = frozenset({")", "]", "}", ">>", ")>>", "|}"})
_OPERATORS = frozenset({"!", "-", "+", "*", "/", "^", "|", "||", "&&"})
_ELEMENTS = frozenset({"FILTER", "BIND", "OPTIONAL", "MINUS", "UNION", "VALUES", "GRAPH", "LATERAL", "SERVICE"})


def nesting_depth(text: str) -> int:
    """Count how deep the tree of a query is at most: brackets, chains of operators, and the elements of a group.

    An engine recurses into `a || b || c` and into one FILTER after the other as it does into brackets, so that each
    link counts for one. Items of lists and triples do not count.



    Examples:
        >>> nesting_depth("ASK { FILTER (!(?a)) }"), nesting_depth("ASK {} # ((("), nesting_depth("")
        (5, 1, 0)
    """
    deepest = depth = 0
    levels: list[list[int]] = [[0, 0]]
    for token in tokenize(text):
        here = levels[-1]
        if token.kind == "keyword" and token.text in _ELEMENTS:
            here[0] += 1
            depth += 1
        elif token.kind == "number" and token.text[0] in "+-":
            here[1] += 1
            depth += 1
        elif token.kind != "mark":
            continue
        elif token.text in _OPEN:
            levels.append([0, 0])
            depth += 1
        elif token.text in _CLOSE:
            if len(levels) > 1:
                levels.pop()
                depth -= 1 + sum(here)
        elif token.text in _OPERATORS:
            here[1] += 1
            depth += 1
        elif token.text in {",", ".", ";"}:
            depth -= here[1]
            here[1] = 0
        deepest = max(deepest, depth)
    return deepest
