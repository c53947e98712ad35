"""Glocal RDF: turns documents and tables into linked open data that people can trust.

Everything that the command does is also available from Python:

>>> from glocal_rdf import Project, build, validate
>>> built = build(Project.bundled())
>>> validate(built).conforms
True
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing would slow the start of the command
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from typing import Any

    from glocal_rdf.cache.folder import Cache as Cache
    from glocal_rdf.changes.model import Changes as Changes
    from glocal_rdf.changes.model import GraphChanges as GraphChanges
    from glocal_rdf.changes.model import GraphVersion as GraphVersion
    from glocal_rdf.changes.patch import apply_patch as apply_patch
    from glocal_rdf.dataset import Build as Build
    from glocal_rdf.dataset import describe_in_source_graphs as describe_in_source_graphs
    from glocal_rdf.dataset import find_source_graph as find_source_graph
    from glocal_rdf.endpoint.credentials import Credentials as Credentials
    from glocal_rdf.errors import EndpointError as EndpointError
    from glocal_rdf.errors import GlocalError as GlocalError
    from glocal_rdf.errors import InputError as InputError
    from glocal_rdf.errors import OutputError as OutputError
    from glocal_rdf.errors import Problem as Problem
    from glocal_rdf.errors import ProjectError as ProjectError
    from glocal_rdf.errors import QueryError as QueryError
    from glocal_rdf.errors import ShapesError as ShapesError
    from glocal_rdf.errors import TableError as TableError
    from glocal_rdf.loading.model import LoadOptions as LoadOptions
    from glocal_rdf.loading.model import LoadReport as LoadReport
    from glocal_rdf.operations.add import Added as Added
    from glocal_rdf.operations.add import Qualifiers as Qualifiers
    from glocal_rdf.operations.add import add as add
    from glocal_rdf.operations.build import build as build
    from glocal_rdf.operations.build import write_build as write_build
    from glocal_rdf.operations.cached_build import BuildCache as BuildCache
    from glocal_rdf.operations.cite import cite as cite
    from glocal_rdf.operations.convert import read_dataset as read_dataset
    from glocal_rdf.operations.coverage import coverage as coverage
    from glocal_rdf.operations.csvw import check_table as check_table
    from glocal_rdf.operations.csvw import convert_table as convert_table
    from glocal_rdf.operations.csvw import convert_table_in_batches as convert_table_in_batches
    from glocal_rdf.operations.csvw import describe_table as describe_table
    from glocal_rdf.operations.describe import Decisions as Decisions
    from glocal_rdf.operations.describe import TableDescription as TableDescription
    from glocal_rdf.operations.describe import describe as describe
    from glocal_rdf.operations.description_files import write_description as write_description
    from glocal_rdf.operations.diff import diff as diff
    from glocal_rdf.operations.diff import read_version as read_version
    from glocal_rdf.operations.diff import render_changes as render_changes
    from glocal_rdf.operations.evidence import EvidenceReport as EvidenceReport
    from glocal_rdf.operations.evidence import check_evidence as check_evidence
    from glocal_rdf.operations.explain import explain as explain
    from glocal_rdf.operations.export import export as export
    from glocal_rdf.operations.export import export_form as export_form
    from glocal_rdf.operations.export import write_exported as write_exported
    from glocal_rdf.operations.export_catalogue import export_catalogue as export_catalogue
    from glocal_rdf.operations.find import find as find
    from glocal_rdf.operations.init import Initialized as Initialized
    from glocal_rdf.operations.init import init_project as init_project
    from glocal_rdf.operations.init_documents import init_documents as init_documents
    from glocal_rdf.operations.link import link as link
    from glocal_rdf.operations.link import link_table as link_table
    from glocal_rdf.operations.link_proposals import Proposals as Proposals
    from glocal_rdf.operations.link_proposals import read_snapshot as read_snapshot
    from glocal_rdf.operations.load import list_statements as list_statements
    from glocal_rdf.operations.load import load as load
    from glocal_rdf.operations.load import plan_load as plan_load
    from glocal_rdf.operations.mcp import serve_tools as serve_tools
    from glocal_rdf.operations.ontology import export_ontology as export_ontology
    from glocal_rdf.operations.ontology import write_reference as write_reference
    from glocal_rdf.operations.provenance import trace_results as trace_results
    from glocal_rdf.operations.provenance import trace_statement as trace_statement
    from glocal_rdf.operations.publish import Published as Published
    from glocal_rdf.operations.publish import make_site as make_site
    from glocal_rdf.operations.publish import publish_site as publish_site
    from glocal_rdf.operations.publish_catalogue import describe_catalogue as describe_catalogue
    from glocal_rdf.operations.publish_catalogue import write_descriptions as write_descriptions
    from glocal_rdf.operations.query import ask as ask
    from glocal_rdf.operations.query import bind_question as bind_question
    from glocal_rdf.operations.query import list_questions as list_questions
    from glocal_rdf.operations.query_evidence import ask_with_evidence as ask_with_evidence
    from glocal_rdf.operations.query_hints import explain_empty_answer as explain_empty_answer
    from glocal_rdf.operations.release import ReleasePlan as ReleasePlan
    from glocal_rdf.operations.release import plan_release as plan_release
    from glocal_rdf.operations.release import release as release
    from glocal_rdf.operations.release import write_release as write_release
    from glocal_rdf.operations.review import Review as Review
    from glocal_rdf.operations.review import accept_links as accept_links
    from glocal_rdf.operations.review import review as review
    from glocal_rdf.operations.review import review_by_sheet as review_by_sheet
    from glocal_rdf.operations.review import write_sheet as write_sheet
    from glocal_rdf.operations.serve import ServerAddress as ServerAddress
    from glocal_rdf.operations.serve import serve_project as serve_project
    from glocal_rdf.operations.serve import serve_source as serve_source
    from glocal_rdf.operations.stored_source import open_dataset as open_dataset
    from glocal_rdf.operations.table_terms import draft_ontology as draft_ontology
    from glocal_rdf.operations.table_terms import draft_shapes as draft_shapes
    from glocal_rdf.operations.validate import validate as validate
    from glocal_rdf.operations.validation_report import Validation as Validation
    from glocal_rdf.operations.validation_report import render_report as render_report
    from glocal_rdf.operations.validation_report import render_workbook as render_workbook
    from glocal_rdf.operations.wikidata.client import open_client as open_client
    from glocal_rdf.operations.wikidata.compare import Compared as Compared
    from glocal_rdf.operations.wikidata.compare import compare_with_wikibase as compare_with_wikibase
    from glocal_rdf.operations.wikidata.compare import render_comparison as render_comparison
    from glocal_rdf.operations.wikidata.quickstatements import make_batch as make_batch
    from glocal_rdf.operations.wikidata.quickstatements import write_batch as write_batch
    from glocal_rdf.operations.wikidata.reconcile import reconcile as reconcile
    from glocal_rdf.operations.wikidata.reconcile import reconcile_table as reconcile_table
    from glocal_rdf.project import Project as Project
    from glocal_rdf.source_graphs import SourceGraph as SourceGraph
    from glocal_rdf.source_graphs import SourceStatements as SourceStatements
    from glocal_rdf.triples import Triples as Triples
    from glocal_rdf.triples.datasets import Dataset as Dataset

__version__ = "0.9.0"

_MODULES = {
    "Added": "operations.add",
    "Build": "dataset",
    "BuildCache": "operations.cached_build",
    "Cache": "cache.folder",
    "Changes": "changes.model",
    "Compared": "operations.wikidata.compare",
    "Credentials": "endpoint.credentials",
    "Dataset": "triples.datasets",
    "Decisions": "operations.describe",
    "EndpointError": "errors",
    "EvidenceReport": "operations.evidence",
    "GlocalError": "errors",
    "GraphChanges": "changes.model",
    "GraphVersion": "changes.model",
    "Initialized": "operations.init",
    "InputError": "errors",
    "LoadOptions": "loading.model",
    "LoadReport": "loading.model",
    "OutputError": "errors",
    "Problem": "errors",
    "Project": "project",
    "ProjectError": "errors",
    "Proposals": "operations.link_proposals",
    "Published": "operations.publish",
    "Qualifiers": "operations.add",
    "QueryError": "errors",
    "ReleasePlan": "operations.release",
    "Review": "operations.review",
    "ServerAddress": "operations.serve",
    "ShapesError": "errors",
    "SourceGraph": "source_graphs",
    "SourceStatements": "source_graphs",
    "TableDescription": "operations.describe",
    "TableError": "errors",
    "Triples": "triples",
    "Validation": "operations.validation_report",
    "accept_links": "operations.review",
    "add": "operations.add",
    "apply_patch": "changes.patch",
    "ask": "operations.query",
    "ask_with_evidence": "operations.query_evidence",
    "bind_question": "operations.query",
    "build": "operations.build",
    "check_evidence": "operations.evidence",
    "check_table": "operations.csvw",
    "cite": "operations.cite",
    "compare_with_wikibase": "operations.wikidata.compare",
    "convert_table": "operations.csvw",
    "convert_table_in_batches": "operations.csvw",
    "coverage": "operations.coverage",
    "describe": "operations.describe",
    "describe_catalogue": "operations.publish_catalogue",
    "describe_in_source_graphs": "dataset",
    "describe_table": "operations.csvw",
    "diff": "operations.diff",
    "draft_ontology": "operations.table_terms",
    "draft_shapes": "operations.table_terms",
    "explain": "operations.explain",
    "explain_empty_answer": "operations.query_hints",
    "export": "operations.export",
    "export_catalogue": "operations.export_catalogue",
    "export_form": "operations.export",
    "export_ontology": "operations.ontology",
    "find": "operations.find",
    "find_source_graph": "dataset",
    "init_documents": "operations.init_documents",
    "init_project": "operations.init",
    "link": "operations.link",
    "link_table": "operations.link",
    "list_questions": "operations.query",
    "list_statements": "operations.load",
    "load": "operations.load",
    "make_batch": "operations.wikidata.quickstatements",
    "make_site": "operations.publish",
    "open_client": "operations.wikidata.client",
    "open_dataset": "operations.stored_source",
    "plan_load": "operations.load",
    "plan_release": "operations.release",
    "publish_site": "operations.publish",
    "read_dataset": "operations.convert",
    "read_snapshot": "operations.link_proposals",
    "read_version": "operations.diff",
    "reconcile": "operations.wikidata.reconcile",
    "reconcile_table": "operations.wikidata.reconcile",
    "release": "operations.release",
    "render_changes": "operations.diff",
    "render_comparison": "operations.wikidata.compare",
    "render_report": "operations.validation_report",
    "render_workbook": "operations.validation_report",
    "review": "operations.review",
    "review_by_sheet": "operations.review",
    "serve_project": "operations.serve",
    "serve_source": "operations.serve",
    "serve_tools": "operations.mcp",
    "trace_results": "operations.provenance",
    "trace_statement": "operations.provenance",
    "validate": "operations.validate",
    "write_batch": "operations.wikidata.quickstatements",
    "write_build": "operations.build",
    "write_description": "operations.description_files",
    "write_descriptions": "operations.publish_catalogue",
    "write_exported": "operations.export",
    "write_reference": "operations.ontology",
    "write_release": "operations.release",
    "write_sheet": "operations.review",
}
"""The public names, and the modules that they are in; type checkers read the same from the imports above."""

__all__ = ["__version__", *_MODULES]  # noqa: PLE0604 - all are texts


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the command starts at once."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"glocal_rdf.{_MODULES[name]}"), name)


class _FormerNames:
    """Finds modules under the names that they had up to version 0.3; it is the last finder that Python uses."""

    @staticmethod
    def find_spec(name: str, *_: Any) -> ModuleSpec | None:
        if not name.startswith("glocal_rdf."):
            return None
        from glocal_rdf.former_names import find_former  # noqa: PLC0415

        return find_former(name)


sys.meta_path.append(_FormerNames)
