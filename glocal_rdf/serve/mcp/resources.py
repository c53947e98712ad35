"""The resources: what is served, the ontology, and the documents; their text only where a licence permits it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final

from glocal_rdf.serve.api.answers import Answers
from glocal_rdf.serve.api.listed import Listed
from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.serve.api.schemas import to_json
from glocal_rdf.serve.mcp.tools import NOTICE, write_text

__all__ = ["ResourceDescription", "list_resources", "read_resource"]

DATASET: Final = "glocal://dataset"
ONTOLOGY: Final = "glocal://ontology"


@dataclass(frozen=True, kw_only=True)
class ResourceDescription:
    """A resource.

    Attributes:
        uri: Its address.
        name: What it is called.
        description: What it is.
        media_type: The media type of what is read.
    """

    uri: str
    name: str
    description: str
    media_type: str


def list_resources(answers: Answers) -> tuple[ResourceDescription, ...]:
    """List the resources.

    Args:
        answers: What answers.
    """
    fixed = (
        ResourceDescription(
            uri=DATASET,
            name="dataset",
            description="What is served: title, licence, languages, classes of things with counts.",
            media_type="application/json",
        ),
        ResourceDescription(
            uri=ONTOLOGY,
            name="ontology",
            description="What the terms of the graph mean.",
            media_type="text/turtle",
        ),
    )
    listed = answers.documents("en")
    documents = tuple(
        ResourceDescription(
            uri=one.iri,
            name=one.label,
            description=f"{NOTICE} Its licence: {one.licence}."
            if one.quotable
            else "A document that claims were read from: its description, since no licence permits to give its text.",
            media_type="text/plain" if one.quotable else "application/json",
        )
        for one in listed
    )
    if isinstance(listed, Listed):
        fixed = (replace(fixed[0], description=f"{fixed[0].description} {listed.note}"), *fixed[1:])
    return (*fixed, *documents)


def read_resource(answers: Answers, uri: str) -> tuple[str, str]:
    """Read a resource.

    Args:
        answers: What answers.
        uri: Its address.

    Returns:
        Its media type and its text.

    Raises:
        ProblemError: Where there is none at the address.
    """
    if uri == ONTOLOGY:
        return "text/turtle", answers.ontology()
    if uri == DATASET:
        classes = answers.classes("en")
        record = {"dataset": to_json(answers.dataset("en")), "classes": to_json(classes)}
        if isinstance(classes, Listed):
            record["note"] = classes.note
        return "application/json", json.dumps(record, ensure_ascii=False)
    document = next((one for one in answers.documents("en") if one.iri == uri), None)
    if document is None:
        raise ProblemError("not-found", "there is no resource of that address; list the resources")
    text = answers.document_text(uri) if document.quotable else None
    if text is not None:
        return "text/plain", text
    return "application/json", write_text({"notice": NOTICE, "answer": to_json(document)})
