"""`glocal serve`: a project over HTTP, for reading."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.options import (
    documents_option,
    no_cache_option,
    open_cache,
    open_project,
    project_option,
    refuse_unused,
    source_option,
)
from glocal_rdf.cli.output import print_note
from glocal_rdf.cli.signals import hand_over_signals
from glocal_rdf.errors import OutputError

if TYPE_CHECKING:
    from glocal_rdf.serve.server.running import Server


@click.command("serve")
@project_option
@click.option("--host", metavar="HOST", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="The port; 0 for any.")
@click.option("--public-url", metavar="URL", default="", help="The address that the world knows; others are refused.")
@click.option(
    "--base-path",
    metavar="PATH",
    default=None,
    help="What every path begins with; by default the path of --public-url. / where the proxy takes it off.",
)
@click.option(
    "--proxy-headers",
    is_flag=True,
    help="Trust X-Forwarded-For, -Host, -Proto and -Prefix: only where nobody but the proxy can connect.",
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 3600),
    default=20,
    show_default=True,
    help="Seconds that one query, or any other answer that is computed, may take.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=3,
    show_default=True,
    help="How many queries are evaluated at once.",
)
@source_option
@click.option("--space", metavar="IRI", help="With --source: how the IRIs of things begin, if most do not.")
@click.option("--no-watch", is_flag=True, help="Serve the build of the start, whatever happens to the files.")
@click.option("--no-access-log", is_flag=True, help="Print events and failures alone, and no line for each request.")
@documents_option
@no_cache_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    host: str,
    port: int,
    public_url: str,
    base_path: str | None,
    proxy_headers: bool,
    timeout: int,
    concurrency: int,
    source: str | None,
    space: str | None,
    no_watch: bool,
    no_access_log: bool,
    documents: Path | None,
    no_cache: bool,
) -> None:
    """Serve a project over HTTP, for reading: pages, data by content negotiation, SPARQL and an API.

    What is served is what glocal publish writes. When a file of the project is changed, the project is built and
    validated anew, and swapped in without a dropped request; a build that does not conform is reported, and the former
    one stays. Lines for requests have no address of a client and no text of a query.

    With --source the pages, the API and the search are made from a SPARQL endpoint or a file of RDF, when they
    are asked for.

    \b
    Examples:
      glocal serve
      glocal serve --port 8080 --project my-city
      glocal serve --source http://localhost:3030/data/query --public-url https://data.example.org/
      glocal serve --public-url https://data.example.org/ --proxy-headers

    Needs the extra serve: pip install 'glocal-rdf[serve]'.

    Exit code 0: stopped by SIGTERM, after the last answer; 2: could not be served; 130: stopped by Ctrl-C, likewise.
    """
    try:
        from glocal_rdf.operations.serve import ServerAddress, serve_project, serve_source
        from glocal_rdf.serve.parts import Limits
    except ImportError as error:
        what = f"needs the package {error.name}"
        raise OutputError.at("serve", what, "install the extra: pip install 'glocal-rdf[serve]'") from error
    _set_up_log(requests=not no_access_log)

    def report(url: str, _server: Server) -> None:
        print_note(f"serving at {url} (Ctrl-C ends it)")

    address = ServerAddress(host=host, port=port, public_url=public_url, base_path=base_path, proxied=proxy_headers)
    limits = Limits(timeout=float(timeout), concurrency=concurrency)
    hand_over_signals()
    if source is not None:
        refuse_unused(ctx, "folder", "documents", "no_watch", why="does not go with --source")
        now, cache = datetime.now(UTC), open_cache(no_cache)
        interrupted = serve_source(source, address, now, limits=limits, cache=cache, space=space, started=report)
    else:
        refuse_unused(ctx, "space", why="goes with --source")
        interrupted = serve_project(
            open_project(folder),
            address,
            limits=limits,
            cache=open_cache(no_cache),
            documents=documents,
            watch=not no_watch,
            started=report,
        )
    if interrupted:
        ctx.exit(130)


def _set_up_log(*, requests: bool) -> None:
    """Print the log on stderr, a line for each event."""
    log = logging.getLogger("glocal_rdf.serve")
    log.setLevel(logging.INFO if requests else logging.WARNING)
    log.propagate = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    log.handlers[:] = [handler]
