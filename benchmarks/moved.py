"""Counts the rows and bytes that an engine moves between the tasks of a run on a cluster.

    python benchmarks/moved.py FILE csvw tables.json --cluster local -o out

runs `glocal csvw …` and writes to FILE how many rows were handed to groups, and their bytes, as JSON. That is possible
where the workers are in this process (`local`), an engine that reports nothing of the kind itself. What it moves for
joins and `distinct` of its own is not in the number: validation, mapping, conversion and comparison have a few names of
these, the rules of a build have more.

`read_events` reads the same off an event log of Spark: the records and bytes that its tasks wrote for others.
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["main", "read_events"]


def read_events(folder: Path) -> tuple[int, int]:
    """Return how many records and bytes the tasks of Spark have written for others, by its event logs in a folder."""
    rows = size = 0
    for log in sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "appst"))
    ):
        for line in log.read_text(encoding="utf-8").splitlines():
            if '"SparkListenerTaskEnd"' in line:
                written = (json.loads(line).get("Task Metrics") or {}).get("Shuffle Write Metrics", {})
                rows += written.get("Shuffle Records Written", 0)
                size += written.get("Shuffle Bytes Written", 0)
    return rows, size


def main() -> None:
    """Run the command with what its groups get counted."""
    from glocal_rdf.cluster import rows  # noqa: PLC0415 - a run that only reads event logs needs none of it

    target = Path(sys.argv[1])
    moved: list[tuple[int, int]] = []  # a list, since engines run groups in several threads
    run_group = rows.run_group

    @functools.wraps(run_group)
    def run(function: Any, schema: Any, table: Any) -> Any:
        moved.append((table.num_rows, table.nbytes))
        return run_group(function, schema, table)

    rows.run_group = run  # it is sent by its name, so that this one is found
    sys.argv = ["glocal", *sys.argv[2:]]
    from glocal_rdf.cli import main as run_command  # noqa: PLC0415

    try:
        run_command()
    finally:
        target.write_text(json.dumps([sum(one) for one in zip(*moved, strict=True)] or [0, 0]))


if __name__ == "__main__":
    main()
