"""The routes of the JSON API: a question in the address, an answer in JSON, and a problem where there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from glocal_rdf.errors import TIMED_OUT, EndpointError, GlocalError, QueryError
from glocal_rdf.i18n import ENGLISH, match_language
from glocal_rdf.serve.api.answers import Answers
from glocal_rdf.serve.api.endpoints import ENDPOINTS, Endpoint, answer_question
from glocal_rdf.serve.api.listed import Listed
from glocal_rdf.serve.api.openapi import describe_api
from glocal_rdf.serve.api.page import write_page
from glocal_rdf.serve.api.parameters import LANG, read_parameters
from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.serve.api.schemas import to_json
from glocal_rdf.serve.api.threads import Threads
from glocal_rdf.serve.http.negotiation import read_qualities
from glocal_rdf.serve.parts import Serving

__all__ = ["choose_language", "explain_failure", "make_routes", "respond_json"]

TRUNCATED: Final = "Glocal-Truncated"
"""The header that says why a list in JSON is not whole."""

_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_ALLOW: Final = ", ".join(_METHODS)
_TAG: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,4}")


def make_routes(serving: Serving, threads: Threads) -> Sequence[BaseRoute]:
    """Return the routes below `/api`.

    Args:
        serving: What every part is given.
        threads: What answers are computed in.
    """
    api = _Api(serving, threads)
    routes = [_route(f"/api/{one.name}", partial(api.answer, endpoint=one), f"api-{one.name}") for one in ENDPOINTS]
    return [
        *routes,
        _route("/api/question/{name}", api.answer_question, "api-question"),
        _route("/api/openapi.json", api.describe, "api-description"),
        _route("/api/", api.show, "api"),
        _route("/api", api.redirect, "api-without-slash"),
        _route("/api/{rest:path}", api.refuse, "api-unknown"),
    ]


def _route(path: str, answer: Callable[[Request], Any], name: str) -> Route:
    # All methods are taken, so that those which are not supported are refused in the form of the API.
    return Route(path, answer, name=name, methods=[*_METHODS, "POST", "PUT", "PATCH", "DELETE"])


def choose_language(request: Request) -> str:
    """Return the language that a client accepts first; English where it says nothing.

    Args:
        request: The request.
    """
    accepted = read_qualities(request.headers.get("accept-language", ""))
    named = [(quality, tag) for tag, quality in accepted.items() if quality > 0 and _TAG.fullmatch(tag)]
    return max(named, key=lambda pair: pair[0])[1] if named else ENGLISH


def explain_failure(error: Exception) -> ProblemError:
    """Return the problem that an error of an answer is; what is not meant for clients is not in it.

    Args:
        error: The error.
    """
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, QueryError):
        slow = any(problem.kind == TIMED_OUT for problem in error.problems)
        return ProblemError("took-too-long" if slow else "wrong-value", str(error).splitlines()[0])
    if isinstance(error, EndpointError):
        return ProblemError(
            "source-failed", "the source does not answer; ask again later", headers={"Retry-After": "30"}
        )
    return ProblemError("failed", "the answer could not be made; report it to the operator")


def respond_json(request: Request, record: Any, *, media_type: str = "application/json", note: str = "") -> Response:
    """Return a response in JSON, which any web page may read.

    Args:
        request: The request.
        record: What is written.
        media_type: The media type.
        note: Why a list is not whole, which has no other place than a header; empty where it is.
    """
    body = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(errors="replace")
    headers = {"ETag": f'"{sha256(body).hexdigest()[:32]}"', "Cache-Control": "no-cache"}
    if "lang" not in request.query_params:
        headers["Vary"] = "Accept-Language"
    if note:
        headers[TRUNCATED] = note
    return Response(body, 200, headers, media_type)


class _Api:
    """Answers requests."""

    def __init__(self, serving: Serving, threads: Threads) -> None:
        self._serving = serving
        self._threads = threads

    async def _respond(self, request: Request, make: Callable[[Answers], Any]) -> Response:
        """Answer a request in a thread, and write what went wrong where it cannot be answered."""
        base = f"{self._serving.public(request)}api/"
        try:
            if request.method not in _METHODS:
                raise ProblemError("wrong-method", f"use {_ALLOW}", headers={"Allow": _ALLOW})
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": _ALLOW})
            answers = self._serving.current().answers
            made = await self._threads.run(partial(make, answers))
            return made if isinstance(made, Response) else respond_json(request, made)
        except (ProblemError, GlocalError) as error:
            return explain_failure(error).respond(base)
        except Exception as error:  # noqa: BLE001 - nobody outside may see what it was, and the server goes on
            return explain_failure(error).respond(base)

    async def answer(self, request: Request, endpoint: Endpoint) -> Response:
        """Answer by a definition."""

        def make(answers: Answers) -> Any:
            values = read_parameters(endpoint.parameters, request.query_params.multi_items(), endpoint.name)
            found = endpoint.call(answers, {"lang": choose_language(request), **values})
            return respond_json(request, to_json(found), note=found.note if isinstance(found, Listed) else "")

        return await self._respond(request, make)

    async def answer_question(self, request: Request) -> Response:
        """Answer a question of the project."""

        def make(answers: Answers) -> Any:
            given = request.query_params.multi_items()
            names = [name for name, _ in given]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ProblemError("wrong-value", f"{twice[:60]} is given twice; give it once")
            values = dict(given) if LANG.name in names else {**dict(given), LANG.name: choose_language(request)}
            return to_json(answer_question(answers, request.path_params["name"], values))

        return await self._respond(request, make)

    async def describe(self, request: Request) -> Response:
        """Describe the API."""
        base = f"{self._serving.public(request)}api/"

        def make(answers: Answers) -> Any:
            values = read_parameters((LANG,), request.query_params.multi_items(), "openapi.json")
            lang = str(values.get("lang") or choose_language(request))
            return describe_api(answers.dataset(lang), answers.questions(lang), base)

        return await self._respond(request, make)

    async def show(self, request: Request) -> Response:
        """Show the page for people."""

        def make(answers: Answers) -> Response:
            values = read_parameters((LANG,), request.query_params.multi_items(), "the page")
            lang = match_language(str(values.get("lang") or choose_language(request)))
            page = write_page(answers.dataset(lang), answers.questions(lang), lang)
            headers = {"Vary": "Accept-Language", "Content-Language": lang, "Cache-Control": "no-cache"}
            return Response(page, 200, headers, "text/html")

        return await self._respond(request, make)

    async def redirect(self, request: Request) -> Response:
        """Lead to the page."""
        return RedirectResponse(f"{self._serving.public(request)}api/", 308)

    async def refuse(self, request: Request) -> Response:
        """Say that there is nothing at an address."""

        def make(_: Answers) -> Any:
            raise ProblemError("not-found", f"there is nothing here; see {self._serving.public(request)}api/")

        return await self._respond(request, make)
