"""Writes the description of a project's dataset for catalogues, as its site has it, without writing the site."""

from __future__ import annotations

from typing import Final

from glocal_rdf.dataset import Build
from glocal_rdf.errors import OutputError
from glocal_rdf.exports import Exported
from glocal_rdf.operations.publish import make_site
from glocal_rdf.operations.publish_catalogue import describe_catalogue, write_descriptions
from glocal_rdf.operations.publish_requirements import find_missing, report_required

__all__ = ["DESCRIPTIONS", "export_catalogue"]

DESCRIPTIONS: Final = {"dcat": "data/catalogue.ttl", "void": "data/void.ttl"}
"""The descriptions, with the path that each has in a site."""


def export_catalogue(built: Build, form: str, base_url: str, lang: str = "en") -> Exported:
    """Describe a dataset and its files by DCAT-AP or VoID (Turtle): the same bytes as on the site at an address.

    Args:
        built: The build.
        form: `dcat` or `void`.
        base_url: The address that the site has, or will have: the files of the dataset are there.
        lang: The language of notes on what the description lacks.

    Raises:
        OutputError: Where there is no such description, or the address is missing or not one.

    Examples:
        >>> from glocal_rdf import Project, build
        >>> exported = export_catalogue(build(Project.bundled()), "void", "https://example.org/")
        >>> exported.files[""].splitlines()[-1][-1:], exported.problems
        (b'.', ())
    """
    if form not in DESCRIPTIONS:
        raise OutputError.at("export", f"there is no description {form!r}", f"choose {' or '.join(DESCRIPTIONS)}")
    if not base_url:
        what = f"{form} describes the files of a site, whose address is not given"
        raise OutputError.at("export", what, "give it with --base-url https://host/path/")
    catalogue, dumps = describe_catalogue(make_site(built, base_url=base_url))
    content = write_descriptions(catalogue, built.prefixes)[DESCRIPTIONS[form]]
    missing = find_missing(catalogue, lang)
    required = (report_required(catalogue, line) for line in missing.required[form])
    recommended = missing.recommended if form == "dcat" else ()
    notes = tuple(f"{catalogue.metadata}: {line}" for line in recommended)
    return Exported({"": content}, notes, (*dumps.problems, *required))
