"""Serves a project's graph to a language model over stdio, by the Model Context Protocol."""

from __future__ import annotations

import asyncio
from pathlib import Path

from glocal_rdf.dataset import Build
from glocal_rdf.errors import OutputError
from glocal_rdf.serve.parts import Limits

__all__ = ["serve_tools"]


def serve_tools(built: Build, *, documents: Path | None = None, limits: Limits | None = None) -> None:
    """Answer the messages of the process that started this one, over stdin and stdout, until stdin ends.

    Args:
        built: The build that is asked about.
        documents: The folder of its documents; by default that of the project.
        limits: What queries may take.

    Raises:
        OutputError: Where the extra `mcp` is not installed.
    """
    try:
        from glocal_rdf.serve.mcp.server import Asked, make_server, run_stdio  # noqa: PLC0415 - of the extra
    except ImportError as error:
        what = f"needs the package {error.name}"
        raise OutputError.at("mcp", what, "install the extra: pip install 'glocal-rdf[mcp]'") from error
    from glocal_rdf.operations.build_answers import BuildAnswers  # noqa: PLC0415 - the error comes first
    from glocal_rdf.operations.serve_sparql import open_store  # noqa: PLC0415
    from glocal_rdf.serve.api.threads import Threads  # noqa: PLC0415

    bounds = limits or Limits()
    answers = BuildAnswers(built, documents=documents, timeout=bounds.timeout)
    store = open_store(built, bounds)

    async def run() -> None:
        try:
            await run_stdio(make_server(lambda: Asked(answers, store, "stdio"), Threads(bounds)))
        finally:
            await store.close()

    asyncio.run(run())
