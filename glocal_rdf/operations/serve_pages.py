"""The part of the server that answers with pages and data, for every address that no other part has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from glocal_rdf.serve.http.documents import make_documents

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from glocal_rdf.serve.parts import Serving

__all__ = ["make_routes"]


def make_routes(serving: Serving) -> Sequence[BaseRoute]:
    """Return the routes of pages and data.

    Args:
        serving: What the part is given.
    """
    return make_documents(serving)
