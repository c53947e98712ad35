"""`glocal release`: a version of the project, frozen with its checksums, its changes in words, and redirects."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glocal_rdf.cli.options import dry_run_option, open_project, project_option
from glocal_rdf.cli.output import print_note, print_problems, write_result
from glocal_rdf.errors import InputError, Problem, ProjectError
from glocal_rdf.i18n import languages

if TYPE_CHECKING:
    from glocal_rdf.operations.release import ReleasePlan
    from glocal_rdf.project import Project

MAX_REDIRECTS = 50
"""How many redirects are printed."""

LIMIT = 20
"""How many things of each section of the changes are printed."""


@click.command("release")
@click.argument("version")
@project_option
@click.option(
    "--renamed",
    multiple=True,
    metavar="OLD=NEW",
    help="A thing that has another IRI now: OLD will lead to NEW. Repeatable; IRIs may be compact (place:taipei).",
)
@click.option("--accept-renames", is_flag=True, help="Redirect all renamed things whose statements are all the same.")
@click.option(
    "--withdrawn",
    multiple=True,
    metavar="IRI",
    help="A thing that is gone for good; with * at the end all gone things whose IRIs begin so. Repeatable.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why things were renamed or withdrawn.")
@click.option(
    "--lang",
    type=click.Choice(languages()),
    default="en",
    show_default=True,
    help="The language of the changelog and of reports.",
)
@dry_run_option
@click.pass_context
def command(
    ctx: click.Context,
    version: str,
    folder: Path | None,
    renamed: tuple[str, ...],
    accept_renames: bool,
    withdrawn: tuple[str, ...],
    reason: str,
    lang: str,
    dry_run: bool,
) -> None:
    """Release VERSION of the project: freeze its graph in releases/VERSION.

    The folder gets the graph (N-Triples and Turtle), the graphs of other sources, the description of the dataset with
    VERSION, date and previous version, ontology, shapes and rules, the changes since the previous release in words
    (changes.md, changes.json.gz), and the checksums of all files (SHA256SUMS).

    VERSION is later than all that were released, by the rules of Semantic Versioning (1.2.0), or else by its numbers
    (2026-11). A released IRI stays: a thing that is gone needs --renamed or --withdrawn, which releases/redirects.csv
    keeps, and no IRI may come to mean another thing. The date is today, or that of SOURCE_DATE_EPOCH.

    \b
    Examples:
      glocal release 1.0.0
      glocal release 1.1.0 --dry-run
      glocal release 1.1.0 --renamed place:bcn=place:barcelona --reason 'a slug in full'
      glocal release 2026-11 --withdrawn 'claim:*' --reason 'the source was retracted'

    Exit code 0: released, or with --dry-run would be; 1: does not conform, or would break a released IRI; 2: could not
    be released, such as a version that is not later.
    """
    if withdrawn and not reason:
        raise click.UsageError("--withdrawn needs --reason, which is published.")
    if reason and not (withdrawn or renamed or accept_renames):
        raise click.UsageError("--reason goes with --renamed, --accept-renames or --withdrawn.")
    issued = read_date()
    project = open_own_project(folder)
    from glocal_rdf.operations.release import list_files, plan_release, write_release

    plan = plan_release(
        project,
        version,
        issued,
        renamed=dict(map(split_renaming, renamed)),
        withdrawn=withdrawn,
        reason=reason,
        accept_renames=accept_renames,
        lang=lang,
    )
    print_problems(plan.warnings)
    check(ctx, plan, lang)
    print_changes(plan, lang)
    if dry_run:
        for name, content in list_files(plan):
            print_note(f"would write {plan.folder / name} ({len(content):,} bytes{' to pack' * name.endswith('.gz')})")
        return
    written = write_release(plan)
    print_note(f"released {plan.project.name} {version} in {written}")


def check(ctx: click.Context, plan: ReleasePlan, lang: str) -> None:
    """Print why a version cannot be released, and exit, where that is so.

    Args:
        ctx: The context of the command, which is ended.
        plan: The release.
        lang: The language of the validation report.
    """
    from glocal_rdf.operations.validation_report import render_report

    if plan.report.results:
        write_result(render_report(plan.report, "text", lang), None)
    print_problems([*plan.report.warnings, *plan.report.unsupported])
    print_problems(plan.problems)
    if not plan.report.parts[0].validated:
        print_note("not released, since no target of a shape matched the data; check the targets of the shapes")
        ctx.exit(2)
    if not plan.conforms:
        print_note("not released, since the graph does not conform; correct the results above")
    if plan.problems:
        print_note("not released, since released IRIs stay: see above")
    if plan.problems or not plan.conforms:
        ctx.exit(1)


def print_changes(plan: ReleasePlan, lang: str) -> None:
    """Print what has changed since the previous release, and the redirects that are added."""
    from glocal_rdf.operations.diff import render_changes
    from glocal_rdf.releases.redirects import REDIRECTS

    if plan.changes is None:
        print_note("this is the first release")
    else:
        write_result(render_changes(plan.changes, "text", lang, limit=LIMIT), None)
    for row in plan.added[:MAX_REDIRECTS]:
        print_note(f"redirect: {row.old} -> {row.new}" if row.new else f"withdrawn: {row.old}")
    if len(plan.added) > MAX_REDIRECTS:
        print_note(f"… and {len(plan.added) - MAX_REDIRECTS:,} more in {REDIRECTS}")


def open_own_project(folder: Path | None) -> Project:
    """Open the project that was named or that the working directory is in.

    Raises:
        ProjectError: Where there is none.
    """
    project = open_project(folder, strict=True)
    if folder is None and not Path.cwd().resolve().is_relative_to(project.root.resolve()):
        raise ProjectError.at(
            Path.cwd(), "is not in a project, and the bundled dataset is not released", "use --project"
        )
    return project


def split_renaming(text: str) -> tuple[str, str]:
    """Split `OLD=NEW` at the first `=` that a scheme or prefix follows."""
    match = re.fullmatch(r"(.+?)=(<?[A-Za-z][\w.+-]*:.*)", text, re.DOTALL)
    if match is None:
        raise click.UsageError(f"--renamed {text!r} is not OLD=NEW: write two IRIs, such as place:bcn=place:barcelona.")
    return match[1], match[2]


def read_date() -> date:
    """Return today, or the date of SOURCE_DATE_EPOCH.

    Raises:
        InputError: Where that is not a number of seconds.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(given), UTC).date()
    except (ValueError, OverflowError, OSError) as error:
        raise InputError.of(
            [
                Problem(
                    "SOURCE_DATE_EPOCH", f"{given!r} is not a number of seconds since 1970", "unset it, or correct it"
                )
            ]
        ) from error
