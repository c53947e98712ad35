r"""Terms of RDF as text in canonical N-Triples syntax: made and read, a whole column at a time.

A term is written exactly as `str()` of a pyoxigraph term writes it, so that equal terms are equal strings:

    <https://example.org/a>                                   an IRI
    _:b0                                                      a blank node
    "Taipei"    "臺北"@zh-Hant    "12.50"^^<…#decimal>         literals: as they were written, never normalised

In a literal `"`, `\`, the control characters, U+FFFE and U+FFFF are escaped and nothing else is. There is no
`^^xsd:string`. Syntax: https://www.w3.org/TR/n-triples/#canonical-ntriples
"""

from __future__ import annotations

from glocal_rdf.errors import InputError
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF_LANG_STRING, XSD, iri_of

__all__ = [
    "BLANK",
    "IRI",
    "LANG_STRING",
    "LITERAL",
    "MUST_ESCAPE",
    "STRING",
    "datatype",
    "escape",
    "iri",
    "is_iri",
    "kind",
    "language",
    "literal",
    "quote",
    "unescape",
    "unquote",
    "value",
]

IRI = "iri"
BLANK = "blank"
LITERAL = "literal"

STRING = f"{XSD}string"
LANG_STRING = iri_of(RDF_LANG_STRING)

_FEW = 500
"""Up to how many terms are read one by one."""

_SHORT = {"\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f", '"': '\\"', "\\": "\\\\"}
_LONG = [chr(code) for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF) if chr(code) not in _SHORT]
_ESCAPES = _SHORT | {char: f"\\u{ord(char):04X}" for char in _LONG}
_TABLE = str.maketrans(_ESCAPES)
_UNESCAPES = {escaped: char for char, escaped in _ESCAPES.items()}
# The characters to escape as one class: rows without any of them are left alone.
MUST_ESCAPE = "[" + "".join(f"\\x{{{ord(char):X}}}" for char in _ESCAPES) + "]"

# What RFC 3987 allows after the scheme, in the part that needs no parser to judge: no IP literals, no user part.
# A subset of the valid IRIs: what does not match may still be valid, and is then checked by a parser.
_UCS = (
    r"\x{A0}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFEF}"
    + "".join(rf"\x{{{plane:X}0000}}-\x{{{plane:X}FFFD}}" for plane in range(1, 14))
    + r"\x{E1000}-\x{EFFFD}"
)
_PCHAR = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@{_UCS}-]|%[0-9A-Fa-f]{{2}})"
SIMPLE_IRI = (
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://[A-Za-z0-9._~{_UCS}-]*(?::[0-9]*)?(?:/(?:{_PCHAR}|/)*)?|{_PCHAR}(?:{_PCHAR}|/)*)"
    rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:\#(?:{_PCHAR}|[/?])*)?"
)
SIMPLE_LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
SIMPLE_BLANK = r"_:[A-Za-z0-9]+"
CANONICAL_TEXT = r'"(?:[^\x00-\x1F"\\\x7F\x{FFFE}\x{FFFF}]|\\[tbnrf"\\]|\\u(?:00(?:0[0-7BEF]|1[0-9A-F]|7F)|FFF[EF]))*"'


def quote(text: str, language: str | None = None, datatype: str | None = None) -> str:
    r"""Write one literal.

    Args:
        text: What it says, without escapes.
        language: Its language tag, if it has one.
        datatype: The IRI of its datatype, without brackets, if it has one.

    Raises:
        InputError: Where the text holds half of a surrogate pair, which no RDF literal can.

    Examples:
        >>> print(quote('say "hi"\n'))
        "say \"hi\"\n"
        >>> print(quote("臺北", language="zh-Hant"))
        "臺北"@zh-Hant
        >>> quote("")
        '""'
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError.at(
            "", f"{text!r} holds half of a surrogate pair at character {error.start + 1}", "write whole characters"
        ) from error
    quoted = f'"{text.translate(_TABLE)}"'
    if language:
        return f"{quoted}@{language}"
    return quoted if datatype in (None, STRING) else f"{quoted}^^<{datatype}>"


def unquote(term: str) -> str:
    """Read what a term says: the text of a literal, the IRI without its brackets, the blank node's label.

    Examples:
        >>> unquote('"12.50"^^<http://www.w3.org/2001/XMLSchema#decimal>')
        '12.50'
        >>> unquote("<https://example.org/>")
        'https://example.org/'
    """
    if term.startswith("<"):
        return term[1:-1]
    if not term.startswith('"'):
        return term
    inner = term[1 : term.rindex('"')]
    if "\\" not in inner:
        return inner
    parts = inner.split("\\\\")
    for escaped, char in _UNESCAPES.items():
        if escaped != "\\\\":
            parts = [part.replace(escaped, char) for part in parts]
    return "\\".join(parts)


def escape(text: pl.Expr) -> pl.Expr:
    """Escape text as it stands between the quotes of a literal."""
    return (
        pl.when(text.str.contains(MUST_ESCAPE))
        .then(text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values())))
        .otherwise(text)
    )


def unescape(text: pl.Expr) -> pl.Expr:
    """Undo `escape`."""
    return text.map_batches(_unescape_column, return_dtype=pl.String)


def _unescape_column(texts: pl.Series) -> pl.Series:
    """Rewrite the texts that have an escape; mostly none has."""
    escaped = texts.str.contains("\\", literal=True)
    if not escaped.any():
        return texts
    return texts.zip_with(~escaped, texts.str.replace_many(list(_UNESCAPES), list(_UNESCAPES.values())))


def iri(text: pl.Expr) -> pl.Expr:
    """Write IRIs; null stays null. The text is taken as it is: `is_iri` says whether it may be."""
    return pl.concat_str(pl.lit("<"), text, pl.lit(">"))


def literal(text: pl.Expr, lang: str | pl.Expr | None = None, datatype: str | pl.Expr | None = None) -> pl.Expr:
    """Write literals; null stays null.

    Args:
        text: The texts, without escapes.
        lang: One language tag, or a column of tags, in which null means none.
        datatype: One datatype IRI without brackets, or a column of them, in which null means none. `xsd:string` is left
            out, as it is what a bare literal has. Give at most one of `lang` and `datatype`.

    Examples:
        >>> texts = pl.DataFrame({"t": ["a", None], "l": ["en", "en"]})
        >>> texts.select(x=literal(pl.col("t"), pl.col("l")))["x"].to_list()
        ['"a"@en', None]
    """
    quoted = pl.concat_str(pl.lit('"'), escape(text), pl.lit('"'))
    if isinstance(lang, str):
        return pl.concat_str(quoted, pl.lit(f"@{lang}")) if lang else quoted
    if lang is not None:
        return pl.concat_str(quoted, pl.concat_str(pl.lit("@"), lang).fill_null(""))
    if isinstance(datatype, str):
        return quoted if datatype == STRING else pl.concat_str(quoted, pl.lit(f"^^<{datatype}>"))
    if datatype is not None:
        suffix = pl.when(datatype != STRING).then(pl.concat_str(pl.lit("^^<"), datatype, pl.lit(">")))
        return pl.concat_str(quoted, suffix.fill_null(""))
    return quoted


def value(term: pl.Expr) -> pl.Expr:
    """Read what terms say: the text of literals, IRIs without their brackets, the labels of blank nodes.

    Examples:
        >>> pl.DataFrame({"t": ['"a"@en', "<urn:a>", "_:b"]}).select(value(pl.col("t")))["t"].to_list()
        ['a', 'urn:a', '_:b']
    """
    return term.map_batches(_read_values, return_dtype=pl.String)


def _read_values(terms: pl.Series) -> pl.Series:
    """Read what terms say: of few one by one, which takes less time than to plan the same for a column."""
    if len(terms) <= _FEW:
        return pl.Series(terms.name, [term and unquote(term) for term in terms.to_list()], dtype=pl.String)
    term = pl.col("term")
    inner = term.str.replace(r'"[^"]*$', "").str.slice(1)
    text = (
        pl.when(term.str.starts_with('"'))
        .then(unescape(inner))
        .when(term.str.starts_with("<"))
        .then(term.str.strip_prefix("<").str.strip_suffix(">"))
        .otherwise(term)
    )
    return terms.to_frame("term").select(text.alias(terms.name)).to_series()


def language(term: pl.Expr) -> pl.Expr:
    """Read the language tags of literals, as they are written; null for all other terms.

    Examples:
        >>> pl.DataFrame({"t": ['"a"@zh-Hant', '"a"', "<urn:a>"]}).select(language(pl.col("t")))["t"].to_list()
        ['zh-Hant', None, None]
    """
    return term.str.extract(r'"@([A-Za-z0-9-]+)$', 1)


def datatype(term: pl.Expr) -> pl.Expr:
    """Read the datatype IRIs of literals, `xsd:string` and `rdf:langString` included; null for all other terms."""
    return (
        pl.when(term.str.ends_with('"'))
        .then(pl.lit(STRING))
        .when(term.str.starts_with('"') & term.str.ends_with(">"))
        .then(term.str.extract(r'"\^\^<([^<>]*)>$', 1))
        .when(term.str.starts_with('"'))
        .then(pl.lit(LANG_STRING))
    )


def kind(term: pl.Expr) -> pl.Expr:
    """Return of each term whether it is an `iri`, a `blank` node or a `literal`."""
    return (
        pl.when(term.str.starts_with("<"))
        .then(pl.lit(IRI))
        .when(term.str.starts_with('"'))
        .then(pl.lit(LITERAL))
        .when(term.str.starts_with("_:"))
        .then(pl.lit(BLANK))
    )


def is_iri(text: pl.Expr) -> pl.Expr:
    """Return of each text (without brackets) whether it is an absolute IRI by RFC 3987; null stays null."""
    return text.map_batches(_judge_iris, return_dtype=pl.Boolean)


def _judge_iris(texts: pl.Series) -> pl.Series:
    """Judge by a pattern, and by the parser what the pattern leaves open."""
    simple = texts.str.contains(f"^(?:{SIMPLE_IRI})$")
    odd = texts.filter(~simple).unique()
    if odd.is_empty():
        return simple
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    def judge(text: str) -> bool:
        try:
            pyoxigraph.NamedNode(text)
        except ValueError:
            return False
        return True

    answers = dict(zip(odd, map(judge, odd), strict=True))
    return simple | texts.replace_strict(answers, default=False, return_dtype=pl.Boolean)
