"""Reads RDF in any format, with all its graphs or one of them, to be written in another."""

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
    """Read a dataset from a file, or from bytes in a format.

    Args:
        source: A file, or the bytes of one.
        form: The format; needed for bytes, and by default decided by the ending of a file.
        base: The IRI that relative IRIs are resolved against.
        graph: The IRI of the named graph that is kept alone, as the default graph.
        merge: Whether all graphs become one.

    Raises:
        InputError: Where the source cannot be read, or has no such graph.

    Examples:
        >>> read_dataset(b"<urn:a> <urn:p> <urn:b> <urn:g> .", "nquads", graph="urn:g")
        <Dataset: 1 in 1 graphs>
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
            where = source if isinstance(source, Path) else "input"
            raise InputError.at(where, f"has no graph <{graph}>", f"its named graphs: {known}")
        return Dataset(dataset.named[graph], {}, dataset.prefixes)
    return Dataset(dataset.merged(), {}, dataset.prefixes) if merge else dataset
