"""Follows owl:imports to files on this machine; what is elsewhere is named, and nothing is fetched.

An import is followed if it is a file (its IRI is `file:`, as that of every relative one is) inside the folders that
were given, links resolved: a graph from elsewhere must not make us read what it likes. An import of an ontology that is
loaded already, by its IRI or the IRI of its version, needs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import note_name
from glocal_rdf.namespaces import OWL, OWL_IMPORTS, RDF, RDF_TYPE, RDFS, SH, XSD, term
from glocal_rdf.triples.graph import Triples

__all__ = ["follow_imports"]

_BUILT_IN: Final = frozenset(namespace.rstrip("#") for namespace in (SH, OWL, RDFS, RDF, XSD))
_ENDINGS: Final = ("", ".ttl", ".nt", ".trig", ".nq", ".jsonld", ".rdf", ".owl")
_MAX_FILES: Final = 1_000


def follow_imports(
    graph: Triples, folders: Sequence[Path], read: Iterable[Path] = (), loaded: Iterable[Triples] = ()
) -> tuple[Triples, tuple[Problem, ...]]:
    """Return a graph with all files that it imports, directly or not, and a warning for each import not followed.

    Args:
        graph: The graph.
        folders: The folders in which files may be read.
        read: The files that the graph was read from.
        loaded: Other graphs that are at hand, whose ontologies need no file.

    Raises:
        InputError: Where a file inside the folders is missing or cannot be read.

    https://www.w3.org/TR/owl2-syntax/#Imports
    """
    if not len(graph.match(predicate=OWL_IMPORTS)):
        return graph, ()
    done = {file.resolve() for file in read}
    graphs = [graph]
    skipped: dict[str, Problem] = {}
    todo = _imports_of(graph)
    seen = set(todo)
    while todo:
        importer, iri = todo.pop(0)
        file = _file_of(iri)
        if file is None:
            skipped.setdefault(iri, _warning(importer, iri, "is not fetched"))
            continue
        found = _find(file)
        if not any(found.is_relative_to(folder.resolve()) for folder in folders):
            skipped.setdefault(iri, _warning(importer, iri, "lies outside the folder of the files, and is not read"))
            continue
        if found in done:
            continue
        if len(done) > _MAX_FILES:
            raise InputError.at(importer, f"imports lead to more than {_MAX_FILES:,} files", "merge some of them")
        if not _is_file(found):
            raise InputError.at(importer, f"owl:imports <{iri}>: there is no such file", "correct the address")
        done.add(found)
        graphs.append(Triples.read(found, base=found.as_uri()))
        fresh = [pair for pair in _imports_of(graphs[-1]) if pair not in seen]
        seen.update(fresh)
        todo += fresh
    known = set(_BUILT_IN).union(*map(_ontologies, [*graphs, *loaded]))
    problems = tuple(problem for iri, problem in skipped.items() if _bare(iri) not in known)
    problems += tuple(dict.fromkeys(problem for each in graphs for problem in _not_iris(each)))
    return (graph if len(graphs) == 1 else Triples.empty().merge(*graphs)), problems


def _imports_of(graph: Triples) -> list[tuple[str, str]]:
    """List the imports of a graph, sorted: who imports, and the IRI."""
    found = graph.match(predicate=OWL_IMPORTS)
    return sorted({(subject, obj[1:-1]) for subject, _, obj in found if obj.startswith("<")})


def _not_iris(graph: Triples) -> Iterable[Problem]:
    """Warn of imports that name no file or graph, as they are strings."""
    for subject, _, obj in sorted(graph.match(predicate=OWL_IMPORTS)):
        if obj.startswith('"'):
            what = f"owl:imports {obj} is not an IRI, and is not followed"
            yield Problem(subject, what, "write the IRI in < >", kind="import", level="warning")


def _ontologies(graph: Triples) -> set[str]:
    """List the ontologies of a graph, and their versions."""
    found = {subject for subject, _, _ in graph.match(predicate=RDF_TYPE, object=term(OWL, "Ontology"))}
    for _, _, version in graph.match(predicate=term(OWL, "versionIRI")):
        found.add(version)
    return {_bare(term[1:-1]) for term in found if term.startswith("<")}


def _bare(iri: str) -> str:
    return iri.rstrip("#/")


def _file_of(iri: str) -> Path | None:
    """Return the file that an IRI names on this machine, or none."""
    try:
        parts = urlsplit(iri)
        if parts.scheme.lower() != "file" or parts.netloc not in ("", "localhost"):
            return None
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return None
    return Path(path) if path.startswith("/") and "\0" not in path else None


def _find(file: Path) -> Path:
    """Find the file, which may be named without its ending; links are resolved."""
    try:
        named = next((f for end in _ENDINGS if _is_file(f := file.with_name(file.name + end))), file)
        return named.resolve()
    except (OSError, ValueError, RuntimeError):
        return file


def _is_file(path: Path) -> bool:
    try:
        note_name(path)
        return path.is_file()
    except (OSError, ValueError):
        return False


def _warning(importer: str, iri: str, what: str) -> Problem:
    hint = "what it says is not taken into account; download it and give the file too"
    return Problem(importer, f"owl:imports <{iri}> {what}", hint, kind="import", level="warning")
