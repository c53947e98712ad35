"""Writes solutions and truths as SPARQL results, row by row: JSON, XML, CSV and TSV.

Literals come from a store that holds some under private datatypes (`sparql.literals.forms`), and are written as they
are in the data. This is part of the process that evaluates, and imports little.

https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/rdf-sparql-XMLres/ and
https://www.w3.org/TR/sparql11-results-csv-tsv/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring as quote_json
from typing import Final, NamedTuple, Protocol

import pyoxigraph as ox

from glocal_rdf.namespaces import ITS, SPARQL_RESULTS, XSD
from glocal_rdf.sparql.literals.forms import WRITTEN

__all__ = ["ROW_WRITERS", "TRUTHS", "RowWriter", "UnwritableError", "read_literal"]

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_STRING: Final = f"{XSD}string"
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML_MARKS: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_TSV_MARKS: Final = str.maketrans(
    {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)}
    | {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_CSV_QUOTED: Final = re.compile('[",\r\n]')


class UnwritableError(Exception):
    """A format cannot hold what is to be written in it."""


class Written(NamedTuple):
    """A literal as it is written in the data: its text, and datatype (none for strings), or language and direction."""

    value: str
    datatype: str
    language: str
    direction: str


def read_literal(literal: ox.Literal, tags: Mapping[str, str]) -> Written:
    """Return a literal of the store as it is written in the data.

    Args:
        literal: The literal.
        tags: The language tags of the data by their small letters.

    Examples:
        >>> seven = ox.Literal("007", datatype=ox.NamedNode("urn:x-written:http://www.w3.org/2001/XMLSchema#byte"))
        >>> read_literal(seven, {})
        Written(value='007', datatype='http://www.w3.org/2001/XMLSchema#byte', language='', direction='')
        >>> read_literal(ox.Literal("臺北", language="zh-hant"), {"zh-hant": "zh-Hant"}).language
        'zh-Hant'
    """
    language = literal.language
    if language:
        direction = literal.direction
        return Written(literal.value, "", tags.get(language, language), "" if direction is None else str(direction))
    datatype = literal.datatype.value
    if datatype.startswith(WRITTEN):
        datatype = datatype[len(WRITTEN) :]
        if datatype.startswith("@"):
            return Written(literal.value, "", datatype[1:], "")
    return Written(literal.value, "" if datatype == _STRING else datatype, "", "")


class RowWriter(Protocol):
    """Writes one table of solutions."""

    def start(self, variables: Sequence[str]) -> str:
        """Return what comes before the first row."""

    def row(self, terms: Iterable[Term | None]) -> str:
        """Return a row.

        Args:
            terms: The terms of the variables in their order; None where one is unbound.

        Raises:
            UnwritableError: Where the format cannot hold a term.
        """

    def end(self) -> str:
        """Return what comes after the last row."""


class _Json:
    def __init__(self, tags: Mapping[str, str]) -> None:
        self._tags = tags
        self._keys: list[str] = []
        self._between = ""

    def start(self, variables: Sequence[str]) -> str:
        names = [quote_json(name) for name in variables]
        self._keys = [f"{name}:" for name in names]
        return f'{{"head":{{"vars":[{",".join(names)}]}},"results":{{"bindings":[\n'

    def row(self, terms: Iterable[Term | None]) -> str:
        cells = [key + self._term(term) for key, term in zip(self._keys, terms, strict=True) if term is not None]
        between, self._between = self._between, ",\n"
        return f"{between}{{{','.join(cells)}}}"

    def end(self) -> str:
        return "\n]}}\n"

    def _term(self, term: Term) -> str:
        if isinstance(term, ox.NamedNode):
            return f'{{"type":"uri","value":{quote_json(term.value)}}}'
        if isinstance(term, ox.Literal):
            value, datatype, language, direction = read_literal(term, self._tags)
            rest = f',"datatype":{quote_json(datatype)}' if datatype else ""
            rest += f',"xml:lang":{quote_json(language)}' if language else ""
            rest += f',"its:dir":{quote_json(direction)}' if direction else ""
            return f'{{"type":"literal","value":{quote_json(value)}{rest}}}'
        if isinstance(term, ox.BlankNode):
            return f'{{"type":"bnode","value":{quote_json(term.value)}}}'
        names = ("subject", "predicate", "object")
        parts = (f'"{name}":{self._term(part)}' for name, part in zip(names, term, strict=True))
        return f'{{"type":"triple","value":{{{",".join(parts)}}}}}'


class _Xml:
    def __init__(self, tags: Mapping[str, str]) -> None:
        self._tags = tags
        self._names: list[str] = []

    def start(self, variables: Sequence[str]) -> str:
        self._names = [_quote_xml(name) for name in variables]
        names = "".join(f'<variable name="{name}"/>' for name in self._names)
        return f'<?xml version="1.0"?>\n<sparql xmlns="{SPARQL_RESULTS}"><head>{names}</head><results>\n'

    def row(self, terms: Iterable[Term | None]) -> str:
        cells = [
            f'<binding name="{name}">{self._term(term)}</binding>'
            for name, term in zip(self._names, terms, strict=True)
            if term is not None
        ]
        return f"<result>{''.join(cells)}</result>\n"

    def end(self) -> str:
        return "</results></sparql>\n"

    def _term(self, term: Term) -> str:
        if isinstance(term, ox.NamedNode):
            return f"<uri>{_quote_xml(term.value)}</uri>"
        if isinstance(term, ox.Literal):
            value, datatype, language, direction = read_literal(term, self._tags)
            kind = f' datatype="{_quote_xml(datatype)}"' if datatype else ""
            kind += f' xml:lang="{_quote_xml(language)}"' if language else ""
            kind += f' its:dir="{direction}" xmlns:its="{ITS}" its:version="2.0"' if direction else ""
            return f"<literal{kind}>{_quote_xml(value)}</literal>"
        if isinstance(term, ox.BlankNode):
            return f"<bnode>{_quote_xml(term.value)}</bnode>"
        names = ("subject", "predicate", "object")
        parts = (f"<{name}>{self._term(part)}</{name}>" for name, part in zip(names, term, strict=True))
        return f"<triple>{''.join(parts)}</triple>"


def _quote_xml(text: str) -> str:
    if _NOT_XML.search(text):
        raise UnwritableError("XML cannot hold a control character of it; ask for JSON or TSV")
    return text.translate(_XML_MARKS)


class _Csv:
    def __init__(self, tags: Mapping[str, str]) -> None:
        self._tags = tags

    def start(self, variables: Sequence[str]) -> str:
        return ",".join(variables) + "\r\n"

    def row(self, terms: Iterable[Term | None]) -> str:
        return ",".join(["" if term is None else _quote_csv(self._text(term)) for term in terms]) + "\r\n"

    def end(self) -> str:
        return ""

    def _text(self, term: Term) -> str:
        if isinstance(term, ox.BlankNode):
            return str(term)
        return _write_turtle(term, self._tags) if isinstance(term, ox.Triple) else term.value


def _quote_csv(text: str) -> str:
    if not _CSV_QUOTED.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


class _Tsv:
    def __init__(self, tags: Mapping[str, str]) -> None:
        self._tags = tags

    def start(self, variables: Sequence[str]) -> str:
        return "\t".join([f"?{name}" for name in variables]) + "\n"

    def row(self, terms: Iterable[Term | None]) -> str:
        return "\t".join(["" if term is None else _write_turtle(term, self._tags) for term in terms]) + "\n"

    def end(self) -> str:
        return ""


def _write_turtle(term: Term, tags: Mapping[str, str]) -> str:
    if isinstance(term, ox.Literal):
        value, datatype, language, direction = read_literal(term, tags)
        kind = f"^^<{datatype}>" if datatype else ""
        kind += f"@{language}" if language else ""
        kind += f"--{direction}" if direction else ""
        return f'"{value.translate(_TSV_MARKS)}"{kind}'
    if isinstance(term, ox.Triple):
        return f"<<( {' '.join(_write_turtle(part, tags) for part in term)} )>>"
    return str(term)


ROW_WRITERS: Final[Mapping[str, type[_Json | _Xml | _Csv | _Tsv]]] = {
    "json": _Json,
    "xml": _Xml,
    "csv": _Csv,
    "tsv": _Tsv,
}
"""The writers of solutions by format; each is made with the language tags of the data by their small letters."""

TRUTHS: Final[Mapping[str, Mapping[bool, str]]] = {
    "json": {truth: f'{{"head":{{}},"boolean":{word}}}\n' for truth, word in ((True, "true"), (False, "false"))},
    "xml": {
        truth: f'<?xml version="1.0"?>\n<sparql xmlns="{SPARQL_RESULTS}"><head/><boolean>{word}</boolean></sparql>\n'
        for truth, word in ((True, "true"), (False, "false"))
    },
}
"""The answers to ASK by format."""
