"""Chooses the bundled questions that fit a project: those whose terms the project's ontology and tables use.

A general question fits every project. Another one fits if

1. the project's ontology defines every term of the Glocal ontology that the question uses, in its namespace or in one
   that it prefers, and
2. every other term that it uses, those of RDF Schema, OWL and XML Schema aside, occurs in the project's ontology, rules
   or mappings, or in a description of its tables.

Values that a question takes by default do not count: where they are things of the bundled dataset and the project is
another one, the question has no default there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from glocal_rdf.errors import InputError
from glocal_rdf.namespaces import OWL, RDF_TYPE, RDFS, SSSOM, WELL_KNOWN, XSD, expand, term
from glocal_rdf.project import Project, read_text
from glocal_rdf.questions.catalogue import Question, fit_to_ontology, forget_default
from glocal_rdf.rdfa_context import RDFA_CONTEXT
from glocal_rdf.sparql.grammar.mentions import find_iris
from glocal_rdf.vocabulary import BUNDLED_SPACE, GLOCAL

__all__ = ["OntologyTerms", "choose_fitting", "forget_foreign_defaults", "list_ontology_terms"]

_TEMPLATES: Final = ("propertyUrl", "valueUrl", "aboutUrl")
_ALWAYS_KNOWN: Final = (RDFS, OWL, XSD)


class OntologyTerms(NamedTuple):
    """What an ontology has: the terms that it defines, all that it mentions, its namespaces and its prefixes."""

    defined: Collection[str]
    mentioned: Collection[str]
    namespaces: Sequence[str]
    prefixes: Mapping[str, str]


def list_ontology_terms(project: Project) -> OntologyTerms:
    """List what the ontology of a project has, with what it imports.

    Raises:
        InputError: Where it is broken.
    """
    frame = project.ontology.frame
    mentioned = {one for name in ("subject", "predicate", "object") for one in frame[name].unique()}
    return OntologyTerms(set(frame["subject"]), mentioned, tuple(project.prefixes.values()), project.declared_prefixes)


def choose_fitting(questions: Sequence[Question], ontology: OntologyTerms, project: Project) -> tuple[Question, ...]:
    """Return the questions that fit a project, without defaults that are things of another dataset.

    Args:
        questions: The bundled questions.
        ontology: What the project's ontology has.
        project: The project.
    """
    known = _known_terms(project, ontology)
    own = (GLOCAL, *ontology.namespaces, *_ALWAYS_KNOWN)
    return tuple(
        forget_foreign_defaults(question, project)
        for question in fit_to_ontology(questions, ontology.defined, ontology.namespaces)
        if question.general or _list_terms(question, own) <= known
    )


def _list_terms(question: Question, without: tuple[str, ...]) -> set[str]:
    """Return the terms that a question uses, but for the values of parameters and those of some namespaces."""
    for parameter in question.parameters:
        question = forget_default(question, parameter.name)
    return {f"<{iri}>" for iri, _ in find_iris(question.text) if not iri.startswith(without)}


def forget_foreign_defaults(question: Question, project: Project) -> Question:
    """Return a question without defaults that are things of the bundled dataset, for another project."""
    if project.space != BUNDLED_SPACE:
        for parameter in question.parameters:
            if parameter.default.startswith(f"<{BUNDLED_SPACE}"):
                question = forget_default(question, parameter.name)
    return question


def _known_terms(project: Project, ontology: OntologyTerms) -> set[str]:
    """Return the terms that the data of a project may have, as far as its ontology and its descriptions show."""
    known = {str(RDF_TYPE), *ontology.mentioned}
    prefixes = {**WELL_KNOWN, **RDFA_CONTEXT, **ontology.prefixes}
    for file in (project.metadata, *project.external_files):
        known |= {f"<{expand(name, prefixes) or name}>" for name in _names_in(_read_json(file))}
    for text in project.rules.values():
        known |= {f"<{iri}>" for iri, _ in find_iris(text, prefixes)}
    if project.link_files:
        known |= {term(SSSOM, name) for name in ("Mapping", "mapping_justification", "confidence")}
        known.add(term(RDFA_CONTEXT["dcterms"], "isPartOf"))
    return known


def _read_json(file: Path) -> Any:
    try:
        return json.loads(read_text(file))
    except (InputError, ValueError, RecursionError):  # the build reports it, with its place
        return None


def _names_in(part: Any) -> Iterator[str]:
    """Yield the names in a description that may be terms: keys, types, and what templates without variables make."""
    if isinstance(part, list):
        for one in part:
            yield from _names_in(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if ":" in key:
                yield key
            if key in {*_TEMPLATES, "@type", "@id"} and isinstance(value, str) and "{" not in value:
                yield value
            yield from _names_in(value)
