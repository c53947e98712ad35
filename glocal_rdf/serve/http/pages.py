"""What the front asks of whoever makes the pages: where an IRI leads, and the file at a path.

There are two sources of pages: the site of a build, and a SPARQL store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Pages", "Served", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the IRI of a thing leads.

    Attributes:
        path: The path of the page about it, without language and ending, not encoded: `doc/place/taipei`.
        fragment: The part of that page; empty for the whole.
        page_only: Whether there are no data beside the page (claims and mappings, which others' pages describe).
        gone: Whether the thing was withdrawn.
        moved: The IRI of what it is called now; empty where it was not renamed.
        lacking: The endings of the data that there are not beside the page, as their formats cannot hold them.
    """

    path: str
    fragment: str = ""
    page_only: bool = False
    gone: bool = False
    moved: str = ""
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """A file that is served.

    Attributes:
        content: Its bytes.
        etag: What tells one version of it from all others, without quotes; the same for the same bytes.
        lasting: Whether what is at this path never changes.
        gone: Whether it is about a thing that was withdrawn.
        about: The IRI of what it is about; empty where it is about several things.
        lacking: The endings of the data that there are not beside the page, as their formats cannot hold them.
    """

    content: bytes
    etag: str
    lasting: bool = False
    gone: bool = False
    about: str = ""
    lacking: tuple[str, ...] = ()


class Pages(Protocol):
    """The pages of what is served, and the data beside them."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the pages, that of `path.html` first; others are at `path.LANG.html`."""

    @property
    def formats(self) -> Mapping[str, str]:
        """The endings of the data beside each page by media type, the preferred one first: `text/turtle` to `ttl`."""

    async def prepare(self) -> None:
        """Wait until the rest can be asked; it is called for each request before anything else.

        Raises:
            RefusedError: Where it cannot.
        """

    def name_iris(self, address: str, path: str) -> Sequence[str]:
        """Return the IRIs that a path below the public address may be, the likeliest first."""

    async def resolve(self, iri: str) -> Target | None:
        """Return where the IRI of a thing leads; None where nothing is known of it."""

    async def read(self, path: str) -> Served | None:
        """Return the file at a path of the site (`doc/place/taipei.zh-Hant.html`); None where there is none.

        Raises:
            RefusedError: Where it cannot be made now (503, 502, 504).
        """

    async def close(self) -> None:
        """Give back what the pages hold: processes, files. Nobody asks for a page any more."""
