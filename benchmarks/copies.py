"""Makes a project that is the bundled one with every organization several times, to measure how time grows.

Each copy of an organization has the claims, names, ranks, quantities and reasons of the original, from the same
passages, under an identifier and names of its own. What other things there are stays once.
"""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

from glocal_rdf import Project

__all__ = ["write_copies"]

_NAMES = ("name_en", "name_zh", "name_fr")


def write_copies(folder: Path, copies: int) -> int:
    """Write the bundled project with so many copies of every organization.

    Args:
        folder: A folder that is not there yet.
        copies: How often every organization is there.

    Returns:
        The number of claims, those that are names among them.
    """
    bundled = Project.bundled().root
    for part in ("ontology", "shapes", "data"):
        shutil.copytree(bundled / part, folder / part)
    claims = 0
    # The identifier of a claim begins with that of its subject.
    names = sorted(_read_ids(folder / "data" / "organizations.csv"), key=len, reverse=True)
    own = re.compile(rf"((?:claim/organization-|organization/)(?:{'|'.join(map(re.escape, names))}))(?![^-])(.*)")
    for table, column in {
        "organizations": "id",
        "claims": "subject",
        "names": "thing",
        "curation": "id",
        "quantities": "id",
        "support": "claim",
    }.items():
        number = _repeat(folder / "data" / f"{table}.csv", column, copies, own)
        claims += number if table in {"claims", "names"} else 0
    return claims


def _read_ids(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["id"].removeprefix("organization/") for row in csv.DictReader(file)]


def _repeat(path: Path, column: str, copies: int, own: re.Pattern[str]) -> int:
    """Repeat the rows of organizations in a table; return how many rows it has then."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            number += 1
            if not own.fullmatch(row[column]):
                continue
            for copy in range(2, copies + 1):
                writer.writerow({name: _rename(name, value, copy, own) for name, value in row.items()})
                number += 1
    return number


def _rename(column: str, value: str, copy: int, own: re.Pattern[str]) -> str:
    """Return the value that a copy has in a column."""
    if column in _NAMES:
        return f"{value} {copy}" if value else ""
    if column in {"id", "claim", "contradicts", "subject", "thing"}:
        return " ".join(own.sub(rf"\1-x{copy}\2", one) if own.fullmatch(one) else one for one in value.split(" "))
    return value
