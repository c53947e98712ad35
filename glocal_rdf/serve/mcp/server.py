"""The server of the Model Context Protocol, by its official SDK: it offers tools and resources.

It has no tool that changes anything, asks its client for nothing and keeps nothing of a session.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from glocal_rdf.errors import GlocalError
from glocal_rdf.serve.api.answers import Answers
from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.serve.api.routes import explain_failure
from glocal_rdf.serve.api.threads import Threads
from glocal_rdf.serve.mcp.resources import list_resources, read_resource
from glocal_rdf.serve.mcp.tools import INSTRUCTIONS, answer, describe_tools, query, write_text
from glocal_rdf.serve.sparql.store import RefusedError, Store

__all__ = ["Asked", "make_server", "run_stdio"]

_READ_ONLY = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


class Asked(NamedTuple):
    """What a request is answered from: the answers, the store for queries (None without), and who asks."""

    answers: Answers
    store: Store | None
    client: str


def make_server(current: Callable[[], Asked], threads: Threads) -> Server[Any]:
    """Make the server.

    Args:
        current: Returns what a request is answered from; called once a request.
        threads: What answers are computed in.
    """

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        asked = current()
        questions = await threads.run(partial(asked.answers.questions, "en"))
        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=one.name,
                    title=one.title,
                    description=one.description,
                    input_schema=one.takes,
                    output_schema=one.gives,
                    annotations=_READ_ONLY,
                )
                for one in describe_tools(questions, sparql=asked.store is not None)
            ]
        )

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        asked = current()
        name, arguments = params.name, params.arguments or {}
        known = {one.name for one in describe_tools((), sparql=asked.store is not None)}
        if name not in known:
            raise MCPError(
                types.INVALID_PARAMS, f"there is no tool {name[:80]!r}; it is one of {', '.join(sorted(known))}"
            )
        try:
            if name == "sparql" and asked.store is not None:
                found = await query(asked.store, arguments, asked.client)
            else:
                found = await threads.run(partial(answer, asked.answers, name, arguments))
        except RefusedError as error:
            return _refuse(str(error).splitlines()[0])
        except Exception as error:  # noqa: BLE001 - a model may correct itself, and sees nothing of what is inside
            return _refuse(explain_failure(error).detail)
        return types.CallToolResult(content=[types.TextContent(text=write_text(found))], structured_content=found)

    async def list_them(_context: Any, _params: Any) -> types.ListResourcesResult:
        found = await threads.run(partial(list_resources, current().answers))
        return types.ListResourcesResult(
            resources=[
                types.Resource(uri=one.uri, name=one.name, description=one.description, mime_type=one.media_type)
                for one in found
            ]
        )

    async def read(_context: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        try:
            media_type, text = await threads.run(partial(read_resource, current().answers, uri))
        except (ProblemError, GlocalError) as error:
            raise MCPError(types.INVALID_PARAMS, explain_failure(error).detail) from error
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type=media_type, text=text)])

    server: Server[Any] = Server(
        "glocal",
        title="Glocal RDF",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_them,
        on_read_resource=read,
    )
    server.middleware = []  # The one that is there sends traces, if somebody installs what receives them.
    return server


def _refuse(reason: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=reason)], is_error=True)


async def run_stdio(server: Server[Any]) -> None:
    """Serve the process that started this one, over stdin and stdout, until stdin ends.

    Args:
        server: The server.
    """
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
