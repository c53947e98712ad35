"""`glocal build`: tables and links to a checked graph in Turtle, and what other sources say beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from glocal_rdf.cli.terminal import (
    guard_inputs,
    lang_option,
    make_folder,
    open_project,
    print_note,
    print_problems,
    project_option,
)

HEADS = {"en": ("what", "count"), "zh-Hant": ("項目", "數量")}
EXTERNAL = {"en": "external facts: {}", "zh-Hant": "外部事實：{}"}


@click.command("build")
@project_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default="build",
    show_default=True,
    help="The folder to write to; it is made where it is missing.",
)
@click.option(
    "--engine", type=click.Choice(["columns", "pyshacl"]), default="columns", show_default=True, help="Who validates."
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 86_400),
    default=60,
    show_default=True,
    help="Seconds that one rule may take.",
)
@click.option(
    "--ignore-unsupported",
    is_flag=True,
    help="Validate without the rules, functions and targets of SHACL Advanced Features that the shapes graph has.",
)
@lang_option
@click.option("--json", "as_json", is_flag=True, help="What was made and the accounts of the tables as JSON on stdout.")
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path | None,
    output: Path,
    engine: str,
    timeout: int,
    ignore_unsupported: bool,
    lang: str,
    as_json: bool,
) -> None:
    """Build the graph of a project: convert, derive, validate, write.

    Tables and links become triples, claims become plain statements, the rules add what follows, the shapes are checked,
    and the whole is written as Turtle. What other sources say (data/external) is checked and written beside it, a graph
    for each source. With violations nothing is written. A line on stderr says how many rows of the tables were read and
    converted, and how many were left out and why.

    \b
    Examples:
      glocal build
      glocal build --project my-city --output public

    Exit code 0: built; 1: does not conform, with every finding and its cell; 2: could not be built.
    """
    from glocal_rdf import operations
    from glocal_rdf.cli.terminal import print_json, print_table, write_result
    from glocal_rdf.shacl.report.model import has_results_at
    from glocal_rdf.shacl.report.renderers import render_text

    project = open_project(folder, strict=True)
    built = operations.build_to_validate(project, timeout=timeout)
    print_problems(
        project.import_problems
        + built.problems
        + tuple(problem for source in built.sources for problem in source.conversion.problems)
    )
    report = operations.validate(built, engine, ignore_unsupported=ignore_unsupported)  # type: ignore[arg-type]
    reached = report.validated
    print_problems(report.warnings)
    places = operations.locate_results(built, report) if report.results else {}
    others = operations.validate_external(built, engine, ignore_unsupported=ignore_unsupported)  # type: ignore[arg-type]
    report, places = operations.join_reports(report, places, others)
    print_problems(replace(problem, level="warning") for problem in report.unsupported)
    accounts = sum((source.conversion.accounts for source in built.sources), built.conversion.accounts)
    if report.results:
        text = render_text(report, places, lang)
        # With --json, stdout holds JSON alone.
        print_note(text.rstrip("\n")) if as_json else write_result(text, None)
    if not reached:
        print_note("not written, since no shape reached anything of the data; check the targets of the shapes")
        ctx.exit(2)
    if has_results_at(report, "violation"):
        print_note("not written, since the graph does not conform; fix the findings above and build again")
        ctx.exit(1)
    target = output / f"{project.name}.ttl"
    for file in (target, *(output / "external" / f"{source.name}.ttl" for source in built.sources)):
        guard_inputs(file, *project.input_files)
    make_folder(output)
    built.triples.write(target, "turtle", built.prefixes)
    rows = [(name, f"{count:,}") for name, count in built.counts(lang).items()]
    rows += [(EXTERNAL[lang].format(source.say("title", lang)), f"{len(source.facts):,}") for source in built.sources]
    written = [target]
    for source in built.sources:
        written.append(make_folder(output / "external") / f"{source.name}.ttl")
        source.triples.write(written[-1], "turtle", built.prefixes)
    if as_json:
        made = [{"what": name, "count": int(count.replace(",", ""))} for name, count in rows]
        print_json({"made": made, "accounts": accounts.as_dict(), "written": [str(file) for file in written]})
    else:
        print_table(HEADS[lang], rows)
    print_note(accounts.describe())
    for file in written:
        print_note(f"wrote {file}")
