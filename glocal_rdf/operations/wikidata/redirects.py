"""Rewrites links to items that redirect, row by row in the project's mapping sets; everything else stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from glocal_rdf.errors import Problem
from glocal_rdf.files import read_bytes, write_bytes
from glocal_rdf.project import Project
from glocal_rdf.sssom import list_link_rows

__all__ = ["rewrite_links"]


def rewrite_links(
    project: Project, redirects: Mapping[str, str], entity: str, date: str
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Let the links to items that redirect lead to their targets, with a note in the column `comment` if there is one.

    Args:
        project: The project.
        redirects: The targets, by the item that redirects.
        entity: The beginning of the IRIs of items.
        date: The day.

    Returns:
        What was rewritten, a line each, and rows that a person must rewrite.

    Raises:
        InputError: Where a mapping set cannot be read.
        OutputError: Where one cannot be written.
    """
    notes: list[str] = []
    problems: list[Problem] = []
    for path in project.link_files:
        rows = list_link_rows(path)
        wanted = {f"<{entity}{item}>": (item, target) for item, target in redirects.items()}
        found = {line: wanted[value] for line, value in rows.select("line", "object").iter_rows() if value in wanted}
        if not found:
            continue
        lines = read_bytes(path).decode("utf-8").splitlines(keepends=True)
        for line, (item, target) in sorted(found.items()):
            for outcome in _rewrite(path, lines, line, item, target, date):
                if isinstance(outcome, Problem):
                    problems.append(outcome)
                else:
                    notes.append(outcome)
        write_bytes("".join(lines).encode(), path)
    return tuple(notes), tuple(problems)


def _rewrite(path: Path, lines: list[str], line: int, item: str, target: str, date: str) -> Iterator[str | Problem]:
    """Rewrite one row in its place; yield what was done, or why it was not."""
    where = f"{path}:{line}"
    header = next(text for text in lines if not text.startswith("#")).rstrip("\r\n").split("\t")
    text = lines[line - 1]
    end = text[len(text.rstrip("\r\n")) :]
    cells = text.rstrip("\r\n").split("\t")
    at = header.index("object_id")
    if '"' in "".join(cells[: at + 1]) or len(cells) != len(header) or not cells[at].endswith(item):
        yield Problem(where, f"leads to {item}, which redirects to {target}", "rewrite it by hand", "redirect")
        return
    cells[at] = cells[at].removesuffix(item) + target
    if "comment" in header and (place := header.index("comment")) < len(cells) and not cells[place].endswith('"'):
        note = f"{item} redirects to {target} ({date})."
        cells[place] = f"{cells[place]} {note}".strip()
    lines[line - 1] = "\t".join(cells) + end
    yield f"{where}: {item} is {target} now"
