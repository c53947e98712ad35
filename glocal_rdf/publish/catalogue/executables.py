"""Describes the questions that a dataset answers as SPARQL executables of SHACL, for programs that run them.

https://www.w3.org/TR/shacl-af/#ExpressionFunctions
https://www.w3.org/TR/shacl12-sparql/
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.namespaces import DCTERMS, RDFS, RDFS_LABEL, SH, term
from glocal_rdf.publish.catalogue.model import FOLDER, Catalogue
from glocal_rdf.publish.catalogue.statements import Statements
from glocal_rdf.triples import Triples

__all__ = ["describe_questions"]

_FORMS: Final = {"SELECT": ("Select", "select"), "ASK": ("Ask", "ask"), "CONSTRUCT": ("Construct", "construct")}


def describe_questions(catalogue: Catalogue) -> Triples:
    """Return the questions of a dataset, each with its whole query; those that SHACL has no class for are left out.

    Args:
        catalogue: What is known of the dataset.
    """
    made = Statements()
    for one in catalogue.questions:
        form = _FORMS.get(one.form)
        if form is None:  # DESCRIBE
            continue
        this = f"{catalogue.base}{FOLDER}/questions#{one.name}"
        made.type(this, term(SH, "SPARQLExecutable"), term(SH, f"SPARQL{form[0]}Executable"))
        made.text(this, RDFS_LABEL, one.titles)
        made.text(this, term(RDFS, "comment"), one.descriptions)
        made.text(this, term(SH, form[1]), one.query)
        made.link(this, term(DCTERMS, "isReferencedBy"), catalogue.iri)
    return made.triples
