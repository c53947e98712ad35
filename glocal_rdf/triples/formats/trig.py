"""TriG for people: each graph as Turtle, in braces, with one head of prefixes.

https://www.w3.org/TR/trig/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import polars as pl

from glocal_rdf.triples.formats.turtle import write_turtle

__all__ = ["write_trig"]

_HEAD = re.compile(rb"((?:@prefix [^\n]*\n)*)\n?")
_TRIPLE = ("subject", "predicate", "object")


def write_trig(frame: pl.DataFrame, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Write triples, or quads with a column `graph` (null in the default graph), graph after graph.

    Args:
        frame: The columns `subject`, `predicate`, `object`, and perhaps `graph`.
        prefixes: Namespaces by prefix; those that are used are declared.

    https://www.w3.org/TR/trig/
    """
    if "graph" not in frame.columns:
        return write_turtle(frame, prefixes)
    parts = frame.partition_by("graph", as_dict=True)
    frames: dict[str, pl.DataFrame] = {"": frame.select(_TRIPLE).clear()}
    frames |= {str(name or ""): part.select(_TRIPLE) for (name,), part in parts.items()}
    labels = _label_shared(frames)
    heads: dict[bytes, None] = {}
    bodies = []
    for number, (name, part) in enumerate(frames.items()):
        written = write_turtle(part, prefixes, f"g{number}b" if number else "b", labels)
        head = _HEAD.match(written)
        end = head.end() if head else 0
        heads |= dict.fromkeys(written[:end].splitlines())
        body = written[end:]
        bodies.append(b"%s {\n%s}\n" % (labels.get(name, name).encode(), body) if name else body)
    heads.pop(b"", None)
    return b"\n".join([b"".join(line + b"\n" for line in sorted(heads)), *bodies])


def _label_shared(frames: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Label blank nodes that stand in several graphs, or name one."""
    seen = Counter(name for name in frames if name.startswith("_:"))
    seen.update(seen)  # the name of a graph is a place outside of it
    for frame in frames.values():
        both = pl.concat([frame["subject"], frame["object"]]).unique()
        seen.update(both.filter(both.str.starts_with("_:")))
    shared = sorted(label for label, count in seen.items() if count > 1)
    return {label: f"_:s{number}" for number, label in enumerate(shared)}
