"""The routes of the reconciliation service, for clients such as OpenRefine.

Requests change nothing, so that one which another web page has a browser send does no harm, whatever its form. Scripts
of other sites read answers by CORS; JSONP, which version 0.2 leaves open, is not offered: an answer would be a script.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from glocal_rdf.serve.api.answers import Answers
from glocal_rdf.serve.api.parameters import LANG, Parameter, read_parameters
from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.serve.api.routes import choose_language, explain_failure, respond_json
from glocal_rdf.serve.api.threads import Threads
from glocal_rdf.serve.parts import Serving
from glocal_rdf.serve.reconciliation.queries import read_extension, read_json, read_queries
from glocal_rdf.serve.reconciliation.service import (
    Identifiers,
    describe_service,
    extend,
    flyout,
    preview,
    propose,
    suggest,
    write_candidates,
)

__all__ = ["make_routes"]

_FORM: Final = "application/x-www-form-urlencoded"
_ASKED: Final = ("queries", "query", "extend")
_KINDS: Final = ("entity", "type", "property")
_HEADERS: Final = {"Access-Control-Allow-Origin": "*"}
_FRAME: Final = {
    # Clients show previews in frames of theirs; nothing is loaded and no script runs.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *; sandbox",
    "X-Content-Type-Options": "nosniff",
}

_IDENTIFIER: Final = Parameter(name="id", kind="text", description="The identifier of a thing.", required=True)
_TYPE: Final = Parameter(name="type", kind="text", description="The identifier of a class.")
_PREFIX: Final = Parameter(
    name="prefix", kind="text", description="What was typed.", required=False, default="", most=500
)
_CURSOR: Final = Parameter(name="cursor", kind="integer", description="How many are left out.", default=0, most=100_000)
_LIMIT: Final = Parameter(
    name="limit", kind="integer", description="How many are wanted.", default=10, least=1, most=1000
)

Make = Callable[[Answers, Identifiers, str], Any]


def make_routes(serving: Serving, threads: Threads) -> list[BaseRoute]:
    """Return the routes below `/reconcile`.

    Args:
        serving: What every part is given.
        threads: What answers are computed in.
    """
    service = _Service(serving, threads)
    reading = ["GET", "HEAD", "OPTIONS"]
    return [
        Route("/reconcile", service.answer, methods=[*reading, "POST"], name="reconcile"),
        Route("/reconcile/suggest/{kind}", service.suggest, methods=reading, name="reconcile-suggest"),
        Route("/reconcile/flyout/{kind}", service.flyout, methods=reading, name="reconcile-flyout"),
        Route("/reconcile/preview", service.preview, methods=reading, name="reconcile-preview"),
        Route("/reconcile/properties", service.propose, methods=reading, name="reconcile-properties"),
        Route("/reconcile/view", service.view, methods=reading, name="reconcile-view"),
    ]


class _Service:
    """Answers requests."""

    def __init__(self, serving: Serving, threads: Threads) -> None:
        self._serving = serving
        self._threads = threads

    async def _respond(self, request: Request, make: Make, lang: str = "") -> Response:
        try:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={**_HEADERS, "Allow": "GET, HEAD, OPTIONS, POST"})
            answers = self._serving.current().answers
            language = lang or choose_language(request)

            def run() -> Any:
                return make(answers, Identifiers(answers.dataset(language).space), language)

            made = await self._threads.run(run)
            response = made if isinstance(made, Response) else respond_json(request, made)
        except Exception as error:  # noqa: BLE001 - nobody outside may see what it was, and the server goes on
            response = explain_failure(error).respond(f"{self._serving.public(request)}api/")
        response.headers.update(_HEADERS)
        return response

    async def answer(self, request: Request) -> Response:
        """Answer with the manifest, with candidates, or with values of properties."""
        public = self._serving.public(request)
        try:
            given = await self._read_form(request)
            lang = str(
                read_parameters((LANG,), [one for one in given if one[0] == "lang"], "reconcile").get("lang", "")
            )
            asked = [(name, value) for name, value in given if name in _ASKED]
            unknown = next((name for name, _ in given if name not in (*_ASKED, "lang")), None)
            if unknown == "callback":
                raise ProblemError("unknown-parameter", "JSONP is not offered; use CORS, which is")
            if unknown is not None:
                raise ProblemError(
                    "unknown-parameter",
                    f"reconcile has no parameter {unknown[:60]!r}; it takes {', '.join(_ASKED)}, lang",
                )
            if len(asked) > 1:
                raise ProblemError("wrong-value", f"{asked[0][0]} and {asked[1][0]} are given; give one, once")
            if not asked and request.method == "POST":
                raise ProblemError("wrong-body", f"the form has none of {', '.join(_ASKED)}")
        except ProblemError as error:
            response = error.respond(f"{public}api/")
            response.headers.update(_HEADERS)
            return response
        return await self._respond(request, partial(self._answer, public, asked), lang)

    def _answer(
        self, public: str, asked: list[tuple[str, str]], answers: Answers, identifiers: Identifiers, lang: str
    ) -> Any:
        if not asked:
            return describe_service(answers.dataset(lang), answers.classes(lang), public)
        [(name, text)] = asked
        if name == "extend":
            return extend(answers, read_extension(read_json(text)), identifiers, lang)
        record = read_json(text) if name == "queries" or text.lstrip()[:1] in ("{", "[") else text
        batch = read_queries(record if name == "queries" else {"query": record}, lang, identifiers.expand)
        found = answers.reconcile(tuple(batch.values()), lang)
        results = {key: write_candidates(one, identifiers) for key, one in zip(batch, found, strict=True)}
        return results if name == "queries" else results["query"]

    async def _read_form(self, request: Request) -> list[tuple[str, str]]:
        """Return the parameters of a request: those of the address, and those of a form."""
        given = request.query_params.multi_items()
        if request.method != "POST":
            return given
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != _FORM:
            raise ProblemError("wrong-media-type", f"send a form ({_FORM})")
        most = self._serving.limits.request_bytes
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > most:
                raise ProblemError("too-large", f"the body has more than {most:,} bytes; send fewer queries at once")
        try:
            return given + parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=20)
        except ValueError as error:
            raise ProblemError("wrong-body", "the form is not in UTF-8, or has too many fields") from error

    def _read(self, request: Request, known: list[Parameter], *, strict: bool = True) -> dict[str, Any]:
        """Read parameters; those of a widget of Freebase, which OpenRefine still sends, have no effect."""
        given = request.query_params.multi_items()
        names = {one.name for one in (*known, LANG)}
        if any(name == "callback" for name, _ in given):
            raise ProblemError("unknown-parameter", "JSONP is not offered; use CORS, which is")
        kept = given if strict else [one for one in given if one[0] in names]
        return dict(read_parameters((*known, LANG), kept, request.url.path.rpartition("/")[2]))

    async def suggest(self, request: Request) -> Response:
        """Suggest things, classes or properties."""
        kind = request.path_params["kind"]

        def make(answers: Answers, identifiers: Identifiers, lang: str) -> Any:
            if kind not in _KINDS:
                raise ProblemError("not-found", f"suggestions are of {', '.join(_KINDS)}")
            values = self._read(request, [_PREFIX, _CURSOR, _LIMIT, _TYPE], strict=False)
            return suggest(
                answers,
                kind,
                values["prefix"],
                identifiers,
                values.get("lang", lang),
                cursor=values["cursor"],
                limit=values["limit"],
                within=values.get("type", ""),
            )

        return await self._respond(request, make)

    async def flyout(self, request: Request) -> Response:
        """Preview something that was suggested."""

        def make(answers: Answers, identifiers: Identifiers, lang: str) -> Any:
            values = self._read(request, [_IDENTIFIER], strict=False)
            return flyout(answers, values["id"], identifiers.expand(values["id"]), values.get("lang", lang))

        return await self._respond(request, make)

    async def preview(self, request: Request) -> Response:
        """Show a small page about a thing."""

        def make(answers: Answers, identifiers: Identifiers, lang: str) -> Response:
            values = self._read(request, [_IDENTIFIER], strict=False)
            page = preview(answers, identifiers.expand(values["id"]), values.get("lang", lang))
            return Response(page, 200, _FRAME, "text/html")

        return await self._respond(request, make)

    async def propose(self, request: Request) -> Response:
        """Propose properties of things of a class."""

        def make(answers: Answers, _: Identifiers, lang: str) -> Any:
            values = self._read(request, [_TYPE, _LIMIT])
            return propose(answers, values.get("type", ""), values.get("lang", lang), values["limit"])

        return await self._respond(request, make)

    async def view(self, request: Request) -> Response:
        """Lead to the page of a thing."""
        snapshot = self._serving.current()
        public = self._serving.public(request)
        try:
            values = self._read(request, [_IDENTIFIER])
            iri = Identifiers(snapshot.answers.dataset("en").space).expand(values["id"])
            found = await snapshot.pages.resolve(iri) if snapshot.pages else None
            if found is None:
                raise ProblemError("not-found", "nothing is known of it; search for another name")
        except ProblemError as error:
            return error.respond(f"{public}api/")
        address = public + quote(found.path) + (f"#{quote(found.fragment)}" if found.fragment else "")
        return Response(status_code=303, headers={**_HEADERS, "Location": address})
