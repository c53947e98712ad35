"""Formats of RDF: their names, file endings and media types."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from glocal_rdf.errors import InputError, OutputError

__all__ = ["FORMATS", "Format", "find_format"]


@dataclass(frozen=True, slots=True)
class Format:
    """Name one format: for programs and for people; `parser` is its file ending as the parser knows it."""

    name: str
    title: str
    media_type: str
    endings: tuple[str, ...]
    parser: str
    aliases: tuple[str, ...] = ()
    graphs: bool = False
    writable: bool = True


FORMATS: Final = (
    Format("turtle", "Turtle", "text/turtle", ("ttl",), "ttl", ("longturtle",)),
    Format("ntriples", "N-Triples", "application/n-triples", ("nt",), "nt", ("n-triples", "nt11")),
    Format("nquads", "N-Quads", "application/n-quads", ("nq",), "nq", ("n-quads",), graphs=True),
    Format("trig", "TriG", "application/trig", ("trig",), "trig", (), graphs=True),
    Format(
        "jsonld",
        "JSON-LD",
        "application/ld+json",
        ("jsonld", "json"),
        "jsonld",
        ("json-ld", "application/json"),
        graphs=True,
    ),
    Format(
        "rdfxml",
        "RDF/XML",
        "application/rdf+xml",
        ("rdf", "owl", "xml"),
        "rdf",
        ("rdf/xml", "pretty-xml", "application/xml", "text/xml"),
    ),
    Format("n3", "N3", "text/n3", ("n3",), "n3", ("text/rdf+n3",), graphs=True, writable=False),
)


def find_format(name: str | None, path: PurePath | None, error: type[InputError] | type[OutputError]) -> Format:
    """Find a format by its name, media type or file ending; without a name by the path's ending, `.gz` aside.

    Raises `error`, which also says whether it is for input or for output, when there is none.
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
