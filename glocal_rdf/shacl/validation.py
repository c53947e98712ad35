"""Validates data against shapes: the one door of this engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.constraints import cardinality, property_pair, shape_based, values
from glocal_rdf.shacl.data_graph import ID, Graph
from glocal_rdf.shacl.evaluation import Finding, Run, findings
from glocal_rdf.shacl.report.model import Result, ShapeInfo, ValidationReport, severity_rank
from glocal_rdf.shacl.report.suggestions import suggest_value
from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.shacl.shapes.reader import Shape, ShapesGraph, read_shapes
from glocal_rdf.shacl.shapes.targets import count_given
from glocal_rdf.shacl.shapes.vocabulary import TARGETS
from glocal_rdf.shacl.sparql import constraints
from glocal_rdf.shacl.sparql.store import Store
from glocal_rdf.shacl.terms import OWL_CLASS, RDF_TYPE, RDFS_CLASS, SUBCLASS, sh
from glocal_rdf.shacl.triple_index import Nodes
from glocal_rdf.triples import Triples

if TYPE_CHECKING:
    from glocal_rdf.sparql.execution.process import StoreProcess

__all__ = ["ENGINES", "Engine", "PreparedShapes", "needed_predicates", "prepare", "validate"]

Engine = Literal["columns", "pyshacl"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
_MANY = 200_000
_CHECKS = {
    **cardinality.CHECKS,
    **values.CHECKS,
    **property_pair.CHECKS,
    **shape_based.CHECKS,
    **constraints.CHECKS,
}


@dataclass(frozen=True, eq=False)
class PreparedShapes:
    """Shapes that have been read and checked, to validate any number of graphs against them."""

    triples: Triples
    read: ShapesGraph

    @cached_property
    def queries(self) -> Mapping[tuple[str, int], constraints.Prepared]:
        """The queries of SPARQL-based constraints, by shape. Raise ShapesError where one is malformed."""
        return constraints.prepare_queries(self.read)

    @cached_property
    def needed_predicates(self) -> frozenset[str] | None:
        """The predicates of all triples that the shapes can look at, and those of classes; None stands for any.

        For those who fetch data: a triple with another predicate changes no result.
        """
        touched = [query.touched.predicates for query in self.queries.values()]
        found = _predicates(self.read)
        if found is None or None in touched:
            return None
        every = found.union(*(named for named in touched if named is not None))
        return frozenset(p for p in every if p.startswith("<")) | {RDF_TYPE, SUBCLASS}


def prepare(shapes: Triples) -> PreparedShapes:
    """Read and check shapes. Raise ShapesError where they are malformed."""
    return PreparedShapes(shapes, read_shapes(Nodes(shapes)))


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
    """Validate `data` against `shapes` (SHACL, section 3).

    Of `ontology` the class hierarchy (rdfs:subClassOf) is used; what it says of other things is not validated.
    `engine` is `columns`, ours, or `pyshacl`, the second opinion. At most `max_results` results are listed, the
    gravest; the report's `total` and `conforms` count all. `owl:imports` is not followed here.
    `time_limit` are the seconds that one SPARQL-based constraint may take. Of the targets only those of `only_shapes`,
    and of their nodes only those of `only_focus`, are validated, where these are given (as terms). `store` holds `data`
    and the class hierarchy of `ontology`, where that has been loaded already. `given` are the data that the verdict is
    about, where `data` hold more that shapes look up; focus nodes are counted in both. With `ignore_unsupported`
    features that are not supported are listed in the report, and the rest is validated.

    Raises ShapesError where the shapes are malformed, recursive, or use what is neither SHACL Core nor SHACL-SPARQL.
    """
    prepared = shapes if isinstance(shapes, PreparedShapes) else prepare(shapes)
    shapes, read = prepared.triples, prepared.read
    if read.unsupported and not ignore_unsupported:
        raise ShapesError.of(read.unsupported)
    queries = prepared.queries
    touched = [q.touched.predicates for q in queries.values()]
    asked = frozenset[str]().union(*(named for named in touched if named is not None))
    predicates = None if None in touched else _predicates(read)
    graph = Graph(data, _constants(read) | asked, None if predicates is None else predicates | asked, ontology)
    described = read.described
    asking = Store(data, shapes, ontology, time_limit, store, [q.touched for q in queries.values()])
    run = Run(graph, read, _CHECKS, constraints.SLOW, queries, asking)
    if only_shapes is not None or only_focus is not None:
        run.targets = _narrowed(run, only_shapes, only_focus)
        shapes = _with_targets(shapes, run)
    reached = {term: len(nodes) for term, nodes in run.targets.items()}
    looked_at, absent = count_given(run, data if given is None else given, same=given is None)
    if engine == "pyshacl":
        from glocal_rdf.shacl.pyshacl_engine import find_results  # noqa: PLC0415 - slow to import

        conforms, found = find_results(data, shapes, ontology, time_limit)
        total = len(found)
        results = [_complete(r, read.shapes.get(r.shape)) for r in found]
    else:
        try:
            every = list(findings(run))
        finally:
            asking.close()
        total = sum(int(f.rows["times"].sum()) for f in every)
        conforms = total == 0
        results = list(_results(graph, every, described, max_results))
    if max_results is not None and len(results) > max_results:
        results = sorted(results, key=lambda r: severity_rank(r.severity))[:max_results]
    results.sort(key=lambda r: (*_order(r.shape, described), r.component, str(r.path or ""), r.focus, r.value or ""))
    return ValidationReport(
        conforms=conforms,
        results=tuple(results),
        reached=reached,
        shapes=described,
        total=total,
        engine=engine,
        looked_at=looked_at,
        warnings=(*read.warnings, *absent),
        unsupported=read.unsupported,
    )


def needed_predicates(shapes: Triples) -> frozenset[str] | None:
    """Name the predicates of all triples that shapes can look at, as `PreparedShapes.needed_predicates` does."""
    return prepare(shapes).needed_predicates


def _narrowed(
    run: Run, only_shapes: Collection[str] | None, only_focus: Collection[str] | None
) -> dict[str, pl.Series]:
    """Keep of the targets what is asked for."""
    kept = {t: nodes for t, nodes in run.targets.items() if only_shapes is None or t in only_shapes}
    if only_focus is None:
        return kept
    return {t: nodes.filter(run.graph.text(nodes).is_in(list(only_focus))) for t, nodes in kept.items()}


def _with_targets(shapes: Triples, run: Run) -> Triples:
    """Write the focus nodes into a shapes graph in the place of its targets, for another engine."""
    others = shapes.frame.filter(~pl.col("predicate").is_in([sh(word) for word in TARGETS]))
    classes = (pl.col("predicate") == RDF_TYPE) & pl.col("object").is_in([RDFS_CLASS, OWL_CLASS])
    targets = [(t, sh("targetNode"), node) for t, nodes in run.targets.items() for node in run.graph.text(nodes)]
    return Triples(others.filter(~classes)) | Triples.from_terms(targets)


def _order(shape: str, described: Mapping[str, ShapeInfo]) -> tuple[str, str, str]:
    """Order shapes by the shape with an IRI that they are part of, then by path, since labels of blank nodes vary."""
    at, seen = shape, set[str]()
    while at.startswith("_:") and at not in seen and at in described:
        seen.add(at)
        at = described[at].parent or at
    info = described.get(shape)
    return at, str(info.path or "") if info else "", shape


def _results(
    graph: Graph, found: Iterable[Finding], described: Mapping[str, ShapeInfo], limit: int | None
) -> Iterable[Result]:
    """Write out what was found, as many as are wanted, the gravest, in an order that is the same on every run."""
    left = limit
    for finding in sorted(
        found, key=lambda f: (severity_rank(f.shape.severity), *_order(f.shape.term, described), f.constraint.component)
    ):
        if left is not None and left <= 0:
            return
        for result in _of_finding(graph, finding, left):
            yield result
            if left is not None:
                left -= 1


def _of_finding(graph: Graph, finding: Finding, limit: int | None) -> Iterable[Result]:
    shape, constraint, rows = finding.shape, finding.constraint, finding.rows
    if limit is not None and rows.height > max(limit, _MANY):
        # Too many to write out and sort by text: take the first in the order of the data, which is the same each time.
        rows = rows.sort([c for c in ("focus", "value", "path") if c in rows.columns]).head(limit)
    columns = {c: rows[c] for c in ("focus", "value", "path", "as_path", "expected", "messages") if c in rows.columns}
    columns |= {c: graph.text(ids) for c, ids in columns.items() if ids.dtype == ID}
    table = pl.DataFrame(columns).with_columns(times=rows["times"])
    keys = [c for c in ("focus", "value", "path", "as_path") if c in table.columns]
    table = table.sort(keys, nulls_last=True, maintain_order=True)
    if limit is not None:
        table = table.head(limit)
    node = constraint.value if constraint.name == "sparql" else None
    for row in table.iter_rows(named=True):
        path = row.get("path") or row.get("as_path")
        result = Result(
            focus=row["focus"],
            shape=shape.term,
            component=constraint.component,
            path=Path("predicate", path) if path else shape.path,
            value=row["value"],
            severity=shape.severity,
            constraint=node,
            messages=tuple((m["text"], m["lang"]) for m in row["messages"]) if row.get("messages") else shape.messages,
            expected=row.get("expected") or constraint.expected,
            suggestion=suggest_value(row["value"], constraint),
        )
        for _ in range(row["times"] if limit is None else min(row["times"], limit)):
            yield result


def _complete(result: Result, shape: Shape | None) -> Result:
    """Add what another engine does not tell: the author's messages in their languages, and the parameter."""
    if shape is None:
        return result
    asked = [c for c in shape.constraints if c.component == result.component]
    return replace(
        result,
        expected=" / ".join(dict.fromkeys(c.expected for c in asked)),
        messages=result.messages if result.constraint else shape.messages,
        suggestion=suggest_value(result.value, asked[0]) if len(asked) == 1 else None,
    )


def _constants(shapes: ShapesGraph) -> set[str]:
    """Gather every term of the shapes that may be asked of the data."""
    out: set[str] = set()
    for shape in shapes.shapes.values():
        out.update(term for _, term in shape.targets)
        if shape.path is not None:
            out.update(shape.path.predicates)
        for constraint in shape.constraints:
            out.update(constraint.values)
            for others in constraint.others.values():
                out.update(others)
    return out


def _predicates(shapes: ShapesGraph) -> set[str] | None:
    """Gather every predicate that the shapes look at; none stands for all."""
    out: set[str] = set()
    for shape in shapes.shapes.values():
        out.update(term for kind, term in shape.targets if kind in {"targetSubjectsOf", "targetObjectsOf"})
        if shape.path is not None:
            out.update(shape.path.predicates)
        for constraint in shape.constraints:
            if constraint.name == "closed":
                return None
            if constraint.name in property_pair.CHECKS:
                out.update(constraint.values)
    return out
