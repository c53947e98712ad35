"""The second opinion: the same report, made by pySHACL."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.names import SUBCLASS, sh
from glocal_rdf.shacl.nodes import Nodes, lexical
from glocal_rdf.shacl.patterns import SECONDS, find_in_process
from glocal_rdf.shacl.report import Result, read_results
from glocal_rdf.triples import Triples

__all__ = ["find_results"]

_REPEATS = re.compile(r"[*+?{]")
_MEND = "mend the value or the shape, or take the engine 'columns'"


def find_results(data: Triples, shapes: Triples, ontology: Triples | None = None) -> tuple[bool, tuple[Result, ...]]:
    """Let pySHACL validate; give whether the data conform, and the results.

    Literals reach pySHACL as they are written: rdflib would otherwise rewrite them, and ill-typed ones would pass.
    Raises ShapesError where pySHACL fails, stops at a value that rdflib cannot take, or would not end.
    """
    import pyshacl  # noqa: PLC0415 - slow to import
    import rdflib  # noqa: PLC0415 - slow to import

    _refuse_slow_patterns(data, shapes)
    with _as_written():
        data_graph = data.to_rdflib()
        if ontology is not None:
            for triple in ontology.match(predicate=SUBCLASS).to_rdflib():
                data_graph.add(triple)
        shapes_graph = shapes.to_rdflib()
        try:
            _, report, text = pyshacl.validate(
                data_graph, shacl_graph=shapes_graph, advanced=False, inference="none", inplace=True
            )
        except Exception as error:
            # rdflib raises AttributeError at a bad date, plain Exception at an unknown prefix, and much in between:
            # whatever stops it, the user is told, and no opinion is given.
            what = f"it stopped with {type(error).__name__}: {_first_line(error)}"
            raise ShapesError.at("pySHACL", what, _MEND) from error
        if not isinstance(report, rdflib.Graph):
            raise ShapesError.at("pySHACL", _first_line(text), _MEND)
        return read_results(Triples.from_rdflib(report))


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
