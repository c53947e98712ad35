"""Redirects: what became of the IRIs of former releases, in a table that every release keeps and adds to.

A row leads from an IRI that was released to the one that the thing has now, or to none where it was withdrawn; it has
the version since which that holds, and a reason. Chains are flattened: where `a` led to `b` and `b` is renamed `c`,
both lead to `c`. Nothing leads to itself.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import read_bytes
from glocal_rdf.namespaces import CSVW, DCTERMS, OWL, RDFS

__all__ = ["REDIRECTS", "Redirect", "Redirects"]

REDIRECTS: Final = "redirects.csv"
"""The name of the table, in the folder of releases and in each release."""

_COLUMNS: Final = ("old", "new", "since", "reason")


@dataclass(frozen=True)
class Redirect:
    """What became of a released IRI.

    Attributes:
        old: The IRI that was released.
        new: The IRI that the thing has now; empty where it was withdrawn.
        since: The version since which that holds.
        reason: Why; may be empty.
    """

    old: str
    new: str
    since: str
    reason: str = ""


@dataclass(frozen=True)
class Redirects:
    """The redirects of a project, sorted by the IRI that they lead from.

    Examples:
        >>> table = Redirects((Redirect("urn:a", "urn:b", "1.1.0"),)).add([Redirect("urn:b", "urn:c", "1.2.0")])
        >>> table.follow("urn:a"), table.follow("urn:b"), table.follow("urn:x")
        ('urn:c', 'urn:c', None)
    """

    rows: tuple[Redirect, ...] = ()

    def __iter__(self) -> Iterator[Redirect]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, iri: str) -> Redirect | None:
        """Return the redirect of an IRI, or None where there is none."""
        return next((row for row in self.rows if row.old == iri), None)

    def follow(self, iri: str) -> str | None:
        """Return where an IRI leads: the empty text where the thing was withdrawn, None where there is no redirect."""
        found = self.find(iri)
        return None if found is None else found.new

    def add(self, added: Iterable[Redirect]) -> Redirects:
        """Return the table with more redirects, with all chains flattened.

        Raises:
            InputError: Where redirects lead in a circle, or an IRI would lead to two places.
        """
        rows = {row.old: row for row in self.rows}
        problems = []
        for row in added:
            known = rows.get(row.old)
            if known is not None and known.new != row.new:
                what = f"leads to {_show(known.new)} since {known.since} already, not to {_show(row.new)}"
                problems.append(Problem(row.old, what, "a redirect does not change", kind="redirect"))
            rows.setdefault(row.old, row)
        for row in rows.values():
            seen = [row.old]
            while seen[-1] in rows and rows[seen[-1]].new:
                seen.append(rows[seen[-1]].new)
                if seen[-1] in seen[:-1]:
                    circle = " -> ".join(seen)
                    hint = "keep the IRI that was released first"
                    problems.append(Problem(row.old, f"leads in a circle: {circle}", hint, kind="redirect"))
                    break
        if problems:
            raise InputError.of(problems)
        return Redirects(tuple(replace(row, new=_last(row, rows)) for _, row in sorted(rows.items())))

    @classmethod
    def read(cls, path: Path) -> Redirects:
        """Read the table; without a file there are no redirects.

        Raises:
            InputError: With each row that is not a redirect.
        """
        if not path.exists():
            return cls()
        try:
            text = read_bytes(path, 1 << 28).decode("utf-8-sig")
            lines = csv.reader(io.StringIO(text, newline=""), strict=True)
            head = next(lines, [])
            if tuple(head) != _COLUMNS:
                raise InputError.at(f"{path}:1", f"the columns are not {', '.join(_COLUMNS)}", "restore the first line")
            rows, problems = [], []
            for cells in lines:
                where = f"{path}:{lines.line_num}"
                if not any(cells):
                    continue
                if len(cells) != len(_COLUMNS):
                    problems.append(Problem(where, f"has {len(cells)} cells, not {len(_COLUMNS)}", "", kind="row"))
                elif not _is_iri(cells[0]) or (cells[1] and not _is_iri(cells[1])):
                    odd = cells[1] if _is_iri(cells[0]) else cells[0]
                    problems.append(
                        Problem(where, f"{odd!r} is not an absolute IRI", "write the whole IRI", kind="iri")
                    )
                else:
                    rows.append(Redirect(*cells))
        except UnicodeDecodeError as error:
            raise InputError.at(path, f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
        except csv.Error as error:
            raise InputError.at(f"{path}:{lines.line_num}", f"is not CSV: {error}", "correct the row") from error
        if problems:
            raise InputError.of(problems)
        return cls().add(rows)

    def serialize(self) -> bytes:
        """Write the table as CSV in UTF-8, sorted."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows((row.old, row.new, row.since, row.reason) for row in self.rows)
        return text.getvalue().encode()

    @staticmethod
    def describe() -> bytes:
        """Write the description of the table (CSV on the Web), by which it becomes RDF.

        A redirect is `dcterms:isReplacedBy`, and every IRI that was given up is `owl:deprecated`.
        """
        columns = [
            {"name": "old", "titles": "old", "datatype": "anyURI", "required": True, "suppressOutput": True},
            {"name": "new", "titles": "new", "propertyUrl": f"{DCTERMS}isReplacedBy", "valueUrl": "{+new}"},
            {"name": "since", "titles": "since", "suppressOutput": True},
            {"name": "reason", "titles": "reason", "propertyUrl": f"{RDFS}comment"},
            {
                "virtual": True,
                "name": "deprecated",
                "propertyUrl": f"{OWL}deprecated",
                "default": "true",
                "datatype": "boolean",
            },
        ]
        described = {
            "@context": CSVW.removesuffix("#"),
            "url": REDIRECTS,
            "dc:title": "What became of IRIs that were released",
            "tableSchema": {"aboutUrl": "{+old}", "primaryKey": "old", "columns": columns},
        }
        return (json.dumps(described, indent=1) + "\n").encode()


def _last(row: Redirect, rows: dict[str, Redirect]) -> str:
    """Return where a chain of redirects ends; at an IRI that was withdrawn, it ends there."""
    end = row.new
    while end in rows and rows[end].new:
        end = rows[end].new
    return end


def _is_iri(text: str) -> bool:
    from glocal_rdf.source_graphs import is_public_iri  # noqa: PLC0415 - needs much, and is seldom called

    return is_public_iri(text)


def _show(iri: str) -> str:
    return iri or "nothing (withdrawn)"
