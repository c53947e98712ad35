"""Writes the README of a project: what its tables hold, what their columns mean and why, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from glocal_rdf.display import as_markdown_cell
from glocal_rdf.scaffold.output.description import class_of, full_iri, read_settings, tables_of, text_of
from glocal_rdf.scaffold.output.ontology import base_of

__all__ = ["read_checks", "write_readme"]


def write_readme(
    document: Mapping[str, Any],
    rows: Mapping[str, int],
    reasons: Mapping[tuple[str, str], str] | None = None,
    checks: Sequence[str] = (),
) -> str:
    """Return the README of a project, as Markdown.

    Args:
        document: The metadata document of the project.
        rows: How many rows each table has, by its `url`.
        reasons: Why a column has its property, by the `url` of its table and its name.
        checks: What was decided by the cells and is to be checked by a person.
    """
    settings = read_settings(document)
    name = settings.name
    lines = [f"# {settings.title}", ""]
    lines += [
        "This project publishes tables as RDF. `glocal init` made its first version; everything in it may be edited.",
        "",
    ]
    lines += ["| file | what it holds |", "| --- | --- |"]
    for table in tables_of(document):
        url, source = str(table.get("url", "")), text_of(table.get("dc:source", ""))
        count = rows.get(url, 0)
        what = f"{text_of(table.get('dc:title', url))}: {count:,} row{'' if count == 1 else 's'}"
        lines.append(f"| `data/{unquote(url)}` | {_cell(what)}{_cell(f', from {source}') if source else ''} |")
    lines += [
        "| `data/csv-metadata.json` | what the columns mean, the dataset's title and licence (CSV on the Web) |",
        f"| `ontology/{name}.ttl` | the terms: a class for each table, a property for each column |",
        f"| `shapes/{name}.ttl` | what must hold (SHACL) |",
        "| `queries/*.rq` | questions (SPARQL) |",
        "",
        f"The IRIs of things are `{settings.base}id/CLASS/KEY`, those of terms `{settings.ontology}TERM`.",
        "",
        "## Next",
        "",
        "```sh",
        "glocal build                       # convert, check, write build/" + f"{name}.ttl",
        "glocal validate                    # check alone, with the cell of each result",
        "glocal query how-many              # how many things of each class",
        "glocal query about-thing thing=NAME",
        "glocal explain NAME                # every statement, with its cell",
        "```",
        "",
        "When the spreadsheet changes, `glocal init DIR --from FILE` brings the tables up to date. It keeps the",
        "identifiers of things, and leaves alone whatever was edited here. `glocal build` lists the decisions that are",
        "open; `glocal describe data/TABLE.csv` lists the options that take them. A decision is taken, too, when the",
        "description has what its note asks for, or when the note is removed.",
        "",
    ]
    for table in tables_of(document):
        lines += _describe_table(table, settings.ontology, reasons or {})
    if checks:
        lines += ["## To check", "", "The cells decided this; somebody who knows them should look at it:", ""]
        lines += [f"- {_cell(check)}" for check in checks]
        lines.append("")
    return "\n".join(lines)


def read_checks(readme: str) -> list[str]:
    r"""Return what a person has to check, as the README of a project says.

    Examples:
        >>> read_checks("\n## To check\n\n- " + as_markdown_cell("a|b <i> & name_en: `c`"))
        ['a|b <i> & name_en: `c`']
    """
    section = readme.partition("\n## To check\n")[2]
    lines = re.findall(r"^- (.*)$", section, re.MULTILINE)
    return [re.sub(r"\\(.)", r"\1", line).replace("&lt;", "<").replace("&amp;", "&") for line in lines]


def _cell(text: str) -> str:
    return as_markdown_cell(text)


def _describe_table(table: Mapping[str, Any], ontology: str, reasons: Mapping[tuple[str, str], str]) -> list[str]:
    """Return the section about one table: its class and key, and a line for each column."""
    schema = table.get("tableSchema", {})
    url = str(table.get("url", ""))
    target = class_of(table)
    shown = target.removeprefix(ontology)
    lines = [f"## {_cell(text_of(table.get('dc:title', url)))}", ""]
    lines += [
        (
            f"A row of `data/{unquote(url)}` describes one thing ({_cell(shown)}), whose IRI is "
            f"`{schema.get('aboutUrl', '')}`."
        ),
        "",
    ]
    lines += ["| column | property | values | why |", "| --- | --- | --- | --- |"]
    keys = {k.get("columnReference"): k.get("reference", {}).get("resource") for k in schema.get("foreignKeys", [])}
    for column in schema.get("columns", []):
        if column.get("virtual"):
            continue
        name = column.get("name")
        titles = column.get("titles", name)
        property_ = str(column.get("propertyUrl", ""))
        local = property_.removeprefix(ontology)
        values = base_of(column)
        if "separator" in column:
            values = f"list of {values}, separated by {column['separator']!r}"
        if column.get("lang"):
            values += f" ({column['lang']})"
        if name in keys:
            values = f"{'things' if 'separator' in column else 'a thing'} of {unquote(str(keys[name]))}"
        why = reasons.get((url, str(name)), "")
        if not why and property_ == full_iri(property_) and not column.get("suppressOutput"):
            why = "a term of this project"
        lines.append(
            f"| {_cell(str(titles[0] if isinstance(titles, list) else titles))} | {f'`{local}`' if local else 'none'} "
            f"| {_cell(values)} | {_cell(why)} |"
        )
    return [*lines, ""]
