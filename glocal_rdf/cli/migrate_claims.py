"""`python -m glocal_rdf.cli.migrate_claims`: rewrites tables of claims of version 0.5 in the form of 0.6."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from glocal_rdf.cli.exit_codes import run_guarded
from glocal_rdf.cli.options import open_project
from glocal_rdf.cli.output import print_line, print_note


@click.command("migrate_claims")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option("--redirects", type=click.Path(path_type=Path), help="Write what became of the IRIs of claims, as CSV.")
def command(folder: Path, redirects: Path | None) -> None:
    """Rewrite the tables of claims of the project in FOLDER, made with version 0.5, in the form of 0.6.

    The graph is built before and after. Where it would differ in any other way than those that are printed, nothing is
    written. Tables that have the new form already stay as they are. The file of --redirects has the form of
    releases/redirects.csv (glocal release).

    \b
    Examples:
      python -m glocal_rdf.cli.migrate_claims my-project
      python -m glocal_rdf.cli.migrate_claims my-project --redirects my-project/releases/redirects.csv

    Exit code 0: done, or nothing to do; 2: something cannot be rewritten.
    """
    from glocal_rdf.files import make_folder, write_bytes
    from glocal_rdf.operations.migrate_claims import migrate

    done = migrate(open_project(folder))
    if done is None:
        print_note("nothing to do: the project has no claims, or they have the new form already")
        return
    print_line(f"claims: {done.rows[0]:,} rows before, {done.rows[1]:,} now")
    for what, number in done.changes.items():
        print_line(f"{what}: {number:,}")
    for file in done.files:
        print_note(f"wrote {file}")
    if redirects is not None:
        reason = "the same statement in another language"
        lines = ["old,new,since,reason", *(f"{old},{new},,{reason}" for old, new in done.merged.items())]
        make_folder(redirects.parent)
        write_bytes("".join(f"{line}\n" for line in lines).encode(), redirects)
        print_note(f"wrote {redirects}")


if __name__ == "__main__":
    raise SystemExit(run_guarded(partial(command.main, standalone_mode=False), debug="--debug" in sys.argv))
