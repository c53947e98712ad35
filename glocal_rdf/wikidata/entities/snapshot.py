"""Reads entities from files: entity JSON as APIs and entity data give it, lines of a dump, and RDF."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from glocal_rdf.errors import InputError
from glocal_rdf.files import open_input, read_bytes
from glocal_rdf.triples import Triples
from glocal_rdf.wikidata.entities.json_reader import read_entity
from glocal_rdf.wikidata.entities.model import Entity
from glocal_rdf.wikidata.entities.rdf_reader import read_graph

__all__ = ["read_snapshot"]

_RDF: Final = (".ttl", ".nt", ".rdf", ".xml", ".nq", ".trig")
_LINES: Final = (".ndjson", ".jsonl", ".jsonlines")
_LIMIT: Final = 512 << 20


def read_snapshot(path: Path, entity: str, wanted: Collection[str] = ()) -> dict[str, Entity]:
    """Read the entities in a file, or in all such files of a folder.

    Args:
        path: A file of JSON (an entity, an answer with `entities`, a dump with an entity a line) or RDF; or a folder.
        entity: The beginning of the IRIs of entities, for RDF.
        wanted: The identifiers that are wanted; by default all.

    Returns:
        The entities, by identifier; redirects by the identifier that they redirect from.

    Raises:
        InputError: Where a file cannot be read, or an entity in it is malformed.
    """
    if path.is_dir():
        files = sorted(
            file for file in path.rglob("*") if file.is_file() and _ending(file) in {*_RDF, *_LINES, ".json"}
        )
        if not files:
            raise InputError.at(path, "has no file of entities", "name a folder with .json, .ttl or .nt files")
    else:
        files = [path]
    found: dict[str, Entity] = {}
    for file in files:
        if _ending(file) in _RDF:
            found |= read_graph(Triples.read(file), str(file), entity, wanted)
        else:
            for one in _read_json(file, frozenset(wanted)):
                if not wanted or one.id in wanted or one.redirect in wanted:
                    found[one.redirect or one.id] = one
    return found


def _ending(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _read_json(path: Path, wanted: frozenset[str]) -> Iterator[Entity]:
    if _ending(path) in _LINES or _is_dump(path):
        yield from _read_lines(path, wanted)
        return
    try:
        found = json.loads(read_bytes(path, _LIMIT))
    except (ValueError, RecursionError) as error:
        raise InputError.at(path, "is not JSON of entities", "fetch it again") from error
    if isinstance(found, dict) and isinstance(found.get("entities"), dict):
        for asked, record in found["entities"].items():
            if _is_entity(record):
                yield read_entity(record, str(path), asked=asked)
    elif _is_entity(found):
        yield read_entity(found, str(path))


def _is_dump(path: Path) -> bool:
    """Decide whether a file is a dump: an array with an entity on each line."""
    with open_input(path) as file:
        return file.read(2).rstrip() == b"["


def _read_lines(path: Path, wanted: frozenset[str]) -> Iterator[Entity]:
    """Read a dump line by line; lines that cannot be of a wanted entity are not parsed."""
    marks = [f'"id":"{one}"'.encode() for one in wanted]
    with open_input(path) as file:
        for number, line in enumerate(file, 1):
            text = line.strip().rstrip(b",")
            if text in {b"", b"[", b"]"} or (marks and not any(mark in text.replace(b": ", b":") for mark in marks)):
                continue
            try:
                record = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise InputError.at(f"{path}:{number}", "is not JSON of an entity", "fetch the dump again") from error
            if _is_entity(record):
                yield read_entity(record, f"{path}:{number}")


def _is_entity(record: Any) -> bool:
    """Decide whether a record is of an item or property: not missing, and not a media file."""
    return isinstance(record, dict) and str(record.get("id", ""))[:1] in {"Q", "P"} and "missing" not in record
