"""RDF/XML: what XML asks for beyond the parser and the serializer, so that they are safe and lose nothing.

Before parsing: other encodings than UTF-8, line ends, entities that grow without bound, nesting without end, and the
place of what is not well-formed. Before and after writing: characters and names that XML cannot hold, line ends.

https://www.w3.org/TR/rdf-syntax-grammar/ and https://www.w3.org/TR/xml/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final
from xml.parsers import expat

from glocal_rdf.errors import InputError, OutputError, Problem
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF, RDF_TYPE, XML, term
from glocal_rdf.triples.formats.rdfxml_literals import write_literals_out
from glocal_rdf.triples.formats.serializer import serialize
from glocal_rdf.triples.prefixes import choose_prefixes, shorten
from glocal_rdf.xsd.lexical_spaces import NC_CHAR, NC_START

__all__ = ["check_writable", "declare", "find_unwritable", "finish", "hide_types", "prepare", "write_rdfxml"]

_MAX_NESTING: Final = 1000
_GROWTH: Final = 16 << 20
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_ENCODINGS = re.compile(
    r"(?:utf-?(?:8|16(?:[bl]e)?|32(?:[bl]e)?)|us-ascii|ascii|iso-?8859-\d+|latin-?1|windows-125\d|koi8-[ru]"
    r"|big5(?:-?hkscs)?|gb2312|gbk|gb18030|shift_jis|euc-(?:jp|kr)|iso-2022-jp)",
    re.IGNORECASE,
)
_DECLARATION = re.compile(rb"^\s*<\?xml\s[^>]*\?>")
_ENTITY = re.compile(rb"""<!ENTITY\s+([^\s"'<>&;%]+)\s+("[^"]*"|'[^']*')""")
_HIDDEN = re.compile(rb"(</?rdf:)hidden-type(?=[\s/>])")
_REFERENCE = re.compile(rb"&([^\s#&;<>]+);")
_MAX_PROBLEMS: Final = 20
# The part of an IRI that can be the local name of an element: from a letter or _ to the end.
_NAMED: Final = rf"^<.*[{NC_START}][{NC_CHAR}]*>$"
_OLD: Final = ("aboutEach", "aboutEachPrefix", "bagID")
_CORE: Final = ("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", *_OLD)
_RESERVED: Final = rf"^<(?:{re.escape(XML)}|http://www\.w3\.org/2000/xmlns/)"
_NO_PROPERTY: Final = [f"<{RDF}{name}>" for name in (*_CORE, "Description", "li")]
"""Names that RDF/XML gives another meaning as an element of a property (RDF 1.1 XML Syntax, section 6.1.3)."""

_NOT_XML: Final = r"\\(?:[bf]|u00[01]|uFFF)"


def prepare(data: bytes, where: str) -> bytes:
    """Make UTF-8 with line feeds of an XML file.

    Args:
        data: The file, in any encoding of XML.
        where: What to call it in errors.

    Raises:
        InputError: Where it is not well-formed, or when reading it would take all time or memory.
    """
    data = _decode(data, where).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = _check_entities(data, where)
    _check_elements(data, where)
    return write_literals_out(data, where)


def _decode(data: bytes, where: str) -> bytes:
    """Recode by byte-order mark or declaration, and drop the declaration."""
    encoding = "utf-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif match := _DECLARED.match(data[:200]):
        encoding = match[1].decode()
        if not _ENCODINGS.fullmatch(encoding):
            raise InputError.at(f"{where}:1", f"unknown encoding {encoding!r}", "save the file as UTF-8")
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError) as error:
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        raise InputError.at(f"{where}:{line}", f"is not {encoding.upper()}", "save the file as UTF-8") from error
    return _DECLARATION.sub(b"", text.removeprefix("\ufeff").encode())


def _check_entities(data: bytes, where: str) -> bytes:
    """Refuse entities that would grow beyond reason when they are put in (the "billion laughs")."""
    sizes: dict[bytes, int] = dict.fromkeys((b"lt", b"gt", b"amp", b"quot", b"apos"), 1)
    declared = list(_ENTITY.finditer(data))
    if not declared:
        return data
    for match in declared:
        name, value = match[1], match[2]
        if unknown := [used for used in _REFERENCE.findall(value) if used not in sizes]:
            what = f"entity {name.decode()!r} uses {unknown[0].decode()!r}, which is not declared before it"
            raise InputError.at(where, what, "write the entities out")
        sizes[name] = len(value) + sum(sizes[used] for used in _REFERENCE.findall(value))
    grown = sum(sizes.get(name, 0) * count for name, count in Counter(_REFERENCE.findall(data)).items())
    if grown > _GROWTH + len(data):
        raise InputError.at(where, f"its entities grow to {grown >> 20} MiB", "write the entities out")
    return _ENTITY.sub(lambda match: b'<!ENTITY %s "%s"' % (match[1], match[2][1:-1].replace(b'"', b"&#34;")), data)


def _check_elements(data: bytes, where: str) -> None:
    """Refuse what is not well-formed, and nesting on which the parser would spend quadratic time."""
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    depth = 0

    def enter(_name: str, _attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_NESTING:
            line = parser.CurrentLineNumber
            raise InputError.at(
                f"{where}:{line}", f"elements are nested over {_MAX_NESTING} deep", "write them side by side"
            )

    def leave(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        place = f"{where}:{error.lineno}:{error.offset + 1}"
        raise InputError.at(
            place, f"not well-formed XML ({expat.ErrorString(error.code)})", "write valid XML"
        ) from error


def write_rdfxml(frame: pl.DataFrame, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Write triples as RDF/XML.

    Args:
        frame: The columns `subject`, `predicate` and `object`.
        prefixes: Namespaces by prefix, to be declared.

    Raises:
        OutputError: With all that XML cannot hold.

    https://www.w3.org/TR/rdf-syntax-grammar/
    """
    check_writable(frame)
    frame = _name_blanks(hide_types(frame))
    return finish(serialize(frame, "rdf", _element_prefixes(frame, prefixes)))


def _element_prefixes(frame: pl.DataFrame, prefixes: Mapping[str, str] | None) -> dict[str, str]:
    """List the prefixes for the names of elements: predicates and types."""
    namespaces = choose_prefixes(prefixes)
    types = frame.filter(pl.col("predicate") == RDF_TYPE)["object"].unique()
    iris = pl.concat([frame["predicate"].unique(), types]).unique()
    used = shorten(iris.filter(iris.str.starts_with("<")), namespaces)["prefix"].drop_nulls().unique().sort()
    return declare(used, namespaces)


def declare(used: Iterable[str], namespaces: Mapping[str, str]) -> dict[str, str]:
    """Return the namespaces of prefixes, without those that RDF/XML declares itself or cannot declare.

    Args:
        used: The prefixes.
        namespaces: Prefixes by namespace.
    """
    known = {prefix: namespace for namespace, prefix in namespaces.items()}
    return {prefix: known[prefix] for prefix in used if prefix and prefix != "rdf" and not prefix.startswith("xml")}


def check_writable(frame: pl.DataFrame) -> None:
    """Refuse what RDF/XML cannot hold.

    Args:
        frame: The columns `subject`, `predicate` and `object`.

    Raises:
        OutputError: With the predicates that are not a namespace and a name of XML, and with control characters.
    """
    predicates = frame.select(pl.col("predicate").unique().sort()).filter(~pl.col("predicate").str.contains(_NAMED))
    problems = [
        Problem("", f"RDF/XML cannot hold the predicate {term}, as it does not end with a name", "write Turtle")
        for term in predicates.to_series().head(_MAX_PROBLEMS)
    ]
    reserved = frame.select(pl.col("predicate").unique().sort()).filter(_is_reserved(pl.col("predicate")))
    problems += [
        Problem("", f"RDF/XML cannot hold the predicate {term}, which means something else there", "write Turtle")
        for term in reserved.to_series().head(_MAX_PROBLEMS)
    ]
    odd = frame.filter(_has_control())
    problems += [
        Problem("", f"XML cannot hold the control character in {term[:100]}", "write Turtle")
        for term in odd["object"].unique().sort().head(_MAX_PROBLEMS)
    ]
    if problems:
        raise OutputError.of(problems)


def find_unwritable(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a graph that RDF/XML cannot hold.

    Args:
        frame: The columns `subject`, `predicate` and `object`, and any others.
    """
    names = frame.select(pl.col("predicate").unique())
    odd = names.filter(~pl.col("predicate").str.contains(_NAMED) | _is_reserved(pl.col("predicate")))
    return frame.filter(pl.col("predicate").is_in(odd["predicate"].implode()) | _has_control())


def _has_control() -> pl.Expr:
    # What follows an escaped backslash is not an escape: remove these first.
    text = pl.col("object").str.replace_all("\\\\", "", literal=True)
    return pl.col("object").str.starts_with('"') & text.str.contains(_NOT_XML)


def _is_reserved(term: pl.Expr) -> pl.Expr:
    return term.is_in(_NO_PROPERTY) | term.str.contains(_RESERVED)


def _name_blanks(frame: pl.DataFrame) -> pl.DataFrame:
    """Relabel blank nodes with labels that can be names in XML, where a name may not begin with a digit."""
    both = pl.concat([frame["subject"], frame["object"]])
    labels = both.filter(both.str.starts_with("_:")).unique(maintain_order=True)
    if not labels.str.contains("^_:[0-9]").any():
        return frame
    names = pl.select(pl.concat_str(pl.lit("_:b"), pl.int_range(len(labels)))).to_series()
    return frame.with_columns(pl.col("subject", "object").replace(labels, names))


def hide_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep types that cannot be names of elements from becoming such; `finish` undoes it."""
    kind = pl.col("object")
    hidden = (pl.col("predicate") == RDF_TYPE) & (~kind.str.contains(_NAMED) | _is_reserved(kind))
    return frame.with_columns(
        pl.when(hidden).then(pl.lit(term(RDF, "hidden-type"))).otherwise("predicate").alias("predicate")
    )


def finish(written: bytes) -> bytes:
    """Write carriage returns, which an XML parser would take for line feeds, as references."""
    return _HIDDEN.sub(rb"\1type", written.replace(b"\r", b"&#13;"))
