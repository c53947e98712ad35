"""The registry of RDF formats: for each its names, file endings, media types, reader and writer.

A format is added with an entry here and a module with its writer (and its reader, where the parser does not know it);
every command offers it then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.errors import InputError, OutputError

if TYPE_CHECKING:
    import polars as pl

    from glocal_rdf.triples.formats.reader import Parsed

__all__ = ["FORMATS", "Format", "find_format", "format_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """Describe one format of RDF.

    Attributes:
        name: The name that commands and functions take.
        title: The name for people.
        media_type: The registered media type.
        endings: File endings, the usual one first.
        aliases: Other names and media types that are in use.
        parser: The file ending by which the parser (Oxigraph) knows the format; empty where it does not.
        reader: `module:function` in this package: `(data, base, where)` to quads as `reader.Parsed`; empty where the
            parser reads the format.
        writer: `module:function` in this package: `(frame, prefixes)` to bytes; empty where the format is only read.
            The frame has the columns `subject`, `predicate`, `object`, and `graph` (null in the default graph) where
            there are named graphs.
        limits: `module:function` in this package: `(frame)` to those of its rows that the format cannot hold; empty
            where it holds every graph.
        graphs: Whether the format holds named graphs.
        dataset_only: Whether it is a format for named graphs, which writes a single graph as another one does.
        line_based: Whether each line is one triple or quad, so that a mistake concerns one line.
    """

    name: str
    title: str
    media_type: str
    endings: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    parser: str = ""
    reader: str = ""
    writer: str = ""
    limits: str = ""
    graphs: bool = False
    dataset_only: bool = False
    line_based: bool = False

    @property
    def writable(self) -> bool:
        """Whether the format can be written."""
        return bool(self.writer)

    @property
    def resolves(self) -> bool:
        """Whether a file may have relative IRIs; those of N-Triples and N-Quads are absolute, whatever its address."""
        return not self.line_based

    def write(self, frame: pl.DataFrame, prefixes: Mapping[str, str] | None = None) -> bytes:
        """Write a graph or a dataset, a row each triple or quad.

        Args:
            frame: The columns `subject`, `predicate` and `object`, and `graph` where there are named graphs.
            prefixes: Namespaces by prefix.

        Raises:
            OutputError: Where the format cannot hold it.
        """
        return _load(self.writer)(frame, prefixes)  # type: ignore[no-any-return]

    def find_unholdable(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a graph that the format cannot hold.

        Args:
            frame: The columns `subject`, `predicate` and `object`, and any others.
        """
        return _load(self.limits)(frame) if self.limits else frame.clear()

    def read(self, data: bytes, base: str | None, where: str) -> Parsed:
        """Read a source with the reader of the format's own.

        Args:
            data: The source.
            base: The IRI that relative IRIs are resolved against, or None.
            where: What to call the source in errors.

        Raises:
            InputError: For a mistake in the source.
        """
        return _load(self.reader)(data, base, where)  # type: ignore[no-any-return]


def _load(place: str) -> Callable[..., Any]:
    module, _, function = place.partition(":")
    return getattr(import_module(f"glocal_rdf.triples.formats.{module}"), function)  # type: ignore[no-any-return]


FORMATS: Final = (
    Format(
        name="turtle",
        title="Turtle",
        media_type="text/turtle",
        endings=("ttl",),
        aliases=("longturtle", "application/x-turtle"),
        parser="ttl",
        writer="turtle:write_turtle",
    ),
    Format(
        name="ntriples",
        title="N-Triples",
        media_type="application/n-triples",
        endings=("nt",),
        aliases=("n-triples", "nt11"),
        parser="nt",
        writer="ntriples:write_ntriples",
        line_based=True,
    ),
    Format(
        name="nquads",
        title="N-Quads",
        media_type="application/n-quads",
        endings=("nq",),
        aliases=("n-quads",),
        parser="nq",
        writer="ntriples:write_ntriples",
        graphs=True,
        dataset_only=True,
        line_based=True,
    ),
    Format(
        name="trig",
        title="TriG",
        media_type="application/trig",
        endings=("trig",),
        parser="trig",
        writer="trig:write_trig",
        graphs=True,
        dataset_only=True,
    ),
    Format(
        name="jsonld",
        title="JSON-LD",
        media_type="application/ld+json",
        endings=("jsonld", "json"),
        aliases=("json-ld", "application/json"),
        parser="jsonld",
        writer="jsonld:write_jsonld",
        graphs=True,
    ),
    Format(
        name="rdfxml",
        title="RDF/XML",
        media_type="application/rdf+xml",
        endings=("rdf", "owl", "xml"),
        aliases=("rdf/xml", "pretty-xml", "application/xml", "text/xml"),
        parser="rdf",
        writer="rdfxml:write_rdfxml",
        limits="rdfxml:find_unwritable",
    ),
    Format(
        name="n3", title="N3", media_type="text/n3", endings=("n3",), aliases=("text/rdf+n3",), parser="n3", graphs=True
    ),
)


def format_names(*, writable: bool = True, datasets: bool = True) -> tuple[str, ...]:
    """List the names of formats.

    Args:
        writable: Whether formats that can only be read are left out.
        datasets: Whether the formats for named graphs are among them.

    Examples:
        >>> format_names(datasets=False)
        ('turtle', 'ntriples', 'jsonld', 'rdfxml')
    """
    return tuple(
        form.name for form in FORMATS if (form.writable or not writable) and (datasets or not form.dataset_only)
    )


def find_format(name: str | None, path: PurePath | None, error: type[InputError] | type[OutputError]) -> Format:
    """Find a format by its name, media type or file ending; without a name by the path's ending, `.gz` aside.

    Args:
        name: The name, or None.
        path: The file that is read or written, or None.
        error: What is raised, which also says whether the format is for input or for output.

    Raises:
        InputError: Where there is no such format, if it is for input.
        OutputError: Where there is none, if it is for output.
    """
    formats = [form for form in FORMATS if form.writable or error is InputError]
    known = ", ".join(form.name for form in formats)
    if name is not None:
        wanted = name.lower().split(";")[0].strip().removeprefix(".")
        for form in formats:
            if wanted in (form.name, form.media_type, *form.endings, *form.aliases):
                return form
        raise error.at(path or "", f"unknown RDF format {name!r}", f"choose one of {known}")
    if path is None:
        raise error.at("", "no RDF format given", f"choose one of {known}")
    endings = [ending[1:].lower() for ending in path.suffixes]
    if endings and endings[-1] == "gz":
        endings.pop()
    for form in formats:
        if endings and endings[-1] in form.endings:
            return form
    what = f"the ending .{endings[-1]} is not an RDF format that we know" if endings else "the name has no ending"
    ours = ", ".join(f".{ending}" for form in formats for ending in form.endings)
    raise error.at(path, what, f"name the format ({known}) or end the name with one of {ours}")
