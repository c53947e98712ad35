"""Opens the client that asks a Wikibase for a project: with the project's contact, and the user's file of answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from glocal_rdf import __version__
from glocal_rdf.dataset import Build
from glocal_rdf.operations.dataset_metadata import find_dataset_iri
from glocal_rdf.project import Project
from glocal_rdf.publish.about import About, safe_link
from glocal_rdf.wikidata.access.client import Client, Exchange
from glocal_rdf.wikidata.access.store import Store
from glocal_rdf.wikidata.settings import Settings

__all__ = ["find_contact", "open_client"]

ANSWERS: Final = "wikidata.sqlite"
"""The file of kept answers in the folder of the cache."""


def open_client(
    now: datetime,
    *,
    contact: str,
    folder: Path | None = None,
    settings: Settings | None = None,
    offline: bool = False,
    log: Callable[[Exchange], object] | None = None,
) -> Client:
    """Open a client of Wikidata, or of another Wikibase.

    Args:
        now: The time of the run, with a time zone.
        contact: Who is reached about its requests: an address of mail or of the web (see `find_contact`).
        folder: The folder of the cache, in which answers are kept; None to keep none.
        settings: How it behaves, where it is not to do as the operators of Wikidata ask.
        offline: Whether it uses kept answers alone.
        log: Is called with each request that was sent.
    """
    store = Store(folder / ANSWERS) if folder else None
    return Client(contact, now, __version__, settings or Settings(), store, offline, log)


def find_contact(project: Project, built: Build | None = None) -> str:
    """Find who is reached about a project: its contact point, or its publisher; empty where neither has an address.

    Args:
        project: The project.
        built: Its build, in which the contact may be described; without it, the metadata of its tables is read alone.

    Examples:
        >>> find_contact(Project.bundled())
        ''
    """
    if built is not None:
        iri = find_dataset_iri(built.conversion)
        return About(built.stated, f"<{iri}>" if iri else "_:dataset").contact
    for wanted in ("contactPoint", "publisher"):
        for key, value in project.description.items():
            if key.replace("/", ":").rpartition(":")[2].rpartition("#")[2] == wanted:
                for one in value if isinstance(value, list) else [value]:
                    if address := _read_address(one):
                        return address
    return ""


def _read_address(value: Any) -> str:
    """Return the address that a common property gives: as a text, as `@id` of mail, or of what it describes."""
    if isinstance(value, str):
        return safe_link(value) or safe_link(f"mailto:{value}")
    if not isinstance(value, dict):
        return ""
    if str(value.get("@id", "")).startswith("mailto:"):
        return safe_link(str(value["@id"]))
    for name in ("hasEmail", "mbox", "email", "hasURL", "homepage", "url", "@value"):
        for key, inner in value.items():
            if key.rpartition(":")[2] == name or key == name:
                text = inner.get("@id", inner.get("@value", "")) if isinstance(inner, dict) else inner
                if found := safe_link(str(text)) or safe_link(f"mailto:{text}"):
                    return found
    return ""
