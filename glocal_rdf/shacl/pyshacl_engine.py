"""The second opinion: the same report by pySHACL.

https://github.com/RDFLib/pySHACL
"""

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
from glocal_rdf.namespaces import RDFS_SUBCLASS_OF
from glocal_rdf.shacl.constraints.patterns import MAX_SECONDS, match_in_process
from glocal_rdf.shacl.report.model import Result
from glocal_rdf.shacl.report.rdf import read_results
from glocal_rdf.shacl.terms import lexical, sh
from glocal_rdf.shacl.triple_index import TripleIndex
from glocal_rdf.triples import Triples

__all__ = ["find_results", "run_jobs"]

MIN_SECONDS, TRIPLES_PER_SECOND, MAX_SECONDS_WAITED = 30.0, 100.0, 1e6
"""The seconds that it always has, the triples for which it has one more, and the seconds that a timer can wait."""
_CALL = f"import sys; sys.path.insert(0, sys.argv[1]); from {__name__} import run_jobs; run_jobs()"

_REPEATS = re.compile(r"[*+?{]")
_HINT = "correct the value or the shape, or use the engine 'columns'"


def find_results(
    data: Triples, shapes: Triples, ontology: Triples | None = None, time_limit: float = 60.0
) -> tuple[bool, tuple[Result, ...]]:
    """Validate data by pySHACL.

    Literals reach pySHACL as they are written: rdflib would otherwise rewrite them, and ill-typed ones would conform.
    Where shapes have queries, which may not end, it runs in a process of its own.

    Args:
        data: The data graph.
        shapes: The shapes graph.
        ontology: A graph of which rdfs:subClassOf is used.
        time_limit: The seconds for each query; for large data there are more.

    Returns:
        Whether the data conform, and the results.

    Raises:
        ShapesError: pySHACL fails, stops at a value that rdflib cannot represent, or takes too long.
    """
    _refuse_slow_patterns(data, shapes)
    if ontology is not None:
        data = data.union(ontology.match(predicate=RDFS_SUBCLASS_OF))
    queries = sum(len(shapes.match(predicate=sh(form))) for form in ("select", "ask"))
    if not queries or not sys.executable:
        return read_results(_report(data, shapes))
    job = {"data": data.serialize("ntriples").decode(), "shapes": shapes.serialize("ntriples").decode()}
    seconds = min(MIN_SECONDS + time_limit * queries + len(data) / TRIPLES_PER_SECOND, MAX_SECONDS_WAITED)
    answer = _WORKER.run(json.dumps(job).encode(), seconds)
    if "error" in answer:
        raise ShapesError.at(*answer["error"])
    return read_results(Triples.parse(answer["report"], "ntriples"))


class _Worker:
    """A process that runs one job after the other; it is ended with one that takes too long, and started anew."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def run(self, job: bytes, seconds: float) -> dict[str, Any]:
        """Run a job and return its answer.

        Raises:
            ShapesError: The job takes longer than `seconds`.
        """
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
            raise ShapesError.at("pySHACL", what, "validate fewer nodes, or use the engine 'columns'")
        if not line:
            raise ShapesError.at("pySHACL", "it ended without an answer", _HINT)
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


def run_jobs() -> None:
    """Run the jobs on stdin, one in each line, and write a line with the report of each to stdout."""
    with os.fdopen(0, "rb") as jobs, os.fdopen(1, "wb") as out:
        for line in jobs:
            job = json.loads(line)
            try:
                graphs = (Triples.parse(job[name], "ntriples") for name in ("data", "shapes"))
                answer: dict[str, object] = {"report": _report(*graphs).serialize("ntriples").decode()}
            except ShapesError as error:
                problem = error.problems[0]
                answer = {"error": [problem.where, problem.what, problem.hint]}
            out.write(json.dumps(answer).encode() + b"\n")
            out.flush()


def _report(data: Triples, shapes: Triples) -> Triples:
    """Return pySHACL's report."""
    import pyshacl  # noqa: PLC0415 - slow to import
    import rdflib  # noqa: PLC0415 - slow to import

    with _as_written():
        try:
            _, report, text = pyshacl.validate(
                data.to_rdflib(), shacl_graph=shapes.to_rdflib(), advanced=False, inference="none", inplace=True
            )
        except Exception as error:
            # rdflib raises AttributeError at a bad date, plain Exception at an unknown prefix, and much in between:
            # whatever stops it is reported, and there is no second opinion.
            what = f"it stopped with {type(error).__name__}: {_first_line(error)}"
            raise ShapesError.at("pySHACL", what, _HINT) from error
        if not isinstance(report, rdflib.Graph):
            raise ShapesError.at("pySHACL", _first_line(text), _HINT)
        return Triples.from_rdflib(report)


def _refuse_slow_patterns(data: Triples, shapes: Triples) -> None:
    """Match the patterns of the shapes, as pySHACL does, with every text of the data, in a process of its own.

    Python's matcher cannot be stopped where pySHACL runs it.

    Raises:
        ShapesError: A pattern takes too long.
    """
    index = TripleIndex(shapes)
    patterns: dict[str, str] = {}
    for shape, pattern in index.pairs(sh("pattern")):
        if len(_REPEATS.findall(pattern)) < 2:
            continue
        flags = "".join(f for value in index.values(shape, sh("flags")) for f in lexical(value) if f in "ims")
        text = f"(?{flags}){lexical(pattern)}" if flags else lexical(pattern)
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError):
            continue  # pySHACL reports what is wrong
        patterns[text] = shape
    if not patterns:
        return
    targets = shapes.match(predicate=sh("targetNode")).frame["object"]
    terms = pl.concat([data.frame["subject"], data.frame["object"], targets]).unique()
    texts = [lexical(term) if term.startswith('"') else term.strip("<>") for term in terms]
    if match_in_process("python", list(patterns), texts) is None:
        first = next(iter(patterns.values()))
        what = f"a pattern may take longer than {MAX_SECONDS} seconds with pySHACL's matcher"
        raise ShapesError.at(
            f"pySHACL: {first}", what, "use the engine 'columns', or have fewer repetitions in the pattern"
        )


@contextmanager
def _as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals, and from logging each that it would rewrite."""
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
