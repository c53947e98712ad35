"""The options of commands that ask a Wikibase: who asks, whether at all, how fresh, and the log of requests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from glocal_rdf.dataset import Build
    from glocal_rdf.project import Project
    from glocal_rdf.wikidata.access.client import Client

__all__ = ["online_options", "open_online"]

F = TypeVar("F", bound=Callable[..., Any])


def online_options(function: F) -> F:
    """Add the options of going on-line to a command, which gets `contact`, `offline`, `days`, `request_log`."""
    for option in (
        click.option(
            "--request-log",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write each request that is sent to a file, as a line of JSON.",
        ),
        click.option(
            "--max-age",
            "days",
            type=click.IntRange(0, 3650),
            default=7,
            show_default=True,
            metavar="DAYS",
            help="Ask anew for what was fetched more days ago.",
        ),
        click.option("--offline", is_flag=True, help="Use what was fetched before, and ask for nothing."),
        click.option(
            "--contact",
            envvar="GLOCAL_CONTACT",
            default="",
            metavar="ADDRESS",
            help="Mail or web address that the operators of the service can reach you at; also GLOCAL_CONTACT. By "
            "default the project's dcat:contactPoint. Without one nothing is sent.",
        ),
    ):
        function = option(function)
    return function


@contextmanager
def open_online(
    *,
    project: Project | None,
    built: Build | None,
    contact: str,
    offline: bool,
    days: int,
    request_log: Path | None,
    timeout: int,
    no_cache: bool,
) -> Iterator[Client]:
    """Open a client as the options say; its log is written when the context ends, whatever ends it.

    Args:
        project: The project, whose contact is used where none is given.
        built: Its build, if there is one.
        contact: The value of --contact.
        offline: That of --offline.
        days: That of --max-age.
        request_log: That of --request-log.
        timeout: That of --timeout.
        no_cache: That of --no-cache.
    """
    import time
    from datetime import UTC, datetime

    from glocal_rdf.cache.folder import Cache, find_cache_folder
    from glocal_rdf.files import write_bytes
    from glocal_rdf.operations.wikidata.client import find_contact, open_client
    from glocal_rdf.wikidata.access.client import Exchange
    from glocal_rdf.wikidata.settings import Settings

    if not contact and project is not None:
        contact = find_contact(project, built)
    folder = None if no_cache else find_cache_folder(os.environ)
    cache = Cache.open(folder) if folder else None
    if offline and cache is None:
        raise click.UsageError("--offline needs the cache, which --no-cache (or GLOCAL_NO_CACHE) turns off.")
    log: list[Exchange] = []
    # SOURCE_DATE_EPOCH makes the dates of a run repeatable: https://reproducible-builds.org/specs/source-date-epoch/
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(float(epoch) if epoch.isdigit() else time.time(), UTC)
    try:
        yield open_client(
            now,
            contact=contact,
            folder=cache.folder if cache else None,
            settings=Settings(timeout=timeout, days_kept=days),
            offline=offline,
            log=log.append,
        )
    finally:
        if request_log:
            lines = (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in log)
            write_bytes("".join(lines).encode(), request_log)
