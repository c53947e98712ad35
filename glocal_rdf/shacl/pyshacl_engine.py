"""The second opinion: the same report, made by pySHACL."""

from __future__ import annotations

import atexit
import json
import logging
import os
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.constraints.patterns import SECONDS, find_in_process
from glocal_rdf.shacl.report.model import Result, read_results
from glocal_rdf.shacl.terms import SUBCLASS, sh
from glocal_rdf.shacl.triple_index import Nodes, lexical
from glocal_rdf.triples import Triples

__all__ = ["answer_jobs", "find_results"]

_LEAST, _TRIPLES, _MOST = 30.0, 100.0, 1e6
"""Seconds that it always has, triples for which it has one more, and the most seconds that can be waited."""
_CALL = f"import sys; sys.path.insert(0, sys.argv[1]); from {__name__} import answer_jobs; answer_jobs()"

_REPEATS = re.compile(r"[*+?{]")
_MEND = "correct the value or the shape, or use the engine 'columns'"


def find_results(
    data: Triples, shapes: Triples, ontology: Triples | None = None, time_limit: float = 60.0
) -> tuple[bool, tuple[Result, ...]]:
    """Let pySHACL validate; give whether the data conform, and the results.

    Literals reach pySHACL as they are written: rdflib would otherwise rewrite them, and ill-typed ones would pass.
    Where shapes have queries, which may not end, it works in a process of its own: for as many times `time_limit`
    seconds as there are queries, and longer for large data. Raises ShapesError where pySHACL fails, stops at a value
    that rdflib cannot take, or would not end.
    """
    _refuse_slow_patterns(data, shapes)
    if ontology is not None:
        data = data.union(ontology.match(predicate=SUBCLASS))
    queries = sum(len(shapes.match(predicate=sh(word))) for word in ("select", "ask"))
    if not queries or not sys.executable:
        return read_results(_report(data, shapes))
    job = {"data": data.serialize("ntriples").decode(), "shapes": shapes.serialize("ntriples").decode()}
    seconds = min(_LEAST + time_limit * queries + len(data) / _TRIPLES, _MOST)
    answer = _WORKER.ask(json.dumps(job).encode(), seconds)
    if "error" in answer:
        raise ShapesError.at(*answer["error"])
    return read_results(Triples.parse(answer["report"], "ntriples"))


class _Worker:
    """A process that does one job after the other; one that takes too long ends with it, and the next has a new one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(self, job: bytes, seconds: float) -> dict[str, Any]:
        """Have a job done. Raise ShapesError where that takes longer than so many seconds."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                call = [sys.executable, "-P", "-c", _CALL, str(Path(__file__).parents[2])]
                self._process = subprocess.Popen(  # noqa: S603 - our own code
                    call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
            process, late = self._process, threading.Event()

            def end() -> None:
                late.set()
                process.kill()

            timer = threading.Timer(seconds, end)
            timer.start()
            line = b""
            try:
                assert process.stdin is not None  # noqa: S101 - it is a pipe
                assert process.stdout is not None  # noqa: S101 - it is a pipe
                with suppress(OSError):
                    process.stdin.write(job + b"\n")
                    process.stdin.flush()
                    line = process.stdout.readline()
            finally:
                timer.cancel()
                if not line.endswith(b"\n"):
                    self.stop()
        if late.is_set():
            what = f"it took longer than {seconds:.0f} seconds"
            raise ShapesError.at("pySHACL", what, "lower the number of nodes, or take the engine 'columns'")
        if not line:
            raise ShapesError.at("pySHACL", "it ended without an answer", _MEND)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            process.wait()


_WORKER = _Worker()
atexit.register(_WORKER.stop)


def answer_jobs() -> None:
    """Do the jobs that stdin has, one a line, and write a line with the report of each to stdout."""
    with os.fdopen(0, "rb") as jobs, os.fdopen(1, "wb") as out:
        for line in jobs:
            asked = json.loads(line)
            try:
                graphs = (Triples.parse(asked[name], "ntriples") for name in ("data", "shapes"))
                answer: dict[str, object] = {"report": _report(*graphs).serialize("ntriples").decode()}
            except ShapesError as error:
                problem = error.problems[0]
                answer = {"error": [problem.where, problem.what, problem.hint]}
            out.write(json.dumps(answer).encode() + b"\n")
            out.flush()


def _report(data: Triples, shapes: Triples) -> Triples:
    """Let pySHACL validate, and give its report."""
    import pyshacl  # noqa: PLC0415 - slow to import
    import rdflib  # noqa: PLC0415 - slow to import

    with _as_written():
        try:
            _, report, text = pyshacl.validate(
                data.to_rdflib(), shacl_graph=shapes.to_rdflib(), advanced=False, inference="none", inplace=True
            )
        except Exception as error:
            # rdflib raises AttributeError at a bad date, plain Exception at an unknown prefix, and much in between:
            # whatever stops it, the user is told, and no opinion is given.
            what = f"it stopped with {type(error).__name__}: {_first_line(error)}"
            raise ShapesError.at("pySHACL", what, _MEND) from error
        if not isinstance(report, rdflib.Graph):
            raise ShapesError.at("pySHACL", _first_line(text), _MEND)
        return Triples.from_rdflib(report)


def _refuse_slow_patterns(data: Triples, shapes: Triples) -> None:
    """Try the patterns of the shapes, as pySHACL matches them, on every text of the data, in a process of its own.

    Python's matcher cannot be stopped where pySHACL runs it. Raises ShapesError where it takes too long.
    """
    nodes = Nodes(shapes)
    patterns: dict[str, str] = {}
    for shape, pattern in nodes.pairs(sh("pattern")):
        if len(_REPEATS.findall(pattern)) < 2:
            continue
        flags = "".join(f for value in nodes.values(shape, sh("flags")) for f in lexical(value) if f in "ims")
        text = f"(?{flags}){lexical(pattern)}" if flags else lexical(pattern)
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError):
            continue  # pySHACL says what is wrong
        patterns[text] = shape
    if not patterns:
        return
    targets = shapes.match(predicate=sh("targetNode")).frame["object"]
    terms = pl.concat([data.frame["subject"], data.frame["object"], targets]).unique()
    texts = [lexical(term) if term.startswith('"') else term.strip("<>") for term in terms]
    if find_in_process("python", list(patterns), texts) is None:
        first = next(iter(patterns.values()))
        what = f"a pattern may not end here within {SECONDS} seconds by pySHACL's matcher"
        raise ShapesError.at(f"pySHACL: {first}", what, "take the engine 'columns', or repeat less in the pattern")


@contextmanager
def _as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals, and from telling of every one that it would like to rewrite."""
    import rdflib  # noqa: PLC0415 - slow to import

    was, quiet = rdflib.NORMALIZE_LITERALS, logging.root.manager.disable
    rdflib.NORMALIZE_LITERALS = False
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        rdflib.NORMALIZE_LITERALS = was
        logging.disable(quiet)


def _first_line(what: object) -> str:
    return next((line for line in str(what).splitlines() if line.strip()), "no reason given")
