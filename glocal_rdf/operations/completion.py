"""Lists what the words of a command line may be completed with: names of a project's questions, things and shapes.

A shell waits for the answer to each press of the Tab key, so nothing is built here, and no data frame is read:
questions are read from their files, things from the tables that give them names, shapes from the shapes graph.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from glocal_rdf.errors import GlocalError
from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import (
    DCTERMS,
    OWL,
    RDF,
    RDFS,
    SCHEMA,
    SCHEMA_HTTPS,
    SH,
    SKOS,
    VANN,
    WELL_KNOWN,
    expand,
    local_name,
)
from glocal_rdf.project import Project

__all__ = ["list_question_names", "list_shape_names", "list_source_names", "list_things"]

MAX_ROWS: Final = 20_000
"""How many rows of a table are read."""

MAX_TABLE_BYTES: Final = 32 << 20
"""How large a table is read."""

_NAMES: Final = {
    *(f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title"),
    *(f"{space}name" for space in (SCHEMA, SCHEMA_HTTPS)),
}
_CLASSES: Final = {f"{RDFS}Class", f"{OWL}Class"}
"""The types of what is a target of itself, where it is a shape."""

_TEMPLATE: Final = re.compile(r".*?(?P<kind>[^/#]*/)?\{\+?(?P<column>[A-Za-z0-9_.%]+)\}")
"""An `aboutUrl` whose last part is a column."""


def list_question_names(project: Project, lang: str = "en") -> dict[str, str]:
    """Return the titles of the questions that `list_questions` lists for a project, by name.

    Questions with a mistake are left out, as are files that an ontology imports.

    Args:
        project: The project.
        lang: The language of the titles.
    """
    from pyoxigraph import Literal, RdfFormat, parse  # noqa: PLC0415 - only these names need it

    from glocal_rdf.operations.fitting_questions import OntologyTerms, choose_fitting  # noqa: PLC0415
    from glocal_rdf.questions import catalogue  # noqa: PLC0415

    defined: set[str] = set()
    mentioned: set[str] = set()
    preferred: dict[str, dict[str, str]] = {"preferredNamespacePrefix": {}, "preferredNamespaceUri": {}}
    prefixes: dict[str, str] = {}
    for file in project.ontology_files:
        try:
            parser = parse(path=file, format=RdfFormat.TURTLE, lenient=True)
            for quad in parser:
                subject = str(quad.subject)
                defined.add(subject)
                mentioned |= {subject, str(quad.predicate), str(quad.object)}
                if quad.predicate.value.startswith(VANN) and isinstance(quad.object, Literal):
                    preferred.setdefault(quad.predicate.value[len(VANN) :], {})[subject] = quad.object.value
            prefixes |= {prefix: space for prefix, space in parser.prefixes.items() if prefix}
        except (SyntaxError, ValueError):  # another command reports it
            continue
    names, spaces = preferred["preferredNamespacePrefix"], preferred["preferredNamespaceUri"]
    own_prefixes = {names[subject]: spaces[subject] for subject in sorted(names.keys() & spaces.keys())}
    terms = OntologyTerms(defined, mentioned, tuple(own_prefixes.values()), prefixes | own_prefixes)
    fit = choose_fitting(catalogue.list_questions(), terms, project)
    try:
        own = catalogue.read_questions(project.root / "queries")
    except GlocalError:
        own = ()
    return {question.name: pick(question.title, lang) for question in (*fit, *own)}


def list_things(project: Project, beginning: str = "") -> dict[str, str]:
    """Return the names of things that tables describe, by `kind/slug`, or by slug where the beginning has no `/`.

    Args:
        project: The project.
        beginning: What is typed already; only things that begin with it are listed.
    """
    found: dict[str, str] = {}
    for table in _read_tables(project):
        for thing, name in _read_things(project.metadata.parent, table):
            word = thing if "/" in beginning else thing.rpartition("/")[2]
            if word.startswith(beginning):
                found.setdefault(word, name)
    return found


def list_shape_names(project: Project) -> list[str]:
    """List the names of a project's shapes with a target, by which `validate` takes them, sorted."""
    from pyoxigraph import NamedNode, RdfFormat, parse  # noqa: PLC0415 - only these names need it

    found: set[str] = set()
    classes: set[str] = set()
    shapes: set[str] = set()
    for file in project.shape_files:
        try:
            for quad in parse(path=file, format=RdfFormat.TURTLE, lenient=True, base_iri=file.resolve().as_uri()):
                if not isinstance(quad.subject, NamedNode):
                    continue
                if quad.predicate.value.startswith(f"{SH}target"):
                    found.add(quad.subject.value)
                elif quad.predicate.value == f"{RDF}type" and isinstance(quad.object, NamedNode):
                    kinds = classes if quad.object.value in _CLASSES else shapes
                    kinds.add(quad.subject.value)
        except (SyntaxError, ValueError):  # another command reports it
            continue
    return sorted({local_name(shape) for shape in found | (classes & shapes)})


def list_source_names(project: Project) -> list[str]:
    """List the names of a project's source graphs, by which `export` takes them, sorted."""
    return sorted(file.name.removesuffix("-metadata.json").removesuffix(".csv") for file in project.external_files)


def _read_tables(project: Project) -> list[dict[str, Any]]:
    """Read the descriptions of the tables; none where they are broken, which other commands report."""
    try:
        group = json.loads(project.metadata.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    tables = group.get("tables", [group]) if isinstance(group, dict) else []
    return [table for table in tables if isinstance(table, dict)] if isinstance(tables, list) else []


def _read_things(folder: Path, table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Read `kind/slug` and name of the things of a table whose `aboutUrl` ends with a column, and that has names."""
    schema = table.get("tableSchema")
    columns = _read_columns(schema)
    match = _TEMPLATE.fullmatch(str(schema.get("aboutUrl", ""))) if isinstance(schema, dict) else None
    names = [at for at, column in enumerate(columns) if _is_name(column)]
    key = next((at for at, column in enumerate(columns) if match and column.get("name") == match["column"]), None)
    file = folder / str(table.get("url", ""))
    if match is None or key is None or not names or not file.is_file() or file.stat().st_size > MAX_TABLE_BYTES:
        return
    dialect = table.get("dialect")
    dialect = dialect if isinstance(dialect, dict) else {}
    try:
        with file.open(encoding=str(dialect.get("encoding", "utf-8-sig")), errors="replace", newline="") as lines:
            reader = csv.reader(lines, delimiter=str(dialect.get("delimiter", ",")))
            for row in islice(reader, 1, MAX_ROWS):
                if len(row) == len(columns) and row[key]:
                    # A cell may have the kind itself, as `organization/uclg` has.
                    thing = row[key] if "/" in row[key] else match["kind"] + row[key]
                    yield thing, next((row[at] for at in names if row[at]), "")
    except (csv.Error, LookupError, OSError, TypeError):  # another command reports it
        return


def _read_columns(schema: object) -> list[dict[str, Any]]:
    """Return the descriptions of the columns that a table has cells of."""
    columns = schema.get("columns") if isinstance(schema, dict) else None
    found = [column for column in columns if isinstance(column, dict)] if isinstance(columns, list) else []
    return [column for column in found if not column.get("virtual")]


def _is_name(column: dict[str, Any]) -> bool:
    url = str(column.get("propertyUrl", ""))
    return (expand(url, WELL_KNOWN) or url) in _NAMES
