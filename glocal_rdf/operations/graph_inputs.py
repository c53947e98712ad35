"""Reads the RDF that an operation is given: files, rdflib graphs and graphs of ours, with the files they import."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.project import TABLE_ENDINGS
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.registry import FORMATS
from glocal_rdf.triples.imports import follow_imports

if TYPE_CHECKING:
    import rdflib

__all__ = ["GraphInput", "check_rdf_file", "merge_graphs", "name_file", "read_graph", "read_with_imports"]

GraphInput: TypeAlias = Union[Triples, "rdflib.Graph", "os.PathLike[str]", str]
"""A graph, or the path of a file with one."""


def read_graph(source: GraphInput) -> Triples:
    """Return a graph as `Triples`; a file is read, with its relative IRIs resolved against its own address.

    Raises:
        InputError: Where a file cannot be read or is not RDF; with a hint where it is an address, a folder or a table.
    """
    if isinstance(source, Triples):
        return source
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        check_rdf_file(path)
        return Triples.read(path, base=path.resolve().as_uri())
    return Triples.from_rdflib(source)


def read_with_imports(
    sources: Sequence[GraphInput], loaded: Sequence[Triples] = ()
) -> tuple[Triples, tuple[Problem, ...]]:
    """Merge graphs, with the files that they import (owl:imports).

    Files are imported from the folders of those that are given.

    Args:
        sources: The graphs, or their files.
        loaded: Graphs that are at hand already, so that importing them needs nothing.

    Returns:
        The graph, and a warning for each import that was not followed.
    """
    files = [Path(source) for source in sources if isinstance(source, str | os.PathLike)]
    for file in files:
        check_rdf_file(file)
    graph = merge_graphs([read_graph(source) for source in sources])
    return follow_imports(graph, [file.resolve().parent for file in files], files, loaded)


def merge_graphs(parts: Sequence[Triples]) -> Triples:
    """Merge graphs; blank nodes of different graphs stay apart."""
    return parts[0].distinct() if len(parts) == 1 else Triples.empty().merge(*parts)


def name_file(file: os.PathLike[str] | str) -> str:
    """Return the name of a file as it was given; bytes of it that are not UTF-8 are replaced."""
    return os.fsencode(file).decode("utf-8", "replace")


def check_rdf_file(file: Path) -> None:
    """Refuse an address, a folder or a table in the place of a file of RDF.

    Raises:
        InputError: With a hint.
    """
    scheme, colon, rest = str(file).partition(":/")
    if colon and scheme.lower() in {"http", "https", "ftp", "ftps"}:
        hint = "download it and give the file; a SPARQL endpoint is validated with --source"
        raise InputError.at(f"{scheme}://{rest.lstrip('/')}", "is an address, and nothing is fetched", hint)
    if file.is_dir():
        hint = "give the files in it; a project is validated with --project DIR"
        raise InputError.at(file, "is a folder, not a file", hint)
    ending = Path(file.stem if file.suffix.lower() == ".gz" else file.name).suffix.lower()
    if ending in TABLE_ENDINGS:
        hint = f"convert it first: glocal csvw {file.name} -o {file.stem}.ttl"
        raise InputError.at(file, "is a table, not RDF", hint)
    if file.exists() and ending.removeprefix(".") not in {end for form in FORMATS for end in form.endings}:
        known = ", ".join(f".{end}" for form in FORMATS for end in form.endings)
        what = f"the ending {ending} is not that of an RDF format" if ending else "the name has no ending"
        raise InputError.at(file, what, f"end the name with one of {known}, or give Turtle on stdin, as -")
