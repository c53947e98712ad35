"""Waits until a file of a project is saved.

The folders of the project are looked through several times a second, which needs nothing of the system and works on
network drives too; and so are files elsewhere that were opened when it was built (imports). What editors write beside a
file while it is open is passed over. A change counts when nothing has changed since the last look, since a file can be
saved in steps.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glocal_rdf.project import Project

__all__ = ["INTERVAL", "PARTS", "SERVED", "Stamps", "read_stamps", "wait_for_change"]

Stamps = Mapping[str, tuple[int, ...]]
"""The size, inode and times of files by their names; of one that is missing, nothing."""

INTERVAL: Final = 0.25
"""How many seconds pass between two looks."""

PARTS: Final = ("ontology", "data", "shapes", "queries")
"""The folders of a project that a build is made of."""

SERVED: Final = (*PARTS, "templates", "releases")
"""The folders that its site is made of."""

_TEMPORARY: Final = re.compile(r"\..*|.*~|#.*#|.*\.(?:swp|swx|swo|tmp|temp|bak|part|crdownload|lock)|4913|~\$.*")
"""The names that editors, spreadsheet programs and browsers give to what is not the file itself."""


def read_stamps(project: Project, elsewhere: Iterable[str] = (), parts: Iterable[str] = PARTS) -> Stamps:
    """Return what changes when a file of a project is saved.

    Args:
        project: The project.
        elsewhere: The names of other files that it was built from.
        parts: The folders of the project that are looked through.
    """
    names = set(elsewhere)
    for part in parts:
        for here, folders, files in os.walk(project.root.absolute() / part):
            folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
            names.update(os.path.join(here, name) for name in files if not _TEMPORARY.fullmatch(name))  # noqa: PTH118
    return {name: _stamp(name) for name in names}


def wait_for_change(
    project: Project, before: Stamps, *, interval: float = INTERVAL, limit: float | None = None
) -> bool:
    """Wait until a file is not as it was, and nothing has changed since the last look.

    Args:
        project: The project.
        before: What `read_stamps` returned.
        interval: The seconds between two looks.
        limit: The seconds to wait at most.

    Returns:
        Whether a file was changed; False after `limit`.
    """
    end = None if limit is None else time.monotonic() + limit
    last = before
    while end is None or time.monotonic() < end:
        now = read_stamps(project, before)
        if _differ(before, now) and not _differ(last, now):
            return True
        last = now
        time.sleep(interval)
    return False


def _differ(before: Stamps, now: Stamps) -> bool:
    """Return whether files differ; a file that is missing before and now does not count."""
    return {name: stamp for name, stamp in before.items() if stamp} != {n: s for n, s in now.items() if s}


def _stamp(name: str) -> tuple[int, ...]:
    try:
        status = os.stat(name)  # noqa: PTH116 - paths are slow, and there are many
    except (OSError, ValueError):
        return ()
    return (status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
