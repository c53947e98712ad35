"""Validates data against shapes: the entry point of this engine.

1. The shapes are read and checked (`shapes`), and their queries (`sparql.query_plans`).
2. The data are encoded, as far as the shapes need them (`data_graph`), and the targets give the focus nodes.
3. The shapes are evaluated (`evaluation`) with the checks of their components (`constraints`), or by pySHACL.
4. The violations become results (`results`) of a report (`report`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.namespaces import OWL_CLASS, RDF_TYPE, RDFS_CLASS, RDFS_SUBCLASS_OF
from glocal_rdf.shacl.context import ValidationContext
from glocal_rdf.shacl.data_graph import EncodedGraph
from glocal_rdf.shacl.evaluation import evaluate
from glocal_rdf.shacl.parts import PartialReport, join_parts
from glocal_rdf.shacl.report.model import ValidationReport
from glocal_rdf.shacl.results import (
    complete_result,
    count_severities,
    cut_results,
    list_results,
    order_results,
    tabulate,
)
from glocal_rdf.shacl.shapes.model import ShapesGraph
from glocal_rdf.shacl.shapes.reader import read_shapes
from glocal_rdf.shacl.shapes.targets import count_checked, find_absent, report_absent
from glocal_rdf.shacl.shapes.vocabulary import TARGETS
from glocal_rdf.shacl.sparql.query_plans import QueryPlan, plan_queries
from glocal_rdf.shacl.sparql.store import SparqlStore
from glocal_rdf.shacl.terms import is_iri, sh
from glocal_rdf.shacl.triple_index import TripleIndex
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.sparql.execution.process import StoreProcess

__all__ = [
    "ENGINES",
    "Engine",
    "PreparedShapes",
    "check_supported",
    "complete_report",
    "needed_predicates",
    "prepare",
    "validate",
    "validate_part",
]

Engine = Literal["columns", "pyshacl"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True, eq=False)
class PreparedShapes:
    """Shapes that have been read and checked, to validate any number of graphs against them.

    Attributes:
        triples: The shapes graph.
        read: The shapes that were read from it.
    """

    triples: Triples
    read: ShapesGraph

    @cached_property
    def queries(self) -> Mapping[tuple[str, int], QueryPlan]:
        """The queries of SPARQL-based constraints, by shape and position of the constraint.

        Raises:
            ShapesError: A query is malformed.
        """
        return plan_queries(self.read)

    @cached_property
    def needed_predicates(self) -> frozenset[str] | None:
        """The predicates of all triples that the shapes can touch, and those of classes; None where that is any triple.

        For those who fetch data: a triple with another predicate changes no result.
        """
        needed = self._predicates
        if needed is None or any(query.touched.predicates is None for query in self.queries.values()):
            return None
        return frozenset(filter(is_iri, needed | self.queried_predicates)) | {RDF_TYPE, RDFS_SUBCLASS_OF}

    @cached_property
    def encoded_predicates(self) -> frozenset[str] | None:
        """The predicates of the triples that the data graph must have; None where that is any triple."""
        needed = self._predicates
        if needed is None or any(query.touched.predicates is None for query in self.queries.values()):
            return None
        return needed | self.queried_predicates

    @cached_property
    def queried_predicates(self) -> frozenset[str]:
        """The predicates that queries name."""
        return frozenset[str]().union(*(query.touched.predicates or () for query in self.queries.values()))

    @cached_property
    def queried_terms(self) -> frozenset[str]:
        """The predicates and all other IRIs that queries name."""
        return self.queried_predicates.union(*(query.terms for query in self.queries.values()))

    @cached_property
    def _predicates(self) -> frozenset[str] | None:
        """The predicates of targets, paths and constraints; None where a component reads any triple."""
        out: set[str] = set()
        for shape in self.read.shapes.values():
            out.update(term for kind, term in shape.targets if kind in {"targetSubjectsOf", "targetObjectsOf"})
            if shape.path is not None:
                out.update(shape.path.predicates)
            for constraint in shape.constraints:
                if constraint.component.reads == "everything":
                    return None
                if constraint.component.reads == "property":
                    out.update(constraint.values)
        return frozenset(out)

    @cached_property
    def constants(self) -> frozenset[str]:
        """The terms of targets, paths and constraints, which the data are compared with."""
        out: set[str] = set()
        for shape in self.read.shapes.values():
            out.update(term for _, term in shape.targets)
            if shape.path is not None:
                out.update(shape.path.predicates)
            for constraint in shape.constraints:
                out.update(constraint.values)
                for values in constraint.further.values():
                    out.update(values)
        return frozenset(out)


def prepare(shapes: Triples) -> PreparedShapes:
    """Read and check shapes.

    Raises:
        ShapesError: The shapes are malformed or recursive; the error has every problem.
    """
    return PreparedShapes(shapes, read_shapes(TripleIndex(shapes)))


def needed_predicates(shapes: Triples) -> frozenset[str] | None:
    """Return the predicates of all triples that shapes can touch, as `PreparedShapes.needed_predicates` does."""
    return prepare(shapes).needed_predicates


def validate(
    data: Triples,
    shapes: Triples | PreparedShapes,
    *,
    ontology: Triples | None = None,
    engine: Engine = "columns",
    max_results: int | None = 100_000,
    time_limit: float = 60.0,
    only_shapes: Collection[str] | None = None,
    only_focus: Collection[str] | None = None,
    store: StoreProcess | None = None,
    given: Triples | None = None,
    ignore_unsupported: bool = False,
) -> ValidationReport:
    """Validate data against shapes.

    `owl:imports` is not followed here.

    Args:
        data: The data graph.
        shapes: The shapes graph, or what `prepare` returned for it.
        ontology: A graph of which the class hierarchy (rdfs:subClassOf) is used; its other triples are not validated.
        engine: `columns`, ours, or `pyshacl`, the second opinion.
        max_results: The number of results that are listed at most, the most severe; None for all. The report's `total`
            and `conforms` count all.
        time_limit: The seconds that one SPARQL-based constraint may take.
        only_shapes: The shapes (terms) whose targets are validated; None for all.
        only_focus: The focus nodes (terms) of these targets that are validated; None for all.
        store: A store that has `data` and the class hierarchy of `ontology`, where these have been loaded already.
        given: The data that the report is about, where `data` has more that shapes look up; focus nodes are counted in
            both.
        ignore_unsupported: Whether to list features that are not supported in the report, and validate the rest.

    Returns:
        The report.

    Raises:
        ShapesError: The shapes are malformed, recursive, or use what is neither SHACL Core nor SHACL-SPARQL.

    Examples:
        >>> data = Triples.parse('<http://e.org/a> <http://e.org/p> "b" .', "turtle")
        >>> shapes = Triples.parse('''PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX ex: <http://e.org/>
        ... ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:maxLength 0 ] .''', "turtle")
        >>> [result.message() for result in validate(data, shapes).results]
        ['“b” is longer than 0 characters']

    https://www.w3.org/TR/shacl/#validation
    """
    prepared = shapes if isinstance(shapes, PreparedShapes) else prepare(shapes)
    check_supported(prepared, ignore_unsupported=ignore_unsupported)
    validated = data if given is None else given
    scope = _Scope(only_shapes, only_focus, find_absent(validated, prepared.read.targeted), given)
    if engine == "pyshacl":
        return _validate_by_pyshacl(data, prepared, ontology, time_limit, max_results, scope)
    part = _validate(data, prepared, ontology, max_results, time_limit, scope, store)
    return complete_report([part], prepared, scope.absent, max_results, has_data=len(validated) > 0)


def check_supported(shapes: PreparedShapes, *, ignore_unsupported: bool) -> None:
    """Check the queries of shapes, and that shapes use nothing that is not supported, unless that is ignored.

    Raises:
        ShapesError: A query is malformed, or a feature is not supported.
    """
    _ = shapes.queries
    if shapes.read.unsupported and not ignore_unsupported:
        raise ShapesError.of(shapes.read.unsupported)


def validate_part(
    data: Iterable[pl.DataFrame],
    shapes: PreparedShapes,
    focus: pl.Series,
    *,
    ontology: Triples | None = None,
    max_results: int | None,
    time_limit: float,
    only_shapes: Collection[str] | None,
    absent: Collection[str],
    given: Triples | None = None,
) -> PartialReport:
    """Validate some focus nodes in a part of a data graph that has all that their results depend on.

    Args:
        data: The part: frames of triples, in which a triple may stand twice.
        shapes: The shapes.
        focus: The focus nodes (terms).
        ontology: A graph of which the class hierarchy is used.
        max_results: The number of results that are listed at most; None for all.
        time_limit: The seconds that one SPARQL-based constraint may take.
        only_shapes: The shapes (terms) whose targets are validated; None for all.
        absent: The target nodes that the whole data graph lacks.
        given: As for `validate`, what counts for these focus nodes.

    Raises:
        ShapesError: A path or a query cannot be evaluated.
    """
    return _validate(data, shapes, ontology, max_results, time_limit, _Scope(only_shapes, focus, absent, given))


@dataclass(frozen=True, eq=False)
class _Scope:
    """What is validated: the shapes and focus nodes, the target nodes that are absent, and what counts, if not all."""

    only_shapes: Collection[str] | None
    only_focus: Collection[str] | pl.Series | None
    absent: Collection[str]
    given: Triples | None

    def open(
        self,
        data: Triples | Iterable[pl.DataFrame],
        prepared: PreparedShapes,
        ontology: Triples | None,
        time_limit: float,
        store: StoreProcess | None,
    ) -> ValidationContext:
        """Encode the data, and find the focus nodes."""
        constants = prepared.constants | prepared.queried_terms
        graph = EncodedGraph(data, constants, prepared.encoded_predicates, ontology)
        touched = [query.touched for query in prepared.queries.values()]
        sparql_store = SparqlStore(prepared.triples, ontology, time_limit, store, touched)
        context = ValidationContext(graph, prepared.read, prepared.queries, sparql_store)
        if self.narrowed:
            context.targets = _narrow(context, self.only_shapes, self.only_focus)
        return context

    @property
    def narrowed(self) -> bool:
        """Whether not all focus nodes are validated."""
        return self.only_shapes is not None or self.only_focus is not None


def _validate(
    data: Triples | Iterable[pl.DataFrame],
    prepared: PreparedShapes,
    ontology: Triples | None,
    max_results: int | None,
    time_limit: float,
    scope: _Scope,
    store: StoreProcess | None = None,
) -> PartialReport:
    """Validate by columns."""
    context = scope.open(data, prepared, ontology, time_limit, store)
    counted, about = count_checked(context, scope.given, scope.absent)
    try:
        violations = list(evaluate(context))
    finally:
        context.store.close()
    return PartialReport(
        tables=tabulate(context.graph, violations, prepared.read, max_results),
        severities_found=count_severities(violations),
        reached={term: len(nodes) for term, nodes in context.targets.items()},
        looked_at=counted,
        about=about,
    )


def _validate_by_pyshacl(
    data: Triples,
    prepared: PreparedShapes,
    ontology: Triples | None,
    time_limit: float,
    max_results: int | None,
    scope: _Scope,
) -> ValidationReport:
    """Validate by pySHACL, the focus nodes that our engine finds."""
    from glocal_rdf.shacl.pyshacl_engine import find_results  # noqa: PLC0415 - slow to import

    read = prepared.read
    context = scope.open(data, prepared, ontology, time_limit, None)
    counted, about = count_checked(context, scope.given, scope.absent)
    shapes_graph = _with_targets(prepared.triples, context) if scope.narrowed else prepared.triples
    conforms, found = find_results(data, shapes_graph, ontology, time_limit)
    part = PartialReport(
        tables={},
        severities_found=dict(Counter(result.severity for result in found)),
        reached={term: len(nodes) for term, nodes in context.targets.items()},
        looked_at=counted,
        about=about,
    )
    results = [complete_result(result, read.shapes.get(result.shape)) for result in found]
    has_data = len(data if scope.given is None else scope.given) > 0
    report = complete_report([part], prepared, scope.absent, max_results, has_data=has_data)
    ordered = tuple(order_results(cut_results(results, max_results), read.infos))
    return replace(report, conforms=conforms, results=ordered, engine="pyshacl")


def complete_report(
    parts: Sequence[PartialReport],
    shapes: PreparedShapes,
    absent: Collection[str],
    max_results: int | None,
    *,
    has_data: bool,
) -> ValidationReport:
    """Make the report of what was found in the parts of a data graph.

    Args:
        parts: What was found in each part; at least one.
        shapes: The shapes.
        absent: The target nodes that the whole data graph lacks.
        max_results: The number of results that are listed at most, the most severe; None for all.
        has_data: Whether the data that the report is about have a triple.
    """
    read = shapes.read
    whole = join_parts(parts, read, max_results)
    results = list_results(whole.tables, read, max_results)
    total = sum(whole.severities_found.values())
    shapes_with_target = [shape for shape in read.targeted if shape.term in whole.reached]
    return ValidationReport(
        conforms=total == 0,
        results=tuple(order_results(results, read.infos)),
        reached=whole.reached,
        shapes=read.infos,
        total=total,
        looked_at=whole.looked_at if has_data and whole.about else dict.fromkeys(whole.looked_at, 0),
        warnings=(*read.warnings, *(report_absent(shapes_with_target, absent) if has_data else ())),
        unsupported=read.unsupported,
        severities_found=whole.severities_found,
    )


def _narrow(
    context: ValidationContext, only_shapes: Collection[str] | None, only_focus: Collection[str] | pl.Series | None
) -> dict[str, pl.Series]:
    """Return the targets of some shapes, and of their focus nodes some."""
    kept = {t: nodes for t, nodes in context.targets.items() if only_shapes is None or t in only_shapes}
    if only_focus is None:
        return kept
    wanted = pl.Series("focus", only_focus if isinstance(only_focus, pl.Series) else list(only_focus), dtype=pl.String)
    mask = context.graph.terms.is_in(wanted.implode())
    return {t: nodes.filter(mask[nodes]) for t, nodes in kept.items()}


def _with_targets(shapes: Triples, context: ValidationContext) -> Triples:
    """Return a shapes graph with the focus nodes in the place of its targets, for another engine."""
    others = shapes.frame.filter(~pl.col("predicate").is_in([sh(name) for name in TARGETS]))
    classes = (pl.col("predicate") == RDF_TYPE) & pl.col("object").is_in([RDFS_CLASS, OWL_CLASS])
    targets = [
        (t, sh("targetNode"), node) for t, nodes in context.targets.items() for node in context.graph.text(nodes)
    ]
    return Triples(others.filter(~classes)) | Triples.from_terms(targets)
