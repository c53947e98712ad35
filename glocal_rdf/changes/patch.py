"""Writes changes as RDF Patch, and applies a patch to a graph or dataset.

A patch has a header, and one transaction in which the rows that are deleted (`D`) come before those that are added
(`A`), sorted. Blank nodes have the labels of the old version as our readers give them: those that the file has, or, for
nodes without a label, ones that are made from the content of the file, so that they are the same on every run.

https://afs.github.io/rdf-patch/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Final

from glocal_rdf.changes.model import Changes
from glocal_rdf.errors import InputError
from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.datasets import Dataset

__all__ = ["apply_patch", "write_patch"]

_HEADER: Final = re.compile(r"H [^\s]+ .* \.")
_ROW: Final = re.compile(r"([AD]) (.*) \.")
# RDF Patch also writes blank nodes as <_:label>; within quotes that is text.
_NODE: Final = re.compile(r'<(_:[^<>\s"]+)>(?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)')
_PREFIX: Final = re.compile(r'P[AD] "?[^\s"]*"?( .*)? \.')


def write_patch(changes: Changes) -> bytes:
    """Write the changes of the data and of named graphs as an RDF Patch.

    Changes of an ontology and of shapes are not in it, since these are not part of the data graph.
    """
    lines = [f"H old {terms.quote(changes.old.name)} .", f"H new {terms.quote(changes.new.name)} .", "TX ."]
    for sign in "DA":
        for graph in changes:
            if graph.part in {"data", "graph"}:
                name = f" <{graph.graph}>" if graph.graph else ""
                rows = graph.removed if sign == "D" else graph.added
                lines += [f"{sign} {subject} {predicate} {object_}{name} ." for subject, predicate, object_ in rows]
    return "\n".join([*lines, "TC .", ""]).encode()


def apply_patch(dataset: Dataset | Triples, patch: bytes) -> Dataset:
    """Apply an RDF Patch.

    A row that deletes what is not there, or adds what is there, has no effect, as RDF Patch says. Blank nodes of the
    patch are those of their labels.

    Args:
        dataset: What the patch was made against.
        patch: The patch, in UTF-8. Prefixes (`PA`) are allowed, compact IRIs are not.

    Returns:
        The dataset with the changes of all transactions that are committed (`TC`).

    Raises:
        InputError: With the line, where the patch is malformed, or a transaction is not ended.
    """
    base = Dataset(dataset) if isinstance(dataset, Triples) else dataset
    graphs = {"": base.default, **base.named}
    pending: list[tuple[int, str, str]] | None = None
    for number, sign, row in _read_rows(patch):
        where = f"patch:{number}"
        if sign == "TX":
            if pending is not None:
                raise InputError.at(where, "begins a transaction within a transaction", "end the first one with TC .")
            pending = []
        elif sign in {"TA", "TC"}:
            if pending is None:
                raise InputError.at(where, "ends a transaction that did not begin", "begin it with TX .")
            for one, rows in groupby(pending if sign == "TC" else [], key=itemgetter(1)):
                _apply_rows(graphs, one, list(rows))
            pending = None
        elif pending is None:
            raise InputError.at(where, "is outside of a transaction", "begin one with TX .")
        else:
            pending.append((number, sign, row))
    if pending is not None:
        raise InputError.at("patch", "the transaction is not ended", "end it with TC ., or TA . to abort it")
    default = graphs.pop("")
    return Dataset(default, graphs, base.prefixes)


def _apply_rows(graphs: dict[str, Triples], sign: str, rows: list[tuple[int, str, str]]) -> None:
    """Apply rows of one sign, which follow each other."""
    changed = _parse_rows(rows)
    for name, triples in {"": changed.default, **changed.named}.items():
        held = graphs.get(name, Triples.empty())
        graphs[name] = held.union(triples) if sign == "A" else held.difference(triples)


def _parse_rows(rows: list[tuple[int, str, str]]) -> Dataset:
    """Read rows as N-Quads; the first row that is none is an error."""
    lines = [f"{_read_nodes(row)} .\n" for _, _, row in rows]
    try:
        return Dataset.parse("".join(lines), "nquads")
    except InputError:
        for (number, _, _), line in zip(rows, lines, strict=True):
            try:
                Dataset.parse(line, "nquads")
            except InputError as error:
                what = f"is not a triple or quad ({error.problems[0].what})"
                raise InputError.at(f"patch:{number}", what, "write three or four terms of N-Quads") from error
        raise


def _read_nodes(row: str) -> str:
    """Write the blank nodes of a row as N-Quads does."""
    return _NODE.sub(r"\1", row) if "<_:" in row else row


def _read_rows(patch: bytes) -> Iterator[tuple[int, str, str]]:
    """Yield the line number, the sign, and the terms of each row that is not a header, a prefix or a comment."""
    try:
        text = patch.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError.at("patch", f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    for number, line in enumerate(text.split("\n"), 1):
        row = line.strip()
        if not row or row.startswith("#") or _HEADER.fullmatch(row) or _PREFIX.fullmatch(row):
            continue
        if row.rstrip(" .") in {"TX", "TC", "TA"}:
            yield number, row[:2], ""
        elif match := _ROW.fullmatch(row):
            yield number, match[1], match[2]
        else:
            hint = "write A or D with the terms of a triple or quad, each row on one line that ends with ' .'"
            raise InputError.at(f"patch:{number}", "is not a row of RDF Patch", hint)
