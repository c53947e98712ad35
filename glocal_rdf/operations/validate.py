"""Validates a build, or any RDF, against shapes, by one engine or both, and traces every result back to its source."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from glocal_rdf import shacl
from glocal_rdf.dataset import Build
from glocal_rdf.errors import EndpointError, Problem
from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.operations.graph_inputs import GraphInput, merge_graphs, name_file, read_graph, read_with_imports
from glocal_rdf.operations.provenance import trace_in_files, trace_results
from glocal_rdf.operations.validation_options import Engine, Severity, ValidationOptions
from glocal_rdf.operations.validation_report import (
    NOTHING_MATCHED,
    Validation,
    compare_reports,
    concerns,
    extend_report,
    finish_report,
    join_reports,
    most_severe,
)
from glocal_rdf.project import Project
from glocal_rdf.shacl import PreparedShapes, ValidationReport
from glocal_rdf.shacl.report.model import has_results_at
from glocal_rdf.source_graphs import SourceGraph
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.sparql.execution.process import StoreProcess

__all__ = [
    "Engine",
    "Severity",
    "ValidationOptions",
    "fetch_for_shapes",
    "pair_source_graphs",
    "validate",
    "validate_build",
    "validate_endpoint",
    "validate_files",
    "validate_source_graphs",
]


@dataclass(frozen=True)
class _Input:
    """A graph with its shapes; a store that holds it already, and the part that the verdict is about, if any."""

    data: Triples
    shapes: PreparedShapes
    store: StoreProcess | None = None
    given: Triples | None = None


@dataclass(frozen=True)
class _Outcome:
    """The reports of several graphs, whether a result fails, and the differences of two engines."""

    reports: list[ValidationReport]
    fails: bool
    differences: tuple[str, ...] | None


def validate(
    data: Build | GraphInput | Sequence[GraphInput],
    engine: Engine = "columns",
    *,
    shapes: GraphInput | PreparedShapes | Sequence[GraphInput] | None = None,
    ontology: GraphInput | Sequence[GraphInput] | None = None,
    project: Project | None = None,
    source_graphs: bool = False,
    documents: Path | None = None,
    severity: Severity = "info",
    only_shapes: Sequence[str] = (),
    only_focus: Sequence[str] = (),
    max_results: int | None = 100_000,
    max_triples: int = 1_000_000,
    time_limit: float = 60.0,
    ignore_unsupported: bool = False,
    report_unsupported: bool = False,
    max_memory: int | None = None,
) -> Validation:
    """Validate a build against its project's shapes, or any RDF against the shapes given.

    Args:
        data: A build; a graph (`Triples` or rdflib's), the path of a file of RDF, or several of these; or the address
            of a SPARQL endpoint.
        engine: `columns` (ours), `pyshacl`, or `both`, which also lists what only one of them reports.
        shapes: The shapes for data that are not a build; files that they import are read from their folders.
        ontology: Where classes have their superclasses.
        project: The project whose shapes and ontology are used where no `shapes` are given.
        source_graphs: Whether the source graphs of a build are validated too, against `shapes/external/`.
        documents: The folder of the documents of a build, to check that its claims are supported by their passages.
        severity: The least severity that counts as a failure; the specification counts all.
        only_shapes: The shapes to validate, by IRI, CURIE, or the last part of an IRI; by default all with a target.
        only_focus: The focus nodes to validate, by IRI or CURIE; by default all.
        max_results: How many results are listed at most, the most severe first; `total` counts all.
        max_triples: How many triples are fetched from an endpoint at most.
        time_limit: The seconds that one SPARQL-based constraint may take.
        ignore_unsupported: Whether features of the shapes that are not supported are left out.
        report_unsupported: Whether they are listed in the report, which then is not `complete`.
        max_memory: The bytes of memory to take at most, for paths of files, which are then validated bucket by bucket
            from a temporary folder; None for no limit.

    Returns:
        The report, with the locations of its results; imports that were not followed are among its warnings.

    Raises:
        ShapesError: Where shapes are malformed, or use a feature that is not supported and neither ignored nor
            reported, or where `only_shapes` names none of them.
        InputError: Where a file cannot be read.
        TypeError: Where data that are not a build come without shapes and project.

    Examples:
        >>> shapes = Triples.parse('''PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://example.org/>
        ... ex:City a sh:NodeShape ; sh:targetNode ex:taipei ; sh:property [ sh:path ex:country ; sh:minCount 1 ] .
        ... ''', "turtle")
        >>> data = Triples.parse("<http://example.org/taipei> <http://example.org/name> 'Taipei' .", "turtle")
        >>> report = validate(data, shapes=shapes, only_shapes=["City"])
        >>> report.conforms, report.total, report.results[0].focus
        (False, 1, '<http://example.org/taipei>')

    https://www.w3.org/TR/shacl/#validation
    """
    options = ValidationOptions(
        engine=engine,
        severity=severity,
        only_shapes=only_shapes,
        only_focus=only_focus,
        max_results=max_results,
        time_limit=time_limit,
        ignore_unsupported=ignore_unsupported,
        report_unsupported=report_unsupported,
    )
    if isinstance(data, Build):
        if shapes is not None or ontology is not None or project is not None or max_memory is not None:
            raise TypeError("a Build is validated against its own project and as a whole; give its triples or a file")
        validation = validate_build(data, options, source_graphs=source_graphs, documents=documents)
        return _with_warnings(validation, data.project.import_problems)
    if source_graphs or documents:
        raise TypeError("source_graphs and documents are those of a Build")
    problems: tuple[Problem, ...] = ()
    classes: Triples | None = None
    if ontology is not None:
        classes, problems = read_with_imports(_as_sequence(ontology))
    context = None
    if isinstance(shapes, PreparedShapes):
        prepared = shapes
    elif shapes is not None:
        graph, more = read_with_imports(_as_sequence(shapes), () if classes is None else (classes,))
        prepared, problems = shacl.prepare(graph), (*problems, *more)
    elif project is not None:
        prepared, problems = shacl.prepare(project.shapes), (*problems, *project.import_problems)
        context = project.ontology
        classes = context if classes is None else classes
    else:
        raise TypeError("validate takes a Build, or RDF with shapes=… or project=…")
    if max_memory is not None:
        from glocal_rdf.operations.bounded_validation import validate_in_bounded_memory  # noqa: PLC0415 - seldom

        paths = [Path(one) for one in _as_sequence(data) if isinstance(one, str | os.PathLike)]
        if engine != "columns" or len(paths) < len(_as_sequence(data)):
            raise TypeError("max_memory goes with paths of files and the engine columns")
        validation = validate_in_bounded_memory(
            paths, max_memory, options, shapes=prepared, ontology=classes, context=context
        )
    elif isinstance(data, str) and "://" in data:
        validation = validate_endpoint(
            data, options, shapes=prepared, ontology=classes, context=context, max_triples=max_triples
        )
    else:
        files = [(_name(one), read_graph(one)) for one in _as_sequence(data)]
        validation = validate_files(files, options, shapes=prepared, ontology=classes, context=context)
    return _with_warnings(validation, problems)


def _with_warnings(validation: Validation, problems: Sequence[Problem]) -> Validation:
    return replace(validation, warnings=(*problems, *validation.warnings)) if problems else validation


def _as_sequence(value: GraphInput | Sequence[GraphInput]) -> Sequence[GraphInput]:
    return value if isinstance(value, list | tuple) else [value]  # type: ignore[list-item]


def _name(source: GraphInput) -> str:
    """Return the name of a file, or none for a graph."""
    return name_file(source) if isinstance(source, str | os.PathLike) else ""


def validate_build(
    built: Build,
    options: ValidationOptions | None = None,
    *,
    source_graphs: bool = False,
    documents: Path | None = None,
) -> Validation:
    """Validate a build against its project's shapes, and its source graphs against `shapes/external/`.

    Source graphs are validated one by one, since two of them may differ without either being wrong. Results are traced
    to cells, passages and files.

    Args:
        built: The build.
        options: The options of the validation.
        source_graphs: Whether the source graphs are validated too.
        documents: The folder of the documents that the claims are checked against; None where they are not checked.
    """
    options = options or ValidationOptions()
    project = built.project
    shapes = shacl.prepare(project.shapes)
    pairs: list[tuple[SourceGraph, Triples]] = []
    external: list[_Input] = []
    if source_graphs:
        external_shapes = shacl.prepare(project.external_shapes)
        pairs = pair_source_graphs(built, external_shapes)
        external = [_Input(data, external_shapes) for _, data in pairs]
    with built.lend_store() as store:
        graphs = [_Input(built.with_ontology, shapes, store, built.triples), *external]
        outcome = _run(graphs, project.ontology, options, built.prefixes)
    first, *others = outcome.reports
    sources = [(source, other) for (source, _), other in zip(pairs, others, strict=True)]
    report, locations = join_reports(first, trace_results(built, first), sources)
    kept = most_severe(report, options.max_results)
    shown = replace(report, results=tuple(report.results[at] for at in kept))
    traced = {new: locations[at] for new, at in enumerate(kept) if at in locations}
    fails = outcome.fails and concerns(report, built.triples, *(data for _, data in pairs))
    parts = tuple(outcome.reports)
    validation = extend_report(shown, traced, fails=fails, differences=outcome.differences, parts=parts)
    validation = replace(validation, built=built)
    if documents is None:
        return validation
    from glocal_rdf.operations.evidence import add_evidence, check_evidence  # noqa: PLC0415 - only where it is wanted

    return add_evidence(validation, check_evidence(built, documents), max_results=options.max_results)


def validate_files(
    files: Sequence[tuple[str, Triples]],
    options: ValidationOptions | None = None,
    *,
    shapes: PreparedShapes,
    ontology: Triples | None = None,
    context: Triples | None = None,
) -> Validation:
    """Validate graphs together.

    Args:
        files: The graphs, each with the name of the file that its results are traced to (empty for none).
        options: The options of the validation.
        shapes: The shapes.
        ontology: Where classes have their superclasses.
        context: Triples that the shapes look up and that are not validated themselves: for shapes of a project, its
            ontology.
    """
    options = options or ValidationOptions()
    given = merge_graphs([graph for _, graph in files])
    data = _Input(given, shapes) if context is None else _Input(given.union(context), shapes, given=given)
    outcome = _run([data], ontology, options, WELL_KNOWN)
    (report,) = outcome.reports
    return finish_report(
        report,
        trace_in_files(files, report),
        fails=outcome.fails,
        differences=outcome.differences,
        concerned=None if context is None else concerns(report, given),
        without_data="" if len(given) else ", ".join(name for name, _ in files if name) or "the graph",
    )


def validate_endpoint(
    address: str,
    options: ValidationOptions | None = None,
    *,
    shapes: PreparedShapes,
    ontology: Triples | None = None,
    context: Triples | None = None,
    max_triples: int = 1_000_000,
) -> Validation:
    """Validate the triples of a SPARQL endpoint that the shapes can look at, as `validate_files` does.

    Args:
        address: The address of the endpoint.
        options: The options of the validation.
        shapes: The shapes.
        ontology: Where classes have their superclasses.
        context: Triples that the shapes look up and that are not validated themselves.
        max_triples: How many triples are fetched at most.

    Raises:
        EndpointError: Where the endpoint does not answer, or has more than `max_triples` such triples.
    """
    fetched = fetch_for_shapes(address, shapes, max_triples)
    validation = validate_files([("", fetched)], options, shapes=shapes, ontology=ontology, context=context)
    return validation if len(fetched) else _without_data(validation, address)


def _without_data(validation: Validation, names: str) -> Validation:
    """Say that nothing was validated because there are no triples."""
    return replace(validation, why_not_validated=f"{NOTHING_MATCHED} ({names} has no triples)")


def fetch_for_shapes(address: str, shapes: PreparedShapes, limit: int) -> Triples:
    """Fetch from a SPARQL endpoint the triples that shapes can look at: those with predicates of targets and paths.

    Args:
        address: The address of the endpoint.
        shapes: The shapes to fetch for.
        limit: How many triples are fetched at most.

    Raises:
        EndpointError: Where there are more triples, since the results for a part of them would be wrong.
    """
    from glocal_rdf.operations.query import ask  # noqa: PLC0415 - only endpoints

    predicates = shapes.needed_predicates
    block = "" if predicates is None else f"VALUES ?p {{ {' '.join(sorted(predicates))} }} "
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {block}?s ?p ?o }} LIMIT {limit + 1}"
    fetched = ask(address, text).triples or Triples.empty()
    if len(fetched) > limit:
        hint = "raise --limit, or narrow the shapes"
        raise EndpointError.at(address, f"has more than {limit} triples that the shapes look at", hint)
    return fetched


def validate_source_graphs(
    built: Build, engine: Literal["columns", "pyshacl"] = "columns", *, ignore_unsupported: bool = False
) -> list[tuple[SourceGraph, ValidationReport]]:
    """Validate each source graph of a build against the project's `shapes/external/`; return a report for each.

    Args:
        built: The build.
        engine: What validates.
        ignore_unsupported: Whether to validate what is supported where the shapes use more.

    Raises:
        ShapesError: Where the shapes use what is not supported, unless `ignore_unsupported`.
    """
    shapes = shacl.prepare(built.project.external_shapes)
    options = ValidationOptions(engine=engine, ignore_unsupported=ignore_unsupported)
    pairs = pair_source_graphs(built, shapes)
    outcome = _run([_Input(data, shapes) for _, data in pairs], built.project.ontology, options, built.prefixes)
    return [(source, report) for (source, _), report in zip(pairs, outcome.reports, strict=True)]


def pair_source_graphs(built: Build, shapes: PreparedShapes) -> list[tuple[SourceGraph, Triples]]:
    """Pair each source graph with what is validated of it: the graph, and the project's triples that shapes look at."""
    if not built.project.external_shape_files or not built.source_graphs:
        return []
    needed = shapes.needed_predicates
    frame = built.triples.frame
    ours = Triples(frame if needed is None else frame.filter(pl.col("predicate").is_in(list(needed))))
    return [(source, source.triples.union(ours)) for source in built.source_graphs]


def _run(
    graphs: Sequence[_Input], ontology: Triples | None, options: ValidationOptions, prefixes: Mapping[str, str]
) -> _Outcome:
    """Validate graphs, each with its shapes, and keep the most severe results of each that are to be listed."""
    only_shapes, only_focus = options.resolve_names([graph.shapes for graph in graphs], prefixes)

    def run(engine: Literal["columns", "pyshacl"]) -> list[ValidationReport]:
        return [
            shacl.validate(
                graph.data,
                graph.shapes,
                ontology=ontology,
                engine=engine,
                max_results=None if options.needs_all_results else options.max_results,
                time_limit=options.time_limit,
                only_shapes=only_shapes,
                only_focus=only_focus,
                store=graph.store,
                given=graph.given,
                ignore_unsupported=options.ignore_unsupported or options.report_unsupported,
            )
            for graph in graphs
        ]

    reports = run("pyshacl" if options.engine == "pyshacl" else "columns")
    differences = compare_reports(reports, run("pyshacl")) if options.engine == "both" else None
    fails = any(has_results_at(report, options.severity) for report in reports)
    return _Outcome([_limit(report, options) for report in reports], fails, differences)


def _limit(report: ValidationReport, options: ValidationOptions) -> ValidationReport:
    """Keep the most severe results, as many as are to be listed, and mark whether everything was checked."""
    kept = tuple(report.results[at] for at in most_severe(report, options.max_results))
    return options.mark_complete(replace(report, results=kept))
