"""Chooses what holds for a new project: base IRI, name, title, languages and licence; and the keys of its tables."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from glocal_rdf.addresses import write_ascii
from glocal_rdf.errors import InputError, Problem, ProjectError
from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.operations.init_questions import Choice, Question
from glocal_rdf.operations.intake import Intake
from glocal_rdf.project import Project, read_text
from glocal_rdf.scaffold.model import OpenQuestion, Settings
from glocal_rdf.scaffold.output.description import read_settings
from glocal_rdf.scaffold.slugs import to_ascii
from glocal_rdf.scaffold.terms import header_language
from glocal_rdf.triples import iris

__all__ = ["LICENSES", "Answer", "check_base", "check_keys", "choose_settings", "refuse_other_settings", "with_key"]

Answer = Callable[[Question], Choice | str | None]
"""Answers a question: with one of its choices, with a text where it has none, or with None to leave it open."""

LICENSES: Final = {
    "cc0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "cc-by": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-sa": "https://creativecommons.org/licenses/by-sa/4.0/",
    "odbl": "https://opendatacommons.org/licenses/odbl/1-0/",
}
"""Licences by the short names that people know."""


def choose_settings(
    folder: Path,
    intakes: Sequence[Intake],
    base: str | None,
    title: str | None,
    languages: Sequence[str],
    license_: str | None,
    answer: Answer | None,
) -> tuple[Settings, list[OpenQuestion]]:
    """Return the settings of a new project, and what is open about them.

    Args:
        folder: Where the project is made.
        intakes: Its tables, whose headers show the language.
        base: The base IRI, if the user gave one.
        title: The title, if the user gave one.
        languages: The languages that the user named.
        license_: The licence, as an IRI or one of `LICENSES`.
        answer: Answers where the data will be published.

    Raises:
        InputError: Where the base IRI, a language or the licence cannot be used.
    """
    stem = folder.resolve().name
    name = re.sub("[^a-z0-9]+", "", to_ascii(stem).lower()) or "data"
    name = f"p{name}" if name[0].isdigit() else name
    name = f"{name}data" if name in WELL_KNOWN or name in {"id", "shapes", "dc", "xml", "base", "prefix"} else name
    headers = [c.title for one in intakes for c in one.table.columns]
    found = header_language(headers)
    listed = tuple(dict.fromkeys(one.strip() for one in languages if one.strip()))
    for one in listed:
        if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", one):
            raise InputError.at("--lang", f"{one!r} is not a language tag", "write tags such as en or zh-Hant")
    questions: list[OpenQuestion] = []
    placeholder = f"https://example.org/{name}/"
    if base is None and answer is not None:
        given = answer(
            Question("base", "Where will the data be published? The IRIs of all things begin with", default=placeholder)
        )
        base = given if isinstance(given, str) and given.strip() else None
    if base is None or base.strip() == placeholder:
        reason = f"the base IRI is a placeholder ({placeholder}), which nobody else can look up"
        hint = (
            "give your own with --base, or replace it in data/, ontology/, shapes/ and queries/, and remove this note"
        )
        questions.append(OpenQuestion("base", reason, hint))
    shown = re.sub(r"[-_]+", " ", stem).strip()
    licence = LICENSES.get((license_ or "").lower(), license_ or "")
    if licence and not re.match("https?://", licence):
        raise InputError.at("--license", f"{licence!r} is not an IRI", f"write an IRI, or one of {', '.join(LICENSES)}")
    langs = listed or ((found,) if found else ())
    settings = Settings(
        check_base(base or placeholder), name, title or shown[:1].upper() + shown[1:], langs, bool(listed), licence
    )
    return settings, questions


def check_base(base: str) -> str:
    """Return a base IRI as a URI that ends with a slash.

    Raises:
        InputError: Where it is not an absolute IRI of the web.
        EndpointError: Where its host is not a host name.
    """
    text = base.strip()
    hint = "write an IRI such as https://data.example.org/parks/"
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`/?#]+(?:/[^\s<>\"{}|\\^`?#]*)?#?", text):
        raise InputError.at("--base", f"{base!r} is not an absolute IRI of the web without ? or #", hint)
    # Templates of tables write IRIs as URIs (RFC 6570), so that the ontology and the shapes do so too.
    text = write_ascii(iris.encode(text.removesuffix("#")))
    return text if text.endswith("/") else f"{text}/"


def with_key(intake: Intake, keys: Sequence[str], every: Sequence[Intake]) -> Intake:
    """Return a table with the key that the user chose for it, if any.

    Args:
        intake: The table.
        keys: The keys that the user named, as COLUMN or TABLE.COLUMN.
        every: All tables.
    """
    table = intake.table
    titles = [c.title for c in table.columns]
    for key in keys:
        name, dot, column = key.partition(".")
        if key in titles and (len(every) == 1 or sum(key in [c.title for c in o.table.columns] for o in every) == 1):
            return replace(intake, table=replace(table, key=titles.index(key), key_given=True))
        if dot and name.lower() in {table.name.lower(), table.title.lower(), table.origin.lower()} and column in titles:
            return replace(intake, table=replace(table, key=titles.index(column), key_given=True))
    return intake


def check_keys(keys: Sequence[str], intakes: Sequence[Intake]) -> None:
    """Check that each key names a column whose cells identify the rows.

    Args:
        keys: The keys that the user named, as COLUMN or TABLE.COLUMN.
        intakes: All tables.

    Raises:
        InputError: With every key that does not.
    """
    from glocal_rdf.spelling import nearest  # noqa: PLC0415 - only for mistakes

    problems = []
    columns = {
        name: (one, at)
        for one in intakes
        for at, c in enumerate(one.table.columns)
        for name in (
            c.title,
            f"{one.table.name}.{c.title}",
            f"{one.table.title}.{c.title}",
            f"{one.table.origin}.{c.title}",
        )
    }
    for key in keys:
        if key not in columns:
            near = nearest(key, list(columns), limit=1)
            hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(list(columns)[:10])}"
            problems.append(Problem("--key", f"there is no column {key!r}", hint))
    for one in intakes:
        if not one.table.key_given or one.table.key is None:
            continue
        column, cells = one.table.columns[one.table.key], one.table.cells[str(one.table.key)].str.strip_chars()
        where = f"{one.table.source}: {column.title}"
        if blank := int((cells == "").sum()):
            problems.append(
                Problem(where, f"cannot be the key: {blank} cells are empty", "fill them in, or choose another")
            )
        twice = cells.filter(cells.is_duplicated() & (cells != "")).unique(maintain_order=True)
        if twice.len():
            shown = ", ".join(map(repr, twice.head(3)))
            problems.append(Problem(where, f"cannot be the key: {shown} occurs more than once", "choose another"))
    if problems:
        raise InputError.of(problems)


def refuse_other_settings(
    folder: Path, base: str | None, title: str | None, languages: Sequence[str], license_: str | None
) -> None:
    """Refuse settings that a project has otherwise; they are set once, and edited in its description.

    Args:
        folder: The project.
        base: The base IRI that was given, if any.
        title: The title.
        languages: The languages.
        license_: The licence.

    Raises:
        ProjectError: Where one differs.
    """
    project = Project.open(folder)
    _ = project.description  # reports what is not JSON
    settings = read_settings(json.loads(read_text(project.metadata)))
    given = {
        "--base": (None if base is None else check_base(base), settings.base),
        "--title": (title, settings.title),
        "--lang": (", ".join(languages) or None, ", ".join(settings.languages)),
        "--license": (None if license_ is None else LICENSES.get(license_.lower(), license_), settings.license),
    }
    problems = [
        Problem(option, f"{value!r} is not what the project has ({has!r})", f"edit {project.metadata}, or leave it out")
        for option, (value, has) in given.items()
        if value is not None and value != has
    ]
    if problems:
        raise ProjectError.of(problems)
