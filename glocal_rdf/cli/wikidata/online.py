"""The options of commands that ask a Wikibase: who asks, whether at all, how fresh, and the log of requests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf.cli.options import no_cache_option, timeout_option

if TYPE_CHECKING:
    from glocal_rdf.dataset import Build
    from glocal_rdf.project import Project
    from glocal_rdf.wikidata.access.client import Client

__all__ = ["ASKING", "Online", "online_options", "open_online"]


@dataclass(frozen=True, kw_only=True)
class Online:
    """The options of one run.

    Attributes:
        contact: The address for the operators; empty where none is given.
        offline: Whether nothing may be asked.
        days: For how long what was fetched is used.
        request_log: The file for the log of requests.
        timeout: The seconds that one request may take.
        no_cache: Whether nothing is kept.
    """

    contact: str
    offline: bool
    days: int
    request_log: Path | None
    timeout: int
    no_cache: bool


ASKING = ("contact", "offline", "days", "request_log")
"""The parameters that are of use only where somebody is asked."""


def online_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of going on-line to a command, which gets them as `online`."""
    names = [one.name for one in fields(Online)]

    @wraps(function)
    def run(*arguments: Any, **values: Any) -> Any:
        return function(*arguments, online=Online(**{name: values.pop(name) for name in names}), **values)

    command: Callable[..., Any] = run
    for option in (
        no_cache_option,
        timeout_option,
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
        command = option(command)
    return command


@contextmanager
def open_online(online: Online, project: Project | None, built: Build | None) -> Iterator[Client]:
    """Open a client as the options say; its log is written when the context ends, whatever ends it.

    Args:
        online: The options.
        project: The project, whose contact is used where none is given.
        built: Its build, if there is one.
    """
    import time
    from datetime import UTC, datetime

    from glocal_rdf.cache.folder import Cache, find_cache_folder
    from glocal_rdf.files import write_bytes
    from glocal_rdf.operations.wikidata.client import find_contact, open_client
    from glocal_rdf.wikidata.access.client import Exchange
    from glocal_rdf.wikidata.settings import Settings

    contact = online.contact
    if not contact and project is not None:
        contact = find_contact(project, built)
    folder = None if online.no_cache else find_cache_folder(os.environ)
    cache = Cache.open(folder) if folder else None
    if online.offline and cache is None:
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
            settings=Settings(timeout=online.timeout, days_kept=online.days),
            offline=online.offline,
            log=log.append,
        )
    finally:
        if online.request_log:
            lines = (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in log)
            write_bytes("".join(lines).encode(), online.request_log)
