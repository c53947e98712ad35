"""The registry of the parts of the server: for each its name and the function that makes its routes.

A part is added with an entry here and a module. Its function takes a `Serving` and returns routes; those of the pages
come last, since they answer for every other path. Security, limits on requests, compression, conditional requests and
logs are put round all parts alike (`glocal_rdf.serve.http`).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from glocal_rdf.serve.parts import Serving

__all__ = ["PARTS", "Part", "make_routes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Describe one part of the server.

    Attributes:
        name: What it is called.
        maker: `module:function` in `glocal_rdf`: from a `Serving` to routes.
    """

    name: str
    maker: str

    def make_routes(self, serving: Serving) -> Sequence[BaseRoute]:
        """Return the routes of the part."""
        module, _, function = self.maker.partition(":")
        return getattr(import_module(f"glocal_rdf.{module}"), function)(serving)  # type: ignore[no-any-return]


PARTS: Final[tuple[Part, ...]] = (
    # Each part has its own line; that of the pages is the last.
    Part(name="sparql", maker="operations.serve_sparql:make_routes"),
    Part(name="answers", maker="operations.serve_answers:make_routes"),
    Part(name="source", maker="operations.serve_source_front:make_routes"),
    Part(name="pages", maker="operations.serve_pages:make_routes"),
)


def make_routes(serving: Serving) -> list[BaseRoute]:
    """Return the routes of all parts.

    Args:
        serving: What the parts are given.
    """
    return [route for part in PARTS for route in part.make_routes(serving)]
