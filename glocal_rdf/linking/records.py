"""Reads items in the JSON of Wikibase: of the action API, of Special:EntityData, and of the lines of a dump."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import open_input
from glocal_rdf.linking.things import Things, make_things

__all__ = ["IDENTIFIERS", "MAX_LINE", "read_dump", "read_item"]

IDENTIFIERS: Final = frozenset(
    {"P1566", "P402", "P1281", "P300", "P299", "P297", "P298", "P1937", "P901", "P6782",
     "P2427", "P213", "P214", "P227", "P244", "P349", "P1278", "P1320", "P646", "P442", "P772"}
)  # fmt: skip
"""The Wikidata properties that identify a thing elsewhere, as far as they are compared."""

MAX_LINE: Final = 64 * 1024 * 1024
"""How many bytes one line of a dump may have."""

_BATCH: Final = 20_000
_FORMER_NAMES: Final = ("P1448", "P1705", "P1813")


def read_item(item: Any) -> dict[str, Any] | None:
    """Read what is compared of an item; None where it is not one, or has no name.

    Args:
        item: The JSON object of the item.
    """
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or item.get("type", "item") != "item":
        return None
    names: list[tuple[str, str, str]] = []
    labels = list(_entries(item.get("labels")))
    names += [(text, lang, "label") for text, lang in labels]
    names += [(text, lang, "alias") for text, lang in _entries(item.get("aliases"))]
    claims = item.get("claims", item.get("statements"))
    claims = claims if isinstance(claims, dict) else {}
    for name in _FORMER_NAMES:
        for value in _values(claims, name):
            if isinstance(value, dict) and isinstance(value.get("text"), str):
                names.append((value["text"], str(value.get("language", "")), "alias"))
    if not names:
        return None
    label = next((text for text, lang in labels if lang in {"en", "mul"}), names[0][0])
    place = next((v for v in _values(claims, "P625") if isinstance(v, dict)), {})
    time = next((v for v in _values(claims, "P571") if isinstance(v, dict)), {})
    return {
        "id": item["id"],
        "label": label,
        "names": names,
        "countries": [one for value in _values(claims, "P17") if (one := _item(value))],
        "types": [one for value in _values(claims, "P31") if (one := _item(value))],
        "broader": [one for value in _values(claims, "P279") if (one := _item(value))],
        "sites": [value for value in _values(claims, "P856") if isinstance(value, str)],
        "identifiers": [f"{p}:{value}" for p in IDENTIFIERS for value in _values(claims, p) if isinstance(value, str)],
        "year": _year(time),
        "lat": _number(place.get("latitude")),
        "lon": _number(place.get("longitude")),
    }


def _entries(part: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of labels or aliases with their languages, whichever form the API gave them."""
    if not isinstance(part, dict):
        return
    for lang, entry in part.items():
        for one in entry if isinstance(entry, list) else [entry]:
            text = one.get("value") if isinstance(one, dict) else one
            if isinstance(text, str) and text.strip():
                yield text, lang


def _values(claims: dict[str, Any], name: str) -> list[Any]:
    """Return the values of a property, of the statements with the best rank, deprecated ones aside."""
    found = []
    every = claims.get(name)
    statements = [one for one in every if isinstance(one, dict)] if isinstance(every, list) else []
    best = [one for one in statements if one.get("rank") == "preferred"]
    for statement in best or [one for one in statements if one.get("rank") != "deprecated"]:
        snak = statement.get("mainsnak")
        data = snak.get("datavalue") if isinstance(snak, dict) else None
        if isinstance(data, dict) and "value" in data:
            found.append(data["value"])
    return found


def _item(value: Any) -> str:
    """Return the item that a value is; old dumps have its number alone."""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("id"), str):
        return str(value["id"])
    return f"Q{value['numeric-id']}" if isinstance(value.get("numeric-id"), int) else ""


def _year(time: dict[str, Any]) -> int | None:
    """Return the year of a time, if it is known to the year."""
    text, precision = time.get("time"), time.get("precision")
    if not isinstance(text, str) or not isinstance(precision, int) or precision < 9:
        return None
    digits = text[1:].partition("-")[0]
    return int(text[0] + digits) if text[:1] in "+-" and digits.isdigit() and len(digits) < 6 else None


def _number(value: Any) -> float | None:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 360 else None
    )


def read_dump(path: Path) -> Iterator[tuple[Things, list[Problem]]]:
    """Read a dump of items, one JSON object a line, as Wikidata publishes them.

    Args:
        path: The file, which may be packed with gzip.

    Yields:
        The items of some lines, and the lines that could not be read.

    Raises:
        InputError: Where the file cannot be read.
    """
    records: list[dict[str, Any]] = []
    problems: list[Problem] = []
    first = 0
    with open_input(path) as raw, gzip.open(raw) if path.suffix.lower() == ".gz" else raw as file:
        for number, line in _lines(path, file):
            text = line.strip().rstrip(b",")
            if text in {b"", b"[", b"]"}:
                continue
            try:
                item = json.loads(text) if len(line) <= MAX_LINE else None
            except (ValueError, RecursionError):
                item = None
            record = read_item(item)
            if record is not None:
                records.append(record)
            elif not isinstance(item, dict) or "id" not in item:
                problems.append(_unread(path, number, "is not the JSON of an item"))
            elif item.get("type", "item") == "item":
                problems.append(_unread(path, number, f"{str(item['id'])[:40]} has no name"))
            if len(records) >= _BATCH:
                yield make_things(records, first), problems
                first, records, problems = first + len(records), [], []
    yield make_things(records, first), problems


def _unread(path: Path, line: int, what: str) -> Problem:
    return Problem(f"{path}:{line}", what, "the line is left out", "unread item", file=str(path), row=line)


def _lines(path: Path, file: Any) -> Iterator[tuple[int, bytes]]:
    """Yield lines with their numbers; a longer one is cut, and the rest of it is skipped."""
    number = 0
    try:
        while line := file.readline(MAX_LINE + 1):
            number += 1
            yield number, line
            while len(line) > MAX_LINE and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE + 1)
    except (OSError, EOFError) as error:
        raise InputError.at(f"{path}:{number + 1}", f"cannot be read ({error})", "fetch the file again") from error
