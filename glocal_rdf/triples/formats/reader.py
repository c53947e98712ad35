"""Reading RDF: bytes of any format become three columns of terms, and each fault is reported with its place.

1. Canonical N-Triples are split in columns, and that is all; of a file, in blocks, whose terms become numbers.
2. Everything else goes through the parser; what it read is written as canonical N-Quads, and those are split.
3. What the parser changes is put back: the case of language tags; and blank nodes without a label get one that
   depends on the bytes alone, so that the same file gives the same graph on every run.
4. What the parser leaves out silently is reported: in JSON-LD keys that no context maps, which the Recommendation
   leaves out, by a warning; whatever has an IRI that is not one by an error.

Formats with a triple a line can be read in pieces, so that the size of a file does not matter.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glocal_rdf.errors import InputError, Problem, ReadWarning
from glocal_rdf.files import MAX_SIZE, read_lines
from glocal_rdf.lazy import pl
from glocal_rdf.triples.base_iris import resolve_by_odd_base, simplify_base
from glocal_rdf.triples.formats import jsonld_parser, rdfxml
from glocal_rdf.triples.formats.language_tags import restore_tags
from glocal_rdf.triples.formats.ntriples import BLOCK, number_lines, split_lines
from glocal_rdf.triples.formats.registry import Format, find_format
from glocal_rdf.triples.numbers.table import NumberedTriples

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Parsed", "has_pieces", "number_file", "parse_bytes", "parse_quads", "read_pieces"]

_MAX_PROBLEMS: Final = 100
_RANDOM_LABEL: Final = r"^_:[0-9a-f]{20,32}$"
_PLAINER: Final = (
    ("No LoadDocumentCallback has been set to load remote contexts", "the context is remote"),
    ("No scheme found in an absolute IRI", "a relative IRI, and no base to resolve it against"),
    ("error while parsing IRI ", ""),
)
_HINTS: Final = (
    ("No scheme found", "give a base IRI, or write the IRI out"),
    ("relative IRI", "give a base IRI, or write the IRI out"),
    ("LoadDocumentCallback", "put the context into the file: nothing is fetched"),
    ("has not been declared", "declare it with @prefix"),
    ("Invalid IRI", "percent-encode what an IRI may not hold"),
    ("subtag", "write a language tag like en or zh-Hant"),
    ("end of file", "close what is open"),
)


@dataclass(frozen=True, eq=False)
class Parsed:
    """What a source holds.

    Attributes:
        frame: The terms of its quads; the column `graph` is null in the default graph.
        prefixes: The namespaces by prefix that it declares.
    """

    frame: pl.DataFrame
    prefixes: dict[str, str] = field(default_factory=dict)


def number_file(path: Path, form: str | None) -> NumberedTriples | None:
    """Read a file of canonical N-Triples in blocks, so that it is never in memory as a whole.

    Args:
        path: The file.
        form: The name of its format; by default its ending decides.

    Returns:
        The triples, duplicates included; None where the file is anything else, has a mistake or cannot be read: what
        reads it whole finds out which.
    """
    try:
        if find_format(form, path, InputError).name != "ntriples" or path.suffix.lower() == ".gz":
            return None
        # What a shell gives as a file can be read once only.
        if not path.is_file() or path.stat().st_size > MAX_SIZE:
            return None
        return number_lines(read_lines(path, BLOCK))
    except (InputError, OSError, ValueError):
        return None


def parse_bytes(data: bytes, form: Format, base: str | None, graph: str | None, where: str) -> pl.DataFrame:
    """Parse bytes of one format into three columns of terms, in the order of the source, duplicates included.

    Args:
        data: The source.
        form: Its format.
        base: The IRI that relative IRIs are resolved against, or None.
        graph: The IRI of the one named graph to read; None for all graphs.
        where: What to call the source in errors.

    Raises:
        InputError: For a mistake, with line and column, and where there is no such graph.
    """
    return _pick_graph(parse_quads(data, form, base, where).frame, form, graph, where)


def parse_quads(data: bytes, form: Format, base: str | None, where: str, lines_before: int = 0) -> Parsed:
    """Parse bytes of one format into four columns of terms, named graphs kept apart.

    Warns (ReadWarning) of keys of JSON-LD that no context maps.

    Args:
        data: The source, or of a format with a triple a line some of its lines.
        form: Its format.
        base: The IRI that relative IRIs are resolved against, or None.
        where: What to call the source in errors.
        lines_before: How many lines of the source come before these.

    Raises:
        InputError: For a mistake, with line and column.
    """
    if not lines_before:
        data = data.removeprefix(b"\xef\xbb\xbf")
    if form.reader:
        return form.read(data, base, where)
    if form.name == "ntriples":
        frame = split_lines(data)
        if frame is not None:
            return Parsed(frame.with_columns(graph=pl.lit(None, pl.String)))
    if form.name == "rdfxml":
        data = rdfxml.prepare(data, where)
        base = simplify_base(base) if base else base
    else:
        _check_encoding(data, where, lines_before)
    data = resolve_by_odd_base(data, form.name, base)
    prefixes: dict[str, str] = {}
    frame = _parse(data, form, base, where, prefixes, lines_before)
    frame = restore_tags(frame, data, form, lambda marked: _parse(marked, form, base, where, {}))
    if form.name == "n3" and frame["graph"].null_count() < len(frame):
        raise InputError.at(where, "formulas, { … }, are not RDF", "write Turtle or TriG")
    frame = _refuse_newer(frame, form, where)
    return Parsed(frame if form.line_based else _label_blanks(frame, data), prefixes)


def has_pieces(path: Path) -> bool:
    """Return whether a file is of a format that can be read in pieces.

    Raises:
        InputError: Where the format is not known.

    Examples:
        >>> has_pieces(Path("a.nt.gz")), has_pieces(Path("a.ttl"))
        (True, False)
    """
    return find_format(None, path, InputError).line_based


def read_pieces(path: Path, size: int) -> Iterator[pl.DataFrame]:
    """Yield the triples of a file of N-Triples or N-Quads in pieces, as `Triples.read` reads them, duplicates included.

    Args:
        path: The file; `.gz` is unpacked.
        size: The bytes of a piece, about.

    Raises:
        InputError: Where the file cannot be read, and with the mistakes in it, when all of it has been read.
    """
    form = find_format(None, path, InputError)
    lines = 0
    problems: list[Problem] = []
    for data in read_lines(path, size):
        try:
            frame = parse_quads(data, form, None, str(path), lines).frame
        except InputError as error:
            problems += error.problems
            if len(problems) >= _MAX_PROBLEMS:
                break
        else:
            if not problems:
                yield frame.select("subject", "predicate", "object")
        lines += len(data.splitlines())
    if problems:
        raise InputError.of(problems[:_MAX_PROBLEMS])


def _check_encoding(data: bytes, where: str, lines_before: int) -> None:
    """Refuse what is not UTF-8, with the place."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = lines_before + before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        what = f"byte 0x{data[error.start]:02X} is not UTF-8"
        raise InputError.at(f"{where}:{line}:{column}", what, "save the file as UTF-8") from error


def _parse(
    data: bytes, form: Format, base: str | None, where: str, prefixes: dict[str, str], lines_before: int = 0
) -> pl.DataFrame:
    """Let the parser read, and split what the serializer writes of it: the triples' columns and `graph`.

    The prefixes that the source declares are added to `prefixes`.
    """
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    if form.name == "jsonld" and jsonld_parser.may_need_expansion(data, base):
        return _expand(data, base, where)
    try:
        parser = _open(data, form, base)
        written = pyoxigraph.serialize(parser, format=pyoxigraph.RdfFormat.N_QUADS)
        prefixes |= parser.prefixes
        if form.name == "jsonld":
            _check_complete(data, form, base, written or b"", where)
    except SyntaxError as error:
        raise InputError.of(_explain(error, data, form, where, lines_before)) from error
    except MemoryError as error:
        raise InputError.at(
            where, "has a text or an IRI of over 16 MiB", "keep such a text in a file of its own"
        ) from error
    except ValueError as error:
        raise InputError.at(where, f"the base {base!r} is not an IRI ({error})", "give an absolute IRI") from error
    return _split_quads(written or b"", graphs=form.graphs)


def _expand(data: bytes, base: str | None, where: str) -> pl.DataFrame:
    """Let the standard's own algorithms read a document of JSON-LD."""
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    quads, dropped = jsonld_parser.to_nquads(data, base, where)
    _warn_of_keys(dropped, where)
    try:
        parsed = pyoxigraph.parse(quads, pyoxigraph.RdfFormat.N_QUADS)
        written = pyoxigraph.serialize(parsed, format=pyoxigraph.RdfFormat.N_QUADS)
    except SyntaxError as error:
        raise InputError.at(where, _simplify(error.msg), "write valid JSON-LD") from error
    return _split_quads(written or b"", graphs=True)


def _split_quads(written: bytes, *, graphs: bool) -> pl.DataFrame:
    frame = split_lines(written, trusted=True)
    assert frame is not None  # noqa: S101 - what a serializer writes are lines
    if not graphs:
        return frame.with_columns(graph=pl.lit(None, pl.String))
    # A graph's name comes last, after a blank; no blank and no `<` without a `"` after it end any other object.
    name = pl.col("object").str.extract(r' (<[^<>" ]*>|_:[^" ]+)$')
    return frame.with_columns(name.alias("graph")).with_columns(
        pl.when(pl.col("graph").is_null())
        .then("object")
        .otherwise(pl.col("object").str.strip_suffix(pl.concat_str(pl.lit(" "), "graph")))
        .alias("object")
    )


def _open(data: bytes, form: Format, base: str | None, *, lenient: bool = False) -> pyoxigraph.QuadParser:
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    parser = pyoxigraph.RdfFormat.from_extension(form.parser)
    return pyoxigraph.parse(data, parser, base_iri=base, lenient=lenient)


def _check_complete(data: bytes, form: Format, base: str | None, written: bytes, where: str) -> None:
    """Find what the JSON-LD parser left out: the lenient one keeps it.

    Keys that no context maps are left out with all that stands below them (JSON-LD 1.1 API, section 5.1.2, step 13.3).
    """
    lenient = list(_open(data, form, base, lenient=True))
    if len(lenient) == written.count(b"\n"):
        return
    unmapped = {quad.predicate.value: None for quad in lenient if ":" not in quad.predicate.value}
    below = {quad.object for quad in lenient if quad.predicate.value in unmapped}
    rest = [quad for quad in lenient if quad.predicate.value not in unmapped]
    while True:
        more = {quad.object for quad in rest if quad.subject in below} - below
        if not more:
            break
        below |= more
    problems: dict[str, Problem] = {}
    for quad in rest:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if quad.subject not in below and len(problems) < _MAX_PROBLEMS and (what := _simplify(_term_error(term))):
                problems.setdefault(what, Problem(where, what, _hint_for(what, form), file=where))
    if problems:
        raise InputError.of(problems.values())
    _warn_of_keys(list(unmapped), where)


def _warn_of_keys(keys: list[str], where: str) -> None:
    if keys:
        shown = ", ".join(repr(key)[:80] for key in keys[:10]) + (" …" if len(keys) > 10 else "")
        what = f"{where}: left out, since no context maps it to an IRI: {shown}; map the key, or take it out"
        warnings.warn(what, ReadWarning, stacklevel=2)


def _term_error(term: object) -> str:
    """Return what is wrong with a term that was read without checks; nothing when it is right."""
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    try:
        if isinstance(term, pyoxigraph.NamedNode):
            pyoxigraph.NamedNode(term.value)
        elif isinstance(term, pyoxigraph.BlankNode):
            pyoxigraph.BlankNode(term.value)
        elif isinstance(term, pyoxigraph.Literal) and term.language:
            pyoxigraph.Literal(term.value, language=term.language)
        elif isinstance(term, pyoxigraph.Literal):
            pyoxigraph.NamedNode(term.datatype.value)
    except ValueError as error:
        shown = getattr(term, "language", None) or getattr(term, "value", term)
        return f"{shown!r}: {error}"
    return ""


def _explain(error: SyntaxError, data: bytes, form: Format, where: str, lines_before: int) -> list[Problem]:
    """Return what the parser found wrong, where, and what to do; of formats with a triple a line, all wrong lines."""
    if form.line_based and error.lineno:
        found = []
        for number, line in enumerate(data.splitlines(), lines_before + 1):
            try:
                for _ in _open(line, form, None):
                    pass
            except SyntaxError as wrong:
                found.append(_to_problem(wrong, line, form, where, number))
                if len(found) == _MAX_PROBLEMS:
                    break
        if found:
            return found
    place = error.lineno and error.lineno + lines_before
    return [_to_problem(error, data, form, where, place)]


def _to_problem(error: SyntaxError, data: bytes, form: Format, where: str, line: int | None) -> Problem:
    what = error.msg
    if what.startswith("Parser error at"):
        what = what.partition(": ")[2] or what
    if line is None and form.name == "rdfxml" and (named := re.search("IRI '(.+?)': ", what)):
        # The parser does not say where; what it names stands between quotation marks, and is wrong at its first place.
        places = [data.find(mark + named[1].encode() + mark) for mark in (b'"', b"'")]
        line = min((data.count(b"\n", 0, place) + 1 for place in places if place >= 0), default=None)
    place = ":".join([where, *(str(number) for number in (line, error.offset) if number)])
    return Problem(place, _simplify(what), _hint_for(what, form), file=where, row=line or 0)


def _simplify(what: str) -> str:
    for wording, plainer in _PLAINER:
        what = what.replace(wording, plainer)
    return what


def _hint_for(what: str, form: Format) -> str:
    return next((hint for part, hint in _HINTS if part in what), f"write valid {form.title}")


def _pick_graph(frame: pl.DataFrame, form: Format, graph: str | None, where: str) -> pl.DataFrame:
    """Merge the graphs, or keep the one of that name."""
    if graph is not None:
        if frame["graph"].is_null().all() and not form.graphs:
            raise InputError.at(where, f"{form.title} has no named graphs", "leave the graph out")
        names = frame["graph"].drop_nulls().unique().sort()
        frame = frame.filter(pl.col("graph") == f"<{graph}>")
        if frame.is_empty():
            known = ", ".join(names.head(5)) or "none"
            raise InputError.at(where, f"has no graph <{graph}>", f"its named graphs: {known}")
    return frame.select("subject", "predicate", "object")


def _refuse_newer(frame: pl.DataFrame, form: Format, where: str) -> pl.DataFrame:
    """Refuse what RDF 1.1 has not: triples as terms, and text with a base direction, which JSON-LD 1.1 ignores."""
    directed = pl.col("object").str.contains(r'"@[A-Za-z0-9-]+--(?:ltr|rtl)$')
    if form.name == "jsonld":
        bare = pl.col("object").str.replace(r"--(?:ltr|rtl)$", "")
        frame = frame.with_columns(pl.when(directed).then(bare).otherwise("object").alias("object"))
    odd = frame.filter(pl.col("object").str.starts_with("<<") | directed)
    if len(odd):
        raise InputError.at(where, f"{odd['object'][0]} is a term of RDF 1.2", "write it in RDF 1.1")
    return frame


def _label_blanks(frame: pl.DataFrame, data: bytes) -> pl.DataFrame:
    """Relabel blank nodes that the parser labelled at random by the source alone."""
    columns = [name for name in ("subject", "object", "graph") if frame[name].null_count() < frame.height]
    masks = [frame[name].str.contains(_RANDOM_LABEL) for name in columns]
    if not any(mask.any() for mask in masks):
        return frame
    places = pl.int_range(frame.height, eager=True)
    found = [
        pl.DataFrame({"place": places.filter(mask) * len(columns) + part, "node": frame[name].filter(mask)})
        for part, (name, mask) in enumerate(zip(columns, masks, strict=True))
    ]
    nodes = pl.concat(found).sort("place").select(pl.col("node").unique(maintain_order=True))
    scope = hashlib.blake2b(data, digest_size=5).hexdigest()
    labels = nodes.select(pl.concat_str(pl.lit(f"_:n{scope}x"), pl.int_range(pl.len()))).to_series()
    return frame.with_columns(pl.col(columns).replace(nodes["node"], labels))
