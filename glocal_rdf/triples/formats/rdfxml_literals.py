"""XML literals of RDF/XML, written as texts of their datatype before the parser reads them.

The parser takes no text alone, drops comments and instructions, and writes some namespaces twice. So the content of
each property element with `rdf:parseType="Literal"` is put into exclusive canonical form, with comments, and escaped.

RDF 1.1 XML Syntax, section 7.2.17: https://www.w3.org/TR/rdf-syntax-grammar/#parseTypeLiteralPropertyElt
"""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import RDF, XML

__all__ = ["write_literals_out"]

_OTHERS: Final = {"Resource", "Collection"}
"""Values of rdf:parseType that are not literals; every other value is one (section 7.2.20)."""

_TAG_END: Final = re.compile(rb"""(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)


def write_literals_out(data: bytes, where: str) -> bytes:
    """Write the XML literals of a well-formed document as texts.

    Args:
        data: A well-formed document in UTF-8.
        where: What to call it in errors.

    Raises:
        InputError: Where one cannot be written so.

    https://www.w3.org/TR/rdf-syntax-grammar/#section-Syntax-XML-literals
    """
    if b"parseType" not in data:
        return data
    found = _Finder(data).find()
    if not found:
        return data
    doctype = match[0].decode() if (match := _DOCTYPE.search(data)) else ""
    parts: list[bytes] = []
    at = 0
    for start, end, name, scope in found:
        tag = _TAG_END.match(data, start)
        assert tag is not None  # noqa: S101 - the document is well-formed
        empty = tag[0].endswith(b"/>")
        inner = "" if empty else data[tag.end() : end].decode()
        attribute = re.compile(rb"""%s:parseType\s*=\s*(?:"[^"]*"|'[^']*')""" % re.escape(name.encode()))
        typed = f'{name}:datatype="{RDF}XMLLiteral"'.encode()
        begun = attribute.sub(typed, tag[0].removesuffix(b"/>").removesuffix(b">"), count=1)
        text = _escape(_canonical(inner, scope, doctype, where)).replace("\r", "&#13;").encode()
        parts += [data[at:start], begun, b">", text]
        at = end
        if empty:
            element = re.match(rb"<([^\s/>]+)", tag[0])
            parts.append(b"</%s>" % (element[1] if element else b""))
            at = tag.end()
    return b"".join([*parts, data[at:]])


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _canonical(inner: str, scope: dict[str, str], doctype: str, where: str) -> str:
    """Put a content into exclusive canonical form; the element around it has a prefix that nothing else has."""
    own = "around"
    while own in scope or f"{own}:" in inner:
        own += "_"
    declared = "".join(
        f' xmlns{":" * bool(prefix)}{prefix}="{_escape(iri).replace(chr(34), "&quot;")}"'
        for prefix, iri in scope.items()
    )
    from lxml import etree  # noqa: PLC0415 - few documents have such literals

    doctype = re.sub(r"<!DOCTYPE\s+\S+?(?=[\s\[>])", f"<!DOCTYPE {own}:x", doctype)
    parser = etree.XMLParser(resolve_entities="internal", no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(f'{doctype}<{own}:x xmlns:{own}="urn:x"{declared}>{inner}</{own}:x>'.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise InputError.at(where, f"an XML literal cannot be read: {error}", "write it without entities") from error
    whole: str = etree.tostring(root, method="c14n", exclusive=True, with_comments=True).decode()
    return whole[whole.index(">") + 1 : whole.rindex("<")]


class _Finder:
    """Finds the property elements that hold XML literals: where each starts and ends, and the namespaces in scope."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._parser = expat.ParserCreate()
        self._scopes: list[dict[str, str]] = [{"xml": XML}]
        self._depth = 0
        self._open: tuple[int, int, str, dict[str, str]] | None = None
        self._found: list[tuple[int, int, str, dict[str, str]]] = []

    def find(self) -> list[tuple[int, int, str, dict[str, str]]]:
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(self._data, True)
        return self._found

    def _start(self, _name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._open is not None:
            return
        scope = dict(self._scopes[-1])
        for name, value in attributes.items():
            if name == "xmlns" or name.startswith("xmlns:"):
                scope[name[6:]] = value
        self._scopes.append(scope)
        for name, value in attributes.items():
            prefix, colon, local = name.partition(":")
            if colon and local == "parseType" and scope.get(prefix) == RDF and value not in _OTHERS:
                known = {p: iri for p, iri in scope.items() if p != "xml"}
                self._open = (self._parser.CurrentByteIndex, self._depth, prefix, known)

    def _end(self, _name: str) -> None:
        if self._open is not None and self._open[1] == self._depth:
            start, _, prefix, scope = self._open
            self._found.append((start, self._parser.CurrentByteIndex, prefix, scope))
            self._open = None
        if self._open is None:
            self._scopes.pop()
        self._depth -= 1
