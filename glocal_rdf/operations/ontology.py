"""Writes a project's ontology: as RDF, or as a reference for people with the bundled questions that use each term."""

from __future__ import annotations

from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.project import Project
from glocal_rdf.questions import catalogue

__all__ = ["export_ontology", "write_reference"]


def export_ontology(project: Project, form: str = "turtle") -> bytes:
    """Write a project's ontology in a format of RDF (`turtle`, `ntriples`, `nquads`, `trig`, `jsonld`, `rdfxml`).

    Raises:
        OutputError: Where the format is unknown.
    """
    return project.ontology.serialize(form, {**WELL_KNOWN, **project.prefixes})


def write_reference(project: Project, lang: str = "en") -> str:
    """Write the reference of a project's ontology in Markdown.

    The bundled questions that use a term which the ontology defines are part of it.

    Args:
        project: The project whose ontology is documented.
        lang: The language that comes first (`en`, `zh-Hant`).
    """
    from glocal_rdf import ontology_docs  # noqa: PLC0415 - only the reference needs it, which parses every question

    questions = [
        ontology_docs.AskedQuestion(question.name, question.title, ontology_docs.find_terms(question.text))
        for question in catalogue.list_questions()
    ]
    command = "glocal export --ontology-only -f markdown" + ("" if lang == "en" else f" --lang {lang}")
    prefixes = {**WELL_KNOWN, **project.prefixes}
    return ontology_docs.write_reference(project.ontology, questions, prefixes, lang, command)
