"""Keeps the module names of version 0.3 and before working for one release, each with a deprecation warning."""

from __future__ import annotations

import importlib
import warnings
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

__all__ = ["find_former"]

_FORMER = {
    "claims": "claims.ranking",
    "cli.ending": "cli.exit_codes",
    "cli.formats": "cli.options",
    "cli.terminal": "cli.output",
    "csvw.access": "csvw.tables.resources",
    "csvw.addresses": "csvw.rdf.cell_iris",
    "csvw.cells": "csvw.values.cells",
    "csvw.datatypes": "csvw.values.datatypes",
    "csvw.dates": "csvw.values.dates",
    "csvw.describing": "csvw.describe",
    "csvw.description": "csvw.metadata.model",
    "csvw.dialects": "csvw.metadata.dialects",
    "csvw.distinct": "csvw.rdf.deduplication",
    "csvw.encodings": "csvw.tables.encodings",
    "csvw.faults": "csvw.tables.bad_records",
    "csvw.findings": "csvw.problems",
    "csvw.floats": "csvw.spreadsheets.numbers",
    "csvw.inherited": "csvw.metadata.inherited",
    "csvw.locate": "csvw.provenance",
    "csvw.location": "csvw.metadata.discovery",
    "csvw.metadata": "csvw.metadata.reader",
    "csvw.moments": "csvw.spreadsheets.dates",
    "csvw.naming": "csvw.rdf.iri_checks",
    "csvw.numbers": "csvw.values.numbers",
    "csvw.packages": "csvw.spreadsheets.packages",
    "csvw.parsing": "csvw.tables.delimited",
    "csvw.patterns": "xsd.regex_ecmascript",
    "csvw.prefixes": "csvw.metadata.prefixed_names",
    "csvw.properties": "csvw.metadata.properties",
    "csvw.recognition": "csvw.tables.recognition",
    "csvw.records": "csvw.tables.records",
    "csvw.rows": "csvw.rdf.row_triples",
    "csvw.scanner": "csvw.tables.tokenizer",
    "csvw.schemas": "csvw.metadata.schemas",
    "csvw.sheets": "csvw.spreadsheets.reader",
    "csvw.standard": "csvw.rdf.standard_mode",
    "csvw.streams": "csvw.tables.streams",
    "csvw.templates": "csvw.rdf.uri_templates",
    "csvw.vocabulary": "csvw.metadata.vocabulary",
    "csvw.workbooks": "csvw.spreadsheets.workbooks",
    "csvw.workbooks_ods": "csvw.spreadsheets.workbooks_ods",
    "explanation": "claims.explanation",
    "links": "sssom",
    "names": "search.labels",
    "query": "questions.answers",
    "questions": "questions.catalogue",
    "search": "search.fulltext",
    "shacl.asking": "shacl.sparql.query_runner",
    "shacl.cardinality": "shacl.constraints.cardinality",
    "shacl.characters": "xsd.character_classes",
    "shacl.compare": "xsd.ordering",
    "shacl.datatypes": "xsd.datatypes",
    "shacl.edits": "spelling",
    "shacl.expressions": "xsd.regex_xpath",
    "shacl.graph": "shacl.data_graph",
    "shacl.mends": "shacl.constraints.other",
    "shacl.names": "shacl.terms",
    "shacl.nodes": "shacl.triple_index",
    "shacl.paths": "shacl.shapes.paths",
    "shacl.pattern_worker": "shacl.constraints.pattern_worker",
    "shacl.patterns": "shacl.constraints.patterns",
    "shacl.property_pair": "shacl.constraints.property_pair",
    "shacl.render": "shacl.report",
    "shacl.render_tools": "shacl.report",
    "shacl.shape_based": "shacl.constraints.shape_based",
    "shacl.sparql_paths": "shacl.sparql.path_unions",
    "shacl.sparql_scan": "shacl.sparql.touched_triples",
    "shacl.sparql_text": "shacl.sparql.prebinding",
    "shacl.store": "shacl.sparql.store",
    "shacl.targets": "shacl.shapes.targets",
    "shacl.unsupported": "shacl.shapes.unsupported",
    "shacl.values": "shacl.constraints.registry",
    "shacl.vocabulary": "shacl.shapes.vocabulary",
    "shacl.wellformed": "shacl.shapes.syntax_rules",
    "shacl.wording": "shacl.report.messages",
    "shown": "display",
    "sparql.exact": "sparql.literals.exact_numbers",
    "sparql.expressions": "sparql.grammar.expressions",
    "sparql.functions": "sparql.literals.functions",
    "sparql.mentions": "sparql.grammar.mentions",
    "sparql.patterns": "sparql.grammar.patterns",
    "sparql.process": "sparql.execution.process",
    "sparql.results": "sparql.execution.results",
    "sparql.rewriting": "sparql.literals.rewriting",
    "sparql.rewritten": "sparql.literals.rewritten",
    "sparql.scope": "sparql.grammar.scope",
    "sparql.starting": "sparql.execution.worker_start",
    "sparql.syntax": "sparql.grammar.queries",
    "sparql.tokens": "sparql.grammar.tokens",
    "sparql.tree": "sparql.grammar.tree",
    "sparql.worker": "sparql.execution.worker",
    "sparql.written": "sparql.literals.forms",
    "triples.bases": "triples.base_iris",
    "triples.bridges": "triples.interop",
    "triples.colours": "triples.canonicalization",
    "triples.comparing": "triples.comparison",
    "triples.files": "files",
    "triples.formats": "triples.formats.registry",
    "triples.jsonld": "triples.formats.jsonld",
    "triples.jsonld_reading": "triples.formats.jsonld_parser",
    "triples.lines": "triples.formats.ntriples",
    "triples.nesting": "triples.formats.turtle_blank_nodes",
    "triples.rdfxml": "triples.formats.rdfxml",
    "triples.reading": "triples.formats.reader",
    "triples.tags": "triples.formats.language_tags",
    "triples.turtle": "triples.formats.turtle",
    "triples.writing": "triples.formats.writer",
    "triples.xml_literals": "triples.formats.rdfxml_literals",
    "reference": "ontology_docs",
    "verbs": "operations",
    "verbs.asking": "operations.query",
    "verbs.building": "operations.build",
    "verbs.citing": "operations.cite",
    "verbs.converting": "operations.convert",
    "verbs.describing": "operations.dataset_metadata",
    "verbs.documenting": "operations.ontology",
    "verbs.external": "dataset",
    "verbs.locating": "operations.provenance",
}

_DIVIDED = {"cli.terminal": ("cli.options", "files", "namespaces")}
"""The other modules that have parts of a former module."""

_NAMES_OF_VERBS = {
    "Build": "dataset.Build",
    "External": "source_graphs.SourceGraph",
    "ask": "operations.query.ask",
    "bind_question": "operations.query.bind_question",
    "build": "operations.build.build",
    "build_to_validate": "operations.build.build_to_validate",
    "check_timeout": "operations.query.check_timeout",
    "cite": "operations.cite.cite",
    "coverage": "operations.coverage.coverage",
    "explain": "operations.explain.explain",
    "explain_empty": "operations.query_hints.explain_empty_answer",
    "export": "operations.export.export",
    "export_ontology": "operations.ontology.export_ontology",
    "fetch_for_shapes": "operations.validate.fetch_for_shapes",
    "find": "operations.find.find",
    "find_source": "dataset.find_source_graph",
    "join_reports": "operations.validation_report.join_reports",
    "list_parts": "operations.validate.pair_source_graphs",
    "list_questions": "operations.query.list_questions",
    "locate_results": "operations.provenance.trace_results",
    "locate_statement": "operations.provenance.trace_statement",
    "read_dataset": "operations.convert.read_dataset",
    "read_external": "source_graphs.read_source_graphs",
    "tell_external": "dataset.describe_in_source_graphs",
    "validate": "operations.validate.validate",
    "validate_external": "operations.validate.validate_source_graphs",
    "write_reference": "operations.ontology.write_reference",
}
"""The names that the package `verbs` and its modules offered, and what they are today."""


def find_former(name: str) -> ModuleSpec | None:
    """Return what loads the module that had this name, or None where the name never was one of ours.

    Examples:
        >>> find_former("glocal_rdf.links").name, find_former("glocal_rdf.nothing")
        ('glocal_rdf.links', None)
    """
    package, _, former = name.partition(".")
    first, _, rest = former.partition(".")
    known = _FORMER.get(former) or (f"{_FORMER[first]}.{rest}" if first in {"reference", "verbs"} and rest else None)
    if package != "glocal_rdf" or known is None:
        return None
    return spec_from_loader(name, _Loader(f"glocal_rdf.{known}"), is_package=first in {"reference", "verbs"})


class _Loader(Loader):
    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        message = f"{spec.name} is called {self._name} now, and its former name will not work in the next release"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module all names of the one that it is today."""
        today = importlib.import_module(self._name)
        if module.__name__.split(".")[1] == "verbs":
            # A function `build` of the former package is not the module `operations.build`.
            module.__dict__["__getattr__"] = lambda name: _find_name_of_verbs(today, name)
            return
        others = _DIVIDED.get(module.__name__.partition(".")[2], ())
        for one in (*(importlib.import_module(f"glocal_rdf.{other}") for other in others), today):
            module.__dict__.update({name: value for name, value in vars(one).items() if not name.startswith("__")})
        module.__dict__["__getattr__"] = lambda name: getattr(today, name)


def _find_name_of_verbs(module: ModuleType, name: str) -> object:
    """Return what a name of the package `verbs`, or of one of its modules, is today."""
    if name not in _NAMES_OF_VERBS:
        return getattr(module, name)
    today, _, attribute = _NAMES_OF_VERBS[name].rpartition(".")
    return getattr(importlib.import_module(f"glocal_rdf.{today}"), attribute)
