"""Writes the triples of an answer as they come, in a format of RDF, with literals as they are in the data.

The engine's serializer writes; it makes small letters of language tags. So a literal with a tag that has capitals is
given to it under a datatype that nobody else can know, and `_TagFile` writes the tag in the place of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from secrets import token_hex
from typing import IO, Final, cast

import pyoxigraph as ox

from glocal_rdf.namespaces import RDF, XML
from glocal_rdf.sparql.execution.row_writers import UnwritableError, read_literal
from glocal_rdf.xsd.lexical_spaces import NC_CHAR, NC_START

__all__ = ["GRAPH_FORMATS", "write_graph"]

GRAPH_FORMATS: Final[Mapping[str, ox.RdfFormat]] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
"""The formats by their names in `triples.formats.registry`."""

_MARK: Final = f"urn:x-tag-{token_hex(16)}:"
_TAGGED: Final = {
    "turtle": (b'"^^<', b">", b'"@', b""),
    "ntriples": (b'"^^<', b">", b'"@', b""),
    "jsonld": (b'"@type":"', b'"', b'"@language":"', b'"'),
    "rdfxml": (b' rdf:datatype="', b'"', b' xml:lang="', b'"'),
}
"""How a datatype is written, before and after its IRI, and a language in its place."""

_NAMED: Final = re.compile(
    re.sub(r"\\x\{([0-9A-F]+)\}", lambda code: chr(int(code[1], 16)), rf"[{NC_START}][{NC_CHAR}]*$")
)
"""The end of an IRI that can be the local name of an element."""

_RESERVED: Final = frozenset(
    f"{RDF}{name}"
    for name in (
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "aboutEach", "aboutEachPrefix"),
        *("bagID", "Description", "li"),
    )
)
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_graph(
    triples: Iterable[ox.Triple],
    name: str,
    write: Callable[[bytes], object],
    *,
    tags: Mapping[str, str],
    prefixes: Mapping[str, str],
) -> None:
    """Write triples, in parts.

    Args:
        triples: The triples, from a store.
        name: The name of the format.
        write: Takes each part.
        tags: The language tags of the data by their small letters.
        prefixes: Namespaces by prefix.

    Raises:
        UnwritableError: Where the format cannot hold a triple; what was written is then not all.

    Examples:
        >>> name = ox.Literal("臺北", language="zh-hant")
        >>> one = ox.Triple(ox.NamedNode("urn:taipei"), ox.NamedNode("urn:name"), name)
        >>> parts = []
        >>> write_graph([one], "turtle", parts.append, tags={"zh-hant": "zh-Hant"}, prefixes={})
        >>> print(b"".join(parts).decode())
        <urn:taipei> <urn:name> "臺北"@zh-Hant .
        <BLANKLINE>
    """
    file = _TagFile(write, name)
    found = _read(triples, tags)
    ox.serialize(
        _check_xml(found) if name == "rdfxml" else found,
        cast("IO[bytes]", file),
        GRAPH_FORMATS[name],
        prefixes=dict(prefixes) or None,
    )
    file.finish()


def _read(triples: Iterable[ox.Triple], tags: Mapping[str, str]) -> Iterator[ox.Triple]:
    """Yield triples with literals as they are in the data, those with tags under their datatype."""
    for triple in triples:
        term = triple.object
        if isinstance(term, ox.Literal | ox.Triple):
            written = _read_term(term, tags)
            yield triple if written is term else ox.Triple(triple.subject, triple.predicate, written)
        else:
            yield triple


def _read_term(term: ox.Literal | ox.Triple, tags: Mapping[str, str]) -> ox.Literal | ox.Triple:
    if isinstance(term, ox.Triple):
        inner = term.object
        known = _read_term(inner, tags) if isinstance(inner, ox.Literal | ox.Triple) else inner
        return term if known is inner else ox.Triple(term.subject, term.predicate, known)
    value, datatype, language, direction = read_literal(term, tags)
    if language:
        if language.lower() == language or direction:
            return term
        return ox.Literal(value, datatype=ox.NamedNode(_MARK + language))
    if not datatype or datatype == term.datatype.value:
        return term
    return ox.Literal(value, datatype=ox.NamedNode(datatype))


def _check_xml(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Check what RDF/XML cannot hold, and name blank nodes as XML names things."""
    checked: set[str] = set()
    for triple in triples:
        subject, predicate, term = triple
        if predicate.value not in checked:
            known = _NAMED.search(predicate.value) and predicate.value not in _RESERVED
            if not known or predicate.value.startswith(XML):
                raise UnwritableError(f"RDF/XML cannot hold the property <{predicate.value}>; ask for Turtle")
            checked.add(predicate.value)
        if isinstance(term, ox.Literal) and _NOT_XML.search(term.value):
            raise UnwritableError("RDF/XML cannot hold a control character of it; ask for Turtle")
        if isinstance(subject, ox.BlankNode) or isinstance(term, ox.BlankNode):
            term = _name_blank(term) if isinstance(term, ox.BlankNode) else term
            subject = _name_blank(subject) if isinstance(subject, ox.BlankNode) else subject
            yield ox.Triple(subject, predicate, term)
        else:
            yield triple


def _name_blank(node: ox.BlankNode) -> ox.BlankNode:
    return ox.BlankNode("b" + node.value.replace("_", "__").replace(":", "_c"))


class _TagFile:
    """A file that hands on what is written to it, with language tags in the place of their datatypes."""

    def __init__(self, write: Callable[[bytes], object], name: str) -> None:
        self._hand_on = write
        before, self._end, language, after = _TAGGED[name]
        self._start = before + _MARK.encode()
        self._tagged = re.compile(re.escape(self._start) + rb"([A-Za-z0-9-]+)" + re.escape(self._end))
        self._language = rb"%s\1%s" % (language, after)
        self._line_ends = name == "rdfxml"
        self._rest = b""

    def write(self, data: bytes) -> int:
        """Take a part, and keep back what may be the beginning of a datatype."""
        text = self._rest + data
        cut = max(0, len(text) - len(self._start))
        last = text.rfind(self._start)
        if last >= 0:
            end = text.find(self._end, last + len(self._start))
            if end < 0:
                cut = last
            elif cut > last:
                cut = max(cut, end + len(self._end))
        self._rest = text[cut:]
        self._send(text[:cut])
        return len(data)

    def flush(self) -> None:
        """Have nothing to do."""

    def finish(self) -> None:
        """Hand on what is left."""
        self._send(self._rest)
        self._rest = b""

    def _send(self, data: bytes) -> None:
        data = self._tagged.sub(self._language, data)
        # An XML parser makes line feeds of carriage returns.
        data = data.replace(b"\r", b"&#13;") if self._line_ends else data
        if data:
            self._hand_on(data)
