"""Makes the routes of what answers in JSON: the API, the reconciliation service, and the tools for language models."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from glocal_rdf.operations.build_answers import BuildAnswers
from glocal_rdf.serve.api import routes as api
from glocal_rdf.serve.api.threads import Threads
from glocal_rdf.serve.reconciliation import routes as reconciliation

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from glocal_rdf.serve.parts import Serving

__all__ = ["BuildAnswers", "make_routes"]


def make_routes(serving: Serving) -> Sequence[BaseRoute]:
    """Return the routes, whose answers share their threads; `/mcp` is among them where the extra `mcp` is installed.

    Args:
        serving: What every part is given.
    """
    threads = Threads(serving.limits)
    made = [*api.make_routes(serving, threads), *reconciliation.make_routes(serving, threads)]
    if find_spec("mcp") is not None:
        from glocal_rdf.serve.mcp import routes as mcp  # noqa: PLC0415 - of the extra `mcp`

        made += mcp.make_routes(serving, threads)
    return made
