"""Reads RDF of any format, with all its graphs or one of them, to be written in another."""

from __future__ import annotations

from pathlib import Path

from glocal_rdf.errors import InputError
from glocal_rdf.triples.datasets import Dataset

__all__ = ["read_dataset"]


def read_dataset(
    source: Path | bytes,
    form: str | None = None,
    *,
    base: str | None = None,
    graph: str | None = None,
    merge: bool = False,
) -> Dataset:
    """Read a dataset from a file, or from bytes of a format.

    With `graph` only the named graph of that IRI is kept, as the default graph; with `merge` all graphs become one.
    Raise InputError where it cannot be read, or has no such graph.
    """
    if isinstance(source, Path):
        dataset = Dataset.read(source, form, base)
    elif form is None:
        raise InputError.at("input", "has no format", "name it")
    else:
        dataset = Dataset.parse(source, form, base)
    if graph is not None:
        if graph not in dataset.named:
            known = ", ".join(f"<{name}>" for name in sorted(dataset.named)[:5]) or "none"
            raise InputError.at(
                source if isinstance(source, Path) else "input", f"has no graph <{graph}>", f"its named graphs: {known}"
            )
        return Dataset(dataset.named[graph], {}, dataset.prefixes)
    return Dataset(dataset.merged(), {}, dataset.prefixes) if merge else dataset
