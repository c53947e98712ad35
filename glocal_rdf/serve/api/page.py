"""The page `/api/` for people: what can be asked, with links that ask it, and what the problems mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import quote

from glocal_rdf.i18n import message, translatable
from glocal_rdf.serve.api.endpoints import ENDPOINTS, QUESTION, Endpoint, question_parameters
from glocal_rdf.serve.api.model import DatasetInfo, QuestionInfo
from glocal_rdf.serve.api.problems import TITLES

__all__ = ["write_page"]

_TITLE: Final = translatable("Answers in JSON")
_INTRODUCTION: Final = translatable(
    "Every fact comes with the claims that say it, their documents, positions and ranks. Parameters that are not known"
    " are refused by name."
)


def write_page(dataset: DatasetInfo, questions: Sequence[QuestionInfo], lang: str) -> str:
    """Write the page.

    Args:
        dataset: What is served.
        questions: The questions that can be asked.
        lang: The language of the page.
    """
    title = f"{message(lang, _TITLE)} · {dataset.title}"
    endpoints = "".join(_write_endpoint(one, lang) for one in (*ENDPOINTS, QUESTION))
    listed = "".join(_write_question(one) for one in questions)
    problems = "".join(
        f'<dt id="{name}"><code>{name}</code></dt><dd>{status}: {escape(text)}</dd>'
        for name, (status, text) in TITLES.items()
    )
    described = (
        f'<a href="openapi.json">{escape(message(lang, translatable("Description of the API")))}</a> (OpenAPI 3.1)'
    )
    return (
        f'<!doctype html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="../assets/site.css"></head>'
        f'<body class="api"><main><p><a href="../">{escape(dataset.title)}</a></p><h1>{escape(title)}</h1>'
        f"<p>{escape(message(lang, _INTRODUCTION))} {described}</p>"
        f"{endpoints}"
        f'<h2 id="questions">{escape(message(lang, translatable("Questions")))}</h2><ul>{listed}</ul>'
        f'<h2 id="problems">{escape(message(lang, translatable("What can go wrong")))}</h2><dl>{problems}</dl>'
        "</main></body></html>\n"
    )


def _write_endpoint(endpoint: Endpoint, lang: str) -> str:
    path = "question/NAME" if endpoint is QUESTION else endpoint.name
    shown = f"<code>{escape(path)}</code>"
    free = endpoint is not QUESTION and not any(one.required for one in endpoint.parameters)
    link = f'<a href="{escape(path)}">{shown}</a>' if free else shown
    taken = "".join(
        f"<dt><code>{escape(one.name)}</code></dt><dd>{_mark(one.description)}"
        f"{' <strong>' + escape(message(lang, translatable('required'))) + '</strong>' if one.required else ''}</dd>"
        for one in endpoint.parameters
    )
    return (
        f'<section><h2 id="{escape(endpoint.name)}">{link}: {escape(endpoint.title)}</h2>'
        f"<p>{_mark(endpoint.description)}</p><dl>{taken}</dl></section>"
    )


def _mark(text: str) -> str:
    """Return a description as HTML: what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _write_question(question: QuestionInfo) -> str:
    taken = question_parameters(question).values()
    names = "".join(f" <code>{escape(one.name)}</code>" for one in taken)
    name = f"<code>{escape(question.name)}</code>"
    free = not any(one.required for one in taken)
    link = f'<a href="question/{quote(question.name, safe="")}">{name}</a>' if free else name
    return f"<li>{link}: {escape(question.title)}{names}</li>"
