"""`glocal mcp`: the graph of a project as tools for a language model, over stdin and stdout."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.options import (
    documents_option,
    no_cache_option,
    open_cache,
    open_project,
    project_option,
    timeout_option,
)
from glocal_rdf.cli.output import print_problems, without_open_decisions


@click.command("mcp")
@project_option
@timeout_option
@documents_option
@no_cache_option
def command(folder: Path | None, timeout: int, documents: Path | None, no_cache: bool) -> None:
    """Let a language model ask about a project: a server of the Model Context Protocol (MCP) over stdin and stdout.

    A program that hosts a model starts it. Its tools are ask (questions by name), questions, thing, search, evidence,
    contradictions and sparql; all only read. Facts come with claim, document, position and rank, and with the quote
    where the document is at hand under a licence that permits it.

    \b
    Examples:
      glocal mcp
      glocal mcp --project my-city

    Needs the extra mcp: pip install 'glocal-rdf[mcp]'.

    Exit code 0: stdin has ended; 2: the project could not be built; 130: ended by Ctrl-C.
    """
    from glocal_rdf.operations.cached_build import BuildCache
    from glocal_rdf.operations.mcp import serve_tools
    from glocal_rdf.serve.parts import Limits

    built = BuildCache(open_cache(no_cache)).open(open_project(folder))
    print_problems(without_open_decisions(built.problems))
    serve_tools(built, documents=documents, limits=Limits(timeout=float(timeout)))
