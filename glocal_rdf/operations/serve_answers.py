"""Makes the routes of what answers in JSON: the API, the reconciliation service, and the tools for language models."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Return the routes, whose answers share their threads.

    Args:
        serving: What every part is given.
    """
    threads = Threads(serving.limits)
    return [
        *api.make_routes(serving, threads),
        *reconciliation.make_routes(serving, threads),
    ]
