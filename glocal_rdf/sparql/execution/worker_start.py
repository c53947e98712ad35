"""Starts the processes that evaluate SPARQL, with this Python and nothing else from its surroundings.

There are two programs: `worker.py` evaluates what this process asks, `server_worker.py` what anybody may ask a server.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from glocal_rdf.errors import QueryError

__all__ = ["PIPE", "start_server_worker", "start_worker"]

PIPE = 1 << 20
"""How many bytes go through a pipe at once."""


def start_worker(threads: int, folder: str = "") -> subprocess.Popen[bytes]:
    """Start the process.

    Args:
        threads: How many queries it evaluates at once.
        folder: The folder of a store to open; without one the process has an empty store in memory.

    Raises:
        QueryError: Where none can be started.
    """
    return _start("worker", f"main({threads}, {folder!r})")


def start_server_worker() -> subprocess.Popen[bytes]:
    """Start the process that evaluates the queries of a server; it is sent what it needs as its first message.

    Raises:
        QueryError: Where none can be started.
    """
    return _start("server_worker", "main()")


def _start(module: str, call: str) -> subprocess.Popen[bytes]:
    if not sys.executable:
        raise QueryError.at("query", "cannot be evaluated: Python does not know its own program", "set sys.executable")
    package = "glocal_rdf.sparql.execution"
    code = f"import sys; sys.path += {_find_paths()!r}; from {package}.{module} import main; {call}"
    try:
        return subprocess.Popen(  # noqa: S603 - our own program, with nothing from outside in it
            [sys.executable, "-I", "-S", *_list_options(), "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pipesize=PIPE,
        )
    except OSError as error:
        raise QueryError.at("query", f"no process can be started for it: {error.strerror}", "try again") from error


def _list_options() -> list[str]:
    """Return the options for byte code, which the process is to keep where this one does, if at all.

    It takes nothing from the environment (`-I`), and so not these settings either.
    """
    options = ["-B"] if sys.dont_write_bytecode else []
    return [*options, "-X", f"pycache_prefix={sys.pycache_prefix}"] if sys.pycache_prefix else options


@cache
def _find_paths() -> list[str]:
    """Name the folders that a worker finds our package and pyoxigraph in."""
    found = [Path(__file__).resolve().parents[3]]
    spec = find_spec("pyoxigraph")
    if spec is not None and spec.origin:
        found.append(Path(spec.origin).resolve().parents[1])
    return list(dict.fromkeys(map(str, found)))
