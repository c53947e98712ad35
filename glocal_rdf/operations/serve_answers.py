"""Makes the routes of what answers in JSON: the API, the reconciliation service, and the tools for language models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from glocal_rdf import __version__
from glocal_rdf.serve.api import routes as api
from glocal_rdf.serve.api.places import Places
from glocal_rdf.serve.reconciliation import routes as reconciliation

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from glocal_rdf.serve.parts import Serving

__all__ = ["make_routes"]


def make_routes(serving: Serving) -> Sequence[BaseRoute]:
    """Return the routes, whose answers share their places.

    Args:
        serving: What every part is given.
    """
    places = Places(serving.limits)
    return [
        *api.make_routes(serving, places, __version__),
        *reconciliation.make_routes(serving, places, __version__),
    ]
