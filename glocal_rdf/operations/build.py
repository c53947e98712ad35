"""Builds a project's graph: tables are converted, links read, truthy statements derived from claims, rules applied."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf.dataset import Build
from glocal_rdf.errors import Problem, TableError
from glocal_rdf.files import make_folder, refuse_overwriting
from glocal_rdf.i18n import message
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import DCTERMS, SKOS, Term, term
from glocal_rdf.project import Project
from glocal_rdf.source_graphs import find_local_iris
from glocal_rdf.sparql.execution.process import TIMEOUT
from glocal_rdf.triples import Triples, terms
from glocal_rdf.vocabulary import CLAIM, END, NARROWING, ORDER, START

if TYPE_CHECKING:
    from glocal_rdf import csvw
    from glocal_rdf.csvw import Accounts
    from glocal_rdf.operations.cached_build import BuildCache

__all__ = [
    "build",
    "build_stated",
    "build_to_validate",
    "count_parts",
    "list_problems",
    "read_tables",
    "sum_accounts",
    "write_build",
]


def build(project: Project, *, timeout: float = TIMEOUT) -> Build:
    """Build a project's graph.

    Args:
        project: The project to build.
        timeout: The seconds that one rule may take; rules are applied when what they infer is first needed.

    Raises:
        TableError: With every cell that does not match the description of its table.

    Examples:
        >>> build(Project.bundled()).project.name
        'glocal'
    """
    from glocal_rdf.claims import ranking  # noqa: PLC0415 - a graph in the cache does not need it

    base = build_stated(project, timeout=timeout)
    truthy = ranking.derive_truthy(base.stated, project.find_terms(*NARROWING)).difference(base.stated)
    return replace(base, truthy=truthy)


def build_stated(project: Project, *, timeout: float = TIMEOUT) -> Build:
    """Build what a project's tables and links state, without the truthy statements that follow.

    Args:
        project: The project to build.
        timeout: The seconds that one rule may take.

    Raises:
        TableError: As `build` does.
    """
    # A graph in the cache needs none of these.
    from glocal_rdf.claims import memberships  # noqa: PLC0415
    from glocal_rdf.operations.dataset_metadata import describe_dataset, find_unused_metadata  # noqa: PLC0415
    from glocal_rdf.sssom import list_proposals, read_links  # noqa: PLC0415

    conversion, origins = read_tables(project)
    described = describe_dataset(conversion)
    stated = conversion.triples.union(*map(read_links, project.link_files)).merge(described)
    if project.space:
        periods = (project.find_terms(START), project.find_terms(END))
        intervals = memberships.derive_intervals(stated, project.space, *periods)
        stated = stated.union(_derive_curated(project, stated, described), intervals)
    proposals = (one for file in project.link_files for one in list_proposals(file))
    problems = (*conversion.problems, *find_unused_metadata(project, conversion), *proposals)
    return Build(project, conversion, stated, Triples.empty(), problems, timeout, origins)


def read_tables(project: Project) -> tuple[csvw.Conversion, pl.DataFrame]:
    """Convert the tables of a project, and expand the claims in them.

    Returns:
        The conversion, with the claims expanded, and what its triples were made from (`Expansion.origins`).

    Raises:
        TableError: As `build` does.
    """
    from glocal_rdf import csvw  # noqa: PLC0415 - not needed for a graph in the cache
    from glocal_rdf.claims import expansion  # noqa: PLC0415 - not needed for a graph in the cache

    conversion = csvw.convert(project.metadata, prefixes=project.declared_prefixes)
    errors = list(conversion.errors + find_local_iris(conversion))
    names = {name: project.find_terms(name)[0] for name in expansion.TERMS}
    notations = project.ontology.match(predicate=term(SKOS, "notation"))
    bounds = {terms.unquote(value): Term(subject) for subject, _, value in notations}
    expanded = expansion.expand_claims(conversion.triples, names, bounds)
    if expanded.faults.height:
        errors += _locate_faults(conversion, expanded.faults)
    if errors:
        raise TableError.of(errors)
    return replace(conversion, triples=expanded.triples), expanded.origins


def _locate_faults(conversion: csvw.Conversion, faults: pl.DataFrame) -> Iterator[Problem]:
    """Yield the faults of claims with the cells that they are in."""
    from glocal_rdf.csvw import locate  # noqa: PLC0415 - not needed for a graph in the cache

    for subject, predicate, value, what, hint in faults.unique(maintain_order=True).iter_rows():
        for cell in locate(conversion, subject, predicate, value):
            where, text = f"{cell.file}:{cell.row}", f"{cell.column}: {what}"
            yield Problem(where, text, hint, "datatype", "error", cell.file, cell.row, cell.column, cell.value)


def _derive_curated(project: Project, stated: Triples, described: Triples) -> Triples:
    """Derive the claims of the curators, whom the description of the dataset names (dcterms:creator)."""
    from glocal_rdf.claims import curation  # noqa: PLC0415 - not needed for a graph in the cache

    named = described.match(predicate=term(DCTERMS, "creator")).frame["object"]
    curators = [Term(one) for one in named if one.startswith("<")]
    [kind, *_], order = project.find_terms(CLAIM), project.find_terms(ORDER)
    return curation.derive_curated(stated, curators, project.space, kind, order)


def build_to_validate(project: Project, *, timeout: float = TIMEOUT, builds: BuildCache | None = None) -> Build:
    """Build a project's graph and apply its rules, while another thread reads the shapes.

    Args:
        project: The project to build.
        timeout: The seconds that one rule may take.
        builds: Where the graph is taken from if nothing that it is made of has changed.

    Raises:
        TableError: As `build` does.
        InputError: Where a rule or a file of shapes has a mistake.
    """

    def read_ahead() -> tuple[Triples, Triples]:
        import_module("glocal_rdf.shacl")
        return project.shapes, project.external_shapes

    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(read_ahead)
        built = build(project, timeout=timeout) if builds is None else builds.open(project, timeout=timeout)
        _ = built.with_ontology  # applies the rules
        ahead.result()
    return built


def list_problems(built: Build) -> tuple[Problem, ...]:
    """List the warnings of a build: imports that were not followed, and problems of tables and source graphs."""
    sources = (problem for source in built.source_graphs for problem in source.problems)
    return (*built.project.import_problems, *built.problems, *sources)


def sum_accounts(built: Build) -> Accounts:
    """Return how many rows of all tables, source graphs included, were read, converted and left out."""
    return built.accounts


def count_parts(built: Build, lang: str = "en") -> dict[str, int]:
    """Count what was built: instances by class, triples by part, and the facts of each source graph."""
    return built.counts(lang) | {
        message(lang, "external facts: {title}", title=source.describe("title", lang)): len(source.facts)
        for source in built.source_graphs
    }


def write_build(built: Build, folder: Path) -> tuple[Path, ...]:
    """Write the graph as Turtle, and each source graph into `external/` beside it.

    Args:
        built: The build to write; it is not validated here.
        folder: Where to write; it is made if it is missing.

    Returns:
        The files that were written, that of the graph first.

    Raises:
        OutputError: Where a file cannot be written, or is one that the project is made of.
    """
    target = folder / f"{built.project.name}.ttl"
    external = {folder / "external" / f"{source.name}.ttl": source for source in built.source_graphs}
    for file in (target, *external):
        refuse_overwriting(file, *built.project.input_files)
    make_folder(folder)
    built.triples.write(target, "turtle", built.prefixes)
    for file, source in external.items():
        make_folder(file.parent)
        source.triples.write(file, "turtle", built.prefixes)
    return (target, *external)
