"""Questions in SPARQL: the bundled queries, those of a project, and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.questions.answers import Answer, ask, read_answer
    from glocal_rdf.questions.catalogue import (
        Parameter,
        Question,
        bind,
        find_question,
        list_general_questions,
        list_questions,
        read_questions,
    )

__all__ = [
    "Answer",
    "Parameter",
    "Question",
    "ask",
    "bind",
    "find_question",
    "list_general_questions",
    "list_questions",
    "read_answer",
    "read_questions",
]

__getattr__ = importer(
    __name__,
    {
        "Answer": "answers",
        "Parameter": "catalogue",
        "Question": "catalogue",
        "ask": "answers",
        "bind": "catalogue",
        "find_question": "catalogue",
        "list_general_questions": "catalogue",
        "list_questions": "catalogue",
        "read_answer": "answers",
        "read_questions": "catalogue",
    },
    {"show": "triples.terms.unquote"},
)
