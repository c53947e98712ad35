"""`glocal build`: tables and links to a checked graph in Turtle."""

from __future__ import annotations

from pathlib import Path

import click

from glocal_rdf.cli.terminal import lang_option, make_folder, open_project, project_option, say, tell_problems

HEADS = {"en": ("what", "count"), "zh-Hant": ("項目", "數量")}


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
@lang_option
@click.pass_context
def command(ctx: click.Context, folder: Path | None, output: Path, engine: str, lang: str) -> None:
    """Build the graph of a project: convert, derive, validate, write.

    Tables and links become triples, claims become plain statements, the rules add what follows, the shapes are checked,
    and the whole is written as Turtle. A graph with violations is not written.

    \b
    Examples:
      glocal build
      glocal build --project my-city --output public

    Exit code 0: built; 1: does not conform, with every finding and its cell; 2: could not be built.
    """
    from glocal_rdf import verbs
    from glocal_rdf.cli.terminal import print_table, write_result
    from glocal_rdf.cli.validate import counts
    from glocal_rdf.shacl.render import render_text

    project = open_project(folder)
    built = verbs.build(project)
    tell_problems(built.problems)
    report = verbs.validate(built, engine)  # type: ignore[arg-type]
    if report.results:
        write_result(render_text(report, verbs.locate_results(built, report), lang), None)
    if not any(report.reached.values()):
        say("not written, since no shape reached anything; check the targets of the shapes")
        ctx.exit(2)
    if counts(report, "violation"):
        say("not written, since the graph does not conform; mend the findings above and build again")
        ctx.exit(1)
    target = make_folder(output) / f"{project.name}.ttl"
    built.triples.write(target, "turtle", built.prefixes)
    print_table(HEADS[lang], [(name, f"{count:,}") for name, count in built.counts(lang).items()])
    say(f"wrote {target}")
