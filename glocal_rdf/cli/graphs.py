"""Reads the files of RDF that a command is given, and says what to do where they are something else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf.cli.terminal import print_problems, read_stdin

if TYPE_CHECKING:
    from glocal_rdf.triples import Triples

__all__ = ["merge", "name_files", "read_all", "read_files", "refuse_no_rdf"]

TABLES = (".csv", ".tsv", ".tab", ".xlsx", ".xls", ".ods", ".parquet")


def read_all(files: tuple[Path, ...], *loaded: Triples) -> Triples:
    """Read files into one graph, with the files that they import, as far as none of `loaded` is what they import.

    Files are imported from the folders of those that are given, or the project that they lie in; others are named.
    """
    from glocal_rdf.triples.imports import follow_imports

    for file in files:
        refuse_no_rdf(file)
    here = [file for file in files if str(file) != "-"]
    graph, problems = follow_imports(merge(read_files(files)), [file.resolve().parent for file in here], here, loaded)
    print_problems(problems)
    return graph


def read_files(files: tuple[Path, ...]) -> list[Triples]:
    """Read files, each into a graph; - is Turtle from stdin."""
    from glocal_rdf.triples import Triples

    def read(file: Path) -> Triples:
        if str(file) == "-":
            return Triples.parse(read_stdin(), "turtle")
        # Relative IRIs in a file are relative to the file, as its shapes say of `<>`.
        return Triples.read(file, base=file.resolve().as_uri())

    return [read(file) for file in files]


def merge(parts: list[Triples]) -> Triples:
    """Merge graphs: blank nodes of two stay two."""
    from glocal_rdf.triples import Triples

    return Triples.empty().merge(*parts)


def name_files(files: tuple[Path, ...]) -> list[str]:
    """Name files as they were given."""
    return ["stdin" if str(file) == "-" else os.fsencode(file).decode("utf-8", "replace") for file in files]


def refuse_no_rdf(file: Path) -> None:
    """Raise InputError, with what to do, for an address, a folder or a table in the place of a file of RDF."""
    from glocal_rdf.errors import InputError
    from glocal_rdf.triples.formats.registry import FORMATS

    name = str(file)
    scheme, colon, rest = name.partition(":/")
    if colon and scheme.lower() in {"http", "https", "ftp", "ftps"}:
        what = "is an address, and nothing is fetched"
        raise InputError.at(
            f"{scheme}://{rest.lstrip('/')}",
            what,
            "download it and give the file; a SPARQL endpoint is validated with --source",
        )
    if name == "-":
        return
    if file.is_dir():
        hint = "give the files in it; a project is validated with --project DIR"
        raise InputError.at(file, "is a folder, not a file", hint)
    ending = Path(file.stem if file.suffix.lower() == ".gz" else file.name).suffix.lower()
    if ending in TABLES:
        hint = f"convert it first: glocal csvw {file.name} -o {file.stem}.ttl"
        raise InputError.at(file, "is a table, not RDF", hint)
    if file.exists() and ending.removeprefix(".") not in {end for form in FORMATS for end in form.endings}:
        known = ", ".join(f".{end}" for form in FORMATS for end in form.endings)
        what = f"the ending {ending} is not that of an RDF format" if ending else "the name has no ending"
        raise InputError.at(file, what, f"end the name with one of {known}, or give Turtle on stdin, as -")
