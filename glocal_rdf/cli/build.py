"""`glocal build`: tables and links to a checked graph in Turtle, with the graphs of other sources beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from glocal_rdf.cli.options import (
    engine_option,
    ignore_unsupported_option,
    json_option,
    lang_option,
    no_cache_option,
    open_cache,
    open_project,
    project_option,
    timeout_option,
)
from glocal_rdf.cli.output import (
    note_open_decisions,
    print_json,
    print_note,
    print_problems,
    print_table,
    translate,
    write_result,
)
from glocal_rdf.cli.progress import show_progress
from glocal_rdf.i18n import translatable

HEADS = (translatable("what"), translatable("count"))


@click.command("build")
@project_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default="build",
    show_default=True,
    help="The folder to write to; it is made if it is missing.",
)
@engine_option("columns", "pyshacl")
@timeout_option
@ignore_unsupported_option
@lang_option
@no_cache_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    output: Path,
    engine: Literal["columns", "pyshacl"],
    timeout: int,
    ignore_unsupported: bool,
    lang: str,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Build the graph of a project: convert its tables, apply its rules, validate, write.

    Tables and links become triples, truthy statements are derived from claims, rules infer further triples, and the
    graph is validated and written as Turtle. The graphs of other sources (data/external) are validated too, and written
    to files of their own. Nothing is written if there are violations. A line on stderr counts the rows of the tables:
    how many were read, converted, and left out, and why; as JSON these accounts are printed with the counts.

    \b
    Examples:
      glocal build
      glocal build --project my-city --output public

    Exit code 0: built; 1: does not conform, with every result and its cell; 2: could not be built.
    """
    from glocal_rdf.operations.build import build_to_validate, count_parts, list_problems, sum_accounts, write_build
    from glocal_rdf.operations.cached_build import BuildCache

    builds = BuildCache(open_cache(no_cache))
    with show_progress("building the graph"):
        built = build_to_validate(open_project(folder, strict=True), timeout=timeout, builds=builds)
    from glocal_rdf.operations.validate import ValidationOptions, validate_build
    from glocal_rdf.operations.validation_report import render_report
    from glocal_rdf.shacl.report import has_results_at

    print_problems(problems := list_problems(built))
    note_open_decisions(problems)
    options = ValidationOptions(engine=engine, ignore_unsupported=ignore_unsupported)
    with show_progress("validating"):
        report = validate_build(built, options, source_graphs=True)
    builds.keep(built)
    print_problems(report.warnings)
    print_problems(replace(problem, level="warning") for problem in report.unsupported)
    if report.results:
        text = str(render_report(report, "text", lang))
        # With --json, stdout holds JSON alone.
        print_note(text.rstrip("\n")) if as_json else write_result(text, None)
    if not report.parts[0].validated:
        print_note("not written, since no target of a shape matched the data; check the targets of the shapes")
        ctx.exit(2)
    if has_results_at(report, "violation"):
        print_note("not written, since the graph does not conform; correct the results above and build again")
        ctx.exit(1)
    with show_progress("writing the graph"):
        written = write_build(built, output)
    counts = count_parts(built, lang)
    accounts = sum_accounts(built)
    if as_json:
        made = [{"what": name, "count": count} for name, count in counts.items()]
        print_json({"made": made, "accounts": accounts.as_dict(), "written": [str(file) for file in written]})
    else:
        print_table(translate(HEADS, lang), [(name, f"{count:,}") for name, count in counts.items()])
    print_note(accounts.describe())
    for file in written:
        print_note(f"wrote {file}")
