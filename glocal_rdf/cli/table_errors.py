"""Prints the cells that keep a project from being built, in the forms of reports that show cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from glocal_rdf.cli.output import print_note, print_problems, write_result

if TYPE_CHECKING:
    from glocal_rdf.errors import Problem
    from glocal_rdf.project import Project

__all__ = ["print_table_errors"]


def print_table_errors(project: Project, errors: Sequence[Problem], form: str, lang: str, output: Path | None) -> None:
    """Write a report of the cells that keep a project from being built.

    Args:
        project: The project.
        errors: The errors of its tables.
        form: `html` or `xlsx`.
        lang: The language of the report.
        output: The file of the report; None for stdout.
    """
    from glocal_rdf.findings import render_page, render_workbook
    from glocal_rdf.operations.findings import list_table_errors

    found = list_table_errors(project, errors, lang)
    if form == "html":
        write_result(render_page(found), output)
    else:
        data, problems = render_workbook(found)
        write_result(data, output)
        print_problems(problems)
    print_problems(errors)
    print_note("the tables have errors, so nothing was validated; the report shows them in their cells")
